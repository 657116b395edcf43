package app_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/exchange/tree"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// nation fills a centre's tables with what 19 others tell of so many requests, one in three of them open: as their entries leave
// it, without the hour that it takes to carry them.
func nation(tb testing.TB, c *city, requests int) {
	tb.Helper()
	const others = 19
	write := func(fn func(ctx context.Context, tx *store.Tx) error) {
		tb.Helper()
		if err := c.db.Write(tb.Context(), store.Actor{}, func(tx *store.Tx) error { return fn(tb.Context(), tx) }); err != nil {
			tb.Fatal(err)
		}
	}
	owners := make([]ledger.ID, others)
	write(func(ctx context.Context, tx *store.Tx) error {
		for i := range owners {
			owners[i] = ledger.ID(tx.NewID())
			card := store.Card{Centre: owners[i], Key: append(make([]byte, 31), byte(i)), Name: fmt.Sprintf("Ойдан орталық %d", i), Level: "district", Parent: owners[i/5]}
			if i%5 == 0 {
				card.Level, card.Parent = "regional", ledger.ID(c.db.Centre())
			}
			if err := tx.Introduce(ctx, card); err != nil {
				return err
			}
		}
		return nil
	})
	for from := 0; from < requests; from += 5000 {
		write(func(ctx context.Context, tx *store.Tx) error {
			for i := from; i < min(from+5000, requests); i++ {
				if err := elsewhere(ctx, tx, id.ID(owners[i%others]), i); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// elsewhere puts a request of another centre into the tables that are projected of others.
func elsewhere(ctx context.Context, tx *store.Tx, owner id.ID, i int) error {
	h, q, n := tx.NewID(), tx.NewID(), tx.NewID()
	at, status, closed := tx.Now.Add(-time.Duration(i%72)*time.Hour), "open", int64(0)
	switch {
	case i%3 != 0:
		status, closed = "done", store.Micro(at.Add(time.Hour))
	case i%9 == 0:
		status = "planned"
	}
	for _, put := range []struct {
		text string
		args []any
	}{
		{"INSERT INTO household_elsewhere (id, owner, district, settlement) VALUES ($1,$2,$3,'')", []any{h, owner, fmt.Sprintf("Ойдан аудан %d", i%11)}},
		{"INSERT INTO request_elsewhere (id, owner, household, at, calls) VALUES ($1,$2,$3,$4,$5)", []any{q, owner, h, store.Micro(at), 1 + i%3}},
		{"INSERT INTO need_elsewhere (id, owner, request, class, count, status, closed) VALUES ($1,$2,$3,$4,$5,$6,$7)",
			[]any{n, owner, q, []string{"bread", "basket", "medical", "water"}[i%4], 1, status, closed}},
	} {
		if _, err := tx.Exec(ctx, put.text, put.args...); err != nil {
			return err
		}
	}
	return nil
}

// picture measures how a nation sees 20 centres.
func (f *figures) picture() {
	f.t.Helper()
	c, n := found(f.t, store.Config{KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}), 150_000 / *scale
	nation(f.t, c, n)
	runtime.GC()
	open := 0
	f.add("picture of a nation", percentiles(f.times(30, func(int) error {
		p, err := tree.Look(f.t.Context(), c.db, id.ID{}, false)
		if err == nil {
			open = p.Sum.Waiting + p.Sum.OnWay
		}
		return err
	})), "20 centres, %d requests, %d of them not settled, reckoned anew each time", n, open)
}

// BenchmarkPicture is the same for whoever changes it.
func BenchmarkPicture(b *testing.B) {
	c := found(b, store.Config{KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}})
	nation(b, c, 150_000)
	for b.Loop() {
		if p, err := tree.Look(b.Context(), c.db, id.ID{}, false); err != nil || len(p.Parts) != 20 || p.Sum.Waiting+p.Sum.OnWay != 50_000 {
			b.Fatal(p, err)
		}
	}
}
