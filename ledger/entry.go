// Package ledger is the core of how Jumyla writes and exchanges data: entries in append-only lanes, one
// for each centre, incarnation and class, chained by hash, with bodies sealed per record so that they can
// be destroyed while the chain stays whole. It is pure: no goroutine, clock, file or SQL of its own;
// randomness is given. docs/adr/0001 records the entry's format.
package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"

	"github.com/fxamacker/cbor/v2"
)

// Format is the version of the entry's encoding that this program writes.
const Format = 1

// Class says who may have a lane's entries.
type Class string

// The classes, in the order in which they travel.
const (
	Dir   Class = "dir"   // centres, keys, warrants: everyone
	Coord Class = "coord" // kind, urgency, place, status: every centre; names nobody
	Body  Class = "body"  // names, phones, addresses, health: granted centres
	Trace Class = "trace" // reconnection: tracing desks
	Audit Class = "audit" // sign-ins, reads, exports: local, sealed copy to the auditor
	Local Class = "local" // accounts, settings, mappings: never leaves the centre
)

// Classes returns every class, those that travel first.
func Classes() []Class { return []Class{Dir, Coord, Body, Trace, Audit, Local} }

// Sealed reports whether the class's fields are kept in a sealed body beside the chain, not in it.
func (c Class) Sealed() bool { return c == Body || c == Trace || c == Local }

// ID is 128 bits that name a centre, an actor, a transaction or a record.
type ID [16]byte

// Hash is a SHA-256.
type Hash [32]byte

// String writes the hash's first 12 hexadecimal digits, enough for people to compare.
func (h Hash) String() string { return hex.EncodeToString(h[:6]) }

// Lane names an append-only log: one centre's, in one incarnation, of one class.
type Lane struct {
	_           struct{} `cbor:",toarray"`
	Centre      ID
	Incarnation uint32
	Class       Class
}

// String names the lane for people: class and incarnation.
func (l Lane) String() string { return fmt.Sprintf("%s/%d", l.Class, l.Incarnation) }

// Op says what an entry does to its record.
type Op uint8

// The operations. One of a newer program is kept and changes nothing.
const (
	Put     Op = 1 // the fields that changed
	Erase   Op = 2 // the record's bodies and key are destroyed
	Open    Op = 3 // a new incarnation begins: fields are an Opening
	Own     Op = 4 // a Claim: who owns the record from here on
	Resolve Op = 5 // the owner accepted or declined proposals: fields are a Resolution
	Note    Op = 6 // a fact or a note about the record: anyone's, never overwritten
	Gone    Op = 7 // a centre confirms that it has destroyed what an erasure told it to
	Declare Op = 8 // about centres, in dir: Introduction, Grant, Warrant or Revocation, by kind
)

// Batch ties entries together: the transaction, and which act within it (from 0).
type Batch struct {
	_   struct{} `cbor:",toarray"`
	Tx  ID
	Act uint32
}

// Fields are a record's values by name, each in deterministic CBOR.
type Fields map[string]cbor.RawMessage

// Entry is one change to one record in one class. Unknown keys of a newer format are ignored here and
// kept by whoever stores the bytes.
type Entry struct {
	Format uint8          `cbor:"1,keyasint"`
	Lane   Lane           `cbor:"2,keyasint"`
	Seq    uint64         `cbor:"3,keyasint"` // from 1
	Prev   Hash           `cbor:"4,keyasint"` // zero for the first
	Time   uint64         `cbor:"5,keyasint"` // hybrid logical time: milliseconds << 16 | counter
	Actor  ID             `cbor:"6,keyasint"` // an account; zero for the program itself
	Batch  Batch          `cbor:"7,keyasint"`
	Record ID             `cbor:"8,keyasint"`
	Kind   string         `cbor:"9,keyasint"`
	Schema uint16         `cbor:"10,keyasint"`
	Op     Op             `cbor:"11,keyasint"`
	Claim  *Hash          `cbor:"12,keyasint,omitempty"` // the claim it is written under; none: its centre's root claim
	Base   map[Class]Hash `cbor:"13,keyasint,omitempty"` // the record's last entry seen, by class
	Fields Fields         `cbor:"14,keyasint,omitempty"` // empty in sealed classes
	Body   *Hash          `cbor:"15,keyasint,omitempty"` // commitment to the sealed body; in open classes to a parcel
}

// Head is the end of a lane: how many entries it has and the last one's hash.
type Head struct {
	_    struct{} `cbor:",toarray"`
	Seq  uint64
	Hash Hash
}

var (
	encode = must(cbor.EncOptions{Sort: cbor.SortCoreDeterministic, IndefLength: cbor.IndefLengthForbidden,
		Time: cbor.TimeRFC3339NanoUTC, NilContainers: cbor.NilContainerAsEmpty}.EncMode())
	decode = must(cbor.DecOptions{MaxNestedLevels: 16, MaxArrayElements: 65536, MaxMapPairs: 4096,
		IndefLength: cbor.IndefLengthForbidden, DupMapKey: cbor.DupMapKeyEnforcedAPF}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic("ledger: " + err.Error())
	}
	return v
}

// Marshal writes any value in the deterministic CBOR that entries use (RFC 8949 §4.2.1).
func Marshal(v any) ([]byte, error) { return encode.Marshal(v) }

// Unmarshal reads CBOR within the limits that entries have.
func Unmarshal(b []byte, v any) error { return decode.Unmarshal(b, v) }

// Append puts e at the lane's end: it sets format, sequence number and previous hash, and returns the
// bytes to keep and the new head.
func (h Head) Append(e *Entry) ([]byte, Head, error) {
	e.Format, e.Seq, e.Prev = Format, h.Seq+1, h.Hash
	raw, err := encode.Marshal(e)
	if err != nil {
		return nil, h, fmt.Errorf("encode entry: %w", err)
	}
	return raw, Head{Seq: e.Seq, Hash: sha256.Sum256(raw)}, nil
}

// Errors of Follow.
var (
	ErrUnreadable = errors.New("the entry cannot be read")
	ErrLane       = errors.New("the entry belongs to another lane")
	ErrSequence   = errors.New("the sequence number is not the next one")
	ErrChain      = errors.New("the hash of the entry before does not fit")
)

// Follow reads the entry that should stand next in the lane and returns it with the new head.
func (h Head) Follow(lane Lane, raw []byte) (Entry, Head, error) {
	e, err := Decode(raw)
	if err != nil {
		return e, h, err
	}
	switch {
	case e.Lane != lane:
		return e, h, ErrLane
	case e.Seq != h.Seq+1:
		return e, h, ErrSequence
	case e.Prev != h.Hash:
		return e, h, ErrChain
	}
	return e, Head{Seq: e.Seq, Hash: sha256.Sum256(raw)}, nil
}

// HashOf returns the hash of an entry's bytes, which is its name.
func HashOf(raw []byte) Hash { return sha256.Sum256(raw) }

// Decode reads an entry's bytes.
func Decode(raw []byte) (Entry, error) {
	var e Entry
	if err := decode.Unmarshal(raw, &e); err != nil {
		return e, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return e, nil
}

// Merge returns the record's fields of one class after e, of which body is the opened body (nil in open
// classes, and where the body has been destroyed). It is the whole of how a record follows from its
// entries within one owner: later fields replace earlier ones, unknown ones included, and an erasure empties
// it. What else an entry may be changes no field.
func Merge(old Fields, e *Entry, body Fields) Fields {
	switch {
	case e.Op == Erase && e.Lane.Class.Sealed():
		return Fields{}
	case e.Op != Put:
		return old
	}
	out := make(Fields, len(old)+len(e.Fields)+len(body))
	for _, src := range []Fields{old, e.Fields, body} {
		maps.Copy(out, src)
	}
	return out
}
