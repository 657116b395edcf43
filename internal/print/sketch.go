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

const (
	sketchH = 236.0
	// sketchMost is how many numbers a sketch can hold and still be read.
	sketchMost = 60
)

// sketch draws the stops by straight lines in their order, north up; nil when fewer than two places are
// known, or more than can be told apart.
func (f *flow) sketch(start *Point, stops []Stop) *block {
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
	b.h = sketchH
	b.rect(0, 0, w, sketchH, 1.2)
	b.fit(8, 17, w-60, bold, f.t("print.sketch"))
	marks, perMetre := project(points, numbers, 24, 34, w-78, sketchH-74)
	spread(marks, f.radius(len(marks)), frame{14, 32, w - 90, sketchH - 30})
	f.route(b, marks)
	f.north(b, w-22, 14)
	f.scale(b, 12, sketchH-12, perMetre)
	return b
}

// known reports whether the point can be on earth.
func (p Point) known() bool {
	return math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180 && (p.Lat != 0 || p.Lon != 0)
}

func (f *flow) radius(n int) float64 {
	if n > 40 {
		return 7
	}
	return 9.5
}

// project lays the points into a frame, keeping shape: degrees of longitude shrink with the latitude.
// It also returns how many points of paper a metre has, 0 when all places are one.
func project(points []Point, numbers []int, x, y, w, h float64) ([]mark, float64) {
	const metresPerDegree = 111_195.0
	south, north, west, east := 90.0, -90.0, 180.0, -180.0
	for _, p := range points {
		south, north = min(south, p.Lat), max(north, p.Lat)
		west, east = min(west, p.Lon), max(east, p.Lon)
	}
	shrink := math.Cos((south + north) / 2 * math.Pi / 180)
	tall, wide := (north-south)*metresPerDegree, (east-west)*metresPerDegree*shrink
	perMetre := 0.0
	if tall > 1 || wide > 1 {
		perMetre = min(h/max(tall, 1), w/max(wide, 1))
	}
	marks := make([]mark, len(points))
	for i, p := range points {
		mx := x + w/2 + (p.Lon-(west+east)/2)*metresPerDegree*shrink*perMetre
		my := y + h/2 - (p.Lat-(south+north)/2)*metresPerDegree*perMetre
		marks[i] = mark{x: mx, y: my, lx: mx, ly: my, number: numbers[i]}
	}
	return marks, perMetre
}

// frame is a rectangle by its edges.
type frame struct{ left, top, right, bottom float64 }

func (m *mark) keepIn(in frame) {
	m.lx, m.ly = max(in.left, min(in.right, m.lx)), max(in.top, min(in.bottom, m.ly))
}

// spread pushes numbers that would cover each other apart, a little at a time and inside the frame;
// those at one place go around it in order.
func spread(marks []mark, r float64, in frame) {
	const rounds = 60
	apart := 2*r + 1
	for range rounds {
		moved := false
		for i := range marks {
			for j := range i {
				a, b := &marks[i], &marks[j]
				dx, dy := a.lx-b.lx, a.ly-b.ly
				d := math.Hypot(dx, dy)
				if d >= apart {
					continue
				}
				if d < 0.01 {
					dy, dx = math.Sincos(float64(i))
					d = 1
				}
				push := (apart - math.Hypot(a.lx-b.lx, a.ly-b.ly)) / 2 / d
				a.lx, a.ly = a.lx+dx*push, a.ly+dy*push
				b.lx, b.ly = b.lx-dx*push, b.ly-dy*push
				a.keepIn(in)
				b.keepIn(in)
				moved = true
			}
		}
		if !moved {
			return
		}
	}
}

// route draws the way, then a short line from each moved number to its place, then the numbers on top.
func (f *flow) route(b *block, marks []mark) {
	for i := 1; i < len(marks); i++ {
		b.line(marks[i-1].x, marks[i-1].y, marks[i].x, marks[i].y, 0.9)
	}
	if marks[0].number == 0 && len(marks) > 2 {
		last := marks[len(marks)-1]
		b.dashes(last.x, last.y, marks[0].x, marks[0].y)
	}
	r := f.radius(len(marks))
	text := style{size: r * 1.15, bold: true}
	for _, m := range marks {
		b.line(m.x, m.y, m.lx, m.ly, 0.5)
		b.fill(m.x-1.5, m.y-1.5, 3, 3)
	}
	for _, m := range marks {
		if m.number == 0 {
			b.fill(m.lx-r, m.ly-r, 2*r, 2*r)
			b.text(m.lx+r+3, m.ly+4, bold, f.t("print.start"))
			continue
		}
		b.circle(m.lx, m.ly, r, 1.1)
		b.centred(m.lx, m.ly+text.size*0.36, text, strconv.Itoa(m.number))
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
