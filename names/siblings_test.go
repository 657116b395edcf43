package names_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/names"
)

// evidenceOf makes up what a caller knows of a person: a phone in 70 % (one wrong digit in 8 %, quite another in 10 %), a
// year in 60 % (one or two off in a quarter), a place in 70 % (right in 85 %).
func evidenceOf(rng *rand.Rand, r names.Record, name string) names.Record {
	q := names.Record{Name: name}
	if rng.Float64() < 0.7 {
		phone := r.Phones[0]
		switch p := rng.Float64(); {
		case p < 0.08:
			i := 5 + rng.IntN(7)
			phone = phone[:i] + string('0'+(phone[i]-'0'+1+byte(rng.IntN(9)))%10) + phone[i+1:]
		case p < 0.18:
			phone = newPhone(rng)
		}
		q.Phones = []string{phone}
	}
	if rng.Float64() < 0.6 {
		q.Born.Year = r.Born.Year
		if rng.Float64() < 0.25 {
			q.Born.Year += []int{-2, -1, 1, 2}[rng.IntN(4)]
		}
	}
	if rng.Float64() < 0.7 {
		q.Place = r.Place
		if rng.Float64() > 0.85 {
			q.Place = newPlace(rng)
		}
	}
	return q
}

func newPhone(rng *rand.Rand) string { return fmt.Sprintf("+77%09d", rng.IntN(1e9)) }

// newPlace draws a place as Kazakhstan lives: a quarter in three cities, the rest in towns and villages.
func newPlace(rng *rand.Rand) string {
	if p := rng.Float64(); p < 0.12 {
		return "Алматы"
	} else if p < 0.19 {
		return "Астана"
	} else if p < 0.25 {
		return "Шымкент"
	}
	return fmt.Sprintf("ауыл %c%c%c", 'а'+rune(rng.IntN(20)), 'а'+rune(rng.IntN(20)), 'а'+rune(rng.IntN(5)))
}

// sibling makes a brother or sister: surname and father's name are the person's, the phone and the place too; the
// given name is another's, the year one to twelve away.
func sibling(rng *rand.Rand, r names.Record, given func() string) names.Record {
	s := r
	parts := strings.Fields(r.Name)
	surname := slices.IndexFunc(parts, func(p string) bool { return surnameLike(p, "ов", "ев", "ёв", "ov", "ev", "ow", "ew", "of") })
	if surname < 0 {
		surname = max(0, slices.IndexFunc(parts, func(p string) bool { return surnameLike(p, "ин", "in") }))
	}
	for i, p := range parts {
		if key := names.Fold(p); i != surname && (len(parts) == 2 || len(key) == 1 && key[0].Kind == names.Core) {
			for names.Fold(parts[i]).Skeleton() == key.Skeleton() {
				parts[i] = given()
			}
			break
		}
	}
	s.Name = strings.Join(parts, " ")
	s.Born.Year += (1 + rng.IntN(12)) * (1 - 2*rng.IntN(2))
	return s
}

func surnameLike(w string, endings ...string) bool {
	w = strings.TrimRight(strings.ToLower(strings.Trim(w, ",")), "aа")
	return len(w) > 6 && slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(w, e) })
}

// TestSiblings holds the bargain of the bands: whoever is in the register is found and Same in most cases; whoever is
// not is not found in the brother with the same phone.
func TestSiblings(t *testing.T) {
	ids, all := corpus(t, "kz/corpus_100kh.tsv")
	qs := questions(t)
	for seed := range uint64(3) {
		rng := rand.New(rand.NewPCG(seed, 7))
		x := names.NewIndex(names.DefaultWeights())
		list := make([]names.Record, len(all))
		slot := map[string]names.Slot{}
		for i, n := range all {
			list[i] = names.Record{Name: n, Phones: []string{newPhone(rng)}, Born: names.Born{Year: 1940 + rng.IntN(65)}, Place: newPlace(rng)}
			slot[ids[i]] = x.Add(list[i])
		}
		given := func() string {
			for {
				p := strings.Fields(all[rng.IntN(len(all))])
				if w := strings.Trim(p[len(p)-1], ","); len(p) == 2 && !surnameLike(w, "ов", "ев", "ин", "ov", "ev", "in", "ow", "ew") {
					return w
				}
			}
		}
		for _, held := range []bool{false, true} {
			present, absent, same, wrong, false1 := 0, 0, 0, 0, 0
			for _, q := range qs {
				if q.held() != held {
					continue
				}
				me := slot[q.id]
				bro := x.Add(sibling(rng, list[me], given))
				asked := evidenceOf(rng, list[me], q.name)
				hits := x.Search(asked, 5)
				present++
				if hits[0].Band != names.Same && os.Getenv("SHOW") != "" && !held {
					t.Logf("lost: %q %v %v %v in %+v is %v %s", asked.Name, asked.Phones, asked.Born.Year, asked.Place, hits[0], list[me], map[bool]string{true: "first"}[hits[0].Slot == me])
				}
				if hits[0].Band == names.Same {
					if hits[0].Slot == me {
						same++
					} else {
						wrong++
						if os.Getenv("SHOW") != "" && !held {
							t.Logf("wrong: %+v in %+v", asked, hits[0])
						}
					}
				}
				x.Remove(me)
				hits = x.Search(asked, 5)
				absent++
				if len(hits) > 0 && hits[0].Band == names.Same {
					false1++
					if os.Getenv("SHOW") != "" && !held {
						found := "brother"
						if hits[0].Slot != bro {
							found = all[hits[0].Slot]
						}
						t.Logf("absent %s: %+v in %s %+v", list[me].Name, asked, found, hits[0])
					}
				}
				x.Remove(bro)
				if got := x.Add(list[me]); got != me && got != bro {
					t.Fatal("a slot was lost")
				} else {
					slot[q.id], list = got, place(list, int(got), list[me])
				}
			}
			t.Logf("seed %d held %v: present %d same %.3f wrong %.4f; absent %d falsely same %.4f", seed, held, present,
				float64(same)/float64(present), float64(wrong)/float64(present), absent, float64(false1)/float64(absent))
		}
	}
}

func place(list []names.Record, i int, r names.Record) []names.Record {
	for len(list) <= i {
		list = append(list, names.Record{})
	}
	list[i] = r
	return list
}
