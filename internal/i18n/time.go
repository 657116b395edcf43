package i18n

import (
	"strconv"
	"strings"
	"time"
)

// Date writes a day as people here do: "12 қаңтар, ср", "12 янв, ср", "12 Jan, Wed".
func (l Lang) Date(t time.Time) string {
	return strconv.Itoa(t.Day()) + " " + l.list("time.months", int(t.Month())-1) + ", " + l.list("time.weekdays", int(t.Weekday()))
}

// Clock writes the time of day: "14:05".
func (l Lang) Clock(t time.Time) string { return t.Format("15:04") }

// DateClock writes the day and the time of day.
func (l Lang) DateClock(t time.Time) string { return l.Date(t) + " " + l.Clock(t) }

// Span writes a duration in its two largest units: "2 h 10 min", "3 d 4 h"; a negative one as its size.
func (l Lang) Span(d time.Duration) string {
	m := int(d.Abs().Round(time.Minute) / time.Minute)
	days, hours, minutes := m/1440, m/60%24, m%60
	switch {
	case days > 0 && hours > 0:
		return l.T("time.dh", "d", days, "h", hours)
	case days > 0:
		return l.T("time.d", "d", days)
	case hours > 0 && minutes > 0:
		return l.T("time.hm", "h", hours, "m", minutes)
	case hours > 0:
		return l.T("time.h", "h", hours)
	}
	return l.T("time.m", "m", minutes)
}

func (l Lang) list(key string, i int) string {
	words := strings.Split(l.T(key), " ")
	if i >= len(words) {
		return words[0]
	}
	return words[i]
}
