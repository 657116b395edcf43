package exchange

import (
	"context"
	"testing"

	"github.com/jumyla/jumyla/internal/store"
)

// TestTheHistoryTellsWhoseItWas hands a request over, has it refused, and reads at both centres from whose hands it went into whose.
func TestTheHistoryTellsWhoseItWas(t *testing.T) {
	a, b := paired(t)
	q, _ := call(t, a, "472190")
	dir := t.TempDir()
	write(t, a, func(ctx context.Context, tx *store.Tx) error {
		_, err := HandOver(ctx, tx, q.ID, b.Centre(), "area")
		return err
	})
	take(t, b, bring(t, a, b, dir))
	write(t, b, func(ctx context.Context, tx *store.Tx) error {
		_, err := Refuse(ctx, tx, q.ID, "full")
		return err
	})
	take(t, a, bring(t, b, a, dir))
	want := []Passing{{By: a.Centre(), To: b.Centre(), Why: "area"}, {By: b.Centre(), To: a.Centre(), Why: "full"}}
	for name, db := range map[string]*store.DB{"the giver": a, "the one who refused": b} {
		got, err := Passings(t.Context(), db, q.ID.ID)
		if err != nil || len(got) != len(want) {
			t.Fatal(name, got, err)
		}
		for i, p := range got {
			if p.By != want[i].By || p.To != want[i].To || p.Why != want[i].Why || p.At.IsZero() {
				t.Errorf("%s reads %+v", name, p)
			}
		}
	}
}
