package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/jumyla/jumyla/internal/i18n"
)

// scriptBad makes a file that nobody should send: bad FILE broken|huge|bomb|long|nul.
func scriptBad(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	var content []byte
	switch args[1] {
	case "broken":
		content = []byte("PK\x03\x04 and then nothing of the kind")
	case "huge":
		f, err := os.Create(path)
		ts.Check(err)
		ts.Check(f.Truncate(2 << 30)) // of holes: it weighs nothing
		ts.Check(f.Close())
		return
	case "bomb":
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
			w, err := z.Create(name)
			ts.Check(err)
			for range 80 {
				_, err := w.Write(make([]byte, 1<<20))
				ts.Check(err)
			}
		}
		ts.Check(z.Close())
		content = b.Bytes()
	case "long":
		content = []byte("address,needs\n" + strings.Repeat("ұзын көше ", 1000) + ",нан\n")
	case "nul":
		content = []byte("address,needs\nАб\x00ай 5,нан\n")
	default:
		ts.Fatalf("what is bad: %s", args[1])
	}
	ts.Check(os.WriteFile(path, content, 0o600))
}

// scriptAnswers runs a program in each language and holds that it ends with a code and says the message of a key in that
// language: answers CODE KEY PROGRAM ARGS…
func scriptAnswers(ts *testscript.TestScript, neg bool, args []string) {
	for _, lang := range i18n.Langs() {
		ts.Setenv("LANG", string(lang)+"_KZ.UTF-8")
		scriptExits(ts, neg, append([]string{args[0]}, args[2:]...))
		said := ts.ReadFile("stdout") + ts.ReadFile("stderr")
		for part := range strings.SplitSeq(message(lang, args[1]), "\x00") {
			if !strings.Contains(said, part) {
				ts.Fatalf("%s: %s does not say %s, but %s", lang, strings.Join(args[2:], " "), strconv.Quote(part), said)
			}
		}
	}
	ts.Setenv("LANG", "en")
}

// message returns what is said for a key, with NUL in place of what is filled in.
func message(lang i18n.Lang, key string) string {
	var b strings.Builder
	for i, part := range strings.Split(lang.T(key), "{") {
		if i > 0 {
			_, after, _ := strings.Cut(part, "}")
			b.WriteByte(0)
			part = after
		}
		b.WriteString(part)
	}
	return b.String()
}

// TestTheTableOfBadInput holds docs/bad-input.md to its word: every kind of bad input stands in it, and every test that it names is
// there.
func TestTheTableOfBadInput(t *testing.T) {
	table, err := os.ReadFile("../../docs/bad-input.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for line := range strings.Lines(string(table)) {
		if cells := strings.Split(line, "|"); len(cells) == 6 {
			rows[strings.TrimSpace(strings.ReplaceAll(cells[1], "`", ""))] = cells[3:5]
		}
	}
	for _, what := range []string{"a broken XLSX", "a 2 GB file", "a zip bomb", "a row with 40 columns", "NUL bytes", "an address of 10,000 letters",
		"a phone of letters", "a date in 1899", "two programs on one data folder", "a wrong passphrase", "a full disk in the middle of an import",
		"a clock that jumps back a year", "kill -9 at any moment", "a stale form", "a double click",
		"a bundle cut short", "a flipped bit", "something replayed", "something huge", "something for another centre", "a revoked centre", "a stranger, or another's name",
		"a malicious centre", "a bomb inside", "a lying vector", "a stick pulled out", "a clock in 1970", "a picture instead of a card"} {
		if rows[what] == nil {
			t.Errorf("nothing is said of %s", what)
			continue
		}
		for _, cell := range rows[what] {
			named := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1)
			if len(named) == 0 && strings.TrimSpace(cell) != "no forms there" {
				t.Errorf("no test holds %s: %s", what, cell)
			}
			for _, n := range named {
				if !exists(t, n[1]) {
					t.Errorf("%s: there is no %s", what, n[1])
				}
			}
		}
	}
}

// exists reports whether there is a script of this name, or a test: folder.TestName.
func exists(t *testing.T, name string) bool {
	t.Helper()
	if strings.HasSuffix(name, ".txtar") {
		_, err := os.Stat(filepath.Join("testdata", "script", name))
		return err == nil
	}
	folder, test, _ := strings.Cut(name, ".")
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(folder), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil && strings.Contains(string(b), "func "+test+"(t *testing.T)") {
			return true
		}
	}
	return false
}
