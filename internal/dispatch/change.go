package dispatch

import (
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/route"
)

// Change is one thing that somebody does to a draft by hand.
type Change struct {
	Op   string // OpMove (also of one that is in no run), OpSwap, OpPin, OpUnpin, OpRemove
	Stop id.ID  // the request
	Crew id.ID  // OpMove: to this crew …
	At   int    // … as its stop at this place, from 0, when the stop itself is taken away
	With id.ID  // OpSwap: the other request
	By   id.ID  // who does it
}

// Cost is what a change adds to the plan; less than nothing where it saves.
type Cost struct {
	Seconds int32 // on the road
	Metres  int64
}

// Trial is a change before it is done: the draft after it, what it costs, and what is in the way.
type Trial struct {
	Draft *Draft
	Cost  Cost
	Runs  []Timed // those that it touches, as they would be
	No    []Fault // nothing: it may be done
}

// Try does a change on a copy. A stop or crew that is not there is a Conflict: somebody was faster.
func (t *Timetable) Try(c Change) (Trial, error) {
	if _, ready := t.stopAt[c.Stop]; !ready {
		return Trial{}, errs.New(errs.Conflict, "plan.gone")
	}
	switch c.Op {
	case OpMove:
		return t.tryMove(c)
	case OpSwap:
		return t.trySwap(c)
	case OpPin, OpUnpin:
		return t.tryPin(c)
	case OpRemove:
		d := t.Draft.clone()
		d.drop(c.Stop)
		d.Out = append(slices.DeleteFunc(d.Out, func(o TakenOut) bool { return o.Request == c.Stop }), TakenOut{Request: c.Stop, By: c.By})
		from, _, found := t.Draft.find(c.Stop)
		if !found {
			return Trial{Draft: d}, nil
		}
		tr := t.compare(d, false, from)
		tr.No = nil // taking something away is always allowed
		return tr, nil
	}
	return Trial{}, errs.New(errs.Invalid, "error.invalid")
}

func (t *Timetable) tryPin(c Change) (Trial, error) {
	crew, at, found := t.Draft.find(c.Stop)
	if !found {
		return Trial{}, errs.New(errs.Conflict, "plan.gone")
	}
	d := t.Draft.clone()
	d.run(crew).Stops[at].Pinned = c.Op == OpPin
	return Trial{Draft: d}, nil
}

func (t *Timetable) tryMove(c Change) (Trial, error) {
	v := t.vehicleOf(c.Crew)
	if v < 0 {
		return Trial{}, errs.New(errs.Conflict, "plan.crew_gone")
	}
	return t.move(c.Stop, v, c.At, true), nil
}

// move puts a stop into a run at a place: on the trip before or after it, or at the end on one of its own,
// whichever is best.
func (t *Timetable) move(stop id.ID, vehicle, at int, words bool) Trial {
	crew := t.Runs[vehicle].Crew.ID.ID
	from, old, found := t.Draft.find(stop)
	held := DraftStop{Request: stop}
	if found {
		held.Pinned = from == crew && t.Draft.stops(from)[old].Pinned
	}
	base := t.Draft.clone()
	base.drop(stop)
	base.Out = slices.DeleteFunc(base.Out, func(o TakenOut) bool { return o.Request == stop })
	rest := t.ready(base.stops(crew))
	at = min(max(at, 0), len(rest))
	var best Trial
	for i, trip := range trips(rest, at) {
		d := base.clone()
		held.Trip = trip
		d.set(crew, slices.Insert(slices.Clone(rest), at, held))
		tr := t.compare(d, words, crew, from)
		if i == 0 || better(tr, best) {
			best = tr
		}
	}
	return best
}

// ready leaves out the stops that are no longer ready.
func (t *Timetable) ready(stops []DraftStop) []DraftStop {
	return slices.DeleteFunc(slices.Clone(stops), func(s DraftStop) bool { _, ok := t.stopAt[s.Request]; return !ok })
}

// trips are the trips on which a stop at a place may be.
func trips(stops []DraftStop, at int) []int {
	switch {
	case len(stops) == 0:
		return []int{0}
	case at == 0:
		return []int{stops[0].Trip}
	case at == len(stops):
		last := stops[at-1].Trip
		if last+1 < maxTrips {
			return []int{last, last + 1}
		}
		return []int{last}
	case stops[at-1].Trip != stops[at].Trip:
		return []int{stops[at-1].Trip, stops[at].Trip}
	}
	return []int{stops[at].Trip}
}

// better reports whether a trial is allowed where the other is not, or else cheaper.
func better(a, b Trial) bool {
	if len(a.No) != len(b.No) {
		return len(a.No) < len(b.No)
	}
	return a.Cost.Seconds < b.Cost.Seconds
}

func (t *Timetable) trySwap(c Change) (Trial, error) {
	a, i, ok := t.Draft.find(c.Stop)
	b, k, okToo := t.Draft.find(c.With)
	if _, ready := t.stopAt[c.With]; !ok || !okToo || !ready || c.Stop == c.With {
		return Trial{}, errs.New(errs.Conflict, "plan.gone")
	}
	d := t.Draft.clone()
	x, y := &d.run(a).Stops[i], &d.run(b).Stops[k]
	x.Request, y.Request = y.Request, x.Request
	if a != b {
		x.Pinned, y.Pinned = false, false
	} else {
		x.Pinned, y.Pinned = y.Pinned, x.Pinned
	}
	return t.compare(d, true, a, b), nil
}

// compare drives the runs of crews as they would be, and tells the difference. Only what is new is in the way:
// a run that was late before may be made less late.
func (t *Timetable) compare(d *Draft, words bool, crews ...id.ID) Trial {
	tr := Trial{Draft: d}
	seen := map[id.ID]bool{}
	for _, crew := range crews {
		v := t.vehicleOf(crew)
		if v < 0 || seen[crew] {
			continue
		}
		seen[crew] = true
		before, after := &t.Runs[v], t.drive(v, t.ready(d.stops(crew)), words)
		tr.Cost.Seconds += after.Route.Driving - before.Route.Driving
		tr.Cost.Metres += after.Route.Metres - before.Route.Metres
		tr.Runs = append(tr.Runs, after)
		if grows := len(after.Stops) > len(before.Stops); len(after.Faults) > 0 && (grows || len(after.Faults) > len(before.Faults)) {
			tr.No = append(tr.No, after.Faults...)
		}
	}
	return tr
}

// vehicleOf returns the place of a crew among those that take part, or -1.
func (t *Timetable) vehicleOf(crew id.ID) int {
	return slices.IndexFunc(t.Runs, func(r Timed) bool { return r.Crew.ID.ID == crew })
}

// Offer is a place for a stop, and what it would cost there.
type Offer struct {
	Run  int // of Timetable.Runs
	At   int // place in the run, from 0, when the stop itself is taken away
	Cost Cost
	Back int32 // the crew would be home then
	Here bool  // where the stop is now
	No   []Fault
}

// Offers tries a stop at every place of every run, and tells what is in the way in brief: Try says what helps. By
// run, in order.
func (t *Timetable) Offers(stop id.ID) [][]Offer {
	if _, ready := t.stopAt[stop]; !ready {
		return nil
	}
	crew, at, found := t.Draft.find(stop)
	out := make([][]Offer, len(t.Runs))
	for v := range t.Runs {
		r := &t.Runs[v]
		here := found && crew == r.Crew.ID.ID
		places := len(r.Stops)
		if here {
			places--
			at = slices.IndexFunc(r.Stops, func(s DraftStop) bool { return s.Request == stop })
		}
		for k := range places + 1 {
			if here && k == at {
				out[v] = append(out[v], Offer{Run: v, At: k, Here: true, Back: r.Route.Back})
				continue
			}
			tr := t.move(stop, v, k, false)
			out[v] = append(out[v], Offer{Run: v, At: k, Cost: tr.Cost, Back: tr.Runs[0].Route.Back, No: tr.No})
		}
	}
	return out
}

// Best returns the cheapest place that is allowed, else the one with the fewest faults that costs least; false
// where there is none.
func Best(offers []Offer) (Offer, bool) {
	best, found := Offer{}, false
	for _, o := range offers {
		if o.Here {
			continue
		}
		if !found || len(o.No) < len(best.No) || len(o.No) == len(best.No) && o.Cost.Seconds < best.Cost.Seconds {
			best, found = o, true
		}
	}
	return best, found
}

// Load is what the crew has on board when it leaves, in units, and how much it takes; of the fullest trip.
func (r *Timed) Load(t *Timetable) (units, most int) {
	cur := 0
	for i, s := range r.Stops {
		if i > 0 && s.Trip != r.Stops[i-1].Trip {
			cur = 0
		}
		cur += t.World.Stops[t.stopAt[s.Request]].Units()
		units = max(units, cur)
	}
	return units, r.Crew.Baskets * perBox
}

// Times returns the arrival and leaving of each stop of r.Stops, reloads left out.
func (r *Timed) Times() []route.Stop {
	var out []route.Stop
	for _, s := range r.Route.Stops {
		if s.Kind == route.Serve {
			out = append(out, s)
		}
	}
	return out
}
