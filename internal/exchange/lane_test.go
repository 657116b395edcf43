package exchange

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// TestLaneNotGranted: another centre's sealed lane is not taken in where nobody granted it, though it is signed.
func TestLaneNotGranted(t *testing.T) {
	a, b := paired(t)
	call(t, a, "472190")
	lanes, err := a.Lanes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(lanes, func(l store.Lane) bool { return l.Lane.Class == ledger.Body })
	l := lanes[i]
	coming, err := arrive(t.Context(), b, []store.Piece{{Lane: l.Lane, End: l.End, Signature: l.Signature}})
	if err == nil {
		err = coming.checked(t.Context())
	}
	if err == nil {
		err = coming.sum(t.Context(), &Read{})
	}
	if errs.KindOf(err) != errs.Denied {
		t.Error("the lane was not refused:", err)
	}
}

// TestIncomingIsSwept: what a reading left behind that was killed does not fill the disk.
func TestIncomingIsSwept(t *testing.T) {
	db := open(t, "Оқу А")
	left := filepath.Join(db.Dir(), ".incoming-12")
	if err := errors.Join(os.WriteFile(left, []byte("x"), 0o600), db.Close()); err != nil {
		t.Fatal(err)
	}
	again, err := store.Open(t.Context(), config(filepath.Dir(left)), store.Secret{Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Error("it is still there:", err)
	}
}

// TestOurOwnLaneComesBack: what we wrote reaches us by way of two others. It stays ours to sign, and goes out as before.
func TestOurOwnLaneComesBack(t *testing.T) {
	a, b := paired(t)
	d := open(t, "Daryn")
	know(t, a, d)
	know(t, b, d)
	stick := t.TempDir()
	carry := func(from, to *store.DB) { take(t, to, bring(t, from, to, stick)) }
	call(t, a, "472190")
	carry(a, d)
	carry(d, a)
	call(t, a, "583181")
	carry(a, b)
	carry(b, d)
	carry(d, a)
	call(t, a, "694172")
	if _, err := a.Verify(t.Context()); err != nil {
		t.Error("after our own lane came back:", err)
	}
	carry(a, b)
	own := ledger.Lane{Centre: ledger.ID(a.Centre()), Incarnation: 1, Class: ledger.Coord}
	ours, err := a.Branches(t.Context(), own)
	if err != nil || len(ours) != 1 {
		t.Fatal(ours, err)
	}
	theirs, err := b.Branches(t.Context(), own)
	if err != nil || len(theirs) != 1 || theirs[0].End != ours[0].End {
		t.Errorf("b has of our lane up to %d %+v: %v", ours[0].End.Seq, theirs, err)
	}
}
