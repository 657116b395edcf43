package store

import (
	"testing"
	"testing/fstest"

	"github.com/jumyla/jumyla/internal/store/cipher"
)

// TestALaterVersionFillsAGap opens what an older version made with one whose new migration has a number between.
func TestALaterVersionFillsAGap(t *testing.T) {
	db, err := connect(Config{Dir: t.TempDir(), VFS: cipher.Name(), Synchronous: "OFF"}, make([]byte, 32), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	table := func(name string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE " + name + " (n INTEGER);\n")}
	}
	older := fstest.MapFS{"00001_first.sql": table("first"), "00060_later.sql": table("later")}
	newer := fstest.MapFS{"00001_first.sql": table("first"), "00040_between.sql": table("between_them"), "00060_later.sql": table("later")}
	for _, dir := range []fstest.MapFS{older, newer, newer} {
		if err := migrateBy(t.Context(), db, dir); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"first", "between_them", "later"} {
		if _, err := db.ExecContext(t.Context(), "INSERT INTO "+name+" VALUES (1)"); err != nil {
			t.Error(err)
		}
	}
}
