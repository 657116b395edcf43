package roads

import (
	"slices"
	"strings"

	"github.com/paulmach/osm"
)

// turn is a restriction: who came over an edge of from and then over all of via may not (only: must) go on over an
// edge of to.
type turn struct {
	from, via, to []int32 // edges
	only          bool
	cond          int32 // into Network.conds: binds while it holds; 0: always
}

// restrictions resolves the file's restrictions to edges. What names ways that are not there is counted and left.
func (b *builder) restrictions() {
	for _, t := range b.x.turns {
		kind, cond, ok := b.turnKind(t.tags)
		if !ok {
			continue
		}
		before := len(b.n.turns)
		r := turn{only: strings.HasPrefix(kind, "only_"), cond: cond}
		switch {
		case len(t.viaWays) > 0:
			b.viaWays(t, r)
		case t.viaNode != 0:
			if k := b.node(t.viaNode); k >= 0 && b.junction[k] >= 0 {
				b.addTurn(r, b.touching(t.from, b.junction[k], true), nil, b.touching(t.to, b.junction[k], false))
			}
		}
		if len(b.n.turns) == before {
			b.n.Extract.TurnsSkipped++
		}
	}
}

// turnKind returns the restriction that binds cars.
func (b *builder) turnKind(tags osm.Tags) (kind string, cond int32, ok bool) {
	for _, who := range strings.FieldsFunc(tags.Find("except"), func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
		if slices.Contains(carKeys, who) {
			return "", 0, false
		}
	}
	known := func(v string) bool { return strings.HasPrefix(v, "no_") || strings.HasPrefix(v, "only_") }
	for _, key := range []string{"restriction:motorcar", "restriction:motor_vehicle", "restriction"} {
		if v := tags.Find(key); known(v) {
			return v, 0, true
		}
	}
	text := tags.Find("restriction:conditional")
	if kind, _, found := strings.Cut(text, "@"); found && known(strings.TrimSpace(kind)) {
		if cond = b.condition(text, known); cond > 0 {
			return strings.TrimSpace(kind), cond, true
		}
	}
	return "", 0, false
}

func (b *builder) segmentsOf(way int64) (first, last int32) {
	i, ok := slices.BinarySearchFunc(b.ways, way, func(w wayAt, id int64) int { return compare(w.id, id) })
	if !ok {
		return 0, 0
	}
	return b.ways[i].first, b.ways[i].last
}

// touching returns the edges of ways that arrive at a junction, or leave it.
func (b *builder) touching(ways []int64, junction int32, arrive bool) []int32 {
	var out []int32
	for _, w := range ways {
		first, last := b.segmentsOf(w)
		for s := first; s < last; s++ {
			if seg := b.n.segs[s]; seg.a == junction {
				out = append(out, edgeOf(s, arrive))
			}
			if b.n.segs[s].b == junction {
				out = append(out, edgeOf(s, !arrive))
			}
		}
	}
	return out
}

func edgeOf(segment int32, back bool) int32 {
	if back {
		return 2*segment + 1
	}
	return 2 * segment
}

// viaWays follows the ways between, from each end that touches from to one that touches to.
func (b *builder) viaWays(t rawTurn, r turn) {
	first, last := b.segmentsOf(t.viaWays[0])
	if first == last {
		return
	}
	for _, start := range []int32{b.n.segs[first].a, b.n.segs[last-1].b} {
		from := b.touching(t.from, start, true)
		if len(from) == 0 {
			continue
		}
		at, via := start, []int32(nil)
		for _, w := range t.viaWays {
			var ok bool
			if via, at, ok = b.along(w, at, via); !ok {
				return
			}
		}
		b.addTurn(r, from, via, b.touching(t.to, at, false))
	}
}

// along appends a way's edges from one of its ends to the other.
func (b *builder) along(way int64, at int32, via []int32) ([]int32, int32, bool) {
	first, last := b.segmentsOf(way)
	if first == last {
		return via, at, false
	}
	if b.n.segs[first].a == at {
		for s := first; s < last; s++ {
			via, at = append(via, 2*s), b.n.segs[s].b
		}
		return via, at, true
	}
	if b.n.segs[last-1].b != at {
		return via, at, false
	}
	for s := last - 1; s >= first; s-- {
		via, at = append(via, 2*s+1), b.n.segs[s].a
	}
	return via, at, true
}

func (b *builder) addTurn(r turn, from, via, to []int32) {
	if len(from) == 0 || len(to) == 0 || len(from) > 1<<10 || len(to) > 1<<10 {
		return
	}
	r.from, r.via, r.to = from, via, to
	b.n.turns = append(b.n.turns, r)
}
