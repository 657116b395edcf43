package holders_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// TestACopyDoesNotSayWhoTheKeyHoldersAre: a thief copies the disk, opens the copy and names key-holders of his own. His words come
// back under our name with a higher incarnation; here they count for nothing, before and after this database has opened again.
func TestACopyDoesNotSayWhoTheKeyHoldersAre(t *testing.T) {
	h, err := holders.Of(papers(t)...)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "centre")
	config := func(dir string) store.Config {
		return store.Config{Dir: dir, Kinds: []store.Registered{centre.Kind}, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Now: func() time.Time { return noon }}
	}
	secret := store.Secret{Passphrase: "төрт сөз жеткілікті"}
	ours, err := store.Create(t.Context(), config(dir), secret)
	if err == nil {
		err = ours.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			return centre.Create(t.Context(), tx, &centre.Centre{Name: "Оқу А", Zone: centre.DefaultZone, Langs: []string{"kk"}})
		})
	}
	if err == nil {
		err = holders.Say(t.Context(), ours, store.Actor{}, h)
	}
	if err != nil {
		t.Fatal(err)
	}
	other, third := open(t, "Оқу Б"), open(t, "Оқу В")
	pair(t, ours, other)
	pair(t, ours, third)
	pair(t, other, third)
	if err := ours.Close(); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "copied")
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	open := func(dir string) *store.DB {
		t.Helper()
		db, err := store.Open(t.Context(), config(dir), secret)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	thief := open(copied)
	his, err := holders.Of(papers(t)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := holders.Replace(t.Context(), thief, store.Actor{}, holders.Offer{Holders: his}); err != nil {
		t.Fatal(err)
	}
	goesBy(t, thief, his)
	carry(t, thief, other)
	carry(t, other, third)
	ours = open(dir)
	carry(t, ours, third)
	carry(t, third, ours)
	if said, err := store.Declared(t.Context(), ours, ledger.KindHolders); err != nil || len(said) != 2 {
		t.Fatal("his words do not come back: what is tried here?", len(said), err)
	}
	goesBy(t, ours, h)
	if err := ours.Close(); err != nil {
		t.Fatal(err)
	}
	ours = open(dir) // above the thief's incarnation
	goesBy(t, ours, h)
}
