package exchange

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// TestWrittenAfterAnErasure: what is written of a shared record after it was erased stays.
func TestWrittenAfterAnErasure(t *testing.T) {
	a, b := paired(t)
	stick := t.TempDir()
	plain, _ := call(t, a, "472190") // held as it began: another centre only has a say in it
	take(t, b, bring(t, a, b, stick))
	root := ledger.RootClaim(ledger.ID(plain.Household.ID), ledger.ID(a.Centre()))
	write(t, b, func(ctx context.Context, tx *store.Tx) error {
		return tx.Append(ctx, &ledger.Entry{Lane: ledger.Lane{Class: ledger.Coord}, Record: ledger.ID(plain.Household.ID), Kind: household.Kind.Name(), Schema: 1,
			Op: ledger.Put, Claim: &root, Fields: ledger.Fields{"later": []byte{1}}}, nil)
	})
	take(t, a, bring(t, b, a, stick))
	back, _ := call(t, a, "583181") // held by a claim: given away and called back
	for _, act := range []func(ctx context.Context, tx *store.Tx) (int, error){
		func(ctx context.Context, tx *store.Tx) (int, error) {
			return HandOver(ctx, tx, back.ID, b.Centre(), "area")
		},
		func(ctx context.Context, tx *store.Tx) (int, error) {
			return Recall(ctx, tx, back.ID, "mistake", false)
		},
	} {
		write(t, a, func(ctx context.Context, tx *store.Tx) error {
			_, err := act(ctx, tx)
			return err
		})
	}
	for _, hid := range []household.ID{plain.Household, back.Household} {
		if h, err := store.Held(t.Context(), a, hid.ID); err != nil || !h.Ours {
			t.Fatal(h, err)
		}
		write(t, a, func(ctx context.Context, tx *store.Tx) error { return tx.Erase(ctx, hid.ID) })
		for _, to := range []contact.Address{"Оқу көшесі 2", "Оқу көшесі 3"} {
			move(t, a, hid, to)
			same(t, a)
			at(t, a, hid, to)
		}
	}
}

func move(t *testing.T, db *store.DB, hid household.ID, to contact.Address) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		h, err := household.Kind.Get(ctx, tx, hid.ID)
		if err != nil {
			return err
		}
		h.Address = to
		return tx.Put(ctx, h)
	})
	at(t, db, hid, to)
}

func at(t *testing.T, db *store.DB, hid household.ID, want contact.Address) {
	t.Helper()
	h, err := household.Kind.Get(t.Context(), db, hid.ID)
	if err != nil || h.Address != want {
		t.Errorf("the address is %q and not %q: %v", string(h.Address), string(want), err)
	}
}

// TestASecondCopyForgetsOnlyWhatIsErased: another centre's say about our household destroys nothing in a database that
// is restored from the second copy.
func TestASecondCopyForgetsOnlyWhatIsErased(t *testing.T) {
	a, b := paired(t)
	stick, second := t.TempDir(), t.TempDir()
	q, _ := call(t, a, "472190")
	move(t, a, q.Household, "Оқу көшесі 2")
	take(t, b, bring(t, a, b, stick))
	c := a.NewCopy(second, time.Now)
	defer c.Close()
	if err := c.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	root := ledger.RootClaim(ledger.ID(q.Household.ID), ledger.ID(a.Centre()))
	write(t, b, func(ctx context.Context, tx *store.Tx) error {
		return tx.Append(ctx, &ledger.Entry{Lane: ledger.Lane{Class: ledger.Coord}, Record: ledger.ID(q.Household.ID), Kind: household.Kind.Name(), Schema: 1,
			Op: ledger.Erase, Claim: &root}, nil)
	})
	take(t, a, bring(t, b, a, stick))
	if err := c.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	at(t, a, q.Household, "Оқу көшесі 2")
	copies, err := filepath.Glob(filepath.Join(second, "*"))
	if err != nil || len(copies) != 1 {
		t.Fatal(copies, err)
	}
	twin, _ := restored(t, copies[0])
	at(t, twin, q.Household, "Оқу көшесі 2")
	same(t, twin)
	at(t, twin, q.Household, "Оқу көшесі 2")
}
