package gazetteer

import "strings"

// Letters of one key: of the Latin keyboard, the Russian, and the Kazakh, whose own letters stand on the digits.
var (
	latinKeys   = []rune("`qwertyuiop[]asdfghjkl;'zxcvbnm,.")
	russianKeys = []rune("ёйцукенгшщзхъфывапролджэячсмитьбю")
	digitKeys   = []rune("234567890-=")
	kazakhKeys  = []rune("әіңғ,.үұқөһ")
)

// relaid returns a text as other keyboards would have written it with the same keys; a text that has nothing to be
// relaid gives none.
func relaid(text string) []string {
	var out []string
	for _, keys := range [][2][]rune{{latinKeys, russianKeys}, {russianKeys, latinKeys}} {
		if t := swap(text, keys[0], keys[1]); t != text {
			out = append(out, t)
		}
	}
	if t := swap(swap(text, latinKeys, russianKeys), digitKeys, kazakhKeys); len(out) == 0 || t != out[0] {
		out = append(out, t)
	}
	return out
}

func swap(text string, from, to []rune) string {
	return strings.Map(func(r rune) rune {
		for i, k := range from {
			if r == k {
				return to[i]
			}
		}
		return r
	}, strings.ToLower(text))
}
