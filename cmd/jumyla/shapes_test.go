package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// TestShapesAreAsDocumented runs each command that docs/operate.md gives a shape for, and holds that what it prints has
// every field of that shape, of the same kind.
func TestShapesAreAsDocumented(t *testing.T) {
	promised := documented(t)
	t.Setenv("JUMYLA_CHEAP_KEYS", "1")
	t.Setenv("JUMYLA_PASSPHRASE", passphrase)
	t.Chdir(t.TempDir())
	say := func(line string) string {
		t.Helper()
		out := must(t, append([]string{"--data", "c", "--now", noon, "--json"}, words(line)...)...)
		keep(t, promised, line, out)
		return out
	}
	for name, text := range map[string]string{
		"places.csv":   "street,house,lat,lon\nОқу көшесі,1,43.2501,76.9101\n",
		"requests.csv": "name,phone,address,needs\nОйдан Бір,8 700 000 12 34,Оқу көшесі 1,нан 1\nОйдан Екі,көршіде,Оқу көшесі 1,нан\nОйдан Үш,,Оқу көшесі 1,\nОйдан Төрт,,Жоқ көше 9,нан 1\n",
		"more.csv":     "name,phone,address,needs\nОйдан Бес,8 700 000 12 35,Оқу көшесі 1,нан 1\n",
		"posts.csv":    "name,address,needs\nОқу ауруханасы,Оқу көшесі 1,ыстық тамақ 60\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	say("init --name Оқу --area almaty-city --admin Айгүл")
	say("import places places.csv")
	say("rules preset almaty-2022-01")
	say("stock set bread 10")
	say("import requests requests.csv --verified")
	list := regexp.MustCompile(`"list":"(\w+)"`).FindStringSubmatch(say("import requests posts.csv"))
	formCrew(t, "c")
	ref := regexp.MustCompile(`"ref":"([0-9-]+)"`).FindStringSubmatch(say("plan --date 2022-01-12 --issue"))
	say("check " + ref[1] + " --by phone")
	say("sheets --date 2022-01-12 -o F.pdf")
	say("outcome --crew 7 --stop 1 delivered")
	say("undo " + list[1])
	list = regexp.MustCompile(`"list":"(\w+)"`).FindStringSubmatch(say("import requests more.csv --verified"))
	worked := regexp.MustCompile(`"ref":"([0-9-]+)"`).FindStringSubmatch(say("plan --date 2022-01-12"))
	say("check " + worked[1] + " --by visit")
	say("undo " + list[1])
	say("export requests -o F.csv")
	say("verify")
	say("rebuild")
	say("backup b.jumyla")
	keep(t, promised, "restore", must(t, "--data", "twin", "--json", "restore", "b.jumyla"))
	keep(t, promised, "doctor", must(t, "--data", "c", "--json", "doctor", "--listen", "127.0.0.1:0"))
	keep(t, promised, "panic", must(t, "--data", "twin", "--json", "panic", "--confirm", "DESTROY"))
	fork(t, "c")
	keep(t, promised, "verify", must(t, "--data", "c", "--json", "verify"))
	keep(t, promised, "verify", faulty(t, "c"))
	for name, shapes := range promised {
		t.Errorf("nothing is held of %s: %v", name, shapes)
	}
}

// fork lets a centre hear that another machine wrote as it, from its first entry of coord on.
func fork(t *testing.T, dir string) {
	t.Helper()
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	lane := ledger.Lane{Centre: ledger.ID(db.Centre()), Incarnation: 1, Class: ledger.Coord}
	raw, end, err := ledger.Head{}.Append(&ledger.Entry{Lane: lane, Record: ledger.ID{7}, Kind: "request", Op: ledger.Put})
	if err == nil {
		p := store.Piece{Lane: lane, End: end, Signature: ledger.SignHead(db.SigningKey(), lane, end)}
		err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return tx.Receive(t.Context(), p, []store.Parcel{{Raw: raw}}) })
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyNamesForks: a lane as which two machines wrote is named in words, by its centre, in three languages.
func TestVerifyNamesForks(t *testing.T) {
	dir := newCentre(t)
	fork(t, dir)
	for _, lang := range i18n.Langs() {
		want := lang.T("verify.fork", "centre", "Оқу орталығы", "lane", "coord/1", "seq", 1, "n", 2)
		t.Setenv("LC_ALL", string(lang))
		if out := must(t, "--data", dir, "verify"); !strings.Contains(out, want) {
			t.Errorf("%s: %s", lang, out)
		}
	}
}

// faulty damages an entry of the ledger, and returns what verify prints of it.
func faulty(t *testing.T, dir string) string {
	t.Helper()
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE ledger_entry SET raw = substr(raw, 1, length(raw)-1) || x'00' WHERE n=3")
		return err
	})
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	var out, complain bytes.Buffer
	if code := execute(t.Context(), []string{"--data", dir, "--json", "verify"}, &out, &complain); code != exitInvalid {
		t.Errorf("verify ended with %d: %s", code, complain.String())
	}
	return out.String()
}

// documented returns the shapes of docs/operate.md by the command's first word.
func documented(t *testing.T) map[string][]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operate.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]any{}
	for _, m := range regexp.MustCompile("(?m)^\\| `jumyla (\\w+)[^`]*` \\|(.*)\\|$").FindAllStringSubmatch(string(text), -1) {
		for _, s := range regexp.MustCompile("`(\\{.*?\\})`").FindAllStringSubmatch(m[2], -1) {
			var v any
			if err := json.Unmarshal([]byte(regexp.MustCompile(`:([A-Z]+)`).ReplaceAllString(strings.ReplaceAll(s[1], "PID", "1"), `:"$1"`)), &v); err != nil {
				t.Errorf("the shape of %s: %v: %s", m[1], err, s[1])
			}
			out[m[1]] = append(out[m[1]], v)
		}
	}
	if len(out) < 12 {
		t.Fatalf("the table of shapes was not read: %v", out)
	}
	return out
}

// keep holds what a command printed to its shapes, and forgets them once something that fills them was seen.
func keep(t *testing.T, promised map[string][]any, line, printed string) {
	t.Helper()
	name, _, _ := strings.Cut(line, " ")
	var got any
	if err := json.Unmarshal([]byte(printed), &got); err != nil {
		t.Errorf("%s prints no JSON: %v: %s", line, err, printed)
		return
	}
	promised[name] = slices.DeleteFunc(promised[name], func(want any) bool {
		fault := unlike("", want, got)
		if fault != "" && !strings.HasSuffix(fault, " is empty") && len(promised[name]) == 1 {
			t.Errorf("%s: %s: %s", line, fault, printed)
		}
		return fault == ""
	})
	if len(promised[name]) == 0 {
		delete(promised, name)
	}
}

// unlike says in what a value has not the shape of another; "" where it has.
func unlike(at string, want, got any) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return at + " is no object"
		}
		for k, v := range w {
			if x, ok := g[k]; !ok {
				return at + "." + k + " is missing"
			} else if s := unlike(at+"."+k, v, x); s != "" {
				return s
			}
		}
	case []any:
		g, ok := got.([]any)
		switch {
		case !ok:
			return at + " is no list"
		case len(w) > 0 && len(g) == 0:
			return at + " is empty"
		case len(w) > 0:
			return unlike(at+"[0]", w[0], g[0])
		}
	default:
		if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
			return fmt.Sprintf("%s is %T, not %T", at, got, want)
		}
	}
	return ""
}
