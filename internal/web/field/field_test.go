package field_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
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
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/dispatch/sheet"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/field"
)

const (
	site = "https://192.168.1.5:8080"
	room = "192.168.1.20:4000" // a phone of the office's network
)

var noon = time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC) // in Almaty then

// office is a centre with two runs that are given out: crew 3 has three stops, crew 4 one.
type office struct {
	t    *testing.T
	db   *store.DB
	mux  *web.Mux
	now  time.Time
	log  *bytes.Buffer
	runs []run.Run

	cookies map[string]string
	from    string
}

func open(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, now: noon, log: &bytes.Buffer{}, cookies: map[string]string{"lang": "ru"}, from: room}
	kinds := append(account.Kinds(), centre.Kind, place.Kind, area.Kind, household.Kind, household.LookKind, household.VerdictKind, request.Kind, request.NeedKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, request.QualityKind, request.CallbackKind, volunteer.Kind, crew.Kind,
		rule.Record, run.Kind, run.OutcomeKind, run.CheckKind, run.RenewalKind)
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "c"), Kinds: kinds, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Now: func() time.Time { return o.now }},
		store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	o.db = db
	o.write(func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: "Оқу орталығы", Area: "almaty-city", Zone: "Asia/Almaty", Langs: []string{"kk"}, Phone: "+77000000099"})
	})
	o.give(3, i18n.RU, "Абай 44", "Достық 5", "Сәтбаев 7")
	o.give(4, i18n.KK, "Төле би 1")
	pages := field.New(db, func() time.Time { return o.now }, func() string { return site }, func() []byte { return []byte("a secret of the centre's own, 32 b") })
	o.mux = web.New(web.Config{Log: slog.New(slog.NewJSONHandler(o.log, nil)), Now: time.Now, Viewer: func(r *http.Request) (*web.Viewer, error) {
		if r.Header.Get("X-Staff") == "" {
			return nil, errs.Missing("session")
		}
		return &web.Viewer{AccountID: id.New(o.now).String(), Name: "Айгүл Үлгіқызы", Roles: account.Dispatcher, Lang: i18n.RU}, nil
	}}, pages.Routes())
	return o
}

func (o *office) write(fn func(ctx context.Context, tx *store.Tx) error) {
	o.t.Helper()
	if err := o.db.Write(o.t.Context(), store.Actor{}, func(tx *store.Tx) error { return fn(o.t.Context(), tx) }); err != nil {
		o.t.Fatal(err)
	}
}

// give makes a crew with a run to the addresses.
func (o *office) give(number int, lang i18n.Lang, addresses ...string) {
	o.t.Helper()
	var cr crew.Crew
	err := o.db.Write(o.t.Context(), id.New(o.now), func(tx *store.Tx) error { // by somebody: who saw that they are adult has a name
		ctx := o.t.Context()
		v := &volunteer.Volunteer{Name: contact.Name(fmt.Sprintf("Ерікті %d", number)), Phone: contact.Phone(fmt.Sprintf("+77000000%03d", number)), Adult: volunteer.Said}
		v.ID.ID = tx.NewID()
		if err := tx.Put(ctx, v); err != nil {
			return err
		}
		if err := volunteer.See(ctx, tx, v.ID); err != nil {
			return err
		}
		cr = crew.Crew{Number: number, Members: []crew.Member{{Volunteer: v.ID.ID, Role: crew.Driver}}, Vehicle: "Нива", Plate: "000 JUM 02", Baskets: 20, From: 8 * 60, To: 20 * 60, Lang: lang}
		return crew.Form(ctx, tx, &cr)
	})
	if err != nil {
		o.t.Fatal(err)
	}
	r := run.Run{Number: number, CrewNo: number, Day: "2022-01-12", Depart: 10 * 3600, Back: 14 * 3600}
	o.write(func(ctx context.Context, tx *store.Tx) error {
		r.ID.ID, r.Crew = tx.NewID(), cr.ID.ID
		for i, address := range addresses {
			q, err := intake.Take(ctx, tx, intake.Call{Household: household.Household{Head: contact.Name("Ойдан " + address), Address: contact.Address(address), Entrance: "2", Floor: "5", Code: "45К",
				Cares: []household.Care{household.Deaf}, Keep: true}, Phone: contact.Phone(fmt.Sprintf("+7700000%d%03d", number, i)), Needs: []string{"нан 2"}}, 7)
			if err != nil {
				return err
			}
			needs, err := request.Needs(ctx, tx, q.ID)
			if err != nil {
				return err
			}
			stop := run.Stop{Request: q.ID.ID, Arrive: int32(11*3600 + i*1200), Leave: int32(11*3600 + i*1200 + 300)}
			for _, n := range needs {
				n.Status, n.Run = request.Planned, r.ID.ID
				if err := tx.Put(ctx, &n); err != nil {
					return err
				}
				stop.Needs = append(stop.Needs, n.ID.ID)
			}
			r.Stops = append(r.Stops, stop)
		}
		return tx.Put(ctx, &r)
	})
	o.runs = append(o.runs, r)
}

// code is what the sheet of a run holds.
func (o *office) code(i int) string {
	o.t.Helper()
	code, err := run.Code(o.t.Context(), o.db, []byte("a secret of the centre's own, 32 b"), o.runs[i].ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return code
}

func (o *office) ask(method, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.RemoteAddr = o.from
	for k, v := range o.cookies {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), "⟦") {
		o.t.Errorf("%s lacks words: %.300s", method, w.Body)
	}
	return w
}

func (o *office) want(status int, method, path string, form url.Values, says ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	w := o.ask(method, path, form)
	if w.Code != status {
		o.t.Fatalf("%s %s: %d, want %d: %s", method, path, w.Code, status, text(w.Body.String()))
	}
	for _, s := range says {
		if !strings.Contains(w.Body.String(), html.EscapeString(s)) && !strings.Contains(text(w.Body.String()), s) {
			o.t.Errorf("%s %s does not say %q: %s", method, path, s, text(w.Body.String()))
		}
	}
	return w
}

func (o *office) state(i int) *run.State {
	o.t.Helper()
	s, err := run.Get(o.t.Context(), o.db, o.runs[i].ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

func (o *office) told(i int) []run.Outcome {
	o.t.Helper()
	all, err := run.Told(o.t.Context(), o.db, o.runs[i].ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

func (o *office) step(i int, step run.Step) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Step(ctx, tx, o.runs[i].ID, step) })
}

func text(body string) string {
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return body
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(strings.TrimSpace(n.Data) + " ")
		}
	}
	return b.String()
}

func fields(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestACrewSeesItsRunAlone(t *testing.T) {
	o := open(t)
	page := "/f/" + o.code(0)
	w := o.want(http.StatusOK, "GET", page, nil, "Абай 44", "Достық 5", "Сәтбаев 7", "Ойдан Абай 44", "подъезд 2", "не слышит", "хлеб × 2", "+7 700 000 00 99")
	body := w.Body.String()
	for _, dial := range []string{`href="tel:+77000003000"`, `href="tel:+77000000099"`} {
		if !strings.Contains(strings.ReplaceAll(body, "&#43;", "+"), dial) {
			t.Errorf("nothing dials %s", dial)
		}
	}
	if strings.Contains(body, "Төле би") {
		t.Error("the other crew's stop is there")
	}
	if a, b := strings.Index(body, "Абай 44"), strings.Index(body, "Сәтбаев 7"); a > b {
		t.Error("not in the sheet's order")
	}
	if n := strings.Count(body, `<details name="stop" open`); n != 1 {
		t.Errorf("%d stops stand open", n)
	}
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Field-Left") == "" {
		t.Error(w.Header())
	}
	o.cookies = map[string]string{}
	w = o.want(http.StatusSeeOther, "GET", page, nil)
	if at := w.Header().Get("Location"); at != page+"?lang" || !strings.Contains(w.Header().Get("Set-Cookie"), "lang=ru") {
		t.Errorf("a phone without a language does not get the crew's: %s", at)
	}
	o.want(http.StatusOK, "GET", w.Header().Get("Location"), nil, "Абай 44") // a phone without cookies
	for _, secret := range []string{o.code(0), o.code(1), "Абай", "7700"} {
		if strings.Contains(o.log.String(), secret) {
			t.Errorf("the log holds %s", secret)
		}
	}
}

func TestOutcomesByPlainForms(t *testing.T) {
	o := open(t)
	page := "/f/" + o.code(0)
	o.want(http.StatusSeeOther, "POST", page+"/step", fields("form_token", "s1", "step", "out"))
	form := fields("form_token", "t1", "result", "delivered", "note", "көршісі алды")
	for range 3 { // a double click, and a phone that did not hear the answer
		w := o.want(http.StatusSeeOther, "POST", page+"/stops/1", form)
		if at := w.Header().Get("Location"); at != page+"?at=2#s2" {
			t.Error(at)
		}
	}
	all := o.told(0)
	if len(all) != 1 || all[0].Result != run.Delivered || all[0].Note != "көршісі алды" || !all[0].At.Equal(o.now) {
		t.Fatalf("%+v", all)
	}
	o.want(http.StatusSeeOther, "POST", page+"/stops/1", fields("form_token", "t2", "result", "partly", "at", "11:20"))
	if all = o.told(0); len(all) != 2 || !all[1].At.Equal(time.Date(2022, 1, 12, 5, 20, 0, 0, time.UTC)) || o.state(0).Results[1] != run.Partly {
		t.Errorf("a correction is a new fact: %+v", all)
	}
	o.want(http.StatusUnprocessableEntity, "POST", page+"/stops/2", fields("form_token", "t3", "result", "refused", "at", "23:00"), i18n.RU.T("field.future"))
	o.want(http.StatusUnprocessableEntity, "POST", page+"/stops/9", fields("form_token", "t4", "result", "refused"))
	o.want(http.StatusUnprocessableEntity, "POST", page+"/stops/x", fields("form_token", "t5", "result", "refused"))
	o.want(http.StatusUnprocessableEntity, "POST", page+"/stops/2", fields("form_token", "t6", "result", "given_back"))
	o.want(http.StatusUnprocessableEntity, "POST", page+"/stops/2", fields("form_token", "t7", "result", "nobody", "note", strings.Repeat("а", 501)))
	if n := len(o.told(0)); n != 2 {
		t.Errorf("%d outcomes", n)
	}
	o.want(http.StatusOK, "GET", page, nil, i18n.RU.T("outcome.partly"), "11:20")
	events, err := store.History(t.Context(), o.db, o.runs[0].ID.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Kind == "outcome" && e.Actor != o.runs[0].Crew {
			t.Error("who told it is not the crew")
		}
	}
	for _, step := range []run.Step{run.Seen, run.Home} {
		o.want(http.StatusSeeOther, "POST", page+"/step", fields("form_token", "s"+string(step), "step", string(step)))
	}
	if s := o.state(0); s.Step != run.Home {
		t.Error(s.Step)
	}
	o.want(http.StatusUnprocessableEntity, "POST", "/f/"+o.code(1)+"/step", fields("form_token", "v", "step", "void"))
}

func TestACodeEndsWithItsRun(t *testing.T) {
	after := func(d time.Duration) func(*office) {
		return func(o *office) { o.now = o.now.Add(d) }
	}
	both := func(fs ...func(*office)) func(*office) {
		return func(o *office) {
			for _, f := range fs {
				f(o)
			}
		}
	}
	home := func(o *office) { o.step(0, run.Out); o.step(0, run.Home) }
	for name, c := range map[string]struct {
		do         func(*office)
		see, tell  int
		says       string
		stillTaken bool
	}{
		"given out":             {func(*office) {}, 200, 303, "", true},
		"under way and late":    {both(func(o *office) { o.step(0, run.Out) }, after(13*time.Hour)), 200, 303, "", true},
		"never told to be home": {both(func(o *office) { o.step(0, run.Out) }, after(15*time.Hour)), 410, 410, "field.over", false},
		"home":                  {home, 410, 303, "field.over", true},
		"home, two hours later": {both(home, after(2*time.Hour+time.Second)), 410, 410, "field.over", false},
		"called off": {func(o *office) {
			o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Cancel(ctx, tx, o.runs[0].ID) })
		}, 410, 410, "field.void", false},
		"renewed": {func(o *office) {
			o.write(func(ctx context.Context, tx *store.Tx) error { return run.Renew(ctx, tx, o.runs[0].ID) })
		}, 404, 404, "field.unknown", false},
		"days later": {after(4 * 24 * time.Hour), 404, 404, "field.unknown", false},
		"the sheet counted back": {both(func(o *office) {
			for s := range 3 {
				o.write(func(ctx context.Context, tx *store.Tx) error {
					return dispatch.Report(ctx, tx, o.runs[0].ID, s+1, run.Delivered, tx.Now, "")
				})
			}
		}, home, func(o *office) { o.step(0, run.SheetBack) }), 410, 410, "field.over", false},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			page := "/f/" + o.code(0)
			c.do(o)
			before := len(o.told(0))
			var says []string
			if c.says != "" {
				says = append(says, i18n.RU.T(c.says))
			}
			w := o.want(c.see, "GET", page, nil, says...)
			if c.see != 200 && strings.Contains(w.Body.String(), "Абай") {
				t.Error("an ended run shows its addresses")
			}
			o.want(c.tell, "POST", page+"/stops/1", fields("form_token", "t1", "result", "nobody"))
			if taken := len(o.told(0)) > before; taken != c.stillTaken {
				t.Errorf("taken: %v", taken)
			}
			if o.now.Equal(noon) {
				o.want(200, "GET", "/f/"+o.code(1), nil) // the other crew's is open
			}
		})
	}
}

func TestGuessingIsSlow(t *testing.T) {
	o := open(t)
	right := "/f/" + o.code(0)
	for range 20 {
		o.want(http.StatusNotFound, "GET", "/f/aaaaaaaaaaaaaaaaaaaa", nil)
	}
	o.want(http.StatusServiceUnavailable, "GET", "/f/aaaaaaaaaaaaaaaaaaaa", nil, i18n.RU.T("field.wait"))
	o.want(http.StatusServiceUnavailable, "GET", right, nil)
	o.from = "192.168.1.21:4000"
	o.want(http.StatusOK, "GET", right, nil)
	o.from = room
	o.now = o.now.Add(10 * time.Minute)
	o.want(http.StatusOK, "GET", right, nil)
	for _, bad := range []string{"/f/x", "/f/" + strings.Repeat("a", 500), "/f/" + o.code(0)[:19], "/f/%00"} {
		o.want(http.StatusNotFound, "GET", bad, nil)
	}
	if strings.ToUpper(o.code(0)) == o.code(0) || o.ask("GET", "/f/"+strings.ToUpper(o.code(0)), nil).Code != 200 {
		t.Error("a code typed in capitals is refused")
	}
}

// TestALookIsWritten counts looks at households' contacts: one for each, once an hour, by the crew.
func TestALookIsWritten(t *testing.T) {
	o := open(t)
	looks := func() int {
		n, err := store.One[int](t.Context(), o.db, "looks", "SELECT count(*) FROM record WHERE kind='look'")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, c := range []struct {
		wait time.Duration
		want int
	}{{0, 3}, {time.Minute, 3}, {time.Hour, 6}} {
		o.now = o.now.Add(c.wait)
		o.want(http.StatusOK, "GET", "/f/"+o.code(0), nil)
		if n := looks(); n != c.want {
			t.Errorf("%d looks after %s, want %d", n, c.wait, c.want)
		}
	}
}

// TestAPhoneThatKeptAnOutcome sends what was pressed a while ago, as the script does.
func TestAPhoneThatKeptAnOutcome(t *testing.T) {
	o := open(t)
	page := "/f/" + o.code(0)
	send := func(token, stop, result, ago string) *httptest.ResponseRecorder {
		return o.ask("POST", page+"/stops/"+stop, fields("form_token", token, "result", result, "ago", ago), "Hx-Request", "true", "Accept", "application/json")
	}
	if w := send("a", "1", "delivered", "1800"); w.Code != http.StatusNoContent {
		t.Fatal(w.Code, w.Body)
	}
	if all := o.told(0); len(all) != 1 || !all[0].At.Equal(o.now.Add(-30*time.Minute)) {
		t.Errorf("%+v", all)
	}
	o.write(func(ctx context.Context, tx *store.Tx) error {
		return dispatch.Report(ctx, tx, o.runs[0].ID, 2, run.Nobody, tx.Now.Add(-10*time.Minute), "")
	})
	w := send("b", "2", "delivered", "1800")
	var problem struct{ Detail string }
	if err := json.Unmarshal(w.Body.Bytes(), &problem); w.Code != http.StatusConflict || err != nil || problem.Detail != i18n.RU.T("field.newer") {
		t.Errorf("what the office corrected since is overwritten: %d %s", w.Code, w.Body)
	}
	if w := send("c", "2", "nobody", "1800"); w.Code != http.StatusNoContent || len(o.told(0)) != 2 {
		t.Errorf("the same told twice: %d, %d outcomes", w.Code, len(o.told(0)))
	}
	if w := send("d", "2", "delivered", "60"); w.Code != http.StatusNoContent || o.state(0).Results[2] != run.Delivered {
		t.Errorf("a later outcome is refused: %d", w.Code)
	}
	if w := send("e", "3", "delivered", "99999999"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("kept for years: %d", w.Code)
	}
}

// TestATypedTimeDoesNotMakeAKeptOutcomeNew: a phone kept what was pressed at half past ten, with the time typed; an hour
// later the office knew better. What was pressed after that counts, whatever time was typed.
func TestATypedTimeDoesNotMakeAKeptOutcomeNew(t *testing.T) {
	o := open(t)
	page := "/f/" + o.code(0)
	send := func(token, result, at, ago string) *httptest.ResponseRecorder {
		return o.ask("POST", page+"/stops/1", fields("form_token", token, "result", result, "at", at, "ago", ago), "Hx-Request", "true", "Accept", "application/json")
	}
	o.write(func(ctx context.Context, tx *store.Tx) error {
		return dispatch.Report(ctx, tx, o.runs[0].ID, 1, run.Delivered, tx.Now.Add(-30*time.Minute), "")
	})
	if w := send("a", "nobody", "10:30", "5400"); w.Code != http.StatusConflict || o.state(0).Results[1] != run.Delivered {
		t.Errorf("what the office corrected since is overwritten: %d %s", w.Code, w.Body)
	}
	if w := send("b", "nobody", "10:40", "600"); w.Code != http.StatusNoContent || o.state(0).Results[1] != run.Nobody {
		t.Errorf("what was pressed after the office's word is refused: %d %s", w.Code, w.Body)
	}
	if all := o.told(0); !all[len(all)-1].At.Equal(noon.Add(-80 * time.Minute)) {
		t.Errorf("the typed time is lost: %s", all[len(all)-1].At)
	}
}

func TestTheOfficeRenewsACode(t *testing.T) {
	o := open(t)
	old := o.code(0)
	staff := "/runs/" + o.runs[0].ID.String() + "/phone"
	ask := func(method string, form url.Values) *httptest.ResponseRecorder {
		return o.ask(method, staff, form, "X-Staff", "yes")
	}
	if w := ask("GET", nil); w.Code != 200 || !strings.Contains(w.Body.String(), site+"/f/"+old) || !strings.Contains(w.Body.String(), "<svg") {
		t.Error(w.Code, text(w.Body.String()))
	}
	o.want(http.StatusUnauthorized, "GET", staff, nil)
	for range 2 {
		if w := ask("POST", fields("form_token", "r1")); w.Code != http.StatusSeeOther {
			t.Error(w.Code)
		}
	}
	if o.code(0) == old {
		t.Error("the code is the same")
	}
	o.want(http.StatusNotFound, "GET", "/f/"+old, nil)
	o.want(http.StatusOK, "GET", "/f/"+o.code(0), nil)
	if n, err := store.One[int](t.Context(), o.db, "renewals", "SELECT count(*) FROM run_renewal"); err != nil || n != 1 {
		t.Errorf("%d renewals", n)
	}
}

// TestWhatTheSheetHolds prints with and without a network, which changes nothing.
func TestWhatTheSheetHolds(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("SKIPPED: no pdftotext on this machine; `make test` installs it")
	}
	o := open(t)
	before, err := store.One[int](t.Context(), o.db, "entries", "SELECT count(*) FROM ledger_entry")
	if err != nil {
		t.Fatal(err)
	}
	link := func(context.Context, run.ID) (string, error) { return site + "/f/x", nil }
	for name, c := range map[string]struct {
		link       sheet.Link
		want, lies string
	}{
		"a network": {link, i18n.RU.T("print.on_phone"), "2022-01-12/3"}, "no network": {nil, "2022-01-12/3", i18n.RU.T("print.on_phone")},
		"nobody let in": {func(context.Context, run.ID) (string, error) { return "", nil }, "2022-01-12/3", i18n.RU.T("print.on_phone")},
	} {
		var pdf bytes.Buffer
		if err := sheet.Write(t.Context(), o.db, &pdf, time.Date(2022, 1, 12, 0, 0, 0, 0, time.FixedZone("", 6*3600)), o.now, i18n.RU, c.link, sheet.Ground{}); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "pdftotext", "-", "-")
		cmd.Stdin = &pdf
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(out), c.want) || strings.Contains(string(out), c.lies) {
			t.Errorf("%s: the sheet does not say %q, or says %q", name, c.want, c.lies)
		}
	}
	if after, err := store.One[int](t.Context(), o.db, "entries", "SELECT count(*) FROM ledger_entry"); err != nil || after != before {
		t.Errorf("printing wrote %d entries", after-before)
	}
}
