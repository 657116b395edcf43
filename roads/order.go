package roads

import (
	"math"
	"slices"
	"sync"
)

// adjacency lists neighbours by node.
type adjacency struct {
	first []int32 // one more than nodes
	to    []int32
}

// newAdjacency sorts pairs by their first node; a pair that stands twice stands once.
func newAdjacency(n int, pairs [][2]int32) adjacency {
	slices.SortFunc(pairs, func(a, b [2]int32) int {
		if c := compare(a[0], b[0]); c != 0 {
			return c
		}
		return compare(a[1], b[1])
	})
	pairs = slices.Compact(pairs)
	a := adjacency{first: make([]int32, n+1), to: make([]int32, len(pairs))}
	for i, p := range pairs {
		a.first[p[0]+1]++
		a.to[i] = p[1]
	}
	for v := range n {
		a.first[v+1] += a.first[v]
	}
	return a
}

func (a *adjacency) of(v int32) []int32 { return a.to[a.first[v]:a.first[v+1]] }

// order returns the nodes in the order in which a hierarchy should take them: dead ends first, then by nested
// dissection, separators last. Its result depends on nothing but its input.
func order(g adjacency, at [][2]int32) []int32 {
	d := &dissection{g: g, at: at, local: make([]int32, len(at))}
	ends, rest := d.peel()
	out := make([]int32, len(at))
	copy(out, ends)
	d.split(rest, out[len(ends):])
	d.busy.Wait()
	return out
}

type dissection struct {
	g     adjacency
	at    [][2]int32
	local []int32 // by node: its number in the part being cut; parts are disjoint
	busy  sync.WaitGroup
}

// peel takes away nodes with one neighbour until there are none: they need no shortcuts.
func (d *dissection) peel() (ends, rest []int32) {
	n := int32(len(d.at))
	degree := make([]int32, n)
	for v := range n {
		degree[v] = d.g.first[v+1] - d.g.first[v]
		if degree[v] <= 1 {
			ends = append(ends, v)
		}
	}
	gone := make([]bool, n)
	for i := 0; i < len(ends); i++ {
		v := ends[i]
		gone[v] = true
		for _, w := range d.g.of(v) {
			if degree[w]--; degree[w] == 1 && !gone[w] {
				ends = append(ends, w)
			}
		}
	}
	taken := make([]bool, n)
	ends = slices.DeleteFunc(ends, func(v int32) bool {
		was := taken[v]
		taken[v] = true
		return was
	})
	for v := range n {
		if !taken[v] {
			rest = append(rest, v)
		}
	}
	return ends, rest
}

// worthwhile is how many nodes make it pay to cut a part on another core.
const worthwhile = 20_000

// split writes the order of a part into out: one side, the other side, then what lies between.
func (d *dissection) split(part, out []int32) {
	for len(part) > 3 {
		a, b, between := d.cut(part)
		copy(out[len(a)+len(b):], between)
		if len(b) > len(a) {
			a, b = b, a
		}
		if len(b) >= worthwhile {
			o := out[len(a) : len(a)+len(b)]
			d.busy.Go(func() { d.split(b, o) })
		} else {
			d.split(b, out[len(a):len(a)+len(b)])
		}
		part, out = a, out[:len(a)]
	}
	copy(out, part)
}

// cut parts nodes in two without an edge between them, and a small separator.
func (d *dissection) cut(part []int32) (a, b, between []int32) {
	for i, v := range part {
		d.local[v] = int32(i)
	}
	f := newFlow(d, part)
	if comp := f.component(); comp != nil {
		return f.divide(comp)
	}
	best, _ := f.cutAlong(0, math.MaxInt)
	for way := 1; way < 4; way++ {
		if c, ok := f.cutAlong(way, best.flow); ok && c.better(best) {
			best = c
		}
	}
	return f.apply(best)
}
