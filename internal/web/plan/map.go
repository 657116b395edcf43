package plan

import (
	"fmt"
	"math"
	"strings"

	"github.com/jumyla/jumyla/internal/rule"
)

// The map's size in its own units, and how far from the edge things stay.
const (
	mapSize = 400.0
	mapEdge = 24.0
)

// chart is what the map shows: points of a plain projection around the centre.
type chart struct {
	centre point
	runs   []track
	left   []point // ready and in no run
	zones  []string
	bar    string // length of the scale
	barKM  int
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

// projection puts degrees on the paper: true at the centre's latitude.
type projection struct{ lat, lon, cos, scale float64 }

func (p projection) xy(q [2]float64) (x, y float64) {
	return mapSize/2 + (q[1]-p.lon)*p.cos*p.scale, mapSize/2 - (q[0]-p.lat)*p.scale
}

func (p projection) point(q [2]float64) point {
	x, y := p.xy(q)
	return point{fmt.Sprintf("%.1f", x), fmt.Sprintf("%.1f", y)}
}

// project chooses the middle and the scale so that everything is on the paper.
func (v *page) project() projection {
	lat0, lat1, lon0, lon1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for place := range len(v.t.Stops) + 1 {
		q := v.t.Point(place)
		lat0, lat1, lon0, lon1 = min(lat0, q[0]), max(lat1, q[0]), min(lon0, q[1]), max(lon1, q[1])
	}
	p := projection{lat: (lat0 + lat1) / 2, lon: (lon0 + lon1) / 2}
	p.cos = math.Cos(p.lat * math.Pi / 180)
	wide := max(lat1-lat0, (lon1-lon0)*p.cos, 0.005)
	p.scale = (mapSize - 2*mapEdge) / wide
	return p
}

func (v *page) chart() chart {
	p := v.project()
	c := chart{centre: p.point(v.t.Point(0))}
	in := map[int]bool{}
	for i := range v.t.Runs {
		if len(v.t.Runs[i].Stops) > 0 {
			c.runs = append(c.runs, v.track(p, i))
		}
		for _, s := range v.t.Runs[i].Route.Stops {
			in[s.Place] = true
		}
	}
	for i := range v.t.Stops {
		if !in[i+1] {
			c.left = append(c.left, p.point(v.t.Point(i+1)))
		}
	}
	for i := range v.t.Rules {
		if r := &v.t.Rules[i]; r.Kind == rule.ClosedZone && len(r.Polygon) > 0 {
			c.zones = append(c.zones, p.line(r.Polygon))
		}
	}
	const degree = 111.2 // km of latitude
	for _, km := range []int{1, 2, 5, 10, 20, 50} {
		if c.barKM == 0 || float64(km)/degree*p.scale < mapSize/3 {
			c.barKM, c.bar = km, fmt.Sprintf("%.1f", 12+float64(km)/degree*p.scale)
		}
	}
	return c
}

// line joins points.
func (p projection) line(points [][2]float64) string {
	out := make([]string, 0, len(points))
	for _, q := range points {
		at := p.point(q)
		out = append(out, at.x+","+at.y)
	}
	return strings.Join(out, " ")
}

// track draws one run: from the centre through its stops and back, by way of the centre where it loads again.
func (v *page) track(p projection, i int) track {
	r := &v.t.Runs[i]
	tr := track{number: r.Crew.Number, chosen: i == v.run, dash: []string{"", "7 3", "2 3", "9 3 2 3"}[i%4]}
	home := v.t.Point(0)
	line := [][2]float64{home}
	for _, s := range r.Route.Stops {
		line = append(line, v.t.Point(s.Place))
	}
	tr.line = p.line(append(line, home))
	for k, s := range r.Times() {
		q := r.Stops[k].Request
		tr.stops = append(tr.stops, mapStop{point: p.point(v.t.Point(s.Place)), label: itoa(k + 1), id: q.String(), here: v.isChosen(q)})
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
