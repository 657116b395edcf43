package kernel

// The tests here are where the time goes. A position is first priced from the two
// new edges, and only one that would be the cheapest is tested for time.

// bestJob is the cheapest place for a job in a tour that costs less than bound:
// after slot i.
func (w *walk) bestJob(t *tour, n, bound int32) (delta, at int32) {
	m := w.m
	delta, at = bound, -1
	k := &m.node[n]
	if t.load+k.load > m.Capacity {
		return delta, at
	}
	if m.even {
		return m.bestJobEven(t, n, bound)
	}
	row := int(n) * m.size
	to, from := m.costT[row:row+m.size], m.Cost[row:row+m.size]
	durTo, durFrom := m.durT[row:row+m.size], m.Dur[row:row+m.size]
	s := t.s
	i := 1
	for i < len(s) && s[i].late < k.early+k.service {
		i++
	}
	a := &s[i-1]
	for ; i < len(s); i++ {
		b := &s[i]
		if d := to[a.node] + from[b.node] - a.leg; d < delta {
			if arrive := a.dep + durTo[a.node]; arrive <= k.late {
				if max(arrive, k.early)+k.service+durFrom[b.node] <= b.late {
					delta, at = d, int32(i-1)
				}
			}
		}
		if b.dep > k.late {
			break
		}
		a = b
	}
	return delta, at
}

// bestJobEven is bestJob where cost is time and there is as long as back: each
// slot needs one look at the matrix.
func (m *model) bestJobEven(t *tour, n, bound int32) (delta, at int32) {
	delta, at = bound, -1
	k := m.node[n]
	k.early += k.service // so that both ends of a service are compared
	row := m.Cost[int(n)*m.size:][:m.size]
	s := t.s
	i := 1
	for i < len(s) && s[i].late < k.early { // what must begin before this could end
		i++
	}
	a := &s[i-1]
	to := row[a.node]
	for ; i < len(s); i++ {
		b := &s[i]
		from := row[b.node]
		if d := to + from - a.leg; d < delta {
			if arrive := a.dep + to; arrive <= k.late && max(arrive+k.service, k.early)+from <= b.late {
				delta, at = d, int32(i-1)
			}
		}
		if b.dep > k.late {
			break
		}
		a, to = b, from
	}
	return delta, at
}

// bestPair is the cheapest place for a shipment: the pickup after slot i, the
// delivery after slot j, counted before the pickup is in.
func (w *walk) bestPair(t *tour, p, bound int32) (delta, at, there int32) {
	m := w.m
	delta, at = bound, -1
	q := m.Pair[p]
	k := m.node[p]
	rowP, rowQ := int(p)*m.size, int(q)*m.size
	toP, fromP := m.costT[rowP:rowP+m.size], m.Cost[rowP:rowP+m.size]
	fromQ := m.Cost[rowQ : rowQ+m.size]
	durToP := m.durT[rowP : rowP+m.size]
	durFromP := m.Dur[rowP : rowP+m.size]
	direct, directDur := fromP[q], durFromP[q]
	least := int32(-1) // what its delivery costs at least, after another stop
	s := t.s
	for i := range len(s) - 1 {
		a, b := &s[i], &s[i+1]
		if a.dep > k.late {
			break
		}
		if b.late < k.early+k.service {
			continue
		}
		pick := toP[a.node] + fromP[b.node] - a.leg
		if pick >= delta || a.load+k.load > m.Capacity {
			continue
		}
		arrive := a.dep + durToP[a.node]
		if arrive > k.late {
			continue
		}
		dep := max(arrive, k.early) + k.service
		if d := toP[a.node] + direct + fromQ[b.node] - a.leg; d < delta && m.fits(q, dep+directDur, b) {
			delta, at, there = d, int32(i), int32(i)
		}
		if least < 0 {
			least = m.leastDelivery(t, q)
		}
		if pick+least >= delta || dep+durFromP[b.node] > b.late {
			continue
		}
		if d, j := w.bestDelivery(t, p, i, dep, pick, delta); j >= 0 {
			delta, at, there = d, int32(i), j
		}
	}
	return delta, at, there
}

// fits says whether a stop that is reached at that time lets the next be reached in time.
func (m *model) fits(n, arrive int32, next *slot) bool {
	k := &m.node[n]
	return arrive <= k.late && max(arrive, k.early)+k.service+m.Dur[int(n)*m.size+int(next.node)] <= next.late
}

// leastDelivery is what a delivery adds to a tour at least where its time could be,
// whenever its pickup is; 0 where the triangle is broken.
func (m *model) leastDelivery(t *tour, q int32) int32 {
	l, row := m.node[q], int(q)*m.size
	to, from := m.costT[row:row+m.size], m.Cost[row:row+m.size]
	least := noSpot
	s := t.s
	for j := 1; j < len(s)-1; j++ {
		x, next := &s[j], &s[j+1]
		if x.dep > l.late {
			break
		}
		if next.late >= l.early+l.service {
			least = min(least, to[x.node]+from[next.node]-x.leg)
		}
	}
	return max(least, 0)
}

// bestDelivery carries the pickup after slot i along the tour, leaving at dep, and
// tries its delivery after each later slot.
func (w *walk) bestDelivery(t *tour, p int32, i int, dep, pick, bound int32) (delta, there int32) {
	m := w.m
	delta, there = bound, -1
	q := m.Pair[p]
	l, room := m.node[q], m.Capacity-m.node[p].load
	row := int(q) * m.size
	to, from := m.costT[row:row+m.size], m.Cost[row:row+m.size]
	durTo := m.durT[row : row+m.size]
	s := t.s
	drive := m.Dur[int(p)*m.size+int(s[i+1].node)]
	for j := i + 1; j < len(s)-1; j++ {
		x := &s[j]
		arrive := dep + drive
		if arrive > x.late || x.load > room {
			break
		}
		n := &m.node[x.node]
		dep = max(arrive, n.early) + n.service
		if dep > l.late {
			break
		}
		drive = x.dur
		next := &s[j+1]
		if d := pick + to[x.node] + from[next.node] - x.leg; d < delta && m.fits(q, dep+durTo[x.node], next) {
			delta, there = d, int32(j)
		}
	}
	return delta, there
}

// spot is where a unit goes.
type spot struct {
	tour, i, j int32
	delta      int64
}

// bestSpot is the cheapest place for an absent unit in any tour; tour is -1 when
// there is none. One improvement in a hundred is passed over when blinking. Tours that
// this step has changed come last: by then most of their places are too dear to test.
func (w *walk) bestSpot(u int32, blinking bool) spot {
	m := w.m
	best := spot{tour: -1, delta: int64(noSpot)}
	row := w.cache[int(u)*m.Vehicles:][:m.Vehicles]
	for r, ver := range w.clean[:w.top] {
		if ver == 0 { // changed, or empty
			continue
		}
		e := &row[r]
		if e.ver != ver {
			w.fill(e, &w.tours[r], u)
		}
		if int64(e.delta) < best.delta && (!blinking || !w.blinks()) {
			best = spot{int32(r), e.i, e.j, int64(e.delta)}
		}
	}
	for i := range w.touched {
		r := w.touched[i].tour
		if w.tours[r].empty() {
			continue
		}
		p := w.bestIn(&w.tours[r], u, int32(best.delta))
		if p.i >= 0 && (!blinking || !w.blinks()) {
			p.tour = r
			best = p
		}
	}
	if d := int64(m.alone[u]) + m.Fixed; m.alone[u] < noSpot && w.used < w.fleet && (best.tour < 0 || d < best.delta) {
		best = spot{tour: w.unused(), delta: d}
	}
	return best
}

// bestIn is the cheapest place in one tour that costs less than bound; i is -1 when
// there is none.
func (w *walk) bestIn(t *tour, u, bound int32) (s spot) {
	var delta int32
	if w.m.Pair[u] >= 0 {
		delta, s.i, s.j = w.bestPair(t, u, bound)
	} else {
		delta, s.i = w.bestJob(t, u, bound)
	}
	s.delta = int64(delta)
	return s
}

func (w *walk) fill(e *entry, t *tour, u int32) {
	p := w.bestIn(t, u, noSpot)
	*e = entry{t.ver, int32(p.delta), p.i, p.j}
}

// unused is the first tour that is empty.
func (w *walk) unused() int32 {
	r := 0
	for r < w.top && !w.tours[r].empty() {
		r++
	}
	return int32(r)
}

// blinks says whether an improvement is passed over: one in a hundred.
func (w *walk) blinks() bool {
	if w.blink--; w.blink >= 0 {
		return false
	}
	w.nextBlink()
	return true
}

// nextBlink draws how many improvements come before one is passed over: on
// average a hundred.
func (w *walk) nextBlink() {
	w.blink = int(100 * w.logs[w.dice.Next()>>52])
}
