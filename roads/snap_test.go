package roads

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSnapNeverIntoADeadEnd(t *testing.T) {
	// a one-way street into a dead end runs right beside the point; the way out is the street above
	tn := grid().node('x', 11, 5).node('y', 12, 5).way(20, "bxy", "highway=service", "oneway=yes")
	w := tn.read(t).Weights(Car, noon)
	s := w.Snap(at(12, 5))
	if !s.OnRoad() || math.Abs(s.Metres-163) > 5 { // b–e, two steps west
		t.Fatalf("%+v", s)
	}
	if s := w.Snap(Point{76, 43}); s.OnRoad() || s.Metres < TooFar {
		t.Errorf("coordinates the wrong way round: %+v", s)
	}
	if s := w.Snap(Point{math.NaN(), 43}); s.OnRoad() {
		t.Error("not a number is on a road")
	}
	if s := w.Snap(at(5, 0.01)); math.Abs(s.Metres-1.1) > 0.2 || math.Abs(s.At.Lon-76.005) > 1e-6 {
		t.Errorf("%+v", s)
	}
}

// TestAnIslandIsNotWhereWaysBegin has a road nearer to the point that leads nowhere: on an island, by car; a ferry opens it.
func TestAnIslandIsNotWhereWaysBegin(t *testing.T) {
	island := func() *town {
		return grid().node('x', 40, 0).node('y', 42, 0).way(20, "xy", "highway=residential")
	}
	w := island().read(t).Weights(Car, noon)
	if s := w.Snap(at(41, 0)); !s.OnRoad() || math.Abs(s.Metres-21*81.3) > 5 {
		t.Errorf("%+v, want the mainland, and how far it is", s)
	}
	w = island().way(21, "cx", "route=ferry").read(t).Weights(Car, noon)
	s, home := w.Snap(at(41, 0)), w.Snap(at(5, 10))
	if s.Metres > 1 {
		t.Errorf("%+v, want the island's road", s)
	}
	r, ok := w.Route(home, s)
	if !ok || r.Seconds < 400 || r.Seconds > 1000 { // 1.6 km by water at 12 km/h
		t.Errorf("%+v %v", r, ok)
	}
	if w = island().way(21, "cx", "route=ferry", "motor_vehicle=no").read(t).Weights(Car, noon); w.Snap(at(41, 0)).Metres < 1000 {
		t.Error("a car has taken a ferry for people")
	}
}

// TestTheSideOfADividedStreet has two carriageways eight metres apart: a door is reached along its own, not across.
func TestTheSideOfADividedStreet(t *testing.T) {
	tn := new(town)
	for i, xy := range [][2]int{{0, 0}, {20, 0}, {0, 1}, {20, 1}} {
		tn.node(rune('a'+i), xy[0], xy[1])
	}
	xml := strings.ReplaceAll(tn.way(1, "ab", "highway=primary", "oneway=yes").way(2, "dc", "highway=primary", "oneway=yes").
		way(3, "ac", "highway=residential").way(4, "bd", "highway=residential").xml(), `lat="43.001`, `lat="43.00008`)
	n, err := Read(t.Context(), strings.NewReader(xml), nil)
	if err != nil {
		t.Fatal(err)
	}
	w := n.Weights(Car, noon)
	south, north := w.Snap(Point{42.99995, 76.010}), w.Snap(Point{43.00013, 76.010})
	for name, c := range map[string]struct {
		from, to Snap
		metres   int32
		side     Side
	}{
		"along":  {w.Snap(Point{43, 76.002}), south, 650, Right},
		"across": {w.Snap(Point{43, 76.012}), north, 1470, Right}, // on to the end, and back
	} {
		r, ok := w.Route(c.from, c.to)
		if !ok || max(r.Metres, c.metres)-min(r.Metres, c.metres) > 20 || r.Side != c.side || c.to.Metres < 4 || c.to.Metres > 7 {
			t.Errorf("%s: %d m, %q, want %d m, %q; %+v", name, r.Metres, r.Side, c.metres, c.side, c.to)
		}
	}
}

// TestTheSideThatADoorLiesOn asks on a street of both directions.
func TestTheSideThatADoorLiesOn(t *testing.T) {
	w := street().read(t).Weights(Car, noon)
	west, east := w.Snap(at(1, 0)), w.Snap(at(9, 0))
	for name, c := range map[string]struct {
		from Snap
		to   Point
		want Side
	}{"eastwards": {west, at(5, 0.1), Left}, "westwards": {east, at(5, 0.1), Right}, "to the south": {west, at(5, -0.1), Right}, "on it": {west, at(5, 0), OnRoad}} {
		if r, ok := w.Route(c.from, w.Snap(c.to)); !ok || r.Side != c.want {
			t.Errorf("%s: %q, want %q", name, r.Side, c.want)
		}
	}
}

// TestSnapIsTheNearestRoadThatServes looks at every segment of real extracts instead of the tree.
func TestSnapIsTheNearestRoadThatServes(t *testing.T) {
	for _, name := range extracts {
		n := real(t, name)
		w := n.Weights(Car, noon)
		r := rand.New(rand.NewPCG(5, 5))
		for range 40 {
			j := r.IntN(len(n.lat))
			p := Point{float64(n.lat[j])/1e7 + (r.Float64()-.5)*.02, float64(n.lon[j])/1e7 + (r.Float64()-.5)*.02}
			lat, lon := fixed(p)
			best := math.Inf(1)
			for s := range int32(len(n.segs)) {
				var aLat, aLon int32
				first := true
				n.shape(2*s, func(bLat, bLon int32) {
					if !first && (w.usable(2*s) || w.usable(2*s+1)) {
						d, _ := newScale(lat).toLine(lat, lon, aLat, aLon, bLat, bLon)
						best = min(best, d)
					}
					aLat, aLon, first = bLat, bLon, false
				})
			}
			if s := w.Snap(p); math.Abs(s.Metres-best) > 1e-6 {
				t.Fatalf("%s: %v lies %.2f m from its road, the nearest lies %.2f m away", name, p, s.Metres, best)
			}
		}
	}
}

// TestWhoLeavesLaterNeverArrivesEarlier holds for any town, hour and area that closes and opens.
func TestWhoLeavesLaterNeverArrivesEarlier(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n, err := Read(t.Context(), strings.NewReader(drawTown(rt).xml()), nil)
		if err != nil {
			return
		}
		place := func() Point {
			return at(rapid.Float64Range(0, 50).Draw(rt, "px"), rapid.Float64Range(0, 50).Draw(rt, "py"))
		}
		var shut []Shut
		for range rapid.IntRange(0, 3).Draw(rt, "zones") {
			from := rapid.IntRange(-600, 2000).Draw(rt, "shuts")
			shut = append(shut, Shut{Closure{place(), place(), place()}, from, from + rapid.IntRange(1, 900).Draw(rt, "for")})
		}
		p := rapid.SampledFrom([]Profile{Car, Foot}).Draw(rt, "profile")
		d, err := n.Day(t.Context(), p, rapid.IntRange(0, 6).Draw(rt, "day"), []Point{place(), place(), place()}, shut...)
		if err != nil {
			rt.Fatal(err)
		}
		for from := range 3 {
			for to := range 3 {
				last, ever := int32(0), false
				for depart := int32(rapid.IntRange(0, 300).Draw(rt, "first")); depart < 44*3600; depart += 301 {
					s := d.Seconds(from, to, depart)
					if s == None && ever {
						continue // closed beyond the end of the day that is known
					}
					if ever = s != None; ever && depart+s < last {
						rt.Fatalf("%d to %d: who leaves at %d arrives at %d, who left before at %d", from, to, depart, depart+s, last)
					}
					if ever {
						last = depart + s
					}
				}
			}
		}
	})
}
