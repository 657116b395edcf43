package sheet

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/dispatch/way"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/print"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/roads"
	"github.com/jumyla/jumyla/roads/tiles"
)

// Ground is what the ways of sheets are told and drawn with; empty where the office has loaded no extract.
type Ground struct {
	Roads *roads.Network
	Map   *tiles.Archive
}

// legs are the ways of one run in the order of its stops, the way home last.
type legs struct {
	lang  i18n.Lang
	paths *way.Paths
	home  household.Point

	at    *household.Point // where the crew is
	lines [][]print.Point  // of each stop and of the way home
}

// pathsOf are the ways of a day for who has a pass or none, around the zones that are closed to them.
func (g Ground) pathsOf(c *centre.Centre, rules []rule.Rule, day time.Time, pass bool) *way.Paths {
	return way.On(g.Roads, day, rule.Zones(rules, dispatch.Areas(c), pass, day, day.AddDate(0, 0, 2)))
}

// ways tells how to get to each stop and home, in words and as lines; nothing without an extract.
func (g Ground) ways(in *print.RunSheetInput, s *run.State, c *centre.Centre, paths *way.Paths, lang i18n.Lang) {
	if paths == nil || c.Lat == 0 && c.Lon == 0 {
		return
	}
	l := &legs{lang: lang, paths: paths, home: household.Point{Lat: c.Lat, Lon: c.Lon}}
	l.at = &l.home
	for i, st := range s.Stops {
		if i > 0 && st.Trip != s.Stops[i-1].Trip {
			in.Stops[i].Way = l.by(&l.home, s.Stops[i-1].Leave, "way.to_centre")
			in.Stops[i].Way = append(in.Stops[i].Way, l.by(where(in.Stops[i]), reloaded(s.Stops[i-1], st), "way.from_centre")...)
			l.join()
			continue
		}
		leave := s.Depart
		if i > 0 {
			leave = s.Stops[i-1].Leave
		}
		in.Stops[i].Way = l.by(where(in.Stops[i]), leave, "")
	}
	if n := len(s.Stops); n > 0 {
		in.Home = l.by(&l.home, s.Stops[n-1].Leave, "way.to_centre")
	}
	in.Sketch = g.sketch(in, l.lines, lang)
}

// reloaded is when a crew is taken to leave the centre again: halfway between two doors is near enough for a period of the
// day.
func reloaded(before, next run.Stop) int32 { return before.Leave + (next.Arrive-before.Leave)/2 }

// where is the door of a stop; nil where it is not known, or was erased.
func where(s print.Stop) *household.Point {
	if s.Where == nil {
		return nil
	}
	return &household.Point{Lat: s.Where.Lat, Lon: s.Where.Lon}
}

// by goes on to a door and says how. From a door that is not known, and to one, nothing is said.
func (l *legs) by(to *household.Point, leave int32, key string) []print.Way {
	from := l.at
	l.at = to
	l.lines = append(l.lines, nil)
	if from == nil || to == nil {
		return nil
	}
	leg, ok := l.paths.Leg(*from, *to, leave)
	out := print.Way{{Text: l.lang.T("way.none", "far", way.Far(l.lang, int32(dispatch.Metres(*from, *to))))}}
	if ok {
		out = said(&leg, l.lang, to != &l.home)
		line := make([]print.Point, len(leg.Line))
		for i, p := range leg.Line {
			line[i] = print.Point{Lat: p[0], Lon: p[1]}
		}
		l.lines[len(l.lines)-1] = line
		if leg.Metres < nextDoor {
			return nil
		}
	}
	if key != "" {
		out = append(print.Way{{Text: l.lang.T(key) + " "}}, out...)
	}
	return []print.Way{out}
}

// nextDoor is how many metres one need not be told the way.
const nextDoor = 50

// said is a leg as it is printed: what to do in bold.
func said(l *way.Leg, lang i18n.Lang, toDoor bool) print.Way {
	out := print.Way{{Text: way.Far(lang, l.Metres) + ": "}}
	steps, side := l.Steps(lang), l.Side(lang)
	for i, s := range steps {
		rest := " " + s.Far
		if s.Street != "" {
			rest = " " + s.Street + rest
		}
		switch {
		case i+1 < len(steps):
			rest += "; "
		case side != "" && toDoor: // one piece with what is before it: a line sets a space between pieces
			rest += "; " + side
		}
		out = append(out, print.Words{Text: s.Do, Bold: true}, print.Words{Text: rest})
	}
	return out
}

// join makes the last two lines one: both lead to the same stop.
func (l *legs) join() {
	n := len(l.lines)
	a, b := l.lines[n-2], l.lines[n-1]
	if a == nil || b == nil {
		a, b = nil, nil
	}
	l.lines = append(l.lines[:n-2], append(a, b...))
}

// width is how wide a class of streets is drawn.
type width struct {
	class string
	wide  float64
}

// mainStreets is the first of widths whose streets are main ones.
const mainStreets = 2

// widths are the streets that a sketch shows, the thinnest first, in points of paper.
var widths = []width{{"street", .5}, {"tertiary", .9}, {"secondary", 1.4}, {"primary", 2}, {"trunk", 2.2}, {"motorway", 2.2}}

// sketch is what lies behind the stops: their ways, and the streets around.
func (g Ground) sketch(in *print.RunSheetInput, lines [][]print.Point, lang i18n.Lang) *print.Sketch {
	out := &print.Sketch{Legs: lines, Source: tiles.Attribution}
	points := [][2]float64{{in.Start.Lat, in.Start.Lon}}
	for _, s := range in.Stops {
		if s.Where != nil {
			points = append(points, [2]float64{s.Where.Lat, s.Where.Lon})
		}
	}
	for _, line := range lines {
		for _, p := range line {
			points = append(points, [2]float64{p.Lat, p.Lon})
		}
	}
	if g.Map == nil {
		return out
	}
	v := tiles.Fit(points, print.SketchW, print.SketchH, 34, 16)
	drawn, err := g.Map.Draw(v)
	if err != nil { // a map that cannot be read is drawn without streets: the way is known without it
		return out
	}
	out.Streets = streets(v, drawn.Shapes)
	out.Names = g.names(v, lang)
	return out
}

// names are those of the streets of a view, the largest streets first. A wide view's own tiles hold none, so that a closer
// look is taken, part by part: each part answers where in it a street has most room.
func (g Ground) names(v tiles.View, lang i18n.Lang) []print.StreetName {
	const parts, named = 3, 12.0
	closer := max(v.Zoom, min(named, v.Zoom+4))
	grow := math.Exp2(closer-v.Zoom) / parts
	rank := map[int][]print.StreetName{}
	for i := range parts * parts {
		lat, lon := v.At(v.W*(float64(i%parts)+.5)/parts, v.H*(float64(i/parts)+.5)/parts)
		part := tiles.View{Lat: lat, Lon: lon, Zoom: closer, W: v.W * grow, H: v.H * grow}
		drawn, err := g.Map.Draw(part)
		if err != nil {
			return nil
		}
		for _, n := range drawn.Labels {
			class := slices.IndexFunc(widths, func(w width) bool { return w.class == n.Class })
			if n.Layer != "road" || class < 0 || n.In(string(lang)) == "" {
				continue
			}
			lat, lon := part.At(n.X, n.Y)
			rank[class] = append(rank[class], print.StreetName{Text: n.In(string(lang)), At: print.Point{Lat: lat, Lon: lon},
				Angle: n.Angle, Metres: n.Room * part.Metres(), Main: class >= mainStreets})
		}
	}
	var out []print.StreetName
	for class := range slices.Backward(widths) {
		slices.SortStableFunc(rank[class], func(a, b print.StreetName) int { return cmp.Compare(b.Metres, a.Metres) })
		out = append(out, rank[class]...)
	}
	return out
}

// streets are the roads of a drawing, the thinnest first.
func streets(v tiles.View, shapes []tiles.Shape) []print.Street {
	var out []print.Street
	for _, w := range widths {
		for _, s := range shapes {
			if s.Layer != "road" || s.Class != w.class {
				continue
			}
			for _, line := range s.Lines {
				out = append(out, print.Street{Line: onEarth(v, line), Wide: w.wide})
			}
		}
	}
	return out
}

func onEarth(v tiles.View, line [][2]float64) []print.Point {
	out := make([]print.Point, len(line))
	for i, p := range line {
		lat, lon := v.At(p[0], p[1])
		out[i] = print.Point{Lat: lat, Lon: lon}
	}
	return out
}
