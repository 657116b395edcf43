package names

import (
	"cmp"
	"slices"
	"strings"
)

// The skeleton's alphabet: one letter for one sound, whatever script it was written in.
//
//	a e i o u    vowels; i is also й, ы and і
//	q            ө, which Russian writes o or u
//	j x c        ж/дж, ш/щ, ч
//	h            х and һ
//	w            a Latin w: в in Poland and Germany, у in Kazakh Latin
//	others       as they look
const sounds = "abcdefghijklmnopqrstuvwxz"

// cyrillic holds Kazakh and Russian letters and those of the neighbours: Kyrgyz, Uzbek, Tajik, Uyghur, Tatar,
// Bashkir, Ukrainian. Source: the Kazakhstan instruction on writing Kazakh names in Russian (А,Ә→А; О,Ө→О;
// У,Ү,Ұ→У; К,Қ→К; Н,Ң→Н; Г,Ғ→Г; ЙЫ,ЙІ→И), read backwards.
var cyrillic = map[rune]string{
	'а': "a", 'ә': "a", 'б': "b", 'в': "v", 'г': "g", 'ғ': "g", 'д': "d", 'е': "e", 'ё': "e", 'э': "e", 'ж': "j", 'з': "z",
	'и': "i", 'й': "i", 'ы': "i", 'і': "i", 'к': "k", 'қ': "k", 'л': "l", 'м': "m", 'н': "n", 'ң': "n", 'о': "o", 'ө': "q",
	'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ұ': "u", 'ү': "u", 'ф': "f", 'х': "h", 'һ': "h", 'ц': "ts", 'ч': "c",
	'ш': "x", 'щ': "x", 'ъ': "", 'ь': "", 'ю': "iu", 'я': "ia",
	'ї': "i", 'є': "e", 'ґ': "g", 'ў': "u", 'җ': "j", 'ҡ': "k", 'ҙ': "z", 'ҫ': "s", 'ҳ': "h", 'ӣ': "i", 'ӯ': "u", 'ҷ': "j", 'ј': "i", 'ѓ': "g",
}

// arabic holds төте жазу, the Arabic script of Kazakhs in China, which writes every vowel. The softening hamza
// makes а/ә, о/ө, ұ/ү, ы/і one; so does the skeleton. Source: MediaWiki's Kazakh converter.
var arabic = map[rune]string{
	'ا': "a", 'أ': "a", 'آ': "a", 'إ': "i", 'ب': "b", 'پ': "p", 'ت': "t", 'ج': "j", 'چ': "c", 'ح': "h", 'خ': "h", 'د': "d", 'ذ': "z", 'ر': "r", 'ز': "z",
	'ژ': "j", 'س': "s", 'ش': "x", 'ص': "s", 'ض': "z", 'ط': "t", 'ظ': "z", 'ع': "g", 'غ': "g", 'ف': "f", 'ق': "k", 'ك': "k", 'ک': "k", 'گ': "g",
	'ڭ': "n", 'ل': "l", 'م': "m", 'ن': "n", 'ە': "e", 'ه': "h", 'ھ': "h", 'ة': "a", 'و': "o", 'ۇ': "u", 'ۋ': "u", 'ۆ': "v", 'ۈ': "u", 'ى': "i", 'ي': "i", 'ی': "i",
	'ء': "", 'ٴ': "", 'ئ': "", 'ـ': "",
}

// latinLetters holds single letters with marks: the Kazakh Latin of 2018 (acutes), 2019 and 2021 (ä ğ ñ ö ş ū ü ı),
// scholarly, Turkish, Turkmen, Polish and Scandinavian letters. 2017's apostrophes are in apostrophes.
var latinLetters = map[rune]string{
	'á': "a", 'ä': "a", 'à': "a", 'â': "a", 'ā': "a", 'ă': "a", 'å': "a", 'ã': "a", 'ą': "a", 'ə': "a", 'æ': "a",
	'ç': "ch", 'č': "ch", 'ć': "ch", 'ď': "d", 'đ': "d", 'ð': "d", 'é': "e", 'ë': "e", 'è': "e", 'ê': "e", 'ē': "e", 'ě': "e", 'ę': "e", 'ė': "e",
	'ǵ': "g", 'ğ': "g", 'ǧ': "g", 'ģ': "g", 'ġ': "g", 'ı': "y", 'í': "y", 'ï': "y", 'ì': "y", 'î': "y", 'ī': "y", 'į': "y", 'ķ': "k", 'ł': "l", 'ļ': "l", 'ľ': "l",
	'ń': "n", 'ñ': "n", 'ŋ': "n", 'ň': "n", 'ņ': "n", 'ó': "ö", 'ö': "ö", 'ò': "o", 'ô': "o", 'ō': "o", 'õ': "o", 'ø': "ö", 'ő': "ö", 'œ': "ö", 'ř': "r",
	'ş': "sh", 'š': "sh", 'ș': "sh", 'ś': "s", 'ß': "ss", 'ţ': "t", 'ț': "t", 'ť': "t", 'ú': "u", 'ü': "u", 'ù': "u", 'û': "u", 'ū': "u", 'ů': "u", 'ű': "u", 'ŭ': "u",
	'ý': "ý", 'ÿ': "y", 'ž': "zh", 'ż': "zh", 'ź': "z", 'þ': "t", 'ħ': "h", 'ẓ': "z", 'ẕ': "z", 'ṣ': "s", 'ḥ': "h", 'ḩ': "h", 'ṭ': "t",
}

// apostrophes is the Kazakh Latin of 2017.
var apostrophes = strings.NewReplacer("s'", "sh", "c'", "ch", "y'", "u", "i'", "y", "a'", "a", "o'", "ö", "u'", "u", "g'", "g", "n'", "n")

// A reading is how somebody pronounces Latin letters: the longest match from the left. Its rules are by the first byte,
// the longest first.
type reading [256][]rule

type rule struct{ letters, sounds string }

func compile(tables []map[string]string) []*reading {
	var all []*reading
	for _, t := range tables {
		var r reading
		for c := byte('a'); c <= 'z'; c++ {
			if _, ok := t[string(c)]; !ok {
				t[string(c)] = string(c)
			}
		}
		for letters, s := range t {
			r[letters[0]] = append(r[letters[0]], rule{letters, s})
		}
		for _, rules := range r {
			slices.SortFunc(rules, func(a, b rule) int {
				return cmp.Or(len(b.letters)-len(a.letters), strings.Compare(a.letters, b.letters))
			})
		}
		all = append(all, &r)
	}
	return all
}

// readings are tried on a Latin token. Most names read the same in all.
var readings = compile([]map[string]string{
	// passports, BGN/PCGN, English: zh kh gh sh ch ts ya ye yu
	{"shch": "x", "sch": "x", "tsch": "c", "tch": "c", "dsch": "j", "dzh": "j", "dj": "j", "dž": "j", "zh": "j", "sh": "x", "ch": "c", "kh": "h",
		"gh": "g", "th": "t", "tz": "ts", "ck": "k", "qu": "ku", "ya": "ia", "ye": "e", "yo": "io", "yu": "iu", "ou": "u", "oo": "u",
		"ce": "se", "ci": "si", "cy": "si", "c": "k", "q": "k", "x": "h", "y": "i", "ý": "u", "ö": "q", "j": "j"},
	// German, Dutch, Polish and French habits
	{"tsch": "c", "dsch": "j", "sch": "x", "tsj": "c", "dzj": "j", "dj": "j", "sj": "x", "zj": "j", "sz": "x", "cz": "c", "rz": "j", "tch": "c", "zh": "j", "sh": "x",
		"ch": "h", "kh": "h", "gh": "g", "ph": "f", "th": "t", "tz": "ts", "ck": "k", "oe": "u", "oo": "o", "ou": "u", "ya": "ia", "ye": "e", "yo": "io", "yu": "iu",
		"ij": "ei", "je": "e", "j": "i", "c": "ts", "q": "k", "x": "ks", "w": "v", "y": "i", "ý": "i", "ö": "q"},
	// Turkish c, Greek x, French ch, ё written yo
	{"shch": "x", "tch": "c", "dzh": "j", "dj": "j", "zh": "j", "sh": "x", "ch": "x", "kh": "h", "gh": "g", "ph": "f", "th": "t", "ck": "k", "ya": "ia", "ye": "e",
		"yo": "e", "io": "e", "yu": "iu", "ou": "u", "c": "j", "q": "k", "x": "ks", "y": "i", "ý": "i", "ö": "q", "j": "j"},
})

// digitRow is what a Kazakh types who believes the Kazakh layout is on: Н9рлан is Нұрлан, 0айрат Қайрат.
var digitRow = map[rune]rune{'2': 'ә', '3': 'і', '4': 'ң', '5': 'ғ', '8': 'ү', '9': 'ұ', '0': 'қ'}
