package dispatch

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/route"
)

// Refusal is why a request is in no run, in a message key with its arguments.
type Refusal struct {
	Stop Stop
	Key  string
	Args []any
	Free bool  // it is ready, and may be put into a run by hand
	By   id.ID // who took it out
}

// Fault is what is wrong with a run: a message key with its arguments, and what would help.
type Fault struct {
	Stop int // from 0; the number of stops for the way home
	Key  string
	Args []any
	No   *rule.Refusal // the rule itself, where it is one
	Ways []Way
}

// Way is a way out of a fault.
type Way struct {
	Key  string
	Args []any
}

// Text says in a language why the request is not in the plan.
func (u Refusal) Text(lang i18n.Lang) string {
	return say(lang, u.Key, u.Args)
}

// Text says in a language which rule is in the way, when, and what helps.
func (f Fault) Text(lang i18n.Lang) string {
	text := say(lang, f.Key, f.Args)
	if f.No != nil {
		text += " " + f.No.Text(lang)
	}
	ways := make([]string, 0, len(f.Ways))
	for _, w := range f.Ways {
		ways = append(ways, say(lang, w.Key, w.Args))
	}
	if len(ways) == 0 {
		return text
	}
	return text + " " + lang.T("plan.ways", "ways", strings.Join(ways, "; "))
}

// say puts arguments that are kinds of things and rules into words, too.
func say(lang i18n.Lang, key string, args []any) string {
	args = slices.Clone(args)
	for i := 1; i < len(args); i += 2 {
		switch v := args[i].(type) {
		case request.What:
			args[i] = lang.T("what." + string(v)) // i18n: what.*
		case time.Time:
			args[i] = lang.Date(v)
		case time.Duration:
			args[i] = lang.Span(v)
		case ending:
			args[i] = v.text(lang)
		case rule.Refusal:
			args[i] = v.Text(lang)
		}
	}
	return lang.T(key, args...) // i18n: dispatch.*
}

// text names what ends a stretch: "curfew in Almaty".
func (e ending) text(lang i18n.Lang) string {
	if e.why == "rule" && e.rule != nil {
		return lang.T("plan.end.rule", "rule", e.rule.Kind.Name(lang), "area", rule.AreaName(lang, e.rule.Area))
	}
	return lang.T("plan.end." + e.why) // i18n: plan.end.*
}

// clockOf writes seconds from the day's midnight as a time of day.
func clockOf(seconds int32) string {
	m := int(seconds) / 60
	two := func(n int) string { return strconv.Itoa(n/10) + strconv.Itoa(n%10) }
	return two(m/60%24) + ":" + two(m%60)
}

// minuteAfter writes what is too late, to the next full minute: what is late by seconds is not said to be in time.
func minuteAfter(seconds int32) string { return clockOf((seconds + 59) / 60 * 60) }

// faults puts what the engine and the rules find in a run into words.
func (t *Timetable) faults(r *Timed, broken []route.Violation, words bool) []Fault {
	var out []Fault
	seen := map[string]bool{}
	for _, v := range broken {
		f := t.fault(r, v, words)
		if !seen[f.Key] { // one sentence for each way in which a run is wrong: the first stop tells
			out = append(out, f)
		}
		seen[f.Key] = true
	}
	if len(out) > 0 || !words {
		return out
	}
	p := &Proposal{Day: t.Day, Crews: []crew.Crew{*r.Crew}, Stops: t.Stops, Routes: []route.Route{r.Route}, centre: t.Centre}
	p.Routes[0].Vehicle = 0
	for _, no := range p.forbidden(t.Rules) {
		out = append(out, Fault{Key: "plan.no.rule", Args: []any{"crew", r.Crew.Number}, No: &no})
	}
	stops, nos := t.crossed(&r.Route, r.Crew.Pass != "")
	for i, k := range stops {
		out = append(out, Fault{Stop: r.place(k), Key: "plan.no.border", Args: []any{"crew", r.Crew.Number, "stop", r.place(k) + 1, "at", clockOf(r.Route.Depart)}, No: &nos[i], Ways: t.withPass()})
	}
	return out
}

// place turns a place among a route's stops into one among the run's, reloads left out.
func (r *Timed) place(k int) int {
	n := 0
	for i := 0; i < k && i < len(r.Route.Stops); i++ {
		if r.Route.Stops[i].Kind == route.Serve {
			n++
		}
	}
	return n
}

func (t *Timetable) fault(r *Timed, v route.Violation, words bool) Fault {
	f := Fault{Stop: r.place(max(v.Stop, 0)), Key: "plan.no.other", Args: []any{"crew", r.Crew.Number}}
	switch v.Limit { //nolint:exhaustive // the rest share the last words
	case route.OutsideCalendar, route.TooLong:
		f = t.tooLate(r, f)
		if words {
			f.Ways = t.waysHome(r)
		}
	case route.OutsideWindow:
		_, to := t.Stops[r.Route.Stops[v.Stop].Index].window()
		f.Key = "plan.no.window"
		f.Args = append(f.Args, "stop", f.Stop+1, "at", minuteAfter(r.Route.Stops[v.Stop].Arrive), "by", clockOf(seconds(to)))
		f.Ways = []Way{{Key: "plan.way.earlier_place"}, {Key: "plan.way.other_crew"}}
	case route.OverCapacity:
		f.Key = "plan.no.capacity"
		f.Args = append(f.Args, "n", int(v.Miss), "takes", r.Crew.Baskets)
		f.Ways = []Way{{Key: "plan.way.other_crew"}, {Key: "plan.way.new_trip"}}
	case route.LacksSkill:
		f.Key = t.lacks(r, v)
		f.Args = append(f.Args, "stop", f.Stop+1)
		f.Ways = []Way{{Key: "plan.way.other_crew"}}
	case route.MixedClass:
		f.Key = "plan.no.mixed"
	case route.ClosedThere:
		f.Key = "plan.no.zone"
		f.Args = append(f.Args, "stop", f.Stop+1, "at", clockOf(r.Route.Stops[v.Stop].Arrive))
		if f.No = t.zoneAt(r.Route.Stops[v.Stop].Place, r.Crew.Pass != ""); f.No == nil {
			f.Key, f.No = "plan.no.border", t.borderAt(r.Route.Stops[v.Stop].Place, r.Crew)
			f.Ways = t.withPass()
		}
	}
	return f
}

// lacks says what a crew is not that a stop asks for.
func (t *Timetable) lacks(r *Timed, v route.Violation) string {
	return "plan.no." + missing(t.problem.Jobs[r.Route.Stops[v.Stop].Index].Skills&^t.problem.Vehicles[r.vehicle].Skills) // i18n: plan.no.*
}

func (t *Timetable) zoneAt(place int, pass bool) *rule.Refusal {
	for _, z := range t.closed[pass] {
		if z.Place == place {
			return &z.no
		}
	}
	return nil
}

// borderAt is the rule on entry and exit that keeps a crew from a place; nil where there is none.
func (t *Timetable) borderAt(place int, c *crew.Crew) *rule.Refusal {
	for _, z := range t.beyond(c) {
		if z.Place == place {
			return &z.no
		}
	}
	return nil
}

// tooLate says what the run is not home before.
func (t *Timetable) tooLate(r *Timed, f Fault) Fault {
	stretches := t.out[r.vehicle]
	f.Stop = len(r.Stops)
	if len(stretches) == 0 {
		f.Key = "plan.no.time_left"
		return f
	}
	last := stretches[len(stretches)-1]
	f.Key = "plan.no.home"
	f.Args = append(f.Args, "at", minuteAfter(r.Route.Back), "what", last.end, "from", clockOf(last.end.at), "margin", (last.end.at-last.To)/60)
	if last.end.why != "rule" {
		f.Key = "plan.no.shift"
	}
	return f
}

// waysHome finds what would bring the run home in time.
func (t *Timetable) waysHome(r *Timed) []Way {
	stretches := t.out[r.vehicle]
	if len(stretches) == 0 {
		return []Way{{Key: "plan.way.other_crew"}}
	}
	var out []Way
	if n, ok := t.spare(r); ok {
		out = append(out, Way{"plan.way.drop", []any{"n", n + 1}})
	}
	if early := t.earlier(r, stretches[0]); early > 0 {
		out = append(out, Way{"plan.way.start", []any{"min", early}})
	}
	if last := stretches[len(stretches)-1]; last.end.why == "rule" && last.end.rule != nil && last.end.rule.PassExempt {
		return append(out, t.withPass()...)
	}
	return append(out, Way{Key: "plan.way.other_crew"})
}

// spare finds the last stop without which the run is home in time.
func (t *Timetable) spare(r *Timed) (int, bool) {
	for i := len(r.Stops) - 1; i >= 0 && len(r.Stops) > 1; i-- {
		left := slices.Delete(slices.Clone(r.Stops), i, i+1)
		if back := t.back(r, left); back >= 0 {
			return i, true
		}
	}
	return 0, false
}

// back drives the vehicle through a sequence and returns when it is home, or -1 where anything is in the way.
func (t *Timetable) back(r *Timed, stops []DraftStop) int32 {
	out, broken, err := route.Evaluate(t.problem, r.vehicle, t.visits(stops))
	if err != nil || len(broken) > 0 {
		return -1
	}
	return out.Back
}

// earlier is by how many minutes the crew would have to start before its shift to be home in time; 0 where it
// cannot.
func (t *Timetable) earlier(r *Timed, first stretch) int {
	opens := t.earliest(t.Now)
	for _, a := range t.allowed(r.Crew.Pass != "") {
		if seconds(a.From) <= first.From && first.From <= seconds(a.To) {
			opens = max(opens, seconds(a.From))
		}
	}
	const half = 30 * 60
	for from := first.From - half; from >= opens && first.From-from <= 4*3600; from -= half {
		v := t.problem.Vehicles[r.vehicle]
		v.Calendar = slices.Clone(v.Calendar)
		v.Calendar[0].From = from
		p := *t.problem
		p.Vehicles = slices.Clone(p.Vehicles)
		p.Vehicles[r.vehicle] = v
		try := *t
		try.problem = &p
		if try.back(r, r.Stops) >= 0 {
			return int(first.From-from) / 60
		}
	}
	return 0
}

// withPass names crews that may be out then.
func (t *Timetable) withPass() []Way {
	var out []string
	for i := range t.Runs {
		if c := t.Runs[i].Crew; c.Pass != "" {
			out = append(out, strconv.Itoa(c.Number))
		}
	}
	if len(out) == 0 {
		return []Way{{Key: "plan.way.get_pass"}}
	}
	return []Way{{"plan.way.pass", []any{"crews", strings.Join(out, ", ")}}}
}

// before is the minute of the day until which a stop's needs are wanted; 0: none is.
func (s *Stop) before() int {
	by := 0
	for _, n := range s.Needs {
		if n.Before > 0 && (by == 0 || n.Before < by) {
			by = n.Before
		}
	}
	return by
}

// limit puts the engine's reason for leaving a stop out into a key with its arguments.
func (t *Timetable) limit(i int, why route.Reason) (key string, args []any) {
	no := 0
	if why.Vehicle >= 0 && why.Vehicle < len(t.Runs) {
		no = t.Runs[why.Vehicle].Crew.Number
	}
	args = []any{"crew", no, "span", max(time.Duration(why.Miss)*time.Second, time.Minute), "miss", int(why.Miss)}
	name := "other"
	switch why.Limit { //nolint:exhaustive // the rest share the last words
	case route.NoVehicle, route.NotAllowed:
		name = "crew"
	case route.LacksSkill:
		name = t.limitSkill(i)
	case route.OverCapacity, route.TooManyStops:
		name = "capacity"
	case route.OutsideWindow:
		name = "window"
		if by := t.Stops[i].before(); by > 0 && !t.Now.Before(t.Day.Add(time.Duration(by)*time.Minute)) {
			name, args = "past", []any{"before", t.Day.Add(time.Duration(by) * time.Minute).Format("15:04")}
		}
	case route.OutsideCalendar, route.TooLong:
		return t.limitTime(why.Vehicle, args)
	case route.ClosedThere:
		name = "zone"
		if no := t.zoneAt(i+1, false); no != nil {
			args = append(args, "window", no.Rule.Window())
		} else if no := t.borderAt(i+1, &crew.Crew{}); no != nil {
			return "dispatch.limit.border", append(args, "window", no.Rule.Window(), "rule", *no)
		}
	case route.StillFits:
		name = "fits"
	}
	return "dispatch.limit." + name, args
}

// limitTime says what ends the time of the crew that came nearest: its shift, or a rule by which it must be home.
func (t *Timetable) limitTime(vehicle int, args []any) (key string, all []any) {
	if vehicle < 0 || vehicle >= len(t.out) || len(t.out[vehicle]) == 0 {
		return "dispatch.limit.time", args
	}
	last := t.out[vehicle][len(t.out[vehicle])-1]
	args = append(args, "what", last.end, "from", clockOf(last.end.at), "margin", (last.end.at-last.To)/60)
	switch {
	case last.end.why != "rule":
		return "dispatch.limit.shift", args
	case last.end.rule != nil && last.end.rule.PassExempt:
		return "dispatch.limit.curfew_pass", args
	}
	return "dispatch.limit.curfew", args
}

func (t *Timetable) limitSkill(i int) string {
	have := uint64(0)
	for _, v := range t.problem.Vehicles {
		have |= v.Skills
	}
	want := t.problem.Jobs[i].Skills
	if want&^have == 0 {
		return "together"
	}
	return missing(want &^ have)
}

// Round is a way that takes longer because a zone is closed.
type Round struct {
	Stop    int // from 0, of the run's stops; their number is the way home
	Seconds int32
}

// crossings finds the ways whose straight line crosses a zone that is closed when the crew is under way. By road they
// lead round it, and it is said how much longer that is; without roads it is only said that one has to.
func (t *Timetable) crossings(r *Timed) (cross []int, round []Round) {
	from, leave := 0, r.Route.Depart
	for k := range len(r.Route.Stops) + 1 {
		to, arrive := 0, r.Route.Back
		if k < len(r.Route.Stops) {
			to, arrive = r.Route.Stops[k].Place, r.Route.Stops[k].Arrive
		}
		q := rule.Query{Areas: Areas(t.Centre), From: at(t.Day, leave), To: at(t.Day, arrive), Pass: r.Crew.Pass != ""}
		if t.onRoad(from, to) {
			if more := t.travel[travelOf(r.Crew)].Seconds(from, to, leave) - t.free.Seconds(from, to, leave); more >= 60 {
				round = append(round, Round{r.place(k), more})
			}
		} else if t.crossesZone(from, to, q) {
			cross = append(cross, r.place(k))
		}
		if k < len(r.Route.Stops) {
			from, leave = to, r.Route.Stops[k].Leave
		}
	}
	return cross, round
}

// onRoad reports whether the way between two places is one by road.
func (t *Timetable) onRoad(from, to int) bool {
	b, ok := t.free.(*byRoad)
	return ok && !b.far[from] && !b.far[to]
}

// farAway is how many metres from the centre a stop may lie in another area. Where no outline of the area is
// loaded nothing is refused for it: the crew is told to ask.
const farAway = 20_000

// farOut finds the stops of a crew without a pass that may lie beyond a border which may not be crossed then.
func (t *Timetable) farOut(r *Timed) []int {
	var out []int
	home := household.Point{Lat: t.Centre.Lat, Lon: t.Centre.Lon}
	for k, s := range r.Times() {
		if Metres(home, *t.Stops[s.Index].Household.Where) < farAway {
			continue
		}
		q := rule.Query{Areas: []string{t.Centre.Area, "?"}, From: at(t.Day, r.Route.Depart), To: at(t.Day, r.Route.Back), Pass: r.Crew.Pass != ""}
		if slices.ContainsFunc(rule.May(t.Rules, q), func(no rule.Refusal) bool { return no.Rule.Kind == rule.EntryExit && !t.hasBorder(&no.Rule) }) {
			out = append(out, k)
		}
	}
	return out
}

func (t *Timetable) crossesZone(from, to int, q rule.Query) bool {
	a, b := t.point(from), t.point(to)
	for i := range t.Rules {
		z := &t.Rules[i]
		if z.Kind != rule.ClosedZone || !z.Crossed(a, b) {
			continue
		}
		whole := *z
		whole.Polygon = nil // the line is in it somewhere: ask of the whole
		if len(rule.May([]rule.Rule{whole}, q)) > 0 {
			return true
		}
	}
	return false
}

// point is where a place of the problem lies.
func (w *World) point(place int) [2]float64 {
	if place == 0 {
		return [2]float64{w.Centre.Lat, w.Centre.Lon}
	}
	p := w.Stops[place-1].Household.Where
	return [2]float64{p.Lat, p.Lon}
}

// Point is where a place of a route's stop lies, in degrees: latitude, longitude. Place 0 is the centre.
func (t *Timetable) Point(place int) [2]float64 { return t.point(place) }

// Clock writes seconds from the day's midnight as a time of day.
func (t *Timetable) Clock(seconds int32) string { return at(t.Day, seconds).Format("15:04") }

// At is the moment of seconds from the day's midnight.
func (t *Timetable) At(seconds int32) time.Time { return at(t.Day, seconds) }
