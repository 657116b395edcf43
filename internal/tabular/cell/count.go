package cell

import (
	"strconv"
	"strings"
	"unicode"
)

// Why a cell is no count, no age, no yes or no.
const (
	CountUnknown Reason = "tabular.count.unknown"  // no number in it
	CountSeveral Reason = "tabular.count.several"  // more than one number: which?
	CountAbsurd  Reason = "tabular.count.absurd"   // below zero, a fraction, or over 100,000
	AgeUnknown   Reason = "tabular.age.unknown"    // no age in it
	AgeAbsurd    Reason = "tabular.age.absurd"     // over 120 years
	AgeBirthYear Reason = "tabular.age.birth_year" // 2015: a year of birth, which is not asked for
	BoolUnknown  Reason = "tabular.bool.unknown"   // neither yes nor no
	maxCount            = 100_000
	maxMonths           = 120 * 12
)

// Count reads how many: 4, 4 чел., 4.0, 2+3, төрт, четверо, four, and 5 for "5 (2 ребёнка)". Several numbers
// without a plus are not added up.
func Count(cell string) (int, Reason) {
	s := strings.TrimSpace(cell)
	if s == "" {
		return 0, Empty
	}
	if f, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", "."), 64); err == nil && !lettered(s) {
		if f < 0 || f > maxCount || f != float64(int(f)) {
			return 0, CountAbsurd
		}
		return int(f), ""
	}
	if before, _, ok := strings.Cut(s, "("); ok && strings.ContainsFunc(before, unicode.IsDigit) {
		s = before
	}
	var numbers []int
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		digits, tail := cutDigits(w)
		if len(digits) > 6 {
			return 0, CountAbsurd
		}
		if digits != "" {
			numbers = append(numbers, atoi(digits))
		} else if n, ok := numberWord(tail); ok {
			numbers = append(numbers, n)
		}
	}
	switch {
	case len(numbers) == 0:
		return 0, CountUnknown
	case strings.HasPrefix(s, "-"):
		return 0, CountAbsurd
	case len(numbers) > 1 && strings.Count(s, "+") != len(numbers)-1:
		return 0, CountSeveral
	}
	sum := 0
	for _, n := range numbers {
		sum += n
	}
	if sum > maxCount {
		return 0, CountAbsurd
	}
	return sum, ""
}

// lettered tells "NaN" and "1e5" from numbers that people write.
func lettered(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

// numberWord reads the words for one to ten, and for none.
func numberWord(w string) (int, bool) {
	switch Fold(w) {
	case "ноль", "нол", "zero", "none", "жок", "нет":
		return 0, true
	case "бир", "бир адам", "один", "одна", "одно", "one", "bir":
		return 1, true
	case "еки", "екеу", "два", "две", "двое", "two", "eki", "ekeu":
		return 2, true
	case "уш", "ушеу", "три", "трое", "three", "ush":
		return 3, true
	case "торт", "тортеу", "четире", "четверо", "four", "tort":
		return 4, true
	case "бес", "бесеу", "пять", "пятеро", "five", "bes":
		return 5, true
	case "алти", "алтау", "шесть", "шестеро", "six", "alty":
		return 6, true
	case "жети", "жетеу", "семь", "семеро", "seven", "jeti":
		return 7, true
	case "сегиз", "восемь", "восьмеро", "eight", "segiz":
		return 8, true
	case "тогиз", "девять", "девятеро", "nine", "togyz":
		return 9, true
	case "он", "десять", "десятеро", "ten", "on":
		return 10, true
	}
	return 0, false
}

// ageToken is a number with its unit, and whether it was written next to the one before it.
type ageToken struct {
	value  float64
	unit   rune // 'y', 'm', 'w' weeks, 'c' a count of children, 0 unknown
	joined bool // nothing but a space since the last number's unit
}

// Ages reads children's ages in months: "1, 6 лет" is 12 and 72, "6 ай" is 6, "1 год 3 мес" is 15, "2 и 5"
// is 24 and 60, "2 детей: 3, 5" is 36 and 60, "новорождённый" is 0. Numbers without a unit are years.
func Ages(cell string) (months []int, why Reason) {
	s := strings.TrimSpace(cell)
	switch {
	case s == "":
		return nil, Empty
	case len(s) > 200:
		return nil, AgeUnknown
	}
	for i, t := range ageTokens(s) {
		var m float64
		switch t.unit {
		case 'c':
			continue
		case 'm':
			m = t.value
		case 'w':
			m = t.value / 4.3
		default:
			if t.value >= 1900 && t.value <= 2100 {
				return nil, AgeBirthYear
			}
			m = t.value * 12
		}
		if m > maxMonths {
			return nil, AgeAbsurd
		}
		if i > 0 && t.unit == 'm' && t.joined && len(months) > 0 {
			months[len(months)-1] += int(m)
			continue
		}
		months = append(months, int(m))
	}
	if len(months) == 0 {
		return nil, AgeUnknown
	}
	return months, ""
}

// ageTokens reads numbers and the words after them.
func ageTokens(s string) []ageToken {
	var out []ageToken
	joined := false
	rs := []rune(s)
	for i := 0; i < len(rs); {
		switch {
		case unicode.IsDigit(rs[i]):
			v, next := ageNumber(rs, i)
			out = append(out, ageToken{value: v, joined: joined})
			i, joined = next, false
		case unicode.IsLetter(rs[i]):
			j := i
			for j < len(rs) && unicode.IsLetter(rs[j]) {
				j++
			}
			out, joined = ageWord(out, Fold(string(rs[i:j])), joined)
			i = j
		case rs[i] == ' ' || rs[i] == '.':
			i++
		default:
			joined = false
			i++
		}
	}
	return out
}

// ageNumber reads a number at i. A comma or point within it is decimal only before a single 5 that is
// followed by a unit: "1,5 года", but "1,6 лет" are two children.
func ageNumber(rs []rune, i int) (v float64, next int) {
	for i < len(rs) && unicode.IsDigit(rs[i]) && v < 1e6 {
		v = v*10 + float64(rs[i]-'0')
		i++
	}
	if i+1 < len(rs) && (rs[i] == ',' || rs[i] == '.') && rs[i+1] == '5' && (i+2 == len(rs) || !unicode.IsDigit(rs[i+2])) && v < 4 {
		rest := Fold(string(rs[i+2:]))
		if strings.HasPrefix(rest, "г") || rs[i] == '.' {
			return v + 0.5, i + 2
		}
	}
	return v, i
}

// ageWord applies a word: to the number before it as a unit, or as an age of its own.
func ageWord(out []ageToken, w string, joined bool) ([]ageToken, bool) {
	unit := ageUnit(w)
	switch {
	case unit == 'n':
		return append(out, ageToken{unit: 'm'}), false
	case unit == 'h' && len(out) > 0 && out[len(out)-1].unit == 0:
		return out, joined // "2-х", "5-ти": an ending of the number
	case unit != 0 && unit != 'h' && len(out) > 0 && out[len(out)-1].unit == 0:
		out[len(out)-1].unit = unit
		return out, unit == 'y'
	case unit != 0 && len(out) > 0:
		return out, joined
	}
	return out, false
}

func ageUnit(w string) rune {
	switch w {
	case "г", "год", "года", "лет", "л", "годик", "годика", "жас", "жаста", "жасар", "жасында", "y", "yr", "yrs", "year", "years", "yo", "old", "jas":
		return 'y'
	case "м", "мес", "месяц", "месяца", "месяцев", "ай", "аи", "аилик", "m", "mo", "month", "months", "ai":
		return 'm'
	case "нед", "недель", "недели", "неделя", "апта", "апталик", "week", "weeks":
		return 'w'
	case "ребенок", "ребенка", "дети", "детеи", "дет", "реб", "бала", "балалар", "child", "children", "kids", "bala":
		return 'c'
	case "новорожденнии", "новорожденная", "новорожд", "наресте", "newborn":
		return 'n'
	case "х", "ти", "ми", "летнии", "и":
		if w == "и" {
			return 0
		}
		return 'h'
	}
	return 0
}

// Bool reads yes or no as lists mark them: да, иә, бар, есть, yes, +, ✓, 1; нет, жоқ, no, -, 0. A yes
// or no followed by more ("да, двое") counts.
func Bool(cell string) (bool, Reason) {
	s := strings.TrimSpace(cell)
	if s == "" {
		return false, Empty
	}
	switch s {
	case "+", "++", "✓", "✔", "✔️", "☑", "☒", "v", "V", "х", "Х", "x", "X", "√", "*", "●", "18+":
		return true, ""
	case "-", "–", "—", "--", "☐", "✗", "✘", "0", "0.0":
		return false, ""
	}
	if n, why := Count(s); why == "" && !strings.ContainsFunc(s, unicode.IsLetter) {
		return n > 0, "" // "2" in a column for infants: there are some
	}
	words := strings.Fields(Fold(s))
	if len(words) == 0 || len(words) > 8 {
		return false, BoolUnknown
	}
	switch words[0] {
	case "да", "д", "иа", "ия", "ие", "бар", "есть", "имеется", "имеет", "ia", "ya", "bar", "yes", "y", "true", "истина", "толган", "толди", "имеются", "конечно", "present":
		return true, ""
	case "нет", "н", "жок", "joq", "zhok", "no", "n", "false", "ложь", "не", "нету", "емес", "отсутствует", "none", "отсутствуют":
		return false, ""
	}
	return false, BoolUnknown
}
