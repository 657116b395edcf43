// Package id mints identities offline: 128 bits, time-ordered, typed, so that a volunteer's cannot be
// passed for a request's; and the short refs that people read aloud (ref.go). It is not a store.
package id

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// ID is an untyped identity: 48 bits of milliseconds since 1970, then 80 random bits.
type ID [16]byte

var text = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// New mints an identity from the time and the system's randomness.
func New(now time.Time) ID {
	v, err := From(now, rand.Reader)
	if err != nil {
		panic("id: the system has no randomness: " + err.Error())
	}
	return v
}

// From mints an identity from the time and a given source of randomness.
func From(now time.Time, random io.Reader) (ID, error) {
	var v ID
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(max(now.UnixMilli(), 0)))
	copy(v[:6], ms[2:])
	_, err := io.ReadFull(random, v[6:])
	return v, err
}

// Tail is how many bytes at an identity's end are not random where it was minted in a write: they name the centre.
const Tail = 4

// Next returns the identity that sorts right after v and all that begin as it does but for their tail.
func (v ID) Next() ID {
	for i := len(v) - Tail - 1; i >= 0; i-- {
		if v[i]++; v[i] != 0 {
			break
		}
	}
	return v
}

// IsZero reports whether v was never set.
func (v ID) IsZero() bool { return v == ID{} }

// String returns 26 letters and digits in lower case, or "" for zero.
func (v ID) String() string {
	if v.IsZero() {
		return ""
	}
	return text.EncodeToString(v[:])
}

// Parse reads what String wrote.
func Parse(s string) (ID, error) {
	var v ID
	if len(s) != 26 {
		return v, errors.New("id: not 26 characters")
	}
	b, err := text.DecodeString(s)
	if err != nil {
		return v, fmt.Errorf("id: %w", err)
	}
	copy(v[:], b)
	return v, nil
}

// Of is an identity of one kind of record; K is a type that the noun keeps to itself.
type Of[K any] struct{ ID }

// NewOf mints an identity of kind K.
func NewOf[K any](now time.Time) Of[K] { return Of[K]{New(now)} }

// ParseOf reads an identity of kind K.
func ParseOf[K any](s string) (Of[K], error) {
	v, err := Parse(s)
	return Of[K]{v}, err
}

// Value stores the identity as 26 characters of text, or NULL for zero.
func (v ID) Value() (driver.Value, error) {
	if v.IsZero() {
		return nil, nil //nolint:nilnil // SQL NULL
	}
	return v.String(), nil
}

// Scan reads text or NULL.
func (v *ID) Scan(src any) error {
	switch s := src.(type) {
	case nil:
		*v = ID{}
		return nil
	case string:
		return v.UnmarshalText([]byte(s))
	case []byte:
		return v.UnmarshalText(s)
	}
	return fmt.Errorf("id: cannot read %T", src)
}

// MarshalText writes the 26 characters; zero is empty.
func (v ID) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the 26 characters; empty is zero.
func (v *ID) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*v = ID{}
		return nil
	}
	p, err := Parse(string(b))
	*v = p
	return err
}

// MarshalBinary writes the 16 bytes; zero is empty.
func (v ID) MarshalBinary() ([]byte, error) {
	if v.IsZero() {
		return []byte{}, nil
	}
	return v[:], nil
}

// UnmarshalBinary reads 16 bytes or none.
func (v *ID) UnmarshalBinary(b []byte) error {
	if len(b) != 0 && len(b) != len(v) {
		return fmt.Errorf("id: %d bytes", len(b))
	}
	*v = ID{}
	copy(v[:], b)
	return nil
}
