package place_test

import (
	"path/filepath"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/store"
)

func book(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "c"), Kinds: []store.Registered{place.Kind}, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}},
		store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		for _, p := range []place.Place{{Street: "проспект Достык", House: "125", Lat: 43.214, Lon: 76.963}, {Street: "улица Абая", House: "44", Lat: 43.24, Lon: 76.91},
			{Street: "улица Абая", House: "46А", Lat: 43.242, Lon: 76.912}} {
			p.ID.ID = tx.NewID()
			if err := tx.Put(t.Context(), &p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func TestOneHouseInEverySpelling(t *testing.T) {
	db := book(t)
	for _, s := range []string{"пр. Достык 125", "Достық даңғылы, 125", "Dostyk ave 125", "достык, 125, кв 7", "проспект Достык, д. 125"} {
		h, err := place.Locate(t.Context(), db, s)
		if err != nil || h.Lat != 43.214 || h.Rough {
			street, house := place.Key(s)
			t.Errorf("%q: %+v %v (key %q %q)", s, h, err, street, house)
		}
	}
	for s, rough := range map[string]bool{"Абай 44": false, "Abai 44": false, "Абая 46а": false, "Абай көшесі": true, "Абай 9999": true} {
		if h, err := place.Locate(t.Context(), db, s); err != nil || h.Rough != rough {
			t.Errorf("%q: %+v %v", s, h, err)
		}
	}
	for _, s := range []string{"", "5", "Белгісіз көше 7"} {
		if h, err := place.Locate(t.Context(), db, s); !errs.Is(err, errs.NotFound) {
			t.Errorf("%q: %+v %v", s, h, err)
		}
	}
	if hits, err := place.Search(t.Context(), db, "дос", 10); err != nil || len(hits) != 1 {
		t.Error(hits, err)
	}
}
