package account_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
)

var cheap = account.KDF{Time: 1, Memory: 64, Threads: 1}

const (
	aigul = contact.Name("Айгүл Үлгіқызы") // invented
	pass  = "жеті рет өлшеп"
)

var noon = time.Date(2026, 1, 12, 12, 0, 0, 0, time.UTC)

func create(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Create(t.Context(), store.Config{
		Dir: filepath.Join(t.TempDir(), "centre"), Kinds: account.Kinds(), KDF: cheap,
		Now: func() time.Time { return time.Date(2022, 1, 5, 0, 0, 0, 0, time.UTC) }, // a drill's clock: sessions must not go by it
	}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if before, after, err := db.Rebuild(context.WithoutCancel(t.Context())); err != nil || before != after {
			t.Error("rebuild:", before, after, err)
		}
		_ = db.Close()
	})
	return db
}

func write(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) error {
	t.Helper()
	return db.Write(t.Context(), store.Actor{}, fn)
}

func add(t *testing.T, db *store.DB, name contact.Name, roles account.Roles) *account.Account {
	t.Helper()
	a := &account.Account{Name: name, Roles: roles, Lang: i18n.KK}
	if err := write(t, db, func(tx *store.Tx) error { return account.Create(t.Context(), tx, a, pass, cheap) }); err != nil {
		t.Fatal(err)
	}
	return a
}

func signIn(t *testing.T, db *store.DB, at time.Time) string {
	t.Helper()
	_, token, err := account.SignIn(t.Context(), db, aigul, pass, at)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestCreate(t *testing.T) {
	db := create(t)
	a := add(t, db, aigul, account.Operator|account.Admin)
	got, err := account.Get(t.Context(), db, a.ID)
	if err != nil || *got != *a || !strings.HasPrefix(got.Hash, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatalf("%+v %v", got, err)
	}
	for name, c := range map[string]struct {
		a    account.Account
		pass string
		kind errs.Kind
	}{
		"same name, other case": {account.Account{Name: "  АЙГҮЛ   үлгіқызы ", Roles: account.Operator, Lang: i18n.RU}, pass, errs.Conflict},
		"no name":               {account.Account{Name: " ", Roles: account.Operator, Lang: i18n.RU}, pass, errs.Invalid},
		"no role":               {account.Account{Name: "Сәуле", Lang: i18n.RU}, pass, errs.Invalid},
		"no language":           {account.Account{Name: "Сәуле", Roles: account.Operator}, pass, errs.Invalid},
		"short passphrase":      {account.Account{Name: "Сәуле", Roles: account.Operator, Lang: i18n.RU}, "қысқа", errs.Invalid},
	} {
		err := write(t, db, func(tx *store.Tx) error { return account.Create(t.Context(), tx, &c.a, c.pass, cheap) })
		if errs.KindOf(err) != c.kind || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	all, err := account.List(t.Context(), db)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
}

// TestANameIsKnownFromAnotherKeyboard holds that a Russian keyboard opens an account with a Kazakh name, but none of two that it might
// mean, nor one that was closed, and that such a name has no attempts of its own.
func TestANameIsKnownFromAnotherKeyboard(t *testing.T) {
	db := create(t)
	a := add(t, db, "Айгүл Өмірова", account.Operator)
	const typed = "Айгул Омирова"
	if got, _, err := account.SignIn(t.Context(), db, typed, pass, noon); err != nil || got.ID != a.ID {
		t.Errorf("%v, %v", got, err)
	}
	if _, _, err := account.SignIn(t.Context(), db, typed, "бөтен сөз тіркесі", noon); !errs.Is(err, errs.Denied) {
		t.Error(err)
	}
	for _, name := range []contact.Name{typed, "Айгүл Өмірова", typed, "Айгүл Омірова"} {
		if _, _, err := account.SignIn(t.Context(), db, name, "бөтен сөз тіркесі", noon); !errs.Is(err, errs.Denied) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := account.SignIn(t.Context(), db, typed, pass, noon); !errs.Is(err, errs.Unavailable) {
		t.Errorf("a sixth try: %v", err)
	}
	later := noon.Add(time.Hour)
	add(t, db, "Айгул Өмірова", account.Operator)
	if _, _, err := account.SignIn(t.Context(), db, typed, pass, later); !errs.Is(err, errs.Denied) {
		t.Errorf("one of two: %v", err)
	}
}

func TestSignIn(t *testing.T) {
	db := create(t)
	a := add(t, db, aigul, account.Operator)
	for name, c := range map[string]struct {
		name contact.Name
		pass string
		want errs.Kind
	}{
		"wrong passphrase": {aigul, "бөтен сөз тіркесі", errs.Denied},
		"nobody":           {"Ешкім", pass, errs.Denied},
		"empty":            {"", "", errs.Denied},
	} {
		if _, token, err := account.SignIn(t.Context(), db, c.name, c.pass, noon); !errs.Is(err, c.want) || token != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, token, err := account.SignIn(t.Context(), db, " айгүл  ҮЛГІҚЫЗЫ", pass, noon)
	if err != nil || got.ID != a.ID || len(token) < 40 {
		t.Fatal(got, token, err)
	}
	who, err := account.BySession(t.Context(), db, token, noon)
	if err != nil || who.ID != a.ID {
		t.Fatal(who, err)
	}
	if n, err := store.One[int](t.Context(), db, "n", "SELECT count(*) FROM session WHERE token=$1", token); err != nil || n != 0 {
		t.Error("the token itself is stored", err)
	}
	if err := account.SignOut(t.Context(), db, token, noon); err != nil {
		t.Fatal(err)
	}
	if err := account.SignOut(t.Context(), db, token, noon); err != nil {
		t.Fatal("twice:", err)
	}
	if _, err := account.BySession(t.Context(), db, token, noon); !errs.Is(err, errs.NotFound) {
		t.Fatal(err)
	}
	var told []string
	history, err := store.History(t.Context(), db, a.ID.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range history {
		if e.Kind == "sign" {
			told = append(told, e.Text("what"))
		}
	}
	if strings.Join(told, " ") != "failed in out" {
		t.Error(told)
	}
}

func TestAuditNamesNobody(t *testing.T) {
	db := create(t)
	add(t, db, aigul, account.Operator)
	signIn(t, db, noon)
	raws, err := store.All(t.Context(), db, func(r *sql.Rows, v *[]byte) error { return r.Scan(v) }, "SELECT raw FROM ledger_entry ORDER BY n")
	if err != nil || len(raws) < 2 {
		t.Fatal(len(raws), err)
	}
	for _, raw := range raws {
		if strings.Contains(string(raw), "Айгүл") || strings.Contains(string(raw), "argon2id") {
			t.Errorf("an entry shows who: %q", raw)
		}
	}
}

func TestFailuresMakeWait(t *testing.T) {
	db := create(t)
	add(t, db, aigul, account.Operator)
	for _, name := range []contact.Name{aigul, "Ешкім"} {
		var wg sync.WaitGroup
		kinds := make([]errs.Kind, 8)
		for i := range kinds { // at once: still five
			wg.Go(func() {
				_, _, err := account.SignIn(t.Context(), db, name, "бөтен сөз тіркесі", noon)
				kinds[i] = errs.KindOf(err)
			})
		}
		wg.Wait()
		count := map[errs.Kind]int{}
		for _, k := range kinds {
			count[k]++
		}
		if count[errs.Denied] != 5 || count[errs.Unavailable] != 3 {
			t.Errorf("%d: %v", len(name), count)
		}
	}
	if _, _, err := account.SignIn(t.Context(), db, aigul, pass, noon.Add(14*time.Minute)); !errs.Is(err, errs.Unavailable) {
		t.Error("the right passphrase too must wait:", err)
	}
	later := noon.Add(15 * time.Minute)
	signIn(t, db, later)
	if n, err := store.One[int](t.Context(), db, "n", "SELECT count(*) FROM sign_failure"); err != nil || n != 0 {
		t.Error("failures stay", n, err)
	}
}

func TestSessionTimes(t *testing.T) {
	db := create(t)
	add(t, db, aigul, account.Operator)
	token := signIn(t, db, noon)
	open := func(after time.Duration, want errs.Kind, ok bool) {
		t.Helper()
		_, err := account.BySession(t.Context(), db, token, noon.Add(after))
		if ok != (err == nil) || !ok && !errs.Is(err, want) {
			t.Errorf("after %v: %v", after, err)
		}
	}
	open(29*time.Minute, 0, true)
	open(30*time.Minute, errs.Denied, false)
	if a, err := account.ByLock(t.Context(), db, token, noon.Add(31*time.Minute)); err != nil || a.Name != aigul {
		t.Error(a, err)
	}
	if err := account.Touch(t.Context(), db, token, noon.Add(31*time.Minute)); err != nil {
		t.Error(err)
	}
	open(31*time.Minute, errs.Denied, false) // a locked session is not touched open
	for at := time.Duration(0); at < 16*time.Hour; at += 20 * time.Minute {
		if err := account.Touch(t.Context(), db, token, noon.Add(at)); err != nil {
			t.Fatal(at, err)
		}
	}
	open(15*time.Hour+59*time.Minute, 0, true)
	open(16*time.Hour, errs.NotFound, false)
	token = signIn(t, db, noon)
	if err := account.Lock(t.Context(), db, token); err != nil {
		t.Fatal(err)
	}
	open(0, errs.Denied, false)
	token = "forged"
	open(0, errs.NotFound, false)
}

func TestEnd(t *testing.T) {
	db := create(t)
	a := add(t, db, aigul, account.Coordinator)
	end := func(a *account.Account) error {
		return write(t, db, func(tx *store.Tx) error { return account.End(t.Context(), tx, a.ID) })
	}
	if err := end(a); !errs.Is(err, errs.Conflict) {
		t.Fatal("the last coordinator:", err)
	}
	add(t, db, "Сәуле Үлгіқызы", account.Admin)
	token := signIn(t, db, noon)
	if err := end(a); err != nil {
		t.Fatal(err)
	}
	if _, err := account.BySession(t.Context(), db, token, noon); !errs.Is(err, errs.NotFound) {
		t.Error(err)
	}
	if _, _, err := account.SignIn(t.Context(), db, aigul, pass, noon); !errs.Is(err, errs.Denied) {
		t.Error(err)
	}
	all, err := account.List(t.Context(), db)
	if err != nil || len(all) != 2 || !all[1].Ended {
		t.Error(all, err)
	}
	last := all[0].ID
	for name, c := range map[string]struct {
		do   func(tx *store.Tx) error
		want errs.Kind
	}{
		"end the last":     {func(tx *store.Tx) error { return account.End(t.Context(), tx, last) }, errs.Conflict},
		"the last's roles": {func(tx *store.Tx) error { return account.Change(t.Context(), tx, last, account.Operator, i18n.RU) }, errs.Conflict},
		"no roles":         {func(tx *store.Tx) error { return account.Change(t.Context(), tx, last, 0, i18n.RU) }, errs.Invalid},
		"end who is not":   {func(tx *store.Tx) error { return account.End(t.Context(), tx, account.ID{ID: tx.NewID()}) }, errs.NotFound},
		"invite who ended": {func(tx *store.Tx) error { _, err := account.InviteAgain(t.Context(), tx, a.ID, noon); return err }, errs.Conflict},
		"change who is not": {func(tx *store.Tx) error {
			return account.Change(t.Context(), tx, account.ID{ID: tx.NewID()}, account.Operator, i18n.RU)
		}, errs.NotFound},
	} {
		if err := write(t, db, c.do); !errs.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	err = write(t, db, func(tx *store.Tx) error {
		if err := account.Restore(t.Context(), tx, a.ID); err != nil {
			return err
		}
		return account.Change(t.Context(), tx, a.ID, account.Operator, i18n.RU)
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := account.BySession(t.Context(), db, signIn(t, db, noon), noon)
	if err != nil || got.Roles != account.Operator || got.Lang != i18n.RU {
		t.Error(got, err)
	}
}

func TestInvite(t *testing.T) {
	db := create(t)
	var a *account.Account
	var old, code string
	err := write(t, db, func(tx *store.Tx) (err error) {
		a, old, err = account.Invite(t.Context(), tx, account.Operator, aigul, i18n.KK, noon)
		if err != nil {
			return err
		}
		code, err = account.InviteAgain(t.Context(), tx, a.ID, noon)
		return err
	})
	if err != nil || old == code {
		t.Fatal(err)
	}
	if _, _, err := account.SignIn(t.Context(), db, aigul, "", noon); !errs.Is(err, errs.Denied) {
		t.Error("an account without a passphrase was opened:", err)
	}
	for name, c := range map[string]struct {
		code, pass string
		at         time.Time
	}{
		"replaced": {old, pass, noon}, "unknown": {"AAAA-AAAA-AAAA", pass, noon}, "empty": {"", pass, noon},
		"late": {code, pass, noon.Add(72 * time.Hour)}, "short": {code, "қысқа", noon},
	} {
		if _, _, err := account.Accept(t.Context(), db, c.code, c.pass, cheap, c.at); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
	got, token, err := account.Accept(t.Context(), db, typed, pass, cheap, noon.Add(71*time.Hour))
	if err != nil || got.ID != a.ID {
		t.Fatal(err)
	}
	if _, err := account.BySession(t.Context(), db, token, noon.Add(71*time.Hour)); err != nil {
		t.Error(err)
	}
	if _, _, err := account.Accept(t.Context(), db, code, pass, cheap, noon); !errs.Is(err, errs.Invalid) {
		t.Error("a code was used twice:", err)
	}
	signIn(t, db, noon)
	if err := account.SetPassphrase(t.Context(), db, got.ID, "жаңа құпия сөз", cheap); err != nil {
		t.Fatal(err)
	}
	if _, err := account.BySession(t.Context(), db, token, noon); !errs.Is(err, errs.NotFound) {
		t.Error("a session outlives its passphrase:", err)
	}
	if _, _, err := account.SignIn(t.Context(), db, aigul, pass, noon); !errs.Is(err, errs.Denied) {
		t.Error(err)
	}
}
