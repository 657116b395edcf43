package instance

import (
	"fmt"
	"io"
	"math"
)

// Point is how far a sample was from the best known after a budget.
type Point struct {
	Sample string
	Budget float64 // seconds, or steps for each stop
	Gap    float64 // per cent
}

// The picture's size, and the frame in it.
const (
	pictureWidth, pictureHeight = 720, 400
	left, right, top, bottom    = 60, 500, 30, 350
)

// Curve draws the gap against the budget, a line for each sample; both axes are
// logarithmic.
func Curve(w io.Writer, points []Point, budget string) error {
	d := &drawing{w: w}
	x, y := axisOf(points, func(p Point) float64 { return p.Budget }), axisOf(points, func(p Point) float64 { return max(p.Gap, 0.01) })
	d.printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`, pictureWidth, pictureHeight)
	d.printf(`<rect width="100%%" height="100%%" fill="#fff"/><g stroke="#ddd">`)
	for e := x.lo; e <= x.hi; e++ {
		d.printf(`<path d="M%.1f %dV%d"/>`, x.at(math.Pow(10, e), left, right), top, bottom)
	}
	for e := y.lo; e <= y.hi; e++ {
		d.printf(`<path d="M%d %.1fH%d"/>`, left, y.at(math.Pow(10, e), bottom, top), right)
	}
	d.printf(`</g><g fill="#333">`)
	for e := x.lo; e <= x.hi; e++ {
		d.printf(`<text x="%.1f" y="%d" text-anchor="middle">%g</text>`, x.at(math.Pow(10, e), left, right), bottom+18, math.Pow(10, e))
	}
	for e := y.lo; e <= y.hi; e++ {
		d.printf(`<text x="%d" y="%.1f" text-anchor="end">%g %%</text>`, left-6, y.at(math.Pow(10, e), bottom, top)+4, math.Pow(10, e))
	}
	d.printf(`<text x="%d" y="%d">%s</text><text x="%d" y="%d">gap to best known</text></g>`, (left+right)/2-60, bottom+38, budget, left, top-12)
	d.lines(points, x, y)
	d.printf(`</svg>` + "\n")
	return d.err
}

type drawing struct {
	w   io.Writer
	err error
}

func (d *drawing) printf(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.w, format, args...)
	}
}

// lines draws each sample's points in the order given, and its name beside the frame.
func (d *drawing) lines(points []Point, x, y axis) {
	colours := []string{"#0b6e4f", "#c1440e", "#2f5d9b", "#8a4f9e", "#a67c00", "#3b3b3b", "#0097a7", "#c2185b", "#6d8b00"}
	var names []string
	byName := map[string][]Point{}
	for _, p := range points {
		if byName[p.Sample] == nil {
			names = append(names, p.Sample)
		}
		byName[p.Sample] = append(byName[p.Sample], p)
	}
	for i, name := range names {
		c := colours[i%len(colours)]
		d.printf(`<g stroke="%s" fill="none" stroke-width="2"><path d="`, c)
		for k, p := range byName[name] {
			d.printf("%c%.1f %.1f", "ML"[min(k, 1)], x.at(p.Budget, left, right), y.at(max(p.Gap, 0.01), bottom, top))
		}
		d.printf(`"/></g><text x="%d" y="%d" fill="%s">%s</text>`, right+12, top+16+18*i, c, name)
		for _, p := range byName[name] {
			d.printf(`<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`, x.at(p.Budget, left, right), y.at(max(p.Gap, 0.01), bottom, top), c)
		}
	}
}

// axis runs over whole powers of ten.
type axis struct{ lo, hi float64 }

func axisOf(points []Point, value func(Point) float64) axis {
	a := axis{math.Inf(1), math.Inf(-1)}
	for _, p := range points {
		e := math.Log10(max(value(p), 1e-9))
		a.lo, a.hi = min(a.lo, math.Floor(e)), max(a.hi, math.Ceil(e))
	}
	if math.IsInf(a.lo, 0) {
		return axis{0, 1}
	}
	a.hi = max(a.hi, a.lo+1)
	return a
}

func (a axis) at(v float64, from, to float64) float64 {
	return from + (to-from)*(math.Log10(v)-a.lo)/(a.hi-a.lo)
}
