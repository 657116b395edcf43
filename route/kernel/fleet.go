package kernel

import "slices"

// shrink takes the route away whose stops have been left over least, and allows no
// other in its place: what it held is absent until it fits elsewhere.
func (w *walk) shrink() {
	if w.lost > 0 || w.used <= w.m.lower {
		return
	}
	least, sum := int32(-1), int64(0)
	for r := range w.top {
		t := &w.tours[r]
		if t.empty() {
			continue
		}
		missed := int64(0)
		for k := 1; k < len(t.s)-1; k++ {
			missed += w.missed[t.s[k].node]
		}
		if least < 0 || missed < sum {
			least, sum = int32(r), missed
		}
	}
	w.block = w.block[:0]
	t := &w.tours[least]
	for k := 1; k < len(t.s)-1; k++ {
		u := w.m.unit(t.s[k].node)
		if w.where[u] >= 0 {
			w.where[u] = -1
			w.block = append(w.block, u)
		}
	}
	w.fleet = w.used - 1
	w.remove(least)
	w.begin()
}

// ejection is a place for a unit in a tour without one or two of its units.
type ejection struct {
	spot
	out    [2]int32
	missed int64 // how often these have been left over
}

// eject makes room for a unit that fits nowhere: it takes one or two neighbouring units
// out of a tour that have been left over less often, as little as possible, so that the
// unit fits there (the guided ejection of Nagata and Bräysy, 2009).
func (w *walk) eject(u int32) {
	best := ejection{spot: spot{tour: -1}, missed: w.missed[u]}
	first := w.dice.Below(w.top)
	for k := range w.top {
		w.ejectFrom(int32((first+k)%w.top), u, &best)
	}
	if best.tour < 0 {
		return
	}
	w.block = append(w.block[:0], best.out[0])
	if best.out[1] >= 0 {
		w.block = append(w.block, best.out[1])
	}
	w.remove(best.tour)
	w.insert(best.tour, u, best.i, best.j)
	w.cost += best.delta
	w.takeIn(u)
}

func (w *walk) ejectFrom(r, u int32, best *ejection) {
	t := &w.tours[r]
	last, lastMissed := int32(-1), int64(0)
	for i := 1; i < len(t.s)-1; i++ {
		x := t.s[i].node
		if w.m.unit(x) != x {
			continue
		}
		missed := w.missed[x]
		if missed < best.missed {
			w.tryInstead(r, u, ejection{out: [2]int32{x, -1}, missed: missed}, best)
		}
		if last >= 0 && missed+lastMissed < best.missed {
			w.tryInstead(r, u, ejection{out: [2]int32{x, last}, missed: missed + lastMissed}, best)
		}
		last, lastMissed = x, missed
	}
}

func (w *walk) tryInstead(r, u int32, e ejection, best *ejection) {
	if e.spot = w.instead(&w.tours[r], u, e.out); e.i >= 0 {
		e.tour = r
		*best = e
	}
}

// instead is the cheapest place for a unit in a tour without some of its units.
func (w *walk) instead(t *tour, u int32, out [2]int32) spot {
	m, l := w.m, &w.lean
	l.s, l.load = l.s[:0], t.load
	for _, x := range out {
		if x >= 0 && m.Pair[x] < 0 {
			l.load -= m.node[x].load
		}
	}
	if m.Pair[u] < 0 && l.load+m.node[u].load > m.Capacity {
		return spot{i: -1}
	}
	for i := range t.s {
		n := t.s[i].node
		if i > 0 && i < len(t.s)-1 && slices.Contains(out[:], m.unit(n)) {
			continue
		}
		l.s = append(l.s, slot{node: n})
	}
	if !w.link(l, 0) {
		return spot{i: -1}
	}
	if len(l.s) > 2 {
		return w.bestIn(l, u, noSpot)
	}
	l.s[0].leg = 0 // an empty route drives nowhere, and costs nothing
	p := w.bestIn(l, u, noSpot)
	p.delta += m.Fixed
	return p
}
