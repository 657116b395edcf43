package app_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// city is a database with so many households, each with one request; one in twenty of them still open.
func city(b *testing.B, n int) *store.DB {
	b.Helper()
	db, err := store.Create(b.Context(), store.Config{Dir: filepath.Join(b.TempDir(), "city"), Kinds: app.Kinds(), KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}},
		store.Secret{Passphrase: passphrase})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	fill(b, db, n, 7)
	return db
}

// fill writes so many households into a database whose refs follow from a secret.
func fill(b *testing.B, db *store.DB, n int, secret uint64) {
	b.Helper()
	for from := 0; from < n; from += 500 {
		err := db.Write(b.Context(), store.Actor{}, func(tx *store.Tx) error {
			for i := from; i < min(n, from+500); i++ {
				if err := one(b.Context(), tx, i, secret); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func one(ctx context.Context, tx *store.Tx, i int, secret uint64) error {
	q, err := intake.Take(ctx, tx, fresh(i), secret)
	if err != nil || i%20 == 0 {
		return err
	}
	needs, err := request.Needs(ctx, tx, q.ID)
	if err != nil {
		return err
	}
	needs[0].Status = request.Done
	return tx.Put(ctx, &needs[0])
}

func fresh(i int) intake.Call {
	return intake.Call{Phone: phone(i), Needs: []string{"нан 2"}, Household: household.Household{Head: "Ойдан Шығарылған", Keep: true,
		Address: contact.Address(fmt.Sprintf("Абай %d, %d", i/100, i%100)), Where: &household.Point{Lat: 43.24, Lon: 76.9}}}
}

func phone(i int) contact.Phone { return contact.Phone(fmt.Sprintf("+7700%07d", i)) }

// percentiles reports what half and 99 in 100 of the durations of something stay under.
func percentiles(b *testing.B, all []time.Duration, what string) {
	b.Helper()
	slices.Sort(all)
	ms := func(p int) float64 { return float64(all[len(all)*p/100].Microseconds()) / 1000 }
	b.ReportMetric(ms(50), what+"p50-ms")
	b.ReportMetric(ms(99), what+"p99-ms")
}

// timed runs do over and over and reports its percentiles.
func timed(b *testing.B, do func(i int) error) {
	b.Helper()
	var all []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if err := do(i); err != nil {
			b.Fatal(err)
		}
		all = append(all, time.Since(start))
	}
	percentiles(b, all, "")
}

func BenchmarkCity50k(b *testing.B) {
	const n = 50_000
	db := city(b, n)
	b.Run("SaveRequest", func(b *testing.B) {
		next := n
		timed(b, func(int) error {
			next++
			return db.Write(b.Context(), store.Actor{}, func(tx *store.Tx) error {
				_, err := intake.Take(b.Context(), tx, fresh(next), 7)
				return err
			})
		})
	})
	register := intake.NewRegister(db)
	b.Run("BuildRegister", func(b *testing.B) {
		for b.Loop() {
			if err := register.Build(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("PhoneLookUp", func(b *testing.B) {
		timed(b, func(i int) error {
			m, err := intake.Matches(b.Context(), db, register, intake.Asked{Phone: phone(i * 7919 % n)}, db.Now())
			if err == nil && len(m) == 0 {
				err = fmt.Errorf("household %d not found", i)
			}
			return err
		})
	})
	b.Run("NameWhileTyping", func(b *testing.B) {
		timed(b, func(i int) error {
			a := intake.Asked{Name: "Oidan Shygarylgan", Address: contact.Address(fmt.Sprintf("ул. Абая, %d, кв. %d", i%500, i%100))}
			_, err := intake.Matches(b.Context(), db, register, a, db.Now())
			return err
		})
	})
	b.Run("Board", func(b *testing.B) {
		timed(b, func(int) error {
			_, err := request.Board(b.Context(), db, request.Filter{View: "open", Limit: 3000})
			return err
		})
	})
	b.Run("Rebuild", func(b *testing.B) {
		for b.Loop() {
			before, after, err := db.Rebuild(b.Context())
			if err != nil || before != after {
				b.Fatal("differs", err)
			}
		}
	})
}
