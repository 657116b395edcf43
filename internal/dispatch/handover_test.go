package dispatch_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
)

// TestAHandoverAsksWhatAPlanAsks gives a run with a heavy load, for two people with a pass into a closed zone, to crews
// that lack one thing each.
func TestAHandoverAsksWhatAPlanAsks(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "P-1")
	q := o.call(3, "су 4", true)
	o.rule(rule.Rule{Kind: rule.ClosedZone, Polygon: zone(3), PassExempt: true})
	o.write(func(ctx context.Context, tx *store.Tx) error {
		h, err := household.Kind.Get(ctx, tx, q.Household.ID)
		if err != nil {
			return err
		}
		h.Cares = []household.Care{household.NoLift}
		return tx.Put(ctx, h)
	})
	r := o.issue()[0]
	o.crew(2, 8, 22, "P-2")
	whole := *o.numbered(2)
	swap := func(ctx context.Context, tx *store.Tx) error { return dispatch.Swap(ctx, tx, r.ID, whole.ID) }
	for _, lacks := range []struct {
		change func(c *crew.Crew)
		key    string
	}{
		{func(c *crew.Crew) { c.Members = c.Members[:1] }, "run.swap_alone"},
		{func(c *crew.Crew) { c.Pass = "" }, "run.swap_rule"},
		{func(c *crew.Crew) { c.BreakFrom, c.BreakTo = 10*60, 14*60 }, "run.swap_break"},
		{func(c *crew.Crew) { c.Baskets = 3 }, "run.swap_full"},
	} {
		o.formed(2, func(c *crew.Crew) {
			c.Members, c.Pass, c.Baskets, c.BreakFrom, c.BreakTo = whole.Members, whole.Pass, whole.Baskets, 0, 0
			lacks.change(c)
		})
		if err := o.try(swap); !errs.Is(err, errs.Conflict) || !strings.Contains(err.Error(), lacks.key) {
			t.Errorf("%s: %v", lacks.key, err)
		}
	}
	o.formed(2, func(c *crew.Crew) {
		c.Members, c.Pass, c.Baskets, c.BreakFrom, c.BreakTo = whole.Members, whole.Pass, whole.Baskets, 0, 0
	})
	o.write(swap)
	if s := o.state(r.ID); s.CrewNo != 2 {
		t.Error(s.CrewNo)
	}
}

// TestAHandoverRenewsTheCode keeps the first crew's sheet from opening the run's page on a phone.
func TestAHandoverRenewsTheCode(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.call(1, "нан 1", true)
	r := o.issue()[0]
	o.crew(2, 8, 22, "")
	key := []byte("сынақ үшін құпия")
	code := func() string {
		t.Helper()
		c, err := run.Code(t.Context(), o.DB, key, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	swap := func(n int) {
		t.Helper()
		c := o.numbered(n)
		o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Swap(ctx, tx, r.ID, c.ID) })
	}
	printed := code()
	swap(1) // it has it already: its sheet stays good
	if code() != printed {
		t.Fatal("renewed for the same crew")
	}
	swap(2)
	if _, err := run.ByCode(t.Context(), o.DB, key, printed, r.Day); !errs.Is(err, errs.NotFound) {
		t.Fatal("the first crew's sheet still opens it:", err)
	}
	if s, err := run.ByCode(t.Context(), o.DB, key, code(), r.Day); err != nil || s.ID != r.ID {
		t.Fatal(s, err)
	}
	o.rebuilt()
}

func (o *office) numbered(n int) *crew.Crew {
	o.t.Helper()
	c, err := crew.ByNumber(o.t.Context(), o.DB, n)
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}
