package intake_test

import (
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/intake/where"
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
