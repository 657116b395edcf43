package people_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/volunteer"
)

// TestLooks checks the pages with axe, wide and narrow, light and dark, in three languages, and keeps screenshots in
// JUMYLA_SHOTS if that is set.
func TestLooks(t *testing.T) {
	p := browser.Open(t)
	o := open(t)
	v := o.volunteer(driver, "+77015551234", volunteer.Seen)
	said := o.volunteer(minor, "+77015550011", volunteer.Said)
	o.volunteer("Ұлпан Қиялқызы", "+77015550022", volunteer.Unknown)
	o.volunteer("Ulpan Kiyalkyzy", "+77015550022", volunteer.Said)
	o.post("/crews", "coordinator", http.StatusSeeOther, form("driver", v.ID.String(), "from", "9", "to", "21"))
	o.post("/people/"+said.ID.String()+"/seen", "coordinator", http.StatusSeeOther, nil)
	o.post("/crews", "coordinator", http.StatusSeeOther, form("driver", said.ID.String()))
	o.post("/people/"+said.ID.String()+"/unseen", "coordinator", http.StatusSeeOther, nil)
	o.post("/rules/preset", "coordinator", http.StatusSeeOther, form("name", rule.Almaty2022))
	o.post("/stock", "coordinator", http.StatusSeeOther, form("n_basket", "120"))
	o.post("/places", "coordinator", http.StatusSeeOther, form("street", "Абай даңғылы", "house", "44", "lat", "43.2389", "lon", "76.8897"))
	o.loadAreas("coordinator", http.StatusSeeOther, "../../area/testdata/since.geojson", "")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Role", "coordinator")
		o.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	shots := os.Getenv("JUMYLA_SHOTS")
	// The phone is as high as its pages, so that no field lies half under the bar at the bottom.
	for _, size := range []struct {
		name          string
		width, height int64
		theme         string
	}{{"wide", 1366, 768, "light"}, {"phone", 390, 2400, "dark"}} {
		p.Viewport(size.width, size.height)
		p.Media("prefers-color-scheme", size.theme)
		for _, o.lang = range i18n.Langs() {
			for _, path := range []string{"/people", "/people/new", "/people/twins", "/people/" + said.ID.String(), "/people/" + said.ID.String() + "/edit", "/crews", "/rules", "/stock", "/places?q=абай", "/areas"} {
				p.Go(srv.URL + path)
				name := strings.Join([]string{strings.NewReplacer("/", "-", "?", "-", said.ID.String(), "one").Replace(path[1:]), size.name, string(o.lang)}, "-")
				if shots != "" {
					p.Screenshot(filepath.Join(shots, name+".png"))
				}
				for _, v := range p.Axe() {
					t.Errorf("%s: %s", name, v)
				}
				if w := browser.Eval[int64](p, "document.documentElement.scrollWidth"); w > size.width {
					t.Errorf("%s: %d px wide, the window has %d", name, w, size.width)
				}
			}
		}
	}
	for _, s := range p.Complaints() {
		t.Error(s)
	}
}
