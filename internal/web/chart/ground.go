package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/roads/tiles"
)

// attribution is what every map must say.
const attribution = tiles.Attribution

// View is a piece of the world on paper.
type View = tiles.View

// Deepest is how near a map of this page is drawn when there is little on it.
const Deepest = 15

// Fit is the view that holds all points (latitude, longitude).
func Fit(points [][2]float64, w, h, edge float64) View { return tiles.Fit(points, w, h, edge, Deepest) }

// Ground is what lies under what a page draws: the map of the extract, or a plain grid where there is none.
type Ground struct {
	View  View
	Paths []Path
	Texts []Text
	Plain bool // a grid alone
	Scale Path
	Long  string // how long the scale is, in words
}

// Path is a line or an area in SVG's own words.
type Path struct{ Class, D string }

// Text is a name on the map.
type Text struct{ Class, Text, X, Y, Turn string }

// Ground draws a view in a language.
func (c *Chart) Ground(lang i18n.Lang, v View) Ground {
	g := Ground{View: v}
	g.scale(lang)
	if c == nil {
		g.Plain = true
		g.grid()
		return g
	}
	if b := c.base.Load(); b != nil {
		if d, err := b.Draw(v); err == nil && len(d.Shapes) > 0 {
			g.shapes(d.Shapes)
			g.names(string(lang), d.Labels)
			return g
		}
	}
	g.Plain = true
	g.grid()
	return g
}

// At is where a place lies on the paper, as SVG has it.
func (g *Ground) At(lat, lon float64) (x, y string) {
	a, b := g.View.XY(lat, lon)
	return num(a), num(b)
}

// Line is the way through places, as SVG has it.
func (g *Ground) Line(points [][2]float64) string {
	var b strings.Builder
	for i, p := range points {
		if i > 0 {
			b.WriteByte(' ')
		}
		x, y := g.At(p[0], p[1])
		b.WriteString(x + "," + y)
	}
	return b.String()
}

func num(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

func (g *Ground) shapes(all []tiles.Shape) {
	for _, s := range all {
		var b strings.Builder
		for _, l := range s.Lines {
			draw(&b, l, s.Area)
		}
		g.Paths = append(g.Paths, Path{"g-" + s.Layer + " g-" + s.Class, b.String()})
	}
}

// draw writes a line by steps from point to point, in tenths.
func draw(b *strings.Builder, l [][2]float64, area bool) {
	var x, y int
	for i, p := range l {
		nx, ny := int(math.Round(p[0]*10)), int(math.Round(p[1]*10))
		switch {
		case i == 0:
			b.WriteString("M" + tenth(nx) + " " + tenth(ny))
		case area && i == len(l)-1:
			b.WriteByte('z')
			return
		case nx == x && ny == y:
			continue
		default:
			b.WriteString("l" + tenth(nx-x) + " " + tenth(ny-y))
		}
		x, y = nx, ny
	}
}

func tenth(n int) string { return strconv.FormatFloat(float64(n)/10, 'f', -1, 64) }

// grid draws every so many degrees.
func (g *Ground) grid() {
	v := g.View
	top, left := v.At(0, 0)
	bottom, right := v.At(v.W, v.H)
	step := 0.001
	for _, s := range []float64{0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10} {
		if (right-left)/step > 9 {
			step = s
		}
	}
	var b strings.Builder
	for lon := math.Ceil(left/step) * step; lon < right; lon += step {
		x, _ := v.XY(v.Lat, lon)
		b.WriteString("M" + num(x) + " 0V" + num(v.H))
	}
	for lat := math.Ceil(bottom/step) * step; lat < top; lat += step {
		_, y := v.XY(lat, v.Lon)
		b.WriteString("M0 " + num(y) + "H" + num(v.W))
	}
	g.Paths = []Path{{"g-grid", b.String()}}
}

// scale is a bar of a round length, at most a third of the paper.
func (g *Ground) scale(lang i18n.Lang) {
	metres := 10.0
	for _, m := range []float64{20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000} {
		if m/g.View.Metres() < g.View.W/3 {
			metres = m
		}
	}
	g.Scale = Path{"g-scale", fmt.Sprintf("M10 %s v6h%sv-6", num(g.View.H-16), num(metres/g.View.Metres()))}
	g.Long = lang.T("chart.metres", "n", int(metres))
	if metres >= 1000 {
		g.Long = lang.T("chart.kilometres", "n", int(metres/1000))
	}
}

// sizes are the letters' sizes by class; others have the least.
var sizes = map[string]float64{"city": 15, "town": 13, "village": 12, "quarter": 11}

// most bounds how many names a map bears.
const most = 40

// names places what has room: nothing over anything else.
func (g *Ground) names(lang string, all []tiles.Label) {
	type box struct{ x0, y0, x1, y1 float64 }
	taken := []box{{0, g.View.H - 24, 160, g.View.H}}
	for _, l := range all {
		text := l.In(lang)
		size := sizes[l.Class]
		if size == 0 {
			size = 10
		}
		long := float64(len([]rune(text))) * size * 0.56
		if text == "" || len(g.Texts) >= most || l.Room > 0 && l.Room < long || l.Layer == "road" && l.Room == 0 || l.Layer == "mark" && g.View.Zoom < 15.5 {
			continue
		}
		sin, cos := math.Sincos(l.Angle * math.Pi / 180)
		w, h := math.Abs(long*cos)+math.Abs(size*sin), math.Abs(long*sin)+math.Abs(size*cos)
		b := box{l.X - w/2, l.Y - h/2, l.X + w/2, l.Y + h/2}
		free := b.x0 > 2 && b.y0 > 2 && b.x1 < g.View.W-2 && b.y1 < g.View.H-2
		for _, t := range taken {
			free = free && (b.x1 < t.x0 || b.x0 > t.x1 || b.y1 < t.y0 || b.y0 > t.y1)
		}
		if !free {
			continue
		}
		taken = append(taken, b)
		t := Text{Class: "g-name g-" + l.Class, Text: text, X: num(l.X), Y: num(l.Y + size*0.35)}
		if l.Angle != 0 {
			t.Turn = fmt.Sprintf("rotate(%s %s %s)", num(l.Angle), num(l.X), num(l.Y))
		}
		g.Texts = append(g.Texts, t)
	}
}

// Source says where the ground comes from, as every map must.
func (g *Ground) Source(lang i18n.Lang) string {
	if g.Plain {
		return lang.T("chart.plain")
	}
	return attribution
}
