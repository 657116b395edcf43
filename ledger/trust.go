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
// people about that: what others say of it stands in their lanes as an offer. A renewal is signed by enough of those before
// and enough of the new ones; whoever believes in those before takes it over.
type Holders struct {
	Keys       [][]byte    `cbor:"keys"` // Ed25519, public
	Need       int         `cbor:"need"`
	Renews     *Hash       `cbor:"renews,omitempty"` // digest of those before; nil: people said it, and nothing is signed
	Keeps      []Hash      `cbor:"keeps,omitempty"`  // statements that go on counting, by the new ones' signatures
	Signatures []Signature `cbor:"signatures,omitempty"`
}

// Anchor is what follows from them; nobody, where they make no sense.
func (h Holders) Anchor() Anchor {
	a := Anchor{Need: h.Need}
	for i, k := range h.Keys {
		if len(k) != ed25519.PublicKeySize || slices.ContainsFunc(h.Keys[:i], func(o []byte) bool { return bytes.Equal(o, k) }) {
			return Anchor{}
		}
		a.Holders = append(a.Holders, k)
	}
	if h.Need < 1 || h.Need > len(h.Keys) || h.Need > 255 {
		return Anchor{}
	}
	return a
}

// AnchorOf is what a centre believes of key-holders, from the entries of its own dir lanes: what its people said last, and
// the renewals that it followed from there.
func AnchorOf(own []Known) (a Anchor) {
	own = slices.Clone(own)
	slices.SortFunc(own, func(x, y Known) int { return x.mark().compare(y.mark()) })
	for i := range own {
		var h Holders
		if k := &own[i]; k.Op != Declare || k.Kind != KindHolders || k.Fields.Into(&h) != nil {
			continue
		}
		if h.Renews == nil {
			a = h.Anchor()
		} else if next, follows := a.Follow(h); follows {
			a = next
		}
	}
	return a
}

// Follow returns the anchor that a renewal makes of this one, if it is one of this one and enough have signed it, of both.
func (a Anchor) Follow(h Holders) (Anchor, bool) { return a.follow(h, max(a.Need, 1)) }

func (a Anchor) follow(h Holders, need int) (Anchor, bool) {
	next := h.Anchor()
	if next.Need == 0 || h.Renews == nil || *h.Renews != a.Digest() || *h.Renews == next.Digest() ||
		h.Signers(a) < need || h.Signers(next) < min(need, next.Need) {
		return a, false
	}
	return next, true
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

// Statement is what a warrant or a revocation is called in a renewal.
func Statement(e *Entry) (name Hash, ok bool) {
	m, _, ok := said(e)
	return sha256.Sum256(m), ok
}

// said returns what key-holders sign of a warrant or a revocation, and their signatures.
func said(e *Entry) (message []byte, sigs []Signature, ok bool) {
	var err error
	var w Warrant
	var r Revocation
	switch {
	case e.Op != Declare:
		return nil, nil, false
	case e.Kind == KindWarrant && e.Fields.Into(&w) == nil && w.Number > 0:
		message, err = w.message()
		sigs = w.Signatures
	case e.Kind == KindRevocation && e.Fields.Into(&r) == nil:
		message, err = r.message()
		sigs = r.Signatures
	}
	return message, sigs, err == nil && message != nil
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

// Sign adds a key-holder's signature to a renewal.
func (h *Holders) Sign(key ed25519.PrivateKey) error {
	m, err := h.message()
	if err == nil {
		h.Signatures = append(h.Signatures, signature(key, m))
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

func (h *Holders) message() ([]byte, error) {
	bare := *h
	bare.Signatures = nil
	return statement("jumyla holders 1\x00", bare)
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

// Signers counts those of an anchor whose signatures the renewal bears.
func (h *Holders) Signers(a Anchor) int {
	m, err := h.message()
	if err != nil {
		return 0
	}
	return a.signers(m, h.Signatures)
}

// vouched reports whether enough different key-holders have signed the message.
func (a Anchor) vouched(message []byte, sigs []Signature) bool {
	return a.Need > 0 && a.signers(message, sigs) >= a.Need
}

func (a Anchor) signers(message []byte, sigs []Signature) int {
	return signers(a.Holders, message, sigs)
}

func signers(holders []ed25519.PublicKey, message []byte, sigs []Signature) int {
	n := 0
	for _, holder := range holders {
		for _, s := range sigs {
			if bytes.Equal(s.Holder, holder) && len(holder) == ed25519.PublicKeySize && ed25519.Verify(holder, message, s.Sig) {
				n++
				break
			}
		}
	}
	return n
}
