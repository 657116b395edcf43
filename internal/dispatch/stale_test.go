package dispatch_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/internal/volunteer"
)

func (o *office) curfew(start, end int) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *store.Tx) error {
		return rule.Apply(ctx, tx, []rule.Rule{{Kind: rule.Curfew, From: o.day, Start: start, End: end, Zone: "Asia/Almaty", Source: "сынақ"}})
	})
}

func (o *office) theCrew() *crew.Crew {
	o.t.Helper()
	c, err := crew.ByNumber(o.t.Context(), o.DB, 1)
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

func (o *office) available(item string) int {
	o.t.Helper()
	left, err := dispatch.Available(o.t.Context(), o.DB)
	if err != nil {
		o.t.Fatal(err)
	}
	return left[item]
}

func TestAProposalIsNotIssuedIntoAChangedWorld(t *testing.T) {
	for name, change := range map[string]func(o *office){
		"a curfew came": func(o *office) { o.curfew(9*60, 20*60) },
		"the crew serves posts now": func(o *office) {
			c := o.theCrew()
			c.Posts = true
			o.write(func(ctx context.Context, tx *store.Tx) error { return crew.Form(ctx, tx, c) })
		},
		"the crew goes home earlier": func(o *office) {
			c := o.theCrew()
			c.To = 11 * 60
			o.write(func(ctx context.Context, tx *store.Tx) error { return crew.Form(ctx, tx, c) })
		},
		"the crew is out": func(o *office) {
			o.write(func(ctx context.Context, tx *store.Tx) error {
				r := &run.Run{Number: 1, Crew: o.theCrew().ID.ID, CrewNo: 1, Day: "2022-01-12"}
				r.ID.ID = tx.NewID()
				return tx.Put(ctx, r)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, rule.AlmatyCity)
			o.crew(1, 8, 22, "")
			o.call(1, "нан 1", true)
			p := o.plan()
			change(o)
			err := o.try(func(ctx context.Context, tx *store.Tx) error { _, err := dispatch.Issue(ctx, tx, p); return err })
			if !errs.Is(err, errs.Conflict) {
				t.Fatalf("issued: %v", err)
			}
		})
	}
}

func TestADepartureThatHasPassed(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.call(1, "нан 1", true)
	p := o.plan()
	if p.Departed(o.now) || !p.Departed(o.now.Add(2*time.Hour)) {
		t.Fatal("the plan leaves in a quarter of an hour")
	}
}

func TestHomeBeforeACurfewFromMidnight(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.write(func(ctx context.Context, tx *store.Tx) error {
		rules, err := rule.InForce(ctx, tx, o.now)
		for _, r := range rules {
			r.Ended = true
			err = tx.Put(ctx, &r)
		}
		return err
	})
	o.curfew(0, 6*60)
	o.now = time.Date(2022, 1, 12, 17, 0, 0, 0, time.UTC) // 23:00 there
	o.crew(1, 0, 24, "")
	o.call(1, "нан 1", true)
	for _, rt := range o.plan().Routes {
		if rt.Back > 24*3600-dispatch.Margin {
			t.Fatalf("back at %d, the curfew begins at 86400", rt.Back)
		}
	}
}

func TestACrewWithoutAShiftGoesWheneverItMay(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 0, 0, "")
	o.call(1, "нан 1", true)
	if p := o.plan(); len(p.Routes) != 1 {
		t.Fatalf("not planned: %+v", p.Unplanned)
	}
}

func TestWhatWasErasedIsNotCorrected(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	q := o.call(1, "нан 1", false)
	r := o.issue()[0]
	const said = "Ойдан Шығарылғанға берілді"
	tell := func(res run.Result) error {
		return o.try(func(ctx context.Context, tx *store.Tx) error {
			return dispatch.Report(ctx, tx, r.ID, 1, res, o.now, contact.Note(said))
		})
	}
	if err := tell(run.Delivered); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(dispatch.SheetGrace)
	if n := o.forget(); n != 1 {
		t.Fatal(n, "households forgotten")
	}
	if err := tell(run.Nobody); !errs.Is(err, errs.Conflict) {
		t.Fatalf("a need without words was given back: %v", err)
	}
	if got := o.status(q); got != request.Done {
		t.Fatal(got)
	}
	told, err := run.OutcomesOf(t.Context(), o.DB, q.ID.ID)
	if err != nil || len(told) != 1 {
		t.Fatal(told, err)
	}
	out, err := run.OutcomeKind.Get(t.Context(), o.DB, told[0])
	if err != nil || out.Note != "" || out.Result != run.Delivered {
		t.Fatalf("what was said at the door is kept: %+v, %v", out, err)
	}
	events, err := store.History(t.Context(), o.DB, q.ID.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		for name := range e.Fields {
			if strings.Contains(e.Text(name), "Ойдан") {
				t.Fatalf("%s.%s is still in the history", e.Kind, name)
			}
		}
	}
	for table, want := range map[string]int{
		"ledger_body WHERE record IN (SELECT id FROM record WHERE kind IN ('household','request','need','outcome'))": 0,
		"ledger_key WHERE record IN (SELECT id FROM record WHERE kind IN ('household','request','need','outcome'))":  0,
	} {
		if n, err := store.One[int](t.Context(), o.DB, table, "SELECT count(*) FROM "+table); err != nil || n != want {
			t.Fatal(table, n, err)
		}
	}
}

func TestStockThatWentStaysGone(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.write(func(ctx context.Context, tx *store.Tx) error { return supply.Set(ctx, tx, "bread", 10) })
	o.call(1, "нан 4", false)
	r := o.issue()[0]
	o.now = o.now.Add(time.Hour)
	o.report(r.ID, 1, run.Delivered)
	o.now = o.now.Add(dispatch.SheetGrace)
	o.forget()
	if n := o.available("bread"); n != 6 {
		t.Fatal("after a household was erased", n)
	}
	o.now = o.now.Add(24 * time.Hour)
	if n := o.available("bread"); n != 6 {
		t.Fatal("on the next day", n)
	}
	o.write(func(ctx context.Context, tx *store.Tx) error { return supply.Set(ctx, tx, "bread", 6) })
	if n := o.available("bread"); n != 6 {
		t.Fatal("what had gone was taken off the new count", n)
	}
}

func TestPaperIsTypedInAfterTheCrewIsHome(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.call(1, "нан 1", true)
	r := o.issue()[0]
	for _, s := range []run.Step{run.Out, run.Home} {
		o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Step(ctx, tx, r.ID, s) })
	}
	s, err := run.OfCrew(t.Context(), o.DB, "2022-01-12", 1)
	if err != nil || s.ID != r.ID {
		t.Fatal(s, err)
	}
}

func TestWhatIsToldLaterCounts(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	q := o.call(1, "нан 1", true)
	r := o.issue()[0]
	o.report(r.ID, 1, run.Nobody)
	o.now = o.now.Add(time.Minute)
	o.write(func(ctx context.Context, tx *store.Tx) error { // it happened earlier, by their word
		return dispatch.Report(ctx, tx, r.ID, 1, run.Delivered, o.now.Add(-time.Hour), "")
	})
	s, err := run.Get(t.Context(), o.DB, r.ID)
	if err != nil || s.Results[1] != run.Delivered || o.status(q) != request.Done {
		t.Fatalf("%+v, need %s, %v", s.Results, o.status(q), err)
	}
}

func TestHeardOfWithoutHavingGoneOut(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.call(1, "нан 1", true)
	r := o.issue()[0]
	v := volunteer.ID{ID: o.theCrew().Members[0].Volunteer}
	o.write(func(ctx context.Context, tx *store.Tx) error { return volunteer.Unsee(ctx, tx, v) })
	if err := o.try(func(ctx context.Context, tx *store.Tx) error { return dispatch.Step(ctx, tx, r.ID, run.Seen) }); !errs.Is(err, errs.Denied) {
		t.Fatalf("a crew that may not go out is out: %v", err)
	}
}

// TestStockIsPromisedOnce makes two plans, of today and of tomorrow, from the same count, and issues both.
func TestStockIsPromisedOnce(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.write(func(ctx context.Context, tx *store.Tx) error { return supply.Set(ctx, tx, supply.Basket, 2) })
	plan := func(day time.Time, q *request.Request) *dispatch.Proposal {
		t.Helper()
		w, err := dispatch.Gather(t.Context(), o.DB, dispatch.Straight{}, day, o.clock(), []id.ID{q.ID.ID})
		if err != nil {
			t.Fatal(err)
		}
		d, err := w.Solve(t.Context(), w.NewDraft(), o.clock())
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.Time(d, o.clock()).Proposal()
		if err != nil || len(p.Routes) != 1 || len(p.Routes[0].Stops) != 1 {
			t.Fatalf("%+v %v", p, err)
		}
		return p
	}
	a, b := o.call(1, "азық-түлік себеті 2", true), o.call(2, "азық-түлік себеті 2", true)
	first, second := plan(o.day, a), plan(o.day.AddDate(0, 0, 1), b)
	issue := func(p *dispatch.Proposal) func(ctx context.Context, tx *store.Tx) error {
		return func(ctx context.Context, tx *store.Tx) error { _, err := dispatch.Issue(ctx, tx, p); return err }
	}
	o.write(issue(first))
	if n := o.available(supply.Basket); n != 0 || o.status(a) != request.Planned {
		t.Fatal(n, "left after the first")
	}
	o.refused(errs.Conflict, issue(second))
	if n := o.available(supply.Basket); n != 0 || o.status(b) != request.Open {
		t.Fatal(n, "left after the second")
	}
}
