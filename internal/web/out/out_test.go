package out_test

import (
	"bytes"
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
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/export"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/out"
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
	return openAt(t, time.Now)
}

// openAt opens an office whose database has a clock of its own.
func openAt(t *testing.T, clock func() time.Time) *office {
	t.Helper()
	cheap := store.KDF{Time: 1, Memory: 64, Threads: 1}
	kinds := append(account.Kinds(), centre.Kind, export.Kind, household.Kind, request.Kind, request.NeedKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, request.QualityKind, volunteer.Kind, run.Kind, run.OutcomeKind, run.CheckKind)
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: kinds, KDF: cheap, Synchronous: "OFF", Now: clock},
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
		for _, h := range []*household.Household{
			{Head: "Ойдан Бір", Address: "Абай 44", People: 3, Keep: true},
			{Head: "Ойдан Екі", Address: "Абай 46", People: 2}, // did not agree to be kept
		} {
			h.ID.ID = tx.NewID()
			if err := tx.Put(t.Context(), h); err != nil {
				return err
			}
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
	}, out.New(db, time.Now).Routes())
	return o
}

func (o *office) send(method, path string, form url.Values, want int) string {
	o.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	body := w.Body.String()
	if w.Code != want || strings.Contains(body, "⟦") {
		o.t.Fatalf("%s %s as %s: %d, want %d: %.2000s", method, path, o.role, w.Code, want, body)
	}
	return html.UnescapeString(body)
}

func TestATableLeavesWithAReasonAndIsWrittenDown(t *testing.T) {
	o := open(t)
	for _, o.lang = range i18n.Langs() {
		for _, w := range export.Whats() {
			o.send(http.MethodGet, "/export?what="+string(w), nil, http.StatusOK)
		}
	}
	o.lang = i18n.RU
	form := url.Values{"what": {"households"}, "fields": {"name", "people"}, "format": {"csv"}}
	if page := o.send(http.MethodPost, "/export", form, http.StatusUnprocessableEntity); !strings.Contains(page, o.lang.T("export.reason")) || !strings.Contains(page, `value="name" checked`) {
		t.Error("names leave without a reason, or the choice is lost")
	}
	form.Set("reason", "сверка с акиматом")
	if text := o.send(http.MethodPost, "/export", form, http.StatusOK); !strings.Contains(text, "Ойдан Бір;3") || strings.Contains(text, "Ойдан Екі") {
		t.Error(text)
	}
	form.Set("format", "xlsx")
	if text := o.send(http.MethodPost, "/export", form, http.StatusOK); !strings.HasPrefix(text, "PK") {
		t.Errorf("%.20q", text)
	}
	o.role = "auditor"
	if page := o.send(http.MethodGet, "/export", nil, http.StatusOK); !strings.Contains(page, "сверка с акиматом") || !strings.Contains(page, "Айгүл Үлгіқызы") || strings.Contains(page, `name="reason"`) {
		t.Error("the auditor does not see what left, or is offered names")
	}
	o.send(http.MethodPost, "/export", form, http.StatusForbidden)
	form["fields"] = []string{"people"}
	o.send(http.MethodPost, "/export", form, http.StatusOK)
	o.role = "operator"
	o.send(http.MethodPost, "/export", form, http.StatusForbidden)
}

// TestATableLeavesADrill asks over a real connection, which has deadlines, while the centre's clock is years ago.
func TestATableLeavesADrill(t *testing.T) {
	o := openAt(t, func() time.Time { return time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC) })
	srv := httptest.NewServer(o.mux)
	t.Cleanup(srv.Close)
	for format, start := range map[string]string{"csv": "\ufeff", "xlsx": "PK"} {
		form := url.Values{"what": {"households"}, "fields": {"name", "people"}, "format": {format}, "reason": {"сверка с акиматом"}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/export", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := srv.Client().Do(r)
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		body, err := io.ReadAll(answer.Body)
		if err = errors.Join(err, answer.Body.Close()); err != nil || answer.StatusCode != http.StatusOK || !strings.HasPrefix(string(body), start) {
			t.Errorf("%s: %d %.40q %v", format, answer.StatusCode, body, err)
		}
	}
}

func TestPaperFormsInThreeLanguages(t *testing.T) {
	o := open(t)
	for _, form := range []string{"call", "route", "outcomes", "given", "register"} {
		for _, l := range i18n.Langs() {
			one := o.send(http.MethodGet, "/paper/"+form+"?copies=1&lang="+string(l), nil, http.StatusOK)
			three := o.send(http.MethodGet, "/paper/"+form+"?copies=3&lang="+string(l), nil, http.StatusOK)
			n := bytes.Count([]byte(one), []byte("/Type /Page\n"))
			if !strings.HasPrefix(one, "%PDF") || n == 0 || bytes.Count([]byte(three), []byte("/Type /Page\n")) != 3*n {
				t.Errorf("%s %s: %d pages in one copy", form, l, n)
			}
			if dir := os.Getenv("JUMYLA_SHOTS"); dir != "" {
				w := httptest.NewRecorder()
				o.mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/paper/"+form+"?copies=1&lang="+string(l), nil))
				if err := os.WriteFile(filepath.Join(dir, "paper-"+form+"-"+string(l)+".pdf"), w.Body.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	o.send(http.MethodGet, "/paper/call?copies=9999", nil, http.StatusUnprocessableEntity)
	o.send(http.MethodGet, "/paper/will?copies=1", nil, http.StatusNotFound)
	o.role = "auditor"
	o.send(http.MethodGet, "/paper", nil, http.StatusForbidden)
}

// TestLooks checks both pages with axe, wide and narrow, in three languages.
func TestLooks(t *testing.T) {
	p := browser.Open(t)
	o := open(t)
	o.send(http.MethodPost, "/export", url.Values{"what": {"households"}, "fields": {"name", "people"}, "format": {"csv"}, "reason": {"сверка с акиматом"}}, http.StatusOK)
	srv := httptest.NewServer(o.mux)
	t.Cleanup(srv.Close)
	for _, size := range []struct {
		name          string
		width, height int64
		theme         string
	}{{"wide", 1366, 900, "light"}, {"phone", 390, 2400, "dark"}} {
		p.Viewport(size.width, size.height)
		p.Media("prefers-color-scheme", size.theme)
		for _, o.lang = range i18n.Langs() {
			for _, path := range []string{"/export", "/paper"} {
				p.Go(srv.URL + path)
				name := strings.Join([]string{path[1:], size.name, string(o.lang)}, "-")
				if shots := os.Getenv("JUMYLA_SHOTS"); shots != "" {
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
	for _, s := range p.Complaints() {
		t.Error(s)
	}
}
