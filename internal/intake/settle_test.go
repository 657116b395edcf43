package intake_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/roads"
	"github.com/jumyla/jumyla/roads/gazetteer"
)

// TestAnExtractPlacesWhoHadNone reads a list without an extract, then has one.
func TestAnExtractPlacesWhoHadNone(t *testing.T) {
	db := open(t)
	res, err := intake.Import(t.Context(), db, coordinator, intake.Households, strings.NewReader("ФИО;Телефон;Адрес\nОйдан Бір;+77000000001;Ленина 125\nОйдан Екі;+77000000002;Қайда 7\n"), intake.Options{})
	if err != nil || res.Taken != 2 {
		t.Fatalf("%+v %v", res, err)
	}
	find := &where.Finder{}
	find.Use(gazetteer.New([]roads.Place{{Kind: roads.Street, Names: []string{"Достық даңғылы", "проспект Ленина"}, At: roads.Point{Lat: 43.21, Lon: 76.96}},
		{Kind: roads.House, Street: []string{"проспект Ленина"}, House: "125", At: roads.Point{Lat: 43.214, Lon: 76.963}}}), nil)
	for round, want := range []int{1, 0} {
		if n, err := intake.PlaceAll(t.Context(), db, find); err != nil || n != want {
			t.Errorf("round %d: %d found, %v", round, n, err)
		}
	}
	ids, err := household.IDs(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for _, hid := range ids {
		h, err := household.Kind.Get(t.Context(), db, hid.ID)
		if err != nil || (h.Where != nil) != strings.HasPrefix(string(h.Address), "Ленина") {
			t.Errorf("%s: %+v %v", h.Address, h.Where, err)
		}
	}
}

// TestAHouseholdsAreaFollowsFromItsPoint asks before and after the country is divided anew, and of one without a point.
func TestAHouseholdsAreaFollowsFromItsPoint(t *testing.T) {
	db := open(t)
	semey, typed := &household.Household{Address: "Шәкәрім 1", Where: &household.Point{Lat: 50.41, Lon: 80.25}, Area: "қалай болса солай"}, &household.Household{Address: "Қайда 7", Area: "Медеу ауданы"}
	put := func(areas ...area.Area) *where.Finder {
		err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			for _, h := range []*household.Household{semey, typed} {
				if h.ID.IsZero() {
					h.ID.ID = tx.NewID()
					if err := tx.Put(t.Context(), h); err != nil {
						return err
					}
				}
			}
			_, err := area.Keep(t.Context(), tx, areas)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		b, err := area.Load(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		find := &where.Finder{}
		find.UseAreas(b)
		return find
	}
	in := func(h *household.Household) string {
		now, err := household.Kind.Get(t.Context(), db, h.ID.ID)
		if err != nil {
			t.Fatal(err)
		}
		return now.Area
	}
	for _, c := range []struct {
		file, from string
		moved      int
		area       string
	}{{"before", "", 1, "Шығыс Қазақстан"}, {"before", "", 0, "Шығыс Қазақстан"}, {"since", "2022-06-08", 1, "Семей"}} {
		f, err := os.Open("../area/testdata/" + c.file + ".geojson")
		if err != nil {
			t.Fatal(err)
		}
		areas, _, err := area.Read(f, area.Loading{From: c.from, Source: "сынақ"})
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		if c.file == "before" { // as if the old division still held
			areas[0].To = ""
			if c.from == "" && c.moved == 0 {
				areas = nil
			}
		}
		moved, err := intake.SortAll(t.Context(), db, put(areas...))
		if err != nil || moved != c.moved || in(semey) != c.area || in(typed) != "Медеу ауданы" {
			t.Errorf("%s: %d moved, %q and %q, %v", c.file, moved, in(semey), in(typed), err)
		}
	}
}
