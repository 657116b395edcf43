package brief_test

import (
	"net/http"
	"net/http/httptest"
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
