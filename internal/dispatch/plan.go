// Package dispatch makes plans: needs, crews, stock and the rules of the moment become routes that obey
// them, each checked again by the independent checker before it may be issued; it issues runs, and takes
// back what came of each stop.
package dispatch

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/route"
)

// How things are reckoned until roads are known.
const (
	Margin   = 20 * 60 // seconds that a crew is home before a curfew
	detour   = 1.4     // road over straight line, in a city
	speed    = 24.0    // km/h
	doorstep = 8 * 60  // seconds at a door
	perBox   = 4       // load units of a basket; smaller things are one
	steps    = 6000    // of the solver; three hundred needs take one or two seconds
)

// Stop is a request on a route, with what is brought.
type Stop struct {
	Request   *request.Request
	Household *household.Household
	Needs     []request.Need
}

// Refusal is why a request is not in the plan, in a message key with its arguments.
type Refusal struct {
	Stop Stop
	Key  string
	Args []any
}

// Proposal is a plan that has passed the checker and changes nothing until it is issued.
type Proposal struct {
	Day       time.Time // midnight in the centre's zone
	Crews     []crew.Crew
	Stops     []Stop // by the index of the plan's jobs
	Plan      *route.Plan
	Unplanned []Refusal
	Routes    []route.Route // of Plan, those with stops
}

// Departed reports whether a crew should have left by now: too late to issue the plan of a day that is not over.
func (p *Proposal) Departed(now time.Time) bool {
	late := func(rt route.Route) bool { return at(p.Day, rt.Depart).Before(now) }
	return now.Before(p.Day.AddDate(0, 0, 1)) && slices.ContainsFunc(p.Routes, late)
}

// gathered is everything that a plan depends on.
type gathered struct {
	day    time.Time
	centre *centre.Centre
	crews  []crew.Crew
	rules  []rule.Rule
	stops  []Stop
	refuse []Refusal
}

// Plan makes a proposal for a day (midnight in the centre's zone) from what is ready now.
func Plan(ctx context.Context, r store.Reader, day, now time.Time) (*Proposal, error) {
	g, err := gather(ctx, r, day, now)
	if err != nil {
		return nil, err
	}
	p := problem(g, now)
	plan, _, err := route.Solve(ctx, p, route.Options{Seed: 1, MaxIter: steps})
	if err != nil {
		return nil, err
	}
	if v := route.Check(p, plan); len(v) > 0 {
		return nil, errs.New(errs.Internal, "dispatch.unsound", "what", v[0].String())
	}
	out := &Proposal{Day: day, Crews: g.crews, Stops: g.stops, Plan: plan, Unplanned: g.refuse}
	for _, rt := range plan.Routes {
		if len(rt.Stops) > 0 {
			out.Routes = append(out.Routes, rt)
		}
	}
	if no := forbidden(g.centre, g.rules, out); no != "" {
		return nil, errs.New(errs.Internal, "dispatch.unsound", "what", no)
	}
	for _, d := range plan.Dropped {
		out.Unplanned = append(out.Unplanned, Refusal{Stop: g.stops[d.Index], Key: "dispatch.limit." + limitKey(d.Reason.Limit), Args: reasonArgs(g, d.Reason)})
	}
	return out, nil
}

// forbidden asks the rules themselves about each route, way home included, for the solver knew them only as
// numbers; it returns the key of the first that is in the way, or "".
func forbidden(c *centre.Centre, rules []rule.Rule, p *Proposal) string {
	for _, rt := range p.Routes {
		q := rule.Query{Areas: Areas(c), From: at(p.Day, rt.Depart), To: at(p.Day, rt.Back), Pass: p.Crews[rt.Vehicle].Pass != ""}
		for _, no := range rule.May(rules, q) {
			if no.Rule.Kind == rule.Curfew || no.Rule.Kind == rule.ClosedZone {
				return no.Key
			}
		}
	}
	return ""
}

// Areas returns the areas whose rules bind a centre: its own where that is one that rules are written for,
// else none, which means every rule counts.
func Areas(c *centre.Centre) []string {
	if !rule.KnownArea(c.Area) {
		return nil
	}
	return []string{c.Area}
}

func at(day time.Time, seconds int32) time.Time { return day.Add(time.Duration(seconds) * time.Second) }

func gather(ctx context.Context, r store.Reader, day, now time.Time) (*gathered, error) {
	g := &gathered{day: day}
	var err error
	if g.centre, err = centre.Get(ctx, r); err != nil {
		return nil, err
	}
	all, err := crew.List(ctx, r)
	if err != nil {
		return nil, err
	}
	busy, err := crewsOut(ctx, r, day)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if !c.Ended && !c.Posts && !c.Void() && !busy[c.Number] {
			g.crews = append(g.crews, c)
		}
	}
	if g.rules, err = rule.Between(ctx, r, day, day.AddDate(0, 0, 2)); err != nil {
		return nil, err
	}
	return g, g.ready(ctx, r, now)
}

func crewsOut(ctx context.Context, r store.Reader, day time.Time) (map[int]bool, error) {
	nos, err := store.All(ctx, r, func(row *sql.Rows, n *int) error { return row.Scan(n) },
		`SELECT crew_no FROM run WHERE day=$1 AND coalesce((SELECT c.step FROM run_check c WHERE c.run=run.id AND c.step<>'sheet_back' ORDER BY c.id DESC LIMIT 1), '')
			NOT IN ('home','void')`, day.Format(time.DateOnly))
	out := map[int]bool{}
	for _, n := range nos {
		out[n] = true
	}
	return out, err
}

// ready fills in the stops: requests with open needs, the most urgent first, each only as far as it is
// checked, has a place, and the stock still holds what it asks for.
func (g *gathered) ready(ctx context.Context, r store.Reader, now time.Time) error {
	rows, err := request.Board(ctx, r, request.Filter{View: "open", Limit: 5000})
	if err != nil {
		return err
	}
	type scored struct {
		Stop
		points int
	}
	var all []scored
	for _, row := range rows {
		s, err := stop(ctx, r, row)
		if err != nil {
			return err
		}
		if len(s.Needs) > 0 {
			points, _ := request.Urgency(s.Needs, s.Household, now.Sub(s.Request.At), s.Request.Calls)
			all = append(all, scored{s, points})
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return b.points - a.points })
	left, err := Available(ctx, r)
	if err != nil {
		return err
	}
	baskets, err := request.BasketRule(ctx, r, g.centre.BasketDays(), g.day)
	if err != nil {
		return err
	}
	for _, s := range all {
		if key, args := g.refusal(s.Stop, left); key != "" {
			g.refuse = append(g.refuse, Refusal{Stop: s.Stop, Key: key, Args: args})
			continue
		}
		if !g.granted(baskets, &s.Stop) {
			continue
		}
		for _, n := range s.Needs {
			left[string(n.What)] -= n.Count
		}
		g.stops = append(g.stops, s.Stop)
	}
	return nil
}

func stop(ctx context.Context, r store.Reader, row request.Row) (s Stop, err error) {
	if s.Request, err = request.Kind.Get(ctx, r, row.ID.ID); err != nil {
		return s, err
	}
	if s.Household, err = household.Kind.Get(ctx, r, row.Household.ID); err != nil {
		return s, err
	}
	needs, err := request.Needs(ctx, r, row.ID)
	for _, n := range needs {
		if n.Status == request.Open && n.What != request.Message {
			s.Needs = append(s.Needs, n)
		}
	}
	return s, err
}

func (g *gathered) refusal(s Stop, left map[string]int) (key string, args []any) {
	switch {
	case !s.Request.Plannable():
		return "dispatch.unverified", nil
	case s.Household.Where == nil:
		return "dispatch.no_place", nil
	}
	want := map[request.What]int{}
	for _, n := range s.Needs {
		want[n.What] += n.Count
	}
	for _, n := range s.Needs {
		if n.What.Counted() && want[n.What] > left[string(n.What)] {
			return "dispatch.stock", []any{"item", n.What, "left", max(left[string(n.What)], 0)}
		}
	}
	return "", nil
}

// Available returns what the centre can still promise: what was counted last, less what runs of any day are
// to carry, or took out of the store room after it was counted.
func Available(ctx context.Context, r store.Reader) (map[string]int, error) {
	last, err := supply.Latest(ctx, r)
	if err != nil {
		return nil, err
	}
	type promised struct {
		what, class string
		n           int
		gone        int64 // when it left the store room; 0 where it has not
	}
	rows, err := store.All(ctx, r, func(row *sql.Rows, p *promised) error { return row.Scan(&p.what, &p.class, &p.n, &p.gone) },
		`SELECT n.what, n.class, sum(n.count), coalesce(min(
			coalesce((SELECT min(at) FROM run_check c WHERE c.run=n.run AND c.step='out'), 9000000000000000000),
			coalesce((SELECT min(at) FROM outcome o WHERE o.run=n.run), 9000000000000000000)), 9000000000000000000) AS gone
		FROM need n WHERE n.run<>'' AND n.status IN ('planned','done') GROUP BY n.what, n.class, n.run`)
	if err != nil {
		return nil, err
	}
	left := make(map[string]int, len(last))
	for item, c := range last {
		left[item] = c.N
	}
	for _, p := range rows {
		item := stocked(p.what, p.class)
		if c, ok := last[item]; !ok || store.At(p.gone).After(c.At) {
			left[item] -= p.n
		}
	}
	return left, nil
}

// stocked is the item that a need takes from the stock. Of one whose words were erased only the class is left;
// what was medical counts as insulin, the only medical item that is counted: wrong to the safe side.
func stocked(what, class string) string {
	switch {
	case what != "":
		return what
	case class == request.Insulin.Class():
		return string(request.Insulin)
	}
	return class
}

// problem puts what was gathered into the engine's numbers. Place 0 is the centre.
func problem(g *gathered, now time.Time) *route.Problem {
	points := []household.Point{{Lat: g.centre.Lat, Lon: g.centre.Lon}}
	p := &route.Problem{Weights: route.Weights{Second: 1}}
	for _, s := range g.stops {
		points = append(points, *s.Household.Where)
		p.Jobs = append(p.Jobs, job(s, len(points)-1, now))
	}
	p.Places = len(points)
	p.Travel = []route.Travel{straight(points)}
	for _, c := range g.crews {
		p.Vehicles = append(p.Vehicles, vehicle(g, c, now))
	}
	return p
}

func job(s Stop, place int, now time.Time) route.Job {
	units := int32(boxes(s.Needs)) //nolint:gosec // at most 20 needs of 500
	from, to := 0, 0
	for _, n := range s.Needs {
		from = max(from, n.After)
		if n.Before > 0 && (to == 0 || n.Before < to) {
			to = n.Before
		}
	}
	service := int32(doorstep)
	if s.Household.Has(household.NoLift) || s.Household.Has(household.CannotCarry) {
		service += 240
	}
	points, _ := request.Urgency(s.Needs, s.Household, now.Sub(s.Request.At), s.Request.Calls)
	j := route.Job{Place: place, Service: service, Load: []int32{units},
		Demand: route.Demand{Priority: max(0, 4-points/20), Weight: int64(points + 1)}}
	if to == 0 {
		to = 24 * 60
	}
	if from > 0 || to < 24*60 {
		j.Windows = []route.Window{{From: int32(from * 60), To: int32(max(to, from) * 60)}}
	}
	return j
}

// boxes is the room that needs take in a vehicle, in load units.
func boxes(needs []request.Need) int {
	units := 0
	for _, n := range needs {
		per := 1
		if n.What == request.Basket || n.What == request.Water {
			per = perBox
		}
		units += per * n.Count
	}
	return units
}

func vehicle(g *gathered, c crew.Crew, now time.Time) route.Vehicle {
	earliest := int32(0)
	if now.After(g.day) && now.Before(g.day.AddDate(0, 0, 1)) {
		earliest = int32(now.Sub(g.day)/time.Second) + 15*60 //nolint:gosec // within a day
	}
	v := route.Vehicle{Start: 0, End: 0, Capacity: []int32{int32(c.Baskets * perBox)}, Trips: 1} //nolint:gosec // a vehicle's load
	start, end := c.From, c.To
	if start == 0 && end == 0 { // no shift was said: whenever they may
		end = 24 * 60
	}
	pass, loc := c.Pass != "", g.centre.Location()
	closes := closesAtMidnight(g.rules, Areas(g.centre), pass, g.day, loc)
	for _, w := range rule.Allowed(g.rules, Areas(g.centre), pass, g.day, loc) {
		from, to := max(int32(w.From), int32(start))*60, min(int32(w.To), int32(end))*60 //nolint:gosec // minutes of a day
		if w.To < 24*60 || closes {                                                      // a rule ends it: be home before
			to = min(to, int32(w.To)*60-Margin) //nolint:gosec // minutes of a day
		}
		if from = max(from, earliest); from < to {
			v.Calendar = append(v.Calendar, route.Window{From: from, To: to})
		}
	}
	if len(v.Calendar) == 0 { // never: an empty calendar would mean always
		v.Calendar = []route.Window{{From: 0, To: 0}}
	}
	return v
}

// closesAtMidnight reports whether a rule begins to bind as the day ends, as a curfew from 00:00 does.
func closesAtMidnight(rules []rule.Rule, areas []string, pass bool, day time.Time, loc *time.Location) bool {
	next := rule.Allowed(rules, areas, pass, day.AddDate(0, 0, 1), loc)
	return len(next) == 0 || next[0].From > 0
}

// straight is travel by straight lines with a detour at one speed.
func straight(points []household.Point) *route.Matrix {
	n := len(points)
	m := &route.Matrix{N: n, Sec: make([]int32, n*n), Dist: make([]int32, n*n)}
	for i, a := range points {
		for k, b := range points {
			metres := Metres(a, b) * detour
			m.Dist[i*n+k] = int32(metres)
			m.Sec[i*n+k] = int32(math.Ceil(metres / (speed / 3.6)))
		}
	}
	return m
}

// Metres is the distance between two points along the earth (haversine, mean radius).
func Metres(a, b household.Point) float64 {
	const rad = math.Pi / 180
	h := math.Pow(math.Sin((b.Lat-a.Lat)*rad/2), 2) + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Pow(math.Sin((b.Lon-a.Lon)*rad/2), 2)
	return 2 * 6_371_000 * math.Asin(math.Min(1, math.Sqrt(h)))
}

func limitKey(l route.Limit) string {
	switch l {
	case route.NoVehicle, route.NotAllowed:
		return "crew"
	case route.OverCapacity, route.TooManyStops:
		return "capacity"
	case route.OutsideWindow:
		return "window"
	case route.OutsideCalendar, route.TooLong:
		return "time"
	default:
		return "other"
	}
}

func reasonArgs(g *gathered, r route.Reason) []any {
	crewNo := 0
	if r.Vehicle >= 0 && r.Vehicle < len(g.crews) {
		crewNo = g.crews[r.Vehicle].Number
	}
	return []any{"crew", crewNo, "min", int((r.Miss + 59) / 60), "miss", int(r.Miss)}
}

// Text says in a language why the request is not in the plan.
func (u Refusal) Text(lang i18n.Lang) string {
	args := append([]any{}, u.Args...)
	for i := 1; i < len(args); i += 2 {
		switch v := args[i].(type) {
		case request.What:
			args[i] = lang.T("what." + string(v)) // i18n: what.*
		case time.Time:
			args[i] = lang.Date(v)
		}
	}
	return lang.T(u.Key, args...) // i18n: dispatch.*
}
