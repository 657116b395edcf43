package roads

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// Table holds travel between many points: the cell of i and j stands at i·len(to)+j.
type Table struct {
	To      int
	Seconds []int32 // None where there is no way
	Metres  []int32 // along the fastest way
}

// None says that there is no way.
const None = -1

// lanes is how many sources go through the targets together: a target's costs are fetched once for all of them.
const lanes = 8

// Table reckons travel from every point to every point. workers bounds the goroutines; 0 means one.
func (w *Weights) Table(ctx context.Context, from, to []Snap, workers int) (*Table, error) {
	t := &Table{To: len(to), Seconds: make([]int32, len(from)*len(to)), Metres: make([]int32, len(from)*len(to))}
	goals := w.newGoals(to)
	var next atomic.Int64
	var busy sync.WaitGroup
	for range max(workers, 1) {
		busy.Go(func() {
			f := front{goals: goals, best: make([]cost, lanes*len(to)), shared: make([]int32, lanes*len(goals.stems))}
			for ctx.Err() == nil {
				i := int(next.Add(lanes)) - lanes
				if i >= len(from) {
					return
				}
				f.rows(from[i:min(i+lanes, len(from))], t, i)
			}
		})
	}
	busy.Wait()
	return t, ctx.Err()
}

// goals are the targets, each with what it costs to come down to it from any of its ancestors. A way's highest node is
// an ancestor of both its ends; the ancestors that two nodes share are the first of each one's list; so a cell is the
// cheapest sum over the beginnings of two lists. They are in order of their lists: neighbours share most.
type goals struct {
	w     *Weights
	to    []Snap
	stems []goal
	next  []int32 // by place: how many ancestors a goal shares with the one before; of the first 0
}

type goal struct {
	stem

	to int // which target
}

func (w *Weights) newGoals(to []Snap) *goals {
	g := &goals{w: w, to: to}
	for i, s := range to {
		if s.OnRoad() {
			for _, st := range w.g.climb(w.in(s), w.down) {
				g.stems = append(g.stems, goal{st, i})
			}
		}
	}
	slices.SortFunc(g.stems, func(a, b goal) int { return slices.Compare(a.nodes, b.nodes) })
	total := 0
	for i := range g.stems {
		total += len(g.stems[i].cost)
	}
	costs := make([]cost, 0, total) // one behind the other, as they are read
	g.next = make([]int32, len(g.stems))
	for i := range g.stems {
		s := &g.stems[i].stem
		at := len(costs)
		costs = append(costs, s.cost...)
		s.cost = costs[at:]
		if i > 0 {
			g.next[i] = int32(s.shared(&g.stems[i-1].stem))
		}
	}
	return g
}

// sharedWith fills in how many ancestors each goal shares with a stem: next to where it would stand most, and from there
// to either side as few as any pair between.
func (g *goals) sharedWith(s *stem, out []int32) {
	at, _ := slices.BinarySearchFunc(g.stems, s.nodes, func(a goal, nodes []int32) int { return slices.Compare(a.nodes, nodes) })
	for i := at; i < len(g.stems); i++ {
		if i == at {
			out[i] = int32(s.shared(&g.stems[i].stem))
			continue
		}
		out[i] = min(out[i-1], g.next[i])
	}
	for i := at - 1; i >= 0; i-- {
		if i == at-1 {
			out[i] = int32(s.shared(&g.stems[i].stem))
			continue
		}
		out[i] = min(out[i+1], g.next[i+1])
	}
}

// front is one goroutine's room.
type front struct {
	*goals

	best   []cost // by lane and target
	shared []int32
}

// rows fills in the rows of up to lanes sources, the first of which is number i.
func (f *front) rows(from []Snap, t *Table, i int) {
	for k := range f.best {
		f.best[k] = far
	}
	var stems []stem
	var lane []int
	flush := func() {
		f.cross(stems, lane)
		stems, lane = stems[:0], lane[:0]
	}
	for l, s := range from {
		if !s.OnRoad() {
			continue
		}
		for _, st := range f.w.g.climb(f.w.out(s), f.w.up) {
			if len(stems) == lanes {
				flush()
			}
			stems, lane = append(stems, st), append(lane, l)
		}
		for j, b := range f.to {
			if b.OnRoad() && b.segment == s.segment {
				c, _ := f.w.straight(s, b)
				f.best[l*len(f.to)+j] = min(f.best[l*len(f.to)+j], c)
			}
		}
	}
	flush()
	for k := range len(from) * t.To {
		sec, met := int32(None), int32(None)
		if c := f.best[k]; c < far {
			sec, met = seconds(c), metres(c)
		}
		t.Seconds[i*t.To+k], t.Metres[i*t.To+k] = sec, met
	}
}

// cross lets some stems meet all goals.
func (f *front) cross(stems []stem, lane []int) {
	n := len(f.stems)
	for k := range stems {
		f.sharedWith(&stems[k], f.shared[k*n:(k+1)*n])
	}
	for j := range f.stems {
		down := f.stems[j].cost
		for k := range stems {
			best := &f.best[lane[k]*len(f.to)+f.stems[j].to]
			*best = min(*best, meet(stems[k].cost, down, int(f.shared[k*n+j])))
		}
	}
}

func seconds(c cost) int32 { return int32((c.Milliseconds() + 500) / 1000) }
func metres(c cost) int32  { return int32((c.Decimetres() + 5) / 10) }
