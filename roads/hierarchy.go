package roads

import "slices"

// hierarchy is a chordal graph over nodes that are numbered in the order in which they were taken away: each node's
// upper neighbours, without weights. Shortest ways go up from both ends.
type hierarchy struct {
	first  []int32   // by node, one more than nodes: where its upper neighbours begin
	up     []int32   // ascending
	parent []int32   // the lowest upper neighbour, or -1
	depth  []int32   // how many ancestors a node has
	slot   []int32   // by arc of the graph: its place in up; -1 for a loop
	lower  adjacency // lower neighbours by node
}

// newHierarchy fills in the edges that taking nodes away one by one would need.
func newHierarchy(n int, tail, head []int32) hierarchy {
	h := hierarchy{first: make([]int32, n+1), parent: make([]int32, n), depth: make([]int32, n), slot: make([]int32, len(tail))}
	h.fill(tail, head)
	for v := n - 1; v >= 0; v-- {
		if p := h.parent[v]; p >= 0 {
			h.depth[v] = h.depth[p] + 1
		}
	}
	for i, t := range tail {
		h.slot[i] = -1
		if t != head[i] {
			h.slot[i] = h.find(min(t, head[i]), max(t, head[i]))
		}
	}
	h.lower = h.turned()
	return h
}

// fill lists upper neighbours: a node's are its own and those of its children in the elimination tree.
func (h *hierarchy) fill(tail, head []int32) {
	own := make([][2]int32, 0, len(tail))
	for i, t := range tail {
		own = append(own, [2]int32{min(t, head[i]), max(t, head[i])})
	}
	n := len(h.parent)
	direct := newAdjacency(n, own)
	children := make([][]int32, n)
	seen := make([]int32, n)
	for v := range int32(n) {
		at := len(h.up)
		add := func(list []int32) {
			for _, w := range list {
				if w > v && seen[w] != v+1 {
					seen[w] = v + 1
					h.up = append(h.up, w)
				}
			}
		}
		add(direct.of(v))
		for _, c := range children[v] {
			add(h.up[h.first[c]:h.first[c+1]])
		}
		children[v] = nil
		slices.Sort(h.up[at:])
		h.first[v+1] = int32(len(h.up))
		h.parent[v] = -1
		if at < len(h.up) {
			h.parent[v] = h.up[at]
			children[h.up[at]] = append(children[h.up[at]], v)
		}
	}
}

// turned lists each node's lower neighbours, ascending.
func (h *hierarchy) turned() adjacency {
	n := len(h.parent)
	a := adjacency{first: make([]int32, n+1), to: make([]int32, len(h.up))}
	for _, w := range h.up {
		a.first[w+1]++
	}
	for v := range n {
		a.first[v+1] += a.first[v]
	}
	at := slices.Clone(a.first)
	for v := range int32(n) {
		for _, w := range h.up[h.first[v]:h.first[v+1]] {
			a.to[at[w]] = v
			at[w]++
		}
	}
	return a
}

// find returns where the edge between two nodes stands in up, or -1.
func (h *hierarchy) find(low, high int32) int32 {
	i, ok := slices.BinarySearch(h.up[h.first[low]:h.first[low+1]], high)
	if !ok {
		return -1
	}
	return h.first[low] + int32(i)
}

// cost is milliseconds in the upper 32 bits and decimetres in the lower.
type cost uint64

// far is more than any way costs; two of it can be added.
const far cost = 1 << 62

func newCost(ms, dm int64) cost { return cost(ms)<<32 | cost(dm) }

// Milliseconds of the way.
func (c cost) Milliseconds() int64 { return int64(c >> 32) }

// Decimetres of the way.
func (c cost) Decimetres() int64 { return int64(c & 0xffffffff) }

// metric is one set of weights on a hierarchy.
type metric struct {
	arc      []cost // by arc of the graph
	up, down []cost // by place in hierarchy.up: from the lower node to the upper, and back
}

// customize reckons the weights of all shortcuts from those of arcs.
func (h *hierarchy) customize(tail, head []int32, arc []cost) *metric {
	m := &metric{arc: arc, up: make([]cost, len(h.up)), down: make([]cost, len(h.up))}
	for i := range m.up {
		m.up[i], m.down[i] = far, far
	}
	for i, s := range h.slot {
		switch {
		case s < 0:
		case tail[i] < head[i]:
			m.up[s] = min(m.up[s], arc[i])
		default:
			m.down[s] = min(m.down[s], arc[i])
		}
	}
	for u := range int32(len(h.parent)) {
		from, to := h.first[u], h.first[u+1]
		for i := from; i < to; i++ {
			v := h.up[i]
			down, up := m.down[i], m.up[i]
			if down >= far && up >= far {
				continue
			}
			p := h.first[v]
			for j := i + 1; j < to; j++ {
				w := h.up[j]
				for h.up[p] < w {
					p++
				}
				m.up[p] = min(m.up[p], down+m.up[j], far)
				m.down[p] = min(m.down[p], m.down[j]+up, far)
			}
		}
	}
	return m
}
