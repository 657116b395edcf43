// Package way tells the way between two doors in detail: the line of it on a map, and what a crew reads of it on paper. It
// goes by road where there is an extract, around the zones that are closed when one leaves; it reckons no tables and plans
// nothing.
package way

import (
	"time"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/roads"
)

// Paths are the ways of one day. They are for one goroutine; nil Paths know no road.
type Paths struct{ drives *roads.Drives }

// On returns the ways of a day (midnight in the centre's zone); n may be nil.
func On(n *roads.Network, day time.Time, zones []rule.Zone) *Paths {
	if n == nil {
		return nil
	}
	return &Paths{n.Drives(roads.Car, Weekday(day), Shut(day, zones)...)}
}

// Weekday is a day's in the engine's terms: 0 is Monday.
func Weekday(day time.Time) int { return (int(day.Weekday()) + 6) % 7 }

// Shut puts zones into the engine's terms: rings, and minutes from the day's midnight.
func Shut(day time.Time, zones []rule.Zone) []roads.Shut {
	var out []roads.Shut
	for _, z := range zones {
		s := roads.Shut{From: int(z.From.Sub(day) / time.Minute), To: int((z.To.Sub(day) + time.Minute - 1) / time.Minute)}
		for _, p := range z.Rule.Polygon {
			s.Ring = append(s.Ring, roads.Point{Lat: p[0], Lon: p[1]})
		}
		out = append(out, s)
	}
	return out
}

// Leg is the way from one door to the next.
type Leg struct {
	Line   [][2]float64 // from door to door: latitude, longitude
	Metres int32

	route roads.Route
}

// Leg returns the way for who leaves at a second from the day's midnight; false where no road is known.
func (p *Paths) Leg(from, to household.Point, leave int32) (Leg, bool) {
	if p == nil {
		return Leg{}, false
	}
	r, ok := p.drives.Route(roads.Point{Lat: from.Lat, Lon: from.Lon}, roads.Point{Lat: to.Lat, Lon: to.Lon}, int(leave/60))
	if !ok {
		return Leg{}, false
	}
	l := Leg{Metres: r.Metres, route: r, Line: make([][2]float64, 0, len(r.Shape)+2)}
	l.Line = append(l.Line, [2]float64{from.Lat, from.Lon})
	for _, q := range r.Shape {
		l.Line = append(l.Line, [2]float64{q.Lat, q.Lon})
	}
	l.Line = append(l.Line, [2]float64{to.Lat, to.Lon})
	return l, true
}

// Visit is a door, and when one leaves it in seconds from the day's midnight.
type Visit struct {
	household.Point

	Leave int32
}

// Line is the way over doors in their order: by road where there is one, straight where there is none.
func (p *Paths) Line(doors []Visit) [][2]float64 {
	var out [][2]float64
	for i, to := range doors {
		if i > 0 {
			if l, ok := p.Leg(doors[i-1].Point, to.Point, doors[i-1].Leave); ok {
				out = append(out, l.Line[1:]...)
				continue
			}
		}
		out = append(out, [2]float64{to.Lat, to.Lon})
	}
	return out
}
