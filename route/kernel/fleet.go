package kernel

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
