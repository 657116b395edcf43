// Package dispatch makes plans: needs, crews, stock and the rules of the moment become routes that obey
// them, each checked again by the independent checker before it may be issued. A plan may be changed by hand
// on a draft (Draft), whose times and faults are those of a Timetable. It issues runs, and takes back what
// came of each stop.
package dispatch

import (
	"context"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/route"
)

// Proposal is a plan that has passed the checker and changes nothing until it is issued.
type Proposal struct {
	Day       time.Time // midnight in the centre's zone
	Crews     []crew.Crew
	Stops     []Stop // by the index of the plan's jobs
	Plan      *route.Plan
	Unplanned []Refusal
	Routes    []route.Route // of Plan, those with stops

	centre *centre.Centre
	rules  []rule.Rule
}

// Departed reports whether a crew should have left by now: too late to issue the plan of a day that is not over.
func (p *Proposal) Departed(now time.Time) bool {
	late := func(rt route.Route) bool { return at(p.Day, rt.Depart).Before(now) }
	return now.Before(p.Day.AddDate(0, 0, 1)) && slices.ContainsFunc(p.Routes, late)
}

// StopOf returns what is brought at a stop of a route; false where the crew loads again at the centre.
func (p *Proposal) StopOf(s route.Stop) (*Stop, bool) {
	if s.Kind != route.Serve {
		return nil, false
	}
	return &p.Stops[s.Index], true
}

// Plan makes a proposal for a day (midnight in the centre's zone) from what is ready now, for the crews of these
// numbers; none named means every crew that may go.
func Plan(ctx context.Context, r store.Reader, ways Ways, day, now time.Time, crews ...int) (*Proposal, error) {
	w, err := Gather(ctx, r, ways, day, now, nil)
	if err != nil {
		return nil, err
	}
	return w.Plan(ctx, now, crews...)
}

// Plan is the function of that name for a world that was gathered.
func (w *World) Plan(ctx context.Context, now time.Time, crews ...int) (*Proposal, error) {
	d := &Draft{}
	for i := range w.Crews {
		if c := &w.Crews[i]; len(crews) == 0 || slices.Contains(crews, c.Number) {
			d.Crews = append(d.Crews, c.ID.ID)
		}
	}
	d, err := w.Solve(ctx, d, now)
	if err != nil {
		return nil, err
	}
	d.Version = 1 // it is a plan: what is left out has a reason
	return w.Time(d, now).Proposal()
}

// forbidden asks the rules themselves about each route, way home included, and about each stop where it lies,
// for the solver knew them only as numbers; it returns those that are in the way.
func (p *Proposal) forbidden(rules []rule.Rule) []rule.Refusal {
	var out []rule.Refusal
	for _, rt := range p.Routes {
		q := rule.Query{Areas: Areas(p.centre), From: at(p.Day, rt.Depart), To: at(p.Day, rt.Back), Pass: p.Crews[rt.Vehicle].Pass != ""}
		for _, no := range rule.May(rules, q) {
			if binds(no.Rule.Kind) {
				out = append(out, no)
			}
		}
		for _, s := range rt.Stops {
			if s.Kind != route.Serve {
				continue
			}
			where := p.Stops[s.Index].Household.Where
			q.From, q.To, q.Lat, q.Lon = at(p.Day, s.Start), at(p.Day, s.Leave), where.Lat, where.Lon
			for _, no := range rule.May(rules, q) {
				if no.Rule.Kind == rule.ClosedZone && len(no.Rule.Polygon) > 0 {
					out = append(out, no)
				}
			}
		}
	}
	return out
}
