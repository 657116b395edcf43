package kernel

import "slices"

// cross makes a child of two members the walk's present plan: a's, with some routes that
// lie together replaced by b's there (the selective route exchange of Nagata and
// Kobayashi, PPSN XI, 2010).
func (w *walk) cross(a, b *member) {
	w.around(a, b)
	w.sharing(a)
	for i := range w.child.Routes {
		w.child.Routes[i] = w.child.Routes[i][:0]
	}
	others := w.keys[min(len(w.took), len(w.keys)):] // of a's routes
	k := 0
	if w.dice.Chance(2) { // what b brings goes out of a's other routes
		for _, x := range others {
			k = w.bear(k, a.Routes[x.unit])
		}
		w.mark++
		for _, r := range w.took {
			k = w.bear(k, b.Routes[r])
		}
	} else { // what a's other routes have stays there
		w.mark++
		for _, x := range others {
			k = w.bear(k, a.Routes[x.unit])
		}
		for _, x := range others {
			w.stamp(a.Routes[x.unit])
		}
		for _, r := range w.took {
			k = w.bear(k, b.Routes[r])
		}
	}
	w.load(&w.child)
	w.complete()
}

// around takes routes of b that pass near a random stop, and marks what they serve.
func (w *walk) around(a, b *member) {
	m := w.m
	seed := m.units[w.dice.Below(len(m.units))]
	many := 1 + w.dice.Below(max(1, min(len(a.Routes), len(b.Routes))/2))
	w.took = w.took[:0]
	for k := -1; k < len(m.near[seed]) && len(w.took) < many; k++ {
		n := seed
		if k >= 0 {
			n = m.near[seed][k]
		}
		if r := b.routeOf(n); r >= 0 && !slices.Contains(w.took, r) {
			w.took = append(w.took, r)
		}
	}
	w.mark++
	for _, r := range w.took {
		w.stamp(b.Routes[r])
	}
}

func (w *walk) stamp(q []int32) {
	for _, n := range q {
		w.marks[n] = w.mark
	}
}

// sharing lists a's routes in keys, those first that share most with what is marked.
func (w *walk) sharing(a *member) {
	w.keys = w.keys[:0]
	for r, q := range a.Routes {
		same := int64(0)
		for _, n := range q {
			if w.marks[n] == w.mark {
				same++
			}
		}
		w.keys = append(w.keys, sortKey{-same, int32(r)})
	}
	sortKeys(w.keys)
}

// bear makes what is not marked of a route the child's k-th.
func (w *walk) bear(k int, q []int32) int {
	if k == len(w.child.Routes) {
		w.child.Routes = append(w.child.Routes, nil)
	}
	c := w.child.Routes[k][:0]
	for _, n := range q {
		if w.marks[n] != w.mark {
			c = append(c, n)
		}
	}
	w.child.Routes[k] = c
	return k + 1
}
