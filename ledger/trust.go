package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"slices"
)

// Kinds of what a Declare entry says. All stand in dir lanes, which everybody has.
const (
	KindIntroduction = "introduction"
	KindGrant        = "grant"
	KindWarrant      = "warrant"
	KindRevocation   = "revocation"
	KindHolders      = "holders"
)

// Introduction tells of a centre: how to know its signature, and how to seal for it.
type Introduction struct {
	Centre ID     `cbor:"centre"`
	Key    []byte `cbor:"key"` // Ed25519, public
	Box    string `cbor:"box"` // age recipient (X25519)
	Parent ID     `cbor:"parent"`
	Name   string `cbor:"name,omitempty"`
}

// Grant lets another centre have the writer's lanes of these classes, bodies and keys included; no classes
// take it back. The writer's latest word for each centre counts.
type Grant struct {
	To      ID      `cbor:"to"`
	Classes []Class `cbor:"classes"`
}

// Warrant lets one centre adopt the records of another that is destroyed. Number becomes the first number of
// the epochs of its claims.
type Warrant struct {
	Number     uint64      `cbor:"number"`
	From       ID          `cbor:"from"` // destroyed
	To         ID          `cbor:"to"`   // adopts
	Signatures []Signature `cbor:"signatures"`
}

// Revocation ends a centre whose key is no longer its own: entries beyond the cut are quarantined, in
// whatever incarnation. Its people begin again as a new centre, which a warrant lets adopt what was theirs.
type Revocation struct {
	Centre     ID          `cbor:"centre"`
	Cut        []LaneSeq   `cbor:"cut"` // lanes that are not named are cut before their first entry
	Signatures []Signature `cbor:"signatures"`
}

// LaneSeq is how far one of a centre's lanes counts.
type LaneSeq struct {
	_           struct{} `cbor:",toarray"`
	Incarnation uint32
	Class       Class
	Seq         uint64
}

// Signature is one key-holder's.
type Signature struct {
	_      struct{} `cbor:",toarray"`
	Holder []byte   // the public key
	Sig    []byte
}

// Anchor is who may sign warrants and revocations: a nation's key-holders, and how many of them it takes.
// Centres that exchange have the same one.
type Anchor struct {
	Holders []ed25519.PublicKey
	Need    int
}

// Holders says who may sign warrants and revocations, after people compared it. A centre believes nobody but its own
// people about that: what others say of it stands in their lanes as an offer.
type Holders struct {
	Keys [][]byte `cbor:"keys"` // Ed25519, public
	Need int      `cbor:"need"`
}

// Anchor is what follows from them; nobody, where they make no sense.
func (h Holders) Anchor() Anchor {
	a := Anchor{Need: h.Need}
	for _, k := range h.Keys {
		if len(k) != ed25519.PublicKeySize {
			return Anchor{}
		}
		a.Holders = append(a.Holders, k)
	}
	if h.Need < 1 || h.Need > len(h.Keys) || h.Need > 255 {
		return Anchor{}
	}
	return a
}

// Digest names the anchor: the key-holders' keys in ascending order, then how many it takes, in one byte.
func (a Anchor) Digest() Hash {
	keys := slices.SortedFunc(slices.Values(a.Holders), func(x, y ed25519.PublicKey) int { return bytes.Compare(x, y) })
	var all []byte
	for _, k := range keys {
		all = append(all, k...)
	}
	return sha256.Sum256(append(all, byte(a.Need))) //nolint:gosec // a few
}

// Sign adds a key-holder's signature.
func (w *Warrant) Sign(key ed25519.PrivateKey) error {
	m, err := w.message()
	if err == nil {
		w.Signatures = append(w.Signatures, signature(key, m))
	}
	return err
}

// Sign adds a key-holder's signature.
func (r *Revocation) Sign(key ed25519.PrivateKey) error {
	m, err := r.message()
	if err == nil {
		r.Signatures = append(r.Signatures, signature(key, m))
	}
	return err
}

func signature(key ed25519.PrivateKey, message []byte) Signature {
	return Signature{Holder: key.Public().(ed25519.PublicKey), Sig: ed25519.Sign(key, message)}
}

func (w *Warrant) message() ([]byte, error) {
	bare := *w
	bare.Signatures = nil
	return statement("jumyla warrant 1\x00", bare)
}

func (r *Revocation) message() ([]byte, error) {
	bare := *r
	bare.Signatures = nil
	return statement("jumyla revocation 1\x00", bare)
}

func statement(prefix string, v any) ([]byte, error) {
	raw, err := encode.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("statement: %w", err)
	}
	return append([]byte(prefix), raw...), nil
}

// Signers counts the key-holders whose signatures the warrant bears.
func (w *Warrant) Signers(a Anchor) int {
	m, err := w.message()
	if err != nil {
		return 0
	}
	return a.signers(m, w.Signatures)
}

// Signers counts the key-holders whose signatures the revocation bears.
func (r *Revocation) Signers(a Anchor) int {
	m, err := r.message()
	if err != nil {
		return 0
	}
	return a.signers(m, r.Signatures)
}

// vouched reports whether enough different key-holders have signed the message.
func (a Anchor) vouched(message []byte, sigs []Signature) bool {
	return a.Need > 0 && a.signers(message, sigs) >= a.Need
}

func (a Anchor) signers(message []byte, sigs []Signature) int {
	n := 0
	for _, holder := range a.Holders {
		for _, s := range sigs {
			if bytes.Equal(s.Holder, holder) && len(holder) == ed25519.PublicKeySize && ed25519.Verify(holder, message, s.Sig) {
				n++
				break
			}
		}
	}
	return n
}
