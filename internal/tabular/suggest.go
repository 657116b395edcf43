package tabular

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jumyla/jumyla/internal/tabular/cell"
)

// Content is what the values of a field look like, for columns whose heading says little.
type Content string

// The contents that a column's values can show; "" for plain text.
const (
	LooksPhone       Content = "phone"
	LooksDate        Content = "date"
	LooksCount       Content = "count"
	LooksBool        Content = "bool"
	LooksCoordinates Content = "coordinates"
)

// Field is something a caller wants to find in a table.
type Field struct {
	Name     string
	Synonyms []string // headings in any language; compared folded
	Content  Content
	Many     bool // several columns may carry it: two phones
}

// Mapping says which column is which field. It is plain data, to be shown, corrected, and remembered for
// a sender under its Signature.
type Mapping struct {
	Signature string       `json:"signature"` // of the headings; equal for equal lists
	Columns   []Assignment `json:"columns"`   // one a column, in order
}

// Assignment is one column of a mapping.
type Assignment struct {
	Column     int      `json:"column"` // from 0
	Heading    string   `json:"heading"`
	Field      string   `json:"field"`             // "" when the column is left out
	Confidence float64  `json:"confidence"`        // 0 to 1; 1 is the exact heading
	Samples    []string `json:"samples,omitempty"` // up to three different values: personal data, for the screen only
}

// Of returns the columns that carry a field, in order.
func (m Mapping) Of(field string) []int {
	var out []int
	for _, a := range m.Columns {
		if a.Field == field {
			out = append(out, a.Column)
		}
	}
	return out
}

// Signature identifies a table's layout by its headings, folded: a sender's next list of the same form has
// the same one. Tables without headings differ by their number of columns only.
func (t *Table) Signature() string {
	var b strings.Builder
	for _, c := range t.Columns {
		b.WriteString(squash(c.Heading))
		b.WriteByte(0x1f)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:8])
}

// Fits reports whether a remembered mapping was made for a table of this layout.
func (m Mapping) Fits(t *Table) bool { return m.Signature == t.Signature() }

// leastConfidence is where a suggestion becomes more hindrance than help.
const leastConfidence = 0.45

// Suggest proposes a field for each column: by its heading (exact, contained, misspelt) and by what its
// values look like. The surest pairs are settled first; a field takes one column unless it is Many.
func Suggest(t *Table, fields []Field) Mapping {
	m := Mapping{Signature: t.Signature()}
	type pair struct {
		col, field int
		conf       float64
	}
	var pairs []pair
	folded := foldFields(fields)
	for i, c := range t.Columns {
		values := sample(t, i, 200)
		m.Columns = append(m.Columns, Assignment{Column: i, Heading: c.Heading, Samples: values[:min(3, len(values))]})
		looks := contents(values)
		under := ofGroup(c, fields, folded)
		for j, f := range fields {
			match := headingMatch(showLost(c.Heading), folded[j])
			if under != "" {
				match = max(0.8*match, 0.98*headingMatch(under, folded[j]))
			}
			conf := combine(match, f.Content, looks, len(values), c.Heading != "")
			if conf >= leastConfidence {
				pairs = append(pairs, pair{i, j, conf})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		switch {
		case a.conf > b.conf:
			return -1
		case a.conf < b.conf:
			return 1
		}
		return 0
	})
	taken := make([]bool, len(fields))
	for _, p := range pairs {
		a := &m.Columns[p.col]
		if a.Field != "" || taken[p.field] && !fields[p.field].Many {
			continue
		}
		a.Field, a.Confidence = fields[p.field].Name, float64(int(p.conf*100))/100
		taken[p.field] = true
	}
	return m
}

// ofGroup returns the lower heading of a column where it says what the column is, as "үй" does under "мекенжайы": of an address there is one.
// Under a heading of which there are several, "дом." is the second telephone, and "" is returned.
func ofGroup(c Column, fields []Field, folded [][]foldedHeading) string {
	if c.Part == "" {
		return ""
	}
	group := showLost(strings.TrimSuffix(c.Heading, " "+c.Part))
	for j, f := range fields {
		if f.Many && headingMatch(group, folded[j]) > 0.9 {
			return ""
		}
	}
	return showLost(c.Part)
}

// combine weighs the heading against the values.
func combine(heading float64, want Content, looks map[Content]float64, values int, headed bool) float64 {
	if want == "" || values == 0 {
		return heading
	}
	share := looks[want]
	switch {
	case heading > 0 && share < 0.2 && (want == LooksPhone || want == LooksCoordinates):
		return heading * 0.6 // the word without the thing: "контакт" above names
	case heading > 0:
		return min(1, heading+0.05*share)
	case share > 0.6 && (want == LooksPhone || want == LooksCoordinates):
		return 0.75 * share
	case share > 0.6 && !headed && want == LooksDate:
		return 0.5 * share
	}
	return 0
}

// sample returns up to n filled values of a column, the first ones different from one another.
func sample(t *Table, col, n int) []string {
	var first, rest []string
	for _, r := range t.Rows {
		v := r.Cell(col)
		switch {
		case v == "":
			continue
		case len(first) < 3 && !slices.Contains(first, v):
			first = append(first, v)
		default:
			rest = append(rest, v)
		}
		if len(first)+len(rest) >= n {
			break
		}
	}
	return append(first, rest...)
}

// contents returns which share of the values each content fits.
func contents(values []string) map[Content]float64 {
	out := map[Content]float64{}
	if len(values) == 0 {
		return out
	}
	one := 1 / float64(len(values))
	for _, v := range values {
		if p, why := cell.Phones(v, "KZ"); why == "" && slices.ContainsFunc(p.Numbers, func(n cell.Phone) bool { return n.Doubt == "" }) {
			out[LooksPhone] += one
			continue
		}
		if _, why := cell.Date(v); why == "" {
			out[LooksDate] += one
		}
		if _, why := cell.Count(v); why == "" {
			out[LooksCount] += one
		}
		if _, why := cell.Bool(v); why == "" {
			out[LooksBool] += one
		}
		if _, why := cell.Coordinates(v, cell.Bounds{}); why == "" {
			out[LooksCoordinates] += one
		}
	}
	return out
}

// foldedHeading is a synonym ready for comparison.
type foldedHeading struct {
	whole string   // without spaces
	words []string // folded
	runes int
}

func foldHeading(s string) foldedHeading {
	f := cell.Fold(s)
	h := foldedHeading{whole: strings.ReplaceAll(f, " ", ""), words: strings.Fields(f)}
	h.runes = utf8.RuneCountInString(h.whole)
	return h
}

func foldFields(fields []Field) [][]foldedHeading {
	out := make([][]foldedHeading, len(fields))
	for i, f := range fields {
		out[i] = append(out[i], foldHeading(f.Name))
		for _, s := range f.Synonyms {
			out[i] = append(out[i], foldHeading(s))
		}
	}
	return out
}

// headingMatch returns how well a heading fits the best of the synonyms, 0 to 1. A heading joined of two
// languages ("Аты-жөні / ФИО") fits by either half.
func headingMatch(heading string, synonyms []foldedHeading) float64 {
	best := 0.0
	for i, part := range strings.FieldsFunc("\x00"+heading, func(r rune) bool { return r == '/' || r == '|' || r == '\n' || r == '(' }) {
		weight := 0.95
		if i == 0 {
			weight = 0.97
		}
		part = strings.TrimPrefix(part, "\x00")
		if part == heading {
			break
		}
		best = max(best, weight*wholeMatch(foldHeading(part), synonyms))
	}
	return max(best, wholeMatch(foldHeading(heading), synonyms))
}

func wholeMatch(h foldedHeading, synonyms []foldedHeading) float64 {
	if h.whole == "" {
		return 0
	}
	best := 0.0
	for _, s := range synonyms {
		if s.whole != "" {
			best = max(best, oneMatch(h, s))
		}
	}
	return best
}

func oneMatch(h, s foldedHeading) float64 {
	if alike(h.whole, s.whole) {
		return 1
	}
	// misspelt: one letter in five, two in ten
	if allowed := min(h.runes, s.runes) / 5; allowed > 0 && max(h.runes, s.runes)-min(h.runes, s.runes) <= 2 {
		if d := distance(h.whole, s.whole, min(allowed, 2)); d <= min(allowed, 2) {
			return 0.92 - 0.06*float64(d)
		}
	}
	// the heading says more than the synonym: "Телефон (сот.) заявителя"
	if n := wordsIn(h.words, s.words); n > 0 {
		return 0.55 + 0.4*float64(n)/float64(h.runes)
	}
	// or less: "прожив." for "адрес проживания" is too little; a whole first word is enough
	if n := wordsIn(s.words, h.words); n > 3 && len(h.words) > 0 && h.words[0] == s.words[0] {
		return 0.35 + 0.4*float64(n)/float64(s.runes)
	}
	return 0
}

// wordsIn returns the letters of part when all its words stand in whole, in order and side by side, the
// last ones of each word allowed to differ by ending; else 0.
func wordsIn(whole, part []string) int {
	for i := 0; i+len(part) <= len(whole); i++ {
		n := 0
		for k, w := range part {
			if !sameStem(whole[i+k], w) {
				n = 0
				break
			}
			n += utf8.RuneCountInString(w)
		}
		if n > 1 {
			return n
		}
	}
	return 0
}

// sameStem compares two words up to an ending of two letters, for words of five letters and more.
func sameStem(a, b string) bool {
	if alike(a, b) {
		return true
	}
	ra, rb := []rune(a), []rune(b)
	stem := min(len(ra), len(rb))
	if stem < 5 || max(len(ra), len(rb))-stem > 3 {
		return false
	}
	stem -= 1
	return string(ra[:stem]) == string(rb[:stem])
}

// distance is the number of edits between a and b, or limit+1 when it is more than limit.
func distance(a, b string, limit int) int {
	ra, rb := []rune(a), []rune(b)
	prev := make([]int, len(rb)+1)
	cur := make([]int, len(rb)+1)
	for j := range prev {
		prev[j] = j
	}
	for i, x := range ra {
		cur[0] = i + 1
		least := cur[0]
		for j, y := range rb {
			cost := 1
			if x == y || x == lost {
				cost = 0
			}
			cur[j+1] = min(prev[j]+cost, prev[j+1]+1, cur[j]+1)
			least = min(least, cur[j+1])
		}
		if least > limit {
			return limit + 1
		}
		prev, cur = cur, prev
	}
	return prev[len(rb)]
}
