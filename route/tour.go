package route

// tour is one vehicle's sequence and what the arrival and load tests need.
// Position 0 is the start node, the last is the end node.
type tour struct {
	seq   []int32
	at    []int32 // position: its place as legs know it
	dep   []int32 // earliest end of service
	late  []int32 // latest arrival that harms nothing after it
	leg   []int64 // position: what the drive to the next costs
	load  []int32 // position*dims: on board after it
	still []int32 // position*dims: of that, what the trip has still to deliver from the depot
	coll  []int32 // position*dims: of that, what the trip has collected
	pmax  []int32 // position*dims: most on board from the trip's begin to here
	smax  []int32 // position*dims: most on board from here to the trip's end
	trip  []int32 // position: which trip; a reload belongs to the one it begins
	nth   []int32 // position: visits of the trip up to here
	soon  []int32 // position: when what the trip brings up to here is there
	held  []int32 // position: when what it brings after here is there

	begin []int32 // trip: its first position, the start's or a reload's
	ready []int32 // trip: when it could leave if it had nothing to wait for
	freed []int32 // trip: when all of its load is there
	class []int32 // trip: its class, when count > 0
	count []int32 // trip: how many visits
	cost  int64
	ver   uint64 // never the same for two contents
}

func (t *tour) copyFrom(o *tour) {
	t.seq, t.at = append(t.seq[:0], o.seq...), append(t.at[:0], o.at...)
	t.dep, t.late = append(t.dep[:0], o.dep...), append(t.late[:0], o.late...)
	t.leg = append(t.leg[:0], o.leg...)
	t.load, t.still, t.coll = append(t.load[:0], o.load...), append(t.still[:0], o.still...), append(t.coll[:0], o.coll...)
	t.pmax, t.smax = append(t.pmax[:0], o.pmax...), append(t.smax[:0], o.smax...)
	t.trip, t.nth = append(t.trip[:0], o.trip...), append(t.nth[:0], o.nth...)
	t.soon, t.held = append(t.soon[:0], o.soon...), append(t.held[:0], o.held...)
	t.begin, t.ready, t.freed = append(t.begin[:0], o.begin...), append(t.ready[:0], o.ready...), append(t.freed[:0], o.freed...)
	t.class, t.count = append(t.class[:0], o.class...), append(t.count[:0], o.count...)
	t.cost, t.ver = o.cost, o.ver
}

func grow(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n, 2*n)
	}
	return s[:n]
}

// empty says that nothing is served.
func (t *tour) empty() bool { return len(t.seq) == 2 }

// refresh computes everything from seq and says whether the tour keeps every limit.
func (m *model) refresh(v int32, t *tour) bool {
	n := len(t.seq)
	t.at, t.dep, t.late, t.trip, t.nth = grow(t.at, n), grow(t.dep, n), grow(t.late, n), grow(t.trip, n), grow(t.nth, n)
	if cap(t.leg) < n {
		t.leg = make([]int64, n, 2*n)
	}
	t.leg = t.leg[:n]
	for i, x := range t.seq {
		t.at[i] = m.at[x]
	}
	okTrip := m.trips(v, t)
	if m.staged {
		m.stages(t)
	}
	okTime := m.forward(v, t)
	okLoad := m.loads(v, t)
	if !okTime {
		return false
	}
	m.backward(v, t)
	return okTrip && okLoad && (!m.veh[v].checked || m.inLength(v, t))
}

func (m *model) forward(v int32, t *tour) bool {
	u := &m.veh[v]
	at := u.first
	t.dep[0], t.ready[0] = at, u.leaves(0, at)
	if t.cost = 0; t.empty() { // it stays where it is, even if there is no way from start to end
		t.dep[1], t.leg[0] = at, 0
		return true
	}
	t.cost = u.fixed
	ok := true
	at = u.leaves(0, max(at, t.freed[0]))
	t.dep[0] = at
	for i := 1; i < len(t.seq); i++ {
		a, b, n := t.at[i-1], t.at[i], t.seq[i]
		t.leg[i-1] = m.drive(u, a, b, at)
		t.cost += t.leg[i-1]
		at = m.start(v, n, u.reach(a, b, at))
		if at >= never {
			at, ok = never, false
		} else {
			at += m.svc[n]
			if n == 3*v+2 {
				t.ready[t.trip[i]] = u.leaves(i, at)
				at = max(at, t.freed[t.trip[i]])
			}
			at = u.leaves(i, at)
		}
		t.dep[i] = at
		if m.home[n] >= 0 && m.home[n] != v {
			t.cost += m.change
		}
	}
	return ok
}

// leaves is when the vehicle drives on from a position, if it could at t.
func (u *vehicle) leaves(i int, t int32) int32 {
	if i == int(u.frozen) {
		return max(t, u.p.Ready)
	}
	return t
}

func (m *model) backward(v int32, t *tour) {
	u := &m.veh[v]
	last := len(t.seq) - 1
	t.late[last] = u.end
	for i := last - 1; i >= 0; i-- {
		n := t.seq[i]
		t.late[i] = m.lastStart(v, n, u.leave(t.at[i], t.at[i+1], t.late[i+1])-m.svc[n])
	}
}

// trips numbers the trips and finds their classes and counts.
func (m *model) trips(v int32, t *tour) bool {
	u := &m.veh[v]
	t.class, t.count, t.freed = append(t.class[:0], 0), append(t.count[:0], 0), append(t.freed[:0], 0)
	t.begin, t.ready = append(t.begin[:0], 0), append(t.ready[:0], 0)
	k := int32(0)
	ok := true
	for i, n := range t.seq {
		if n == 3*v+2 {
			k++
			t.class, t.count, t.freed = append(t.class, 0), append(t.count, 0), append(t.freed, 0)
			t.begin, t.ready = append(t.begin, int32(i)), append(t.ready, 0)
		}
		t.trip[i] = k
		if n >= m.base {
			if t.count[k] == 0 {
				t.class[k] = m.class[n]
			}
			t.count[k]++
			t.freed[k] = max(t.freed[k], m.release[n])
			ok = ok && t.class[k] == m.class[n] && (u.stops == 0 || t.count[k] <= u.stops)
		}
		t.nth[i] = t.count[k]
	}
	return ok && k < u.trips
}

// stages finds when what each part of a trip brings is there.
func (m *model) stages(t *tour) {
	n := len(t.seq)
	t.soon, t.held = grow(t.soon, n), grow(t.held, n)
	at := int32(0)
	for i, x := range t.seq {
		if i > 0 && t.trip[i] != t.trip[i-1] {
			at = 0
		}
		at = max(at, m.release[x])
		t.soon[i] = at
	}
	at = 0
	for i := n - 1; i >= 0; i-- {
		if i+1 < n && t.trip[i] != t.trip[i+1] {
			at = 0
		}
		t.held[i] = at
		at = max(at, m.release[t.seq[i]])
	}
}

// loads fills load, pmax and smax, and says whether all fits.
func (m *model) loads(v int32, t *tour) bool {
	if m.dims == 0 {
		return true
	}
	n, dims := len(t.seq), m.dims
	t.load, t.pmax, t.smax = grow(t.load, n*dims), grow(t.pmax, n*dims), grow(t.smax, n*dims)
	t.still, t.coll = grow(t.still, n*dims), grow(t.coll, n*dims)
	ok := true
	for d := range dims {
		ok = m.loadsOf(v, t, d) && ok
	}
	return ok
}

func (m *model) loadsOf(v int32, t *tour, d int) bool {
	dims, limit := m.dims, m.veh[v].cap[d]
	n := len(t.seq)
	// Backwards: what is still to be delivered in the trip.
	still := int32(0)
	for i := n - 1; i >= 0; i-- {
		t.still[i*dims+d] = still
		x := t.seq[i]
		still += m.load[int(x)*dims+d]
		if x == 3*v+2 {
			still = 0
		}
	}
	// Forwards: shipments on board, and what the trip has collected.
	ship, coll, top := int32(0), int32(0), int32(0)
	ok := true
	for i := range n {
		x := t.seq[i]
		if x == 3*v+2 {
			coll, top = 0, 0
		}
		ship += m.ship[int(x)*dims+d]
		coll += m.coll[int(x)*dims+d]
		t.coll[i*dims+d] = coll
		t.load[i*dims+d] = t.still[i*dims+d] + ship + coll
		top = max(top, t.load[i*dims+d])
		t.pmax[i*dims+d] = top
		ok = ok && t.load[i*dims+d] <= limit
	}
	top = 0
	for i := n - 1; i >= 0; i-- {
		if i+1 < n && t.seq[i+1] == 3*v+2 {
			top = 0
		}
		top = max(top, t.load[i*dims+d])
		t.smax[i*dims+d] = top
	}
	return ok
}

// inLength checks MaxSeconds and MaxDriving: earliest arrival at the end against the
// latest departure that still reaches it.
func (m *model) inLength(v int32, t *tour) bool {
	u := &m.veh[v]
	last := len(t.seq) - 1
	if t.empty() {
		return true
	}
	depart := t.dep[last]
	for i := last - 1; i >= 0; i-- {
		n := t.seq[i]
		depart = m.lastStart(v, n, u.leave(t.at[i], t.at[i+1], depart)-m.svc[n])
	}
	depart = max(depart, t.dep[0])
	if u.p.MaxSeconds > 0 && t.dep[last]-depart > u.p.MaxSeconds {
		return false
	}
	if u.p.MaxDriving == 0 {
		return true
	}
	at, driving := depart, int32(0)
	for i := 1; i <= last; i++ {
		a, b := t.seq[i-1], t.seq[i]
		arrive := u.arrive(m.place[a], m.place[b], at)
		driving += u.driven(m.place[a], m.place[b], at, arrive)
		if driving > u.p.MaxDriving {
			return false
		}
		if at = m.start(v, b, arrive) + m.svc[b]; b == 3*v+2 {
			at = max(at, t.freed[t.trip[i]])
		}
		at = u.leaves(i, at)
	}
	return true
}

// driven is how long a drive takes that could begin at t and arrives then: it
// may have waited for the calendar.
func (c *clock) driven(from, to, t, arrive int32) int32 {
	if from < 0 || to < 0 {
		return 0
	}
	if d := c.seconds(from, to, t); t+d == arrive || c.sec != nil {
		return d
	}
	for _, w := range c.cal {
		if arrive <= w.To {
			return arrive - max(w.From, t)
		}
	}
	return 0
}
