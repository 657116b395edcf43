package link

import (
	"slices"

	"github.com/fxamacker/cbor/v2"

	"github.com/jumyla/jumyla/ledger"
)

// fill puts the entries together again. Whatever does not fit, or is left over, is garbled; no more comes out than a message
// may hold.
func (c *columns) fill() ([]ledger.Run, error) {
	total := 0
	for _, run := range c.Runs {
		if run.Entries > ledger.MaxRun {
			return nil, errTooLarge
		}
		total += int(run.Entries)
	}
	if len(c.Runs) > ledger.MaxRuns || total > maxTurn/leastEntry {
		return nil, errTooLarge
	}
	r, err := c.begin()
	if err != nil {
		return nil, err
	}
	if r.shape.n != total {
		return nil, errGarbled
	}
	out := make([]ledger.Run, 0, len(c.Runs))
	for _, run := range c.Runs {
		whole, err := r.run(run)
		if err != nil {
			return nil, err
		}
		out = append(out, whole)
	}
	if r.left() {
		return nil, errGarbled
	}
	return out, nil
}

// rebuilding takes from the columns what the next entry needs.
type rebuilding struct {
	shapes []shape
	first  []int // where the columns of each shape begin
	values []filling

	shape, sizes, passed, count, act, batch, actor, person, record, born, step reading
	whole, chance, bodies                                                      []byte

	known  identities
	people []ledger.ID
	size   int
}

// filling is a column of values that is being read.
type filling struct {
	sort    uint8
	numbers reading
	bytes   []byte
	last    int64
}

// begin looks whether the columns can be read at all.
func (c *columns) begin() (*rebuilding, error) {
	r := &rebuilding{whole: c.Whole.Bytes, chance: c.Chance, bodies: c.Bodies}
	if len(c.Shapes) > maxShapeBytes {
		return nil, errTooLarge
	}
	if len(c.Shapes) > 0 && ledger.Unmarshal(c.Shapes, &r.shapes) != nil {
		return nil, errGarbled
	}
	if len(r.shapes) > maxShapes {
		return nil, errTooLarge
	}
	fields := 0
	for _, s := range r.shapes {
		if !ascending(s.Names) {
			return nil, errGarbled
		}
		r.first = append(r.first, fields)
		fields += len(s.Names)
	}
	if fields != len(c.Values) {
		return nil, errGarbled
	}
	for i, from := range []numbers{c.Shape, c.Whole.Sizes, c.Passed, c.Count, c.Act, c.Batch, c.Actor, c.People, c.Record, c.Born, c.Step} {
		var ok bool
		if *r.fixed()[i], ok = from.read(); !ok {
			return nil, errGarbled
		}
	}
	for _, v := range c.Values {
		in, ok := v.Numbers.read()
		if !ok || v.Sort > rising {
			return nil, errGarbled
		}
		r.values = append(r.values, filling{sort: v.Sort, numbers: in, bytes: v.Bytes})
	}
	return r, nil
}

// fixed are the columns of numbers that every message has, in order.
func (r *rebuilding) fixed() []*reading {
	return []*reading{&r.shape, &r.sizes, &r.passed, &r.count, &r.act, &r.batch, &r.actor, &r.person, &r.record, &r.born, &r.step}
}

// ascending reports whether no name stands twice, and each after the one before.
func ascending(names []string) bool {
	for i := range len(names) - 1 {
		if names[i] >= names[i+1] {
			return false
		}
	}
	return true
}

// left reports whether something was not used.
func (r *rebuilding) left() bool {
	return len(r.whole)+len(r.chance)+len(r.bodies) > 0 || slices.ContainsFunc(r.fixed(), func(v *reading) bool { return v.left() > 0 }) ||
		slices.ContainsFunc(r.values, func(v filling) bool { return v.numbers.left() > 0 || len(v.bytes) > 0 })
}

// standing is what the entry before says of the next one in a run.
type standing struct {
	head   ledger.Head
	clock  int64 // its time
	act    int64
	batch  ledger.ID
	actor  ledger.ID
	moment int64 // the last time that the batch named
	apart  bool  // an entry that was taken apart went before
}

func (r *rebuilding) run(c columnRun) (ledger.Run, error) {
	out := ledger.Run{Lane: c.Lane, Signature: c.Signature}
	at := standing{head: c.Before}
	for range c.Entries {
		ok := true
		n := r.shape.take(&ok)
		var raw []byte
		var err error
		switch {
		case !ok || n < 0 || n > int64(len(r.shapes)):
			return out, errGarbled
		case n == 0:
			raw = r.asItWas(&at, &ok)
		default:
			raw, err = r.entry(int(n-1), c.Lane, &at, &ok)
		}
		if err != nil || !ok {
			return out, errGarbled
		}
		if r.size += len(raw); r.size > maxTurn {
			return out, errTooLarge
		}
		out.Entries = append(out.Entries, raw)
		at.head = ledger.Head{Seq: at.head.Seq + 1, Hash: ledger.HashOf(raw)}
	}
	return out, nil
}

// asItWas takes an entry that goes as it is.
func (r *rebuilding) asItWas(at *standing, ok *bool) []byte {
	raw := bite(&r.whole, r.sizes.take(ok), ok)
	if e, err := ledger.Decode(raw); err == nil { // else the lane is refused when it is taken in
		at.clock = int64(e.Time) //nolint:gosec // its bits
	}
	return raw
}

// entry puts the next entry of a lane together.
func (r *rebuilding) entry(n int, l ledger.Lane, at *standing, ok *bool) ([]byte, error) {
	s := r.shapes[n]
	batch := r.batch.take(ok)
	passed := int64(0)
	if batch != atOnce {
		passed = r.passed.take(ok)
	}
	ms, again := at.clock>>16+passed, batch == atOnce || batch == inBatch
	if again {
		*ok = *ok && at.apart
	} else {
		r.begins(batch-newBatch, at, l.Centre, ms, ok)
	}
	act := r.act.take(ok) + at.expectedAct(again)
	count := r.count.take(ok) + at.expectedCount(again, passed, act)
	e := ledger.Entry{Lane: l, Kind: s.Kind, Schema: s.Schema, Op: s.Op}
	now := ms<<16 + count
	e.Time, e.Actor, e.Batch = uint64(now), at.actor, ledger.Batch{Tx: at.batch, Act: uint32(act)} //nolint:gosec // their bits
	e.Record, _ = r.identity(&r.record, l.Centre, at.actor, ms, ok)
	for i, name := range s.Names {
		if e.Fields == nil {
			e.Fields = ledger.Fields{}
		}
		e.Fields[name] = r.value(&r.values[r.first[n]+i], l.Centre, ms, at, ok)
	}
	if s.Body {
		h, all := ledger.Hash{}, bite(&r.bodies, int64(len(ledger.Hash{})), ok)
		copy(h[:], all)
		e.Body = &h
	}
	if !*ok {
		return nil, errGarbled
	}
	at.clock, at.act, at.apart = now, act, true
	raw, _, err := at.head.Append(&e)
	return raw, err
}

// begins reads of which batch the entry is, and who wrote it.
func (r *rebuilding) begins(ref int64, at *standing, centre ledger.ID, ms int64, ok *bool) {
	at.batch, _ = r.named(ref, centre, ledger.ID{}, ms, ok)
	switch n := r.actor.take(ok); {
	case n < 0 || n > int64(len(r.people)):
		*ok = false
	case n > 0:
		at.actor = r.people[n-1]
	default:
		at.actor, _ = r.identity(&r.person, centre, ledger.ID{}, ms, ok)
		r.people = append(r.people, at.actor)
	}
	at.moment = ms * 1000
}

// expectedAct is the number of an act where nothing else is said.
func (at *standing) expectedAct(again bool) int64 {
	if again {
		return at.act + 1
	}
	return 0
}

// expectedCount is the clock's counter where nothing else is said: each entry of a batch moves it by one, also those of lanes
// that are not here.
func (at *standing) expectedCount(again bool, passed, act int64) int64 {
	switch {
	case passed != 0:
		return act
	case again:
		return at.clock&0xffff + act - at.act
	}
	return at.clock&0xffff + 1 + act
}

func (r *rebuilding) value(c *filling, centre ledger.ID, ms int64, at *standing, ok *bool) cbor.RawMessage {
	switch c.sort {
	case identity:
		v, none := r.identity(&c.numbers, centre, at.actor, ms, ok)
		if none {
			return cbor.RawMessage{0x40}
		}
		return append(cbor.RawMessage{0x50}, v[:]...)
	case moment:
		at.moment += c.numbers.take(ok)
		raw := momentText(at.moment)
		*ok = *ok && raw != nil
		return raw
	case rising:
		c.last += c.numbers.take(ok)
		return wholeText(c.last)
	}
	raw := bite(&c.bytes, c.numbers.take(ok), ok)
	*ok = *ok && wellFormed(raw)
	return raw
}

func (r *rebuilding) identity(from *reading, centre, actor ledger.ID, ms int64, ok *bool) (v ledger.ID, none bool) {
	return r.named(from.take(ok), centre, actor, ms, ok)
}

// named is the identity that a reference names.
func (r *rebuilding) named(ref int64, centre, actor ledger.ID, ms int64, ok *bool) (v ledger.ID, none bool) {
	switch back := ref - backFrom; {
	case !*ok || ref < 0 || back >= int64(len(r.known.all)):
		*ok = false
		return v, false
	case back >= 0:
		return r.known.all[len(r.known.all)-1-int(back)], false
	case ref == theActor:
		return actor, false
	case ref == nobody:
		return v, true
	case ref == goesOn:
		v = r.known.following(centre, ms+r.born.take(ok), r.step.take(ok))
	default:
		v = ofMillisecond(ms + r.born.take(ok))
		rest := int64(len(v) - born)
		if ref == stamped {
			rest -= tail
		}
		copy(v[born:], bite(&r.chance, rest, ok))
		if ref == stamped {
			v = ledger.Stamp(v, centre)
		}
	}
	r.known.add(v, ref != fresh)
	return v, false
}
