package intake_test

import (
	"bytes"
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular"
	"github.com/jumyla/jumyla/internal/testkit/ugly"
)

// literals returns the texts that stand in a Go file, and fails for one that is no Go.
func literals(t *testing.T, name string) []string {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	if _, err := parser.ParseFile(files, name, src, parser.SkipObjectResolution); err != nil {
		t.Fatal(err)
	}
	var s scanner.Scanner
	s.Init(files.AddFile(name, -1, len(src)), src, nil, 0)
	var out []string
	for {
		_, tok, lit := s.Scan()
		if tok == token.EOF {
			return out
		}
		if tok == token.STRING {
			out = append(out, strings.Trim(lit, "\"`"))
		}
	}
}

// said returns the keys of what the readers of lists can say of a file, a row or a cell.
func said(t *testing.T) []string {
	t.Helper()
	key := regexp.MustCompile(`^(tabular|lists|place|error)\.[a-z_0-9.]+[a-z_0-9]$`)
	keys := map[string]bool{}
	for _, pattern := range []string{"../tabular/*.go", "../tabular/cell/*.go", "../list/*.go", "list*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatal(pattern, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, s := range literals(t, name) {
				if key.MatchString(s) {
					keys[s] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// TestEveryErrorOfTheParsersHasWords goes through all that the readers of lists can say: each has words in three languages, which are
// three, and those of a refusal say after what is wrong what to do.
func TestEveryErrorOfTheParsersHasWords(t *testing.T) {
	keys := said(t)
	if len(keys) < 70 {
		t.Fatalf("only %d found: %q", len(keys), keys)
	}
	refusal := regexp.MustCompile(`^(tabular\.(file|cell|row|phone|date|count|age|bool|coords)|lists\.(person|refuse|missing|mapping|kind|time|language|again|stopped))\b`)
	next := regexp.MustCompile(`[.:!?;] ?\S.*[.]$`)
	cyrillic := regexp.MustCompile(`\p{Cyrillic}`)
	for _, key := range keys {
		if !i18n.Has(key) {
			t.Errorf("%s has no words", key)
			continue
		}
		kk, ru, en := i18n.KK.T(key), i18n.RU.T(key), i18n.EN.T(key)
		if kk == ru || ru == en || kk == en || !cyrillic.MatchString(kk) || !cyrillic.MatchString(ru) || cyrillic.MatchString(en) {
			t.Errorf("%s is not said in three languages: %q, %q, %q", key, kk, ru, en)
		}
		for _, words := range []string{kk, ru, en} {
			if refusal.MatchString(key) && key != "tabular.cell.empty" && !next.MatchString(words) {
				t.Errorf("%s does not say what to do: %q", key, words)
			}
		}
	}
}

// TestEveryFileThatIsRefused brings a file for each of the messages with which files are refused: none is left without one.
func TestEveryFileThatIsRefused(t *testing.T) {
	db := open(t)
	left := map[string]bool{"tabular.file.no_sheet": true}
	for _, key := range said(t) {
		if strings.HasPrefix(key, "tabular.file.") {
			left[key] = true
		}
	}
	for _, f := range ugly.Refused() {
		_, err := tabular.ReadTable(t.Context(), bytes.NewReader(f.Content), f.Limits)
		answered(t, f.Name, err, f.Key)
		if f.Limits == (tabular.Limits{}) {
			_, err := intake.Import(t.Context(), db, coordinator, intake.Requests, bytes.NewReader(f.Content), intake.Options{})
			answered(t, f.Name, err, f.Key)
		}
		delete(left, f.Key)
	}
	_, err := intake.Import(t.Context(), db, coordinator, intake.Requests, strings.NewReader("адрес;нужно\nАбая 1;хлеб\n"), intake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = intake.Table(t.Context(), []byte("адрес;нужно\nАбая 1;хлеб\n"), &list.Plan{Sheet: 7, Header: -1})
	answered(t, "a sheet that is not there", err, "tabular.file.no_sheet")
	delete(left, "tabular.file.no_sheet")
	if len(left) > 0 {
		t.Errorf("no file is refused with %v", slices.Sorted(maps.Keys(left)))
	}
	drafts, err := store.One[int](t.Context(), db, "drafts", "SELECT count(*) FROM job")
	if err != nil || drafts != 1 {
		t.Errorf("%d lists lie on the table, %v", drafts, err)
	}
}

// answered holds that an error is the one of a key, and that its words in each language lack nothing.
func answered(t *testing.T, what string, err error, key string) {
	t.Helper()
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid || e.Key != key {
		t.Errorf("%s: %v, want %s", what, err, key)
		return
	}
	for _, l := range i18n.Langs() {
		if words := l.T(e.Key, e.Args...); strings.ContainsAny(words, "⟦{") {
			t.Errorf("%s in %s: %s", what, l, words)
		}
	}
}

// TestUglyLists brings each list as the page does, with the columns as they are suggested: what each row becomes is said before, comes so
// in full, and goes whole when the list is taken back.
func TestUglyLists(t *testing.T) {
	for _, l := range ugly.Lists() {
		t.Run(l.Name, func(t *testing.T) {
			db := open(t)
			nothing := shown(t, db)
			d, err := intake.Bring(t.Context(), db, coordinator, list.Plan{What: "requests", Sheet: -1, Header: -1}, l.Content)
			if err != nil {
				t.Fatal(err)
			}
			table(t, l, &d.Plan)
			if len(l.Taken) == 0 {
				return
			}
			if err := intake.Look(t.Context(), db, coordinator, d.ID, 1, nil); err != nil {
				t.Fatalf("%v with the columns %+v", err, d.Mapping.Columns)
			}
			rows, err := list.Rows(t.Context(), db, d.ID, list.Choice{})
			if err != nil {
				t.Fatal(err)
			}
			becomes(t, l, rows)
			if err := intake.TakeList(t.Context(), db, coordinator, d.ID, 1, nil); err != nil {
				t.Fatal(err)
			}
			res, err := intake.ResultOf(t.Context(), db, d.ID)
			if err != nil {
				t.Fatal(err)
			}
			accounted(t, res)
			if res.Taken != len(l.Taken) {
				t.Errorf("%d taken, %d were promised", res.Taken, len(l.Taken))
			}
			if tally := undo(t, db, res); tally.Gone != len(l.Taken) || tally.Stayed != 0 || shown(t, db) != nothing {
				t.Errorf("taken back: %+v, %s", tally, shown(t, db))
			}
			same(t, db)
		})
	}
}

// table holds what is said of a list as a whole.
func table(t *testing.T, l ugly.List, plan *list.Plan) {
	t.Helper()
	tab, _, err := intake.Table(t.Context(), l.Content, plan)
	if err != nil {
		t.Fatal(err)
	}
	var notices []string
	for _, n := range tab.Notices {
		notices = append(notices, string(n.Key))
	}
	if !slices.Equal(notices, l.Notices) || l.Sheet != "" && tab.Sheet != l.Sheet {
		t.Errorf("sheet %q with %q, want %q", tab.Sheet, notices, l.Notices)
	}
}

// becomes holds what is said of each row before the list is taken.
func becomes(t *testing.T, l ugly.List, rows []list.Row) {
	t.Helper()
	var taken []string
	skipped, refused := map[int]string{}, map[int]string{}
	for _, r := range rows {
		switch r.Status {
		case list.RowTaken:
			before, _, _ := cutLast(r.Says, " · ") // what is needed comes last
			taken = append(taken, before)
		case list.RowSkipped:
			skipped[r.Row] = r.Reason
		case list.RowRefused:
			refused[r.Row] = r.Reason
		case list.RowGone, list.RowStayed:
			t.Errorf("row %d is %s before anything was taken", r.Row, r.Status)
		}
	}
	if !slices.Equal(taken, l.Taken) {
		t.Errorf("to be taken\n%s\nwant\n%s", strings.Join(taken, "\n"), strings.Join(l.Taken, "\n"))
	}
	if !maps.Equal(skipped, l.Skipped) {
		t.Errorf("skipped %v, want %v", skipped, l.Skipped)
	}
	if !maps.Equal(refused, l.Refused) {
		t.Errorf("refused %v, want %v", refused, l.Refused)
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
