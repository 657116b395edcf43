package print

import "math"

// radius is how large the ring of a number is where so many numbers stand: many are small, so that the way stays to be seen.
func radius(n int) float64 {
	switch {
	case n > 40:
		return 5.8
	case n > 9:
		return 6.6
	}
	return 8.5
}

// dot is half of the place of a stop, square half that of the centre.
const dot, square = 2.0, 5.0

// layout is what a sketch's numbers, words and names may not lie on, and what they should not cover.
type layout struct {
	in    frame   // where they may stand
	taken []frame // numbers, dots, words, the legend
	way   []frame // small frames along the way
}

// crosses reports whether two frames cover each other.
func (a frame) crosses(b frame) bool {
	return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

func around(x, y, r float64) frame { return frame{x - r, y - r, x + r, y + r} }

// cost is how bad it is to put something there.
func (l *layout) cost(at frame) float64 {
	const on, off, over = 1000, 5000, 4
	sum := 0.0
	if at.left < l.in.left || at.top < l.in.top || at.right > l.in.right || at.bottom > l.in.bottom {
		sum += off
	}
	for _, o := range l.taken {
		if at.crosses(o) {
			sum += on
		}
	}
	for _, o := range l.way {
		if at.crosses(o) {
			sum += over
		}
	}
	return sum
}

// number puts each number beside its place, as near as it can where it covers least.
func (l *layout) number(marks []mark, r float64) {
	for i := range marks {
		if marks[i].number > 0 {
			marks[i].lx, marks[i].ly = l.beside(marks[i], r)
			l.taken = append(l.taken, around(marks[i].lx, marks[i].ly, r+0.5))
		}
	}
}

// beside looks around a place in growing rings until nothing further off can be better.
func (l *layout) beside(m mark, r float64) (x, y float64) {
	const directions, rings, step, far = 16, 60, 4.0, 1.5
	best := math.Inf(1)
	for ring := range rings {
		away := r + dot + 2 + step*float64(ring)
		if away*far >= best {
			break
		}
		for d := range directions {
			sin, cos := math.Sincos(2*math.Pi*float64(d)/directions - math.Pi/4)
			cx, cy := m.x+cos*away, m.y+sin*away
			if c := away*far + l.cost(around(cx, cy, r+0.5)); c < best {
				best, x, y = c, cx, cy
			}
		}
	}
	return x, y
}

// word puts a word of a width beside the centre, further off where it would cover something, and answers where it begins
// and its baseline.
func (l *layout) word(m mark, wide float64) (x, y float64) {
	const tall = 12.0
	best := math.Inf(1)
	var at frame
	for gap := square + 3; gap < 40; gap += 5 {
		for _, c := range [][2]float64{{gap, -tall / 2}, {-gap - wide, -tall / 2}, {-wide / 2, -gap - tall}, {-wide / 2, gap}, {gap, -gap - tall}, {gap, gap}, {-gap - wide, -gap - tall}, {-gap - wide, gap}} {
			f := frame{m.x + c[0] - 1, m.y + c[1], m.x + c[0] + wide + 1, m.y + c[1] + tall}
			if cost := 2*gap + l.cost(f); cost < best {
				best, at = cost, f
			}
		}
	}
	l.taken = append(l.taken, at)
	return at.left + 1, at.top + 9.5
}

// dashes cuts a line into pieces with gaps between them.
func dashes(line [][2]float64, on, off float64) (out [][][2]float64) {
	var piece [][2]float64
	left, drawn := on, true
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		long := math.Hypot(b[0]-a[0], b[1]-a[1])
		at := func(d float64) [2]float64 { return [2]float64{a[0] + (b[0]-a[0])*d/long, a[1] + (b[1]-a[1])*d/long} }
		if drawn && len(piece) == 0 {
			piece = append(piece, a)
		}
		done := 0.0
		for long-done > left {
			done += left
			if drawn {
				out = append(out, append(piece, at(done)))
				piece, left = nil, off
			} else {
				piece, left = [][2]float64{at(done)}, on
			}
			drawn = !drawn
		}
		left -= long - done
		if drawn {
			piece = append(piece, b)
		}
	}
	if len(piece) > 1 {
		out = append(out, piece)
	}
	return out
}
