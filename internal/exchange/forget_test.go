package exchange

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
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
// no; then it asks C, and everybody destroys what they have and confirms it, in whatever order they hear. What C writes
// afterwards stays.
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
	if f, err := ToForget(t.Context(), a, q.ID); err != nil || !f.May || f.Erased {
		t.Error("it may not be forgotten:", f, err)
	}
	if err := forget(a, q.ID); err != nil {
		t.Fatal(err)
	}
	if f, err := ToForget(t.Context(), a, q.ID); err != nil || f.May || f.Asked.IsZero() || f.Erased {
		t.Error("nobody sees that it waits:", f, err)
	}
	if err := forget(a, q.ID); !errs.Is(err, errs.Conflict) {
		t.Error("it may be asked for twice:", err)
	}
	if bodies(t, a, q.Household.ID) == 0 {
		t.Error("A has destroyed its part before C said anything")
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
	if f, err := ToForget(t.Context(), a, q.ID); err != nil || f.May || !f.Erased {
		t.Error("A does not see that it is done:", f, err)
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

// TestOpenAgainIsNotForgotten: A asks to forget what it believes is done. Meanwhile B's people were called again. Nothing is
// destroyed anywhere; B is asked and A sees that it waits. B declines, agrees, or brings it, and agrees then.
func TestOpenAgainIsNotForgotten(t *testing.T) {
	for _, answer := range []string{"declines", "agrees", "brings it"} {
		t.Run(answer, func(t *testing.T) { openAgain(t, answer) })
	}
}

func openAgain(t *testing.T, answer string) {
	t.Helper()
	a, b := paired(t)
	stick := t.TempDir()
	carry := func(from, to *store.DB) { take(t, to, bring(t, from, to, stick)) }
	q, _ := call(t, a, "472190")
	write(t, a, func(ctx context.Context, tx *store.Tx) error {
		_, err := HandOver(ctx, tx, q.ID, b.Centre(), "area")
		return err
	})
	carry(a, b)
	closeAll(t, b, q.ID)
	carry(b, a)
	tick, restore := second(t, a)
	write(t, b, func(ctx context.Context, tx *store.Tx) error { // they call again
		needs, err := request.AllNeeds(ctx, tx, q.ID)
		needs[0].Stand(request.Open, q.ID.ID, tx.Now, tx.Now)
		return errors.Join(err, tx.Put(ctx, &needs[0]))
	})
	move(t, b, q.Household, "Оқу көшесі 9")
	write(t, a, func(ctx context.Context, tx *store.Tx) error {
		_, err := Forget(ctx, tx, q.ID)
		return err
	})
	tick()
	carry(a, b)
	at(t, b, q.Household, "Оқу көшесі 9")
	if n, err := Heed(t.Context(), b); err != nil || n != 0 || bodies(t, a, q.Household.ID) == 0 {
		t.Error("it is destroyed while somebody has still to go there:", n, err)
	}
	twin := restore()
	if bodies(t, twin, q.Household.ID) != bodies(t, a, q.Household.ID) || !waitsFor(t, twin, q).Waits() {
		t.Error("a copy that was restored has forgotten what only waits to be")
	}
	plea := waitsFor(t, b, q)
	if own := waitsFor(t, a, q); own.ID != plea.ID || own.Ours || !plea.Ours || plea.By != a.Centre() || len(own.Open) != 0 || len(plea.Open) != 1 {
		t.Errorf("who asks sees %+v, who is asked %+v", own, plea)
	}
	switch answer {
	case "declines":
		write(t, b, func(ctx context.Context, tx *store.Tx) error { return Decline(ctx, tx, plea.ID) })
		carry(b, a)
		if f, err := ToForget(t.Context(), a, q.ID); err != nil || f.May || f.Declined.IsZero() || !f.Open {
			t.Error("A does not see that it was declined:", f, err)
		}
		at(t, b, q.Household, "Оқу көшесі 9")
		closeAll(t, b, q.ID)
		if n, err := Heed(t.Context(), b); err != nil || n != 0 {
			t.Error("what was declined is erased later:", n, err)
		}
		same(t, a)
		same(t, b)
		return
	case "agrees":
		write(t, b, func(ctx context.Context, tx *store.Tx) error { return Agree(ctx, tx, plea.ID) })
		if needs, err := request.AllNeeds(t.Context(), b, q.ID); err != nil || needs[0].Status != request.Cancelled {
			t.Error("what nobody can bring any more is still open:", needs, err)
		}
		if err := b.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return Decline(t.Context(), tx, plea.ID) }); !errs.Is(err, errs.Conflict) {
			t.Error("it is answered twice:", err)
		}
	case "brings it":
		closeAll(t, b, q.ID)
		if n, err := Heed(t.Context(), b); err != nil || n != 0 || !waitsFor(t, b, q).Newer {
			t.Error("what A had not seen is forgotten without a person:", n, err)
		}
		write(t, b, func(ctx context.Context, tx *store.Tx) error { return Agree(ctx, tx, plea.ID) })
	}
	for range 2 {
		carry(b, a)
		carry(a, b)
	}
	tick()
	if twin := restore(); bodies(t, twin, q.Household.ID)+bodies(t, twin, q.ID.ID) != 0 {
		t.Error("a copy that was restored has what was forgotten")
	}
	for _, db := range []*store.DB{a, b} {
		if n := bodies(t, db, q.Household.ID) + bodies(t, db, q.ID.ID); n != 0 {
			t.Errorf("%s holds %d sealed parts of who asked to be forgotten", db.Centre(), n)
		}
		if e, missing := confirmations(t, db); e.Confirmed() != 2 || len(missing) != 0 {
			t.Errorf("%d confirmed, missing %v", e.Confirmed(), missing)
		}
		if all, err := Pleas(t.Context(), db); err != nil || len(all) != 0 {
			t.Error("it is still asked for:", all, err)
		}
		same(t, db)
	}
}

// waitsFor returns the one plea of a centre, which has to be about a request and to wait.
func waitsFor(t *testing.T, db *store.DB, q *request.Request) Plea {
	t.Helper()
	all, err := Pleas(t.Context(), db)
	if err != nil || len(all) != 1 || !all[0].Waits() || !all[0].About(q.ID) || !slices.Equal(all[0].Refs, []id.Ref{q.Ref}) {
		t.Fatalf("%+v, %v", all, err)
	}
	return all[0]
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
