package print

import (
	"image/color"
	"math"
	"slices"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/signintech/gopdf"
)

type opKind uint8

const (
	opText   opKind = iota // text with its baseline at x, y
	opLine                 // from x, y to x2, y2, width size
	opRect                 // outline, x, y to x2, y2, width size
	opFill                 // filled, x, y to x2, y2
	opCircle               // outline with a white inside, centre x, y, radius x2, width size
	opPath                 // a line over points, width size, as dark as grey says
	opClear                // filled with white, x, y to x2, y2
	opAlong                // text around x, y, turned by x2 degrees, on white
)

// op is one mark on the paper; points from the top left corner.
type op struct {
	kind         opKind
	x, y, x2, y2 float64
	size         float64
	bold, dashed bool
	text         string
	points       [][2]float64
	grey         float64 // 0 is black
}

// block is marks that stay together, laid out from its own top left corner, h points high. A font that
// cannot be read is noted once and answered when the part is done.
type block struct {
	fonts *fontSet
	ops   []op
	h     float64
	stop  int // the stop that it shows, for tests of what is on which page
}

// page is a block of a paper's size.
type page struct {
	w, h float64
	ops  []op
	// shows lists the stops whose blocks stand on this page, in order.
	shows []int
}

// add puts b's marks at dx, dy.
func (p *page) add(b *block, dx, dy float64) {
	for _, o := range b.ops {
		o.x, o.y = o.x+dx, o.y+dy
		if o.kind != opCircle && o.kind != opAlong {
			o.x2, o.y2 = o.x2+dx, o.y2+dy
		}
		if o.points != nil {
			o.points = slices.Clone(o.points)
			for i := range o.points {
				o.points[i] = [2]float64{o.points[i][0] + dx, o.points[i][1] + dy}
			}
		}
		p.ops = append(p.ops, o)
	}
	if b.stop != 0 {
		p.shows = append(p.shows, b.stop)
	}
}

func (b *block) add(in *block, dx, dy float64) {
	p := page{ops: b.ops}
	p.add(in, dx, dy)
	b.ops = p.ops
}

// lineMost is more letters than any line has.
const lineMost = 2000

// text writes one line with its baseline at y, as it is: wrap or fit it before.
func (b *block) text(x, y float64, s style, text string) {
	if text, _ = s.clean(b.fonts, text, lineMost); text != "" {
		b.ops = append(b.ops, op{kind: opText, x: x, y: y, size: s.size, bold: s.bold, text: text})
	}
}

// fit writes one line that is cut with an ellipsis at width.
func (b *block) fit(x, y, width float64, s style, text string) {
	b.text(x, y, s, s.fit(b.fonts, text, width))
}

// centred and right write one line around x, or up to x.
func (b *block) centred(x, y float64, s style, text string) {
	b.text(x-s.width(b.fonts, text)/2, y, s, text)
}

func (b *block) right(x, y float64, s style, text string) {
	b.text(x-s.width(b.fonts, text), y, s, text)
}

// para writes wrapped text whose first line's top is at y and returns the y under its last line.
func (b *block) para(x, y, width float64, s style, text string, most int) float64 {
	for _, line := range s.wrap(b.fonts, text, width, most) {
		b.text(x, y+s.size*0.95, s, line)
		y += s.leading()
	}
	return y
}

// words writes words of both weights as one paragraph whose first line's top is at y and returns the y under its last line.
// What does not fit into five lines is cut with an ellipsis.
func (b *block) words(x, y, width float64, say []Words) float64 {
	const most = 5
	at, line := 0.0, 1
	for _, w := range say {
		s := style{body.size, w.Bold}
		text, _ := s.clean(b.fonts, w.Text, lineMost)
		for word := range strings.SplitSeq(text, " ") {
			if word == "" {
				continue
			}
			long, space := s.width(b.fonts, word), body.width(b.fonts, " ")
			if at > 0 && at+space+long > width {
				if line == most {
					b.text(x+at, y+body.size*0.95, body, ellipsis)
					return y + body.leading()
				}
				at, line, y = 0, line+1, y+body.leading()
			}
			if at > 0 {
				at += space
			}
			b.fit(x+at, y+body.size*0.95, width-at, s, word)
			at += min(long, width)
		}
	}
	return y + body.leading()
}

// leading is the distance of lines.
func (s style) leading() float64 { return s.size * 1.25 }

func (b *block) line(x, y, x2, y2, width float64) {
	b.ops = append(b.ops, op{kind: opLine, x: x, y: y, x2: x2, y2: y2, size: width})
}

func (b *block) dashes(x, y, x2, y2 float64) {
	b.ops = append(b.ops, op{kind: opLine, x: x, y: y, x2: x2, y2: y2, size: 0.7, dashed: true})
}

func (b *block) rect(x, y, w, h, width float64) {
	b.ops = append(b.ops, op{kind: opRect, x: x, y: y, x2: x + w, y2: y + h, size: width})
}

func (b *block) fill(x, y, w, h float64) {
	b.ops = append(b.ops, op{kind: opFill, x: x, y: y, x2: x + w, y2: y + h})
}

func (b *block) circle(x, y, r, width float64) {
	b.ops = append(b.ops, op{kind: opCircle, x: x, y: y, x2: r, size: width})
}

// clear takes away what was drawn there.
func (b *block) clear(x, y, w, h float64) {
	b.ops = append(b.ops, op{kind: opClear, x: x, y: y, x2: x + w, y2: y + h})
}

// path draws a line over points.
func (b *block) path(points [][2]float64, width, grey float64) {
	if len(points) < 2 {
		return
	}
	o := op{kind: opPath, points: points, size: width, grey: grey, x: math.Inf(1), y: math.Inf(1), x2: math.Inf(-1), y2: math.Inf(-1)}
	for _, p := range points {
		o.x, o.y, o.x2, o.y2 = min(o.x, p[0]), min(o.y, p[1]), max(o.x2, p[0]), max(o.y2, p[1])
	}
	b.ops = append(b.ops, o)
}

// along writes one line around a place, turned clockwise.
func (b *block) along(x, y, degrees float64, s style, text string) {
	b.ops = append(b.ops, op{kind: opAlong, x: x, y: y, x2: degrees, size: s.size, bold: s.bold, text: text})
}

// tick draws an empty box for a pen, its foot on the baseline y.
func (b *block) tick(x, y, size float64) { b.rect(x, y-size*0.85, size, size, 1.2) }

// qr draws a code of side points, as rectangles, so that it is as sharp as the printer. Text that no
// code can hold is left out: everything it opens is also written in words.
func (b *block) qr(x, y, side float64, text string) bool {
	if text == "" {
		return false
	}
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return false
	}
	n := code.Bounds().Dx()
	m := side / float64(n)
	black := func(i, j int) bool { return i < n && code.At(i, j) == color.Black }
	for j := range n {
		for i := 0; i < n; i++ {
			from := i
			for black(i, j) {
				i++
			}
			if i > from {
				// A hair of overlap, or some printers leave white lines between the rows.
				b.fill(x+float64(from)*m, y+float64(j)*m, float64(i-from)*m, m+0.06)
			}
		}
	}
	return true
}

// pen draws marks with gopdf and remembers what is set, so that it is set only when it changes.
type pen struct {
	pdf    *gopdf.GoPdf
	font   style
	width  float64
	dashed bool
}

// render draws the page with gopdf.
func (p *page) render(pdf *gopdf.GoPdf) error {
	d := pen{pdf: pdf}
	for _, o := range p.ops {
		var err error
		switch o.kind {
		case opText:
			err = d.text(o)
		case opFill:
			pdf.RectFromUpperLeftWithStyle(o.x, o.y, o.x2-o.x, o.y2-o.y, "F")
		case opLine:
			d.stroke(o)
			pdf.Line(o.x, o.y, o.x2, o.y2)
		case opRect:
			d.stroke(o)
			pdf.RectFromUpperLeftWithStyle(o.x, o.y, o.x2-o.x, o.y2-o.y, "D")
		case opCircle:
			d.stroke(o)
			d.circle(o.x, o.y, o.x2)
		case opPath:
			d.stroke(o)
			d.path(o)
		case opClear:
			pdf.SetGrayFill(1)
			pdf.RectFromUpperLeftWithStyle(o.x, o.y, o.x2-o.x, o.y2-o.y, "F")
			pdf.SetGrayFill(0)
		case opAlong:
			err = d.along(o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *pen) text(o op) error {
	if want := (style{o.size, o.bold}); want != d.font {
		if err := d.pdf.SetFont(fontName(o.bold), "", o.size); err != nil {
			return err
		}
		d.font = want
	}
	d.pdf.SetXY(o.x, o.y)
	return d.pdf.Text(o.text)
}

func (d *pen) stroke(o op) {
	if o.size != d.width {
		d.pdf.SetLineWidth(o.size)
		d.width = o.size
	}
	if o.dashed != d.dashed {
		d.pdf.SetLineType(map[bool]string{true: "dashed", false: "solid"}[o.dashed])
		d.dashed = o.dashed
	}
}

// path goes there and back again, for gopdf knows closed lines alone, and lines one by one have gaps at their corners.
func (d *pen) path(o op) {
	points := make([]gopdf.Point, 0, 2*len(o.points))
	for _, p := range o.points {
		points = append(points, gopdf.Point{X: p[0], Y: p[1]})
	}
	for i := len(o.points) - 2; i > 0; i-- {
		points = append(points, points[i])
	}
	if o.grey > 0 {
		d.pdf.SetGrayStroke(o.grey)
		defer d.pdf.SetGrayStroke(0)
	}
	d.pdf.Polygon(points, "D")
}

// along writes turned text.
func (d *pen) along(o op) error {
	set, err := fonts()
	if err != nil {
		return err
	}
	d.pdf.Rotate(-o.x2, o.x, o.y)
	defer d.pdf.RotateReset()
	wide := style{o.size, o.bold}.width(set, o.text)
	d.pdf.SetGrayFill(1)
	d.pdf.RectFromUpperLeftWithStyle(o.x-wide/2-1, o.y-o.size*0.5, wide+2, o.size, "F")
	d.pdf.SetGrayFill(0)
	return d.text(op{x: o.x - wide/2, y: o.y + o.size*0.33, size: o.size, bold: o.bold, text: o.text})
}

// circle draws a polygon of 24 corners with a white inside; gopdf's own ovals cannot be filled.
func (d *pen) circle(x, y, r float64) {
	points := make([]gopdf.Point, 24)
	for i := range points {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(len(points)))
		points[i] = gopdf.Point{X: x + r*cos, Y: y + r*sin}
	}
	d.pdf.SetGrayFill(1)
	d.pdf.Polygon(points, "DF")
	d.pdf.SetGrayFill(0)
}
