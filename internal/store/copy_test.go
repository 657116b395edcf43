package store_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/store/second"
)

func count(t *testing.T, db *store.DB) int {
	t.Helper()
	n, err := store.One[int](t.Context(), db, "count", "SELECT count(*) FROM fish")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// restored opens what a copy's folder gives, in a new place.
func restored(t *testing.T, from string) *store.DB {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "restored")
	if err := store.Restore(from, dir); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), config(dir), pass)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	sound(t, db, -1)
	return db
}

func tick(t *testing.T, c *second.Copy) {
	t.Helper()
	if err := c.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func logFile(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(names) != 2 {
		t.Fatalf("a copy is a back-up and a log: %v %v", names, err)
	}
	return names[1]
}

func TestSecondCopy(t *testing.T) {
	db := create(t)
	stick := t.TempDir()
	now := time.Date(2026, 11, 27, 14, 31, 20, 0, time.UTC)
	c := db.NewCopy(stick, func() time.Time { return now })
	defer c.Close()
	if !c.State().Stale(now) {
		t.Error("a copy that was never made is not stale")
	}
	put(t, db, &fish{Colour: "red", Owner: "Сәуле"})
	tick(t, c)
	size := func() int64 {
		fi, err := os.Stat(logFile(t, stick))
		if err != nil {
			t.Fatal(err)
		}
		return fi.Size()
	}
	empty := size()
	tick(t, c) // nothing new
	if size() != empty {
		t.Error("an idle tick wrote")
	}
	f := &fish{Colour: "blue", Owner: "Құпия Есімова"}
	put(t, db, f)
	err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		for range 700 { // more than a frame
			if err := tx.Put(t.Context(), &fish{ID: store.NewID[fishKind](tx), Colour: "green"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f.Owner = "Басқа Есім"
	put(t, db, f)
	tick(t, c)
	if at := c.State().At; !at.Equal(now) || c.State().Stale(now.Add(50*time.Second)) || !c.State().Stale(now.Add(61*time.Second)) {
		t.Errorf("state %+v", c.State())
	}
	b, err := os.ReadFile(logFile(t, stick))
	if err != nil || bytes.Contains(b, []byte("Құпия")) || bytes.Contains(b, []byte("fish")) {
		t.Fatal("the copy can be read by anybody", err)
	}
	twin := restored(t, stick)
	got, err := fishes.Get(t.Context(), twin, f.ID.ID)
	if err != nil || got.Owner != "Басқа Есім" || count(t, twin) != 702 {
		t.Fatal(got, err, count(t, twin))
	}
	put(t, twin, &fish{Colour: "after"}) // in an incarnation of its own
	sound(t, twin, -1)
}

func TestSecondCopyIsPulledOutAndPutBack(t *testing.T) {
	db := create(t)
	stick := filepath.Join(t.TempDir(), "stick")
	now := time.Date(2026, 11, 27, 14, 0, 0, 0, time.UTC)
	c := db.NewCopy(stick, func() time.Time { return now })
	defer c.Close()
	if err := c.Tick(t.Context()); !errs.Is(err, errs.Unavailable) {
		t.Fatalf("no stick: %v", err)
	}
	plug := func() {
		if err := os.MkdirAll(stick, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	plug()
	put(t, db, &fish{Colour: "red"})
	tick(t, c)
	if err := os.RemoveAll(stick); err != nil {
		t.Fatal(err)
	}
	put(t, db, &fish{Colour: "written while it was away"})
	now = now.Add(2 * time.Minute)
	if err := c.Tick(t.Context()); err == nil || c.State().Err == nil || !c.State().Stale(now) {
		t.Fatalf("pulled out, and nobody noticed: %v %+v", err, c.State())
	}
	plug()
	tick(t, c)
	put(t, db, &fish{Colour: "blue"})
	tick(t, c)
	if n := count(t, restored(t, stick)); n != 3 || c.State().Stale(now) {
		t.Fatalf("%d fish, %+v", n, c.State())
	}
}

// A device that is pulled out while something is written has the part before it, whole.
func TestSecondCopyThatEndsInTheMiddle(t *testing.T) {
	db := create(t)
	stick := t.TempDir()
	c := db.NewCopy(stick, time.Now)
	defer c.Close()
	tick(t, c)
	put(t, db, &fish{Colour: "red", Owner: "a"})
	tick(t, c)
	log := logFile(t, stick)
	before, err := os.Stat(log)
	if err != nil {
		t.Fatal(err)
	}
	put(t, db, &fish{Colour: "blue", Owner: "b"})
	tick(t, c)
	whole, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int64{int64(len(whole)) - 1, before.Size() + 3, before.Size(), 20, 0} {
		if err := os.WriteFile(log, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		want := 1
		if n < before.Size() {
			want = 0
		}
		if got := count(t, restored(t, stick)); got != want {
			t.Errorf("%d bytes of %d: %d fish, want %d", n, len(whole), got, want)
		}
	}
	flipped := bytes.Clone(whole)
	flipped[before.Size()+40] ^= 1
	if err := os.WriteFile(log, flipped, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := count(t, restored(t, stick)); got != 1 {
		t.Errorf("a flipped bit: %d fish, want 1", got)
	}
}

func TestSecondCopyForgets(t *testing.T) {
	db := create(t)
	stick := t.TempDir()
	c := db.NewCopy(stick, time.Now)
	defer c.Close()
	f := &fish{Colour: "red", Owner: "Сәуле"}
	put(t, db, f)
	tick(t, c)
	if err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return tx.Erase(t.Context(), f.ID.ID) }); err != nil {
		t.Fatal(err)
	}
	tick(t, c)
	forgotten := func() {
		t.Helper()
		got, err := fishes.Get(t.Context(), restored(t, stick), f.ID.ID)
		if err != nil || got.Owner != "" || got.Colour != "red" {
			t.Fatal(got, err)
		}
	}
	forgotten()
	old := logFile(t, stick)
	if err := c.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if logFile(t, stick) == old {
		t.Error("the back-up beneath was not made anew")
	}
	put(t, db, &fish{Colour: "blue"})
	tick(t, c)
	forgotten()
}

// While a copy is kept by a program that runs, many write; what is restored is what they wrote.
func TestSecondCopyBesideWriters(t *testing.T) {
	db := create(t)
	stick := t.TempDir()
	c := db.NewCopy(stick, time.Now)
	ctx, cancel := context.WithCancel(t.Context())
	ticks, done := make(chan time.Time), make(chan struct{})
	go func() {
		c.Run(ctx, ticks)
		close(done)
	}()
	var mu sync.Mutex
	var ids []id.ID
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 40 {
				f := &fish{Colour: "red", Owner: "x"}
				put(t, db, f)
				mu.Lock()
				ids = append(ids, f.ID.ID)
				mu.Unlock()
				select {
				case ticks <- time.Time{}:
				default:
				}
			}
		})
	}
	wg.Wait()
	ticks <- time.Time{}
	ticks <- time.Time{} // taken when the one before is done
	cancel()
	<-done
	c.Close()
	twin := restored(t, stick)
	for _, rid := range ids {
		if _, err := fishes.Get(t.Context(), twin, rid); err != nil {
			t.Fatalf("not in the copy: %v", err)
		}
	}
}

func TestCopiesOfSeveralCentresOnOneStick(t *testing.T) {
	stick := t.TempDir()
	for _, colour := range []string{"red", "blue"} {
		db := create(t)
		put(t, db, &fish{Colour: colour})
		c := db.NewCopy(stick, time.Now)
		tick(t, c)
		c.Close()
	}
	if err := store.Restore(stick, filepath.Join(t.TempDir(), "x")); !errs.Is(err, errs.Invalid) {
		t.Fatalf("which of two? %v", err)
	}
	folders, err := filepath.Glob(filepath.Join(stick, "*"))
	if err != nil || len(folders) != 2 {
		t.Fatal(folders, err)
	}
	if n := count(t, restored(t, folders[1])); n != 1 {
		t.Fatal(n)
	}
	if err := store.Restore(t.TempDir(), filepath.Join(t.TempDir(), "y")); !errs.Is(err, errs.NotFound) {
		t.Fatalf("an empty folder: %v", err)
	}
}
