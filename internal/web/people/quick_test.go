package people_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/volunteer"
)

// TestAVolunteerInTwentySeconds registers two who stand at the desk by keys alone. A name and a phone are all that must be
// typed: what most people answer is filled in already, and the next form is open when one is saved.
func TestAVolunteerInTwentySeconds(t *testing.T) {
	p := browser.Open(t)
	o := open(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Role", "operator")
		o.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	p.Go(srv.URL + "/people")
	if browser.Eval[bool](p, "!document.querySelector('script[src]')") {
		t.Skip("SKIPPED: the browser code is not bundled; `make assets` does it")
	}
	p.See("html[data-script]")
	p.Keys("F2")
	pressed := 1
	for i, who := range [][2]string{{"Үлгі Қиял", "87000001111"}, {"Проба Вымысел", "8 700 000 22 22"}} {
		p.Until(`location.pathname == "/people/new" && document.documentElement.dataset.script && document.activeElement.id == "f-name" && document.activeElement.value == ""`)
		p.Keys(who[0], "Tab", who[1], "Ctrl+Enter")
		pressed += len([]rune(who[0])) + len([]rune(who[1])) + 2
		p.See(".toast")
		p.Until(`document.querySelector("#f-name").value == ""`)
		all, err := volunteer.List(t.Context(), o.db)
		if err != nil || len(all) != i+1 {
			t.Fatal(len(all), err)
		}
	}
	if pressed > 2*40 {
		t.Errorf("%d keys for two volunteers: that is no twenty seconds each", pressed)
	}
	all, err := volunteer.List(t.Context(), o.db)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.Adult != volunteer.Said || len(v.Langs) != 2 || v.Phone == "" {
			t.Errorf("%+v", v)
		}
	}
}
