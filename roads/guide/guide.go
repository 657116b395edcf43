// Package guide tells a way by road as a driver hears it: how to turn into which street, and how far along it. It knows
// no language: words are for who prints them.
package guide

import (
	"math"

	"github.com/jumyla/jumyla/roads"
)

// Turn is how one goes on from one street into the next.
type Turn uint8

// The turns.
const (
	Ahead Turn = iota
	Right
	Left
	Back
)

// String is the turn's name in lower case.
func (t Turn) String() string { return [...]string{"ahead", "right", "left", "back"}[t] }

// Stretch is a piece of a way as one tells it to a driver: how to turn into it, what it is called, how far it goes.
type Stretch struct {
	Turn         Turn // into it; of the first it means nothing
	Roundabout   bool // one comes into it through a roundabout
	Ferry        bool
	Heading      float64 // degrees from north, clockwise, at its beginning
	Name, KK, RU string  // as the extract has them; "" where the street has none
	Metres       int32   // along it, with the crossing at its end
}

const (
	look     = 30  // metres on either side of a corner by which a turn is judged
	least    = 5   // metres under which the last piece is the corner itself
	link     = 45  // metres up to which a nameless piece between two streets is a part of their crossing
	middle   = 25  // metres up to which any piece is
	straight = 35  // degrees up to which one goes straight on
	corner   = 55  // degrees from which on the way turns within one street
	reverse  = 150 // degrees from which on one drives back
)

func nameless(p roads.Pavement) bool { return p.Name == "" && p.KK == "" && p.RU == "" && !p.Ferry }

// told is a run of joints that are told as one, by its places in the shape.
type told struct {
	roads.Pavement

	from, to int
	enter    int // where one leaves what was before
	metres   float64
	through  bool // a roundabout
}

// route is a way with its parts.
type route struct{ roads.Route }

// Stretches tells the way to a driver: streets of one name as one, unless the way turns within them, crossings and
// roundabouts as a part of the turn that they are.
func Stretches(way roads.Route) []Stretch {
	r := &route{way}
	pieces := r.fold(r.pieces())
	out := make([]Stretch, len(pieces))
	for i, p := range pieces {
		s := Stretch{Roundabout: p.through, Ferry: p.Ferry, Name: p.Name, KK: p.KK, RU: p.RU, Heading: r.heading(p.from, p.to), Metres: int32(math.Round(p.metres))}
		if i > 0 {
			s.Turn = turnOf(s.Heading - r.heading(p.enter, pieces[i-1].from))
		}
		out[i] = s
	}
	return out
}

// pieces cuts the shape where the street changes, and at corners within a street.
func (r *route) pieces() []told {
	var out []told
	for k, j := range r.Joints {
		end := len(r.Shape) - 1
		if k+1 < len(r.Joints) {
			end = r.Joints[k+1].At
		}
		from := j.At
		if end <= from {
			continue
		}
		p := told{Pavement: j.Pavement, from: from, to: end, enter: from, metres: r.length(from, end)}
		if n := len(out); n > 0 && out[n-1].Pavement == j.Pavement && (j.Roundabout || r.bends(out[n-1].from, from, from, end) < corner) {
			out[n-1].to, out[n-1].metres = end, out[n-1].metres+p.metres
			continue
		}
		out = append(out, p)
	}
	return out
}

// fold makes roundabouts and short nameless pieces a part of the turn into the street that follows, and joins a street
// that goes straight on behind them.
func (r *route) fold(in []told) []told {
	var out []told
	enter, through := -1, false // of a crossing under way
	for i, p := range in {
		n := len(out)
		if n > 0 && i+1 == len(in) && p.metres < least {
			out[n-1].to, out[n-1].metres = p.to, out[n-1].metres+p.metres
			continue
		}
		if n > 0 && i+1 < len(in) && (p.Roundabout || p.metres <= middle || nameless(p.Pavement) && p.metres <= link) {
			if enter < 0 {
				enter = p.from
			}
			through = through || p.Roundabout
			out[n-1].metres += p.metres
			continue
		}
		if enter >= 0 {
			p.enter, p.through = enter, through
		}
		enter, through = -1, false
		if n > 0 && out[n-1].Pavement == p.Pavement && !p.through && r.bends(out[n-1].from, p.enter, p.from, p.to) < corner {
			out[n-1].to, out[n-1].metres = p.to, out[n-1].metres+p.metres
			continue
		}
		out = append(out, p)
	}
	return out
}

// bends is by how many degrees the way turns between a piece that ends at enter and one that begins at from.
func (r *route) bends(start, enter, from, end int) float64 {
	return math.Abs(bend(r.heading(from, end) - r.heading(enter, start)))
}

func (r *route) length(from, to int) (metres float64) {
	for i := from; i < to; i++ {
		metres += between(r.Shape[i], r.Shape[i+1])
	}
	return metres
}

func between(a, b roads.Point) float64 {
	const metresPerDegree, rad = 111_195, math.Pi / 180
	return metresPerDegree * math.Hypot(b.Lat-a.Lat, (b.Lon-a.Lon)*math.Cos((a.Lat+b.Lat)/2*rad))
}

// heading is the direction in which the way goes at a place of its shape, by a few metres of it: by those that follow where
// the bound lies behind the place, by those before it where it lies before.
func (r *route) heading(at, bound int) float64 {
	step := 1
	if bound < at {
		step = -1
	}
	far, gone := at, 0.0
	for far != bound && gone < look {
		gone += between(r.Shape[far], r.Shape[far+step])
		far += step
	}
	a, b := r.Shape[min(at, far)], r.Shape[max(at, far)]
	east := (b.Lon - a.Lon) * math.Cos(a.Lat*math.Pi/180)
	return math.Mod(math.Atan2(east, b.Lat-a.Lat)*180/math.Pi+360, 360)
}

// bend brings a difference of headings between -180 and 180.
func bend(d float64) float64 { return math.Mod(d+540, 360) - 180 }

func turnOf(d float64) Turn {
	switch d = bend(d); {
	case math.Abs(d) < straight:
		return Ahead
	case math.Abs(d) > reverse:
		return Back
	case d > 0:
		return Right
	}
	return Left
}
