package dispatch

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jumyla/jumyla/internal/dispatch/way"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/roads"
	"github.com/jumyla/jumyla/route"
)

// Roads are a centre's ways as they stand: by the extract that it has loaded, by straight lines until then. It is safe for
// several goroutines; a plan goes by the roads that were there when it was begun.
type Roads struct{ network atomic.Pointer[roads.Network] }

// Use puts a network in the place of the one before; nil for none.
func (r *Roads) Use(n *roads.Network) { r.network.Store(n) }

// Network is the one in use; nil where there is none.
func (r *Roads) Network() *roads.Network { return r.network.Load() }

// Between lays out the ways by what is loaded now.
func (r *Roads) Between(ctx context.Context, day time.Time, places []household.Point, zones ...rule.Zone) (route.Travel, error) {
	if n := r.network.Load(); n != nil {
		return ByRoad{Network: n}.Between(ctx, day, places, zones...)
	}
	return Straight{}.Between(ctx, day, places)
}

// ByRoad reckons by the roads of an extract. A place that lies far from all of them is reckoned by the straight line.
type ByRoad struct{ Network *roads.Network }

// offRoad is how fast the way from a road to a door is reckoned, in metres a second: a yard, at a walk with a load.
const offRoad = 2

// Between finds the ways between all places for each part of the day, around the zones while they are closed.
func (b ByRoad) Between(ctx context.Context, day time.Time, places []household.Point, zones ...rule.Zone) (route.Travel, error) {
	points := make([]roads.Point, len(places))
	for i, p := range places {
		points[i] = roads.Point{Lat: p.Lat, Lon: p.Lon}
	}
	ways, err := b.Network.Day(ctx, roads.Car, way.Weekday(day), points, way.Shut(day, zones)...)
	if err != nil {
		return nil, err
	}
	straight, err := Straight{}.Between(ctx, day, places)
	if err != nil {
		return nil, err
	}
	t := &byRoad{Day: ways, straight: straight, off: make([]int32, len(places)), far: make([]bool, len(places))}
	for i, s := range ways.Snaps {
		t.far[i] = !s.OnRoad()
		if s.OnRoad() {
			t.off[i] = int32(s.Metres)
		}
	}
	return t, nil
}

// Network is the roads that ways go by; nil where they are straight.
func Network(ways Ways) *roads.Network {
	switch w := ways.(type) {
	case ByRoad:
		return w.Network
	case interface{ Network() *roads.Network }:
		return w.Network()
	}
	return nil
}

// byRoad is travel by roads, with the way from the road to the door at either end.
type byRoad struct {
	*roads.Day
	straight route.Travel
	off      []int32 // metres from the road
	far      []bool  // there is no road
}

// Metres is how far it is.
func (t *byRoad) Metres(from, to int) int32 {
	if t.far[from] || t.far[to] {
		return t.straight.Metres(from, to)
	}
	m := t.Day.Metres(from, to)
	if m < 0 || from == to {
		return m
	}
	return m + t.off[from] + t.off[to]
}

// Least is how long it takes at least, whenever one leaves.
func (t *byRoad) Least(from, to int) int32 {
	if t.far[from] || t.far[to] {
		if s, ok := t.straight.(route.Bounded); ok {
			return s.Least(from, to)
		}
		return 0
	}
	if from == to {
		return 0
	}
	return t.off[from]/offRoad + t.Day.Least(from, to) + t.off[to]/offRoad
}

// Seconds is how long it takes for who leaves then; who leaves later never arrives earlier.
func (t *byRoad) Seconds(from, to int, depart int32) int32 {
	if t.far[from] || t.far[to] {
		return t.straight.Seconds(from, to, depart)
	}
	if from == to {
		return 0
	}
	out := t.off[from] / offRoad
	s := t.Day.Seconds(from, to, depart+out)
	if s < 0 {
		return s
	}
	return out + s + t.off[to]/offRoad
}
