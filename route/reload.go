package route

// reloadSpots tries a job as the first stop of a trip that begins with it (side 1), and as
// the last of one that ends with it (side 2), at each position: the trip there is cut in two.
func (w *walk) reloadSpots(v, n int32, extra int64, best *spot) {
	m, t := w.m, &w.tours[v]
	u := &m.veh[v]
	reload := 3*v + 2
	spans := m.spans[u.kind][n-m.base]
	first, last := spans[0].From+m.svc[n], spans[len(spans)-1].To
	x, y := u.legs.ways(m.at[n]), u.legs.ways(m.at[reload])
	before, after := extra+y.from[m.at[n]], extra+y.to[m.at[n]]
	svc := m.svc[n] + m.svc[reload]
	secBefore, secAfter := svc+y.secFrom[m.at[n]], svc+y.secTo[m.at[n]]
	at, seq := t.at, t.seq[:len(t.at)]
	leg, dep, late := t.leg[:len(at)], t.dep[:len(at)], t.late[:len(at)]
	for i := u.frozen; i+1 < int32(len(at)) && dep[i] <= last; i++ {
		a, b, gap := at[i], at[i+1], late[i+1]-dep[i]
		if m.staged {
			gap = late[i+1] // the trip before may leave earlier with less to wait for
		}
		if gap < svc || late[i+1] < first {
			continue
		}
		if i > 0 && seq[i] != reload && y.secTo[a]+secBefore+x.secFrom[b] <= gap && before+y.to[a]+x.from[b]-leg[i] < best.delta {
			w.tryReload(n, spot{vehicle: v, i: i, j: i, reload: 1}, extra, best)
		}
		if int(i)+2 < len(at) && seq[i+1] != reload && x.secTo[a]+secAfter+y.secFrom[b] <= gap && after+x.to[a]+y.from[b]-leg[i] < best.delta {
			w.tryReload(n, spot{vehicle: v, i: i, j: i, reload: 2}, extra, best)
		}
	}
}

// tryReload makes a spot of a job with a reload the best where it is cheaper and keeps
// the limits.
func (w *walk) tryReload(n int32, s spot, extra int64, best *spot) {
	m, v := w.m, s.vehicle
	t, u := &w.tours[v], &m.veh[v]
	if !w.cuts(v, t, s.i, n, s.reload) {
		return
	}
	leave := t.dep[s.i]
	if m.staged {
		freed := max(t.ready[t.trip[s.i]], t.soon[s.i]) // the first trip has less to wait for
		if s.reload == 2 {
			freed = max(freed, m.release[n])
		}
		if leave = m.redrive(v, t, s.i, freed); leave >= never {
			return
		}
	}
	// From a over the job and the depot, in the order of the side, to b.
	way, freed := [2]int32{3*v + 2, n}, int32(0)
	if m.staged {
		freed = t.held[s.i]
	}
	if s.reload == 2 {
		way = [2]int32{n, 3*v + 2}
	} else {
		freed = max(freed, m.release[n])
	}
	at, from, cost := leave, t.at[s.i], extra-t.leg[s.i]
	for _, x := range way {
		cost += m.drive(u, from, m.at[x], at)
		if at = m.start(v, x, u.reach(from, m.at[x], at)); at >= never || cost >= best.delta {
			return
		}
		if at += m.svc[x]; x != n {
			at = max(at, freed)
		}
		from = m.at[x]
	}
	cost += m.drive(u, from, t.at[s.i+1], at)
	if cost >= best.delta || u.reach(from, t.at[s.i+1], at) > t.late[s.i+1] {
		return
	}
	s.delta = cost
	if w.holds(n, s) {
		*best = s
	}
}

// cuts says that load, class and number of stops allow to cut the trip after position i
// in two, with a job at the begin of the second or at the end of the first.
func (w *walk) cuts(v int32, t *tour, i, n int32, side int8) bool {
	m, u, k := w.m, &w.m.veh[v], t.trip[i]
	with := t.nth[i] // how many stops the job's new trip has beside it
	if side == 1 {
		with = t.count[k] - with
	}
	if with > 0 && (t.class[k] != m.class[n] || u.stops > 0 && with >= u.stops) {
		return false
	}
	for d := range m.dims {
		at := int(i)*m.dims + d
		load, coll, limit := m.load[int(n)*m.dims+d], m.coll[int(n)*m.dims+d], u.cap[d]
		if side == 1 {
			if t.load[at]-t.coll[at]+load > limit || t.smax[at]-t.coll[at]+coll > limit {
				return false
			}
		} else if t.pmax[at]-t.still[at]+load > limit || t.load[at]-t.still[at]+coll > limit {
			return false
		}
	}
	return true
}

// reloadPairSpots tries a shipment, one end after the other, beside a reload at each position.
func (w *walk) reloadPairSpots(v, u int32, extra int64, best *spot) {
	m, t := w.m, &w.tours[v]
	reload, last := 3*v+2, int32(len(t.seq))-2
	for i := m.veh[v].frozen; i <= last; i++ {
		if i > 0 && t.seq[i] != reload {
			w.tryReloadPair(u, spot{vehicle: v, i: i, j: i, reload: 1}, extra, best)
		}
		if i < last && t.seq[i+1] != reload {
			w.tryReloadPair(u, spot{vehicle: v, i: i, j: i, reload: 2}, extra, best)
		}
	}
}

// tryReloadPair makes a spot of a shipment with a reload the best where it is cheaper and
// keeps the limits.
func (w *walk) tryReloadPair(u int32, s spot, extra int64, best *spot) {
	v := s.vehicle
	m, t, l := w.m, &w.tours[v], w.m.veh[v].legs
	x, p, q := m.at[3*v+2], m.at[u], m.at[m.pair[u]]
	cost := extra - t.leg[s.i] + l.from(p)[q]
	if s.reload == 1 {
		cost += l.from(t.at[s.i])[x] + l.from(x)[p] + l.from(q)[t.at[s.i+1]]
	} else {
		cost += l.from(t.at[s.i])[p] + l.from(q)[x] + l.from(x)[t.at[s.i+1]]
	}
	if cost >= best.delta {
		return
	}
	w.tryOut(u, s)
	if !m.refresh(v, &w.trial) {
		return
	}
	// The trial's cost holds Change already.
	if s.delta = w.trial.cost - t.cost; s.delta < best.delta {
		*best = s
	}
}
