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
