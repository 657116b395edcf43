package office_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/office"
)

// TestLooks walks through the office in a browser, wide and narrow, in three languages, with axe on each page,
// and keeps screenshots in JUMYLA_SHOTS if that is set.
func TestLooks(t *testing.T) {
	p := browser.Open(t)
	d := newDesk(t)
	open := httptest.NewServer(d.mux)
	t.Cleanup(open.Close)
	closed := httptest.NewServer(web.New(web.Config{Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Viewer: func(*http.Request) (*web.Viewer, error) { return nil, errs.Missing("session") }},
		office.SetUp(func(context.Context, office.SetUpInput) error { return nil }, func(context.Context, string) error { return nil }, false)))
	t.Cleanup(closed.Close)
	look := func(name string, width int64) {
		t.Helper()
		if shots := os.Getenv("JUMYLA_SHOTS"); shots != "" {
			p.Screenshot(filepath.Join(shots, name+".png"))
		}
		for _, v := range p.Axe() {
			t.Errorf("%s: %s", name, v)
		}
		if w := browser.Eval[int64](p, "document.documentElement.scrollWidth"); w > width {
			t.Errorf("%s: %d px wide, the window has %d", name, w, width)
		}
	}
	p.Go(open.URL + "/sign-in")
	if at := p.Focused(); at != "f-name" {
		t.Error("the focus is at", at)
	}
	p.Keys(aigul, "Tab", pass, "Enter")
	p.Until(`document.body.textContent.includes("home of")`)
	d.signIn(aigul, pass)
	to := d.want(303, "POST", "/accounts", fields("name", "Сәуле Үлгіқызы", "lang", "kk", "roles", "operator")).Header().Get("Location")
	pages := []string{"/settings", "/accounts", "/account", "/join", to, strings.TrimSuffix(to, "/code")}
	for _, c := range []struct {
		width int64
		lang  i18n.Lang
	}{{1366, i18n.RU}, {390, i18n.KK}, {390, i18n.EN}} {
		p.Viewport(c.width, 800)
		for url, paths := range map[string][]string{open.URL: pages, closed.URL: {"/set-up", "/unlock"}} {
			p.Cookie(url, "lang", string(c.lang))
			for _, path := range paths {
				p.Go(url + path)
				look(strings.ReplaceAll(strings.Replace(path[1:], strings.Split(to, "/")[2], "one", 1), "/", "-")+"-"+string(c.lang), c.width)
			}
		}
	}
	p.Cookie(open.URL, "lang", "ru")
	p.Go(open.URL + "/account")
	p.Click(`form[action="/lock"] button`)
	p.See("#f-passphrase")
	look("locked", 390)
	p.Keys(pass, "Enter")
	p.Until(`location.pathname == "/account"`) // where it was locked
	for _, c := range p.Complaints() {
		t.Error("the console says:", c)
	}
}
