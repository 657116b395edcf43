package desk_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/begun"
	"github.com/jumyla/jumyla/internal/web/desk"
	"github.com/jumyla/jumyla/internal/web/relay"
	"github.com/jumyla/jumyla/internal/web/runs"
	"github.com/jumyla/jumyla/roads"
	"github.com/jumyla/jumyla/roads/gazetteer"
)

// room is a call desk with two invented operators and a clock.
type room struct {
	t    *testing.T
	db   *store.DB
	mux  *web.Mux
	now  time.Time
	lang i18n.Lang
	who  []*account.Account
	at   int // whose browser asks
}

func openRoom(t *testing.T) *room {
	t.Helper()
	o := &room{t: t, now: time.Date(2022, 1, 12, 9, 0, 0, 0, time.UTC), lang: i18n.EN}
	kinds := append(account.Kinds(), centre.Kind, place.Kind, area.Kind, household.Kind, household.VerdictKind, household.LookKind, request.Kind, request.NeedKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, request.QualityKind, request.CallbackKind, request.WordKind, request.RelayKind,
		volunteer.Kind, crew.Kind, crew.LookKind, rule.Record, supply.Kind, run.Kind, run.OutcomeKind, run.CheckKind, run.RenewalKind)
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: kinds, Now: func() time.Time { return o.now },
		KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	o.db = db
	err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		for _, name := range []contact.Name{"Айгүл Үлгіқызы", "Серік Ойдан"} {
			a := &account.Account{Name: name, Roles: account.Operator, Lang: i18n.KK}
			if err := account.Create(t.Context(), tx, a, "жеті рет өлшеп", account.KDF{Time: 1, Memory: 64, Threads: 1}); err != nil {
				return err
			}
			o.who = append(o.who, a)
		}
		return centre.Create(t.Context(), tx, &centre.Centre{Name: "Үйренетін орталық", Area: "Алматы", Zone: centre.DefaultZone, Langs: []string{"kk", "ru"}, Lat: 43.2389, Lon: 76.8897})
	})
	if err != nil {
		t.Fatal(err)
	}
	events := &web.Events{}
	t.Cleanup(events.Close)
	db.OnCommit(func(c store.Change) { events.Publish(desk.Topics(c)...) })
	o.mux = web.New(web.Config{Log: slog.New(slog.DiscardHandler), Now: time.Now, SignIn: "/sign-in", Assets: web.Embedded(),
		Viewer: func(*http.Request) (*web.Viewer, error) {
			a := o.who[o.at]
			return &web.Viewer{AccountID: a.ID.String(), Name: string(a.Name), Roles: a.Roles, Lang: o.lang}, nil
		},
	}, o.calls(events), runs.New(db).Routes(), relay.New(db).Routes())
	return o
}

// calls are the desk's pages with the streets of a small extract.
func (o *room) calls(events *web.Events) []web.Route {
	d := desk.New(o.db, events, intake.NewRegister(o.db), request.NewLive(o.db))
	d.Find = &where.Finder{}
	street := []string{"Достық даңғылы", "пр. Достык", "проспект Ленина"}
	d.Find.Use(gazetteer.New([]roads.Place{{Kind: roads.Street, Names: street, At: roads.Point{Lat: 43.21, Lon: 76.96}},
		{Kind: roads.House, Street: street[1:2], House: "125", At: roads.Point{Lat: 43.214, Lon: 76.963}},
		{Kind: roads.House, Street: street[1:2], House: "121", At: roads.Point{Lat: 43.216, Lon: 76.9632}}}), nil)
	return slices.Concat(d.Routes(), begun.New(o.db).Routes())
}

// ask sends a request as the operator whose turn it is, wants the status and returns where it leads and the page.
func (o *room) ask(method, path string, want int, form url.Values) (to string, page *html.Node) {
	o.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept", "text/html")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	if w.Code != want {
		o.t.Fatalf("%s %s: %d, want %d\n%s", method, path, w.Code, want, w.Body)
	}
	if _, wrong, found := strings.Cut(w.Body.String(), "⟦"); found {
		o.t.Errorf("%s: no words for %.40s", path, wrong)
	}
	page, err := html.Parse(w.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return w.Header().Get("Location"), page
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// elements returns every element with that tag whose attribute begins so.
func elements(page *html.Node, tag, name, prefix string) []*html.Node {
	var out []*html.Node
	for n := range page.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag && strings.HasPrefix(attr(n, name), prefix) {
			out = append(out, n)
		}
	}
	return out
}

func words(n *html.Node) string {
	var b []string
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b = append(b, strings.Fields(d.Data)...)
		}
	}
	return strings.Join(b, " ")
}

// row returns the one line of the queue, and the paths of its buttons.
func (o *room) row() (text string, acts []*html.Node) {
	o.t.Helper()
	_, page := o.ask(http.MethodGet, "/callbacks", 200, nil)
	rows := elements(page, "tr", "id", "cb")
	if len(rows) != 1 {
		o.t.Fatalf("%d rows in the queue", len(rows))
	}
	return words(rows[0]), elements(rows[0], "form", "action", "/callbacks/")
}

func (o *room) wants(text string, parts ...string) {
	o.t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			o.t.Errorf("%q is not in %q", p, text)
		}
	}
}

// TestCallbacks walks a number through the queue with two operators' browsers.
func TestCallbacks(t *testing.T) {
	o := openRoom(t)
	for _, o.lang = range i18n.Langs() {
		_, page := o.ask(http.MethodGet, "/callbacks", 200, nil)
		if len(elements(page, "a", "href", "/callbacks")) == 0 {
			t.Error("the rail does not lead to the queue")
		}
	}
	_, page := o.ask(http.MethodPost, "/callbacks", 422, url.Values{"phone": {"abc"}})
	if in := elements(page, "input", "id", "f-phone"); len(in) != 1 || attr(in[0], "value") != "abc" || attr(in[0], "aria-invalid") != "true" {
		t.Error("a wrong number does not come back as it was typed")
	}
	o.ask(http.MethodPost, "/callbacks", 303, url.Values{"phone": {"8 700 000 12 34"}, "name": {"Ойдан"}, "why": {"үзілді"}})

	o.now = o.now.Add(12 * time.Minute)
	text, acts := o.row()
	o.wants(text, "12 min", "+7 700 000 12 34", "Ойдан", "үзілді", "free")
	if len(acts) != 3 {
		t.Fatalf("%d acts on what is free", len(acts))
	}
	take, tried, done := attr(acts[0], "action"), attr(acts[1], "action"), attr(acts[2], "action")
	token := url.Values{web.TokenField: {attr(elements(acts[1], "input", "name", web.TokenField)[0], "value")}}
	to, _ := o.ask(http.MethodPost, take, 303, nil)
	if to != "/call?callback="+strings.Split(take, "/")[2] {
		t.Error("taking leads to", to)
	}
	_, page = o.ask(http.MethodGet, to, 200, nil)
	if in := elements(page, "input", "id", "f-phone"); len(in) != 1 || attr(in[0], "value") != "+7 700 000 12 34" {
		t.Error("the call page does not know the number")
	}
	if len(elements(page, "a", "data-key", "F8")) != 1 {
		t.Error("F8 does not lead to the queue")
	}

	o.at, o.now = 1, o.now.Add(2*time.Minute)
	text, acts = o.row()
	o.wants(text, "Айгүл Үлгіқызы: until 15:17, 3 min left")
	if len(acts) != 0 {
		t.Error("what somebody else holds has buttons")
	}
	_, page = o.ask(http.MethodPost, take, 422, nil)
	o.wants(words(page), "Another operator already has this number.")

	o.at = 0
	o.ask(http.MethodPost, tried, 303, token)
	o.ask(http.MethodPost, tried, 303, token) // pressed twice
	text, _ = o.row()
	o.wants(text, "үзілді 1 free")
	o.at = 1
	o.ask(http.MethodPost, done, 303, nil)
	_, page = o.ask(http.MethodGet, "/callbacks", 200, nil)
	o.wants(words(page), "Nobody waits to be called back.")
	_, page = o.ask(http.MethodPost, take, 422, nil)
	o.wants(words(page), "Somebody has already spoken to them.")
}

// TestLeaseExpiresVisibly leaves a taken number alone until it is anybody's.
func TestLeaseExpiresVisibly(t *testing.T) {
	o := openRoom(t)
	o.ask(http.MethodPost, "/callbacks", 303, url.Values{"phone": {"87000001234"}})
	_, acts := o.row()
	take := attr(acts[0], "action")
	o.ask(http.MethodPost, take, 303, nil)
	o.at, o.now = 1, o.now.Add(request.Hold)
	text, acts := o.row()
	o.wants(text, "free")
	if len(acts) != 3 {
		t.Error("a lease that ran out leaves no buttons")
	}
	o.ask(http.MethodPost, take, 303, nil)
	text, _ = o.row()
	o.wants(text, "Серік Ойдан: until")
}

// TestACallThatWasPromisedIsFinishedBySavingIt renews what is worked on, warns before it is free, and ends it with
// the call.
func TestACallThatWasPromisedIsFinishedBySavingIt(t *testing.T) {
	o := openRoom(t)
	o.ask(http.MethodPost, "/callbacks", 303, url.Values{"phone": {"87000001234"}, "name": {"Ойдан"}})
	_, acts := o.row()
	take := attr(acts[0], "action")
	to, _ := o.ask(http.MethodPost, take, 303, nil)
	cb := strings.Split(take, "/")[2]
	held := func(want string) {
		t.Helper()
		_, page := o.ask(http.MethodGet, "/callbacks/"+cb+"/held", 200, nil)
		o.wants(words(page), want)
	}
	held("yours for 5 min")
	o.now = o.now.Add(request.Hold - time.Minute)
	held("In 1 min the number is free")
	typed := url.Values{"callback": {cb}, "phone": {"87000001234"}, "address": {"Абай 44"}, "needs": {"су 2"}, "keep": {"yes"}, "lang": {"kk"}}
	o.ask(http.MethodPost, "/call/draft", 200, typed)
	held("yours for 5 min")
	_, page := o.ask(http.MethodGet, to, 200, nil)
	if len(elements(page, "input", "value", "Ойдан")) != 1 {
		t.Error("the call page does not know the name")
	}
	o.at = 1
	held("no longer yours")
	o.at = 0
	saved, _ := o.ask(http.MethodPost, "/call", 303, typed)
	if !strings.HasPrefix(saved, "/call?saved=") {
		t.Fatal("saving leads to", saved)
	}
	_, page = o.ask(http.MethodGet, "/callbacks", 200, nil)
	o.wants(words(page), "Nobody waits to be called back.")
}

// TestNotBefore keeps who asked for a later time behind those who can be called now.
func TestNotBefore(t *testing.T) {
	o := openRoom(t) // it is 15:00 there
	o.ask(http.MethodPost, "/callbacks", 303, url.Values{"phone": {"87000001234"}, "after": {"16:00"}})
	text, acts := o.row()
	o.wants(text, "not before 16:00")
	tried := attr(acts[1], "action")
	o.ask(http.MethodPost, "/callbacks", 303, url.Values{"phone": {"87000005678"}})
	_, page := o.ask(http.MethodGet, "/callbacks", 200, nil)
	if rows := elements(page, "tr", "id", "cb"); len(rows) != 2 || !strings.Contains(words(rows[0]), "56 78") {
		t.Error("who asked for a later time stands before who can be called now")
	}
	o.now = o.now.Add(61 * time.Minute)
	_, page = o.ask(http.MethodGet, "/callbacks", 200, nil)
	if rows := elements(page, "tr", "id", "cb"); !strings.Contains(words(rows[0]), "12 34") || strings.Contains(words(rows[0]), "not before") {
		t.Error("their time has come, and they do not stand where they stood")
	}
	o.ask(http.MethodPost, tried, 303, url.Values{"after": {"1730"}, web.TokenField: {"x1"}})
	_, page = o.ask(http.MethodGet, "/callbacks", 200, nil)
	if rows := elements(page, "tr", "id", "cb"); !strings.Contains(words(rows[1]), "not before 17:30") {
		t.Error(words(rows[1]))
	}
}

// TestWhoIsNotToBeKeptIsNotKeptInTheQueueEither saves the call of a call-back for who does not agree to be kept.
func TestWhoIsNotToBeKeptIsNotKeptInTheQueueEither(t *testing.T) {
	o := openRoom(t)
	o.ask(http.MethodPost, "/callbacks", 303, url.Values{"phone": {"87000001234"}, "name": {"Ойдан"}, "why": {"үзілді"}})
	_, acts := o.row()
	take := attr(acts[0], "action")
	o.ask(http.MethodPost, take, 303, nil)
	v, err := id.Parse(strings.Split(take, "/")[2])
	if err != nil {
		t.Fatal(err)
	}
	saved, _ := o.ask(http.MethodPost, "/call", 303, url.Values{"callback": {v.String()}, "phone": {"87000001234"}, "address": {"Абай 44"}, "needs": {"су 2"}, "keep": {"no"}, "lang": {"kk"}})
	q, err := id.Parse(strings.TrimPrefix(saved, "/call?saved="))
	if err != nil {
		t.Fatal(saved, err)
	}
	o.write(func(tx *store.Tx) error { return dispatch.Close(t.Context(), tx, request.ID{ID: q}, request.Cancelled) })
	o.now = o.now.Add(dispatch.SlipGrace)
	if n, err := dispatch.Forget(t.Context(), o.db); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if c, err := request.CallbackKind.Get(t.Context(), o.db, v); err != nil || c.Phone != "" || c.Name != "" || c.Why != "" || !c.Done {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestACallThatWasBegunSaysSo holds that each call has a draft of its own: a new one opens empty and names those that were
// begun; one of them is opened by its address, and can be started afresh without the others.
func TestACallThatWasBegunSaysSo(t *testing.T) {
	o := openRoom(t)
	const begun = "This is a call that was begun and not saved."
	_, page := o.ask(http.MethodGet, "/call", 200, nil)
	if strings.Contains(words(page), "begun") {
		t.Fatal("an empty form says that it is a draft")
	}
	one, two := attr(elements(page, "input", "name", "draft")[0], "value"), "zweiterentwurf"
	o.ask(http.MethodPost, "/call/draft", 200, url.Values{"draft": {one}, "phone": {"87000001234"}, "keep": {"yes"}, "lang": {"kk"}})
	o.ask(http.MethodPost, "/call/draft", 200, url.Values{"draft": {two}, "name": {"Екінші Ойдан"}, "keep": {"yes"}, "lang": {"kk"}})
	_, page = o.ask(http.MethodGet, "/call", 200, nil)
	o.wants(words(page), "2 calls were begun and not saved", "87000001234: go on", "Екінші Ойдан: go on")
	if attr(elements(page, "input", "name", "phone")[0], "value") != "" || attr(elements(page, "input", "name", "draft")[0], "value") == one {
		t.Error("a new call opens on another one's draft")
	}
	_, page = o.ask(http.MethodGet, "/call?draft="+one, 200, nil)
	o.wants(words(page), begun, "Екінші Ойдан")
	if attr(elements(page, "input", "name", "phone")[0], "value") != "87000001234" || strings.Contains(words(page), "87000001234: go on") {
		t.Error("the draft does not open")
	}
	_, page = o.ask(http.MethodPost, "/call", 422, url.Values{"draft": {one}, "phone": {"87000001234"}, "note": {"әлі жоқ"}})
	if at := attr(elements(page, "body", "data-found", "")[0], "data-found"); at != "/call?draft="+one {
		t.Error("Back leads to", at)
	}
	_, page = o.ask(http.MethodGet, "/call?draft="+one, 200, nil)
	o.wants(words(page), "әлі жоқ")
	if to, _ := o.ask(http.MethodPost, "/call/afresh", 303, url.Values{"draft": {one}, "phone": {"87000001234"}}); to != "/call" {
		t.Error("starting afresh leads to", to)
	}
	_, page = o.ask(http.MethodGet, "/call", 200, nil)
	o.wants(words(page), "1 call was begun")
	saved := url.Values{"draft": {two}, "form_token": {"save-once-only"}, "name": {"Екінші Ойдан"}, "address": {"Абай 44"}, "needs": {"нан"}, "keep": {"yes"}, "lang": {"kk"}}
	o.ask(http.MethodPost, "/call", 303, saved)
	o.ask(http.MethodPost, "/call/draft", 200, saved) // it comes late
	_, page = o.ask(http.MethodGet, "/call", 200, nil)
	if strings.Contains(words(page), "begun") {
		t.Error("a draft outlives its call")
	}
}

// TestACallForAHouseholdThatIsCorrectedMeanwhile opens a call on a household that another desk corrects while it is typed:
// other fields stay, the same one is shown before it is written over.
func TestACallForAHouseholdThatIsCorrectedMeanwhile(t *testing.T) {
	o := openRoom(t)
	q := o.call("Абай 44", "нан 2", true)
	_, page := o.ask(http.MethodGet, "/call?household="+q.Household.String(), 200, nil)
	call := filled(page, "/call")
	edit := "/requests/" + q.ID.String() + "/edit"
	_, page = o.ask(http.MethodGet, edit, 200, nil)
	theirs := filled(page, edit)
	theirs.Set("code", "45К")
	theirs.Set("floor", "3")
	o.at = 1
	o.ask(http.MethodPost, edit, 303, theirs)
	o.at = 0
	call.Set("needs", "су 2")
	call.Set("floor", "5")
	_, page = o.ask(http.MethodPost, "/call", 422, call)
	o.wants(words(page), "Серік Ойдан changed this")
	again := filled(page, "/call")
	if again.Get("floor") != "5" || again.Get("was-floor") != "3" || again.Get("code") != "45К" {
		t.Fatal(again)
	}
	again.Set("keep", "yes")
	again.Set("lang", "kk")
	again.Set("form_token", "")
	o.ask(http.MethodPost, "/call", 303, again)
	if h := o.home(q); h.Floor != "5" || h.Code != "45К" || h.Address != "Абай 44" {
		t.Fatalf("%+v", h)
	}
}
