package app_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web/office"
)

// city is a centre that grows: each household has one request, one in twenty of them still open.
type city struct {
	t      testing.TB
	db     *store.DB
	boss   store.Actor
	secret uint64 // of its refs
	n      int    // households
}

// found makes a centre with a coordinator to whom somebody can sign in, and nobody else.
func found(tb testing.TB, cfg store.Config) *city {
	tb.Helper()
	ctx, c := tb.Context(), &city{t: tb}
	cfg.Kinds = app.Kinds()
	if cfg.Dir == "" {
		cfg.Dir = filepath.Join(tb.TempDir(), "city")
	}
	var err error
	if c.db, err = store.Create(ctx, cfg, store.Secret{Passphrase: passphrase}); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.db.Close() })
	in := office.SetUpInput{Centre: centre.Centre{Name: "Оқу орталығы", Area: "almaty-city", Zone: centre.DefaultZone, Langs: []string{"kk", "ru", "en"}, Lat: 43.238, Lon: 76.889},
		Coordinator: "Айгүл Тестова", Lang: i18n.KK, Passphrase: passphrase}
	c.write(func(tx *store.Tx) error { return in.Apply(ctx, tx, store.KDF{Time: 1, Memory: 64, Threads: 1}) })
	staff, err := account.List(ctx, c.db)
	if err != nil || len(staff) != 1 {
		tb.Fatal(staff, err)
	}
	own, err := centre.Get(ctx, c.db)
	if err != nil {
		tb.Fatal(err)
	}
	c.boss, c.secret = staff[0].ID.ID, own.Secret
	return c
}

func (c *city) write(fn func(tx *store.Tx) error) {
	c.t.Helper()
	if err := c.db.Write(c.t.Context(), c.boss, fn); err != nil {
		c.t.Fatal(err)
	}
}

// grow fills the city up to so many households.
func (c *city) grow(to int) {
	c.t.Helper()
	for c.n < to {
		upTo := min(to, c.n+2000)
		c.write(func(tx *store.Tx) error {
			for i := c.n; i < upTo; i++ {
				if err := c.one(c.t.Context(), tx, i); err != nil {
					return err
				}
			}
			return nil
		})
		c.n = upTo
	}
}

func (c *city) one(ctx context.Context, tx *store.Tx, i int) error {
	q, err := intake.Take(ctx, tx, fresh(i), c.secret)
	if err != nil || i%20 == 0 {
		return err
	}
	needs, err := request.Needs(ctx, tx, q.ID)
	if err != nil {
		return err
	}
	needs[0].Stand(request.Done, needs[0].Run, tx.Now, tx.Now)
	return tx.Put(ctx, &needs[0])
}

// fresh is the call of household i.
func fresh(i int) intake.Call {
	return intake.Call{Phone: phone(i), Needs: []string{"нан 2"}, Household: household.Household{Head: "Ойдан Шығарылған", Keep: true,
		Address: contact.Address(fmt.Sprintf("Абай %d, %d", i/100, i%100)), Where: &household.Point{Lat: 43.2 + float64(i%60)/1000, Lon: 76.85 + float64(i%71)/1000}}}
}

func phone(i int) contact.Phone { return contact.Phone(fmt.Sprintf("+7700%07d", i)) }
