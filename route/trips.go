package route

// Trips as wholes. A trip that begins and ends at the depot may change its place in a route, or
// its vehicle, and cost as much as before; where it stands decides what else fits. To take it
// apart and build it elsewhere stop by stop seldom comes about by chance.

const (
	tripOdds  = 8 // one step in so many begins with it, where vehicles reload
	tripTries = 6
)

// exchangeTrips moves a random trip to another place, or exchanges two, where that keeps all limits
// and costs no more than the heat allows.
func (w *walk) exchangeTrips() {
	limit := int64(w.heat * w.logs[w.dice.Next()>>52])
	for range tripTries {
		a, b := int32(w.dice.Below(w.m.nv)), int32(w.dice.Below(w.m.nv))
		if a == b {
			if w.reorderTrips(a, limit) {
				return
			}
		} else if w.passTrips(a, b, limit) {
			return
		}
	}
}

// tripsOf lists the trips of a tour that have not begun, each without its reload.
func (w *walk) tripsOf(v int32, out [][]int32) [][]int32 {
	t := &w.tours[v]
	for k := w.firstTrip(v); k < len(t.begin); k++ {
		end := len(t.seq) - 1
		if k+1 < len(t.begin) {
			end = int(t.begin[k+1])
		}
		if trip := t.seq[t.begin[k]+1 : end]; len(trip) > 0 {
			out = append(out, trip)
		}
	}
	return out
}

// firstTrip is the first trip of which nothing is frozen.
func (w *walk) firstTrip(v int32) int {
	if f := w.m.veh[v].frozen; f > 0 {
		return int(w.tours[v].trip[f]) + 1
	}
	return 0
}

// reorderTrips puts a trip at another place in its own tour.
func (w *walk) reorderTrips(v int32, limit int64) bool {
	w.mine = w.tripsOf(v, w.mine[:0])
	if len(w.mine) < 2 {
		return false
	}
	i, j := w.dice.Below(len(w.mine)), w.dice.Below(len(w.mine)-1)
	if !w.whole(w.mine[i], v) {
		return false
	}
	trip := w.mine[i]
	w.mine = append(w.mine[:i], w.mine[i+1:]...)
	w.mine = append(w.mine, nil)
	copy(w.mine[j+1:], w.mine[j:])
	w.mine[j] = trip
	if !w.assemble(v, w.mine) || w.trial.cost-w.tours[v].cost > limit {
		return false
	}
	w.touch(v)
	w.set(v)
	return true
}

// passTrips gives a trip of one tour to another, half of the time for one of its own.
func (w *walk) passTrips(a, b int32, limit int64) bool {
	w.mine, w.theirs = w.tripsOf(a, w.mine[:0]), w.tripsOf(b, w.theirs[:0])
	if len(w.mine) == 0 {
		return false
	}
	i := w.dice.Below(len(w.mine))
	if !w.whole(w.mine[i], b) {
		return false
	}
	if len(w.theirs) > 0 && w.dice.Chance(2) {
		j := w.dice.Below(len(w.theirs))
		if !w.whole(w.theirs[j], a) {
			return false
		}
		w.mine[i], w.theirs[j] = w.theirs[j], w.mine[i]
	} else {
		j := w.dice.Below(len(w.theirs) + 1)
		w.theirs = append(w.theirs, nil)
		copy(w.theirs[j+1:], w.theirs[j:])
		w.theirs[j] = w.mine[i]
		w.mine = append(w.mine[:i], w.mine[i+1:]...)
	}
	if !w.assemble(a, w.mine) {
		return false
	}
	more := w.trial.cost - w.tours[a].cost
	w.trial, w.second = w.second, w.trial
	if !w.assemble(b, w.theirs) || more+w.trial.cost-w.tours[b].cost > limit {
		return false
	}
	w.setBoth(a, b)
	return true
}

// whole says that a trip holds both ends of its shipments, and that a vehicle may serve it all.
func (w *walk) whole(trip []int32, v int32) bool {
	for _, n := range trip {
		if !w.m.veh[v].allow[n-w.m.base] {
			return false
		}
		p := w.m.pair[n]
		if p < 0 {
			continue
		}
		i, j := w.pos[trip[0]], w.pos[trip[len(trip)-1]]
		if w.pos[p] < i || w.pos[p] > j {
			return false
		}
	}
	return true
}

// assemble writes into trial the tour of what has begun and these trips, and says whether it keeps
// all limits.
func (w *walk) assemble(v int32, trips [][]int32) bool {
	t := &w.tours[v]
	q := append(w.trial.seq[:0], t.seq[0])
	if first := w.firstTrip(v); first > 0 {
		end := len(t.seq) - 1
		if first < len(t.begin) {
			end = int(t.begin[first])
		}
		q = append(q, t.seq[1:end]...)
	}
	for _, trip := range trips {
		if len(q) > 1 {
			q = append(q, 3*v+2)
		}
		q = append(q, trip...)
	}
	w.trial.seq = append(q, 3*v+1)
	return w.m.refresh(v, &w.trial)
}

// setBoth gives tour a what is in second, and b what is in trial.
func (w *walk) setBoth(a, b int32) {
	w.touch(a)
	w.touch(b)
	for _, v := range [2]int32{a, b} {
		for _, n := range w.tours[v].seq {
			w.where[n] = -1
		}
	}
	w.cost += w.second.cost - w.tours[a].cost + w.trial.cost - w.tours[b].cost
	w.tours[a], w.second = w.second, w.tours[a]
	w.tours[b], w.trial = w.trial, w.tours[b]
	for _, v := range [2]int32{a, b} {
		w.renew(&w.tours[v])
		w.index(v)
	}
}
