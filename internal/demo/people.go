package demo

import (
	"strings"
	"sync"
)

// Lang is a language in which somebody speaks or wishes to be spoken to.
type Lang string

// The languages of Almaty in the drill; relatives abroad may write in English.
const (
	KK Lang = "kk"
	RU Lang = "ru"
	EN Lang = "en"
	UG Lang = "ug"
	UZ Lang = "uz"
)

// Name is one invented person's name in three spellings, surname first. It is never an office holder's.
type Name struct {
	KK, RU, Latin string
	Female        bool
}

// In returns the spelling that belongs to a language: Kazakh for kk, Latin for en, Russian for all others.
func (n Name) In(l Lang) string {
	switch l {
	case KK:
		return n.KK
	case EN:
		return n.Latin
	default:
		return n.RU
	}
}

// spelling is one name in Kazakh Cyrillic, Russian Cyrillic and Latin.
type spelling [3]string

// nation is the names of one people.
type nation struct{ men, women, families []spelling }

var nations = sync.OnceValue(func() map[string]nation {
	all := map[string]nation{}
	for _, row := range rows("names.tsv", 5) {
		n, s := all[row[0]], spelling{row[2], row[3], row[4]}
		switch row[1] {
		case "m":
			n.men = append(n.men, s)
		case "f":
			n.women = append(n.women, s)
		case "s":
			n.families = append(n.families, s)
		default:
			panic("demo: names.tsv: unknown part " + row[1])
		}
		all[row[0]] = n
	}
	return all
})

// people is one nation's share in the drill, roughly as in Almaty, and the languages its people speak to us in.
type people struct {
	code   string
	share  int
	speaks []Lang
}

func peoples() []people {
	return []people{
		{"kz", 62, []Lang{KK, KK, KK, KK, RU}},
		{"ru", 24, []Lang{RU}},
		{"ug", 6, []Lang{KK, RU, UG}},
		{"ko", 4, []Lang{RU}},
		{"uz", 4, []Lang{RU, KK, UZ}},
	}
}

// person invents somebody: a name of one people and the language that is theirs.
func (d dice) person(female bool) (Name, Lang, string) {
	all := peoples()
	weights := make([]int, len(all))
	for i, p := range all {
		weights[i] = p.share
	}
	p := all[d.weighted(weights...)]
	return d.name(p.code, female), pick(d, p.speaks), p.code
}

// name invents a name; every third has a patronymic, as it is said in that language.
func (d dice) name(code string, female bool) Name {
	n := nations()[code]
	given := n.men
	if female {
		given = n.women
	}
	return build(pick(d, n.families), pick(d, given), pick(d, n.men), female, code, d.chance(35))
}

func build(family, given, father spelling, female bool, code string, patronymic bool) Name {
	var out [3]string
	for i := range out {
		out[i] = feminine(family[i], female, i == 2) + " " + given[i]
	}
	if patronymic && code != "ko" {
		if code == "kz" {
			out[0] += " " + father[0] + sex(female, "қызы", "ұлы")
		} else {
			out[0] += " " + russianPatronymic(father[1], female)
		}
		out[1] += " " + russianPatronymic(father[1], female)
	}
	return Name{KK: out[0], RU: out[1], Latin: out[2], Female: female}
}

func sex(female bool, woman, man string) string {
	if female {
		return woman
	}
	return man
}

// feminine adds the ending of a woman's surname where the surname takes one.
func feminine(family string, female, latin bool) string {
	if !female {
		return family
	}
	if latin {
		for _, end := range []string{"ov", "ev", "in", "yov"} {
			if strings.HasSuffix(family, end) {
				return family + "a"
			}
		}
		return family
	}
	for _, end := range []string{"ов", "ев", "ёв", "ин"} {
		if strings.HasSuffix(family, end) {
			return family + "а"
		}
	}
	return family
}

func russianPatronymic(father string, female bool) string {
	r := []rune(father)
	stem, last := string(r[:len(r)-1]), r[len(r)-1]
	switch last {
	case 'й', 'ь':
		return stem + sex(female, "евна", "евич")
	case 'а':
		return stem + sex(female, "овна", "ович")
	}
	return father + sex(female, "овна", "ович")
}
