package exchange

import (
	"context"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/sight"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Forget asks the centre that has a request to forget it, its household and what belongs to it: its people asked us, who had
// it before. Nobody erases anything before that centre says so too, for they may have called it since: see Heed. What is still
// to be brought there, as far as we know, is a Conflict: nobody would find the door. It returns how many requests it is about.
func Forget(ctx context.Context, tx *store.Tx, rid request.ID) (int, error) {
	h, err := store.Held(ctx, tx, rid.ID)
	if err != nil {
		return 0, err
	}
	if h.Ours {
		return 0, errs.New(errs.Conflict, "exchange.forget_ours")
	}
	f, err := ToForget(ctx, tx, rid)
	switch name := nameOf(ctx, tx, h.Owner); {
	case err != nil:
		return 0, err
	case !f.Asked.IsZero() && f.Declined.IsZero():
		return 0, errs.New(errs.Conflict, "exchange.forget_waits", "centre", name)
	case f.Erased:
		return 0, errs.New(errs.Conflict, "exchange.forget_done")
	case f.Open:
		return 0, errs.New(errs.Conflict, "exchange.forget_open", "centre", name)
	}
	q, err := request.Kind.Get(ctx, tx, rid.ID)
	if err != nil {
		return 0, err
	}
	requests, all, err := Together(ctx, tx, q)
	if err != nil {
		return 0, err
	}
	var had []id.ID
	for _, v := range all {
		switch h, err := store.Held(ctx, tx, v); {
		case err != nil:
			return 0, err
		case h.Ours: // what it told us alone
			err = tx.Erase(ctx, v)
			if err != nil {
				return 0, err
			}
		case h.Former: // else it began there, and never was ours: they erase it with the rest
			had = append(had, v)
		}
	}
	if err := sight.Ask(ctx, tx, had); err != nil {
		return 0, err
	}
	return len(requests), nil
}

// Forgetting is how it stands with the forgetting of a request that another centre has.
type Forgetting struct {
	May      bool      // we had it before, and may ask for it now
	Open     bool      // something is still to be brought there, as far as we know
	Asked    time.Time // when we asked; zero: not yet
	Declined time.Time // when they declined it; zero: they did not
	Erased   bool
	Heard    time.Time // as of when it is known what the centre has that decides; zero: never
}

// ToForget returns how it stands.
func ToForget(ctx context.Context, r store.Reader, rid request.ID) (f Forgetting, err error) {
	h, err := store.Held(ctx, r, rid.ID)
	if err != nil || h.Ours || !h.Former {
		return f, err
	}
	if f.Erased, err = store.One[bool](ctx, r, "erasure", "SELECT EXISTS (SELECT 1 FROM record_asked WHERE record=$1)", rid.ID[:]); err != nil || f.Erased {
		return f, err
	}
	if f.Asked, f.Declined, err = lastPlea(ctx, r, rid.ID); err != nil {
		return f, err
	}
	if f.Heard, err = Heard(ctx, r, ledger.ID(h.Owner)); err != nil {
		return f, err
	}
	f.Open, err = openThere(ctx, r, rid)
	f.May = !f.Open && (f.Asked.IsZero() || !f.Declined.IsZero())
	return f, err
}

func openThere(ctx context.Context, r store.Reader, rid request.ID) (bool, error) {
	needs, err := needsWith(ctx, r, rid)
	return slices.ContainsFunc(needs, waits), err
}

// waits reports whether something is still to be brought.
func waits(n request.Need) bool { return n.Status == request.Open || n.Status == request.Planned }

// nameOf is a centre's name as it is known here; "" where it is not.
func nameOf(ctx context.Context, r store.Reader, c id.ID) string {
	p, err := store.Peer(ctx, r, ledger.ID(c))
	if err != nil {
		return ""
	}
	return p.Name
}
