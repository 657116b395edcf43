package links_test

import (
	"testing"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/adoption"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// TestEntrustingNames goes the whole way by keys, without scripts at the other end: what it means is said before, it goes at the
// next exchange and no page there shows it, and it is stopped.
func TestEntrustingNames(t *testing.T) {
	p := browser.Open(t)
	a, b := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған")
	p.Go(a.url + "/links/entrust")
	p.See(".empty a")
	a.request(t, "472190", "Ойдан Шығарылған")
	pair(t, p, a, b)
	pair(t, p, b, a)
	peer := "/links/entrust/" + b.db.Centre().String()

	p.Go(a.url + "/links/entrust")
	ready(p)
	look(t, p, a, "/links/entrust", peer)
	p.Go(a.url + "/links/entrust")
	ready(p)
	p.Keys("j", "Enter")
	p.Until(`location.pathname.startsWith("/links/entrust/") && document.body.textContent.includes("could read them")`)
	ready(p)
	p.Keys("Ctrl+Enter")
	p.Until(`location.pathname === "/links/entrust" && document.querySelector("td .badge") !== null`)
	kept := func(o, by *office) bool {
		trust, err := exchange.Trusted(t.Context(), o.db, o.db.Centre())
		if err != nil {
			t.Fatal(err)
		}
		return trust.Ours[by.db.Centre()]
	}
	if !kept(a, b) {
		t.Error("it is not kept")
	}
	stick := t.TempDir()
	if _, err := exchange.WriteBundle(t.Context(), a.db, b.db.Centre(), stick); err != nil {
		t.Fatal(err)
	}
	carry(t, p, b, stick, `form[action="/links/stick/read"] button.first`)
	p.See("#looked")
	if n, err := store.One[int](t.Context(), b.db, "households", "SELECT count(*) FROM household"); err != nil || n != 0 {
		t.Error("what was entrusted is shown there:", n, err)
	}
	if s, err := adoption.Look(t.Context(), b.db, a.db.Centre()); err != nil || s.Requests != 1 || s.Named != 1 {
		t.Errorf("it could not be gone on with: %+v %v", s, err)
	}
	p.Scripts(false)
	p.Go(b.url + "/links/entrust")
	if n := p.Count("td .badge"); n != 1 {
		t.Error("the other centre does not see that it keeps names:", n)
	}
	p.Scripts(true)
	look(t, p, a, peer)
	p.Scripts(false)
	p.Go(a.url + peer)
	p.Click(`form[action="` + peer + `"] button.first`)
	p.See(`a[href="` + peer + `"]`)
	if kept(a, b) {
		t.Error("it goes on")
	}
}
