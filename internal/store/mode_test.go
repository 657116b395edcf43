package store_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/jumyla/jumyla/internal/store"
)

func TestTheDatabaseIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such modes")
	}
	dir := filepath.Join(t.TempDir(), "c")
	db, err := store.Create(t.Context(), store.Config{Dir: dir, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	fi, err := os.Stat(filepath.Join(dir, "jumyla.db"))
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Error(fi.Mode(), err)
	}
}
