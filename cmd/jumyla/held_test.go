package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/jumyla/jumyla/internal/i18n"
)

// typed is a line of testdata/script: what was typed, and what it has to end with.
type typed struct {
	where string
	dir   string // with the files of the script
	args  []string
	code  int
}

// scripted returns every line of the scripts that runs the program and says what it ends with.
func scripted(t *testing.T) []typed {
	t.Helper()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var all []typed
	for _, file := range files {
		story, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := txtar.Write(story, dir); err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(story.Comment), "\n") {
			if x, ok := readTyped(line); ok {
				x.where, x.dir = filepath.Base(file)+":"+strconv.Itoa(i+1), dir
				all = append(all, x)
			}
		}
	}
	return all
}

// readTyped reads a line of a script.
func readTyped(line string) (typed, bool) {
	w := words(line)
	at := slices.Index(w, "jumyla")
	switch {
	case len(w) == 2 && w[0] == "serve": // as scriptServe starts it
		return typed{args: []string{"serve", "--listen", "x", "--peers", "x"}}, true
	case at < 1:
		return typed{}, false
	case w[0] == "exec" || w[0] == "served":
		return typed{args: w[at+1:]}, true
	case w[0] == "exits" || w[0] == "answers":
		code, err := strconv.Atoi(w[1])
		return typed{args: w[at+1:], code: code}, err == nil
	}
	return typed{}, false
}

// words splits a line at spaces, but within 'quotes'.
func words(line string) []string {
	var out []string
	var b strings.Builder
	quoted, begun := false, false
	for _, r := range line {
		switch {
		case r == '\'':
			quoted, begun = !quoted, true
		case r == ' ' && !quoted:
			if begun {
				out = append(out, b.String())
			}
			b.Reset()
			begun = false
		default:
			b.WriteRune(r)
			begun = true
		}
	}
	if begun {
		out = append(out, b.String())
	}
	return out
}

// leaves returns the program's commands, as "stock set", each with the names of its flags.
func leaves(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, n := range parser(t).Model.Leaves(false) {
		out[nameOf(n)] = []string{}
		for _, f := range n.Flags {
			out[nameOf(n)] = append(out[nameOf(n)], f.Name)
		}
	}
	return out
}

func nameOf(n *kong.Node) string {
	if n.Parent.Type == kong.ApplicationNode {
		return n.Name
	}
	return nameOf(n.Parent) + " " + n.Name
}

func parser(t *testing.T) *kong.Kong {
	t.Helper()
	p, err := kong.New(&cli{}, kong.Name("jumyla"), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEveryCommandIsInAScript holds that each command has been run to its end by a script, with each of its flags: a
// command or a flag that is new fails until a story uses it.
func TestEveryCommandIsInAScript(t *testing.T) {
	done := map[string]map[string]bool{}
	for _, x := range scripted(t) {
		if slices.Contains(x.args, "--help") {
			continue
		}
		t.Chdir(x.dir)
		ctx, err := parser(t).Parse(x.args)
		switch {
		case x.code == exitUsage && err == nil:
			t.Errorf("%s: the line is understood", x.where)
		case x.code != exitUsage && err != nil:
			t.Errorf("%s: %v", x.where, err)
		}
		if x.code != 0 || err != nil {
			continue
		}
		name := nameOf(ctx.Selected())
		if done[name] == nil {
			done[name] = map[string]bool{}
		}
		for _, p := range ctx.Path {
			if p.Flag != nil {
				done[name][p.Flag.Name] = true
			}
		}
	}
	for name, flags := range leaves(t) {
		if done[name] == nil {
			t.Errorf("no script runs jumyla %s", name)
		}
		for _, f := range flags {
			if !done[name][f] {
				t.Errorf("no script runs jumyla %s --%s", name, f)
			}
		}
	}
}

// opening is how each command that opens a centre is typed, in a folder that has the files x.csv and x.geojson and no more.
var opening = map[string]string{
	"import": "import requests x.csv", "undo": "undo 05z4sqs7qrdqbnvs6rfkjtptx0", "export": "export requests -o out.csv",
	"rules preset": "rules preset almaty-2022-01", "check": "check 48-39-42 --by phone", "stock set": "stock set bread 1", "plan": "plan --date 2022-01-12",
	"sheets": "sheets --date 2022-01-12 -o out.pdf", "outcome": "outcome --crew 1 --stop 1 delivered", "rebuild": "rebuild", "verify": "verify", "backup": "backup b.jumyla",
	"peer card": "peer card -o x.card", "peer list": "peer list", "peer address": "peer address x 127.0.0.1:1", "peer exchange": "peer exchange x",
	"bundle write": "bundle write --to x -o .", "handover": "handover 48-39-42 --to x --why area", "recall": "recall 48-39-42 --why area", "refuse": "refuse 48-39-42 --why area",
	"proposals": "proposals", "erasures": "erasures", "holders print": "holders print -o p.pdf", "holders accept": "holders accept x --words 'a b c d e f'",
	"holders show": "holders show", "holders renew": "holders renew --to x -o r.json", "forget": "forget 48-39-42", "permit write": "permit write --lost x -o p.json", "adopt": "adopt x", "returned": "returned", "entrust": "entrust --to x",
	"centre tree": "centre tree", "centre place": "centre place --level district", "centre back": "centre back", "centre picture": "centre picture",
	"match status": "match status", "match use": "match use", "match offer": "match offer", "match pairs": "match pairs", "match same": "match same 05z4sqs7qrdqbnvs6rfkjtptx0",
	"match different": "match different 05z4sqs7qrdqbnvs6rfkjtptx0", "match undo": "match undo 05z4sqs7qrdqbnvs6rfkjtptx0",
}

// otherwise is every other command, and why it does not come to the centre's door as those do.
var otherwise = map[string]string{
	"init": "makes a centre; exit.txtar", "serve": "an empty folder is set up on a page; served.txtar", "demo": "has a folder of its own; served.txtar",
	"restore": "makes a centre of a back-up; damaged.txtar", "panic": "asks for no passphrase; panic.txtar",
	"doctor": "says it among its findings; exit.txtar, locked.txtar", "peer show": "reads a card, no centre; stick.txtar", "peer add": "reads the card first; stick.txtar",
	"bundle read": "reads the file first; stick.txtar", "holders set": "reads papers first; lost.txtar", "holders which": "reads a paper first; lost.txtar",
	"holders sign": "reads the file first; lost.txtar", "holders publish": "reads the file first; lost.txtar", "permit sign": "reads the file first; lost.txtar",
	"permit publish": "reads the file first; lost.txtar", "bench route": "an engine", "bench table": "an engine", "roads build": "an engine; a centre's folder, not its data",
	"roads table": "an engine", "roads route": "an engine", "roads find": "an engine", "names rank": "an engine", "names dedupe": "an engine",
	"match key": "reads paper first; match.txtar",
}

// TestEveryCommandAtTheDoor types each command as it should not be: with a flag that there is not, where there is no centre,
// without a passphrase and with a wrong one, and while another program has the folder open. Each says so by its exit code and in
// the three languages, and leaves the centre as it was.
func TestEveryCommandAtTheDoor(t *testing.T) {
	t.Setenv("JUMYLA_CHEAP_KEYS", "1")
	for name := range leaves(t) {
		if (opening[name] == "") == (otherwise[name] == "") {
			t.Errorf("say in held_test.go how jumyla %s opens a centre, or why it does not", name)
		}
	}
	t.Chdir(t.TempDir())
	for _, f := range []string{"x.csv", "x.geojson"} {
		if err := os.WriteFile(f, []byte("address,needs\nАбай 1,нан\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("JUMYLA_PASSPHRASE", passphrase)
	must(t, "--data", "c", "init", "--name", "Оқу орталығы", "--area", "almaty-city", "--admin", "Айгүл Тестова")
	before := must(t, "--data", "c", "verify")
	for name := range leaves(t) {
		refused(t, exitUsage, "usage.flag", append(strings.Fields(name), "--no-such-flag")...)
	}
	for _, door := range []struct {
		code             int
		key, dir, secret string
	}{
		{exitInvalid, "store.absent", "nowhere", passphrase}, {exitLocked, "store.secret_missing", "c", ""}, {exitLocked, "store.secret_wrong", "c", "бөтен сөз бұл"},
	} {
		t.Setenv("JUMYLA_PASSPHRASE", door.secret)
		for _, line := range opening {
			refused(t, door.code, door.key, append([]string{"--data", door.dir}, words(line)...)...)
		}
	}
	t.Setenv("JUMYLA_PASSPHRASE", passphrase)
	db, err := open(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range opening {
		refused(t, exitInUse, "store.in_use", append([]string{"--data", "c"}, words(line)...)...)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if after := must(t, "--data", "c", "verify"); after != before {
		t.Errorf("something was written: %s, then %s", before, after)
	}
	if left, err := filepath.Glob("[^cx]*"); err != nil || len(left) > 0 {
		t.Errorf("files were left behind: %v %v", left, err)
	}
}

// refused runs the program, which has to end with a code and to say what stands under a key in the machine's language.
func refused(t *testing.T, code int, key string, args ...string) {
	t.Helper()
	for _, l := range i18n.Langs() {
		t.Setenv("LANG", string(l)+"_KZ.UTF-8")
		said, got := jumyla(t, args...)
		if got != code {
			t.Errorf("jumyla %s ended with %d, want %d: %s", strings.Join(args, " "), got, code, said)
		}
		for part := range strings.SplitSeq(message(l, key), "\x00") {
			if !strings.Contains(said, part) {
				t.Errorf("%s: jumyla %s does not say %q but %s", l, strings.Join(args, " "), part, said)
			}
		}
	}
}
