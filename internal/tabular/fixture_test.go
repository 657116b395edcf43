package tabular_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/tabular"
)

// All people here are invented; the numbers ring nobody we know of.

// book builds an XLSX in memory; f has one sheet, "Sheet1".
func book(tb testing.TB, build func(f *excelize.File)) []byte {
	tb.Helper()
	f := excelize.NewFile()
	build(f)
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// put writes rows of cells from a row on.
func put(tb testing.TB, f *excelize.File, sheet string, from int, rows ...[]any) {
	tb.Helper()
	for i, r := range rows {
		at, err := excelize.CoordinatesToCellName(1, from+i)
		if err != nil {
			tb.Fatal(err)
		}
		if err := f.SetSheetRow(sheet, at, &r); err != nil {
			tb.Fatal(err)
		}
	}
}

func merge(tb testing.TB, f *excelize.File, from, to string) {
	tb.Helper()
	if err := f.MergeCell("Sheet1", from, to); err != nil {
		tb.Fatal(err)
	}
}

func read(tb testing.TB, b []byte) *tabular.Table {
	tb.Helper()
	tab, err := tabular.ReadTable(tb.Context(), bytes.NewReader(b), tabular.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	return tab
}

func refused(t *testing.T, b []byte, l tabular.Limits, key string) {
	t.Helper()
	_, err := tabular.ReadTable(t.Context(), bytes.NewReader(b), l)
	if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), key) {
		t.Errorf("err = %v, want invalid %s", err, key)
	}
}

func headingsOf(t *tabular.Table) []string {
	var out []string
	for _, c := range t.Columns {
		out = append(out, c.Heading)
	}
	return out
}

func column(t *tabular.Table, i int) []string {
	var out []string
	for _, r := range t.Rows {
		out = append(out, r.Cell(i))
	}
	return out
}

func want(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s = %q, want %q", what, got, want)
	}
}

// skipped returns the rows skipped for each reason, without the common beginning of the key.
func skipped(t *tabular.Table) map[string]int {
	out := map[string]int{}
	for _, s := range t.Skipped {
		out[strings.TrimPrefix(string(s.Reason), "tabular.skip.")] += s.Count
	}
	return out
}

func notice(t *tabular.Table, key tabular.Reason) int {
	for _, n := range t.Notices {
		if n.Key == key {
			return n.Count
		}
	}
	return 0
}

func cp1251(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := charmap.Windows1251.NewEncoder().Bytes([]byte(s))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
