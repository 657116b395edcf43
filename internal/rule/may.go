package rule

import (
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/area"
)

// Query asks about one crew, or one gathering, somewhere for a while.
type Query struct {
	Areas    []string  // every area it touches; more than one crosses between them; none: not known, so every area's rules count
	From, To time.Time // To not part of it; a moment where not after From
	Pass     bool      // everybody in it has a pass
	People   int       // people called together at one place; 0 where nobody is: a crew on its way is no gathering
	Lat, Lon float64   // asked of zones with a polygon; 0, 0: not known, so none of these counts
}

// Refusal says that a rule is in the way, and when.
type Refusal struct {
	Rule     Rule
	From, To time.Time // the clash: from From until before To
	Key      string    // message key
	Args     []any     // name, value pairs for the message, of no language
}

// May answers whether a crew may be there then: no refusals is yes. Rules that have ended or were superseded
// refuse nothing. Refusals are in order of time, one for each rule and stretch of time.
func May(rules []Rule, q Query) []Refusal {
	asked := span{q.From, q.To}
	if asked.empty() {
		asked.to = q.From.Add(time.Microsecond)
	}
	var out []Refusal
	for _, r := range rules {
		if !r.touches(q) || q.Pass && r.PassExempt {
			continue
		}
		for _, clash := range blocked(r, rules, q.Areas, q.Pass, asked) {
			out = append(out, refuse(r, asked, clash))
		}
	}
	slices.SortStableFunc(out, func(a, b Refusal) int { return a.From.Compare(b.From) })
	return out
}

// touches reports whether a rule is about what the query does, where it does it; areas and times come later.
func (r Rule) touches(q Query) bool {
	switch r.Kind {
	case Curfew:
		return true
	case ClosedZone:
		return len(r.Polygon) == 0 || (q.Lat != 0 || q.Lon != 0) && inside(r.Polygon, q.Lat, q.Lon)
	case EntryExit:
		return r.crossed(q.Areas)
	case Gathering:
		return q.People > r.Limit
	case Exemption:
		return false
	}
	return true // a kind from a newer version: somebody has to look
}

// crossed reports whether a way through areas enters or leaves the rule's.
func (r Rule) crossed(areas []string) bool {
	other := func(a string) bool { return a != areas[0] }
	return len(areas) > 1 && slices.ContainsFunc(areas, other) && (r.Area == "" || slices.Contains(areas, r.Area))
}

// blocked returns when within asked the rule binds in at least one of the areas, exemptions taken off.
func blocked(r Rule, rules []Rule, areas []string, pass bool, asked span) []span {
	open := r.windows(asked)
	if len(open) == 0 {
		return nil
	}
	if len(areas) == 0 {
		areas = []string{r.Area}
	}
	var out []span
	for _, a := range areas {
		if !r.over(a) {
			continue
		}
		var free []span
		for _, x := range rules {
			if x.Kind == Exemption && (x.Area == "" || x.Area == a) && (pass || !x.PassExempt) {
				free = append(free, x.windows(asked)...)
			}
		}
		out = append(out, without(open, free)...)
	}
	return union(out)
}

// over reports whether the rule's area is the one of this code. One that somebody typed in words is understood too, and by
// its main town: a centre in Abai is bound by what was written for Semey.
func (r Rule) over(code string) bool {
	if r.Area == "" || r.Area == code {
		return true
	}
	if KnownArea(r.Area) || !KnownArea(code) {
		return false
	}
	k, ok := area.Find(r.Area)
	if !ok {
		k, ok = area.OfTown(r.Area)
	}
	return ok && k.Code == code
}

// Window is a stretch of a day in minutes from its midnight, To not part of it.
type Window struct{ From, To int }

// Allowed returns when on a day somebody may be outside in areas: the day's minutes in loc without curfews
// and without zones that close a whole area. day is any moment of that day. No areas means that the area is
// not known, so every area's rules count. What a rule touches of a minute is closed.
func Allowed(rules []Rule, areas []string, pass bool, day time.Time, loc *time.Location) []Window {
	y, m, d := day.In(loc).Date()
	whole := span{time.Date(y, m, d, 0, 0, 0, 0, loc), time.Date(y, m, d+1, 0, 0, 0, 0, loc)}
	var closed []span
	for _, r := range rules {
		if pass && r.PassExempt || r.Kind != Curfew && (r.Kind != ClosedZone || len(r.Polygon) > 0) {
			continue
		}
		closed = append(closed, blocked(r, rules, areas, pass, whole)...)
	}
	var out []Window
	for _, s := range without([]span{whole}, union(closed)) {
		w := Window{int((s.from.Sub(whole.from) + time.Minute - 1) / time.Minute), int(s.to.Sub(whole.from) / time.Minute)}
		if w.From < w.To {
			out = append(out, w)
		}
	}
	return out
}

// Zone is a polygon that may not be entered for a time.
type Zone struct {
	Rule     Rule
	From, To time.Time // To not part of it
}

// Zones returns the closed zones with a polygon that bind in areas between two moments, exemptions taken off; one for each
// stretch of time. No areas means that the area is not known, so every area's rules count.
func Zones(rules []Rule, areas []string, pass bool, from, to time.Time) []Zone {
	var out []Zone
	for _, r := range rules {
		if r.Kind != ClosedZone || len(r.Polygon) == 0 || pass && r.PassExempt {
			continue
		}
		for _, s := range blocked(r, rules, areas, pass, span{from, to}) {
			out = append(out, Zone{r, s.from, s.to})
		}
	}
	return out
}

// Crossed reports whether the straight line between two points (latitude, longitude) touches the rule's polygon.
func (r *Rule) Crossed(a, b [2]float64) bool {
	if len(r.Polygon) == 0 {
		return false
	}
	if inside(r.Polygon, a[0], a[1]) || inside(r.Polygon, b[0], b[1]) {
		return true
	}
	for i, p := range r.Polygon {
		if crosses(a, b, p, r.Polygon[(i+1)%len(r.Polygon)]) {
			return true
		}
	}
	return false
}

// crosses reports whether two straight lines cut each other.
func crosses(a, b, c, d [2]float64) bool {
	side := func(p, q, r [2]float64) float64 { return (q[0]-p[0])*(r[1]-p[1]) - (q[1]-p[1])*(r[0]-p[0]) }
	return side(a, b, c)*side(a, b, d) <= 0 && side(c, d, a)*side(c, d, b) <= 0
}
