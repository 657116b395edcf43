package exchange

import (
	"context"
	"testing"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// eraseAll erases a request and what belongs to it, in one act.
func eraseAll(tb testing.TB, db *store.DB, q *request.Request) {
	tb.Helper()
	write(tb, db, func(ctx context.Context, tx *store.Tx) error {
		_, all, err := Together(ctx, tx, q)
		for _, rid := range all {
			if err == nil {
				err = tx.Erase(ctx, rid)
			}
		}
		return err
	})
}

// confirmations returns the only erasure, and who has not confirmed it.
func confirmations(tb testing.TB, db *store.DB) (e Erasure, missing []string) {
	tb.Helper()
	all, err := Erasures(tb.Context(), db)
	if err != nil || len(all) != 1 {
		tb.Fatalf("%d erasures: %v", len(all), err)
	}
	for _, h := range all[0].Missing() {
		missing = append(missing, h.Name)
	}
	return all[0], missing
}

// TestWhoHasNotConfirmed: A gave a request to B, B to C, and C erased it: each shows who has not said that it is gone.
func TestWhoHasNotConfirmed(t *testing.T) {
	a, b := paired(t)
	c := open(t, "Оқу В")
	know(t, a, c)
	know(t, b, c)
	stick := t.TempDir()
	q, _ := call(t, a, "472190")
	pass := func(from, to *store.DB) {
		write(t, from, func(ctx context.Context, tx *store.Tx) error {
			_, err := HandOver(ctx, tx, q.ID, to.Centre(), "area")
			return err
		})
		take(t, to, bring(t, from, to, stick))
	}
	pass(a, b)
	pass(b, c)
	eraseAll(t, c, q)
	e, missing := confirmations(t, c)
	if len(e.Holders) != 3 || e.Confirmed() != 1 || len(missing) != 2 || missing[0] != "Оқу А" || missing[1] != "Оқу Б" || e.By != c.Centre() || len(e.Records) != 3 {
		t.Fatalf("%+v, missing %v", e, missing)
	}
	take(t, b, bring(t, c, b, stick))
	if n := bodies(t, b, q.Household.ID); n != 0 {
		t.Errorf("B still holds %d sealed parts", n)
	}
	take(t, c, bring(t, b, c, stick))
	if e, missing = confirmations(t, c); e.Confirmed() != 2 || len(missing) != 1 || missing[0] != "Оқу А" {
		t.Errorf("%+v, missing %v", e, missing)
	}
	take(t, a, bring(t, b, a, stick))
	take(t, c, bring(t, a, c, stick))
	take(t, b, bring(t, a, b, stick))
	for _, db := range []*store.DB{a, b, c} {
		if e, missing = confirmations(t, db); e.Confirmed() != 3 || len(missing) != 0 {
			t.Errorf("%s: %+v, missing %v", db.Centre(), e, missing)
		}
		same(t, db)
	}
}

// bodies counts the sealed parts of a record that a centre holds.
func bodies(tb testing.TB, db *store.DB, rid id.ID) int {
	tb.Helper()
	n, err := store.One[int](tb.Context(), db, "bodies", "SELECT count(*) FROM ledger_body WHERE record=$1", rid[:])
	if err != nil {
		tb.Fatal(err)
	}
	return n
}
