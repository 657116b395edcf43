package exchange

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

var (
	figuresFile   = flag.String("figures", "", "file that TestFigures adds its row to")
	bundleEntries = flag.Int("entries", 100_000, "about how many entries its bundle has")
)

// TestFigures writes a bundle of 100,000 entries with their sealed bodies, for a centre that keeps ours, verifies and imports it,
// every part as it is done with a stick, and adds a row to the table of `make bench`.
func TestFigures(t *testing.T) {
	if *figuresFile == "" {
		t.Skip("SKIPPED: `make bench` and `make bench-bundle` measure")
	}
	a, b := paired(t)
	write(t, a, func(ctx context.Context, tx *store.Tx) error { return Entrust(ctx, tx, b.Centre(), true) })
	const ofCall = 6 // entries: coord and body of the household, of the request and of the need
	fill(t, a, *bundleEntries/ofCall)
	dir := t.TempDir()
	began := time.Now()
	w, err := WriteBundle(t.Context(), a, b.Centre(), dir)
	if err != nil {
		t.Fatal(err)
	}
	written := time.Since(began)
	r, err := ReadBundle(t.Context(), b, w.Files[0])
	if err != nil || r.New != w.Entries || len(r.LeftOut) > 0 {
		t.Fatal(r, err)
	}
	took := time.Since(began)
	bodies, err := store.One[int](t.Context(), b, "bodies", "SELECT count(*) FROM ledger_body b JOIN ledger_entry e ON e.hash=b.hash JOIN ledger_lane l ON l.id=e.lane WHERE l.centre=$1", ledgerID(a))
	if err != nil || bodies == 0 {
		t.Fatal("no sealed body came along:", bodies, err)
	}
	row := fmt.Sprintf("| a bundle: written, verified, imported | %.1f s (goal 60 s for 100,000 entries) | %d entries, of them %d with sealed bodies; written and read back in %.1f s; %.1f MB, %d B an entry |\n",
		took.Seconds(), w.Entries, bodies, written.Seconds(), float64(w.Bytes)/1e6, w.Bytes/int64(w.Entries))
	f, err := os.OpenFile(*figuresFile, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err == nil {
		_, err = f.WriteString(row)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Log(row)
}

func ledgerID(db *store.DB) []byte { c := ledger.ID(db.Centre()); return c[:] }
