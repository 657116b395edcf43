package people_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/volunteer"
)

// TestWhoIsHereAlready registers, in three languages and in another script, somebody who is in the list: the form tells
// while one types, asks once, and takes a second entry; one key joins the two, and a click takes it back.
func TestWhoIsHereAlready(t *testing.T) {
	p := browser.Open(t)
	o := open(t)
	o.volunteer("Тоқтасынов Қайрат", "+77015551234", volunteer.Seen)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Role", "coordinator")
		o.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	p.Viewport(1366, 900)
	p.Go(srv.URL + "/people/new")
	if browser.Eval[bool](p, "!document.querySelector('script[src]')") {
		t.Skip("SKIPPED: the browser code is not bundled; `make assets` does it")
	}
	shots := os.Getenv("JUMYLA_SHOTS")
	for _, o.lang = range i18n.Langs() {
		p.Go(srv.URL + "/people/new")
		p.See("html[data-script]")
		p.Type("#f-name", "Kairat Toktasynov")
		p.See("#beside .match")
		p.Type("#f-phone", "8 701 555 12 34")
		p.Until(`document.querySelectorAll("#beside .reasons li").length >= 3`)
		if shots != "" {
			p.Screenshot(filepath.Join(shots, "people-already-"+string(o.lang)+".png"))
		}
		p.Keys("Ctrl+Enter")
		p.See("[name=another]")
		if shots != "" {
			p.Screenshot(filepath.Join(shots, "people-asked-"+string(o.lang)+".png"))
		}
		for _, v := range p.Axe() {
			t.Errorf("%s: %s", o.lang, v)
		}
		if n := len(o.volunteers()); n != 1 {
			t.Fatalf("%s: %d volunteers before anybody said that it is another", o.lang, n)
		}
	}
	p.Click("[name=another]")
	p.Keys("Ctrl+Enter")
	p.Until(`document.querySelector("#f-name").value == ""`)
	if n := len(o.volunteers()); n != 2 {
		t.Fatalf("%d volunteers", n)
	}
	for _, o.lang = range i18n.Langs() {
		p.Go(srv.URL + "/people/twins")
		p.See("html[data-script]")
		p.Keys("1")
		p.See(".empty")
		if n := len(o.volunteers()); n != 1 {
			t.Fatalf("%s: %d volunteers after one key", o.lang, n)
		}
		p.Click(".toast button")
		p.Until(`location.pathname != "/people/twins"`)
		if n := len(o.volunteers()); n != 2 {
			t.Fatalf("%s: %d volunteers after it was taken back", o.lang, n)
		}
	}
	for _, s := range p.Complaints() {
		if !strings.Contains(s, "status of 422") { // the browser notes that the form came back
			t.Error(s)
		}
	}
}
