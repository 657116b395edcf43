package second_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type stone struct {
	ID     id.Of[stone]
	Weight int `coord:"weight"`
}

var stones = store.Define(store.Spec[stone]{
	Name: "stone", Schema: 1, Tables: []string{"stone"},
	DDL: `CREATE TABLE stone (id TEXT PRIMARY KEY);`,
	Project: func(ctx context.Context, tx *store.Tx, s *stone) error {
		_, err := tx.Exec(ctx, "INSERT INTO stone (id) VALUES ($1) ON CONFLICT (id) DO NOTHING", s.ID)
		return err
	},
})

// TestARenewalThatFailsLeavesTheOldCopy: restoring takes the newest back-up, so none may stay while the log of an older
// one goes on.
func TestARenewalThatFailsLeavesTheOldCopy(t *testing.T) {
	secret := store.Secret{Passphrase: "төрт сөз жеткілікті"}
	cfg := store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: []store.Registered{stones}, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}
	db, err := store.Create(t.Context(), cfg, secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	stick := t.TempDir()
	c := db.NewCopy(stick, time.Now)
	t.Cleanup(c.Close)
	more := func() {
		t.Helper()
		err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			return tx.Put(t.Context(), &stone{ID: store.NewID[stone](tx), Weight: 1})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	tick := func() {
		t.Helper()
		if err := c.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	more()
	tick()
	if err := c.RenewBroken(t.Context(), more); err == nil {
		t.Fatal("a log that cannot be written is gone on with")
	}
	more()
	tick()
	cfg.Dir = filepath.Join(t.TempDir(), "restored")
	if err := store.Restore(stick, cfg.Dir); err != nil {
		t.Fatal(err)
	}
	twin, err := store.Open(t.Context(), cfg, secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
	if n, err := store.One[int](t.Context(), twin, "stones", "SELECT count(*) FROM stone"); err != nil || n != 3 {
		t.Errorf("%d of 3 are in the copy: %v", n, err)
	}
}
