package kernel

import "slices"

// What a ruin takes out: on average so many stops, in strings of at most so many
// (Christiaens and Vanden Berghe's c̄ and Lmax).
const (
	ruinMean   = 10
	ruinString = 10
	ejectOnce  = 8  // room is made for one in so many that do not fit
	manyAbsent = 24 // more absent than this are not all tried in each step
)

type sortKey struct {
	key  int64
	unit int32
}

// ruin takes strings of neighbouring stops out of tours around a random one.
func (w *walk) ruin(seed int32) bool {
	m := w.m
	if w.used == 0 {
		return true
	}
	served := len(m.units) - len(w.absent)
	length := min(ruinString, max(served/w.used, 1))
	most := (4*ruinMean<<8)/(1+length) - 1<<8 // strings, in 256ths
	strings := 1 + w.dice.Below(max(most, 1))>>8
	if w.where[seed] >= 0 {
		if !w.ruinAt(seed, length) {
			return false
		}
		strings--
	}
	for _, n := range m.near[seed] {
		if strings <= 0 {
			break
		}
		if r := w.where[n]; r < 0 || w.tours[r].dirty {
			continue
		}
		if !w.ruinAt(n, length) {
			return false
		}
		strings--
	}
	return true
}

// ruinAt takes one string that holds stop n out of its tour, half of the time with
// a piece in the middle left in.
func (w *walk) ruinAt(n int32, most int) bool {
	r := w.where[n]
	s := w.tours[r].s
	size := len(s) - 2
	length := 1 + w.dice.Below(min(most, size))
	keep := 0
	if length > 1 && length < size && w.dice.Chance(2) {
		for keep = 1; length+keep < size && !w.dice.Chance(100); keep++ {
			// another stop left in, as often as beta says
			if !w.dice.Chance(2) {
				break
			}
		}
	}
	span := length + keep
	at := 1
	for s[at].node != n {
		at++
	}
	lo, hi := max(at-span+1, 1), min(at, size+1-span)
	from := lo + w.dice.Below(hi-lo+1)
	hole := span // nothing left in
	if keep > 0 {
		hole = w.dice.Below(span - keep + 1)
	}
	w.block = w.block[:0]
	for k := range span {
		if k >= hole && k < hole+keep {
			continue
		}
		u := w.m.unit(s[from+k].node)
		if w.where[u] >= 0 {
			w.where[u] = -1 // so that a pair is taken once
			w.block = append(w.block, u)
		}
	}
	return w.remove(r)
}

// recreate puts the absent back, each at its cheapest place, in an order drawn anew.
// What has been absent before the ruin is tried only near its seed when it is much.
func (w *walk) recreate(seed int32, blinking bool) {
	w.choose(seed)
	w.arrange()
	if seed >= 0 && w.m.prized && len(w.wasAbsent) > 0 && w.dice.Chance(foundOdds) {
		w.found(seed)
	}
	for k := range w.keys {
		u := w.keys[k].unit
		if w.where[u] >= 0 { // found has taken it
			continue
		}
		p := w.bestSpot(u, blinking)
		if price := w.m.Price[u]; p.tour < 0 || price > 0 && p.delta > price {
			w.missed[u]++
			if w.shrinking && p.tour < 0 && w.top > 0 && w.dice.Chance(ejectOnce) {
				w.eject(u)
			}
			continue
		}
		w.insert(p.tour, u, p.i, p.j)
		w.cost += p.delta
		w.takeIn(u)
	}
}

// choose writes the units to try into keys.
func (w *walk) choose(seed int32) {
	w.keys = w.keys[:0]
	old := len(w.wasAbsent)
	if seed < 0 || old <= manyAbsent {
		old = 0
	}
	for _, u := range w.absent[old:] {
		w.keys = append(w.keys, sortKey{unit: u})
	}
	if old == 0 {
		return
	}
	few := manyAbsent / 2
	for _, n := range w.m.near[seed] {
		if u := w.m.unit(n); u == n && w.where[u] < 0 && int(w.out[u]) < old {
			w.keys = append(w.keys, sortKey{unit: u})
			if few--; few == 0 {
				break
			}
		}
	}
	for range few {
		u := w.absent[w.dice.Below(old)]
		if !slices.Contains(w.keys, sortKey{unit: u}) {
			w.keys = append(w.keys, sortKey{unit: u})
		}
	}
}

// arrange gives the units in keys an order.
func (w *walk) arrange() {
	m := w.m
	order := w.dice.Below(13)
	for i := range w.keys {
		u := w.keys[i].unit
		var k int64
		switch {
		case order < 4:
			k = int64(w.dice.Next() >> 1)
		case order < 8:
			k = -int64(m.Load[u])
		case order < 10:
			k = -int64(m.Cost[m.N*m.size+int(u)])
		case order < 11:
			k = int64(m.Cost[m.N*m.size+int(u)])
		case order < 12:
			k = int64(m.Late[u]) - int64(m.Early[u])
		default:
			k = int64(m.Early[u])
		}
		w.keys[i].key = k
	}
	q := w.keys
	if len(q) > 64 {
		sortKeys(q)
		return
	}
	for i := 1; i < len(q); i++ {
		x := q[i]
		j := i
		for ; j > 0 && (x.key < q[j-1].key || x.key == q[j-1].key && x.unit < q[j-1].unit); j-- {
			q[j] = q[j-1]
		}
		q[j] = x
	}
}
