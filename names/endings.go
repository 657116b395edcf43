package names

import "strings"

// patronymics are the endings that make "child of", as sounds: -ұлы, -қызы, -ович, -евич, -овна, -евна, -ич, -инична, and
// the Azerbaijani and Turkish -оглы, -кызы. Dictated forms (-оли, -гизи) are here too. The longest comes first.
var patronymics = []string{
	"inicna", "ovits", "evits", "ovicx", "ovic", "evic", "ovix", "evix", "ofna", "efna", "ovna", "evna", "ivna", "ivic", "oglu", "ogli", "kizi", "gizi", "kisi", "hizi", "uli", "oli",
}

// surnames are the endings of surnames in the Russian manner, as sounds: -ов, -ев, -ин with their feminine, and -ский.
var surnames = []string{"ovskaia", "evskaia", "ovski", "evski", "skaia", "ski", "ova", "eva", "iva", "ina", "ov", "ev", "iv", "in", "of", "ef", "if", "ofa", "efa", "ow", "ew"}

// endings stand alone after a father's name: Серік ұлы, Mamedov Ali oglu.
var endings = map[string]bool{"uli": true, "kizi": true, "ogli": true, "oglu": true, "gizi": true, "tegi": true}

// rootExtra is what it costs to hear a surname without its ending, in quarter bits: Смағұл is Смагулов, perhaps.
const rootExtra = 14

// stripPatronymic returns the father's name. Three sounds must remain: Улы and Кызы are also surnames.
func stripPatronymic(s string) (string, bool) {
	s = strings.ReplaceAll(s, "w", "v")
	for _, heard := range []string{s, squeeze(s)} { // Серікқызы keeps its к; in Сериковичч nothing is meant by the second ч
		for _, e := range patronymics {
			if root, ok := strings.CutSuffix(heard, e); ok && len(squeeze(root)) >= 3 {
				return trimVowel(root), true
			}
		}
	}
	return s, false
}

// trimVowel drops the vowel before an ending, which Russian puts in and Kazakh does not: Файзуллаұлы, Файзуллиевич.
func trimVowel(root string) string {
	if n := len(root); n > 3 && strings.IndexByte("aei", root[n-1]) >= 0 {
		return root[:n-1]
	}
	return root
}

// stripSurname returns a surname without its ending.
func stripSurname(s string) (string, bool) {
	for _, e := range surnames {
		if root, ok := strings.CutSuffix(s, e); ok && len(root) >= 3 {
			return trimVowel(root), true
		}
	}
	return s, false
}

// isEnding reports whether a word is only the ending of a patronymic.
func isEnding(w string) bool { return len(w) <= 12 && endings[plainest(w)] }

// asPatronymic makes a father's name of a token that an ending follows.
func asPatronymic(t Token, ending string) Token {
	t.Text += " " + ending
	if plainest(ending) == "tegi" {
		return t // тегі: "by origin", a surname
	}
	t.Kind = Patronymic
	t.Variants = []Variant{newVariant(squeeze(trimVowel(t.Variants[0].Sounds)), 0)}
	return t
}
