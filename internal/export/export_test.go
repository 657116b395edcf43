package export_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/export"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/volunteer"
)

var coordinator = id.New(time.UnixMilli(1_640_000_000_000))

func open(tb testing.TB) *store.DB {
	tb.Helper()
	db, err := store.Create(tb.Context(), store.Config{Dir: filepath.Join(tb.TempDir(), "c"),
		Kinds: []store.Registered{centre.Kind, list.Kind, list.ReadingKind, export.Kind, place.Kind, household.Kind, household.VerdictKind, request.Kind, request.NeedKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, request.QualityKind,
			volunteer.Kind, run.Kind, run.OutcomeKind, run.CheckKind},
		KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Synchronous: "OFF"}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func load(tb testing.TB, db *store.DB, kind intake.Kind, content string) *intake.Result {
	tb.Helper()
	res, err := intake.Import(tb.Context(), db, coordinator, kind, strings.NewReader(content), intake.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return res
}

func all(w export.What) []string {
	var out []string
	for _, f := range export.Fields(w) {
		out = append(out, f.Name)
	}
	return out
}

func take(tb testing.TB, db *store.DB, a export.Asked) []byte {
	tb.Helper()
	ready, err := export.Begin(tb.Context(), db, coordinator, a)
	if err != nil {
		tb.Fatal(err)
	}
	var b bytes.Buffer
	if err := ready.Write(tb.Context(), db, &b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func asked(w export.What, fields ...string) export.Asked {
	return export.Asked{What: w, Fields: fields, Zone: time.UTC, Lang: i18n.RU, Format: export.CSV, Reason: "для сверки с акиматом", Roles: account.Coordinator}
}

const homes = "name;phone;address;flat;people;children ages;what is needed;note;language\n" +
	"Ойдан Бір;8 701 555 12 34, 8 701 555 12 39;ул. Абая, 10;5;4;1, 6;нан 2; =1+1 деп айтты;қазақша\n" +
	"Ойдан Екі;8 701 555 12 35;ул. Абая, 12;;2;;инсулин;;орысша\n"

// TestRoundTrip takes everything out in three languages and both formats, and reads it into an empty centre.
func TestRoundTrip(t *testing.T) {
	from := open(t)
	load(t, from, intake.Requests, homes)
	first := rows(t, take(t, from, asked(export.Requests, all(export.Requests)...)))
	for _, lang := range i18n.Langs() {
		for _, format := range []export.Format{export.XLSX, export.CSV} {
			a := asked(export.Requests, all(export.Requests)...)
			a.Lang, a.Format = lang, format
			to := open(t)
			res := load(t, to, intake.Requests, string(take(t, from, a)))
			if res.Taken != 2 || len(res.Refused) != 0 {
				t.Fatalf("%s %s: %+v", lang, format, res)
			}
			again := rows(t, take(t, to, asked(export.Requests, all(export.Requests)...)))
			for i := range first {
				for _, field := range []string{"ФИО", "телефон", "адрес", "квартира", "что нужно", "количество человек", "возраст детей", "язык"} {
					if first[i][field] != again[i][field] {
						t.Errorf("%s %s, row %d, %s: %q, was %q", lang, format, i, field, again[i][field], first[i][field])
					}
				}
			}
		}
	}
	a := asked(export.Volunteers, all(export.Volunteers)...)
	load(t, from, intake.Volunteers, "name,phone,18+,languages,vehicle,plate,baskets\nОйдан Үш,8 701 555 12 36,да,\"қазақша, орысша\",Нива,000 AAA 02,12\n")
	to := open(t)
	res := load(t, to, intake.Volunteers, string(take(t, from, a)))
	people, err := volunteer.List(t.Context(), to)
	if err != nil || res.Taken != 1 || len(people) != 1 || people[0].Name != "Ойдан Үш" || people[0].Baskets != 12 || people[0].Plate != "000 AAA 02" || people[0].IsAdult() {
		t.Errorf("%+v %+v %v", res, people, err)
	}
}

// rows reads a table back as cells by heading.
func rows(tb testing.TB, b []byte) []map[string]string {
	tb.Helper()
	t, err := tabular.ReadTable(tb.Context(), bytes.NewReader(b), tabular.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	var out []map[string]string
	for _, r := range t.Rows {
		m := map[string]string{}
		for _, c := range t.Columns {
			m[c.Heading] = r.Cell(c.Index)
		}
		out = append(out, m)
	}
	return out
}

func TestCellsAreNoFormulas(t *testing.T) {
	db := open(t)
	load(t, db, intake.Households, "name;address;consent\n=HYPERLINK(1);@SUM(A1);yes\n+cmd|' /C calc'!A0;-2+3;yes\nОйдан Қалмас;Абай 1;no\n")
	text := string(take(t, db, asked(export.Households, "name", "address")))
	for _, bad := range []string{";=", ";+c", ";@", ";-2+3", "\n=", "\n+c"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q in %q", bad, text)
		}
	}
	if !strings.Contains(text, "'=HYPERLINK(1);'@SUM(A1)") {
		t.Error(text)
	}
	if strings.Contains(text, "Қалмас") {
		t.Error("who did not agree to be kept leaves with the table")
	}
}

// TestWhoMayTakeWhat holds the whole table of rights: role × group of fields.
func TestWhoMayTakeWhat(t *testing.T) {
	want := map[account.Role]string{account.Operator: "", account.Coordinator: "plain contact care", account.Dispatcher: "", account.Volunteer: "", account.Auditor: "plain", account.Admin: ""}
	for _, role := range account.All.Each() {
		var got []string
		for g, name := range []string{"plain", "contact", "care"} {
			if export.May(role, export.Group(g)) {
				got = append(got, name)
			}
		}
		if s := strings.Join(got, " "); s != want[role] {
			t.Errorf("%s may take %q", role, s)
		}
		for _, w := range export.Whats() {
			for _, f := range export.Fields(w) {
				a := asked(w, f.Name)
				a.Roles = role
				if ok := a.Validate() == nil; ok != export.May(role, f.Group) {
					t.Errorf("%s, %s of %s: %v", role, f.Name, w, ok)
				}
			}
		}
	}
}

func TestEachTableIsWrittenDown(t *testing.T) {
	db := open(t)
	load(t, db, intake.Requests, homes)
	for name, c := range map[string]struct {
		change func(a *export.Asked)
		kind   errs.Kind
	}{
		"no reason":     {func(a *export.Asked) { a.Reason = " \n" }, errs.Invalid},
		"no such":       {func(a *export.Asked) { a.Fields = []string{"iin"} }, errs.Invalid},
		"format":        {func(a *export.Asked) { a.Format = "doc" }, errs.Invalid},
		"what":          {func(a *export.Asked) { a.What = "accounts" }, errs.Invalid},
		"an auditor":    {func(a *export.Asked) { a.Roles = account.Auditor }, errs.Denied},
		"nobody at all": {func(a *export.Asked) { a.Roles = 0 }, errs.Denied},
	} {
		a := asked(export.Requests, "name", "ref")
		c.change(&a)
		if _, err := export.Begin(t.Context(), db, coordinator, a); !errs.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if log, err := export.Recent(t.Context(), db, 10); err != nil || len(log) != 0 {
		t.Errorf("what was refused is in the log: %v %v", log, err)
	}
	take(t, db, asked(export.Requests, "name", "ref"))
	a := asked(export.Requests)
	a.Reason, a.Roles, a.From = "", account.Auditor, db.Now().Add(time.Hour)
	if got := rows(t, append(take(t, db, a), "x;x\n"...)); len(got) != 1 {
		t.Error("rows of tomorrow:", got)
	}
	log, err := export.Recent(t.Context(), db, 10)
	if err != nil || len(log) != 2 || log[1].Rows != 2 || log[0].Rows != 0 || log[1].Reason == "" || log[1].By != coordinator ||
		fmt.Sprint(log[1].Fields) != "[ref name]" || slices.Contains(log[0].Fields, "name") {
		t.Errorf("%+v %v", log, err)
	}
	if before, after, err := db.Rebuild(t.Context()); err != nil || before != after {
		t.Error("rebuild", err)
	}
}

func TestNothingHiddenLeaves(t *testing.T) {
	db := open(t)
	res := load(t, db, intake.Requests, homes)
	lid, err := id.Parse(res.List)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := intake.Undo(t.Context(), db, coordinator, list.ID{ID: lid}, nil); err != nil {
		t.Fatal(err)
	}
	for _, w := range []export.What{export.Requests, export.Households} {
		if text := string(take(t, db, asked(w, "name"))); strings.Contains(text, "Ойдан") {
			t.Error(w, text)
		}
	}
}
