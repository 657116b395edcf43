package plan

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/id"
)

// crewLabel names a crew with what matters for a plan: its shift, what it carries, its pass, whom it serves.
func (v *page) crewLabel(c *crew.Crew) string {
	parts := []string{v.crewWord(c.Number)}
	clock := func(m int) string { return fmt.Sprintf("%02d:%02d", m/60%24, m%60) }
	if c.From != 0 || c.To != 0 {
		parts = append(parts, clock(c.From)+"–"+clock(c.To))
	}
	parts = append(parts, v.lang.T("what.basket")+" × "+itoa(c.Baskets))
	if c.Pass != "" {
		parts = append(parts, v.lang.T("plan.with_pass"))
	}
	if c.Posts {
		parts = append(parts, v.lang.T("plan.posts"))
	}
	return strings.Join(parts, " · ")
}

// laneSum is a run in a line: stops, way, load, home, and how long before it must be.
func (v *page) laneSum(l *lane) string {
	r := l.run
	parts := []string{}
	if r.Crew.Posts {
		parts = append(parts, v.lang.T("plan.posts"))
	}
	if r.Crew.Pass != "" {
		parts = append(parts, v.lang.T("plan.with_pass"))
	}
	if len(r.Stops) == 0 {
		return strings.Join(append(parts, v.lang.T("plan.idle")), " · ")
	}
	units, most := r.Load(v.t)
	parts = append(parts, itoa(len(r.Stops)), v.km(r.Route.Metres), v.lang.T("plan.load", "units", units, "most", most), "⌂ "+v.t.Clock(r.Route.Back))
	if s := v.slack(r); s != "" {
		parts = append(parts, s)
	}
	return strings.Join(parts, " · ")
}

func (v *page) current(chosen bool) string {
	if chosen {
		return "true"
	}
	return "false"
}

func (v *page) chosenID() id.ID {
	if v.panel == nil {
		return id.ID{}
	}
	return v.panel.stop.Request.ID.ID
}

func (v *page) chosenStop() string {
	if v.panel == nil {
		return ""
	}
	return v.panel.stop.Request.ID.String()
}

func (v *page) isChosen(q id.ID) bool { return v.panel != nil && v.panel.stop.Request.ID.ID == q }

// isAt says where the chosen stop is now.
func (v *page) isAt() string {
	if v.panel.run < 0 {
		return v.lang.T("plan.is_nowhere")
	}
	r := &v.t.Runs[v.panel.run]
	return v.lang.T("plan.is_at", "crew", r.Crew.Number, "n", v.panel.at+1, "at", v.t.Clock(r.Times()[v.panel.at].Arrive))
}

func (v *page) panelPut() string {
	if v.panel.run < 0 {
		return ""
	}
	return itoa(v.t.Runs[v.panel.run].Crew.Number) + ":" + itoa(v.panel.at+1)
}

// trialWords tell what would be.
func (v *page) trialWords() string {
	tr := v.panel.trial
	if v.panel.with != nil {
		return v.lang.T("plan.would_swap", "ref", v.panel.with.Request.Ref.String(), "cost", v.cost(tr.Cost))
	}
	crew, at, _ := strings.Cut(v.panel.put, ":")
	back := int32(0)
	if len(tr.Runs) > 0 {
		back = tr.Runs[0].Route.Back
	}
	return v.lang.T("plan.would", "crew", crew, "n", at, "cost", v.cost(tr.Cost), "back", v.t.Clock(back))
}

// wrong is what the form was refused for.
func (v *page) wrong() string { return cmp.Or(v.form.Error(""), v.lang.T("error.fields")) }

// crossing says that a straight line of a run crosses a closed zone.
// round says how much longer a way is because a zone is closed.
func (v *page) round(run int, d dispatch.Round) string {
	r := &v.t.Runs[run]
	minutes := int(d.Seconds+59) / 60
	if d.Stop >= len(r.Stops) {
		return v.lang.T("plan.round_home", "crew", r.Crew.Number, "min", minutes)
	}
	return v.lang.T("plan.round", "crew", r.Crew.Number, "stop", d.Stop+1, "min", minutes)
}

func (v *page) crossing(run, stop int) string {
	r := &v.t.Runs[run]
	if stop >= len(r.Stops) {
		return v.lang.T("plan.crossing_home", "crew", r.Crew.Number)
	}
	return v.lang.T("plan.crossing", "crew", r.Crew.Number, "stop", stop+1)
}
