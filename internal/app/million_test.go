package app_test

import (
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/life"
)

var entries = flag.Int("entries", 0, "how many entries TestRebuildOfMany makes")

// TestRebuildOfMany builds the tables of a busy centre anew, from as many entries as are asked for, none made for the purpose:
// they are what its offices write. It runs for `make bench-rebuild` alone.
func TestRebuildOfMany(t *testing.T) {
	if *entries == 0 {
		t.Skip("SKIPPED: `make bench-rebuild` measures")
	}
	f, clock := &figures{t: t}, life.NewClock(time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC))
	cfg := store.Config{Dir: filepath.Join(t.TempDir(), "busy"), Kinds: app.Kinds(), Now: clock.Now, Synchronous: "OFF", KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}
	db, err := store.Create(t.Context(), cfg, store.Secret{Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}
	o := &life.Office{DB: db, Clock: clock, Pace: 8 * time.Second, Seed: 1}
	start := time.Now()
	if err := o.Until(t.Context(), *entries); err != nil {
		t.Fatal(err)
	}
	mix, err := store.All(t.Context(), db, func(r *sql.Rows, v *string) error {
		var class string
		var n int
		err := r.Scan(&class, &n)
		*v = fmt.Sprintf("%d %s", n, class)
		return err
	}, "SELECT class, sum(seq) FROM ledger_lane GROUP BY class ORDER BY 2 DESC")
	if err != nil {
		t.Fatal(err)
	}
	f.add("entries", strings.Join(mix, ", "), "written in %s, nothing waited for the disk", short(time.Since(start)))
	if err := db.Close(); err != nil { // what was read meanwhile is forgotten, as after an update of the program
		t.Fatal(err)
	}
	fi, err := os.Stat(filepath.Join(cfg.Dir, "jumyla.db"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Synchronous = ""
	if db, err = store.Open(t.Context(), cfg, store.Secret{Passphrase: passphrase}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	n, err := store.LastEntry(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	f.add("on the disk", fmt.Sprintf("%d bytes an entry", fi.Size()/n), "with all tables and their indexes")
	f.rebuild(db)
	f.add("memory", peak(), "the most that the whole process had, filling included")
}

// peak is the most memory that this process had; "unknown" where the system does not say.
func peak() string {
	b, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(b)) {
		var kb int64
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kb); err == nil {
			return mega(kb * 1024)
		}
	}
	return "unknown"
}
