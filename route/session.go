package route

import (
	"context"
	"slices"
)

// Session is a plan that lives through a day: requests come in and are cancelled,
// vehicles get on with their routes, and there is a little time to improve what is
// left. It is for one goroutine at a time.
type Session struct {
	p       *Problem // its own
	w       *walk
	o       Options
	round   uint64
	pending Visit // what was offered last, still in nobody's route and not kept
	open    bool  // pending is there
}

// Offer is a place for a new request in one vehicle's route.
type Offer struct {
	Vehicle int
	At      int   // before so many stops of the route now; of a shipment, its pickup
	Deliver int   // of a shipment: its delivery stands before so many stops of the route now
	Cost    int64 // what it adds to Plan.Cost, and to the cost of changes
	Arrive  int32 // at its (first) stop, if the vehicle sets out as early as it can
	Slack   int32 // how many seconds later it may arrive there without harm
	spot    spot
	ver     uint64
}

// Diff is what changed between two states of a plan.
type Diff struct {
	Moved  []Move
	Routes []int // vehicles whose sequence is another
}

// Move is a job or a shipment's pickup on another vehicle; None is nobody's.
type Move struct {
	Visit
	From, To int
}

// NewSession begins with a plan, as far as the problem allows it; nil is none.
func NewSession(p *Problem, plan *Plan, o Options) (*Session, error) {
	own := *p
	own.Jobs, own.Shipments, own.Vehicles = slices.Clone(p.Jobs), slices.Clone(p.Shipments), slices.Clone(p.Vehicles)
	if err := own.Validate(); err != nil {
		return nil, err
	}
	o.Warm = plan
	if err := o.validate(&own); err != nil {
		return nil, err
	}
	w := newWalk(newModel(&own, plan), o.Seed, logs)
	if err := w.load(plan); err != nil {
		return nil, err
	}
	return &Session{p: &own, w: w, o: o}, nil
}

// Problem is the session's: with what was added since, and what is frozen.
func (s *Session) Problem() *Problem { return s.p }

// Plan is the present plan; what was cancelled is among the dropped.
func (s *Session) Plan() *Plan {
	s.forget()
	return s.w.plan()
}

// OfferJob says where a new job fits best in each vehicle's route, the cheapest first;
// nothing changes until Commit or Keep. The reason tells why where there is no place.
func (s *Session) OfferJob(j Job) ([]Offer, Reason, error) {
	s.forget()
	s.p.Jobs = append(s.p.Jobs, j)
	i := len(s.p.Jobs) - 1
	if err := s.p.ValidateJob(i); err != nil {
		s.p.Jobs = s.p.Jobs[:i]
		return nil, Reason{}, err
	}
	return s.offer(Visit{Kind: Serve, Index: i})
}

// OfferShipment is OfferJob for a shipment.
func (s *Session) OfferShipment(x Shipment) ([]Offer, Reason, error) {
	s.forget()
	s.p.Shipments = append(s.p.Shipments, x)
	i := len(s.p.Shipments) - 1
	if err := s.p.ValidateShipment(i); err != nil {
		s.p.Shipments = s.p.Shipments[:i]
		return nil, Reason{}, err
	}
	return s.offer(Visit{Kind: Pickup, Index: i})
}

func (s *Session) offer(x Visit) ([]Offer, Reason, error) {
	s.pending, s.open = x, true
	if err := s.amounts(); err != nil {
		s.forget()
		return nil, Reason{}, err
	}
	w := s.w
	u := w.grow(x)
	var out []Offer
	for v := range w.tours {
		if !w.m.veh[v].allow[u-w.m.base] {
			continue
		}
		best := spot{delta: noSpot}
		if w.spotIn(int32(v), u, &best); best.delta == noSpot {
			continue
		}
		w.tryOut(u, best)
		if !w.m.refresh(int32(v), &w.trial) {
			continue
		}
		k := slices.Index(w.trial.seq, u)
		a := w.trial.seq[k-1]
		arrive := w.m.veh[v].arrive(w.m.place[a], w.m.place[u], w.trial.dep[k-1])
		out = append(out, Offer{Vehicle: v, At: int(best.i), Deliver: int(best.j), Cost: best.delta, Arrive: arrive,
			Slack: w.trial.late[k] - arrive, spot: best, ver: w.tours[v].ver})
	}
	slices.SortStableFunc(out, func(a, b Offer) int {
		switch {
		case a.Cost < b.Cost:
			return -1
		case a.Cost > b.Cost:
			return 1
		}
		return 0
	})
	if len(out) == 0 {
		return nil, w.reason(u), nil
	}
	return out, Reason{}, nil
}

// amounts makes sure that what is new overflows no sum of loads, and has no dimension
// of its own.
func (s *Session) amounts() error {
	if err := s.p.ValidateLoads(); err != nil {
		return err
	}
	if dimensions(s.p) > s.w.m.dims {
		return bad("has more dimensions than any load or capacity before it", "load")
	}
	return nil
}

// Commit puts what was offered last into its place, and answers its visit.
func (s *Session) Commit(o Offer) (Visit, error) {
	if !s.open || o.Vehicle < 0 || o.Vehicle >= len(s.w.tours) || s.w.tours[o.Vehicle].ver != o.ver {
		return Visit{}, bad("is not of the last offers any more", "offer")
	}
	s.w.out(s.node(s.pending))
	if !s.w.placeUnit(s.node(s.pending), o.spot) {
		return Visit{}, bad("does not fit any more", "offer")
	}
	s.open = false
	s.settle()
	return s.pending, nil
}

// Keep leaves what was offered last out of every route, for Improve to find room.
func (s *Session) Keep() (Visit, error) {
	if !s.open {
		return Visit{}, bad("nothing is offered", "offer")
	}
	s.open = false
	s.w.out(s.node(s.pending))
	s.settle()
	return s.pending, nil
}

// Cancel takes a job (Kind Serve) or a shipment (Kind Pickup) out for good.
func (s *Session) Cancel(x Visit) error {
	s.forget()
	if x.Kind != Serve && x.Kind != Pickup || !s.p.Known(x) {
		return bad("no such job or shipment", "visit")
	}
	w, u := s.w, s.node(x)
	if w.gone[u] {
		return nil
	}
	if v := w.where[u]; v >= 0 {
		if !w.movable(u) {
			return bad("is frozen", "visit")
		}
		if !w.remove(v, []int32{u}) {
			w.undo()
			return bad("the route cannot be driven without it", "visit")
		}
		w.tidy(v)
	}
	k := slices.Index(w.absent, u)
	w.absent = slices.Delete(w.absent, k, k+1)
	w.miss(u, -1)
	w.gone[u] = true
	w.m.units = slices.DeleteFunc(w.m.units, func(n int32) bool { return n == u })
	s.settle()
	return nil
}

// Advance freezes what has begun by now: each stop that a vehicle has left for, as
// the present plan has it. No vehicle sets out before now any more.
func (s *Session) Advance(now int32) error {
	s.forget()
	if now < 0 || now > MaxTime {
		return bad("out of range", "now")
	}
	w := s.w
	for v := range w.tours {
		k, ready := 0, now
		if !w.tours[v].empty() {
			r, _, _ := Evaluate(s.p, v, w.visits(v))
			for left := r.Depart; k < len(r.Stops) && left <= now; k++ {
				left = r.Stops[k].Leave
				ready = max(now, left)
			}
			for k > 0 && k < len(r.Stops) && r.Stops[k-1].Kind == Reload {
				k-- // a trip has begun when its first stop has
			}
		}
		p, u := &s.p.Vehicles[v], &w.m.veh[v]
		if k < len(p.Frozen) {
			k = len(p.Frozen)
		}
		old, oldReady, oldFrozen := p.Frozen, p.Ready, u.frozen
		p.Frozen, p.Ready = w.visits(v)[:k], max(p.Ready, ready)
		u.frozen, u.twin = int32(k), v
		w.trial.seq = append(w.trial.seq[:0], w.tours[v].seq...)
		if !w.m.refresh(int32(v), &w.trial) { // late already: it goes on as it is
			p.Frozen, p.Ready, u.frozen = old, oldReady, oldFrozen
			continue
		}
		w.touch(int32(v))
		w.set(int32(v))
	}
	s.settle()
	return nil
}

// Improve searches for so long as MaxIter or MaxTime of the options given say, and
// tells what it changed. Every job that it moves to another vehicle than it has now
// costs Weights.Change.
func (s *Session) Improve(ctx context.Context, o Options) (*Diff, *Report, error) {
	s.forget()
	o.Warm = nil
	if err := o.validate(s.p); err != nil {
		return nil, nil, err
	}
	w := s.w
	before := make([][]int32, len(w.tours))
	for v := range w.tours {
		before[v] = slices.Clone(w.tours[v].seq)
		for _, n := range w.tours[v].seq {
			if n >= w.m.base {
				w.m.home[n] = int32(v)
			}
		}
	}
	s.rebuild()
	s.round++
	o.Seed += s.round
	defer o.start()()
	report := &Report{}
	s.w = improve(ctx, s.w, &o, report)
	s.settle()
	return s.diff(before), report, nil
}

// rebuild reckons the cost anew, since what counts as a change is another.
func (s *Session) rebuild() {
	var now snapshot
	s.w.save(&now)
	s.w.restore(&now)
	s.w.save(&s.w.best)
}

func (s *Session) diff(before [][]int32) *Diff {
	out := &Diff{}
	was := map[int32]int{}
	for v, q := range before {
		for _, n := range q {
			was[n] = v
		}
		if !slices.Equal(q, s.w.tours[v].seq) {
			out.Routes = append(out.Routes, v)
		}
	}
	for _, u := range s.w.m.units {
		from, ok := was[u]
		if !ok {
			from = None
		}
		if to := int(s.w.where[u]); to != from {
			out.Moved = append(out.Moved, Move{Visit: s.w.m.visit[u], From: from, To: to})
		}
	}
	return out
}

func (s *Session) node(x Visit) int32 { return s.w.nodeOf(x) }

// settle makes the present state the one to go back to.
func (s *Session) settle() {
	s.w.begin()
	s.w.save(&s.w.best)
}

// forget takes what was offered and not committed out of the problem.
func (s *Session) forget() {
	if !s.open {
		return
	}
	s.open = false
	s.w.shrink(s.pending)
	if s.pending.Kind == Serve {
		s.p.Jobs = s.p.Jobs[:s.pending.Index]
	} else {
		s.p.Shipments = s.p.Shipments[:s.pending.Index]
	}
}
