package request

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// typed is a need as it was typed, taken apart: how many, within which hours, and the words left over.
type typed struct {
	count         int // -1: not said
	after, before int // minutes; 0: not said
	words         []string
}

var (
	between = regexp.MustCompile(`(\d[:.][0-5]\d)\s*[-–—]\s*(\d{1,2}[:.][0-5]\d)`)
	hour    = regexp.MustCompile(`^([01]?\d|2[0-3])(?:[:.]([0-5]\d))?(am|pm)?(?:-?(ден|дан|тен|тан|ге|ға|ке|қа|де|да|те|та))?$`)
	dated   = regexp.MustCompile(`^(?:0?[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[12])$`) // 14.01 is a day; 14.10 may be an hour, and 14:01 is one
	count   = regexp.MustCompile(`^(.*[×xх*])?(\d{1,3})$`)
	month   = regexp.MustCompile(`^(?:январ|феврал|март|апрел|ма[йя]$|ию[нл]|август|сентябр|октябр|ноябр|декабр|` +
		`қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйек|қазан|қараша|желтоқсан|` +
		`january|february|march$|april|may$|june|july|august|september|october|november|december)`)
	span = regexp.MustCompile(`^(?:лет|года?|месяц.*|дня|дней|час|часа|часов|жас.*|күн.*|years?|months?|days?|hours?)$`) // 3 лет, 2 дня
)

// words around an hour.
var (
	untilWords = []string{"до", "к", "ко", "by", "before", "until", "till", "to", "дейін", "шейін"}
	sinceWords = []string{"после", "с", "со", "from", "after", "since", "кейін", "бастап"}
	atWords    = []string{"в", "at"}
	leading    = []string{"сағат", "таңғы", "кешкі"}            // they stand before an hour
	trailing   = []string{"утра", "ночи", "вечера", "am", "pm"} // … and these behind one
	lateWords  = []string{"кешкі", "вечера", "pm"}
	hourWords  = []string{"час", "часа", "часов", "дня", "oclock"}
	pieces     = []string{"шт", "штук", "штуки", "дана"}
)

// take reads a line word by word. A number is an hour, the quantity, or, as a day of the month or an age is,
// neither; that one stays among the words.
func take(line string) typed {
	t := typed{count: -1}
	fields := strings.Fields(between.ReplaceAllString(strings.ToLower(line), "с $1 до $2 "))
	for i, w := range fields {
		fields[i] = strings.Trim(w, ",;.!?()")
	}
	for i := 0; i < len(fields); i++ {
		if next, ok := t.takeHour(fields, i); ok {
			i = next - 1
			continue
		}
		if m := count.FindStringSubmatch(fields[i]); m != nil && t.count < 0 && counts(fields, i) {
			t.count, _ = strconv.Atoi(m[2])
			t.words = append(t.words, m[1])
			continue
		}
		t.words = append(t.words, fields[i])
	}
	return t
}

// at is the i-th field, or "" beyond the ends.
func at(fields []string, i int) string {
	if i < 0 || i >= len(fields) {
		return ""
	}
	return fields[i]
}

// counts reports whether the number at i may be the quantity.
func counts(fields []string, i int) bool {
	prev, next := at(fields, i-1), at(fields, i+1)
	if slices.Contains(pieces, next) {
		return true
	}
	return !month.MatchString(next) && !month.MatchString(prev) && !span.MatchString(next) &&
		!slices.Contains(untilWords[:8], prev) && !slices.Contains(sinceWords[:6], prev) && !slices.Contains(atWords, prev)
}

// takeHour reads an hour at i, with the words that go with it, and returns where the line goes on.
func (t *typed) takeHour(fields []string, i int) (next int, ok bool) {
	m := hour.FindStringSubmatch(fields[i])
	if m == nil || dated.MatchString(fields[i]) || slices.Contains(pieces, at(fields, i+1)) || month.MatchString(at(fields, i+1)) || month.MatchString(at(fields, i-1)) {
		return 0, false
	}
	clock, late, early := m[2] != "" || m[3] != "", m[3] == "pm", m[3] == "am"
	see := func(w string, among []string) bool {
		if !slices.Contains(among, w) {
			return false
		}
		clock, late, early = true, late || slices.Contains(lateWords, w), early || w == "am" || w == "ночи"
		return true
	}
	before := i - 1
	for see(at(fields, before), leading) {
		before--
	}
	prev, next := at(fields, before), i+1
	side := slices.Contains(untilWords[:8], prev) || slices.Contains(sinceWords[:6], prev)
	for w := at(fields, next); see(w, trailing) || side && slices.Contains(hourWords, w); w = at(fields, next) {
		late = late || w == "дня"
		next++
	}
	follows := at(fields, next)
	since := slices.Contains(sinceWords[:6], prev) || follows == "кейін" || follows == "бастап" || slices.Contains([]string{"ден", "дан", "тен", "тан"}, m[4])
	until := slices.Contains(untilWords[:8], prev) || follows == "дейін" || follows == "шейін" || slices.Contains([]string{"ге", "ға", "ке", "қа"}, m[4])
	if !clock && (!since && !until || span.MatchString(follows) || withSomebody(prev, follows, next > i+1)) {
		return 0, false
	}
	t.words = t.words[:len(t.words)-(i-1-before)] // what stands before the hour belongs to it
	t.set(minutes(m[1], m[2], late, early), since)
	return next, true
}

// withSomebody tells "с 3 детьми" from "с 9 до 12".
func withSomebody(prev, follows string, marked bool) bool {
	return (prev == "с" || prev == "со") && !marked && follows != "" && !slices.Contains(untilWords, follows) && !slices.Contains(sinceWords, follows)
}

func (t *typed) set(at int, since bool) {
	if since {
		t.after = at
	} else {
		t.before = at
	}
}

// minutes is a clock from midnight; late is the afternoon's half of twelve hours, early the night's.
func minutes(hours, past string, late, early bool) int {
	h, _ := strconv.Atoi(hours)
	m, _ := strconv.Atoi(past)
	if h <= 12 && (late || early) {
		h %= 12
		if late {
			h += 12
		}
	}
	return h*60 + m
}
