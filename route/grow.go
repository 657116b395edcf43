package route

// grow adds the last job or shipment of the problem to a walk's model, in no route and
// not among the absent, and answers its unit.
func (w *walk) grow(x Visit) int32 {
	m := w.m
	u, staged := int32(len(m.place)), m.staged
	if x.Kind == Serve {
		m.addJob(x.Index)
	} else {
		m.addShipment(x.Index)
	}
	m.measure()
	for v := range w.tours {
		if m.staged && !staged { // the first that is released
			m.stages(&w.tours[v])
		}
	}
	added := len(m.place) - int(u)
	for i := range m.spans {
		if m.veh[i].kind == i {
			m.spans[i] = append(m.spans[i], m.kindSpans(&m.veh[i], int(u))...)
		}
	}
	for i := range m.veh {
		m.addAllowed(i, u)
	}
	for range added {
		w.where, w.pos, w.missed, w.gone = append(w.where, -1), append(w.pos, 0), append(w.missed, 0), append(w.gone, false)
		if w.spots != nil {
			w.spots = append(w.spots, make([]keptSpot, m.nv)...)
		}
	}
	return u
}

// addAllowed says who may serve the nodes from u on. Vehicles that were the same and
// differ in this are so no longer.
func (m *model) addAllowed(i int, u int32) {
	v := &m.veh[i]
	all := true
	for n := u; n < int32(len(m.place)); n++ {
		all = all && m.allowed(i, v, n)
	}
	for n := u; n < int32(len(m.place)); n++ {
		v.allow = append(v.allow, all)
	}
	if v.twin != i && m.veh[v.twin].allow[u-m.base] != all {
		v.twin = i
	}
}

// shrink undoes grow, as long as nothing has been added since.
func (w *walk) shrink(x Visit) {
	m := w.m
	u := w.nodeOf(x)
	if u < 0 {
		return
	}
	k := int(u - m.base)
	m.place, m.at, m.svc, m.visit, m.pair = m.place[:u], m.at[:u], m.svc[:u], m.visit[:u], m.pair[:u]
	m.class, m.prio, m.weight, m.price, m.release, m.home = m.class[:u], m.prio[:u], m.weight[:u], m.price[:u], m.release[:u], m.home[:u]
	m.load, m.ship, m.coll = m.load[:int(u)*m.dims], m.ship[:int(u)*m.dims], m.coll[:int(u)*m.dims]
	m.units, m.sizes = m.units[:len(m.units)-1], m.sizes[:k]
	for i := range m.veh {
		m.veh[i].allow = m.veh[i].allow[:k]
		if m.veh[i].kind == i {
			m.spans[i] = m.spans[i][:k]
		}
	}
	w.where, w.pos, w.missed, w.gone = w.where[:u], w.pos[:u], w.missed[:u], w.gone[:u]
	if w.spots != nil {
		w.spots = w.spots[:k*m.nv]
	}
}

// nodeOf finds the node of a job, or of a shipment's pickup; -1 when there is none.
func (w *walk) nodeOf(x Visit) int32 {
	m := w.m
	for n := int32(len(m.place)) - 1; n >= m.base; n-- {
		if m.visit[n] == x {
			return n
		}
	}
	return -1
}
