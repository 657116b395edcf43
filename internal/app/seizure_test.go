package app_test

import (
	"html"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// TestTheCentreIsLockedAndOpenedAgain locks the screen by its button, then the whole centre: nobody gets in until the
// centre's passphrase is typed, and nothing is lost.
func TestTheCentreIsLockedAndOpenedAgain(t *testing.T) {
	base, _ := serveWith(t, app.Options{Dir: filepath.Join(t.TempDir(), "centre")})
	c := newClient(t, base)
	setUp(t, c)
	body, _, _ := c.submit("/call", "/call", call())
	at := saved(t, body)
	if !strings.Contains(body, `data-key="F10"`) {
		t.Error("no key locks the screen")
	}
	if _, to, _ := c.submit("/board", "/lock", url.Values{"back": {at}}); !strings.HasPrefix(to, "/sign-in") {
		t.Error("a locked screen leads to", to)
	}
	if _, to, _ := c.get(at); !strings.HasPrefix(to, "/sign-in") {
		t.Error("a locked screen shows", to)
	}
	c.submit("/sign-in", "/sign-in", url.Values{"name": {"Айгүл Тестова"}, "passphrase": {passphrase}})
	if _, to, status := c.submit("/panic", "/close", nil); to != "/unlock" || status != http.StatusOK {
		t.Fatalf("%d at %s", status, to)
	}
	for _, path := range []string{"/", at, "/quality"} {
		if body, to, status := c.get(path); to != "/unlock" || status != http.StatusOK || !strings.Contains(body, html.EscapeString(i18n.KK.T("office.unlock_locked"))) {
			t.Errorf("%s of a locked centre: %d at %s: %s", path, status, to, text(body))
		}
	}
	r, err := c.http.PostForm(base+"/call", call())
	if err != nil {
		t.Fatal(err)
	}
	if body, _, status := c.read(r); status != http.StatusServiceUnavailable || !strings.Contains(body, html.EscapeString(i18n.KK.T("office.closed_here"))) {
		t.Errorf("a call for a locked centre: %d %s", status, text(body))
	}
	c.submit("/unlock", "/unlock", url.Values{"passphrase": {passphrase}})
	c.submit("/sign-in", "/sign-in", url.Values{"name": {"Айгүл Тестова"}, "passphrase": {passphrase}})
	if body, _, status := c.get(at); status != http.StatusOK || !strings.Contains(body, "Абай 44") {
		t.Errorf("%d: the call is gone", status)
	}
	if _, _, status := c.submit("/call", "/call", call()); status != http.StatusOK {
		t.Error("nothing can be written after it was opened again:", status)
	}
}

// TestTheLockKeepsWhatWasTypedLast locks the screen in the second after a word was typed: it is there after the passphrase.
func TestTheLockKeepsWhatWasTypedLast(t *testing.T) {
	p := browser.Open(t)
	base := serve(t, filepath.Join(t.TempDir(), "centre"), store.Secret{})
	setUp(t, newClient(t, base))
	typeIn(p, base)
	if browser.Eval[bool](p, "!document.querySelector('script[src]')") {
		t.Skip("SKIPPED: the browser code is not bundled; `make assets` does it")
	}
	p.Go(base + "/call")
	p.See("html[data-script]")
	p.Type("#f-address", "Абай 44")
	p.Keys("F10")
	p.Until("location.pathname == '/sign-in'")
	p.Type("[name=passphrase]", passphrase)
	p.Keys("Enter")
	p.Until("location.pathname == '/call'")
	p.Until("document.querySelector('#f-address').value == 'Абай 44'")
}

// TestPanic types another word first, then the right one: only then are the keys gone, and the program.
func TestPanic(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "centre")
	gone := make(chan struct{}, 1)
	base, log := serveWith(t, app.Options{Dir: dir, Gone: func() { gone <- struct{}{} }})
	c := newClient(t, base)
	setUp(t, c)
	page, _, _ := c.get("/panic")
	if _, word, _ := strings.Cut(page, `id="f-word"`); !strings.Contains(page, `data-key="Alt+c" autofocus`) || strings.Contains(strings.SplitN(word, ">", 2)[0], "autofocus") {
		t.Error("the cursor does not stand on what loses nothing")
	}
	if _, _, status := c.submit("/panic", "/panic", url.Values{"word": {"жоқ"}}); status != http.StatusUnprocessableEntity {
		t.Error("another word:", status)
	}
	if len(gone) > 0 {
		t.Fatal("gone by another word")
	}
	body, _, status := c.submit("/panic", "/panic", url.Values{"word": {strings.ToLower(i18n.KK.T("panic.word"))}})
	if status != http.StatusOK || body != i18n.KK.T("panic.done") || len(gone) != 1 {
		t.Fatalf("%d %q, gone %d; %s", status, body, len(gone), log)
	}
	if _, err := store.Open(t.Context(), store.Config{Dir: dir, Kinds: app.Kinds()}, store.Secret{Passphrase: passphrase}); err == nil {
		t.Error("the data open")
	}
	if pid, err := store.Destroy(dir); err != nil || pid == 0 {
		t.Error("the program that has the folder is not named:", pid, err)
	}
}
