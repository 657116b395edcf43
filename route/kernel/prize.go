package kernel

const (
	foundOdds  = 6  // one step in so many begins a new route, where stops have a price
	foundDrawn = 60 // absent units that are tried in it, beside its first one's neighbours
)

// found begins a route with an absent unit near a stop and puts in what pays there, those units
// first whose price, times a number drawn for each, is highest; and before all of them what costs
// half its price. No single unit may pay the way to where several do, so that insertion one by
// one never goes there; whether it paid is asked of the whole step.
func (w *walk) found(near int32) {
	u := w.absentNear(near)
	if u < 0 || w.used >= w.fleet {
		return
	}
	m, r := w.m, w.unused()
	w.insert(r, u, 0, 0)
	w.cost += int64(m.alone[u]) + m.Fixed
	w.takeIn(u)
	w.draw(u)
	for half := int64(1); half <= 2; half++ {
		for _, c := range w.drawn {
			if w.where[c.unit] >= 0 {
				continue
			}
			bound := min(m.Price[c.unit]*half/2, int64(noSpot))
			if p := w.bestIn(&w.tours[r], c.unit, int32(bound)); p.i >= 0 {
				w.insert(r, c.unit, p.i, p.j)
				w.cost += p.delta
				w.takeIn(c.unit)
			}
		}
	}
}

// absentNear is the absent unit nearest to a stop that can be served at all, or -1.
func (w *walk) absentNear(n int32) int32 {
	able := func(u int32) bool { return w.where[u] < 0 && w.m.alone[u] < noSpot }
	if u := w.m.unit(n); able(u) {
		return u
	}
	for _, o := range w.m.near[n] {
		if u := w.m.unit(o); able(u) {
			return u
		}
	}
	return -1
}

// draw lists absent units to try beside one, in the order of found.
func (w *walk) draw(u int32) {
	m := w.m
	w.drawn = w.drawn[:0]
	for _, n := range m.near[u] {
		if m.unit(n) == n && w.where[n] < 0 {
			w.drawn = append(w.drawn, sortKey{unit: n})
		}
	}
	for range min(foundDrawn, len(w.absent)) {
		w.drawn = append(w.drawn, sortKey{unit: w.absent[w.dice.Below(len(w.absent))]})
	}
	for i := range w.drawn {
		k := &w.drawn[i]
		k.key = -int64(float64(m.Price[k.unit]) * w.logs[w.dice.Next()>>52])
	}
	sortKeys(w.drawn)
}
