package print

import (
	"math"
	"strconv"
)

// mark is a numbered place of a sketch, in points.
type mark struct {
	x, y   float64 // where it is
	lx, ly float64 // where its number stands
	number int     // 0 is the centre
}

// SketchW and SketchH are the size of a sketch of roads in points of paper; it is lower where a page has less left.
const (
	SketchW = a4W - 2*margin
	SketchH = 300.0
	// sketchStraight is how high one of straight lines is, sketchLeast the lowest of any.
	sketchStraight, sketchLeast = 236.0, 200.0
	// sketchMost is how many numbers a sketch can hold and still be read.
	sketchMost = 60
)

// Sketch is what a run's sketch shows besides its stops: the ways by road, and thin streets behind.
type Sketch struct {
	Streets []Street     // the thinnest first
	Names   []StreetName // the most important first; of one street several places, of which one is taken
	Legs    [][]Point    // by stop: the way to it; the last is the way home. An empty one is drawn as a straight line
	Source  string       // whose map it is
}

// Street is a line behind a sketch, so many points of paper wide.
type Street struct {
	Line []Point
	Wide float64
}

// StreetName is a street's name where it runs straight for so many metres; Angle is in degrees, clockwise, never head down.
type StreetName struct {
	Text          string
	At            Point
	Angle, Metres float64
	Main          bool // a larger street
}

// sketch draws the stops in their order, north up: by the roads of way, by straight lines where there are none; nil when
// fewer than two places are known, or more than can be told apart.
func (f *flow) sketch(start *Point, stops []Stop, way *Sketch) *block {
	var points []Point
	var numbers []int
	if start != nil && start.known() {
		points, numbers = append(points, *start), append(numbers, 0)
	}
	stopsKnown := 0
	for i, s := range stops {
		if s.Where == nil || !s.Where.known() {
			continue
		}
		n := s.Number
		if n == 0 {
			n = i + 1
		}
		points, numbers = append(points, *s.Where), append(numbers, n)
		stopsKnown++
	}
	if len(points) < 2 || len(points) > sketchMost || stopsKnown == 0 {
		return nil
	}
	b, w := f.block(), f.width()
	b.h = f.sketchHeight(way)
	all := points
	if way != nil {
		for _, leg := range way.Legs {
			all = append(all, leg...)
		}
	}
	p := projectionOf(all, frame{24, 34, w - 54, b.h - 40})
	marks := make([]mark, len(points))
	for i := range points {
		x, y := p.at(points[i])
		marks[i] = mark{x: x, y: y, lx: x, ly: y, number: numbers[i]}
	}
	l := f.layout(b, p, marks, way)
	x, y := 0.0, 0.0
	if marks[0].number == 0 {
		x, y = l.word(marks[0], bold.width(f.fonts, f.t("print.start")))
	}
	l.number(marks, radius(len(marks)))
	if way != nil {
		f.streets(b, p, way, l)
	}
	f.route(b, p, marks, way)
	f.numbers(b, marks)
	if marks[0].number == 0 {
		b.clear(x-1, y-9.5, bold.width(f.fonts, f.t("print.start"))+2, 12)
		b.text(x, y, bold, f.t("print.start"))
	}
	b.rect(0, 0, w, b.h, 1.2)
	f.legend(b, p, way)
	return b
}

// sketchHeight is what is left on the page where that is enough: a sketch begins no page that it can do without.
func (f *flow) sketchHeight(way *Sketch) float64 {
	want := SketchH
	if way == nil {
		want = sketchStraight
	}
	if room := f.room() - 12; room >= sketchLeast && room < want {
		return room
	}
	return want
}

// legend says what the sketch is, where north lies and how far it is.
func (f *flow) legend(b *block, p projection, way *Sketch) {
	w := f.width()
	says := f.t("print.sketch")
	if way != nil {
		says = f.t("print.sketch_road")
		for _, leg := range way.Legs {
			if len(leg) == 0 {
				says = f.t("print.sketch_partly")
			}
		}
		source := tiny.width(f.fonts, way.Source)
		b.clear(w-source-12, b.h-16, source+11, 15)
		b.right(w-6, b.h-5, tiny, way.Source)
	}
	said := bold.fit(f.fonts, says, w-60)
	b.clear(1, 1, bold.width(f.fonts, said)+14, 21)
	b.text(8, 16, bold, said)
	f.north(b, w-22, 14)
	f.scale(b, 12, b.h-12, p.perMetre)
}

// known reports whether the point can be on earth.
func (p Point) known() bool {
	return math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180 && (p.Lat != 0 || p.Lon != 0)
}

// projection lays places into a frame, keeping shape: degrees of longitude shrink with the latitude.
type projection struct {
	middle   Point
	x, y     float64 // where the middle stands
	shrink   float64
	perMetre float64 // points of paper; 0 when all places are one
}

const metresPerDegree = 111_195.0

func projectionOf(points []Point, in frame) projection {
	south, north, west, east := 90.0, -90.0, 180.0, -180.0
	for _, p := range points {
		south, north = min(south, p.Lat), max(north, p.Lat)
		west, east = min(west, p.Lon), max(east, p.Lon)
	}
	p := projection{middle: Point{(south + north) / 2, (west + east) / 2}, x: (in.left + in.right) / 2, y: (in.top + in.bottom) / 2}
	p.shrink = math.Cos(p.middle.Lat * math.Pi / 180)
	if tall, wide := (north-south)*metresPerDegree, (east-west)*metresPerDegree*p.shrink; tall > 1 || wide > 1 {
		p.perMetre = min((in.bottom-in.top)/max(tall, 1), (in.right-in.left)/max(wide, 1))
	}
	return p
}

func (p projection) at(q Point) (x, y float64) {
	k := metresPerDegree * p.perMetre
	return p.x + (q.Lon-p.middle.Lon)*p.shrink*k, p.y - (q.Lat-p.middle.Lat)*k
}

// frame is a rectangle by its edges.
type frame struct{ left, top, right, bottom float64 }

// layout is the paper of a sketch with its legend, its places and its way on it.
func (f *flow) layout(b *block, p projection, marks []mark, way *Sketch) *layout {
	w := f.width()
	l := &layout{in: frame{3, 26, w - 3, b.h - 3}}
	l.taken = []frame{{0, 0, w, 26}, {0, b.h - 26, 200, b.h}, {w - 40, 0, w, 60}}
	if way != nil {
		l.taken = append(l.taken, frame{w - tiny.width(f.fonts, way.Source) - 14, b.h - 20, w, b.h})
		for _, leg := range way.Legs {
			l.way = append(l.way, along(p.line(leg))...)
		}
	} else {
		for i := 1; i < len(marks); i++ {
			l.way = append(l.way, along([][2]float64{{marks[i-1].x, marks[i-1].y}, {marks[i].x, marks[i].y}})...)
		}
	}
	for _, m := range marks {
		r := dot
		if m.number == 0 {
			r = square
		}
		l.taken = append(l.taken, around(m.x, m.y, r))
	}
	return l
}

// route draws the way.
func (f *flow) route(b *block, p projection, marks []mark, way *Sketch) {
	if way != nil {
		f.legs(b, p, marks, way.Legs)
		return
	}
	for i := 1; i < len(marks); i++ {
		b.line(marks[i-1].x, marks[i-1].y, marks[i].x, marks[i].y, 0.9)
	}
	if marks[0].number == 0 && len(marks) > 2 {
		last := marks[len(marks)-1]
		b.dashes(last.x, last.y, marks[0].x, marks[0].y)
	}
}

// numbers draws the places, a thin line from each to its number, and the numbers on top.
func (f *flow) numbers(b *block, marks []mark) {
	r := radius(len(marks))
	text := style{size: r * 1.2, bold: true}
	for _, m := range marks {
		if m.number > 0 {
			b.line(m.x, m.y, m.lx, m.ly, 0.6)
		}
	}
	for _, m := range marks {
		if m.number == 0 {
			b.clear(m.x-square-1, m.y-square-1, 2*square+2, 2*square+2)
			b.fill(m.x-square, m.y-square, 2*square, 2*square)
			continue
		}
		b.circle(m.x, m.y, dot, 1.4)
	}
	for _, m := range marks {
		if m.number > 0 {
			b.circle(m.lx, m.ly, r, 0.8)
			b.centred(m.lx, m.ly+text.size*0.36, text, strconv.Itoa(m.number))
		}
	}
}

// legs draws the way by road to each stop boldly, and over it the way home, which white dashes tell from it, for it often
// goes back the same streets; black dashes where no road is known.
func (f *flow) legs(b *block, p projection, marks []mark, legs [][]Point) {
	home := marks[0].number == 0
	for i := 1; i <= len(marks); i++ {
		last := i == len(marks)
		if last && (!home || len(marks) < 2) {
			continue
		}
		from, to, n := marks[i-1], marks[i%len(marks)], marks[i%len(marks)].number-1
		if last {
			n = len(legs) - 1
		}
		if n < 0 || n >= len(legs) || len(legs[n]) == 0 {
			b.dashes(from.x, from.y, to.x, to.y)
			continue
		}
		line := p.line(legs[n])
		b.path(line, 2.6, 0)
		if last {
			for _, dash := range dashes(line, 4, 4) {
				b.path(dash, 1.3, 1)
			}
		}
	}
}

func (f *flow) north(b *block, x, y float64) {
	b.line(x, y+26, x, y, 1.2)
	b.line(x, y, x-4, y+8, 1.2)
	b.line(x, y, x+4, y+8, 1.2)
	b.centred(x, y+38, bold, f.t("print.north"))
}

// scale draws a bar of a round length of 60 to 150 points.
func (f *flow) scale(b *block, x, y, perMetre float64) {
	if perMetre <= 0 {
		return
	}
	metres := 10.0
	for _, step := range []float64{20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000} {
		if metres*perMetre >= 60 {
			break
		}
		metres = step
	}
	length := min(metres*perMetre, 300)
	b.line(x, y, x+length, y, 1.2)
	b.line(x, y-4, x, y+2, 1.2)
	b.line(x+length, y-4, x+length, y+2, 1.2)
	label := f.t("print.metres", "n", int(metres))
	if metres >= 1000 {
		label = f.t("print.kilometres", "n", int(metres/1000))
	}
	b.text(x+length+6, y+2, small, label)
}
