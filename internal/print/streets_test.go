package print

import (
	"math"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
)

// crossed is a sketch with streets that go far beyond it, names of every kind, a way of many corners and one unknown leg.
func crossed() *Sketch {
	s := &Sketch{Source: "© nobody"}
	for k := range 40 {
		at := 43.1 + float64(k)/100
		s.Streets = append(s.Streets, Street{[]Point{{at, 70}, {at, 76.9}, {at, 80}}, 0.5}, Street{[]Point{{40, 76.7 + float64(k)/100}, {50, 76.7 + float64(k)/100}}, 2})
		s.Names = append(s.Names, StreetName{"Абай даңғылы " + strings.Repeat("ұ", k), Point{at, 76.9 + float64(k)/1000}, float64(k*9) - 90, 20_000, false})
	}
	for _, to := range sampleSheet(i18n.KK).Stops {
		var leg []Point
		for k := range 200 {
			leg = append(leg, Point{43.238 + (to.Where.Lat-43.238)*float64(k)/199 + math.Sin(float64(k))/5000, 76.945 + (to.Where.Lon-76.945)*float64(k)/199})
		}
		s.Legs = append(s.Legs, leg)
	}
	s.Legs[2] = nil
	return s
}

func TestASketchOfRoadsStaysInItsFrame(t *testing.T) {
	in := sampleSheet(i18n.KK)
	f := newFlow(i18n.KK, "", "")
	b := f.sketch(in.Start, in.Stops, crossed())
	paths, names := 0, 0
	for _, o := range b.ops {
		switch o.kind {
		case opPath:
			paths++
			if o.x < 0 || o.y < 0 || o.x2 > f.width() || o.y2 > b.h {
				t.Errorf("a line leaves the frame: %.1f,%.1f to %.1f,%.1f", o.x, o.y, o.x2, o.y2)
			}
		case opAlong:
			names++
		default:
		}
	}
	if paths < 20 || names == 0 {
		t.Errorf("%d lines, %d names", paths, names)
	}
	in.Sketch = crossed()
	pages, err := RunSheet(i18n.KK, in)()
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range pages {
		inside(t, i+1, p)
	}
	text := extract(t, write(t, "crossed", RunSheet(i18n.KK, in)))
	contains(t, text, i18n.KK.T("print.sketch_partly"), "© nobody")
	lacks(t, text, i18n.KK.T("print.sketch"))
}

func TestClip(t *testing.T) {
	in := frame{0, 0, 10, 10}
	for name, c := range map[string]struct {
		line [][2]float64
		want [][][2]float64
	}{
		"inside":          {[][2]float64{{1, 1}, {9, 9}}, [][][2]float64{{{1, 1}, {9, 9}}}},
		"through":         {[][2]float64{{-5, 5}, {15, 5}}, [][][2]float64{{{0, 5}, {10, 5}}}},
		"out and in":      {[][2]float64{{5, 5}, {5, 15}, {8, 15}, {8, 5}}, [][][2]float64{{{5, 5}, {5, 10}}, {{8, 10}, {8, 5}}}},
		"beside":          {[][2]float64{{-1, -5}, {-1, 15}}, nil},
		"round a corner":  {[][2]float64{{-5, 8}, {8, 21}}, nil},
		"along the edge":  {[][2]float64{{0, -5}, {0, 15}}, [][][2]float64{{{0, 0}, {0, 10}}}},
		"a point":         {[][2]float64{{5, 5}}, nil},
		"nothing to draw": {nil, nil},
	} {
		got := in.clip(c.line)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
			continue
		}
		for i := range got {
			for k := range got[i] {
				if len(got[i]) != len(c.want[i]) || math.Hypot(got[i][k][0]-c.want[i][k][0], got[i][k][1]-c.want[i][k][1]) > 1e-9 {
					t.Errorf("%s: %v, want %v", name, got, c.want)
				}
			}
		}
	}
}

// TestTheWayStandsWithItsStop holds that a way of any length fits above its stop, in one block with it.
func TestTheWayStandsWithItsStop(t *testing.T) {
	f := newFlow(i18n.RU, "", "")
	plain := f.stop(long()).h
	s := long()
	s.Way = []Way{{{Text: "2,1 км: "}, {"налево", true}, {Text: strings.Repeat(" улица Сейфуллина 300 м", 200)}}}
	b := f.stop(s)
	if b.h <= plain || b.h > plain+6*body.leading() || b.stop != 1 {
		t.Errorf("%.0f points high, %.0f without the way", b.h, plain)
	}
	text := extract(t, write(t, "one-way", RunSheet(i18n.RU, RunSheetInput{Crew: "3", Date: day(0, 0), Stops: []Stop{s}})))
	contains(t, text, "2,1 км: налево улица Сейфуллина", "…")
}
