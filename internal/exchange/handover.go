package exchange

import (
	"cmp"
	"context"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Reasons returns why a request changes hands, by the names of their words. A person's own words do not travel there:
// every centre reads them.
func Reasons() []string { return []string{"area", "closer", "full", "skill", "mistake"} }

// Together returns the records that change hands with a request: its household, and all of the household's requests
// with their needs. One household is served by one centre.
func Together(ctx context.Context, r store.Reader, q *request.Request) (requests []request.ID, all []id.ID, err error) {
	if requests, err = request.OfHousehold(ctx, r, q.Household); err != nil {
		return nil, nil, err
	}
	all = []id.ID{q.Household.ID}
	for _, rid := range requests {
		all = append(all, rid.ID)
		needs, err := request.AllNeeds(ctx, r, rid)
		if err != nil {
			return nil, nil, err
		}
		for _, n := range needs {
			all = append(all, n.ID.ID)
		}
	}
	return requests, all, nil
}

// HandOver gives a request, and what belongs to it, to another centre. It returns how many requests went.
func HandOver(ctx context.Context, tx *store.Tx, rid request.ID, to id.ID, why string) (int, error) {
	peer, err := store.Peer(ctx, tx, ledger.ID(to))
	if err != nil {
		return 0, err
	}
	if !peer.Pinned {
		return 0, errs.New(errs.Denied, "exchange.not_paired", "centre", peer.Name)
	}
	if err := offRuns(ctx, tx, rid); err != nil {
		return 0, err
	}
	return together(ctx, tx, rid, why, func(v id.ID) error { return handOver(ctx, tx, v, ledger.ID(to), why) })
}

// Recall takes back what was handed over.
func Recall(ctx context.Context, tx *store.Tx, rid request.ID, why string) (int, error) {
	return together(ctx, tx, rid, why, func(v id.ID) error { return recall(ctx, tx, v, why) })
}

// Refuse gives back what was handed over to us. What of the household began here stays.
func Refuse(ctx context.Context, tx *store.Tx, rid request.ID, why string) (int, error) {
	if err := offRuns(ctx, tx, rid); err != nil {
		return 0, err
	}
	if h, err := store.Held(ctx, tx, rid.ID); err != nil || h.Made {
		return 0, cmp.Or(err, error(errs.New(errs.Conflict, "store.nobody_gave")))
	}
	return together(ctx, tx, rid, why, func(v id.ID) error {
		if h, err := store.Held(ctx, tx, v); err != nil || h.Made {
			return err
		}
		return giveBack(ctx, tx, v, why)
	})
}

// offRuns is a Conflict while a crew is to go there: nothing may leave the hands of those who promised it.
func offRuns(ctx context.Context, tx *store.Tx, rid request.ID) error {
	q, err := request.Kind.Get(ctx, tx, rid.ID)
	if err != nil {
		return err
	}
	requests, _, err := Together(ctx, tx, q)
	if err != nil {
		return err
	}
	for _, r := range requests {
		needs, err := request.AllNeeds(ctx, tx, r)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(needs, func(n request.Need) bool { return n.Status == request.Planned }) {
			return errs.New(errs.Conflict, "exchange.on_run")
		}
	}
	return nil
}

func together(ctx context.Context, tx *store.Tx, rid request.ID, why string, act func(id.ID) error) (int, error) {
	if !slices.Contains(Reasons(), why) {
		return 0, errs.New(errs.Invalid, "exchange.reason")
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
		if err := act(v); err != nil {
			return 0, err
		}
	}
	return len(requests), nil
}
