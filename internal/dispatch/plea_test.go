package dispatch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/store"
)

// TestAPromisedCallIsMadeBeforeForgetting has a former owner ask for a household to be forgotten to which the present one has
// promised a call: nothing goes before it is made; when it is, nothing stays that names somebody, the call included.
func TestAPromisedCallIsMadeBeforeForgetting(t *testing.T) {
	a, b := newOffice(t, rule.AlmatyCity), newOffice(t, rule.AlmatyCity)
	a.knows(b)
	b.knows(a)
	q := a.call(1, "нан 1", false)
	a.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := exchange.HandOver(ctx, tx, q.ID, b.Centre(), "closer")
		return err
	})
	a.tells(b)
	b.write(func(ctx context.Context, tx *store.Tx) error {
		needs, err := request.AllNeeds(ctx, tx, q.ID)
		for i := range needs {
			if err == nil {
				needs[i].Stand(request.Done, q.ID.ID, tx.Now, tx.Now)
				err = tx.Put(ctx, &needs[i])
			}
		}
		return err
	})
	b.write(func(ctx context.Context, tx *store.Tx) error {
		return request.Promise(ctx, tx, &request.Callback{Request: q.ID, Name: "Сәуле Ойдан", Phone: "+77015550177", Why: contact.Note("сынып келді")})
	})
	b.tells(a)
	a.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := exchange.Forget(ctx, tx, q.ID)
		return err
	})
	a.tells(b)
	if n := b.heeds(); n != 0 || b.says() == 0 {
		t.Fatalf("%d pleas carried out, %d sealed parts left, and a call is promised", n, b.says())
	}
	all, err := exchange.Pleas(t.Context(), b.DB)
	if err != nil || len(all) != 1 || len(all[0].Open) != 1 {
		t.Fatalf("%+v, %v: people are not asked", all, err)
	}
	b.write(func(ctx context.Context, tx *store.Tx) error {
		waiting, err := request.Queue(ctx, tx, tx.Now.Add(time.Minute), 10)
		if err != nil || len(waiting) != 1 {
			t.Fatalf("%+v, %v", waiting, err)
		}
		return request.Finish(ctx, tx, waiting[0].ID)
	})
	if n := b.heeds(); n != 1 || b.says() != 0 {
		t.Fatalf("%d pleas carried out, %d sealed parts left", n, b.says())
	}
}

// away is a request of a's that b has, where everything was brought; a has heard of it.
func away(t *testing.T) (a, b *office, q *request.Request) {
	t.Helper()
	a, b = newOffice(t, rule.AlmatyCity), newOffice(t, rule.AlmatyCity)
	a.knows(b)
	b.knows(a)
	q = a.call(1, "нан 1", true)
	a.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := exchange.HandOver(ctx, tx, q.ID, b.Centre(), "closer")
		return err
	})
	a.tells(b)
	b.settles(q.ID)
	b.tells(a)
	return a, b, q
}

// settles writes that everything of a request was brought.
func (o *office) settles(rid request.ID) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *store.Tx) error {
		needs, err := request.AllNeeds(ctx, tx, rid)
		for i := range needs {
			if err == nil {
				needs[i].Stand(request.Done, rid.ID, tx.Now, tx.Now)
				err = tx.Put(ctx, &needs[i])
			}
		}
		return err
	})
}

// asks has an office ask whoever has a request to forget it.
func (o *office) asks(rid request.ID) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := exchange.Forget(ctx, tx, rid)
		return err
	})
}

// promises promises a call about a request.
func (o *office) promises(rid request.ID) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *store.Tx) error {
		return request.Promise(ctx, tx, &request.Callback{Request: rid, Name: "Сәуле Ойдан", Phone: "+77015550177", Why: contact.Note("кешке")})
	})
}

// waits counts the calls that somebody has still to make.
func (o *office) waits() int {
	o.t.Helper()
	w, err := request.Queue(o.t.Context(), o.DB, o.now.Add(time.Minute), 10)
	if err != nil {
		o.t.Fatal(err)
	}
	return len(w)
}

// TestAnOldPleaAsksPeople: a household asks the centre that it called first to be forgotten, and then asks the one that has it for
// more. Whatever was brought when the plea comes at last, and whatever the clock of whoever asked said, a person decides. Where who
// asked had seen it all, nobody has to.
func TestAnOldPleaAsksPeople(t *testing.T) {
	for what, since := range map[string]func(b *office, q *request.Request){
		"another request": func(b *office, q *request.Request) { b.settles(b.again(q.Household, "су 1").ID) },
		"open again": func(b *office, q *request.Request) {
			b.write(func(ctx context.Context, tx *store.Tx) error {
				needs, err := request.AllNeeds(ctx, tx, q.ID)
				if err != nil {
					return err
				}
				needs[0].Stand(request.Open, q.ID.ID, tx.Now, tx.Now)
				return tx.Put(ctx, &needs[0])
			})
			b.settles(q.ID)
		},
		"a call that was made": func(b *office, q *request.Request) {
			b.promises(q.ID)
			b.write(func(ctx context.Context, tx *store.Tx) error {
				w, err := request.Queue(ctx, tx, tx.Now.Add(time.Minute), 10)
				if err != nil {
					return err
				}
				return request.Finish(ctx, tx, w[0].ID)
			})
		},
		"another door": func(b *office, q *request.Request) {
			b.write(func(ctx context.Context, tx *store.Tx) error {
				h, err := household.Kind.Get(ctx, tx, q.Household.ID)
				if err != nil {
					return err
				}
				h.Address = "Ойдан көшесі 9"
				return tx.Put(ctx, h)
			})
		},
	} {
		for _, years := range []int{-52, 0, 1} { // the clock of who asks
			t.Run(fmt.Sprint(what, years), func(t *testing.T) {
				a, b, q := away(t)
				a.now = a.now.AddDate(years, 0, 0)
				a.asks(q.ID)
				b.now = b.now.Add(time.Hour)
				since(b, q)
				before := b.saysOf(q)
				a.tells(b)
				if n := b.heeds(); n != 0 || b.saysOf(q) != before {
					t.Fatalf("%d pleas carried out, %d of %d sealed parts left", n, b.saysOf(q), before)
				}
				all, err := exchange.Pleas(t.Context(), b.DB)
				if err != nil || len(all) != 1 || !all[0].Newer || len(all[0].Open) != 0 {
					t.Fatalf("people are not asked: %+v, %v", all, err)
				}
				b.write(func(ctx context.Context, tx *store.Tx) error { return exchange.Decline(ctx, tx, all[0].ID) })
				b.tells(a)
				a.asks(q.ID) // who has seen it all by now
				a.tells(b)
				if b.heeds(); b.saysOf(q) != 0 { // the program itself did it when it read the stick
					all, err := exchange.Pleas(t.Context(), b.DB)
					t.Errorf("a plea that knew it all: %d sealed parts left; %+v, %v", b.saysOf(q), all, err)
				}
			})
		}
	}
}

// TestPromisedAfterAnErasure: who was forgotten calls again and is promised a call. It stays promised, whatever the clocks of either
// centre say; what was promised before is not.
func TestPromisedAfterAnErasure(t *testing.T) {
	for _, years := range []int{-52, 0, 1} {
		a, b, q := away(t)
		a.promises(q.ID) // a's own word, from before
		a.now = a.now.AddDate(years, 0, 0)
		a.asks(q.ID)
		a.tells(b)
		if b.saysOf(q) != 0 {
			t.Fatal("it was not forgotten", b.saysOf(q))
		}
		b.now = b.now.Add(-time.Minute)
		b.promises(q.ID)
		if b.heeds(); b.waits() != 1 || b.saysOf(q) != 1 {
			t.Errorf("clock %d years off: %d calls wait, %d sealed parts", years, b.waits(), b.saysOf(q))
		}
		b.tells(a)
		if a.heeds(); a.waits() != 0 || a.saysOf(q) != 0 {
			t.Errorf("clock %d years off: before the erasure, %d calls wait, %d sealed parts", years, a.waits(), a.saysOf(q))
		}
		a.promises(q.ID) // who heard of it promises anew
		if a.heeds(); a.waits() != 1 {
			t.Errorf("clock %d years off: what was promised after it was heard of is dropped", years)
		}
	}
}

// heeds carries out what others ask this office to forget, and then what follows from it.
func (o *office) heeds() int {
	o.t.Helper()
	n, err := exchange.Heed(o.t.Context(), o.DB)
	if err == nil {
		_, err = dispatch.Forget(o.t.Context(), o.DB)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

// saysOf counts the sealed parts of a request's household, and of all requests, needs and calls.
func (o *office) saysOf(q *request.Request) int {
	o.t.Helper()
	n, err := store.One[int](o.t.Context(), o.DB, "sealed parts", `SELECT count(DISTINCT b.hash) FROM ledger_body b JOIN record r ON r.id=b.record
		WHERE r.kind IN ('request', 'need', 'callback') OR r.id=$1`, q.Household.ID[:])
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

// says counts the sealed parts of households and of calls that are still here.
func (o *office) says() int {
	o.t.Helper()
	n, err := store.One[int](o.t.Context(), o.DB, "sealed parts",
		"SELECT count(*) FROM ledger_body b JOIN record r ON r.id=b.record WHERE r.kind IN ('household', 'request', 'need', 'callback')")
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}
