package cell

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// Why a cell holds no phone, or one to doubt.
const (
	PhoneLetters    Reason = "tabular.phone.letters"    // nothing but words
	PhoneInvalid    Reason = "tabular.phone.invalid"    // digits that are no number
	PhoneRounded    Reason = "tabular.phone.rounded"    // 7,70156E+10: the last digits are gone
	DoubtLocal      Reason = "tabular.phone.local"      // five to seven digits, kept as they are
	DoubtUnassigned Reason = "tabular.phone.unassigned" // of the right length, of a range not in use
)

// Phone is one number found in a cell.
type Phone struct {
	E164   string // +77015551234; "" for a local number
	Raw    string // as written
	Remark string // the words that stood beside it: "мама"
	Doubt  Reason // "" when the number is sound
}

// PhoneCell is what a cell of phones holds.
type PhoneCell struct {
	Numbers []Phone
	Rest    string // what belongs to no number
}

// maxPhoneCell bounds the work on a cell; a longer one is a note in the wrong column.
const maxPhoneCell = 400

// Phones reads every number of a cell: split by commas, slashes, lines or words, or run together; with
// 8, 7, +7 or nothing before the ten digits, or with a foreign +code; words beside a number become its
// remark. Region is where numbers without a country belong ("KZ"; its +7 is shared with Russia, and both
// are accepted). A cell that says that there is none is Empty. The reason is "" when at least one number was found.
func Phones(cell, region string) (PhoneCell, Reason) {
	cell = strings.TrimSpace(cell)
	if cell == "" || noPhone(cell) {
		return PhoneCell{}, Empty
	}
	if n, isNumber := exponent(cell); isNumber {
		if n == "" {
			return PhoneCell{Rest: cell}, PhoneRounded
		}
		cell = n
	}
	cell = strings.TrimSuffix(cell, ".0")
	if len(cell) > maxPhoneCell {
		return PhoneCell{Rest: cell}, PhoneInvalid
	}
	if digits := newRun(cell, region).digits; len(digits) == 11 && (digits[0] == '8' || digits[0] == '7') {
		cell = strings.ReplaceAll(cell, "/", " ") // 8/727/2782083
	}
	p := phoneReader{region: region}
	for _, tok := range phoneTokens(cell) {
		p.take(tok)
	}
	return p.done()
}

// noPhone reports whether a cell says that there is none: "нет", "телефоны жоқ", a dash. What is said instead of a number
// ("ask the neighbour") is no such answer.
func noPhone(cell string) bool {
	if strings.Trim(cell, "-–— ") == "" {
		return true
	}
	words := slices.DeleteFunc(strings.Fields(Fold(cell)), func(w string) bool {
		return strings.HasPrefix(w, "тел") || strings.HasPrefix(w, "номер") || strings.HasPrefix(w, "phone")
	})
	other := func(w string) bool {
		return !slices.Contains([]string{"нет", "нету", "жок", "joq", "zhok", "no", "none", "отсутствует"}, w)
	}
	return len(words) > 0 && !slices.ContainsFunc(words, other)
}

// exponent expands 7.7015551234E10. isNumber tells that the cell is in that form; n is "" when not all its
// digits are there.
func exponent(cell string) (n string, isNumber bool) {
	c := strings.ToUpper(strings.ReplaceAll(cell, ",", "."))
	mantissa, exp, ok := strings.Cut(c, "E")
	if !ok || strings.IndexFunc(c, func(r rune) bool { return !strings.ContainsRune("0123456789.+-E", r) }) >= 0 {
		return "", false
	}
	f, err := strconv.ParseFloat(c, 64)
	e, err2 := strconv.Atoi(exp)
	if err != nil || err2 != nil || math.Abs(f) > 1e15 {
		return "", false
	}
	_, decimals, _ := strings.Cut(mantissa, ".")
	if len(decimals) < e-3 {
		return "", true
	}
	return strconv.FormatFloat(f, 'f', 0, 64), true
}

// phoneToken is a run of a cell that is either about digits or words.
type phoneToken struct {
	text   string
	digits bool
	split  bool // a separator stood before it
}

// phoneTokens cuts a cell into runs of digits (with the signs inside numbers) and of words.
func phoneTokens(cell string) []phoneToken {
	c := phoneCutter{split: true}
	for _, r := range cell {
		switch {
		case strings.ContainsRune(",;/\n|\\&", r):
			c.flush()
			c.split = true
		case r >= '0' && r <= '9' || r == '+':
			c.toDigits()
			c.cur.WriteRune(r)
		default:
			if c.digits && unicode.IsLetter(r) {
				c.flush()
				c.digits = false
			}
			c.cur.WriteRune(r)
		}
	}
	c.flush()
	return c.out
}

type phoneCutter struct {
	out           []phoneToken
	cur           strings.Builder
	digits, split bool
}

func (c *phoneCutter) flush() {
	if s := strings.TrimSpace(c.cur.String()); s != "" {
		c.out = append(c.out, phoneToken{s, c.digits, c.split})
		c.split = false
	}
	c.cur.Reset()
}

// toDigits begins a run of digits; a bracket opened before it belongs to it.
func (c *phoneCutter) toDigits() {
	if c.digits {
		return
	}
	words, open := strings.CutSuffix(strings.TrimRight(c.cur.String(), " "), "(")
	c.cur.Reset()
	c.cur.WriteString(words)
	c.flush()
	c.digits = true
	if open {
		c.cur.WriteByte('(')
	}
}

type phoneReader struct {
	region  string
	out     PhoneCell
	rest    []string
	pending []string // words before any number of this part
	bad     bool     // digits that were no number
	named   bool     // words come before their numbers here
}

func (p *phoneReader) take(t phoneToken) {
	if !t.digits {
		p.words(t)
		return
	}
	for _, piece := range splitPlus(t.text) {
		found, left := phonesIn(piece, p.region)
		if len(found) > 0 && len(p.pending) > 0 {
			found[0].Remark = strings.Join(p.pending, " ")
			p.pending = nil
		}
		p.out.Numbers = append(p.out.Numbers, found...)
		if left != "" {
			p.rest = append(p.rest, left)
			p.bad = true
		}
	}
}

// words attaches words to the number before them, unless a separator stands between: then to the next.
func (p *phoneReader) words(t phoneToken) {
	text := strings.Trim(t.text, " -–—().:;")
	if noise(text) {
		return
	}
	n := len(p.out.Numbers)
	if n == 0 {
		p.named = true
	}
	if n > 0 && !t.split && !p.named {
		last := &p.out.Numbers[n-1]
		last.Remark = strings.TrimSpace(last.Remark + " " + text)
		return
	}
	p.pending = append(p.pending, text)
}

// noise is a word that says only that a number follows, or joins two of them.
func noise(text string) bool {
	switch Fold(text) {
	case "", "тел", "телефон", "т", "моб", "сот", "сотовыи", "уяли", "и", "или", "жане", "немесе", "and", "or", "phone", "tel", "mob", "номер", "нет", "№", "дом тел", "раб", "ф":
		return true
	}
	return false
}

func (p *phoneReader) done() (PhoneCell, Reason) {
	if len(p.pending) > 0 {
		if n := len(p.out.Numbers); n > 0 {
			last := &p.out.Numbers[n-1]
			last.Remark = strings.TrimSpace(last.Remark + " " + strings.Join(p.pending, " "))
		} else {
			p.rest = append(p.rest, p.pending...)
		}
	}
	p.out.Rest = strings.Join(p.rest, " ")
	switch {
	case len(p.out.Numbers) > 0:
		return p.out, ""
	case p.bad:
		return p.out, PhoneInvalid
	}
	return p.out, PhoneLetters
}

// splitPlus cuts before every +, where a new number must begin.
func splitPlus(s string) []string {
	var out []string
	start := 0
	for i := 1; i < len(s); i++ {
		if s[i] == '+' {
			out = append(out, s[start:i])
			start = i
		}
	}
	return append(out, s[start:])
}

// digitRun is a piece of a cell reduced to its digits, with the places where something stood between.
type digitRun struct {
	raw    string
	digits string
	at     []int  // index in raw of each digit
	edge   []bool // edge[i]: digit i begins a group; edge[len] is true
	plus   bool
	region string
}

func newRun(piece, region string) digitRun {
	d := digitRun{raw: piece, region: region}
	gap := true
	var b strings.Builder
	for i := range len(piece) {
		c := piece[i]
		switch {
		case c == '+':
			d.plus = true
			gap = true
		case c >= '0' && c <= '9':
			b.WriteByte(c)
			d.at = append(d.at, i)
			d.edge = append(d.edge, gap)
			gap = false
		default:
			gap = true
		}
	}
	d.edge = append(d.edge, true)
	d.digits = b.String()
	return d
}

// phonesIn finds the numbers of one piece of digits: the whole of it when it is a number, else the split
// that leaves the fewest digits over, preferring to cut where the writer left a gap.
func phonesIn(piece, region string) (found []Phone, left string) {
	d := newRun(piece, region)
	n := len(d.digits)
	if n == 0 {
		return nil, ""
	}
	if p, ok := d.number(0, n); ok && p.Doubt == "" {
		return []Phone{p}, ""
	}
	const unused = 10
	cost := make([]int, n+1)
	choice := make([]Phone, n+1)
	take := make([]int, n+1)
	for i := n - 1; i >= 0; i-- {
		cost[i], take[i] = cost[i+1]+unused, 1
		for size := 5; size <= 15 && i+size <= n; size++ {
			p, ok := d.number(i, i+size)
			if !ok {
				continue
			}
			c := cost[i+size] + d.price(i, i+size, p)
			if c < cost[i] {
				cost[i], take[i], choice[i] = c, size, p
			}
		}
	}
	return d.follow(take, choice)
}

// follow walks the cheapest split: take[i] digits from i on, which are choice[i] when they are more than one.
func (d digitRun) follow(take []int, choice []Phone) (found []Phone, left string) {
	var over strings.Builder
	loose := false // the digit before belongs to no number
	for i := 0; i < len(d.digits); i += take[i] {
		j := i + take[i]
		if take[i] == 1 {
			over.WriteByte(d.digits[i])
			loose = true
			continue
		}
		if !d.edge[i] && loose || !d.edge[j] && take[j] == 1 {
			return nil, d.digits // a digit too many: which one, nobody knows
		}
		found = append(found, choice[i])
		loose = false
	}
	return found, over.String()
}

// price is what taking digits i..j for number p costs: cuts inside a group and doubts cost, and so does
// every number, so that one long one beats two short ones.
func (d digitRun) price(i, j int, p Phone) int {
	c := 2
	if !d.edge[i] {
		c += 4
	}
	if !d.edge[j] {
		c += 4
	}
	if p.Doubt == DoubtLocal {
		c += 12
	}
	if p.Doubt == DoubtUnassigned {
		c += 8
	}
	return c
}

// number reads digits i..j as one number.
func (d digitRun) number(i, j int) (Phone, bool) {
	digits := d.digits[i:j]
	raw := strings.TrimRight(strings.Trim(d.raw[d.rawStart(i):d.rawEnd(j)], " -.–—"), " (")
	p := Phone{Raw: raw}
	for _, form := range forms(digits, d.plus && i == 0) {
		num, err := phonenumbers.Parse(form, d.region)
		if err == nil && phonenumbers.IsValidNumber(num) {
			p.E164 = phonenumbers.Format(num, phonenumbers.E164)
			return p, true
		}
	}
	switch {
	case len(digits) == 11 && (digits[0] == '8' || digits[0] == '7') && strings.ContainsRune("79", rune(digits[1])) && !flat(digits):
		p.E164, p.Doubt = "+7"+digits[1:], DoubtUnassigned
		return p, true
	case len(digits) <= 7 && d.edge[i] && d.edge[j] && !d.plus && i == 0 && j == len(d.digits) && !strings.Contains(d.raw, ".") && !flat(digits):
		p.Doubt = DoubtLocal
		return p, true
	}
	return Phone{}, false
}

// flat reports one digit over and over, which people type to fill a required field.
func flat(digits string) bool { return strings.Count(digits, digits[len(digits)-1:]) >= len(digits)-1 }

// forms returns the ways to read bare digits: as written here, and as an international number whose + was
// lost. Short strings are not tried: phonenumbers knows local numbers that nobody can dial from afar.
func forms(digits string, plus bool) []string {
	switch {
	case plus:
		return []string{"+" + digits}
	case len(digits) < 10:
		return nil
	case len(digits) == 11 && digits[0] == '7':
		return []string{"+" + digits}
	case len(digits) <= 11 && (len(digits) == 10 || digits[0] == '8'):
		return []string{digits}
	case strings.HasPrefix(digits, "00"):
		return []string{"+" + digits[2:]}
	case strings.HasPrefix(digits, "810"):
		return []string{"+" + digits[3:]}
	case len(digits) >= 11 && digits[0] != '8' && digits[0] != '0':
		return []string{"+" + digits}
	}
	return nil
}

// rawStart and rawEnd give the text around digits i..j with its brackets.
func (d digitRun) rawStart(i int) int {
	if i == 0 {
		return 0
	}
	s := d.at[i]
	if s > 0 && d.raw[s-1] == '(' {
		s--
	}
	return s
}

func (d digitRun) rawEnd(j int) int {
	if j == len(d.at) {
		return len(d.raw)
	}
	return d.at[j-1] + 1
}
