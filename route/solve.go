package route

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jumyla/jumyla/route/kernel"
)

// Options say how to search. The zero value searches a moderate number of
// steps with one worker.
type Options struct {
	Seed    uint64
	Workers int   // independent searches; 0 is one
	MaxIter int64 // steps per worker; 0 with MaxTime 0 is DefaultIter
	// MaxTime stops the search after so long. Report.Schedule then tells how to
	// get the same plan again.
	MaxTime time.Duration
	// Schedule replays a Report: steps per worker in each phase of cooling. It
	// takes precedence over MaxIter and MaxTime.
	Schedule []int64
	Warm     *Plan // begin with this plan, as far as the problem allows it
	// Clock is what MaxTime is measured by, where it is not the time of day: seconds of
	// the processor, for one. It is asked between steps and by one goroutine only.
	Clock func() time.Duration

	phase func() int64 // which phase it is by time; nil where steps count
}

// DefaultIter is the number of steps when Options sets no limit.
const DefaultIter = 20_000

// Report tells how a plan was found.
type Report struct {
	Iterations int64   // of all workers
	Schedule   []int64 // steps per worker in each phase; see Options.Schedule
	Worker     int     // who found the plan
}

// The heat begins at a part of the mean cost of a unit and falls by cooling in each phase, to a
// hundredth in all.
const (
	phases      = 200
	startHeat   = 1.0
	warmHeat    = 0.3   // for a plan that was given
	improveHeat = 0.015 // for a plan that is driven
	cooling     = 0.977
	epoch       = 100
)

// Solve makes a plan. The error is a *FieldError for a problem or options that
// make no sense, and never for what cannot be served: that is left out with
// its Reason. The plan passes Check and is the same for the same problem,
// Seed, Workers and steps, on every machine. When ctx ends, the best plan so
// far is answered.
func Solve(ctx context.Context, p *Problem, o Options) (*Plan, *Report, error) {
	if err := p.Validate(); err != nil {
		return nil, nil, err
	}
	if err := o.validate(p); err != nil {
		return nil, nil, err
	}
	defer o.start()()
	m := newModel(p, o.Warm)
	report := &Report{}
	w := newWalk(m, o.Seed, logs)
	if err := w.load(o.Warm); err != nil {
		return nil, nil, err
	}
	if k := m.plain(&o); k != nil {
		var warm *kernel.Solution
		if o.Warm != nil {
			warm = w.solution()
		}
		s := kernel.New(k, o.Seed, o.Workers, warm)
		run(ctx, s, &o, report)
		var best *kernel.Solution
		best, report.Worker = s.Best()
		w = newWalk(m, o.Seed, logs)
		w.adopt(best)
	} else {
		w = general(ctx, w, &o, report)
	}
	w.displace()
	return w.plan(), report, nil
}

// general searches with walks over the whole model.
func general(ctx context.Context, w *walk, o *Options, report *Report) *walk {
	if o.Warm != nil {
		return search(ctx, w, o, report, warmHeat)
	}
	return search(ctx, w, o, report, startHeat)
}

// improve is general for a plan that is good already.
func improve(ctx context.Context, w *walk, o *Options, report *Report) *walk {
	return search(ctx, w, o, report, improveHeat)
}

func search(ctx context.Context, w *walk, o *Options, report *Report, hot float64) *walk {
	w.m.neighbours(100)
	s := &walks{all: []*walk{w}, hot: hot}
	for i := 1; i < o.Workers; i++ {
		x := newWalk(w.m, o.Seed+uint64(i)*0x9e3779b97f4a7c15, logs)
		copy(x.gone, w.gone)
		s.all = append(s.all, x)
	}
	for i, x := range s.all {
		x.keepSpots()
		x.nextBlink()
		if i > 0 {
			x.restore(&w.best)
		}
		x.recreate(false)
		x.save(&x.best)
	}
	if len(w.m.units) > 0 && w.m.nv > 0 {
		run(ctx, s, o, report)
	}
	for i, x := range s.all {
		b, c := &s.all[report.Worker].best, &x.best
		if d := c.lost.compare(&b.lost); d < 0 || d == 0 && c.cost < b.cost {
			report.Worker = i
		}
	}
	w = s.all[report.Worker]
	w.restore(&w.best)
	return w
}

// logs is read only: what an exponential draw looks up.
var logs = kernel.Logs()

func (o *Options) validate(p *Problem) error {
	switch {
	case o.Workers < 0 || o.Workers > 1024:
		return bad("out of range", "options.workers")
	case o.MaxIter < 0:
		return bad("out of range", "options.max_iter")
	case o.MaxTime < 0:
		return bad("out of range", "options.max_time")
	case len(o.Schedule) > phases:
		return bad("too long", "options.schedule")
	}
	for i, n := range o.Schedule {
		if n < 0 {
			return bad("out of range", "options.schedule[%d]", i)
		}
	}
	if o.Warm == nil {
		return nil
	}
	for i, r := range o.Warm.Routes {
		if r.Vehicle < 0 || r.Vehicle >= len(p.Vehicles) {
			return bad("no such vehicle", "options.warm.routes[%d].vehicle", i)
		}
		for k, s := range r.Stops {
			if !p.Known(s.Visit) {
				return bad("no such job or shipment", "options.warm.routes[%d].stops[%d]", i, k)
			}
		}
	}
	return nil
}

// searcher is what run drives: walks over the whole model, or the kernel's.
type searcher interface {
	Phase(k, phases int) // prepares for the k-th of so many phases
	Steps(n int64)       // so many for each worker
	Workers() int
	Epoch() int64 // how many steps to make at once
}

// run walks all walks side by side, an epoch at a time, until the budget ends.
func run(ctx context.Context, s searcher, o *Options, report *Report) {
	more := o.budget(s)
	if o.phase != nil {
		more = func(phase int, _ int64) int64 {
			if o.phase() > int64(phase) {
				return 0
			}
			return s.Epoch()
		}
	}
	for phase := range phases {
		s.Phase(phase, phases)
		done := int64(0)
		for n := more(phase, 0); n > 0 && ctx.Err() == nil; n = more(phase, done) {
			s.Steps(n)
			done += n
		}
		report.Schedule = append(report.Schedule, done)
		report.Iterations += done * int64(s.Workers())
	}
}

// start begins to count the phases whose time is over, where time counts and not steps;
// what it answers stops it.
func (o *Options) start() (stop func()) {
	if o.Schedule != nil || o.MaxTime == 0 {
		return func() {}
	}
	if o.Clock != nil {
		begin := o.Clock()
		o.phase = func() int64 { return int64((o.Clock() - begin) * phases / o.MaxTime) }
		return func() {}
	}
	clock := &atomic.Int64{}
	timers := make([]*time.Timer, phases)
	for k := range timers {
		timers[k] = time.AfterFunc(o.MaxTime*time.Duration(k+1)/phases, func() { clock.Add(1) })
	}
	o.phase = clock.Load
	return func() {
		for _, t := range timers {
			t.Stop()
		}
	}
}

// budget tells how many steps to walk next in a phase, of which so many are done.
func (o *Options) budget(s searcher) func(phase int, done int64) int64 {
	schedule := o.Schedule
	if schedule == nil {
		total := o.MaxIter
		if total == 0 {
			total = DefaultIter
		}
		schedule = make([]int64, phases)
		for k := range schedule {
			schedule[k] = total*int64(k+1)/phases - total*int64(k)/phases
		}
	}
	return func(phase int, done int64) int64 {
		if phase >= len(schedule) {
			return 0
		}
		return min(s.Epoch(), schedule[phase]-done)
	}
}

// walks search over the whole model.
type walks struct {
	all []*walk
	hot float64 // where the heat begins
}

// Workers is how many there are.
func (s *walks) Workers() int { return len(s.all) }

// Epoch is short: the walk is slow.
func (s *walks) Epoch() int64 { return epoch }

// Phase cools all walks.
func (s *walks) Phase(k, _ int) {
	for _, w := range s.all {
		if k == 0 {
			w.heat = s.hot * float64(w.cost) / float64(max(len(w.m.units)-len(w.absent), 1))
		} else {
			w.heat = float64(w.heat * cooling)
		}
	}
}

// Steps walks all walks.
func (s *walks) Steps(n int64) {
	if len(s.all) == 1 {
		s.all[0].walk(n)
		return
	}
	var wg sync.WaitGroup
	for _, w := range s.all {
		wg.Go(func() { w.walk(n) })
	}
	wg.Wait()
}

func (w *walk) walk(n int64) {
	for range n {
		w.step()
	}
}

// load sets the frozen prefixes and what it can of a warm plan.
func (w *walk) load(warm *Plan) error {
	node := w.m.nodes()
	for v := range w.tours {
		frozen := w.m.p.Vehicles[v].Frozen
		if len(frozen) == 0 {
			continue
		}
		if err := w.loadFrozen(int32(v), frozen, node); err != nil {
			return err
		}
	}
	if warm != nil {
		for _, r := range warm.Routes {
			w.loadWarm(int32(r.Vehicle), r.Stops, node)
		}
	}
	w.begin()
	w.save(&w.best)
	return nil
}

func (w *walk) loadFrozen(v int32, frozen []Visit, node map[Visit]int32) error {
	seq := []int32{3 * v}
	picked := map[int32]bool{}
	for _, x := range frozen {
		n := 3*v + 2
		if x.Kind != Reload {
			n = node[x]
			if !w.m.veh[v].allow[n-w.m.base] {
				return bad(fmt.Sprintf("the vehicle may not serve %v", x), "vehicles[%d].frozen", v)
			}
		}
		seq = append(seq, n)
		if p := w.m.pair[n]; x.Kind == Deliver {
			delete(picked, p)
		} else if p >= 0 {
			picked[n] = true
		}
	}
	for _, n := range seq[1:] { // what is on board must still be delivered
		if picked[n] {
			seq = append(seq, w.m.pair[n])
		}
	}
	w.trial.seq = append(append(w.trial.seq[:0], seq...), 3*v+1)
	if !w.m.refresh(v, &w.trial) {
		return bad("cannot be driven within the vehicle's limits", "vehicles[%d].frozen", v)
	}
	w.take(v)
	return nil
}

// take makes trial the tour and its units served.
func (w *walk) take(v int32) {
	w.touch(v)
	w.set(v)
	keep := w.absent[:0]
	for _, u := range w.absent {
		if w.where[u] >= 0 {
			w.miss(u, -1)
			continue
		}
		keep = append(keep, u)
	}
	w.absent = keep
}

// loadWarm keeps a route whole when it can be driven, and otherwise each of its
// units that still fits.
func (w *walk) loadWarm(v int32, stops []Stop, node map[Visit]int32) {
	units, whole := w.warmTrial(v, stops, node)
	if whole && w.m.refresh(v, &w.trial) {
		w.take(v)
		return
	}
	for _, u := range units {
		s := spot{delta: noSpot}
		if w.spotIn(v, u, &s); s.delta < noSpot {
			w.placeUnit(u, s)
		}
	}
}

// warmTrial writes into trial the tour with those stops after what it has that the
// vehicle may serve and nobody serves yet. It answers their units, and whether each
// shipment has both its ends.
func (w *walk) warmTrial(v int32, stops []Stop, node map[Visit]int32) (units []int32, whole bool) {
	t := &w.tours[v]
	start, reload := 3*v, 3*v+2
	q := append(w.trial.seq[:0], t.seq[:len(t.seq)-1]...)
	have := map[int32]bool{}
	for _, s := range stops {
		if s.Kind == Reload {
			if last := q[len(q)-1]; last != reload && last != start {
				q = append(q, reload)
			}
			continue
		}
		n := node[s.Visit]
		if w.where[n] >= 0 || have[n] || !w.m.veh[v].allow[n-w.m.base] {
			continue
		}
		have[n] = true
		if w.m.unitOf(n) == n {
			units = append(units, n)
		} else if !have[w.m.pair[n]] {
			continue
		}
		q = append(q, n)
	}
	if q[len(q)-1] == reload {
		q = q[:len(q)-1]
	}
	w.trial.seq = append(q, 3*v+1)
	whole = true
	for _, u := range units {
		whole = whole && (w.m.pair[u] < 0 || have[w.m.pair[u]])
	}
	return units, whole
}

// plan is the current solution with its times, and a reason for each unit left out.
func (w *walk) plan() *Plan {
	p := w.m.p
	out := &Plan{}
	for v := range w.tours {
		if w.tours[v].empty() {
			continue
		}
		r, _, _ := Evaluate(p, v, w.visits(v))
		out.Routes = append(out.Routes, r)
	}
	for _, u := range w.m.units {
		if w.where[u] < 0 {
			out.Dropped = append(out.Dropped, Dropped{Visit: w.m.visit[u], Reason: w.reason(u)})
		}
	}
	for u, gone := range w.gone {
		if gone {
			out.Dropped = append(out.Dropped, Dropped{Visit: w.m.visit[u], Reason: Reason{Limit: Cancelled, Vehicle: None}})
		}
	}
	out.Cost = planCost(p, out)
	return out
}

func (w *walk) visits(v int) []Visit {
	t := &w.tours[v]
	out := make([]Visit, 0, len(t.seq)-2)
	for _, n := range t.seq[1 : len(t.seq)-1] {
		out = append(out, w.m.visit[n])
	}
	return out
}

// planCost adds up what the routes cost. Changes against a warm plan are not in it.
func planCost(p *Problem, plan *Plan) int64 {
	wt := p.Costs()
	sum := int64(0)
	for i := range plan.Routes {
		r := &plan.Routes[i]
		sum += wt.Vehicle + p.Vehicles[r.Vehicle].Fixed + wt.Second*int64(r.Driving) + wt.Metre*r.Metres
	}
	for _, d := range plan.Dropped {
		sum += p.Demand(d.Visit).Price
	}
	return sum
}

// displace puts in what fits by now, and makes room for what is left out at the
// expense of lower classes, until nothing more can be gained that way.
func (w *walk) displace() {
	if w.m.nv == 0 {
		return
	}
	for again := true; again; {
		absent := len(w.absent)
		w.recreate(false) // one that did not fit may fit after another
		again = len(w.absent) < absent
		out := append([]int32(nil), w.absent...)
		for _, u := range out {
			if w.where[u] < 0 && w.displaceFor(u) {
				again = true
			}
		}
	}
	w.begin()
}

func (w *walk) displaceFor(u int32) bool {
	for v := range w.tours {
		if !w.m.veh[v].allow[u-w.m.base] {
			continue
		}
		w.begin()
		var lower []int32
		for _, n := range w.tours[v].seq {
			if n >= w.m.base && w.m.unitOf(n) == n && w.m.prio[n] > w.m.prio[u] && w.movable(n) {
				lower = append(lower, n)
			}
		}
		if len(lower) == 0 {
			continue
		}
		s := spot{delta: noSpot}
		if !w.remove(int32(v), lower) {
			w.undo()
			continue
		}
		if w.spotIn(int32(v), u, &s); s.delta == noSpot || !w.placeUnit(u, s) {
			w.undo()
			continue
		}
		w.recreate(false)
		if w.lost.compare(&w.wasLost) < 0 {
			return true
		}
		w.undo()
	}
	return false
}
