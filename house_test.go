package jumyla_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module          = "github.com/jumyla/jumyla/"
	maxFileLines    = 800  // of one file that nobody generated
	maxPackageLines = 4000 // of a package's Go and templ, without tests and what is generated
)

// group is a kind of room in the house.
type group string

const (
	binary group = "binary" // reads the command line
	wiring group = "wiring" // builds everything, knows everyone
	edge   group = "edge"   // pages and channels, by audience
	kit    group = "kit"    // what pages are made of
	verb   group = "verb"   // work that spans nouns
	noun   group = "noun"   // a type with its rules, its SQL and its projection
	ground group = "ground" // what everyone stands on
	engine group = "engine" // pure, useful to others
	drill  group = "drill"  // invented people, as plain values
	tests  group = "tests"  // for tests only
)

// rooms says to which group a folder belongs, and all folders under it that are not named themselves.
var rooms = map[string]group{
	"cmd": binary, "internal/app": wiring, "internal/web": kit, "internal/channel": edge,
	"internal/intake": verb, "internal/exchange": verb, "internal/dispatch": verb, "internal/report": verb, "internal/export": verb,
	"internal/account": noun, "internal/centre": noun, "internal/household": noun, "internal/request": noun,
	"internal/volunteer": noun, "internal/crew": noun, "internal/run": noun, "internal/rule": noun,
	"internal/supply": noun, "internal/twin": noun, "internal/place": noun, "internal/area": noun, "internal/authority": noun, "internal/list": noun,
	"internal/store": ground, "internal/id": ground, "internal/errs": ground, "internal/i18n": ground,
	"internal/print": ground, "internal/contact": ground, "internal/tabular": ground,
	"route": engine, "ledger": engine, "names": engine, "roads": engine,
	"internal/demo": drill, "internal/testkit": tests,
}

// arrows says which groups a group may import. Whatever is not here is forbidden.
var arrows = map[group][]group{
	binary: {binary, wiring, edge, kit, verb, noun, ground}, // the command line does the pages' job
	wiring: {edge, kit, verb, noun, ground, engine, drill},
	edge:   {edge, kit, verb, noun, ground},
	kit:    {kit, ground},
	verb:   {noun, ground, engine},
	noun:   {ground},
	ground: {ground},
	engine: {},
	drill:  {ground},
	tests:  {edge, kit, verb, noun, ground, engine, drill, tests},
}

// doors are the imports that go against the arrows, each with its reason. A noun that imports another noun
// holds its ID, never its SQL, unless the reason says more.
var doors = map[[2]string]string{
	{"internal/store", "ledger"}:               "store keeps the ledger",
	{"internal/store/chain", "ledger"}:         "walks the ledger's lanes",
	{"internal/store/cards", "ledger"}:         "reads entries of dir",
	{"internal/store/second", "ledger"}:        "knows an erasure when it copies one",
	{"internal/store/frame", "ledger"}:         "a log of entries is applied",
	{"internal/volunteer", "ledger"}:           "keeps a row in the encoding of entries",
	{"internal/rule", "ledger"}:                "compares rules by their encoding in entries",
	{"internal/rule", "internal/area"}:         "a rule is written for an area that is known by its code or its name",
	{"internal/household", "names"}:            "an address is found however it is written: three scripts, old and new names of what a street is",
	{"internal/web", "internal/account"}:       "a route names the roles that may use it",
	{"internal/request", "internal/household"}: "a request is a household's: its ID, and urgency weighs who lives there",
	{"cmd/jumyla", "roads"}:                    "roads are made of an extract, and tried, without a centre",
	{"internal/request", "internal/list"}:      "what a list brings bears its ID, and is hidden until the list is whole",
	{"internal/household", "internal/list"}:    "as requests do",
	{"internal/volunteer", "internal/list"}:    "as requests do",
	{"internal/crew", "internal/list"}:         "as requests do",
	{"internal/place", "internal/list"}:        "as requests do",
	{"roads/gazetteer", "names"}:               "streets are spelled as people are",
	{"cmd/jumyla", "roads/gazetteer"}:          "as with roads",
	{"internal/web/chart", "roads/tiles"}:      "a map of streets is drawn as the extract has it: nothing of the centre stands between",
	{"cmd/jumyla", "internal/demo"}:            "the drill's command starts its clock where the invented afternoon is",
	{"cmd/jumyla/spelled", "names"}:            "checks the engine on files, with no centre's data: nothing stands between",
	{"internal/web/try", "internal/demo"}:      "the drill's door tells the steps and gives the list that come with the invented people",
	{"internal/crew", "internal/volunteer"}:    "a crew holds only those whom somebody has seen to be adult: asked when it is formed and when it is applied",

	{"internal/exchange/tree", "internal/exchange/link"}:     "a centre that was met over a network is known as of then",
	{"internal/dispatch/sheet", "internal/dispatch/way"}:     "a sheet tells the way that is a part of dispatch as it is",
	{"internal/dispatch", "internal/exchange/match"}:         "a basket that another centre brought to the same household counts as ours",
	{"internal/exchange/match", "internal/exchange/holders"}: "a key for comparing stands on paper as key-holders' do",
}

// source is one Go or templ file of the repository.
type source struct {
	path, dir string
	lines     int // 0 where it is generated
	test      bool
	comment   bool     // it has the package's comment
	imports   []string // folders of this module; a templ file's are those of the Go generated from it
}

// sources reads every file of the house.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		ext := filepath.Ext(path)
		if d.IsDir() || ext != ".go" && ext != ".templ" {
			return nil
		}
		s, err := read(path)
		all = append(all, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func read(path string) (source, error) {
	s := source{path: path, dir: filepath.ToSlash(filepath.Dir(path)), test: strings.HasSuffix(path, "_test.go")}
	b, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	s.lines = bytes.Count(b, []byte("\n"))
	if filepath.Ext(path) == ".templ" {
		return s, nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, b, parser.ParseComments|parser.ImportsOnly)
	if err != nil {
		return s, err
	}
	if ast.IsGenerated(file) {
		s.lines = 0
	}
	s.comment = file.Doc != nil
	for _, i := range file.Imports {
		name, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return s, err
		}
		if dir, ours := strings.CutPrefix(name, module); ours {
			s.imports = append(s.imports, dir)
		}
	}
	return s, nil
}

// TestHouse holds what every package must keep: a comment that says what it is, and files and packages that
// can be read.
func TestHouse(t *testing.T) {
	commented, lines := map[string]bool{}, map[string]int{}
	for _, s := range sources(t) {
		if s.lines > maxFileLines {
			t.Errorf("%s has %d lines, more than %d", s.path, s.lines, maxFileLines)
		}
		if !s.test {
			commented[s.dir] = commented[s.dir] || s.comment
			lines[s.dir] += s.lines
		}
	}
	for dir, n := range lines {
		if !commented[dir] {
			t.Errorf("package %s has no comment", dir)
		}
		if n > maxPackageLines {
			t.Errorf("package %s has %d lines, more than %d", dir, n, maxPackageLines)
		}
	}
}

// TestArrows holds the direction of imports: cmd → app → pages and channels → verbs → nouns → ground, with
// the engines beside them. Tests may import what they like.
func TestArrows(t *testing.T) {
	used, present := map[[2]string]bool{}, map[string]bool{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		present[s.dir] = true
		for _, to := range s.imports {
			used[[2]string{s.dir, to}] = true
			if fault := against(s.dir, to); fault != "" {
				t.Errorf("%s imports %s: %s", s.path, to, fault)
			}
		}
		if groupOf(s.dir) == "" {
			t.Errorf("%s has no place in the house: give %s one in rooms", s.path, s.dir)
		}
	}
	for door, reason := range doors {
		if reason == "" {
			t.Errorf("the door from %s to %s has no reason", door[0], door[1])
		}
		if present[door[0]] && !used[door] {
			t.Errorf("nobody goes from %s to %s any more: close the door", door[0], door[1])
		}
	}
}

// against says why a folder may not import another, or "".
func against(from, to string) string {
	if doors[[2]string{from, to}] != "" || within(from, to) {
		return ""
	}
	a, b := groupOf(from), groupOf(to)
	if slices.Contains(arrows[a], b) {
		return ""
	}
	return "a package of group " + string(a) + " may not know one of group " + string(b)
}

// within reports whether one folder lies in the other: a package may be split into folders.
func within(from, to string) bool {
	return groupOf(from) == groupOf(to) && (strings.HasPrefix(from, to+"/") || strings.HasPrefix(to, from+"/"))
}

// groupOf returns the group of a folder. The kit of pages is internal/web itself; the folders in it are edges.
func groupOf(dir string) group {
	if strings.HasPrefix(dir, "internal/web/") {
		return edge
	}
	for at := dir; at != "."; at = filepath.ToSlash(filepath.Dir(at)) {
		if g, ok := rooms[at]; ok {
			return g
		}
	}
	return ""
}

// TestAgainst makes sure that the arrows forbid what they should.
func TestAgainst(t *testing.T) {
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"cmd/jumyla", "internal/app", true},
		{"cmd/jumyla", "internal/request", true},
		{"cmd/jumyla", "route", false},
		{"internal/app", "internal/web/desk", true},
		{"internal/web/desk", "internal/app", false},
		{"internal/web/desk", "internal/intake", true},
		{"internal/web/desk", "internal/request", true},
		{"internal/web/desk", "route", false},
		{"internal/web", "internal/request", false},
		{"internal/web", "internal/account", true},
		{"internal/intake", "internal/web", false},
		{"internal/intake", "internal/dispatch", false},
		{"internal/dispatch", "route", true},
		{"internal/request", "internal/store", true},
		{"internal/request", "route", false},
		{"internal/request", "ledger", false},
		{"internal/request", "internal/run", false},
		{"internal/household", "internal/request", false},
		{"internal/store", "ledger", true},
		{"internal/store", "internal/request", false},
		{"internal/id", "ledger", false},
		{"internal/tabular", "internal/tabular/cell", true},
		{"ledger", "internal/errs", false},
		{"route", "ledger", false},
		{"internal/request", "internal/testkit/browser", false},
		{"internal/print", "internal/nowhere", false},
	} {
		if fault := against(c.from, c.to); (fault == "") != c.allowed {
			t.Errorf("%s → %s: allowed %v, want %v (%s)", c.from, c.to, fault == "", c.allowed, fault)
		}
	}
}

var (
	link  = regexp.MustCompile(`\]\(([^):#]+)\)`)
	quote = regexp.MustCompile("`((?:cmd|docs|internal|ledger|route|roads)/[^` ]*)`")
	entry = regexp.MustCompile(`(?m)^ *([a-z0-9]+)/[a-z/]* `)
)

// TestDocuments finds what rots first in documents: links and paths to what is not there any more, and rooms
// that ARCHITECTURE.md does not show.
func TestDocuments(t *testing.T) {
	documents, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	decisions, err := filepath.Glob("docs/*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(documents, decisions...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", name, m[1])
			}
		}
		for _, m := range quote.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(m[1]); err != nil {
				t.Errorf("%s names %s, which is not there", name, m[1])
			}
		}
	}
	house, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, m := range entry.FindAllStringSubmatch(string(house), -1) {
		shown[m[1]] = true
	}
	for _, s := range sources(t) {
		if room := roomOf(s.dir); !s.test && !shown[room] {
			t.Errorf("ARCHITECTURE.md does not show %s", room)
			shown[room] = true
		}
	}
}

// roomOf returns the name under which ARCHITECTURE.md shows the room that a folder is in: cmd, route, store.
func roomOf(dir string) string {
	room, _, _ := strings.Cut(strings.TrimPrefix(dir, "internal/"), "/")
	return room
}
