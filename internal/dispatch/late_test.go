package dispatch_test

import (
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/rule"
)

func TestWhatIsLateBySecondsIsNotSaidToBeInTime(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.call(3.3, "нан 1", true)
	made := o.drafted()
	back := made.Runs[0].Route.Back
	if back%60 == 0 {
		t.Fatal("it is back on the minute: choose another distance")
	}
	ends := back / 60
	o.formed(1, func(c *crew.Crew) { c.To = int(ends) })
	faults := o.world().Time(made.Draft, o.clock()).Runs[0].Faults
	if len(faults) == 0 {
		t.Fatal("late, and nothing is said")
	}
	text := faults[0].Text(i18n.EN)
	if !strings.Contains(text, "arrives home "+made.Clock(ends*60+60)) || !strings.Contains(text, made.Clock(ends*60)+".") {
		t.Error(text)
	}
}
