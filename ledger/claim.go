package ledger

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
)

// Claim says who owns a record from here on. Its identity is the hash of its entry; the first claim of a
// record, its root, has no entry: the centre that created it owns it (RootClaim). A sealed snapshot of what
// the record's sealed classes said may stand beside the entry as a parcel.
type Claim struct {
	Warrant uint64 `cbor:"warrant"` // the epoch's first number: raised by adoption only
	N       uint64 `cbor:"n"`       // the epoch's second: one more than the parent's
	Owner   ID     `cbor:"owner"`
	Parent  Hash   `cbor:"parent"` // the claim before
	From    ID     `cbor:"from"`   // who wrote the parent: whose data are waited for where it is missing
	Cut     Cut    `cbor:"cut"`    // what of the parent's owner is taken over
	Reason  string `cbor:"reason,omitempty"`
}

// Cut says how far an owner's entries about a record had been seen, in each class of lane.
type Cut map[Class]Mark

// Mark is a place in a centre's lanes of one class. The hash is the entry's there: where copies of a centre wrote
// under the same number, it tells which of them is meant.
type Mark struct {
	_           struct{} `cbor:",toarray"`
	Incarnation uint32
	Seq         uint64
	Hash        Hash
}

func (k *Known) mark() Mark { return Mark{Incarnation: k.Lane.Incarnation, Seq: k.Seq, Hash: k.Hash} }

func (m Mark) compare(o Mark) int {
	return cmp.Or(cmp.Compare(m.Incarnation, o.Incarnation), cmp.Compare(m.Seq, o.Seq))
}

func (c Cut) extend(k *Known) {
	if at, ok := c[k.Lane.Class]; !ok || k.mark().compare(at) > 0 {
		c[k.Lane.Class] = k.mark()
	}
}

// RootClaim is the identity of a record's first claim: that of the centre that created it.
func RootClaim(record, centre ID) Hash {
	b := append([]byte("jumyla root 1\x00"), record[:]...)
	return sha256.Sum256(append(b, centre[:]...))
}

// Stamp makes a new record's identity one that names its creator: its last four bytes follow from the others and the
// centre. Whoever says later of another's record that they created it cannot choose it so.
func Stamp(record, centre ID) ID {
	sum := stamp(record, centre)
	copy(record[len(record)-len(sum):], sum[:])
	return record
}

// Made reports whether a record's identity names the centre as its creator. Older programs' identities name nobody.
func Made(record, centre ID) bool {
	sum := stamp(record, centre)
	return bytes.Equal(record[len(record)-len(sum):], sum[:])
}

func stamp(record, centre ID) (out [4]byte) {
	b := append([]byte("jumyla made 1\x00"), record[:len(record)-len(out)]...)
	sum := sha256.Sum256(append(b, centre[:]...))
	copy(out[:], sum[:])
	return out
}

// Under returns the claim that an entry was written under.
func (e *Entry) Under() Hash {
	if e.Claim != nil {
		return *e.Claim
	}
	return RootClaim(e.Record, e.Lane.Centre)
}

// Resolution is what the owner's person said of proposals.
type Resolution struct {
	Proposals []Hash `cbor:"proposals"`
	Accepted  bool   `cbor:"accepted"` // what was taken over stands in the owner's own Put beside this entry
}

// Receipt is a centre's word that it has destroyed what erasures told it to: fields of a Gone entry.
type Receipt struct {
	Erasures []Hash `cbor:"erasures"`
}

// Repeat are fields of an Erase entry by which a record's owner says what a former owner said: so that what is written
// after it stays.
type Repeat struct {
	Erasures []Hash `cbor:"erasures"`
}

// Asking are fields of an Erase entry by which who had a record before asks for it to be erased: how far they had what others
// wrote of what they ask about. No clock tells that.
type Asking struct {
	Seen []Sight `cbor:"seen"`
}

// Sight is how far somebody had a centre's lane of the class coord, in one of its incarnations: the last entry, or that of one branch.
type Sight struct {
	_           struct{} `cbor:",toarray"`
	Centre      ID
	Incarnation uint32
	Seq         uint64
	Hash        Hash
}

// Opening is the first entry of an incarnation that is not a centre's first: fields of an Open entry.
type Opening struct {
	Previous uint32           `cbor:"previous"`
	Cut      map[Class]uint64 `cbor:"cut"`             // how far each lane of the previous one counts
	Heads    map[Class]Hash   `cbor:"heads,omitempty"` // the entries there: they choose a branch where the lane was forked
}

// FieldsOf turns one of the structs above into an entry's fields.
func FieldsOf(v any) (Fields, error) {
	raw, err := encode.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("fields: %w", err)
	}
	var f Fields
	if err := decode.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("fields: %w", err)
	}
	return f, nil
}

// Into reads fields into one of the structs above; what a newer program added is left alone.
func (f Fields) Into(v any) error {
	raw, err := encode.Marshal(f)
	if err != nil {
		return fmt.Errorf("fields: %w", err)
	}
	if err := decode.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return nil
}

// Pack makes a parcel: fields of sealed classes that an entry of an open class carries sealed beside it. So a
// record that has left its creator keeps all of a change in one entry, whose lane everybody may have, and
// whose sealed part goes only to those who may know it. Other classes are left out.
func Pack(all map[Class]Fields) (Fields, error) {
	out := Fields{}
	for class, f := range all {
		if !class.travelsSealed() || len(f) == 0 {
			continue
		}
		raw, err := encode.Marshal(f)
		if err != nil {
			return nil, fmt.Errorf("pack: %w", err)
		}
		out[string(class)] = raw
	}
	return out, nil
}

// travelsSealed reports whether the class's fields may be in a parcel.
func (c Class) travelsSealed() bool { return c.Sealed() && !c.private() }

// unpack opens a parcel; a part that is not one of fields is left out.
func unpack(parcel Fields) map[Class]Fields {
	out := map[Class]Fields{}
	for class, raw := range parcel {
		var f Fields
		if Class(class).travelsSealed() && decode.Unmarshal(raw, &f) == nil {
			out[Class(class)] = f
		}
	}
	return out
}

// Changes returns the fields that an entry changes, by class. body is its opened body or parcel, nil where
// that is not here.
func (e *Entry) Changes(body Fields) map[Class]Fields {
	if e.Op != Put && e.Op != Note {
		return nil
	}
	if e.Lane.Class.Sealed() {
		return map[Class]Fields{e.Lane.Class: body}
	}
	out := unpack(body)
	if len(e.Fields) > 0 {
		out[e.Lane.Class] = e.Fields
	}
	return out
}

// Next returns the claim that gives the record to another, or takes it: all that is known here is inside its
// cut. For an adoption the caller raises Warrant. Beside its entry belongs the sealed parcel of Fields (Pack),
// unless something is Missing: then what was sealed before goes on counting.
func (w Decision) Next(owner ID) Claim {
	return Claim{Warrant: w.Claim.Warrant, N: w.Claim.N + 1, Owner: owner, Parent: w.Under, From: w.By, Cut: w.Cut}
}
