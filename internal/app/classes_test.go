package app

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// TestWhoMayKnowWhat keeps which field of which kind stands in which class. Whoever adds a field, or moves one, sees here
// what other centres will know: what stands under dir and coord reaches every one of them, and must name nobody, not even
// by inference. JUMYLA_UPDATE=1 writes the table anew.
func TestWhoMayKnowWhat(t *testing.T) {
	var lines []string
	for _, k := range Kinds() {
		of := map[ledger.Class][]string{}
		for _, f := range store.FieldsOf(k) {
			of[f.Class] = append(of[f.Class], f.Name)
			named := strings.Contains(f.Type.String(), "contact.")
			if named && (f.Class == ledger.Dir || f.Class == ledger.Coord) {
				t.Errorf("%s.%s names people, and every centre would have it", k.Name(), f.Name)
			}
		}
		for _, class := range ledger.Classes() {
			if names := of[class]; len(names) > 0 {
				slices.Sort(names)
				lines = append(lines, fmt.Sprintf("%-18s %-5s %s", k.Name(), class, strings.Join(names, " ")))
			}
		}
	}
	slices.Sort(lines)
	got := []byte(strings.Join(lines, "\n") + "\n")
	path := filepath.Join("testdata", "classes.golden")
	if os.Getenv("JUMYLA_UPDATE") != "" {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the fields' classes are not those of %s; after a change that is meant: JUMYLA_UPDATE=1 go test ./internal/app -run TestWhoMayKnowWhat\n%s", path, got)
	}
}
