package roads

import "slices"

// findMain marks the edges of the largest strongly connected part, by nodes: a point that is put on one of them can
// be left and reached. (Tarjan: Depth-first search and linear graph algorithms, SIAM J. Comput. 1, 1972; here
// without recursion.)
func (g *graph) findMain() {
	part := g.strong()
	size := map[int32]int{}
	best := int32(-1)
	for _, c := range part {
		size[c]++
		if best < 0 || size[c] > size[best] || size[c] == size[best] && c < best {
			best = c
		}
	}
	g.main = make([]bool, max(len(g.arcsAt)-1, 0))
	for i, e := range g.edge {
		if part[g.tail[i]] == best && part[g.head[i]] == best {
			g.main[e] = true
		}
	}
}

// strong numbers the strongly connected parts, by node.
func (g *graph) strong() []int32 {
	list := make([][2]int32, len(g.tail))
	for i := range g.tail {
		list[i] = [2]int32{g.tail[i], g.head[i]}
	}
	n := len(g.junction)
	d := &descent{out: newAdjacency(n, list), part: make([]int32, n), low: make([]int32, n), index: make([]int32, n)}
	d.next = slices.Clone(d.out.first[:n])
	for v := range d.part {
		d.part[v] = -1
	}
	for v := range int32(n) {
		if d.index[v] == 0 {
			d.from(v)
		}
	}
	return d.part
}

// descent is Tarjan's search under way.
type descent struct {
	out              adjacency
	part, low, index []int32 // by node; index 0: not seen
	next             []int32 // by node: the neighbour to look at next
	stack, path      []int32
	seen, parts      int32
}

func (d *descent) from(root int32) {
	d.path = append(d.path, root)
	for len(d.path) > 0 {
		v := d.path[len(d.path)-1]
		if d.index[v] == 0 {
			d.seen++
			d.index[v], d.low[v] = d.seen, d.seen
			d.stack = append(d.stack, v)
		}
		if d.next[v] < d.out.first[v+1] {
			w := d.out.to[d.next[v]]
			d.next[v]++
			if d.index[w] == 0 {
				d.path = append(d.path, w)
			} else if d.part[w] < 0 {
				d.low[v] = min(d.low[v], d.index[w])
			}
			continue
		}
		d.leave(v)
	}
}

// leave goes back from a node; one that reaches nothing seen before it closes a part.
func (d *descent) leave(v int32) {
	d.path = d.path[:len(d.path)-1]
	if len(d.path) > 0 {
		up := d.path[len(d.path)-1]
		d.low[up] = min(d.low[up], d.low[v])
	}
	if d.low[v] != d.index[v] {
		return
	}
	for last := int32(-1); last != v; {
		last = d.stack[len(d.stack)-1]
		d.stack = d.stack[:len(d.stack)-1]
		d.part[last] = d.parts
	}
	d.parts++
}
