package links_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// TestAHouseholdAsksWhoGaveItAway: while something is open there, the page says why it waits; then a tick and a press erase
// it, the page says so, and so does the list of erasures.
func TestAHouseholdAsksWhoGaveItAway(t *testing.T) {
	p := browser.Open(t)
	a, b := open(t, "Талғар"), open(t, "Есік")
	know(t, a, b)
	q := a.request(t, "472190", "Ойдан Шығарылған")
	a.write(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := exchange.HandOver(ctx, tx, q.ID, b.db.Centre(), "area")
		return err
	})
	bundle(t, a, b)
	place := "/links/requests/" + q.ID.String()
	if text := a.read(t, place); !strings.Contains(text, i18n.EN.T("exchange.forget_open", "centre", "Есік")) || strings.Contains(text, i18n.EN.T("links.forget_do")) {
		t.Error("it can be forgotten while they have still to go there")
	}
	b.write(t, func(ctx context.Context, tx *store.Tx) error {
		needs, err := request.AllNeeds(ctx, tx, q.ID)
		if err != nil {
			return err
		}
		needs[0].Stand(request.Cancelled, q.ID.ID, tx.Now, tx.Now)
		return tx.Put(ctx, &needs[0])
	})
	bundle(t, b, a)
	look(t, p, a, place)
	p.Go(a.url + place)
	form := `form:has(input[value="forget"]) `
	p.Click(form + `button`)
	if text := a.read(t, place); !strings.Contains(text, i18n.EN.T("links.forget_do")) {
		t.Fatal("nobody said that they asked, and it is forgotten")
	}
	p.Click(form + `input[type="checkbox"]`)
	p.Click(form + `button`)
	p.Until(`document.querySelector("#erased") !== null`)
	look(t, p, a, place)
	if text := a.read(t, "/links/erasures"); !strings.Contains(text, "47-21-90") {
		t.Error("the list of erasures does not have it")
	}
	bundle(t, a, b)
	if n, err := store.One[int](t.Context(), b.db, "bodies", "SELECT count(*) FROM ledger_body WHERE record=$1", q.Household.ID[:]); err != nil || n != 0 {
		t.Errorf("there are %d sealed parts of it there: %v", n, err)
	}
}
