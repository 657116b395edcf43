package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/exchange"
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
