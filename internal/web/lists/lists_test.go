package lists_test

import (
	"bytes"
	"errors"
	"html"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
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
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/volunteer"
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
	kinds := append(account.Kinds(), list.Kind, list.ReadingKind, centre.Kind, place.Kind, household.Kind, household.VerdictKind, request.Kind, request.NeedKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, request.QualityKind, volunteer.Kind)
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
	}, lists.New(db, &web.Events{}, slog.New(slog.DiscardHandler)).Routes())
	return o
}

func (o *office) send(r *http.Request) *httptest.ResponseRecorder {
	o.t.Helper()
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	return w
}

func (o *office) get(path string) string {
	o.t.Helper()
	w := o.send(httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "⟦") {
		o.t.Fatal(path, w.Code, w.Body.String())
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

// bring uploads a list and returns its page's path.
func (o *office) bring(content string, fields map[string]string) string {
	o.t.Helper()
	w := o.upload("тізім.csv", content, fields)
	if w.Code != http.StatusSeeOther {
		o.t.Fatal(w.Code, w.Body.String())
	}
	return w.Header().Get("Location")
}

func (o *office) post(path string, want int, pairs ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := o.send(r)
	if w.Code != want {
		o.t.Fatalf("%s: %d, want %d: %s", path, w.Code, want, w.Body.String())
	}
	return w
}

// settled waits until nothing is being done with a list, and returns its page.
func (o *office) settled(path string) string {
	o.t.Helper()
	for range 600 {
		if page := o.get(path); !strings.Contains(page, `id="work"`) {
			return page
		}
		select {
		case <-o.t.Context().Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	o.t.Fatal(path, "does not come to an end")
	return ""
}

func (o *office) requests() int {
	o.t.Helper()
	n, err := store.One[int](o.t.Context(), o.db, "requests", "SELECT count(*) FROM request")
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

func (o *office) says(page string, wants ...string) {
	o.t.Helper()
	for _, want := range wants {
		if !strings.Contains(page, want) {
			o.t.Errorf("the page lacks %q", want)
		}
	}
}

const ugly = "ФИО;Телефон;Адрес;Что нужно;ИИН\nОйдан Бір;8 701 555 12 34;Абая 10;хлеб;000\nОйдан Екі;8 701 555 12 34;Абая 12;вода;000\nОйдан Үш;у соседки;Абая 14;вода;000\nОйдан Төрт;;Абая 16;;000\n"

// columns are the fields of the first step for the list ugly.
var columns = []string{"what", "requests", "sender", "Үйренетін әкімдік", "header", "1", "verified", "1", "c0", "name", "c1", "phone", "c2", "address", "c3", "needs", "c4", "iin"}

func TestThreeStepsAndBack(t *testing.T) {
	for _, lang := range i18n.Langs() {
		o := open(t)
		o.lang = lang
		o.get("/lists")
		path := o.bring(ugly, map[string]string{"what": "requests", "verified": "1", "sender": "Үйренетін әкімдік"})
		o.says(o.get(path), "ИИН", "Ойдан Бір · Ойдан Екі", lang.T("lists.field.needs"), lang.T("lists.look"))
		if o.requests() != 0 {
			t.Fatal("something was taken before its time")
		}
		o.post(path+"/look", http.StatusSeeOther, columns...)
		page := o.settled(path)
		o.says(page, lang.T("lists.import", "n", 2), lang.T("tabular.phone.letters"), `name="r4" value="у соседки"`)
		o.says(o.get(path+"?show=same"), lang.T("lists.same_above"), "Абая 12")
		o.says(o.get(path+"?show=skipped"), lang.T("lists.skip.nothing"))
		o.post(path+"/fix", http.StatusSeeOther, "r4", "8 701 555 12 39")
		o.says(o.settled(path), lang.T("lists.import", "n", 3))
		for range 2 { // a double click
			o.post(path+"/take", http.StatusSeeOther, web.TokenField, "one")
			if done := o.settled(path); !strings.Contains(done, lang.T("lists.taken", "n", 3)) || o.requests() != 3 {
				t.Fatal(o.requests(), done)
			}
		}
		checked, err := store.One[int](t.Context(), o.db, "requests", "SELECT count(*) FROM request WHERE verified='list'")
		if err != nil || checked != 3 {
			t.Error(checked, err)
		}
		o.says(o.get(path+"/result/csv"), "Ойдан Бір", lang.T("lists.status_taken"), lang.T("lists.skip.nothing"))
		if w := o.send(httptest.NewRequest(http.MethodGet, path+"/result/xlsx", nil)); w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), "PK") {
			t.Error(w.Code)
		}
		o.says(o.get("/lists"), "тізім.csv", lang.T("lists.step_taken"), "Үйренетін әкімдік")
		o.post(path+"/undo", http.StatusSeeOther)
		o.says(o.settled(path), lang.T("lists.was_undone", "n", 3))
		if o.requests() != 0 {
			t.Error(o.requests(), "requests are still seen")
		}
		if left := o.get(path + "/result/csv"); strings.Contains(left, "Ойдан") {
			t.Error("the file is still there")
		}
	}
}

func TestTheSendersColumnsAreKnownTheNextTime(t *testing.T) {
	o := open(t)
	const odd = "Кто;Куда везти;Что там\nОйдан Бір;Абая 10;хлеб\n"
	path := o.bring(odd, map[string]string{"what": "requests", "sender": "Әкімдік"})
	if w := o.post(path+"/look", http.StatusUnprocessableEntity, "what", "requests", "header", "1", "c0", "name", "c1", "", "c2", ""); !strings.Contains(html.UnescapeString(w.Body.String()), o.lang.T("lists.missing.address")) {
		t.Error("a list without addresses is looked at")
	}
	o.post(path+"/look", http.StatusSeeOther, "what", "requests", "header", "1", "sender", "Әкімдік", "c0", "name", "c1", "address", "c2", "needs")
	o.settled(path)
	o.post(path+"/take", http.StatusSeeOther)
	o.settled(path)
	next := o.bring("Что там;Куда везти;Кто\nвода;Абая 12;Ойдан Екі\n", map[string]string{"what": "requests", "sender": "әкімдік"})
	o.says(o.get(next), o.lang.T("lists.remembered", "n", 3), `<option value="needs" selected>`)
}

func TestAnotherKindOrHeadingRowIsReadAnew(t *testing.T) {
	o := open(t)
	path := o.bring("Тізім\nname,phone\nОйдан Бір,8 701 555 12 34\n", map[string]string{"what": "requests"})
	o.post(path+"/look", http.StatusSeeOther, "what", "volunteers", "header", "2")
	o.says(o.get(path), `<option value="volunteers" selected>`, `<option value="phone" selected>`)
	o.post(path+"/look", http.StatusSeeOther, "what", "volunteers", "header", "2", "c0", "name", "c1", "phone")
	o.says(o.settled(path), o.lang.T("lists.import", "n", 1), "Ойдан Бір")
	o.post(path+"/drop", http.StatusSeeOther)
	if w := o.send(httptest.NewRequest(http.MethodGet, path, nil)); w.Code != http.StatusNotFound {
		t.Error("the list is still there:", w.Code)
	}
	o.post(path+"/take", http.StatusNotFound)
}

func TestWhatCannotBeBrought(t *testing.T) {
	o := open(t)
	for name, c := range map[string]struct {
		file, content string
		fields        map[string]string
		want          string
	}{
		"nothing":     {"", "", map[string]string{"what": "requests"}, "web.choose_file"},
		"no kind":     {"a.csv", ugly, map[string]string{"what": "camels"}, "web.choose"},
		"an empty":    {"a.csv", "\n\n", map[string]string{"what": "requests"}, "tabular.file.empty"},
		"a picture":   {"a.png", "\x89PNG\r\n\x1a\n0000000000000000", map[string]string{"what": "requests"}, "tabular.file.image"},
		"broken XLSX": {"a.xlsx", "PK\x03\x04 and then nothing of the kind", map[string]string{"what": "requests"}, "tabular.file.broken"},
	} {
		w := o.upload(c.file, c.content, c.fields)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(w.Body.String()), o.lang.T(c.want)) {
			t.Errorf("%s: %d lacks %q", name, w.Code, o.lang.T(c.want))
		}
	}
	o.bring("", map[string]string{"what": "requests", "text": "адрес\tчто нужно\nАбая 1\tхлеб\n"})
}

// TestAFileOfTwoGigabytes holds that its size alone refuses it: not a byte of it is read.
func TestAFileOfTwoGigabytes(t *testing.T) {
	o := open(t)
	r := httptest.NewRequest(http.MethodPost, "/lists", iotest.ErrReader(errors.New("somebody read it")))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.ContentLength = 2 << 30
	if w := o.send(r); w.Code != http.StatusRequestEntityTooLarge {
		t.Error(w.Code, w.Body.String())
	}
}

func TestAStaleForm(t *testing.T) {
	o := open(t)
	path := o.bring(ugly, map[string]string{"what": "requests"})
	o.post(path+"/look", http.StatusSeeOther, columns...)
	o.settled(path)
	o.post(path+"/take", http.StatusSeeOther)
	o.settled(path)
	o.post(path+"/look", http.StatusUnprocessableEntity, columns...)
	o.post(path+"/fix", http.StatusConflict, "r4", "8 701 555 12 39")
	o.post(path+"/drop", http.StatusUnprocessableEntity)
	if o.requests() != 2 {
		t.Error(o.requests())
	}
}

func TestOnlyCoordinators(t *testing.T) {
	o := open(t)
	for _, role := range []string{"operator", "dispatcher", "volunteer", "auditor", "admin"} {
		o.role = role
		if w := o.upload("a.csv", ugly, map[string]string{"what": "requests"}); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", role, w.Code)
		}
	}
}
