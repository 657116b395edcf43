package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type fishKind struct{}

type fish struct {
	ID     id.Of[fishKind]
	Colour string    `coord:"colour"`
	Weight int       `coord:"weight"`
	Owner  string    `body:"owner"`
	Seen   time.Time `body:"seen"`
}

var fishes = store.Define(store.Spec[fish]{
	Name: "fish", Schema: 1, Tables: []string{"fish"},
	DDL: `CREATE TABLE fish (id TEXT PRIMARY KEY, colour TEXT NOT NULL, weight INTEGER NOT NULL, owner TEXT NOT NULL);`,
	Project: func(ctx context.Context, tx *store.Tx, f *fish) error {
		_, err := tx.Exec(ctx, `INSERT INTO fish (id, colour, weight, owner) VALUES ($1,$2,$3,$4)
			ON CONFLICT (id) DO UPDATE SET colour=$2, weight=$3, owner=$4`, f.ID, f.Colour, f.Weight, f.Owner)
		return err
	},
})

var (
	cheap = store.KDF{Time: 1, Memory: 64, Threads: 1}
	pass  = store.Secret{Passphrase: "төрт сөз жеткілікті"}
)

func config(dir string) store.Config {
	return store.Config{Dir: dir, Kinds: []store.Registered{fishes}, KDF: cheap}
}

func create(tb testing.TB) *store.DB {
	tb.Helper()
	db, err := store.Create(tb.Context(), config(filepath.Join(tb.TempDir(), "centre")), pass)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func put(tb testing.TB, db *store.DB, f *fish) {
	tb.Helper()
	err := db.Write(tb.Context(), store.Actor{}, func(tx *store.Tx) error {
		if f.ID.IsZero() {
			f.ID = store.NewID[fishKind](tx)
		}
		return tx.Put(tb.Context(), f)
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func reopen(tb testing.TB, db *store.DB) *store.DB {
	tb.Helper()
	if err := db.Close(); err != nil {
		tb.Fatal(err)
	}
	again, err := store.Open(tb.Context(), config(db.Dir()), pass)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = again.Close() })
	return again
}

func sound(tb testing.TB, db *store.DB, entries int) {
	tb.Helper()
	before, after, err := db.Rebuild(tb.Context())
	if err != nil || before != after {
		tb.Fatalf("rebuild: %v; state %.8s, then %.8s", err, before, after)
	}
	if n, err := db.Verify(tb.Context()); err != nil || entries >= 0 && n != entries {
		tb.Fatalf("verify: %d entries, %v; want %d", n, err, entries)
	}
}

func TestPutReadsBackAndSurvives(t *testing.T) {
	db := create(t)
	f := &fish{Colour: "red", Owner: "Сәуле", Seen: time.Date(2022, 1, 12, 9, 0, 0, 5000, time.UTC)}
	put(t, db, f)
	put(t, db, f) // nothing new: nothing written
	f.Colour = "blue"
	put(t, db, f)
	db = reopen(t, db)
	got, err := fishes.Get(t.Context(), db, f.ID.ID)
	if err != nil || *got != *f {
		t.Fatalf("%+v %v, want %+v", got, err, f)
	}
	sound(t, db, 3)
	ev, err := store.History(t.Context(), db, f.ID.ID)
	if err != nil || len(ev) != 2 || ev[0].Text("owner") != "Сәуле" || ev[1].Text("colour") != "blue" || ev[1].Text("owner") != "" {
		t.Fatalf("%+v %v", ev, err)
	}
	if _, err := fishes.Get(t.Context(), db, id.New(time.Now())); !errs.Is(err, errs.NotFound) {
		t.Fatal(err)
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	db := create(t)
	put(t, db, &fish{Colour: "red"})
	for name, fn := range map[string]func(tx *store.Tx) error{
		"error": func(*store.Tx) error { return errs.New(errs.Invalid, "error.invalid") },
		"panic": func(*store.Tx) error { panic("x") },
		"sql":   func(tx *store.Tx) error { _, err := tx.Exec(t.Context(), "INSERT INTO nowhere VALUES (1)"); return err },
	} {
		err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			if err := tx.Put(t.Context(), &fish{ID: store.NewID[fishKind](tx), Colour: "lost"}); err != nil {
				return err
			}
			return fn(tx)
		})
		if err == nil {
			t.Fatal(name, "was written")
		}
	}
	put(t, db, &fish{Colour: "green"})
	sound(t, db, 2)
}

func TestManyWritersShareCommits(t *testing.T) {
	db := create(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 25 {
				put(t, db, &fish{Colour: "red", Owner: "x"})
			}
		})
	}
	wg.Wait()
	n, err := store.One[int](t.Context(), db, "count", "SELECT count(*) FROM fish")
	if err != nil || n != 500 {
		t.Fatal(n, err)
	}
	sound(t, db, 1000)
}

func TestSecretsAndLock(t *testing.T) {
	db := create(t)
	var busy *store.InUseError
	if _, err := store.Open(t.Context(), config(db.Dir()), pass); !errors.As(err, &busy) || busy.PID != os.Getpid() {
		t.Fatalf("second program: %v", err)
	}
	put(t, db, &fish{Colour: "red", Owner: "Құпия Есімова"})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), config(db.Dir()), store.Secret{Passphrase: "бөтен сөз"}); !errs.Is(err, errs.Denied) {
		t.Fatal(err)
	}
	if _, err := store.Create(t.Context(), config(t.TempDir()), store.Secret{Passphrase: "short"}); !errs.Is(err, errs.Invalid) {
		t.Fatal(err)
	}
	for _, name := range []string{"jumyla.db", "jumyla.db-wal"} {
		b, err := os.ReadFile(filepath.Join(db.Dir(), name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, plain := range []string{"Құпия", "SQLite format", "ledger_entry"} {
			if strings.Contains(string(b), plain) {
				t.Errorf("%s holds %q in the clear", name, plain)
			}
		}
	}
}

func TestCopyOpensANewIncarnation(t *testing.T) {
	db := create(t)
	put(t, db, &fish{Colour: "red"})
	file := filepath.Join(t.TempDir(), "b.jumyla")
	if err := db.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "restored")
	if err := store.Restore(file, dir); err != nil {
		t.Fatal(err)
	}
	twin, err := store.Open(t.Context(), config(dir), pass)
	if err != nil {
		t.Fatal(err)
	}
	defer twin.Close()
	put(t, twin, &fish{Colour: "blue"})
	lanes, err := store.All(t.Context(), twin, func(r *sql.Rows, v *int) error { return r.Scan(v) }, "SELECT incarnation FROM ledger_lane ORDER BY id")
	if err != nil || len(lanes) != 3 || lanes[0] != 1 || lanes[1] < 2 || lanes[2] != lanes[1] {
		t.Fatal(lanes, err)
	}
	sound(t, twin, 3)
	second := filepath.Join(t.TempDir(), "second")
	if err := store.Restore(file, second); err != nil {
		t.Fatal(err)
	}
	other, err := store.Open(t.Context(), config(second), pass)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var n int
	if err := other.QueryRow(t.Context(), "SELECT max(incarnation) FROM ledger_lane").Scan(&n); err != nil || n == lanes[1] {
		t.Fatalf("two databases from one back-up opened the same incarnation %d: %v", n, err)
	}
	if err := store.Restore(file, dir); !errs.Is(err, errs.Conflict) {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad")
	if err := os.WriteFile(bad, []byte("no tar"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Restore(bad, t.TempDir()); !errs.Is(err, errs.Invalid) {
		t.Fatal(err)
	}
}

func TestADamagedBackUpLeavesRoomForAnother(t *testing.T) {
	db := create(t)
	put(t, db, &fish{Colour: "red"})
	file := filepath.Join(t.TempDir(), "backup")
	if err := db.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cut, dir := filepath.Join(t.TempDir(), "cut"), filepath.Join(t.TempDir(), "centre")
	for _, n := range []int{len(whole) - 2000, 5000, 600} {
		if err := os.WriteFile(cut, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := store.Restore(cut, dir); !errs.Is(err, errs.Invalid) {
			t.Fatalf("%d bytes of %d: %v", n, len(whole), err)
		}
	}
	wal := filepath.Join(dir, "jumyla.db-wal")
	if err := os.WriteFile(wal, []byte("of another database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Restore(file, dir); !errs.Is(err, errs.Conflict) {
		t.Fatalf("restored beside another's log: %v", err)
	}
	if err := os.Remove(wal); err != nil {
		t.Fatal(err)
	}
	if err := store.Restore(file, dir); err != nil {
		t.Fatal(err)
	}
}

func TestEraseForgetsAndStaysSound(t *testing.T) {
	db := create(t)
	f := &fish{Colour: "red", Owner: "Сәуле"}
	put(t, db, f)
	err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return tx.Erase(t.Context(), f.ID.ID) })
	if err != nil {
		t.Fatal(err)
	}
	got, err := fishes.Get(t.Context(), db, f.ID.ID)
	if err != nil || got.Owner != "" || got.Colour != "red" {
		t.Fatal(got, err)
	}
	sound(t, db, 3)
	ev, err := store.History(t.Context(), db, f.ID.ID)
	if err != nil || len(ev) != 2 || ev[0].Text("owner") != "" || !ev[1].Erased {
		t.Fatal(ev, err)
	}
}

func TestVerifyNamesTheFirstBadEntry(t *testing.T) {
	for name, change := range map[string]string{
		"changed":  "UPDATE ledger_entry SET raw = substr(raw, 1, length(raw)-1) || x'00' WHERE n=2",
		"removed":  "DELETE FROM ledger_entry WHERE n=2",
		"cut off":  "DELETE FROM ledger_entry WHERE n=3",
		"resigned": "UPDATE ledger_lane SET seq=2, hash=(SELECT hash FROM ledger_entry WHERE n=2)",
	} {
		db := create(t)
		for _, c := range []string{"red", "green", "blue"} {
			put(t, db, &fish{Colour: c})
		}
		err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { _, err := tx.Exec(t.Context(), change); return err })
		if err != nil {
			t.Fatal(name, err)
		}
		var fault *store.FaultError
		if _, err := db.Verify(t.Context()); !errors.As(err, &fault) || fault.Seq < 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStaleFormAndDoubleClick(t *testing.T) {
	db := create(t)
	f := &fish{Colour: "red"}
	put(t, db, f)
	version, err := store.Version(t.Context(), db, f.ID.ID)
	if err != nil {
		t.Fatal(err)
	}
	f.Colour = "blue"
	put(t, db, f)
	err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return tx.Expect(t.Context(), f.ID.ID, version) })
	if !errs.Is(err, errs.Conflict) {
		t.Fatal(err)
	}
	for i := range 2 {
		err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			got, seen, err := tx.Once(t.Context(), "token")
			if err != nil || seen != (i == 1) || seen && got != "/r/1" {
				t.Errorf("click %d: %q %v %v", i, got, seen, err)
			}
			if seen {
				return nil
			}
			return tx.Done(t.Context(), "token", "/r/1")
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestIdentitiesOfATransactionAreInOrder(t *testing.T) {
	db := create(t)
	err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		for last, i := tx.NewID(), 0; i < 1000; i++ {
			next := tx.NewID()
			if next.String() <= last.String() {
				t.Fatalf("%s after %s", next, last)
			}
			last = next
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLease(t *testing.T) {
	db := create(t)
	a, b := id.New(time.UnixMilli(1)), id.New(time.UnixMilli(2))
	take := func(who id.ID, d time.Duration) (holder string) {
		err := db.Write(t.Context(), who, func(tx *store.Tx) (err error) {
			holder, err = tx.Lease(t.Context(), "call/1", who, tx.Now.Add(d))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return holder
	}
	if h := take(a, time.Minute); h != "" {
		t.Fatal(h)
	}
	if h := take(b, time.Minute); h != a.String() {
		t.Fatal("two hold it", h)
	}
	if h := take(a, -time.Second); h != "" {
		t.Fatal("renewal refused", h)
	}
	if h := take(b, time.Minute); h != "" {
		t.Fatal("an expired lease still holds", h)
	}
}

func TestFullDiskSaysSo(t *testing.T) {
	db := create(t)
	put(t, db, &fish{Colour: "red"})
	limit := func(q string) {
		if err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { _, err := tx.Exec(t.Context(), q); return err }); err != nil {
			t.Fatal(err)
		}
	}
	limit("PRAGMA max_page_count=60")
	var err error
	kept := 1
	for range 2000 {
		err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			return tx.Put(t.Context(), &fish{ID: store.NewID[fishKind](tx), Owner: strings.Repeat("x", 400)})
		})
		if err != nil {
			break
		}
		kept++
	}
	if !errs.Is(err, errs.Unavailable) {
		t.Fatalf("a full disk gave %v", err)
	}
	limit("PRAGMA max_page_count=100000")
	put(t, db, &fish{Owner: "after"})
	n, err := store.One[int](t.Context(), db, "count", "SELECT count(*) FROM fish")
	if err != nil || n != kept+1 {
		t.Fatalf("%d fish, want %d; %v", n, kept+1, err)
	}
	sound(t, db, -1)
}

func TestDollarsAreNumbers(t *testing.T) {
	db := create(t)
	var a, b, c, d string
	err := db.QueryRow(t.Context(), "SELECT $2, $1, $2, '$1 -- ' /* $9 */ -- $8", "one", "two").Scan(&a, &b, &c, &d)
	if err != nil || a != "two" || b != "one" || c != "two" || d != "$1 -- " {
		t.Fatal(a, b, c, d, err)
	}
}

func TestPragmasHoldOnEveryConnection(t *testing.T) {
	db := create(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for q, want := range map[string]string{"PRAGMA synchronous": "3", "PRAGMA journal_mode": "wal", "PRAGMA foreign_keys": "1", "PRAGMA query_only": "1"} {
				if got, err := store.One[string](t.Context(), db, q, q); err != nil || got != want {
					t.Errorf("%s = %q, %v; want %q", q, got, err, want)
				}
			}
			if _, err := store.All(t.Context(), db, func(*sql.Rows, *int) error { return nil }, "DELETE FROM fish"); err == nil {
				t.Error("a reader wrote")
			}
		})
	}
	wg.Wait()
}

func BenchmarkWrite20Clients(b *testing.B) {
	db := create(b)
	b.SetParallelism(10)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			put(b, db, &fish{Colour: "red", Owner: "Сәуле"})
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
}
