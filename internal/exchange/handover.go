package exchange

import (
	"cmp"
	"context"
	"errors"
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
	if dir, err := tx.Directory(ctx); err != nil || dir.Revoked(peer.Centre) {
		return 0, cmp.Or(err, errRevoked("exchange.revoked", peer.Name))
	}
	if err := offRuns(ctx, tx, rid); err != nil {
		return 0, err
	}
	return together(ctx, tx, rid, why, func(v id.ID) error { return handOver(ctx, tx, v, ledger.ID(to), why) })
}

// Recall takes back what was handed over. What the others have on a run is a Conflict, for a crew may be on its way with
// it, unless somebody says anyway: then it is open again here, or it would stand for ever on a run that nobody here ends.
func Recall(ctx context.Context, tx *store.Tx, rid request.ID, why string, anyway bool) (int, error) {
	if err := notOurs(ctx, tx, rid); err != nil {
		return 0, err
	}
	theirs, err := onTheirRun(ctx, tx, rid)
	if err != nil {
		return 0, err
	}
	if len(theirs) > 0 && !anyway {
		return 0, theyGo(ctx, tx, rid)
	}
	h, err := store.Held(ctx, tx, rid.ID)
	if err != nil {
		return 0, err
	}
	had := h.Owner
	n, err := together(ctx, tx, rid, why, func(v id.ID) error { return recall(ctx, tx, v, why) })
	if err != nil {
		return 0, err
	}
	for _, need := range theirs {
		need.Stand(request.Open, id.ID{}, tx.Now, tx.Now)
		if err := errors.Join(tx.Put(ctx, &need), TwoTeams(ctx, tx, need.ID.ID, had, ByRecall)); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// notOurs is a Conflict where a request, and all that belongs to it, is ours already: nothing would change hands.
func notOurs(ctx context.Context, tx *store.Tx, rid request.ID) error {
	q, err := request.Kind.Get(ctx, tx, rid.ID)
	if err != nil {
		return err
	}
	_, all, err := Together(ctx, tx, q)
	if err != nil {
		return err
	}
	for _, v := range all {
		if h, err := store.Held(ctx, tx, v); err != nil || !h.Ours {
			return err
		}
	}
	return errs.New(errs.Conflict, "exchange.ours_already")
}

// theyGo is the Conflict of who would recall what another centre's crew is to bring.
func theyGo(ctx context.Context, tx *store.Tx, rid request.ID) error {
	h, err := store.Held(ctx, tx, rid.ID)
	if err != nil {
		return err
	}
	return errs.New(errs.Conflict, "exchange.on_their_run", "centre", nameOf(ctx, tx, h.Owner))
}

// OnTheirRun reports whether another centre has a request, or what belongs to it, on a run, as far as we have heard.
func OnTheirRun(ctx context.Context, r store.Reader, rid request.ID) (bool, error) {
	theirs, err := onTheirRun(ctx, r, rid)
	return len(theirs) > 0, err
}

// onTheirRun returns what of a household is planned on a run that is not ours, as far as we have heard.
func onTheirRun(ctx context.Context, r store.Reader, rid request.ID) ([]request.Need, error) {
	all, err := needsWith(ctx, r, rid)
	if err != nil {
		return nil, err
	}
	var out []request.Need
	for _, n := range all {
		if n.Status != request.Planned {
			continue
		}
		ours, err := isOurs(ctx, r, n.Run)
		if err != nil {
			return nil, err
		}
		if !ours {
			out = append(out, n)
		}
	}
	return out, nil
}

// isOurs reports whether a record is known here, and ours.
func isOurs(ctx context.Context, r store.Reader, rid id.ID) (bool, error) {
	known, err := store.One[bool](ctx, r, "record", "SELECT EXISTS (SELECT 1 FROM record WHERE id=$1)", rid[:])
	if err != nil || !known {
		return false, err
	}
	h, err := store.Held(ctx, r, rid)
	return h.Ours, err
}

// needsWith returns the needs of a request and of those that change hands with it.
func needsWith(ctx context.Context, r store.Reader, rid request.ID) ([]request.Need, error) {
	q, err := request.Kind.Get(ctx, r, rid.ID)
	if err != nil {
		return nil, err
	}
	requests, _, err := Together(ctx, r, q)
	if err != nil {
		return nil, err
	}
	var out []request.Need
	for _, v := range requests {
		needs, err := request.AllNeeds(ctx, r, v)
		if err != nil {
			return nil, err
		}
		out = append(out, needs...)
	}
	return out, nil
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
	needs, err := needsWith(ctx, tx, rid)
	if err == nil && slices.ContainsFunc(needs, func(n request.Need) bool { return n.Status == request.Planned }) {
		return errs.New(errs.Conflict, "exchange.on_run")
	}
	return err
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
