package route

// Explain says why a job (Kind Serve) or a shipment (Kind Pickup) is not in a
// plan, by trying it against the plan and against empty vehicles. The problem
// must be valid and the plan pass Check.
func Explain(p *Problem, plan *Plan, x Visit) (Reason, error) {
	if x.Kind != Serve && x.Kind != Pickup || !p.Known(x) {
		return Reason{}, bad("no such job or shipment", "visit")
	}
	w := newWalk(newModel(p, nil), 0, nil)
	node := w.m.nodes()
	for _, r := range plan.Routes {
		if r.Vehicle < 0 || r.Vehicle >= len(p.Vehicles) {
			return Reason{}, bad("no such vehicle", "plan.routes")
		}
		w.loadWarm(int32(r.Vehicle), r.Stops, node)
	}
	return w.reason(node[x]), nil
}

// reason finds the limit that binds an absent unit. If an empty vehicle could
// serve it, what counts is how near it comes in the plan; otherwise how near
// it comes at an empty vehicle.
func (w *walk) reason(u int32) Reason {
	if w.m.nv == 0 {
		return Reason{Limit: NoVehicle, Vehicle: None}
	}
	var alone, full nearestMiss
	first := make([]miss, len(w.tours)) // of vehicles that are the same, the first answers for all
	for v := range w.tours {
		twin := w.m.veh[v].twin
		empty := first[twin]
		if twin == v {
			empty = w.missAlone(int32(v), u)
			first[v] = empty
			alone.take(empty)
		}
		if empty.limit != NoLimit || twin != v && w.tours[v].empty() && w.tours[twin].empty() {
			continue
		}
		full.take(w.missIn(int32(v), u))
	}
	if full.found {
		r := full.best.reason()
		r.Displaced = r.Limit != StillFits && r.Limit != TooDear
		return r
	}
	return alone.best.reason()
}

// miss is how far one vehicle is from serving a unit.
type miss struct {
	limit   Limit
	vehicle int32
	by      int64
	dim     int
	far     int64 // to compare: seconds as they are, loads in parts of an hour
}

func (x miss) reason() Reason {
	return Reason{Limit: x.limit, Vehicle: int(x.vehicle), Miss: x.by, Dimension: x.dim}
}

type nearestMiss struct {
	found bool
	best  miss
}

func (n *nearestMiss) take(x miss) {
	if !n.found || x.far < n.best.far {
		n.found, n.best = true, x
	}
}

// missAlone drives an empty vehicle (with its frozen visits) to the unit.
func (w *walk) missAlone(v, u int32) miss {
	visits := append([]Visit(nil), w.m.p.Vehicles[v].Frozen...)
	return w.missOf(v, append(visits, w.unitVisits(u)...))
}

func (w *walk) unitVisits(u int32) []Visit {
	out := []Visit{w.m.visit[u]}
	if p := w.m.pair[u]; p >= 0 {
		out = append(out, w.m.visit[p])
	}
	return out
}

// missOf is the first fault of a sequence that is sound without the unit.
func (w *walk) missOf(v int32, visits []Visit) miss {
	_, faults, _ := Evaluate(w.m.p, int(v), visits)
	worst := miss{vehicle: v}
	for _, f := range faults {
		x := miss{limit: f.Limit, vehicle: v, by: f.Miss, dim: f.Dimension, far: farness(w.m.p, f)}
		if x.far > worst.far || worst.limit == NoLimit {
			worst = x
		}
	}
	return worst
}

// farness orders faults of different kinds: what no plan could mend is far.
func farness(p *Problem, f Violation) int64 {
	const never, hour = int64(1) << 50, int64(3600)
	switch f.Limit {
	case OutsideWindow, OutsideCalendar, TooLong:
		return f.Miss
	case OverCapacity:
		limit := int64(0)
		if c := p.Vehicles[f.Vehicle].Capacity; f.Dimension < len(c) {
			limit = int64(c[f.Dimension])
		}
		return 1 + f.Miss*hour/max(limit, 1)
	case TooManyStops, MixedClass:
		return hour
	case ClosedThere:
		return never
	case NoWay:
		return never + 1
	case LacksSkill:
		return never + 2
	case NotAllowed:
		return never + 3
	default:
		return never + 4
	}
}

// missIn tries the unit in the plan's tour: where it delays least, what breaks?
func (w *walk) missIn(v, u int32) miss {
	s := spot{delta: noSpot}
	if w.spotIn(v, u, &s); s.delta < noSpot {
		if p := w.m.price[u]; p > 0 && s.delta > p {
			return miss{limit: TooDear, vehicle: v, by: s.delta - p, far: s.delta - p}
		}
		return miss{limit: StillFits, vehicle: v}
	}
	best := nearestMiss{}
	t := &w.tours[v]
	// Where it is late least, and, for the other limits, at the end of each trip.
	at, least := int32(-1), int64(never)
	for i := w.m.veh[v].frozen; i+1 < int32(len(t.seq)); i++ {
		if late := w.lateness(v, u, i); late < least {
			at, least = i, late
		}
		if t.trip[i] != t.trip[i+1] || i+2 == int32(len(t.seq)) {
			best.take(w.missAfter(v, u, i))
		}
	}
	if at >= 0 {
		best.take(w.missAfter(v, u, at))
	}
	return best.best
}

func (w *walk) missAfter(v, u, i int32) miss {
	w.tryOut(u, spot{vehicle: v, i: i, j: i})
	visits := make([]Visit, 0, len(w.trial.seq))
	for _, n := range w.trial.seq[1 : len(w.trial.seq)-1] {
		visits = append(visits, w.m.visit[n])
	}
	return w.missOf(v, visits)
}

// lateness is how late the unit, or what follows it, would be after position i.
func (w *walk) lateness(v, u, i int32) int64 {
	m, t := w.m, &w.tours[v]
	k := &m.veh[v]
	a, b := t.seq[i], t.seq[i+1]
	first := k.arrive(m.place[a], m.place[u], t.dep[i])
	last := u
	if first >= never {
		return never
	}
	late := max(int64(first)-int64(m.lastArrival(v, u)), 0)
	at := m.start(v, u, first)
	if at >= never {
		at = first
	}
	at += m.svc[u]
	if p := m.pair[u]; p >= 0 {
		if at = k.arrive(m.place[u], m.place[p], at); at >= never {
			return never
		}
		late += max(int64(at)-int64(m.lastArrival(v, p)), 0)
		at += m.svc[p]
		last = p
	}
	next := k.arrive(m.place[last], m.place[b], at)
	return late + max(int64(next)-int64(t.late[i+1]), 0)
}
