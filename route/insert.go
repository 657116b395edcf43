package route

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

// spotKept improves best with what is kept of a tour that this step has not touched. What is
// not kept is looked for only below the best, which spares most tests. One improvement in a
// hundred is passed over when blinking.
func (w *walk) spotKept(v, u int32, blink bool, best *spot) {
	s := spot{delta: best.delta}
	if w.dirty[v] || w.spots == nil {
		w.spotIn(v, u, &s)
	} else {
		k := &w.spots[int(u-w.m.base)*w.m.nv+int(v)]
		t := &w.tours[v]
		if k.ver != t.ver || k.delta < best.delta && !k.found {
			k.ver, k.spot = t.ver, spot{delta: best.delta}
			w.spotIn(v, u, &k.spot)
			k.found = k.delta < best.delta
		}
		s = k.spot
	}
	if s.delta < best.delta && (!blink || !w.blinks()) {
		*best = s
	}
}

// blinks says whether an improvement is passed over.
func (w *walk) blinks() bool {
	if w.blink--; w.blink >= 0 {
		return false
	}
	w.nextBlink()
	return true
}

// nextBlink draws how many improvements come before one is passed over: on average a hundred.
func (w *walk) nextBlink() {
	w.blink = int(100 * w.logs[w.dice.Next()>>52])
}

// spotIn improves best with the unit's places in one tour.
func (w *walk) spotIn(v, u int32, best *spot) {
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
	t := &w.tours[v]
	again := !t.empty() && int32(len(t.count)) < w.m.veh[v].trips
	if w.m.pair[u] >= 0 {
		if w.pairSpots(v, u, extra, best) && again {
			w.reloadPairSpots(v, u, extra, best)
		}
		return
	}
	if w.jobSpots(v, u, extra, best) && again {
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
// in the way somewhere, which another trip could mend. A position is first priced by what
// it costs at least, and only one that could be the cheapest is tested.
func (w *walk) jobSpots(v, n int32, extra int64, best *spot) (full bool) {
	m, t := w.m, &w.tours[v]
	u := &m.veh[v]
	q := m.at[n]
	spans := m.spans[u.kind][n-m.base]
	first, last := spans[0].From+m.svc[n], spans[len(spans)-1].To
	x := u.legs.ways(q)
	at := t.at
	leg, dep, late := t.leg[:len(at)], t.dep[:len(at)], t.late[:len(at)]
	for i := u.frozen; i+1 < int32(len(at)); i++ {
		if dep[i] > last {
			break
		}
		a, b := at[i], at[i+1]
		d := extra + x.to[a] + x.from[b] - leg[i]
		if d >= best.delta || late[i+1]-x.secFrom[b] < first || x.secTo[a]+m.svc[n]+x.secFrom[b] > late[i+1]-dep[i] {
			continue
		}
		if !w.room(v, t, i, n, 1) || !w.carries(v, t, i, n) {
			full = true
			continue
		}
		w.tryJob(n, spot{vehicle: v, i: i, j: i, delta: d}, extra, best)
	}
	return full
}

// tryJob makes a spot of a job the best where it is cheaper and keeps all times.
func (w *walk) tryJob(n int32, s spot, extra int64, best *spot) {
	m, t, u := w.m, &w.tours[s.vehicle], &w.m.veh[s.vehicle]
	q, a, b := m.at[n], t.at[s.i], t.at[s.i+1]
	leave := t.dep[s.i]
	if m.staged {
		if leave = m.delayed(s.vehicle, t, s.i, m.release[n]); leave >= never {
			return
		}
	}
	at := firstIn(m.spans[u.kind][n-m.base], u.reach(a, q, leave))
	if at >= never {
		return
	}
	at += m.svc[n]
	if u.reach(q, b, at) > t.late[s.i+1] {
		return
	}
	if !u.legs.fixed {
		s.delta = extra + m.drive(u, a, q, leave) + m.drive(u, q, b, at) - t.leg[s.i]
	}
	if s.delta < best.delta && w.holds(n, s) {
		*best = s
	}
}

// delayed is the departure after position i when its trip leaves the depot no
// earlier than its load is freed; never when that is too late for a stop before.
func (m *model) delayed(v int32, t *tour, i, freed int32) int32 {
	if freed <= t.dep[t.begin[t.trip[i]]] {
		return t.dep[i]
	}
	return m.redrive(v, t, i, freed)
}

// redrive is the departure after position i when its trip begins at a time; never when that
// is too late for a stop between.
func (m *model) redrive(v int32, t *tour, i, from int32) int32 {
	u, q := &m.veh[v], t.begin[t.trip[i]]
	at := u.leaves(int(q), from)
	for q++; q <= i; q++ {
		if at = m.start(v, t.seq[q], u.reach(t.at[q-1], t.at[q], at)); at >= never {
			return never
		}
		at = u.leaves(int(q), at+m.svc[t.seq[q]])
	}
	return at
}

// holds tests the limits that arrival tests do not know.
func (w *walk) holds(u int32, s spot) bool {
	if !w.m.veh[s.vehicle].checked {
		return true
	}
	w.tryOut(u, s)
	return w.m.refresh(s.vehicle, &w.trial)
}

// pairSpots tries a shipment: the pickup after each position, the delivery after each
// later one, with the delay and the load carried along.
func (w *walk) pairSpots(v, p int32, extra int64, best *spot) (full bool) {
	m, t := w.m, &w.tours[v]
	u := &m.veh[v]
	x, y := m.at[p], m.at[m.pair[p]]
	way, out := u.legs.ways(x), u.legs.from(y)
	for i := u.frozen; i+1 < int32(len(t.at)); i++ {
		a, b := t.at[i], t.at[i+1]
		// Its delivery comes at once, or costs something after a later stop.
		if extra+way.to[a]-t.leg[i]+min(way.from[b], way.from[y]+out[b]) >= best.delta {
			continue
		}
		if !w.room(v, t, i, p, 1) || !w.carriesPair(v, t, i, p) {
			full = true
			continue
		}
		at := m.start(v, p, u.reach(a, x, t.dep[i]))
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
	x, y := m.at[p], m.at[q]
	pickup := m.drive(u, t.at[i], x, t.dep[i])
	way := u.legs.ways(y)
	prev := x // where the vehicle is, and dep when it leaves
	for j := i; j+1 < int32(len(t.at)); j++ {
		if j > i {
			arrive := u.reach(prev, t.at[j], dep)
			if arrive > t.late[j] || !w.carriesPair(v, t, j, p) {
				return full
			}
			dep = m.start(v, t.seq[j], arrive) + m.svc[t.seq[j]]
			prev = t.at[j]
		}
		b := t.at[j+1]
		base := extra + pickup - t.leg[j]
		if j > i {
			base += m.drive(u, x, t.at[i+1], t.dep[i]) - t.leg[i]
		}
		if base+way.to[prev]+way.from[b] >= best.delta {
			continue
		}
		more := int32(1)
		if t.trip[i] == t.trip[j] {
			more = 2
		}
		if !w.room(v, t, j, q, more) {
			full = true
			continue
		}
		w.tryDelivery(p, spot{vehicle: v, i: i, j: j, delta: base}, prev, dep, best)
	}
	return full
}

// tryDelivery makes a spot of a shipment the best where it is cheaper, and where its delivery
// keeps all times of a vehicle that leaves prev at dep.
func (w *walk) tryDelivery(p int32, s spot, prev, dep int32, best *spot) {
	m, t, u := w.m, &w.tours[s.vehicle], &w.m.veh[s.vehicle]
	q := m.pair[p]
	y, b := m.at[q], t.at[s.j+1]
	at := m.start(s.vehicle, q, u.reach(prev, y, dep))
	if at >= never {
		return
	}
	at += m.svc[q]
	if u.reach(y, b, at) > t.late[s.j+1] {
		return
	}
	s.delta += m.drive(u, prev, y, dep) + m.drive(u, y, b, at)
	if s.delta < best.delta && w.holds(p, s) {
		*best = s
	}
}

// lastArrival is the latest service at a node.
func (m *model) lastArrival(v, n int32) int32 {
	s := m.spans[m.veh[v].kind][n-m.base]
	return s[len(s)-1].To
}
