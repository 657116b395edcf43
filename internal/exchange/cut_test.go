package exchange

import (
	"context"
	"errors"
	"flag"
	"path/filepath"
	"testing"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/powercut"
)

var seed = flag.Uint64("seed", 1, "of the power cuts")

// importer is a centre on a bad disk to which sticks are brought. What it acknowledged is counted outside.
type importer struct {
	disk  *powercut.Disk
	cfg   store.Config
	db    *store.DB
	from  *store.DB // whose sticks they are
	stick string
	ours  []household.ID // acknowledged here, all at one address
	given []request.ID   // handed over to us
}

func openImporter(t *testing.T, synchronous string) *importer {
	t.Helper()
	m := &importer{disk: powercut.New(t, *seed), from: open(t, "Оқу А"), stick: t.TempDir()}
	m.cfg = config(filepath.Join(t.TempDir(), "centre"))
	m.cfg.VFS, m.cfg.Synchronous = m.disk.Name(), synchronous
	var err error
	if m.db, err = store.Create(t.Context(), m.cfg, store.Secret{Passphrase: passphrase}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.db.Close() })
	write(t, m.db, func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: "Оқу Б", Zone: centre.DefaultZone, Langs: []string{"kk"}})
	})
	know(t, m.from, m.db)
	return m
}

// load acknowledges a household here, and puts a few requests on a stick.
func (m *importer) load(t *testing.T) (file string) {
	t.Helper()
	q, _ := call(t, m.db, id.Ref("472190"))
	m.ours = append(m.ours, q.Household)
	for range 3 {
		given, _ := call(t, m.from, id.Ref("583181"))
		write(t, m.from, func(ctx context.Context, tx *store.Tx) error {
			_, err := HandOver(ctx, tx, given.ID, m.db.Centre(), "area")
			return err
		})
		m.given = append(m.given, given.ID)
	}
	return bring(t, m.from, m.db, m.stick)
}

// missing returns how much of what was acknowledged is not there, or is not as it was.
func (m *importer) missing(t *testing.T) (n int) {
	t.Helper()
	for _, hid := range m.ours {
		if h, err := household.Kind.Get(t.Context(), m.db, hid.ID); err != nil || h.Address != "Оқу көшесі 1" {
			n++
		}
	}
	return n
}

// whole proves that reading the stick again ends it: all is there that is on it, once.
func (m *importer) whole(t *testing.T, file string) {
	t.Helper()
	take(t, m.db, file)
	for _, rid := range m.given {
		if h, err := store.Held(t.Context(), m.db, rid.ID); err != nil || !h.Ours {
			t.Errorf("what was handed over is not ours: %+v %v", h, err)
		}
	}
	if r := take(t, m.db, file); r.New != 0 {
		t.Errorf("read a third time it brings %d entries", r.New)
	}
	take(t, m.from, bring(t, m.db, m.from, m.stick))
	same(t, m.db)
	same(t, m.from)
}

func (m *importer) steps(t *testing.T) int {
	t.Helper()
	file := m.load(t)
	before := m.disk.Steps()
	take(t, m.db, file)
	return m.disk.Steps() - before
}

// cutImports lets the power go at the writes and flushes of an import, and of the recovery after it. It returns how many times
// something was lost that had been acknowledged.
func cutImports(t *testing.T, synchronous string) (lost, inside int) {
	t.Helper()
	m := openImporter(t, synchronous)
	steps := m.steps(t)
	for n := 1; n <= steps; n += 1 + n/4 {
		file := m.load(t)
		m.disk.CutAfter(n)
		if _, err := ReadBundle(t.Context(), m.db, file); err != nil {
			inside++
		}
		m.disk.Cut()
		_ = m.db.Close()
		m.disk.Recover(t)
		var err error
		if m.db, err = store.Open(t.Context(), m.cfg, store.Secret{Passphrase: passphrase}); err != nil {
			t.Logf("cut at %d of %d: %v", n, steps, err)
			return lost + 1, inside
		}
		if gone := m.missing(t); gone > 0 {
			return lost + gone, inside
		}
		if synchronous == "" {
			m.whole(t, file)
		}
	}
	t.Logf("%d steps, %d cuts inside", steps, inside)
	return lost, inside
}

// TestPowerCutsInAnImport: the power goes half way through a stick. What was acknowledged is there; reading it again ends it.
func TestPowerCutsInAnImport(t *testing.T) {
	if lost, inside := cutImports(t, ""); lost > 0 || inside == 0 {
		t.Errorf("%d lost, %d cuts fell into an import", lost, inside)
	}
}

// TestPowerCutsInAnImportAreNoticed makes sure that the test above can fail.
func TestPowerCutsInAnImportAreNoticed(t *testing.T) {
	if lost, _ := cutImports(t, "NORMAL"); lost == 0 {
		t.Error("nothing was lost with synchronous=NORMAL: the disk forgets nothing")
	}
}

// TestADiskFullInAnImport says so, keeps what was acknowledged, and is ended when there is room.
func TestADiskFullInAnImport(t *testing.T) {
	m := openImporter(t, "")
	full := 0
	for room := int64(0); room < 200_000; room += 25_000 {
		file := m.load(t)
		m.disk.Room(room)
		_, err := ReadBundle(t.Context(), m.db, file)
		m.disk.Room(-1)
		var say *errs.Error
		if err != nil && (!errors.As(err, &say) || say.Key != "store.disk_full") {
			t.Errorf("%d bytes of room: %v", room, err)
		}
		if err != nil {
			full++
		}
		if gone := m.missing(t); gone > 0 {
			t.Errorf("%d bytes of room: %d lost", room, gone)
		}
		m.whole(t, file)
	}
	if full == 0 {
		t.Error("the disk was never full")
	}
}
