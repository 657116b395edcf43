package store_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
)

// TestDestroy takes the keys away under a program that has the folder open: nothing there opens any more, the slots are
// written over where they lay, and what was backed up before comes back.
func TestDestroy(t *testing.T) {
	db := create(t)
	put(t, db, &fish{Colour: "red", Owner: "Ойдан"})
	file := filepath.Join(t.TempDir(), "b.jumyla")
	if err := db.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(db.Dir(), "keys.json")
	was, err := os.ReadFile(keys)
	if err != nil {
		t.Fatal(err)
	}
	held, err := os.Open(keys) // what lies on the disk, whatever becomes of the name
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if pid, err := store.Destroy(db.Dir()); err != nil || pid != os.Getpid() {
		t.Fatal(pid, err)
	}
	if now, err := io.ReadAll(held); err != nil || len(now) < len(was) || bytes.Contains(now, was[20:60]) {
		t.Errorf("the slots still lie there: %q %v", now, err)
	}
	if _, err := os.Stat(keys); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), config(db.Dir()), pass); !errs.Is(err, errs.NotFound) {
		t.Errorf("it opens: %v", err)
	}
	if pid, err := store.Destroy(db.Dir()); err != nil || pid != 0 {
		t.Error("again:", pid, err)
	}
	if _, err := store.Destroy(t.TempDir()); !errs.Is(err, errs.NotFound) {
		t.Error("nothing to destroy:", err)
	}
	dir := filepath.Join(t.TempDir(), "restored")
	if err := store.Restore(file, dir); err != nil {
		t.Fatal(err)
	}
	again, err := store.Open(t.Context(), config(dir), pass)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n := count(t, again); n != 1 {
		t.Error(n, "fish")
	}
}
