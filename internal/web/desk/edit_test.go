package desk_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// filled is what a browser would send of a form as it stands.
func filled(page *html.Node, action string) url.Values {
	v := url.Values{}
	for _, f := range elements(page, "form", "action", action) {
		for n := range f.Descendants() {
			switch {
			case n.Data == "input" && attr(n, "type") == "checkbox":
				for _, a := range n.Attr {
					if a.Key == "checked" {
						v.Add(attr(n, "name"), attr(n, "value"))
					}
				}
			case n.Data == "input":
				v.Add(attr(n, "name"), attr(n, "value"))
			case n.Data == "textarea":
				v.Add(attr(n, "name"), words(n))
			case n.Data == "select":
				for o := range n.Descendants() {
					for _, a := range o.Attr {
						if a.Key == "selected" {
							v.Add(attr(n, "name"), attr(o, "value"))
						}
					}
				}
			}
		}
	}
	return v
}

func (o *room) home(q *request.Request) *household.Household {
	o.t.Helper()
	h, err := household.Kind.Get(o.t.Context(), o.db, q.Household.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return h
}

// TestTwoCorrectOneRequest opens a request at two desks: different fields are both kept; of the same field the second
// sees who changed it and to what, and what was typed survives.
func TestTwoCorrectOneRequest(t *testing.T) {
	o := openRoom(t)
	q := o.call("Абай 44", "нан 2", true)
	path := "/requests/" + q.ID.String() + "/edit"
	_, page := o.ask(http.MethodGet, path, 200, nil)
	mine, theirs := filled(page, path), filled(page, path)
	if mine.Get("address") != "Абай 44" || mine.Get("was-address") != "Абай 44" {
		t.Fatal(mine)
	}
	theirs.Set("address", "Абай 46")
	theirs.Set("code", "45К")
	theirs.Set("form_token", "")
	o.at = 1
	o.ask(http.MethodPost, path, 303, theirs)

	o.at, o.now = 0, o.now.Add(40*time.Second)
	mine.Set("floor", "5")
	mine.Set("address", "Абай 44А")
	_, page = o.ask(http.MethodPost, path, 422, mine)
	o.wants(words(page), "Серік Ойдан changed this", "Абай 46")
	again := filled(page, path)
	if again.Get("address") != "Абай 44А" || again.Get("code") != "45К" || again.Get("floor") != "5" {
		t.Fatal("what was typed is lost, or what the other wrote:", again)
	}
	again.Set("form_token", "")
	o.ask(http.MethodPost, path, 303, again)
	if h := o.home(q); h.Address != "Абай 44А" || h.Code != "45К" || h.Floor != "5" {
		t.Fatalf("%+v", h)
	}
	_, page = o.ask(http.MethodGet, "/requests/"+q.ID.String(), 200, nil)
	o.wants(words(page), "Corrected of the household: address, door code", "saw the contact")
}

// TestTwoSaveAtTheSameMoment sends two corrections of different fields at once, over and over, while a third checks the
// request: whichever comes first, nothing of the others is written over.
func TestTwoSaveAtTheSameMoment(t *testing.T) {
	o := openRoom(t)
	for i := range 20 {
		q := o.call("Абай 44", "нан 2", true)
		path := "/requests/" + q.ID.String()
		_, page := o.ask(http.MethodGet, path+"/edit", 200, nil)
		mine, theirs := filled(page, path+"/edit"), filled(page, path+"/edit")
		mine.Set("code", "45К")
		theirs.Set("note", "ит бар")
		theirs.Set("form_token", "")
		var both sync.WaitGroup
		post := func(path string, v url.Values) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(v.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			if o.mux.ServeHTTP(w, r); w.Code != http.StatusSeeOther {
				t.Errorf("round %d: %s answers %d", i, path, w.Code)
			}
		}
		both.Go(func() { post(path+"/edit", mine) })
		both.Go(func() { post(path+"/edit", theirs) })
		both.Go(func() { post(path+"/check", url.Values{"how": {"phone"}}) })
		both.Wait()
		now, err := request.Kind.Get(t.Context(), o.db, q.ID.ID)
		if err != nil || now.Note != "ит бар" || now.Verified != request.ByPhone || o.home(q).Code != "45К" {
			t.Fatalf("round %d: %+v %+v %v", i, now, o.home(q), err)
		}
	}
}

// TestACorrectionOfWhatWasPlannedMeanwhile changes a need that a sheet says by now: it is said, not dropped in silence.
func TestACorrectionOfWhatWasPlannedMeanwhile(t *testing.T) {
	o := openRoom(t)
	r := o.three()
	q := request.ID{ID: r.Stops[0].Request}
	needs, err := request.Needs(t.Context(), o.db, q)
	if err != nil {
		t.Fatal(err)
	}
	count := "count-" + needs[0].ID.String()
	path := "/requests/" + q.String() + "/edit"
	_, page := o.ask(http.MethodGet, path, 200, nil)
	v := filled(page, path)
	v.Set("was-"+count, "2")
	v.Set(count, "2")
	v.Set("floor", "3")
	o.ask(http.MethodPost, path, 303, v)
	v.Set(count, "9")
	v.Set("form_token", "")
	_, page = o.ask(http.MethodPost, path, 422, v)
	o.wants(words(page), "A need has just been planned")
}

func TestACorrectionIsChecked(t *testing.T) {
	o := openRoom(t)
	q := o.call("Абай 44", "нан 2", true)
	path := "/requests/" + q.ID.String() + "/edit"
	_, page := o.ask(http.MethodGet, path, 200, nil)
	v := filled(page, path)
	needs, err := request.Needs(t.Context(), o.db, q.ID)
	if err != nil {
		t.Fatal(err)
	}
	count, before, after := "count-"+needs[0].ID.String(), "before-"+needs[0].ID.String(), "after-"+needs[0].ID.String()
	for field, bad := range map[string]string{"phones": "мама", "children": "мама", "people": "99999", "address": " ", count: "0", before: "25:00"} {
		w := url.Values{}
		for k := range v {
			w[k] = v[k]
		}
		w.Set(field, bad)
		w.Set("form_token", "")
		_, page := o.ask(http.MethodPost, path, 422, w)
		if in := elements(page, "input", "name", field); len(in) != 1 || attr(in[0], "value") != strings.TrimSpace(bad) {
			t.Errorf("%s: %q does not come back", field, bad)
		}
	}
	v.Set(count, "3")
	v.Set(after, "10:00")
	v.Set(before, "2000")
	v.Set("cares", "deaf")
	v.Set("phones", "8 700 000 12 34, 250 12 34")
	o.ask(http.MethodPost, path, 303, v)
	needs, err = request.Needs(t.Context(), o.db, q.ID)
	if err != nil || needs[0].Count != 3 || needs[0].After != 600 || needs[0].Before != 1200 {
		t.Fatal(needs, err)
	}
	if h := o.home(q); len(h.Phones) != 2 || !h.Has(household.Deaf) {
		t.Fatalf("%+v", h)
	}
}

func TestAnActOnARequestIsTakenBack(t *testing.T) {
	o := openRoom(t)
	ctx := t.Context()
	var q *request.Request
	o.write(func(tx *store.Tx) (err error) {
		q, err = intake.Take(ctx, tx, intake.Call{Household: household.Household{Head: "Ойдан", Address: "Абай 44"}, Phone: "+77000000001", Needs: []string{"нан 1"},
			Caller: "Еркін Ойдан", MayTell: true}, 7)
		return err
	})
	o.who[0].Roles = account.Coordinator
	path := "/requests/" + q.ID.String()
	undo := func(act string, at time.Time, want int) {
		t.Helper()
		o.ask(http.MethodPost, path+"/undo?act="+act+"&at="+itoa64(store.Micro(at)), want, nil)
	}
	get := func() *request.Request {
		t.Helper()
		v, err := request.Kind.Get(ctx, o.db, q.ID.ID)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	_, page := o.ask(http.MethodGet, path, 200, nil)
	o.wants(words(page), "waits to be checked", "who asked for somebody else", "Өтінімді орындап жатырмыз")
	o.ask(http.MethodPost, path+"/check", 303, url.Values{"how": {"phone"}})
	undo("check", o.now.Add(-time.Minute), 422)
	undo("check", o.now, 303)
	if get().Plannable() {
		t.Error("the check stands")
	}
	o.ask(http.MethodPost, path+"/decide", 303, nil)
	undo("decide", o.now, 303)
	if get().Plannable() {
		t.Error("the decision stands")
	}
	o.ask(http.MethodPost, path+"/close", 303, url.Values{"as": {"done"}})
	_, page = o.ask(http.MethodGet, path, 200, nil)
	o.wants(words(page), "Asked not to be kept: will be erased", "Көмек жеткізілді")
	undo("close", o.now, 303)
	undo("close", o.now, 422)
	needs, err := request.Needs(ctx, o.db, q.ID)
	if err != nil || needs[0].Status != request.Open {
		t.Fatal(needs, err)
	}
	undo("nothing", o.now, 422)
}

func itoa64(n int64) string { return strconv.FormatInt(n, 10) }

// TestWhoTookACallSeesItClose follows two calls from the desk that took them.
func TestWhoTookACallSeesItClose(t *testing.T) {
	o := openRoom(t)
	_, page := o.ask(http.MethodGet, "/mine", 200, nil)
	o.wants(words(page), "You have not taken a call yet")
	r := o.three()
	_, page = o.ask(http.MethodGet, "/mine", 200, nil)
	o.wants(words(page), "Still open: 3")
	o.step(r, run.Out)
	o.ask(http.MethodPost, "/outcomes", 303, url.Values{"ring": {"7 1 1"}})
	o.ask(http.MethodPost, "/outcomes", 303, url.Values{"ring": {"7 2 4"}})
	_, page = o.ask(http.MethodGet, "/mine", 200, nil)
	o.wants(words(page), "Closed: 2", "Still open: 1", "done", "cancelled")
	o.at = 1
	_, page = o.ask(http.MethodGet, "/mine", 200, nil)
	o.wants(words(page), "You have not taken a call yet")
}

func TestTheRequestPageLooks(t *testing.T) {
	p := browser.Open(t)
	o := openRoom(t)
	o.who[0].Roles = account.Coordinator
	r := o.three()
	q := request.ID{ID: r.Stops[1].Request}
	o.step(r, run.Out)
	o.ask(http.MethodPost, "/outcomes", 303, url.Values{"ring": {"7 2 3"}, "note": {"ит бар"}})
	o.look(p, o.serve(), map[string]string{"request": "/requests/" + q.String(), "edit": "/requests/" + q.String() + "/edit", "mine": "/mine"})
	p.Media("", "print")
	o.lang = i18n.RU
	p.Go(o.serve() + "/requests/" + q.String())
	if browser.Eval[bool](p, "[...document.querySelectorAll('.acts, .rail')].some(e => e.getClientRects().length > 0)") {
		t.Error("buttons are printed")
	}
	if !browser.Eval[bool](p, "document.querySelector('.history').getClientRects().length > 0") {
		t.Error("the history is not printed")
	}
}
