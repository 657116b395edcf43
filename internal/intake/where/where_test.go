package where_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/roads"
	"github.com/jumyla/jumyla/roads/gazetteer"
)

// office is a database with a centre in Almaty and a small book of places.
func office(tb testing.TB, book ...place.Place) *store.DB {
	tb.Helper()
	db, err := store.Create(tb.Context(), store.Config{Dir: filepath.Join(tb.TempDir(), "c"), Kinds: []store.Registered{centre.Kind, place.Kind, household.Kind},
		KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	err = db.Write(tb.Context(), store.Actor{}, func(tx *store.Tx) error {
		for _, p := range book {
			p.ID.ID = tx.NewID()
			if err := tx.Put(tb.Context(), &p); err != nil {
				return err
			}
		}
		return centre.Create(tb.Context(), tx, &centre.Centre{Name: "Үйренетін орталық", Area: "Алматы", Zone: centre.DefaultZone, Langs: []string{"kk"}, Lat: 43.2389, Lon: 76.8897})
	})
	if err != nil {
		tb.Fatal(err)
	}
	return db
}

func street(lat, lon float64, names ...string) roads.Place {
	return roads.Place{Kind: roads.Street, Names: names, At: roads.Point{Lat: lat, Lon: lon}}
}

func house(lat, lon float64, street, number string) roads.Place {
	return roads.Place{Kind: roads.House, Street: []string{street}, House: number, At: roads.Point{Lat: lat, Lon: lon}}
}

// town is an extract's places, invented around true names.
func town() *where.Finder {
	f := &where.Finder{}
	f.Use(gazetteer.New([]roads.Place{
		{Kind: roads.Settlement, Names: []string{"Алматы"}, At: roads.Point{Lat: 43.25, Lon: 76.93}},
		{Kind: roads.Settlement, Names: []string{"Қаскелең", "Каскелен"}, At: roads.Point{Lat: 43.2, Lon: 76.62}},
		{Kind: roads.Quarter, Names: []string{"мкр. Самал-2"}, At: roads.Point{Lat: 43.232, Lon: 76.955}},
		street(43.21, 76.96, "Достық даңғылы", "пр. Достык", "проспект Ленина"),
		house(43.2140, 76.9630, "пр. Достык", "125"), house(43.2160, 76.9632, "пр. Достык", "121"),
		street(43.24, 76.90, "улица Жарокова"), street(43.2, 76.62, "улица Жарокова"),
		street(43.26, 76.94, "Төле би көшесі", "улица Толе би"), house(43.2601, 76.9401, "Толе би", "59"),
	}), nil)
	return f
}

func TestOneListOfBookAndMap(t *testing.T) {
	db := office(t, place.Place{Street: "улица Абая", House: "44", Lat: 43.24, Lon: 76.91, Area: "Бостандык"},
		place.Place{Street: "пр. Достык", House: "125", Lat: 43.2141, Lon: 76.9631, Area: "Медеу"})
	f := town()
	for text, want := range map[string]string{
		"Абай көшесі, 44":       "улица Абая 44 · house · book",
		"Abai 44":               "улица Абая 44 · house · book",
		"пр. Достык 125":        "пр. Достык 125 · house · book",
		"Төле би 59":            "Төле би көшесі 59 · house · map",
		"Tole bi 59":            "Төле би көшесі 59 · house · map",
		"проспект Ленина, 121":  "Достық даңғылы 121 · house · map", // as it was called before
		"Dostyk ave 123":        "Достық даңғылы 123 · between · map",
		"достык 900":            "пр. Достык · street · book",
		"мкр Самал-2":           "мкр. Самал-2 · quarter · map",
		"Самал 2, дом 33":       "мкр. Самал-2 33 · quarter · map",
		"улица Жарокова 5":      "", // two towns have it: nobody may guess
		"қайда екені белгісіз":  "",
		"":                      "",
		"   ":                   "",
		strings.Repeat("я", 99): "",
	} {
		got := ""
		a, err := f.Locate(t.Context(), db, text)
		switch {
		case err == nil:
			got = fmt.Sprintf("%s · %s · %s", a.Text, a.What, a.From)
		case !errs.Is(err, errs.NotFound):
			t.Fatal(text, err)
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	all, err := f.Find(t.Context(), db, "Жарокова")
	if err != nil || len(all) != 2 || all[0].In == all[1].In {
		t.Errorf("both streets are offered with their towns: %+v %v", all, err)
	}
	all, err = f.Find(t.Context(), db, "Достык 125")
	if err != nil || len(all) == 0 {
		t.Fatal(err)
	}
	for _, a := range all[1:] {
		if a.What == where.House && strings.Contains(a.Text, "125") {
			t.Errorf("one house is offered twice: %+v", all)
		}
	}
	var none *where.Finder // an office without an extract
	if a, err := none.Locate(t.Context(), db, "Абая 44"); err != nil || a.From != where.Book || a.Area() != "Бостандык" {
		t.Errorf("%+v %v", a, err)
	}
}

func TestAChosenAnswerComesBackAsItWas(t *testing.T) {
	a := where.Answer{Text: "Достық даңғылы 123", Lat: 43.215, Lon: 76.9631, What: where.Between}
	text, p, ok := where.ParseChosen(a.Chosen())
	if !ok || text != a.Text || p != (household.Point{Lat: 43.215, Lon: 76.9631, Reckoned: true}) {
		t.Errorf("%q %+v %v", text, p, ok)
	}
	for _, s := range []string{"", "|", "43,76|x", "a,b,house|x", "91,76,house|x", "NaN,76,house|x", "43,181,house|x", "43,76,house,1|x"} {
		if _, _, ok := where.ParseChosen(s); ok {
			t.Errorf("%q is taken", s)
		}
	}
}

func TestCoordinates(t *testing.T) {
	db, f := office(t), town()
	for text, want := range map[string]string{
		"43.2389, 76.8897":                             "43.2389 76.8897 false",
		"76.8897, 43.2389":                             "43.2389 76.8897 true",
		"43,2389; 76,8897":                             "43.2389 76.8897 false",
		`43°14'20.0"N 76°53'22.9"E`:                    "43.2389 76.8897 false",
		"https://2gis.kz/almaty/geo/1/76.8897,43.2389": "43.2389 76.8897 false",
		"100.5, 43.2":                                  "43.2000 100.5000 true", // no latitude is a hundred
		"0, 0":                                         "tabular.coords.absurd",
		"43.2":                                         "tabular.coords.unknown",
		"Абая 44":                                      "tabular.coords.unknown",
		"-33.9, 18.4":                                  "tabular.coords.outside",
		"10, 10":                                       "tabular.coords.outside",
		"91, 181":                                      "tabular.coords.absurd",
	} {
		s, err := f.Coordinates(t.Context(), db, text, "where")
		got := fmt.Sprintf("%.4f %.4f %v", s.Lat, s.Lon, s.Swapped)
		if bad, ok := errors.AsType[*errs.Error](err); ok {
			got = bad.Fields["where"]
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	s, err := f.Coordinates(t.Context(), db, "43.21405, 76.96305", "where")
	if err != nil || s.Near == nil || s.Near.Text != "Достық даңғылы 125" || s.Away > 20 {
		t.Errorf("%+v %v", s, err)
	}
}

func TestPut(t *testing.T) {
	db, f := office(t), town()
	h := &household.Household{Head: "Ойдан", Address: "Белгісіз 1"}
	err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		h.ID.ID = tx.NewID()
		if err := tx.Put(t.Context(), h); err != nil {
			return err
		}
		return f.Put(t.Context(), tx, h.ID, household.Point{Lat: 43.2, Lon: 76.9})
	})
	if err != nil {
		t.Fatal(err)
	}
	now, err := household.Kind.Get(t.Context(), db, h.ID.ID)
	if err != nil || now.Where == nil || now.Where.Lat != 43.2 {
		t.Errorf("%+v %v", now, err)
	}
}

// BenchmarkAnswers is one key pressed in the call desk's address field, in a city of a hundred thousand houses.
func BenchmarkAnswers(b *testing.B) {
	var book []place.Place
	for i := range 2000 {
		book = append(book, place.Place{Street: fmt.Sprintf("улица Ойдан-%d", i/20), House: fmt.Sprint(i%20 + 1), Lat: 43.2 + float64(i)/1e5, Lon: 76.9})
	}
	db := office(b, book...)
	var places []roads.Place
	for i := range 2000 {
		name := fmt.Sprintf("улица %s-%d", []string{"Абая", "Достык", "Сатпаева", "Байзакова", "Толе би"}[i%5], i)
		lat, lon := 43+float64(i%50)/100, 76+float64(i/50)/100
		places = append(places, street(lat, lon, name))
		for h := range 50 {
			places = append(places, house(lat+float64(h)/1e5, lon, name, fmt.Sprint(2*h+1)))
		}
	}
	f := &where.Finder{}
	f.Use(gazetteer.New(places), nil)
	typed := []string{"а", "аб", "абая", "абая 14", "достық 4", "satpaeva 1955 7", "ойдан 3 4", "төле би-99, 33"}
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		text := typed[i%len(typed)]
		if _, err := f.Find(b.Context(), db, text); err != nil {
			b.Fatal(err)
		}
		if _, err := f.Locate(b.Context(), db, text); err != nil && !errs.Is(err, errs.NotFound) {
			b.Fatal(err)
		}
	}
}
