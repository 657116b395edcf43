package tiles

import "math"

// View is a piece of the world on paper: its middle, how deep it looks, and its size in units of paper. At zoom 0 the
// world is 512 units wide, as in browsers.
type View struct {
	Lat, Lon float64
	Zoom     float64
	W, H     float64
}

// Fit is the view that holds all points (latitude, longitude) with an edge around, no deeper than most.
func Fit(points [][2]float64, w, h, edge, most float64) View {
	v := View{Zoom: most, W: w, H: h}
	if len(points) == 0 {
		return v
	}
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, q := range points {
		p := project(q[0], q[1])
		x0, y0, x1, y1 = min(x0, p[0]), min(y0, p[1]), max(x1, p[0]), max(y1, p[1])
	}
	v.Lat, v.Lon = unproject([2]float64{(x0 + x1) / 2, (y0 + y1) / 2})
	perUnit := min((w-2*edge)/max(x1-x0, 1e-9), (h-2*edge)/max(y1-y0, 1e-9))
	v.Zoom = max(0, min(most, math.Log2(perUnit*world/512)))
	return v
}

// scale is how many units of paper a unit of the world has.
func (v View) scale() float64 { return 512 * math.Exp2(v.Zoom) / world }

// XY puts a place on the paper.
func (v View) XY(lat, lon float64) (x, y float64) {
	p, m, s := project(max(-85, min(85, lat)), lon), project(v.Lat, v.Lon), v.scale()
	return v.W/2 + (p[0]-m[0])*s, v.H/2 + (p[1]-m[1])*s
}

// At is the place at a point of the paper.
func (v View) At(x, y float64) (lat, lon float64) {
	m, s := project(v.Lat, v.Lon), v.scale()
	return unproject([2]float64{m[0] + (x-v.W/2)/s, m[1] + (y-v.H/2)/s})
}

// Metres is how many metres a unit of paper is in the middle.
func (v View) Metres() float64 {
	return 40_075_016.7 * math.Cos(v.Lat*math.Pi/180) / world / v.scale()
}
