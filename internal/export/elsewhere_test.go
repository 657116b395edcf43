package export_test

import (
	"context"
	"testing"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/export"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// meet names two centres and pairs them.
func meet(t *testing.T, a, b *store.DB) {
	t.Helper()
	for db, name := range map[*store.DB]string{a: "Оқу А", b: "Оқу Б"} {
		err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			return centre.Create(t.Context(), tx, &centre.Centre{Name: name, Zone: centre.DefaultZone, Langs: []string{"kk"}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range [][2]*store.DB{{a, b}, {b, a}} {
		raw, err := exchange.Card(t.Context(), p[1], store.Actor{})
		if err != nil {
			t.Fatal(err)
		}
		card, err := exchange.ReadCard(raw)
		if err == nil {
			err = exchange.Pair(t.Context(), p[0], store.Actor{}, card)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// carry brings a stick from one centre to another.
func carry(t *testing.T, from, to *store.DB) {
	t.Helper()
	w, err := exchange.WriteBundle(t.Context(), from, to.Centre(), t.TempDir())
	if err == nil {
		_, err = exchange.ReadBundle(t.Context(), to, w.Files[0])
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestARequestIsCountedByWhoHasIt hands a request over, takes it back and looks at both centres' tables each time.
func TestARequestIsCountedByWhoHasIt(t *testing.T) {
	a, b := open(t), open(t)
	meet(t, a, b)
	load(t, a, intake.Requests, "name;phone;address;what is needed\nОйдан Бір;8 701 555 12 34;ул. Абая, 10;нан 2\n")
	ids, err := request.Between(t.Context(), a, a.Now().AddDate(-1, 0, 0), a.Now().AddDate(1, 0, 0))
	if err != nil || len(ids) != 1 {
		t.Fatal(ids, err)
	}
	move := func(fn func(ctx context.Context, tx *store.Tx, q request.ID) (int, error)) {
		t.Helper()
		err := a.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			_, err := fn(t.Context(), tx, request.ID{ID: ids[0]})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		carry(t, a, b)
	}
	stands := func(db *store.DB, status, with string) {
		t.Helper()
		got := rows(t, take(t, db, asked(export.Requests)))
		if len(got) != 1 || got[0]["статус"] != status || got[0]["у какого центра"] != with {
			t.Errorf("want %q %q: %v", status, with, got)
		}
	}
	stands(a, "открыта", "")
	move(func(ctx context.Context, tx *store.Tx, q request.ID) (int, error) {
		return exchange.HandOver(ctx, tx, q, b.Centre(), "closer")
	})
	stands(a, "у другого центра", "Оқу Б")
	stands(b, "открыта", "")
	move(func(ctx context.Context, tx *store.Tx, q request.ID) (int, error) {
		return exchange.Recall(ctx, tx, q, "mistake", false)
	})
	stands(a, "открыта", "")
	stands(b, "у другого центра", "Оқу А")
}
