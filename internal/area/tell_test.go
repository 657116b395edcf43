package area

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// square is an invented area of a GeoJSON file.
func square(level, code, parent, name string, south, west, size float64, people string) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{"level":%q,"code":%q,"parent":%q,"name_kk":%q,"name_en":%q,"population":%[10]s},
		"geometry":{"type":"Polygon","coordinates":[[[%[7]f,%[6]f],[%[8]f,%[6]f],[%[8]f,%[9]f],[%[7]f,%[9]f],[%[7]f,%[6]f]]]}}`,
		level, code, parent, name, name, south, west, west+size, south+size, people)
}

// country loads a district of one degree with a town and a hamlet in it, of so many people.
func country(t *testing.T, db *store.DB, district, town, second, hamlet string) *Book {
	t.Helper()
	file := `{"type":"FeatureCollection","features":[` + strings.Join([]string{
		square("region", "100000000", "", "Ойдан облысы", 43, 76, 3, "null"),
		square("district", "110000000", "100000000", "Ойдан ауданы", 43, 76, 1, district),
		square("settlement", "111000000", "110000000", "Үлкенқала", 43.1, 76.1, .2, town),
		square("settlement", "113000000", "", "Орта", 43.4, 76.1, .2, second), // it names no district: it lies in one
		square("settlement", "112000000", "110000000", "Кішіауыл", 43.7, 76.7, .1, hamlet),
	}, ",") + `]}`
	areas, _, err := Read(strings.NewReader(file), Loading{Source: "сынақ"})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { _, err := Keep(t.Context(), tx, areas); return err }); err != nil {
		t.Fatal(err)
	}
	b, err := Load(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// told says what others are told of the town, the second one, the hamlet, a farm of the district and one beyond it.
func told(b *Book) string {
	var out []string
	for _, at := range [][2]float64{{43.2, 76.2}, {43.5, 76.2}, {43.75, 76.75}, {43.9, 76.1}, {45, 78}} {
		d, s := b.Told(at[0], at[1], "2026-11-28")
		word := "-"
		if d != nil {
			word = d.Name(i18n.EN)
		}
		if s != nil {
			word += "/" + s.Name(i18n.EN)
		}
		out = append(out, strings.ReplaceAll(strings.ReplaceAll(word, "Ойдан ауданы", "D"), "Ойдан облысы", "R"))
	}
	return strings.Join(out, " ")
}

// TestASettlementIsToldWhereItPointsToNobody: by its own figure, and by what it leaves of its district.
func TestASettlementIsToldWhereItPointsToNobody(t *testing.T) {
	for _, c := range []struct{ district, town, second, hamlet, want string }{
		{"60000", "40000", "6000", "300", "D/Үлкенқала D/Орта D D R"},
		{"60000", "40000", "4999", "300", "D/Үлкенқала D D D R"},
		{"60000", "5000", "4999", "300", "D/Үлкенқала D D D R"},
		{"50000", "40000", "6000", "300", "D/Үлкенқала D D D R"}, // both named would leave 4,000, and say which they are
		{"46000", "40000", "6000", "300", "D/Үлкенқала D D D R"}, // nothing would be left
		{"44000", "40000", "0", "300", "D D D D R"},
		{"40000", "40000", "0", "300", "D D D D R"}, // the town is the district
		{"30000", "40000", "0", "300", "D D D D R"}, // figures that cannot be
		{"0", "40000", "6000", "300", "D D D D R"},  // how many the district has is not known
		{"60000", "0", "0", "0", "D D D D R"},
		{"60000", `"40 000"`, `"6,000"`, `"many"`, "D/Үлкенқала D/Орта D D R"},
		{"60000", "-40000", "1e12", "300", "D D D D R"},
	} {
		if got := told(country(t, open(t), c.district, c.town, c.second, c.hamlet)); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// TestASettlementIsOfTheDistrictThatItNames: by its code, not also by where its middle lies; by its middle where it names none of
// those that are loaded.
func TestASettlementIsOfTheDistrictThatItNames(t *testing.T) {
	for parent, want := range map[string]string{"110000000": "Бірінші/Қала", "120000000": "Екінші/Қала", "130000000": "Бірінші/Қала", "": "Бірінші/Қала"} {
		db := open(t)
		file := `{"type":"FeatureCollection","features":[` + strings.Join([]string{
			square("district", "110000000", "", "Бірінші", 43, 76, 1, "60000"),
			square("district", "120000000", "", "Екінші", 43, 77, 1, "60000"),
			square("settlement", "111000000", parent, "Қала", 43.1, 76.1, .2, "20000"), // it lies in the first
		}, ",") + `]}`
		areas, _, err := Read(strings.NewReader(file), Loading{Source: "сынақ"})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { _, err := Keep(t.Context(), tx, areas); return err }); err != nil {
			t.Fatal(err)
		}
		b, err := Load(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		var of []string
		for _, v := range b.Tellings("2026-11-28") {
			if v.Level == Settlement {
				of = append(of, v.District.Name(i18n.EN)+"/"+v.Name(i18n.EN))
			}
		}
		if len(of) != 1 || of[0] != want {
			t.Errorf("who names %q is of %v", parent, of)
		}
	}
}

// TestWhatSomebodyCountedStays: a figure that was typed is not undone by a file without one, and a newer figure counts.
func TestWhatSomebodyCountedStays(t *testing.T) {
	db := open(t)
	b := country(t, db, "60000", "0", "0", "0")
	town := b.Named("Үлкенқала")[0]
	count := func(people int) error {
		return db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return Count(t.Context(), tx, town.ID, people) })
	}
	if err := count(40_000); err != nil {
		t.Fatal(err)
	}
	if err := count(-1); !errs.Is(err, errs.Invalid) {
		t.Error(err)
	}
	if got := told(country(t, db, "60000", "0", "0", "0")); got != "D/Үлкенқала D D D R" {
		t.Error(got)
	}
	b = country(t, db, "60000", "300", "0", "0")
	if got := told(b); got != "D D D D R" {
		t.Error(got)
	}
	if err := count(40_000); err != nil {
		t.Fatal(err)
	}
	if b, err := Load(t.Context(), db); err != nil {
		t.Fatal(err)
	} else if got := b.Tellings("2026-11-28"); len(got) != 4 || !got[1].Itself || got[3].Itself || got[1].District == nil {
		t.Errorf("%+v", got)
	}
	if before, after, err := db.Rebuild(t.Context()); err != nil || before != after {
		t.Error("a rebuild reaches another state", err)
	}
	if err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		var all []id.ID
		for _, a := range b.All() {
			all = append(all, a.ID.ID)
		}
		return Remove(t.Context(), tx, all)
	}); err != nil {
		t.Fatal(err)
	}
	if err := count(7000); !errs.Is(err, errs.NotFound) {
		t.Error("an area that was removed is counted:", err)
	}
}
