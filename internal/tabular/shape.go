package tabular

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jumyla/jumyla/internal/tabular/cell"
)

// headerWithin is how many filled rows from the top may come before the headings.
const headerWithin = 25

// shape finds the titles and headings among raw rows and sorts the rest into rows and skips. The headings
// are in the row numbered header, nowhere for 0, to be found for findIt.
func shape(t *Table, raw []rawRow, header int) {
	raw = trimTail(raw)
	first := slices.IndexFunc(raw, func(r rawRow) bool { return r.number == header })
	last := first
	if header == findIt {
		first, last = findHeader(raw)
	}
	width := 0
	for _, r := range raw {
		width = max(width, len(r.cells))
	}
	var headings, parts []string
	body := raw
	if last >= 0 {
		headings, parts = joinHeadings(raw[first:last+1], width)
		for _, r := range raw[:first] {
			t.Titles = append(t.Titles, strings.Join(nonEmpty(r.cells), " "))
		}
		t.HeaderRow = raw[last].number
		body = raw[last+1:]
	} else if len(raw) > 0 {
		t.Notices = append(t.Notices, Notice{NoticeNoHeader, 1})
	}
	for i := range width {
		t.Columns = append(t.Columns, Column{Index: i, Heading: at(headings, i), Part: at(parts, i)})
	}
	s := shaper{t: t, width: width, prev: t.HeaderRow}
	if last >= 0 {
		for _, r := range raw[first : last+1] {
			s.headers = append(s.headers, squashAll(r.cells))
		}
	}
	for i, r := range body {
		s.take(r, i, len(body))
	}
	if s.hidden > 0 {
		t.Notices = append(t.Notices, Notice{NoticeHiddenRows, s.hidden})
	}
	if s.merged > 0 {
		t.Notices = append(t.Notices, Notice{NoticeMerged, s.merged})
	}
	if last >= 0 {
		markExtra(t)
	}
}

func at(s []string, i int) string {
	if i < len(s) {
		return s[i]
	}
	return ""
}

func nonEmpty(cells []string) []string {
	var out []string
	for _, c := range cells {
		if c != "" {
			out = append(out, c)
		}
	}
	return out
}

// trimTail drops rows at the end that hold nothing of their own.
func trimTail(raw []rawRow) []rawRow {
	for len(raw) > 0 && raw[len(raw)-1].count() == 0 && len(raw[len(raw)-1].faults) == 0 {
		raw = raw[:len(raw)-1]
	}
	return raw
}

type shaper struct {
	t              *Table
	width          int
	headers        [][]string
	prev           int // number of the last row seen
	section        string
	signed         bool // the list's compiler stood just above
	hidden, merged int
}

func (s *shaper) take(r rawRow, i, of int) {
	if gap := r.number - s.prev - 1; gap > 0 {
		s.skip(s.prev+1, gap, SkipEmpty)
	}
	s.prev = r.number
	why := s.reason(r, i, of)
	s.signed = why == SkipSignature || s.signed && why == SkipEmpty
	if why != "" {
		s.skip(r.number, 1, why)
		return
	}
	if r.hidden {
		s.hidden++
	}
	s.merged += len(r.filled)
	s.t.Rows = append(s.t.Rows, Row{
		Number: r.number, Cells: r.cells, Section: s.section,
		Hidden: r.hidden, Filled: r.filled, Faults: r.faults,
	})
}

// skip notes rows that are not data, joining them with the ones just before.
func (s *shaper) skip(row, count int, why Reason) {
	if n := len(s.t.Skipped); n > 0 {
		last := &s.t.Skipped[n-1]
		if last.Reason == why && last.Row+last.Count == row {
			last.Count += count
			return
		}
	}
	s.t.Skipped = append(s.t.Skipped, Skip{row, count, why})
}

// reason says why row r, the i-th of so many below the headings, is not data; "" when it is.
func (s *shaper) reason(r rawRow, i, of int) Reason {
	n := r.count()
	switch {
	case n == 0 && len(r.faults) == 0:
		return SkipEmpty
	case s.repeated(r):
		return SkipHeader
	case total(r):
		return SkipTotal
	case i < 3 && numbering(r, s.width):
		return SkipNumbering
	case i >= of-6 && n <= 3 && s.width > 3 && (s.signed || signature(r)):
		return SkipSignature
	}
	if n == 1 && s.width >= 3 {
		for _, sp := range r.spans {
			if 2*(sp.to-sp.from+1) >= s.width {
				s.section = nonEmpty(r.cells)[0]
				return SkipSection
			}
		}
	}
	return ""
}

// repeated reports the headings once more: every filled cell stands under its own heading.
func (s *shaper) repeated(r rawRow) bool {
	for _, h := range s.headers {
		same, n := 0, 0
		for i, c := range r.cells {
			if c == "" {
				continue
			}
			n++
			if squash(c) == at(h, i) {
				same++
			}
		}
		if n >= 2 && same*10 >= n*8 || n == 1 && same == 1 && len(nonEmpty(h)) == 1 {
			return true
		}
	}
	return false
}

// total reports a row of sums: it begins with the word for it, and otherwise holds only numbers.
func total(r rawRow) bool {
	seen := false
	for _, c := range r.cells {
		switch {
		case c == "":
		case !seen:
			if !totalWord(c) {
				return false
			}
			seen = true
		case !numeric(c):
			return false
		}
	}
	return seen
}

// The words of a row of sums: what it begins with, what may begin it when more follows ("Жалпы саны"), and
// what may follow ("Итого по району: 25 чел.").
var (
	totalFirst = foldedSet("итого", "итог", "всего", "барлығы", "жиыны", "жиынтығы", "қорытынды", "barlygy", "total", "totals", "subtotal", "sum")
	totalMaybe = foldedSet("жалпы", "jalpy", "grand", "общее", "общий", "общая")
	totalAfter = foldedSet("по", "району", "городу", "селу", "списку", "области", "дому", "чел", "человек", "адам", "саны", "сан", "семей", "отбасы", "количество", "итог", "total", "people", "number", "of", "families", "households", "rows", "бойынша", "аудан", "тізім", "сомасы", "строк", "и", "всего", "итого", "сумма", "sany",
		"на", "странице", "стр", "листе", "листу", "бет", "беттегі", "бетте", "парақта", "page", "this", "on")
	signs = foldedSet("исполнитель", "орындаушы", "подпись", "қолы", "составил", "составила", "құрастырған", "руководитель", "басшы", "әкім", "prepared", "signature", "compiled", "исп", "м.п.", "м.о.")
)

func totalWord(c string) bool {
	words := strings.Fields(cell.Fold(c))
	if len(words) == 0 || len(words) > 6 {
		return false
	}
	if !totalFirst()[words[0]] && (!totalMaybe()[words[0]] || len(words) == 1) {
		return false
	}
	for _, w := range words[1:] {
		if !totalAfter()[w] && !numeric(w) {
			return false
		}
	}
	return true
}

// numeric reports a number as tables write it: 1 234,5.
func numeric(c string) bool {
	digits := false
	for _, r := range c {
		switch {
		case r >= '0' && r <= '9':
			digits = true
		case r == ' ' || r == ',' || r == '.' || r == '-' || r == '%':
		default:
			return c == "-" || c == "—" || c == "x" || c == "х"
		}
	}
	return digits || c == "-"
}

// numbering reports the row 1, 2, 3 … that official forms have under their headings.
func numbering(r rawRow, width int) bool {
	n, want := 0, 0
	for i, c := range r.cells {
		if c == "" {
			continue
		}
		v, err := strconv.Atoi(c)
		if err != nil || n > 0 && v != want || n == 0 && v != 1 && v != i+1 {
			return false
		}
		n++
		want = v + 1
	}
	return n >= 3 && n*10 >= width*6
}

// signature reports who compiled the list, or where the stamp goes.
func signature(r rawRow) bool {
	c := cell.Fold(nonEmpty(r.cells)[0])
	first, _, _ := strings.Cut(c, " ")
	return signs()[first] || signs()[c]
}

// findHeader returns the indices of the first and last heading row, or -1, -1.
func findHeader(raw []rawRow) (first, last int) {
	best, top := -1, 0.0
	width := usualWidth(raw)
	seen := 0
	for i, r := range raw {
		if r.count() == 0 {
			continue
		}
		if seen++; seen > headerWithin {
			break
		}
		if s := headerScore(r, width); s > top {
			best, top = i, s
		}
	}
	if best < 0 || !convincing(raw, best) {
		return -1, -1
	}
	first, last = best, best
	if best > 0 && raw[best-1].number == raw[best].number-1 && grouped(raw[best-1], raw[best]) {
		first--
	}
	if n := best + 1; n < len(raw) && raw[n].number == raw[best].number+1 && secondHeader(raw[best], raw[n]) {
		last++
	}
	return first, last
}

// headerScore rates a row as headings: short labels without digits, known words, well filled, distinct.
func headerScore(r rawRow, width int) float64 {
	score, n := 0.0, 0
	seen := map[string]bool{}
	for _, c := range r.cells {
		if c == "" {
			continue
		}
		n++
		switch {
		case known(c):
			score += 3
		case label(c):
			score++
		default:
			score -= 1.5
		}
		if seen[c] {
			score--
		}
		seen[c] = true
	}
	if n == 1 && width > 2 {
		return 0 // a title
	}
	return score * min(1, float64(n)/float64(width))
}

// usualWidth is how many cells a row of the table usually fills: the median, which one row of forty stray
// cells does not move.
func usualWidth(raw []rawRow) int {
	var counts []int
	for _, r := range raw[:min(len(raw), 200)] {
		if n := r.count(); n > 0 {
			counts = append(counts, n)
		}
	}
	if len(counts) == 0 {
		return 1
	}
	slices.Sort(counts)
	return counts[len(counts)/2]
}

// label reports a cell that could be a heading: letters, short, no figures to speak of.
func label(c string) bool {
	letters, digits := 0, 0
	for _, r := range c {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		}
	}
	return utf8.RuneCountInString(c) <= 80 && (letters > 0 && digits*4 <= letters || c == "№" || c == "#")
}

// convincing decides whether the best row is headings at all: known words in it, or labels above a column
// of figures.
func convincing(raw []rawRow, i int) bool {
	hits, labels, n := 0, 0, 0
	for _, c := range raw[i].cells {
		if c == "" {
			continue
		}
		n++
		if known(c) {
			hits++
		}
		if label(c) {
			labels++
		}
	}
	if hits >= 2 || hits >= 1 && hits*3 >= n {
		return true
	}
	if labels*10 < n*8 {
		return false
	}
	below := raw[i+1 : min(len(raw), i+101)]
	for c := range raw[i].cells {
		if label(raw[i].cell(c)) && figures(below, c)*10 >= len(below)*6 && len(below) > 0 {
			return true
		}
	}
	return false
}

// figures counts the rows that have a digit in column c.
func figures(rows []rawRow, c int) int {
	n := 0
	for _, r := range rows {
		if strings.ContainsAny(r.cell(c), "0123456789") {
			n++
		}
	}
	return n
}

// secondHeader reports that low continues the headings of top: parts of a group ("телефон": "дом.",
// "моб."), or the same headings in another language.
func secondHeader(top, low rawRow) bool {
	hits, n := 0, 0
	for _, c := range low.cells {
		if c == "" {
			continue
		}
		n++
		if !label(c) {
			return false
		}
		if known(c) {
			hits++
		}
	}
	if n == 0 {
		return false
	}
	return n >= 2 && hits >= 2 && hits*2 >= n || grouped(top, low)
}

// grouped reports that top is group headings over low: every filled cell of low stands under a group or
// under nothing, every lone heading of top stands over nothing or over another heading, and at least one group is there.
func grouped(top, low rawRow) bool {
	groups, labels := 0, 0
	for i := range max(len(top.cells), len(low.cells)) {
		a, b := top.cell(i), low.cell(i)
		if b == "" || filledFromAbove(low, i) {
			continue
		}
		if !label(b) {
			return false
		}
		labels++
		switch {
		case a == "" && groupAt(top, low, i) >= 0:
			groups++
		case a == "":
		case inSpan(top, i) || top.cell(i+1) == "" && i+1 < len(low.cells) && low.cell(i+1) != "":
		case known(b): // "тел." under "байланыс", which stands beside a group
		default:
			return false
		}
	}
	return groups > 0 && labels > 0 && distinct(top.cells) >= 2
}

func distinct(cells []string) int {
	seen := map[string]bool{}
	for _, c := range nonEmpty(cells) {
		seen[c] = true
	}
	return len(seen)
}

func filledFromAbove(r rawRow, i int) bool { return slices.Contains(r.filled, i) }

func inSpan(r rawRow, i int) bool {
	for _, s := range r.spans {
		if i >= s.from && i <= s.to {
			return true
		}
	}
	return false
}

// groupAt returns the column of the group heading in top that covers column i, or -1. Where cells are
// really merged only the merged ones count; in CSV a group covers the gap to its right.
func groupAt(top, low rawRow, i int) int {
	for _, s := range top.spans {
		if i >= s.from && i <= s.to && top.cell(s.from) != "" {
			return s.from
		}
	}
	if len(top.spans) > 0 {
		return -1
	}
	for j := i; j >= 0; j-- {
		if top.cell(j) != "" {
			return j
		}
		if low.cell(j) == "" {
			return -1
		}
	}
	return -1
}

// joinHeadings makes one heading a column out of one or more heading rows, and says of each what the lower one adds.
func joinHeadings(rows []rawRow, width int) (out, lower []string) {
	out, lower = make([]string, width), make([]string, width)
	for i := range out {
		var parts []string
		for k, r := range rows {
			h := r.cell(i)
			if h == "" && k+1 < len(rows) && rows[k+1].cell(i) != "" {
				if g := groupAt(r, rows[k+1], i); g >= 0 {
					h = r.cell(g)
				}
			}
			h = strings.Join(strings.Fields(h), " ")
			if h != "" && (len(parts) == 0 || parts[len(parts)-1] != h) {
				parts = append(parts, h)
			}
		}
		out[i] = strings.Join(parts, " ")
		if len(parts) > 1 {
			lower[i] = parts[len(parts)-1]
		}
	}
	return out, lower
}

// markExtra notes rows that hold something in a column without heading where hardly any other row does:
// a delimiter inside a cell has pushed its neighbours to the right.
func markExtra(t *Table) {
	last := -1
	for i, c := range t.Columns {
		if c.Heading != "" {
			last = i
		}
	}
	for c := last + 1; c < len(t.Columns); c++ {
		var with []int
		for i, r := range t.Rows {
			if r.Cell(c) != "" {
				with = append(with, i)
			}
		}
		if len(with)*2 >= len(t.Rows) && len(t.Rows) > 3 {
			continue
		}
		for _, i := range with {
			r := &t.Rows[i]
			if n := len(r.Faults); n == 0 || r.Faults[n-1].Reason != ReasonExtraCells {
				r.Faults = append(r.Faults, Fault{c, ReasonExtraCells})
			}
		}
	}
}
