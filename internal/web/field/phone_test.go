package field_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/web"
)

// link is what a phone has to the office: it can be cut, and it can lose the answer of what was taken.
type link struct {
	next http.Handler
	cut  atomic.Bool
	deaf atomic.Bool // outcomes arrive, the phone does not hear so
}

// ServeHTTP answers, or closes the connection.
func (l *link) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if l.cut.Load() {
		panic(http.ErrAbortHandler)
	}
	if l.deaf.Load() && r.Method == http.MethodPost {
		l.next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	l.next.ServeHTTP(w, r)
}

// phone is a browser of a phone's size at an office behind a link.
func phone(t *testing.T) (*browser.Page, *office, *link, string) {
	t.Helper()
	p := browser.Open(t)
	if web.Embedded().URL("field.js") == "" {
		t.Skip("SKIPPED: the browser code is not bundled; `make assets` does it")
	}
	o := open(t)
	l := &link{next: o.mux}
	s := httptest.NewUnstartedServer(l)
	s.Config.ErrorLog = nil
	s.Start()
	t.Cleanup(s.Close)
	p.Viewport(390, 844)
	p.Cookie(s.URL, "lang", "ru")
	return p, o, l, s.URL + "/f/"
}

const (
	ready  = `navigator.serviceWorker.controller && await caches.match(location.pathname)`
	kept   = `(await new Promise((ok, no) => { const q = indexedDB.open("field"); q.onerror = no; q.onsuccess = () => { const a = q.result.transaction("kept").objectStore("kept").count(); a.onsuccess = () => { q.result.close(); ok(a.result) } } }))`
	within = `(async () => %s)()`
)

func await[T any](p *browser.Page, expression string) T {
	return browser.Eval[T](p, strings.Replace(within, "%s", expression, 1))
}

// until waits for what only an asynchronous expression tells.
func until(t *testing.T, p *browser.Page, expression string) {
	t.Helper()
	p.Until(`(globalThis.met ||= (async () => { for (;;) { if (` + expression + `) return globalThis.is = true; await new Promise(ok => setTimeout(ok, 30)) } })(), globalThis.is)`)
	browser.Eval[bool](p, `(globalThis.met = undefined, globalThis.is = false, true)`)
}

func TestAPhoneWithoutALink(t *testing.T) {
	p, o, l, base := phone(t)
	p.Go(base + o.code(0))
	until(t, p, ready)
	l.cut.Store(true)
	p.Go(base + o.code(0)) // from the phone itself
	p.See("#s3 summary")
	p.Until(`document.documentElement.dataset.script == "on"`)
	press := func(stop, result string) {
		p.Click("#s" + stop + ` button[value="` + result + `"]`)
	}
	press("1", "delivered")
	line := `document.querySelector("[data-kept-line]")`
	p.Until(line + `.textContent == ` + quote(i18n.RU.T("field.kept", "n", 1)))
	if at := p.Text("#s2 .field-where b"); at != "Достық 5" || !browser.Eval[bool](p, `document.querySelector("#s2 details").open && !document.querySelector("#s1 details").open`) {
		t.Error("the next stop does not open", at)
	}
	p.Click("#s2 .field-more summary")
	p.Type("#s2 textarea", "көршісі")
	press("2", "nobody")
	p.Until(line + `.textContent == ` + quote(i18n.RU.T("field.kept", "n", 2)))
	if shots := os.Getenv("JUMYLA_SHOTS"); shots != "" {
		p.Screenshot(filepath.Join(shots, "field-kept-ru.png"))
	}
	p.Go(base + o.code(0)) // the page is closed and opened: what was kept is there
	p.Until(line + `.textContent == ` + quote(i18n.RU.T("field.kept", "n", 2)))
	if n := len(o.told(0)); n != 0 {
		t.Fatalf("%d outcomes came over a cut link", n)
	}
	l.deaf.Store(true)
	l.cut.Store(false)
	p.Until(`dispatchEvent(new Event("online"))`)
	until(t, p, kept+` == 2`)
	l.deaf.Store(false)
	p.Until(`dispatchEvent(new Event("online")) && ` + line + `.hidden`)
	all := o.told(0)
	if len(all) != 2 || all[0].Result != run.Delivered || all[1].Result != run.Nobody || all[1].Note != "көршісі" {
		t.Errorf("sent twice, counted: %+v", all)
	}
	if n := await[int](p, kept); n != 0 {
		t.Errorf("%d are still kept", n)
	}
	p.See("#s3 details[open]")
	press("3", "refused") // with a link it goes at once
	p.Until(`document.querySelector("#s3 .badge.tone-good")`)
	p.Click(".field-home summary")
	p.Click(".field-home button")
	p.See("[data-field-over]")
	until(t, p, `(await caches.keys()).length == 0`)
	l.cut.Store(true)
	if browser.Eval[bool](p, `fetch(location.href).then(() => true, () => false)`) {
		t.Error("an ended run's page is still on the phone")
	}
	if s := o.state(0); s.Step != run.Home || len(s.Results) != 3 {
		t.Errorf("%+v", s)
	}
}

// TestAPhoneSaysHowLongItKeptATypedOutcome: the page tells the age also where a time was typed, so the office's newer
// word stays.
func TestAPhoneSaysHowLongItKeptATypedOutcome(t *testing.T) {
	p, o, l, base := phone(t)
	p.Go(base + o.code(0))
	until(t, p, ready)
	p.Until(`document.documentElement.dataset.script == "on"`)
	l.cut.Store(true)
	browser.Eval[bool](p, `(document.querySelector('#s1 input[name="at"]').value = "08:30", globalThis.tried = 0, globalThis.send = fetch,
		globalThis.fetch = (...what) => send(...what).finally(() => tried++), true)`)
	p.Click(`#s1 button[value="nobody"]`)
	p.Until(`tried > 0`) // else the try of now, which tells no age yet, may still come through
	until(t, p, kept+` == 1`)
	o.write(func(ctx context.Context, tx *store.Tx) error {
		return dispatch.Report(ctx, tx, o.runs[0].ID, 1, run.Delivered, tx.Now.Add(-time.Hour), "")
	})
	browser.Eval[bool](p, `(globalThis.clock = Date.now, Date.now = () => clock() + 4 * 3600e3, true)`) // four hours pass
	l.cut.Store(false)
	p.Until(`dispatchEvent(new Event("online")) && document.querySelector("[data-refused-line]").textContent.includes(` + quote(i18n.RU.T("field.newer")) + `)`)
	if got := o.state(0).Results[1]; got != run.Delivered || len(o.told(0)) != 1 {
		t.Errorf("a kept outcome overwrote the office's: %s", got)
	}
}

// TestKeptUntilAfterHome keeps an outcome on the phone while somebody at the desk marks the run home.
func TestKeptUntilAfterHome(t *testing.T) {
	p, o, l, base := phone(t)
	p.Go(base + o.code(0))
	until(t, p, ready)
	l.cut.Store(true)
	p.Click(`#s1 button[value="delivered"]`)
	p.Until(`!document.querySelector("[data-kept-line]").hidden`)
	o.step(0, run.Out)
	o.step(0, run.Home)
	l.cut.Store(false)
	p.Go(base + o.code(0))
	p.See("[data-field-over]")
	until(t, p, kept+` == 0`)
	until(t, p, `(await caches.keys()).length == 0`)
	if s := o.state(0); s.Results[1] != run.Delivered {
		t.Errorf("%v", s.Results)
	}
}

// TestAKeptPageEndsWithItsCode opens a page that has a second to live.
func TestAKeptPageEndsWithItsCode(t *testing.T) {
	p, o, l, base := phone(t)
	p.Go(base + o.code(0))
	until(t, p, ready)
	o.now = time.Date(2022, 1, 13, 2, 0, 0, 0, time.FixedZone("", 6*3600)).Add(-time.Second) // fourteen hours and twelve
	p.Go(base + o.code(0))
	l.cut.Store(true)
	until(t, p, `(navigator.serviceWorker.controller.postMessage({ sweep: true }), !(await caches.match(location.pathname)))`)
}

// TestAnOldPhone has no scripts.
func TestAnOldPhone(t *testing.T) {
	p, o, _, base := phone(t)
	p.Scripts(false)
	p.Go(base + o.code(0))
	p.Click(`#s1 button[value="delivered"]`)
	p.See("#s2 details[open]")
	p.Scripts(true)
	if s := o.state(0); s.Results[1] != run.Delivered {
		t.Error(s.Results)
	}
}

// TestThePageLooks looks at the crew's page and the office's. JUMYLA_SHOTS keeps screenshots.
func TestThePageLooks(t *testing.T) {
	p, o, _, base := phone(t)
	o.write(func(ctx context.Context, tx *store.Tx) error {
		return dispatch.Report(ctx, tx, o.runs[0].ID, 1, run.Delivered, tx.Now, "")
	})
	for i, lang := range i18n.Langs() {
		p.Cookie(base, "lang", string(lang))
		p.Media("prefers-color-scheme", []string{"light", "dark", "light"}[i])
		for _, width := range []int64{320, 390} {
			p.Viewport(width, 780)
			p.Go(base + o.code(0) + "?at=2")
			p.See("#s2 details[open]")
			if shots := os.Getenv("JUMYLA_SHOTS"); shots != "" {
				p.Screenshot(filepath.Join(shots, "field-"+string(lang)+".png"))
			}
			for _, v := range p.Axe() {
				t.Errorf("%s: %s", lang, v)
			}
			if w := browser.Eval[int64](p, "document.documentElement.scrollWidth"); w > width {
				t.Errorf("%s: %d px wide on a phone of %d", lang, w, width)
			}
			if h := browser.Eval[float64](p, `Math.min(...[...document.querySelectorAll("#s2 form button")].map(b => b.getBoundingClientRect().height))`); h < 44 {
				t.Errorf("%s: a button is %.0f px high: too small for a thumb", lang, h)
			}
		}
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Error(c)
	}
}

func quote(s string) string { return "`" + s + "`" }
