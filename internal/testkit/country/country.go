// Package country invents a country of any size as an OpenStreetMap extract, for tests and benchmarks: towns from a village
// to a city, with arterial streets, quarters that few lanes lead into, dead ends, one-way streets, houses, and roads from
// town to town. Its proportions are those of Almaty's extract of 2013: about eight nodes to a junction, a house to a
// junction. The same numbers give the same bytes.
package country

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
)

const (
	lanes   = 5     // junctions along a side of a quarter
	quarter = 0.007 // degrees of latitude from one arterial street to the next
)

// sizes are quarters along a side of a town: many villages, few cities.
var sizes = []int{1, 2, 1, 3, 2, 4, 1, 6, 2, 3, 8, 2, 1, 4, 3, 12, 2, 1, 3, 20}

// Write writes an extract of at least so many nodes as .osm.pbf, and returns how many it has.
func Write(out io.Writer, nodes int, seed uint64) (int, error) {
	c := &maker{r: rand.New(rand.NewPCG(seed, 1))} //nolint:gosec // the same numbers must give the same country
	wide := 1                                      // towns along a side of the country
	for total, towns := 0, 0; total < nodes; {
		total += expected(sizes[towns%len(sizes)])
		if towns++; wide*wide < towns {
			wide++
		}
	}
	for i := 0; len(c.nodes) < nodes; i++ {
		c.town(i, wide)
	}
	return len(c.nodes), c.write(out)
}

// expected is about how many nodes a town has.
func expected(size int) int { return 225*size*size + 100*size }

// tags are keys with their values.
type tags [][2]string

type node struct{ lat, lon int32 } // in 1e-7 degrees

type way struct {
	refs []int64
	tags tags
}

// turn forbids to go from one way over a node into another.
type turn struct{ from, via, to int64 }

type maker struct {
	r     *rand.Rand
	nodes []node // the first has ID 1
	ways  []way
	turns []turn
	gates [][4]int64 // by town: where roads leave it: west, south, east, north
}

func (c *maker) node(lat, lon float64) int64 {
	c.nodes = append(c.nodes, node{int32(math.Round(lat * 1e7)), int32(math.Round(lon * 1e7))})
	return int64(len(c.nodes))
}

func (c *maker) way(t tags, refs ...int64) int64 {
	c.ways = append(c.ways, way{refs, t})
	return int64(len(c.ways))
}

func (c *maker) at(id int64) (lat, lon float64) {
	n := c.nodes[id-1]
	return float64(n.lat) / 1e7, float64(n.lon) / 1e7
}

// bent returns the nodes of a way between two, with some between that bend it.
func (c *maker) bent(a, b int64, between int) []int64 {
	aLat, aLon := c.at(a)
	bLat, bLon := c.at(b)
	refs := []int64{a}
	for i := range between {
		k := float64(i+1) / float64(between+1)
		off := (c.r.Float64() - .5) * 0.1
		refs = append(refs, c.node(aLat+k*(bLat-aLat)+off*(bLon-aLon), aLon+k*(bLon-aLon)-off*(bLat-aLat)))
	}
	return append(refs, b)
}

// town builds a town in its cell of the country, and roads to those before it in the west and the south.
func (c *maker) town(i, wide int) {
	row, col := i/wide, i%wide
	size := sizes[i%len(sizes)]
	lat, lon := 41+0.35*float64(row)+c.r.Float64()*.1, 47+0.5*float64(col)+c.r.Float64()*.1
	crossings := make([][]int64, size+1)
	for y := range crossings {
		for x := range size + 1 {
			crossings[y] = append(crossings[y], c.node(lat+quarter*(float64(y)+c.r.Float64()*.2), lon+1.35*quarter*(float64(x)+c.r.Float64()*.2)))
		}
	}
	// of each quarter the arterial pieces along it: in the south, the north, the west and the east
	south := make([][]side, size+1)
	west := make([][]side, size+1)
	for k := range size + 1 {
		name := c.street()
		for x := range size {
			south[k] = append(south[k], c.arterial(name, k, crossings[k][x], crossings[k][x+1]))
		}
		name = c.street()
		for y := range size {
			west[k] = append(west[k], c.arterial(name, k, crossings[y][k], crossings[y+1][k]))
		}
	}
	for y := range size {
		for x := range size {
			c.quarter([4]side{south[y][x], south[y+1][x], west[x][y], west[x+1][y]})
		}
	}
	m := size / 2
	c.gates = append(c.gates, [4]int64{crossings[m][0], crossings[0][m], crossings[m][size], crossings[size][m]})
	if col > 0 {
		c.road(c.gates[i-1][2], c.gates[i][0])
	}
	if row > 0 && (col == 0 || c.r.IntN(10) < 8) {
		c.road(c.gates[i-wide][3], c.gates[i][1])
	}
}

// road joins two towns.
func (c *maker) road(a, b int64) {
	c.way(tags{{"highway", "trunk"}, {"ref", "A-" + fmt.Sprint(1+c.r.IntN(40))}, {"maxspeed", "90"}}, c.bent(a, b, 12)...)
}

// side is a piece of an arterial street with the nodes at which lanes may join it.
type side struct{ gates []int64 }

// arterial lays a piece between two crossings. Of every third street the directions are parted, as far as this goes on one
// line: it is one-way, by turns.
func (c *maker) arterial(name string, k int, a, b int64) side {
	refs := c.bent(a, b, lanes)
	t := tags{{"highway", "secondary"}, {"name", name}}
	if k%3 == 1 {
		t = append(t, [2]string{"oneway", []string{"yes", "-1"}[k/3%2]})
	}
	w := c.way(t, refs...)
	if n := len(c.turns); c.r.IntN(12) == 0 && w > 1 && n < 1<<20 && c.touches(w-1, a) {
		c.turns = append(c.turns, turn{w - 1, a, w})
	}
	return side{refs[1 : len(refs)-1]}
}

func (c *maker) touches(way, node int64) bool {
	refs := c.ways[way-1].refs
	return refs[len(refs)-1] == node
}

// quarter fills a block between four arterial pieces with lanes and houses.
func (c *maker) quarter(around [4]side) {
	sLat, sLon := c.at(around[0].gates[0])
	nLat, nLon := c.at(around[1].gates[lanes-1])
	var in [lanes][lanes]int64
	for y := range lanes {
		for x := range lanes {
			ky, kx := (float64(y)+.5+c.r.Float64()*.3)/lanes, (float64(x)+.2+c.r.Float64()*.3)/lanes
			in[y][x] = c.node(sLat+ky*(nLat-sLat), sLon+kx*(nLon-sLon))
		}
	}
	name := c.street()
	for y := range lanes {
		for x := range lanes {
			if x+1 < lanes && c.r.IntN(100) < 72 {
				c.lane(name, in[y][x], in[y][x+1])
			}
			if y+1 < lanes && c.r.IntN(100) < 72 {
				c.lane(name, in[y][x], in[y+1][x])
			}
		}
	}
	for _, g := range []struct {
		side int
		of   func(k int) int64
	}{{0, func(k int) int64 { return in[0][k] }}, {1, func(k int) int64 { return in[lanes-1][k] }}, {2, func(k int) int64 { return in[k][0] }}, {3, func(k int) int64 { return in[k][lanes-1] }}} {
		for range 1 + c.r.IntN(2) {
			k := c.r.IntN(lanes)
			c.lane(name, around[g.side].gates[k], g.of(k))
		}
	}
}

// lane lays a lane and a house or two at it.
func (c *maker) lane(name string, a, b int64) {
	t := tags{{"highway", "residential"}}
	switch c.r.IntN(8) {
	case 0:
		t[0][1] = "service"
	case 1, 2, 3:
		t = append(t, [2]string{"name", name})
	case 4:
		t = append(t, [2]string{"oneway", "yes"})
	}
	c.way(t, c.bent(a, b, c.r.IntN(4))...)
	aLat, aLon := c.at(a)
	bLat, bLon := c.at(b)
	for range c.r.IntN(3) {
		k, off := c.r.Float64(), .1+.2*c.r.Float64()
		lat, lon := aLat+k*(bLat-aLat)+off*(bLon-aLon), aLon+k*(bLon-aLon)-off*(bLat-aLat)
		var ring []int64
		for _, d := range [][2]float64{{0, 0}, {0, 2e-4}, {1e-4, 2e-4}, {1e-4, 0}} {
			ring = append(ring, c.node(lat+d[0], lon+d[1]))
		}
		t := tags{{"building", "yes"}}
		if c.r.IntN(10) == 0 {
			t = append(t, [2]string{"addr:street", name}, [2]string{"addr:housenumber", fmt.Sprint(1 + c.r.IntN(150))})
		}
		c.way(t, append(ring, ring[0])...)
	}
}

var syllables = []string{"бай", "тау", "жан", "мар", "сер", "нур", "ал", "кан", "дос", "бек", "ер", "ту", "ис", "ку", "ша"}

// street invents a street's name.
func (c *maker) street() string {
	var w strings.Builder
	for range 2 + c.r.IntN(3) {
		w.WriteString(syllables[c.r.IntN(len(syllables))])
	}
	return "улица " + w.String() + "а"
}
