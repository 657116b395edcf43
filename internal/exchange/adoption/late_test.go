package adoption_test

import (
	"context"
	"testing"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/adoption"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// TestWhatWasGivenAfterAnAdoption: Almaty does not know that Astana goes on for it, and gives a request to Taldykorgan. In
// whatever order Taldykorgan hears of both, it has the same in the end: the request is shown as Astana's, without the
// name and the address, and a rebuild says the same after each reading.
func TestWhatWasGivenAfterAnAdoption(t *testing.T) {
	for _, order := range []string{"given first", "adopted first"} {
		t.Run(order, func(t *testing.T) {
			n := three(t)
			q, d := n.call(n.a, "472190", false)
			kept, _ := n.call(n.a, "583181", false)
			write(t, n.a, func(ctx context.Context, tx *store.Tx) error { return exchange.Entrust(ctx, tx, n.c.Centre(), true) })
			n.carry(n.a, n.c)
			n.carry(n.a, n.b)
			n.ok(holders.Publish(t.Context(), n.c, store.Actor{}, n.signed(n.c, n.a.Centre(), n.c.Centre(), false)))
			if got, err := adoption.Adopt(t.Context(), n.c, store.Actor{}, n.a.Centre()); err != nil || got.Requests != 2 {
				t.Fatal(got, err)
			}
			write(t, n.a, func(ctx context.Context, tx *store.Tx) error {
				_, err := exchange.HandOver(ctx, tx, q.ID, n.b.Centre(), "full")
				return err
			})
			if order == "given first" {
				if r := n.carry(n.a, n.b); r.Received != 1 {
					t.Error("what was given did not come:", r)
				}
				n.sound()
				if rows := n.named(n.b, q.Household.ID); rows != 1 {
					t.Error("whom it was given has no name to go to:", rows)
				}
				if r := n.carry(n.c, n.b); r.Lost != 1 {
					t.Error("nobody is told that it is another's:", r)
				}
			} else {
				n.carry(n.c, n.b)
				n.sound()
				n.carry(n.a, n.b)
			}
			n.sound()
			if rows := n.named(n.b, q.Household.ID); rows != 0 {
				t.Error("the name is shown where it is not due any more")
			}
			if err := n.settled(n.b, d, request.Done); err == nil {
				t.Error("who lost it writes into it")
			}
			if h, err := store.Held(t.Context(), n.b, q.ID.ID); err != nil || h.Ours || !h.Former || h.Owner != n.c.Centre() {
				t.Errorf("it is not shown as another's: %+v %v", h, err)
			}
			if h, err := store.Held(t.Context(), n.b, kept.ID.ID); err != nil || h.Former {
				t.Errorf("what was never given is shown: %+v %v", h, err)
			}
			n.carry(n.b, n.c)
			n.sound()
			n.carry(n.c, n.a)
			n.carry(n.a, n.c)
			n.sound(q.ID.ID, d.ID.ID, q.Household.ID, kept.ID.ID)
		})
	}
}

// named counts the household's rows that say a name or an address.
func (n *network) named(db *store.DB, rid id.ID) int {
	n.t.Helper()
	rows, err := store.One[int](n.t.Context(), db, household.Kind.Name(), "SELECT count(*) FROM household_row WHERE id=$1 AND (head<>'' OR address<>'')", rid)
	n.ok(err)
	return rows
}
