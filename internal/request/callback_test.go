package request_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// clock is a clock that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// waitingRoom is a queue of n invented people.
func waitingRoom(t *testing.T, n int) (*store.DB, *clock) {
	t.Helper()
	c := &clock{now: time.Date(2022, 1, 12, 9, 0, 0, 0, time.UTC)}
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Now: c.Now, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1},
		Kinds: []store.Registered{request.Kind, request.NeedKind, request.QualityKind, request.CallbackKind}}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for i := range n {
		c.move(time.Second)
		as(t, db, id.ID{}, func(tx *store.Tx) error {
			return request.Promise(t.Context(), tx, &request.Callback{Phone: contact.Phone(fmt.Sprintf("+7700000%04d", i)), Name: "Ойдан", Why: "үзілді"})
		})
	}
	return db, c
}

func as(t *testing.T, db *store.DB, who id.ID, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), who, fn); err != nil {
		t.Fatal(err)
	}
}

func queue(t *testing.T, db *store.DB) []request.Waiting {
	t.Helper()
	q, err := request.Queue(t.Context(), db, db.Now(), 100)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func operator(n int64) id.ID { return id.New(time.UnixMilli(n)) }

// grab lets 20 operators at once go through the queue from its head, and returns who took what.
func grab(t *testing.T, db *store.DB) map[request.CallbackID][]id.ID {
	t.Helper()
	list := queue(t, db)
	taken := map[request.CallbackID][]id.ID{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for n := range int64(20) {
		wg.Go(func() {
			who := operator(n + 1)
			for _, w := range list {
				err := db.Write(t.Context(), who, func(tx *store.Tx) error {
					_, err := request.Take(t.Context(), tx, w.ID)
					return err
				})
				switch {
				case err == nil:
					mu.Lock()
					taken[w.ID] = append(taken[w.ID], who)
					mu.Unlock()
				case !errs.Is(err, errs.Conflict):
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return taken
}

// TestTwentyOperators has everybody reach for everything: each call-back is one operator's, none is lost, and
// what was held and forgotten is free again.
func TestTwentyOperators(t *testing.T) {
	db, c := waitingRoom(t, 50)
	for round := range 2 {
		for _, w := range queue(t, db) {
			if !w.Holder.IsZero() {
				t.Fatalf("round %d: a call-back is held before anybody has reached for it", round)
			}
		}
		taken := grab(t, db)
		if len(taken) != 50 {
			t.Fatalf("round %d: %d of 50 were taken", round, len(taken))
		}
		held := queue(t, db)
		if len(held) != 50 {
			t.Fatalf("round %d: %d of 50 are in the queue", round, len(held))
		}
		for i, w := range held {
			if who := taken[w.ID]; len(who) != 1 || who[0] != w.Holder || !w.Until.Equal(c.Now().Add(request.Hold)) {
				t.Errorf("round %d: taken by %v, held by %v until %v", round, who, w.Holder, w.Until)
			}
			if i > 0 && w.At.Before(held[i-1].At) {
				t.Error("the queue is not oldest first")
			}
		}
		c.move(request.Hold)
	}
}

func TestTriedAndFinished(t *testing.T) {
	db, _ := waitingRoom(t, 2)
	a, b := operator(1), operator(2)
	first := queue(t, db)[0].ID
	take := func(tx *store.Tx) error { _, err := request.Take(t.Context(), tx, first); return err }
	tried := func(tx *store.Tx) error { return request.Tried(t.Context(), tx, first, time.Time{}) }
	finish := func(tx *store.Tx) error { return request.Finish(t.Context(), tx, first) }
	as(t, db, a, take)
	for name, act := range map[string]func(*store.Tx) error{"take": take, "tried": tried, "finish": finish} {
		if err := db.Write(t.Context(), b, act); !errs.Is(err, errs.Conflict) {
			t.Errorf("%s what somebody else holds: %v", name, err)
		}
	}
	as(t, db, a, tried)
	if w := queue(t, db)[0]; w.ID != first || w.Tries != 1 || !w.Holder.IsZero() || !w.Until.IsZero() {
		t.Errorf("after one try: %d tries, held by %v", w.Tries, w.Holder)
	}
	as(t, db, b, take)
	as(t, db, b, finish)
	if q := queue(t, db); len(q) != 1 || q[0].ID == first {
		t.Error("what is done still waits")
	}
	if err := db.Write(t.Context(), a, take); !errs.Is(err, errs.Conflict) {
		t.Error("what is done was taken:", err)
	}
	rec, err := request.CallbackKind.Get(t.Context(), db, first.ID)
	if err != nil || !rec.Done || rec.DoneBy != b || rec.Tries != 1 {
		t.Error("done by", rec.DoneBy, "tries", rec.Tries, err)
	}
	if before, after, err := db.Rebuild(t.Context()); err != nil || before != after {
		t.Error("rebuilt differently:", err)
	}
}

func TestPromiseRefuses(t *testing.T) {
	db, _ := waitingRoom(t, 0)
	for name, c := range map[string]struct {
		in   request.Callback
		kind errs.Kind
	}{
		"no phone":   {request.Callback{Name: "Ойдан"}, errs.Invalid},
		"no request": {request.Callback{Phone: "+77000001234", Request: request.ID{ID: operator(7)}}, errs.NotFound},
	} {
		err := db.Write(t.Context(), operator(1), func(tx *store.Tx) error { return request.Promise(t.Context(), tx, &c.in) })
		if !errs.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(queue(t, db)); n != 0 {
		t.Error(n, "refused call-backs wait")
	}
}
