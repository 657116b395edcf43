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

// lanes is how many sources go down the hierarchy together: as many costs as a cache line holds.
const lanes = 8

// Table reckons travel from every point to every point. workers bounds the goroutines; 0 means one.
func (w *Weights) Table(ctx context.Context, from, to []Snap, workers int) (*Table, error) {
	t := &Table{To: len(to), Seconds: make([]int32, len(from)*len(to)), Metres: make([]int32, len(from)*len(to))}
	for i := range t.Seconds {
		t.Seconds[i], t.Metres[i] = None, None
	}
	s := w.newSweep(to)
	var next atomic.Int64
	var busy sync.WaitGroup
	for range max(workers, 1) {
		busy.Go(func() {
			f := s.newFront()
			for ctx.Err() == nil {
				i := int(next.Add(lanes)) - lanes
				if i >= len(from) {
					return
				}
				f.batch(from, i, t)
			}
		})
	}
	busy.Wait()
	return t, ctx.Err()
}

// sweep is the part of the hierarchy that targets need, highest node first.
type sweep struct {
	w     *Weights
	to    []Snap
	nodes []int32
	local []int32  // by node: its place in nodes, or -1
	first []int32  // by place: where its upper neighbours begin
	up    []int32  // their places
	cost  []cost   // from them down to it
	seeds [][]seed // by target; nodes are places
}

func (w *Weights) newSweep(to []Snap) *sweep {
	s := &sweep{w: w, to: to, local: make([]int32, len(w.g.parent)), seeds: make([][]seed, len(to))}
	for i := range s.local {
		s.local[i] = -1
	}
	for i, t := range to {
		if t.OnRoad() {
			s.seeds[i] = w.in(t)
		}
		for _, seed := range s.seeds[i] {
			for v := seed.node; v >= 0 && s.local[v] < 0; v = w.g.parent[v] {
				s.local[v] = 0
				s.nodes = append(s.nodes, v)
			}
		}
	}
	slices.SortFunc(s.nodes, func(a, b int32) int { return compare(b, a) })
	s.first = make([]int32, 1, len(s.nodes)+1)
	for i, v := range s.nodes {
		s.local[v] = int32(i)
		for k := w.g.first[v]; k < w.g.first[v+1]; k++ {
			if w.down[k] < far {
				s.up, s.cost = append(s.up, s.local[w.g.up[k]]), append(s.cost, w.down[k])
			}
		}
		s.first = append(s.first, int32(len(s.up)))
	}
	for i := range s.seeds {
		for k := range s.seeds[i] {
			s.seeds[i][k].node = s.local[s.seeds[i][k].node]
		}
	}
	return s
}

// front is one goroutine's costs.
type front struct {
	*sweep
	climb
	at [][lanes]cost // by place
}

func (s *sweep) newFront() *front {
	return &front{sweep: s, climb: newClimb(s.w.g), at: make([][lanes]cost, len(s.nodes))}
}

// batch fills the rows of up to lanes sources.
func (f *front) batch(from []Snap, i int, t *Table) {
	n := min(lanes, len(from)-i)
	for k := range f.at {
		f.at[k] = [lanes]cost{far, far, far, far, far, far, far, far}
	}
	for l := range n {
		if !from[i+l].OnRoad() {
			continue
		}
		for _, v := range f.upwards(f.w.out(from[i+l]), f.w.up) {
			if p := f.local[v]; p >= 0 && f.dist[v] < marked {
				f.at[p][l] = f.dist[v]
			}
		}
	}
	f.descend()
	for l := range n {
		for j := range f.to {
			if c := f.cell(from[i+l], j, l); c < far {
				k := (i+l)*t.To + j
				t.Seconds[k], t.Metres[k] = seconds(c), metres(c)
			}
		}
	}
}

// cell is what it costs to get from a source to a target.
func (f *front) cell(from Snap, to, lane int) cost {
	best := far
	for _, s := range f.seeds[to] {
		best = min(best, f.at[s.node][lane]+s.cost)
	}
	if from.OnRoad() && f.to[to].OnRoad() {
		c, _ := f.w.straight(from, f.to[to])
		best = min(best, c)
	}
	return best
}

// descend carries costs from the top of the hierarchy to its lower nodes.
func (f *front) descend() {
	for i := range f.at {
		here := f.at[i]
		from, to := f.first[i], f.first[i+1]
		up, down := f.up[from:to], f.cost[from:to]
		for k, p := range up {
			c, above := down[k], &f.at[p]
			here[0] = min(here[0], above[0]+c)
			here[1] = min(here[1], above[1]+c)
			here[2] = min(here[2], above[2]+c)
			here[3] = min(here[3], above[3]+c)
			here[4] = min(here[4], above[4]+c)
			here[5] = min(here[5], above[5]+c)
			here[6] = min(here[6], above[6]+c)
			here[7] = min(here[7], above[7]+c)
		}
		f.at[i] = here
	}
}

func seconds(c cost) int32 { return int32((c.Milliseconds() + 500) / 1000) }
func metres(c cost) int32  { return int32((c.Decimetres() + 5) / 10) }

// climb goes up a hierarchy from a few nodes.
type climb struct {
	g     *graph
	dist  []cost // by node; far but for those that the last climb reached
	nodes []int32
}

func newClimb(g *graph) climb {
	c := climb{g: g, dist: make([]cost, len(g.parent))}
	for v := range c.dist {
		c.dist[v] = far
	}
	return c
}

// marked is an ancestor that no way has reached yet.
const marked = far - 1

// upwards returns the ancestors of some nodes in ascending order, with dist set to what it costs to reach them from
// seeds by going only up; those that cannot be reached so have far or a little less.
func (c *climb) upwards(seeds []seed, up []cost) []int32 {
	for _, v := range c.nodes {
		c.dist[v] = far
	}
	c.nodes = c.nodes[:0]
	for _, s := range seeds {
		for v := s.node; v >= 0 && c.dist[v] == far; v = c.g.parent[v] {
			c.dist[v] = marked
			c.nodes = append(c.nodes, v)
		}
	}
	slices.Sort(c.nodes)
	for _, s := range seeds {
		c.dist[s.node] = min(c.dist[s.node], s.cost)
	}
	for _, v := range c.nodes {
		d := c.dist[v]
		if d >= marked {
			continue
		}
		for k := c.g.first[v]; k < c.g.first[v+1]; k++ {
			w := c.g.up[k]
			c.dist[w] = min(c.dist[w], d+up[k])
		}
	}
	return c.nodes
}
