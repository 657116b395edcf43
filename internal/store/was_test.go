package store_test

import (
	"path/filepath"
	"testing"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type boatKind struct{}

// oldBoat is what an older program wrote; boat stands where nobody else reads it.
type oldBoat struct {
	ID   id.Of[boatKind]
	Crew string `coord:"crew"`
}

type boat struct {
	ID   id.Of[boatKind]
	Crew string `audit:"crew" was:"coord"`
}

// TestAFieldThatWasMoved: what an older program wrote into another class is read there, until it changes.
func TestAFieldThatWasMoved(t *testing.T) {
	old := store.Define(store.Spec[oldBoat]{Name: "boat", Schema: 1})
	now := store.Define(store.Spec[boat]{Name: "boat", Schema: 1})
	cfg := config(filepath.Join(t.TempDir(), "centre"))
	cfg.Kinds = []store.Registered{old}
	db, err := store.Create(t.Context(), cfg, pass)
	if err != nil {
		t.Fatal(err)
	}
	rec := &oldBoat{Crew: "two"}
	err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		rec.ID = store.NewID[boatKind](tx)
		return tx.Put(t.Context(), rec)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Kinds = []store.Registered{now}
	if db, err = store.Open(t.Context(), cfg, pass); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, crew := range []string{"two", "three"} {
		b, err := now.Get(t.Context(), db, rec.ID.ID)
		if err != nil || b.Crew != crew {
			t.Fatal(b, err)
		}
		b.Crew = "three"
		if err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return tx.Put(t.Context(), b) }); err != nil {
			t.Fatal(err)
		}
	}
	n, err := store.One[int](t.Context(), db, "entries", "SELECT count(*) FROM ledger_entry e JOIN ledger_lane l ON l.id=e.lane WHERE l.class='coord'")
	if err != nil || n != 1 {
		t.Errorf("%d entries stand where everybody reads them: %v", n, err)
	}
}
