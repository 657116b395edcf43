package roads

import "slices"

// stem is a search that went up a hierarchy from one node: along its ancestors, which are all that it can reach by
// going only up.
type stem struct {
	nodes []int32 // the ancestors from the root down to the node itself: the place of each is its depth
	cost  []cost  // by depth: what it costs to get there from the seeds; far where that is no way
	from  []int32 // by depth: the depth from which one comes there; -1 at a seed
}

// climb goes up from seeds. Two seeds of which one is an ancestor of the other share a stem: nearly always all do, as
// the ends of a street are neighbours.
func (g *graph) climb(seeds []seed, up []cost) []stem {
	seeds = slices.Clone(seeds)
	slices.SortFunc(seeds, func(a, b seed) int { return compare(a.node, b.node) })
	var stems []stem
	for len(seeds) > 0 {
		s := g.stemOf(seeds[0].node)
		seeds = slices.DeleteFunc(seeds, func(x seed) bool { return s.sow(g, x) })
		s.rise(g, up)
		stems = append(stems, s)
	}
	return stems
}

// stemOf lists a node's ancestors, none reached yet.
func (g *graph) stemOf(node int32) stem {
	n := g.depth[node] + 1
	s := stem{make([]int32, n), make([]cost, n), make([]int32, n)}
	for v, d := node, n-1; d >= 0; v, d = g.parent[v], d-1 {
		s.nodes[d], s.cost[d], s.from[d] = v, far, -1
	}
	return s
}

// sow begins at a seed as well, if its node is of this stem.
func (s *stem) sow(g *graph, x seed) bool {
	d := int(g.depth[x.node])
	if d >= len(s.nodes) || s.nodes[d] != x.node {
		return false
	}
	s.cost[d] = min(s.cost[d], x.cost)
	return true
}

// rise carries costs up.
func (s *stem) rise(g *graph, up []cost) {
	for d := len(s.nodes) - 1; d > 0; d-- {
		here := s.cost[d]
		if here >= far {
			continue
		}
		v := s.nodes[d]
		for k := g.first[v]; k < g.first[v+1]; k++ {
			w := g.over[k]
			if c := here + up[k]; c < s.cost[w] {
				s.cost[w], s.from[w] = c, int32(d)
			}
		}
	}
}

// shared is how many ancestors two stems have in common.
func (s *stem) shared(o *stem) int {
	n := min(len(s.nodes), len(o.nodes))
	for d := range n {
		if s.nodes[d] != o.nodes[d] {
			return d
		}
	}
	return n
}

// meet is the cheapest sum over so many places of two lists. Four sums are kept, so that none waits for the one before.
func meet(a, b []cost, n int) cost {
	a, b = a[:n], b[:n]
	m0, m1, m2, m3 := far, far, far, far
	for len(a) >= 4 && len(b) >= 4 {
		m0, m1, m2, m3 = min(m0, a[0]+b[0]), min(m1, a[1]+b[1]), min(m2, a[2]+b[2]), min(m3, a[3]+b[3])
		a, b = a[4:], b[4:]
	}
	for i, c := range a {
		m0 = min(m0, c+b[i])
	}
	return min(m0, m1, m2, m3)
}
