package exchange

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger/bundle"
)

// TestStoppedBeforeTheEnd: whoever is stopped when all entries of a file are in, and before what they change of older
// ones is decided, goes on with that when the file is read again.
func TestStoppedBeforeTheEnd(t *testing.T) {
	a, b := paired(t)
	stick := t.TempDir()
	copyOf := filepath.Join(t.TempDir(), "copy.jumyla")
	call(t, a, "472190")
	if err := a.Backup(t.Context(), copyOf); err != nil {
		t.Fatal(err)
	}
	call(t, a, "583181") // lost with the first life: what B took of it no longer counts
	take(t, b, bring(t, a, b, stick))
	second, _ := restored(t, copyOf)
	file := bring(t, second, b, stick)
	stopBeforeEnd(t, b, file)
	if n := unsettled(t, b); n != 1 {
		t.Fatalf("%d centres are noted", n)
	}
	if r := take(t, b, file); r.New != 0 {
		t.Errorf("%d entries were new", r.New)
	}
	if n := unsettled(t, b); n != 0 {
		t.Errorf("%d centres are still noted", n)
	}
	same(t, b)
}

// TestStoppedBeforeARebuild: the tables are finished before they are compared.
func TestStoppedBeforeARebuild(t *testing.T) {
	a, b := paired(t)
	stick := t.TempDir()
	copyOf := filepath.Join(t.TempDir(), "copy.jumyla")
	if err := a.Backup(t.Context(), copyOf); err != nil {
		t.Fatal(err)
	}
	call(t, a, "583181")
	take(t, b, bring(t, a, b, stick))
	second, _ := restored(t, copyOf)
	stopBeforeEnd(t, b, bring(t, second, b, stick))
	same(t, b)
}

// stopBeforeEnd takes in a file's entries as far as a program that is killed at the worst moment.
func stopBeforeEnd(t *testing.T, db *store.DB, file string) {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "spool")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out Read
	us, err := reader(t.Context(), db, &out)
	if err == nil {
		err = gather([]string{file}, f)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, coming, err := check(t.Context(), db, f, us, &out)
	if err == nil {
		err = each(f, us, func(c bundle.Chunk) error { return coming.apply(t.Context(), int(c.Range), parcels(c)) })
	}
	if err != nil {
		t.Fatal(err)
	}
}

func unsettled(t *testing.T, db *store.DB) int {
	t.Helper()
	n, err := store.One[int](t.Context(), db, "centres", "SELECT count(*) FROM exchange_again")
	if err != nil {
		t.Fatal(err)
	}
	return n
}
