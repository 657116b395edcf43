package gazetteer

import (
	"math"

	"github.com/jumyla/jumyla/roads"
)

// grid finds what lies near a point: places by cells of about a quarter of a kilometre.
type grid struct {
	cells map[[2]int32][]spot
}

// spot is a house of an entry, or the entry itself (house -1).
type spot struct {
	entry, house int32
}

const cell = 0.0025 // degrees

func cellOf(p roads.Point, size float64) [2]int32 {
	return [2]int32{int32(math.Floor(p.Lat / size)), int32(math.Floor(p.Lon / size))}
}

func newGrid(g *Gazetteer) *grid {
	out := &grid{cells: map[[2]int32][]spot{}}
	add := func(at roads.Point, s spot) { out.cells[cellOf(at, cell)] = append(out.cells[cellOf(at, cell)], s) }
	for i := range g.entries {
		e := &g.entries[i]
		if e.kind == roads.Landmark {
			add(e.at, spot{int32(i), -1})
		}
		for k := range e.houses {
			add(e.houses[k].at, spot{int32(i), int32(k)})
		}
	}
	return out
}

// At returns the house or landmark that lies nearest to a point within some metres (at most 250); ok is false where
// there is none.
func (g *Gazetteer) At(p roads.Point, within float64) (h Hit, away float64, ok bool) {
	away = min(within, 250)
	c := cellOf(p, cell)
	for lat := c[0] - 1; lat <= c[0]+1; lat++ {
		for lon := c[1] - 2; lon <= c[1]+2; lon++ {
			for _, s := range g.points.cells[[2]int32{lat, lon}] {
				e := &g.entries[s.entry]
				here := Hit{Kind: e.kind, Names: e.names, In: e.in, At: e.at, Score: 1}
				if s.house >= 0 {
					here.Kind, here.House, here.At = roads.House, e.houses[s.house].number, e.houses[s.house].at
				}
				if d := metres(here.At, p); d < away {
					h, away, ok = here, d, true
				}
			}
		}
	}
	return h, away, ok
}
