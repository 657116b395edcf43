package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// walk is a newcomer who does what the drill says, step by step, in one language.
type walk struct {
	t     *testing.T
	p     *browser.Page
	base  string
	lang  i18n.Lang
	steps map[string]demo.Step
}

// TestANewcomerWalksTheDrill does each thing to try in order and in Kazakh, by the buttons that its text names. What the text
// names is looked up in the text first, so that words and screens cannot part.
func TestANewcomerWalksTheDrill(t *testing.T) {
	w := &walk{t: t, p: browser.Open(t), base: serveDemo(t), lang: i18n.KK, steps: map[string]demo.Step{}}
	for _, s := range demo.Script(1) {
		w.steps[s.Code] = s
	}
	w.p.Cookie(w.base, "lang", string(w.lang))
	w.p.Go(w.base + "/try")
	if browser.Eval[bool](w.p, "!document.querySelector('script[src]')") {
		t.Skip("SKIPPED: the browser code is not bundled; `make assets` does it")
	}
	w.p.Click("button[name=step][value=call]")
	w.at("/call")
	for _, step := range []struct {
		code string
		does func()
	}{
		{"call", w.call}, {"same", w.same}, {"list", w.list}, {"undo", w.undo}, {"plan", w.plan}, {"sheet", w.sheet}, {"outcome", w.outcome},
		{"board", w.board}, {"callback", w.callback}, {"word", w.word}, {"pairs", w.pairs}, {"quality", w.quality}, {"own", w.own},
	} {
		if step.code != "call" {
			w.p.Click(".guide button[value=" + step.code + "]")
			w.at(w.steps[step.code].Page)
		}
		w.guided(step.code)
		step.does()
	}
	w.p.Click(".guide button[value=hide]")
	w.p.Gone(".guide")
	for _, c := range w.p.Complaints() {
		if !strings.Contains(c, "422") { // a refusal that the quality call makes on purpose
			t.Error(c)
		}
	}
}

// at waits until a page is there, in the newcomer's language whoever is played, and its keys work.
func (w *walk) at(path string) {
	w.t.Helper()
	w.p.Until("location.pathname === '" + path + "' && document.readyState === 'complete' && document.querySelector('html[data-script]')")
	w.p.See("html[lang=" + string(w.lang) + "]")
}

// guided holds that the step's words stand above its page.
func (w *walk) guided(code string) {
	w.t.Helper()
	w.p.Until("document.querySelector('.guide > div').innerText.includes(" + jsString(w.steps[code].Title(w.lang)) + ") && document.querySelector('html[data-script]')")
	if said := w.p.Text(".guide"); !strings.Contains(said, w.steps[code].Text(w.lang)) {
		w.t.Errorf("%s: the guide says %s", code, said)
	}
}

// named is what the step's text calls something on the screen.
func (w *walk) named(code, name string) string {
	w.t.Helper()
	label := w.steps[code].Label(w.lang, name)
	if label == "" || !strings.Contains(w.steps[code].Text(w.lang), label) {
		w.t.Fatalf("%s does not say %q: %s", code, name, w.steps[code].Text(w.lang))
	}
	return label
}

// press presses the first button or link of the page that bears the name which the step's text gives; … stands for anything.
func (w *walk) press(code, name string) {
	w.t.Helper()
	head, tail, _ := strings.Cut(w.named(code, name), "…")
	w.p.Until(`(([head, tail]) => {
		const words = e => { const c = e.cloneNode(true); c.querySelectorAll("kbd").forEach(k => k.remove()); return c.innerText.trim(); };
		const fits = e => { const t = words(e); return t.startsWith(head.trim()) && t.endsWith(tail.trim()) && (tail || t.length < head.length + 8); };
		const found = [...document.querySelectorAll("main button, main a")].find(e => e.checkVisibility() && fits(e));
		if (found) found.setAttribute("data-walked", "");
		return found;
	})(` + jsStrings(head, tail) + `)`)
	w.p.Click("[data-walked]")
}

func (w *walk) shows(words ...string) {
	w.t.Helper()
	for _, s := range words {
		w.p.Until("document.querySelector('main').innerText.includes(" + jsString(s) + ")")
	}
}

func (w *walk) call() {
	s := w.steps["call"]
	w.p.Keys(s.Args[1])
	w.shows(s.Args[3])
	w.press("call", "fill")
	w.p.Until("document.querySelector('[name=address]').value !== '' && document.activeElement.name === 'needs' && document.querySelector('html[data-script]')")
	w.named("need", "needs")
	w.p.Keys("инсулин 20:00 дейін", "Enter", "нан 2")
	w.shows(w.lang.T("what.insulin"), "+40")
	w.press("need", "save")
	w.p.Until("/^\\d\\d-\\d\\d-\\d\\d$/.test((document.querySelector('#saved-ref') || {}).innerText)")
}

func (w *walk) same() {
	w.p.Type("[name=address]", "Абая 44")
	for _, name := range []string{"again", "fill", "different"} {
		head, _, _ := strings.Cut(w.named("same", name), "…")
		w.p.Until("document.querySelector('#matches').innerText.includes(" + jsString(strings.TrimSpace(head)) + ")")
	}
	w.press("same", "different")
}

func (w *walk) list() {
	file := filepath.Join(w.t.TempDir(), "list.xlsx")
	r, err := http.Get(w.base + "/try/list.xlsx")
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.p.Upload("input[type=file]", file)
	w.press("list", "open")
	w.press("list", "look")
	w.press("list", "take")
	taken, _, _ := strings.Cut(w.lang.T("lists.taken", "n", "…"), "…")
	w.shows(taken)
}

func (w *walk) undo() {
	w.shows("list.xlsx")
	w.p.Click("main table a")
	w.press("undo", "undo")
	w.p.Click("dialog[open] button.grave")
	undone, _, _ := strings.Cut(w.lang.T("lists.was_undone", "n", "…"), "…")
	w.shows(undone)
}

// plan waits for the solver, and reads what misses the curfew: which rule, from when, and what helps.
func (w *walk) plan() {
	w.press("plan", "make")
	for range 4 { // a slow machine may think longer than one is patient for a page
		if browser.Eval[bool](w.p, `new Promise(done => {
			const end = Date.now() + 40000;
			const ask = () => document.querySelector("form[action='/plan/issue']") ? done(true) : Date.now() > end ? done(false) : setTimeout(ask, 300);
			ask();
		})`) {
			break
		}
	}
	w.press("plan", "late")
	w.shows("12-экипаж 23:00", "20 мин бұрын үйде болуы керек (коменданттық сағат", "рұқсатнамасы бар экипаж")
	w.press("plan", "issue")
	w.at("/runs")
}

func (w *walk) sheet() {
	if got := browser.Eval[string](w.p, `fetch(document.querySelector("main a[href*='sheets.pdf']").href).then(r => r.headers.get("Content-Type"))`); got != "application/pdf" {
		w.t.Errorf("%s opens %s", w.named("sheet", "all"), got)
	}
	w.p.Click("main tbody a")
	w.shows(w.named("sheet", "one"))
}

func (w *walk) outcome() {
	for _, ring := range []string{"4 1 1", "4 2 3"} {
		w.p.Until("document.activeElement.name === 'ring'")
		w.p.Keys(ring, "Enter")
		stop := strings.Fields(ring)[1]
		w.shows("4-экипаж, " + stop + "-аялдама")
	}
}

func (w *walk) board() {
	second := w.p.Another()
	second.Go(w.base + "/board")
	second.Until("document.querySelector('main tbody tr').innerText.includes(" + jsString(w.lang.T("desk.overdue")) + ")")
}

func (w *walk) callback() {
	w.p.Keys("j", "Enter")
	w.p.Until("location.pathname === '/call'")
	w.p.See("html[data-script]")
	w.shows(w.named("callback", "tried"))
	w.p.Keys("Alt+t")
	w.at("/callbacks")
}

func (w *walk) word() {
	w.press("word", "take")
	w.p.Until("/^.relays.[^/]+$/.test(location.pathname)")
	w.p.See("html[data-script]")
	w.p.Keys("3")
	w.at("/relays")
}

func (w *walk) pairs() {
	for _, key := range []struct{ name, key string }{{"same", "s"}, {"different", "d"}, {"later", "k"}} {
		w.shows(w.named("pairs", key.name))
		was := browser.Eval[string](w.p, "document.querySelector('main').innerText")
		w.p.Keys(key.key)
		w.p.Until("document.readyState === 'complete' && document.querySelector('html[data-script]') && document.querySelector('main').innerText !== " + jsString(was))
	}
}

func (w *walk) quality() {
	w.press("quality", "take")
	w.p.Until("/^.quality.[^/]+$/.test(location.pathname)")
	w.p.See("html[data-script]")
	w.p.Keys("3")
	w.p.Until("document.activeElement.name === 'note'")
	w.p.Keys("ештеңе келген жоқ", "Enter")
	w.shows(w.lang.T("quality.event_nothing"))
}

func (w *walk) own() { w.p.See("input[type=file]") }

// jsString writes words as JavaScript does.
func jsString(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}

func jsStrings(all ...string) string {
	for i, s := range all {
		all[i] = jsString(s)
	}
	return "[" + strings.Join(all, ",") + "]"
}
