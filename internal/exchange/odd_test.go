package exchange

import (
	"context"
	"testing"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// odd appends what no program of ours would write.
func odd(tb testing.TB, db *store.DB, rid id.ID, fields map[string]any) {
	tb.Helper()
	f := ledger.Fields{}
	for name, v := range fields {
		raw, err := ledger.Marshal(v)
		if err != nil {
			tb.Fatal(err)
		}
		f[name] = raw
	}
	write(tb, db, func(ctx context.Context, tx *store.Tx) error {
		if rid.IsZero() {
			rid = tx.NewID()
		}
		return tx.Append(ctx, &ledger.Entry{Lane: ledger.Lane{Class: ledger.Coord}, Record: ledger.ID(rid), Kind: request.Kind.Name(), Schema: 1,
			Op: ledger.Put, Fields: f}, nil)
	})
}

// TestOddRecords: another centre's record that is incomplete, or says what nobody can read, is kept and not shown; all
// that comes with it and after it is taken in.
func TestOddRecords(t *testing.T) {
	a, b := paired(t)
	stick := t.TempDir()
	good, _ := call(t, a, "472190")
	take(t, b, bring(t, a, b, stick))
	odd(t, a, id.ID{}, map[string]any{"calls": 1})
	odd(t, a, id.ID{}, map[string]any{"calls": "text"})
	odd(t, a, good.ID.ID, map[string]any{"calls": "text"})
	call(t, a, "583181")
	take(t, b, bring(t, a, b, stick))
	shown, err := store.One[int](t.Context(), b, "requests", "SELECT count(*) FROM request_elsewhere")
	if err != nil || shown != 1 {
		t.Errorf("%d requests of the other centre are shown: %v", shown, err)
	}
	lacking, err := store.One[int](t.Context(), b, "lacking", "SELECT count(*) FROM record_held h JOIN record r ON r.id=h.record WHERE r.kind='request' AND h.lacking>0")
	if err != nil || lacking != 3 {
		t.Errorf("%d requests are lacking: %v", lacking, err)
	}
	same(t, b)
}
