package dispatch

import (
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/route"
)

// How things are reckoned.
const (
	Margin   = 20 * 60 // seconds that a crew is home before a curfew
	doorstep = 8 * 60  // seconds at a door
	upstairs = 4 * 60  // more where it is carried up
	reload   = 20 * 60 // seconds at the centre between two trips
	maxTrips = 3       // of one crew in one plan
	notice   = 15 * 60 // seconds that a crew gets before it leaves
	keeps    = 20 * 60 // seconds for which a plan of today stays good while people look at it
	perBox   = 4       // load units of a basket; smaller things are one
	steps    = 50      // of the solver for each stop, within two bounds; three hundred needs take one or two seconds
	minSteps = 6_000
	maxSteps = 20_000
)

// problem puts the world into the engine's numbers, for the crews of these places in w.Crews. Place 0 is the
// centre, job i is stop i; pins says which vehicle a job is for.
func (w *World) problem(crews []int, pins map[int]int, l leaving) *route.Problem {
	p := &route.Problem{Places: len(w.Stops) + 1, Travel: w.travel, Weights: route.Weights{Second: 1}}
	for i := range w.Stops {
		j := job(&w.Stops[i], i+1)
		if v, ok := pins[i]; ok {
			j.Only, j.Priority, j.Weight = []int{v}, 0, 1000 // somebody wants it there: it does not fall out for others
		}
		p.Jobs = append(p.Jobs, j)
	}
	for _, c := range crews {
		p.Vehicles = append(p.Vehicles, w.vehicle(&w.Crews[c], l))
	}
	return p
}

func job(s *Stop, place int) route.Job {
	from, to := s.window()
	service := int32(doorstep)
	if s.Household.Has(household.NoLift) || s.Household.Has(household.CannotCarry) {
		service += upstairs
	}
	j := route.Job{Place: place, Service: service, Load: []int32{int32(s.Units())}, //nolint:gosec // at most 20 needs of 500
		Demand: route.Demand{Priority: max(0, 4-s.points/20), Weight: int64(s.points + 1), Skills: s.asks()}}
	if s.Household.Post {
		j.Class = 1
	}
	if from > 0 || to < 24*60 {
		j.Windows = []route.Window{{From: seconds(from), To: seconds(max(to, from))}}
	}
	return j
}

// window is when the stop may be served, in minutes from midnight.
func (s *Stop) window() (from, to int) {
	for _, n := range s.Needs {
		from = max(from, n.After)
		if n.Before > 0 && (to == 0 || n.Before < to) {
			to = n.Before
		}
	}
	if to == 0 {
		to = 24 * 60
	}
	return from, to
}

func (w *World) vehicle(c *crew.Crew, l leaving) route.Vehicle {
	v := route.Vehicle{Start: 0, End: 0, Capacity: []int32{int32(c.Baskets * perBox)}, //nolint:gosec // a vehicle's load
		Skills: toHomes, Trips: maxTrips, Depot: 0, Reload: reload, Profile: travelOf(c)}
	if c.Posts {
		v.Skills = toPosts
	}
	if len(c.Members) > 1 {
		v.Skills |= byTwo
	}
	v.Skills |= w.can[c.ID.ID] & asksMembers
	for _, s := range w.stretches(c, l) {
		v.Calendar = append(v.Calendar, s.Window)
	}
	if len(v.Calendar) == 0 { // never: an empty calendar would mean always
		v.Calendar = []route.Window{{From: 0, To: 0}}
	}
	for _, z := range slices.Concat(w.closed[c.Pass != ""], w.beyond(c)) {
		v.Closed = append(v.Closed, z.Closure)
	}
	return v
}

// ending is what ends a stretch in which a crew may be out.
type ending struct {
	why  string // "rule", "shift", "break"
	at   int32  // when it begins; the margin before a rule is not taken off
	rule *rule.Rule
}

// stretch is a time in which a crew may be out, and what ends it.
type stretch struct {
	route.Window
	end ending
}

// stretches returns when a crew may be out: its shift without its break, as far as the rules allow it, from
// when it can leave, and home some time before a rule begins. Where rules cut the shift in two it is
// the longer part: nobody waits in the street for a curfew to end.
func (w *World) stretches(c *crew.Crew, l leaving) []stretch {
	var best []stretch
	longest := int32(0)
	for _, a := range w.allowed(c.Pass != "") {
		long, parts := int32(0), w.within(c, a, l)
		for _, p := range parts {
			long += p.To - p.From
		}
		if long > longest {
			best, longest = parts, long
		}
	}
	return best
}

// within is a crew's shift in one window that the rules leave open.
func (w *World) within(c *crew.Crew, open rule.Window, l leaving) []stretch {
	start, end := seconds(c.From), seconds(c.To)
	if start == 0 && end == 0 { // no shift was said: whenever they may
		end = daily
	}
	s := stretch{Window: route.Window{From: max(seconds(open.From), start), To: end}, end: ending{why: "shift", at: end}}
	if by := seconds(open.To) - Margin; open.To < 48*60 && by < s.To {
		s.To, s.end = by, ending{why: "rule", at: seconds(open.To), rule: w.ruleAt(open.To, c.Pass != "")}
	}
	var out []stretch
	for _, part := range s.without(seconds(c.BreakFrom), seconds(c.BreakTo)) {
		if part.From = l.from(part.From); part.From < part.To {
			out = append(out, part)
		}
	}
	return out
}

// seconds turns minutes from midnight into seconds.
func seconds(minutes int) int32 { return int32(minutes) * 60 } //nolint:gosec // minutes of two days

// without cuts a break out of a stretch.
func (s stretch) without(from, to int32) []stretch {
	if from >= to || to <= s.From || from >= s.To {
		return []stretch{s}
	}
	before, after := s, s
	before.To, before.end = from, ending{why: "break", at: from}
	after.From = to
	return []stretch{before, after}
}

// leaving says when crews can leave, in seconds from the day's midnight. What a plan says holds until it is past:
// times that people have before their eyes do not slide with the clock.
type leaving struct {
	planned int32 // nobody leaves before it
	now     int32 // who should have left before it …
	soonest int32 // … leaves then
}

func (l leaving) from(opens int32) int32 {
	if opens = max(opens, l.planned); opens < l.now {
		return l.soonest
	}
	return opens
}

// leaving is how crews of a draft can leave.
func (w *World) leaving(d *Draft, now time.Time) leaving {
	l := leaving{planned: d.From, soonest: w.earliest(now)}
	if l.soonest > 0 {
		l.now = int32((now.Sub(w.Day) + time.Second - 1) / time.Second) //nolint:gosec // within a day
	}
	return l
}

// tight is when crews leave of which a plan is made: so late that it is still good when somebody has looked at it.
func (w *World) tight(now time.Time) leaving {
	if soonest := w.earliest(now); soonest > 0 {
		return leaving{planned: soonest + keeps}
	}
	return leaving{}
}

// earliest is when a crew can leave at the earliest: not before now, with some notice, to five minutes.
func (w *World) earliest(now time.Time) int32 {
	if now.Before(w.Day) || !now.Before(w.Day.AddDate(0, 0, 1)) {
		return 0
	}
	const five = 300
	return (int32(now.Sub(w.Day)/time.Second) + notice + five - 1) / five * five //nolint:gosec // within a day
}

// allowed returns when somebody may be outside on the day and the next, in minutes from the day's midnight.
func (w *World) allowed(pass bool) []rule.Window {
	loc := w.Centre.Location()
	var out []rule.Window
	for n := range 2 {
		for _, a := range rule.Allowed(w.Rules, Areas(w.Centre), pass, w.Day.AddDate(0, 0, n), loc) {
			a.From, a.To = a.From+n*24*60, a.To+n*24*60
			if k := len(out) - 1; k >= 0 && out[k].To == a.From {
				out[k].To = a.To
			} else {
				out = append(out, a)
			}
		}
	}
	return out
}

// ruleAt finds the rule that begins to bind at a minute.
func (w *World) ruleAt(minute int, pass bool) *rule.Rule {
	from := at(w.Day, seconds(minute))
	for _, no := range rule.May(w.Rules, rule.Query{Areas: Areas(w.Centre), From: from, To: from.Add(time.Minute), Pass: pass}) {
		if binds(no.Rule.Kind) {
			return &no.Rule
		}
	}
	return nil
}

// binds reports whether a rule of the kind is in the way of a crew wherever in the area it is.
func binds(k rule.Kind) bool { return k == rule.Curfew || k == rule.ClosedZone }

// shut is a stop's place in a zone that is closed, with the rule.
type shut struct {
	route.Closure
	no rule.Refusal
}

// closures finds the stops that lie in zones closed by a polygon, and when.
func (w *World) closures(pass bool) []shut {
	var zones []rule.Rule
	for _, r := range w.Rules {
		if r.Kind == rule.Exemption || r.Kind == rule.ClosedZone && len(r.Polygon) > 0 {
			zones = append(zones, r)
		}
	}
	if !slices.ContainsFunc(zones, func(r rule.Rule) bool { return r.Kind == rule.ClosedZone }) {
		return nil
	}
	var out []shut
	for i := range w.Stops {
		p := w.Stops[i].Household.Where
		q := rule.Query{Areas: Areas(w.Centre), From: w.Day, To: w.Day.AddDate(0, 0, 2), Pass: pass, Lat: p.Lat, Lon: p.Lon}
		for _, no := range rule.May(zones, q) {
			from, to := no.From.Sub(w.Day)/time.Second, no.To.Sub(w.Day)/time.Second
			out = append(out, shut{route.Closure{Place: i + 1, From: int32(from), To: int32(to)}, no}) //nolint:gosec // within two days
		}
	}
	return out
}
