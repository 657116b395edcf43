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
	a := &s[0]
	for i := 1; i < len(s); i++ {
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
	a := &s[0]
	to := row[a.node]
	for i := 1; i < len(s); i++ {
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
	k, l := m.node[p], m.node[q]
	rowP, rowQ := int(p)*m.size, int(q)*m.size
	toP, fromP := m.costT[rowP:rowP+m.size], m.Cost[rowP:rowP+m.size]
	fromQ := m.Cost[rowQ : rowQ+m.size]
	durToP := m.durT[rowP : rowP+m.size]
	durFromQ := m.Dur[rowQ : rowQ+m.size]
	direct, directDur := fromP[q], m.Dur[rowP+int(q)]
	s := t.s
	for i := range len(s) - 1 {
		a, b := &s[i], &s[i+1]
		if a.dep > k.late {
			break
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
		if d := toP[a.node] + direct + fromQ[b.node] - a.leg; d < delta {
			if arrive := dep + directDur; arrive <= l.late && max(arrive, l.early)+l.service+durFromQ[b.node] <= b.late {
				delta, at, there = d, int32(i), int32(i)
			}
		}
		if d, j := w.bestDelivery(t, p, i, dep, pick, delta); j >= 0 {
			delta, at, there = d, int32(i), j
		}
	}
	return delta, at, there
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
	durTo, durFrom := m.durT[row:row+m.size], m.Dur[row:row+m.size]
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
		next := s[j+1].node
		if d := pick + to[x.node] + from[next] - x.leg; d < delta {
			if arrive := dep + durTo[x.node]; arrive <= l.late && max(arrive, l.early)+l.service+durFrom[next] <= s[j+1].late {
				delta, there = d, int32(j)
			}
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
// there is none. One improvement in a hundred is passed over when blinking.
func (w *walk) bestSpot(u int32, blinking bool) spot {
	m := w.m
	pair := m.Pair[u] >= 0
	best := spot{tour: -1}
	bound := noSpot
	row := w.cache[int(u)*m.Vehicles:][:m.Vehicles]
	for r, ver := range w.clean[:w.top] {
		var delta, i, j int32
		switch {
		case ver > 0:
			e := &row[r]
			if e.ver != ver {
				w.fill(e, &w.tours[r], u, pair)
			}
			if e.delta >= bound {
				continue
			}
			delta, i, j = e.delta, e.i, e.j
		case w.tours[r].empty():
			continue
		case pair:
			delta, i, j = w.bestPair(&w.tours[r], u, bound)
		default:
			delta, i = w.bestJob(&w.tours[r], u, bound)
		}
		if i < 0 {
			continue
		}
		if blinking {
			if w.blink--; w.blink < 0 {
				w.nextBlink()
				continue
			}
		}
		bound = delta
		best = spot{int32(r), i, j, int64(delta)}
	}
	if w.used < w.fleet {
		w.bestOpen(u, pair, &best)
	}
	return best
}

func (w *walk) fill(e *entry, t *tour, u int32, pair bool) {
	e.ver = t.ver
	if pair {
		e.delta, e.i, e.j = w.bestPair(t, u, noSpot)
	} else {
		e.delta, e.i = w.bestJob(t, u, noSpot)
	}
}

// bestOpen tries a route of its own.
func (w *walk) bestOpen(u int32, pair bool, best *spot) {
	r := 0
	for r < w.top && !w.tours[r].empty() {
		r++
	}
	t := &w.tours[r]
	leg := t.s[0].leg
	t.s[0].leg = 0 // an empty route drives nowhere
	var delta, i, j int32
	if pair {
		delta, i, j = w.bestPair(t, u, noSpot)
	} else {
		delta, i = w.bestJob(t, u, noSpot)
	}
	t.s[0].leg = leg
	if d := int64(delta) + w.m.Fixed; i >= 0 && (best.tour < 0 || d < best.delta) {
		*best = spot{int32(r), i, j, d}
	}
}

// nextBlink draws how many improvements come before one is passed over: on
// average a hundred.
func (w *walk) nextBlink() {
	w.blink = int(100 * w.logs[w.dice.Next()>>52])
}
