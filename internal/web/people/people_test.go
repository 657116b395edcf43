package people_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/people"
)

var (
	cheap = store.KDF{Time: 1, Memory: 64, Threads: 1}
	noon  = time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC) // 12:00 in Almaty
)

// Invented people.
const (
	boss   = contact.Name("Айгүл Үлгіқызы")
	driver = contact.Name("Серік Ойдан")
	minor  = contact.Name("Дана Жасөспірім")
)

// office is a centre with one coordinator, and a browser that may take any role.
type office struct {
	t    *testing.T
	db   *store.DB
	mux  *web.Mux
	boss *account.Account
	lang i18n.Lang
}

func open(t *testing.T) *office {
	t.Helper()
	kinds := append(account.Kinds(), centre.Kind, volunteer.Kind, volunteer.VerdictKind, crew.Kind, rule.Record, supply.Kind, place.Kind, area.Kind, run.Kind, run.OutcomeKind, run.CheckKind)
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: kinds, KDF: cheap,
		Now: func() time.Time { return noon }}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, db: db, lang: i18n.RU, boss: &account.Account{Name: boss, Roles: account.Coordinator, Lang: i18n.RU}}
	t.Cleanup(func() { _ = db.Close() })
	o.write(func(ctx context.Context, tx *store.Tx) error {
		if err := account.Create(ctx, tx, o.boss, "жеті рет өлшеп", cheap); err != nil {
			return err
		}
		return centre.Create(ctx, tx, &centre.Centre{Name: "Үйренетін орталық", Area: "Алматы", Zone: centre.DefaultZone, Langs: []string{"kk", "ru"}})
	})
	events := &web.Events{}
	t.Cleanup(events.Close)
	o.mux = web.New(web.Config{Log: slog.New(slog.DiscardHandler), Now: time.Now, SignIn: "/sign-in", Assets: web.Embedded(),
		Viewer: func(r *http.Request) (*web.Viewer, error) {
			roles, err := account.ParseRoles(r.Header.Get("X-Role"))
			if err != nil || roles == 0 {
				return nil, errs.Missing("session")
			}
			return &web.Viewer{AccountID: o.boss.ID.String(), Name: string(boss), Roles: roles, Lang: o.lang}, nil
		},
	}, people.New(db, events, intake.NewRegister(db)).Routes())
	return o
}

func (o *office) write(fn func(ctx context.Context, tx *store.Tx) error) {
	o.t.Helper()
	ctx := o.t.Context()
	if err := o.db.Write(ctx, o.boss.ID.ID, func(tx *store.Tx) error { return fn(ctx, tx) }); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) do(method, path, role string, form url.Values) *httptest.ResponseRecorder {
	o.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept", "text/html")
	r.Header.Set("X-Role", role)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	return w
}

func (o *office) get(path, role string) string {
	o.t.Helper()
	w := o.do(http.MethodGet, path, role, nil)
	body := w.Body.String()
	if w.Code != http.StatusOK {
		o.t.Fatalf("GET %s as %s: %d\n%s", path, role, w.Code, text(o.t, body))
	}
	if _, wrong, found := strings.Cut(body, "⟦"); found {
		o.t.Errorf("GET %s: no words for %.40s", path, wrong)
	}
	return body
}

// post sends a form and wants the status; it returns the answer's text.
func (o *office) post(path, role string, want int, form url.Values) string {
	o.t.Helper()
	w := o.do(http.MethodPost, path, role, form)
	if w.Code != want {
		o.t.Fatalf("POST %s as %s: %d, want %d\n%s", path, role, w.Code, want, text(o.t, w.Body.String()))
	}
	return text(o.t, w.Body.String())
}

// volunteer puts somebody into the register.
func (o *office) volunteer(name contact.Name, phone contact.Phone, how volunteer.Adult) volunteer.Volunteer {
	o.t.Helper()
	v := volunteer.Volunteer{Name: name, Phone: phone, Vehicle: "ақ Нива", Plate: "001ZZZ02", Baskets: 14, Emergency: "анасы +77015550000"}
	o.write(func(ctx context.Context, tx *store.Tx) error {
		v.ID = volunteer.ID{ID: tx.NewID()}
		if v.Adult = how; how == volunteer.Seen {
			v.Adult, v.SeenBy, v.SeenAt = volunteer.Seen, tx.Actor, tx.Now
		}
		return tx.Put(ctx, &v)
	})
	return v
}

func text(t *testing.T, body string) string {
	t.Helper()
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				t.Fatal(z.Err())
			}
			return strings.Join(strings.Fields(b.String()), " ")
		case html.TextToken:
			b.Write(z.Text())
			b.WriteByte(' ')
		default:
		}
	}
}

func has(t *testing.T, body string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(body, w) {
			t.Errorf("%q is not on the page", w)
		}
	}
}

func hasNot(t *testing.T, body string, bad ...string) {
	t.Helper()
	for _, w := range bad {
		if strings.Contains(body, w) {
			t.Errorf("%q is on the page", w)
		}
	}
}

// TestPagesForRoles opens each page in each language as each role, and expects the act or its refusal.
func TestPagesForRoles(t *testing.T) {
	o := open(t)
	v := o.volunteer(driver, "+77015551234", volunteer.Seen)
	const all = account.Operator | account.Coordinator | account.Dispatcher | account.Auditor | account.Admin
	const staff = account.Operator | account.Coordinator | account.Dispatcher
	for path, roles := range map[string]account.Roles{
		"/people": all, "/people/new": staff, "/people/" + v.ID.String(): staff, "/people/" + v.ID.String() + "/edit": staff, "/crews": all, "/rules": account.All, "/stock": all,
		"/places": staff, "/places/search?q=абай": staff,
	} {
		for _, role := range account.All.Each() {
			for _, o.lang = range i18n.Langs() {
				if role.Any(roles) {
					o.get(path, role.String())
				} else if w := o.do(http.MethodGet, path, role.String(), nil); w.Code != http.StatusForbidden {
					t.Errorf("GET %s as %s: %d", path, role, w.Code)
				}
			}
		}
	}
	const deciders = account.Coordinator | account.Dispatcher
	for path, roles := range map[string]account.Roles{
		"/people": staff, "/people/x": staff, "/people/x/end": account.Coordinator, "/people/x/restore": account.Coordinator, "/people/x/seen": account.Coordinator, "/people/x/unseen": account.Coordinator, "/crews": deciders, "/crews/x/end": deciders,
		"/rules": account.Coordinator, "/rules/preset": account.Coordinator, "/rules/x/end": account.Coordinator, "/rules/x/restore": account.Coordinator,
		"/stock": account.Coordinator, "/places": staff,
	} {
		for _, role := range account.All.Each() {
			w := o.do(http.MethodPost, path, role.String(), nil)
			if refused := w.Code == http.StatusForbidden; refused == role.Any(roles) {
				t.Errorf("POST %s as %s: %d", path, role, w.Code)
			}
		}
	}
	if w := o.do(http.MethodGet, "/people", "", nil); w.Code != http.StatusSeeOther {
		t.Error("a stranger at /people:", w.Code)
	}
}

func TestAuditorSeesNobody(t *testing.T) {
	o := open(t)
	v := o.volunteer(driver, "+77015551234", volunteer.Seen)
	o.post("/crews", "coordinator", http.StatusSeeOther, url.Values{"driver": {v.ID.String()}})
	for _, path := range []string{"/people", "/people?q=701", "/crews"} {
		for _, role := range []string{"auditor", "admin"} {
			page := o.get(path, role)
			hasNot(t, page, string(driver), "Серік", "701 555", "7015551234", "001ZZZ02", "Нива", "5550000")
			has(t, page, "С. О.", "••• 34")
		}
	}
	has(t, o.get("/people", "operator"), string(driver), "+7 701 555 12 34", "001ZZZ02")
}
