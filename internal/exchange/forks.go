package exchange

import (
	"context"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Fork is a centre as which two machines wrote at the same time: a copied laptop, or a disk that was put back unnoticed.
type Fork struct {
	Centre   id.ID     `json:"centre"`
	Name     string    `json:"name"` // "" where it is not known here
	Ours     bool      `json:"ours"`
	Branches int       `json:"branches"` // as many as there are of its most forked lane
	Entries  int       `json:"entries"`  // beside those that came here first; all are kept
	Since    time.Time `json:"since"`    // of the first entry that parts from another, as its machine's clock had it
	Settled  bool      `json:"settled"`  // the centre has opened again: one branch counts, the other waits as proposals
}

// Forks returns every centre whose lanes here are forked, those first that nobody has settled.
func Forks(ctx context.Context, db *store.DB) ([]Fork, error) {
	lanes, err := db.Lanes(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(lanes, func(l store.Lane) bool { return l.Branch > 0 }) {
		return nil, nil
	}
	d, err := db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	known, err := store.Centres(ctx, db)
	if err != nil {
		return nil, err
	}
	var out []Fork
	for _, l := range lanes {
		if l.Branch == 0 {
			continue
		}
		c := id.ID(l.Lane.Centre)
		at := slices.IndexFunc(out, func(f Fork) bool { return f.Centre == c })
		if at < 0 {
			f := Fork{Centre: c, Ours: c == db.Centre(), Settled: true}
			if i := slices.IndexFunc(known, func(k store.Centre) bool { return k.Centre == l.Lane.Centre }); i >= 0 {
				f.Name = known[i].Name
			}
			at, out = len(out), append(out, f)
		}
		if err := out[at].add(ctx, db, d.Directory, l); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b Fork) int {
		switch {
		case a.Settled == b.Settled:
			return 0
		case b.Settled:
			return -1
		}
		return 1
	})
	return out, nil
}

// add counts a branch.
func (f *Fork) add(ctx context.Context, db *store.DB, dir *ledger.Directory, l store.Lane) error {
	f.Branches, f.Entries = max(f.Branches, l.Branch+1), f.Entries+int(l.End.Seq-l.Root.Seq) //nolint:gosec // counts entries
	f.Settled = f.Settled && dir.Incarnation(l.Lane.Centre) != l.Lane.Incarnation
	page, err := db.Page(ctx, l, l.Root.Seq, l.Root.Seq+1)
	if err != nil || len(page) == 0 {
		return err
	}
	e, err := ledger.Decode(page[0].Raw)
	if err != nil {
		return err
	}
	if at := time.UnixMilli(ledger.Clock(e.Time).Milliseconds()).UTC(); f.Since.IsZero() || at.Before(f.Since) {
		f.Since = at
	}
	return nil
}
