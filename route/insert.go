package route

// blinkOdds: one position in so many is passed over while recreating.
const blinkOdds = 100

// bestSpot is the cheapest place for an absent unit in any tour; delta is noSpot
// when there is none.
func (w *walk) bestSpot(u int32, blink bool) spot {
	best := spot{delta: noSpot}
	w.scan++
	for v := range w.tours {
		if !w.m.veh[v].allow[u-w.m.base] {
			continue
		}
		if w.tours[v].empty() {
			twin := w.m.veh[v].twin
			if w.marks[twin] == w.scan && w.m.home[u] != int32(v) {
				continue
			}
			w.marks[twin] = w.scan
		}
		w.spotKept(int32(v), u, blink, &best)
	}
	return best
}

// spotKept improves best with what is kept of a tour that this step has not touched.
func (w *walk) spotKept(v, u int32, blink bool, best *spot) {
	if w.dirty[v] || w.spots == nil {
		w.spotIn(v, u, blink, best)
		return
	}
	k := &w.spots[int(u-w.m.base)*w.m.nv+int(v)]
	if t := &w.tours[v]; k.ver != t.ver {
		k.ver, k.spot = t.ver, spot{delta: noSpot}
		w.spotIn(v, u, false, &k.spot)
	}
	if k.delta < best.delta && (!blink || !w.dice.Chance(blinkOdds)) {
		*best = k.spot
	}
}

// spotIn improves best with the unit's places in one tour.
func (w *walk) spotIn(v, u int32, blink bool, best *spot) {
	extra := int64(0)
	if w.tours[v].empty() {
		extra = w.m.veh[v].fixed
	}
	if h := w.m.home[u]; h >= 0 && h != v {
		extra += w.m.change
		if w.m.pair[u] >= 0 {
			extra += w.m.change
		}
	}
	var full bool
	if w.m.pair[u] < 0 {
		full = w.jobSpots(v, u, extra, blink, best)
	} else {
		full = w.pairSpots(v, u, extra, blink, best)
	}
	t := &w.tours[v]
	if full && !t.empty() && int32(len(t.count)) < w.m.veh[v].trips {
		w.reloadSpots(v, u, extra, best)
	}
}

// room says that a visit fits into the trip at a position, its class and its stops.
func (w *walk) room(v int32, t *tour, i, n, more int32) bool {
	k := t.trip[i]
	u := &w.m.veh[v]
	if u.stops > 0 && t.count[k]+more > u.stops {
		return false
	}
	return t.count[k] == 0 || t.class[k] == w.m.class[n]
}

// carries says that a job's loads fit when it is served after position i.
func (w *walk) carries(v int32, t *tour, i, n int32) bool {
	dims := w.m.dims
	for d := range dims {
		limit := w.m.veh[v].cap[d]
		if t.pmax[int(i)*dims+d]+w.m.load[int(n)*dims+d] > limit ||
			t.smax[int(i)*dims+d]+w.m.coll[int(n)*dims+d] > limit {
			return false
		}
	}
	return true
}

// jobSpots tries a job at each position; it says whether load, class or stops stood
// in the way somewhere, which another trip could mend.
func (w *walk) jobSpots(v, n int32, extra int64, blink bool, best *spot) (full bool) {
	m, t := w.m, &w.tours[v]
	u := &m.veh[v]
	for i := u.frozen; i+1 < int32(len(t.seq)); i++ {
		if blink && w.dice.Chance(blinkOdds) {
			continue
		}
		a, b := t.seq[i], t.seq[i+1]
		if extra+m.detour(v, a, n, b, t.dep[i]) >= best.delta {
			continue
		}
		if !w.room(v, t, i, n, 1) || !w.carries(v, t, i, n) {
			full = true
			continue
		}
		at := m.start(v, n, u.arrive(m.place[a], m.place[n], m.delayed(v, t, i, m.release[n])))
		if at >= never {
			if u.sec != nil && t.dep[i] > m.lastArrival(v, n) {
				break
			}
			continue
		}
		at += m.svc[n]
		if u.arrive(m.place[n], m.place[b], at) > t.late[i+1] {
			continue
		}
		s := spot{vehicle: v, i: i, j: i, delta: extra + m.edge(v, a, n, t.dep[i]) + m.edge(v, n, b, at) - m.between(v, t, i)}
		if s.delta < best.delta && w.holds(n, s) {
			*best = s
		}
	}
	return full
}

// detour is what it costs to go from a to b over n, leaving at t, instead of straight.
// In an empty tour nobody goes straight.
func (m *model) detour(v, a, n, b, t int32) int64 {
	u := &m.veh[v]
	p, q, r := m.place[a], m.place[n], m.place[b]
	straight := a >= m.base || b >= m.base || a == 3*v+2 || b == 3*v+2
	if u.cost == nil || p < 0 || r < 0 {
		d := m.edge(v, a, n, t) + m.edge(v, n, b, t)
		if straight {
			d -= m.edge(v, a, b, t)
		}
		return d
	}
	from, over := u.cost[int(p)*u.n:], u.cost[int(q)*u.n:]
	if !straight {
		return from[q] + over[r]
	}
	return from[q] + over[r] - from[r]
}

// delayed is the departure after position i when its trip leaves the depot no
// earlier than its load is freed; never when that is too late for a stop before.
func (m *model) delayed(v int32, t *tour, i, freed int32) int32 {
	if !m.staged {
		return t.dep[i]
	}
	k := t.trip[i]
	q := i
	for q > 0 && t.trip[q-1] == k {
		q--
	}
	if freed <= t.dep[q] {
		return t.dep[i]
	}
	u := &m.veh[v]
	at := u.leaves(int(q), freed)
	for q++; q <= i; q++ {
		x := t.seq[q]
		arrive := u.arrive(m.place[t.seq[q-1]], m.place[x], at)
		if arrive > t.late[q] {
			return never
		}
		at = u.leaves(int(q), m.start(v, x, arrive)+m.svc[x])
	}
	return at
}

// between is what the drive after position i costs now; in an empty tour nobody drives.
func (m *model) between(v int32, t *tour, i int32) int64 {
	if t.empty() {
		return 0
	}
	return m.edge(v, t.seq[i], t.seq[i+1], t.dep[i])
}

// lastArrival is the latest service at a node.
func (m *model) lastArrival(v, n int32) int32 {
	s := m.spans[m.veh[v].kind][n-m.base]
	return s[len(s)-1].To
}

// holds tests the limits that arrival tests do not know.
func (w *walk) holds(u int32, s spot) bool {
	if !w.m.veh[s.vehicle].checked {
		return true
	}
	w.tryOut(u, s)
	return w.m.refresh(s.vehicle, &w.trial)
}

// reloadSpots tries the unit as the begin of a new trip or the end of the one
// before, at each position.
func (w *walk) reloadSpots(v, u int32, extra int64, best *spot) {
	t := &w.tours[v]
	reload := 3*v + 2
	for i := w.m.veh[v].frozen; i+1 < int32(len(t.seq)); i++ {
		for side := int8(1); side <= 2; side++ {
			if side == 1 && (i == 0 || t.seq[i] == reload) || side == 2 && (i+2 == int32(len(t.seq)) || t.seq[i+1] == reload) {
				continue
			}
			s := spot{vehicle: v, i: i, j: i, reload: side}
			if !w.reloadPays(u, s, best.delta-extra) {
				continue
			}
			w.tryOut(u, s)
			if !w.m.refresh(v, &w.trial) {
				continue
			}
			// The trial's cost holds Change already.
			if s.delta = w.trial.cost - t.cost; s.delta < best.delta {
				*best = s
			}
		}
	}
}

// reloadCost is what a job with a reload on one side costs after position i, where it
// does not depend on the time; else 0.
func (w *walk) reloadCost(v, n, i int32, side int8) int64 {
	m, t, u := w.m, &w.tours[v], &w.m.veh[v]
	a, b := m.place[t.seq[i]], m.place[t.seq[i+1]]
	if u.cost == nil || a < 0 || b < 0 || m.pair[n] >= 0 {
		return 0
	}
	x, y := int(m.place[3*v+2]), int(m.place[n])
	if side == 2 {
		x, y = y, x
	}
	from := u.cost[int(a)*u.n:]
	return from[x] + u.cost[x*u.n+y] + u.cost[y*u.n+int(b)] - from[b]
}

// reloadPays says that a spot with a reload costs less than a limit and harms no
// time after it, so that the rest is worth computing.
func (w *walk) reloadPays(u int32, s spot, limit int64) bool {
	m, v := w.m, s.vehicle
	if w.reloadCost(v, u, s.i, s.reload) >= limit {
		return false
	}
	t, k := &w.tours[v], &m.veh[v]
	var room [5]int32
	way := room[:0]
	if s.reload == 1 {
		way = append(way, 3*v+2)
	}
	way = append(way, u)
	if p := m.pair[u]; p >= 0 {
		way = append(way, p)
	}
	if s.reload == 2 {
		way = append(way, 3*v+2)
	}
	prev, at := t.seq[s.i], t.dep[s.i]
	limit += m.between(v, t, s.i)
	for _, n := range way {
		if limit -= m.edge(v, prev, n, at); limit <= 0 {
			return false
		}
		if at = m.start(v, n, k.arrive(m.place[prev], m.place[n], at)); at >= never {
			return false
		}
		prev, at = n, at+m.svc[n]
	}
	next := t.seq[s.i+1]
	return m.edge(v, prev, next, at) < limit && k.arrive(m.place[prev], m.place[next], at) <= t.late[s.i+1]
}

// pairSpots tries a shipment: the pickup after each position, the delivery after each
// later one, with the delay and the load carried along.
func (w *walk) pairSpots(v, p int32, extra int64, blink bool, best *spot) (full bool) {
	m, t := w.m, &w.tours[v]
	u := &m.veh[v]
	for i := u.frozen; i+1 < int32(len(t.seq)); i++ {
		if blink && w.dice.Chance(blinkOdds) {
			continue
		}
		if !w.room(v, t, i, p, 1) || !w.carriesPair(v, t, i, p) {
			full = true
			continue
		}
		at := m.start(v, p, u.arrive(m.place[t.seq[i]], m.place[p], t.dep[i]))
		if at >= never {
			continue
		}
		full = w.deliverySpots(v, p, i, at+m.svc[p], extra, best) || full
	}
	return full
}

func (w *walk) carriesPair(v int32, t *tour, i, p int32) bool {
	for d := range w.m.dims {
		if t.load[int(i)*w.m.dims+d]+w.m.ship[int(p)*w.m.dims+d] > w.m.veh[v].cap[d] {
			return false
		}
	}
	return true
}

// deliverySpots tries the delivery of a shipment picked up after position i and left at dep.
func (w *walk) deliverySpots(v, p, i, dep int32, extra int64, best *spot) (full bool) {
	m, t := w.m, &w.tours[v]
	u := &m.veh[v]
	q := m.pair[p]
	pickup := m.edge(v, t.seq[i], p, t.dep[i])
	prev := p // where the vehicle is, and dep when it leaves
	for j := i; j+1 < int32(len(t.seq)); j++ {
		if j > i {
			x := t.seq[j]
			arrive := u.arrive(m.place[prev], m.place[x], dep)
			if arrive > t.late[j] || !w.carriesPair(v, t, j, p) {
				return full
			}
			dep = m.start(v, x, arrive) + m.svc[x]
			prev = x
		}
		more := int32(1)
		if t.trip[i] == t.trip[j] {
			more = 2
		}
		if !w.room(v, t, j, q, more) {
			full = true
			continue
		}
		b := t.seq[j+1]
		at := m.start(v, q, u.arrive(m.place[prev], m.place[q], dep))
		if at >= never {
			continue
		}
		at += m.svc[q]
		if u.arrive(m.place[q], m.place[b], at) > t.late[j+1] {
			continue
		}
		delta := extra + pickup + m.edge(v, prev, q, dep) + m.edge(v, q, b, at) - m.between(v, t, j)
		if j > i {
			delta += m.edge(v, p, t.seq[i+1], t.dep[i]) - m.between(v, t, i)
		}
		s := spot{vehicle: v, i: i, j: j, delta: delta}
		if delta < best.delta && w.holds(p, s) {
			*best = s
		}
	}
	return full
}
