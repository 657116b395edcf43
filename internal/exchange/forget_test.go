package exchange

import (
	"context"
	"slices"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// closeAll writes that everything of a request was brought.
func closeAll(t *testing.T, db *store.DB, rid request.ID) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		needs, err := request.AllNeeds(ctx, tx, rid)
		for i := range needs {
			if err == nil {
				needs[i].Stand(request.Done, rid.ID, tx.Now, tx.Now)
				err = tx.Put(ctx, &needs[i])
			}
		}
		return err
	})
}

// TestWhoHandedOverForgets: A gave a request to B, B to C. Its people ask A to be forgotten: while something is open A says
// no; then everybody destroys what they have and confirms it, in whatever order they hear. What C writes afterwards stays.
func TestWhoHandedOverForgets(t *testing.T) {
	for _, order := range [][]string{{"b", "c"}, {"c", "b"}} {
		t.Run(order[0]+" hears first", func(t *testing.T) { forgetInOrder(t, order) })
	}
}

func forgetInOrder(t *testing.T, order []string) {
	t.Helper()
	a, b := paired(t)
	c := open(t, "Оқу В")
	know(t, a, c)
	know(t, b, c)
	stick := t.TempDir()
	carry := func(from, to *store.DB) { take(t, to, bring(t, from, to, stick)) }
	q, _ := call(t, a, "472190")
	kept, _ := call(t, a, "583181")
	for _, way := range [][2]*store.DB{{a, b}, {b, c}} {
		write(t, way[0], func(ctx context.Context, tx *store.Tx) error {
			_, err := HandOver(ctx, tx, q.ID, way[1].Centre(), "area")
			return err
		})
		carry(way[0], way[1])
	}
	forget := func(db *store.DB, rid request.ID) error {
		return db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			_, err := Forget(t.Context(), tx, rid)
			return err
		})
	}
	if err := forget(a, q.ID); !errs.Is(err, errs.Conflict) {
		t.Error("it is forgotten while somebody has still to go there:", err)
	}
	if err := forget(a, kept.ID); !errs.Is(err, errs.Conflict) {
		t.Error("ours is forgotten by the way of others':", err)
	}
	closeAll(t, c, q.ID)
	carry(c, a)
	if may, erased, err := ToForget(t.Context(), a, q.ID); err != nil || !may || erased {
		t.Error("it may not be forgotten:", may, erased, err)
	}
	if err := forget(a, q.ID); err != nil {
		t.Fatal(err)
	}
	if may, erased, err := ToForget(t.Context(), a, q.ID); err != nil || may || !erased {
		t.Error("it may be forgotten twice:", may, erased, err)
	}
	by := map[string]*store.DB{"b": b, "c": c}
	for _, to := range order {
		carry(a, by[to])
	}
	for range 2 {
		for _, way := range [][2]*store.DB{{c, b}, {b, a}, {a, b}, {b, c}, {c, a}, {a, c}} {
			carry(way[0], way[1])
		}
	}
	for _, db := range []*store.DB{a, b, c} {
		if n := bodies(t, db, q.Household.ID) + bodies(t, db, q.ID.ID); n != 0 {
			t.Errorf("%s holds %d sealed parts of who asked to be forgotten", db.Centre(), n)
		}
		if e, missing := confirmations(t, db); e.Confirmed() != 3 || len(missing) != 0 {
			t.Errorf("%s: %d confirmed, missing %v", db.Centre(), e.Confirmed(), missing)
		}
		if h, err := store.Held(t.Context(), db, q.ID.ID); err != nil || h.Owner != c.Centre() {
			t.Error("it changed hands:", h, err)
		}
		same(t, db)
	}
	if bodies(t, a, kept.Household.ID) == 0 {
		t.Error("another household was forgotten")
	}
	move(t, c, q.Household, "Оқу көшесі 9") // who agreed to be helped again
	same(t, c)
	at(t, c, q.Household, "Оқу көшесі 9")
	if err := c.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	at(t, c, q.Household, "Оқу көшесі 9")
}

// TestAStrangerCannotForget: who never had a request erases nothing of it, whatever it writes.
func TestAStrangerCannotForget(t *testing.T) {
	a, b := paired(t)
	c := open(t, "Оқу В")
	know(t, a, c)
	stick := t.TempDir()
	q, _ := call(t, a, "472190")
	write(t, a, func(ctx context.Context, tx *store.Tx) error {
		_, err := HandOver(ctx, tx, q.ID, b.Centre(), "area")
		return err
	})
	take(t, b, bring(t, a, b, stick))
	closeAll(t, b, q.ID)
	take(t, a, bring(t, b, a, stick))
	take(t, c, bring(t, a, c, stick))
	err := c.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return tx.Erase(t.Context(), q.Household.ID) })
	if !errs.Is(err, errs.Conflict) {
		t.Error("a stranger erases:", err)
	}
	d, err := c.Decider(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dec, err := d.Of(t.Context(), [16]byte(q.Household.ID))
	if err != nil || slices.Contains(dec.Former, [16]byte(c.Centre())) {
		t.Fatal(err)
	}
	if _, held := dec.Held[[16]byte(c.Centre())]; held {
		t.Error("a stranger has a claim to erase under")
	}
}
