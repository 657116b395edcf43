package lists_test

import (
	"bytes"
	"context"
	"html"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/lists"
)

// office is a centre with a browser that may take any role and language.
type office struct {
	t    *testing.T
	db   *store.DB
	mux  *web.Mux
	lang i18n.Lang
	role string
}

func open(t *testing.T) *office {
	t.Helper()
	cheap := store.KDF{Time: 1, Memory: 64, Threads: 1}
	kinds := append(account.Kinds(), list.Kind, list.ReadingKind, centre.Kind, place.Kind, household.Kind, household.VerdictKind, request.Kind, request.NeedKind)
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: kinds, KDF: cheap, Synchronous: "OFF"},
		store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	boss := &account.Account{Name: "Айгүл Үлгіқызы", Roles: account.Coordinator, Lang: i18n.RU}
	err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		if err := account.Create(t.Context(), tx, boss, "жеті рет өлшеп", cheap); err != nil {
			return err
		}
		return centre.Create(t.Context(), tx, &centre.Centre{Name: "Үйренетін орталық", Area: "Алматы", Zone: centre.DefaultZone, Langs: []string{"kk", "ru"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, db: db, lang: i18n.RU, role: "coordinator"}
	o.mux = web.New(web.Config{Log: slog.New(slog.DiscardHandler), Now: time.Now, SignIn: "/sign-in", Assets: web.Embedded(),
		Viewer: func(*http.Request) (*web.Viewer, error) {
			roles, err := account.ParseRoles(o.role)
			if err != nil || roles == 0 {
				return nil, errs.Missing("session")
			}
			return &web.Viewer{AccountID: boss.ID.String(), Name: string(boss.Name), Roles: roles, Lang: o.lang}, nil
		},
	}, lists.New(db).Routes())
	return o
}

func (o *office) send(r *http.Request) *httptest.ResponseRecorder {
	o.t.Helper()
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	return w
}

func (o *office) page() string {
	o.t.Helper()
	w := o.send(httptest.NewRequest(http.MethodGet, "/lists", nil))
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "⟦") {
		o.t.Fatal(w.Code, w.Body.String())
	}
	return html.UnescapeString(w.Body.String())
}

// upload sends the form as a browser does; a file without a name is none.
func (o *office) upload(name, content string, fields map[string]string) *httptest.ResponseRecorder {
	o.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := m.WriteField(k, v); err != nil {
			o.t.Fatal(err)
		}
	}
	if name != "" {
		f, err := m.CreateFormFile("file", name)
		if err != nil {
			o.t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			o.t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		o.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/lists", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return o.send(r)
}

func (o *office) take(page string) *httptest.ResponseRecorder {
	o.t.Helper()
	form := url.Values{}
	for _, name := range []string{"list", web.TokenField} {
		found := regexp.MustCompile(`action="/lists/import".*?name="` + name + `" value="([^"]+)"`).FindStringSubmatch(strings.ReplaceAll(page, "\n", " "))
		if found == nil {
			o.t.Fatal("the page offers no import", page)
		}
		form.Set(name, found[1])
	}
	r := httptest.NewRequest(http.MethodPost, "/lists/import", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return o.send(r)
}

func (o *office) requests(ctx context.Context) int {
	o.t.Helper()
	n, err := store.One[int](ctx, o.db, "requests", "SELECT count(*) FROM request")
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

const ugly = "ФИО;Телефон;Адрес;Что нужно;ИИН\nОйдан Бір;8 701 555 12 34;Абая 10;хлеб;000\nОйдан Екі;8 701 555 12 34;Абая 12;вода;000\nОйдан Үш;нет;Абая 14;вода;000\nОйдан Төрт;;Абая 16;;000\n"

func TestTriedFirstThenTaken(t *testing.T) {
	for _, lang := range i18n.Langs() {
		o := open(t)
		o.lang = lang
		o.page()
		if w := o.upload("тізім.csv", ugly, map[string]string{"kind": "requests", "verified": "1"}); w.Code != http.StatusSeeOther || o.requests(t.Context()) != 0 {
			t.Fatal(w.Code, w.Body.String())
		}
		page := o.page()
		for _, want := range []string{lang.T("lists.preview"), lang.T("lists.import", "n", 2), lang.T("tabular.phone.letters"), lang.T("lists.skip.nothing"), "тізім.csv", "ИИН"} {
			if !strings.Contains(page, want) {
				t.Errorf("the trial lacks %q", want)
			}
		}
		for range 2 { // a double click
			if w := o.take(page); w.Code != http.StatusSeeOther || o.requests(t.Context()) != 2 {
				t.Fatal(w.Code, o.requests(t.Context()), w.Body.String())
			}
		}
		if done := o.page(); !strings.Contains(done, lang.T("lists.done")) || strings.Contains(done, "/lists/import") {
			t.Error("the page does not say that it is done")
		}
		checked, err := store.One[int](t.Context(), o.db, "requests", "SELECT count(*) FROM request WHERE verified='list'")
		if err != nil || checked != 2 {
			t.Error(checked, err)
		}
	}
}

func TestWhatCannotBeTaken(t *testing.T) {
	o := open(t)
	for name, c := range map[string]struct {
		file, content string
		fields        map[string]string
		want          string
	}{
		"nothing":     {"", "", map[string]string{"kind": "requests"}, "web.choose_file"},
		"no kind":     {"a.csv", ugly, map[string]string{"kind": "camels"}, "web.choose"},
		"no column":   {"a.csv", ugly, map[string]string{"kind": "places"}, "lists.missing.street"},
		"a picture":   {"a.png", "\x89PNG\r\n\x1a\n0000000000000000", map[string]string{"kind": "requests"}, "tabular.file.image"},
		"pasted, too": {"", "", map[string]string{"kind": "requests", "text": "адрес\nАбая 1\n"}, "lists.missing.needs"},
	} {
		w := o.upload(c.file, c.content, c.fields)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(w.Body.String()), o.lang.T(c.want)) {
			t.Errorf("%s: %d lacks %q", name, w.Code, o.lang.T(c.want))
		}
	}
	if w := o.upload("", "", map[string]string{"kind": "requests", "text": "адрес\tчто нужно\nАбая 1\tхлеб\n"}); w.Code != http.StatusSeeOther {
		t.Error("pasted:", w.Code)
	}
	old := o.page()
	o.upload("a.csv", ugly, map[string]string{"kind": "requests"})
	if w := o.take(old); w.Code != http.StatusConflict || o.requests(t.Context()) != 0 {
		t.Error("an older trial's button:", w.Code)
	}
}

func TestOnlyCoordinators(t *testing.T) {
	o := open(t)
	for _, role := range []string{"operator", "dispatcher", "volunteer", "auditor", "admin"} {
		o.role = role
		if w := o.upload("a.csv", ugly, map[string]string{"kind": "requests"}); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", role, w.Code)
		}
	}
}
