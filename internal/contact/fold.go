package contact

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters folds what Kazakh and Russian keyboards, and five Latin spellings, write for one sound. It is
// for finding only: what people typed is never changed.
var letters = strings.NewReplacer("ә", "а", "ө", "о", "ұ", "у", "ү", "у", "қ", "к", "ғ", "г", "ң", "н", "һ", "х", "і", "и", "ы", "и", "й", "и", "ё", "е", "э", "е",
	"ъ", "", "ь", "", "'", "", "ʼ", "", "’", "",
	"shch", "щ", "zh", "ж", "kh", "х", "gh", "г", "sh", "ш", "ch", "ч", "ya", "я", "yu", "ю", "ye", "е", "ts", "ц",
	"a", "а", "b", "б", "c", "с", "d", "д", "e", "е", "f", "ф", "g", "г", "h", "х", "i", "и", "j", "ж", "k", "к", "l", "л", "m", "м",
	"n", "н", "o", "о", "p", "п", "q", "к", "r", "р", "s", "с", "t", "т", "u", "у", "v", "в", "w", "у", "x", "х", "y", "и", "z", "з", "ı", "и")

// Fold returns s in lower case with the letters of Kazakh, Russian and Latin spellings made one, and
// everything but letters and digits as single spaces.
func Fold(s string) string {
	s = norm.NFD.String(strings.ToLower(norm.NFC.String(s)))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u0306': // й and ў lose nothing that matters for finding
			return -1
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '\'', r == 'ʼ', r == '’':
			return r
		}
		return ' '
	}, s)
	return strings.Join(strings.Fields(letters.Replace(s)), " ")
}
