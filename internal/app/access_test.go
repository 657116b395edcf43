package app

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/lan"
)

// TestWhoMayUseWhat holds every page × role against testdata/access.golden, so that a right that changes is
// seen by whoever reviews the change. JUMYLA_UPDATE=1 writes the file anew.
func TestWhoMayUseWhat(t *testing.T) {
	s := &server{events: &web.Events{}, opt: Options{Demo: true}, door: &lan.Door{}}
	mux := web.New(s.webConfig(nil), append(s.routes(nil, nil), s.doors().Routes())...) // a drill has no keys to destroy
	roles := account.All.Each()
	var lines []string
	for _, r := range mux.Routes() {
		var who []string
		if r.Allow.Permits(0, false) {
			who = append(who, "stranger")
		} else if r.Allow.Permits(0, true) {
			who = append(who, "this-machine")
		}
		for _, role := range roles {
			if r.Allow.Permits(role, false) {
				who = append(who, role.String())
			}
		}
		if len(who) == 0 {
			t.Errorf("%s is open to nobody", r.Pattern)
		}
		lines = append(lines, fmt.Sprintf("%-34s %s", r.Pattern, strings.Join(who, " ")))
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	file := filepath.Join("testdata", "access.golden")
	if os.Getenv("JUMYLA_UPDATE") == "1" {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("rights differ from %s (JUMYLA_UPDATE=1 writes it):\n%s", file, got)
	}
}
