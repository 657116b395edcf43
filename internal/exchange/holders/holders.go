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

// Ours returns the key-holders that our own people said, or that followed them; NotFound before.
func Ours(ctx context.Context, db *store.DB) (ledger.Holders, error) {
	a, err := anchor(ctx, db)
	if err != nil {
		return ledger.Holders{}, err
	}
	h := holdersOf(a)
	if h.Need == 0 {
		return h, errs.New(errs.NotFound, "holders.none")
	}
	return h, nil
}

// anchor is what our own people said of key-holders, and what followed from it. What a copy of this database wrote under our
// name is not our people's.
func anchor(ctx context.Context, db *store.DB) (ledger.Anchor, error) {
	d, err := db.Decider(ctx)
	if err != nil {
		return ledger.Anchor{}, err
	}
	return d.Directory.Anchor(), nil
}

// believed are the key-holders that a centre goes by, as its own lanes say.
func believed(said []ledger.Known, centre ledger.ID) ledger.Holders {
	return holdersOf(ledger.AnchorOf(slices.DeleteFunc(slices.Clone(said), func(k ledger.Known) bool { return k.Lane.Centre != centre })))
}

// Beside are the sets in one circle with ours: renewals lead from ours to them and back, as where two centres each signed the
// change to the other's. Two of any of them may still say who is next, until fresh papers are.
func Beside(ctx context.Context, db *store.DB) (out []ledger.Holders, err error) {
	a, err := anchor(ctx, db)
	for _, o := range a.Beside() {
		out = append(out, holdersOf(o))
	}
	return out, err
}

func holdersOf(a ledger.Anchor) ledger.Holders {
	h := ledger.Holders{Need: a.Need}
	for _, k := range a.Holders {
		h.Keys = append(h.Keys, k)
	}
	return h
}

// Offer is what another centre says who the key-holders are.
type Offer struct {
	From store.Centre
	ledger.Holders

	Hangs int // permissions and endings that count here and would no longer count by it

	// Swapped says that both took over the other's at once, and still differ. Then one goes back and the other waits: whose
	// digest is lower waits, so that both pages say the same and it cannot happen again.
	Swapped, Waits bool
}

// Offers returns what paired centres say who the key-holders are, where that is not what we say: one of each centre.
func Offers(ctx context.Context, db *store.DB) ([]Offer, error) {
	ours, err := Ours(ctx, db)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	said, err := store.Declared(ctx, db, ledger.KindHolders)
	if err != nil {
		return nil, err
	}
	centres, err := store.Centres(ctx, db)
	if err != nil {
		return nil, err
	}
	d, err := db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	us := ledger.ID(db.Centre())
	var out []Offer
	for _, c := range centres {
		h := believed(said, c.Centre)
		if !c.Pinned || h.Need == 0 || same(h, ours) || d.Directory.Was(h.Anchor()) { // it has not heard of a renewal yet
			continue
		}
		o := Offer{From: c, Holders: h, Hangs: hangs(d.Directory, h)}
		if ours.Need > 0 && left(said, us, h) && left(said, c.Centre, ours) {
			o.Swapped, o.Waits = true, bytes.Compare(hash(ours), hash(h)) < 0
		}
		out = append(out, o)
	}
	return out, nil
}

func hash(h ledger.Holders) []byte {
	d := h.Anchor().Digest()
	return d[:]
}

// left reports whether a centre's people named these key-holders once.
func left(said []ledger.Known, centre ledger.ID, h ledger.Holders) bool {
	return slices.ContainsFunc(said, func(k ledger.Known) bool {
		var o ledger.Holders
		return k.Lane.Centre == centre && k.Fields.Into(&o) == nil && o.Renews == nil && same(o, h)
	})
}

// hangs counts what key-holders signed that counts here, and would not if others were the key-holders.
func hangs(d *ledger.Directory, h ledger.Holders) (n int) {
	then := d.With(h.Anchor()).Counting()
	for _, name := range d.Counting() {
		if !slices.Contains(then, name) {
			n++
		}
	}
	return n
}

// Replace takes over another centre's key-holders in place of ours, after people compared the words of both. What key-holders
// let happen must go on counting: where something would not, two of ours have to sign a renewal.
func Replace(ctx context.Context, db *store.DB, actor store.Actor, o Offer) error {
	if err := check(o.Holders); err != nil {
		return err
	}
	d, err := db.Decider(ctx)
	if err != nil {
		return err
	}
	if o.Waits {
		return errs.New(errs.Conflict, "holders.swapped_wait", "centre", o.From.Name)
	}
	if n := hangs(d.Directory, o.Holders); n > 0 {
		return errs.New(errs.Conflict, "holders.hangs", "n", n)
	}
	return keep(ctx, db, actor, ledger.Holders{Keys: o.Keys, Need: o.Need})
}

// keep writes into our own lane who the key-holders are.
func keep(ctx context.Context, db *store.DB, actor store.Actor, h ledger.Holders) error {
	fields, err := ledger.FieldsOf(h)
	if err != nil {
		return err
	}
	err = db.Write(ctx, actor, func(tx *store.Tx) error {
		tx.Touch("centre")
		return tx.Append(ctx, declare(ledger.ID(db.Centre()), ledger.KindHolders, fields), nil)
	})
	if err != nil {
		return fmt.Errorf("say key-holders: %w", err)
	}
	_, err = exchange.Follow(ctx, db)
	return err
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

// Say keeps who the key-holders are, once: later they are renewed, or replaced by another centre's.
func Say(ctx context.Context, db *store.DB, actor store.Actor, h ledger.Holders) error {
	if err := check(h); err != nil {
		return err
	}
	ours, err := Ours(ctx, db)
	switch {
	case errs.Is(err, errs.NotFound):
		return keep(ctx, db, actor, h)
	case err != nil:
		return err
	case same(ours, h):
		return nil
	}
	return errs.New(errs.Conflict, "holders.set")
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
