package app_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/web"
)

// ticked returns how many of the first steps the page says are done.
func (c *client) ticked() int {
	c.t.Helper()
	body, _, status := c.get("/first")
	if status != 200 {
		c.t.Fatal("first steps:", status)
	}
	return strings.Count(body, `tone-good`)
}

// TestFirstStepsTickThemselvesOff goes from set-up to a first call with nothing but what the pages say.
func TestFirstStepsTickThemselvesOff(t *testing.T) {
	c := newClient(t, serve(t, filepath.Join(t.TempDir(), "centre"), store.Secret{}))
	setUp(t, c)
	again := newClient(t, c.base)
	if _, at, _ := again.submit("/sign-in", "/sign-in", url.Values{"name": {"Айгүл Тестова"}, "passphrase": {passphrase}}); at != "/first" {
		t.Error("in a new centre sign-in leads to", at)
	}
	if n := c.ticked(); n != 0 {
		t.Error(n, "steps are done in an empty centre")
	}
	settings := func(where string) (body, at string, status int) {
		return c.submit("/settings", "/settings", url.Values{"name": {"Оқу орталығы"}, "area": {"almaty-city"}, "zone": {"Asia/Almaty"}, "langs": {"kk"}, "basket": {"7"}, "coordinates": {where}})
	}
	if _, _, status := settings("Қиялкент"); status != 422 {
		t.Error("a town that does not exist is taken:", status)
	}
	settings("алматы")
	if body, _, _ := c.get("/first"); c.ticked() != 0 || !strings.Contains(body, "Алматы") {
		t.Error("the middle of a town is taken for the centre's door, or is not said")
	}
	settings("https://2gis.kz/almaty/geo/1/76.8897,43.2389")
	if c.ticked() != 1 {
		t.Error("where the centre stands is not ticked off")
	}
	c.submit("/accounts", "/accounts", url.Values{"name": {"Жаңа Үлгі"}, "roles": {"operator"}, "lang": {"kk"}})
	c.submit("/call", "/call", call())
	c.submit("/copy", "/copy", url.Values{"folder": {t.TempDir()}})
	if n := c.ticked(); n != 4 {
		t.Error(n, "of 4 steps are ticked off")
	}
	if body, _, _ := c.get("/board"); !strings.Contains(body, `href="/first"`) {
		t.Error("the board does not lead to the first steps")
	}
	c.submit("/first", "/first", nil)
	if body, _, _ := c.get("/board"); strings.Contains(body, `href="/first"`) {
		t.Error("the board still leads to what was put away")
	}
	c.http.Jar = newClient(t, c.base).http.Jar
	if _, at, _ := c.submit("/sign-in", "/sign-in", url.Values{"name": {"Айгүл Тестова"}, "passphrase": {passphrase}}); at != "/board" {
		t.Error("after they were put away sign-in leads to", at)
	}
	settings("Алматы")
	if _, at, _ := c.get("/first"); at != "/first" {
		t.Error("the page of the first steps is gone")
	}
}

// TestANewCentreByKeys sets a centre up in a browser without a mouse and goes on from the first steps, in three languages, wide and
// on a phone, light and dark; pictures go to JUMYLA_SHOTS.
func TestANewCentreByKeys(t *testing.T) {
	p := browser.Open(t)
	if web.Embedded().URL("app.js") == "" {
		t.Skip("SKIPPED: the browser code is not bundled; `make assets` does it")
	}
	base := serve(t, filepath.Join(t.TempDir(), "centre"), store.Secret{})
	looked := func(name string) {
		for _, c := range []struct {
			width int64
			theme string
		}{{1366, "light"}, {390, "dark"}} {
			p.Viewport(c.width, 800)
			p.Media("prefers-color-scheme", c.theme)
			for _, lang := range i18n.Langs() {
				p.Cookie(base, "lang", string(lang))
				p.Go(base + name)
				if shots := os.Getenv("JUMYLA_SHOTS"); shots != "" {
					p.Screenshot(filepath.Join(shots, fmt.Sprintf("new%s-%s-%s.png", strings.ReplaceAll(name, "/", "-"), lang, c.theme)))
				}
				for _, v := range p.Axe() {
					t.Errorf("%s %s %s: %s", name, lang, c.theme, v)
				}
				if w := browser.Eval[int64](p, "document.documentElement.scrollWidth"); w > c.width {
					t.Errorf("%s %s: %d px wide, the window has %d", name, lang, w, c.width)
				}
			}
		}
		p.Viewport(1366, 800)
	}
	looked("/set-up")
	p.Cookie(base, "lang", "ru")
	p.Go(base + "/set-up")
	p.Keys("Учебный центр", "Tab", "Алматы", "Tab", "Tab", "Tab", "Tab", "Tab", "Алматы", "Tab", "Айгүл Тестова", "Tab", passphrase, "Tab", passphrase, "Enter")
	p.Until("location.pathname == '/sign-in'")
	p.Until("document.activeElement?.id == 'f-name'")
	p.Keys("Айгүл Тестова", "Tab", passphrase, "Enter")
	p.Until("location.pathname == '/first'")
	looked("/first")
	p.Go(base + "/first")
	p.Until("document.activeElement?.className == 'button first'") // the next step is under the finger
	p.Keys("Enter")
	p.Until("location.pathname == '/settings'")
	looked("/settings")
}
