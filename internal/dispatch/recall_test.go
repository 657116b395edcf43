package dispatch_test

import (
	"context"
	"testing"

	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
)

// knows adds another centre's card.
func (o *office) knows(other *office) {
	o.t.Helper()
	raw, err := exchange.Card(o.t.Context(), other.DB, store.Actor{})
	if err != nil {
		o.t.Fatal(err)
	}
	card, err := exchange.ReadCard(raw)
	if err == nil {
		err = exchange.Pair(o.t.Context(), o.DB, store.Actor{}, card)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

// tells brings a stick to another centre.
func (o *office) tells(other *office) {
	o.t.Helper()
	w, err := exchange.WriteBundle(o.t.Context(), o.DB, other.Centre(), o.t.TempDir())
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := exchange.ReadBundle(o.t.Context(), other.DB, w.Files[0]); err != nil {
		o.t.Fatal(err)
	}
}

func recall(q *request.Request, anyway bool) func(ctx context.Context, tx *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := exchange.Recall(ctx, tx, q.ID, "mistake", anyway)
		return err
	}
}

// recalled is a request that the second centre has on a run, and the first has taken back anyway.
func recalled(t *testing.T) (a, b *office, q *request.Request, r run.Run) {
	t.Helper()
	a, b = newOffice(t, rule.AlmatyCity), newOffice(t, rule.AlmatyCity)
	a.knows(b)
	b.knows(a)
	b.crew(1, 8, 22, "")
	q = a.call(1, "нан 1", false)
	a.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := exchange.HandOver(ctx, tx, q.ID, b.Centre(), "closer")
		return err
	})
	a.tells(b)
	r = b.issue()[0]
	b.tells(a)
	if err := a.try(recall(q, false)); !errs.Is(err, errs.Conflict) {
		t.Fatal("what their crew is on its way with was recalled:", err)
	}
	a.write(recall(q, true))
	return a, b, q, r
}

func TestARecallOfWhatIsOnTheirRunOpensItAgain(t *testing.T) {
	a, b, q, _ := recalled(t)
	if got := a.status(q); got != request.Open {
		t.Error("it is", got)
	}
	a.tells(b)
	b.tells(a)
	a.crew(1, 8, 22, "")
	if p := a.plan(); len(p.Routes) != 1 {
		t.Error("it is not planned again")
	}
}

func TestARunEndsThoughItsNeedWasRecalled(t *testing.T) {
	home := func(b *office, r run.Run) {
		b.step(r.ID, run.Out)
		b.step(r.ID, run.Home)
	}
	for name, end := range map[string]func(b *office, r run.Run){
		"called off": func(b *office, r run.Run) {
			b.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Cancel(ctx, tx, r.ID) })
		},
		"brought": func(b *office, r run.Run) {
			b.step(r.ID, run.Out)
			b.report(r.ID, 1, run.Delivered)
			b.step(r.ID, run.Home)
			b.step(r.ID, run.SheetBack)
		},
		"taken back": func(b *office, r run.Run) {
			b.report(r.ID, 1, run.Delivered)
			b.write(func(ctx context.Context, tx *store.Tx) error {
				o, err := run.Last(ctx, tx, r.ID, 1)
				if err != nil {
					return err
				}
				return dispatch.Undo(ctx, tx, o.ID)
			})
		},
		"no word": func(b *office, r run.Run) {
			home(b, r)
			b.write(func(ctx context.Context, tx *store.Tx) error { _, err := dispatch.GiveBack(ctx, tx, r.ID); return err })
			b.step(r.ID, run.SheetBack)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b, q, r := recalled(t)
			a.tells(b)
			end(b, r)
			b.tells(a)
			if got := a.status(q); got != request.Open {
				t.Error("the recalled need is", got)
			}
			b.forget()
			a.rebuilt()
			b.rebuilt()
		})
	}
}

// TestWhatCameBackIsForgottenByWhoHasIt: a centre that handed a household back neither erases it nor stops at it.
func TestWhatCameBackIsForgottenByWhoHasIt(t *testing.T) {
	a, b, q, r := recalled(t)
	b.report(r.ID, 1, run.Delivered) // before they hear of the recall
	a.tells(b)
	b.now = b.now.Add(dispatch.SheetGrace * 2)
	if n := b.forget(); n != 0 || !b.known(q) {
		t.Error("they erased what is ours:", n)
	}
}
