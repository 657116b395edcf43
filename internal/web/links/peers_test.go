package links_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// TestHandOverOverTheNetwork goes the whole way between two running centres: the card as a code and as its text, where the
// other is called, a request handed over, exchanged by a press, what went wrong in words; it looks at each page.
func TestHandOverOverTheNetwork(t *testing.T) {
	p := browser.Open(t)
	a, b := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған")
	q := a.request(t, "472190", "Ойдан Шығарылған")

	// B shows its card, and says where it is called; A types the text
	p.Go(b.url + "/links/own")
	p.Type("#f-address", b.port.Addr)
	p.Keys("Enter")
	p.Until(`document.querySelector("p.printed") !== null && document.querySelector("svg.qr") !== null`)
	card := p.Text("#own-card")
	pairTyped(t, p, a, card)
	pair(t, p, b, a)

	// the address came along with the card
	p.Go(a.url + "/links")
	p.Click("#c-" + b.db.Centre().String() + " a")
	p.Until(`document.querySelector("#f-address").value === "` + b.port.Addr + `"`)
	p.Go(a.url + "/links/requests/" + q.ID.String())
	p.Click(`form[action^="/links/requests"] button.first`)
	p.Until(`document.body.textContent.includes("is with Оқу орталығы Талдықорған")`)
	p.Go(a.url + "/links/peers/" + b.db.Centre().String())
	ready(p)
	p.Keys("e")
	p.Until(`document.querySelector("#link .badge").textContent.includes("nothing waits")`)
	if h, err := household.Kind.Get(t.Context(), b.db, q.Household.ID); err != nil || h.Head != "Ойдан Шығарылған" {
		t.Fatal("the household did not come along:", h, err)
	}
	look(t, p, a, "/links", "/links/peers/"+b.db.Centre().String(), "/links/own")

	// a link that hangs shows that it is under way, and is stopped by hand
	entered := make(chan struct{}, 1)
	a.x.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		entered <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	p.Go(a.url + "/links/peers/" + b.db.Centre().String())
	ready(p)
	p.Keys("e")
	<-entered
	p.See("#going")
	ready(p)
	p.Keys("x")
	p.Until(`document.querySelector("#fault") !== null && document.querySelector("#fault").textContent.includes("was stopped")`)

	// nobody listens there any more: said with what to do
	a.x.Dial = (&net.Dialer{}).DialContext
	if err := b.port.Close(); err != nil {
		t.Fatal(err)
	}
	ready(p)
	p.Keys("e")
	p.Until(`document.querySelector("#fault") !== null && document.querySelector("#fault").textContent.includes("Nobody listens")`)
	for _, s := range p.Complaints() {
		t.Error("the console says:", s)
	}
	look(t, p, a, "/links/peers/"+b.db.Centre().String())
	p.Go(a.url + "/links/peers/" + b.db.Centre().String())
	p.Type("#f-address", "not an address")
	p.Click(`form[action$="/address"] button`)
	p.Until(`document.body.textContent.includes("An address looks like")`)
}

// ready waits until the page listens to keys.
func ready(p *browser.Page) { p.Until(`document.documentElement.dataset.script`) }

// pairTyped adds a card by its text, after the words were compared.
func pairTyped(t *testing.T, p *browser.Page, at *office, text string) {
	t.Helper()
	p.Go(at.url + "/links")
	p.Type("#f-card", strings.ToLower(text))
	p.Click(`form[action="/links/words"] button`)
	p.See("#their-words")
	p.Click(`form[action="/links/pair"] button`)
	p.Until(`document.querySelector("#their-words") === null`)
	if _, err := exchange.Ours(t.Context(), at.db, at.db); err != nil {
		t.Fatal(err)
	}
}
