package link

import (
	"bytes"
	"maps"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"github.com/jumyla/jumyla/ledger"
)

// apart takes runs apart into columns.
func apart(runs []ledger.Run) *columns {
	c := &columns{}
	var read []parted
	shapes := map[string]int{}
	for _, r := range runs {
		var head ledger.Head
		if len(r.Entries) > 0 {
			if e, err := ledger.Decode(r.Entries[0]); err == nil {
				head = ledger.Head{Seq: e.Seq - 1, Hash: e.Prev}
			}
		}
		c.Runs = append(c.Runs, columnRun{Lane: r.Lane, Before: head, Entries: uint32(len(r.Entries)), Signature: r.Signature}) //nolint:gosec // at most MaxRun
		for i, raw := range r.Entries {
			p := parted{raw: raw, first: i == 0}
			if e, err := ledger.Decode(raw); err == nil {
				if p.Entry, p.read = e, true; p.plain(r.Lane, head) {
					p.shape = c.shapeOf(&e, shapes)
				}
			}
			read = append(read, p)
			head = ledger.Head{Seq: head.Seq + 1, Hash: ledger.HashOf(raw)}
		}
	}
	c.sort(read)
	t := &taking{columns: c, known: identities{at: map[ledger.ID]int{}}}
	for i := range read {
		t.put(&read[i])
	}
	return c
}

// parted is an entry that is being taken apart.
type parted struct {
	ledger.Entry

	raw   []byte
	shape int // 0: it goes as it is
	first bool
	read  bool
}

// plain reports whether nothing of an entry is lost when it is taken apart.
func (p *parted) plain(l ledger.Lane, before ledger.Head) bool {
	if p.Lane != l || p.Claim != nil || len(p.Base) > 0 || p.Format != ledger.Format || p.Seq != before.Seq+1 || p.Prev != before.Hash || p.Time>>63 != 0 {
		return false
	}
	e := p.Entry
	raw, _, err := before.Append(&e)
	return err == nil && bytes.Equal(raw, p.raw)
}

// shapeOf returns the number of an entry's shape, from 1; 0 where there are too many.
func (c *columns) shapeOf(e *ledger.Entry, shapes map[string]int) int {
	s := shape{Kind: e.Kind, Schema: e.Schema, Op: e.Op, Body: e.Body != nil, Names: slices.Sorted(maps.Keys(e.Fields))}
	key, err := ledger.Marshal(s)
	if err != nil {
		return 0
	}
	n, there := shapes[string(key)]
	if !there && len(c.Shapes) < maxShapes {
		c.Shapes = append(c.Shapes, s)
		n = len(c.Shapes)
		shapes[string(key)] = n
	}
	return n
}

// sort finds of what sort each column is.
func (c *columns) sort(read []parted) {
	values := map[int]map[string][]cbor.RawMessage{}
	for i := range read {
		p := &read[i]
		if values[p.shape] == nil {
			values[p.shape] = map[string][]cbor.RawMessage{}
		}
		for name, v := range p.Fields {
			values[p.shape][name] = append(values[p.shape][name], v)
		}
	}
	for i, s := range c.Shapes {
		for _, name := range s.Names {
			c.Values = append(c.Values, column{Sort: sortOf(values[i+1][name])})
		}
	}
}

func sortOf(all []cbor.RawMessage) uint8 {
	ids, times := true, true
	for _, v := range all {
		ids = ids && len(v) == 17 && v[0] == 0x50
		_, at := momentOf(v)
		times = times && at
	}
	switch {
	case ids:
		return identity
	case times:
		return moment
	}
	return asItIs
}

// taking puts entries into columns, one after the other.
type taking struct {
	*columns

	known  identities
	clock  int64
	starts []int
}

func (t *taking) put(p *parted) {
	if t.starts == nil {
		n := 0
		for _, s := range t.Shapes {
			t.starts = append(t.starts, n)
			n += len(s.Names)
		}
	}
	if p.first {
		t.clock = 0
	}
	t.Shape = append(t.Shape, uint32(p.shape)) //nolint:gosec // at most maxShapes
	before := t.clock
	if p.read {
		t.clock = int64(p.Time) //nolint:gosec // its bits
	}
	if p.shape == 0 {
		t.Whole = append(t.Whole, p.raw)
		return
	}
	now := t.clock
	ms := now >> 16
	passed, count := ms-before>>16, now&0xffff
	if passed == 0 {
		count -= before & 0xffff
	}
	t.Passed, t.Count, t.Act = append(t.Passed, passed), append(t.Count, count), append(t.Act, p.Batch.Act)
	centre := p.Lane.Centre
	t.Actor = append(t.Actor, t.ref(p.Actor, centre, ms))
	t.Tx = append(t.Tx, t.ref(p.Batch.Tx, centre, ms))
	t.Record = append(t.Record, t.ref(p.Record, centre, ms))
	last := ms * 1000
	for i, name := range t.Shapes[p.shape-1].Names {
		c, v := &t.Values[t.starts[p.shape-1]+i], p.Fields[name]
		switch c.Sort {
		case identity:
			c.Ints = append(c.Ints, t.ref(ledger.ID(v[1:]), centre, ms))
		case moment:
			at, _ := momentOf(v)
			c.Ints, last = append(c.Ints, at-last), at
		default:
			c.Values = append(c.Values, v)
		}
	}
	if p.Body != nil {
		t.Bodies = append(t.Bodies, p.Body[:]...)
	}
}

// ref is how an identity is named.
func (t *taking) ref(v, centre ledger.ID, ms int64) int64 {
	if at, known := t.known.at[v]; known {
		return int64(len(t.known.all)-1-at) + backFrom
	}
	how := int64(fresh)
	switch {
	case t.known.last != (ledger.ID{}) && v == t.known.following(centre):
		how = nextOne
	case v == ledger.Stamp(v, centre):
		how = stamped
	}
	if how != nextOne {
		t.Born = append(t.Born, bornAt(v)-ms)
		rest := len(v)
		if how == stamped {
			rest -= tail
		}
		t.Chance = append(t.Chance, v[born:rest]...)
	}
	t.known.add(v, how != fresh)
	return how
}
