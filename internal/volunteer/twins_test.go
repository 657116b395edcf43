package volunteer_test

import (
	"context"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

// TestTwins holds that of one person's two entries one leaves the list, that nothing moves from one to the other, and that
// it can be taken back and said the other way round.
func TestTwins(t *testing.T) {
	db := open(t)
	boss := id.New(time.UnixMilli(7))
	a, b := &volunteer.Volunteer{Name: "Үлгі Адам", Adult: volunteer.Said}, &volunteer.Volunteer{Name: "Ulgi Adam", Adult: volunteer.Seen, SeenBy: boss, SeenAt: time.UnixMilli(9).UTC()}
	put(t, db, a)
	put(t, db, b)
	say := func(fn func(ctx context.Context, tx *store.Tx) error) error {
		return db.Write(t.Context(), boss, func(tx *store.Tx) error { return fn(t.Context(), tx) })
	}
	there := func(want ...*volunteer.Volunteer) {
		t.Helper()
		all, err := volunteer.List(t.Context(), db)
		if err != nil || len(all) != len(want) {
			t.Fatalf("%d stand in the list, want %d, %v", len(all), len(want), err)
		}
		for _, v := range all {
			if v.ID == a.ID && v.IsAdult() || v.ID == b.ID && !v.IsAdult() {
				t.Error("what was seen of one entry moved to the other")
			}
		}
	}
	steps := []struct {
		what string
		do   func(ctx context.Context, tx *store.Tx) error
		left []*volunteer.Volunteer
		says volunteer.Says
	}{
		{"one person, the first stays", func(ctx context.Context, tx *store.Tx) error { return volunteer.Stays(ctx, tx, a.ID, b.ID) }, []*volunteer.Volunteer{a}, volunteer.Same},
		{"said again", func(ctx context.Context, tx *store.Tx) error { return volunteer.Stays(ctx, tx, a.ID, b.ID) }, []*volunteer.Volunteer{a}, volunteer.Same},
		{"taken back", func(ctx context.Context, tx *store.Tx) error { return volunteer.Undo(ctx, tx, b.ID, a.ID) }, []*volunteer.Volunteer{a, b}, ""},
		{"the other stays", func(ctx context.Context, tx *store.Tx) error { return volunteer.Stays(ctx, tx, b.ID, a.ID) }, []*volunteer.Volunteer{b}, volunteer.Same},
		{"two people after all", func(ctx context.Context, tx *store.Tx) error { return volunteer.Differ(ctx, tx, a.ID, b.ID) }, []*volunteer.Volunteer{a, b}, volunteer.Different},
	}
	for _, s := range steps {
		if err := say(s.do); err != nil {
			t.Fatalf("%s: %v", s.what, err)
		}
		there(s.left...)
		said, err := volunteer.Verdicts(t.Context(), db)
		if err != nil || said[[2]volunteer.ID{a.ID, b.ID}]+said[[2]volunteer.ID{b.ID, a.ID}] != s.says {
			t.Errorf("%s: %v %v", s.what, said, err)
		}
	}
	if err := say(func(ctx context.Context, tx *store.Tx) error { return volunteer.Stays(ctx, tx, b.ID, a.ID) }); err != nil {
		t.Fatal(err)
	}
	if twin, err := volunteer.TwinOf(t.Context(), db, a.ID); err != nil || twin != b.ID {
		t.Errorf("%v %v", twin, err)
	}
	if err := say(func(ctx context.Context, tx *store.Tx) error { return volunteer.Stays(ctx, tx, a.ID, a.ID) }); !errs.Is(err, errs.Invalid) {
		t.Errorf("one entry is its own twin: %v", err)
	}
	err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return volunteer.Undo(t.Context(), tx, a.ID, b.ID) })
	if !errs.Is(err, errs.Denied) {
		t.Errorf("nobody said it: %v", err)
	}
	rebuilds(t, db)
}
