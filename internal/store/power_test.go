package store_test

import (
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/powercut"
)

var (
	cuts = flag.Int("cuts", 100, "how many times the power goes in TestPowerCuts")
	seed = flag.Uint64("seed", 1, "of the power cuts")
)

// ledgerOfCuts is what was acknowledged, counted outside the database.
type ledgerOfCuts struct {
	mu    sync.Mutex
	rng   *rand.Rand
	acked map[id.ID]string // record → its colour, as last acknowledged
	tried map[id.ID]string // a change that was under way: either may hold
}

// live opens a store on the disk and writes from eight goroutines until the power goes, or until each has written
// enough; then it closes. It returns how many writes were acknowledged. The cut may also fall into the opening, the
// recovery of the cut before, or the closing, when the log is copied into the database.
func (l *ledgerOfCuts) live(t *testing.T, cfg store.Config, enough int) (n int) {
	t.Helper()
	db, err := store.Open(t.Context(), cfg, pass)
	if err != nil {
		return 0 // the power went while it opened
	}
	defer func() { _ = db.Close() }()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range enough {
				rid, colour := l.next()
				err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
					f := &fish{Colour: colour, Owner: "owner of " + colour}
					if f.ID.ID = rid; rid.IsZero() {
						f.ID = store.NewID[fishKind](tx)
						rid = f.ID.ID
					}
					return tx.Put(t.Context(), f)
				})
				if !l.note(rid, colour, err) {
					return
				}
				l.mu.Lock()
				n++
				l.mu.Unlock()
			}
		})
	}
	wg.Wait()
	return n
}

// next chooses a new record, or one that is not being changed just now.
func (l *ledgerOfCuts) next() (id.ID, string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	colour := fmt.Sprintf("%x%s", l.rng.Uint64(), strings.Repeat("·", l.rng.IntN(200)))
	if l.rng.IntN(3) == 0 {
		for rid := range l.acked {
			if _, busy := l.tried[rid]; !busy {
				l.tried[rid] = colour
				return rid, colour
			}
			break
		}
	}
	return id.ID{}, colour
}

// note keeps what came of a write; false when the power is gone.
func (l *ledgerOfCuts) note(rid id.ID, colour string, err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		return false
	}
	l.acked[rid] = colour
	delete(l.tried, rid)
	return true
}

// lost counts what was acknowledged and is not there, or is there in halves.
func (l *ledgerOfCuts) lost(t *testing.T, db *store.DB) (lost int) {
	t.Helper()
	rows, err := store.All(t.Context(), db, func(r *sql.Rows, f *fish) error { return r.Scan(&f.ID, &f.Colour, &f.Owner) }, "SELECT id, colour, owner FROM fish")
	if err != nil {
		t.Fatal(err)
	}
	there := map[id.ID]fish{}
	for _, f := range rows {
		there[f.ID.ID] = f
	}
	for rid, colour := range l.acked {
		f, ok := there[rid]
		if !ok || f.Owner != "owner of "+f.Colour || f.Colour != colour && f.Colour != l.tried[rid] {
			lost++
			delete(l.acked, rid)
			continue
		}
		l.acked[rid] = f.Colour
	}
	clear(l.tried)
	return lost
}

// cutPower lets the power go over and over under one database, and counts.
func cutPower(t *testing.T, synchronous string, times int) (acked, lost, broken int) {
	t.Helper()
	disk := powercut.New(t, *seed)
	l := &ledgerOfCuts{rng: rand.New(rand.NewPCG(*seed, 7)), acked: map[id.ID]string{}, tried: map[id.ID]string{}}
	cfg := config(filepath.Join(t.TempDir(), "centre"))
	cfg.VFS, cfg.Synchronous = disk.Name(), synchronous
	first, err := store.Create(t.Context(), cfg, pass)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range times {
		within := 600
		if i%40 == 39 { // long enough for the log to begin anew
			within = 15_000
		}
		disk.CutAfter(1 + l.rng.IntN(within))
		acked += l.live(t, cfg, 1+l.rng.IntN(within/20))
		disk.Cut() // where it has not come to it
		disk.Recover(t)
		db, err := store.Open(t.Context(), cfg, pass)
		if err != nil {
			broken++
			t.Logf("cut %d: the database does not open: %v", i+1, err)
			return acked, lost, broken
		}
		lost += l.lost(t, db)
		if i%10 == 0 {
			if _, err := db.Verify(t.Context()); err != nil {
				t.Errorf("the ledger after a cut: %v", err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	db, err := store.Open(t.Context(), cfg, pass)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	sound(t, db, -1)
	return acked, lost, broken
}

// TestPowerCuts: whatever moment the power goes at, also while the database recovers from the cut before, nothing
// that was acknowledged is lost or torn. -cuts does it more often, -seed otherwise.
func TestPowerCuts(t *testing.T) {
	acked, lost, broken := cutPower(t, "", *cuts)
	t.Logf("%d cuts, %d acknowledged writes, %d lost", *cuts, acked, lost)
	if lost > 0 || broken > 0 || acked < *cuts {
		t.Errorf("%d of %d acknowledged writes lost, %d databases broken", lost, acked, broken)
	}
}

// TestPowerCutsAreNoticed makes sure that the disk loses what is not flushed: with synchronous=NORMAL there must
// be losses, else TestPowerCuts proves nothing.
func TestPowerCutsAreNoticed(t *testing.T) {
	acked, lost, broken := cutPower(t, "NORMAL", 20)
	t.Logf("NORMAL: %d acknowledged writes, %d lost", acked, lost)
	if lost == 0 && broken == 0 {
		t.Errorf("of %d acknowledged writes none was lost: the disk forgets nothing", acked)
	}
}

// TestADiskFullInTheMiddle: what does not fit says what to do; what was acknowledged stays, what was refused is not
// there, and after room was made the work goes on.
func TestADiskFullInTheMiddle(t *testing.T) {
	disk := powercut.New(t, 1)
	cfg := config(filepath.Join(t.TempDir(), "centre"))
	cfg.VFS = disk.Name()
	db, err := store.Create(t.Context(), cfg, pass)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	kept := 0
	for round := range 5 {
		disk.Room(int64(round * 300_000))
		err := error(nil)
		for err == nil {
			if err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
				return tx.Put(t.Context(), &fish{ID: store.NewID[fishKind](tx), Owner: strings.Repeat("x", 700)})
			}); err == nil {
				kept++
			}
		}
		var say *errs.Error
		if !errors.As(err, &say) || say.Kind != errs.Unavailable || say.Key != "store.disk_full" {
			t.Fatalf("a full disk gave %v", err)
		}
		n, err := store.One[int](t.Context(), db, "count", "SELECT count(*) FROM fish")
		if err != nil || n != kept {
			t.Fatalf("%d fish, want %d; %v", n, kept, err)
		}
	}
	disk.Room(-1)
	put(t, db, &fish{Colour: "after"})
	if kept == 0 {
		t.Error("nothing was kept")
	}
	sound(t, db, -1)
	db = reopenAs(t, db, cfg)
	sound(t, db, -1)
}

// TestADiskThatAnswersWithErrors: a write that met an error is refused; the next ones go on, and nothing
// acknowledged is lost.
func TestADiskThatAnswersWithErrors(t *testing.T) {
	disk := powercut.New(t, 1)
	cfg := config(filepath.Join(t.TempDir(), "centre"))
	cfg.VFS = disk.Name()
	db, err := store.Create(t.Context(), cfg, pass)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	kept, refused := map[id.ID]bool{}, 0
	for i := range 200 {
		if i%5 == 0 {
			disk.Fail(1 + i%7)
		}
		f := &fish{Colour: "red", Owner: strings.Repeat("x", i*10)}
		err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			f.ID = store.NewID[fishKind](tx)
			return tx.Put(t.Context(), f)
		})
		if err != nil {
			refused++
			continue
		}
		kept[f.ID.ID] = true
	}
	disk.Fail(0)
	put(t, db, &fish{Colour: "after"})
	for range 2 {
		for rid := range kept {
			if _, err := fishes.Get(t.Context(), db, rid); err != nil {
				t.Fatalf("acknowledged, and gone: %v", err)
			}
		}
		sound(t, db, -1)
		db = reopenAs(t, db, cfg)
	}
	if refused == 0 || len(kept) == 0 {
		t.Errorf("%d kept, %d refused: nothing was tried", len(kept), refused)
	}
}

func reopenAs(tb testing.TB, db *store.DB, cfg store.Config) *store.DB {
	tb.Helper()
	if err := db.Close(); err != nil {
		tb.Fatal(err)
	}
	again, err := store.Open(tb.Context(), cfg, pass)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = again.Close() })
	return again
}

// TestADamagedLog: of a log that was cut or whose bits have flipped what stands before the damage is there, whole,
// and the database opens.
func TestADamagedLog(t *testing.T) {
	db := create(t)
	for i := range 30 {
		put(t, db, &fish{Colour: fmt.Sprint(i), Owner: strings.Repeat("x", i*20)})
	}
	files := map[string][]byte{} // as a machine that stops now leaves them
	for _, name := range []string{"jumyla.db", "jumyla.db-wal", "keys.json", "incarnation.json"} {
		b, err := os.ReadFile(filepath.Join(db.Dir(), name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = b
	}
	log := files["jumyla.db-wal"]
	for name, damage := range map[string]func(b []byte) []byte{
		"whole":               func(b []byte) []byte { return b },
		"cut inside a block":  func(b []byte) []byte { return b[:len(b)-1000] },
		"cut in the middle":   func(b []byte) []byte { return b[:len(b)/2+7] },
		"a bit near the end":  func(b []byte) []byte { b[len(b)-9000] ^= 1; return b },
		"a bit in the middle": func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
	} {
		dir := filepath.Join(t.TempDir(), "centre")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for file, b := range files {
			if file == "jumyla.db-wal" {
				b = damage(slices.Clone(log))
			}
			if err := os.WriteFile(filepath.Join(dir, file), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		twin, err := store.Open(t.Context(), config(dir), pass)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		n := count(t, twin)
		if name == "whole" && n != 30 || n > 30 {
			t.Errorf("%s: %d fish", name, n)
		}
		sound(t, twin, -1)
		if err := twin.Close(); err != nil {
			t.Error(err)
		}
	}
}
