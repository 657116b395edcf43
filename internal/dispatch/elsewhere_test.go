package dispatch_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
)

// meet tells each of the centres of the others.
func meet(t *testing.T, all ...*office) {
	t.Helper()
	for _, of := range all {
		raw, err := exchange.Card(t.Context(), of.DB, store.Actor{})
		if err != nil {
			t.Fatal(err)
		}
		card, err := exchange.ReadCard(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range all {
			if at == of {
				continue
			}
			if err := exchange.Pair(t.Context(), at.DB, store.Actor{}, card); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// carry does what follows from everything so far at one centre, and brings it to another.
func carry(t *testing.T, from, to *office) {
	t.Helper()
	if err := match.Work(t.Context(), from.DB); err != nil {
		t.Fatal(err)
	}
	w, err := exchange.WriteBundle(t.Context(), from.DB, to.Centre(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exchange.ReadBundle(t.Context(), to.DB, w.Files[0]); err != nil {
		t.Fatal(err)
	}
}

// say says at an office what its one pair with another centre is.
func (o *office) say(says twin.Says) {
	o.t.Helper()
	good, bad, err := match.Pairs(o.t.Context(), o.DB)
	if err != nil || len(good) != 1 || len(bad) != 0 {
		o.t.Fatal(good, bad, err)
	}
	o.write(func(ctx context.Context, tx *store.Tx) error { return match.Say(ctx, tx, good[0], says) })
}

// TestOneBasketForAHouseholdOfTwoCentres: what another centre brought holds our basket back for as many days as our own would, from
// when our people linked the two; never because of the other centre's word alone, and nothing but the basket.
func TestOneBasketForAHouseholdOfTwoCentres(t *testing.T) {
	a, b, m := newOffice(t, rule.AlmatyCity), newOffice(t, rule.AlmatyCity), newOffice(t, rule.AlmatyCity)
	meet(t, a, b, m)
	m.write(func(ctx context.Context, tx *store.Tx) error { return match.Offer(ctx, tx, 50) })
	for _, o := range []*office{a, b} {
		carry(t, m, o)
		o.write(func(ctx context.Context, tx *store.Tx) error {
			if err := match.UseKey(ctx, tx, match.Key{7}); err != nil {
				return err
			}
			return match.Use(ctx, tx, m.Centre())
		})
	}
	theirs := b.had()
	ours := a.again(a.call(2, "нан 1", true).Household, "азық-түлік себеті", "инсулин")
	a.crew(1, 9, 22, "")
	for _, from := range []*office{a, b} {
		carry(t, from, m)
	}
	for _, to := range []*office{a, b} {
		carry(t, m, to)
	}
	carry(t, b, a)

	b.say(twin.Same)
	carry(t, b, a)
	if whats, why := a.brings(ours); len(whats) != 2 {
		t.Fatal("the other centre's word alone holds a basket back:", why)
	}
	stale := a.plan()
	a.now = a.now.Add(time.Minute)
	a.say(twin.Same)
	whats, why := a.brings(ours)
	if len(whats) != 1 || whats[0] != request.Insulin || !strings.Contains(why, theirs.Ref.String()) || !strings.Contains(why, "12 Jan") {
		t.Fatalf("%v is brought, left out because %q", whats, why)
	}
	if err := a.try(func(ctx context.Context, tx *store.Tx) error {
		_, err := dispatch.Issue(ctx, tx, stale)
		return err
	}); !errs.Is(err, errs.Conflict) {
		t.Fatal("a plan from before the link sends a second basket:", err)
	}
	for day, want := range map[int]int{6: 1, 7: 2} {
		a.on(day)
		if whats, why := a.brings(ours); len(whats) != want {
			t.Errorf("day %d: %v is brought, left out because %q", day, whats, why)
		}
	}
	a.on(1)
	b.say(twin.Different)
	carry(t, b, a)
	if whats, why := a.brings(ours); len(whats) != 2 {
		t.Error("one that the other centre says is somebody else holds a basket back:", why)
	}
	b.say(twin.Same)
	carry(t, b, a)
	a.say(twin.Undone)
	if whats, why := a.brings(ours); len(whats) != 2 {
		t.Error("a link that was undone holds a basket back:", why)
	}
	r := a.issue()[0]
	for i := range r.Stops {
		a.report(r.ID, i+1, run.Delivered)
	}
	a.say(twin.Same)
	carry(t, a, b)
	second := b.again(theirs.Household, "азық-түлік себеті")
	b.on(7) // its own is over, ours is not
	if whats, why := b.brings(second); len(whats) != 0 || !strings.Contains(why, ours.Ref.String()) {
		t.Errorf("%v is brought, left out because %q", whats, why)
	}
}
