package dispatch

import (
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/route"
)

// border is a rule that limits entering and leaving an area, with which places of the problem lie in it. Rules of areas
// whose outline is not loaded have no border: of them it is only said that a stop is far.
type border struct {
	rule rule.Rule
	in   []bool // by place: 0 is the centre
}

// bordersOf lays the outlines of rules on entry and exit over the centre and the stops.
func (w *World) bordersOf(areas *area.Book) []border {
	on := w.Day.Format(time.DateOnly)
	var out []border
	for _, r := range w.Rules {
		if r.Kind != rule.EntryExit {
			continue
		}
		b := border{rule: r}
		known := true
		for place := range len(w.Stops) + 1 {
			p := w.point(place)
			in, ok := areas.In(rule.OutlineOf(r.Area), p[0], p[1], on)
			b.in, known = append(b.in, in), known && ok
		}
		if known {
			out = append(out, b)
		}
	}
	return out
}

// crossing returns the refusal of a way between two places, or nil.
func (w *World) crossing(b *border, from, to int, leave, arrive time.Time, pass bool) *rule.Refusal {
	if b.in[from] == b.in[to] {
		return nil
	}
	q := rule.Query{Areas: []string{b.rule.Area, outside}, From: leave, To: arrive, Pass: pass}
	for _, no := range rule.May(w.Rules, q) {
		if no.Rule.ID == b.rule.ID {
			return &no
		}
	}
	return nil
}

// outside stands for whatever lies beyond an area.
const outside = "?"

// crossed finds the ways of a route that enter or leave an area which may not be entered or left then, with the stop (from
// 0; their number is the way home) that they lead to.
func (w *World) crossed(r *route.Route, pass bool) (stops []int, nos []rule.Refusal) {
	for i := range w.borders {
		from, leave := 0, r.Depart
		for k := range len(r.Stops) + 1 {
			to, arrive, next := 0, r.Back, r.Back
			if k < len(r.Stops) {
				to, arrive, next = r.Stops[k].Place, r.Stops[k].Arrive, r.Stops[k].Leave
			}
			if no := w.crossing(&w.borders[i], from, to, at(w.Day, leave), at(w.Day, arrive), pass); no != nil {
				stops, nos = append(stops, k), append(nos, *no)
			}
			from, leave = to, next
		}
	}
	return stops, nos
}

// beyond closes to a crew the places on the other side of a border while it may not be crossed, and as long before as the
// way back takes and after as the way out does.
func (w *World) beyond(c *crew.Crew) []shut {
	var out []shut
	for i := range w.borders {
		b := &w.borders[i]
		for place := 1; place < len(b.in); place++ {
			if b.in[place] == b.in[0] {
				continue
			}
			q := rule.Query{Areas: []string{b.rule.Area, outside}, From: w.Day, To: w.Day.AddDate(0, 0, 2), Pass: c.Pass != ""}
			for _, no := range rule.May(w.Rules, q) {
				if no.Rule.ID != b.rule.ID {
					continue
				}
				travel := w.travel[travelOf(c)]
				from, to := int32(no.From.Sub(w.Day)/time.Second), int32(no.To.Sub(w.Day)/time.Second) //nolint:gosec // within two days
				back, there := max(travel.Seconds(place, 0, from), 0), max(travel.Seconds(0, place, to), 0)
				out = append(out, shut{route.Closure{Place: place, From: max(from-back, 0), To: to + there}, no})
			}
		}
	}
	return out
}

// hasBorder reports whether it is known where the area of a rule ends.
func (w *World) hasBorder(r *rule.Rule) bool {
	return slices.ContainsFunc(w.borders, func(b border) bool { return b.rule.ID == r.ID })
}
