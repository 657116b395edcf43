package print

import (
	"math"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
)

// wide is a run of so many stops over 20 kilometres, most of them close to the centre, among streets in short pieces.
func wide(n int) (*Point, []Stop, *Sketch) {
	start := &Point{43.25, 76.93}
	at := *start
	way := &Sketch{Source: "© nobody"}
	var stops []Stop
	for i := range n {
		sin, cos := math.Sincos(float64(i) * 2.4)
		to := Point{43.25 + sin*0.004*float64(i%7), 76.93 + cos*0.006*float64(i%7)}
		if i == n/2 {
			to = Point{43.40, 76.98}
		}
		stops = append(stops, Stop{Number: i + 1, Where: &to})
		way.Legs = append(way.Legs, []Point{at, {at.Lat, to.Lon}, to})
		at = to
	}
	way.Legs = append(way.Legs, []Point{at, *start})
	for k, name := range []string{"проспект Абая", "улица Толе би", "проспект Райымбека", "улица Сейфуллина", "Северное кольцо", "проспект Суюнбая"} {
		for j := range 3 {
			angle := float64(k%2) * 90
			way.Names = append(way.Names, StreetName{name, Point{43.21 + float64(k)*0.03, 76.8 + float64(j)*0.1}, angle, 1200, true})
		}
	}
	return start, stops, way
}

func TestNamesStandInAWideSketch(t *testing.T) {
	f := newFlow(i18n.RU, "", "")
	start, stops, way := wide(21)
	b := f.sketch(start, stops, way)
	names := map[string]int{}
	for _, o := range b.ops {
		if o.kind == opAlong {
			names[o.text]++
		}
	}
	if len(names) < 4 {
		t.Errorf("names: %v", names)
	}
	for name, n := range names {
		if n > 1 {
			t.Errorf("%s stands %d times", name, n)
		}
	}
}

func TestNoNumberLiesOnAnother(t *testing.T) {
	f := newFlow(i18n.RU, "", "")
	for _, n := range []int{5, 14, 21, 45} {
		for name, roads := range map[string]bool{"by road": true, "straight": false} {
			start, stops, way := wide(n)
			if !roads {
				way = nil
			}
			b := f.sketch(start, stops, way)
			var numbers []op
			for _, o := range b.ops {
				if o.kind == opCircle && o.x2 > dot {
					numbers = append(numbers, o)
				}
			}
			if len(numbers) != n {
				t.Errorf("%s, %d stops: %d numbers", name, n, len(numbers))
			}
			for i, a := range numbers {
				for _, o := range numbers[:i] {
					if d := math.Hypot(a.x-o.x, a.y-o.y); d < a.x2+o.x2-0.5 {
						t.Errorf("%s, %d stops: two numbers are %.1f points apart", name, n, d)
					}
				}
			}
		}
	}
}

func TestDashes(t *testing.T) {
	got := dashes([][2]float64{{0, 0}, {3, 0}, {3, 0}, {10, 0}}, 4, 2)
	want := [][2]float64{{0, 4}, {6, 10}}
	if len(got) != len(want) {
		t.Fatal(got)
	}
	for i, piece := range got {
		if piece[0][0] != want[i][0] || piece[len(piece)-1][0] != want[i][1] {
			t.Errorf("%v, want %v", piece, want[i])
		}
	}
}
