package app_test

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/app/drill"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
)

// TestTheDrillLeadsToEachThingToTry presses the button of each step: it opens the step's page in the step's role. The last of
// them, a quality call, is made: what did not come is open again, and the history says so.
func TestTheDrillLeadsToEachThingToTry(t *testing.T) {
	base := serveDemo(t)
	for _, s := range demo.Script(1) {
		if s.Page == "" {
			continue
		}
		c := newClient(t, base)
		body, at, status := c.submit("/try", "/try", url.Values{"step": {s.Code}})
		if at != s.Page || status != http.StatusOK {
			t.Errorf("%s leads to %s, %d", s.Code, at, status)
		}
		if s.Code == "quality" {
			qualityCall(t, c, body)
		}
	}
	if _, at, _ := newClient(t, base).submit("/try", "/try", url.Values{"step": {"wipe"}, "role": {"operator"}}); at != "/board" {
		t.Errorf("a step without a page leads to %s", at)
	}
}

func qualityCall(t *testing.T, c *client, list string) {
	t.Helper()
	if !strings.Contains(list, "/quality/next") {
		t.Fatalf("nobody is to be called: %s", text(list))
	}
	body, at, status := c.submit("/quality", "/quality/next", nil)
	if status != http.StatusOK || !strings.HasPrefix(at, "/quality/") || !strings.Contains(body, "+7 7") {
		t.Fatalf("%d at %s: %s", status, at, text(body))
	}
	if enter := firstButton(t, body, at); enter != "" {
		t.Errorf("before any answer Enter sends %q", enter)
	}
	if body, _, status := c.submit(at, at, url.Values{"answer": {""}, "note": {"бәрі келді"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("a note without an answer: %d %s", status, text(body))
	}
	body, _, status = c.submit(at, at, url.Values{"answer": {"nothing"}})
	if status != http.StatusUnprocessableEntity || strings.Count(body, `aria-pressed="true"`) != strings.Count(list, `aria-pressed="true"`)+1 {
		t.Errorf("a dispute without what came: %d %s", status, text(body))
	}
	if enter := firstButton(t, body, at); enter != "nothing" {
		t.Errorf("after a refusal Enter sends %q", enter)
	}
	body, to, status := c.submit(at, at, url.Values{"answer": {"nothing"}, "note": {"ешкім келген жоқ"}})
	said := false
	for _, l := range i18n.Langs() {
		said = said || strings.Contains(body, l.T("quality.event_nothing"))
	}
	if status != http.StatusOK || !strings.HasPrefix(to, "/requests/") || !said || !strings.Contains(body, "ешкім келген жоқ") {
		t.Errorf("%d at %s: %s", status, to, text(body))
	}
	if _, _, status := c.get(at); status != http.StatusNotFound {
		t.Errorf("the call is still open: %d", status)
	}
}

// firstButton returns the value of the button that Enter presses in the form that goes to action.
func firstButton(t *testing.T, body, action string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for form := range doc.Descendants() {
		if form.Data != "form" || attr(form, "action") != action {
			continue
		}
		for n := range form.Descendants() {
			if n.Data == "button" {
				return attr(n, "value")
			}
		}
	}
	t.Errorf("no form goes to %s", action)
	return ""
}

// TestTheDoorSaysHowFarTheDrillIsFilled asks the door and the board while the drill is being filled, and when it is whole.
func TestTheDoorSaysHowFarTheDrillIsFilled(t *testing.T) {
	var done atomic.Int64
	done.Store(25)
	base, _ := serveWith(t, app.Options{Dir: filepath.Join(t.TempDir(), "demo"), Demo: true, Seed: 1, Secret: store.Secret{Passphrase: drill.Passphrase},
		Now: drill.Clock(demo.Now(), time.Now), Filling: func() (int, int) { return int(done.Load()), 100 },
		Filled: func(ctx context.Context, db *store.DB) error {
			return drill.Load(ctx, db, 1, store.KDF{Time: 1, Memory: 64, Threads: 1}, nil)
		}})
	c := newClient(t, base)
	if body, _, _ := c.get("/try"); !strings.Contains(body, `value="25"`) || !strings.Contains(body, "hx-trigger") {
		t.Error("the door does not say that a quarter is there:", text(body))
	}
	board, at, _ := c.submit("/try", "/try", url.Values{"role": {"operator"}})
	if said := i18n.KK.T("try.filling", "percent", 25); at != "/board" || !strings.Contains(board, said) {
		t.Errorf("at %s nothing says %q", at, said)
	}
	done.Store(100)
	if body, _, _ := c.get("/try"); strings.Contains(body, "<progress") || strings.Contains(body, "hx-trigger") {
		t.Error("a drill that is whole is still being filled")
	}
}
