package roads

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// graph is what one profile may use: nodes, and arcs between them. After arrange a node's number is its place in the
// hierarchy's order.
type graph struct {
	junction   []int32   // by node
	tail, head []int32   // by arc
	edge       []int32   // by arc: what it goes over
	cond       []int32   // by arc: into hours
	hours      [][]int32 // sets of Network.conds: an arc is closed while one of its set holds; the first set is empty
	arcsAt     []int32   // by edge, one more than edges: where its arcs begin in arcs
	arcs       []int32
	copied     []bool  // by node: a restriction is under way there, or a wall stands
	order      []int32 // the nodes as makeGraph numbered them, in the hierarchy's order
	main       []bool  // by edge: in the largest part in which everything reaches everything
	hierarchy
}

// node is a place in a graph with what is under way there.
type node struct {
	junction int32
	active   []progress
	blocked  int32 // the edge that ended at a wall, or -1: only back
}

// progress is a restriction that has begun, with how many of its ways between are behind.
type progress struct{ turn, at int32 }

// maker makes a graph: every junction is a node, and so is each junction with restrictions under way that can be
// reached.
type maker struct {
	n       *Network
	p       Profile
	g       *graph
	nodes   []node
	found   map[string]int32
	sets    map[string]int32  // places in hours
	atFrom  map[int32][]int32 // turns by the edges that they begin with
	walls   map[int32]bool
	leaving [][]int32 // edges by junction
}

func (n *Network) makeGraph(p Profile) *graph {
	m := maker{n: n, p: p, g: &graph{hours: [][]int32{nil}}, found: map[string]int32{}, sets: map[string]int32{}, atFrom: map[int32][]int32{}, walls: map[int32]bool{},
		leaving: make([][]int32, len(n.lat)), nodes: make([]node, len(n.lat))}
	for j := range m.nodes {
		m.nodes[j] = node{junction: int32(j), blocked: -1}
	}
	for _, j := range n.walls[p] {
		m.walls[j] = true
	}
	for e := range int32(2 * len(n.segs)) {
		if n.kmh(p, e) > 0 {
			from, _ := n.ends(e)
			m.leaving[from] = append(m.leaving[from], e)
		}
	}
	if p == Car {
		for i, t := range n.turns {
			for _, e := range t.from {
				m.atFrom[e] = append(m.atFrom[e], int32(i))
			}
		}
	}
	for v := 0; v < len(m.nodes); v++ { //nolint:intrange // leave adds nodes
		m.leave(int32(v))
	}
	for i, v := range m.nodes {
		m.g.junction, m.g.copied = append(m.g.junction, v.junction), append(m.g.copied, i >= len(n.lat))
	}
	return m.g
}

// leave adds the arcs that go out of a node.
func (m *maker) leave(v int32) {
	from := m.nodes[v]
	for _, e := range m.leaving[from.junction] {
		if from.blocked >= 0 && e != from.blocked^1 {
			continue
		}
		cond, ok := m.may(from.active, e)
		if !ok {
			continue
		}
		g := m.g
		g.tail, g.head, g.edge, g.cond = append(g.tail, v), append(g.head, m.arrive(from.active, e)), append(g.edge, e), append(g.cond, cond)
	}
}

// may asks the restrictions under way about an edge, and returns as a place in hours those that bind at times only.
func (m *maker) may(active []progress, e int32) (cond int32, ok bool) {
	var conds []int32
	for _, a := range active {
		t := &m.n.turns[a.turn]
		if int(a.at) < len(t.via) || slices.Contains(t.to, e) == t.only {
			continue
		}
		if t.cond == 0 {
			return 0, false
		}
		conds = append(conds, t.cond)
	}
	if len(conds) == 0 {
		return 0, true
	}
	slices.Sort(conds)
	conds = slices.Compact(conds)
	key := fmt.Sprint(conds)
	cond, known := m.sets[key]
	if !known {
		cond = int32(len(m.g.hours))
		m.sets[key] = cond
		m.g.hours = append(m.g.hours, conds)
	}
	return cond, true
}

// arrive returns the node that one stands on after an edge.
func (m *maker) arrive(active []progress, e int32) int32 {
	_, to := m.n.ends(e)
	next := node{junction: to, blocked: -1}
	if m.walls[to] {
		next.blocked = e
		return m.copyOf(next)
	}
	for _, a := range active {
		if t := &m.n.turns[a.turn]; int(a.at) < len(t.via) && t.via[a.at] == e {
			next.active = append(next.active, progress{a.turn, a.at + 1})
		}
	}
	for _, t := range m.atFrom[e] {
		next.active = append(next.active, progress{t, 0})
	}
	if len(next.active) == 0 {
		return to
	}
	return m.copyOf(next)
}

func (m *maker) copyOf(v node) int32 {
	slices.SortFunc(v.active, func(a, b progress) int {
		if c := compare(a.turn, b.turn); c != 0 {
			return c
		}
		return compare(a.at, b.at)
	})
	key := binary.AppendVarint(binary.AppendVarint(nil, int64(v.junction)), int64(v.blocked))
	for _, a := range v.active {
		key = binary.AppendVarint(binary.AppendVarint(key, int64(a.turn)), int64(a.at))
	}
	id, ok := m.found[string(key)]
	if !ok {
		id = int32(len(m.nodes))
		m.found[string(key)] = id
		m.nodes = append(m.nodes, v)
	}
	return id
}

// undirected returns the graph's neighbours without directions, loops and repetitions.
func (g *graph) undirected() adjacency {
	n := len(g.junction)
	list := make([][2]int32, 0, 2*len(g.tail))
	for i, t := range g.tail {
		if h := g.head[i]; t != h {
			list = append(list, [2]int32{t, h}, [2]int32{h, t})
		}
	}
	return newAdjacency(n, list)
}

// points returns the nodes' places: north and east, in units that are alike.
func (g *graph) points(n *Network) [][2]int32 {
	out := make([][2]int32, len(g.junction))
	for v, j := range g.junction {
		out[v] = [2]int32{n.lat[j], n.lon[j]}
	}
	return out
}

// arrange renumbers the nodes by the order in which the hierarchy takes them, and builds what follows from it.
func (g *graph) arrange(order []int32) {
	rank := make([]int32, len(order))
	junction, copied := make([]int32, len(order)), make([]bool, len(order))
	for r, v := range order {
		rank[v] = int32(r)
		junction[r], copied[r] = g.junction[v], g.copied[v]
	}
	g.junction, g.copied, g.order = junction, copied, order
	for i := range g.tail {
		g.tail[i], g.head[i] = rank[g.tail[i]], rank[g.head[i]]
	}
	g.hierarchy = newHierarchy(len(order), g.tail, g.head)
	g.byEdge()
	g.findMain()
}

// byEdge lists the arcs of each edge.
func (g *graph) byEdge() {
	most := int32(-1)
	for _, e := range g.edge {
		most = max(most, e)
	}
	g.arcsAt = make([]int32, most+2)
	for _, e := range g.edge {
		g.arcsAt[e+1]++
	}
	for e := range g.arcsAt[1:] {
		g.arcsAt[e+1] += g.arcsAt[e]
	}
	at := slices.Clone(g.arcsAt)
	g.arcs = make([]int32, len(g.edge))
	for i, e := range g.edge {
		g.arcs[at[e]] = int32(i)
		at[e]++
	}
}

// arcsOf returns the arcs that go over an edge: several where restrictions end at its beginning.
func (g *graph) arcsOf(e int32) []int32 {
	if int(e)+1 >= len(g.arcsAt) {
		return nil
	}
	return g.arcs[g.arcsAt[e]:g.arcsAt[e+1]]
}
