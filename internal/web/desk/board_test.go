package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// TestTheBoardShowsEachRoleWhatItsWorkNeeds holds what stands on a row: where and for whom by first letters, never a
// whole name or a phone; whom to call about a crew that is late only to those who send crews, and each look is kept.
func TestTheBoardShowsEachRoleWhatItsWorkNeeds(t *testing.T) {
	o := openRoom(t)
	r := o.three()
	o.step(r, run.Out)
	o.now = o.now.Add(3 * time.Hour)
	for role, c := range map[account.Roles]struct {
		status  int
		reaches bool
	}{
		account.Operator: {200, false}, account.Coordinator: {200, true}, account.Dispatcher: {200, true},
		account.Auditor: {403, false}, account.Admin: {403, false}, account.Volunteer: {403, false},
	} {
		o.who[0].Roles = role
		_, page := o.ask(http.MethodGet, "/board", c.status, nil)
		text := words(page)
		if c.status == 200 {
			o.wants(text, "Абай 44", "С. О.", "overdue")
		}
		if strings.Contains(text, "Сәуле Ойдан") || strings.Contains(text, "000 00 01") {
			t.Errorf("%s sees a household's contact on the board", role)
		}
		if got := strings.Contains(text, "+7 700 000 77 07") && strings.Contains(text, "анасы"); got != c.reaches {
			t.Errorf("%s sees whom to call: %v", role, got)
		}
		_, page = o.ask(http.MethodGet, "/search?q=0001", c.status, nil)
		if text := words(page); strings.Contains(text, "Сәуле Ойдан") || c.status == 200 && !strings.Contains(text, "Абай 44") {
			t.Errorf("%s: search shows %s", role, text)
		}
	}
	if n, err := store.One[int](t.Context(), o.db, "looks", "SELECT count(*) FROM record WHERE kind='crew_look'"); err != nil || n != 1 {
		t.Error("one look by one account within the hour:", n, err)
	}
}

func TestTheBoardsChoicesStandInItsAddress(t *testing.T) {
	o := openRoom(t)
	o.call("Абай 44", "инсулин", true)
	o.now = o.now.Add(30 * time.Hour)
	o.call("Достық 5", "нан 1", true)
	_, page := o.ask(http.MethodGet, "/board?view=open", 200, nil)
	if len(elements(page, "tr", "id", "r")) != 2 {
		t.Fatal("two are open")
	}
	for query, want := range map[string]string{"urgency=now": "Абай 44", "urgency=later": "Достық 5", "age=old": "Абай 44", "age=fresh": "Достық 5", "view=ready&urgency=now&age=old": "Абай 44"} {
		_, page := o.ask(http.MethodGet, "/board?"+query, 200, nil)
		if rows := elements(page, "tr", "id", "r"); len(rows) != 1 || !strings.Contains(words(rows[0]), want) {
			t.Errorf("%s: %d rows", query, len(rows))
		}
		here := 0
		for _, a := range elements(page, "a", "aria-current", "true") {
			if strings.Contains(attr(a, "class"), "choice") {
				here++
			}
		}
		if here != strings.Count(query, "=")-strings.Count(query, "view=") {
			t.Errorf("%s: %d choices are marked", query, here)
		}
	}
	for _, query := range []string{"view=nothing", "urgency=x&age=y", "area=Жоқ", "since=x"} {
		o.ask(http.MethodGet, "/board?"+query, 200, nil)
	}
}

func TestTheBoardSaysWhatNobodyHasSaid(t *testing.T) {
	o := openRoom(t)
	r := o.three()
	o.now = o.now.Add(time.Hour)
	_, page := o.ask(http.MethodGet, "/board", 200, nil)
	o.wants(words(page), "should have left")
	o.step(r, run.Out)
	o.step(r, run.Home)
	_, page = o.ask(http.MethodGet, "/board", 200, nil)
	o.wants(words(page), "no word yet", "Sheet 1 · crew 7", "no word of 3 stops")
	o.write(func(tx *store.Tx) error { _, err := dispatch.GiveBack(t.Context(), tx, r.ID); return err })
	_, page = o.ask(http.MethodGet, "/board", 200, nil)
	if strings.Contains(words(page), "no word yet") {
		t.Error("still without word")
	}
}

// TestTheBoardFindsThoseOfNoKnownArea chooses a district, then those of whom nobody knows it, also as a view of one's own.
func TestTheBoardFindsThoseOfNoKnownArea(t *testing.T) {
	o := openRoom(t)
	known := o.home(o.call("Абай 44", "нан 1", true))
	o.call("Достық 5", "нан 1", true)
	if _, page := o.ask(http.MethodGet, "/board", 200, nil); strings.Contains(words(page), i18n.EN.T("board.area_none")) {
		t.Error("no district is known at all, and the board offers to choose by it")
	}
	o.write(func(tx *store.Tx) error { known.Area = "Медеу ауданы"; return tx.Put(t.Context(), known) })
	for query, want := range map[string]string{"area=%D0%9C%D0%B5%D0%B4%D0%B5%D1%83+%D0%B0%D1%83%D0%B4%D0%B0%D0%BD%D1%8B": "Абай 44", "area=-": "Достық 5"} {
		_, page := o.ask(http.MethodGet, "/board?"+query, 200, nil)
		if rows := elements(page, "tr", "id", "r"); len(rows) != 1 || !strings.Contains(words(rows[0]), want) {
			t.Errorf("%s: %d rows", query, len(rows))
		}
		o.wants(words(page), "Медеу ауданы 1", i18n.EN.T("board.area_none")+" 1")
	}
	to, _ := o.ask(http.MethodPost, "/board/views", 303, url.Values{"area": {"-"}, "view": {"open"}, "view_name": {"ізделсін"}})
	if _, page := o.ask(http.MethodGet, to, 200, nil); len(elements(page, "tr", "id", "r")) != 1 || !strings.Contains(words(page), "ізделсін 1") {
		t.Errorf("the view of one's own: %s", words(page))
	}
}

// TestTheBoardFitsAPhone looks at every part of the board on a narrow window, in three languages, and opens a request with a
// thumb that hits the middle of its row.
func TestTheBoardFitsAPhone(t *testing.T) {
	p := browser.Open(t)
	o := openRoom(t)
	r := o.three()
	o.step(r, run.Out)
	o.call("Төле би даңғылы 3, үшінші кіреберіс", "балалар тағамы, азық-түлік себеті, жөргек", false)
	o.now = o.now.Add(3 * time.Hour)
	base := o.serve()
	p.Viewport(360, 800)
	for _, o.lang = range i18n.Langs() {
		p.Go(base + "/board")
		if cut := browser.Eval[string](p, "[...document.querySelectorAll('#board tbody :is(td, a, .badge)')].filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.innerText).join('; ')"); cut != "" {
			t.Errorf("%s: off the side: %s", o.lang, cut)
		}
		if n := browser.Eval[int](p, "[...document.querySelectorAll('.requests tbody tr')].filter(e => e.offsetHeight < 44 || !e.querySelector('.state').offsetWidth).length"); n > 0 {
			t.Errorf("%s: %d rows are too low for a thumb or say no status", o.lang, n)
		}
	}
	row := browser.Eval[string](p, "(r => (r.scrollIntoView({block: 'center'}), r.querySelector('[data-open]').pathname))(document.querySelector('.requests tbody tr'))")
	browser.Eval[bool](p, "(b => (document.elementFromPoint(b.left + b.width / 2, b.top + 12).click(), true))(document.querySelector('.requests tbody tr').getBoundingClientRect())")
	p.Until("location.pathname === '" + row + "'")
}

// TestAPhoneFoldsTheChoices holds the choices within a view behind a word on a narrow window: closed where none is in use, open
// where one is, and as somebody left them when the board is drawn anew. A wide window shows them at once.
func TestAPhoneFoldsTheChoices(t *testing.T) {
	p := browser.Open(t)
	o := openRoom(t)
	o.call("Төле би 3", "нан 1", true)
	base := o.serve()
	const seen = "document.querySelector('#board .choices').checkVisibility()"
	p.Viewport(360, 800)
	for _, o.lang = range i18n.Langs() {
		p.Go(base + "/board")
		if browser.Eval[bool](p, seen) || !strings.Contains(p.Text("#filters-fold summary"), o.lang.T("board.filters_fold")) {
			t.Errorf("%s: the choices are not folded", o.lang)
		}
		p.Go(base + "/board?view=open&urgency=later")
		if !browser.Eval[bool](p, seen) {
			t.Errorf("%s: a choice is in use, and not seen", o.lang)
		}
	}
	p.Go(base + "/board")
	p.Click("#filters-fold summary")
	if !browser.Eval[bool](p, seen) {
		t.Error("asked for, and not seen")
	}
	for _, v := range p.Axe() {
		t.Error(v)
	}
	if browser.Eval[bool](p, "!!document.querySelector('script[src]')") {
		p.See("html[data-script]")
		o.now = o.now.Add(time.Minute)
		o.call("Мира 12", "инсулин", true)
		p.Until("document.querySelector('#newline')")
		if !browser.Eval[bool](p, seen) {
			t.Error("the choices folded themselves when the board was drawn anew")
		}
	}
	p.Viewport(1366, 800)
	p.Go(base + "/board")
	if !browser.Eval[bool](p, seen) || p.Count("#filters-fold") != 1 || browser.Eval[bool](p, "document.querySelector('#filters-fold').checkVisibility()") {
		t.Error("a wide window folds the choices")
	}
}

// TestTheBoardIsLive takes a call in one window and sees it in another, above the line and without moving the row in use;
// then marks by one key that the overdue crew was heard of.
func TestTheBoardIsLive(t *testing.T) {
	p := browser.Open(t)
	o := openRoom(t)
	o.who[0].Roles = account.Coordinator
	r := o.three()
	o.step(r, run.Out)
	o.call("Төле би 3", "нан 1", true)
	o.now = o.now.Add(3 * time.Hour)
	base := o.serve()
	p.Go(base + "/board")
	if browser.Eval[bool](p, "!document.querySelector('script[src]')") {
		t.Skip("SKIPPED: the browser code is not bundled; `make assets` does it")
	}
	p.See("html[data-script]")
	if first := browser.Eval[string](p, "document.querySelector('main tbody tr').innerText"); !strings.Contains(first, "overdue") || !strings.Contains(first, "+7 700 000 77 07") {
		t.Error("the first row is not the overdue crew with whom to call:", first)
	}
	browser.Eval[bool](p, "(document.querySelectorAll('[data-open]')[2].focus(), true)")
	row := browser.Eval[string](p, "document.activeElement.closest('tr').id")
	at := browser.Eval[float64](p, "document.activeElement.getBoundingClientRect().top")

	other := browser.Open(t) // somebody else at another desk
	other.Go(base + "/board")
	other.Until("document.documentElement.dataset.script")
	o.now = o.now.Add(time.Minute)
	o.call("Мира 12", "инсулин", true)
	for _, w := range []*browser.Page{p, other} {
		w.Until("document.querySelector('#newline')?.innerText.includes('1 new since')")
		if above := browser.Eval[string](w, "document.querySelector('#newline').previousElementSibling.innerText"); !strings.Contains(above, "Мира 12") {
			t.Error("above the line stands", above)
		}
	}
	if now := browser.Eval[string](p, "document.activeElement.closest('tr')?.id || ''"); now != row {
		t.Errorf("the focus was on %s, is on %s", row, now)
	}
	if moved := browser.Eval[float64](p, "document.activeElement.getBoundingClientRect().top") - at; moved > 1 || moved < -1 {
		t.Errorf("the row in use moved by %v px", moved)
	}
	p.Keys("h")
	p.Until("!document.querySelector('tr.tone-urgent')")
	other.Until("!document.querySelector('tr.tone-urgent')")
	if s := o.state(r); s.Step != run.Seen {
		t.Error(s.Step)
	}
	o.look(p, base, map[string]string{"board": "/board", "search": "/search?q=0001"})
	p.Media("", "print")
	o.lang = i18n.KK
	p.Go(base + "/board")
	if browser.Eval[bool](p, "getComputedStyle(document.querySelector('.filters')).display !== 'none'") {
		t.Error("choices are printed")
	}
}
