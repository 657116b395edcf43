package demo

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
)

var seeds = []uint64{0, 1, 7, 2022, 1<<63 + 5}

func TestSameSeedSameWorld(t *testing.T) {
	for _, seed := range seeds {
		if !reflect.DeepEqual(Almaty(seed), Almaty(seed)) {
			t.Errorf("seed %d gives two worlds", seed)
		}
	}
	if reflect.DeepEqual(Households(1), Households(2)) {
		t.Error("two seeds give the same households")
	}
}

// phonesOf is every number that stands anywhere in a world.
func phonesOf(w World) []string {
	var all []string
	household := func(h Household) {
		all = append(all, h.Phone)
		if h.Phone2 != "" {
			all = append(all, h.Phone2)
		}
	}
	for _, h := range w.Households {
		household(h)
	}
	for _, r := range w.Requests {
		household(r.Household)
		if r.Caller != nil {
			all = append(all, r.Caller.Phone)
		}
	}
	for _, v := range w.Volunteers {
		all = append(all, v.Phone, v.Emergency.Phone)
	}
	for _, u := range UglyRows(w.Seed) {
		all = append(all, u.Phones...)
	}
	return all
}

func TestNoRealPhones(t *testing.T) {
	inText := regexp.MustCompile(`\+\d{8,}`)
	for _, seed := range seeds {
		w := Almaty(seed)
		all := phonesOf(w)
		for _, r := range w.Requests {
			for _, n := range r.Needs {
				all = append(all, inText.FindAllString(n.Note, -1)...)
			}
		}
		for _, p := range all {
			if !InventedPhone(p) {
				t.Errorf("seed %d: %s may be somebody's", seed, p)
			}
		}
	}
	for _, real := range []string{"+77017396002", "+77272782083", "+77000010000", "+447911123456", "+12025551234", "+79161234567", "7000001234"} {
		if InventedPhone(real) {
			t.Errorf("%s passes as invented", real)
		}
	}
}

func TestEverythingIsMarked(t *testing.T) {
	w := Almaty(3)
	for _, h := range w.Households {
		if !Invented(h.Note) {
			t.Errorf("%s is not marked", h.ID)
		}
	}
	for i, r := range w.Requests {
		if !Invented(r.Note) || !Invented(r.Household.Note) {
			t.Errorf("request %d is not marked", i)
		}
		for _, n := range r.Needs {
			if n.Note != "" && !Invented(n.Note) {
				t.Errorf("request %d: a need is not marked", i)
			}
		}
	}
	for _, v := range w.Volunteers {
		if !Invented(v.Note) {
			t.Errorf("%s is not marked", v.ID)
		}
	}
	for _, c := range w.Crews {
		if !Invented(c.Note) {
			t.Errorf("crew %d is not marked", c.Number)
		}
	}
	if Invented("") || Invented("диабет") {
		t.Error("a plain note passes as invented")
	}
}

// TestNoOfficeHolders keeps the best known surnames of those in office out of the lists: nobody may read the
// drill as being about them.
func TestNoOfficeHolders(t *testing.T) {
	for _, row := range rows("names.tsv", 5) {
		for _, known := range []string{"Назарбаев", "Тоқаев", "Токаев", "Мәсімов", "Масимов", "Мамин", "Смайылов", "Смаилов", "Досаев", "Сағынтаев", "Сагинтаев"} {
			if strings.HasPrefix(row[2], known) || strings.HasPrefix(row[3], known) {
				t.Errorf("%s is the name of somebody in office", row[2])
			}
		}
	}
}

func BenchmarkAlmaty(b *testing.B) {
	for b.Loop() {
		Almaty(1)
	}
}
