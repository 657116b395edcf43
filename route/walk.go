package route

import (
	"slices"

	"github.com/jumyla/jumyla/route/kernel"
)

// walk is one search: a solution that is ruined and recreated in place, with a
// copy of each tour it has touched, to go back to.
type walk struct {
	m       *model
	dice    *kernel.Dice
	logs    []float64
	tours   []tour
	backup  []tour
	trial   tour
	second  tour      // beside trial, where two change at once
	mine    [][]int32 // trips of a tour
	theirs  [][]int32 // and of another
	block   []int32
	touched []int32
	dirty   []bool
	where   []int32 // node: vehicle, or -1
	pos     []int32 // node: position in its tour
	gone    []bool  // unit: cancelled, in no tour and not absent
	absent  []int32 // units in no tour
	wasOut  []int32
	missed  []int64 // unit: how often it stayed absent
	lost    drop
	wasLost drop
	cost    int64
	wasCost int64
	keys    []sortKey
	vers    uint64
	spots   []keptSpot // by node-base and vehicle
	marks   []int32    // vehicle twin: scan in which an empty one was seen
	scan    int32
	best    snapshot
	blink   int // improvements until one is passed over
	heat    float64
	idle    int
}

// drop is the weight left out, by priority class.
type drop [Priorities]int64

func (a *drop) compare(b *drop) int {
	for k := range a {
		if a[k] != b[k] {
			if a[k] < b[k] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// snapshot is a solution worth keeping.
type snapshot struct {
	seqs [][]int32
	lost drop
	cost int64
}

// spot is where a unit could go.
type spot struct {
	vehicle int32
	i, j    int32 // after these positions; j for a shipment's delivery, counted before the pickup is in
	reload  int8  // 0 no, 1 a reload before the block, 2 after it
	delta   int64
}

// keptSpot is a unit's best place in a tour of that version.
type keptSpot struct {
	ver   uint64
	found bool // else nothing costs less than delta
	spot
}

// keptSpots bounds how many are kept.
const keptSpots = 4 << 20

const noSpot = int64(1) << 62

func newWalk(m *model, seed uint64, table []float64) *walk {
	w := &walk{m: m, dice: kernel.NewDice(seed), logs: table,
		tours: make([]tour, m.nv), backup: make([]tour, m.nv), dirty: make([]bool, m.nv), marks: make([]int32, m.nv),
		where: make([]int32, len(m.place)), pos: make([]int32, len(m.place)), missed: make([]int64, len(m.place)), gone: make([]bool, len(m.place))}
	for n := range w.where {
		w.where[n] = -1
	}
	for v := range w.tours {
		w.renew(&w.tours[v])
		w.tours[v].seq = []int32{int32(3 * v), int32(3*v + 1)}
		m.refresh(int32(v), &w.tours[v])
		w.cost += w.tours[v].cost
	}
	for _, u := range m.units {
		w.out(u)
	}
	return w
}

// keepSpots makes room for the best places of units, for a walk of many steps.
func (w *walk) keepSpots() {
	if n := (len(w.m.place) - int(w.m.base)) * w.m.nv; n <= keptSpots && len(w.spots) != n {
		w.spots = make([]keptSpot, n)
	}
}

// out puts a unit among the absent.
func (w *walk) out(u int32) {
	w.absent = append(w.absent, u)
	w.miss(u, 1)
}

// miss counts what leaving a unit out loses or costs.
func (w *walk) miss(u int32, sign int64) {
	if p := w.m.price[u]; p > 0 {
		w.cost += sign * p
		return
	}
	w.lost[w.m.prio[u]] += sign * w.m.weight[u]
}

// touch keeps a tour as it was, once per step.
func (w *walk) touch(v int32) {
	if w.dirty[v] {
		return
	}
	w.dirty[v] = true
	w.touched = append(w.touched, v)
	w.backup[v].copyFrom(&w.tours[v])
}

func (w *walk) begin() {
	for _, v := range w.touched {
		w.dirty[v] = false
	}
	w.touched = w.touched[:0]
	w.wasOut = append(w.wasOut[:0], w.absent...)
	w.wasLost, w.wasCost = w.lost, w.cost
}

// undo goes back to begin.
func (w *walk) undo() {
	for _, v := range w.touched {
		for _, n := range w.tours[v].seq {
			w.where[n] = -1
		}
	}
	for _, v := range w.touched {
		w.tours[v], w.backup[v] = w.backup[v], w.tours[v]
		w.index(v)
		w.dirty[v] = false
	}
	w.touched = w.touched[:0]
	w.absent = append(w.absent[:0], w.wasOut...)
	w.lost, w.cost = w.wasLost, w.wasCost
}

func (w *walk) index(v int32) {
	t := &w.tours[v]
	for i, n := range t.seq {
		w.where[n] = v
		w.pos[n] = int32(i)
	}
}

// set gives a touched tour the sequence in trial, whose arrays are fresh.
func (w *walk) set(v int32) {
	t := &w.tours[v]
	for _, n := range t.seq {
		w.where[n] = -1
	}
	w.cost += w.trial.cost - t.cost
	w.tours[v], w.trial = w.trial, w.tours[v]
	w.renew(&w.tours[v])
	w.index(v)
}

func (w *walk) renew(t *tour) {
	w.vers++
	t.ver = w.vers
}

// placeUnit puts an absent unit in its spot; false when a limit that the spot's test
// does not know forbids it.
func (w *walk) placeUnit(u int32, s spot) bool {
	w.tryOut(u, s)
	if !w.m.refresh(s.vehicle, &w.trial) {
		return false
	}
	w.touch(s.vehicle)
	w.set(s.vehicle)
	k := slices.Index(w.absent, u)
	w.absent = slices.Delete(w.absent, k, k+1)
	w.miss(u, -1)
	return true
}

// tryOut writes into trial the tour's sequence with the unit in its spot.
func (w *walk) tryOut(u int32, s spot) {
	t := &w.tours[s.vehicle]
	q := append(w.trial.seq[:0], t.seq[:s.i+1]...)
	if s.reload == 1 {
		q = append(q, 3*s.vehicle+2)
	}
	q = append(q, u)
	if p := w.m.pair[u]; p >= 0 {
		q = append(q, t.seq[s.i+1:s.j+1]...)
		q = append(q, p)
	}
	if s.reload == 2 {
		q = append(q, 3*s.vehicle+2)
	}
	w.trial.seq = append(q, t.seq[max(s.i, s.j)+1:]...)
}

// remove takes units out of one tour; false when what is left breaks a limit, which
// only a broken triangle of travel times can cause.
func (w *walk) remove(v int32, units []int32) bool {
	w.touch(v)
	t := &w.tours[v]
	for _, u := range units {
		w.where[u] = -1
		if p := w.m.pair[u]; p >= 0 {
			w.where[p] = -1
		}
		w.out(u)
	}
	q := w.trial.seq[:0]
	fixed := int(w.m.veh[v].frozen)
	reload := 3*v + 2
	for i, n := range t.seq {
		switch {
		case i <= fixed || i+1 == len(t.seq):
		case n == reload:
			if last := q[len(q)-1]; last == reload || last == 3*v {
				continue
			}
		case w.where[n] < 0:
			continue
		}
		if i+1 == len(t.seq) && len(q) > 1+fixed && q[len(q)-1] == reload {
			q = q[:len(q)-1]
		}
		q = append(q, n)
	}
	w.trial.seq = q
	ok := w.m.refresh(v, &w.trial)
	w.set(v)
	return ok
}

// movable says that a unit in a tour is not frozen.
func (w *walk) movable(u int32) bool {
	v := w.where[u]
	return v >= 0 && w.pos[u] > w.m.veh[v].frozen
}

// unitOf is the unit a node belongs to.
func (m *model) unitOf(n int32) int32 {
	if m.visit[n].Kind == Deliver {
		return m.pair[n]
	}
	return n
}

func (w *walk) save(s *snapshot) {
	s.lost, s.cost = w.lost, w.cost
	if s.seqs == nil {
		s.seqs = make([][]int32, len(w.tours))
	}
	for v := range w.tours {
		s.seqs[v] = append(s.seqs[v][:0], w.tours[v].seq...)
	}
}

// restore makes a snapshot the current solution.
func (w *walk) restore(s *snapshot) {
	for n := range w.where {
		w.where[n] = -1
	}
	w.cost, w.lost = 0, drop{}
	for v := range w.tours {
		t := &w.tours[v]
		t.seq = append(t.seq[:0], s.seqs[v]...)
		w.m.refresh(int32(v), t)
		w.renew(t)
		w.index(int32(v))
		w.cost += t.cost
	}
	w.absent = w.absent[:0]
	for _, u := range w.m.units {
		if w.where[u] < 0 {
			w.out(u)
		}
	}
	w.begin()
}
