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
	p.Until(`document.querySelector("#asked") !== null`)
	look(t, p, a, place, "/links/erasures")
	if text := a.read(t, "/links/erasures"); !strings.Contains(text, i18n.EN.T("plea.waits", "centre", "Есік", "at", "12 Jan, Wed")) {
		t.Error("the list does not say that it waits")
	}
	bundle(t, a, b)
	bundle(t, b, a)
	p.Go(a.url + place)
	p.Until(`document.querySelector("#erased") !== null`)
	if text := a.read(t, "/links/erasures"); !strings.Contains(text, "47-21-90") || strings.Contains(text, i18n.EN.T("plea.list")) {
		t.Error("the list of erasures does not have it")
	}
	if n, err := store.One[int](t.Context(), b.db, "bodies", "SELECT count(*) FROM ledger_body WHERE record=$1", q.Household.ID[:]); err != nil || n != 0 {
		t.Errorf("there are %d sealed parts of it there: %v", n, err)
	}
}

// TestWhoIsOnTheWayIsAsked: A asks to forget a household that has called B again since. B's page says what is at stake and B
// declines, A reads so and asks again; then B agrees, and what was open is called off.
func TestWhoIsOnTheWayIsAsked(t *testing.T) {
	p := browser.Open(t)
	a, b := open(t, "Талғар"), open(t, "Есік")
	know(t, a, b)
	q := a.request(t, "472190", "Ойдан Шығарылған")
	a.write(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := exchange.HandOver(ctx, tx, q.ID, b.db.Centre(), "area")
		return err
	})
	bundle(t, a, b)
	stand := func(s request.Status) {
		b.write(t, func(ctx context.Context, tx *store.Tx) error {
			needs, err := request.AllNeeds(ctx, tx, q.ID)
			if err != nil {
				return err
			}
			needs[0].Stand(s, q.ID.ID, tx.Now, tx.Now)
			return tx.Put(ctx, &needs[0])
		})
	}
	stand(request.Done)
	bundle(t, b, a)
	stand(request.Open)
	ask := func() {
		a.write(t, func(ctx context.Context, tx *store.Tx) error {
			_, err := exchange.Forget(ctx, tx, q.ID)
			return err
		})
		bundle(t, a, b)
	}
	ask()
	place := "/links/requests/" + q.ID.String()
	look(t, p, b, place, "/links/erasures")
	p.Go(b.url + "/links/erasures")
	p.Click(`#asked a`)
	p.Until(`location.pathname === "` + place + `"`)
	p.Click(`button[value="keep"]`)
	p.Until(`document.querySelector('button[value="keep"]') === null`)
	bundle(t, b, a)
	if text := a.read(t, place); !strings.Contains(text, i18n.EN.T("plea.declined_why", "centre", "Есік")) || strings.Contains(text, i18n.EN.T("links.forget_do")) {
		t.Error("who asked reads:", text)
	}
	look(t, p, a, place, "/links/erasures")
	stand(request.Done)
	bundle(t, b, a)
	stand(request.Open)
	ask()
	p.Go(b.url + place)
	p.Click(`button[value="agree"]`)
	p.Until(`document.querySelector('button[value="agree"]') === null`)
	if needs, err := request.AllNeeds(t.Context(), b.db, q.ID); err != nil || needs[0].Status != request.Cancelled {
		t.Error("nobody can bring it, and it stands open:", needs, err)
	}
	if n, err := store.One[int](t.Context(), b.db, "bodies", "SELECT count(*) FROM ledger_body WHERE record=$1", q.Household.ID[:]); err != nil || n != 0 {
		t.Errorf("there are %d sealed parts of it there: %v", n, err)
	}
}
