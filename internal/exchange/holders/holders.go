package holders

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// How many key-holders there are, and how many of them it takes.
const (
	Count = 3
	Need  = 2
)

// Ours returns the key-holders that our own people said; NotFound before.
func Ours(ctx context.Context, r store.Reader, db *store.DB) (ledger.Holders, error) {
	said, err := store.Declared(ctx, r, ledger.KindHolders)
	if err != nil {
		return ledger.Holders{}, err
	}
	for _, k := range slices.Backward(said) {
		var h ledger.Holders
		if k.Lane.Centre == ledger.ID(db.Centre()) && k.Fields.Into(&h) == nil {
			return h, nil
		}
	}
	return ledger.Holders{}, errs.New(errs.NotFound, "holders.none")
}

// Offer is what another centre says who the key-holders are.
type Offer struct {
	From store.Centre
	ledger.Holders
}

// Offers returns what paired centres say who the key-holders are, where that is not what we say: one of each centre.
func Offers(ctx context.Context, db *store.DB) ([]Offer, error) {
	ours, err := Ours(ctx, db, db)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	said, err := store.Declared(ctx, db, ledger.KindHolders)
	if err != nil {
		return nil, err
	}
	var out []Offer
	seen := map[ledger.ID]bool{}
	for _, k := range slices.Backward(said) {
		from := k.Lane.Centre
		var h ledger.Holders
		if from == ledger.ID(db.Centre()) || seen[from] || k.Fields.Into(&h) != nil || h.Anchor().Need == 0 {
			continue
		}
		seen[from] = true
		peer, err := store.Peer(ctx, db, from)
		if err != nil || !peer.Pinned || same(h, ours) {
			continue
		}
		out = append(out, Offer{From: peer, Holders: h})
	}
	return out, nil
}

func same(a, b ledger.Holders) bool { return a.Anchor().Digest() == b.Anchor().Digest() }

// Words are what people compare aloud about who the key-holders are.
func Words(lang i18n.Lang, h ledger.Holders) []string {
	d := h.Anchor().Digest()
	return exchange.SixWords(lang, d[:], "jumyla key-holders words 1")
}

// Of makes the key-holders of their papers: three different ones, each typed once, so that it is known that it can be read.
func Of(papers ...Secret) (ledger.Holders, error) {
	var publics [][]byte
	for _, s := range papers {
		publics = append(publics, s.Public())
	}
	h := With(publics)
	return h, check(h)
}

// With makes the key-holders of the keys by which others know their signatures.
func With(publics [][]byte) ledger.Holders { return ledger.Holders{Keys: publics, Need: Need} }

// Public is the key by which others know the holder's signature.
func (s Secret) Public() []byte { return s.Key()[32:] }

func check(h ledger.Holders) error {
	if len(h.Keys) != Count || h.Anchor().Need != Need {
		return errs.New(errs.Invalid, "holders.three")
	}
	for i, a := range h.Keys {
		for _, b := range h.Keys[:i] {
			if bytes.Equal(a, b) {
				return errs.New(errs.Invalid, "holders.twice")
			}
		}
	}
	return nil
}

// Say keeps who the key-holders are, once: warrants that counted must go on counting.
func Say(ctx context.Context, db *store.DB, actor store.Actor, h ledger.Holders) error {
	if err := check(h); err != nil {
		return err
	}
	fields, err := ledger.FieldsOf(h)
	if err != nil {
		return err
	}
	err = db.Write(ctx, actor, func(tx *store.Tx) error {
		ours, err := Ours(ctx, tx, db)
		switch {
		case errs.Is(err, errs.NotFound):
		case err != nil:
			return err
		case same(ours, h):
			return nil
		default:
			return errs.New(errs.Conflict, "holders.set")
		}
		tx.Touch("centre")
		return tx.Append(ctx, declare(ledger.ID(db.Centre()), ledger.KindHolders, fields), nil)
	})
	if err != nil {
		return fmt.Errorf("say key-holders: %w", err)
	}
	return db.Settle(ctx)
}

func declare(about ledger.ID, kind string, fields ledger.Fields) *ledger.Entry {
	return &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: about, Kind: kind, Op: ledger.Declare, Fields: fields}
}

// name is a centre's name as it is known here; "" where it is not.
func name(ctx context.Context, r store.Reader, c id.ID) string {
	p, err := store.Peer(ctx, r, ledger.ID(c))
	if err != nil {
		return ""
	}
	return p.Name
}
