package twins_test

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/match"
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
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/begun"
	"github.com/jumyla/jumyla/internal/web/desk"
	"github.com/jumyla/jumyla/internal/web/runs"
	"github.com/jumyla/jumyla/internal/web/same"
	"github.com/jumyla/jumyla/internal/web/twins"
)

var noon = time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC)

// office is a centre with its pages.
type office struct {
	db   *store.DB
	url  string
	lang i18n.Lang
	role account.Role
}

func open(t *testing.T, name string) *office {
	t.Helper()
	o := &office{lang: i18n.EN, role: account.Coordinator}
	kinds := append(account.Kinds(), centre.Kind, place.Kind, area.Kind, household.Kind, household.VerdictKind, household.LookKind, request.Kind, request.NeedKind,
		request.QualityKind, request.CallbackKind, request.WordKind, request.RelayKind, volunteer.Kind, crew.Kind, crew.LookKind, rule.Record, supply.Kind,
		run.Kind, run.OutcomeKind, run.CheckKind, run.RenewalKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, twin.TallyKind, twin.KeyKind)
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: kinds, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1},
		Now: func() time.Time { return noon }}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	o.db = db
	o.write(t, func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: name, Zone: centre.DefaultZone, Langs: []string{"kk"}})
	})
	viewer := func(*http.Request) (*web.Viewer, error) {
		return &web.Viewer{Name: "Айгүл Үлгі", AccountID: id.ID{1}.String(), Roles: o.role, Lang: o.lang}, nil
	}
	events, register := &web.Events{}, intake.NewRegister(db)
	t.Cleanup(events.Close)
	calls := desk.New(db, events, register, request.NewLive(db))
	calls.Find = &where.Finder{}
	mux := web.New(web.Config{Viewer: viewer, Now: time.Now, Assets: web.Embedded(), Log: slog.New(slog.DiscardHandler)}, twins.New(db).Routes(),
		calls.Routes(), begun.New(db).Routes(), same.New(db, register).Routes(), runs.New(db).Routes())
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	o.url = srv.URL
	return o
}

func (o *office) write(t *testing.T, fn func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := o.db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func know(t *testing.T, all ...*office) {
	t.Helper()
	for _, of := range all {
		raw, err := exchange.Card(t.Context(), of.db, store.Actor{})
		if err != nil {
			t.Fatal(err)
		}
		card, err := exchange.ReadCard(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range all {
			if at != of {
				if err := exchange.Pair(t.Context(), at.db, store.Actor{}, card); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func (o *office) call(t *testing.T, ref id.Ref, phone contact.Phone) (rid request.ID, need request.NeedID) {
	t.Helper()
	o.write(t, func(ctx context.Context, tx *store.Tx) error {
		h := &household.Household{Head: "Ойдан Шығарылған", Phones: []contact.Phone{phone}, Address: contact.Address("Оқу көшесі " + string(ref)), Keep: true}
		q, n := &request.Request{Ref: ref, At: noon, Calls: 1}, &request.Need{What: request.Basket, Class: "basket", Count: 1, Status: request.Open}
		h.ID.ID, q.ID.ID, n.ID.ID = tx.NewID(), tx.NewID(), tx.NewID()
		q.Household, n.Request = h.ID, q.ID
		for _, r := range []any{h, q, n} {
			if err := tx.Put(ctx, r); err != nil {
				return err
			}
		}
		rid, need = q.ID, n.ID
		return nil
	})
	return rid, need
}

func carry(t *testing.T, from, to *office) {
	t.Helper()
	if err := match.Work(t.Context(), from.db); err != nil {
		t.Fatal(err)
	}
	w, err := exchange.WriteBundle(t.Context(), from.db, to.db.Centre(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exchange.ReadBundle(t.Context(), to.db, w.Files[0]); err != nil {
		t.Fatal(err)
	}
}

// compare carries questions to the centre that compares, and its answers back.
func compare(t *testing.T, m *office, all ...*office) {
	t.Helper()
	for _, o := range all {
		carry(t, o, m)
	}
	for _, o := range all {
		carry(t, m, o)
	}
}

func (o *office) get(t *testing.T) string {
	t.Helper()
	return o.at(t, "/links/match")
}

func (o *office) at(t *testing.T, path string) string {
	t.Helper()
	res, err := http.Get(o.url + path)
	if err != nil {
		t.Fatal(err)
	}
	return body(t, res, http.StatusOK)
}

func body(t *testing.T, res *http.Response, status int) string {
	t.Helper()
	raw, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || res.StatusCode != status {
		t.Fatal(res.Status, err, string(raw))
	}
	return html.UnescapeString(string(raw))
}

var token = regexp.MustCompile(`name="` + web.TokenField + `" value="([^"]+)"`)

// post sends a form of the page, and returns the page that it leads to.
func (o *office) post(t *testing.T, path string, status int, values url.Values) string {
	t.Helper()
	values.Set(web.TokenField, token.FindStringSubmatch(o.get(t))[1])
	res, err := http.PostForm(o.url+path, values)
	if err != nil {
		t.Fatal(err)
	}
	return body(t, res, status)
}

func says(t *testing.T, page string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(page, w) {
			t.Errorf("%q is not said", w)
		}
	}
}

// TestTwoHotlinesOnTheirPages sets comparing up by the pages alone, at three centres, links a pair, and undoes it.
func TestTwoHotlinesOnTheirPages(t *testing.T) {
	p := browser.Open(t)
	a, b, m := open(t, "Талғар"), open(t, "Есік"), open(t, "Салыстыру")
	know(t, a, b, m)
	says(t, a.get(t), i18n.EN.T("match.why_nobody"), i18n.EN.T("match.none"))
	says(t, m.post(t, "/links/match/offer", http.StatusOK, url.Values{"limit": {"50"}}), "50 questions of each in 24 hours")
	shown := a.post(t, "/links/match/key", http.StatusOK, url.Values{"act": {"new"}})
	paper := regexp.MustCompile(`M-[0-9A-Z ]+`).FindString(shown)
	says(t, shown, i18n.EN.T("match.key_shown"))
	if strings.Contains(a.get(t), paper) {
		t.Error("the key stands on the page for whoever opens it")
	}
	says(t, a.post(t, "/links/match/key", http.StatusOK, url.Values{"act": {"show"}}), paper)
	says(t, b.post(t, "/links/match/key", http.StatusUnprocessableEntity, url.Values{"act": {"take"}, "key": {"7KQ2M"}}), "begins with M-")
	b.post(t, "/links/match/key", http.StatusOK, url.Values{"act": {"take"}, "key": {strings.ToLower(paper)}})
	for _, o := range []*office{a, b} {
		says(t, o.post(t, "/links/match/use", http.StatusOK, url.Values{"matcher": {m.db.Centre().String()}}), "has not said that it compares")
		carry(t, m, o)
	}
	a.call(t, "472190", "+77010000001")
	b.call(t, "583201", "+77010000001")
	compare(t, m, a, b)

	page := a.get(t)
	says(t, page, `<option value="`+m.db.Centre().String()+`" selected>`, "47-21-90", "58-32-01", "At Есік", "the same telephone", "as of 12 Jan", "Салыстыру compares for us", "Asked: 1; compared: 1", i18n.EN.T("match.same"))
	for _, no := range []string{"Ойдан", "7010000001"} {
		if strings.Contains(page, no) {
			t.Error("the queue names somebody:", no)
		}
	}
	pair := regexp.MustCompile(`/links/match/pairs/([0-9a-z]+)`).FindStringSubmatch(page)[1]
	look(t, p, a, "open")
	says(t, a.post(t, "/links/match/pairs/"+pair, http.StatusOK, url.Values{"says": {"same"}}), i18n.EN.T("match.linked"), i18n.EN.T("match.undo"))
	carry(t, a, b)
	says(t, b.get(t), "Талғар says: the same")
	look(t, p, a, "linked")
	look(t, p, m, "matcher")
	says(t, a.post(t, "/links/match/pairs/"+pair, http.StatusOK, url.Values{"says": {"undone"}}), i18n.EN.T("match.different"))
	a.role = account.Operator
	page = a.get(t)
	if strings.Contains(page, i18n.EN.T("match.setup")) || strings.Contains(page, "/links/stick") {
		t.Error("an operator is led where they may not go")
	}
}

// look asks axe about the page in each language, light on a wide screen and dark on a phone, and keeps pictures where
// JUMYLA_SHOTS says.
func look(t *testing.T, p *browser.Page, o *office, name string) {
	t.Helper()
	lookAt(t, p, o, "/links/match", "match-"+name)
}

func lookAt(t *testing.T, p *browser.Page, o *office, path, name string) {
	t.Helper()
	was := o.lang
	defer func() { o.lang = was }()
	for theme, width := range map[string]int64{"light": 1366, "dark": 390} {
		p.Viewport(width, 2600) // so high that the phone's bar covers no button
		p.Media("prefers-color-scheme", theme)
		for _, o.lang = range i18n.Langs() {
			p.Go(o.url + path)
			if dir := os.Getenv("JUMYLA_SHOTS"); dir != "" {
				p.Screenshot(filepath.Join(dir, name+"-"+theme+"-"+string(o.lang)+".png"))
			}
			for _, v := range p.Axe() {
				t.Errorf("%s %s %s: %s", name, theme, o.lang, v)
			}
			if w := browser.Eval[int64](p, "document.documentElement.scrollWidth"); w > width {
				t.Errorf("%s %s %s: %d px wide, the window has %d", name, theme, o.lang, w, width)
			}
		}
	}
}
