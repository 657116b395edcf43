package gallery

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/web"
)

func open(t *testing.T) (*Gallery, string, *browser.Page) {
	t.Helper()
	p := browser.Open(t)
	g := New(time.Now)
	srv := httptest.NewServer(g)
	t.Cleanup(func() {
		g.Events.Close()
		srv.Close()
	})
	return g, srv.URL, p
}

func needsBundle(t *testing.T) {
	t.Helper()
	if web.Embedded().URL("app.js") == "" {
		t.Skip("SKIPPED: the browser code is not bundled; `make assets` does it")
	}
}

// TestLooks checks every page of the gallery with axe, wide and narrow, light and dark, in three languages,
// and keeps screenshots in JUMYLA_SHOTS if that is set.
func TestLooks(t *testing.T) {
	_, url, p := open(t)
	shots := os.Getenv("JUMYLA_SHOTS")
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"wide", 1366, 768}, {"phone", 390, 844}} {
		p.Viewport(size.width, size.height)
		for _, lang := range i18n.Langs() {
			p.Cookie(url, "lang", string(lang))
			for _, theme := range []string{"light", "dark"} {
				p.Media("prefers-color-scheme", theme)
				for _, path := range []string{"/gallery", "/blank", "/broken"} {
					p.Go(url + path)
					name := strings.Join([]string{path[1:], size.name, theme, string(lang)}, "-")
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
	}
	if shots != "" {
		p.Viewport(1366, 768)
		p.Go(url + "/gallery")
		p.Keys("?")
		p.Screenshot(filepath.Join(shots, "help.png"))
		p.Media("", "print")
		p.Screenshot(filepath.Join(shots, "print.png"))
	}
	if c := p.Complaints(); len(c) > 1 { // /broken is a 409, which the browser notes too
		for _, s := range c {
			if !strings.Contains(s, "409") {
				t.Error(s)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	needsBundle(t)
	_, url, p := open(t)
	p.Go(url + "/gallery")
	p.Keys("j", "j")
	if got := browser.Eval[string](p, "document.activeElement.closest('tr').id"); got != "r1" {
		t.Errorf("J J stands on %s", got)
	}
	p.Keys("k")
	if got := browser.Eval[string](p, "document.activeElement.closest('tr').id"); got != "r0" {
		t.Errorf("K stands on %s", got)
	}
	p.Keys("/")
	if p.Focused() != "search" {
		t.Error("/ does not search:", p.Focused())
	}
	p.Keys("gb", "Esc")
	if v := browser.Eval[string](p, "search.value"); v != "gb" {
		t.Errorf("Esc lost what was typed, or a letter was a key: %q", v)
	}
	p.Keys("?")
	p.See("dialog#help[open]")
	p.Keys("Esc")
	p.Gone("dialog#help[open]")
	p.Keys("g", "r")
	p.Until("location.pathname === '/runs' && document.documentElement.dataset.script")
	p.Keys("n")
	p.Until("location.pathname === '/call'")
}

// TestKeysInAKazakhLayout presses the place of a key and not its letter.
func TestKeysInAKazakhLayout(t *testing.T) {
	needsBundle(t)
	_, url, p := open(t)
	p.Go(url + "/gallery")
	for _, k := range [][2]string{{"KeyG", "п"}, {"KeyB", "и"}} {
		browser.Eval[bool](p, `document.body.dispatchEvent(new KeyboardEvent("keydown", {code:"`+k[0]+`", key:"`+k[1]+`", bubbles:true, cancelable:true}))`)
	}
	p.Until("location.pathname === '/board'")
}

func TestFormComesBackAndToastTakesBack(t *testing.T) {
	_, url, p := open(t)
	p.Go(url + "/gallery")
	p.Type("#f-note", "Абай 44")
	p.Click("form.pair button.first")
	p.See("#f-name-error")
	if v := browser.Eval[string](p, "document.querySelector('#f-note').value"); v != "Абай 44" {
		t.Errorf("what was typed came back as %q", v)
	}
	if vs := p.Axe(); len(vs) > 0 {
		t.Error(vs)
	}
	if shots := os.Getenv("JUMYLA_SHOTS"); shots != "" {
		p.Screenshot(filepath.Join(shots, "wrong.png"))
	}
	p.Type("#f-name", "Сәуле")
	p.Click("form.pair button.first")
	p.See(".toast button")
	if vs := p.Axe(); len(vs) > 0 {
		t.Error(vs)
	}
	if shots := os.Getenv("JUMYLA_SHOTS"); shots != "" {
		p.Screenshot(filepath.Join(shots, "toast.png"))
	}
	p.Click(".toast button")
	p.Gone(".toast button")
	p.See(".toast")
}

func TestMenu(t *testing.T) {
	needsBundle(t)
	_, url, p := open(t)
	p.Go(url + "/gallery")
	p.Click("details.menu summary")
	p.See(".menu .sheet")
	if vs := p.Axe(); len(vs) > 0 {
		t.Error(vs)
	}
	if shots := os.Getenv("JUMYLA_SHOTS"); shots != "" {
		p.Screenshot(filepath.Join(shots, "menu.png"))
	}
	p.Keys("Esc")
	p.Gone("details.menu[open]")
	p.Click("details.menu summary")
	p.Click(".menu button[value=dark]")
	p.See("html[data-theme=dark]")
	p.Click(".bar > .languages button[value=ru]")
	p.See("html[lang=ru]")
}

// TestWithoutScripts is an old phone or a broken bundle: links and forms do the work.
func TestWithoutScripts(t *testing.T) {
	_, url, p := open(t)
	p.Scripts(false)
	p.Go(url + "/gallery")
	p.Type("#f-name", "Сәуле")
	p.Click("form.pair button.first")
	p.See(".toast button")
	p.Click(".empty a.button")
	p.See("#dialog")
	p.Click("details.menu summary")
	p.Click(".menu a[href='#help']")
	p.See("#help")
}

func TestDraftIsSaved(t *testing.T) {
	needsBundle(t)
	g, url, p := open(t)
	p.Go(url + "/gallery")
	p.Type("#f-name", "Әйгерім")
	for got := range g.Drafts {
		if got == "Әйгерім" {
			break
		}
	}
	p.Until("/\\d\\d:\\d\\d:\\d\\d/.test(document.querySelector('[data-draft-state]').textContent)")
}

// TestLive changes the board behind the reader's back: the row in focus stays where it is on the screen.
func TestLive(t *testing.T) {
	needsBundle(t)
	g, url, p := open(t)
	p.Viewport(1366, 400)
	p.Go(url + "/gallery")
	p.Keys("j", "j", "j", "j", "j")
	browser.Eval[bool](p, "(() => { scrollTo(0, 150); return true })()")
	before := browser.Eval[float64](p, "document.activeElement.getBoundingClientRect().top")
	browser.Eval[bool](p, `(() => { board.insertAdjacentHTML("afterbegin", "<div id=old class=empty>…</div>"); board.dataset.old = "1"; return true })()`)
	pushed := browser.Eval[float64](p, "document.activeElement.getBoundingClientRect().top")
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Until("!document.querySelector('#board').dataset.old")
	}()
	for range time.Tick(100 * time.Millisecond) {
		g.Events.Publish("requests")
		select {
		case <-done:
		default:
			continue
		}
		break
	}
	p.Until("document.activeElement.closest('tr')?.id === 'r4'")
	after := browser.Eval[float64](p, "document.activeElement.getBoundingClientRect().top")
	if before == pushed || after-pushed > 2 || pushed-after > 2 {
		t.Errorf("the row was at %v, is at %v", pushed, after)
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Error(c)
	}
}

// TestAnotherWindow is a second window of the same person: its scripts run, it keeps the same cookies, and what broke in it is said.
func TestAnotherWindow(t *testing.T) {
	needsBundle(t)
	g, url, p := open(t)
	p.Go(url + "/gallery")
	p.Click(".bar > .languages button[value=ru]")
	p.See("html[lang=ru]")
	other := p.Another()
	other.Go(url + "/gallery")
	other.See("html[lang=ru][data-script=on]")
	for _, w := range []*browser.Page{p, other} {
		browser.Eval[bool](w, `(document.querySelector("#board").dataset.old = "1", true)`)
	}
	g.Events.Publish("requests")
	p.Until("!document.querySelector('#board').dataset.old")
	other.Until("!document.querySelector('#board').dataset.old")
	browser.Eval[bool](other, `(console.error("нан"), true)`)
	for range time.Tick(10 * time.Millisecond) {
		if c := other.Complaints(); len(c) == 1 && len(p.Complaints()) == 0 {
			return
		}
	}
}
