package tree_test

import (
	"context"
	"errors"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/tree"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/web"
	pages "github.com/jumyla/jumyla/internal/web/tree"
)

var noon = time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC) // 12:00 in Almaty

// office is a centre whose pages somebody looks at.
type office struct {
	t     *testing.T
	db    *store.DB
	at    time.Time
	url   string
	lang  i18n.Lang
	roles account.Roles
}

func open(t *testing.T, name, area string) *office {
	t.Helper()
	o := &office{t: t, at: noon, lang: i18n.EN, roles: account.Coordinator}
	kinds := append(account.Kinds(), centre.Kind, household.Kind, household.VerdictKind, request.Kind, request.NeedKind, request.CallbackKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind)
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: kinds, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1},
		Now: func() time.Time { return o.at }}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	o.db = db
	o.write(func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: name, Area: area, Zone: centre.DefaultZone, Langs: []string{"kk"}})
	})
	mux := web.New(web.Config{Log: slog.New(slog.DiscardHandler), Now: time.Now, SignIn: "/sign-in", Assets: web.Embedded(),
		Viewer: func(*http.Request) (*web.Viewer, error) {
			return &web.Viewer{AccountID: id.New(noon).String(), Name: "Айгүл Үлгіқызы", Roles: o.roles, Lang: o.lang}, nil
		}}, pages.New(db).Routes())
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	o.url = srv.URL
	return o
}

func (o *office) write(fn func(ctx context.Context, tx *store.Tx) error) {
	o.t.Helper()
	if err := o.db.Write(o.t.Context(), store.Actor{}, func(tx *store.Tx) error { return fn(o.t.Context(), tx) }); err != nil {
		o.t.Fatal(err)
	}
}

// knows keeps another centre's card.
func (o *office) knows(other *office) {
	o.t.Helper()
	raw, err := exchange.Card(o.t.Context(), other.db, store.Actor{})
	if err != nil {
		o.t.Fatal(err)
	}
	c, err := exchange.ReadCard(raw)
	if err == nil {
		err = exchange.Pair(o.t.Context(), o.db, store.Actor{}, c)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) sends(to *office) {
	o.t.Helper()
	w, err := exchange.WriteBundle(o.t.Context(), o.db, to.db.Centre(), o.t.TempDir())
	if err == nil {
		_, err = exchange.ReadBundle(o.t.Context(), to.db, w.Files[0])
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) stand(level string, under *office) {
	o.t.Helper()
	p := tree.Place{Level: level}
	if under != nil {
		p.Parent = under.db.Centre()
	}
	if err := tree.Stand(o.t.Context(), o.db, store.Actor{}, p); err != nil {
		o.t.Fatal(err)
	}
}

// calls takes so many calls of a place: a district, or "district/settlement".
func (o *office) calls(n int, place string, what request.What, s request.Status) {
	o.t.Helper()
	district, settlement, _ := strings.Cut(place, "/")
	o.write(func(ctx context.Context, tx *store.Tx) error {
		for range n {
			h := &household.Household{Head: "Жасырын Есім", Address: "Жасырын көше 7", Area: "Жасырын ауыл", District: district, Settlement: settlement, Keep: true}
			h.ID.ID = tx.NewID()
			q := &request.Request{At: o.at, Calls: 1, Household: h.ID, Note: "Жасырын жазба"}
			q.ID.ID = tx.NewID()
			d := &request.Need{Request: q.ID, What: what, Class: what.Class(), Count: 1, Status: s, Detail: "Жасырын тілек"}
			d.ID.ID = tx.NewID()
			if err := errors.Join(request.Number(ctx, tx, q, 7), tx.Put(ctx, h), tx.Put(ctx, q), tx.Put(ctx, d)); err != nil {
				return err
			}
		}
		return nil
	})
}

// nation is a nation with two regions, one of which has two districts; of one centre only the card is here.
func nation(t *testing.T) *office {
	t.Helper()
	n, r, d := open(t, "Ұлттық үйлестіру орталығы", "Қазақстан"), open(t, "Алматы облысының өңірлік орталығы", "almaty-region"), open(t, "Талғар аудандық орталығы", "Талғар ауданы")
	d2, far := open(t, "Еңбекшіқазақ аудандық орталығы", "Еңбекшіқазақ ауданы"), open(t, "Абай облысының өңірлік орталығы", "Абай облысы")
	n.stand("national", nil)
	for _, o := range []*office{r, far} {
		o.knows(n)
		o.stand("regional", n)
		n.knows(o)
	}
	for _, o := range []*office{d, d2} {
		o.knows(r)
		o.stand("district", r)
		r.knows(o)
	}
	d.at = noon.Add(-26 * time.Hour)
	d.calls(7, "Талғар ауданы", request.Bread, request.Open)
	d.at = noon.Add(-2 * time.Hour)
	d.calls(12, "Талғар ауданы/Талғар", request.Insulin, request.Open)
	d.calls(3, "", request.Ride, request.Planned)
	d2.calls(6, "Еңбекшіқазақ ауданы", request.BabyFood, request.Open)
	r.calls(2, "Қонаев", request.Basket, request.Open)
	n.calls(1, "Астана", request.Visit, request.Open)
	d.sends(r)
	d2.sends(r)
	n.at = noon.Add(150 * time.Minute)
	r.sends(n)
	return n
}

// TestThePictureInThreeLanguages looks at both pages wide, on a phone and as print, in three languages.
func TestThePictureInThreeLanguages(t *testing.T) {
	p := browser.Open(t)
	n := nation(t)
	shots := os.Getenv("JUMYLA_SHOTS")
	for _, lang := range i18n.Langs() {
		n.lang = lang
		for _, path := range []string{"/links/picture", "/links/tree"} {
			for _, size := range []struct {
				name          string
				width, height int64
				theme         string
			}{{"wide", 1366, 1500, "light"}, {"phone", 390, 3600, "dark"}, {"print", 688, 1400, ""}} { // A4 within its margins
				p.Viewport(size.width, size.height)
				if size.theme == "" {
					p.Media("", "print")
				} else {
					p.Media("prefers-color-scheme", size.theme)
				}
				p.Go(n.url + path)
				name := strings.ReplaceAll(path[1:], "/", "-") + "-" + size.name + "-" + string(lang)
				if shots != "" {
					p.Screenshot(filepath.Join(shots, name+".png"))
				}
				for _, v := range p.Axe() {
					t.Errorf("%s: %s", name, v)
				}
				if w := browser.Eval[int64](p, "document.documentElement.scrollWidth"); w > size.width {
					t.Errorf("%s: %d px wide, the window has %d", name, w, size.width)
				}
				text := p.Text("main")
				for _, word := range []string{"Ұлттық үйлестіру орталығы", "Талғар аудандық орталығы", "Абай облысының өңірлік орталығы"} {
					if !strings.Contains(text, word) {
						t.Errorf("%s: nothing of %s", name, word)
					}
				}
				if strings.Contains(text, "Жасырын") || strings.Contains(text, "almaty-region") {
					t.Errorf("%s says: %s", name, text)
				}
				if size.theme == "" && browser.Eval[bool](p, `[...document.querySelectorAll("button, select, form, .tabs")].some(e => e.getClientRects().length > 0 && !e.closest("details"))`) {
					t.Errorf("%s: something to be pressed is printed", name)
				}
			}
		}
	}
	p.Media("", "")
	for _, s := range p.Complaints() {
		t.Error("the console says:", s)
	}
}

// TestWhatThePictureSays: figures stand at their centre with their time, nobody unheard is a zero, and who only reads numbers reads no
// small ones.
func TestWhatThePictureSays(t *testing.T) {
	n := nation(t)
	text := n.read("/links/picture")
	for _, want := range []string{"Requests that wait: 28; on their way: 3. Known of 4 of 5 centres",
		"not counted as zero: Абай облысының өңірлік орталығы", "Талғар аудандық орталығы district Waiting 19 now 12 over a day 7 On their way 3", "As of 12:00",
		"medical 12 0", "baby food 6 0", "Талғар ауданы, Талғар Waiting 12", "Талғар ауданы Waiting 7", "not heard from"} {
		if !strings.Contains(text, want) {
			t.Errorf("not said: %s\n%s", want, text)
		}
	}
	if strings.Contains(text, "Жасырын") {
		t.Error(text)
	}
	var region id.ID
	all, err := tree.Read(t.Context(), n.db)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if all[i].Level == "regional" && all[i].Depth == 1 && len(all.Below(all[i].ID())) == 3 {
			region = all[i].ID()
		}
	}
	if text := n.read("/links/picture?of=" + region.String()); !strings.Contains(text, "Requests that wait: 27; on their way: 3. Known of 3 of 3 centres") || strings.Contains(text, "Астана") {
		t.Error(text)
	}
	if text := n.read("/links/picture?of=" + region.String() + "-alone"); !strings.Contains(text, "Requests that wait: 2;") {
		t.Error(text)
	}
	n.roles = account.Auditor
	if text := n.read("/links/picture"); !strings.Contains(text, "on their way: &lt;5") && !strings.Contains(text, "on their way: <5") {
		t.Error("an auditor reads small numbers:", text)
	}
	for _, of := range []string{"nobody", id.New(noon).String()} {
		if res, err := http.Get(n.url + "/links/picture?of=" + of); err != nil || res.StatusCode != http.StatusNotFound {
			t.Error(of, res.StatusCode, err)
		} else {
			_ = res.Body.Close()
		}
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// read is what stands on a page, as one line.
func (o *office) read(path string) string {
	o.t.Helper()
	res, err := http.Get(o.url + path)
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		o.t.Fatal(res.Status, err)
	}
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(string(body), " "))), " ")
}

// TestAnotherParentByTheForm: a choice that cannot be comes back with its words, one that can is taken back by one press.
func TestAnotherParentByTheForm(t *testing.T) {
	n, r, d := open(t, "Ұлттық орталық", "Қазақстан"), open(t, "Өңірлік орталық", "almaty-region"), open(t, "Аудандық орталық", "Талғар")
	n.stand("national", nil)
	r.stand("regional", nil)
	d.knows(n)
	d.knows(r)
	d.stand("district", r)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browse := &http.Client{Jar: jar}
	post := func(path string, v url.Values) (int, string) {
		t.Helper()
		res, err := browse.PostForm(d.url+path, v)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, html.UnescapeString(string(body))
	}
	for _, c := range []struct{ level, parent, key string }{
		{"regional", r.db.Centre().String(), "tree.parent_level"},
		{"district", "орталық емес", "exchange.parent"},
		{"district", id.New(noon).String(), "exchange.parent"},
		{"district", d.db.Centre().String(), "tree.parent_level"},
	} {
		code, body := post("/links/tree", url.Values{"level": {c.level}, "parent": {c.parent}})
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, strings.Split(i18n.EN.T(c.key, "centre", "\x00"), "\x00")[len(strings.Split(i18n.EN.T(c.key, "centre", "\x00"), "\x00"))-1]) {
			t.Errorf("%v: %d", c, code)
		}
	}
	code, body := post("/links/tree", url.Values{"level": {"post"}, "parent": {n.db.Centre().String()}})
	undo := regexp.MustCompile(`action="(/links/tree/back\?[^"]*)"`).FindStringSubmatch(body)
	if code != http.StatusOK || undo == nil {
		t.Fatal(code, "there is no way back")
	}
	if code, _ = post(undo[1], nil); code != http.StatusOK {
		t.Error("back:", code)
	}
	all, err := tree.Read(t.Context(), d.db)
	if own := all.Find(d.db.Centre()); err != nil || own.Level != "district" || own.Above() != r.db.Centre() {
		t.Errorf("%+v %v", own, err)
	}
	if code, _ = post(undo[1], nil); code != http.StatusConflict && code != http.StatusUnprocessableEntity {
		t.Error("back twice:", code)
	}
}
