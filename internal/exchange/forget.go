package exchange

import (
	"context"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Forget erases a request that another centre has now, its household and what belongs to it: its people asked us, who had it
// before. Whoever holds a part of it destroys it when it hears. What is still to be brought there is a Conflict: nobody
// would find the door. It returns how many requests it erased.
func Forget(ctx context.Context, tx *store.Tx, rid request.ID) (int, error) {
	h, err := store.Held(ctx, tx, rid.ID)
	if err != nil {
		return 0, err
	}
	if h.Ours {
		return 0, errs.New(errs.Conflict, "exchange.forget_ours")
	}
	if open, err := openThere(ctx, tx, rid); err != nil {
		return 0, err
	} else if open {
		return 0, errs.New(errs.Conflict, "exchange.forget_open", "centre", nameOf(ctx, tx, h.Owner))
	}
	q, err := request.Kind.Get(ctx, tx, rid.ID)
	if err != nil {
		return 0, err
	}
	requests, all, err := Together(ctx, tx, q)
	if err != nil {
		return 0, err
	}
	for _, v := range all {
		if h, err := store.Held(ctx, tx, v); err != nil || !h.Former && !h.Ours {
			if err != nil {
				return 0, err
			}
			continue // it began there, and never was ours: they erase it with the rest
		}
		if err := tx.Erase(ctx, v); err != nil {
			return 0, err
		}
	}
	return len(requests), nil
}

// ToForget reports whether a request may be erased from here though another centre has it, and whether it was erased already.
func ToForget(ctx context.Context, r store.Reader, rid request.ID) (may, erased bool, err error) {
	h, err := store.Held(ctx, r, rid.ID)
	if err != nil || h.Ours || !h.Former {
		return false, false, err
	}
	if erased, err = store.One[bool](ctx, r, "erasure", "SELECT EXISTS (SELECT 1 FROM record_asked WHERE record=$1)", rid.ID[:]); err != nil || erased {
		return false, erased, err
	}
	open, err := openThere(ctx, r, rid)
	return !open, false, err
}

func openThere(ctx context.Context, r store.Reader, rid request.ID) (bool, error) {
	needs, err := needsWith(ctx, r, rid)
	for _, n := range needs {
		if n.Status == request.Open || n.Status == request.Planned {
			return true, err
		}
	}
	return false, err
}

// nameOf is a centre's name as it is known here; "" where it is not.
func nameOf(ctx context.Context, r store.Reader, c id.ID) string {
	p, err := store.Peer(ctx, r, ledger.ID(c))
	if err != nil {
		return ""
	}
	return p.Name
}
