package kernel

import "slices"

func sortKeys(q []sortKey) {
	slices.SortFunc(q, func(a, b sortKey) int {
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		}
		return int(a.unit) - int(b.unit)
	})
}

// step ruins and recreates once, and goes back when the result is not accepted.
func (w *walk) step() {
	w.steps++
	seed := w.m.units[w.dice.Below(len(w.m.units))]
	if p := w.m.Pair[seed]; p >= 0 && w.dice.Chance(2) {
		seed = p
	}
	if !w.ruin(seed) {
		w.undo()
		return
	}
	w.recreate(seed, true)
	if !w.accepts() {
		w.undo()
		return
	}
	w.begin()
	if w.shrinking {
		// While the hunt lasts, a whole plan is always of fewer routes than the best.
		if w.lost == 0 {
			w.save()
			w.shrink()
		}
		return
	}
	if w.lost < w.best.Lost || w.lost == w.best.Lost && w.cost < w.best.Cost {
		w.save()
	}
}

// accepts compares with begin: less left out, or what has been left out less often;
// or as much, and not too much dearer.
func (w *walk) accepts() bool {
	if w.lost < w.wasLost || w.lost > 0 && w.sumMissed(w.absent) < w.sumMissed(w.wasAbsent) {
		return true
	}
	if w.lost > w.wasLost {
		return false
	}
	return float64(w.cost) < float64(w.wasCost)+float64(w.heat*w.logs[w.dice.Next()>>52])
}

func (w *walk) sumMissed(units []int32) int64 {
	sum := int64(0)
	for _, u := range units {
		sum += w.missed[u]
	}
	return sum
}
