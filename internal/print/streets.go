package print

import "math"

// line puts places on the paper; those that hardly move a pen are left out.
func (p projection) line(places []Point) [][2]float64 {
	const step = 1.0
	var out [][2]float64
	for i, q := range places {
		x, y := p.at(q)
		if n := len(out); n > 0 && i+1 < len(places) && math.Hypot(x-out[n-1][0], y-out[n-1][1]) < step {
			continue
		}
		out = append(out, [2]float64{x, y})
	}
	return out
}

// streets draws what lies behind the way: streets in grey, and names where they have room and hide nothing.
func (f *flow) streets(b *block, p projection, way *Sketch, l *layout) {
	const grey = 0.72
	paper := frame{1, 1, f.width() - 1, b.h - 1}
	for _, s := range way.Streets {
		for _, piece := range paper.clip(p.line(s.Line)) {
			b.path(piece, s.Wide, grey)
		}
	}
	written := map[string]bool{}
	for _, n := range way.Names {
		if len(written) < namesMost && !written[n.Text] && f.streetName(b, p, n, l) {
			written[n.Text] = true
		}
	}
}

// namesMost is how many names of streets a sketch has: the largest streets'.
const namesMost = 16

// along are small frames that cover a way, so that no name is written over it.
func along(line [][2]float64) (out []frame) {
	const half = 2.5
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		n := math.Ceil(math.Hypot(b[0]-a[0], b[1]-a[1]) / half)
		for k := range int(n) + 1 {
			x, y := a[0]+(b[0]-a[0])*float64(k)/n, a[1]+(b[1]-a[1])*float64(k)/n
			out = append(out, frame{x - half, y - half, x + half, y + half})
		}
	}
	return out
}

// streetName writes a name along its street, on it or beside it, so that it covers nothing, where it is not longer than
// that; that of a main street may be, for a map cuts those into pieces that go on straight.
func (f *flow) streetName(b *block, p projection, n StreetName, l *layout) bool {
	s := style{size: 8}
	text, _ := s.clean(f.fonts, n.Text, 60)
	long, room := s.width(f.fonts, text), n.Metres*p.perMetre-4
	if n.Main {
		room = 6 * n.Metres * p.perMetre
	}
	if text == "" || long > room {
		return false
	}
	x, y := p.at(n.At)
	sin, cos := math.Sincos(n.Angle * math.Pi / 180)
	for _, aside := range []float64{0, -s.size, s.size, -1.5 * s.size, 1.5 * s.size} {
		atX, atY := x-sin*aside, y+cos*aside
		boxes := boxesOf(atX, atY, long, s.size, sin, cos)
		if l.free(boxes) {
			l.taken = append(l.taken, boxes...)
			b.along(atX, atY, n.Angle, s, text)
			return true
		}
	}
	return false
}

// free reports whether frames cover nothing.
func (l *layout) free(boxes []frame) bool {
	for _, box := range boxes {
		if l.cost(box) > 0 {
			return false
		}
	}
	return true
}

// boxesOf are upright frames, one after the other, that cover turned text.
func boxesOf(x, y, long, tall, sin, cos float64) (out []frame) {
	half := tall * 0.55
	for at := -long/2 + half; ; at += 2 * half {
		at = min(at, long/2-half)
		cx, cy := x+cos*at, y+sin*at
		out = append(out, frame{cx - half, cy - half, cx + half, cy + half})
		if at >= long/2-half {
			return out
		}
	}
}

// clip cuts a line to what lies within the frame (Liang, Barsky: A new concept and method for line clipping, ACM TOG 3, 1984).
func (in frame) clip(line [][2]float64) (pieces [][][2]float64) {
	var piece [][2]float64
	for i := 1; i < len(line); i++ {
		a, b, ok := in.within(line[i-1], line[i])
		if !ok {
			continue
		}
		if n := len(piece); n == 0 || piece[n-1] != a {
			if n > 1 {
				pieces = append(pieces, piece)
			}
			piece = [][2]float64{a}
		}
		piece = append(piece, b)
	}
	if len(piece) > 1 {
		pieces = append(pieces, piece)
	}
	return pieces
}

// within is the part of a straight line that lies in the frame.
func (in frame) within(a, b [2]float64) (from, to [2]float64, ok bool) {
	dx, dy := b[0]-a[0], b[1]-a[1]
	first, last := 0.0, 1.0
	for _, side := range [4][2]float64{{-dx, a[0] - in.left}, {dx, in.right - a[0]}, {-dy, a[1] - in.top}, {dy, in.bottom - a[1]}} {
		switch towards, room := side[0], side[1]; {
		case towards == 0 && room < 0:
			return from, to, false
		case towards < 0:
			first = max(first, room/towards)
		case towards > 0:
			last = min(last, room/towards)
		}
	}
	if first > last {
		return from, to, false
	}
	at := func(t float64) [2]float64 {
		switch t {
		case 0:
			return a
		case 1:
			return b
		}
		return [2]float64{a[0] + t*dx, a[1] + t*dy}
	}
	return at(first), at(last), true
}
