package dispatch

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/route"
)

// Timetable is a draft driven through a world: times, loads, and what is wrong. It is a pure function of both and
// of now.
type Timetable struct {
	*World

	Draft *Draft
	Now   time.Time
	Runs  []Timed   // one for each crew that takes part, with or without stops
	Left  []Refusal // what is in no run, with the reason
	Gone  int       // stops of the draft that are no longer ready: issued, closed, or nobody may bring them now

	problem *route.Problem
	crews   []int       // place in World.Crews by vehicle
	out     [][]stretch // when each may be out
}

// Timed is one crew's run with its times.
type Timed struct {
	Crew   *crew.Crew
	Stops  []DraftStop // what of the draft is ready
	Route  route.Route // its Stops include a Reload between two trips
	Faults []Fault
	Cross  []int   // stops (from 0) to which the straight line crosses a closed zone; len(Stops) is the way home
	Round  []Round // ways that go round a closed zone
	Far    []int   // stops (from 0) so far out that a rule on entry and exit may be in the way; they lack a pass
	End    Slack

	vehicle int
}

// Slack is how long before it must be home the run is back.
type Slack struct {
	Why  string // "rule", "shift", "break"; "" where nothing binds
	At   int32  // what binds begins then
	Left int32  // seconds between; without the margin
	Rule *rule.Rule
}

// NewDraft is an empty draft in which every crew takes part that may be planned.
func (w *World) NewDraft() *Draft {
	d := &Draft{}
	for i := range w.Crews {
		d.Crews = append(d.Crews, w.Crews[i].ID.ID)
	}
	return d
}

// Time drives a draft through the world.
func (w *World) Time(d *Draft, now time.Time) *Timetable {
	t := &Timetable{World: w, Draft: d, Now: now}
	for i := range w.Crews {
		if slices.Contains(d.Crews, w.Crews[i].ID.ID) {
			t.crews = append(t.crews, i)
		}
	}
	leave := w.leaving(d, now)
	t.problem = w.problem(t.crews, nil, leave)
	for _, i := range t.crews {
		t.out = append(t.out, w.stretches(&w.Crews[i], leave))
	}
	in := map[id.ID]bool{}
	for v, i := range t.crews {
		c := &w.Crews[i]
		var stops []DraftStop
		for _, s := range d.stops(c.ID.ID) {
			if _, ok := w.stopAt[s.Request]; ok && !in[s.Request] {
				stops, in[s.Request] = append(stops, s), true
			}
		}
		t.Runs = append(t.Runs, t.drive(v, stops, true))
	}
	t.Gone = len(d.Requests()) - len(in)
	t.leave(in)
	return t
}

// drive gives one crew's sequence its times and faults; without words only as much as a comparison needs.
func (t *Timetable) drive(vehicle int, stops []DraftStop, words bool) Timed {
	out := Timed{Crew: &t.Crews[t.crews[vehicle]], Stops: stops, vehicle: vehicle, Route: route.Route{Vehicle: vehicle}}
	if len(stops) == 0 {
		return out
	}
	r, broken, err := route.Evaluate(t.problem, vehicle, t.visits(stops))
	if err != nil { // a visit that the problem does not have: a defect of ours, and never issued
		out.Faults = []Fault{{Key: "dispatch.unsound", Args: []any{"what", err.Error()}}}
		return out
	}
	out.Route = r
	out.Faults = t.faults(&out, broken, words)
	if words {
		out.End = t.slack(&out)
		out.Cross, out.Round = t.crossings(&out)
		out.Far = t.farOut(&out)
	}
	return out
}

// visits puts a sequence into the engine's form.
func (t *Timetable) visits(stops []DraftStop) []route.Visit {
	out := make([]route.Visit, 0, len(stops)+maxTrips)
	for i, s := range stops {
		if i > 0 && s.Trip != stops[i-1].Trip {
			out = append(out, route.Visit{Kind: route.Reload})
		}
		out = append(out, route.Visit{Kind: route.Serve, Index: t.stopAt[s.Request]})
	}
	return out
}

// slack finds what the run must be home before.
func (t *Timetable) slack(r *Timed) Slack {
	for _, s := range t.out[r.vehicle] {
		if r.Route.Back <= s.end.at && r.Route.Back >= s.From && s.end.why != "break" {
			return Slack{Why: s.end.why, At: s.end.at, Left: s.end.at - r.Route.Back, Rule: s.end.rule}
		}
	}
	return Slack{}
}

// leave lists what is ready and in no run: what somebody took out, then what found no room, then what nobody
// could bring.
func (t *Timetable) leave(in map[id.ID]bool) {
	var out []Refusal
	var plan *route.Plan
	for i := range t.Stops {
		q := t.Stops[i].Request.ID.ID
		if in[q] {
			continue
		}
		r := Refusal{Stop: t.Stops[i], Free: true}
		if by, taken := t.Draft.takenOut(q); taken {
			r.Key, r.By = "plan.taken_out", by
			t.Left = append(t.Left, r)
			continue
		}
		if plan == nil {
			plan = t.plan()
		}
		r.Key, r.Args = t.reason(plan, i)
		out = append(out, r)
	}
	t.Left = append(append(t.Left, out...), t.refuse...)
}

// reason says why a stop is in no run.
func (t *Timetable) reason(plan *route.Plan, i int) (key string, args []any) {
	if len(t.Draft.Runs) == 0 && t.Draft.Version == 0 {
		return "plan.not_yet", nil
	}
	why, err := route.Explain(t.problem, plan, route.Visit{Kind: route.Serve, Index: i})
	if err != nil {
		return "dispatch.limit.other", nil
	}
	return t.limit(i, why)
}

// plan puts the runs into the engine's form, whether they are sound or not.
func (t *Timetable) plan() *route.Plan {
	p := &route.Plan{}
	in := map[int]bool{}
	w := t.problem.Weights
	for i := range t.Runs {
		r := &t.Runs[i]
		if len(r.Stops) == 0 {
			continue
		}
		p.Routes = append(p.Routes, r.Route)
		p.Cost += w.Vehicle + t.problem.Vehicles[r.vehicle].Fixed + w.Second*int64(r.Route.Driving) + w.Metre*r.Route.Metres
		for _, s := range r.Route.Stops {
			in[s.Index] = in[s.Index] || s.Kind == route.Serve
		}
	}
	for i := range t.problem.Jobs {
		if !in[i] {
			p.Dropped = append(p.Dropped, route.Dropped{Visit: route.Visit{Kind: route.Serve, Index: i}, Reason: route.Reason{Limit: route.StillFits, Vehicle: route.None}})
		}
	}
	return p
}

// Open returns when the crew of a run may be out, in seconds from midnight: pairs of from and to.
func (t *Timetable) Open(run int) [][2]int32 {
	var out [][2]int32
	for _, s := range t.out[run] {
		out = append(out, [2]int32{s.From, s.To})
	}
	return out
}

// Sound reports whether no run has a fault.
func (t *Timetable) Sound() bool {
	return !slices.ContainsFunc(t.Runs, func(r Timed) bool { return len(r.Faults) > 0 })
}

// Planned counts the stops in runs, and the crews that go.
func (t *Timetable) Planned() (stops, runs int) {
	for i := range t.Runs {
		if n := len(t.Runs[i].Stops); n > 0 {
			stops, runs = stops+n, runs+1
		}
	}
	return stops, runs
}

// Proposal is what may be issued: the runs of the crews named (none named: all), once the independent checker and
// the rules themselves have found nothing. A fault is Invalid with its reason.
func (t *Timetable) Proposal(crews ...id.ID) (*Proposal, error) {
	p := &Proposal{Day: t.Day, Stops: t.Stops, Unplanned: t.Left, centre: t.Centre, rules: t.Rules}
	sole := *t
	sole.Runs = nil
	for i := range t.Runs {
		r := &t.Runs[i]
		p.Crews = append(p.Crews, *r.Crew)
		if len(r.Stops) == 0 || len(crews) > 0 && !slices.Contains(crews, r.Crew.ID.ID) {
			continue
		}
		if len(r.Faults) > 0 {
			return nil, errs.New(errs.Invalid, "plan.issue_later")
		}
		sole.Runs = append(sole.Runs, *r)
		p.Routes = append(p.Routes, r.Route)
		if _, nos := t.crossed(&r.Route, r.Crew.Pass != ""); len(nos) > 0 {
			return nil, errs.New(errs.Internal, "dispatch.unsound", "what", nos[0].Key)
		}
	}
	p.Plan = sole.plan()
	if v := route.Check(t.problem, p.Plan); len(v) > 0 {
		return nil, errs.New(errs.Internal, "dispatch.unsound", "what", v[0].String())
	}
	if no := p.forbidden(t.Rules); len(no) > 0 {
		return nil, errs.New(errs.Internal, "dispatch.unsound", "what", no[0].Key)
	}
	return p, nil
}

// Solve fills the draft's runs anew for its crews: pinned stops stay with their crew, what was taken out stays
// out, and where a plan stands already the rest changes hands only where that is worth it. A plan of today has
// room for leaving twenty minutes later than it says: it takes people that long to look at it and issue it.
func (w *World) Solve(ctx context.Context, d *Draft, now time.Time) (*Draft, error) {
	if !w.Centre.Placed() { // the way from nowhere fits no shift, and would be called a lack of time
		return nil, errs.New(errs.Unavailable, "dispatch.no_start")
	}
	out := d.clone()
	t := w.Time(d, now)
	pins := t.pins()
	p := w.problem(t.crews, pins, w.tight(now))
	out.bar(w, p)
	opt := route.Options{Seed: 1, MaxIter: cmp.Or(w.Steps, int64(min(max(steps*len(w.Stops), minSteps), maxSteps)))}
	if _, runs := t.Planned(); runs > 0 && t.Sound() {
		opt.Warm = t.plan()
		p.Weights.Change = changeHands
	}
	plan, _, err := route.Solve(ctx, p, opt)
	if err != nil {
		return nil, err
	}
	out.Runs, out.From = nil, w.earliest(now)
	for _, r := range plan.Routes {
		var stops []DraftStop
		for _, s := range r.Stops {
			if s.Kind == route.Serve {
				_, pinned := pins[s.Index]
				stops = append(stops, DraftStop{Request: w.Stops[s.Index].Request.ID.ID, Trip: s.Trip, Pinned: pinned})
			}
		}
		out.set(w.Crews[t.crews[r.Vehicle]].ID.ID, stops)
	}
	return out, nil
}

// changeHands is how many seconds on the road it must save that a stop goes to another crew than in the plan
// that people have before their eyes.
const changeHands = 120

// pins returns the vehicle of each pinned stop.
func (t *Timetable) pins() map[int]int {
	out := map[int]int{}
	for i := range t.Runs {
		for _, s := range t.Runs[i].Stops {
			if s.Pinned {
				out[t.stopAt[s.Request]] = t.Runs[i].vehicle
			}
		}
	}
	return out
}

// bar keeps what was taken out by hand from every vehicle.
func (d *Draft) bar(w *World, p *route.Problem) {
	for _, o := range d.Out {
		if i, ok := w.stopAt[o.Request]; ok {
			p.Jobs[i].Skills |= barred
		}
	}
}

// barred is a skill that no crew has.
const barred uint64 = 1 << 63
