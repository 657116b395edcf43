package lost_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/ledger"
)

// three prints papers, and lets a centre go by them.
func three(t *testing.T, o *office) (all []holders.Secret, h ledger.Holders) {
	t.Helper()
	for range holders.Count {
		s, err := holders.NewSecret(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	h, err := holders.Of(all...)
	if err == nil {
		err = holders.Say(t.Context(), o.db, store.Actor{}, h)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all, h
}

// TestAKeyHolderIsReplaced goes by pages: whose paper is this, a fresh one in the place of the lost one, two signatures of
// which one was given elsewhere, and the other centre that follows by itself.
func TestAKeyHolderIsReplaced(t *testing.T) {
	p := browser.Open(t)
	a, b := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған")
	pair(t, a, b)
	papers, h := three(t, a)
	if err := holders.Say(t.Context(), b.db, store.Actor{}, h); err != nil {
		t.Fatal(err)
	}
	fresh, err := holders.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	look(t, p, a, "/links/holders")
	p.Go(a.url + "/links/holders")
	p.Type("#f-mine", papers[1].Printed())
	p.Click(`form[action="/links/holders/which"] button`)
	p.Until(`document.querySelector("#which") && document.querySelector("#which").textContent.includes("2 · ")`)

	p.Go(a.url + "/links/holders")
	if got := browser.Eval[string](p, `(() => { const s = document.querySelector("#f-leaves"); s.value = "1"; return s.value })()`); got != "1" {
		t.Fatal("who leaves:", got)
	}
	p.Type("#f-fresh", fresh.Printed())
	p.Click(`form[action="/links/holders/renew"] button.first`)
	p.See("#renewal-words")
	words := p.Text("#renewal-words")
	for _, v := range p.Axe() {
		t.Error("the renewal:", v)
	}
	p.Type("#f-paper", papers[0].Printed())
	p.Click(`form[action="/links/holders/sign"] button.first`)
	p.Until(`document.querySelectorAll("progress")[0].value === 1`)
	text := browser.Eval[string](p, `document.querySelector('input[name="renewal"]').value`)

	p.Go(b.url + "/links/holders") // the other holder who stays is with the other centre
	if got := browser.Eval[bool](p, `(() => { document.querySelector("#f-renewal").value = `+"`"+text+"`"+`; return true })()`); !got {
		t.Fatal("not pasted")
	}
	p.Click(`form[action="/links/holders/read"] button`)
	p.See("#renewal-words")
	p.Type("#f-paper", papers[1].Printed()) // who leaves may sign too, but then one of the new ones is missing
	p.Click(`form[action="/links/holders/sign"] button.first`)
	p.Until(`document.querySelectorAll("progress")[0].value === 2 && document.querySelectorAll("progress")[1].value === 1`)
	p.Type("#f-paper", papers[2].Printed())
	p.Click(`form[action="/links/holders/sign"] button.first`)
	p.See("#holders-words")
	if got := p.Text("#holders-words"); got != words {
		t.Errorf("the words are %q and not %q", got, words)
	}
	carry(t, b, a)
	p.Go(a.url + "/links/holders")
	if got := p.Text("#holders-words"); got != words {
		t.Errorf("the other centre did not follow: %q", got)
	}
	for _, s := range p.Complaints() {
		t.Error("the console says:", s)
	}
}

// TestTwoSetsSideBySide: a centre with key-holders of its own sees both words and takes over the other's by one press.
func TestTwoSetsSideBySide(t *testing.T) {
	p := browser.Open(t)
	a, b := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған")
	pair(t, a, b)
	_, theirs := three(t, a)
	three(t, b)
	carry(t, a, b)
	look(t, p, b, "/links/holders")
	p.Go(b.url + "/links/holders")
	want := strings.Join(holders.Words(i18n.EN, theirs), " · ")
	if got := p.Text(`[data-words="theirs"]`); got != want {
		t.Errorf("theirs are %q and not %q", got, want)
	}
	p.Click(`form[action="/links/holders/accept"] button.first`)
	p.Until(`document.querySelector("[data-words]") === null`)
	if got := p.Text("#holders-words"); got != want {
		t.Errorf("ours are %q and not %q", got, want)
	}
	for _, s := range p.Complaints() {
		t.Error("the console says:", s)
	}
}
