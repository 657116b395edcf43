package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

func (o *office) takes(r run.ID, s run.Step) func(ctx context.Context, tx *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error { return dispatch.Step(ctx, tx, r, s) }
}

func (o *office) state(r run.ID) *run.State {
	o.t.Helper()
	s, err := run.Get(o.t.Context(), o.DB, r)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

// TestNoStepLeadsRoundTheSeenDocument tries every way to be under way for a crew one of whose members is not known to
// be of age any more.
func TestNoStepLeadsRoundTheSeenDocument(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.call(1, "нан 1", true)
	r := o.issue()[0]
	v := volunteer.ID{ID: o.theCrew().Members[0].Volunteer}
	o.write(func(ctx context.Context, tx *store.Tx) error { return volunteer.Unsee(ctx, tx, v) })
	for _, step := range []run.Step{run.Out, run.Seen, run.Home} {
		o.refused(errs.Denied, o.takes(r.ID, step))
	}
	if s := o.state(r.ID); s.Step != "" {
		t.Fatal("taken:", s.Step)
	}
	o.report(r.ID, 1, run.Delivered) // it went all the same, as its paper says: it is home, and the sheet can be closed
	o.step(r.ID, run.Home)
	for _, step := range []run.Step{run.Out, run.Seen} {
		o.refused(errs.Conflict, o.takes(r.ID, step))
	}
	o.step(r.ID, run.SheetBack)
}

func TestARunThatIsHomeDoesNotGoOutAgain(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	q := o.call(1, "нан 1", false)
	r := o.issue()[0]
	o.step(r.ID, run.Out)
	o.step(r.ID, run.Out) // pressed twice
	o.step(r.ID, run.Seen)
	o.report(r.ID, 1, run.Delivered)
	o.step(r.ID, run.Home)
	o.refused(errs.Conflict, o.takes(r.ID, run.Seen))
	o.step(r.ID, run.SheetBack)
	if o.known(q) {
		t.Fatal("not forgotten with the sheet")
	}
	o.now = o.now.Add(2 * time.Hour)
	o.refused(errs.Conflict, o.takes(r.ID, run.Seen))
	o.refused(errs.Conflict, o.takes(r.ID, run.Out))
	if s := o.state(r.ID); s.UnderWay() || s.Home.IsZero() || s.Sheet.IsZero() {
		t.Fatalf("a run that is over is under way: %+v", s)
	}
}
