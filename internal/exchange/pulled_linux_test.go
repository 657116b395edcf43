package exchange

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/ledger"
)

// plug puts in a stick of its own file system.
func plug(t *testing.T, kilobytes int) (stick string, pull func()) {
	t.Helper()
	stick = t.TempDir()
	if err := syscall.Mount("stick", stick, "tmpfs", 0, fmt.Sprintf("size=%dk", kilobytes)); err != nil {
		t.Skip("SKIPPED: no file system may be mounted here:", err)
	}
	pull = func() { _ = syscall.Unmount(stick, syscall.MNT_DETACH) }
	t.Cleanup(pull)
	return stick, pull
}

// TestPulledOutWhileItIsWritten: at whatever part the stick is pulled out or full, it is said in words, nothing half written has a name, and the
// receiver is owed all of it still.
func TestPulledOutWhileItIsWritten(t *testing.T) {
	a, b := paired(t)
	for n := range 30 {
		call(t, a, ref(n))
	}
	peers, err := Peers(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	owed := peers[0].Entries
	check := untouched(t, a)
	still := func(what string) {
		t.Helper()
		check(what)
		if peers, err := Peers(t.Context(), a); err != nil || peers[0].Entries != owed || !peers[0].Told.IsZero() {
			t.Errorf("%s: %d wait, %d did: %v", what, peers[0].Entries, owed, err)
		}
	}

	stick, pull := plug(t, 4096)
	w := &writing{dir: stick, size: 1000, name: "20220112-1200-aaaa-bbbb"}
	if _, err := seal(t.Context(), a, peers[0].Centre, w); err != nil || len(w.parts) < 5 {
		t.Fatal(len(w.parts), err)
	}
	pull()
	said(t, "pulled out before its files had names", device(w.finish()), "exchange.stick_gone")
	w.discard()
	still("pulled out")

	small, _ := plug(t, 12)
	_, err = writeBundle(t.Context(), a, ledger.ID(b.Centre()), small, 1000)
	said(t, "full after some parts", err, "exchange.stick_full")
	if left, err := os.ReadDir(small); err != nil || len(left) > 0 {
		t.Error("something is left on the stick that is full:", left, err)
	}
	still("full")

	good, pull := plug(t, 4096)
	files, err := writeBundle(t.Context(), a, ledger.ID(b.Centre()), good, 1000)
	if err != nil {
		t.Fatal(err)
	}
	beside := untouched(t, b)
	half := t.TempDir()
	for _, file := range files.Files[:len(files.Files)/2] { // so far a copy had come
		raw, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(filepath.Join(half, filepath.Base(file)), raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = ReadBundle(t.Context(), b, filepath.Join(half, filepath.Base(files.Files[0])))
	said(t, "half of it", err, "exchange.damaged")
	beside("half of it")
	pull()
	_, err = ReadBundle(t.Context(), b, files.Files[0])
	said(t, "pulled out before it was read", err, "exchange.no_file")
	beside("pulled out before it was read")
}

// TestAStickThatCannotBeReadFurther: it goes while it is read, as a context that ends does: what was copied is gone, and nothing was taken in.
func TestAStickThatCannotBeReadFurther(t *testing.T) {
	a, b := paired(t)
	call(t, a, "472190")
	file := bring(t, a, b, t.TempDir())
	check := untouched(t, b)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadBundle(ctx, b, file); err == nil {
		t.Error("it was read to its end for nobody")
	}
	check("ended while it was read")
}

func ref(n int) id.Ref { return id.Ref(fmt.Sprintf("%06d", 100000+n)) }
