package rule

import (
	"slices"
	"time"
)

// day is a day's minutes.
const day = 24 * 60

// span is a stretch of time, its end not part of it.
type span struct{ from, to time.Time }

func (s span) empty() bool { return !s.from.Before(s.to) }

// both returns what two spans share.
func both(a, b span) span {
	if b.from.After(a.from) {
		a.from = b.from
	}
	if b.to.Before(a.to) {
		a.to = b.to
	}
	return a
}

// allDay reports that the rule has no window of its own.
func (r Rule) allDay() bool { return r.Start == r.End || r.Start == 0 && r.End == day }

// windows returns when within q the rule's window is open, in order of time. A zone that this machine cannot
// read closes the whole day: wrong to the safe side.
func (r Rule) windows(q span) []span {
	if r.Ended || !r.Superseded.IsZero() {
		return nil
	}
	valid := q
	if r.From.After(valid.from) {
		valid.from = r.From
	}
	if !r.To.IsZero() && r.To.Before(valid.to) {
		valid.to = r.To
	}
	if valid.empty() {
		return nil
	}
	loc, err := location(r.Zone)
	if r.allDay() || err != nil {
		return []span{valid}
	}
	var out []span
	y, m, d := valid.from.In(loc).Date()
	for n := d - 1; ; n++ { // a window that began yesterday may still be open
		s := r.window(y, m, n, loc)
		if !s.from.Before(valid.to) {
			return out
		}
		if s = both(s, valid); !s.empty() {
			out = append(out, s)
		}
	}
}

// window returns the rule's window that begins on a day.
func (r Rule) window(y int, m time.Month, d int, loc *time.Location) span {
	end := r.End
	if end <= r.Start {
		end += day
	}
	return span{time.Date(y, m, d, 0, r.Start, 0, 0, loc), time.Date(y, m, d, 0, end, 0, 0, loc)}
}

// without returns what is left of spans where holes are cut out of them.
func without(spans, holes []span) []span {
	for _, h := range holes {
		var left []span
		for _, s := range spans {
			if cut := both(s, h); cut.empty() {
				left = append(left, s)
				continue
			}
			for _, rest := range []span{{s.from, h.from}, {h.to, s.to}} {
				if !rest.empty() {
					left = append(left, rest)
				}
			}
		}
		spans = left
	}
	return spans
}

// union joins spans that touch, in order of time.
func union(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	var out []span
	for _, s := range spans {
		if n := len(out); n > 0 && !s.from.After(out[n-1].to) {
			if s.to.After(out[n-1].to) {
				out[n-1].to = s.to
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// inside reports whether a point is in a polygon or on its left and lower edges, by the even-odd rule; areas
// of a city's size are flat enough for it.
func inside(poly [][2]float64, lat, lon float64) bool {
	in := false
	for i, j := 0, len(poly)-1; i < len(poly); j, i = i, i+1 {
		a, b := poly[i], poly[j]
		if (a[0] > lat) != (b[0] > lat) && lon < (b[1]-a[1])*(lat-a[0])/(b[0]-a[0])+a[1] {
			in = !in
		}
	}
	return in
}
