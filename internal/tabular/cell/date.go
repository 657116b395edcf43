package cell

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Why a cell is no date.
const (
	DateUnknown Reason = "tabular.date.unknown" // no date in it that we can read
	DateAbsurd  Reason = "tabular.date.absurd"  // outside 1900 to 2100, or the 31st of February
	DateNoYear  Reason = "tabular.date.no_year" // a day and a month only
)

// Date reads a day as lists write it, day before month: 12.01.2022, 12/01/22, 2022-01-12, a spreadsheet's
// serial number, 12 января 2022 г., 2022 жылғы 12 қаңтар; with a time of day if there is one. The result
// is in UTC and means a civil date: the caller gives it a zone. 1/13/22 is read as the 13th of January,
// because it can be nothing else.
func Date(cell string) (time.Time, Reason) {
	s := strings.TrimSpace(cell)
	switch {
	case s == "":
		return time.Time{}, Empty
	case len(s) > 60:
		return time.Time{}, DateUnknown
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && !lettered(s) && strings.Count(s, ".")+strings.Count(s, ",") <= 1 {
		return fromSerial(s, f)
	}
	numbers, month, clock, ok := dateParts(s)
	if !ok {
		return time.Time{}, DateUnknown
	}
	if month > 0 {
		return wordDate(numbers, month, clock)
	}
	return figureDate(numbers, clock)
}

// fromSerial reads a bare number: a serial day, or a day written without signs, 20220112 or 12012022.
func fromSerial(s string, f float64) (time.Time, Reason) {
	if len(s) == 8 && f == float64(int(f)) {
		if t, why := civil(atoi(s[:4]), atoi(s[4:6]), atoi(s[6:]), 0); why == "" {
			return t, ""
		}
		return civil(atoi(s[4:]), atoi(s[2:4]), atoi(s[:2]), 0)
	}
	switch {
	case strings.Contains(s, ".") && f < 32:
		return time.Time{}, DateNoYear // 12.01
	case f < 367 || f >= 73416:
		return time.Time{}, DateAbsurd
	case f < 10000 && f == float64(int(f)):
		return time.Time{}, DateUnknown // a year alone, or a count
	}
	day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	return day.Add(time.Duration(f*24*60+0.5) * time.Minute), ""
}

// atoi reads digits that are known to be digits.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// dateNumber is a number of a date and how many digits it was written with.
type dateNumber struct{ v, digits int }

// dateParts cuts a text into its numbers, its month's name and its time of day. ok is false when there is
// a word that does not belong to a date.
func dateParts(s string) (numbers []dateNumber, month int, clock time.Duration, ok bool) {
	words := strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(".,/-–—\\()T«»\"", r)
	})
	for _, w := range words {
		if strings.Contains(w, ":") {
			if clock, ok = clockOf(w); !ok {
				return nil, 0, 0, false
			}
			continue
		}
		digits, tail := cutDigits(w)
		if digits != "" {
			if len(digits) > 4 {
				return nil, 0, 0, false
			}
			numbers = append(numbers, dateNumber{atoi(digits), len(digits)})
		}
		if tail == "" {
			continue
		}
		if m := monthOf(tail); m > 0 && month == 0 {
			month = m
		} else if !dateNoise(tail) {
			return nil, 0, 0, false
		}
	}
	return numbers, month, clock, true
}

func cutDigits(w string) (digits, tail string) {
	i := 0
	for i < len(w) && w[i] >= '0' && w[i] <= '9' {
		i++
	}
	return w[:i], w[i:]
}

func clockOf(w string) (time.Duration, bool) {
	parts := strings.Split(strings.TrimSuffix(w, "Z"), ":")
	h, m := atoi(parts[0]), atoi(parts[1])
	if h < 0 || h > 23 || m < 0 || m > 59 || len(parts) > 3 {
		return 0, false
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, true
}

// dateNoise is a word that may stand in a date and says nothing about it.
func dateNoise(w string) bool {
	switch Fold(w) {
	case "г", "год", "года", "ж", "жил", "жили", "жилги", "жилгу", "до", "с", "к", "от", "деиин", "бастап", "на", "не", "позднее", "го", "ого", "е", "ши", "ші", "нан", "нен", "дан", "ден", "кунге", "куни", "by", "before", "until", "of", "the", "st", "nd", "rd", "th", "on", "j", "jylgy", "y",
		"пн", "вт", "ср", "чт", "пт", "сб", "вс", "дс", "сс", "бс", "жм", "жс", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "час", "часов", "в", "сагат":
		return true
	}
	return false
}

// monthOf returns the month whose name, in any case ending, w is; else 0.
func monthOf(w string) int {
	f := Fold(w)
	if len([]rune(f)) < 3 {
		return 0
	}
	for i, stems := range monthStems() {
		for _, stem := range stems {
			if strings.HasPrefix(f, stem) {
				return i + 1
			}
		}
	}
	return 0
}

// monthStems are the beginnings of the months' names, folded, in Russian, Kazakh (both scripts) and English.
// Longer ones come first where one begins another.
func monthStems() [12][]string {
	return [12][]string{
		{"янв", "кантар", "qantar", "kantar", "jan"},
		{"фев", "акпан", "aqpan", "akpan", "feb"},
		{"марта", "март", "мар", "науриз", "nauryz", "mar"},
		{"апр", "сауир", "sauir", "сау", "apr"},
		{"мая", "маи", "мамир", "mamyr", "may"},
		{"июн", "маусим", "mausym", "jun"},
		{"июл", "шилде", "shilde", "jul"},
		{"авг", "тамиз", "tamyz", "aug"},
		{"сен", "киркуиек", "qyrkuiek", "kyrkuiek", "sep"},
		{"окт", "казан", "qazan", "oct"},
		{"ноя", "караша", "qarasha", "nov"},
		{"дек", "желтоксан", "jeltoqsan", "zheltoksan", "dec"},
	}
}

func wordDate(n []dateNumber, month int, clock time.Duration) (time.Time, Reason) {
	switch {
	case len(n) == 1 && n[0].digits <= 2:
		return time.Time{}, DateNoYear
	case len(n) != 2:
		return time.Time{}, DateUnknown
	case n[0].digits == 4:
		return civil(n[0].v, month, n[1].v, clock)
	}
	return civil(fullYear(n[1]), month, n[0].v, clock)
}

func figureDate(n []dateNumber, clock time.Duration) (time.Time, Reason) {
	switch {
	case len(n) == 2 && n[0].digits <= 2 && n[1].digits <= 2:
		return time.Time{}, DateNoYear
	case len(n) != 3:
		return time.Time{}, DateUnknown
	case n[0].digits == 4:
		return civil(n[0].v, n[1].v, n[2].v, clock)
	case n[1].v > 12 && n[0].v <= 12:
		return civil(fullYear(n[2]), n[0].v, n[1].v, clock)
	}
	return civil(fullYear(n[2]), n[1].v, n[0].v, clock)
}

// fullYear gives a year of two digits its century: 70 to 99 are of the last one.
func fullYear(n dateNumber) int {
	switch {
	case n.digits > 2:
		return n.v
	case n.v >= 70:
		return 1900 + n.v
	}
	return 2000 + n.v
}

func civil(y, m, d int, clock time.Duration) (time.Time, Reason) {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if y < 1900 || y > 2100 || t.Day() != d || int(t.Month()) != m {
		return time.Time{}, DateAbsurd
	}
	return t.Add(clock), ""
}
