package link

import (
	"bytes"
	"encoding/binary"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/jumyla/jumyla/ledger"
)

// columns are runs whose entries travel taken apart: what is alike stands together, and what the receiver can reckon is left
// out. docs/exchange.md N10 says what each part means. Every entry comes back byte for byte, or goes as it is. No part but
// Runs and Values is a list that is longer in memory than in the message, and of those two a message holds no more than
// ledger.MaxRuns: whoever reads one holds little more than a message may have.
type columns struct {
	_      struct{} `cbor:",toarray"`
	Runs   []columnRun
	Shapes cbor.RawMessage // a list of shape, read once it is known to be short
	Shape  numbers         // of each entry: 0 goes as it is, n has the n-th shape
	Whole  pieces          // those that go as they are
	Passed numbers         // milliseconds since the entry before, where Batch does not say that none has passed
	Count  numbers         // the clock's counter, less what is expected
	Act    numbers         // less what is expected
	Batch  numbers         // whether it is that of the entry before; else a reference, and newBatch
	Actor  numbers         // of each batch: 0 is the next of People, n the n-th that was named
	People numbers         // references to identities
	Record numbers         // likewise, as are those in Values
	Born   numbers         // of each new identity: its milliseconds less the entry's
	Step   numbers         // of each that counts on: how much further than by one
	Chance []byte          // the rest of each that does not: 10 bytes, or 6 where its tail follows
	Bodies []byte          // commitments, 32 bytes each
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
	Names  []string // of its fields, ascending; each has its column of Values
}

// column is the values of one field of one shape, in the order of the entries.
type column struct {
	_       struct{} `cbor:",toarray"`
	Sort    uint8
	Numbers numbers // what they are; how long each is, where they go as they are
	Bytes   []byte  // of those that go as they are
}

// The sorts of columns.
const (
	asItIs   = 0
	identity = 1 // 16 bytes, or none: a reference
	moment   = 2 // a time as text: microseconds since the moment before it in the batch, or since the batch's millisecond
	rising   = 3 // a whole number, less the one before it in the column
)

// What a reference says; backFrom and more say how many identities back, the newest being backFrom.
const (
	fresh    = 0 // a new identity
	stamped  = 1 // a new one whose tail names the centre
	goesOn   = 2 // likewise, and it counts on from the last such
	theActor = 3 // who wrote the entry
	nobody   = 4 // none
	backFrom = 5
)

// What is said of an entry's batch.
const (
	atOnce   = 0 // it is that of the entry before, in the same millisecond
	inBatch  = 1 // it is that of the entry before
	newBatch = 2 // and a reference
)

// apartSince is the version of the exchange from which on entries travel taken apart.
const apartSince = 2

// Limits of columns, beside those of every message.
const (
	maxShapes     = 1024
	maxShapeBytes = 64 << 10 // of all shapes, as they stand in the message
	leastEntry    = 64       // no entry is shorter
)

// How an identity is made up: its milliseconds, what is random or counts on, and a tail that names the centre where it was
// minted in a write.
const (
	born = 6
	tail = 4
)

// identities are those that have been named so far, in one message.
type identities struct {
	all  []ledger.ID
	at   map[ledger.ID]int // of the sender
	last ledger.ID         // whose tail names a centre
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

// middle is what of an identity counts on, as a number.
func middle(v ledger.ID) uint64 {
	var b [8]byte
	copy(b[2:], v[born:len(v)-tail])
	return binary.BigEndian.Uint64(b[:])
}

// following is the identity of a millisecond that counts on from the last: by one, and so much more.
func (k *identities) following(centre ledger.ID, ms, more int64) ledger.ID {
	v := ofMillisecond(ms)
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], middle(k.last)+1+uint64(more)) //nolint:gosec // beyond 48 bits it begins again
	copy(v[born:len(v)-tail], b[2:])
	return ledger.Stamp(v, centre)
}

func ofMillisecond(ms int64) (v ledger.ID) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(ms)) //nolint:gosec // 48 bits of it
	copy(v[:born], b[2:])
	return v
}

func bornAt(v ledger.ID) int64 {
	var b [8]byte
	copy(b[2:], v[:born])
	return int64(binary.BigEndian.Uint64(b[:])) //nolint:gosec // 48 bits
}

// momentOf reads a time that is written as entries write it, in whole microseconds.
func momentOf(raw cbor.RawMessage) (micro int64, ok bool) {
	var text string
	if len(raw) < 21 || len(raw) > 40 || raw[0]>>5 != 3 || ledger.Unmarshal(raw, &text) != nil {
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

// wholeOf reads a whole number that is written as entries write it.
func wholeOf(raw cbor.RawMessage) (n int64, ok bool) {
	if len(raw) == 0 || raw[0]>>5 != 0 || ledger.Unmarshal(raw, &n) != nil {
		return 0, false
	}
	return n, bytes.Equal(wholeText(n), raw)
}

func wholeText(n int64) cbor.RawMessage {
	b, err := ledger.Marshal(n)
	if err != nil {
		return nil
	}
	return b
}

// wellFormed reports whether bytes are one value.
func wellFormed(raw []byte) bool {
	var v cbor.RawMessage
	return ledger.Unmarshal(raw, &v) == nil
}
