package names_test

import (
	"strings"
	"testing"

	"github.com/jumyla/jumyla/names"
)

// TestAddresses holds that an address is the same however it is written, and that what differs stays apart.
func TestAddresses(t *testing.T) {
	for _, row := range []string{
		"Абай даңғылы 44, 12-пәтер | проспект Абая, 44, кв. 12 | пр. Абая 44-12 | Abay ave 44 apt 12 | ул. Абая д. 44 кв 12 | 44 Abai avenue, apt 12",
		"Қабанбай батыр көшесі, 154 | Кабанбай батыра 154 | ул. Кабанбай Батыра, дом 154 | Kabanbay batyr st., 154",
		"8 микрорайон, дом 12, кв. 3 | 8-й мкр, 12, 3 | 8 ықшамаудан, 12-үй, 3-пәтер | мкр 8, д. 12, кв. 3",
		"Төле би 59А | Толе би, 59а | Tole bi 59 a",
		"Самал-2, дом 33 | мкр Самал-2, 33 | Самал 2 ықшамауданы, 33",
		"Достық даңғылы 5 | пр. Достык 5 | проспект Ленина 5 | пр-т Ленина, 5",
	} {
		writings := strings.Split(row, " | ")
		want := names.FoldAddress(writings[0]).String()
		for _, w := range writings[1:] {
			if got := names.FoldAddress(w).String(); got != want {
				t.Errorf("%s is %q, %s is %q", w, got, writings[0], want)
			}
		}
	}
	for _, pair := range [][2]string{{"Абая 44", "Абая 45"}, {"Абая 44-12", "Абая 44-13"}, {"Абая 44", "Абылай хана 44"}, {"8 мкр, 12", "9 мкр, 12"}, {"Самал-1, 33", "Самал-2, 33"}} {
		if a, b := names.FoldAddress(pair[0]).String(), names.FoldAddress(pair[1]).String(); a == b {
			t.Errorf("%s and %s are both %q", pair[0], pair[1], a)
		}
	}
}

// TestPhones holds that a number is the same however it is written.
func TestPhones(t *testing.T) {
	for in, want := range map[string]uint64{
		"8 (701) 555-12-34": 77015551234, "+7 701 555 12 34": 77015551234, "77015551234": 77015551234, "7015551234": 77015551234, "тел. 8-701-555-12-34": 77015551234,
		"٨٧٠١٥٥٥١٢٣٤": 77015551234, "+49 30 1234567": 49301234567, "0049 30 1234567": 49301234567, "278 20 83": 2782083, "мама": 0, "12": 0, strings.Repeat("7", 40): 0,
	} {
		if got := names.Phone(in); got != want {
			t.Errorf("%q is %d, want %d", in, got, want)
		}
	}
	x := register("Ким Роман")
	a := names.Record{Name: "Ким Роман", Phones: []string{"87015551234"}}
	for phone, want := range map[string]string{"+7 701 555 12 34": "phone.same", "87015551235": "phone.near", "+7701555123": "phone.near", "87015551243": "phone.near",
		"87771112233": "phone.other", "5551234": "phone.same"} {
		e := x.Compare(a, names.Record{Name: "Ким Роман", Phones: []string{phone}})
		if got := e.Parts[len(e.Parts)-1].Message(); got != want {
			t.Errorf("%s: %s, want %s", phone, got, want)
		}
	}
}

// TestPhoneFinds holds that a phone finds its people, with one wrong digit too, whatever the name.
func TestPhoneFinds(t *testing.T) {
	x := names.NewIndex(names.DefaultWeights())
	for _, r := range []names.Record{{Name: "Ким Роман", Phones: []string{"87015551234"}}, {Name: "Цой Лана", Phones: []string{"87771112233", "2782083"}}} {
		x.Add(r)
	}
	for phone, want := range map[string]names.Slot{"+77015551234": 0, "87015551284": 0, "87815551234": 0, "5551234": 0, "8 777 111 22 33": 1, "8 727 278 20 83": 1} {
		hits := x.Search(names.Record{Name: "Болат", Phones: []string{phone}}, 3)
		if len(hits) != 1 || hits[0].Slot != want || hits[0].Band == names.Same {
			t.Errorf("%s: %+v, want slot %d", phone, hits, want)
		}
	}
	x.Remove(0)
	if hits := x.Search(names.Record{Phones: []string{"87015551234"}}, 3); len(hits) != 0 {
		t.Errorf("a removed record's phone is found: %+v", hits)
	}
}
