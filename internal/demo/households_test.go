package demo

import (
	"strings"
	"testing"
	"unicode"
)

func TestHouseholds(t *testing.T) {
	for _, seed := range seeds {
		all := Households(seed)
		if len(all) != HouseholdCount {
			t.Fatalf("seed %d: %d households", seed, len(all))
		}
		ids, langs := map[string]bool{}, map[Lang]int{}
		for _, h := range all {
			if ids[h.ID] {
				t.Errorf("%s stands twice", h.ID)
			}
			ids[h.ID] = true
			langs[h.Language]++
			sensible(t, h)
		}
		if langs[KK] < 30 || langs[RU] < 20 {
			t.Errorf("seed %d: languages %v", seed, langs)
		}
	}
}

func sensible(t *testing.T, h Household) {
	t.Helper()
	switch {
	case h.People < 1, h.People < len(h.Children)+1, h.Contact == "", h.Place.Address == "":
		t.Errorf("%s lacks people, a contact or an address: %+v", h.ID, h)
	case h.Has(Alone) != (h.People == 1):
		t.Errorf("%s: %d people and alone = %v", h.ID, h.People, h.Has(Alone))
	case (h.Place.Settlement == "") != (h.Place.District != ""):
		t.Errorf("%s is in %q and %q", h.ID, h.Place.Settlement, h.Place.District)
	case h.Place.Settlement == "" && !InCity(h.Place.Lat, h.Place.Lon), !InRegion(h.Place.Lat, h.Place.Lon):
		t.Errorf("%s lives at %v %v", h.ID, h.Place.Lat, h.Place.Lon)
	}
	infant := false
	for _, age := range h.Children {
		infant = infant || age == 0
	}
	if infant != h.Has(Infant) {
		t.Errorf("%s: children %v, flags %v", h.ID, h.Children, h.Flags)
	}
}

func TestPlants(t *testing.T) {
	for _, seed := range seeds {
		all := Households(seed)
		plain := map[string]Household{}
		phones := map[string]string{}
		for _, h := range all {
			if h.Plant == "" {
				plain[h.TruthID] = h
				if phones[h.Phone] != "" {
					t.Errorf("seed %d: two plain households have %s", seed, h.Phone)
				}
				phones[h.Phone] = h.TruthID
			}
		}
		counts := map[Plant]int{}
		for _, h := range all {
			counts[h.Plant]++
			if h.Plant != "" {
				planted(t, h, plain, phones)
			}
		}
		if counts[""] != HouseholdCount-plantCount {
			t.Errorf("seed %d: %v", seed, counts)
		}
		for _, p := range []Plant{OtherScript, PhoneSlip, OtherAddress, OtherContact, SharedPhone, SameNamed} {
			if counts[p] < 4 {
				t.Errorf("seed %d: only %d of %s", seed, counts[p], p)
			}
		}
	}
}

func planted(t *testing.T, h Household, plain map[string]Household, phones map[string]string) {
	t.Helper()
	source, same := plain[h.TruthID]
	switch h.Plant {
	case OtherScript:
		if !same || h.Contact == source.Contact || h.Phone != source.Phone {
			t.Errorf("%s: %s is not %s in another script", h.ID, h.Contact, source.Contact)
		}
	case PhoneSlip:
		if !same || digitsApart(h.Phone, source.Phone) != 1 || phones[h.Phone] != "" {
			t.Errorf("%s: %s is not one digit off %s", h.ID, h.Phone, source.Phone)
		}
	case OtherAddress:
		if !same || h.Place.Address == source.Place.Address || h.Place.Lat != source.Place.Lat {
			t.Errorf("%s: %s is not %s in another writing", h.ID, h.Place.Address, source.Place.Address)
		}
	case OtherContact:
		if !same || h.Contact == source.Contact || h.Phone == source.Phone || h.Place.House != source.Place.House {
			t.Errorf("%s is not another member of %s", h.ID, source.ID)
		}
	case SharedPhone:
		if same || phones[h.Phone] == "" {
			t.Errorf("%s shares its phone with nobody", h.ID)
		}
	case SameNamed:
		if same || h.Phone == source.Phone {
			t.Errorf("%s is not another of the same name", h.ID)
		}
	}
}

func digitsApart(a, b string) int {
	n := 0
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

func TestNames(t *testing.T) {
	d := newDice(5, streamHouseholds)
	scripts := map[string]bool{}
	for range 500 {
		n, _, code := d.person(d.chance(50))
		scripts[code] = true
		if strings.ContainsFunc(n.KK+n.RU, func(r rune) bool { return unicode.Is(unicode.Latin, r) }) ||
			strings.ContainsFunc(n.Latin, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
			t.Errorf("%+v mixes scripts", n)
		}
		if strings.ContainsAny(n.RU, "әғқңөұүһі") {
			t.Errorf("%s has Kazakh letters", n.RU)
		}
	}
	if len(scripts) != len(peoples()) {
		t.Errorf("only %v", scripts)
	}
	for father, want := range map[string]string{"Сергей": "Сергеевич", "Игорь": "Игоревич", "Ерлан": "Ерланович", "Дмитрий": "Дмитриевич", "Абдулла": "Абдуллович"} {
		if got := russianPatronymic(father, false); got != want {
			t.Errorf("son of %s: %s, want %s", father, got, want)
		}
	}
	if got := feminine("Джанбулатов", true, false) + feminine("Гончаренко", true, false) + feminine("Ким", true, false); got != "ДжанбулатоваГончаренкоКим" {
		t.Error(got)
	}
}
