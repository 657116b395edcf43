package kernel

// slot is one stop of a route, with what an insertion after it must know.
type slot struct {
	node int32
	dep  int32 // earliest end of service
	late int32 // latest arrival that harms nothing after it
	leg  int32 // cost of the drive to the next
	dur  int32 // its seconds
	load int32 // shipments on board after it
}

// tour is one route: its slots, the start's and the end's included.
type tour struct {
	s     []slot
	load  int32  // of deliveries from the depot
	ver   uint32 // never the same for two contents
	dirty bool   // changed in this step: the journal has it as it was
}

func (t *tour) empty() bool { return len(t.s) == 2 }

// entry is the cheapest insertion of a unit into a route of that version.
type entry struct {
	ver   uint32
	delta int32
	i, j  int32
}

const noSpot = int32(1) << 30

// walk is one search: a solution that is ruined and recreated in place.
type walk struct {
	m     *model
	dice  *Dice
	logs  []float64
	tours []tour
	top   int // tours from here on are empty
	fleet int // no more routes than this
	used  int
	vers  uint32
	clean []uint32 // by tour: its version, or 0 while it is dirty or empty
	where []int32  // by node: its tour, or -1
	cache []entry  // by unit and tour

	lean   tour    // one that is tried without some of its units
	absent []int32 // units in no route
	out    []int32 // by unit: where it stands among the absent
	missed []int64 // by unit: how often it was left over
	lost   int64   // weight of the absent
	cost   int64

	touched   []saved
	arena     []slot
	wasAbsent []int32
	wasLost   int64
	wasCost   int64
	wasUsed   int

	keys      []sortKey
	drawn     []sortKey
	block     []int32
	blink     int // improvements until one is passed over
	heat      float64
	shrinking bool
	best      Solution
	kept      Solution // over all restarts
	child     Solution // what cross puts together
	took      []int
	mark      int32
	marks     []int32
	steps     int64
}

// saved is a journal's line: a tour as it was.
type saved struct {
	tour, from, to int32
	load           int32
	ver            uint32
}

func newWalk(m *model, seed uint64, logs []float64) *walk {
	w := &walk{m: m, dice: NewDice(seed), logs: logs, fleet: m.Vehicles,
		tours: make([]tour, m.Vehicles), where: make([]int32, m.N),
		missed: make([]int64, m.N), out: make([]int32, m.N), marks: make([]int32, m.N), clean: make([]uint32, m.Vehicles), cache: make([]entry, m.N*m.Vehicles), vers: 1}
	for i := range w.tours {
		t := &w.tours[i]
		t.s = make([]slot, 2, 32)
		t.s[0].node, t.s[1].node = int32(m.N), int32(m.N+1)
		w.renew(t)
		w.link(t, 0)
	}
	w.nextBlink()
	w.clear()
	return w
}

// clear takes everything out.
func (w *walk) clear() {
	for i := range w.tours {
		t := &w.tours[i]
		if t.empty() {
			continue
		}
		t.s[1] = t.s[len(t.s)-1]
		t.s = t.s[:2]
		t.load = 0
		w.link(t, 0)
		w.renew(t)
		w.clean[i] = 0
	}
	for n := range w.where {
		w.where[n] = -1
	}
	w.absent, w.lost, w.cost, w.used, w.top = w.absent[:0], 0, 0, 0, 0
	for _, u := range w.m.units {
		w.leaveOut(u)
	}
	w.begin()
}

// leaveOut puts a unit among the absent.
func (w *walk) leaveOut(u int32) {
	w.out[u] = int32(len(w.absent))
	w.absent = append(w.absent, u)
	w.lost += w.m.Weight[u]
	w.cost += w.m.Price[u]
}

// takeIn takes a unit from the absent.
func (w *walk) takeIn(u int32) {
	w.lost -= w.m.Weight[u]
	w.cost -= w.m.Price[u]
	last := len(w.absent) - 1
	o := w.absent[last]
	w.absent[w.out[u]], w.out[o] = o, w.out[u]
	w.absent = w.absent[:last]
}

func (w *walk) renew(t *tour) {
	w.vers++
	t.ver = w.vers
}

// begin makes the present state the one that undo goes back to.
func (w *walk) begin() {
	for _, s := range w.touched {
		t := &w.tours[s.tour]
		t.dirty = false
		w.clean[s.tour] = t.ver
		if t.empty() {
			w.clean[s.tour] = 0
		}
	}
	w.touched, w.arena = w.touched[:0], w.arena[:0]
	for w.top > 0 && w.tours[w.top-1].empty() {
		w.top--
	}
	if w.vers > 1<<31 {
		w.renumber()
	}
	w.wasAbsent = append(w.wasAbsent[:0], w.absent...)
	w.wasLost, w.wasCost, w.wasUsed = w.lost, w.cost, w.used
}

// renumber begins to count versions anew before they run out.
func (w *walk) renumber() {
	clear(w.cache)
	w.vers = 1
	for i := range w.tours {
		t := &w.tours[i]
		w.renew(t)
		if w.clean[i] > 0 {
			w.clean[i] = t.ver
		}
	}
}

// touch keeps a tour as it is, once a step.
func (w *walk) touch(r int32) *tour {
	t := &w.tours[r]
	if !t.dirty {
		t.dirty = true
		w.clean[r] = 0
		from := int32(len(w.arena))
		w.arena = append(w.arena, t.s...)
		w.touched = append(w.touched, saved{r, from, int32(len(w.arena)), t.load, t.ver})
	}
	return t
}

// undo goes back to begin.
func (w *walk) undo() {
	for _, o := range w.touched {
		t := &w.tours[o.tour]
		t.s = append(t.s[:0], w.arena[o.from:o.to]...)
		t.load, t.ver, t.dirty = o.load, o.ver, false
		if len(t.s) > 2 {
			w.clean[o.tour] = t.ver
		}
	}
	w.absent = append(w.absent[:0], w.wasAbsent...)
	for i, u := range w.absent {
		w.out[u] = int32(i)
		w.where[u] = -1
		if p := w.m.Pair[u]; p >= 0 {
			w.where[p] = -1
		}
	}
	for _, o := range w.touched {
		s := w.tours[o.tour].s
		for i := 1; i < len(s)-1; i++ {
			w.where[s[i].node] = o.tour
		}
		if len(s) > 2 && int(o.tour) >= w.top {
			w.top = int(o.tour) + 1
		}
	}
	w.touched, w.arena = w.touched[:0], w.arena[:0]
	w.lost, w.cost, w.used = w.wasLost, w.wasCost, w.wasUsed
}

// link renews what depends on the sequence from slot i on, and the latest
// arrivals before it. It answers whether every stop is reached in time.
func (w *walk) link(t *tour, i int) bool {
	m, s := w.m, t.s
	last := len(s) - 1
	if i == 0 {
		s[0].dep, s[0].load = m.node[m.N].early, 0
	}
	ok := true
	for k := max(i, 1); k <= last; k++ {
		a, b := &s[k-1], &s[k]
		at := int(a.node)*m.size + int(b.node)
		a.leg, a.dur = m.Cost[at], m.Dur[at]
		n := &m.node[b.node]
		arrive := max(a.dep+a.dur, n.early)
		ok = ok && arrive <= n.late
		b.dep = arrive + n.service
		b.load = a.load + n.load
	}
	s[last].late = m.node[m.N+1].late
	for k := last - 1; k >= 0; k-- {
		a, b := &s[k], &s[k+1]
		n := &m.node[a.node]
		a.late = min(n.late, b.late-a.dur-n.service)
	}
	return ok
}

// insert puts a unit into a tour; the test has said that it fits, and what it
// costs, which the caller adds.
func (w *walk) insert(r int32, u, i, j int32) {
	t := w.touch(r)
	if t.empty() {
		w.used++
		w.top = max(w.top, int(r)+1)
	}
	w.renew(t)
	p := w.m.Pair[u]
	w.put(t, u, i)
	w.where[u] = r
	if p < 0 {
		t.load += w.m.node[u].load
		w.after(t, int(i)+1, int(i)+1)
		return
	}
	w.put(t, p, j+1)
	w.where[p] = r
	w.after(t, int(i)+1, int(j)+2)
}

// put makes room after slot i.
func (w *walk) put(t *tour, n, i int32) {
	t.s = append(t.s, slot{})
	copy(t.s[i+2:], t.s[i+1:])
	t.s[i+1] = slot{node: n, dep: -1, late: -1}
}

// after renews what the new slots from lo to hi change: forward until nothing
// does any more, and backward likewise.
func (w *walk) after(t *tour, lo, hi int) {
	m, s := w.m, t.s
	last := len(s) - 1
	for k := lo; k <= hi+1; k++ { // new edges end here
		a, b := &s[k-1], &s[k]
		at := int(a.node)*m.size + int(b.node)
		a.leg, a.dur = m.Cost[at], m.Dur[at]
		b.load = a.load + m.node[b.node].load
	}
	for k := lo; k <= last; k++ {
		n := &m.node[s[k].node]
		dep := max(s[k-1].dep+s[k-1].dur, n.early) + n.service
		if dep == s[k].dep && k > hi {
			break
		}
		s[k].dep = dep
	}
	for k := min(hi, last-1); k >= 0; k-- {
		n := &m.node[s[k].node]
		late := min(n.late, s[k+1].late-s[k].dur-n.service)
		if late == s[k].late && k < lo {
			break
		}
		s[k].late = late
	}
}

// remove takes the units in block out of a tour; false when the rest is late,
// which only a broken triangle of durations can cause.
func (w *walk) remove(r int32) bool {
	t := w.touch(r)
	m := w.m
	w.renew(t)
	for _, u := range w.block {
		w.where[u] = -1
		if p := m.Pair[u]; p >= 0 {
			w.where[p] = -1
		} else {
			t.load -= m.node[u].load
		}
		w.leaveOut(u)
	}
	s := t.s
	k, from, before := 1, 0, int64(s[0].leg)
	for i := 1; i < len(s); i++ {
		before += int64(s[i].leg)
		if n := s[i].node; i+1 < len(s) && w.where[n] < 0 {
			if from == 0 {
				from = k
			}
			continue
		}
		s[k] = s[i]
		k++
	}
	t.s = s[:k]
	ok := w.link(t, from)
	w.cost -= before
	if k == 2 { // an empty route drives nowhere
		w.used--
		w.cost -= w.m.Fixed
		return true
	}
	for i := range t.s {
		w.cost += int64(t.s[i].leg)
	}
	return ok
}

// save keeps the present solution as the best.
func (w *walk) save() {
	w.best.Lost, w.best.Cost = w.lost, w.cost
	for len(w.best.Routes) < w.top {
		w.best.Routes = append(w.best.Routes, nil)
	}
	for i := range w.best.Routes {
		q := w.best.Routes[i][:0]
		if i < w.top {
			s := w.tours[i].s
			for k := 1; k < len(s)-1; k++ {
				q = append(q, s[k].node)
			}
		}
		w.best.Routes[i] = q
	}
}

// load makes a solution the present one.
func (w *walk) load(b *Solution) {
	w.clear()
	r := int32(0)
	for _, q := range b.Routes {
		if len(q) > 0 {
			w.loadRoute(r, q)
			r++
		}
	}
	for _, u := range w.m.units {
		if w.where[u] >= 0 {
			w.takeIn(u)
		}
	}
	w.begin()
}

func (w *walk) loadRoute(r int32, q []int32) {
	t := &w.tours[r]
	end := t.s[len(t.s)-1]
	t.s = t.s[:1]
	for _, n := range q {
		t.s = append(t.s, slot{node: n})
		w.where[n] = r
		if w.m.Pair[n] < 0 {
			t.load += w.m.node[n].load
		}
	}
	t.s = append(t.s, end)
	if !w.link(t, 0) { // part of a route may be late where the triangle is broken
		for _, n := range q {
			w.where[n] = -1
		}
		t.s = append(t.s[:1], end)
		t.load = 0
		w.link(t, 0)
		return
	}
	w.renew(t)
	w.clean[r] = t.ver
	w.used++
	w.top = max(w.top, int(r)+1)
	w.cost += w.m.Fixed
	for i := range len(t.s) - 1 {
		w.cost += int64(t.s[i].leg)
	}
}
