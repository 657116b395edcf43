package plan

import (
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/dispatch/way"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/web/chart"
)

// The map's size in its own units, and how far from the edge things stay.
const (
	mapSize = 400.0
	mapEdge = 24.0
)

// drawing is what the map shows, over the ground.
type drawing struct {
	ground chart.Ground
	centre point
	runs   []track
	left   []point // ready and in no run
	zones  []string
}

type point struct{ x, y string }

// track is one run on the map.
type track struct {
	number int
	line   string
	chosen bool
	dash   string
	first  point
	stops  []mapStop
}

type mapStop struct {
	point

	label, id string
	here      bool
}

// drawing chooses the middle and the scale so that everything is on the paper, and draws it.
func (v *page) drawing() drawing {
	var all [][2]float64
	for place := range len(v.t.Stops) + 1 {
		all = append(all, v.t.Point(place))
	}
	d := drawing{ground: v.ground.Ground(v.lang, chart.Fit(all, mapSize, mapSize, mapEdge))}
	d.centre = d.point(v.t.Point(0))
	in := map[int]bool{}
	var shown []int
	for i := range v.t.Runs {
		if len(v.t.Runs[i].Stops) > 0 {
			shown = append(shown, i)
		}
		for _, s := range v.t.Runs[i].Route.Stops {
			in[s.Place] = true
		}
	}
	for k, line := range v.lines(shown) {
		d.runs = append(d.runs, v.track(&d, shown[k], line))
	}
	for i := range v.t.Stops {
		if !in[i+1] {
			d.left = append(d.left, d.point(v.t.Point(i+1)))
		}
	}
	for i := range v.t.Rules {
		if r := &v.t.Rules[i]; r.Kind == rule.ClosedZone && len(r.Polygon) > 0 {
			d.zones = append(d.zones, d.ground.Line(r.Polygon))
		}
	}
	return d
}

func (d *drawing) point(q [2]float64) point {
	x, y := d.ground.At(q[0], q[1])
	return point{x, y}
}

// lines are the ways of runs, from the centre through their stops and back: by road where there are roads, around what is
// closed to the crew then.
func (v *page) lines(runs []int) [][][2]float64 {
	lines := make([][][2]float64, len(runs))
	paths := map[bool]*way.Paths{}
	for _, pass := range []bool{false, true} {
		zones := rule.Zones(v.t.Rules, dispatch.Areas(v.t.Centre), pass, v.day, v.day.AddDate(0, 0, 2))
		paths[pass] = way.On(dispatch.Network(v.ways), v.day, zones)
	}
	for k, i := range runs {
		r := &v.t.Runs[i]
		doors := []way.Visit{v.visit(0, r.Route.Depart)}
		for n, s := range r.Route.Stops {
			if n > 0 && s.Trip != r.Route.Stops[n-1].Trip {
				doors = append(doors, v.visit(0, s.Arrive))
			}
			doors = append(doors, v.visit(s.Place, s.Leave))
		}
		lines[k] = paths[r.Crew.Pass != ""].Line(append(doors, v.visit(0, 0)))
	}
	return lines
}

func (v *page) visit(place int, leave int32) way.Visit {
	q := v.t.Point(place)
	return way.Visit{Point: household.Point{Lat: q[0], Lon: q[1]}, Leave: leave}
}

// track draws one run.
func (v *page) track(d *drawing, i int, line [][2]float64) track {
	r := &v.t.Runs[i]
	tr := track{number: r.Crew.Number, chosen: i == v.run, dash: []string{"", "7 3", "2 3", "9 3 2 3"}[i%4], line: d.ground.Line(line)}
	for k, s := range r.Times() {
		q := r.Stops[k].Request
		tr.stops = append(tr.stops, mapStop{point: d.point(v.t.Point(s.Place)), label: itoa(k + 1), id: q.String(), here: v.isChosen(q)})
	}
	tr.first = tr.stops[0].point
	return tr
}

// chosenCrew is the number of the crew that is drawn boldly; 0 where none is.
func (v *page) chosenCrew() int {
	if v.run < 0 {
		return 0
	}
	return v.t.Runs[v.run].Crew.Number
}
