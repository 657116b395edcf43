// Package cell turns what people type into a cell of a list into values: phones, dates, counts, ages, yes
// and no, coordinates, in Kazakh, Russian and English. Each parser returns a Reason when it cannot, and
// never guesses in silence. It knows nothing of tables or files.
package cell

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Reason is a message key of internal/i18n that says why a cell, a row or a file is not taken as it
// stands; "" means that nothing is wrong.
type Reason string

// Empty is given by every parser for a cell without content.
const Empty Reason = "tabular.cell.empty"

// Fold reduces a heading or a word to what people mean by it: lower case, one letter for ё and е and for
// Kazakh letters and those typed in their place, Latin look-alikes inside Cyrillic words made Cyrillic,
// everything else a space.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, w := range strings.FieldsFunc(norm.NFC.String(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '№' && r != '+'
	}) {
		if space {
			b.WriteByte(' ')
		}
		space = true
		cyrillic := strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
		for _, r := range w {
			b.WriteRune(foldRune(unicode.ToLower(r), cyrillic))
		}
	}
	return b.String()
}

func foldRune(r rune, cyrillic bool) rune {
	if cyrillic {
		if i := strings.IndexRune("aceopxyikhmtb", r); i >= 0 {
			return []rune("асеорхуикнмтв")[i]
		}
	}
	switch r {
	case 'ё', 'э':
		return 'е'
	case 'ә':
		return 'а'
	case 'ө':
		return 'о'
	case 'ұ', 'ү':
		return 'у'
	case 'қ':
		return 'к'
	case 'ғ':
		return 'г'
	case 'ң':
		return 'н'
	case 'һ':
		return 'х'
	case 'і', 'ы', 'й':
		return 'и'
	case 'ä', 'á', 'à':
		return 'a'
	case 'ö', 'ó':
		return 'o'
	case 'ü', 'ú', 'ū', 'ý':
		return 'u'
	case 'ğ', 'ǵ':
		return 'g'
	case 'ş':
		return 's'
	case 'ñ', 'ń':
		return 'n'
	case 'ı', 'ï', 'í':
		return 'i'
	case 'é':
		return 'e'
	}
	return r
}
