package links_test

import (
	"context"
	"errors"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/link"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/links"
	"github.com/jumyla/jumyla/internal/web/tree"
)

var noon = time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC) // 12:00 in Almaty

// office is a running centre whose coordinator sits at a browser.
type office struct {
	db   *store.DB
	url  string
	lang i18n.Lang
	x    *link.Exchanger
	port *link.Port
}

func open(t *testing.T, name string) *office {
	t.Helper()
	kinds := append(account.Kinds(), centre.Kind, household.Kind, household.VerdictKind, request.Kind, request.NeedKind, request.CallbackKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind)
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: kinds, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1},
		Now: func() time.Time { return noon }}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	o := &office{db: db, lang: i18n.EN}
	o.write(t, func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: name, Area: "Оқу аумағы", Zone: centre.DefaultZone, Langs: []string{"kk"}})
	})
	log, events := slog.New(slog.DiscardHandler), &web.Events{}
	t.Cleanup(events.Close)
	o.x = link.New(db, log, time.Now, func() { events.Publish(links.Topic) })
	o.x.Again = nil
	if o.port, err = link.Listen(t.Context(), "127.0.0.1:0", log, time.Now); err == nil {
		err = o.port.Open(db, o.x)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.port.Close() })
	mux := web.New(web.Config{Log: slog.New(slog.DiscardHandler), Now: time.Now, SignIn: "/sign-in", Assets: web.Embedded(),
		Viewer: func(*http.Request) (*web.Viewer, error) {
			return &web.Viewer{AccountID: id.New(noon).String(), Name: "Айгүл Үлгіқызы", Roles: account.Coordinator, Lang: o.lang}, nil
		}}, links.New(db, links.Network{Exchanger: o.x, Events: events, Listens: o.port.Addr}).Routes(), tree.New(db).Routes())
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

// request takes a call.
func (o *office) request(t *testing.T, ref id.Ref, name contact.Name) *request.Request {
	t.Helper()
	q := &request.Request{Ref: ref, At: noon, Calls: 1}
	o.write(t, func(ctx context.Context, tx *store.Tx) error {
		h := &household.Household{Head: name, Address: "Оқу көшесі 1", Area: "Оқу ауылы", District: "Оқу ауданы", Keep: true}
		h.ID.ID = tx.NewID()
		q.ID.ID, q.Household = tx.NewID(), h.ID
		n := &request.Need{Request: q.ID, What: request.Insulin, Class: request.Insulin.Class(), Count: 1, Status: request.Open}
		n.ID.ID = tx.NewID()
		return errors.Join(tx.Put(ctx, h), tx.Put(ctx, q), tx.Put(ctx, n))
	})
	return q
}

// TestHandOverBetweenTwoCentres goes the whole way in a browser: cards and words, a request handed over, a stick there and
// back, counts of what stands elsewhere; it looks at each page wide and narrow, in three languages.
func TestHandOverBetweenTwoCentres(t *testing.T) {
	p := browser.Open(t)
	a, b := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған")
	stick := t.TempDir()
	q := a.request(t, "472190", "Ойдан Шығарылған")

	pair(t, p, a, b)
	pair(t, p, b, a)

	p.Go(a.url + "/links/requests/" + q.ID.String())
	p.Click(`form[action^="/links/requests"] button.first`)
	p.Until(`document.body.textContent.includes("is with Оқу орталығы Талдықорған")`)
	carry(t, p, a, stick, `form button[formaction]`)
	p.Until(`document.querySelector("#written") && document.querySelector("#written").textContent.includes("1 hand-overs")`)
	look(t, p, a, "/links", "/links/requests/"+q.ID.String(), "/links/stick")

	carry(t, p, b, stick, `form[action="/links/stick/read"] button.first`)
	p.Until(`document.body.textContent.includes("1 requests handed to us")`)
	if h, err := household.Kind.Get(t.Context(), b.db, q.Household.ID); err != nil || h.Head != "Ойдан Шығарылған" {
		t.Fatal("the household did not come along:", err)
	}
	look(t, p, b, "/links", "/links/requests/"+q.ID.String())

	p.Go(b.url + "/links/requests/" + q.ID.String())
	p.Click(`form:has(input[value="refuse"]) button.first`)
	p.Until(`document.body.textContent.includes("is with Оқу орталығы Алматы")`)

	// a need of theirs is seen here in counts by district; its household's name and settlement are not
	b.request(t, "583181", "Басқа Ойдан")
	carry(t, p, b, stick, `form button[formaction]`)
	p.Until(`document.querySelector("#written") !== null`)
	carry(t, p, a, stick, `form[action="/links/stick/read"] button.first`)
	p.Until(`document.body.textContent.includes("1 requests handed to us")`)
	p.Go(a.url + "/links/picture")
	if text := p.Text("main"); !strings.Contains(text, "medical") || !strings.Contains(text, "Оқу ауданы") || strings.Contains(text, "Оқу ауылы") || strings.Contains(text, "Ойдан") {
		t.Error("the picture says:", text)
	}
	look(t, p, a, "/links/proposals")
	for _, s := range p.Complaints() {
		t.Error("the console says:", s)
	}
}

// TestABadFileDoesNotStopTheNext: what cannot be read is said, and what stands behind it on the stick is taken in.
func TestABadFileDoesNotStopTheNext(t *testing.T) {
	p := browser.Open(t)
	a, b := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған")
	stick := t.TempDir()
	pair(t, p, a, b)
	pair(t, p, b, a)
	carry(t, p, a, stick, `form button[formaction]`)
	p.Until(`document.querySelector("#written") !== null`)
	if err := os.Mkdir(filepath.Join(stick, "0.jumyla"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(stick, "1.jumyla"), []byte("Dear colleagues"), 0o600); err != nil {
		t.Fatal(err)
	}
	carry(t, p, b, stick, `form[action="/links/stick/read"] button.first`)
	p.Until(`document.body.textContent.includes("1.jumyla: ") && document.body.textContent.includes("0 requests handed to us")`)
}

// TestABadCard says what is wrong with a card above the form that it was sent by alone, our own card's name among it.
func TestABadCard(t *testing.T) {
	o := open(t, "Оқу орталығы")
	own, err := exchange.Card(t.Context(), o.db, store.Actor{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, field, value, key string }{
		{"/links/words", "card", string(own), "exchange.own_card"},
		{"/links/pair", "card", string(own), "exchange.own_card"},
		{"/links/words", "card", "карта емес", "exchange.card"},
	} {
		res, err := http.PostForm(o.url+c.path, url.Values{c.field: {c.value}})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		page := html.UnescapeString(string(body))
		if err != nil || res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, i18n.EN.T(c.key)) {
			t.Errorf("%s %.20q: %d, %v", c.path, c.value, res.StatusCode, err)
		}
		if n := strings.Count(page, `role="alert"`); n != 1 {
			t.Errorf("%s %.20q: %d forms say that something is wrong", c.path, c.value, n)
		}
		if strings.Contains(page, "their-words") {
			t.Errorf("%s %.20q: the words are shown", c.path, c.value)
		}
	}
}

// pair adds the card of one centre at another, after the words were compared.
func pair(t *testing.T, p *browser.Page, at, of *office) {
	t.Helper()
	raw, err := exchange.Card(t.Context(), of.db, store.Actor{})
	if err != nil {
		t.Fatal(err)
	}
	card, err := exchange.ReadCard(raw)
	if err != nil {
		t.Fatal(err)
	}
	words, err := exchange.Words(i18n.EN, card)
	if err != nil {
		t.Fatal(err)
	}
	p.Go(at.url + "/links")
	p.Type("#f-card", strings.Join(strings.Fields(string(raw)), " "))
	p.Click(`form[action="/links/words"] button`)
	p.See("#their-words")
	if got := p.Text("#their-words"); got != strings.Join(words, " · ") {
		t.Errorf("the page shows %q, they read %q", got, words)
	}
	p.Click(`form[action="/links/pair"] button`)
	p.Until(`document.querySelector("#their-words") === null && document.body.textContent.includes("` + card.Name + `")`)
}

// carry names the stick's folder and presses a button.
func carry(t *testing.T, p *browser.Page, at *office, stick, button string) {
	t.Helper()
	p.Go(at.url + "/links/stick")
	p.Type("#f-folder", stick)
	p.Click(`input[name="to"]`)
	p.Click(button)
}

// look keeps screenshots in JUMYLA_SHOTS, and asks axe.
func look(t *testing.T, p *browser.Page, o *office, paths ...string) {
	t.Helper()
	shots := os.Getenv("JUMYLA_SHOTS")
	for _, size := range []struct {
		name          string
		width, height int64
		theme         string
	}{{"wide", 1366, 768, "light"}, {"phone", 390, 2400, "dark"}, {"print", 688, 1000, ""}} { // A4 within its margins
		p.Viewport(size.width, size.height)
		if size.theme == "" {
			p.Media("", "print")
		} else {
			p.Media("prefers-color-scheme", size.theme)
		}
		for _, o.lang = range i18n.Langs() {
			for _, path := range paths {
				p.Go(o.url + path)
				name := strings.Join([]string{strings.NewReplacer("/", "-").Replace(path[1:min(len(path), 16)]), size.name, string(o.lang)}, "-")
				if shots != "" {
					p.Screenshot(filepath.Join(shots, name+".png"))
				}
				for _, v := range p.Axe() {
					t.Errorf("%s: %s", name, v)
				}
				if w := browser.Eval[int64](p, "document.documentElement.scrollWidth"); w > size.width {
					t.Errorf("%s: %d px wide, the window has %d", name, w, size.width)
				}
				if size.theme == "" && browser.Eval[bool](p, `[...document.querySelectorAll("button, select, input, textarea, .tabs, .button")].some(e => e.getClientRects().length > 0 && !e.closest("details"))`) {
					t.Errorf("%s: something to be pressed is printed", name)
				}
			}
		}
	}
	o.lang = i18n.EN
	p.Media("", "")
	p.Viewport(1366, 768)
}
