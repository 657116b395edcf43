package route

import "slices"

// Evaluate drives one vehicle through a sequence arranged by hand, whether it is
// allowed or not: arrival times, loads, slack, and each violation. Where a
// limit is missed the drive goes on, late. The error is a *FieldError for a
// vehicle or a visit that the problem does not have.
//
// Departure from Start is as late as it can be without arriving later at End.
// The problem must be valid.
func Evaluate(p *Problem, vehicle int, visits []Visit) (Route, []Violation, error) {
	if vehicle < 0 || vehicle >= len(p.Vehicles) {
		return Route{}, nil, bad("no such vehicle", "vehicle")
	}
	for k, x := range visits {
		if !p.Known(x) {
			return Route{}, nil, bad("no such job or shipment", "visits[%d]", k)
		}
	}
	v := &p.Vehicles[vehicle]
	e := &evaluation{p: p, v: v, clock: newClock(p, v), n: dimensions(p),
		out: Route{Vehicle: vehicle, Stops: make([]Stop, len(visits))}}
	for k, x := range visits {
		e.out.Stops[k] = Stop{Visit: x, Place: e.placeOf(x)}
	}
	first := e.clock.cal[0].From
	e.drive(first)
	if len(e.faults) == 0 {
		e.drive(e.latestDeparture(e.out.Back))
	}
	e.length()
	e.slack()
	e.sequence()
	e.loads()
	return e.out, e.faults, nil
}

type evaluation struct {
	p      *Problem
	v      *Vehicle
	clock  clock
	n      int // load dimensions
	out    Route
	faults []Violation
}

func (e *evaluation) fault(stop int, l Limit, miss int64, detail string) {
	e.faults = append(e.faults, Violation{Limit: l, Vehicle: e.out.Vehicle, Stop: stop, Miss: miss, Detail: detail})
}

func (e *evaluation) placeOf(x Visit) int {
	switch x.Kind {
	case Serve:
		return e.p.Jobs[x.Index].Place
	case Pickup:
		return e.p.Shipments[x.Index].Pickup.Place
	case Deliver:
		return e.p.Shipments[x.Index].Delivery.Place
	default:
		return e.v.Depot
	}
}

// service gives a visit's windows and seconds.
func (e *evaluation) service(x Visit) ([]Window, int32) {
	switch x.Kind {
	case Serve:
		return e.p.Jobs[x.Index].Windows, e.p.Jobs[x.Index].Service
	case Pickup:
		return e.p.Shipments[x.Index].Pickup.Windows, e.p.Shipments[x.Index].Pickup.Service
	case Deliver:
		return e.p.Shipments[x.Index].Delivery.Windows, e.p.Shipments[x.Index].Delivery.Service
	default:
		return nil, e.v.Reload
	}
}

func (e *evaluation) spans(x Visit) []Window {
	windows, service := e.service(x)
	closed := e.v.Closed
	if x.Kind == Reload {
		closed = nil
	}
	return startSpans(nil, windows, e.clock.cal, closed, int32(e.placeOf(x)), service)
}

// drive goes through the sequence from a departure on, late where it must.
func (e *evaluation) drive(depart int32) {
	e.faults = e.faults[:0]
	r := &e.out
	r.Depart, r.Driving, r.Waiting, r.Metres = depart, 0, 0, 0
	at, t := e.v.Start, max(depart, e.freed(0))
	if len(e.v.Frozen) == 0 {
		t = max(t, e.v.Ready)
	}
	r.Depart = t
	for k := range r.Stops {
		s := &r.Stops[k]
		s.Arrive = e.leg(k, at, s.Place, t)
		s.Start = e.begin(k, s.Visit, s.Arrive)
		_, service := e.service(s.Visit)
		s.Leave = min(s.Start+service, never)
		r.Waiting += s.Start - s.Arrive
		at, t = s.Place, s.Leave
		if s.Kind == Reload {
			t = max(t, e.freed(k+1))
		}
		if k+1 == len(e.v.Frozen) {
			t = max(t, e.v.Ready)
		}
		r.Waiting += t - s.Leave
	}
	end := e.v.End
	if len(r.Stops) == 0 && e.v.Start == None {
		end = None
	}
	r.Back = e.leg(len(r.Stops), at, end, t)
	if limit := e.v.Back; limit > 0 && r.Back > limit {
		e.fault(len(r.Stops), OutsideCalendar, int64(r.Back-limit), "back too late")
	}
}

// freed is when all is there that the trip from stop k on brings.
func (e *evaluation) freed(k int) int32 {
	at := int32(0)
	for ; k < len(e.out.Stops) && e.out.Stops[k].Kind != Reload; k++ {
		if x := e.out.Stops[k].Visit; x.Kind == Serve {
			at = max(at, e.p.Jobs[x.Index].Release)
		}
	}
	return at
}

func (e *evaluation) leg(stop, from, to int, t int32) int32 {
	if from < 0 || to < 0 {
		return t
	}
	f, g := int32(from), int32(to)
	if m := e.p.Travel[e.v.Profile].Metres(from, to); m > 0 {
		e.out.Metres += int64(m)
	}
	arrive := e.clock.arrive(f, g, t)
	d := e.clock.seconds(f, g, t)
	if arrive < never {
		// The drive that arrives then: it may have waited for the calendar.
		dep := t
		if e.clock.seconds(f, g, dep)+dep != arrive {
			dep = e.calendarStart(arrive)
			d = arrive - dep
		}
		e.out.Waiting += dep - t
		e.out.Driving += d
		return arrive
	}
	if d == never {
		e.fault(stop, NoWay, 0, "")
		return t
	}
	e.out.Driving = min(e.out.Driving+d, never)
	arrive = min(t+d, never)
	last := e.clock.cal[len(e.clock.cal)-1].To
	e.fault(stop, OutsideCalendar, int64(max(arrive-last, 1)), "drive outside the calendar")
	return arrive
}

// calendarStart is where the range begins that holds t: a drive that waited
// left then.
func (e *evaluation) calendarStart(t int32) int32 {
	for _, w := range e.clock.cal {
		if t <= w.To {
			return w.From
		}
	}
	return t
}

// begin is when the service begins; at once when it never may.
func (e *evaluation) begin(stop int, x Visit, arrive int32) int32 {
	if start := firstIn(e.spans(x), arrive); start < never {
		return start
	}
	windows, service := e.service(x)
	place := int32(e.placeOf(x))
	cal := e.clock.cal
	lastCal := int64(cal[len(cal)-1].To)
	if len(windows) > 0 && arrive > windows[len(windows)-1].To {
		e.fault(stop, OutsideWindow, int64(arrive-windows[len(windows)-1].To), "")
		return arrive
	}
	if open := startSpans(nil, windows, cal, nil, place, service); firstIn(open, arrive) < never {
		e.fault(stop, ClosedThere, 0, "")
		return arrive
	}
	start := arrive
	if len(windows) > 0 {
		start = firstIn(windows, arrive)
	}
	e.fault(stop, OutsideCalendar, max(int64(start)+int64(service)-lastCal, 1), "service outside the calendar")
	return start
}

// latestDeparture is the latest time to leave Start and still be back then.
func (e *evaluation) latestDeparture(back int32) int32 {
	late := e.back(back, nil)
	return max(late, e.clock.cal[0].From)
}

// back goes from a deadline at End to the latest departure from Start, and
// tells the latest arrival at each stop.
func (e *evaluation) back(deadline int32, each func(stop int, latest int32)) int32 {
	to := int32(e.v.End)
	if len(e.out.Stops) == 0 && e.v.Start == None {
		to = None
	}
	for k := len(e.out.Stops) - 1; k >= 0; k-- {
		s := &e.out.Stops[k]
		_, service := e.service(s.Visit)
		leave := e.clock.leaveBy(int32(s.Place), to, deadline)
		deadline = lastIn(e.spans(s.Visit), leave-service)
		if each != nil {
			each(k, deadline)
		}
		to = int32(s.Place)
	}
	return e.clock.leaveBy(int32(e.v.Start), to, deadline)
}

func (e *evaluation) slack() {
	deadline := e.clock.cal[len(e.clock.cal)-1].To
	if e.v.Back > 0 {
		deadline = min(deadline, e.v.Back)
	}
	spare := int32(never)
	if e.v.MaxSeconds > 0 {
		spare = e.v.MaxSeconds - (e.out.Back - e.out.Depart)
	}
	e.back(deadline, func(k int, latest int32) {
		e.out.Stops[k].Slack = min(latest-e.out.Stops[k].Arrive, spare)
	})
}

func (e *evaluation) length() {
	if over := e.out.Back - e.out.Depart - e.v.MaxSeconds; e.v.MaxSeconds > 0 && over > 0 {
		e.fault(len(e.out.Stops), TooLong, int64(over), "duration")
	}
	if over := e.out.Driving - e.v.MaxDriving; e.v.MaxDriving > 0 && over > 0 {
		e.fault(len(e.out.Stops), TooLong, int64(over), "driving")
	}
}

// sequence checks order, pairs, trips, classes, and who may serve what.
func (e *evaluation) sequence() {
	seen := map[Visit]int{}
	trip, inTrip, class := 0, 0, 0
	for k := range e.out.Stops {
		x := e.out.Stops[k].Visit
		if x.Kind == Reload {
			e.reload(k, trip, inTrip)
			trip, inTrip = trip+1, 0
			e.out.Stops[k].Trip = trip
			continue
		}
		e.out.Stops[k].Trip = trip
		e.order(k, x, seen)
		d := e.p.Demand(x)
		if inTrip > 0 && d.Class != class {
			e.fault(k, MixedClass, 0, "")
		}
		class = d.Class
		inTrip++
		if e.v.MaxStops > 0 && inTrip > e.v.MaxStops {
			e.fault(k, TooManyStops, int64(inTrip-e.v.MaxStops), "")
		}
		e.may(k, d)
	}
	for x, k := range seen {
		if _, ok := seen[Visit{Kind: Deliver, Index: x.Index}]; x.Kind == Pickup && !ok {
			e.fault(k, BadSequence, 0, "picked up and never delivered")
		}
	}
	for k, x := range e.v.Frozen {
		if k >= len(e.out.Stops) || e.out.Stops[k].Visit != x {
			e.fault(k, BadSequence, 0, "a frozen visit is not in its place")
			break
		}
	}
	slices.SortStableFunc(e.faults, func(a, b Violation) int { return a.Stop - b.Stop })
}

// order checks a visit against those seen before it, and adds it to them.
func (e *evaluation) order(k int, x Visit, seen map[Visit]int) {
	if _, twice := seen[x]; twice {
		e.fault(k, BadSequence, 0, "visited twice")
	}
	seen[x] = k
	if _, ok := seen[Visit{Kind: Pickup, Index: x.Index}]; x.Kind == Deliver && !ok {
		e.fault(k, BadSequence, 0, "delivered before it is picked up")
	}
}

// may checks that the vehicle may serve what is asked.
func (e *evaluation) may(k int, d *Demand) {
	if missing := d.Skills &^ e.v.Skills; missing != 0 {
		e.fault(k, LacksSkill, 0, "")
	}
	if len(d.Only) > 0 && !slices.Contains(d.Only, e.out.Vehicle) {
		e.fault(k, NotAllowed, 0, "")
	}
}

func (e *evaluation) reload(k, trip, inTrip int) {
	if trip+1 >= max(e.v.Trips, 1) {
		e.fault(k, BadSequence, 0, "more trips than allowed")
	}
	if inTrip == 0 || k == len(e.out.Stops)-1 {
		e.fault(k, BadSequence, 0, "a trip without a stop")
	}
}

// loads fills the load after each stop and finds where it is too much.
func (e *evaluation) loads() {
	cur := make([]int64, e.n)
	e.loadTrip(cur, 0)
	e.out.Load = e.keep(-1, cur)
	for k := range e.out.Stops {
		s := &e.out.Stops[k]
		switch s.Kind {
		case Serve:
			addTo(cur, e.p.Jobs[s.Index].Load, -1)
			addTo(cur, e.p.Jobs[s.Index].Collect, 1)
		case Pickup:
			addTo(cur, e.p.Shipments[s.Index].Load, 1)
		case Deliver:
			addTo(cur, e.p.Shipments[s.Index].Load, -1)
		case Reload:
			for i := k - 1; i >= 0 && e.out.Stops[i].Kind != Reload; i-- {
				if e.out.Stops[i].Kind == Serve {
					addTo(cur, e.p.Jobs[e.out.Stops[i].Index].Collect, -1)
				}
			}
			e.loadTrip(cur, k+1)
		}
		s.Load = e.keep(k, cur)
	}
}

// loadTrip puts on board what the jobs of the trip that begins at k need.
func (e *evaluation) loadTrip(cur []int64, k int) {
	for ; k < len(e.out.Stops) && e.out.Stops[k].Kind != Reload; k++ {
		if e.out.Stops[k].Kind == Serve {
			addTo(cur, e.p.Jobs[e.out.Stops[k].Index].Load, 1)
		}
	}
}

func addTo(cur []int64, load []int32, sign int64) {
	for d, q := range load {
		cur[d] += sign * int64(q)
	}
}

func (e *evaluation) keep(stop int, cur []int64) []int32 {
	out := make([]int32, len(cur))
	for d, q := range cur {
		out[d] = int32(max(min(q, MaxAmount), -MaxAmount))
		limit := int64(0)
		if d < len(e.v.Capacity) {
			limit = int64(e.v.Capacity[d])
		}
		if q > limit {
			e.faults = append(e.faults, Violation{Limit: OverCapacity, Vehicle: e.out.Vehicle, Stop: stop, Miss: q - limit, Dimension: d})
		}
	}
	return out
}

// dimensions is the largest number of load dimensions anything has.
func dimensions(p *Problem) int {
	n := 0
	for i := range p.Jobs {
		n = max(n, len(p.Jobs[i].Load), len(p.Jobs[i].Collect))
	}
	for i := range p.Shipments {
		n = max(n, len(p.Shipments[i].Load))
	}
	for i := range p.Vehicles {
		n = max(n, len(p.Vehicles[i].Capacity))
	}
	return n
}
