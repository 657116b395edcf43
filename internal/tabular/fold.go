package tabular

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/jumyla/jumyla/internal/tabular/cell"
)

// squash is Fold without its spaces: "Мекен жайы" and "мекенжайы" are one heading.
func squash(s string) string { return strings.ReplaceAll(cell.Fold(s), " ", "") }

func squashAll(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = squash(c)
	}
	return out
}

// vocabulary is every heading that headings.go lists, folded: whole ones, and the single long words.
var vocabulary = sync.OnceValue(func() map[string]bool {
	v := map[string]bool{}
	for _, f := range headings() {
		for _, syn := range append([]string{f.Name}, f.Synonyms...) {
			v[squash(syn)] = true
		}
	}
	for _, extra := range []string{"№", "№ п/п", "№ п п", "п/п", "номер", "р/с", "р/б", "рет саны", "реттік №", "no", "#", "id", "status", "статус", "мәртебе", "дата", "күні", "date", "подпись", "қолы", "total", "количество", "саны", "иин", "жсн", "год рождения", "туған жылы", "дата рождения", "туған күні"} {
		v[squash(extra)] = true
	}
	return v
})

// known reports a cell that is a heading of the vocabulary, or begins with one, as "Телефон (сот.)" does.
func known(c string) bool {
	if len(c) > 160 {
		return false
	}
	if strings.TrimSpace(c) == "#" || strings.TrimSpace(c) == "№" {
		return true
	}
	v := vocabulary()
	if f := cell.Fold(showLost(c)); strings.ContainsRune(f, lost) {
		for word := range v {
			if alike(strings.ReplaceAll(f, " ", ""), word) {
				return true
			}
		}
		return false
	}
	words := strings.Fields(cell.Fold(c))
	var whole strings.Builder
	for i, w := range words {
		whole.WriteString(w)
		begins := !hasDigits(c) && len(words) <= 6 && utf8.RuneCountInString(whole.String()) >= 3
		if v[whole.String()] && (i+1 == len(words) || begins) {
			return true
		}
	}
	return false
}

func hasDigits(s string) bool { return strings.ContainsAny(s, "0123456789") }

// foldedSet returns the words folded, as a set made once.
func foldedSet(words ...string) func() map[string]bool {
	return sync.OnceValue(func() map[string]bool {
		set := make(map[string]bool, len(words))
		for _, w := range words {
			set[cell.Fold(w)] = true
		}
		return set
	})
}

// lost stands for a letter that had become "?" before a heading reached us. Neither Kazakh nor Russian has it, and folding leaves it.
const lost = 'ҩ'

// showLost puts lost for each "?" inside or before the words of a heading that has such, and, where it has, at their ends: "Аты-ж?н?" has lost
// two letters, "Нужен ли врач?" none.
func showLost(heading string) string {
	if !strings.Contains(heading, "?") || lostLetters(" "+heading) == 0 {
		return heading
	}
	out := []rune(heading)
	for i, r := range out {
		if r == '?' && (i > 0 && (out[i-1] == lost || unicode.Is(unicode.Cyrillic, out[i-1])) || i+1 < len(out) && unicode.Is(unicode.Cyrillic, out[i+1])) {
			out[i] = lost
		}
	}
	return string(out)
}

// alike reports that two folded words are equal, a lost letter being equal to any.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	if !strings.ContainsRune(a, lost) {
		return false
	}
	ra, rb := []rune(a), []rune(b)
	if len(ra) != len(rb) {
		return false
	}
	for i := range ra {
		if ra[i] != rb[i] && ra[i] != lost {
			return false
		}
	}
	return true
}
