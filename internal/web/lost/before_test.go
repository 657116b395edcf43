package lost_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/ledger"
)

// change replaces the third key-holder, at an office, signed by as many of the others as are given.
func change(t *testing.T, o *office, h ledger.Holders, signers ...holders.Secret) (*holders.Renewal, holders.Secret) {
	t.Helper()
	fresh, err := holders.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := holders.Instead(h, 2, fresh)
	if err != nil {
		t.Fatal(err)
	}
	r, err := holders.Renew(t.Context(), o.db, keys)
	for i := 0; i < len(signers) && err == nil; i++ {
		err = r.Sign(t.Context(), o.db, signers[i])
	}
	if err != nil {
		t.Fatal(err)
	}
	return r, fresh
}

// paste puts a change into the field for one that came from elsewhere.
func paste(t *testing.T, p *browser.Page, o *office, r *holders.Renewal) {
	t.Helper()
	text, err := r.Text()
	if err != nil {
		t.Fatal(err)
	}
	p.Go(o.url + "/links/holders")
	if !browser.Eval[bool](p, `(() => { document.querySelector("#f-renewal").value = `+"`"+text+"`"+`; return true })()`) {
		t.Fatal("not pasted")
	}
	p.Click(`form[action="/links/holders/read"] button`)
	p.See("#renewal-words")
}

// shown checks the page that is open, and takes a picture of it.
func shown(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	if dir := os.Getenv("JUMYLA_SHOTS"); dir != "" {
		p.Screenshot(filepath.Join(dir, name+".png"))
	}
	for _, v := range p.Axe() {
		t.Errorf("%s: %s", name, v)
	}
}

// TestWhatAChangeKeepsIsRead: a change of key-holders says in words what stays in force. Where that is not known nobody can sign;
// where it leaves something out, that is said; and what lost its force afterwards is signed again, or undone, from a page.
func TestWhatAChangeKeepsIsRead(t *testing.T) {
	p := browser.Open(t)
	a, b, c := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған"), open(t, "Оқу орталығы Семей")
	pair(t, a, b)
	pair(t, a, c)
	papers, h := three(t, a)
	for _, o := range []*office{b, c} {
		if err := holders.Say(t.Context(), o.db, store.Actor{}, h); err != nil {
			t.Fatal(err)
		}
	}
	carry(t, c, a)
	s, err := holders.Prepare(t.Context(), a.db, c.db.Centre(), a.db.Centre(), true, time.Time{})
	for _, i := range []int{0, 2} {
		if err == nil {
			err = s.Sign(h, papers[i])
		}
	}
	if err == nil {
		err = holders.Publish(t.Context(), a.db, store.Actor{}, s)
	}
	if err != nil {
		t.Fatal(err)
	}
	keeps, _ := change(t, a, h, papers[0])
	for _, lang := range i18n.Langs() {
		a.lang, b.lang = lang, lang
		paste(t, p, b, keeps)
		shown(t, p, "unknown-"+string(lang))
		if browser.Eval[bool](p, `document.querySelector("#f-paper") !== null || document.querySelector("#unknown") === null`) {
			t.Error("what is not known here is signed here")
		}
		paste(t, p, a, keeps)
		shown(t, p, "keeps-"+string(lang))
		if got := p.Text("#keeps"); !strings.Contains(got, "Семей") {
			t.Errorf("what stays in force: %q", got)
		}
	}

	drops, fresh := change(t, b, h, papers[0])
	for _, lang := range i18n.Langs() {
		a.lang = lang
		paste(t, p, a, drops)
		shown(t, p, "loses-"+string(lang))
	}
	if got := p.Text("#loses"); !strings.Contains(got, "Семей") {
		t.Errorf("what loses its force: %q", got)
	}
	a.lang = i18n.EN
	paste(t, p, a, drops)
	p.Type("#f-paper", papers[1].Printed())
	p.Click(`form[action="/links/holders/sign"] button.first`)
	p.See("#holders-words")
	look(t, p, a, "/links/lost")

	p.Viewport(1366, 768)
	a.lang = i18n.EN
	for _, button := range []string{`form[action="/links/lost/again"] input[name="to"] ~ button`, `form[action="/links/lost/again"] button`} { // signed again, then undone
		p.Go(a.url + "/links/lost")
		p.Click(button)
		for _, paper := range []holders.Secret{fresh, papers[1]} {
			p.Until(`document.querySelector("#f-paper") && document.querySelector("#f-paper").value === ""`)
			shown(t, p, "again")
			p.Type("#f-paper", paper.Printed())
			p.Click(`form[action="/links/lost/sign"] button.first`)
			p.Until(`document.querySelector("#f-paper") === null || document.querySelector("#f-paper").value === ""`)
		}
	}
	d, err := a.db.Decider(t.Context())
	if err != nil || d.Directory.Revoked(ledger.ID(c.db.Centre())) || !d.Directory.Warranted(s.Number, ledger.ID(s.From), ledger.ID(s.To)) {
		t.Error("what was signed again, and undone, is not:", err)
	}
	for _, s := range p.Complaints() {
		t.Error("the console says:", s)
	}
}

// TestWhoSwappedIsTold: both centres took over the other's by words. One page says to take them back, the other to wait.
func TestWhoSwappedIsTold(t *testing.T) {
	p := browser.Open(t)
	a, b := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған")
	pair(t, a, b)
	three(t, a)
	three(t, b)
	carry(t, a, b)
	carry(t, b, a)
	for _, o := range []*office{a, b} {
		p.Go(o.url + "/links/holders")
		p.Click(`form[action="/links/holders/accept"] button.first`)
		p.Until(`document.querySelector("[data-words]") === null`)
	}
	carry(t, a, b)
	carry(t, b, a)
	buttons := 0
	for _, o := range []*office{a, b} {
		look(t, p, o, "/links/holders")
		p.Go(o.url + "/links/holders")
		buttons += browser.Eval[int](p, `document.querySelectorAll('form[action="/links/holders/accept"]').length`)
	}
	if buttons != 1 {
		t.Errorf("%d of the two are to take over the other's", buttons)
	}
	for _, s := range p.Complaints() {
		t.Error("the console says:", s)
	}
}
