package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

const (
	passphrase = "төрт сөз жеткілікті"
	noon       = "2022-01-12T06:00:00Z" // 12:00 in Almaty then
)

func TestMain(m *testing.M) {
	if work := os.Getenv(victimMode); work != "" {
		victim(work)
	}
	testscript.Main(m, map[string]func(){"jumyla": main})
}

func open(ctx context.Context, dir string) (*store.DB, error) {
	at, err := time.Parse(time.RFC3339, noon)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, store.Config{Dir: dir, Kinds: app.Kinds(), Now: func() time.Time { return at }}, store.Secret{Passphrase: passphrase})
}

func take(ctx context.Context, db *store.DB, address, need string) (ref id.Ref, err error) {
	err = db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		c, err := centre.Get(ctx, tx)
		if err != nil {
			return err
		}
		q, err := intake.Take(ctx, tx, intake.Call{Phone: "+77000000001", Needs: []string{need},
			Household: household.Household{Head: "Ойдан Шығарылған", Address: contact.Address(address), Keep: true}}, c.Secret)
		if err == nil {
			ref = q.Ref
		}
		return err
	})
	return ref, err
}

// jumyla runs the program and returns what it printed and its exit code.
func jumyla(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var out, complain bytes.Buffer
	code := execute(t.Context(), args, &out, &complain)
	if code != 0 {
		return complain.String(), code
	}
	return out.String(), 0
}

func must(t *testing.T, args ...string) string {
	t.Helper()
	out, code := jumyla(t, args...)
	if code != 0 {
		t.Fatalf("%v: exit %d: %s", args, code, out)
	}
	return out
}

// newCentre makes a centre with a small book of places, a stock, rules and one crew.
func newCentre(t *testing.T) string {
	t.Helper()
	t.Setenv("JUMYLA_PASSPHRASE", passphrase)
	t.Setenv("JUMYLA_CHEAP_KEYS", "1")
	dir := filepath.Join(t.TempDir(), "centre")
	must(t, "--data", dir, "init", "--name", "Оқу орталығы", "--area", "almaty-city", "--admin", "Айгүл Тестова", "--phone", "8 700 000 00 99")
	places := filepath.Join(t.TempDir(), "places.csv")
	csv := "street,house,lat,lon\nпроспект Достык,5,43.2500,76.9560\nпроспект Достык,125,43.2143,76.9637\nулица Абая,44,43.2400,76.9100\n,7,,\n"
	if err := os.WriteFile(places, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	var got struct{ Rows, Taken int }
	decode(t, must(t, "--data", dir, "--json", "import", "places", places), &got)
	if got.Rows != 4 || got.Taken != 3 {
		t.Fatalf("places: %+v", got)
	}
	must(t, "--data", dir, "rules", "preset", "almaty-2022-01")
	must(t, "--data", dir, "--now", noon, "stock", "set", "bread", "10")
	must(t, "--data", dir, "--now", noon, "stock", "set", "insulin", "5")
	formCrew(t, dir)
	return dir
}

func formCrew(t *testing.T, dir string) {
	t.Helper()
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	who := id.New(time.UnixMilli(1))
	err = db.Write(t.Context(), who, func(tx *store.Tx) error {
		var members []crew.Member
		for i, role := range []string{crew.Driver, crew.Navigator} {
			v := &volunteer.Volunteer{Name: contact.Name(fmt.Sprintf("Ерікті %d Ойдан", i)), Phone: contact.Phone(fmt.Sprintf("+7700000010%d", i)), Adult: volunteer.Said}
			v.ID.ID = tx.NewID()
			if err := tx.Put(t.Context(), v); err != nil {
				return err
			}
			if err := volunteer.See(t.Context(), tx, v.ID); err != nil {
				return err
			}
			members = append(members, crew.Member{Volunteer: v.ID.ID, Role: role})
		}
		return crew.Form(t.Context(), tx, &crew.Crew{Number: 7, Members: members, Vehicle: "Нива", Plate: "000 JUM 02", Baskets: 12, From: 8 * 60, To: 24 * 60, Lang: i18n.KK})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func decode(t *testing.T, s string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
}

// TestOneCallToOneOutcome is the main job: a call, a check, a run that obeys the curfew, a sheet, an outcome,
// then verify and rebuild.
func TestOneCallToOneOutcome(t *testing.T) {
	dir := newCentre(t)
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var refs []id.Ref
	for _, c := range [][2]string{{"Достық 125, 12 пәтер", "нан 2"}, {"Abai 44", "инсулин 20:00 дейін"}, {"Белгісіз көше 1", "нан 1"}, {"пр. Достык, 5", "нан 9"}, {"Достык 5", "бала тамағы 1"}} {
		ref, err := take(t.Context(), db, c[0], c[1])
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	base := []string{"--data", dir, "--now", noon, "--json"}
	for _, r := range refs[:4] {
		must(t, append(base, "check", r.String(), "--by", "phone")...)
	}
	var plan planOut
	decode(t, must(t, append(base, "plan", "--date", "2022-01-12", "--issue")...), &plan)
	if len(plan.Runs) != 1 || len(plan.Runs[0].Stops) != 2 || len(plan.Unplanned) != 3 {
		t.Fatalf("%+v", plan)
	}
	if b := plan.Runs[0]; b.Crew != 7 || b.Back > "22:40" || b.Depart < "12:00" {
		t.Fatalf("the run breaks the curfew's margin, or leaves before now: %+v", b)
	}
	pdf := filepath.Join(t.TempDir(), "sheets.pdf")
	must(t, append(base, "sheets", "--date", "2022-01-12", "-o", pdf)...)
	if b, err := os.ReadFile(pdf); err != nil || !bytes.HasPrefix(b, []byte("%PDF-")) {
		t.Fatal("no PDF", err)
	}
	must(t, append(base, "outcome", "--crew", "7", "--stop", "1", "--at", "13:10", "delivered")...)
	must(t, append(base, "outcome", "--crew", "7", "--stop", "2", "--note", "есік жабық", "nobody")...)
	statuses(t, dir, plan.Runs[0].Stops)
	var built struct{ Equal bool }
	decode(t, must(t, "--data", dir, "--json", "rebuild"), &built)
	if !built.Equal {
		t.Fatal("the state differs after a rebuild")
	}
	must(t, "--data", dir, "verify")
}

func statuses(t *testing.T, dir string, stops []stopOut) {
	t.Helper()
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i, want := range []request.Status{request.Done, request.Open} {
		ref, err := id.ParseRef(stops[i].Ref)
		if err != nil {
			t.Fatal(err)
		}
		q, err := request.ByRef(t.Context(), db, ref)
		if err != nil {
			t.Fatal(err)
		}
		needs, err := request.Needs(t.Context(), db, q.ID)
		if err != nil || needs[0].Status != want {
			t.Errorf("stop %d: %v %v, want %v", i+1, needs, err, want)
		}
	}
}

func TestNothingIsPlannedIntoTheCurfew(t *testing.T) {
	dir := newCentre(t)
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := take(t.Context(), db, "Достык 125", "нан 1")
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	must(t, "--data", dir, "check", ref.String(), "--by", "visit")
	late := "2022-01-12T16:20:00Z" // 22:20 in Almaty: too late to go and be home by 22:40
	var plan planOut
	decode(t, must(t, "--data", dir, "--now", late, "--json", "plan", "--date", "2022-01-12"), &plan)
	if len(plan.Runs) != 0 || len(plan.Unplanned) != 1 || plan.Unplanned[0].Reason == "" {
		t.Fatalf("%+v", plan)
	}
}

func TestInitThatFailsCanBeDoneAgain(t *testing.T) {
	t.Setenv("JUMYLA_PASSPHRASE", passphrase)
	t.Setenv("JUMYLA_CHEAP_KEYS", "1")
	dir := filepath.Join(t.TempDir(), "centre")
	if out, code := jumyla(t, "--data", dir, "init", "--name", "Оқу орталығы", "--area", "almaty-city", "--admin", "Айгүл", "--zone", "Mars/Olympus"); code != exitInvalid {
		t.Fatalf("exit %d: %s", code, out)
	}
	must(t, "--data", dir, "init", "--name", "Оқу орталығы", "--area", "almaty-city", "--admin", "Айгүл")
	must(t, "--data", dir, "verify")
}

func TestExitCodes(t *testing.T) {
	dir := newCentre(t)
	for name, tc := range map[string]struct {
		args []string
		want int
	}{
		"usage":     {[]string{"--data", dir, "plan"}, exitUsage},
		"bad ref":   {[]string{"--data", dir, "check", "12-34-56", "--by", "phone"}, exitInvalid},
		"bad date":  {[]string{"--data", dir, "plan", "--date", "gestern"}, exitInvalid},
		"no preset": {[]string{"--data", dir, "rules", "preset", "mars"}, exitInvalid},
		"internet":  {[]string{"--data", dir, "serve", "--listen", "8.8.8.8:0"}, exitInvalid},
		"absent":    {[]string{"--data", filepath.Join(dir, "no"), "verify"}, exitInvalid},
		"no crew":   {[]string{"--data", dir, "outcome", "--crew", "3", "--stop", "1", "delivered"}, exitInvalid},
	} {
		if out, code := jumyla(t, tc.args...); code != tc.want || out == "" {
			t.Errorf("%s: exit %d, want %d: %s", name, code, tc.want, out)
		}
	}
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if out, code := jumyla(t, "--data", dir, "verify"); code != exitInUse || !strings.Contains(out, strconv.Itoa(os.Getpid())) {
		t.Errorf("in use: exit %d: %s", code, out)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("JUMYLA_PASSPHRASE", "бөтен сөз")
	if out, code := jumyla(t, "--data", dir, "verify"); code != exitLocked {
		t.Errorf("locked: exit %d: %s", code, out)
	}
}

func TestBackUpAndRestore(t *testing.T) {
	dir := newCentre(t)
	file := filepath.Join(t.TempDir(), "b.jumyla")
	must(t, "--data", dir, "backup", file)
	twin := filepath.Join(t.TempDir(), "twin")
	must(t, "--data", twin, "restore", file)
	must(t, "--data", twin, "verify")
	out := must(t, "--data", twin, "doctor", "--listen", "127.0.0.1:0")
	if strings.Contains(out, "MEND") {
		t.Error(out)
	}
}

func TestCommandsForgetWhomNobodyMayKeep(t *testing.T) {
	dir := newCentre(t)
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var hid id.ID
	err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		q, err := intake.Take(t.Context(), tx, intake.Call{Phone: "+77000000001", Needs: []string{"нан 2"},
			Household: household.Household{Head: "Ойдан Шығарылған", Address: "Достық 5"}}, 7)
		if err != nil {
			return err
		}
		hid = q.Household.ID
		return dispatch.Close(t.Context(), tx, q.ID, request.Done)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now  string
		kept bool
	}{{"2022-01-12T06:30:00Z", true}, {"2022-01-12T07:30:00Z", false}} {
		must(t, "--data", dir, "--now", c.now, "verify")
		if db, err = open(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		h, err := household.Kind.Get(t.Context(), db, hid)
		if err := errors.Join(err, db.Close()); err != nil || (h.Address != "") != c.kept {
			t.Errorf("at %s: %+v, %v", c.now, h, err)
		}
	}
}

func TestSayNeverPrintsData(t *testing.T) {
	err := errs.New(errs.Invalid, "app.ref")
	if code(err) != exitInvalid || code(errors.New("x")) != exitInternal {
		t.Fatal("exit codes")
	}
}
