package main

import (
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/i18n"
)

// TestAreasAgain loads a file of areas twice, and says each time what became of them.
func TestAreasAgain(t *testing.T) {
	dir := newCentre(t)
	const file = "../../internal/area/testdata/since.geojson"
	load := func(more ...string) (got struct{ Areas, Skipped, New, Replaced, Unchanged int }) {
		decode(t, must(t, append([]string{"--data", dir, "--json", "import", "areas", file}, more...)...), &got)
		return got
	}
	if got := load("--dry-run"); got.Areas != 3 || got.New != 3 {
		t.Errorf("what would be: %+v", got)
	}
	if got := load(); got.New != 3 || got.Replaced+got.Unchanged != 0 {
		t.Errorf("first: %+v", got)
	}
	if got := load("--source", "басқа дереккөз", "--dry-run"); got.Replaced != 3 {
		t.Errorf("from another source it would be: %+v", got)
	}
	if got := load(); got.Unchanged != 3 || got.New+got.Replaced != 0 {
		t.Errorf("again: %+v", got)
	}
	for _, lang := range i18n.Langs() {
		t.Setenv("LC_ALL", string(lang)+"_KZ.UTF-8")
		out := must(t, "--data", dir, "import", "areas", file)
		if says := (area.Kept{Unchanged: 3}).In(lang); !strings.Contains(out, says) {
			t.Errorf("%s: %q does not say %q", lang, out, says)
		}
	}
}
