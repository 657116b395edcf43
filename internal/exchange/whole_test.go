package exchange

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// second begins a second copy, and returns what brings it up to date and what restores it.
func second(t *testing.T, db *store.DB) (tick func(), restore func() *store.DB) {
	t.Helper()
	dir := t.TempDir()
	c := db.NewCopy(dir, time.Now)
	t.Cleanup(c.Close)
	tick = func() {
		t.Helper()
		if err := c.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	tick()
	return tick, func() *store.DB {
		t.Helper()
		copies, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(copies) != 1 {
			t.Fatal(copies, err)
		}
		twin, _ := restored(t, copies[0])
		return twin
	}
}

// TestASecondCopyIsWhole: what came from others after the back-up beneath the log is there after a restore as it was: their
// lanes are signed and go on at once, their words open, nobody has to be paired again.
func TestASecondCopyIsWhole(t *testing.T) {
	a, b := open(t, "Оқу А"), open(t, "Оқу Б")
	c := open(t, "Оқу В")
	tick, restore := second(t, a)
	know(t, a, b)
	know(t, a, c)
	stick := t.TempDir()
	q, _ := call(t, b, "472190")
	move(t, b, q.Household, "Оқу көшесі 2")
	write(t, b, func(ctx context.Context, tx *store.Tx) error {
		_, err := HandOver(ctx, tx, q.ID, a.Centre(), "area")
		return err
	})
	take(t, a, bring(t, b, a, stick))
	move(t, a, q.Household, "Оқу көшесі 3") // a second key of the record
	tick()
	late := bring(t, b, a, stick)
	twin := restore()
	if _, err := twin.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	at(t, twin, q.Household, "Оқу көшесі 3")
	same(t, twin)
	at(t, twin, q.Household, "Оқу көшесі 3")
	if r := take(t, twin, late); r.From != "Оқу Б" {
		t.Error("what was sealed for the centre before does not open:", r)
	}
	take(t, c, bring(t, twin, c, stick))
	if d := decided(t, c, q.ID.ID); d.Owner != ledger.ID(a.Centre()) || len(d.Path) != 2 {
		t.Error("the other centre's lane was not passed on:", d.Owner, d.Path)
	}
	take(t, b, bring(t, twin, b, stick))
	same(t, b)
	same(t, c)
}

// TestPartsThatCameLaterAreInTheCopy: so are sealed parts that came after their entries.
func TestPartsThatCameLaterAreInTheCopy(t *testing.T) {
	a, b := paired(t)
	stick := t.TempDir()
	q := editedThenRecalled(t, a, b, stick)
	tick, restore := second(t, a)
	take(t, a, bring(t, b, a, stick))
	at(t, a, q.Household, "Оқу көшесі 7")
	tick()
	twin := restore()
	at(t, twin, q.Household, "Оқу көшесі 7")
	same(t, twin)
}

// editedThenRecalled: A gives a request to B, B changes the address, A hears of it but may not read it, and recalls.
func editedThenRecalled(t *testing.T, a, b *store.DB, stick string) *request.Request {
	t.Helper()
	q, _ := call(t, a, "472190")
	write(t, a, func(ctx context.Context, tx *store.Tx) error {
		_, err := HandOver(ctx, tx, q.ID, b.Centre(), "area")
		return err
	})
	take(t, b, bring(t, a, b, stick))
	move(t, b, q.Household, "Оқу көшесі 7")
	take(t, a, bring(t, b, a, stick))
	at(t, a, q.Household, "Оқу көшесі 1")
	write(t, a, func(ctx context.Context, tx *store.Tx) error {
		_, err := Recall(ctx, tx, q.ID, "mistake", false)
		return err
	})
	again := a.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		_, err := Recall(t.Context(), tx, q.ID, "mistake", false)
		return err
	})
	if said, ok := errors.AsType[*errs.Error](again); !ok || said.Key != "exchange.ours_already" {
		t.Error("it is recalled though it is ours:", again)
	}
	take(t, b, bring(t, a, b, stick))
	return q
}

// TestWhatWasEditedBeforeARecall: who takes a record back asks for what it could not read meanwhile, and gets it with the
// next file, though nobody changed anything since.
func TestWhatWasEditedBeforeARecall(t *testing.T) {
	a, b := paired(t)
	stick := t.TempDir()
	q := editedThenRecalled(t, a, b, stick)
	at(t, a, q.Household, "Оқу көшесі 1")
	if r := take(t, a, bring(t, b, a, stick)); r.Parts != 1 {
		t.Errorf("%d sealed parts came", r.Parts)
	}
	at(t, a, q.Household, "Оқу көшесі 7")
	same(t, a)
	same(t, b)
	if r := take(t, b, bring(t, a, b, stick)); r.Parts != 0 {
		t.Error("who gave it gets nothing:", r)
	}
	wants, err := store.One[int](t.Context(), b, "wants", "SELECT count(*) FROM exchange_want")
	if err != nil || wants != 0 {
		t.Errorf("%d parts are still asked for: %v", wants, err)
	}
}

// TestAProposalIsNotAcceptedUnread: what a third centre proposes comes by whoever meets, its sealed part only from
// itself; until then it cannot be accepted.
func TestAProposalIsNotAcceptedUnread(t *testing.T) {
	a, b := paired(t)
	c := open(t, "Оқу В")
	know(t, b, c)
	know(t, a, c)
	stick := t.TempDir()
	q, _ := call(t, a, "472190")
	take(t, b, bring(t, a, b, stick))
	take(t, c, bring(t, b, c, stick))
	root := ledger.RootClaim(ledger.ID(q.Household.ID), ledger.ID(a.Centre()))
	address, err := ledger.Marshal(contact.Address("Оқу көшесі 9"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, c, func(ctx context.Context, tx *store.Tx) error {
		parcel, err := ledger.Pack(map[ledger.Class]ledger.Fields{ledger.Body: {"address": address}})
		if err != nil {
			return err
		}
		return tx.Append(ctx, &ledger.Entry{Lane: ledger.Lane{Class: ledger.Coord}, Record: ledger.ID(q.Household.ID), Kind: household.Kind.Name(), Schema: 1,
			Op: ledger.Put, Claim: &root}, parcel)
	})
	take(t, b, bring(t, c, b, stick))
	take(t, a, bring(t, b, a, stick))
	inbox := func() Proposal {
		t.Helper()
		all, err := Inbox(t.Context(), a)
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		return all[0]
	}
	p := inbox()
	if !p.Sealed {
		t.Fatalf("%+v", p)
	}
	err = a.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return Answer(t.Context(), tx, p.Record, p.Name, true) })
	if err == nil {
		t.Error("it was accepted though nobody here knows what it says")
	}
	take(t, c, bring(t, a, c, stick))
	take(t, a, bring(t, c, a, stick))
	if p = inbox(); p.Sealed || len(p.Fields) != 1 {
		t.Fatalf("%+v", p)
	}
	write(t, a, func(ctx context.Context, tx *store.Tx) error { return Answer(ctx, tx, p.Record, p.Name, true) })
	at(t, a, q.Household, "Оқу көшесі 9")
	same(t, a)
}

// meet lets two centres talk until neither has anything to say, in chunks of about so many bytes.
func meet(t *testing.T, a, b *store.DB, size int) {
	t.Helper()
	one, err := NewFlow(t.Context(), a, ledger.ID(b.Centre()))
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewFlow(t.Context(), b, ledger.ID(a.Centre()))
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range [][2]*Flow{{one, other}, {other, one}} {
		have, err := way[1].Have(t.Context())
		if err == nil {
			err = way[0].They(t.Context(), have)
		}
		if err != nil {
			t.Fatal(err)
		}
		for {
			c, _, err := way[0].Next(t.Context(), size)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Runs)+len(c.Sealed) == 0 {
				break
			}
			took, refused, err := way[1].Take(t.Context(), c)
			if err == nil {
				err = way[0].Took(t.Context(), took, refused)
			}
			if err != nil {
				t.Fatal(err)
			}
			way[0].Stuck(c, took)
		}
		if _, err := way[1].End(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhatWasEditedComesOverTheLineToo: as by stick.
func TestWhatWasEditedComesOverTheLineToo(t *testing.T) {
	for _, size := range []int{300, 1 << 20} {
		a, b := paired(t)
		q := editedThenRecalled(t, a, b, t.TempDir())
		meet(t, a, b, size) // B hears what A asks for
		meet(t, b, a, size)
		at(t, a, q.Household, "Оқу көшесі 7")
		same(t, a)
		same(t, b)
	}
}
