//go:build unix

package roads

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/jumyla/jumyla/internal/testkit/country"
)

// invented is the network of an invented country, with the size of its extract.
func invented(tb testing.TB, nodes int) (n *Network, extract int) {
	tb.Helper()
	var b bytes.Buffer
	if _, err := country.Write(&b, nodes, 1); err != nil {
		tb.Fatal(err)
	}
	n, err := Read(tb.Context(), bytes.NewReader(b.Bytes()), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return n, b.Len()
}

// TestAnInventedCountryIsLikeARealOne holds the proportions by which its figures mean something.
func TestAnInventedCountryIsLikeARealOne(t *testing.T) {
	n, _ := invented(t, 60_000)
	s, g := n.Extract, n.graphs[Car]
	main := 0
	for _, m := range g.main {
		if m {
			main++
		}
	}
	share := float64(main) / float64(len(g.edge))
	t.Logf("%+v, %d arcs of the hierarchy, %.2f of the edges in the main part", s, len(g.up), share)
	if k := float64(s.Segments) / float64(s.Junctions); k < 1.2 || k > 1.6 { // Almaty: 1.43
		t.Errorf("%.2f segments a junction", k)
	}
	if k := float64(60_000) / float64(s.Junctions); k < 6 || k > 10 { // Almaty: 8.5
		t.Errorf("%.2f nodes a junction", k)
	}
	if share < 0.9 || s.Turns == 0 || s.OneWay == 0 || s.TurnsSkipped > 0 {
		t.Errorf("%.2f of the edges, %+v", share, s)
	}
	w := n.Weights(Car, noon)
	pts := scattered(n, w, 60)
	tab, err := w.Table(t.Context(), pts[:10], pts, 1)
	if err != nil {
		t.Fatal(err)
	}
	agree(t, tab, w, newWalker(n, Car, noon), pts[:10], pts)
}

// scattered are places at junctions, anywhere in a network.
func scattered(n *Network, w *Weights, count int) []Snap {
	r := rand.New(rand.NewPCG(1, 1))
	out := make([]Snap, count)
	for i := range out {
		j := r.IntN(len(n.lat))
		out[i] = w.Snap(Point{float64(n.lat[j]) / 1e7, float64(n.lon[j]) / 1e7})
	}
	return out
}

// BenchmarkCountry says how cost grows with nodes: time to build, memory that stays, time for other weights, cells of a
// table of 1000 places anywhere, a way across. Times are of the processor. JUMYLA_COUNTRY names another size than the usual.
func BenchmarkCountry(b *testing.B) {
	sizes := []int{75_000, 300_000}
	if s := os.Getenv("JUMYLA_COUNTRY"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			b.Fatal(err)
		}
		sizes = []int{n}
	}
	for _, nodes := range sizes {
		b.Run(strconv.Itoa(nodes), func(b *testing.B) {
			for b.Loop() {
				measureCountry(b, nodes)
			}
		})
	}
}

func measureCountry(b *testing.B, nodes int) {
	b.Helper()
	var extract, artefact bytes.Buffer
	if _, err := country.Write(&extract, nodes, 1); err != nil {
		b.Fatal(err)
	}
	report := func(value float64, unit string) { b.ReportMetric(value, unit) }
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var n *Network
	took := func(do func() error) float64 {
		start := processorTime(b)
		if err := do(); err != nil {
			b.Fatal(err)
		}
		return (processorTime(b) - start).Seconds()
	}
	report(took(func() (err error) { n, err = Read(b.Context(), bytes.NewReader(extract.Bytes()), nil); return err }), "build-cpu-s")
	runtime.GC()
	runtime.ReadMemStats(&after)
	report(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "kept-MB")
	report(float64(n.Extract.Junctions), "junctions")
	var w *Weights
	report(1000*took(func() error { w = n.Weights(Car, noon); return nil }), "weights-cpu-ms")
	snaps := scattered(n, w, 1000)
	report(1e6/took(func() error { _, err := w.Table(b.Context(), snaps, snaps, 1); return err }), "cells/cpu-s")
	report(10*took(func() error {
		for i := range 100 {
			if _, ok := w.Route(snaps[i], snaps[i+1]); !ok {
				return fmt.Errorf("no way from %d", i)
			}
		}
		return nil
	}), "route-cpu-ms")
	report(float64(longest(n.graphs[Car].depth)), "ancestors")
	if err := n.Encode(&artefact); err != nil {
		b.Fatal(err)
	}
	report(float64(artefact.Len())/float64(extract.Len()), "artefact/extract")
	report(took(func() error { _, err := Decode(bytes.NewReader(artefact.Bytes())); return err }), "load-cpu-s")
}

func longest(depth []int32) int32 { return slices.Max(depth) + 1 }
