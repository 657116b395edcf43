package i18n

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// literalKey is .T("key" in Go or templ.
	literalKey = regexp.MustCompile(`\.T\("([^"]+)"[,)]`)
	// errorKey is a key given to errs or to a form's checks: "error.phone", "web.choose".
	errorKey = regexp.MustCompile(`(?:errs\.New|errs\.Wrap|\.Check|\.Fail)\([^\n]*"([a-z_0-9]+\.[a-z_0-9.]+)"`)
	// builtKey is .T("prefix." + …, which needs a comment that declares the prefix.
	builtKey = regexp.MustCompile(`\.T\("([a-z_0-9.]+)" ?\+`)
	// declared is the comment: // i18n: prefix.*
	declared = regexp.MustCompile(`// i18n: ([a-z_0-9.]+)\*`)
)

// TestUsedKeysExist reads every Go and templ file of the repository and fails for a key that no
// catalogue has. A key built from parts is declared where it is built, by a comment `// i18n: prefix.*`,
// and at least one key must begin so.
func TestUsedKeysExist(t *testing.T) {
	root := repository(t)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if name != "." && strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") || name == "doc.go" { // doc.go shows examples
			return nil
		}
		if ext := filepath.Ext(name); ext != ".go" && ext != ".templ" {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, fault := range faults(string(b)) {
			t.Errorf("%s: %s", strings.TrimPrefix(path, root+"/"), fault)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFaultsAreFound(t *testing.T) {
	for source, want := range map[string]int{
		`l.T("time.h", "h", 2)`:                           0,
		`l.T("no.such")`:                                  1,
		`l.T("time." + unit) // i18n: time.*`:             0,
		`l.T("time." + unit)`:                             1,
		`l.T("none." + unit) // i18n: none.*`:             1,
		`return errs.New(errs.Invalid, "no.such", "n",`:   1,
		`f.Check(n > 0, "children", "error.required")`:    0,
		`f.Check(n > 0, "children", "error.no_such")`:     1,
		`errs.Wrap(errs.Denied, err, "error.denied")`:     0,
		`db.Check(x); file.Fail("no key", "plain words")`: 0,
	} {
		if got := faults(source); len(got) != want {
			t.Errorf("%s: %v, want %d", source, got, want)
		}
	}
}

// faults returns what is wrong with the keys that a source uses.
func faults(source string) []string {
	var out []string
	for _, re := range []*regexp.Regexp{literalKey, errorKey} {
		for _, m := range re.FindAllStringSubmatch(source, -1) {
			if !Has(m[1]) {
				out = append(out, "no catalogue has "+m[1])
			}
		}
	}
	prefixes := map[string]bool{}
	for _, m := range declared.FindAllStringSubmatch(source, -1) {
		prefixes[m[1]] = true
		if !hasPrefix(m[1]) {
			out = append(out, "no catalogue has a key that begins with "+m[1])
		}
	}
	for _, m := range builtKey.FindAllStringSubmatch(source, -1) {
		if !prefixes[m[1]] {
			out = append(out, "a key is built from "+m[1]+" without a comment // i18n: "+m[1]+"*")
		}
	}
	return out
}

func hasPrefix(prefix string) bool {
	for key := range catalog() {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// repository returns the directory of go.mod.
func repository(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}
