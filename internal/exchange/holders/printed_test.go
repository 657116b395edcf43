package holders_test

import (
	"bytes"
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/holders"
)

// TestPrintedKey: what stands on paper is read back, in whatever case and spacing.
func TestPrintedKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := holders.NewSecret(bytes.NewReader(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "chance")))
		if err != nil {
			t.Fatal(err)
		}
		text := s.Printed()
		for _, typed := range []string{text, strings.ToLower(text), strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(text, " ", " - "),
			strings.NewReplacer("0", "o", "1", "l").Replace(text)} {
			if got, err := holders.Parse(typed); err != nil || got != s {
				t.Fatalf("%q: %v", typed, err)
			}
		}
	})
}

// TestATypoIsFound: one wrong letter is always found, and its group is named.
func TestATypoIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := holders.NewSecret(bytes.NewReader(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "chance")))
		if err != nil {
			t.Fatal(err)
		}
		text := []byte(strings.ReplaceAll(s.Printed(), " ", ""))
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		letter := rapid.SampledFrom([]byte("0123456789ABCDEFGHJKMNPQRSTVWXYZ")).Draw(t, "letter")
		if letter == text[at] {
			return
		}
		text[at] = letter
		_, err = holders.Parse(string(text))
		var e *errs.Error
		if !errs.Is(err, errs.Invalid) || !asError(err, &e) || e.Key != "holders.group" || e.Args[1] != at/5+1 {
			t.Fatalf("letter %d: %v", at, err)
		}
	})
}

// TestGroupsInTheWrongOrder: two groups that changed places, a group left out and one too many are found.
func TestGroupsInTheWrongOrder(t *testing.T) {
	for range 200 {
		s, err := holders.NewSecret(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		g := strings.Fields(s.Printed())
		swapped := append([]string{g[1], g[0]}, g[2:]...)
		for _, typed := range [][]string{swapped, g[1:], append(slices.Clip(g), g[0]), {}, g[:3]} {
			if strings.Join(typed, "") == strings.Join(g, "") {
				continue
			}
			if got, err := holders.Parse(strings.Join(typed, " ")); !errs.Is(err, errs.Invalid) {
				t.Fatalf("%v read as %v: %v", typed, got, err)
			}
		}
	}
}
