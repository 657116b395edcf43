package route

import "slices"

// What a ruin takes out: on average so many units, in strings of at most so
// many (Christiaens and Vanden Berghe's ċ and Lmax).
const (
	ruinMean   = 10
	ruinString = 10
)

type sortKey struct {
	prio int8
	key  int64
	unit int32
}

// ruin takes strings of neighbouring units out of tours around a random node. While
// something is absent, every second ruin makes room near an absent unit.
func (w *walk) ruin() bool {
	m := w.m
	var seed int32
	if len(w.absent) > 0 && w.dice.Chance(2) {
		seed = w.absent[w.dice.Below(len(w.absent))]
	} else {
		seed = m.units[w.dice.Below(len(m.units))]
	}
	served, used := len(m.units)-len(w.absent), 0
	for v := range w.tours {
		if !w.tours[v].empty() {
			used++
		}
	}
	if used == 0 {
		return true
	}
	length := min(ruinString, max(served/used, 1))
	most := 4*ruinMean/(1+length) - 1
	if len(w.absent) > 0 { // a short tour may have to go whole to let something in
		length = min(ruinString, 2*length)
	}
	strings := 1 + w.dice.Below(max(most, 1))
	if w.where[seed] >= 0 {
		if !w.ruinAt(seed, length) {
			return false
		}
		strings--
	}
	for _, n := range m.near[seed-m.base] {
		if strings == 0 {
			break
		}
		if v := w.where[n]; v < 0 || w.dirty[v] {
			continue
		}
		if !w.ruinAt(n, length) {
			return false
		}
		strings--
	}
	return true
}

// ruinAt takes one string that holds node n out of its tour, half of the time with
// a piece in the middle left in.
func (w *walk) ruinAt(n int32, most int) bool {
	v := w.where[n]
	t := &w.tours[v]
	fixed := int(w.m.veh[v].frozen)
	size := len(t.seq) - 2 - fixed
	if size <= 0 {
		return true
	}
	length := 1 + w.dice.Below(min(most, size))
	keep := w.kept(length, size)
	span := min(length+keep, size)
	at := int(w.pos[n])
	lo, hi := max(at-span+1, fixed+1), min(at, len(t.seq)-1-span)
	if lo > hi {
		return true
	}
	from := lo + w.dice.Below(hi-lo+1)
	hole := from + span // no piece kept
	if keep > 0 && span > keep {
		hole = from + w.dice.Below(span-keep+1)
	}
	w.block = w.block[:0]
	w.gather(t.seq[from:hole])
	w.gather(t.seq[min(hole+keep, from+span) : from+span])
	if len(w.block) == 0 {
		return true
	}
	return w.remove(v, w.block) && w.tidy(v)
}

// kept is how long a piece to leave in the middle of a string; mostly none or short.
func (w *walk) kept(length, size int) int {
	if length == 1 || !w.dice.Chance(2) {
		return 0
	}
	keep := 1
	for length+keep < size && !w.dice.Chance(100) {
		keep++
		if w.dice.Chance(2) {
			break
		}
	}
	return keep
}

// gather adds the units of a piece of a tour to block, without the frozen.
func (w *walk) gather(piece []int32) {
	for _, x := range piece {
		if x < w.m.base {
			continue
		}
		u := w.m.unitOf(x)
		if w.movable(u) && !slices.Contains(w.block, u) {
			w.block = append(w.block, u)
		}
	}
}

// tidy takes out a reload that the tour no longer needs.
func (w *walk) tidy(v int32) bool {
	t := &w.tours[v]
	for i := int(w.m.veh[v].frozen) + 1; i+1 < len(t.seq) && len(t.count) > 1; i++ {
		if t.seq[i] != 3*v+2 || !w.joins(v, t, t.trip[i]) {
			continue
		}
		w.trial.seq = append(append(w.trial.seq[:0], t.seq[:i]...), t.seq[i+1:]...)
		if w.m.refresh(v, &w.trial) && w.trial.cost <= t.cost {
			w.touch(v)
			w.set(v)
			t = &w.tours[v]
			i--
		}
	}
	return true
}

// joins says that class, stops and load may let a trip be one with the trip before it.
func (w *walk) joins(v int32, t *tour, k int32) bool {
	u := &w.m.veh[v]
	if t.count[k-1] > 0 && t.count[k] > 0 && t.class[k-1] != t.class[k] || u.stops > 0 && t.count[k-1]+t.count[k] > u.stops {
		return false
	}
	for d := range w.m.dims {
		a, b := int(t.begin[k-1])*w.m.dims+d, int(t.begin[k])*w.m.dims+d
		if t.load[a]+t.still[b] > u.cap[d] {
			return false
		}
	}
	return true
}

// recreate puts absent units in, each at its cheapest place, those of a higher
// class first.
func (w *walk) recreate(blink bool) {
	m := w.m
	order := w.dice.Below(11)
	w.keys = w.keys[:0]
	for _, u := range w.absent {
		k := sortKey{prio: m.prio[u], unit: u}
		switch {
		case order < 4:
			k.key = int64(w.dice.Next() >> 1)
		case order < 8:
			k.key = -m.sizes[u-m.base]
		case order < 9:
			k.key = m.tightness(u)
		case order < 10:
			k.key = -w.remoteness(u)
		default:
			k.key = w.remoteness(u)
		}
		w.keys = append(w.keys, k)
	}
	slices.SortFunc(w.keys, func(a, b sortKey) int {
		switch {
		case a.prio != b.prio:
			return int(a.prio) - int(b.prio)
		case a.key != b.key:
			if a.key < b.key {
				return -1
			}
			return 1
		}
		return int(a.unit - b.unit)
	})
	for _, k := range w.keys {
		s := w.bestSpot(k.unit, blink)
		if p := m.price[k.unit]; s.delta < noSpot && (p == 0 || s.delta <= p) {
			w.placeUnit(k.unit, s)
		}
	}
	for _, u := range w.absent {
		w.missed[u]++
	}
}

// tightness is the width of a unit's windows.
func (m *model) tightness(u int32) int64 {
	ws := m.windows(int(u))
	if len(ws) == 0 {
		return MaxTime
	}
	sum := int64(0)
	for _, x := range ws {
		sum += int64(x.To - x.From)
	}
	return sum
}

// remoteness is the drive from the first vehicle's start.
func (w *walk) remoteness(u int32) int64 {
	if w.m.nv == 0 {
		return 0
	}
	return w.m.drive(&w.m.veh[0], w.m.at[0], w.m.at[u], w.m.veh[0].first)
}

// step ruins and recreates once, and goes back when the result is not accepted.
func (w *walk) step() {
	w.begin()
	if w.m.reloads && w.dice.Chance(tripOdds) {
		w.exchangeTrips()
	}
	if !w.ruin() {
		w.undo()
		return
	}
	w.recreate(true)
	if !w.accepts() {
		w.undo()
		w.idle++
		return
	}
	if c := w.lost.compare(&w.best.lost); c < 0 || c == 0 && w.cost < w.best.cost {
		w.save(&w.best)
		w.idle = 0
		return
	}
	w.idle++
	if w.idle > 20_000 {
		w.restore(&w.best)
		w.idle = 0
	}
}

// accepts compares with begin: less left out, or as much and not too much dearer, or
// what is left out is what has been left out less often.
func (w *walk) accepts() bool {
	switch c := w.lost.compare(&w.wasLost); {
	case c < 0:
		return true
	case c > 0:
		return w.rarer()
	}
	limit := float64(w.wasCost) + float64(w.heat*w.logs[w.dice.Below(len(w.logs))])
	return float64(w.cost) <= limit
}

func (w *walk) rarer() bool {
	now, was := int64(0), int64(0)
	for _, u := range w.absent {
		now += w.missed[u] * int64(Priorities-w.m.prio[u])
	}
	for _, u := range w.wasOut {
		was += w.missed[u] * int64(Priorities-w.m.prio[u])
	}
	return now < was
}
