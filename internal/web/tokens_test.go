package web

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestTokens computes the contrast of every pair of colours that meets on a page (WCAG 2.2, 1.4.3 and
// 1.4.11), light and dark, and holds the two dark blocks equal.
func TestTokens(t *testing.T) {
	css, err := os.ReadFile("assets/css/0-tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s):root[^{]*\{([^}]*)\}`).FindAllStringSubmatch(string(css), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of tokens, want light and twice dark", len(blocks))
	}
	light, dark, chosen := tokens(blocks[0][1]), tokens(blocks[1][1]), tokens(blocks[2][1])
	for name, value := range dark {
		if chosen[name] != value || len(chosen) != len(dark) {
			t.Errorf("--%s differs between the two dark blocks", name)
		}
	}
	for theme, colours := range map[string]map[string]string{"light": light, "dark": dark} {
		enough := func(front, back string, least float64) {
			t.Helper()
			if got := contrast(t, colours[front], colours[back]); got < least {
				t.Errorf("%s: %s on %s has %.2f : 1, want %.1f", theme, front, back, got, least)
			}
		}
		for _, back := range []string{"paper", "paper-2"} {
			for _, front := range []string{"ink", "ink-2", "accent", "urgent", "wait", "good", "info"} {
				enough(front, back, 4.5)
			}
			enough("edge", back, 3)
			enough("focus", back, 3)
		}
		for _, tone := range []string{"accent", "urgent", "wait", "good", "info"} {
			for _, front := range []string{tone, "ink", "ink-2", "accent"} {
				enough(front, tone+"-tint", 4.5)
			}
		}
		enough("on-accent", "accent", 4.5)
		enough("on-urgent", "urgent", 4.5)
	}
}

func tokens(block string) map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(block, -1) {
		out[m[1]] = m[2]
	}
	return out
}

// contrast is WCAG's ratio of relative luminances.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		t.Fatalf("colour %q: %v", hex, err)
	}
	sum := 0.0
	for shift, weight := range map[int]float64{16: .2126, 8: .7152, 0: .0722} {
		c := float64(n>>shift&255) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
