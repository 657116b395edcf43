package dispatch_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/dispatch/sheet"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

func (o *office) loose() []dispatch.Loose {
	o.t.Helper()
	all, err := dispatch.LooseEnds(o.t.Context(), o.DB, o.day)
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

func (o *office) rebuilt() {
	o.t.Helper()
	if before, after, err := o.Rebuild(o.t.Context()); err != nil || before != after {
		o.t.Fatal("rebuild differs", err)
	}
}

// refused tries a write that must fail in this way.
func (o *office) refused(kind errs.Kind, fn func(ctx context.Context, tx *store.Tx) error) {
	o.t.Helper()
	if err := o.try(fn); !errs.Is(err, kind) {
		o.t.Fatalf("want %s, got %v", kind, err)
	}
}

func TestARunHomeWithoutWordLeavesNothingOnIt(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	all := []*request.Request{o.call(1, "нан 1", true), o.call(2, "нан 1", true), o.call(3, "нан 1", true)}
	r := o.issue()[0]
	o.step(r.ID, run.Out)
	o.report(r.ID, 1, run.Delivered)
	if len(o.loose()) != 0 {
		t.Fatal("a crew that is out owes no word yet")
	}
	o.refused(errs.Conflict, func(ctx context.Context, tx *store.Tx) error { _, err := dispatch.GiveBack(ctx, tx, r.ID); return err })
	o.step(r.ID, run.Home)
	if got := o.loose(); len(got) != 1 || got[0].Run != r.ID || got[0].Stops != 2 {
		t.Fatalf("%+v", got)
	}
	o.refused(errs.Conflict, func(ctx context.Context, tx *store.Tx) error { return dispatch.Step(ctx, tx, r.ID, run.SheetBack) })
	o.write(func(ctx context.Context, tx *store.Tx) error {
		n, err := dispatch.GiveBack(ctx, tx, r.ID)
		if n != 2 {
			t.Error(n, "given back")
		}
		return err
	})
	counts := map[request.Status]int{}
	for _, q := range all {
		counts[o.status(q)]++
	}
	if counts[request.Done] != 1 || counts[request.Open] != 2 || len(o.loose()) != 0 {
		t.Fatal(counts, o.loose())
	}
	o.step(r.ID, run.SheetBack)
	if out, err := run.SheetsOut(t.Context(), o.DB); err != nil || len(out) != 0 {
		t.Fatal(out, err)
	}
	if p := o.plan(); len(p.Routes) != 1 || len(p.Routes[0].Stops) != 2 {
		t.Fatal("what nobody knows of is not planned again")
	}
	o.rebuilt()
}

func TestACancelledRunGivesItsNeedsBack(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	q := o.call(1, "нан 1", true)
	r := o.issue()[0]
	o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Cancel(ctx, tx, r.ID) })
	if o.status(q) != request.Open {
		t.Fatal(o.status(q))
	}
	for _, act := range []func(ctx context.Context, tx *store.Tx) error{
		func(ctx context.Context, tx *store.Tx) error { return dispatch.Cancel(ctx, tx, r.ID) },
		func(ctx context.Context, tx *store.Tx) error { return dispatch.Step(ctx, tx, r.ID, run.Out) },
		func(ctx context.Context, tx *store.Tx) error {
			return dispatch.Report(ctx, tx, r.ID, 1, run.Delivered, o.now, "")
		},
	} {
		o.refused(errs.Conflict, act)
	}
	var b bytes.Buffer
	if err := sheet.Write(t.Context(), o.DB, &b, o.day, o.now, "ru", nil, sheet.Ground{}); !errs.Is(err, errs.Invalid) {
		t.Fatal("the sheet of a run that was called off is still printed", err)
	}
	again := o.issue() // the same crew is free, the number is a new one
	if len(again) != 1 || again[0].Number != r.Number+1 {
		t.Fatalf("%+v", again)
	}
	o.step(again[0].ID, run.Out)
	o.refused(errs.Conflict, func(ctx context.Context, tx *store.Tx) error { return dispatch.Cancel(ctx, tx, again[0].ID) })
	o.rebuilt()
}

func TestARunGoesToAnotherCrew(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.call(1, "нан 1", true)
	r := o.issue()[0]
	o.crew(2, 8, 22, "")  // good
	o.crew(3, 18, 22, "") // comes only in the evening
	o.crew(4, 8, 22, "")  // not seen any more
	o.crew(5, 8, 22, "")  // serves posts
	byNumber := func(n int) *crew.Crew {
		c, err := crew.ByNumber(t.Context(), o.DB, n)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	five := byNumber(5)
	five.Posts = true
	o.write(func(ctx context.Context, tx *store.Tx) error {
		if err := crew.Form(ctx, tx, five); err != nil {
			return err
		}
		return volunteer.Unsee(ctx, tx, volunteer.ID{ID: byNumber(4).Members[0].Volunteer})
	})
	swap := func(n int) func(ctx context.Context, tx *store.Tx) error {
		return func(ctx context.Context, tx *store.Tx) error { return dispatch.Swap(ctx, tx, r.ID, byNumber(n).ID) }
	}
	o.refused(errs.Conflict, swap(3))
	o.refused(errs.Denied, swap(4))
	o.refused(errs.Conflict, swap(5))
	o.write(swap(2))
	s, err := run.OfCrew(t.Context(), o.DB, "2022-01-12", 2)
	if err != nil || s.ID != r.ID {
		t.Fatal(s, err)
	}
	if _, err := run.OfCrew(t.Context(), o.DB, "2022-01-12", 1); !errs.Is(err, errs.NotFound) {
		t.Fatal("the first crew still has it", err)
	}
	o.curfew(9*60, 20*60)
	o.refused(errs.Conflict, swap(1))
	o.step(r.ID, run.Seen)
	o.refused(errs.Conflict, swap(1))
	o.rebuilt()
}

func TestUndoOfWhatWasTold(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	q := o.call(1, "нан 1", true)
	r := o.issue()[0]
	last := func() run.OutcomeID {
		t.Helper()
		v, err := run.Last(t.Context(), o.DB, r.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		return v.ID
	}
	undo := func(v run.OutcomeID) func(ctx context.Context, tx *store.Tx) error {
		return func(ctx context.Context, tx *store.Tx) error { return dispatch.Undo(ctx, tx, v) }
	}
	o.report(r.ID, 1, run.Nobody)
	first := last()
	o.report(r.ID, 1, run.Delivered)
	o.refused(errs.Conflict, undo(first))
	o.write(undo(last()))
	s, err := run.Get(t.Context(), o.DB, r.ID)
	if err != nil || s.Results[1] != run.Nobody || o.status(q) != request.Open {
		t.Fatal("what was told before does not count again", s.Results, o.status(q), err)
	}
	o.write(undo(last()))
	if s, err = run.Get(t.Context(), o.DB, r.ID); err != nil || s.Results[1] != run.Delivered {
		t.Fatal("an undo cannot be undone", s.Results, err)
	}
	o.rebuilt()
}

// TestUndoGivesTheTimeBack takes a correction back three days later: what was brought was not brought today, as the rule
// on baskets and the figures of the day would have it.
func TestUndoGivesTheTimeBack(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	q := o.call(1, "азық-түлік себеті", true)
	r := o.issue()[0]
	o.step(r.ID, run.Out)
	had := o.now
	o.report(r.ID, 1, run.Delivered)
	o.now = o.now.Add(3 * time.Hour)
	o.report(r.ID, 1, run.Nobody)
	last := func() *run.Outcome {
		t.Helper()
		v, err := run.Last(t.Context(), o.DB, r.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	slip := last()
	o.now = o.now.Add(72 * time.Hour)
	o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Undo(ctx, tx, slip.ID) })
	needs, err := request.Needs(t.Context(), o.DB, q.ID)
	if err != nil || len(needs) != 1 || needs[0].Status != request.Done || !needs[0].Settled.Equal(had) {
		t.Fatalf("brought at %v: %+v, %v", had, needs, err)
	}
	if v := last(); v.Result != run.Delivered || !v.At.Equal(had) {
		t.Fatalf("%s at %v, want %v", v.Result, v.At, had)
	}
	o.rebuilt()
}

func TestUndoOfTheOnlyWord(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	q := o.call(1, "нан 1", true)
	r := o.issue()[0]
	o.report(r.ID, 1, run.Nobody)
	told, err := run.Last(t.Context(), o.DB, r.ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	undo := func(ctx context.Context, tx *store.Tx) error { return dispatch.Undo(ctx, tx, told.ID) }
	o.write(undo)
	s, err := run.Get(t.Context(), o.DB, r.ID)
	if err != nil || len(s.Results) != 0 || len(s.Silent()) != 1 || o.status(q) != request.Planned {
		t.Fatal(s.Results, o.status(q), err)
	}
	if since, err := run.Since(t.Context(), o.DB, o.now.Add(-time.Hour)); err != nil || len(since) != 0 {
		t.Fatal("what was withdrawn is counted", since, err)
	}
	o.refused(errs.Conflict, undo) // pressed twice

	o.report(r.ID, 1, run.Nobody)
	if told, err = run.Last(t.Context(), o.DB, r.ID, 1); err != nil {
		t.Fatal(err)
	}
	o.crew(2, 8, 22, "")
	if next := o.issue(); len(next) != 1 {
		t.Fatal("not planned again")
	}
	o.refused(errs.Conflict, undo) // it is on another sheet by now
}

func TestADoorThatWasNotOnTheSheet(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	on := o.call(1, "нан 1", true)
	r := o.issue()[0]
	o.crew(2, 8, 22, "")
	elsewhere := o.call(2, "нан 1", true)
	second := o.issue()[0]
	free := o.call(3, "нан 1", true)
	door := func(q *request.Request, res run.Result) {
		t.Helper()
		o.write(func(ctx context.Context, tx *store.Tx) error {
			return dispatch.Door(ctx, tx, r.ID, q.ID, res, o.now, "көршісі алды")
		})
	}
	door(free, run.Nobody)
	if o.status(free) != request.Open {
		t.Fatal(o.status(free))
	}
	for _, q := range []*request.Request{on, elsewhere, free} {
		door(q, run.Delivered)
		if o.status(q) != request.Done {
			t.Fatal(o.status(q))
		}
	}
	s, err := run.Get(t.Context(), o.DB, r.ID)
	if err != nil || s.Results[1] != run.Delivered || s.Extra != 3 {
		t.Fatal(s.Results, s.Extra, err)
	}
	o.report(second.ID, 1, run.Nobody) // the second team came in vain: it is done all the same
	if o.status(elsewhere) != request.Done {
		t.Fatal("what was brought is open again")
	}
	all, err := run.Told(t.Context(), o.DB, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Undo(ctx, tx, all[len(all)-1].ID) })
	if o.status(free) != request.Open {
		t.Fatal(o.status(free))
	}
	o.rebuilt()
}
