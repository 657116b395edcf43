package roads

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/paulmach/osm"
)

// country is a generated extract of about so many nodes: towns of 50 by 50 streets in a grid, each joined to the next
// by a long road.
func country(nodes int) *extract {
	const side = 50
	towns := max(nodes/(side*side), 1)
	wide := 1
	for wide*wide < towns {
		wide++
	}
	x := &extract{barriers: map[int64]osm.Tags{}}
	add := func(lat, lon float64) int64 {
		x.ids = append(x.ids, int64(len(x.ids)+1))
		x.lat, x.lon = append(x.lat, int32(lat*1e7)), append(x.lon, int32(lon*1e7))
		return int64(len(x.ids))
	}
	street := osm.Tags{{Key: "highway", Value: "residential"}}
	road := osm.Tags{{Key: "highway", Value: "primary"}, {Key: "name", Value: "Тас жол"}}
	way := func(tags osm.Tags, refs ...int64) {
		x.ways = append(x.ways, rawWay{id: int64(len(x.ways) + 1), refs: refs, tags: tags})
	}
	corner := func(town, row, col int) int64 { return int64(town*side*side + row*side + col + 1) }
	for t := range towns {
		for i := range side * side {
			add(43+float64(t/wide)*0.3+float64(i/side)*0.002, 60+float64(t%wide)*0.3+float64(i%side)*0.002)
		}
		for i := range side {
			var row, col []int64
			for k := range side {
				row, col = append(row, corner(t, i, k)), append(col, corner(t, k, i))
			}
			way(street, row...)
			way(street, col...)
		}
		if t%wide > 0 {
			way(road, corner(t-1, side/2, side-1), corner(t, side/2, 0))
		}
		if t >= wide {
			way(road, corner(t-wide, side-1, side/2), corner(t, 0, side/2))
		}
	}
	return x
}

// BenchmarkCountry says how cost grows with nodes: seconds and memory to build, and cells of a table a second, and a way.
func BenchmarkCountry(b *testing.B) {
	for _, nodes := range []int{10_000, 100_000, 400_000} {
		b.Run(strconv.Itoa(nodes), func(b *testing.B) {
			for b.Loop() {
				measureCountry(b, nodes)
			}
		})
	}
}

func measureCountry(b *testing.B, nodes int) {
	b.Helper()
	x := country(nodes)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	made := builder{x: x, n: &Network{names: []string{""}, conds: [][]Condition{nil}}, name: map[string]int32{"": 0}, attr: map[attr]int32{}, cond: map[string]int32{}}
	made.junctions()
	made.segments()
	n := made.n
	n.graphs[Car] = n.makeGraph(Car)
	n.graphs[Car].arrange(order(n.graphs[Car].undirected(), n.graphs[Car].points(n)))
	n.index()
	b.ReportMetric(time.Since(start).Seconds(), "build-s")
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "kept-MB")
	start = time.Now()
	w := n.Weights(Car, noon)
	b.ReportMetric(float64(time.Since(start).Milliseconds()), "weights-ms")
	r := rand.New(rand.NewPCG(1, 1))
	var snaps []Snap
	for range 300 {
		i := r.IntN(len(n.lat))
		snaps = append(snaps, w.Snap(Point{float64(n.lat[i]) / 1e7, float64(n.lon[i]) / 1e7}))
	}
	start = time.Now()
	if _, err := w.Table(b.Context(), snaps, snaps, 1); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(90_000/time.Since(start).Seconds(), "cells/s")
	start = time.Now()
	for i := range 100 {
		if _, ok := w.Route(snaps[i], snaps[i+1]); !ok {
			b.Fatal(fmt.Sprint("no way between ", i))
		}
	}
	b.ReportMetric(time.Since(start).Seconds()*10, "route-ms")
}
