package area

import (
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/i18n"
)

// Known is a region, or a city that counts as one, that the program knows without any file: what a centre serves, and what
// rules are written for.
type Known struct {
	Code       string // by which records name it; never changes
	KATO       string
	KK, RU, EN string
	Bare       []string // what people call it, without the word for what it is
	Seats      []string // its main town, where its name is another
}

// Name returns its name in a language.
func (k Known) Name(lang i18n.Lang) string {
	return map[i18n.Lang]string{i18n.KK: k.KK, i18n.RU: k.RU, i18n.EN: k.EN}[lang]
}

func (k Known) city() bool { return strings.HasSuffix(k.Code, "-city") }

// KnownAreas returns the country's division as it has been since June 2022, the cities first: a name without the word for
// what it is means the city.
func KnownAreas() []Known {
	return []Known{
		{"almaty-city", "750000000", "Алматы қаласы", "город Алматы", "Almaty city", []string{"Алматы", "Алма-Ата", "Almaty"}, nil},
		{"astana-city", "710000000", "Астана қаласы", "город Астана", "Astana city", []string{"Астана", "Astana", "Нұр-Сұлтан", "Нур-Султан", "Nur-Sultan"}, nil},
		{"shymkent-city", "790000000", "Шымкент қаласы", "город Шымкент", "Shymkent city", []string{"Шымкент", "Чимкент", "Shymkent"}, nil},
		{"abai-region", "100000000", "Абай облысы", "область Абай", "Abai region", []string{"Абай", "Абайская", "Abai", "Abay"}, []string{"Семей", "Semey"}},
		{"akmola-region", "110000000", "Ақмола облысы", "Акмолинская область", "Akmola region", []string{"Ақмола", "Акмолинская", "Akmola", "Aqmola"}, []string{"Көкшетау", "Кокшетау", "Kokshetau"}},
		{"aktobe-region", "150000000", "Ақтөбе облысы", "Актюбинская область", "Aktobe region", []string{"Ақтөбе", "Актюбинская", "Актобе", "Aktobe", "Aqtobe"}, nil},
		{"almaty-region", "190000000", "Алматы облысы", "Алматинская область", "Almaty region", []string{"Алматы", "Алматинская", "Almaty"}, []string{"Қонаев", "Конаев", "Qonaev", "Konaev", "Қапшағай", "Капчагай"}},
		{"atyrau-region", "230000000", "Атырау облысы", "Атырауская область", "Atyrau region", []string{"Атырау", "Атырауская", "Atyrau"}, nil},
		{"west-kazakhstan-region", "270000000", "Батыс Қазақстан облысы", "Западно-Казахстанская область", "West Kazakhstan region",
			[]string{"Батыс Қазақстан", "БҚО", "Западно-Казахстанская", "ЗКО", "West Kazakhstan"}, []string{"Орал", "Уральск", "Oral"}},
		{"zhambyl-region", "310000000", "Жамбыл облысы", "Жамбылская область", "Zhambyl region", []string{"Жамбыл", "Жамбылская", "Zhambyl", "Jambyl"}, []string{"Тараз", "Taraz"}},
		{"zhetysu-region", "330000000", "Жетісу облысы", "область Жетысу", "Zhetysu region", []string{"Жетісу", "Жетысу", "Жетысуская", "Zhetysu", "Jetisu"}, []string{"Талдықорған", "Талдыкорган", "Taldykorgan"}},
		{"karaganda-region", "350000000", "Қарағанды облысы", "Карагандинская область", "Karaganda region", []string{"Қарағанды", "Карагандинская", "Караганда", "Karaganda", "Qaraghandy"}, nil},
		{"kostanay-region", "390000000", "Қостанай облысы", "Костанайская область", "Kostanay region", []string{"Қостанай", "Костанайская", "Костанай", "Kostanay", "Qostanay"}, nil},
		{"kyzylorda-region", "430000000", "Қызылорда облысы", "Кызылординская область", "Kyzylorda region", []string{"Қызылорда", "Кызылординская", "Кызылорда", "Kyzylorda", "Qyzylorda"}, nil},
		{"mangystau-region", "470000000", "Маңғыстау облысы", "Мангистауская область", "Mangystau region", []string{"Маңғыстау", "Мангистауская", "Мангистау", "Mangystau"}, []string{"Ақтау", "Актау", "Aqtau", "Aktau"}},
		{"pavlodar-region", "550000000", "Павлодар облысы", "Павлодарская область", "Pavlodar region", []string{"Павлодар", "Павлодарская", "Pavlodar"}, nil},
		{"north-kazakhstan-region", "590000000", "Солтүстік Қазақстан облысы", "Северо-Казахстанская область", "North Kazakhstan region",
			[]string{"Солтүстік Қазақстан", "СҚО", "Северо-Казахстанская", "СКО", "North Kazakhstan"}, []string{"Петропавл", "Петропавловск", "Petropavl"}},
		{"turkistan-region", "610000000", "Түркістан облысы", "Туркестанская область", "Turkistan region", []string{"Түркістан", "Туркестанская", "Туркестан", "Turkistan", "Turkestan"}, nil},
		{"ulytau-region", "620000000", "Ұлытау облысы", "область Улытау", "Ulytau region", []string{"Ұлытау", "Улытау", "Улытауская", "Ulytau"}, []string{"Жезқазған", "Жезказган", "Zhezqazghan"}},
		{"east-kazakhstan-region", "630000000", "Шығыс Қазақстан облысы", "Восточно-Казахстанская область", "East Kazakhstan region",
			[]string{"Шығыс Қазақстан", "ШҚО", "Восточно-Казахстанская", "ВКО", "East Kazakhstan"}, []string{"Өскемен", "Усть-Каменогорск", "Oskemen"}},
	}
}

// ByCode finds a known area by its code.
func ByCode(code string) (Known, bool) {
	for _, k := range KnownAreas() {
		if k.Code == code {
			return k, true
		}
	}
	return Known{}, false
}

var (
	regionWords   = folded("область", "обл", "облысы", "облыс", "region", "oblast", "oblysy")
	cityWords     = folded("город", "гор", "г", "қала", "қаласы", "city", "qalasy")
	districtWords = folded("район", "р-н", "аудан", "ауданы", "district")
)

// Find is the known area that a code or a name in any of the languages means. A district is never a region of its name.
func Find(text string) (Known, bool) {
	name, region, city, ok := plain(text)
	for _, k := range KnownAreas() {
		if text == k.Code || text == k.KATO {
			return k, true
		}
		if ok && (k.city() && !region || !k.city() && !city) && called(k.Bare, name) {
			return k, true
		}
	}
	return Known{}, false
}

// OfTown is the known area in which a town is the main one: Semey is Abai's.
func OfTown(text string) (Known, bool) {
	name, region, _, ok := plain(text)
	for _, k := range KnownAreas() {
		if ok && !region && (called(k.Seats, name) || len(k.Seats) == 0 && called(k.Bare, name)) {
			return k, true
		}
	}
	return Known{}, false
}

func called(names []string, folded string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return contact.Fold(n) == folded })
}

// plain takes the words for what an area is off its name. ok is false where nothing is left, or it is a district's.
func plain(text string) (name string, region, city, ok bool) {
	var words []string
	for w := range strings.FieldsSeq(contact.Fold(text)) {
		switch {
		case districtWords[w]:
			return "", false, false, false
		case regionWords[w]:
			region = true
		case cityWords[w]:
			city = true
		default:
			words = append(words, w)
		}
	}
	return strings.Join(words, " "), region, city, len(words) > 0
}

// Nearest returns the known areas whose names are most like a text that Find did not understand, the likest first; none
// where nothing is like it.
func Nearest(text string, most int) []Known {
	const like = 0.35 // less is chance
	type near struct {
		Known

		score float64
	}
	var all []near
	typed := pairs(fold(text))
	for _, k := range KnownAreas() {
		best := 0.0
		for _, n := range slices.Concat(k.Bare, k.Seats) {
			best = max(best, alike(typed, pairs(contact.Fold(n))))
		}
		if best >= like {
			all = append(all, near{k, best})
		}
	}
	slices.SortStableFunc(all, func(a, b near) int {
		if a.score > b.score {
			return -1
		} else if a.score < b.score {
			return 1
		}
		return 0
	})
	var out []Known
	for _, n := range all[:min(most, len(all))] {
		out = append(out, n.Known)
	}
	return out
}

// pairs are the neighbouring letters of a folded text.
func pairs(s string) map[string]bool {
	out, r := map[string]bool{}, []rune(" "+s+" ")
	for i := range len(r) - 1 {
		out[string(r[i:i+2])] = true
	}
	return out
}

// alike is how much of two texts' pairs is common, from 0 to 1 (Dice).
func alike(a, b map[string]bool) float64 {
	common := 0
	for p := range a {
		if b[p] {
			common++
		}
	}
	return 2 * float64(common) / float64(len(a)+len(b))
}
