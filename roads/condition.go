package roads

import (
	"strconv"
	"strings"
)

// Condition is when something holds: on some days of the week, between two minutes of the day.
type Condition struct {
	Days     uint8 // bit 0 is Monday
	From, To int16 // minutes; To before From passes midnight
}

// Moment is a time of the week on the wall: what conditions and periods ask.
type Moment struct {
	Weekday int // 0 is Monday
	Minute  int // of the day
}

// Holds reports whether the condition holds at a moment.
func (c Condition) Holds(m Moment) bool {
	day, minute := m.Weekday, int16(m.Minute)
	if c.From < c.To {
		return c.on(day) && minute >= c.From && minute < c.To
	}
	return c.on(day) && minute >= c.From || c.on((day+6)%7) && minute < c.To
}

func (c Condition) on(day int) bool { return c.Days>>(day%7)&1 == 1 }

const everyDay = 0x7f

// parseConditions reads "no @ (Mo-Fr 07:00-09:00,17:00-19:00); yes @ …" and returns what it says of each value that
// closes. What is in words that are not understood (weights, seasons, wet) is left out.
func parseConditions(s string, closes func(value string) bool) []Condition {
	var out []Condition
	for _, part := range splitOutside(s) {
		value, when, found := strings.Cut(part, "@")
		if !found || !closes(strings.TrimSpace(value)) {
			continue
		}
		if got, ok := parseHours(strings.Trim(strings.TrimSpace(when), "()")); ok {
			out = append(out, got...)
		}
	}
	return out
}

// splitOutside splits at semicolons that stand outside parentheses.
func splitOutside(s string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range s {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ';' && depth <= 0:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

// parseHours reads the plain part of opening hours: "Mo-Fr,Su 07:00-09:00,17:00-19:00; Sa 10:00-12:00".
func parseHours(s string) (out []Condition, ok bool) {
	for rule := range strings.SplitSeq(s, ";") {
		days, hours := uint8(everyDay), strings.TrimSpace(rule)
		if first, rest, two := strings.Cut(hours, " "); two {
			if d, isDays := parseDays(first); isDays {
				days, hours = d, rest
			}
		} else if d, isDays := parseDays(hours); isDays {
			out = append(out, Condition{Days: d, From: 0, To: 1440})
			continue
		}
		for span := range strings.SplitSeq(hours, ",") {
			from, to, two := strings.Cut(strings.TrimSpace(span), "-")
			a, okA := parseClock(from)
			b, okB := parseClock(to)
			if !two || !okA || !okB {
				return nil, false
			}
			out = append(out, Condition{Days: days, From: a, To: b})
		}
	}
	return out, true
}

var weekdays = []string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}

func parseDays(s string) (uint8, bool) {
	var days uint8
	for part := range strings.SplitSeq(s, ",") {
		first, last, span := strings.Cut(part, "-")
		if !span {
			last = first
		}
		a, b := weekday(first), weekday(last)
		if a < 0 || b < 0 {
			return 0, false
		}
		for d := a; ; d = (d + 1) % 7 {
			days |= 1 << d
			if d == b {
				break
			}
		}
	}
	return days, true
}

func weekday(s string) int {
	for i, d := range weekdays {
		if s == d {
			return i
		}
	}
	return -1
}

func parseClock(s string) (int16, bool) {
	h, m, ok := strings.Cut(strings.TrimSpace(s), ":")
	hour, errH := strconv.ParseUint(h, 10, 8)
	minute, errM := strconv.ParseUint(m, 10, 8)
	if !ok || errH != nil || errM != nil || hour > 24 || minute > 59 || hour == 24 && minute > 0 {
		return 0, false
	}
	return int16(hour*60 + minute), true
}
