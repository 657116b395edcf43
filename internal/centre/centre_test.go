package centre_test

import (
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
)

func create(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Create(t.Context(), store.Config{
		Dir: filepath.Join(t.TempDir(), "centre"), Kinds: []store.Registered{centre.Kind}, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1},
	}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func invented() *centre.Centre {
	return &centre.Centre{Name: "Үйренетін орталық", Area: "Алматы", Zone: centre.DefaultZone, Langs: []string{"kk", "ru"},
		Lat: 43.2389, Lon: 76.8897, Phone: "+77275550100"}
}

func TestCreateOnce(t *testing.T) {
	db := create(t)
	if _, err := centre.Get(t.Context(), db); !errs.Is(err, errs.NotFound) {
		t.Fatal(err)
	}
	c := invented()
	write := func(c *centre.Centre) error {
		return db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return centre.Create(t.Context(), tx, c) })
	}
	if err := write(c); err != nil {
		t.Fatal(err)
	}
	if err := write(invented()); !errs.Is(err, errs.Conflict) {
		t.Fatal(err)
	}
	got, err := centre.Get(t.Context(), db)
	if err != nil || got.Secret == 0 || got.Secret != c.Secret || got.Name != c.Name || got.Lat != c.Lat || got.Phone != c.Phone ||
		!slices.Equal(got.Langs, c.Langs) {
		t.Fatalf("%+v %v, want %+v", got, err, c)
	}
	if before, after, err := db.Rebuild(t.Context()); err != nil || before != after {
		t.Fatal(before, after, err)
	}
	if got, err = centre.Get(t.Context(), db); err != nil || got.ID != c.ID {
		t.Fatal(got, err)
	}
}

func TestValidate(t *testing.T) {
	if err := invented().Validate(); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*centre.Centre){
		"name":        func(c *centre.Centre) { c.Name = "  " },
		"area":        func(c *centre.Centre) { c.Area = strings.Repeat("ә", 201) },
		"zone":        func(c *centre.Centre) { c.Zone = "Asia/Verny" },
		"langs":       func(c *centre.Centre) { c.Langs = nil },
		"phone":       func(c *centre.Centre) { c.Phone = "мама" },
		"coordinates": func(c *centre.Centre) { c.Lat = math.Inf(1) },
	} {
		c := invented()
		change(c)
		err := c.Validate()
		e, ok := err.(*errs.Error) //nolint:errorlint // Validate returns it bare
		if !ok || len(e.Fields) != 1 || e.Fields[field] == "" {
			t.Errorf("%s: %v", field, err)
		}
		if ok && !slices.Contains(slices.Collect(maps.Keys(e.Fields)), field) {
			t.Errorf("%s: %v", field, e.Fields)
		}
	}
	c := invented()
	c.Lat = math.NaN()
	if c.Validate() == nil {
		t.Error("NaN is a place")
	}
}

func TestLocation(t *testing.T) {
	for zone, want := range map[string]int{"Asia/Almaty": 6, "Asia/Aqtau": 5, "nowhere": 5, "": 5, "Local": 5} {
		at := time.Date(2022, 1, 12, 12, 0, 0, 0, time.UTC).In((&centre.Centre{Zone: zone}).Location())
		if _, s := at.Zone(); s != want*3600 {
			t.Errorf("%q: %d s east in 2022, want %d h", zone, s, want)
		}
	}
	now := time.Date(2025, 1, 12, 12, 0, 0, 0, time.UTC).In(invented().Location())
	if _, s := now.Zone(); s != 5*3600 {
		t.Errorf("Almaty since March 2024: %d", s)
	}
}

func TestADayIsNoneInAYearThatIsASlip(t *testing.T) {
	c := invented()
	for text, ok := range map[string]bool{"2022-01-12": true, "1899-12-30": false, "0001-01-01": false, "9999-12-31": false, "12.01.2022": false, "": false, "2022-02-30": false} {
		day, err := c.Day(text)
		if ok != (err == nil) || !ok && !errs.Is(err, errs.Invalid) || ok && (day.Hour() != 0 || day.Location().String() != c.Zone) {
			t.Errorf("%q: %v, %v", text, day, err)
		}
	}
}
