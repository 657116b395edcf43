package roads

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var noon = Moment{0, 12 * 60}

// grid is a town of three by three junctions with streets between, all of them residential and two-way:
//
//	g h i
//	d e f
//	a b c
func grid() *town {
	tn := new(town)
	for i, name := range "abcdefghi" {
		tn.node(name, i%3*10, i/3*10)
	}
	for i, over := range []string{"abc", "def", "ghi", "adg", "beh", "cfi"} {
		tn.way(i+1, over, "highway=residential", "name="+over)
	}
	return tn
}

// at is a place of the grid, in its steps.
func at(x, y float64) Point { return Point{43 + y/1000, 76 + x/1000} }

// junctions names the junctions that a way passes, by their letters.
func (tn *town) passed(n *Network, r Route) string {
	var out []rune
	for _, p := range r.Shape {
		lat, lon := fixed(Point{p.Lat + 1e-9, p.Lon + 1e-9})
		for j := range n.lat {
			if abs(n.lat[j]-lat) <= 1 && abs(n.lon[j]-lon) <= 1 {
				x, y := int(math.Round((p.Lon-76)*1000))/10, int(math.Round((p.Lat-43)*1000))/10
				out = append(out, rune('a'+y*3+x))
			}
		}
	}
	return string(out)
}

func abs(v int32) int32 { return max(v, -v) }

func TestRouteObeysTheRules(t *testing.T) {
	west, north := at(5, 10), at(10, 15) // on d–e and on e–h: a left turn at e
	for name, c := range map[string]struct {
		town     *town
		from, to Point
		want     string
	}{
		"left":                {grid(), west, north, "e"},
		"no left turn":        {grid().turn("restriction=no_left_turn", 2, "e", 5), west, north, "dgh"},
		"only straight on":    {grid().turn("restriction=only_straight_on", 2, "e", 2), west, north, "dgh"},
		"another road's":      {grid().turn("restriction=no_left_turn", 5, "e", 2), west, north, "e"},
		"except cars":         {grid().turn("restriction=no_left_turn", 2, "e", 5, "except=motorcar"), west, north, "e"},
		"for buses":           {grid().turn("restriction:bus=no_left_turn", 2, "e", 5), west, north, "e"},
		"at this time":        {grid().turn("restriction:conditional=no_left_turn @ (11:00-13:00)", 2, "e", 5), west, north, "dgh"},
		"at another time":     {grid().turn("restriction:conditional=no_left_turn @ (13:00-14:00)", 2, "e", 5), west, north, "e"},
		"a wall":              {wall("bollard"), west, north, "dgh"},
		"a gate":              {wall("gate"), west, north, "e"},
		"a private gate":      {wall("gate", "access=private"), west, north, "dgh"},
		"closed at this time": {closing("motor_vehicle:conditional=no @ (Mo 10:00-14:00)"), at(5, 10), at(25, 10), "dgif"},
		"closed elsewhen":     {closing("motor_vehicle:conditional=no @ (Tu 10:00-14:00)"), at(5, 10), at(25, 10), "ef"},
	} {
		n := c.town.read(t)
		w := n.Weights(Car, noon)
		r, ok := w.Route(w.Snap(c.from), w.Snap(c.to))
		got := c.town.passed(n, r)
		if !ok || got != c.want && mirrored[got] != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// mirrored are ways that are as long as the one that is named.
var mirrored = map[string]string{"dacf": "dgif"}

func wall(kind string, tags ...string) *town {
	tn := new(town)
	for i, name := range "abcdefghi" {
		if name == 'e' {
			tn.node(name, i%3*10, i/3*10, append([]string{"barrier=" + kind}, tags...)...)
			continue
		}
		tn.node(name, i%3*10, i/3*10)
	}
	for i, over := range []string{"abc", "def", "ghi", "adg", "beh", "cfi"} {
		tn.way(i+1, over, "highway=residential")
	}
	return tn
}

// closing is the grid with the middle street in two, its eastern half under a condition.
func closing(tag string) *town {
	tn := new(town)
	for i, name := range "abcdefghi" {
		tn.node(name, i%3*10, i/3*10)
	}
	for i, over := range []string{"abc", "de", "ghi", "adg", "cfi"} {
		tn.way(i+1, over, "highway=residential")
	}
	return tn.way(7, "ef", "highway=residential", tag)
}

func TestViaWays(t *testing.T) {
	// along the bottom, up b–e, and not left again into e–d
	tn := grid().turn("restriction=no_u_turn", 1, "5", 2)
	n := tn.read(t)
	if len(n.turns) != 0 { // way 5 goes on to h: it does not end where way 2 begins
		t.Fatalf("%d turns", len(n.turns))
	}
	tn = new(town)
	for i, name := range "abcdefghi" {
		tn.node(name, i%3*10, i/3*10)
	}
	for i, over := range []string{"ab", "bc", "de", "ef", "ghi", "adg", "be", "eh", "cfi"} {
		tn.way(i+1, over, "highway=residential")
	}
	tn.turn("restriction=no_left_turn", 1, "7", 3)
	n = tn.read(t)
	w := n.Weights(Car, noon)
	r, ok := w.Route(w.Snap(at(8, 0)), w.Snap(at(5, 10)))
	if got := tn.passed(n, r); !ok || got != "ad" && got != "behgd" {
		t.Errorf("%q", got)
	}
	free, _ := w.Route(w.Snap(at(12, 0)), w.Snap(at(8, 10))) // comes from the other side: may
	if got := tn.passed(n, free); got != "be" {
		t.Errorf("%q", got)
	}
}

func TestClosures(t *testing.T) {
	n := grid().read(t)
	square := func(x, y, half float64) Closure {
		return Closure{at(x-half, y-half), at(x-half, y+half), at(x+half, y+half), at(x+half, y-half)}
	}
	open := n.Weights(Car, noon)
	from, to := at(5, 10), at(15, 10)
	short, _ := open.Route(open.Snap(from), open.Snap(to))
	w := n.Weights(Car, noon, square(10, 10, 1))
	long, ok := w.Route(w.Snap(from), w.Snap(to)) // both stand on streets that are closed now: they go to the nearest open one
	if ok && long.Metres <= short.Metres {
		t.Errorf("%d m through a closed zone, %d m without", long.Metres, short.Metres)
	}
	w = n.Weights(Car, noon, square(10, 5, 1), square(10, 15, 1))
	if r, ok := w.Route(w.Snap(from), w.Snap(to)); !ok || r.Metres != short.Metres {
		t.Errorf("zones beside the way changed it: %d, %d", r.Metres, short.Metres)
	}
	all := n.Weights(Car, noon, square(10, 10, 100))
	if s := all.Snap(from); s.OnRoad() {
		t.Error("a point is on a road while all are closed")
	}
}

func TestOnePointTwiceAndOneStreet(t *testing.T) {
	n := street().read(t)
	w := n.Weights(Car, noon)
	a, b := w.Snap(at(2, 0)), w.Snap(at(8, 0))
	tab, err := w.Table(t.Context(), []Snap{a, b, a}, []Snap{a, b}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if tab.Seconds[0] != 0 || tab.Metres[0] != 0 || tab.Metres[4] != 0 || tab.Metres[1] != tab.Metres[2] || tab.Metres[1] < 480 || tab.Metres[1] > 495 {
		t.Errorf("%+v", tab)
	}
}

// adds reports whether a way's shape and steps are as long as the way.
func adds(r Route) bool {
	length, steps := 0.0, int32(0)
	for i := 1; i < len(r.Shape); i++ {
		a, b := r.Shape[i-1], r.Shape[i]
		aLat, aLon := fixed(a)
		bLat, bLon := fixed(b)
		length += between(aLat, aLon, bLat, bLon)
	}
	for _, s := range r.Steps {
		steps += s.Metres
	}
	slack := 3 + float64(r.Metres)/500 + float64(len(r.Shape))/5
	return math.Abs(length-float64(r.Metres)) <= slack && math.Abs(float64(steps-r.Metres)) <= float64(len(r.Steps)+1)
}

func TestDistancesAreNeverShorterThanStraightLines(t *testing.T) {
	n := real(t, extracts[0])
	w := n.Weights(Car, noon)
	r := rand.New(rand.NewPCG(3, 3))
	var pts []Snap
	for len(pts) < 80 {
		j := r.IntN(len(n.lat))
		if s := w.Snap(Point{float64(n.lat[j]) / 1e7, float64(n.lon[j]) / 1e7}); s.OnRoad() {
			pts = append(pts, s)
		}
	}
	tab, err := w.Table(t.Context(), pts, pts, 1)
	if err != nil {
		t.Fatal(err)
	}
	sum, straight := 0.0, 0.0
	for i, a := range pts {
		for j, b := range pts {
			aLat, aLon := fixed(a.At)
			bLat, bLon := fixed(b.At)
			line := between(aLat, aLon, bLat, bLon)
			if m := float64(tab.Metres[i*len(pts)+j]); m+2 < line {
				t.Fatalf("%.0f m by road, %.0f m straight", m, line)
			} else if m >= 0 {
				sum, straight = sum+m, straight+line
			}
		}
	}
	t.Logf("roads are %.2f times the straight line", sum/straight)
	if k := sum / straight; k < 1.1 || k > 1.8 {
		t.Errorf("roads are %.2f times the straight line", k)
	}
}

func TestFileKeepsEverything(t *testing.T) {
	n := grid().turn("restriction:conditional=no_left_turn @ (11:00-13:00)", 2, "e", 5).read(t)
	var b bytes.Buffer
	if err := n.Encode(&b); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	m, err := Decode(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := m.Encode(&again); err != nil || !bytes.Equal(again.Bytes(), whole) {
		t.Fatal("not the same bytes again", err)
	}
	w := m.Weights(Car, noon)
	if r, ok := w.Route(w.Snap(at(5, 10)), w.Snap(at(10, 15))); !ok || r.Metres < 2500 || len(r.Steps) == 0 || r.Steps[0].Name != "def" {
		t.Errorf("%+v", r)
	}
	for i := range whole {
		bad := slices.Clone(whole)
		bad[i] ^= 0x40
		if m, err := Decode(bytes.NewReader(bad)); err == nil { // a byte of the frame that tells a decoder how much room it needs
			again.Reset()
			if err := m.Encode(&again); err != nil || !bytes.Equal(again.Bytes(), whole) {
				t.Fatalf("byte %d changed, and nobody noticed", i)
			}
		}
		if _, err := Decode(bytes.NewReader(whole[:i])); err == nil {
			t.Fatalf("cut at %d, and nobody noticed", i)
		}
	}
	if _, err := Decode(strings.NewReader("jumyla roads 9\n and more")); !errors.Is(err, ErrVersion) {
		t.Error(err)
	}
}

func TestPeriods(t *testing.T) {
	for minute, want := range map[int]Period{0: Night, 419: Night, 420: Peak, 600: Noon, 1019: Noon, 1020: Peak, 1200: Evening, 1320: Night, 1440 + 480: Peak, -60: Night} {
		if got := PeriodAt(minute); got != want {
			t.Errorf("%d: %v, want %v", minute, got, want)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	name := extracts[0]
	real(b, name)
	for b.Loop() {
		delete(made, name)
		real(b, name)
	}
}

func BenchmarkWeights(b *testing.B) {
	n := real(b, extracts[0])
	for b.Loop() {
		n.Weights(Car, noon)
	}
}

func BenchmarkTable1000(b *testing.B) {
	n := real(b, extracts[0])
	w := n.Weights(Car, noon)
	r := rand.New(rand.NewPCG(1, 1))
	var pts []Snap
	for len(pts) < 1000 {
		j := r.IntN(len(n.lat))
		if s := w.Snap(Point{float64(n.lat[j]) / 1e7, float64(n.lon[j]) / 1e7}); s.OnRoad() {
			pts = append(pts, s)
		}
	}
	for b.Loop() {
		if _, err := w.Table(b.Context(), pts, pts, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*1e6/b.Elapsed().Seconds(), "cells/s")
}

func BenchmarkRoute(b *testing.B) {
	n := real(b, extracts[0])
	w := n.Weights(Car, noon)
	r := rand.New(rand.NewPCG(1, 1))
	for b.Loop() {
		i, j := r.IntN(len(n.lat)), r.IntN(len(n.lat))
		w.Route(w.Snap(Point{float64(n.lat[i]) / 1e7, float64(n.lon[i]) / 1e7}), w.Snap(Point{float64(n.lat[j]) / 1e7, float64(n.lon[j]) / 1e7}))
	}
}

func TestDayKeepsFirstInFirstOut(t *testing.T) {
	n := grid().turn("restriction:conditional=no_left_turn @ (11:00-13:00)", 2, "e", 5).read(t)
	d, err := n.Day(t.Context(), Car, 0, []Point{at(5, 10), at(10, 15), at(0, 0), {76, 43}})
	if err != nil {
		t.Fatal(err)
	}
	for p, hour := range map[Period]int32{Night: 2, Peak: 8, Noon: 12, Evening: 21} {
		if got, want := d.Seconds(0, 2, hour*3600), d.at(dayMoment(p)).table.Seconds[2]; got != want {
			t.Errorf("in the middle of period %d: %d s, the table has %d", p, got, want)
		}
	}
	last := int32(0)
	for depart := int32(0); depart < 26*3600; depart += 7 {
		arrive := depart + d.Seconds(0, 2, depart)
		if arrive < last {
			t.Fatalf("who leaves at %d arrives at %d, earlier than who left before", depart, arrive)
		}
		if least := d.Least(0, 2); arrive-depart < least || least == 0 {
			t.Fatalf("who leaves at %d is there in %d s, less than the least of %d", depart, arrive-depart, least)
		}
		last = arrive
	}
	if d.Seconds(0, 3, 0) != None || d.Metres(3, 0) != None || d.Seconds(1, 1, 0) != 0 {
		t.Error("a point in the sea has a way, or a point none to itself")
	}
}

// TestAnAreaThatClosesForATime bends ways while it is closed, and keeps first in, first out as it closes and opens.
func TestAnAreaThatClosesForATime(t *testing.T) {
	n := grid().read(t)
	points := []Point{at(0, 0), at(10, 0), at(0, 10)}
	free, err := n.Day(t.Context(), Car, 0, points)
	if err != nil {
		t.Fatal(err)
	}
	wall := Closure{at(4.5, -1), at(4.5, 1.5), at(5.5, 1.5), at(5.5, -1)} // over the first streets between 0 and 10
	d, err := n.Day(t.Context(), Car, 0, points, Shut{wall, 12 * 60, 14 * 60})
	if err != nil {
		t.Fatal(err)
	}
	for hour, longer := range map[int32]bool{9: false, 12: true, 13: true, 15: false} {
		a, b := free.Seconds(0, 1, hour*3600), d.Seconds(0, 1, hour*3600)
		if (b > a) != longer || free.Seconds(0, 2, hour*3600) != d.Seconds(0, 2, hour*3600) {
			t.Errorf("%d o'clock: %d s, and %d with the area", hour, a, b)
		}
	}
	ring := Closure{at(-1, -1), at(-1, 3), at(3, 3), at(3, -1)} // the first point's streets
	if d, err = n.Day(t.Context(), Car, 0, points, Shut{ring, 12 * 60, 14 * 60}, Shut{wall, 9 * 60, 10 * 60}); err != nil {
		t.Fatal(err)
	}
	last := int32(0)
	for depart := int32(0); depart < 40*3600; depart += 7 {
		s := d.Seconds(0, 1, depart)
		if s < 0 || depart+s < last {
			t.Fatalf("who leaves at %d arrives at %d, who left before at %d", depart, depart+s, last)
		}
		last = depart + s
	}
}
