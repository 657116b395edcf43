package roads

import (
	"container/heap"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// walker is what tables and ways are compared with: Dijkstra's search over what was driven last, by what the extract says
// of segments, restrictions, walls and hours. It knows neither the graph that is made of these nor the hierarchy.
type walker struct {
	n       *Network
	p       Profile
	at      Moment
	prices  []cost    // of whole edges; far where one may not be used now
	leaving [][]int32 // edges by junction
	wall    map[int32]bool
	turns   map[int32][]turn // by what they begin with
	memory  int              // edges that a restriction can look back

	known map[string]int32 // what was driven last, as a state
	last  [][]int32        // by state
	next  [][]int32        // by state: the states that may follow; nil: not asked yet
}

func newWalker(n *Network, p Profile, at Moment, closures ...Closure) *walker {
	k := &walker{n: n, p: p, at: at, leaving: make([][]int32, len(n.lat)), wall: map[int32]bool{}, turns: map[int32][]turn{}, memory: 1, known: map[string]int32{}}
	shut := n.touched(closures)
	for e := range int32(2 * len(n.segs)) {
		k.prices = append(k.prices, far)
		if c, ok := k.price(e); ok && !shut[e>>1] {
			from, _ := n.ends(e)
			k.prices[e], k.leaving[from] = c, append(k.leaving[from], e)
		}
	}
	for _, j := range n.walls[p] {
		k.wall[j] = true
	}
	for _, t := range n.turns {
		if p == Car && (t.cond == 0 || k.holds(t.cond)) {
			k.memory = max(k.memory, 1+len(t.via))
			for _, e := range t.from {
				k.turns[e] = append(k.turns[e], t)
			}
		}
	}
	return k
}

func (k *walker) holds(cond int32) bool {
	return slices.ContainsFunc(k.n.conds[cond], func(c Condition) bool { return c.Holds(k.at) })
}

// price is what a whole edge costs; ok is false where nobody, or nobody at this hour, may use it.
func (k *walker) price(e int32) (c cost, ok bool) {
	s := k.n.segs[e>>1]
	a := k.n.attrs[s.attr]
	kmh, share := int64(a.foot), int64(100)
	if k.p == Car {
		kmh, share = int64([2]uint8{a.car, a.back}[e&1]), int64(traffic[PeriodAt(k.at.Minute)][a.class])
		if a.carCond > 0 && k.holds(a.carCond) {
			return far, false
		}
	}
	if kmh == 0 {
		return far, false
	}
	ms := int64(s.dm) * 36_000 / (kmh * share)
	if ms*kmh*share < int64(s.dm)*36_000 {
		ms++
	}
	if ms >= 1<<30 {
		return far, false
	}
	return newCost(ms, int64(s.dm)), true
}

// may reports whether one may go on over an edge after some others, the last of which ended where it begins.
func (k *walker) may(before []int32, e int32) bool {
	last := before[len(before)-1]
	if _, at := k.n.ends(last); k.wall[at] && e != last^1 {
		return false
	}
	for i, first := range before {
		for _, t := range k.turns[first] {
			if slices.Equal(before[i+1:], t.via) && slices.Contains(t.to, e) != t.only {
				return false
			}
		}
	}
	return true
}

func (k *walker) state(last []int32) int32 {
	last = last[max(0, len(last)-k.memory):]
	var key strings.Builder
	for _, e := range last {
		key.WriteString(strconv.Itoa(int(e)) + " ")
	}
	id, ok := k.known[key.String()]
	if !ok {
		id = int32(len(k.last))
		k.known[key.String()] = id
		k.last, k.next = append(k.last, last), append(k.next, nil)
	}
	return id
}

func (k *walker) follow(s int32) []int32 {
	if k.next[s] == nil {
		next := []int32{}
		before := k.last[s]
		_, at := k.n.ends(before[len(before)-1])
		for _, e := range k.leaving[at] {
			if k.may(before, e) {
				next = append(next, k.state(append(slices.Clone(before), e)))
			}
		}
		k.next[s] = next
	}
	return k.next[s]
}

// visit is a state with what it cost to get to its end.
type visit struct {
	state int32
	cost  cost
}

type visits []visit

func (q visits) Len() int           { return len(q) }
func (q visits) Less(i, j int) bool { return q[i].cost < q[j].cost }
func (q visits) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *visits) Push(x any)        { *q = append(*q, x.(visit)) }
func (q *visits) Pop() any {
	old := *q
	v := old[len(old)-1]
	*q = old[:len(old)-1]
	return v
}

// share is what some decimetres of an edge cost.
func (k *walker) share(e, dm int32) cost {
	c := k.prices[e]
	return newCost(c.Milliseconds()*int64(dm)/int64(k.n.segs[e>>1].dm), int64(dm))
}

// from returns what it costs from a point to each of some others. A way begins and ends on what serves may be begun and
// ended on: the part of the network that can be left and reached.
func (k *walker) from(a Snap, to []Snap, serves func(e int32) bool) []cost {
	best := make([]cost, len(to))
	ends := map[int32][]int{} // targets by segment
	for i, b := range to {
		best[i] = far
		if b.OnRoad() {
			ends[b.segment] = append(ends[b.segment], i)
		}
	}
	if !a.OnRoad() {
		return best
	}
	along := func(e, offset int32) int32 { // how far one is on an edge at a place of its segment
		if e&1 == 1 {
			return k.n.segs[e>>1].dm - offset
		}
		return offset
	}
	var q visits
	for _, e := range []int32{2 * a.segment, 2*a.segment + 1} {
		if k.prices[e] == far || !serves(e) {
			continue
		}
		here := along(e, a.offset)
		heap.Push(&q, visit{k.state([]int32{e}), k.share(e, k.n.segs[e>>1].dm-here)})
		for _, i := range ends[a.segment] {
			if there := along(e, to[i].offset); there >= here {
				best[i] = min(best[i], k.share(e, there-here))
			}
		}
	}
	var done []bool // by state
	gone := func(s int32) bool { return int(s) < len(done) && done[s] }
	for len(q) > 0 {
		v := heap.Pop(&q).(visit)
		if gone(v.state) {
			continue
		}
		for len(done) <= int(v.state) {
			done = append(done, false)
		}
		done[v.state] = true
		for _, s := range k.follow(v.state) {
			e := k.last[s][len(k.last[s])-1]
			if serves(e) {
				for _, i := range ends[e>>1] {
					best[i] = min(best[i], v.cost+k.share(e, along(e, to[i].offset)))
				}
			}
			if !gone(s) {
				heap.Push(&q, visit{s, v.cost + k.prices[e]})
			}
		}
	}
	return best
}

// agree compares a table, and some of its ways, with a walker's.
func agree(t interface{ Fatalf(string, ...any) }, tab *Table, w *Weights, k *walker, from, to []Snap) {
	for i, a := range from {
		want := k.from(a, to, w.usable)
		for j, b := range to {
			sec, met := int32(None), int32(None)
			if want[j] < far {
				sec, met = int32((want[j].Milliseconds()+500)/1000), int32((want[j].Decimetres()+5)/10)
			}
			if c := i*len(to) + j; tab.Seconds[c] != sec || tab.Metres[c] != met {
				t.Fatalf("%v %v from %d to %d: %d s %d m, Dijkstra %d s %d m", k.p, k.at, i, j, tab.Seconds[c], tab.Metres[c], sec, met)
			}
			if (i+j)%7 == 0 {
				r, ok := w.Route(a, b)
				if ok != (want[j] < far) || ok && (r.Seconds != sec || r.Metres != met || !adds(r)) {
					t.Fatalf("way from %d to %d: %+v, Dijkstra %d s %d m", i, j, r, sec, met)
				}
			}
		}
	}
}

// TestTablesAgreeWithDijkstra holds 16,000 cells of every extract, by car and on foot, at two times of the week and with a
// zone closed, against another search.
func TestTablesAgreeWithDijkstra(t *testing.T) {
	for _, name := range extracts {
		t.Run(name, func(t *testing.T) {
			n := real(t, name)
			r := rand.New(rand.NewPCG(1, 1))
			mid := Point{float64(n.lat[0]) / 1e7, float64(n.lon[0]) / 1e7}
			zone := Closure{{mid.Lat - .01, mid.Lon - .01}, {mid.Lat + .01, mid.Lon - .01}, {mid.Lat + .01, mid.Lon + .01}}
			for _, p := range []Profile{Car, Foot} {
				for _, c := range []struct {
					at   Moment
					shut []Closure
				}{{noon, nil}, {Moment{2, 8 * 60}, []Closure{zone}}} {
					w := n.Weights(p, c.at, c.shut...)
					var pts []Snap
					for range 200 {
						j := r.IntN(len(n.lat))
						pts = append(pts, w.Snap(Point{float64(n.lat[j])/1e7 + r.Float64()*.002, float64(n.lon[j])/1e7 + r.Float64()*.002}))
					}
					from := pts[:20]
					tab, err := w.Table(t.Context(), from, pts, 2)
					if err != nil {
						t.Fatal(err)
					}
					agree(t, tab, w, newWalker(n, p, c.at, c.shut...), from, pts)
				}
			}
		})
	}
}

// drawTown draws a town with one-way streets, ferries, walls, hours, and restrictions of every kind.
func drawTown(rt *rapid.T) *town {
	one := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(rt, label) }
	tn := new(town)
	size := rapid.IntRange(2, 5).Draw(rt, "size")
	letter := func(x, y int) rune { return rune('A' + y*size + x) }
	for i := range size * size {
		var tags []string
		if rapid.IntRange(0, 9).Draw(rt, "wall") == 0 {
			tags = []string{"barrier=" + one("barrier", "bollard", "gate", "fence"), one("permit", "motor_vehicle=yes", "foot=yes", "foot=no", "access=private", "x=y")}
		}
		tn.node(letter(i%size, i/size), i%size*10+rapid.IntRange(0, 5).Draw(rt, "dx"), i/size*10+rapid.IntRange(0, 5).Draw(rt, "dy"), tags...)
	}
	ways := map[[2]rune]int{} // by both ends
	street := func(a, b rune) {
		ways[[2]rune{a, b}], ways[[2]rune{b, a}] = len(ways)/2+1, len(ways)/2+1
		tn.way(ways[[2]rune{a, b}], string([]rune{a, b}), one("class", "highway=residential", "highway=residential", "highway=primary", "highway=footway", "route=ferry"),
			"oneway="+one("oneway", "no", "no", "yes", "-1"), "maxspeed="+one("speed", "20", "60", "walk"),
			one("hours", "x=y", "x=y", "x=y", "motor_vehicle:conditional=no @ (Mo-Fr 07:00-09:00)", "access:conditional=no @ (22:00-06:00)"))
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
	for range rapid.IntRange(0, 10).Draw(rt, "turns") {
		kind := one("kind", "no_left_turn", "only_straight_on", "no_u_turn")
		when := one("when", "restriction="+kind, "restriction="+kind, "restriction:conditional="+kind+" @ (07:00-09:00)", "restriction:conditional="+kind+" @ (08:00-24:00)")
		x, y := rapid.IntRange(0, size-1).Draw(rt, "x"), rapid.IntRange(0, size-1).Draw(rt, "y")
		walk := []rune{letter(x, y)} // over two to four streets
		for range rapid.IntRange(2, 4).Draw(rt, "long") {
			step := rapid.SampledFrom([][2]int{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}).Draw(rt, "step")
			x, y = min(max(x+step[0], 0), size-1), min(max(y+step[1], 0), size-1)
			if letter(x, y) != walk[len(walk)-1] {
				walk = append(walk, letter(x, y))
			}
		}
		if len(walk) < 3 {
			tn.turn(when, 1, "99", 999) // of roads that are not there
			continue
		}
		var over []int
		via := ""
		for i := 1; i < len(walk); i++ {
			over = append(over, ways[[2]rune{walk[i-1], walk[i]}])
			if i > 1 && i < len(walk)-1 {
				via += "," + strconv.Itoa(over[i-1])
			}
		}
		if via == "" {
			via = string(walk[1])
		}
		tn.turn(when, over[0], strings.TrimPrefix(via, ","), over[len(over)-1])
	}
	return tn
}

// TestRandomTowns compares with Dijkstra on towns of every kind, at times of every kind, with areas closed.
func TestRandomTowns(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n, err := Read(t.Context(), strings.NewReader(drawTown(rt).xml()), nil)
		if errors.Is(err, ErrEmpty) {
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		m := Moment{rapid.IntRange(0, 6).Draw(rt, "day"), rapid.SampledFrom([]int{3 * 60, 7*60 + 30, 8*60 + 30, 12 * 60, 21 * 60}).Draw(rt, "minute")}
		place := func() Point {
			return at(rapid.Float64Range(0, 50).Draw(rt, "px"), rapid.Float64Range(0, 50).Draw(rt, "py"))
		}
		var shut []Closure
		if rapid.Bool().Draw(rt, "zone") {
			shut = []Closure{{place(), place(), place()}}
		}
		for _, p := range []Profile{Car, Foot} {
			w := n.Weights(p, m, shut...)
			pts := make([]Snap, 6)
			for i := range pts {
				pts[i] = w.Snap(place())
			}
			tab, err := w.Table(t.Context(), pts, pts, 1)
			if err != nil {
				rt.Fatal(err)
			}
			agree(rt, tab, w, newWalker(n, p, m, shut...), pts, pts)
		}
	})
}

// TestWhereASnapIsThereIsAWay asks of towns without hours and zones: two points on roads can always be reached from each
// other. That is what "never into a dead end behind one-way streets" means.
func TestWhereASnapIsThereIsAWay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n, err := Read(t.Context(), strings.NewReader(drawTown(rt).xml()), nil)
		if err != nil {
			return
		}
		for _, p := range []Profile{Car, Foot} {
			w := n.Weights(p, Moment{6, 6*60 + 30}) // no hours bind: a Sunday, early
			pts := make([]Snap, 8)
			for i := range pts {
				pts[i] = w.Snap(at(rapid.Float64Range(0, 50).Draw(rt, "px"), rapid.Float64Range(0, 50).Draw(rt, "py")))
			}
			tab, err := w.Table(t.Context(), pts, pts, 1)
			if err != nil {
				rt.Fatal(err)
			}
			for i, s := range tab.Seconds {
				if s == None && pts[i/8].OnRoad() && pts[i%8].OnRoad() {
					rt.Fatalf("%v: no way from %+v to %+v", p, pts[i/8], pts[i%8])
				}
			}
		}
	})
}
