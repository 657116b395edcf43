package store_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// TestIdentitiesGoOnWhenTheClockIsSetBack also opens the database anew while the clock is behind: which of two facts is
// the later one must not hang on the machine's clock.
func TestIdentitiesGoOnWhenTheClockIsSetBack(t *testing.T) {
	now := time.Date(2026, 11, 27, 14, 0, 0, 0, time.UTC)
	cfg := config(filepath.Join(t.TempDir(), "centre"))
	cfg.Now = func() time.Time { return now }
	db, err := store.Create(t.Context(), cfg, pass)
	if err != nil {
		t.Fatal(err)
	}
	var last id.ID
	next := func() {
		t.Helper()
		f := &fish{Colour: "red"}
		put(t, db, f)
		if bytes.Compare(f.ID.ID[:], last[:]) <= 0 {
			t.Fatalf("%s was minted after %s", f.ID, last)
		}
		last = f.ID.ID
	}
	for range 3 {
		for range 5 {
			next()
		}
		now = now.Add(-10 * time.Minute)
		next()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if db, err = store.Open(t.Context(), cfg, pass); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = db.Close() })
	now = now.Add(time.Hour)
	next()
	if want := id.New(now); !bytes.Equal(last[:6], want[:6]) {
		t.Errorf("the clock is right again, and %s is not of its time", last)
	}
}

// TestADatedIdentityHasItsOwnTime is for the drill, whose past is written in any order.
func TestADatedIdentityHasItsOwnTime(t *testing.T) {
	db := create(t)
	at := time.Date(2022, 1, 5, 22, 0, 0, 0, time.UTC)
	mint := func(dates ...time.Time) (v id.ID) {
		t.Helper()
		err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			for _, d := range dates {
				tx.Date(d)
			}
			v = tx.NewID()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	before, late := mint(), mint(at)
	early, after := mint(at.Add(-time.Hour)), mint()
	if bytes.Compare(early[:], late[:]) >= 0 || bytes.Compare(late[:], before[:]) >= 0 || bytes.Compare(before[:], after[:]) >= 0 {
		t.Errorf("%s %s %s %s", early, late, before, after)
	}
	for last, i := mint(at), 0; i < 50; i++ {
		v := mint(at)
		if bytes.Compare(v[:], last[:]) <= 0 || !bytes.Equal(v[:6], late[:6]) {
			t.Fatalf("%s was minted after %s", v, last)
		}
		last = v
	}
}
