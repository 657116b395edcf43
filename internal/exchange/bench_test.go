package exchange

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// fill writes so many invented calls, no two alike: a household, a request and a need each, 200 in a write.
func fill(tb testing.TB, db *store.DB, calls int) {
	tb.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	for n := 0; n < calls; n += 200 {
		write(tb, db, func(ctx context.Context, tx *store.Tx) error {
			for i := n; i < min(n+200, calls); i++ {
				h := &household.Household{Head: contact.Name(fmt.Sprintf("Ойдан %x", r.Uint64())), Phones: []contact.Phone{contact.Phone(fmt.Sprintf("+7701%07d", r.IntN(1e7)))},
					Address: contact.Address(fmt.Sprintf("Оқу көшесі %d, %d пәтер", r.IntN(300), r.IntN(90))), People: 1 + r.IntN(7), Lang: "kk", Keep: r.IntN(2) == 0,
					Where: &household.Point{Lat: 43.2 + r.Float64()/10, Lon: 76.9 + r.Float64()/10}, District: "Оқу ауданы"}
				q := &request.Request{N: uint64(i), Ref: id.Ref(fmt.Sprintf("%06d", r.IntN(1e6))), At: noon.Add(time.Duration(i) * time.Second), Calls: 1, Note: contact.Note(fmt.Sprintf("Ойдан ескерту %x", r.Uint64()))}
				v := &request.Need{What: request.Insulin, Class: "medical", Detail: fmt.Sprint("№ ", r.IntN(100)), Count: 1 + r.IntN(3), Status: request.Open}
				h.ID.ID, q.ID.ID, v.ID.ID = tx.NewID(), tx.NewID(), tx.NewID()
				q.Household, v.Request = h.ID, q.ID
				if err := errors.Join(tx.Put(ctx, h), tx.Put(ctx, q), tx.Put(ctx, v)); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// BenchmarkCalls writes 10,000 calls as they are, not all alike: what an entry takes on the disk and in a file for another
// centre, and how long a rebuild of a million entries would take at that rate.
func BenchmarkCalls(bm *testing.B) {
	const calls = 10_000
	for bm.Loop() {
		a, b := paired(bm)
		fill(bm, a, calls)
		entries, err := store.One[int](bm.Context(), a, "entries", "SELECT count(*) FROM ledger_entry")
		if err != nil {
			bm.Fatal(err)
		}
		copyOf := filepath.Join(bm.TempDir(), "copy.jumyla")
		if err := a.Backup(bm.Context(), copyOf); err != nil {
			bm.Fatal(err)
		}
		fi, err := os.Stat(copyOf)
		if err != nil {
			bm.Fatal(err)
		}
		w, err := WriteBundle(bm.Context(), a, b.Centre(), bm.TempDir())
		if err != nil {
			bm.Fatal(err)
		}
		start := time.Now()
		if before, after, err := a.Rebuild(bm.Context()); err != nil || before != after {
			bm.Fatal(before, after, err)
		}
		bm.ReportMetric(float64(fi.Size())/float64(entries), "B/entry-disk")
		bm.ReportMetric(float64(w.Bytes)/float64(w.Entries), "B/entry-wire")
		bm.ReportMetric(time.Since(start).Seconds()*1e6/float64(entries), "s/1M-rebuild")
	}
}
