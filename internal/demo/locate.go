package demo

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// Locate finds the street and house in an address as people write it (Абай 44; пр. Абая, 44 кв 12; Аксай-4
// д.12; 5 мкр, 12; Фурманова 100) and returns where that plausibly is. ok is false for a street that is not in
// the table or an address without a number.
func Locate(address string) (street Street, house int, at Anchor, ok bool) {
	words := addressWords(address)
	named := without(words, block)
	var best match
	for _, k := range streetKeys() {
		in := words
		if k.letters > 0 {
			in = named
		}
		end := find(in, k.words)
		if end < 0 {
			continue
		}
		m := match{k.letters, end - len(k.words), len(k.words)}
		if n, found := firstNumber(in[end:]); found && (!ok || m.betterThan(best)) {
			street, house, best, ok = k.street, n, m, true
		}
	}
	if ok {
		at = street.At(house)
	}
	return street, house, at, ok
}

// streetKey is one name of a street in words.
type streetKey struct {
	street  Street
	words   []string
	letters int // in the words that are names; 0 for a numbered microdistrict
}

var streetKeys = sync.OnceValue(func() []streetKey {
	var all []streetKey
	for _, s := range Streets() {
		for _, name := range append([]string{s.KK, s.RU}, s.Others...) {
			k := streetKey{street: s, words: addressWords(name)}
			if k.letters = letters(k.words); k.letters > 0 {
				k.words = without(k.words, block)
			}
			all = append(all, k)
		}
	}
	return all
})

// match is where a street's name was found: a name of letters counts more than a number, then the earlier
// place, then the longer name.
type match struct{ letters, start, words int }

func (m match) betterThan(o match) bool {
	if m.letters != o.letters {
		return m.letters > o.letters
	}
	if m.start != o.start {
		return m.start < o.start
	}
	return m.words > o.words
}

func letters(key []string) int {
	n := 0
	for _, w := range key {
		if w != block && !isNumber(w) {
			n += len([]rune(w))
		}
	}
	return n
}

// block is every word for a microdistrict. It tells the numbered ones (5 мкр) from a house 5; beside a name it
// is mere ornament.
const block = "мкр"

// addressWords splits an address into folded words without those that only name the kind of street.
func addressWords(s string) []string {
	var words []string
	for _, w := range strings.FieldsFunc(foldAddress(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		switch w {
		case "улица", "ул", "кошеси", "коше", "к", "проспект", "пр", "прт", "просп", "дангылы", "данг",
			"бульвар", "бульвары", "т", "й", "дом", "д", "уй", "город", "г", "алматы":
		case "микрорайон", "мкр", "мкрн", "мкн", "ыкшамаудан", "ыкшамауданы":
			words = append(words, block)
		default:
			words = append(words, w)
		}
	}
	return words
}

func without(words []string, w string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(s string) bool { return s == w })
}

func isNumber(w string) bool { return w != "" && w[0] >= '0' && w[0] <= '9' }

func foldAddress(s string) string {
	return strings.NewReplacer("ә", "а", "ғ", "г", "қ", "к", "ң", "н", "ө", "о", "ұ", "у", "ү", "у", "һ", "х", "і", "и", "ё", "е").
		Replace(strings.ToLower(s))
}

// find returns the index after the first place where key's words stand in words one after another, or -1. Words
// of four letters and more may differ in up to two last letters: Абай, Абая; Сатпаев, Сатпаева.
func find(words, key []string) int {
	if len(key) == 0 {
		return -1
	}
next:
	for i := 0; i+len(key) <= len(words); i++ {
		for j, k := range key {
			if !sameWord(words[i+j], k) {
				continue next
			}
		}
		return i + len(key)
	}
	return -1
}

func sameWord(a, b string) bool {
	if a == b {
		return true
	}
	x, y := []rune(a), []rune(b)
	if isNumber(a) || isNumber(b) || len(x) < 4 || len(y) < 4 {
		return false
	}
	same := 0
	for same < min(len(x), len(y)) && x[same] == y[same] {
		same++
	}
	return same >= 3 && max(len(x), len(y))-same <= 2
}

func firstNumber(words []string) (int, bool) {
	for _, w := range words {
		digits := strings.TrimRightFunc(w, unicode.IsLetter)
		if n, err := strconv.Atoi(digits); err == nil && n > 0 && n < 2000 {
			return n, true
		}
	}
	return 0, false
}
