package lost_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
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
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/links"
	"github.com/jumyla/jumyla/internal/web/lost"
)

var noon = time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC) // 12:00 in Almaty

// office is a running centre whose coordinator sits at a browser.
type office struct {
	db   *store.DB
	url  string
	lang i18n.Lang
}

func open(t *testing.T, name string) *office {
	t.Helper()
	kinds := append(account.Kinds(), centre.Kind, household.Kind, household.VerdictKind, request.Kind, request.NeedKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, request.WordKind, request.CallbackKind)
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
	mux := web.New(web.Config{Log: slog.New(slog.DiscardHandler), Now: time.Now, SignIn: "/sign-in", Assets: web.Embedded(),
		Viewer: func(*http.Request) (*web.Viewer, error) {
			return &web.Viewer{AccountID: id.New(noon).String(), Name: "Айгүл Үлгіқызы", Roles: account.Coordinator, Lang: o.lang}, nil
		}}, links.New(db, links.Network{}).Routes(), lost.New(db).Routes())
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

// call takes a call; planned says that the need is on a run.
func (o *office) call(t *testing.T, ref id.Ref, planned bool) *request.Need {
	t.Helper()
	n := &request.Need{What: request.Insulin, Class: request.Insulin.Class(), Count: 1, Status: request.Open}
	o.write(t, func(ctx context.Context, tx *store.Tx) error {
		h := &household.Household{Head: contact.Name("Ойдан " + string(ref)), Address: "Оқу көшесі 1", Area: "Оқу ауданы", Keep: true}
		q := &request.Request{Ref: ref, At: noon, Calls: 1}
		h.ID.ID, q.ID.ID, n.ID.ID = tx.NewID(), tx.NewID(), tx.NewID()
		q.Household, n.Request = h.ID, q.ID
		if planned {
			n.Stand(request.Planned, tx.NewID(), noon, noon)
		}
		return errors.Join(tx.Put(ctx, h), tx.Put(ctx, q), tx.Put(ctx, n))
	})
	return n
}

func pair(t *testing.T, a, b *office) {
	t.Helper()
	for _, p := range [][2]*office{{a, b}, {b, a}} {
		raw, err := exchange.Card(t.Context(), p[1].db, store.Actor{})
		if err != nil {
			t.Fatal(err)
		}
		card, err := exchange.ReadCard(raw)
		if err == nil {
			err = exchange.Pair(t.Context(), p[0].db, store.Actor{}, card)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func carry(t *testing.T, from, to *office) {
	t.Helper()
	w, err := exchange.WriteBundle(t.Context(), from.db, to.db.Centre(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exchange.ReadBundle(t.Context(), to.db, w.Files[0]); err != nil {
		t.Fatal(err)
	}
}

// TestACentreIsLostAndComesBack goes the whole way by pages: papers typed at set-up, words compared at the other centre, a
// permission signed with two papers, records taken over, and what the centre that returns is told.
func TestACentreIsLostAndComesBack(t *testing.T) {
	p := browser.Open(t)
	a, b := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған")
	pair(t, a, b)
	var papers []holders.Secret
	for range holders.Count {
		s, err := holders.NewSecret(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		papers = append(papers, s)
	}

	look(t, p, b, "/links/holders")
	p.Go(b.url + "/links/holders")
	p.Type("#f-paper", papers[0].Printed()[:30]+"!")
	p.Click(`form[action="/links/holders/paper"] button.first`)
	p.Until(`document.body.textContent.includes("is mistyped") || document.body.textContent.includes("groups were typed")`)
	p.Go(b.url + "/links/holders")
	for i, s := range papers {
		p.Type("#f-paper", strings.ToLower(s.Printed()))
		p.Click(`form[action="/links/holders/paper"] button.first`)
		if i+1 < len(papers) {
			p.Until(`document.querySelector("progress").value === ` + string(rune('1'+i)))
		}
	}
	p.See("#holders-words")
	words := p.Text("#holders-words")

	d := a.call(t, "472190", false)
	a.call(t, "583181", true)
	a.write(t, func(ctx context.Context, tx *store.Tx) error { return exchange.Entrust(ctx, tx, b.db.Centre(), true) })
	carry(t, b, a)
	carry(t, a, b)
	p.Go(a.url + "/links/holders")
	if text := p.Text("main"); !strings.Contains(text, words) {
		t.Errorf("Almaty is shown other words than %q: %s", words, text)
	}
	p.Go(a.url + "/links/holders")
	p.Click(`form[action="/links/holders/accept"] button.first`)
	p.See("#holders-words")

	p.Go(b.url + "/links/lost")
	p.Click(`form[action="/links/lost"] button.first`)
	p.See(`form[action="/links/lost/sign"]`)
	p.Type("#f-paper", papers[0].Printed())
	p.Click(`form[action="/links/lost/sign"] button.first`)
	p.See("#half")
	if shots := os.Getenv("JUMYLA_SHOTS"); shots != "" {
		p.Screenshot(filepath.Join(shots, "half.png"))
	}
	for _, v := range p.Axe() {
		t.Error("half signed:", v)
	}
	p.Type("#f-paper", papers[2].Printed())
	p.Click(`form[action="/links/lost/sign"] button.first`)
	p.Until(`location.pathname === "/links/lost/` + a.db.Centre().String() + `"`)
	look(t, p, b, "/links/lost", "/links/lost/"+a.db.Centre().String())
	p.Go(b.url + "/links/lost/" + a.db.Centre().String())
	p.Click(`form[action^="/links/lost/"] button.first`)
	p.Until(`location.pathname === "/links/teams"`)
	if h, err := household.Kind.Get(t.Context(), b.db, householdOf(t, b, d)); err != nil || h.Head != "Ойдан 472190" {
		t.Error("the name did not come along:", err)
	}

	a.write(t, func(ctx context.Context, tx *store.Tx) error {
		n, err := request.NeedKind.Get(ctx, tx, d.ID.ID)
		if err != nil {
			return err
		}
		n.Stand(request.Done, id.ID{}, tx.Now, tx.Now)
		return tx.Put(ctx, n)
	})
	carry(t, b, a)
	look(t, p, a, "/links/returned")
	p.Go(a.url + "/links/returned")
	if text := p.Text("main"); !strings.Contains(text, "47-21-90") || !strings.Contains(text, "Nothing is lost") || !strings.Contains(text, "waits for an answer") {
		t.Error("who comes back reads:", text)
	}
	carry(t, a, b)
	look(t, p, b, "/links/proposals", "/links/teams")
	for _, s := range p.Complaints() {
		if !strings.Contains(s, "422") { // a mistyped paper
			t.Error("the console says:", s)
		}
	}
}

func householdOf(t *testing.T, o *office, n *request.Need) id.ID {
	t.Helper()
	q, err := request.Kind.Get(t.Context(), o.db, n.Request.ID)
	if err != nil {
		t.Fatal(err)
	}
	return q.Household.ID
}

// TestThePapers: three keys come as one document that nothing keeps, and are others each time.
func TestThePapers(t *testing.T) {
	o := open(t, "Оқу орталығы")
	var before []byte
	for range 2 {
		res, err := http.PostForm(o.url+"/links/holders/papers", url.Values{})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.Header.Get("Content-Type") != "application/pdf" || res.Header.Get("Cache-Control") != "no-store" || bytes.Equal(raw, before) {
			t.Error("the papers:", res.Status, res.Header, err)
		}
		before = raw
	}
	if _, err := holders.Ours(t.Context(), o.db); err == nil {
		t.Error("printing alone says who the key-holders are")
	}
}

// look keeps screenshots in JUMYLA_SHOTS, and asks axe.
func look(t *testing.T, p *browser.Page, o *office, paths ...string) {
	t.Helper()
	shots := os.Getenv("JUMYLA_SHOTS")
	for _, size := range []struct {
		name          string
		width, height int64
		theme         string
	}{{"wide", 1366, 768, "light"}, {"phone", 390, 2400, "dark"}} {
		p.Viewport(size.width, size.height)
		p.Media("prefers-color-scheme", size.theme)
		for i, lang := range i18n.Langs() {
			if o.lang = lang; shots == "" && (i == 0) != (size.name == "wide") {
				continue // every page × language × size is looked at in internal/app
			}
			for _, path := range paths {
				p.Go(o.url + path)
				name := strings.Join([]string{strings.ReplaceAll(path[1:min(len(path), 24)], "/", "-"), o.db.Centre().String()[22:], size.name, string(o.lang)}, "-")
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
	o.lang = i18n.EN
	p.Viewport(1366, 768)
}
