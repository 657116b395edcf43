package dispatch_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
)

// had brings a basket to a household of its own on the office's day and returns that request.
func (o *office) had() *request.Request {
	o.t.Helper()
	o.crew(1, 9, 22, "")
	q := o.call(2, "азық-түлік себеті", true)
	r := o.issue()[0]
	o.report(r.ID, 1, run.Delivered)
	o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Step(ctx, tx, r.ID, run.Home) })
	return q
}

// again takes another checked request of a household's.
func (o *office) again(h household.ID, needs ...string) *request.Request {
	o.t.Helper()
	q := o.call(2, needs[0], true)
	o.write(func(ctx context.Context, tx *store.Tx) error {
		for _, line := range needs[1:] {
			n := request.ParseNeed(line)
			n.ID, n.Request, n.Class = request.NeedID{ID: tx.NewID()}, q.ID, n.What.Class()
			if err := tx.Put(ctx, &n); err != nil {
				return err
			}
		}
		q.Household = h
		return tx.Put(ctx, q)
	})
	return q
}

// on moves the office's clock to 10:00 of the nth day after its first.
func (o *office) on(n int) {
	o.day = time.Date(2022, 1, 12+n, 0, 0, 0, 0, o.day.Location())
	o.now = o.day.Add(10 * time.Hour).UTC()
}

// brings returns what a plan would bring to a request, and the words for what it leaves out.
func (o *office) brings(q *request.Request) (whats []request.What, why string) {
	o.t.Helper()
	p := o.plan()
	for _, rt := range p.Routes {
		for _, s := range rt.Stops {
			if p.Stops[s.Index].Request.ID == q.ID {
				for _, n := range p.Stops[s.Index].Needs {
					whats = append(whats, n.What)
				}
			}
		}
	}
	for _, u := range p.Unplanned {
		if u.Stop.Request.ID == q.ID {
			why += u.Text(i18n.EN)
		}
	}
	return whats, why
}

func TestOneBasketForAHouseholdInAWeek(t *testing.T) {
	o := newOffice(t, "almaty-city")
	first := o.had()
	second := o.again(first.Household, "азық-түлік себеті", "инсулин")
	for day, want := range map[int]int{0: 1, 6: 1, 7: 2} {
		o.on(day)
		whats, why := o.brings(second)
		if len(whats) != want || (want == 1) != (why != "") {
			t.Errorf("day %d: %v is brought, left out because %q", day, whats, why)
		}
		if want == 1 && (whats[0] != request.Insulin || !strings.Contains(why, "12 Jan") || !strings.Contains(why, "19 Jan") || !strings.Contains(why, first.Ref.String())) {
			t.Errorf("day %d: %v is brought, left out because %q", day, whats, why)
		}
	}
}

// let allows a request's basket before its time.
func (o *office) let(actor id.ID, q *request.Request, why contact.Note) error {
	return o.Write(o.t.Context(), actor, func(tx *store.Tx) error {
		q, err := request.Kind.Get(o.t.Context(), tx, q.ID.ID)
		if err != nil {
			return err
		}
		return request.LetBasket(o.t.Context(), tx, q, why)
	})
}

func TestABasketEarlierNeedsAPersonAndAReason(t *testing.T) {
	o := newOffice(t, "almaty-city")
	first := o.had()
	second := o.again(first.Household, "азық-түлік себеті")
	o.now = o.now.Add(time.Hour)
	who := id.New(time.UnixMilli(1))
	if err := o.let(who, second, "  "); !errs.Is(err, errs.Invalid) {
		t.Fatal("no reason was wanted:", err)
	}
	if err := o.let(id.ID{}, second, "жанбай қалды"); !errs.Is(err, errs.Denied) {
		t.Fatal("nobody let it through:", err)
	}
	if whats, _ := o.brings(second); len(whats) != 0 {
		t.Fatal("a basket before its time is planned")
	}
	if err := o.let(who, second, "үйі өртенді"); err != nil {
		t.Fatal(err)
	}
	if whats, why := o.brings(second); len(whats) != 1 {
		t.Fatal("what a person allowed is held back:", why)
	}
	third := o.again(first.Household, "азық-түлік себеті")
	if whats, why := o.brings(third); len(whats) != 0 || !strings.Contains(why, second.Ref.String()) {
		t.Fatalf("two baskets for one household in a plan: %v, %q", whats, why)
	}
	got, err := request.Kind.Get(t.Context(), o, second.ID.ID)
	if err != nil || got.BasketWhy != "үйі өртенді" || got.BasketBy != who {
		t.Fatalf("%+v %v", got, err)
	}
	r := o.issue()[0]
	o.report(r.ID, 1, run.Delivered) // what was allowed is used up
	if whats, _ := o.brings(second); len(whats) != 0 {
		t.Fatal("one permission sent two baskets")
	}
}

func TestTheBasketRuleKnowsLinkedRecords(t *testing.T) {
	o := newOffice(t, "almaty-city")
	first := o.had()
	other := o.call(3, "азық-түлік себеті", true)
	judge := func(says household.Says) {
		o.now = o.now.Add(time.Minute)
		o.write(func(ctx context.Context, tx *store.Tx) error {
			return household.Judge(ctx, tx, household.Verdict{A: first.Household.ID, B: other.Household.ID, Says: says})
		})
	}
	if whats, why := o.brings(other); len(whats) != 1 {
		t.Fatal("another household is held back:", why)
	}
	stale := o.plan()
	judge(household.Same)
	if whats, _ := o.brings(other); len(whats) != 0 {
		t.Fatal("a second basket under another record")
	}
	err := o.try(func(ctx context.Context, tx *store.Tx) error {
		_, err := dispatch.Issue(ctx, tx, stale)
		return err
	})
	if !errs.Is(err, errs.Conflict) {
		t.Fatal("a plan from before the link was issued:", err)
	}
	one, err := request.BasketRuleFor(t.Context(), o, 7, o.day, other.Household)
	if err != nil {
		t.Fatal(err)
	}
	if g, had := one.Last(other.Household); !had || g.Ref != first.Ref || !g.Next.Equal(o.day.AddDate(0, 0, 7)) {
		t.Fatalf("%+v %v", g, had)
	}
	judge(household.Undone)
	if whats, why := o.brings(other); len(whats) != 1 {
		t.Fatal("the link was undone:", why)
	}
	judge(household.Same)
	days := 0
	o.write(func(ctx context.Context, tx *store.Tx) error {
		c, err := centre.Get(ctx, tx)
		if err != nil {
			return err
		}
		c.Basket = &days
		return tx.Put(ctx, c)
	})
	if whats, why := o.brings(other); len(whats) != 1 {
		t.Fatal("a centre without the rule:", why)
	}
}

func TestTwoBasketsNeverShareAPlan(t *testing.T) {
	o := newOffice(t, "almaty-city")
	o.crew(1, 9, 22, "")
	first := o.call(2, "азық-түлік себеті", true)
	second := o.again(first.Household, "азық-түлік себеті")
	p := o.plan()
	if len(p.Stops) != 1 || len(p.Unplanned) != 1 {
		t.Fatal(len(p.Stops), len(p.Unplanned))
	}
	o.issue()
	for _, q := range []*request.Request{first, second} {
		if whats, _ := o.brings(q); len(whats) != 0 {
			t.Fatal("one is on its way, and another is planned")
		}
	}
}
