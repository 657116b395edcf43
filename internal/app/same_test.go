package app_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// typeIn signs the coordinator in at a real browser, who comes to the board, or in a new centre to its first steps.
func typeIn(p *browser.Page, base string) {
	p.Go(base + "/sign-in")
	p.Type("[name=name]", "Айгүл Тестова")
	p.Type("[name=passphrase]", passphrase)
	p.Keys("Enter")
	p.Until("['/board', '/first'].includes(location.pathname)")
}

// sitDown signs the coordinator in at a real browser; it skips where the browser code is not bundled.
func sitDown(t *testing.T, p *browser.Page, base string) {
	t.Helper()
	typeIn(p, base)
	if browser.Eval[bool](p, "!document.querySelector('script[src]')") {
		t.Skip("SKIPPED: the browser code is not bundled; `make assets` does it")
	}
}

// open opens a page and waits until its keys work.
func open(t *testing.T, p *browser.Page, url string) {
	t.Helper()
	p.Go(url)
	p.See("html[data-script]")
}

// look takes the page that is open at in three languages and two sizes, and asks axe about each.
func look(t *testing.T, p *browser.Page, base, name string) {
	t.Helper()
	shots := os.Getenv("JUMYLA_SHOTS")
	at := browser.Eval[string](p, "location.pathname + location.search")
	for i, lang := range i18n.Langs() {
		p.Cookie(base, "lang", string(lang))
		p.Media("prefers-color-scheme", []string{"light", "dark", "light"}[i])
		for size, w := range map[string]int64{"wide": 1366, "phone": 390} {
			p.Viewport(w, 900)
			p.Go(base + at)
			if shots != "" {
				p.Screenshot(filepath.Join(shots, name+"-"+size+"-"+string(lang)+".png"))
			}
			for _, v := range p.Axe() {
				t.Errorf("%s %s %s: %s", name, lang, size, v)
			}
		}
	}
	p.Media("prefers-color-scheme", "light")
	p.Viewport(1366, 900)
	p.Cookie(base, "lang", "en")
}

// TestTheSameAsBeforeByKeys answers the question "the same as?" by keys alone: once different, once the same.
func TestTheSameAsBeforeByKeys(t *testing.T) {
	p := browser.Open(t)
	base := serve(t, filepath.Join(t.TempDir(), "centre"), store.Secret{})
	c := newClient(t, base)
	setUp(t, c)
	first := call()
	first.Set("needs", "азық-түлік себеті")
	body, _, _ := c.submit("/call", "/call", first)
	before := saved(t, body)
	sitDown(t, p, base)
	p.Cookie(base, "lang", "en")

	open(t, p, base+"/call")
	p.Type("#f-phone", "8 700 000 12 34")
	p.See("#matches li")
	p.Type("#f-needs", "инсулин 20:00 дейін")
	p.Until(`document.querySelector("#urgency")?.innerText.includes("insulin +40")`)
	p.Until(`document.querySelector("#beside section[lang=kk]") != null`)
	p.Until("location.search.startsWith('?draft=')")
	draft := base + browser.Eval[string](p, "location.pathname + location.search")
	look(t, p, base, "call-matches")
	for _, lang := range i18n.Langs() {
		p.Cookie(base, "lang", string(lang))
		open(t, p, draft)
		p.See("#matches li")
		hears(t, p, "#matches", lang.T("same.perhaps"), lang.T("why.phone.same"))
	}
	p.Cookie(base, "lang", "en")
	open(t, p, draft)
	p.See("#matches li")
	p.Keys("F2", "d")
	p.Gone("#matches li")
	open(t, p, draft) // it knows
	p.Until(`document.querySelector("[name=different]") != null`)
	if n := p.Count("#matches li"); n != 0 {
		t.Fatal("asked again although somebody said different")
	}
	p.Type("#f-address", "Абай 46")
	p.Keys("Ctrl+Enter")
	p.See(".saved .ref")
	look(t, p, base, "call-saved")

	open(t, p, base+"/call")
	p.Type("#f-phone", "8 700 000 12 34")
	p.Until(`document.querySelectorAll("#matches > li").length == 2`)
	p.Type("#f-needs", "азық-түлік себеті\nсу 2")
	p.Keys("F2", "j", "Enter")
	p.See(".saved .ref")
	if got := browser.Eval[string](p, `document.querySelector("[data-key=F9]").getAttribute("href")`); got != before {
		t.Fatalf("the call went to %s, not to the request that waits", got)
	}
	p.Keys("F9")
	p.Until("location.pathname.startsWith('/requests/')")
	if n := p.Count("main table tbody tr"); n != 2 {
		t.Errorf("%d needs: what was asked for twice counts once", n)
	}
	if got := p.Complaints(); len(got) > 0 {
		t.Error(got)
	}
}

// TestPairsAreClearedByKeys clears the queue of records that may be one household, and takes a link back.
func TestPairsAreClearedByKeys(t *testing.T) {
	p := browser.Open(t)
	base := serve(t, filepath.Join(t.TempDir(), "centre"), store.Secret{})
	c := newClient(t, base)
	setUp(t, c)
	for _, name := range []string{"Сәуле Ойдан", "Saule Oidan", "Серік Ойдан"} {
		one := call()
		one.Set("name", name)
		c.submit("/call", "/call", one)
	}
	sitDown(t, p, base)
	p.Cookie(base, "lang", "en")
	open(t, p, base+"/same")
	p.See(".pair-of .record")
	first := p.Text(".pair-of")
	if !strings.Contains(first, "Сәуле") || !strings.Contains(first, "Saule") {
		t.Fatalf("the likeliest pair is not the first: %s", first)
	}
	look(t, p, base, "same")
	in := func(lang i18n.Lang, left int) {
		t.Helper()
		p.Cookie(base, "lang", string(lang))
		open(t, p, base+"/same")
		hears(t, p, "main", lang.T("same.question"), lang.T("same.left", "n", left), lang.T("why.phone.same"), lang.T("why.address.same"), lang.T("same.agreement"))
	}
	in(i18n.KK, 3)
	p.Keys("s")
	p.Until(`document.querySelector(".pair-of").innerText.includes("Серік")`)
	in(i18n.RU, 2)
	p.Keys("k")
	p.Until(`document.querySelector(".lead")?.innerText.includes("` + i18n.RU.T("same.left", "n", 1) + `")`)
	in(i18n.EN, 1)
	p.Keys("d")
	p.See(".empty")

	p.Go(base + "/search?q=" + url.QueryEscape("saule"))
	if n := p.Count("main table tbody tr"); n < 2 {
		t.Errorf("%d rows: a name in Latin letters finds both spellings", n)
	}
	open(t, p, base+"/call")
	p.Type("#f-phone", "8 700 000 12 34")
	p.Until(`document.querySelectorAll("#matches li.match").length == 2`) // two linked, one other
	p.Go(base + browser.Eval[string](p, `document.querySelector("#matches li.match:has(.quiet) a").getAttribute("href")`))
	p.Click("main a[href^='/households/']")
	p.Until("location.pathname.startsWith('/households/') && document.readyState === 'complete'")
	if n := p.Count(".record"); n != 2 {
		t.Fatalf("%d records of the household, want both", n)
	}
	look(t, p, base, "household")
	here := browser.Eval[string](p, "location.pathname")
	for _, lang := range i18n.Langs() { // the link is taken back, and made again
		p.Cookie(base, "lang", string(lang))
		open(t, p, base+here)
		hears(t, p, "main", lang.T("same.linked"), lang.T("same.undo"))
		p.Click(".said:has(.tone-good) button[value=undone]")
		p.Until(`document.querySelectorAll(".record").length == 1`)
		hears(t, p, "main", lang.T("desk.same"), lang.T("same.link"))
		p.Click(".said button[value=same]")
		p.Until(`document.querySelectorAll(".record").length == 2`)
	}
	if got := p.Complaints(); len(got) > 0 {
		t.Error(got)
	}
}

// hears holds that a part of the page says all of some words.
func hears(t *testing.T, p *browser.Page, part string, words ...string) {
	t.Helper()
	text := p.Text(part)
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q: %s", part, w, text)
		}
	}
}

// TestTheSameWithoutScripts holds that both answers work as plain forms.
func TestTheSameWithoutScripts(t *testing.T) {
	c := newClient(t, serve(t, filepath.Join(t.TempDir(), "centre"), store.Secret{}))
	setUp(t, c)
	body, _, _ := c.submit("/call", "/call", call())
	before := saved(t, body)
	body, _, _ = c.get("/call?phone=87000001234")
	for name, want := range map[string]string{"same": "Абай 44", "not": ""} {
		v := url.Values{name: {button(t, body, name)}, "needs": {"су 5"}, "phone": {"87000001234"}}
		path := map[string]string{"same": "/call/same", "not": "/call/beside"}[name]
		r, err := c.http.PostForm(c.base+path, v)
		if err != nil {
			t.Fatal(err)
		}
		page, at, _ := c.read(r)
		if at != "/call" || field(t, page, "address") != want || field(t, page, "needs") != "су 5" {
			t.Errorf("%s leads to %s with %q and %q", name, at, field(t, page, "address"), field(t, page, "needs"))
		}
	}
	r, err := c.http.PostForm(c.base+"/call", url.Values{"again": {before[len("/requests/"):]}, "needs": {"су 5"}, "form_token": {"twice-is-once"}})
	if err != nil {
		t.Fatal(err)
	}
	if page, _, _ := c.read(r); saved(t, page) != before {
		t.Error("a call for a request that waits was not added to it")
	}
}

// button returns the value of the page's first button of that name.
func button(t *testing.T, body, name string) string {
	t.Helper()
	for n := range parsed(t, body).Descendants() {
		if n.Data == "button" && attr(n, "name") == name {
			return attr(n, "value")
		}
	}
	t.Fatalf("no button %s", name)
	return ""
}

// field returns what stands in a field of the page.
func field(t *testing.T, body, name string) string {
	t.Helper()
	for n := range parsed(t, body).Descendants() {
		if attr(n, "name") != name {
			continue
		}
		if n.Data == "textarea" && n.FirstChild != nil {
			return n.FirstChild.Data
		}
		return attr(n, "value")
	}
	return ""
}

func parsed(t *testing.T, body string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
