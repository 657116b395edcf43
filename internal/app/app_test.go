package app_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

const passphrase = "төрт сөз жеткілікті"

// serve starts a centre on loopback in an empty folder and returns its address.
func serve(t *testing.T, dir string, secret store.Secret) string {
	t.Helper()
	return serveAt(t, dir, secret, "127.0.0.1:0")
}

// serveAt is serve at another address; what it returns is the machine's own.
func serveAt(t *testing.T, dir string, secret store.Secret, listen string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	addr, done := make(chan string, 1), make(chan error, 1)
	start := time.Now()
	at := time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC)
	go func() {
		done <- app.Serve(ctx, app.Options{Dir: dir, Listen: listen, Secret: secret, Log: slog.New(slog.DiscardHandler),
			KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Ready: func(a string) { addr <- a },
			Now: func() time.Time { return at.Add(time.Since(start)) }})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	select {
	case a := <-addr:
		return "http://" + a
	case err := <-done:
		done <- nil
		t.Fatal(err)
		return ""
	}
}

// client is a browser without scripts.
type client struct {
	t    testing.TB
	base string
	http *http.Client
}

func newClient(tb testing.TB, base string) *client {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &client{tb, base, &http.Client{Jar: jar}}
}

func (c *client) get(path string) (body, at string, status int) {
	c.t.Helper()
	r, err := c.http.Get(c.base + path)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.read(r)
}

func (c *client) read(r *http.Response) (body, at string, status int) {
	c.t.Helper()
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if i := strings.Index(string(b), "⟦"); i >= 0 {
		c.t.Errorf("%s has a word without a message: %.60s", r.Request.URL.Path, b[i:])
	}
	return string(b), r.Request.URL.Path, r.StatusCode
}

// submit opens the page and sends its form that goes to action, with hidden fields as they stand.
func (c *client) submit(page, action string, fields url.Values) (body, at string, status int) {
	c.t.Helper()
	body, at, _ = c.get(page)
	if action == "" {
		action = at
	}
	v := hidden(c.t, body, action)
	maps.Copy(v, fields)
	r, err := c.http.PostForm(c.base+action, v)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.read(r)
}

func hidden(tb testing.TB, body, action string) url.Values {
	tb.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Data != "form" || attr(n, "action") != action {
			continue
		}
		v := url.Values{}
		for in := range n.Descendants() {
			if in.Data == "input" && attr(in, "type") == "hidden" {
				v.Add(attr(in, "name"), attr(in, "value"))
			}
		}
		return v
	}
	tb.Fatalf("no form to %s in %.200s", action, body)
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// setUp makes a centre through the set-up page.
func setUp(t *testing.T, c *client) {
	t.Helper()
	_, at, _ := c.get("/")
	if at != "/set-up" {
		t.Fatalf("an empty folder opens %s", at)
	}
	body, at, status := c.submit("/set-up", "/set-up", url.Values{"name": {"Оқу орталығы"}, "area": {"almaty-city"}, "zone": {"Asia/Almaty"},
		"langs": {"kk", "ru", "en"}, "coordinator": {"Айгүл Тестова"}, "lang": {"kk"}, "passphrase": {passphrase}, "passphrase_again": {passphrase}, "again": {passphrase}})
	if status != http.StatusOK || at == "/set-up" {
		t.Fatalf("set-up: %d at %s: %s", status, at, text(body))
	}
	signIn(t, c)
}

func signIn(t *testing.T, c *client) {
	t.Helper()
	body, at, status := c.submit("/sign-in", "/sign-in", url.Values{"name": {"Айгүл Тестова"}, "passphrase": {passphrase}})
	if status != http.StatusOK || at != "/board" && at != "/first" { // a new centre shows its first steps
		t.Fatalf("sign-in: %d at %s: %s", status, at, text(body))
	}
}

// text is what can be read on a page.
func text(body string) string {
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return body
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(strings.TrimSpace(n.Data) + " ")
		}
	}
	return b.String()
}

// saved returns the address of the request whose ref the page reads aloud, "" where there is none.
func saved(t *testing.T, body string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Data == "a" && attr(n, "data-key") == "F9" {
			return attr(n, "href")
		}
	}
	return ""
}

func call() url.Values {
	return url.Values{"phone": {"8 (700) 000-12-34"}, "name": {"Сәуле Ойдан"}, "address": {"Абай 44"}, "lang": {"kk"}, "people": {"4"}, "children": {"1, 6"},
		"cares": {"no_lift"}, "needs": {"нан 2\nинсулин 20:00 дейін"}, "keep": {"yes"}, "for": {"self"}}
}

func TestFromSetUpToACheckedRequestWithoutScripts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "centre")
	c := newClient(t, serve(t, dir, store.Secret{}))
	setUp(t, c)
	body, _, status := c.submit("/call", "/call", call())
	at := saved(t, body)
	if status != http.StatusOK || !strings.HasPrefix(at, "/requests/") {
		t.Fatalf("call: %d at %s: %s", status, at, text(body))
	}
	bad := call()
	bad.Set("phone", "мама")
	if body, _, status := c.submit("/call", "/call", bad); status != http.StatusUnprocessableEntity || !strings.Contains(body, "Сәуле Ойдан") {
		t.Errorf("a phone of letters: %d; what was typed must come back", status)
	}
	if body, _, _ := c.get("/call?phone=87000001234"); !strings.Contains(body, "Абай 44") {
		t.Errorf("the household is not found by its phone: %s", text(body))
	}
	_, at, status = c.submit(at, at+"/check", url.Values{"how": {"phone"}})
	if status != http.StatusOK {
		t.Fatalf("check: %d at %s", status, at)
	}
	if body, _, _ := c.get(at); !strings.Contains(body, "1, 6") {
		t.Errorf("the request does not tell the children's ages: %s", text(body))
	}
	for _, page := range []string{"/board", "/board?view=noplace", "/search?q=0001234", "/plan", "/runs", "/outcomes"} {
		if body, _, status := c.get(page); status != http.StatusOK || page[1] == 'b' && !strings.Contains(body, "Абай 44") {
			t.Errorf("%s: %d %s", page, status, text(body))
		}
	}
	if _, _, status := c.submit(at, at+"/place", url.Values{"where": {"nowhere"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("bad coordinates: %d", status)
	}
	if _, _, status := c.submit(at, at+"/place", url.Values{"where": {"43.24, 76.91"}}); status != http.StatusOK {
		t.Errorf("coordinates: %d", status)
	}
}

func TestAMistypedRingStaysOnThePage(t *testing.T) {
	c := newClient(t, serve(t, filepath.Join(t.TempDir(), "centre"), store.Secret{}))
	setUp(t, c)
	body, at, status := c.submit("/outcomes", "/outcomes", url.Values{"ring": {"70 4 1"}})
	if status != http.StatusUnprocessableEntity || at != "/outcomes" || !strings.Contains(body, "70 4 1") {
		t.Fatalf("%d at %s: %s", status, at, text(body))
	}
}

func TestStrangersSeeNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "centre")
	base := serve(t, dir, store.Secret{})
	setUp(t, newClient(t, base))
	stranger := newClient(t, base)
	for _, page := range []string{"/board", "/call", "/plan", "/runs/sheets.pdf", "/events", "/search?q=1"} {
		if _, at, status := stranger.get(page); at != "/sign-in" && status != http.StatusForbidden && status != http.StatusUnauthorized {
			t.Errorf("%s: %d at %s", page, status, at)
		}
	}
}

// TestACallWithoutAMouse takes a call by keys alone in a real browser, and looks with axe at pages on which little or nothing
// stands, the languages in turn (TestEveryPageCanBeUsed looks at full ones).
func TestACallWithoutAMouse(t *testing.T) {
	p := browser.Open(t)
	dir := filepath.Join(t.TempDir(), "centre")
	base := serve(t, dir, store.Secret{})
	setUp(t, newClient(t, base))
	typeIn(p, base)
	if browser.Eval[bool](p, "!document.querySelector('script[src]')") {
		t.Skip("SKIPPED: the browser code is not bundled; `make assets` does it")
	}
	p.See("html[data-script]")
	p.Keys("n")
	p.Until("location.pathname == '/call'")
	p.See("html[data-script]")
	p.Type("#f-phone", "8 700 000 12 34")
	p.Keys("Tab", "Tab", "Сәуле Ойдан")
	p.Type("#f-address", "Абай 44")
	p.Type("#f-needs", "инсулин 20:00 дейін")
	p.Keys("Ctrl+Enter")
	p.See(".saved .ref")
	p.See("html[data-script]")
	p.Keys("F9")
	p.Until("location.pathname.startsWith('/requests/')")
	request := browser.Eval[string](p, "location.pathname")
	p.Go(base + "/call?phone=87000001234")
	p.See("#matches li")
	nearlyEmpty := []string{"/call?phone=87000001234", "/board", request, "/plan", "/runs", "/outcomes", "/callbacks", "/situation", "/copy"}
	for i, path := range nearlyEmpty {
		lang := string(i18n.Langs()[i%3])
		p.Cookie(base, "lang", lang)
		for _, size := range []struct{ w, h int64 }{{1366, 768}, {390, 844}} {
			p.Viewport(size.w, size.h)
			p.Go(base + path)
			for _, v := range p.Axe() {
				t.Errorf("%s %s %d px: %s", path, lang, size.w, v)
			}
		}
	}
}
