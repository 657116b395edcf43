package roads

import "slices"

// hierarchy is a chordal graph over nodes that are numbered in the order in which they were taken away: each node's
// upper neighbours, without weights. Shortest ways go up from both ends.
type hierarchy struct {
	first  []int32 // by node, one more than nodes: where its upper neighbours begin
	up     []int32 // ascending
	parent []int32 // the lowest upper neighbour, or -1
	depth  []int32 // how many ancestors a node has
	slot   []int32 // by arc of the graph: its place in up; -1 for a loop
	over   []int32 // by place in up: depth of the neighbour
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
	h.over = make([]int32, len(h.up))
	for k, w := range h.up {
		h.over[k] = h.depth[w]
	}
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
	// What the cheapest way there goes over: an arc of the graph, or, as its complement less one, a node below both; none
	// where there is no way.
	upBy, downBy []int32
}

const none = -1

// below says that a way goes over a node below both its ends; it is its own inverse.
func below(node int32) int32 { return -2 - node }

// customize reckons the weights of all shortcuts from those of arcs.
func (h *hierarchy) customize(tail, head []int32, arc []cost) *metric {
	n := len(h.up)
	m := &metric{arc: arc, up: make([]cost, n), down: make([]cost, n), upBy: make([]int32, n), downBy: make([]int32, n)}
	for i := range m.up {
		m.up[i], m.down[i], m.upBy[i], m.downBy[i] = far, far, none, none
	}
	for i, s := range h.slot {
		switch {
		case s < 0:
		case tail[i] < head[i] && arc[i] < m.up[s]:
			m.up[s], m.upBy[s] = arc[i], int32(i)
		case tail[i] > head[i] && arc[i] < m.down[s]:
			m.down[s], m.downBy[s] = arc[i], int32(i)
		}
	}
	for u := range int32(len(h.parent)) {
		h.triangles(m, u)
	}
	return m
}

// triangles lets ways between upper neighbours of a node go over it where that costs less.
func (h *hierarchy) triangles(m *metric, u int32) {
	from, to := h.first[u], h.first[u+1]
	for i := from; i < to; i++ {
		down, up := m.down[i], m.up[i]
		if down >= far && up >= far {
			continue
		}
		p := h.first[h.up[i]]
		for j := i + 1; j < to; j++ {
			w := h.up[j]
			for h.up[p] < w {
				p++
			}
			if c := down + m.up[j]; c < m.up[p] {
				m.up[p], m.upBy[p] = c, below(u)
			}
			if c := m.down[j] + up; c < m.down[p] {
				m.down[p], m.downBy[p] = c, below(u)
			}
		}
	}
}
