package task

import "fmt"

// FieldError says which field of a Problem or of Options cannot be used.
type FieldError struct {
	Field string // such as jobs[3].windows[0]
	Text  string
}

func (e *FieldError) Error() string { return "route: " + e.Field + ": " + e.Text }

func bad(text, format string, args ...any) error {
	return &FieldError{Field: fmt.Sprintf(format, args...), Text: text}
}

// Validate answers a *FieldError for the first field that makes no sense. What is
// merely impossible to serve is not an error.
func (p *Problem) Validate() error {
	if p.Places < 0 || p.Places > 1<<20 {
		return bad("out of range", "places")
	}
	if len(p.Jobs) > 1<<20 || len(p.Shipments) > 1<<20 || len(p.Vehicles) > 1<<16 {
		return bad("too many", "jobs, shipments or vehicles")
	}
	w := p.Weights
	if w.Second < 0 || w.Second > MaxWeight || w.Metre < 0 || w.Metre > MaxWeight ||
		w.Change < 0 || w.Change > MaxWeight*MaxWeight || w.Vehicle < 0 || w.Vehicle > MaxWeight*MaxWeight {
		return bad("out of range", "weights")
	}
	if err := p.validateTravel(); err != nil {
		return err
	}
	for i := range p.Jobs {
		if err := p.ValidateJob(i); err != nil {
			return err
		}
	}
	for i := range p.Shipments {
		if err := p.ValidateShipment(i); err != nil {
			return err
		}
	}
	if err := p.ValidateLoads(); err != nil {
		return err
	}
	for v := range p.Vehicles {
		if err := p.validateVehicle(v); err != nil {
			return err
		}
	}
	return p.validateFrozen()
}

// ValidateLoads answers a *FieldError for the first load that makes the sum of all
// in its dimension too large.
func (p *Problem) ValidateLoads() error {
	var sum []int64
	for i := range p.Jobs {
		sum = addAmounts(addAmounts(sum, p.Jobs[i].Load), p.Jobs[i].Collect)
		if at := tooMuch(sum); at >= 0 {
			return bad("the loads so far are too large", "jobs[%d].load[%d]", i, at)
		}
	}
	for i := range p.Shipments {
		sum = addAmounts(sum, p.Shipments[i].Load)
		if at := tooMuch(sum); at >= 0 {
			return bad("the loads so far are too large", "shipments[%d].load[%d]", i, at)
		}
	}
	return nil
}

func addAmounts(sum []int64, load []int32) []int64 {
	for len(sum) < len(load) {
		sum = append(sum, 0)
	}
	for d, q := range load {
		sum[d] += int64(q)
	}
	return sum
}

func tooMuch(sum []int64) int {
	for d := range sum {
		if sum[d] > MaxAmount {
			return d
		}
	}
	return -1
}

func (p *Problem) validateTravel() error {
	for i, t := range p.Travel {
		if t == nil {
			return bad("missing", "travel[%d]", i)
		}
		m, ok := t.(*Matrix)
		if !ok {
			continue
		}
		if m == nil || m.N < p.Places || m.N > 1<<15 {
			return bad("smaller than the number of places, or too large", "travel[%d].n", i)
		}
		if len(m.Sec) != m.N*m.N {
			return bad(fmt.Sprintf("has %d cells instead of %d", len(m.Sec), m.N*m.N), "travel[%d].sec", i)
		}
		if m.Dist != nil && len(m.Dist) != m.N*m.N {
			return bad(fmt.Sprintf("has %d cells instead of %d", len(m.Dist), m.N*m.N), "travel[%d].dist", i)
		}
		for k := range m.Sec {
			if m.Sec[k] > MaxTime || (m.Dist != nil && m.Dist[k] > MaxTime) {
				return bad("too large", "travel[%d] from %d to %d", i, k/m.N, k%m.N)
			}
		}
	}
	return nil
}

// ValidateJob answers a *FieldError for the first field of a job that makes no sense.
func (p *Problem) ValidateJob(i int) error {
	j := &p.Jobs[i]
	at := fmt.Sprintf("jobs[%d]", i)
	if err := p.validateEnd(at, j.Place, j.Windows, j.Service); err != nil {
		return err
	}
	if j.Release < 0 || j.Release > MaxTime {
		return bad("out of range", "%s.release", at)
	}
	if err := validateAmounts(at+".load", j.Load); err != nil {
		return err
	}
	if err := validateAmounts(at+".collect", j.Collect); err != nil {
		return err
	}
	return p.validateDemand(at, &j.Demand)
}

// ValidateShipment is ValidateJob for a shipment.
func (p *Problem) ValidateShipment(i int) error {
	s := &p.Shipments[i]
	at := fmt.Sprintf("shipments[%d]", i)
	if err := p.validateEnd(at+".pickup", s.Pickup.Place, s.Pickup.Windows, s.Pickup.Service); err != nil {
		return err
	}
	if err := p.validateEnd(at+".delivery", s.Delivery.Place, s.Delivery.Windows, s.Delivery.Service); err != nil {
		return err
	}
	if err := validateAmounts(at+".load", s.Load); err != nil {
		return err
	}
	return p.validateDemand(at, &s.Demand)
}

func (p *Problem) validateEnd(at string, place int, windows []Window, service int32) error {
	if place < 0 || place >= p.Places {
		return bad("no such place", "%s.place", at)
	}
	if service < 0 || service > MaxTime {
		return bad("out of range", "%s.service", at)
	}
	return validateWindows(at+".windows", windows)
}

func validateWindows(at string, windows []Window) error {
	for k, w := range windows {
		if w.From < 0 || w.To < w.From || w.To > MaxTime {
			return bad("out of range, or ends before it begins", "%s[%d]", at, k)
		}
		if k > 0 && w.From <= windows[k-1].To {
			return bad("not after the one before", "%s[%d]", at, k)
		}
	}
	return nil
}

func validateAmounts(at string, load []int32) error {
	if len(load) > 16 {
		return bad("more than 16 dimensions", "%s", at)
	}
	for d, q := range load {
		if q < 0 || q > MaxAmount {
			return bad("out of range", "%s[%d]", at, d)
		}
	}
	return nil
}

func (p *Problem) validateDemand(at string, d *Demand) error {
	if d.Priority < 0 || d.Priority >= Priorities {
		return bad("out of range", "%s.priority", at)
	}
	if d.Weight < 0 || d.Weight > MaxWeight*MaxWeight {
		return bad("out of range", "%s.weight", at)
	}
	if d.Price < 0 || d.Price > MaxWeight*MaxWeight {
		return bad("out of range", "%s.price", at)
	}
	if d.Class < -1<<30 || d.Class > 1<<30 {
		return bad("out of range", "%s.class", at)
	}
	for k, v := range d.Only {
		if v < 0 || v >= len(p.Vehicles) {
			return bad("no such vehicle", "%s.only[%d]", at, k)
		}
	}
	return nil
}

func (p *Problem) validateVehicle(i int) error {
	v := &p.Vehicles[i]
	at := fmt.Sprintf("vehicles[%d]", i)
	switch {
	case v.Start < None || v.Start >= p.Places:
		return bad("no such place", "%s.start", at)
	case v.End < None || v.End >= p.Places:
		return bad("no such place", "%s.end", at)
	case v.Profile < 0 || v.Profile >= len(p.Travel):
		return bad("no such travel", "%s.profile", at)
	case v.Back < 0 || v.Back > MaxTime:
		return bad("out of range", "%s.back", at)
	case v.MaxSeconds < 0 || v.MaxSeconds > MaxTime || v.MaxDriving < 0 || v.MaxDriving > MaxTime:
		return bad("out of range", "%s.max_seconds or max_driving", at)
	case v.MaxStops < 0 || v.Trips < 0 || v.Trips > 1<<10:
		return bad("out of range", "%s.max_stops or trips", at)
	case v.Depot < None || v.Depot >= p.Places || v.Trips > 1 && v.Depot == None:
		return bad("no such place", "%s.depot", at)
	case v.Reload < 0 || v.Reload > MaxTime:
		return bad("out of range", "%s.reload", at)
	case v.Ready < 0 || v.Ready > MaxTime:
		return bad("out of range", "%s.ready", at)
	case v.Fixed < 0 || v.Fixed > MaxWeight*MaxWeight:
		return bad("out of range", "%s.fixed", at)
	}
	for k, c := range v.Closed {
		if c.Place < 0 || c.Place >= p.Places || c.To < c.From {
			return bad("no such place, or ends before it begins", "%s.closed[%d]", at, k)
		}
	}
	if err := validateAmounts(at+".capacity", v.Capacity); err != nil {
		return err
	}
	return validateWindows(at+".calendar", v.Calendar)
}

// validateFrozen also makes sure that nothing is frozen twice and that pairs are whole.
func (p *Problem) validateFrozen() error {
	seen := map[Visit]int{}
	for i := range p.Vehicles {
		for k := range p.Vehicles[i].Frozen {
			if text := p.frozenFault(i, k, seen); text != "" {
				return bad(text, "vehicles[%d].frozen[%d]", i, k)
			}
		}
	}
	return nil
}

// frozenFault says what is wrong with a vehicle's frozen visit after those seen
// before it (visit to vehicle), and adds it to them.
func (p *Problem) frozenFault(vehicle, k int, seen map[Visit]int) string {
	frozen := p.Vehicles[vehicle].Frozen
	x := frozen[k]
	if !p.Known(x) {
		return "no such job or shipment"
	}
	if x.Kind == Reload {
		if k == 0 || k == len(frozen)-1 || frozen[k-1].Kind == Reload {
			return "a trip without a stop"
		}
		return ""
	}
	if _, twice := seen[x]; twice {
		return "frozen twice"
	}
	seen[x] = vehicle
	if v, ok := seen[Visit{Pickup, x.Index}]; x.Kind == Deliver && (!ok || v != vehicle) {
		return "delivered before it is picked up"
	}
	return ""
}

// Known says that the problem has what a visit is for.
func (p *Problem) Known(x Visit) bool {
	switch x.Kind {
	case Serve:
		return x.Index >= 0 && x.Index < len(p.Jobs)
	case Pickup, Deliver:
		return x.Index >= 0 && x.Index < len(p.Shipments)
	case Reload:
		return x.Index == 0
	}
	return false
}
