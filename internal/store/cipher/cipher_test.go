package cipher_test

import (
	"crypto/sha256"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/jumyla/jumyla/internal/store/cipher"
)

func open(tb testing.TB, path, system, key string) *sqlite3.Conn {
	tb.Helper()
	c, err := sqlite3.OpenContext(tb.Context(), "file:"+filepath.ToSlash(path)+"?vfs="+system)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	if err := c.Exec("PRAGMA hexkey='" + strings.Repeat(key, 32) + "'"); err != nil {
		tb.Fatal(err)
	}
	return c
}

func words(tb testing.TB, c *sqlite3.Conn) (n int) {
	tb.Helper()
	st, _, err := c.Prepare("SELECT count(*) FROM word WHERE text='сөз'")
	if err != nil {
		return -1
	}
	defer st.Close()
	if st.Step() {
		n = st.ColumnInt(0)
	}
	return n
}

// TestTheFormatIsTheLibrarys: databases that were written before this package was can be opened, and the other way round;
// with another key nothing can be read.
func TestTheFormatIsTheLibrarys(t *testing.T) {
	for _, c := range [][2]string{{cipher.Name(), "adiantum"}, {"adiantum", cipher.Name()}} {
		path := filepath.Join(t.TempDir(), "x.db")
		db := open(t, path, c[0], "a5")
		if err := db.Exec("PRAGMA journal_mode=WAL; CREATE TABLE word (text TEXT); INSERT INTO word VALUES ('сөз'), ('сөз')"); err != nil {
			t.Fatal(err)
		}
		if n := words(t, open(t, path, c[1], "a5")); n != 2 {
			t.Errorf("written by %s, read by %s: %d rows", c[0], c[1], n)
		}
		if n := words(t, open(t, path, c[0], "b7")); n != -1 {
			t.Errorf("another key reads %d rows", n)
		}
	}
}

// BenchmarkHashAfterAPage reads an encrypted page and hashes 64 KiB: by this file system, and by the library's alone.
func BenchmarkHashAfterAPage(b *testing.B) {
	for _, name := range []string{cipher.Name(), "adiantum"} {
		b.Run(name, func(b *testing.B) {
			db := open(b, filepath.Join(b.TempDir(), "x.db"), name, "a5")
			if err := db.Exec("CREATE TABLE word (text TEXT)"); err != nil {
				b.Fatal(err)
			}
			at, err := db.FileControl("main", sqlite3.FCNTL_FILE_POINTER)
			file, ok := at.(vfs.File)
			if err != nil || !ok {
				b.Fatal(at, err)
			}
			page, buf := make([]byte, 4096), make([]byte, 64<<10)
			b.SetBytes(int64(len(buf)))
			for b.Loop() {
				if _, err := file.ReadAt(page, 0); err != nil {
					b.Fatal(err)
				}
				sha256.Sum256(buf)
			}
		})
	}
}
