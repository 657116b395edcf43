package supply_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
)

func TestLastCountWins(t *testing.T) {
	now := time.Date(2022, 1, 12, 8, 0, 0, 0, time.UTC)
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "c"), Kinds: []store.Registered{supply.Kind},
		Now: func() time.Time { return now }, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	set := func(pairs ...any) error {
		return db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			for i := 0; i < len(pairs); i += 2 {
				if err := supply.Set(t.Context(), tx, pairs[i].(string), pairs[i+1].(int)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	check := func(want map[string]int) {
		t.Helper()
		got, err := supply.OnHand(t.Context(), db)
		if err != nil || !maps.Equal(got, want) {
			t.Fatalf("%v %v, want %v", got, err, want)
		}
	}
	check(map[string]int{})
	if err := set(supply.Basket, 180, supply.Bread, 40, supply.Bread, 41, supply.Bread, 39); err != nil { // corrected at once
		t.Fatal(err)
	}
	check(map[string]int{"basket": 180, "bread": 39})
	now = now.Add(24 * time.Hour)
	if err := set(supply.Basket, 0); err != nil {
		t.Fatal(err)
	}
	now = now.Add(-72 * time.Hour) // the clock was put back
	if err := set(supply.Basket, 55); err != nil {
		t.Fatal(err)
	}
	check(map[string]int{"basket": 55, "bread": 39})
	for item, n := range map[string]int{"gold": 1, supply.Water: -1, supply.Insulin: 1_000_001} {
		if err := set(item, n); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s %d: %v", item, n, err)
		}
	}
	last, err := supply.Latest(t.Context(), db)
	if err != nil || last["basket"].N != 55 || last["basket"].At.IsZero() {
		t.Fatal(last, err)
	}
	before, after, err := db.Rebuild(t.Context())
	if err != nil || before != after {
		t.Fatal(before, after, err)
	}
	check(map[string]int{"basket": 55, "bread": 39})
}

func TestItemsHaveNames(t *testing.T) {
	for _, l := range i18n.Langs() {
		for _, item := range supply.Items() {
			if s := supply.ItemName(l, item); s == "" || strings.Contains(s, "⟦") {
				t.Errorf("%s %s: %q", l, item, s)
			}
		}
		if s := supply.ItemName(l, "later"); s != "later" {
			t.Error(s)
		}
	}
}
