package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/errs"
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

var kinds = []store.Registered{centre.Kind, list.Kind, list.ReadingKind, place.Kind, area.Kind, household.Kind, household.LookKind, household.VerdictKind, request.Kind,
	request.NeedKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, request.QualityKind, volunteer.Kind, volunteer.VerdictKind, crew.Kind, run.Kind, run.OutcomeKind, run.CheckKind}

func open(tb testing.TB) *store.DB {
	tb.Helper()
	return openAs(tb, "OFF")
}

func openAs(tb testing.TB, synchronous string) *store.DB {
	tb.Helper()
	db, err := store.Create(tb.Context(), store.Config{Dir: filepath.Join(tb.TempDir(), "c"),
		Kinds: kinds,
		KDF:   store.KDF{Time: 1, Memory: 64, Threads: 1}, Synchronous: synchronous}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// load imports a list and holds that every row is accounted for.
func load(tb testing.TB, db *store.DB, kind intake.Kind, list string, opt intake.Options) *intake.Result {
	tb.Helper()
	res, err := intake.Import(tb.Context(), db, coordinator, kind, strings.NewReader(list), opt)
	if err != nil {
		tb.Fatal(err)
	}
	accounted(tb, res)
	return res
}

func accounted(tb testing.TB, res *intake.Result) {
	tb.Helper()
	if res.Rows != res.Taken+len(res.Skipped)+len(res.Refused) || res.Taken != len(res.Made) {
		tb.Errorf("%d rows, %d taken, %d made, %d skipped, %d refused", res.Rows, res.Taken, len(res.Made), len(res.Skipped), len(res.Refused))
	}
	for _, l := range i18n.Langs() {
		words := res.In(l)
		for _, r := range words.Skipped {
			if strings.Contains(r.Reason, "⟦") || strings.Contains(r.Reason, "{") {
				tb.Errorf("row %d: %s", r.Row, r.Reason)
			}
		}
		for _, r := range words.Refused {
			if strings.Contains(r.Reason, "⟦") || strings.Contains(r.Reason, "{") {
				tb.Errorf("row %d: %s", r.Row, r.Reason)
			}
		}
	}
}

// same holds that the tables built anew from the ledger are the ones that stand.
func same(t *testing.T, db *store.DB) {
	t.Helper()
	before, after, err := db.Rebuild(t.Context())
	if err != nil || before != after {
		t.Errorf("rebuild: %s is not %s, %v", after, before, err)
	}
}

func TestResultIsTheDocumentedShape(t *testing.T) {
	db := open(t)
	res := load(t, db, intake.Places, "street,house,lat,lon\nАбая,10,43.2,76.9\nАбая,10,43.2,76.9\nАбая,12,north,76.9\nАбая,10,43.3,76.9\n", intake.Options{})
	b, err := json.Marshal(res)
	want := `{"rows":4,"taken":2,"skipped":[{"row":3,"reason":"lists.skip.repeated"}],"refused":[{"row":4,"field":"lat","reason":"place.coordinates"}],"duplicates":1,"list":"` + res.List + `"}`
	if err != nil || string(b) != want {
		t.Errorf("%s, want %s, %v", b, want, err)
	}
	b, err = json.Marshal(load(t, db, intake.Places, "street,house,lat,lon\nАбая,14,43.2,76.9\n", intake.Options{DryRun: true}))
	if want := `{"rows":1,"taken":1,"skipped":[],"refused":[],"duplicates":0}`; err != nil || string(b) != want {
		t.Errorf("%s, want %s, %v", b, want, err)
	}
	same(t, db)
}

const requests = "ФИО;Телефон;Адрес;Кв;Чел;Дети (возраст);Что нужно;Примечание;Статус\n" +
	"Ойдан Бір;8 701 555 12 34;ул. Абая, 10;5;4;1, 6;хлеб, инсулин;домофон сломан;\n" +
	"Ойдан Екі;8 701 555 12 35;ул. Абая, 10;6;2;;детское питание;;\n" +
	"Ойдан Үш;87015551234;пр. Достык, 1;;1;;вода;;\n" + // the first one's phone
	"Ойдан Төрт;хлеб;пр. Достык, 2;;1;;вода;;\n" +
	"Ойдан Бес;8 701 555 12 36;;;1;;вода;;\n" +
	"Ойдан Алты;8 701 555 12 37;пр. Достык, 3;;1;;;;\n" +
	"Ойдан Жеті;8 701 555 12 38;пр. Достык, 4;;1;;вода;;закрыто\n" +
	"Ойдан Сегіз;8 701 555 12 39;пр. Достык, 5;;3000;;вода;;\n"

func TestRequests(t *testing.T) {
	for _, verified := range []bool{false, true} {
		db := open(t)
		dry := load(t, db, intake.Requests, requests, intake.Options{DryRun: true})
		res := load(t, db, intake.Requests, requests, intake.Options{Verified: verified, Secret: 7})
		if dry.Taken != 3 || dry.Duplicates != 1 || fmt.Sprint(dry.Skipped, dry.Refused) != fmt.Sprint(res.Skipped, res.Refused) {
			t.Errorf("dry run %+v, then %+v", dry, res)
		}
		if res.Rows != 8 || res.Taken != 3 || res.Duplicates != 1 || !res.Made[2].Duplicate || res.Made[1].Duplicate {
			t.Errorf("%+v", res)
		}
		if got := fmt.Sprint(res.Skipped); got != "[{7 lists.skip.nothing} {8 lists.skip.closed}]" {
			t.Error(got)
		}
		if got := fmt.Sprint(res.Refused); got != "[{5 phone tabular.phone.letters []} {6 address error.required []} {9 people household.people []}]" {
			t.Error(got)
		}
		first, err := request.Kind.Get(t.Context(), db, res.Made[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if first.Ref != res.Made[0].Ref || first.Note != "домофон сломан" || (first.Verified == request.ByList) != verified || first.Taker != coordinator {
			t.Errorf("%+v", first)
		}
		needs, err := request.Needs(t.Context(), db, first.ID)
		whats := map[request.What]int{}
		for _, n := range needs {
			whats[n.What]++
		}
		if err != nil || len(needs) != 2 || whats[request.Bread] != 1 || whats[request.Insulin] != 1 {
			t.Errorf("%+v %v", needs, err)
		}
		h, err := household.Kind.Get(t.Context(), db, first.Household.ID)
		if err != nil || h.People != 4 || fmt.Sprint(h.Children) != "[1 6]" || h.Phones[0] != "+77015551234" || h.Flat != "5" {
			t.Errorf("%+v %v", h, err)
		}
		again := load(t, db, intake.Requests, requests, intake.Options{})
		if again.Taken != 0 || len(again.Skipped) != 5 || again.Skipped[0].Reason != "lists.skip.before" {
			t.Errorf("again: %+v", again)
		}
		same(t, db)
	}
}

func TestHouseholdsKnownByPhoneOrDoor(t *testing.T) {
	db := open(t)
	load(t, db, intake.Households, "name,phone,address,flat\nОйдан Бір,8 701 555 12 34,\"Абай 10\",5\n", intake.Options{})
	for list, want := range map[string]int{
		"name,phone,address,flat\nА,8 701 555 12 34,Абай 99,1\n":  1,
		"name,phone,address,flat\nБ,8 701 555 12 40,Абай 10,5\n":  1,
		"name,phone,address,flat\nВ,8 701 555 12 41,Абай 10,77\n": 0,
		"name,phone,address,flat\nГ,8 701 555 12 42,Абай 11,5\n":  0,
	} {
		if res := load(t, db, intake.Households, list, intake.Options{DryRun: true}); res.Duplicates != want || res.Taken != 1 {
			t.Errorf("%q: %d duplicates, want %d", list, res.Duplicates, want)
		}
	}
	n, err := store.One[int](t.Context(), db, "households", "SELECT count(*) FROM household")
	if err != nil || n != 1 {
		t.Errorf("%d households after dry runs, %v", n, err)
	}
	same(t, db)
}

func TestVolunteersAreNeverSeenByAList(t *testing.T) {
	db := open(t)
	var list strings.Builder
	list.WriteString("name,phone,18+,languages,vehicle,baskets\n")
	cases := []struct {
		cell string
		want volunteer.Adult
	}{{"да", volunteer.Said}, {"иә", volunteer.Said}, {"18+", volunteer.Said}, {"19", volunteer.Said}, {"18", volunteer.Said}, {"seen", volunteer.Said}, {"Seen", volunteer.Said},
		{"17", volunteer.Unknown}, {"17 лет", volunteer.Unknown}, {"нет", volunteer.Unknown}, {"", volunteer.Unknown}, {"0", volunteer.Unknown}}
	for i, c := range cases {
		fmt.Fprintf(&list, "Ойдан %d,8 701 555 12 %02d,%s,\"қазақша, орысша\",Нива,12\n", i, i+10, c.cell)
	}
	list.WriteString("Ойдан Жыл,8 701 555 12 99,2005,,,\nОйдан 0,8 701 555 12 10,да,,,\n")
	res := load(t, db, intake.Volunteers, list.String(), intake.Options{})
	if res.Taken != len(cases) || len(res.Refused) != 1 || res.Refused[0].Reason != "tabular.age.birth_year" || len(res.Skipped) != 1 {
		t.Fatalf("%+v", res)
	}
	for i, c := range cases {
		v, err := volunteer.Kind.Get(t.Context(), db, res.Made[i].ID)
		if err != nil || v.Adult != c.want || v.IsAdult() || v.Baskets != 12 || fmt.Sprint(v.Langs) != "[kk ru]" {
			t.Errorf("%q: %+v %v", c.cell, v, err)
		}
	}
	other := load(t, db, intake.Volunteers, "name,phone\nойдан 3,+7 701 555 12 13\n", intake.Options{})
	if other.Taken != 0 || other.Skipped[0].Reason != "lists.skip.known" {
		t.Errorf("%+v", other)
	}
	same(t, db)
}

func TestCrewsOnlyOfThoseSeen(t *testing.T) {
	db := open(t)
	people := load(t, db, intake.Volunteers, "name,phone,18+\nОйдан Бір,8 701 555 12 34,да\nОйдан Екі,8 701 555 12 35,да\n"+
		"Ойдан Бала,8 701 555 12 36,17\nОйдан Ана,8 701 555 12 34,да\n", intake.Options{})
	see := func(rows ...int) {
		err := db.Write(t.Context(), coordinator, func(tx *store.Tx) error {
			for _, i := range rows {
				if err := volunteer.See(t.Context(), tx, volunteer.ID{ID: people.Made[i].ID}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	see(0, 1)
	const list = "number,driver,driver phone,navigator,vehicle,plate,baskets,from,to,pass,language\n" +
		"1,Ойдан Бір,8 701 555 12 34,8 701 555 12 35,Нива,000 AAA 02,12,08:00,22:30,п-1,қазақша\n" +
		"2,Ойдан Екі,,Ойдан Бала,Нива,,12,22:00,6:00,,ru\n" +
		"3,Ойдан Жоқ,,,,,,,,,\n" +
		"4,,8 701 555 12 34,,,,,,,,\n" +
		"1,Ойдан Екі,,,,,,,,,\n" +
		"6,Ойдан Екі,,,,,,25:00,26:00,,\n" +
		"7,Ойдан Екі,,,,,,22:00,6:00,,\n"
	res := load(t, db, intake.Crews, list, intake.Options{})
	if got := fmt.Sprint(res.Refused); got != "[{3  crew.not_seen [name Ойдан Бала]} {4 driver lists.person.unknown []} {5 driver lists.person.several []} "+
		"{6  crew.number_taken [number 1]} {7 from lists.time []}]" {
		t.Error(got)
	}
	if got := res.In(i18n.EN).Refused[0].Reason; !strings.HasPrefix(got, "Ойдан Бала: no coordinator has seen") {
		t.Error(got)
	}
	c, err := crew.ByNumber(t.Context(), db, 1)
	if err != nil || c.Void() || len(c.Members) != 2 || c.Members[0].Name != "Ойдан Бір" || c.From != 480 || c.To != 1350 || c.Lang != i18n.KK {
		t.Errorf("%+v %v", c, err)
	}
	if night, err := crew.ByNumber(t.Context(), db, 7); err != nil || night.To != 1800 {
		t.Errorf("%+v %v", night, err)
	}
	see(2)
	if again := load(t, db, intake.Crews, list, intake.Options{}); again.Taken != 1 || again.Made[0].Row != 3 {
		t.Errorf("once seen: %+v", again)
	}
	same(t, db)
}

// many writes a list of n requests.
func many(n int) string {
	var b strings.Builder
	b.WriteString("name,phone,address,flat,people,needs\n")
	for i := range n {
		fmt.Fprintf(&b, "Ойдан %d,+7701%07d,\"Абай %d\",%d,3,\"нан, инсулин\"\n", i, i+2_000_000, i/20+1, i%20+1)
	}
	return b.String()
}

func TestPartsOfAtMostTwoHundred(t *testing.T) {
	db := open(t)
	commits := make(chan struct{}, 100)
	db.OnCommit(func(c store.Change) {
		if c.Kinds["request"] {
			commits <- struct{}{}
		}
	})
	var steps []int
	res := load(t, db, intake.Requests, many(450), intake.Options{Progress: func(done, total int) {
		if total != 450 {
			t.Error(total)
		}
		steps = append(steps, done)
	}})
	if len(commits) != 4 || fmt.Sprint(steps) != "[200 400 450]" || res.Taken != 450 || res.Duplicates != 0 {
		t.Error(len(commits), steps, res.Taken, res.Duplicates)
	}
}

func TestGoesOnWhereItStopped(t *testing.T) {
	db := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	list := many(450)
	res, err := intake.Import(ctx, db, coordinator, intake.Requests, strings.NewReader(list), intake.Options{Progress: func(done, _ int) {
		if done == 200 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || res.Taken != 200 {
		t.Fatal(res, err)
	}
	rest := load(t, db, intake.Requests, list, intake.Options{})
	if rest.Taken != 450 || len(rest.Skipped) != 0 || rest.Duplicates != 0 {
		t.Errorf("%d taken, %d skipped, %d duplicates", rest.Taken, len(rest.Skipped), rest.Duplicates)
	}
	n, err := store.One[int](t.Context(), db, "requests", "SELECT count(*) FROM request")
	if err != nil || n != 450 {
		t.Errorf("%d requests, %v", n, err)
	}
	same(t, db)
}

func TestAFailingPartTakesNothing(t *testing.T) {
	db := open(t)
	list := many(250)
	breakAt := func(query string) {
		if err := db.Write(t.Context(), coordinator, func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), query)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	breakAt("CREATE TRIGGER broken BEFORE INSERT ON request_row WHEN (SELECT count(*) FROM request_row) = 220 BEGIN SELECT RAISE(ABORT, 'broken'); END")
	res, err := intake.Import(t.Context(), db, coordinator, intake.Requests, strings.NewReader(list), intake.Options{})
	if err == nil || !strings.Contains(err.Error(), "row 222") || res.Taken != 200 {
		t.Fatal(res.Taken, err)
	}
	breakAt("DROP TRIGGER broken")
	if rest := load(t, db, intake.Requests, list, intake.Options{}); rest.Taken != 250 || len(rest.Skipped) != 0 {
		t.Errorf("%d taken, %d skipped", rest.Taken, len(rest.Skipped))
	}
	same(t, db)
}

func TestListsThatCannotBeTaken(t *testing.T) {
	db := open(t)
	other := &tabular.Mapping{Signature: "another"}
	for name, c := range map[string]struct {
		kind intake.Kind
		list string
		m    *tabular.Mapping
		key  string
	}{
		"kind":    {"camels", "name\nА\n", nil, "lists.kind"},
		"empty":   {intake.Requests, "", nil, "tabular.file.empty"},
		"column":  {intake.Requests, "name,address\nА,Абай 1\n", nil, "lists.missing.needs"},
		"mapping": {intake.Requests, "address,needs\nАбай 1,нан\n", other, "lists.mapping"},
		"outside": {intake.Requests, "address,needs\nАбай 1,нан\n", &tabular.Mapping{Columns: []tabular.Assignment{{Column: -1, Field: "needs"}}}, "lists.mapping"},
	} {
		_, err := intake.Import(t.Context(), db, coordinator, c.kind, strings.NewReader(c.list), intake.Options{Mapping: c.m})
		var e *errs.Error
		if !errors.As(err, &e) || e.Kind != errs.Invalid || e.Key != c.key || !i18n.Has(e.Key) {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
}

// shared returns a file of the data that the repository does not hold, or skips.
func shared(t *testing.T, name string) *os.File {
	t.Helper()
	root := os.Getenv("JUMYLA_SHARED")
	for dir := "."; root == "" && len(dir) < 40; dir += "/.." {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			root = filepath.Join(dir, "..", "shared")
		}
	}
	f, err := os.Open(filepath.Join(root, "data", name))
	if err != nil {
		t.Skip("SKIPPED, no data/" + name + ": set JUMYLA_SHARED")
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestAlmatyAddresses(t *testing.T) {
	db := open(t)
	res, err := intake.Import(t.Context(), db, coordinator, intake.Places, shared(t, "roads/almaty_addresses.csv"), intake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	accounted(t, res)
	if res.Rows != 768 || res.Taken < 600 {
		t.Errorf("%d rows, %d taken, %d skipped, refused %v", res.Rows, res.Taken, len(res.Skipped), res.Refused)
	}
	if hit, err := place.Locate(t.Context(), db, "Достык 125"); err != nil || hit.Rough {
		t.Error(hit, err)
	}
	for _, r := range res.Refused {
		if r.Reason != "lists.refuse.no_street" {
			t.Errorf("row %d: %s %s", r.Row, r.Field, r.Reason)
		}
	}
	if hit, err := place.Locate(t.Context(), db, "Рамстор ТЦ"); err != nil || !hit.Rough {
		t.Error("a place that has a name and no street is not found by it:", hit, err)
	}
	t.Logf("%d rows: %d taken, %d skipped, %d refused, %d duplicates", res.Rows, res.Taken, len(res.Skipped), len(res.Refused), res.Duplicates)
}

// TestPlacesByName takes a list of named places, which has no column of streets.
func TestPlacesByName(t *testing.T) {
	db := open(t)
	res := load(t, db, intake.Places, "название,широта,долгота\nТоғызыншы емхана,43.2,76.9\nДом 2,43.3,76.9\n", intake.Options{})
	if res.Taken != 1 || len(res.Refused) != 1 || res.Refused[0].Reason != "lists.refuse.no_street" {
		t.Errorf("%d taken, refused %v", res.Taken, res.Refused)
	}
	if hit, err := place.Locate(t.Context(), db, "тоғызыншы емхана"); err != nil || hit.Lat != 43.2 {
		t.Error(hit, err)
	}
}

func TestKeralaCamps(t *testing.T) {
	db := open(t)
	m := &tabular.Mapping{}
	for i, f := range []string{"district", "address", "address", "", "settlement", "status", "note", "people", "", "", "", "needs", "needs", "needs", "needs", "needs"} {
		m.Columns = append(m.Columns, tabular.Assignment{Column: i, Field: f})
	}
	res, err := intake.Import(t.Context(), db, coordinator, intake.Requests, shared(t, "lists/kerala_2018_relief_camps.csv"), intake.Options{Mapping: m})
	if err != nil {
		t.Fatal(err)
	}
	accounted(t, res)
	reasons := map[string]int{}
	for _, s := range res.Skipped {
		reasons[s.Reason]++
	}
	for _, r := range res.Refused {
		reasons[r.Field+" "+r.Reason]++
	}
	if len(res.Made) == 0 || res.Rows != 4673 || reasons["lists.skip.closed"] != 734 || reasons["lists.skip.duplicate"] != 113 {
		t.Errorf("%d rows, %d taken, %v", res.Rows, res.Taken, reasons)
	}
	t.Logf("%d rows: %d taken, %d duplicates, %v", res.Rows, res.Taken, res.Duplicates, reasons)
	same(t, db)
}

// TestADistrictsUglyList takes the list that is shipped for trying, with its titles, captions, merged cells and
// an old encoding: everybody on it comes in, and those who stand in it twice are told.
func TestADistrictsUglyList(t *testing.T) {
	xlsx, csv, err := demo.UglyList(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]byte{xlsx, csv} {
		res := load(t, open(t), intake.Requests, string(list), intake.Options{})
		if res.Taken != demo.UglyRowCount || res.Duplicates != 3 {
			t.Errorf("%d taken, %d duplicates, %v", res.Taken, res.Duplicates, res.Refused)
		}
	}
}

func BenchmarkImport(b *testing.B) {
	list := many(5000)
	for b.Loop() {
		db := openAs(b, "FULL")
		load(b, db, intake.Requests, list, intake.Options{})
	}
	b.ReportMetric(5000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func TestARepeatedCallAddsOnlyWhatCanBeBrought(t *testing.T) {
	db := open(t)
	var rid request.ID
	err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		q, err := intake.Take(t.Context(), tx, intake.Call{Household: household.Household{Address: "Абай 44", Keep: true}, Needs: []string{"нан 1"}}, 7)
		if err == nil {
			rid = q.ID
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for need, ok := range map[string]bool{"": true, "нан 2": true, "нан 0": false, "нан 999": false, strings.Repeat("ұзақ ", 200): false} {
		err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			_, err := intake.Again(t.Context(), tx, rid, intake.Call{Needs: []string{need}})
			return err
		})
		if ok != (err == nil) || !ok && !errs.Is(err, errs.Invalid) {
			t.Errorf("%.20q: %v", need, err)
		}
	}
}

func TestConsentIsTakenBackAndNotSlippedIn(t *testing.T) {
	db := open(t)
	err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		h := household.Household{Address: "Абай 44", Keep: true}
		q, err := intake.Take(t.Context(), tx, intake.Call{Household: h, Needs: []string{"нан 1"}}, 7)
		if err != nil {
			return err
		}
		for i, says := range []bool{true, false, true} {
			if _, err := intake.Again(t.Context(), tx, q.ID, intake.Call{Household: household.Household{Keep: says}}); err != nil {
				return err
			}
			if now, err := household.Kind.Get(t.Context(), tx, q.Household.ID); err != nil || now.Keep != (i == 0) || now.Address != h.Address {
				t.Errorf("call %d: %+v, %v", i, now, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
