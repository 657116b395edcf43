package task

import "fmt"

// Check says in which ways a plan breaks its problem; none means that it can be
// driven as it stands. It reads the plan's own times and loads and shares no
// code with the solver. The problem must be valid.
func Check(p *Problem, plan *Plan) []Violation {
	c := &checker{p: p, count: map[Visit]int{}}
	used := map[int]bool{}
	cost := int64(0)
	for i := range plan.Routes {
		r := &plan.Routes[i]
		if r.Vehicle < 0 || r.Vehicle >= len(p.Vehicles) || used[r.Vehicle] {
			c.fail(None, -1, BadSequence, 0, fmt.Sprintf("route %d: vehicle %d unknown or used twice", i, r.Vehicle))
			continue
		}
		used[r.Vehicle] = true
		if !c.known(r) {
			continue
		}
		cost += c.route(r)
	}
	for i := range p.Vehicles {
		if !used[i] && len(p.Vehicles[i].Frozen) > 0 {
			c.fail(i, -1, BadSequence, 0, "frozen visits are not in the plan")
		}
	}
	cost += c.each(plan)
	if cost != plan.Cost {
		c.fail(None, -1, BadNumbers, plan.Cost-cost, "cost")
	}
	return c.out
}

type checker struct {
	p     *Problem
	count map[Visit]int
	out   []Violation
}

func (c *checker) fail(vehicle, stop int, l Limit, miss int64, detail string) {
	c.out = append(c.out, Violation{Limit: l, Vehicle: vehicle, Stop: stop, Miss: miss, Detail: detail})
}

// known refuses visits that the problem does not have, before anything looks them up.
func (c *checker) known(r *Route) bool {
	for k, s := range r.Stops {
		n := 1
		switch s.Kind {
		case Serve:
			n = len(c.p.Jobs)
		case Pickup, Deliver:
			n = len(c.p.Shipments)
		case Reload:
		default:
			n = 0
		}
		if s.Index < 0 || s.Index >= n {
			c.fail(r.Vehicle, k, BadSequence, 0, "no such job or shipment")
			return false
		}
	}
	return true
}

// each holds every job and shipment once, in a route or among the dropped, and
// answers what leaving those out costs.
func (c *checker) each(plan *Plan) (price int64) {
	for _, d := range plan.Dropped {
		if d.Kind == Serve && d.Index >= 0 && d.Index < len(c.p.Jobs) {
			c.count[d.Visit]++
			price += c.p.Jobs[d.Index].Price
		} else if d.Kind == Pickup && d.Index >= 0 && d.Index < len(c.p.Shipments) {
			c.count[d.Visit]++
			c.count[Visit{Deliver, d.Index}]++
			price += c.p.Shipments[d.Index].Price
		} else {
			c.fail(None, -1, BadSequence, 0, "dropped: no such job or shipment")
		}
		if d.Reason.Limit == NoLimit {
			c.fail(None, -1, BadNumbers, 0, "dropped without a reason")
		}
	}
	for i := range c.p.Jobs {
		c.once(Visit{Serve, i})
	}
	for i := range c.p.Shipments {
		c.once(Visit{Pickup, i})
		c.once(Visit{Deliver, i})
	}
	return price
}

func (c *checker) once(x Visit) {
	if n := c.count[x]; n != 1 {
		c.fail(None, -1, BadSequence, int64(n), fmt.Sprintf("kind %d index %d is in the plan %d times", x.Kind, x.Index, n))
	}
}

// task is what a visit asks for, whatever its kind.
type task struct {
	place   int
	windows []Window
	service int64
	demand  *Demand
}

func (c *checker) task(v *Vehicle, x Visit) task {
	switch x.Kind {
	case Serve:
		j := &c.p.Jobs[x.Index]
		return task{j.Place, j.Windows, int64(j.Service), &j.Demand}
	case Pickup:
		s := &c.p.Shipments[x.Index]
		return task{s.Pickup.Place, s.Pickup.Windows, int64(s.Pickup.Service), &s.Demand}
	case Deliver:
		s := &c.p.Shipments[x.Index]
		return task{s.Delivery.Place, s.Delivery.Windows, int64(s.Delivery.Service), &s.Demand}
	default:
		return task{v.Depot, nil, int64(v.Reload), nil}
	}
}

// route checks one route and answers its cost.
func (c *checker) route(r *Route) int64 {
	v := &c.p.Vehicles[r.Vehicle]
	if len(r.Stops) == 0 {
		c.fail(r.Vehicle, -1, BadSequence, 0, "a route without stops")
	}
	var driving, metres, waiting int64
	at, free, ready := v.Start, int64(r.Depart), c.released(r, 0)
	if len(v.Frozen) == 0 {
		ready = max(ready, int64(v.Ready))
	}
	if free < ready {
		c.fail(r.Vehicle, -1, OutsideWindow, ready-free, "leaves before its load is there, or before it is ready")
	}
	ready = free
	for k := range r.Stops {
		s := &r.Stops[k]
		c.count[s.Visit]++
		t := c.task(v, s.Visit)
		if s.Place != t.place {
			c.fail(r.Vehicle, k, BadNumbers, 0, "place")
		}
		d, m := c.drive(r.Vehicle, k, at, t.place, ready, int64(s.Arrive))
		driving, metres, waiting = driving+d, metres+m, waiting+int64(s.Start)-free-d
		c.serve(r.Vehicle, k, s, &t)
		at, free = t.place, int64(s.Leave)
		if ready = free; s.Kind == Reload {
			ready = max(free, c.released(r, k+1))
		}
		if k+1 == len(v.Frozen) {
			ready = max(ready, int64(v.Ready))
		}
	}
	end := v.End
	d, m := c.drive(r.Vehicle, len(r.Stops), at, end, ready, int64(r.Back))
	driving, metres, waiting = driving+d, metres+m, waiting+int64(r.Back)-free-d
	c.day(r, driving, metres, waiting)
	c.order(r)
	c.cargo(r)
	w := c.p.Weights
	if w.Second == 0 && w.Metre == 0 {
		w.Second = 1
	}
	return w.Vehicle + v.Fixed + w.Second*driving + w.Metre*metres
}

// released is when the last load of the trip that begins with stop k is there.
func (c *checker) released(r *Route, k int) int64 {
	at := int64(0)
	for _, s := range r.Stops[min(k, len(r.Stops)):] {
		if s.Kind == Reload {
			break
		}
		if s.Kind == Serve {
			at = max(at, int64(c.p.Jobs[s.Index].Release))
		}
	}
	return at
}

// drive checks that the vehicle can leave one place when it is free and arrive at
// the other then; it answers the seconds and metres on the road. Arrival must be the
// earliest: the drive begins at once, or as a range of the calendar begins.
func (c *checker) drive(vehicle, stop, from, to int, free, arrive int64) (seconds, metres int64) {
	if from == None || to == None {
		if arrive != free {
			c.fail(vehicle, stop, BadNumbers, arrive-free, "no drive, yet time passes")
		}
		return 0, 0
	}
	v := &c.p.Vehicles[vehicle]
	travel := c.p.Travel[v.Profile]
	metres = max(int64(travel.Metres(from, to)), 0)
	starts := []int64{free}
	for _, w := range v.Calendar {
		if int64(w.From) > free {
			starts = append(starts, int64(w.From))
		}
	}
	for _, dep := range starts {
		if dep < 0 || dep > MaxTime*4 {
			continue
		}
		d := int64(travel.Seconds(from, to, int32(min(dep, 1<<30))))
		if d < 0 || d > MaxTime {
			c.fail(vehicle, stop, NoWay, 0, "")
			return 0, metres
		}
		if dep+d != arrive {
			continue
		}
		if d > 0 && !inOne(v.Calendar, dep, arrive) {
			continue
		}
		return d, metres
	}
	c.fail(vehicle, stop, OutsideCalendar, 0, fmt.Sprintf("no drive from %d, free at %d, arrives at %d", from, free, arrive))
	return 0, metres
}

func inOne(calendar []Window, from, to int64) bool {
	if len(calendar) == 0 {
		return from >= 0 && to <= MaxTime
	}
	for _, w := range calendar {
		if from >= int64(w.From) && to <= int64(w.To) {
			return true
		}
	}
	return false
}

func (c *checker) serve(vehicle, stop int, s *Stop, t *task) {
	v := &c.p.Vehicles[vehicle]
	start, leave := int64(s.Start), int64(s.Leave)
	if start < int64(s.Arrive) || leave != start+t.service {
		c.fail(vehicle, stop, BadNumbers, 0, "arrive, start or leave")
	}
	open := len(t.windows) == 0
	for _, w := range t.windows {
		open = open || start >= int64(w.From) && start <= int64(w.To)
	}
	if !open {
		c.fail(vehicle, stop, OutsideWindow, 0, "")
	}
	if !inOne(v.Calendar, start, leave) {
		c.fail(vehicle, stop, OutsideCalendar, 0, "service")
	}
	if t.demand == nil {
		return
	}
	for _, x := range v.Closed {
		inside := start < int64(x.To) && leave > int64(x.From) || start == leave && start >= int64(x.From) && start <= int64(x.To)
		if x.Place == t.place && inside && (x.From != x.To || start == leave) {
			c.fail(vehicle, stop, ClosedThere, 0, "")
		}
	}
	if t.demand.Skills|v.Skills != v.Skills {
		c.fail(vehicle, stop, LacksSkill, 0, "")
	}
	may := len(t.demand.Only) == 0
	for _, o := range t.demand.Only {
		may = may || o == vehicle
	}
	if !may {
		c.fail(vehicle, stop, NotAllowed, 0, "")
	}
}

// day checks the limits and sums of the whole route.
func (c *checker) day(r *Route, driving, metres, waiting int64) {
	v := &c.p.Vehicles[r.Vehicle]
	end := len(r.Stops)
	if len(v.Calendar) > 0 && r.Depart < v.Calendar[0].From || r.Depart < 0 {
		c.fail(r.Vehicle, -1, OutsideCalendar, 0, "departure")
	}
	if v.Back > 0 && r.Back > v.Back {
		c.fail(r.Vehicle, end, OutsideCalendar, int64(r.Back-v.Back), "back too late")
	}
	if over := int64(r.Back) - int64(r.Depart) - int64(v.MaxSeconds); v.MaxSeconds > 0 && over > 0 {
		c.fail(r.Vehicle, end, TooLong, over, "duration")
	}
	if over := driving - int64(v.MaxDriving); v.MaxDriving > 0 && over > 0 {
		c.fail(r.Vehicle, end, TooLong, over, "driving")
	}
	if int64(r.Driving) != driving || r.Metres != metres || int64(r.Waiting) != waiting {
		c.fail(r.Vehicle, -1, BadNumbers, 0, "driving, metres or waiting")
	}
}

// order checks the frozen prefix, trips and pairs.
func (c *checker) order(r *Route) {
	v := &c.p.Vehicles[r.Vehicle]
	for k, x := range v.Frozen {
		if k >= len(r.Stops) {
			c.fail(r.Vehicle, -1, BadSequence, 0, "frozen visits are missing")
			break
		}
		if r.Stops[k].Visit != x {
			c.fail(r.Vehicle, k, BadSequence, 0, "frozen visit")
		}
	}
	c.trips(r)
	c.pairs(r)
}

// trips checks the number of trips, and the class and count of each.
func (c *checker) trips(r *Route) {
	v := &c.p.Vehicles[r.Vehicle]
	trip, since := 0, []Visit(nil)
	for k, s := range r.Stops {
		if s.Kind == Reload {
			trip++
			if trip >= v.Trips || len(since) == 0 || k == len(r.Stops)-1 {
				c.fail(r.Vehicle, k, BadSequence, 0, "reload")
			}
			since = nil
		} else {
			since = append(since, s.Visit)
			if v.MaxStops > 0 && len(since) > v.MaxStops {
				c.fail(r.Vehicle, k, TooManyStops, int64(len(since)-v.MaxStops), "")
			}
			if c.task(v, since[0]).demand.Class != c.task(v, s.Visit).demand.Class {
				c.fail(r.Vehicle, k, MixedClass, 0, "")
			}
		}
		if s.Trip != trip {
			c.fail(r.Vehicle, k, BadNumbers, 0, "trip")
		}
	}
}

// pairs checks that what is picked up is delivered after it.
func (c *checker) pairs(r *Route) {
	on := map[int]bool{}
	for k, s := range r.Stops {
		switch {
		case s.Kind == Pickup:
			on[s.Index] = true
		case s.Kind == Deliver && !on[s.Index]:
			c.fail(r.Vehicle, k, BadSequence, 0, "not picked up before")
		case s.Kind == Deliver:
			delete(on, s.Index)
		}
	}
	if len(on) > 0 {
		c.fail(r.Vehicle, -1, BadSequence, 0, "not delivered")
	}
}

// cargo follows each dimension through the route.
func (c *checker) cargo(r *Route) {
	v := &c.p.Vehicles[r.Vehicle]
	dims := len(r.Load)
	for k, s := range r.Stops {
		load, collect := c.amounts(s.Visit)
		if dims < max(len(load), len(collect)) || len(s.Load) != dims {
			c.fail(r.Vehicle, k, BadNumbers, 0, "load dimensions")
			return
		}
	}
	for d := range dims {
		limit := int64(0)
		if d < len(v.Capacity) {
			limit = int64(v.Capacity[d])
		}
		c.cargoOf(r, d, limit)
	}
}

func (c *checker) amounts(x Visit) (load, collect []int32) {
	switch x.Kind {
	case Serve:
		return c.p.Jobs[x.Index].Load, c.p.Jobs[x.Index].Collect
	case Pickup, Deliver:
		return c.p.Shipments[x.Index].Load, nil
	default:
		return nil, nil
	}
}

func at(load []int32, d int) int64 {
	if d < len(load) {
		return int64(load[d])
	}
	return 0
}

// cargoOf follows three heaps: to be delivered from the depot, shipments, to be
// brought to the depot.
func (c *checker) cargoOf(r *Route, d int, limit int64) {
	var out, ship, back int64
	load := func(from int) {
		out = 0
		for k := from; k < len(r.Stops) && r.Stops[k].Kind != Reload; k++ {
			if r.Stops[k].Kind == Serve {
				q, _ := c.amounts(r.Stops[k].Visit)
				out += at(q, d)
			}
		}
	}
	hold := func(stop int, said int32) {
		if sum := out + ship + back; sum > limit {
			c.fail(r.Vehicle, stop, OverCapacity, sum-limit, "")
			c.out[len(c.out)-1].Dimension = d
		} else if sum != int64(said) {
			c.fail(r.Vehicle, stop, BadNumbers, int64(said)-sum, "load")
		}
	}
	load(0)
	hold(-1, r.Load[d])
	for k := range r.Stops {
		s := &r.Stops[k]
		q, b := c.amounts(s.Visit)
		switch s.Kind {
		case Serve:
			out -= at(q, d)
			back += at(b, d)
		case Pickup:
			ship += at(q, d)
		case Deliver:
			ship -= at(q, d)
		case Reload:
			back = 0
			load(k + 1)
		}
		hold(k, s.Load[d])
	}
}
