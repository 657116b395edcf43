package brief_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/brief"
)

var noon = time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC) // in Almaty

type office struct {
	t     *testing.T
	db    *store.DB
	brief *brief.Brief
	mux   *web.Mux
	lang  i18n.Lang
}

// open is a centre with one invented household, whose request a crew that is overdue could not serve.
func open(t *testing.T) *office {
	t.Helper()
	kinds := append(account.Kinds(), centre.Kind, centre.NoteKind, household.Kind, household.VerdictKind, request.Kind, request.NeedKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, request.QualityKind, request.CallbackKind, supply.Kind, rule.Record, run.Kind, run.OutcomeKind, run.CheckKind)
	cheap := store.KDF{Time: 1, Memory: 64, Threads: 1}
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "c"), Kinds: kinds, KDF: cheap, Now: func() time.Time { return noon }},
		store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	boss := &account.Account{Name: "Айгүл Үлгіқызы", Roles: account.Coordinator, Lang: i18n.RU}
	if err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return fill(t.Context(), tx, boss, cheap) }); err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, db: db, brief: brief.New(db, request.NewLive(db)), lang: i18n.RU}
	o.mux = web.New(web.Config{Log: slog.New(slog.DiscardHandler), Now: time.Now, SignIn: "/sign-in", Assets: web.Embedded(),
		Viewer: func(r *http.Request) (*web.Viewer, error) {
			roles, err := account.ParseRoles(r.Header.Get("X-Role"))
			if err != nil || roles == 0 {
				return nil, errs.Missing("session")
			}
			return &web.Viewer{AccountID: boss.ID.String(), Name: string(boss.Name), Roles: roles, Lang: o.lang}, nil
		},
	}, o.brief.Routes())
	return o
}

func fill(ctx context.Context, tx *store.Tx, boss *account.Account, cheap store.KDF) error {
	if err := account.Create(ctx, tx, boss, "жеті рет өлшеп", cheap); err != nil {
		return err
	}
	if err := centre.Create(ctx, tx, &centre.Centre{Name: "Үйренетін орталық", Area: "Алматы", Zone: centre.DefaultZone, Langs: []string{"kk", "ru"}}); err != nil {
		return err
	}
	rules, err := rule.Preset(rule.Almaty2022)
	if err != nil {
		return err
	}
	if err := rule.Apply(ctx, tx, rules); err != nil {
		return err
	}
	h := &household.Household{Head: "Сәуле Ойданқызы", Address: "Жібек жолы, 44", People: 3}
	q := &request.Request{At: noon.Add(-30 * time.Hour), Calls: 1}
	n := &request.Need{What: request.Insulin, Class: "medical", Count: 1, Status: request.Open}
	v := &run.Run{Number: 1, Crew: tx.NewID(), CrewNo: 7, Day: "2022-01-12", Depart: 9 * 3600, Back: 20 * 3600}
	c := &run.Check{Step: run.Out, At: noon.Add(-3 * time.Hour)}
	h.ID.ID, q.ID.ID, n.ID.ID, v.ID.ID, c.ID.ID = tx.NewID(), tx.NewID(), tx.NewID(), tx.NewID(), tx.NewID()
	q.Household, n.Request, c.Run = h.ID, q.ID, v.ID.ID
	if err := request.Number(ctx, tx, q, 7); err != nil {
		return err
	}
	o := &run.Outcome{Run: v.ID.ID, Stop: 1, Request: q.ID.ID, Result: run.Nobody, At: noon.Add(-150 * time.Minute), Note: "Дверь никто не открыл"}
	named := &run.Outcome{Run: v.ID.ID, Stop: 2, Request: q.ID.ID, Result: run.Refused, At: noon.Add(-140 * time.Minute), Note: "Сауле отказалась"}
	o.ID.ID, named.ID.ID = tx.NewID(), tx.NewID()
	for _, rec := range []any{h, q, n, v, c, o, named} {
		if err := tx.Put(ctx, rec); err != nil {
			return err
		}
	}
	return nil
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

// read returns the elements of a page with a tag, each as its text.
func (o *office) read(role, tag string) []string {
	o.t.Helper()
	w := o.do(http.MethodGet, "/situation", role, nil)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "⟦") {
		o.t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	root, err := html.Parse(w.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	var out []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != tag {
			continue
		}
		var b strings.Builder
		for c := range n.Descendants() {
			if c.Type == html.TextNode {
				b.WriteString(c.Data + " ")
			}
		}
		out = append(out, strings.Join(strings.Fields(b.String()), " "))
	}
	return out
}

func want(t *testing.T, all []string, parts ...string) {
	t.Helper()
	text := strings.Join(all, "\n")
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is not in\n%s", p, text)
		}
	}
}

func lacks(t *testing.T, all []string, parts ...string) {
	t.Helper()
	text := strings.Join(all, "\n")
	for _, p := range parts {
		if strings.Contains(text, p) {
			t.Errorf("%q is in\n%s", p, text)
		}
	}
}

func TestRoles(t *testing.T) {
	o := open(t)
	const see = account.Operator | account.Coordinator | account.Dispatcher | account.Auditor
	for _, role := range account.All.Each() {
		for _, o.lang = range i18n.Langs() {
			for _, path := range []string{"/situation", "/situation.pdf"} {
				if w := o.do(http.MethodGet, path, role.String(), nil); (w.Code == http.StatusOK) != role.Any(see) || w.Code != http.StatusOK && w.Code != http.StatusForbidden {
					t.Errorf("GET %s as %s: %d", path, role, w.Code)
				}
			}
		}
		w := o.do(http.MethodPost, "/situation/note", role.String(), nil)
		if refused := w.Code == http.StatusForbidden; refused == role.Any(see&^account.Auditor) {
			t.Errorf("POST as %s: %d", role, w.Code)
		}
	}
	if w := o.do(http.MethodGet, "/situation", "", nil); w.Code != http.StatusSeeOther {
		t.Error("a stranger:", w.Code)
	}
}

func TestPage(t *testing.T) {
	o := open(t)
	items, rows := o.read("operator", "li"), o.read("operator", "tr")
	want(t, items, "Заявок ждёт: 1; не проверено: 1; без места на карте: 1.", "Дольше всего ждут: ", "В пути: 1, из них не вышли на связь: 1.",
		"Экипаж 7 не вышел на связь", "никого нет дома: 1", "Дверь никто не открыл", "в словах есть данные семьи", "23:00–07:00")
	want(t, items, "23:00–07:00; начнёт действовать")
	want(t, rows, "инсулин Открыто 1 В рейсах 0 Выполнено всего 0", "район неизвестен 1")
	want(t, items, "сейчас: 1, скоро: 0", "больше суток: 1", "Ждут обратного звонка: 0.")
	want(t, o.read("auditor", "tr"), "инсулин Открыто <5 В рейсах 0 Выполнено всего 0", "район неизвестен <5")
	lacks(t, o.read("operator", "body"), "Сәуле", "Сауле", "Ойдан", "Жібек")
	if n := len(o.read("operator", "form")); n <= len(o.read("auditor", "form")) {
		t.Error("a member of staff has no form for the note")
	}
}

func TestNote(t *testing.T) {
	o := open(t)
	if w := o.do(http.MethodPost, "/situation/note", "operator", url.Values{"ask": {"Инсулин"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Инсулин") {
		t.Fatalf("without a text: %d", w.Code)
	}
	form := url.Values{"text": {"Экипаж 7: дозвониться\nСклад закрыт"}, "ask": {"Пропуска для двух машин"}, web.TokenField: {"same"}}
	for range 2 {
		if w := o.do(http.MethodPost, "/situation/note", "operator", form); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/situation" {
			t.Fatal(w.Code, w.Body)
		}
	}
	if n := strings.Count(strings.Join(o.read("dispatcher", "li"), "\n"), "Склад закрыт"); n != 1 {
		t.Errorf("sent twice, the note stands %d times", n)
	}
	want(t, o.read("dispatcher", "li"), "Экипаж 7: дозвониться", "Склад закрыт", "Пропуска для двух машин", "Новых заявок: 0.")
	want(t, o.read("dispatcher", "h2"), "С последней записи смены", "О чём просим")
	lacks(t, o.read("auditor", "body"), "дозвониться", "Пропуска", "Дверь никто", "Склад")
	want(t, o.read("auditor", "li"), "никого нет дома: <5", "Заявок ждёт: <5")
}

func TestPaper(t *testing.T) {
	o := open(t)
	for _, o.lang = range i18n.Langs() {
		w := o.do(http.MethodGet, "/situation.pdf", "coordinator", nil)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF-")) {
			t.Fatal(w.Code, w.Header())
		}
		again := o.do(http.MethodGet, "/situation.pdf", "coordinator", nil)
		if !bytes.Equal(w.Body.Bytes(), again.Body.Bytes()) {
			t.Error("the same situation gives other bytes")
		}
		text := extract(t, w.Body)
		want(t, []string{text}, o.lang.T("nav.situation"), o.lang.T("what.insulin"), o.lang.T("brief.foot"), "Дверь никто не открыл")
		lacks(t, []string{text}, "⟦", "Сәуле", "Сауле", "Ойдан", "Жібек")
		if n := strings.Count(text, "\f"); n != 1 {
			t.Errorf("%s: %d pages\n%s", o.lang, n, text)
		}
	}
}

// extract reads a PDF's text with pdftotext.
func extract(t *testing.T, r io.Reader) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not here: the text on paper is not looked at")
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "situation.pdf")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestPaperForOutside holds what may leave the centre: what is asked, no words of crews or shifts, no number below five.
func TestPaperForOutside(t *testing.T) {
	o := open(t)
	form := url.Values{"text": {"Склад закрыт"}, "ask": {"Пропуска для двух машин"}}
	o.do(http.MethodPost, "/situation/note", "operator", form)
	text := extract(t, o.do(http.MethodGet, "/situation.pdf?for=outside", "coordinator", nil).Body)
	want(t, []string{text}, "Пропуска для двух машин", "<5", "меньше пяти")
	lacks(t, []string{text}, "Дверь никто", "Склад закрыт", "инсулин 1", "никого нет дома: 1")
}
