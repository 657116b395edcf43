package dispatch

import (
	"time"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/roads"
)

// network is the roads that ways go by; nil where they are straight.
func network(ways Ways) *roads.Network {
	switch w := ways.(type) {
	case ByRoad:
		return w.Network
	case interface{ Network() *roads.Network }:
		return w.Network()
	}
	return nil
}

// Trace returns the lines along which crews go at that time through places in their order, latitude before longitude: by
// road where there is one, around the zones that are closed then; straight where there is none.
func Trace(ways Ways, at time.Time, zones []rule.Zone, trips ...[]household.Point) [][][2]float64 {
	var weights *roads.Weights
	if n := network(ways); n != nil && len(trips) > 0 {
		var closed []roads.Closure
		for _, z := range zones {
			if !z.From.After(at) && z.To.After(at) {
				closed = append(closed, ring(z))
			}
		}
		weights = n.Weights(roads.Car, roads.Moment{Weekday: (int(at.Weekday()) + 6) % 7, Minute: at.Hour()*60 + at.Minute()}, closed...)
	}
	out := make([][][2]float64, len(trips))
	for i, places := range trips {
		for k, p := range places {
			if k > 0 && weights != nil {
				out[i] = append(out[i], between(weights, places[k-1], p)...)
			}
			out[i] = append(out[i], [2]float64{p.Lat, p.Lon})
		}
	}
	return out
}

// between is the shape of the way from one place to the next; nothing where there is no road between them.
func between(w *roads.Weights, a, b household.Point) [][2]float64 {
	from, to := w.Snap(roads.Point{Lat: a.Lat, Lon: a.Lon}), w.Snap(roads.Point{Lat: b.Lat, Lon: b.Lon})
	if !from.OnRoad() || !to.OnRoad() {
		return nil
	}
	r, ok := w.Route(from, to)
	if !ok {
		return nil
	}
	out := make([][2]float64, len(r.Shape))
	for i, p := range r.Shape {
		out[i] = [2]float64{p.Lat, p.Lon}
	}
	return out
}
