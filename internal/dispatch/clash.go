package dispatch

import (
	"context"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
)

// Clash is an issued run, not home yet, that a rule is in the way of: one that has come or changed since it was
// issued.
type Clash struct {
	Run  run.State
	Stop int // from 1, the stop that lies in a closed zone; 0 where it is the run as a whole
	No   rule.Refusal
}

// Clashes asks the rules of the moment again about every run that is issued and not home: those of today for the
// time that is left, those of later days whole. In order of the runs, one for each rule that is in the way.
func Clashes(ctx context.Context, r store.Reader, now time.Time) ([]Clash, error) {
	runs, err := run.Unfinished(ctx, r)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	own, err := centre.Get(ctx, r)
	if err != nil {
		return nil, err
	}
	var out []Clash
	for _, s := range runs {
		found, err := clashesOf(ctx, r, own, s, now)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func clashesOf(ctx context.Context, r store.Reader, own *centre.Centre, s run.State, now time.Time) ([]Clash, error) {
	day, err := time.ParseInLocation(time.DateOnly, s.Day, own.Location())
	if err != nil {
		return nil, err
	}
	from, to := at(day, s.Depart), at(day, s.Back)
	if s.Step == "" && to.Before(now) {
		return nil, nil // it never left, and its time is over: nobody is out there
	}
	if from.Before(now) {
		from = now
	}
	if !to.After(from) { // it should be home: it is out now
		to = from.Add(time.Minute)
	}
	rules, err := rule.Between(ctx, r, from, to)
	if err != nil {
		return nil, err
	}
	c, err := crew.Kind.Get(ctx, r, s.Crew)
	if err != nil {
		return nil, err
	}
	q := rule.Query{Areas: Areas(own), From: from, To: to, Pass: c.Pass != ""}
	var out []Clash
	for _, no := range rule.May(rules, q) {
		if binds(no.Rule.Kind) {
			out = append(out, Clash{Run: s, No: no})
		}
	}
	for _, n := range s.Silent() {
		no, shut, err := zoneOf(ctx, r, rules, q, day, s.Stops[n-1])
		if err != nil {
			return nil, err
		}
		if shut {
			out = append(out, Clash{Run: s, Stop: n, No: no})
		}
	}
	return out, nil
}

// zoneOf asks whether a stop that is still to come lies in a closed zone then.
func zoneOf(ctx context.Context, r store.Reader, rules []rule.Rule, q rule.Query, day time.Time, stop run.Stop) (no rule.Refusal, shut bool, err error) {
	where, err := whereOf(ctx, r, stop.Request)
	if err != nil || where == nil {
		return no, false, err
	}
	q.Lat, q.Lon = where.Lat, where.Lon
	if leave := at(day, stop.Leave); leave.After(q.From) { // one that is late is asked about until the run is home
		q.To = leave
		if arrive := at(day, stop.Arrive); arrive.After(q.From) {
			q.From = arrive
		}
	}
	for _, no := range rule.May(rules, q) {
		if no.Rule.Kind == rule.ClosedZone && len(no.Rule.Polygon) > 0 {
			return no, true, nil
		}
	}
	return no, false, nil
}

func whereOf(ctx context.Context, r store.Reader, rid id.ID) (*household.Point, error) {
	q, err := request.Kind.Get(ctx, r, rid)
	if errs.Is(err, errs.NotFound) {
		return nil, nil //nolint:nilnil // no place is known: nothing to ask
	}
	if err != nil {
		return nil, err
	}
	h, err := household.Kind.Get(ctx, r, q.Household.ID)
	if err != nil {
		return nil, err
	}
	return h.Where, nil
}

// Touched counts the runs that clash.
func Touched(all []Clash) int {
	runs := map[run.ID]bool{}
	for _, c := range all {
		runs[c.Run.ID] = true
	}
	return len(runs)
}

// Text says in a language which run it is, what is in the way, and what to do now.
func (c Clash) Text(lang i18n.Lang) string {
	key := "plan.clash.run"
	switch {
	case c.Stop > 0:
		key = "plan.clash.stop"
	case c.Run.Step == "":
		key = "plan.clash.here"
	}
	return lang.T(key, "crew", c.Run.CrewNo, "run", c.Run.Number, "stop", c.Stop) + " " + c.No.Text(lang) // i18n: plan.clash.*
}
