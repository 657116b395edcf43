package roads

import (
	"math"
	"slices"
)

// flow cuts one part of a graph by inertial flow: nodes are sorted along a line, the first and the last quarter are
// joined by a maximum flow of one unit an edge, and its minimum cut is the border (Dinic: Algorithm for solution of a
// problem of maximum flow, Soviet Math. Dokl. 11, 1970).
type flow struct {
	d     *dissection
	nodes []int32 // of the graph
	first []int32 // arcs by local node
	to    []int32
	twin  []int32 // by arc: the same edge the other way
	used  []int8  // by arc: 1, 0 or -1
	level []int32
	next  []int32
	side  []int8 // 1: where flow comes from, -1: where it goes, 0: between
	path  []int32
	line  []uint64 // the nodes in order along a line: how far, then which
}

// cutting is a way to cut: which nodes lie on the first side, and which separate.
type cutting struct {
	separator []int32 // local
	inA       []bool
	smaller   int
	flow      int // edges cut
}

func (c cutting) better(than cutting) bool {
	if len(c.separator) != len(than.separator) {
		return len(c.separator) < len(than.separator)
	}
	return c.smaller > than.smaller
}

func newFlow(d *dissection, part []int32) *flow {
	f := &flow{d: d, nodes: part, first: make([]int32, len(part)+1)}
	inside := func(w int32) (int32, bool) {
		k := d.local[w]
		return k, int(k) < len(part) && part[k] == w
	}
	for i, v := range part {
		for _, w := range d.g.of(v) {
			if k, ok := inside(w); ok {
				f.to = append(f.to, k)
			}
		}
		f.first[i+1] = int32(len(f.to))
	}
	f.twin = make([]int32, len(f.to))
	for v := range int32(len(part)) {
		for e := f.first[v]; e < f.first[v+1]; e++ {
			w := f.to[e]
			back, _ := slices.BinarySearchFunc(f.to[f.first[w]:f.first[w+1]], part[v], func(k, node int32) int { return compare(part[k], node) })
			f.twin[e] = f.first[w] + int32(back)
		}
	}
	f.used, f.level, f.next, f.side = make([]int8, len(f.to)), make([]int32, len(part)), make([]int32, len(part)), make([]int8, len(part))
	return f
}

// component returns the nodes that the first one reaches, or nil when these are all.
func (f *flow) component() []bool {
	seen := make([]bool, len(f.nodes))
	seen[0] = true
	queue := []int32{0}
	for i := 0; i < len(queue); i++ {
		for e := f.first[queue[i]]; e < f.first[queue[i]+1]; e++ {
			if w := f.to[e]; !seen[w] {
				seen[w] = true
				queue = append(queue, w)
			}
		}
	}
	if len(queue) == len(f.nodes) {
		return nil
	}
	return seen
}

func (f *flow) divide(in []bool) (a, b, none []int32) {
	for i, v := range f.nodes {
		if in[i] {
			a = append(a, v)
		} else {
			b = append(b, v)
		}
	}
	return a, b, nil
}

// cutAlong cuts along one of four directions; it gives up where more than most edges would have to be cut.
func (f *flow) cutAlong(way, most int) (c cutting, ok bool) {
	sorted := f.sorted(way)
	clear(f.used)
	clear(f.side)
	k := max(len(sorted)/4, 1)
	sources := make([]int32, k)
	for i, v := range sorted[:k] {
		sources[i] = int32(v & math.MaxUint32)
		f.side[sources[i]] = 1
	}
	for _, v := range sorted[len(sorted)-k:] {
		f.side[v&math.MaxUint32] = -1
	}
	flow := 0
	for f.levels(sources) {
		copy(f.next, f.first[:len(f.next)])
		for _, s := range sources {
			for f.push(s) {
				if flow++; flow > most {
					return c, false
				}
			}
		}
	}
	c = f.border()
	c.flow = flow
	return c, true
}

// sorted puts the nodes in order along one of four directions.
func (f *flow) sorted(way int) []uint64 {
	along := func(v int32) int64 {
		north, east := int64(f.d.at[v][0]), int64(f.d.at[v][1])
		return [4]int64{north, east, north + east, north - east}[way]
	}
	least := int64(math.MaxInt64)
	for _, v := range f.nodes {
		least = min(least, along(v))
	}
	f.line = f.line[:0]
	for i, v := range f.nodes {
		f.line = append(f.line, uint64(along(v)-least)>>1<<32|uint64(i)) // half a unit is a centimetre
	}
	slices.Sort(f.line)
	return f.line
}

// levels numbers the nodes by how many arcs with room lie between them and a source; false when no sink is reached.
func (f *flow) levels(sources []int32) bool {
	for v := range f.level {
		f.level[v] = -1
	}
	queue := make([]int32, 0, len(f.nodes))
	for _, s := range sources {
		f.level[s] = 0
		queue = append(queue, s)
	}
	reached := false
	for i := 0; i < len(queue); i++ {
		v := queue[i]
		for e := f.first[v]; e < f.first[v+1]; e++ {
			if w := f.to[e]; f.level[w] < 0 && f.used[e] < 1 {
				f.level[w] = f.level[v] + 1
				reached = reached || f.side[w] < 0
				queue = append(queue, w)
			}
		}
	}
	return reached
}

// push sends one unit from a source to a sink along the levels.
func (f *flow) push(source int32) bool {
	path := f.path[:0]
	defer func() { f.path = path }()
	v := source
	for f.side[v] >= 0 {
		forward := int32(-1)
		for ; f.next[v] < f.first[v+1]; f.next[v]++ {
			e := f.next[v]
			if f.used[e] < 1 && f.level[f.to[e]] == f.level[v]+1 {
				forward = e
				break
			}
		}
		if forward >= 0 {
			path = append(path, forward)
			v = f.to[forward]
			continue
		}
		if len(path) == 0 {
			return false
		}
		e := path[len(path)-1]
		path = path[:len(path)-1]
		v = f.to[f.twin[e]]
		f.next[v]++
	}
	for _, e := range path {
		f.used[e]++
		f.used[f.twin[e]]--
	}
	return true
}

// border turns the flow's minimum cut into a separator: the ends of the cut edges on the side that has fewer.
func (f *flow) border() cutting {
	c := cutting{inA: make([]bool, len(f.nodes))}
	nA := 0
	for v, l := range f.level {
		c.inA[v] = l >= 0
		if l >= 0 {
			nA++
		}
	}
	var near, far []int32
	for v := range int32(len(f.nodes)) {
		for e := f.first[v]; e < f.first[v+1]; e++ {
			if c.inA[v] != c.inA[f.to[e]] {
				if c.inA[v] {
					near = append(near, v)
				} else {
					far = append(far, v)
				}
				break
			}
		}
	}
	c.separator = near
	c.smaller = min(nA-len(near), len(f.nodes)-nA)
	if len(far) < len(near) {
		c.separator = far
		c.smaller = min(nA, len(f.nodes)-nA-len(far))
	}
	return c
}

func (f *flow) apply(c cutting) (a, b, between []int32) {
	apart := make([]bool, len(f.nodes))
	for _, v := range c.separator {
		apart[v] = true
		between = append(between, f.nodes[v])
	}
	for i, v := range f.nodes {
		switch {
		case apart[i]:
		case c.inA[i]:
			a = append(a, v)
		default:
			b = append(b, v)
		}
	}
	return a, b, between
}
