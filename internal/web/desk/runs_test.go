package desk_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/volunteer"
)

func (o *room) write(fn func(tx *store.Tx) error) {
	o.t.Helper()
	if err := o.db.Write(o.t.Context(), o.who[0].ID.ID, fn); err != nil {
		o.t.Fatal(err)
	}
}

// crew forms a crew of invented people who have been seen to be adults.
func (o *room) crew(number int) *crew.Crew {
	o.t.Helper()
	ctx := o.t.Context()
	c := &crew.Crew{Number: number, Vehicle: "Нива", Plate: "000 JUM 02", Baskets: 20, From: 8 * 60, To: 23 * 60, Lang: i18n.KK, Emergency: "+7 700 000 77 07"}
	o.write(func(tx *store.Tx) error {
		v := &volunteer.Volunteer{Name: "Ерікті Ойдан", Phone: contact.Phone("+7700000770" + string(rune('0'+number))), Adult: volunteer.Said, Emergency: "анасы +7 700 000 88 08"}
		v.ID.ID = tx.NewID()
		if err := tx.Put(ctx, v); err != nil {
			return err
		}
		if err := volunteer.See(ctx, tx, v.ID); err != nil {
			return err
		}
		c.Members = []crew.Member{{Volunteer: v.ID.ID, Role: crew.Driver}}
		return crew.Form(ctx, tx, c)
	})
	return c
}

// call takes a checked request of an invented household.
func (o *room) call(address contact.Address, need string, keep bool) *request.Request {
	o.t.Helper()
	ctx := o.t.Context()
	var q *request.Request
	o.write(func(tx *store.Tx) (err error) {
		h := household.Household{Head: "Сәуле Ойдан", Address: address, Keep: keep, Where: &household.Point{Lat: 43.24, Lon: 76.9}}
		if q, err = intake.Take(ctx, tx, intake.Call{Household: h, Phone: "+77000000001", Needs: []string{need}}, 7); err != nil {
			return err
		}
		return request.Check(ctx, tx, q, request.ByPhone)
	})
	return q
}

// issue plans what is ready and returns the first run.
func (o *room) issue() *run.Run {
	o.t.Helper()
	ctx := o.t.Context()
	o.write(func(tx *store.Tx) error {
		for _, item := range supply.Items() {
			if err := supply.Set(ctx, tx, item, 1000); err != nil {
				return err
			}
		}
		return nil
	})
	zone := time.FixedZone("", 6*3600)
	p, err := dispatch.Plan(ctx, o.db, dispatch.Straight{}, time.Date(2022, 1, 12, 0, 0, 0, 0, zone), o.now.In(zone))
	if err != nil {
		o.t.Fatal(err)
	}
	var runs []run.Run
	o.write(func(tx *store.Tx) (err error) {
		runs, err = dispatch.Issue(ctx, tx, p)
		return err
	})
	if len(runs) == 0 {
		o.t.Fatalf("nothing was planned: %+v", p.Unplanned)
	}
	return &runs[0]
}

func (o *room) step(r *run.Run, s run.Step) {
	o.t.Helper()
	o.write(func(tx *store.Tx) error { return dispatch.Step(o.t.Context(), tx, r.ID, s) })
}

func (o *room) state(r *run.Run) *run.State {
	o.t.Helper()
	s, err := run.Get(o.t.Context(), o.db, r.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

// three issues a run of three stops to crew 7; the household of the last call did not agree to be kept.
func (o *room) three() *run.Run {
	o.t.Helper()
	o.crew(7)
	o.call("Абай 44", "нан 2", true)
	o.call("Достық 5", "инсулин", true)
	o.call("Сәтбаев 9", "нан 1", false)
	return o.issue()
}

// serve answers a real browser as the operator whose turn it is.
func (o *room) serve() string {
	o.t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(o.mux.ServeHTTP))
	o.t.Cleanup(srv.Close)
	return srv.URL
}

// TestTheRunsOfADay holds that a day's runs say when each must be heard of and which was not, that another day's are shown, and
// that a run's page says whom to call to those who send crews, while it is not over; each look is kept.
func TestTheRunsOfADay(t *testing.T) {
	o := openRoom(t)
	o.who[0].Roles = account.Dispatcher
	r := o.three()
	at := "/runs/" + r.ID.String()
	_, page := o.ask(http.MethodGet, "/runs?day=2022-01-13", 200, nil)
	if o.wants(words(page), "No runs on this day"); len(elements(page, "tr", "id", "run")) != 0 {
		t.Error("tomorrow has runs")
	}
	_, page = o.ask(http.MethodGet, at, 200, nil)
	o.wants(words(page), "driver: Ерікті Ойдан", "next of kin: анасы +7 700 000 88 08", "+7 700 000 77 07")
	if len(elements(page, "a", "href", "tel:+77000008808")) != 1 {
		t.Error("a number among words cannot be dialled")
	}
	o.step(r, run.Out)
	_, page = o.ask(http.MethodGet, "/runs", 200, nil)
	if text := words(page); strings.Contains(text, "overdue") || !strings.Contains(text, "Next check") {
		t.Error(text)
	}
	o.now = o.now.Add(3 * time.Hour)
	_, page = o.ask(http.MethodGet, "/runs", 200, nil)
	o.wants(words(page), "overdue")
	_, page = o.ask(http.MethodGet, "/runs?day=2022-01-11", 200, nil)
	if strings.Contains(words(page), "overdue") {
		t.Error("a run stands on another day's page")
	}
	o.ask(http.MethodGet, "/runs?day=1899-01-01", 422, nil)
	o.who[0].Roles = account.Operator
	if _, page = o.ask(http.MethodGet, at, 200, nil); strings.Contains(words(page), "анасы") {
		t.Error("an operator sees whom to call")
	}
	o.who[0].Roles = account.Dispatcher
	o.step(r, run.Home)
	if _, page = o.ask(http.MethodGet, at, 200, nil); strings.Contains(words(page), "анасы") {
		t.Error("whom to call stands on a run that is over")
	}
	if n, err := store.One[int](t.Context(), o.db, "looks", "SELECT count(*) FROM record WHERE kind='crew_look'"); err != nil || n != 1 {
		t.Error("one look by one account within the hour:", n, err)
	}
}

func TestARingIsNamedAndTakenBack(t *testing.T) {
	o := openRoom(t)
	r := o.three()
	_, page := o.ask(http.MethodGet, "/outcomes/peek?ring=7+2", 200, nil)
	o.wants(words(page), "Crew 7, stop 2:")
	_, page = o.ask(http.MethodGet, "/outcomes/peek?ring=9+2", 200, nil)
	o.wants(words(page), "Crew 9 has no run")
	_, page = o.ask(http.MethodPost, "/outcomes", 422, url.Values{"ring": {"7 9 1"}})
	o.wants(words(page), "no stop 9")
	for _, huge := range []string{"99999999999999999999 1 1", "7 99999999999999999999 1"} {
		_, page = o.ask(http.MethodPost, "/outcomes", 422, url.Values{"ring": {huge}})
		if strings.Contains(words(page), "9223372036854775807") {
			t.Errorf("%q is read as a number", huge)
		}
	}
	o.step(r, run.Out)
	to, _ := o.ask(http.MethodPost, "/outcomes", 303, url.Values{"ring": {"7.2.3"}, "note": {"көршісі көрмеген"}})
	_, page = o.ask(http.MethodGet, to, 200, nil)
	text := words(page)
	o.wants(text, "Crew 7, stop 2:", "С. О.", "nobody home", "Ask the crew")
	if strings.Contains(text, "Сәуле Ойдан") || strings.Contains(text, "+7 700") {
		t.Error("a name or a phone stands where it is not needed")
	}
	if o.state(r).Results[2] != run.Nobody {
		t.Fatal(o.state(r).Results)
	}
	undo := elements(page, "form", "action", "/outcomes/")
	if len(undo) != 1 {
		t.Fatal("no way to take it back")
	}
	o.ask(http.MethodPost, attr(undo[0], "action"), 303, nil)
	if len(o.state(r).Results) != 0 {
		t.Error("not taken back")
	}
	_, page = o.ask(http.MethodPost, attr(undo[0], "action"), 422, nil)
	o.wants(words(page), "Something else has been written of this stop since")
}

func TestARingForACrewThatHasNotGoneOutIsAsked(t *testing.T) {
	o := openRoom(t)
	r := o.three()
	const said = "Crew 7 has not gone out yet"
	_, page := o.ask(http.MethodGet, "/outcomes/peek?ring=7+2", 200, nil)
	o.wants(words(page), "Crew 7, stop 2:", said)
	_, page = o.ask(http.MethodPost, "/outcomes", 422, url.Values{"ring": {"7 2 1"}})
	o.wants(words(page), said, "To write it anyway, send the same again")
	asked := elements(page, "input", "name", "confirm")
	if len(o.state(r).Results) != 0 || len(asked) != 1 {
		t.Fatal("taken without a word:", o.state(r).Results)
	}
	again := url.Values{"ring": {"7 3 1"}, "confirm": {attr(asked[0], "value")}}
	o.ask(http.MethodPost, "/outcomes", 422, again) // another stop than it was asked about
	again.Set("ring", "7 2 1")
	o.ask(http.MethodPost, "/outcomes", 303, again)
	if got := o.state(r).Results; len(got) != 1 || got[2] != run.Delivered {
		t.Fatal(got)
	}
	o.step(r, run.Out)
	_, page = o.ask(http.MethodGet, "/outcomes/peek?ring=7+2", 200, nil)
	if strings.Contains(words(page), said) {
		t.Error("it is out")
	}
	o.ask(http.MethodPost, "/outcomes", 303, url.Values{"ring": {"7 3 1"}})
	o.step(r, run.Home)
	o.ask(http.MethodPost, "/outcomes", 303, url.Values{"ring": {"7 1 1"}})
}

func TestARunComesHomeAndItsSheetIsTypedIn(t *testing.T) {
	o := openRoom(t)
	r := o.three()
	path := "/runs/" + r.ID.String()
	o.ask(http.MethodPost, path+"/step", 303, url.Values{"step": {"out"}, "back": {path}})
	if to, _ := o.ask(http.MethodPost, path+"/step", 303, url.Values{"step": {"home"}}); to != path {
		t.Fatal("coming home does not lead to the sheet:", to)
	}
	_, page := o.ask(http.MethodGet, path, 200, nil)
	o.wants(words(page), "3 stops have no outcome")
	if n := len(elements(page, "input", "autofocus", "")); n == 0 {
		t.Error("typing begins nowhere")
	}
	_, page = o.ask(http.MethodPost, path+"/step", 422, url.Values{"step": {"sheet_back"}, "back": {path}})
	o.wants(words(page), "3 stops have no outcome. Type them in")
	_, page = o.ask(http.MethodPost, path+"/stops", 422, url.Values{"note1": {"сөз"}, "ref0": {"000000"}, "d0": {"1"}})
	o.wants(words(page), "Choose the outcome too", "There is no request with this number")
	o.ask(http.MethodPost, path+"/stops", 422, nil)

	other := o.call("Төле би 1", "нан 1", true)
	o.ask(http.MethodPost, path+"/stops", 303, url.Values{"r1": {"1"}, "r2": {"3"}, "note2": {"ит бар"}, "ref0": {other.Ref.String()}, "d0": {"1"}})
	s := o.state(r)
	if s.Results[1] != run.Delivered || s.Results[2] != run.Nobody || s.Results[3] != "" || s.Extra != 1 {
		t.Fatalf("%+v", s)
	}
	o.ask(http.MethodPost, path+"/give-back", 303, nil)
	_, page = o.ask(http.MethodPost, path+"/stops", 422, url.Values{"r3": {"1"}, "was3": {""}})
	o.wants(words(page), "Somebody else wrote of this stop meanwhile", "not known, given back")
	was := attr(elements(page, "input", "name", "was3")[0], "value")
	o.ask(http.MethodPost, path+"/stops", 303, url.Values{"r3": {"1"}, "was3": {was}})
	_, page = o.ask(http.MethodGet, path, 200, nil)
	o.wants(words(page), "before:", "ит бар", "Count the sheet back", other.Ref.String())
	o.ask(http.MethodPost, path+"/step", 303, url.Values{"step": {"sheet_back"}, "back": {path}})
	_, page = o.ask(http.MethodGet, path, 200, nil)
	o.wants(words(page), "back and destroyed")
}

// TestTwoTypeTheSameRowAtOnce: several people save a row that each of them saw without an outcome. One is the first; the
// others are told so, also where all had read the sheet before anything was written.
func TestTwoTypeTheSameRowAtOnce(t *testing.T) {
	o := openRoom(t)
	r := o.three()
	path := "/runs/" + r.ID.String()
	o.ask(http.MethodPost, path+"/step", 303, url.Values{"step": {"out"}, "back": {path}})
	const people = 8
	answers := make(chan *httptest.ResponseRecorder, people)
	var ready sync.WaitGroup
	ready.Add(people)
	for i := range people {
		form := url.Values{"form_token": {strconv.Itoa(i)}, "r1": {strconv.Itoa(i%2 + 2)}, "note1": {"сөз"}, "was1": {""}}
		go func() {
			q := httptest.NewRequest(http.MethodPost, path+"/stops", strings.NewReader(form.Encode()))
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			q.Header.Set("Accept", "text/html")
			w := httptest.NewRecorder()
			ready.Done()
			ready.Wait()
			o.mux.ServeHTTP(w, q)
			answers <- w
		}()
	}
	saved := 0
	for range people {
		w := <-answers
		if w.Code == http.StatusSeeOther {
			saved++
		} else if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Somebody else wrote of this stop meanwhile") {
			t.Errorf("%d: %.300s", w.Code, w.Body)
		}
	}
	told, err := run.Told(t.Context(), o.db, r.ID)
	if err != nil || saved != 1 || len(told) != 1 {
		t.Errorf("%d were told that theirs is saved, %d outcomes are kept: %v", saved, len(told), err)
	}
}

func TestARunIsCalledOffOrGivenAway(t *testing.T) {
	o := openRoom(t)
	r := o.three()
	path := "/runs/" + r.ID.String()
	o.ask(http.MethodPost, path+"/cancel", 403, nil) // an operator does not decide
	o.who[0].Roles = account.Dispatcher
	nine := o.crew(9)
	_, page := o.ask(http.MethodGet, path, 200, nil)
	o.wants(words(page), "Give to another crew", "Call off the run")
	o.ask(http.MethodPost, path+"/crew", 422, url.Values{"crew": {""}})
	o.ask(http.MethodPost, path+"/crew", 303, url.Values{"crew": {nine.ID.String()}})
	if s := o.state(r); s.CrewNo != 9 {
		t.Fatal(s.CrewNo)
	}
	o.ask(http.MethodGet, path+"/sheet.pdf", 200, nil)
	o.ask(http.MethodPost, path+"/cancel", 303, nil)
	_, page = o.ask(http.MethodGet, path, 200, nil)
	o.wants(words(page), "its sheet is void")
	for _, f := range elements(page, "form", "action", path+"/") {
		t.Error("a run that was called off can be changed:", attr(f, "action"))
	}
}

// TestASheetWithoutAMouse types a sheet in by keys alone, and tells and takes back an outcome by a ring.
func TestASheetWithoutAMouse(t *testing.T) {
	p := browser.Open(t)
	o := openRoom(t)
	r := o.three()
	o.step(r, run.Out)
	base := o.serve()
	p.Go(base + "/outcomes")
	if browser.Eval[bool](p, "!document.querySelector('script[src]')") {
		t.Skip("SKIPPED: the browser code is not bundled; `make assets` does it")
	}
	p.See("html[data-script]")
	p.Keys("7 3")
	p.Until("document.querySelector('#peek').innerText.includes('stop 3')")
	p.Keys(" 4", "Enter")
	p.Until("document.querySelector('#heard')?.innerText.includes('refused') && document.documentElement.dataset.script")
	p.Keys("F9")
	p.Until("!document.querySelector('#heard')")
	if n := len(o.state(r).Results); n != 0 {
		t.Fatal(n, "outcomes after undo")
	}
	p.Go(base + "/runs/" + r.ID.String())
	p.See("html[data-script]")
	p.Keys("F9") // home
	p.Until("document.querySelector('.notice') && document.activeElement.name === 'r1' && document.documentElement.dataset.script")
	p.Keys("1", "3", "k")
	p.Until("document.activeElement.name === 'r2'")
	p.Keys("Tab")
	p.Until("document.activeElement.name === 'note2'")
	p.Keys("ит бар", "Enter")
	p.Until("document.activeElement.name === 'r3'")
	p.Keys("5", "k", "Enter")
	p.Until("document.querySelector('[data-key=F9]')?.value === 'sheet_back' && document.documentElement.dataset.script")
	s := o.state(r)
	if s.Results[1] != run.Delivered || s.Results[2] != run.Nobody || s.Results[3] != run.WrongAddress {
		t.Fatal(s.Results)
	}
	p.Keys("F9")
	p.Until("!document.querySelector('[data-key=F9]')")
	if o.state(r).Sheet.IsZero() {
		t.Error("the sheet is not back")
	}
	o.look(p, base, map[string]string{"run": "/runs/" + r.ID.String(), "runs": "/runs", "outcomes": "/outcomes"})
}

// look checks pages with axe, wide and narrow, light and dark, in three languages. JUMYLA_SHOTS keeps screenshots.
func (o *room) look(p *browser.Page, base string, pages map[string]string) {
	o.t.Helper()
	shots := os.Getenv("JUMYLA_SHOTS")
	for _, o.lang = range i18n.Langs() {
		for _, size := range []struct {
			name, theme   string
			width, height int64
		}{{"wide", "light", 1366, 768}, {"phone", "dark", 390, 2400}} {
			p.Viewport(size.width, size.height)
			p.Media("prefers-color-scheme", size.theme)
			for name, path := range pages {
				p.Go(base + path)
				if shots != "" {
					p.Screenshot(filepath.Join(shots, name+"-"+size.name+"-"+string(o.lang)+".png"))
				}
				for _, v := range p.Axe() {
					o.t.Errorf("%s %s %s: %s", name, o.lang, size.name, v)
				}
				if w := browser.Eval[int64](p, "document.documentElement.scrollWidth"); w > size.width {
					o.t.Errorf("%s %s: %d px wide, the window has %d", name, o.lang, w, size.width)
				}
			}
		}
	}
	for _, s := range p.Complaints() {
		o.t.Error(s)
	}
}
