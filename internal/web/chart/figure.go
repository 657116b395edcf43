package chart

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/web"
)

// Figure is a map with what a page shows on it. Browsers that can draw it move and enlarge it; the others, and paper, have
// it as it is drawn here. It says nothing that the page does not say in words, too.
type Figure struct {
	ID     string
	Says   string // what it shows, in a sentence
	Pins   []Pin
	Lines  []Line
	Zones  []Zone
	From   string       // the page that the figure is asked from anew when something changes; "" where it stays
	Around [][2]float64 // what else must lie on it: latitude, longitude
	Pick   string       // the id of the field that a chosen point is written into; "" for a map that is only looked at

	lang   i18n.Lang
	ground Ground
	data   string
}

// Pin is something at a place.
type Pin struct {
	ID    string  `json:"id"`
	Lat   float64 `json:"lat"`
	Lon   float64 `json:"lon"`
	Text  string  `json:"text"` // a number, or ""
	Say   string  `json:"say"`
	Href  string  `json:"href,omitempty"`
	Tone  string  `json:"tone"`            // urgent, wait, accent, info, good; home for the centre
	Open  bool    `json:"open,omitempty"`  // drawn as a ring: not ready
	Post  bool    `json:"post,omitempty"`  // drawn as a square: an institution or a checkpoint
	Rough bool    `json:"rough,omitempty"` // only the street or the district is known
}

// Line is a way.
type Line struct {
	Points [][2]float64 `json:"points"` // latitude, longitude
	Text   string       `json:"text"`
	Tone   string       `json:"tone"`
}

// Zone is a piece of ground.
type Zone struct {
	Points [][2]float64 `json:"points"`
	Say    string       `json:"say"`
	Tone   string       `json:"tone"` // urgent where nobody may go now; wait where that comes
}

// The paper of a figure drawn here.
const (
	paperW, paperH, paperEdge = 880, 560, 36
)

// Draw finishes a figure: the view that holds everything on it, or the whole map where there is nothing.
func (c *Chart) Draw(lang i18n.Lang, f Figure) Figure {
	f.lang = lang
	var b *base
	if c != nil {
		b = c.base.Load()
	}
	points := append(f.places(), f.Around...)
	if len(points) == 0 && b != nil {
		points = [][2]float64{{b.South, b.West}, {b.North, b.East}}
	}
	v := Fit(points, paperW, paperH, paperEdge)
	f.ground = c.Ground(lang, v)
	data := struct {
		Tiles string            `json:"tiles,omitempty"`
		Least int               `json:"least"`
		Fit   []float64         `json:"fit"` // west, south, east, north
		Lang  string            `json:"lang"`
		Pick  string            `json:"pick,omitempty"`
		Pins  []Pin             `json:"pins"`
		Lines []Line            `json:"lines"`
		Zones []Zone            `json:"zones"`
		Words map[string]string `json:"words"`
	}{Lang: string(lang), Pick: f.Pick, Pins: f.Pins, Lines: f.Lines, Zones: f.Zones, Fit: box(points), Words: map[string]string{}}
	if b != nil {
		data.Tiles, data.Least = "/tiles/"+b.version+"/{z}/{x}/{y}", b.MinZoom
	}
	for key, word := range map[string]string{"Map.Title": "chart.title", "NavigationControl.ZoomIn": "chart.zoom_in", "NavigationControl.ZoomOut": "chart.zoom_out",
		"ScaleControl.Meters": "chart.m", "ScaleControl.Kilometers": "chart.km", "AttributionControl.ToggleAttribution": "chart.from"} {
		data.Words[key] = lang.T(word)
	}
	if raw, err := json.Marshal(data); err == nil { // plain values: it cannot fail
		f.data = string(raw)
	}
	return f
}

// places is everything that has one.
func (f *Figure) places() [][2]float64 {
	var out [][2]float64
	for _, p := range f.Pins {
		out = append(out, [2]float64{p.Lat, p.Lon})
	}
	for _, l := range f.Lines {
		out = append(out, l.Points...)
	}
	for _, z := range f.Zones {
		out = append(out, z.Points...)
	}
	return out
}

func box(points [][2]float64) []float64 {
	if len(points) == 0 {
		return nil
	}
	out := []float64{180, 90, -180, -90}
	for _, p := range points {
		out[0], out[1] = min(out[0], p[1]), min(out[1], p[0])
		out[2], out[3] = max(out[2], p[1]), max(out[3], p[0])
	}
	return out
}

// spot is a pin on the paper, or several that would cover one another.
type spot struct {
	Pin

	x, y  float64
	count int
}

// tones are from the most urgent on.
var tones = []string{"urgent", "wait", "accent", "info", "good"}

func worse(a, b string) string {
	for _, t := range tones {
		if a == t || b == t {
			return t
		}
	}
	return a
}

// spots gathers pins that lie closer together than their size. The centre stands for itself.
func (f *Figure) spots() []spot {
	const near = 15
	var out []spot
	for _, p := range f.Pins {
		x, y := f.ground.View.XY(p.Lat, p.Lon)
		at := -1
		for i, s := range out {
			if p.Tone != "home" && s.Tone != "home" && math.Hypot(s.x-x, s.y-y) < near {
				at = i
				break
			}
		}
		if at < 0 {
			out = append(out, spot{p, x, y, 1})
			continue
		}
		s := &out[at]
		s.count++
		s.Tone, s.Open, s.Post = worse(s.Tone, p.Tone), s.Open && p.Open, false
	}
	for i := range out {
		if s := &out[i]; s.count > 1 {
			s.Text, s.Href, s.Say = strconv.Itoa(s.count), "", f.lang.T("chart.together", "n", s.count)
		}
	}
	return out
}

func (s spot) at() string { return "translate(" + num(s.x) + " " + num(s.y) + ")" }

// radius is larger where several stand for one.
func (s spot) radius() string {
	if s.count > 1 {
		return "12"
	}
	return "9"
}

func (s spot) class() string {
	c := []string{"pin", "pin-" + s.Tone}
	for name, on := range map[string]bool{"pin-open": s.Open, "pin-many": s.count > 1, "pin-rough": s.Rough} {
		if on {
			c = append(c, name)
		}
	}
	return strings.Join(c, " ")
}

// mark is a line of the legend: chart.mark_* of the word beside what is drawn.
type mark struct{ word, tone, shape string }

func (m mark) say(lang i18n.Lang) string { return lang.T("chart.mark_" + m.word) } // i18n: chart.mark_*

func legendMarks() []mark {
	return []mark{{"now", "urgent", ""}, {"soon", "wait", ""}, {"later", "accent", ""}, {"planned", "info", ""}, {"many", "urgent", "many"},
		{"open", "accent", " pin-open"}, {"rough", "accent", " pin-rough"}, {"post", "accent", "square"}, {"run", "info", "line"}, {"late", "urgent", "line"}}
}

// Load is what a page with a figure loads besides.
func Load() []string { return []string{"map.js"} }

// worker is where the browser finds the part of the map's code that cuts tiles; "" where the bundle is absent.
func worker() string { return web.Embedded().URL("map-worker.js") }

// degrees keeps what a script reckons with.
func degrees(v float64) string { return strconv.FormatFloat(v, 'f', 7, 64) }
