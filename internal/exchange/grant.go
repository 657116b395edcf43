package exchange

import (
	"context"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Entrust lets another centre keep our names and addresses, sealed as they are, so that it can go on for us if this centre
// is destroyed; it shows them to nobody before. With keep false what we write from now on does not go there.
func Entrust(ctx context.Context, tx *store.Tx, to id.ID, keep bool) error {
	peer, err := store.Peer(ctx, tx, ledger.ID(to))
	if err != nil {
		return err
	}
	if !peer.Pinned {
		return errs.New(errs.Denied, "exchange.not_paired", "centre", peer.Name)
	}
	keepers, err := entrusted(ctx, tx, ledger.ID(tx.Centre()))
	if err != nil || keepers[ledger.ID(to)] == keep {
		return err
	}
	g := ledger.Grant{To: ledger.ID(to), Classes: []ledger.Class{}}
	if keep {
		g.Classes = []ledger.Class{ledger.Body}
	}
	fields, err := ledger.FieldsOf(g)
	if err != nil {
		return err
	}
	tx.Touch("centre")
	return tx.Append(ctx, &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: ledger.ID(to), Kind: ledger.KindGrant, Op: ledger.Declare, Fields: fields}, nil)
}

// Trust says between whom names are kept: who keeps ours, and whose we keep.
type Trust struct{ Ours, Theirs map[id.ID]bool }

// Trusted tells it of every centre.
func Trusted(ctx context.Context, r store.Reader, us id.ID) (Trust, error) {
	out := Trust{Ours: map[id.ID]bool{}, Theirs: map[id.ID]bool{}}
	all, err := store.Centres(ctx, r)
	if err != nil {
		return out, err
	}
	ours, err := entrusted(ctx, r, ledger.ID(us))
	if err != nil {
		return out, err
	}
	for _, c := range all {
		theirs, err := entrusted(ctx, r, c.Centre)
		if err != nil {
			return out, err
		}
		out.Ours[id.ID(c.Centre)], out.Theirs[id.ID(c.Centre)] = ours[c.Centre], theirs[ledger.ID(us)]
	}
	return out, nil
}

// entrusted returns to whom a centre entrusted what it knows of people: its last word to each.
func entrusted(ctx context.Context, r store.Reader, by ledger.ID) (map[ledger.ID]bool, error) {
	said, err := store.Declared(ctx, r, ledger.KindGrant)
	if err != nil {
		return nil, err
	}
	out := map[ledger.ID]bool{}
	for _, k := range said {
		var g ledger.Grant
		if k.Lane.Centre == by && k.Fields.Into(&g) == nil {
			out[g.To] = slices.Contains(g.Classes, ledger.Body)
		}
	}
	return out, nil
}
