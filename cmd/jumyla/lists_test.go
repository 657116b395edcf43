package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/tabular"
	"github.com/jumyla/jumyla/internal/testkit/ugly"
)

// TestAListInAndOut takes a list, takes it out again as a table, takes the list back, and reads the table into the
// same centre: what was taken out is what came in.
func TestAListInAndOut(t *testing.T) {
	dir := newCentre(t)
	file := filepath.Join(t.TempDir(), "тізім.csv")
	list := "ФИО;Телефон;Адрес;Что нужно\nОйдан Бір;8 701 555 12 34;улица Абая, 44;хлеб 2\nОйдан Екі;абвгд;улица Абая, 44;хлеб\nОйдан Үш;8 701 555 12 36;проспект Достык, 5;инсулин\n"
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	type result struct {
		Rows, Taken, Duplicates int
		Refused                 []struct {
			Row           int
			Field, Reason string
		}
		List string
	}
	var dry, got, again result
	decode(t, must(t, "--data", dir, "--json", "import", "requests", file, "--dry-run"), &dry)
	decode(t, must(t, "--data", dir, "--json", "import", "requests", file, "--sender", "Әкімдік"), &got)
	if dry.Taken != 2 || dry.List != "" || got.Taken != 2 || len(got.Refused) != 1 || got.Refused[0].Row != 3 || got.List == "" {
		t.Fatalf("%+v then %+v", dry, got)
	}
	table := filepath.Join(t.TempDir(), "requests.xlsx")
	if out, code := jumyla(t, "--data", dir, "export", "requests", "-o", table, "--fields", "name,phone,address,needs"); code != exitInvalid {
		t.Errorf("names leave without a reason: %d %s", code, out)
	}
	must(t, "--data", dir, "export", "requests", "-o", table, "--fields", "name,phone,address,needs", "--reason", "салыстыру үшін", "--lang", "kk")
	if _, code := jumyla(t, "--data", dir, "export", "requests", "-o", table); code != exitInvalid {
		t.Error("a file that was there is written over:", code)
	}
	var undone struct {
		Undone int
		Stayed []json.RawMessage
	}
	decode(t, must(t, "--data", dir, "--json", "undo", got.List), &undone)
	if undone.Undone != 2 || len(undone.Stayed) != 0 {
		t.Errorf("%+v", undone)
	}
	decode(t, must(t, "--data", dir, "--json", "import", "requests", table), &again)
	if again.Taken != 2 || again.Duplicates != 0 {
		t.Errorf("the table again: %+v", again)
	}
	plain := filepath.Join(t.TempDir(), "requests.csv")
	must(t, "--data", dir, "export", "requests", "-o", plain)
	if b, err := os.ReadFile(plain); err != nil || strings.Contains(string(b), "Ойдан") || strings.Count(string(b), "\n") != 3 {
		t.Errorf("without fields: %q %v", b, err)
	}
	must(t, "--data", dir, "verify")
}

// TestAFileTooLargeIsRefusedByItsSize makes a file of two gigabytes without writing them.
func TestAFileTooLargeIsRefusedByItsSize(t *testing.T) {
	dir := newCentre(t)
	file := filepath.Join(t.TempDir(), "huge.csv")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(2 << 30); err != nil {
		t.Skip("SKIPPED: this disk has no sparse files:", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if out, code := jumyla(t, "--data", dir, "import", "requests", file); code != exitInvalid || !strings.Contains(out, "50") {
		t.Errorf("exit %d: %s", code, out)
	}
}

// TestEveryRefusedFileIsAnsweredInThreeLanguages brings each file that is no list: it is refused in the language of whoever types, and in
// nothing but that.
func TestEveryRefusedFileIsAnsweredInThreeLanguages(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("JUMYLA_PASSPHRASE", passphrase)
	must(t, "--data", "c", "init", "--name", "Оқу орталығы", "--area", "almaty-city", "--admin", "Айгүл Тестова")
	for _, f := range ugly.Refused() {
		if f.Limits != (tabular.Limits{}) {
			continue // too much only where less is allowed
		}
		if err := os.WriteFile(f.Name, f.Content, 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, exitInvalid, f.Key, "--data", "c", "import", "requests", f.Name)
		if said, _ := jumyla(t, "--data", "c", "import", "requests", f.Name); strings.Contains(said, "tabular.") {
			t.Errorf("%s: %s", f.Name, said)
		}
	}
}
