// Package forks tells as which centres two machines wrote, and which of their lanes parted. It settles nothing: the store does.
package forks

import (
	"context"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
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

// All returns every centre whose lanes here are forked, those first that nobody has settled.
func All(ctx context.Context, db *store.DB) ([]Fork, error) {
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

// Say says in words that two machines wrote as a centre of that name, and what to do.
func (f *Fork) Say(lang i18n.Lang, name string) (say, mend string) {
	what := "other"
	switch {
	case f.Settled:
		what = "settled"
	case f.Ours:
		what = "ours"
	}
	say = lang.T("fork."+what, "centre", name, "at", lang.DateClock(f.Since), "n", f.Entries) // i18n: fork.*
	return say, lang.T("fork.mend_"+what, "centre", name)                                     // i18n: fork.mend_*
}

// Lane is one lane that was forked.
type Lane struct {
	Centre   id.ID  `json:"centre"`
	Name     string `json:"name"`
	Lane     string `json:"lane"`
	Seq      uint64 `json:"seq"` // the first number that two entries have
	Branches int    `json:"branches"`
}

// Say says in words how a lane is forked.
func (f *Lane) Say(lang i18n.Lang) string {
	return lang.T("verify.fork", "centre", f.Name, "lane", f.Lane, "seq", f.Seq, "n", f.Branches)
}

// Lanes returns every lane that is forked here. A centre whose name is not known is named by its identity.
func Lanes(ctx context.Context, db *store.DB) ([]Lane, error) {
	all, err := db.Forked(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Lane, 0, len(all))
	for _, f := range all {
		v := Lane{Centre: id.ID(f.Lane.Centre), Lane: f.Lane.String(), Seq: f.From, Branches: f.Ends}
		if v.Name, err = called(ctx, db, v.Centre); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// called is a centre's name, ours too; its identity where that is not known.
func called(ctx context.Context, db *store.DB, c id.ID) (string, error) {
	var name string
	var err error
	if c == db.Centre() {
		var own *centre.Centre
		if own, err = centre.Get(ctx, db); err == nil {
			name = own.Name
		}
	} else {
		var p store.Centre
		p, err = store.Peer(ctx, db, ledger.ID(c))
		name = p.Name
	}
	if name == "" && (err == nil || errs.Is(err, errs.NotFound)) {
		return c.String(), nil
	}
	return name, err
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
