package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Violation is one rule of WCAG that a page breaks, and where.
type Violation struct {
	ID     string `json:"id"`     // axe's name of the rule: "color-contrast"
	Impact string `json:"impact"` // minor, moderate, serious, critical
	Help   string `json:"help"`
	Nodes  []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// String names the rule and the first places that break it.
func (v Violation) String() string {
	s := fmt.Sprintf("%s (%s): %s", v.ID, v.Impact, v.Help)
	for i, n := range v.Nodes {
		if i == 3 {
			return s + fmt.Sprintf("\n  and %d more", len(v.Nodes)-i)
		}
		s += "\n  " + n.HTML + "\n  " + n.Summary
	}
	return s
}

// Axe checks the page as it stands against WCAG 2.0, 2.1 and 2.2 A and AA and axe's best practices, or against the rules
// named alone: Axe("color-contrast") is what another theme can break.
func (p *Page) Axe(rules ...string) []Violation {
	p.t.Helper()
	script, err := os.ReadFile(filepath.Join(p.root(), "node_modules/axe-core/axe.min.js"))
	if err != nil {
		p.t.Skip("SKIPPED: no axe-core in node_modules; `make test` installs it")
	}
	only := `["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]`
	if len(rules) > 0 {
		named, err := json.Marshal(rules)
		if err != nil {
			p.t.Fatal(err)
		}
		only = `{type: "rule", values: ` + string(named) + `}`
	}
	if !Eval[bool](p, `"axe" in window`) {
		Eval[bool](p, string(script)+"\n;true")
	}
	out := Eval[string](p, `axe.run(document, {resultTypes: ["violations"], runOnly: `+only+`}).then(r => JSON.stringify(r.violations))`)
	var found []Violation
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		p.t.Fatalf("browser: read axe's answer: %v", err)
	}
	return found
}

// root returns the directory of go.mod.
func (p *Page) root() string {
	p.t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		p.t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			p.t.Fatal("browser: no go.mod above the test")
		}
		dir = up
	}
}
