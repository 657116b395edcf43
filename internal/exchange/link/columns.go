package link

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/jumyla/jumyla/ledger"
)

// columns are runs whose entries travel taken apart: what is alike stands together, and what the receiver can reckon is left
// out. docs/exchange.md N9 says what each part means. Every entry comes back byte for byte, or goes as it is.
type columns struct {
	_      struct{} `cbor:",toarray"`
	Runs   []columnRun
	Shapes []shape
	Shape  []uint32 // of each entry: 0 goes as it is, n has Shapes[n-1]
	Whole  [][]byte // those that go as they are
	Passed []int64  // milliseconds since the entry before
	Count  []int64  // the clock's counter, less that of the entry before where no millisecond has passed
	Act    []uint32
	Actor  []int64 // references to identities, as are those in Values
	Tx     []int64
	Record []int64
	Born   []int64 // of each new identity: its milliseconds less the entry's
	Chance []byte  // the rest of each new identity: 10 bytes, or 6 where its tail follows
	Bodies []byte  // commitments, 32 bytes each
	Values []column
}

// columnRun is a run without its entries.
type columnRun struct {
	_         struct{} `cbor:",toarray"`
	Lane      ledger.Lane
	Before    ledger.Head // the entry before its first
	Entries   uint32
	Signature []byte
}

// shape is what entries have in common.
type shape struct {
	_      struct{} `cbor:",toarray"`
	Kind   string
	Schema uint16
	Op     ledger.Op
	Body   bool
	Names  []string // of its fields; each has its column of Values
}

// column is the values of one field of one shape, in the order of the entries.
type column struct {
	_      struct{} `cbor:",toarray"`
	Sort   uint8
	Ints   []int64           // references, or times
	Values []cbor.RawMessage // as they are
}

// The sorts of columns.
const (
	asItIs   = 0
	identity = 1 // 16 bytes: a reference
	moment   = 2 // a time as text: microseconds since the moment before it in the entry, or since the entry's millisecond
)

// What a reference says; backFrom and more say how many identities back, the newest being backFrom.
const (
	fresh    = 0 // a new identity
	stamped  = 1 // a new one whose tail names the centre
	nextOne  = 2 // the one after the last stamped one
	backFrom = 3
)

// apartSince is the version of the exchange from which on entries travel taken apart.
const apartSince = 2

const maxShapes = 1024

// identities are those that have been named so far, in one message.
type identities struct {
	all  []ledger.ID
	at   map[ledger.ID]int // of the sender
	last ledger.ID         // that was stamped
}

func (k *identities) add(v ledger.ID, isStamped bool) {
	if k.at != nil {
		k.at[v] = len(k.all)
	}
	k.all = append(k.all, v)
	if isStamped {
		k.last = v
	}
}

// following is the identity that is minted after the last stamped one, in one millisecond.
func (k *identities) following(centre ledger.ID) ledger.ID {
	v := k.last
	for i := len(v) - tail - 1; i >= 0; i-- {
		if v[i]++; v[i] != 0 {
			break
		}
	}
	return ledger.Stamp(v, centre)
}

// How an identity is made up: its milliseconds, what is random, and a tail that names the centre where it was minted in a write.
const (
	born = 6
	tail = 4
)

func bornAt(v ledger.ID) int64 {
	var b [8]byte
	copy(b[2:], v[:born])
	return int64(binary.BigEndian.Uint64(b[:])) //nolint:gosec // 48 bits
}

// momentOf reads a time that is written as entries write it, in whole microseconds.
func momentOf(raw cbor.RawMessage) (micro int64, ok bool) {
	var text string
	if len(raw) > 40 || ledger.Unmarshal(raw, &text) != nil {
		return 0, false
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.Nanosecond()%1000 != 0 {
		return 0, false
	}
	return at.UnixMicro(), bytes.Equal(momentText(at.UnixMicro()), raw)
}

func momentText(micro int64) cbor.RawMessage {
	b, err := ledger.Marshal(time.UnixMicro(micro).UTC())
	if err != nil {
		return nil // a year that no text can have: whoever compares sees that it is not the value
	}
	return b
}

// fill puts the entries together again. Whatever does not fit is garbled; no more comes out than a message may hold.
func (c *columns) fill() ([]ledger.Run, error) {
	if len(c.Shapes) > maxShapes {
		return nil, errTooLarge
	}
	r := &rebuilding{columns: *c, at: make([]int, 0, len(c.Shapes))}
	r.Values = slices.Clone(c.Values) // what is taken from them is not taken from the message
	for _, s := range c.Shapes {
		r.at = append(r.at, r.fields)
		r.fields += len(s.Names)
	}
	if r.fields != len(c.Values) {
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
	return out, nil
}

// rebuilding takes from the columns what the next entry needs.
type rebuilding struct {
	columns

	known  identities
	at     []int // where the columns of each shape begin
	fields int
	size   int
}

func (r *rebuilding) run(c columnRun) (ledger.Run, error) {
	out := ledger.Run{Lane: c.Lane, Signature: c.Signature}
	if c.Entries > ledger.MaxRun {
		return out, errTooLarge
	}
	head, clock := c.Before, int64(0)
	for range c.Entries {
		raw, now, err := r.entry(c.Lane, head, clock)
		if err != nil {
			return out, err
		}
		if r.size += len(raw); r.size > maxTurn {
			return out, errTooLarge
		}
		out.Entries = append(out.Entries, raw)
		head, clock = ledger.Head{Seq: head.Seq + 1, Hash: ledger.HashOf(raw)}, now
	}
	return out, nil
}

// take takes the first of a column.
func take[T any](from *[]T, ok *bool) (v T) {
	if len(*from) == 0 {
		*ok = false
		return v
	}
	v, *from = (*from)[0], (*from)[1:]
	return v
}

// bytesOf takes the first bytes of a column.
func bytesOf(n int, from *[]byte, ok *bool) []byte {
	if len(*from) < n {
		*ok = false
		return make([]byte, n)
	}
	v := (*from)[:n]
	*from = (*from)[n:]
	return v
}

// entry puts the next entry of a lane together. clock is the time of the one before; the entry's own comes back.
func (r *rebuilding) entry(l ledger.Lane, before ledger.Head, clock int64) ([]byte, int64, error) {
	ok := true
	n := int(take(&r.Shape, &ok))
	if n == 0 {
		raw := take(&r.Whole, &ok)
		if !ok {
			return nil, 0, errGarbled
		}
		if e, err := ledger.Decode(raw); err == nil { // else the lane is refused when it is taken in
			clock = int64(e.Time) //nolint:gosec // its bits
		}
		return raw, clock, nil
	}
	if n > len(r.Shapes) {
		return nil, 0, errGarbled
	}
	s := r.Shapes[n-1]
	passed, count := take(&r.Passed, &ok), take(&r.Count, &ok)
	ms := clock>>16 + passed
	if passed == 0 {
		count += clock & 0xffff
	}
	now := ms<<16 + count
	e := ledger.Entry{Lane: l, Time: uint64(now), Kind: s.Kind, Schema: s.Schema, Op: s.Op} //nolint:gosec // its bits
	e.Actor = r.identity(&r.Actor, l.Centre, ms, &ok)
	e.Batch = ledger.Batch{Tx: r.identity(&r.Tx, l.Centre, ms, &ok), Act: take(&r.Act, &ok)}
	e.Record = r.identity(&r.Record, l.Centre, ms, &ok)
	last := ms * 1000
	for i, name := range s.Names {
		if e.Fields == nil {
			e.Fields = ledger.Fields{}
		}
		e.Fields[name] = r.value(&r.Values[r.at[n-1]+i], l.Centre, ms, &last, &ok)
	}
	if s.Body {
		h := ledger.Hash(bytesOf(32, &r.Bodies, &ok))
		e.Body = &h
	}
	if !ok {
		return nil, 0, errGarbled
	}
	raw, _, err := before.Append(&e)
	return raw, now, err
}

func (r *rebuilding) value(c *column, centre ledger.ID, ms int64, last *int64, ok *bool) cbor.RawMessage {
	switch c.Sort {
	case identity:
		v := r.identity(&c.Ints, centre, ms, ok)
		return append(cbor.RawMessage{0x50}, v[:]...)
	case moment:
		*last += take(&c.Ints, ok)
		raw := momentText(*last)
		*ok = *ok && raw != nil
		return raw
	case asItIs:
		return take(&c.Values, ok)
	}
	*ok = false
	return nil
}

func (r *rebuilding) identity(from *[]int64, centre ledger.ID, ms int64, ok *bool) (v ledger.ID) {
	ref := take(from, ok)
	switch back := ref - backFrom; {
	case ref < 0 || back >= int64(len(r.known.all)):
		*ok = false
		return v
	case back >= 0:
		return r.known.all[len(r.known.all)-1-int(back)]
	case ref == nextOne:
		v = r.known.following(centre)
	default:
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(ms+take(&r.Born, ok))) //nolint:gosec // its bits
		copy(v[:], b[2:])
		rest := len(v) - born
		if ref == stamped {
			rest -= tail
		}
		copy(v[born:], bytesOf(rest, &r.Chance, ok))
		if ref == stamped {
			v = ledger.Stamp(v, centre)
		}
	}
	r.known.add(v, ref != fresh)
	return v
}
