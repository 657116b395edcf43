package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
)

// office is a Mux with a few routes; the header X-Role says who asks.
func office(t *testing.T, log io.Writer, routes ...Route) *Mux {
	t.Helper()
	return New(Config{
		Log: slog.New(slog.NewJSONHandler(log, nil)), Now: time.Now, SignIn: "/sign-in", Assets: Embedded(),
		Viewer: func(r *http.Request) (*Viewer, error) {
			roles, err := account.ParseRoles(r.Header.Get("X-Role"))
			if err != nil || roles == 0 {
				return nil, errs.Missing("session")
			}
			return &Viewer{AccountID: "acc1", Name: "Айгүл Ахметова", Roles: roles, Lang: i18n.RU, Demo: true}, nil
		},
		Centre: func(context.Context) string { return "Учебный центр" },
		Strip: func(_ context.Context, lang i18n.Lang) []StripItem {
			return []StripItem{{Text: "23:00–07:00", Href: "/rules", Tone: ToneWait}}
		},
	}, routes)
}

func say(text string) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return Render(w, r, Page{Title: text, Nav: "board", Body: templ.Raw("<p id=said>" + text + "</p>")})
	}
}

func fails(err error) Handler {
	return func(http.ResponseWriter, *http.Request) error { return err }
}

// TestWhoTypesOnIsNoFault asks and leaves before the answer, as a search does with each letter: that is no fault of ours.
func TestWhoTypesOnIsNoFault(t *testing.T) {
	var log bytes.Buffer
	ctx, leave := context.WithCancel(t.Context())
	m := office(t, &log, Route{Pattern: "GET /search", Allow: Public(), Handle: func(http.ResponseWriter, *http.Request) error {
		leave()
		return errors.New("sqlite3: interrupted")
	}})
	m.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/search", http.NoBody))
	if s := log.String(); strings.Contains(s, "ERROR") || !strings.Contains(s, `"status":499`) {
		t.Error(s)
	}
}

type ask struct {
	method, path, role, body string
	header                   map[string]string
	remote                   string
}

func (a ask) of(h http.Handler) *httptest.ResponseRecorder {
	if a.method == "" {
		a.method = "GET"
	}
	r := httptest.NewRequest(a.method, a.path, strings.NewReader(a.body))
	r.Header.Set("X-Role", a.role)
	r.Header.Set("Accept", "text/html")
	if a.method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, v := range a.header {
		r.Header.Set(k, v)
	}
	if a.remote != "" {
		r.RemoteAddr = a.remote
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAccess(t *testing.T) {
	m := office(t, io.Discard,
		Route{Pattern: "GET /nobody", Handle: say("x")},
		Route{Pattern: "GET /board", Allow: Roles(account.Operator | account.Dispatcher), Handle: say("x")},
		Route{Pattern: "GET /all", Allow: SignedIn(), Handle: say("x")},
		Route{Pattern: "GET /open", Allow: Public(), Handle: say("x")},
		Route{Pattern: "GET /setup", Allow: LocalOnly(), Handle: say("x")},
	)
	for _, c := range []struct {
		path, role, remote string
		want               int
	}{
		{"/nobody", "", "", 403},
		{"/nobody", "operator,coordinator,dispatcher,volunteer,auditor,admin", "127.0.0.1:1", 403},
		{"/board", "operator", "", 200}, {"/board", "dispatcher,admin", "", 200},
		{"/board", "coordinator", "", 403}, {"/board", "", "", 303},
		{"/all", "volunteer", "", 200}, {"/all", "", "127.0.0.1:1", 303},
		{"/open", "", "", 200}, {"/open", "auditor", "", 200},
		{"/setup", "", "127.0.0.1:1", 200}, {"/setup", "", "[::1]:1", 200},
		{"/setup", "admin", "192.168.1.7:1", 403}, {"/setup", "", "nonsense", 403},
		{"/none", "operator", "", 404},
	} {
		if w := (ask{path: c.path, role: c.role, remote: c.remote}).of(m); w.Code != c.want {
			t.Errorf("%s as %q from %q: %d, want %d", c.path, c.role, c.remote, w.Code, c.want)
		}
	}
	if w := (ask{method: "POST", path: "/board", role: "operator"}).of(m); w.Code != 405 || !strings.Contains(w.Header().Get("Allow"), "GET") {
		t.Errorf("POST on a GET page: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestStrangersAreSentToSignInAndBack(t *testing.T) {
	m := office(t, io.Discard,
		Route{Pattern: "GET /board", Allow: SignedIn(), Handle: say("x")},
		Route{Pattern: "POST /act", Allow: SignedIn(), Handle: say("x")})
	w := ask{path: "/board?area=5"}.of(m)
	if got := w.Header().Get("Location"); got != "/sign-in?next=%2Fboard%3Farea%3D5" {
		t.Error(got)
	}
	w = ask{method: "POST", path: "/act", header: map[string]string{"Referer": "http://example.com/board"}}.of(m)
	if got := w.Header().Get("Location"); got != "/sign-in?next=%2Fboard" {
		t.Error("an act is not repeated, its page is:", got)
	}
	w = ask{path: "/board", header: map[string]string{"Hx-Request": "true", "Referer": "http://example.com/board"}}.of(m)
	if got := w.Header().Get("Hx-Redirect"); w.Code != 401 || got != "/sign-in?next=%2Fboard" {
		t.Error(w.Code, got)
	}
	w = ask{path: "/board", header: map[string]string{"Accept": "application/json"}}.of(m)
	if w.Code != 401 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Error(w.Code, w.Header())
	}
}

func TestErrorsBecomeAnswers(t *testing.T) {
	m := office(t, io.Discard,
		Route{Pattern: "GET /invalid", Allow: Public(), Handle: fails(errs.Fields{"phone": "error.phone"}.Err())},
		Route{Pattern: "GET /missing", Allow: Public(), Handle: fails(errs.Missing("request"))},
		Route{Pattern: "GET /conflict", Allow: Public(), Handle: fails(errs.New(errs.Conflict, ""))},
		Route{Pattern: "GET /denied", Allow: Public(), Handle: fails(errs.New(errs.Denied, ""))},
		Route{Pattern: "GET /busy", Allow: Public(), Handle: fails(errs.New(errs.Unavailable, ""))},
		Route{Pattern: "GET /broken", Allow: Public(), Handle: fails(errors.New("disk on fire in /secret/path"))},
		Route{Pattern: "GET /panic", Allow: Public(), Handle: func(http.ResponseWriter, *http.Request) error { panic("oh") }},
	)
	for path, want := range map[string]int{"/invalid": 422, "/missing": 404, "/conflict": 409, "/denied": 403, "/busy": 503, "/broken": 500, "/panic": 500} {
		for _, l := range i18n.Langs() {
			w := ask{path: path, header: map[string]string{"Cookie": "lang=" + string(l)}}.of(m)
			doc := parse(t, w.Body.String())
			what := textOf(find(doc, "p", "class", "lead"))
			if w.Code != want || what == "" || strings.Contains(w.Body.String(), "secret") || strings.Contains(w.Body.String(), "⟦") {
				t.Errorf("%s in %s: %d %q", path, l, w.Code, what)
			}
		}
		w := ask{path: path, header: map[string]string{"Hx-Request": "true"}}.of(m)
		if w.Code != want || w.Header().Get("Hx-Retarget") != "#notices" || strings.Contains(w.Body.String(), "<html") {
			t.Errorf("%s for htmx: %d %v", path, w.Code, w.Header())
		}
		w = ask{path: path, header: map[string]string{"Accept": "application/problem+json"}}.of(m)
		if w.Code != want || !strings.Contains(w.Body.String(), `"status":`) {
			t.Errorf("%s for programs: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestAFailedFormIsNotLost(t *testing.T) {
	m := office(t, io.Discard, Route{Pattern: "POST /save", Allow: Public(), Handle: func(_ http.ResponseWriter, r *http.Request) error {
		if _, err := ReadForm(r); err != nil {
			return err
		}
		return errs.New(errs.Unavailable, "")
	}})
	body := url.Values{"note": {"Абай 44 <b>"}, "passphrase": {"hush"}, TokenField: {"tok"}}.Encode()
	doc := parse(t, ask{method: "POST", path: "/save?x=1", body: body}.of(m).Body.String())
	again := find(doc, "form", "class", "again")
	if attr(again, "action") != "/save?x=1" {
		t.Fatal("no form to send again")
	}
	got := map[string]string{}
	for n := range again.Descendants() {
		if n.Data == "input" {
			got[attr(n, "name")] = attr(n, "value")
		}
	}
	if got["note"] != "Абай 44 <b>" || got[TokenField] != "tok" || got["passphrase"] != "" {
		t.Errorf("kept %v", got)
	}
}

func TestLogLineHasNoPersonalData(t *testing.T) {
	var log bytes.Buffer
	m := office(t, &log, Route{Pattern: "GET /r/{token}", Allow: Public(), Handle: say("x")})
	ask{path: "/r/hush-token?phone=77015551234", role: "operator"}.of(m)
	line := log.String()
	for _, bad := range []string{"hush-token", "77015551234", "Айгүл"} {
		if strings.Contains(line, bad) {
			t.Errorf("%q in %s", bad, line)
		}
	}
	for _, good := range []string{`"request_id"`, `"status":200`, `"pattern":"GET /r/{token}"`, `"account_id":"acc1"`} {
		if !strings.Contains(line, good) {
			t.Errorf("no %s in %s", good, line)
		}
	}
	if strings.Count(line, "\n") != 1 {
		t.Error("not one line:", line)
	}
}

func TestSafety(t *testing.T) {
	m := office(t, io.Discard,
		Route{Pattern: "GET /board", Allow: SignedIn(), Handle: say("x")},
		Route{Pattern: "POST /small", Allow: Public(), MaxBody: 100, Handle: func(w http.ResponseWriter, r *http.Request) error {
			_, err := ReadForm(r)
			return err
		}})
	w := ask{path: "/board", role: "operator"}.of(m)
	csp := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Error(csp)
	}
	for n := range parse(t, w.Body.String()).Descendants() {
		if attr(n, "style") != "" || n.Data == "style" || n.Data == "script" && attr(n, "src") == "" {
			t.Errorf("inline style or script in <%s>", n.Data)
		}
	}
	if w := (ask{method: "POST", path: "/small", header: map[string]string{"Sec-Fetch-Site": "cross-site"}}).of(m); w.Code != 403 {
		t.Error("another site's form was taken:", w.Code)
	}
	if w := (ask{method: "POST", path: "/small", body: "a=" + strings.Repeat("x", 200)}).of(m); w.Code != 413 {
		t.Error("a body over the limit was taken:", w.Code)
	}
}

func TestFrame(t *testing.T) {
	m := office(t, io.Discard,
		Route{Pattern: "GET /board", Allow: Roles(account.Operator), Handle: say("x")},
		Route{Pattern: "GET /plan", Allow: Roles(account.Dispatcher), Handle: say("x")},
		Route{Pattern: "GET /search", Allow: SignedIn(), Handle: say("x")})
	for _, l := range i18n.Langs() {
		doc := parse(t, ask{path: "/board", role: "operator", header: map[string]string{"Cookie": "lang=" + string(l)}}.of(m).Body.String())
		if strings.Contains(textOf(doc), "⟦") {
			t.Error("a word is missing in", l)
		}
		if got := attr(find(doc, "html", "", ""), "lang"); got != string(l) {
			t.Errorf("lang=%q, want %q", got, l)
		}
		if find(doc, "a", "href", "/board") == nil || find(doc, "a", "href", "/plan") != nil || find(doc, "a", "href", "/stock") != nil {
			t.Error("the rail does not show exactly what the viewer may open")
		}
		if attr(find(doc, "a", "href", "/board"), "aria-current") != "page" || find(doc, "form", "action", "/search") == nil || find(doc, "strong", "class", "drill") == nil {
			t.Error("the frame lacks a part")
		}
	}
}

func TestLanguageAndTheme(t *testing.T) {
	m := office(t, io.Discard)
	w := ask{method: "POST", path: "/language", body: "lang=kk&back=/board"}.of(m)
	if w.Code != 303 || w.Header().Get("Location") != "/board" || !strings.Contains(w.Header().Get("Set-Cookie"), "lang=kk") {
		t.Error(w.Code, w.Header())
	}
	for _, evil := range []string{"//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", ""} {
		w := ask{method: "POST", path: "/theme", body: url.Values{"theme": {"dark"}, "back": {evil}}.Encode()}.of(m)
		if got := w.Header().Get("Location"); got != "/" {
			t.Errorf("back=%q led to %q", evil, got)
		}
	}
}

func TestToast(t *testing.T) {
	m := office(t, io.Discard,
		Route{Pattern: "POST /save", Allow: Public(), Handle: func(w http.ResponseWriter, r *http.Request) error {
			return Redirect(w, r, "/page", Toast{Key: "web.saved", Undo: "/undo/7"})
		}},
		Route{Pattern: "GET /page", Allow: Public(), Handle: say("x")})
	saved := ask{method: "POST", path: "/save"}.of(m)
	c := saved.Result().Cookies()[0]
	page := ask{path: "/page", header: map[string]string{"Cookie": c.Name + "=" + c.Value}}.of(m)
	doc := parse(t, page.Body.String())
	if find(doc, "form", "action", "/undo/7") == nil || page.Result().Cookies()[0].MaxAge != -1 {
		t.Error("the toast was not shown once with its undo")
	}
}

func TestAssets(t *testing.T) {
	m := office(t, io.Discard)
	u := Embedded().URL("app.css")
	w := ask{path: u}.of(m)
	if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Error(w.Code, w.Header())
	}
	for _, bad := range []string{"/assets/000000000000/app.css", "/assets/x/../../web.go", strings.Replace(u, "app.css", "none.css", 1)} {
		if w := (ask{path: bad}).of(m); w.Code == 200 {
			t.Errorf("%s was served", bad)
		}
	}
	if Embedded().URL("none.js") != "" {
		t.Error("an absent bundle has an address")
	}
}

func TestAssetsFromADirectory(t *testing.T) {
	dir := fstest.MapFS{"css/a.css": {Data: []byte("a{}")}, "css/b.css": {Data: []byte("b{}")}}
	a, err := AssetsFrom(dir)
	if err != nil {
		t.Fatal(err)
	}
	first := a.URL("app.css")
	dir["css/b.css"] = &fstest.MapFile{Data: []byte("b{color:red}")}
	dir["dist/map/worker.js"] = &fstest.MapFile{Data: []byte("1")}
	if second := a.URL("app.css"); second == first || a.URL("map/worker.js") == "" || a.URL("app.js") != "" {
		t.Errorf("a changed file keeps its address %s", second)
	}
}

func upload(t *testing.T, field, name, content string) *http.Request {
	t.Helper()
	var b bytes.Buffer
	mw := multipart.NewWriter(&b)
	part, err := mw.CreateFormFile(field, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(part, content); err != nil {
		t.Fatal(err)
	}
	if err := mw.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/", &b)
	r.Header.Set("Content-Type", mw.FormDataContentType())
	return r
}

func parse(t *testing.T, s string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// find returns the first element with the tag whose attribute has the value (any, when name is "").
func find(root *html.Node, tag, name, value string) *html.Node {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag && (name == "" || attr(n, name) == value) {
			return n
		}
	}
	return nil
}

func attr(n *html.Node, name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(root *html.Node) string {
	if root == nil {
		return ""
	}
	var b strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}
