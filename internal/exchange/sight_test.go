package exchange

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// brought is a request that A gave to B, who brought it; A has heard so.
func brought(t *testing.T) (a, b *store.DB, q *request.Request) {
	t.Helper()
	a, b = paired(t)
	q, _ = call(t, a, "472190")
	write(t, a, func(ctx context.Context, tx *store.Tx) error {
		_, err := HandOver(ctx, tx, q.ID, b.Centre(), "area")
		return err
	})
	take(t, b, bring(t, a, b, t.TempDir()))
	closeAll(t, b, q.ID)
	take(t, a, bring(t, b, a, t.TempDir()))
	return a, b, q
}

// callsAgain is a household that moved and called again: that was brought, too.
func callsAgain(t *testing.T, db *store.DB, q *request.Request) {
	t.Helper()
	move(t, db, q.Household, "Оқу көшесі 9")
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		needs, err := request.AllNeeds(ctx, tx, q.ID)
		if err != nil {
			return err
		}
		needs[0].Stand(request.Open, q.ID.ID, tx.Now, tx.Now)
		return tx.Put(ctx, &needs[0])
	})
	closeAll(t, db, q.ID)
}

func wish(t *testing.T, db *store.DB, rid request.ID) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := Forget(ctx, tx, rid)
		return err
	})
}

// wishSeen asks for a record to be erased, and says of others' lanes what it likes.
func wishSeen(t *testing.T, db *store.DB, rid id.ID, seen []ledger.Sight) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		d, err := tx.Decide(ctx, rid)
		if err != nil {
			return err
		}
		under := d.Held[ledger.ID(tx.Centre())]
		f, err := ledger.FieldsOf(ledger.Asking{Seen: seen})
		e := &ledger.Entry{Lane: ledger.Lane{Class: ledger.Coord}, Record: ledger.ID(rid), Kind: d.Kind, Op: ledger.Erase, Claim: &under, Fields: f}
		if err = errors.Join(err, tx.Append(ctx, e, nil)); err != nil {
			return err
		}
		_, err = tx.Refold(ctx, ledger.ID(rid))
		return err
	})
}

// asksAPerson fails where a plea was heeded without one.
func asksAPerson(t *testing.T, db *store.DB, q *request.Request) {
	t.Helper()
	all, err := Pleas(t.Context(), db)
	if err != nil || len(all) != 1 || !all[0].Waits() || !all[0].Newer {
		t.Errorf("what who asks had not seen is not asked about: %+v, %v", all, err)
	}
	if n, err := Heed(t.Context(), db); err != nil || n != 0 {
		t.Error("it is forgotten without a person:", n, err)
	}
	at(t, db, q.Household, "Оқу көшесі 9")
}

// TestPutBackBehindWhatOthersSaw: B's disk is put back behind three calls that A has heard of. Under their numbers B's people write
// another address and bring what is open again; A's wish names the numbers, and has seen none of it.
func TestPutBackBehindWhatOthersSaw(t *testing.T) {
	a, b, q := brought(t)
	back := files(t, b)
	for _, ref := range []id.Ref{"583181", "583182", "583183"} {
		call(t, b, ref)
	}
	take(t, a, bring(t, b, a, t.TempDir()))
	b = back()
	callsAgain(t, b, q)
	wish(t, a, q.ID)
	take(t, b, bring(t, a, b, t.TempDir()))
	asksAPerson(t, b, q)
	for range 2 { // also when both branches are here
		take(t, a, bring(t, b, a, t.TempDir()))
		take(t, b, bring(t, a, b, t.TempDir()))
	}
	asksAPerson(t, b, q)
	same(t, b)
}

// TestASightOfWhatIsNotHere: whoever names a number that never was, or the right one with another hash, has seen nothing.
func TestASightOfWhatIsNotHere(t *testing.T) {
	for name, odd := range map[string]func(end ledger.Head) []ledger.Sight{
		"a number that never was": func(ledger.Head) []ledger.Sight { return []ledger.Sight{{Incarnation: 1, Seq: math.MaxInt64}} },
		"too great for a lane":    func(ledger.Head) []ledger.Sight { return []ledger.Sight{{Incarnation: 1, Seq: math.MaxUint64}} },
		"another hash": func(end ledger.Head) []ledger.Sight {
			return []ledger.Sight{{Incarnation: 1, Seq: end.Seq, Hash: ledger.Hash{1}}}
		},
		"the hash of another number": func(end ledger.Head) []ledger.Sight {
			return []ledger.Sight{{Incarnation: 1, Seq: end.Seq + 9, Hash: end.Hash}}
		},
		"more than are read": func(end ledger.Head) []ledger.Sight {
			var out []ledger.Sight
			for n := range byte(16) {
				out = append(out, ledger.Sight{Incarnation: 1, Seq: 1, Hash: ledger.Hash{n}})
			}
			return append(out, ledger.Sight{Incarnation: 1, Seq: end.Seq, Hash: end.Hash})
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b, q := brought(t)
			callsAgain(t, b, q)
			all, err := b.Branches(t.Context(), ledger.Lane{Centre: ledger.ID(b.Centre()), Incarnation: 1, Class: ledger.Coord})
			if err != nil || len(all) != 1 {
				t.Fatal(all, err)
			}
			seen := odd(all[0].End)
			for i := range seen {
				seen[i].Centre = ledger.ID(b.Centre())
			}
			wishSeen(t, a, q.Household.ID, seen)
			take(t, b, bring(t, a, b, t.TempDir()))
			asksAPerson(t, b, q)
		})
	}
}

// TestALaterLifeDoesNotSpeakForTheOneBefore: A has what B writes since it was restored, and of what B wrote before not the end. So
// it has not seen that. When it has, and asks again, nobody has to be asked.
func TestALaterLifeDoesNotSpeakForTheOneBefore(t *testing.T) {
	a, b, q := brought(t)
	tick, restore := second(t, b)
	callsAgain(t, b, q)
	tick()
	b = restore()
	call(t, b, "583181")
	lanes, err := b.Lanes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	flow, err := NewFlow(t.Context(), a, ledger.ID(b.Centre()))
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range []ledger.Class{ledger.Dir, ledger.Coord} {
		for _, l := range lanes {
			if l.Lane.Centre != ledger.ID(b.Centre()) || l.Lane.Class != class || class == ledger.Coord && l.Lane.Incarnation == 1 {
				continue
			}
			page, err := b.Page(t.Context(), l, 0, l.End.Seq)
			if err != nil {
				t.Fatal(err)
			}
			run := ledger.Run{Lane: l.Lane, Signature: l.Signature}
			for _, p := range page {
				run.Entries = append(run.Entries, p.Raw)
			}
			if _, refused, err := flow.Take(t.Context(), ledger.Chunk{Runs: []ledger.Run{run}}); err != nil || len(refused) != 0 {
				t.Fatal(refused, err)
			}
		}
	}
	wish(t, a, q.ID)
	take(t, b, bring(t, a, b, t.TempDir()))
	asksAPerson(t, b, q)
	plea := waitsFor(t, b, q)
	write(t, b, func(ctx context.Context, tx *store.Tx) error { return Decline(ctx, tx, plea.ID) })
	take(t, a, bring(t, b, a, t.TempDir()))
	wish(t, a, q.ID)
	take(t, b, bring(t, a, b, t.TempDir()))
	if _, err := Heed(t.Context(), b); err != nil || bodies(t, b, q.Household.ID) != 0 {
		t.Error("who has seen both lives is asked back:", err)
	}
}
