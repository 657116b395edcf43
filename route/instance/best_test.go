package instance

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestReadBest(t *testing.T) {
	const head = "set,instance,vehicles,distance,convention\n"
	got, err := ReadBest(strings.NewReader(head + `s,R1,9,960.88,"a: vehicles, then distance"` + "\n" + `s,R1,,932.1,"b: distance"` + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := got[BestKey{"s", "r1", Vehicles}], got[BestKey{"s", "r1", Distance}]; a != (Best{9, 960.88}) || b != (Best{0, 932.1}) {
		t.Errorf("%v %v", a, b)
	}
	for _, row := range []string{"s,R1", "s,R1,9,-1,a", "s,R1,x,5,a", "s,R1,9,no,a"} {
		if _, err := ReadBest(strings.NewReader(head + row + "\n")); err == nil {
			t.Errorf("%q was read", row)
		}
	}
}

func TestSamplesAreOfOneObjective(t *testing.T) {
	for _, s := range Samples() {
		if len(s.Files) == 0 || s.Objective != Distance && s.Objective != Vehicles {
			t.Errorf("%+v", s)
		}
	}
}

func TestCurveIsAPicture(t *testing.T) {
	for _, points := range [][]Point{nil, {{"one", 1, 0}}, {{"one", 1, 3}, {"one", 100, 0.02}, {"two", 10, 1}}} {
		var b strings.Builder
		if err := Curve(&b, points, "seconds"); err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(strings.NewReader(b.String()))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v in %s", err, b.String())
			}
		}
		if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
			t.Errorf("%s", b.String())
		}
		for _, p := range points {
			if !strings.Contains(b.String(), p.Sample) {
				t.Errorf("%s is not in the picture", p.Sample)
			}
		}
	}
}
