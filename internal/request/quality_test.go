package request_test

import (
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// TestASampleIsAskedWhatReallyCame draws the sample of a day, asks about each, and holds that a dispute opens the need again.
func TestASampleIsAskedWhatReallyCame(t *testing.T) {
	db, c := waitingRoom(t, 0)
	first, other := id.New(time.UnixMilli(1)), id.New(time.UnixMilli(2))
	do := func(who id.ID, fn func(tx *store.Tx) error) error { return db.Write(t.Context(), who, fn) }
	err := do(first, func(tx *store.Tx) error {
		for range 60 {
			n := &request.Need{What: request.Bread, Class: "bread", Count: 2, Status: request.Open, Detail: "нан 2"}
			n.ID.ID, n.Request.ID = tx.NewID(), tx.NewID()
			n.Stand(request.Done, id.ID{}, tx.Now, tx.Now)
			if err := tx.Put(t.Context(), n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	midnight := c.Now().Truncate(24 * time.Hour)
	sample := func(who id.ID) *request.Sample {
		t.Helper()
		s, err := request.SampleOf(t.Context(), db, midnight, midnight.AddDate(0, 0, 1), c.Now(), 7, who)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := sample(first)
	if s.Closed != 60 || s.Size != 6 || len(s.Free) != 6 || len(s.Mine) != 0 {
		t.Fatalf("%+v", s)
	}
	if again := sample(other); again.Free[0] != s.Free[0] || again.Free[5] != s.Free[5] {
		t.Error("two draw two samples")
	}
	if o, err := request.SampleOf(t.Context(), db, midnight, midnight.AddDate(0, 0, 1), c.Now(), 8, first); err != nil || o.Free[0] == s.Free[0] && o.Free[1] == s.Free[1] {
		t.Error("the sample can be foreseen without the secret", err)
	}
	take := func(who id.ID, n request.NeedID) error {
		return do(who, func(tx *store.Tx) error { return request.TakeQuality(t.Context(), tx, n) })
	}
	hear := func(who id.ID, n request.NeedID, a request.Answer, note contact.Note) error {
		return do(who, func(tx *store.Tx) error { return request.Hear(t.Context(), tx, n, a, note) })
	}
	bad := s.Free[0]
	if err := take(first, bad); err != nil {
		t.Fatal(err)
	}
	if err := take(other, bad); !errs.Is(err, errs.Conflict) {
		t.Error("two call one household:", err)
	}
	if err := hear(other, bad, request.Received, ""); !errs.Is(err, errs.Conflict) {
		t.Error("somebody answers for another:", err)
	}
	if err := hear(first, bad, request.Nothing, " "); !errs.Is(err, errs.Invalid) {
		t.Error("a dispute without a word of what came:", err)
	}
	if err := hear(first, bad, "x", ""); !errs.Is(err, errs.Invalid) {
		t.Error("an answer of none:", err)
	}
	if err := hear(first, bad, request.Nothing, "ешкім келген жоқ"); err != nil {
		t.Fatal(err)
	}
	if n, err := request.NeedKind.Get(t.Context(), db, bad.ID); err != nil || n.Status != request.Open || !n.Closed.IsZero() || !n.Run.IsZero() {
		t.Fatalf("%+v, %v", n, err)
	}
	if s = sample(first); s.Asked != 1 || s.Disputed != 1 || len(s.Free) != 5 {
		t.Fatalf("%+v", s)
	}
	missed := s.Free[0]
	for range 3 {
		if err := take(other, missed); err != nil {
			t.Fatal(err)
		}
		if err := hear(other, missed, request.NotHome, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := take(first, s.Free[1]); err != nil {
		t.Fatal(err)
	}
	if err := hear(first, s.Free[1], request.Received, ""); err != nil {
		t.Fatal(err)
	}
	if s = sample(first); s.Asked != 3 || s.Disputed != 1 || len(s.Free) != 3 {
		t.Errorf("%+v", s)
	}
	c.move(time.Hour)
	err = do(first, func(tx *store.Tx) error { // it is brought after all: it may be drawn again
		n, err := request.NeedKind.Get(t.Context(), tx, bad.ID)
		if err != nil {
			return err
		}
		n.Stand(request.Done, id.ID{}, tx.Now, tx.Now)
		return tx.Put(t.Context(), n)
	})
	if err != nil {
		t.Fatal(err)
	}
	if s = sample(first); s.Disputed != 0 {
		t.Errorf("what was brought again is still disputed: %+v", s)
	}
	if before, after, err := db.Rebuild(t.Context()); err != nil || before != after {
		t.Error("rebuild differs", err)
	}
}
