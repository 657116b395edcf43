package tiles

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// joiner makes long chains of short lines.
type joiner struct {
	lines [][]int64
	at    map[int64][]int // by node: which lines end there
	used  []bool
}

// join makes long chains of short lines: an end goes on where another begins or ends. A chain that has closed is whole.
func join(lines [][]int64) [][]int64 {
	j := &joiner{lines, map[int64][]int{}, make([]bool, len(lines))}
	for i, l := range lines {
		j.at[l[0]] = append(j.at[l[0]], i)
		j.at[l[len(l)-1]] = append(j.at[l[len(l)-1]], i)
	}
	var out [][]int64
	for i, l := range lines {
		if j.used[i] {
			continue
		}
		j.used[i] = true
		out = append(out, backwards(j.grow(backwards(j.grow(l)))))
	}
	return out
}

// grow adds to a chain's end what goes on from there.
func (j *joiner) grow(chain []int64) []int64 {
	chain = slices.Clone(chain)
	for chain[0] != chain[len(chain)-1] {
		more := j.next(chain[len(chain)-1])
		if more == nil {
			break
		}
		chain = append(chain, more[1:]...)
	}
	return chain
}

// next is a line that goes on from a node, from there on; nil where none does.
func (j *joiner) next(node int64) []int64 {
	for _, i := range j.at[node] {
		l := j.lines[i]
		if j.used[i] || l[0] == l[len(l)-1] {
			continue
		}
		j.used[i] = true
		if l[0] == node {
			return l
		}
		return backwards(l)
	}
	return nil
}

func backwards(l []int64) []int64 {
	out := slices.Clone(l)
	slices.Reverse(out)
	return out
}

// rings makes closed rings of ways; what does not close, or is not there, is left out.
func (r *reader) rings(ids []int64) []orb.Ring {
	var lines [][]int64
	for _, id := range ids {
		if w := r.find(id); w != nil {
			lines = append(lines, w.refs)
		}
	}
	var out []orb.Ring
	for _, chain := range join(lines) {
		if ring, ok := r.ring(chain); ok {
			out = append(out, ring)
		}
	}
	return out
}

// ring is the area inside a closed chain. At an extract's border some of its nodes are missing: with more than half of
// them there, it is closed without the rest.
func (r *reader) ring(chain []int64) (orb.Ring, bool) {
	if len(chain) < 4 || chain[0] != chain[len(chain)-1] {
		return nil, false
	}
	ring := make(orb.Ring, 0, len(chain))
	for _, ref := range chain[:len(chain)-1] {
		if p := r.point(ref); !math.IsNaN(p[0]) {
			ring = append(ring, p)
		}
	}
	if len(ring) < 3 || 2*len(ring) <= len(chain)-1 {
		return nil, false
	}
	ring = append(ring, ring[0])
	return ring, sane(ring)
}

// polygons gives each hole to the outer ring that it lies in.
func polygons(outers, inners []orb.Ring) []orb.Polygon {
	out := make([]orb.Polygon, len(outers))
	for i, o := range outers {
		out[i] = orb.Polygon{turn(o, orb.CCW)}
	}
	for _, in := range inners {
		for i, o := range outers {
			if planar.RingContains(o, in[0]) {
				out[i] = append(out[i], turn(in, orb.CW))
				break
			}
		}
	}
	return out
}

// turn gives a ring a direction: in a tile outer rings go one way and holes the other.
func turn(r orb.Ring, way orb.Orientation) orb.Ring {
	if r.Orientation() != way {
		r.Reverse()
	}
	return r
}
