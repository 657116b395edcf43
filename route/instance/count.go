package instance

import (
	"math"

	"github.com/jumyla/jumyla/route"
)

// Count is a plan as the tables count it.
type Count struct {
	Instance string  `json:"instance"`
	Vehicles int     `json:"vehicles"`
	Distance float64 `json:"distance"` // in the objective's convention; of VRPLIB's files in tenths, as their tables
	Unserved int     `json:"unserved"`
	Prizes   float64 `json:"prizes"` // of those served
	Cost     float64 `json:"cost"`   // Distance, and of prize files the prizes missed in tenths
	Seconds  float64 `json:"seconds"`
	Steps    int64   `json:"iterations"`
	Routes   [][]int `json:"routes"` // the file's customer numbers; 0 where a vehicle reloads
}

// Count counts a plan from the file's coordinates, not from the plan's own sums.
func (in *Instance) Count(plan *route.Plan, o Objective) Count {
	c := Count{Instance: in.Name, Vehicles: len(plan.Routes), Routes: [][]int{}}
	served := make([]bool, len(in.Nodes))
	for _, r := range plan.Routes {
		at, list := 0, []int{}
		for _, s := range r.Stops {
			c.Distance += in.tabled(at, s.Place, o)
			at = s.Place
			served[at] = true
			list = append(list, in.Nodes[at].Number)
		}
		c.Distance += in.tabled(at, 0, o)
		c.Routes = append(c.Routes, list)
	}
	missed := 0.0
	for i := 1; i < len(in.Nodes); i++ {
		if served[i] {
			c.Prizes += in.Nodes[i].Prize
		} else {
			c.Unserved++
			missed += in.Nodes[i].Prize
		}
	}
	if in.Format == Solomon || in.Format == LiLim {
		c.Distance = rounded(c.Distance, o)
	}
	c.Cost = c.Distance + 10*missed
	return c
}

// tabled is an edge as the tables count it: in tenths where they cut, else whole.
func (in *Instance) tabled(a, b int, o Objective) float64 {
	if o == Vehicles {
		return in.span(a, b)
	}
	return math.Floor(float64(in.span(a, b) * 10))
}

// rounded brings tenths back to the file's unit, and doubles to four decimals.
func rounded(d float64, o Objective) float64 {
	if o == Distance {
		return d / 10
	}
	return math.Round(d*1e4) / 1e4
}
