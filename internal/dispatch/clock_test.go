package dispatch_test

import (
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
)

// TestTheClockIsSetBackDuringARun: what is told afterwards counts all the same, and the run can end.
func TestTheClockIsSetBackDuringARun(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	q := o.call(1, "нан 1", true)
	r := o.issue()[0]
	o.step(r.ID, run.Out)
	o.report(r.ID, 1, run.Nobody)
	o.now = o.now.Add(-10 * time.Minute)
	o.report(r.ID, 1, run.Delivered)
	o.step(r.ID, run.Home)
	s, err := run.Get(t.Context(), o.DB, r.ID)
	if err != nil || s.Step != run.Home || s.Results[1] != run.Delivered || o.status(q) != request.Done {
		t.Fatalf("%s %v, the need is %s: %v", s.Step, s.Results, o.status(q), err)
	}
	o.step(r.ID, run.SheetBack)
	if s, err = run.Get(t.Context(), o.DB, r.ID); err != nil || s.Sheet.IsZero() {
		t.Errorf("the sheet cannot come back: %v", err)
	}
}
