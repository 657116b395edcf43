package brief_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// TestLooks checks the page with axe, wide and narrow, in three languages.
func TestLooks(t *testing.T) {
	p := browser.Open(t)
	o := open(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Role", "coordinator")
		o.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	for _, size := range []struct {
		width, height int64
		theme         string
	}{{1366, 768, "light"}, {390, 2400, "dark"}} {
		p.Viewport(size.width, size.height)
		p.Media("prefers-color-scheme", size.theme)
		for _, o.lang = range i18n.Langs() {
			p.Go(srv.URL + "/situation")
			for _, v := range p.Axe() {
				t.Errorf("%d %s: %s", size.width, o.lang, v)
			}
			if w := browser.Eval[int64](p, "document.documentElement.scrollWidth"); w > size.width {
				t.Errorf("%s: %d px wide, the window has %d", o.lang, w, size.width)
			}
		}
	}
	for _, s := range p.Complaints() {
		t.Error(s)
	}
}

// TestEveryFigureIsSeenOnAPhone holds both tables to a narrow window: each kind of help with its three figures, each area with
// its one, and nothing cut off.
func TestEveryFigureIsSeenOnAPhone(t *testing.T) {
	p := browser.Open(t)
	o := open(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Role", "coordinator")
		o.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	p.Viewport(360, 800)
	for _, o.lang = range i18n.Langs() {
		p.Go(srv.URL + "/situation")
		if n := p.Count("main table"); n != 2 {
			t.Fatalf("%s: %d tables", o.lang, n)
		}
		const seen = "e => (b => b.width > 0 && b.left >= 0 && b.right <= innerWidth && e.scrollWidth <= e.clientWidth + 1)(e.getBoundingClientRect())"
		if cut := browser.Eval[string](p, "[...document.querySelectorAll('main tbody td, main h1, main > p')].filter(e => !("+seen+")(e)).map(e => e.textContent).join('; ')"); cut != "" {
			t.Errorf("%s: not seen: %s", o.lang, cut)
		}
		if got := browser.Eval[string](p, "document.querySelector('main tbody tr').innerText"); !strings.Contains(got, o.lang.T("brief.status_done")) {
			t.Errorf("%s: the figures have no names: %s", o.lang, got)
		}
	}
}
