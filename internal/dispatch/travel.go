package dispatch

import (
	"context"
	"math"
	"time"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/route"
)

// Ways is a source of travel times: it lays out the ways between places on a day, around the zones that are closed then
// where it can. Straight is the one there is until roads are known, ByRoad the one of an extract.
type Ways interface {
	Between(ctx context.Context, day time.Time, places []household.Point, zones ...rule.Zone) (route.Travel, error)
}

// Straight reckons by straight lines, through zones too: so much longer by road, and so fast by the time of day.
type Straight struct{}

const (
	detour = 1.4 // road over straight line, in a city
	daily  = 24 * 3600
)

// pace is how fast a car gets through a city from a second of the day on.
type pace struct {
	from int32
	mm   int64 // millimetres a second
}

// paces are the speeds by the time of day, in km/h: night 36, morning peak 18, day 24, evening peak 18, evening 28.
// They are an assumption of ours for a city without road data; no source gives them.
func paces() []pace {
	const kmh = 1_000_000 / 3600
	return []pace{{0, 36 * kmh}, {6 * 3600, 28 * kmh}, {8 * 3600, 18 * kmh}, {10 * 3600, 24 * kmh}, {17 * 3600, 18 * kmh}, {20 * 3600, 28 * kmh}, {22 * 3600, 36 * kmh}}
}

// Between measures every pair once.
func (Straight) Between(_ context.Context, _ time.Time, places []household.Point, _ ...rule.Zone) (route.Travel, error) {
	n := len(places)
	s := &streets{n: n, metres: make([]int32, n*n), paces: paces()}
	for i, a := range places {
		for k := range i {
			m := int32(Metres(a, places[k]) * detour)
			s.metres[i*n+k], s.metres[k*n+i] = m, m
		}
	}
	for k, p := range s.paces {
		for at := p.from / slot; at < daily/slot; at++ {
			s.at[at] = k
		}
	}
	return s, nil
}

// slot is how finely paces may begin, in seconds.
const slot = 1800

// streets are the ways between places by straight lines.
type streets struct {
	n      int
	metres []int32 // row-major
	paces  []pace
	at     [daily / slot]int // which pace, by the time of day
}

// Metres is how far it is by road.
func (s *streets) Metres(from, to int) int32 { return s.metres[from*s.n+to] }

// Least is how long it takes at the highest pace.
func (s *streets) Least(from, to int) int32 {
	top := int64(1)
	for _, p := range s.paces {
		top = max(top, p.mm)
	}
	return int32((int64(s.metres[from*s.n+to])*1000 + top - 1) / top) //nolint:gosec // at most a day
}

// Seconds drives on at each pace as long as it lasts, in whole millimetres: who leaves later never arrives
// earlier.
func (s *streets) Seconds(from, to int, depart int32) int32 {
	left := int64(s.metres[from*s.n+to]) * 1000
	start := max(depart, 0)
	for t := start; ; {
		clock := t % daily
		i := s.at[clock/slot]
		end := int32(daily)
		if i+1 < len(s.paces) {
			end = s.paces[i+1].from
		}
		v := s.paces[i].mm
		if within := int64(end-clock) * v; within < left {
			left -= within
			t += end - clock
			continue
		}
		return t + int32((left+v-1)/v) - start //nolint:gosec // at most a day
	}
}

// Metres is the distance between two points along the earth (haversine, mean radius).
func Metres(a, b household.Point) float64 {
	const rad = math.Pi / 180
	h := math.Pow(math.Sin((b.Lat-a.Lat)*rad/2), 2) + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Pow(math.Sin((b.Lon-a.Lon)*rad/2), 2)
	return 2 * 6_371_000 * math.Asin(math.Min(1, math.Sqrt(h)))
}
