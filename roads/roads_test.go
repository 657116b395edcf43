package roads

import (
	"bytes"
	"container/heap"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
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

// queue is of the Dijkstra that the tests compare with: it knows the graph's arcs and nothing of the hierarchy.
type queue []seed

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].cost < q[j].cost }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(v any)        { *q = append(*q, v.(seed)) }
func (q *queue) Pop() any {
	v := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return v
}

func leavingOf(w *Weights) [][]int32 {
	leaving := make([][]int32, len(w.g.junction))
	for a, t := range w.g.tail {
		leaving[t] = append(leaving[t], int32(a))
	}
	return leaving
}

func dijkstra(w *Weights, leaving [][]int32, from []seed) []cost {
	dist := make([]cost, len(leaving))
	for v := range dist {
		dist[v] = far
	}
	q := queue(slices.Clone(from))
	heap.Init(&q)
	for len(q) > 0 {
		s := heap.Pop(&q).(seed)
		if s.cost >= dist[s.node] {
			continue
		}
		dist[s.node] = s.cost
		for _, a := range leaving[s.node] {
			if w.arc[a] < far {
				heap.Push(&q, seed{node: w.g.head[a], cost: s.cost + w.arc[a]})
			}
		}
	}
	return dist
}

// agree compares a table, and some ways, with Dijkstra's.
func agree(t *testing.T, w *Weights, pts []Snap) {
	t.Helper()
	tab, err := w.Table(t.Context(), pts, pts, 2)
	if err != nil {
		t.Fatal(err)
	}
	leaving := leavingOf(w)
	for i, a := range pts {
		if !a.OnRoad() {
			continue
		}
		dist := dijkstra(w, leaving, w.out(a))
		for j, b := range pts {
			want, _ := far, 0
			if b.OnRoad() {
				want, _ = w.straight(a, b)
				for _, s := range w.in(b) {
					want = min(want, dist[s.node]+s.cost)
				}
			}
			sec, met := int32(None), int32(None)
			if want < far {
				sec, met = seconds(want), metres(want)
			}
			k := i*len(pts) + j
			if tab.Seconds[k] != sec || tab.Metres[k] != met {
				t.Fatalf("from %d to %d: %d s %d m, Dijkstra %d s %d m", i, j, tab.Seconds[k], tab.Metres[k], sec, met)
			}
			if (i+j)%17 == 0 {
				r, ok := w.Route(a, b)
				if ok != (want < far) || ok && (r.Seconds != sec || r.Metres != met || !adds(r)) {
					t.Fatalf("way from %d to %d: %+v, Dijkstra %d s %d m", i, j, r, sec, met)
				}
			}
		}
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

func TestTablesAgreeWithDijkstra(t *testing.T) {
	for _, name := range extracts {
		t.Run(name, func(t *testing.T) {
			n := real(t, name)
			r := rand.New(rand.NewPCG(1, 1))
			for _, p := range []Profile{Car, Foot} {
				mid := Point{float64(n.lat[0]) / 1e7, float64(n.lon[0]) / 1e7}
				zone := Closure{{mid.Lat - .01, mid.Lon - .01}, {mid.Lat + .01, mid.Lon - .01}, {mid.Lat + .01, mid.Lon + .01}}
				for _, w := range []*Weights{n.Weights(p, noon), n.Weights(p, Moment{2, 8 * 60}, zone)} {
					var pts []Snap
					for range 40 {
						j := r.IntN(len(n.lat))
						pts = append(pts, w.Snap(Point{float64(n.lat[j])/1e7 + r.Float64()*.002, float64(n.lon[j])/1e7 + r.Float64()*.002}))
					}
					agree(t, w, pts)
				}
			}
		})
	}
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

// TestRandomTowns compares with Dijkstra on towns with one-way streets, walls, restrictions of every kind.
func TestRandomTowns(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tn := new(town)
		size := rapid.IntRange(2, 5).Draw(rt, "size")
		letter := func(x, y int) rune { return rune('A' + y*size + x) }
		for i := range size * size {
			var tags []string
			if rapid.IntRange(0, 9).Draw(rt, "wall") == 0 {
				tags = []string{"barrier=" + rapid.SampledFrom([]string{"bollard", "gate", "fence"}).Draw(rt, "barrier")}
			}
			tn.node(letter(i%size, i/size), i%size*10+rapid.IntRange(0, 5).Draw(rt, "dx"), i/size*10+rapid.IntRange(0, 5).Draw(rt, "dy"), tags...)
		}
		id := 0
		street := func(a, b rune) {
			id++
			tn.way(id, string([]rune{a, b}), "highway="+rapid.SampledFrom([]string{"residential", "primary", "footway"}).Draw(rt, "class"),
				"oneway="+rapid.SampledFrom([]string{"no", "no", "yes", "-1"}).Draw(rt, "oneway"))
		}
		for y := range size {
			for x := range size {
				if x+1 < size {
					street(letter(x, y), letter(x+1, y))
				}
				if y+1 < size {
					street(letter(x, y), letter(x, y+1))
				}
			}
		}
		for range rapid.IntRange(0, 8).Draw(rt, "turns") {
			way := func() int { return rapid.IntRange(1, id).Draw(rt, "way") }
			via := string(letter(rapid.IntRange(0, size-1).Draw(rt, "x"), rapid.IntRange(0, size-1).Draw(rt, "y")))
			if rapid.Bool().Draw(rt, "by a way") {
				via = itoa(way())
			}
			tn.turn("restriction="+rapid.SampledFrom([]string{"no_left_turn", "only_straight_on", "no_u_turn"}).Draw(rt, "kind"), way(), via, way())
		}
		n, err := Read(t.Context(), strings.NewReader(tn.xml()), nil)
		if errors.Is(err, ErrEmpty) {
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		for _, p := range []Profile{Car, Foot} {
			w := n.Weights(p, noon)
			var pts []Snap
			for range 6 {
				pts = append(pts, w.Snap(at(rapid.Float64Range(0, 50).Draw(rt, "px"), rapid.Float64Range(0, 50).Draw(rt, "py"))))
			}
			agree(t, w, pts)
			obeys(rt, n, w, pts)
		}
	})
}

// obeys asks of ways whether they keep one-way streets and restrictions, reading these from the network and not
// from the graph that was made of it.
func obeys(t *rapid.T, n *Network, w *Weights, pts []Snap) {
	for _, a := range pts {
		for _, b := range pts {
			if !a.OnRoad() || !b.OnRoad() || a.segment == b.segment {
				continue
			}
			edges := w.edgesBetween(a, b)
			for i, e := range edges {
				if n.kmh(w.p, e) == 0 {
					t.Fatalf("a way goes over edge %d against its direction", e)
				}
				for _, r := range n.turns {
					if w.p == Car && breaks(r, edges[:i], e) {
						t.Fatalf("a way over %v breaks %+v", edges, r)
					}
				}
			}
		}
	}
}

// breaks reports whether going on over e after some edges is what a restriction forbids.
func breaks(r turn, before []int32, e int32) bool {
	k := len(before) - len(r.via)
	if k < 1 || !slices.Equal(before[k:], r.via) || !slices.Contains(r.from, before[k-1]) {
		return false
	}
	return slices.Contains(r.to, e) != r.only
}

// edgesBetween lists the edges of the fastest way.
func (w *Weights) edgesBetween(a, b Snap) []int32 {
	out, in, best := w.out(a), w.in(b), far
	up, down, top := w.meeting(out, in, &best)
	if up == nil {
		return nil
	}
	first, rising := w.trace(up, out, top)
	last, falling := w.trace(down, in, top)
	edges := []int32{first.edge}
	add := func(a int32) { edges = append(edges, w.g.edge[a]) }
	for _, k := range rising {
		w.unpack(k.low, k.slot, true, add)
	}
	for _, k := range slices.Backward(falling) {
		w.unpack(k.low, k.slot, false, add)
	}
	return append(edges, last.edge)
}

func itoa(n int) string {
	return string([]byte{byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
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
