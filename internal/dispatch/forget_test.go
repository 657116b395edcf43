package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
)

func (o *office) forget() int {
	o.t.Helper()
	n, err := dispatch.Forget(o.t.Context(), o.DB)
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

func (o *office) step(r run.ID, s run.Step) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Step(ctx, tx, r, s) })
}

func (o *office) known(q *request.Request) bool {
	o.t.Helper()
	h, err := household.Kind.Get(o.t.Context(), o.DB, q.Household.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return h.Address != "" && h.Head != ""
}

func (o *office) passing(q *request.Request) (dispatch.Passing, bool) {
	o.t.Helper()
	p, ok, err := dispatch.WhenForgotten(o.t.Context(), o.DB, q.Household)
	if err != nil {
		o.t.Fatal(err)
	}
	return p, ok
}

// reopen ends the program as a cut does, between one act and the next, and starts it again.
func (o *office) reopen() {
	o.t.Helper()
	if err := o.Close(); err != nil {
		o.t.Fatal(err)
	}
	db, err := store.Open(o.t.Context(), o.cfg, secret)
	if err != nil {
		o.t.Fatal(err)
	}
	o.DB = db
}

func TestNoConsentIsServedAndForgottenWithTheSheet(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	q, stays := o.call(1, "нан 1", false), o.call(1, "нан 1", true)
	r := o.issue()[0]
	o.step(r.ID, run.Out)
	if _, ok := o.passing(q); ok {
		t.Fatal("to be forgotten while something is open")
	}
	for i := range r.Stops {
		o.report(r.ID, i+1, run.Delivered)
	}
	p, ok := o.passing(q)
	if !ok || len(p.Sheets) != 1 || p.Sheets[0] != r.Number || p.At.Sub(o.now).Round(time.Minute) != dispatch.SheetGrace {
		t.Fatalf("%+v %v", p, ok)
	}
	o.now = o.now.Add(time.Hour)
	o.step(r.ID, run.Home)
	if n := o.forget(); n != 0 || !o.known(q) {
		t.Fatal("forgotten before the sheet is back", n)
	}
	o.step(r.ID, run.SheetBack)
	if o.known(q) || !o.known(stays) {
		t.Fatal("the sheet is back: who did not agree goes, who agreed stays")
	}
	if n, err := store.One[int](t.Context(), o.DB, "phones", "SELECT count(*) FROM household_phone WHERE household=$1", q.Household); err != nil || n != 0 {
		t.Fatal("the phone is still searchable", n, err)
	}
	if before, after, err := o.Rebuild(t.Context()); err != nil || before != after {
		t.Fatal("rebuild differs after an erasure", err)
	}
	if o.known(q) {
		t.Fatal("a rebuild brought it back")
	}
}

// TestASlipCanBeCorrected closes the wrong household by a mistyped stop, as happened to one that had not agreed.
func TestASlipCanBeCorrected(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	a, b := o.call(1, "нан 1", false), o.call(2, "нан 1", false)
	r := o.issue()[0]
	stop := map[*request.Request]int{}
	for i, s := range r.Stops {
		for _, q := range []*request.Request{a, b} {
			if s.Request == q.ID.ID {
				stop[q] = i + 1
			}
		}
	}
	o.report(r.ID, stop[a], run.Delivered) // it was b's
	o.now = o.now.Add(11 * time.Hour)
	o.forget()
	last, err := run.Last(t.Context(), o.DB, r.ID, stop[a])
	if err != nil {
		t.Fatal(err)
	}
	o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Undo(ctx, tx, last.ID) })
	o.report(r.ID, stop[b], run.Delivered)
	o.now = o.now.Add(2 * time.Hour)
	if n := o.forget(); n != 0 || !o.known(a) || o.status(a) != request.Planned {
		t.Fatal("a slip destroyed a household", n, o.status(a))
	}
	o.now = o.now.Add(dispatch.SheetGrace)
	if n := o.forget(); n != 1 || !o.known(a) || o.known(b) {
		t.Fatal("forgotten:", n)
	}
}

func TestForgottenWithoutASheet(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	q := o.call(1, "туысқа хабар", false)
	o.write(func(ctx context.Context, tx *store.Tx) error {
		return request.Promise(ctx, tx, &request.Callback{Phone: "+77000000001", Name: "Ойдан", Request: q.ID})
	})
	shut := func(as request.Status) error {
		return o.try(func(ctx context.Context, tx *store.Tx) error { return dispatch.Close(ctx, tx, q.ID, as) })
	}
	if err := shut(request.Planned); !errs.Is(err, errs.Invalid) {
		t.Fatal(err)
	}
	if err := shut(request.Done); err != nil {
		t.Fatal(err)
	}
	if err := shut(request.Done); !errs.Is(err, errs.Conflict) {
		t.Fatal("closed twice", err)
	}
	if p, ok := o.passing(q); !ok || len(p.Sheets) != 0 || p.At.Sub(o.now).Round(time.Minute) != dispatch.SlipGrace {
		t.Fatalf("%+v %v", p, ok)
	}
	o.now = o.now.Add(dispatch.SlipGrace - time.Minute)
	if n := o.forget(); n != 0 || o.status(q) != request.Done {
		t.Fatal(n)
	}
	o.now = o.now.Add(time.Minute)
	o.reopen() // a cut between closing and forgetting
	if n := o.forget(); n != 1 || o.known(q) {
		t.Fatal("after a cut:", n)
	}
	waiting, err := request.Queue(t.Context(), o.DB, o.now, 10)
	if err != nil || len(waiting) != 0 {
		t.Fatal("their phone still waits to be called", waiting, err)
	}
	if n, err := store.One[int](t.Context(), o.DB, "keys", "SELECT count(*) FROM ledger_key WHERE record IN (SELECT id FROM record WHERE kind IN ('callback','household','request','need'))"); err != nil || n != 0 {
		t.Fatal("keys are left", n, err)
	}
	if n := o.forget(); n != 0 {
		t.Fatal("forgotten twice")
	}
}

// TestForgettingGoesOnAfterACut stops between two households.
func TestForgettingGoesOnAfterACut(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	var all []*request.Request
	for range 3 {
		q := o.call(1, "нан 1", false)
		o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Close(ctx, tx, q.ID, request.Done) })
		all = append(all, q)
	}
	o.now = o.now.Add(dispatch.SlipGrace)
	ctx, cut := context.WithCancel(t.Context())
	o.OnCommit(func(store.Change) { cut() })
	if n, err := dispatch.Forget(ctx, o.DB); err == nil || n != 1 {
		t.Fatalf("%d forgotten before the cut, %v", n, err)
	}
	o.reopen()
	if n := o.forget(); n != 2 {
		t.Fatal(n, "forgotten after the cut")
	}
	for _, q := range all {
		if o.known(q) {
			t.Fatal("one is left")
		}
	}
	if before, after, err := o.Rebuild(t.Context()); err != nil || before != after {
		t.Fatal("rebuild differs", err)
	}
}

// TestAListIsNoRegister takes a list of households of whom nobody said that they agreed to be kept: those for whom something
// was asked stay until they are helped, the others for two weeks.
func TestAListIsNoRegister(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	l := &list.List{What: "households", State: list.Taken, At: o.now}
	var idle, kept *household.Household
	o.write(func(ctx context.Context, tx *store.Tx) error {
		l.ID.ID = tx.NewID()
		idle = &household.Household{ID: household.ID{ID: tx.NewID()}, Head: "Ойдан Бір", Address: "Абай 10", List: l.ID}
		kept = &household.Household{ID: household.ID{ID: tx.NewID()}, Head: "Ойдан Екі", Address: "Абай 11", List: l.ID, Keep: true}
		return errors.Join(tx.Put(ctx, l), tx.Put(ctx, idle), tx.Put(ctx, kept))
	})
	there := func(h *household.Household) bool {
		now, err := household.Kind.Get(t.Context(), o.DB, h.ID.ID)
		if err != nil {
			t.Fatal(err)
		}
		return now.Address != ""
	}
	if p, ok, err := dispatch.WhenForgotten(t.Context(), o.DB, idle.ID); err != nil || !ok || !p.At.Equal(l.At.Add(dispatch.ListGrace)) {
		t.Errorf("%+v %v %v", p, ok, err)
	}
	o.now = o.now.Add(dispatch.ListGrace - time.Minute)
	if n := o.forget(); n != 0 || !there(idle) {
		t.Error("forgotten too early")
	}
	o.now = o.now.Add(2 * time.Minute)
	if n := o.forget(); n != 1 || there(idle) || !there(kept) {
		t.Errorf("%d forgotten", n)
	}
}

// TestARunWithAnErasedStopIsClosed has one run bring what another one carries too; the household is forgotten while the
// other's sheet is out.
func TestARunWithAnErasedStopIsClosed(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	a, b := o.call(1, "нан 1", false), o.call(2, "нан 1", true)
	first := o.issue()[0]
	o.crew(2, 8, 22, "")
	o.call(3, "нан 1", true)
	second := o.issue()[0]
	o.step(first.ID, run.Out)
	o.step(second.ID, run.Out)
	o.write(func(ctx context.Context, tx *store.Tx) error {
		return dispatch.Door(ctx, tx, second.ID, a.ID, run.Delivered, o.now, "")
	})
	o.now = o.now.Add(4 * time.Hour)
	o.step(first.ID, run.Home)
	o.now = o.now.Add(dispatch.SheetGrace)
	if n := o.forget(); n != 1 || o.known(a) {
		t.Fatal(n, "forgotten")
	}
	o.refused(errs.Conflict, o.takes(first.ID, run.SheetBack))
	o.write(func(ctx context.Context, tx *store.Tx) error {
		n, err := dispatch.GiveBack(ctx, tx, first.ID)
		if n != 2 {
			t.Error(n, "given back")
		}
		return err
	})
	if o.status(a) != request.Done || o.status(b) != request.Open {
		t.Fatal("what was erased is", o.status(a), "the other one", o.status(b))
	}
	o.step(first.ID, run.SheetBack)
	if s := o.state(first.ID); s.Sheet.IsZero() {
		t.Fatal("the sheet is still out")
	}
	o.rebuilt()
}

// TestARunWithAnErasedStopGoesToAnotherCrew does the same with a run that is still here.
func TestARunWithAnErasedStopGoesToAnotherCrew(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	a := o.call(1, "нан 1", false)
	o.call(2, "нан 1", true)
	o.day = o.day.AddDate(0, 0, 1) // of tomorrow
	first := o.issue()[0]
	o.day = o.day.AddDate(0, 0, -1)
	o.call(3, "нан 1", true)
	second := o.issue()[0]
	o.step(second.ID, run.Out)
	o.write(func(ctx context.Context, tx *store.Tx) error {
		return dispatch.Door(ctx, tx, second.ID, a.ID, run.Delivered, o.now, "")
	})
	o.now = o.now.Add(dispatch.SheetGrace)
	if n := o.forget(); n != 1 || o.known(a) {
		t.Fatal(n, "forgotten")
	}
	o.crew(2, 8, 22, "")
	two, err := crew.ByNumber(t.Context(), o.DB, 2)
	if err != nil {
		t.Fatal(err)
	}
	o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Swap(ctx, tx, first.ID, two.ID) })
	if s := o.state(first.ID); s.CrewNo != 2 {
		t.Fatal(s.CrewNo)
	}
}
