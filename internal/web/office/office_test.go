package office_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/office"
)

var cheap = account.KDF{Time: 1, Memory: 64, Threads: 1}

const (
	aigul   = "Айгүл Үлгіқызы" // invented
	pass    = "жеті рет өлшеп"
	newPass = "бір рет кескен"
)

// desk is an office with its database, its clock and a browser's cookies.
type desk struct {
	t       *testing.T
	db      *store.DB
	mux     *web.Mux
	now     time.Time
	log     *bytes.Buffer
	cookies map[string]string
	from    string // the address of the device
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC), log: &bytes.Buffer{}, cookies: map[string]string{"lang": "ru"}}
	db, err := store.Create(t.Context(), store.Config{
		Dir: filepath.Join(t.TempDir(), "centre"), Kinds: append(account.Kinds(), centre.Kind), KDF: cheap,
	}, store.Secret{Passphrase: pass})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	d.db = db
	in := office.SetUpInput{Centre: centre.Centre{Name: "Үйренетін орталық", Area: "Алматы", Zone: centre.DefaultZone, Langs: []string{"kk", "ru"}},
		Coordinator: aigul, Lang: i18n.RU, Passphrase: pass}
	if err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return in.Apply(t.Context(), tx, cheap) }); err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return d.now }
	home := web.Route{Pattern: "GET /{$}", Allow: web.SignedIn(), Handle: func(w http.ResponseWriter, r *http.Request) error {
		return web.Render(w, r, web.Page{Title: "home", Body: templ.Raw("home of " + web.ViewerOf(r).Name)})
	}}
	d.mux = web.New(web.Config{Log: slog.New(slog.NewJSONHandler(d.log, nil)), Now: time.Now, SignIn: "/sign-in", Viewer: office.Viewer(db, clock)},
		office.New(db, clock, cheap).Routes(), []web.Route{home})
	return d
}

// another is a second browser at the same office.
func (d *desk) another() *desk {
	e := *d
	e.cookies = map[string]string{"lang": "ru"}
	return &e
}

func (d *desk) do(method, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept", "text/html")
	if d.from != "" {
		r.RemoteAddr = d.from
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for name, value := range d.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	d.mux.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(d.cookies, c.Name)
		} else {
			d.cookies[c.Name] = c.Value
		}
	}
	if strings.Contains(w.Body.String(), "⟦") {
		d.t.Errorf("%s %s lacks words: %s", method, path, regexp.MustCompile("⟦[^⟧]*⟧").FindString(w.Body.String()))
	}
	return w
}

func (d *desk) want(status int, method, path string, form url.Values, holds ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	w := d.do(method, path, form)
	if w.Code != status {
		d.t.Fatalf("%s %s: %d, want %d\n%s", method, path, w.Code, status, w.Body)
	}
	for _, h := range holds {
		if text := w.Body.String() + w.Header().Get("Location"); !strings.Contains(text, h) {
			d.t.Errorf("%s %s lacks %q:\n%s", method, path, h, text)
		}
	}
	return w
}

func fields(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func (d *desk) signIn(name, pass string) {
	d.t.Helper()
	d.want(303, "POST", "/sign-in", fields("name", name, "passphrase", pass))
}

func TestSignIn(t *testing.T) {
	d := newDesk(t)
	d.want(303, "GET", "/settings", nil, "/sign-in?next=%2Fsettings")
	d.want(200, "GET", "/sign-in?next=/settings", nil, `value="/settings"`, `autocomplete="current-password"`)
	w := d.want(422, "POST", "/sign-in", fields("name", aigul, "passphrase", newPass), aigul, i18n.RU.T("account.wrong"))
	if strings.Contains(w.Body.String(), newPass) {
		t.Error("a passphrase came back")
	}
	d.want(422, "POST", "/sign-in", fields("name", aigul), i18n.RU.T("error.required"))
	w = d.want(303, "POST", "/sign-in", fields("name", "айгүл үлгіқызы", "passphrase", pass, "next", "/settings"), "/settings")
	i := slices.IndexFunc(w.Result().Cookies(), func(c *http.Cookie) bool { return c.Name == "session" })
	if i < 0 {
		t.Fatal("no session cookie")
	}
	if c := w.Result().Cookies()[i]; !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure || c.Path != "/" {
		t.Errorf("%+v", c)
	}
	d.want(200, "GET", "/", nil, "home of "+aigul)
	d.want(303, "GET", "/sign-in?next=//evil.example", nil)
	old := d.cookies["session"]
	d.want(303, "POST", "/sign-out", nil, "/sign-in")
	if d.cookies["session"] != "" {
		t.Error("the cookie stays")
	}
	d.cookies["session"] = old
	d.want(303, "GET", "/", nil, "/sign-in")
	for range 5 {
		d.want(422, "POST", "/sign-in", fields("name", "Ешкім", "passphrase", newPass))
	}
	d.want(422, "POST", "/sign-in", fields("name", "Ешкім", "passphrase", newPass), i18n.RU.T("account.wait"))
	for _, personal := range []string{aigul, "Айгүл", pass, newPass, "Ешкім", old} {
		if strings.Contains(d.log.String(), personal) {
			t.Errorf("the log shows %q", personal)
		}
	}
}

func TestSecureOverTLS(t *testing.T) {
	d := newDesk(t)
	r := httptest.NewRequest("POST", "/sign-in", strings.NewReader(fields("name", aigul, "passphrase", pass).Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	d.mux.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if !c.Secure {
			t.Errorf("%s travels in the clear", c.Name)
		}
	}
}

func TestLock(t *testing.T) {
	d := newDesk(t)
	d.signIn(aigul, pass)
	for range 3 { // somebody is there
		d.now = d.now.Add(20 * time.Minute)
		d.want(200, "GET", "/", nil)
	}
	for range 3 { // a page asks by itself: nobody is
		d.now = d.now.Add(15 * time.Minute)
		d.do("GET", "/", nil, "Hx-Request", "true", "Hx-Trigger", "board", "Hx-Target", "board")
	}
	d.want(303, "GET", "/", nil, "/sign-in")
	d.want(200, "GET", "/sign-in", nil, aigul, i18n.RU.T("office.locked_says"))
	if body := d.want(200, "GET", "/sign-in?other=1", nil).Body.String(); strings.Contains(body, aigul) {
		t.Error("another's name is shown")
	}
	locked := d.cookies["session"]
	d.want(422, "POST", "/sign-in", fields("name", aigul, "locked", "1", "passphrase", newPass), i18n.RU.T("office.locked_says"))
	d.signIn(aigul, pass)
	d.want(200, "GET", "/", nil)
	if d.cookies["session"] == locked {
		t.Error("the token stays the same after the lock")
	}
	d.want(303, "POST", "/lock", fields("back", "/settings"), "/sign-in?next=%2Fsettings")
	d.want(303, "GET", "/settings", nil, "/sign-in")
}

// TestTheChosenLanguageStays chooses a language, locks and signs in again: the choice stays; who signs in after somebody else
// has gone gets their own.
func TestTheChosenLanguageStays(t *testing.T) {
	d := newDesk(t)
	speaks := func(want string) {
		t.Helper()
		if got := d.cookies["lang"]; got != want {
			t.Errorf("the browser speaks %s, want %s", got, want)
		}
	}
	d.signIn(aigul, pass)
	speaks("ru")
	d.want(303, "POST", "/language", fields("lang", "kk", "back", "/"))
	d.want(303, "POST", "/lock", fields("back", "/"))
	d.signIn(aigul, pass)
	speaks("kk")
	d.want(303, "POST", "/sign-out", nil)
	d.signIn(aigul, pass) // kk was the choice of who went
	speaks("ru")
	d.want(303, "POST", "/sign-out", nil)
	d.want(303, "POST", "/language", fields("lang", "en", "back", "/sign-in"))
	d.signIn(aigul, pass)
	speaks("en")
}

func TestSettings(t *testing.T) {
	d := newDesk(t)
	d.signIn(aigul, pass)
	page := d.want(200, "GET", "/settings", nil, "Үйренетін орталық", "Asia/Almaty").Body.String()
	version := regexp.MustCompile(`name="version" value="([^"]*)"`).FindStringSubmatch(page)[1]
	good := func(more ...string) url.Values {
		v := fields("version", version, "name", "Орталық", "area", "Алматы", "zone", "Asia/Almaty", "phone", "8 (727) 555-01-00", "coordinates", "43.2389, 76.8897")
		v["langs"] = []string{"kk"}
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	for field, bad := range map[string]string{"name": "", "zone": "Asia/Verny", "langs": "xx", "phone": "мама", "coordinates": "1000, 3"} {
		d.want(422, "POST", "/settings", good(field, bad), `id="f-`+field+`-error"`)
	}
	before, err := centre.Get(t.Context(), d.db)
	if err != nil {
		t.Fatal(err)
	}
	d.want(303, "POST", "/settings", good(), "/settings")
	c, err := centre.Get(t.Context(), d.db)
	if err != nil || c.Name != "Орталық" || c.Phone != "+77275550100" || c.Lat != 43.2389 || c.Lon != 76.8897 || c.Secret != before.Secret {
		t.Fatalf("%+v %v", c, err)
	}
	d.want(200, "GET", "/settings", nil, "43.2389, 76.8897", "+7 727 555 01 00")
	d.want(422, "POST", "/settings", good("name", "Басқа"), i18n.RU.T("error.conflict"))
	for text, ok := range map[string]bool{"43,2389 76,8897": true, "43.2389,76.8897": true, "43.2389; 76.8897": true, "43.2389": false, "x, y": false, "NaN, 3": false, "1,2,3": false} {
		page := d.want(200, "GET", "/settings", nil).Body.String()
		version = regexp.MustCompile(`name="version" value="([^"]*)"`).FindStringSubmatch(page)[1]
		if w := d.do("POST", "/settings", good("coordinates", text)); (w.Code == 303) != ok {
			t.Errorf("%q: %d", text, w.Code)
		}
	}
}

var codeText = regexp.MustCompile(`[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}`)

func TestInvitation(t *testing.T) {
	d := newDesk(t)
	d.signIn(aigul, pass)
	d.want(422, "POST", "/accounts", fields("name", "", "lang", "kk"), `id="f-name-error"`, `id="f-roles-error"`)
	d.want(422, "POST", "/accounts", fields("name", aigul, "lang", "kk", "roles", "operator"), i18n.RU.T("account.taken"))
	invite := fields("name", "Сәуле Үлгіқызы", "lang", "kk", "roles", "operator", "form_token", "one")
	to := d.want(303, "POST", "/accounts", invite).Header().Get("Location")
	if again := d.want(303, "POST", "/accounts", invite).Header().Get("Location"); again != to {
		t.Error("a double click led to", again)
	}
	first := codeText.FindString(d.want(200, "GET", to, nil, "Сәуле").Body.String())
	d.want(303, "POST", to, nil)
	code := codeText.FindString(d.want(200, "GET", to, nil).Body.String())
	if code == "" || code == first {
		t.Fatal(first, code)
	}
	d.want(200, "GET", "/accounts", nil, "Сәуле", i18n.RU.T("office.state_invited"))

	e := d.another()
	e.want(200, "GET", "/join", nil)
	e.want(422, "POST", "/join", fields("code", first, "passphrase", newPass, "passphrase_again", newPass), i18n.RU.T("account.code_wrong"))
	e.want(422, "POST", "/join", fields("code", code, "passphrase", newPass, "passphrase_again", pass), i18n.RU.T("office.passphrase_differs"))
	e.want(422, "POST", "/join", fields("code", code, "passphrase", "қысқа", "passphrase_again", "қысқа"), i18n.RU.T("account.passphrase_short"))
	e.want(303, "POST", "/join", fields("code", strings.ToLower(code), "passphrase", newPass, "passphrase_again", newPass))
	e.want(200, "GET", "/", nil, "home of Сәуле")
	e.cookies["lang"] = "ru"
	e.want(403, "GET", "/accounts", nil)
	e.want(403, "GET", to, nil)

	d.now = d.now.Add(11 * time.Minute)
	d.want(404, "GET", to, nil, i18n.RU.T("office.invited_gone"))
	whose := strings.TrimSuffix(to, "/code")
	d.want(200, "GET", whose, nil, "Сәуле", `value="operator" checked`)
	d.want(422, "POST", whose, fields("lang", "ru"), `id="f-roles-error"`)
	d.want(303, "POST", whose, fields("lang", "ru", "roles", "operator", "roles", "coordinator"), "/accounts")
	e.want(200, "GET", "/accounts", nil)
	d.want(303, "POST", whose+"/end", nil)
	d.want(200, "GET", "/accounts", nil, i18n.RU.T("office.state_ended"), whose+"/restore")
	e.want(303, "GET", "/", nil, "/sign-in")
	d.want(200, "GET", whose, nil, i18n.RU.T("office.ended_says"))
	d.want(409, "POST", whose+"/code", nil, i18n.RU.T("account.ended"))
	d.want(303, "POST", whose+"/restore", nil)
	e.signIn("Сәуле Үлгіқызы", newPass)
}

// TestADeviceGuessesSlowly tries another name each time, which the limit of a name does not see.
func TestADeviceGuessesSlowly(t *testing.T) {
	d := newDesk(t)
	for i := range 30 {
		if i%2 == 0 {
			d.want(422, "POST", "/sign-in", fields("name", fmt.Sprint("Ешкім ", i), "passphrase", newPass), i18n.RU.T("account.wrong"))
		} else {
			d.want(422, "POST", "/join", fields("code", fmt.Sprint("КОД", i), "passphrase", newPass, "passphrase_again", newPass))
		}
	}
	d.want(422, "POST", "/sign-in", fields("name", aigul, "passphrase", pass), i18n.RU.T("account.wait"))
	d.want(422, "POST", "/join", fields("code", "КОД", "passphrase", newPass, "passphrase_again", newPass), i18n.RU.T("account.wait"))
	e := d.another()
	e.from = "192.168.1.9:4000"
	e.signIn(aigul, pass)
	d.now = d.now.Add(15 * time.Minute)
	d.signIn(aigul, pass)
}

func TestAdministratorsAreNotMadeByOthers(t *testing.T) {
	d := newDesk(t)
	a := &account.Account{Name: contact.Name("Марат Үлгіұлы"), Roles: account.Coordinator, Lang: i18n.RU}
	if err := d.db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return account.Create(t.Context(), tx, a, newPass, cheap) }); err != nil {
		t.Fatal(err)
	}
	all, err := account.List(t.Context(), d.db)
	if err != nil {
		t.Fatal(err)
	}
	admin := "/accounts/" + all[slices.IndexFunc(all, func(a *account.Account) bool { return a.Name == aigul })].ID.String()
	d.signIn(string(a.Name), newPass)
	d.want(422, "POST", "/accounts", fields("name", "Сәуле", "lang", "kk", "roles", "admin"), i18n.RU.T("office.role_not_yours"))
	d.want(403, "POST", admin+"/code", nil)
	d.want(403, "POST", admin+"/end", nil)
	d.want(403, "POST", "/accounts/"+a.ID.String()+"/end", nil)
	for method, act := range map[string]string{"GET": "", "POST": "/restore"} {
		d.want(403, method, admin+act, nil)
	}
	d.want(403, "POST", admin, fields("lang", "kk", "roles", "operator"))
	d.want(404, "POST", "/accounts/x/end", nil)
}

func TestOwnPassphrase(t *testing.T) {
	d := newDesk(t)
	d.signIn(aigul, pass)
	d.want(200, "GET", "/account", nil, aigul)
	change := fields("passphrase_now", newPass, "passphrase", newPass, "passphrase_again", newPass)
	d.want(422, "POST", "/account", change, i18n.RU.T("account.wrong"))
	change.Set("passphrase_now", pass)
	d.want(303, "POST", "/account", change, "/sign-in")
	d.want(303, "GET", "/", nil, "/sign-in")
	d.want(422, "POST", "/sign-in", fields("name", aigul, "passphrase", pass))
	d.signIn(aigul, newPass)
}

func TestSetUpAndUnlock(t *testing.T) {
	var got office.SetUpInput
	var opened []string
	create := func(_ context.Context, in office.SetUpInput) error { got = in; return nil }
	unlock := func(_ context.Context, p string) error {
		opened = append(opened, p)
		if p != pass {
			return errs.New(errs.Denied, "store.secret_wrong")
		}
		return nil
	}
	ask := func(method, path, remote string, form url.Values) *httptest.ResponseRecorder {
		m := web.New(web.Config{Log: slog.New(slog.DiscardHandler), Now: time.Now,
			Viewer: func(*http.Request) (*web.Viewer, error) { return nil, errs.Missing("session") }}, office.SetUp(create, unlock, false))
		r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
		r.RemoteAddr = remote
		r.AddCookie(&http.Cookie{Name: "lang", Value: "kk"})
		if method == "POST" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		if strings.Contains(w.Body.String(), "⟦") {
			t.Errorf("%s lacks words", path)
		}
		return w
	}
	const here, far = "127.0.0.1:9", "192.168.1.7:9"
	form := fields("name", "Орталық", "area", "Алматы", "zone", "Asia/Almaty", "langs", "kk", "coordinator", aigul, "passphrase", pass, "passphrase_again", pass)
	without := func(field string) url.Values {
		v := url.Values{}
		for k, s := range form {
			if k != field {
				v[k] = s
			}
		}
		return v
	}
	for name, c := range map[string]struct {
		method, path, remote string
		form                 url.Values
		want                 int
	}{
		"set-up page":         {"GET", "/set-up", here, nil, 200},
		"set-up from afar":    {"GET", "/set-up", far, nil, 403},
		"set up from afar":    {"POST", "/set-up", far, form, 403},
		"no zone":             {"POST", "/set-up", here, without("zone"), 422},
		"no name":             {"POST", "/set-up", here, without("name"), 422},
		"no language":         {"POST", "/set-up", here, without("langs"), 422},
		"no coordinator":      {"POST", "/set-up", here, without("coordinator"), 422},
		"no passphrase":       {"POST", "/set-up", here, without("passphrase"), 422},
		"passphrase once":     {"POST", "/set-up", here, without("passphrase_again"), 422},
		"unlock page":         {"GET", "/unlock", here, nil, 200},
		"unlock from afar":    {"POST", "/unlock", far, fields("passphrase", pass), 403},
		"unlock with another": {"POST", "/unlock", here, fields("passphrase", newPass), 422},
		"unlock":              {"POST", "/unlock", here, fields("passphrase", pass), 303},
	} {
		if w := ask(c.method, c.path, c.remote, c.form); w.Code != c.want {
			t.Errorf("%s: %d, want %d\n%s", name, w.Code, c.want, w.Body)
		}
	}
	if got.Coordinator != "" {
		t.Error("a bad form set a centre up")
	}
	if w := ask("POST", "/set-up", here, form); w.Header().Get("Location") != "/sign-in?new=1" || got.Coordinator != aigul || got.Lang != i18n.KK || got.Passphrase != pass || got.Centre.Zone != "Asia/Almaty" {
		t.Error(w.Code, got.Centre, got.Lang)
	}
	if len(opened) != 2 {
		t.Error(len(opened), "tries reached the database")
	}
}
