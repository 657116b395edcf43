package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestOperateIsTrue holds docs/operate.md to the program: each command in it can be typed, each of the job's commands
// is in it, and so is each exit code.
func TestOperateIsTrue(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "operate.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	named := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)(?:^    |`)jumyla ([^`\n]*)").FindAllStringSubmatch(text, -1) {
		args := strings.Fields(m[1])
		if args[0] == "--help" {
			continue
		}
		named[args[0]] = true
		for i, a := range args {
			if a == "STICK" || a == "MAP" || a == "FILE" {
				args[i] = "x"
			}
		}
		p, err := kong.New(&cli{}, kong.Name("jumyla"), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Parse(args); err != nil {
			t.Errorf("jumyla %s: %v", m[1], err)
		}
	}
	for _, name := range []string{"init", "serve", "demo", "import", "undo", "rules", "check", "stock", "plan", "sheets", "outcome", "verify", "rebuild", "backup", "restore", "doctor"} {
		if !named[name] {
			t.Errorf("docs/operate.md does not name %s", name)
		}
	}
	for _, code := range []int{0, exitInternal, exitUsage, exitInvalid, exitInUse, exitLocked} {
		if !strings.Contains(text, "| "+string(rune('0'+code))+" |") {
			t.Errorf("docs/operate.md does not say what exit code %d means", code)
		}
	}
}
