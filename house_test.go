package jumyla_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// maxFileLines is the ceiling of one file that nobody generated.
const maxFileLines = 800

// TestHouse holds what every package must keep: a comment that says what it
// is, and files that can be read.
func TestHouse(t *testing.T) {
	commented := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			return err
		}
		if lines := bytes.Count(src, []byte("\n")); lines > maxFileLines && !ast.IsGenerated(file) {
			t.Errorf("%s has %d lines, more than %d", path, lines, maxFileLines)
		}
		if !strings.HasSuffix(path, "_test.go") {
			dir := filepath.Dir(path)
			commented[dir] = commented[dir] || file.Doc != nil
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, ok := range commented {
		if !ok {
			t.Errorf("package %s has no comment", dir)
		}
	}
}
