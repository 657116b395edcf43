package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/powercut"
)

// tank is a centre on a bad disk whose tables say otherwise than its ledger: a rebuild mends it, or has not happened.
type tank struct {
	disk *powercut.Disk
	cfg  store.Config
	db   *store.DB
	fish int
}

func fill(t *testing.T, seed uint64, synchronous string) *tank {
	t.Helper()
	k := &tank{disk: powercut.New(t, seed)}
	k.cfg = config(filepath.Join(t.TempDir(), "centre"))
	k.cfg.VFS, k.cfg.Synchronous = k.disk.Name(), synchronous
	var err error
	if k.db, err = store.Create(t.Context(), k.cfg, pass); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.db.Close() })
	return k
}

// put acknowledges n more fish, and lets the tables say otherwise of all of them.
func (k *tank) put(t *testing.T, n int) {
	t.Helper()
	for range n {
		put(t, k.db, &fish{Colour: "true", Owner: strings.Repeat("x", 900)})
		k.fish++
	}
	err := k.db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE fish SET colour='false'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// count returns how many fish there are, and of how many the tables do not say what the ledger does.
func (k *tank) count(t *testing.T) (all, wrong int) {
	t.Helper()
	err := k.db.QueryRow(t.Context(), "SELECT count(*), coalesce(sum(colour='false'), 0) FROM fish").Scan(&all, &wrong)
	if err != nil {
		t.Fatal(err)
	}
	return all, wrong
}

// mended reports whether the tables say what the ledger does; half of them never may.
func (k *tank) mended(t *testing.T) bool {
	t.Helper()
	all, wrong := k.count(t)
	if all != k.fish || wrong != 0 && wrong != all {
		t.Fatalf("%d fish were acknowledged, %d are there, %d are not rebuilt", k.fish, all, wrong)
	}
	return wrong == 0
}

// strides are the steps at which something is to happen: every one while that is cheap, and some of many.
func strides(all int) (out []int) {
	for n := 1; n <= all; n += 1 + n/6 {
		out = append(out, n)
	}
	return out
}

// rebuildSteps is how many writes and flushes a rebuild makes.
func (k *tank) rebuildSteps(t *testing.T) int {
	t.Helper()
	before := k.disk.Steps()
	if _, _, err := k.db.Rebuild(t.Context()); err != nil || !k.mended(t) {
		t.Fatal(err)
	}
	return k.disk.Steps() - before
}

// cutRebuilds lets the power go at any write or flush of a rebuild, and of the recovery after it. It returns how many cuts fell
// before the rebuild counted and after, and how many databases had lost or torn something that was acknowledged.
func cutRebuilds(t *testing.T, synchronous string) (before, after, lost int) {
	t.Helper()
	k := fill(t, *seed, synchronous)
	k.put(t, 60)
	steps := k.rebuildSteps(t)
	for _, n := range strides(steps + 4) {
		k.put(t, 1)
		k.disk.CutAfter(n)
		_, _, _ = k.db.Rebuild(t.Context())
		k.disk.Cut()
		_ = k.db.Close()
		k.disk.Recover(t)
		var err error
		if k.db, err = store.Open(t.Context(), k.cfg, pass); err != nil {
			t.Logf("cut at %d of %d: %v", n, steps, err)
			return before, after, lost + 1
		}
		fish, wrong := k.count(t)
		_, damaged := k.db.Verify(t.Context())
		switch {
		case fish != k.fish || wrong != 0 && wrong != fish || damaged != nil:
			t.Logf("cut at %d of %d: %d fish of %d, %d not rebuilt, %v", n, steps, fish, k.fish, wrong, damaged)
			k.fish, lost = fish, lost+1
		case wrong == 0:
			after++
		default:
			before++
		}
	}
	sound(t, k.db, -1)
	return before, after, lost
}

// TestPowerCutsInARebuild: what was acknowledged is there, the tables are the old ones or the new ones, and the next rebuild is
// whole.
func TestPowerCutsInARebuild(t *testing.T) {
	before, after, lost := cutRebuilds(t, "")
	t.Logf("%d cuts before it counted, %d after", before, after)
	if lost > 0 || before == 0 || after == 0 {
		t.Errorf("%d databases lost something; %d cuts fell before the rebuild counted, %d after", lost, before, after)
	}
}

// TestPowerCutsInARebuildAreNoticed makes sure that the test above can fail: with synchronous=NORMAL there must be losses.
func TestPowerCutsInARebuildAreNoticed(t *testing.T) {
	if _, _, lost := cutRebuilds(t, "NORMAL"); lost == 0 {
		t.Error("nothing was lost: the disk forgets nothing")
	}
}

// TestARebuildSaysWhatHappened: an error of the disk at any step, or no room for it. A rebuild that says that it failed has changed
// nothing; one that was committed says so, though the log could not be emptied afterwards. The next write goes on.
func TestARebuildSaysWhatHappened(t *testing.T) {
	k := fill(t, 1, "")
	k.put(t, 60)
	steps := k.rebuildSteps(t)
	failed, after := 0, 0
	for _, n := range strides(steps + 2) {
		k.put(t, 1)
		from := k.disk.Steps()
		k.disk.FailAt(n)
		_, _, err := k.db.Rebuild(t.Context())
		met := k.disk.Steps()-from >= n
		k.disk.FailAt(0)
		switch mended := k.mended(t); {
		case err != nil && mended:
			t.Errorf("step %d of %d: it is rebuilt, and says %v", n, steps, err)
		case err == nil && !mended:
			t.Errorf("step %d of %d: it says that it is rebuilt", n, steps)
		case err != nil:
			failed++
		case met:
			after++
		}
	}
	t.Logf("%d steps, %d failed, %d met an error after they counted", steps, failed, after)
	if failed == 0 || after == 0 {
		t.Error("the errors do not cover a rebuild")
	}
	full := 0
	for room := int64(0); room < 600_000; room += 60_000 {
		k.put(t, 1)
		k.disk.Room(room)
		_, _, err := k.db.Rebuild(t.Context())
		k.disk.Room(-1)
		var say *errs.Error
		switch mended := k.mended(t); {
		case err != nil && (mended || !errors.As(err, &say) || say.Key != "store.disk_full"):
			t.Errorf("%d bytes of room: rebuilt %v, and says %v", room, mended, err)
		case err == nil && !mended:
			t.Errorf("%d bytes of room: it says that it is rebuilt", room)
		case err != nil:
			full++
		}
	}
	if full == 0 {
		t.Error("the disk was never full")
	}
	sound(t, k.db, -1)
}

// TestARebuildThatPanics takes nothing with it: its transaction is taken back, and the centre works on.
func TestARebuildThatPanics(t *testing.T) {
	bites := false
	kind := store.Define(store.Spec[fish]{Name: "fish", Schema: 1, Tables: []string{"fish"},
		DDL: `CREATE TABLE fish (id TEXT PRIMARY KEY, colour TEXT NOT NULL, weight INTEGER NOT NULL, owner TEXT NOT NULL);`,
		Project: func(ctx context.Context, tx *store.Tx, f *fish) error {
			if bites && f.Weight == 7 {
				panic(fmt.Sprint("bitten by ", f.Colour))
			}
			_, err := tx.Exec(ctx, "INSERT INTO fish (id, colour, weight, owner) VALUES ($1,$2,$3,$4) ON CONFLICT (id) DO UPDATE SET colour=$2, weight=$3, owner=$4",
				f.ID, f.Colour, f.Weight, f.Owner)
			return err
		}})
	cfg := config(filepath.Join(t.TempDir(), "centre"))
	cfg.Kinds = []store.Registered{kind}
	db, err := store.Create(t.Context(), cfg, pass)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for i := range 20 {
		put(t, db, &fish{Colour: "red", Weight: i})
	}
	before, err := db.StateHash(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bites = true
	if _, _, err := db.Rebuild(t.Context()); err == nil || !strings.Contains(err.Error(), "bitten by red") {
		t.Error("the panic was not said:", err)
	}
	bites = false
	if after, err := db.StateHash(t.Context()); err != nil || after != before {
		t.Error("it left something behind:", err)
	}
	put(t, db, &fish{Colour: "after"})
	sound(t, db, -1)
}
