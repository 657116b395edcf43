package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
)

// Kinds of what a Declare entry says. All stand in dir lanes, which everybody has.
const (
	KindIntroduction = "introduction"
	KindGrant        = "grant"
	KindWarrant      = "warrant"
	KindRevocation   = "revocation"
	KindHolders      = "holders"
	KindReadmission  = "readmission"
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

// Readmission lets a centre work again that those before the present key-holders ended: a revocation outlives them, and two old
// papers, one lost and one stolen, could end any centre. Where a renewal kept it, it is named too. What the present ones ended
// themselves stays so.
type Readmission struct {
	Centre      ID          `cbor:"centre"`
	Revocations []Hash      `cbor:"revocations"`        // their names
	Renewals    []Hash      `cbor:"renewals,omitempty"` // that keep them, by the SHA-256 of what was signed
	Signatures  []Signature `cbor:"signatures"`
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

// Statement is what a warrant, a revocation or a readmission is called in a renewal.
func Statement(e *Entry) (name Hash, ok bool) {
	m, _, ok := said(e)
	return sha256.Sum256(m), ok
}

// said returns what key-holders sign of a statement, and their signatures.
func said(e *Entry) (message []byte, sigs []Signature, ok bool) {
	var err error
	var w Warrant
	var r Revocation
	var again Readmission
	switch {
	case e.Op != Declare:
		return nil, nil, false
	case e.Kind == KindWarrant && e.Fields.Into(&w) == nil && w.Number > 0:
		message, err = w.message()
		sigs = w.Signatures
	case e.Kind == KindRevocation && e.Fields.Into(&r) == nil:
		message, err = r.message()
		sigs = r.Signatures
	case e.Kind == KindReadmission && e.Fields.Into(&again) == nil:
		message, err = again.message()
		sigs = again.Signatures
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

// Sign adds a key-holder's signature.
func (r *Readmission) Sign(key ed25519.PrivateKey) error {
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

func (r *Readmission) message() ([]byte, error) {
	bare := *r
	bare.Signatures = nil
	return statement("jumyla readmission 1\x00", bare)
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

// Signers counts the key-holders whose signatures the readmission bears.
func (r *Readmission) Signers(a Anchor) int {
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
