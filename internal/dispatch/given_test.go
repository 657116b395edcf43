package dispatch_test

import (
	"context"
	"testing"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/store"
)

// TestWhatTheGiverKeeps: when another centre erases a household that it had from us, what we had promised and noted about
// it ourselves is destroyed here too.
func TestWhatTheGiverKeeps(t *testing.T) {
	a, b := newOffice(t, rule.AlmatyCity), newOffice(t, rule.AlmatyCity)
	a.knows(b)
	b.knows(a)
	q, other := a.call(1, "нан 1", false), a.call(2, "нан 1", false)
	promised := map[request.ID]id.ID{}
	for _, of := range []*request.Request{q, other} {
		a.write(func(ctx context.Context, tx *store.Tx) error {
			c := &request.Callback{ID: request.CallbackID{ID: tx.NewID()}, Request: of.ID, Name: "Ойдан Біреу", Phone: "+77015550177", Why: contact.Note("Ойдан: кешке"), At: tx.Now}
			promised[of.ID] = c.ID.ID
			return tx.Put(ctx, c)
		})
	}
	a.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := exchange.HandOver(ctx, tx, q.ID, b.Centre(), "closer")
		return err
	})
	a.tells(b)
	b.write(func(ctx context.Context, tx *store.Tx) error {
		_, all, err := exchange.Together(ctx, tx, q)
		for _, rid := range all {
			if err == nil {
				err = tx.Erase(ctx, rid)
			}
		}
		return err
	})
	b.tells(a)
	holds := func(rid id.ID) bool {
		t.Helper()
		n, err := store.One[int](t.Context(), a.DB, "bodies", "SELECT count(*) FROM ledger_body WHERE record=$1", rid[:])
		if err != nil {
			t.Fatal(err)
		}
		return n > 0
	}
	if holds(q.Household.ID) {
		t.Error("the household is still here")
	}
	for range 2 { // the second time nothing is left to do
		if _, err := dispatch.Forget(t.Context(), a.DB); err != nil {
			t.Fatal(err)
		}
	}
	if holds(promised[q.ID]) {
		t.Error("the call that was promised still says whom to ring")
	}
	if !holds(promised[other.ID]) || !holds(other.Household.ID) {
		t.Error("another household was forgotten")
	}
}
