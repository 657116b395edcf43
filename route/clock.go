package route

import "slices"

// never is later than any time a feasible route reaches, and small enough to add to.
const never = 1 << 30

// clock moves one vehicle through time: when it arrives if it leaves then, and
// when it must leave to arrive by then. Both are exact inverses of each other
// as long as travel keeps first in, first out.
type clock struct {
	cal    []Window // never empty
	travel Travel
	sec    []int32 // the matrix, when travel does not depend on the time
	n      int
}

func newClock(p *Problem, v *Vehicle) clock {
	c := clock{cal: v.Calendar, travel: p.Travel[v.Profile]}
	if len(c.cal) == 0 {
		c.cal = []Window{{From: 0, To: MaxTime}}
	}
	if m, ok := c.travel.(*Matrix); ok {
		c.sec, c.n = m.Sec, m.N
	}
	return c
}

// seconds is the drive's length, or never when there is no way.
func (c *clock) seconds(from, to, depart int32) int32 {
	if from < 0 || to < 0 {
		return 0
	}
	var d int32
	if c.sec != nil {
		d = c.sec[int(from)*c.n+int(to)]
	} else {
		d = c.travel.Seconds(int(from), int(to), depart)
	}
	if d < 0 || d > MaxTime {
		return never
	}
	return d
}

// arrive is the earliest arrival of a drive that begins at t or later and lies
// within one range of the calendar, or never.
func (c *clock) arrive(from, to, t int32) int32 {
	if t >= never {
		return never
	}
	if c.sec != nil {
		return c.arriveBy(c.seconds(from, to, t), t)
	}
	d := c.seconds(from, to, t)
	if d == 0 {
		return t
	}
	for _, w := range c.cal {
		dep := max(t, w.From)
		if dep > w.To {
			continue
		}
		if dep != t {
			d = c.seconds(from, to, dep)
		}
		if d != never && dep+d <= w.To {
			return dep + d
		}
	}
	return never
}

// arriveBy is arrive for a drive that always takes d.
func (c *clock) arriveBy(d, t int32) int32 {
	switch {
	case d == 0:
		return t
	case d == never:
		return never
	case t >= c.cal[0].From && t+d <= c.cal[0].To:
		return t + d
	}
	for _, w := range c.cal {
		if dep := max(t, w.From); dep+d <= w.To {
			return dep + d
		}
	}
	return never
}

// leaveBy is the latest time after which no drive arrives by the deadline; -1
// when none does.
func (c *clock) leaveBy(from, to, deadline int32) int32 {
	if deadline < 0 {
		return -1
	}
	if c.sec == nil {
		return c.leaveByAsking(from, to, deadline)
	}
	return c.leaveFor(c.seconds(from, to, 0), deadline)
}

// leaveFor is leaveBy for a drive that always takes d.
func (c *clock) leaveFor(d, deadline int32) int32 {
	if d == 0 {
		return deadline
	}
	if d == never {
		return -1
	}
	if w := &c.cal[len(c.cal)-1]; min(deadline, w.To)-d >= w.From {
		return min(deadline, w.To) - d
	}
	for _, w := range slices.Backward(c.cal[:len(c.cal)-1]) {
		if dep := min(deadline, w.To) - d; dep >= w.From {
			return dep
		}
	}
	return -1
}

// leaveByAsking searches: arrival never falls as departure grows.
func (c *clock) leaveByAsking(from, to, deadline int32) int32 {
	if from < 0 || to < 0 || from == to && c.seconds(from, to, deadline) == 0 {
		return deadline
	}
	for _, w := range slices.Backward(c.cal) {
		last := min(deadline, w.To)
		if w.From <= last && c.inTime(from, to, w.From, last) {
			return c.latest(from, to, w.From, last)
		}
	}
	return -1
}

// inTime says that a drive that begins then arrives by the last moment.
func (c *clock) inTime(from, to, dep, last int32) bool {
	d := c.seconds(from, to, dep)
	return d != never && dep+d <= last
}

// latest is the latest departure of a drive that arrives by the last moment; at lo it does.
// It begins where the drive would be as long as it is then, from which the answer is
// seldom far, and doubles its steps.
func (c *clock) latest(from, to, lo, last int32) int32 {
	guess := last
	for range 2 {
		guess = max(lo, min(last, last-min(c.seconds(from, to, guess), MaxTime)))
	}
	hi := last
	if c.inTime(from, to, guess, last) {
		lo = guess
		for step := int32(1); lo < hi; step *= 2 {
			next := min(lo+step, hi)
			if !c.inTime(from, to, next, last) {
				return c.between(from, to, lo, next-1, last)
			}
			lo = next
		}
		return lo
	}
	hi = guess - 1
	for step := int32(1); lo < hi; step *= 2 {
		next := max(hi-step, lo)
		if c.inTime(from, to, next, last) {
			return c.between(from, to, next, hi, last)
		}
		hi = next - 1
	}
	return lo
}

// between is latest where it lies between lo and hi.
func (c *clock) between(from, to, lo, hi, last int32) int32 {
	for lo < hi {
		mid := lo + (hi-lo+1)/2
		if c.inTime(from, to, mid, last) {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}

// firstIn is the earliest time in spans at or after t, or never.
func firstIn(spans []Window, t int32) int32 {
	for _, w := range spans {
		if t <= w.To {
			return max(t, w.From)
		}
	}
	return never
}

// lastIn is the latest time in spans at or before t, or -1.
func lastIn(spans []Window, t int32) int32 {
	if len(spans) == 1 && t >= spans[0].From {
		return min(t, spans[0].To)
	}
	for _, w := range slices.Backward(spans) {
		if t >= w.From {
			return min(t, w.To)
		}
	}
	return -1
}

// startSpans lists when a service may begin: in a window, wholly within one
// range of the calendar, and clear of closures.
func startSpans(dst, windows, cal []Window, closed []Closure, place, service int32) []Window {
	begin := len(dst)
	if len(windows) == 0 {
		windows = []Window{{From: 0, To: MaxTime}}
	}
	for _, w := range windows {
		for _, c := range cal {
			from, to := max(w.From, c.From), min(w.To, c.To-service)
			if from <= to {
				dst = append(dst, Window{From: from, To: to})
			}
		}
	}
	for _, c := range closed {
		if int32(c.Place) == place {
			dst = cutSpans(dst, begin, int64(c.From)-int64(service)+1, int64(c.To)-1, service)
		}
	}
	return dst
}

// cutSpans takes the starts from lo to hi out of dst[begin:]. A service may end
// when a closure begins, and begin when it ends.
func cutSpans(dst []Window, begin int, lo, hi int64, service int32) []Window {
	if service == 0 {
		lo-- // a service of no length is there at its instant
		hi++
	}
	if lo > hi {
		return dst
	}
	old := append([]Window(nil), dst[begin:]...)
	dst = dst[:begin]
	for _, w := range old {
		if int64(w.From) < lo {
			dst = append(dst, Window{From: w.From, To: int32(min(int64(w.To), lo-1))})
		}
		if int64(w.To) > hi {
			dst = append(dst, Window{From: int32(max(int64(w.From), hi+1)), To: w.To})
		}
	}
	return dst
}
