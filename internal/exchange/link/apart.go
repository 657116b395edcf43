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
	t := &taking{out: &columns{}, known: identities{at: map[ledger.ID]int{}}, people: map[ledger.ID]int64{}, numbers: map[string]int{}}
	var read []parted
	for _, r := range runs {
		head := before(r)
		t.out.Runs = append(t.out.Runs, columnRun{Lane: r.Lane, Before: head, Entries: uint32(len(r.Entries)), Signature: r.Signature}) //nolint:gosec // at most MaxRun
		for i, raw := range r.Entries {
			p := parted{raw: raw, first: i == 0}
			head = t.part(&p, r.Lane, head)
			read = append(read, p)
		}
	}
	t.sort(read)
	for i := range read {
		t.put(&read[i])
	}
	return t.end()
}

// before is the entry before a run.
func before(r ledger.Run) (h ledger.Head) {
	if len(r.Entries) == 0 {
		return h
	}
	if e, err := ledger.Decode(r.Entries[0]); err == nil {
		h = ledger.Head{Seq: e.Seq - 1, Hash: e.Prev}
	}
	return h
}

// part reads an entry and finds its shape; it returns the head after it.
func (t *taking) part(p *parted, l ledger.Lane, head ledger.Head) ledger.Head {
	next := ledger.Head{Seq: head.Seq + 1}
	if e, err := ledger.Decode(p.raw); err == nil {
		p.Entry, p.read = e, true
		if next.Hash = p.plain(l, head); next.Hash != (ledger.Hash{}) {
			p.shape = t.shapeOf(&e)
			return next
		}
	}
	next.Hash = ledger.HashOf(p.raw)
	return next
}

// parted is an entry that is being taken apart.
type parted struct {
	ledger.Entry

	raw   []byte
	shape int // 0: it goes as it is
	first bool
	read  bool
}

// plain answers with an entry's hash, if nothing of it is lost when it is taken apart.
func (p *parted) plain(l ledger.Lane, before ledger.Head) (h ledger.Hash) {
	if p.Lane != l || p.Claim != nil || len(p.Base) > 0 || p.Format != ledger.Format || p.Seq != before.Seq+1 || p.Prev != before.Hash || p.Time>>63 != 0 {
		return h
	}
	e := p.Entry
	raw, end, err := before.Append(&e)
	if err != nil || !bytes.Equal(raw, p.raw) {
		return h
	}
	return end.Hash
}

// taking puts entries into columns, one after the other.
type taking struct {
	out     *columns
	shapes  []shape
	numbers map[string]int // of the shapes
	bytes   int            // of them
	first   []int          // where the columns of each begin
	values  []emptying

	shape, sizes, passed, count, act, batch, actor, person, record, born, step []int64

	known  identities
	people map[ledger.ID]int64
	at     standing
}

// emptying is a column of values that is being written.
type emptying struct {
	sort    uint8
	numbers []int64
	bytes   []byte
	last    int64
}

// shapeOf returns the number of an entry's shape, from 1; 0 where there are too many.
func (t *taking) shapeOf(e *ledger.Entry) int {
	s := shape{Kind: e.Kind, Schema: e.Schema, Op: e.Op, Body: e.Body != nil, Names: slices.Sorted(maps.Keys(e.Fields))}
	key, err := ledger.Marshal(s)
	if err != nil {
		return 0
	}
	n, there := t.numbers[string(key)]
	if there || len(t.shapes) == maxShapes || t.bytes+len(key) > maxShapeBytes-leastEntry {
		return n
	}
	t.shapes, t.bytes = append(t.shapes, s), t.bytes+len(key)
	t.numbers[string(key)] = len(t.shapes)
	return len(t.shapes)
}

// sort finds of what sort each column is.
func (t *taking) sort(read []parted) {
	for _, s := range t.shapes {
		t.first = append(t.first, len(t.values))
		for range s.Names {
			t.values = append(t.values, emptying{sort: allSorts})
		}
	}
	for i := range read {
		p := &read[i]
		if p.shape == 0 {
			continue
		}
		for n, name := range t.shapes[p.shape-1].Names {
			t.values[t.first[p.shape-1]+n].narrow(p.Fields[name])
		}
	}
	for i := range t.values {
		t.values[i].settle()
	}
}

// What a column may still be, as bits, while its values are looked at.
const allSorts = 1<<identity | 1<<moment | 1<<rising

// narrow leaves of what a column may be that which a value can be too.
func (c *emptying) narrow(v cbor.RawMessage) {
	if is := len(v) == 17 && v[0] == 0x50 || len(v) == 1 && v[0] == 0x40; !is {
		c.sort &^= 1 << identity
	}
	if c.sort&(1<<moment) != 0 {
		if _, ok := momentOf(v); !ok {
			c.sort &^= 1 << moment
		}
	}
	if c.sort&(1<<rising) != 0 {
		n, ok := wholeOf(v)
		if !ok || n < c.last {
			c.sort &^= 1 << rising
		}
		c.last = n
	}
}

// settle takes the one sort that is left; no value can be of two.
func (c *emptying) settle() {
	switch c.last = 0; {
	case c.sort&(1<<identity) != 0:
		c.sort = identity
	case c.sort&(1<<moment) != 0:
		c.sort = moment
	case c.sort&(1<<rising) != 0:
		c.sort = rising
	default:
		c.sort = asItIs
	}
}

func (t *taking) put(p *parted) {
	if p.first {
		t.at = standing{}
	}
	t.shape = append(t.shape, int64(p.shape))
	if p.shape == 0 {
		t.sizes, t.out.Whole.Bytes = append(t.sizes, int64(len(p.raw))), append(t.out.Whole.Bytes, p.raw...)
		if p.read {
			t.at.clock = int64(p.Time) //nolint:gosec // its bits
		}
		return
	}
	now, act, centre := int64(p.Time), int64(p.Batch.Act), p.Lane.Centre //nolint:gosec // below 1<<63
	ms := now >> 16
	passed := ms - t.at.clock>>16
	again := t.at.apart && t.at.batch == p.Batch.Tx && t.at.actor == p.Actor
	if !again || passed != 0 {
		t.passed = append(t.passed, passed)
	}
	switch {
	case !again:
		t.begins(p, centre, ms)
	case passed != 0:
		t.batch = append(t.batch, inBatch)
	default:
		t.batch = append(t.batch, atOnce)
	}
	t.count = append(t.count, now&0xffff-t.at.expectedCount(again, passed, act))
	t.act = append(t.act, act-t.at.expectedAct(again))
	t.record = append(t.record, t.some(p.Record, centre, p.Actor, ms))
	for i, name := range t.shapes[p.shape-1].Names {
		t.value(&t.values[t.first[p.shape-1]+i], p.Fields[name], p, ms)
	}
	if p.Body != nil {
		t.out.Bodies = append(t.out.Bodies, p.Body[:]...)
	}
	t.at.clock, t.at.act, t.at.apart = now, act, true
}

// begins writes of which batch an entry is, and who wrote it.
func (t *taking) begins(p *parted, centre ledger.ID, ms int64) {
	t.at.batch, t.at.actor, t.at.moment = p.Batch.Tx, p.Actor, ms*1000
	t.batch = append(t.batch, newBatch+t.some(p.Batch.Tx, centre, ledger.ID{}, ms))
	n := t.people[p.Actor]
	t.actor = append(t.actor, n)
	if n == 0 {
		t.people[p.Actor] = int64(len(t.people) + 1)
		t.person = append(t.person, t.some(p.Actor, centre, ledger.ID{}, ms))
	}
}

func (t *taking) value(c *emptying, v cbor.RawMessage, p *parted, ms int64) {
	switch c.sort {
	case identity:
		ref := int64(nobody)
		if len(v) > 1 {
			ref = t.ref(ledger.ID(v[1:]), p.Lane.Centre, p.Actor, ms)
		}
		c.numbers = append(c.numbers, ref)
	case moment:
		at, _ := momentOf(v)
		c.numbers, t.at.moment = append(c.numbers, at-t.at.moment), at
	case rising:
		n, _ := wholeOf(v)
		c.numbers, c.last = append(c.numbers, n-c.last), n
	default:
		c.numbers, c.bytes = append(c.numbers, int64(len(v))), append(c.bytes, v...)
	}
}

// ref is how an identity is named; actor is who wrote the entry, where that is known already.
func (t *taking) ref(v, centre, actor ledger.ID, ms int64) int64 {
	if v == actor && v != (ledger.ID{}) {
		return theActor
	}
	if at, known := t.known.at[v]; known {
		return int64(len(t.known.all)-1-at) + backFrom
	}
	how := int64(fresh)
	if v == ledger.Stamp(v, centre) {
		how = stamped
		if further := int64(middle(v)) - int64(middle(t.known.last)) - 1; t.known.last != (ledger.ID{}) && max(further, -further) <= mostFurther { //nolint:gosec // 48 bits
			how = goesOn
			t.step = append(t.step, further)
		}
	}
	t.born = append(t.born, bornAt(v)-ms)
	if how != goesOn {
		rest := len(v)
		if how == stamped {
			rest -= tail
		}
		t.out.Chance = append(t.out.Chance, v[born:rest]...)
	}
	t.known.add(v, how != fresh)
	return how
}

// mostFurther is from where on an identity is none that counts on: its number is chance.
const mostFurther = 1 << 16

// some names an identity that may be none.
func (t *taking) some(v, centre, actor ledger.ID, ms int64) int64 {
	if v == (ledger.ID{}) {
		return nobody
	}
	return t.ref(v, centre, actor, ms)
}

// end returns the columns.
func (t *taking) end() *columns {
	c := t.out
	if raw, err := ledger.Marshal(t.shapes); err == nil {
		c.Shapes = raw // always: they were marshalled one by one
	}
	for list, to := range map[*[]int64]*numbers{&t.shape: &c.Shape, &t.sizes: &c.Whole.Sizes, &t.passed: &c.Passed, &t.count: &c.Count, &t.act: &c.Act,
		&t.batch: &c.Batch, &t.actor: &c.Actor, &t.person: &c.People, &t.record: &c.Record, &t.born: &c.Born, &t.step: &c.Step} {
		*to = packed(*list)
	}
	for _, v := range t.values {
		c.Values = append(c.Values, column{Sort: v.sort, Numbers: packed(v.numbers), Bytes: v.bytes})
	}
	return c
}
