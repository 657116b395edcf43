package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/rule"
)

func TestAPlanOfTodayIsGoodForAWhile(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 12, "")
	for km := range 20 {
		o.call(float64(km%5)+1, "нан 1", true)
	}
	made := o.drafted()
	first := made.Runs[0]
	if len(made.Left) == 0 || len(first.Stops) == 0 {
		t.Fatalf("the shift is not full: %d stops, %d left", len(first.Stops), len(made.Left))
	}
	later := func(by time.Duration) time.Time { return o.clock().Add(by) }
	for _, by := range []time.Duration{4 * time.Minute, 15 * time.Minute, 20 * time.Minute} {
		tt := o.world().Time(made.Draft, later(by))
		p, err := tt.Proposal()
		if err != nil || p.Departed(later(by)) {
			t.Fatalf("after %s: %v %+v", by, err, tt.Runs[0].Faults)
		}
		if depart := p.Routes[0].Depart; by <= 15*time.Minute && depart != first.Route.Depart {
			t.Errorf("after %s it leaves %s, and said %s", by, tt.Clock(depart), made.Clock(first.Route.Depart))
		}
	}
	tt := o.world().Time(made.Draft, later(time.Hour))
	if _, err := tt.Proposal(); !errs.Is(err, errs.Invalid) {
		t.Fatalf("issued an hour later: %v", err)
	}
	if text := tt.Runs[0].Faults[0].Text(i18n.EN); !strings.Contains(text, "arrives home 12:") {
		t.Error(text)
	}
	again, err := tt.Solve(t.Context(), made.Draft, later(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.world().Time(again, later(75*time.Minute)).Proposal(); err != nil {
		t.Error("planned again:", err)
	}
}

func TestAPlanMadeTheDayBeforeHoldsUntilItsCrewsShouldHaveLeft(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.now = o.day.Add(-10 * time.Hour)
	o.crew(1, 8, 12, "")
	for km := range 20 {
		o.call(float64(km%5)+1, "нан 1", true)
	}
	made := o.drafted()
	morning := o.day.Add(7*time.Hour + 55*time.Minute)
	p, err := o.world().Time(made.Draft, morning).Proposal()
	if err != nil || p.Departed(morning) || p.Routes[0].Depart != made.Runs[0].Route.Depart {
		t.Fatalf("five minutes before the shift: %v", err)
	}
}
