package tabular_test

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/jumyla/jumyla/internal/tabular"
)

var hostile = [][]string{
	{"Сапарова Айгүл", "+77015551234", "=HYPERLINK(\"http://x\")", "4"},
	{"=1+1", "-5", "@SUM(A1)", "\tтаб"},
	{"ТОО \"Рога\"; и Ко", "008", "көше\nүй 5", "+7 (701) 555-12-34"},
	{"'кавычка", "'=1", "-кв 5", "x\x00\x1by"},
}

func TestRoundTrip(t *testing.T) {
	header := []string{"ФИО", "Телефон", "Адрес", "Примечание"}
	var x, c bytes.Buffer
	if err := tabular.WriteXLSX(&x, "Нәтиже: [1/2]", header, slices.Values(hostile)); err != nil {
		t.Fatal(err)
	}
	if err := tabular.WriteCSV(&c, header, slices.Values(hostile)); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"xlsx": x.Bytes(), "csv": c.Bytes()} {
		tab := read(t, b)
		want(t, name+" headings", headingsOf(tab), header)
		for i, r := range hostile {
			var clean []string
			for _, v := range r {
				clean = append(clean, strings.TrimSpace(strings.NewReplacer("\x00", "", "\x1b", "").Replace(v)))
			}
			want(t, fmt.Sprintf("%s row %d", name, i), tab.Rows[i].Cells, clean)
		}
	}
	if !bytes.HasPrefix(c.Bytes(), []byte("\xEF\xBB\xBFФИО;")) {
		t.Errorf("csv begins %q", c.Bytes()[:20])
	}
}

// TestNoFormula: nothing that we write may be calculated by whoever opens it.
func TestNoFormula(t *testing.T) {
	var x, c bytes.Buffer
	if err := tabular.WriteXLSX(&x, "", []string{"=A"}, slices.Values(hostile)); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&x)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, cell := range []string{"A1", "C2", "A3", "C3", "B5"} {
		formula, err := f.GetCellFormula("1", cell)
		kind, err2 := f.GetCellType("1", cell)
		if err != nil || err2 != nil || formula != "" || kind != excelize.CellTypeInlineString {
			t.Errorf("%s: formula %q, type %v, %v %v", cell, formula, kind, err, err2)
		}
	}
	if err := tabular.WriteCSV(&c, []string{"=A"}, slices.Values(hostile)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"\n=", ";=", ";@", ";\"=", "\uFEFF=", ";+7 ", ";-кв"} {
		if strings.Contains(c.String(), bad) {
			t.Errorf("csv has %q", bad)
		}
	}
}

func TestWriteFails(t *testing.T) {
	if err := tabular.WriteCSV(full{}, []string{"a"}, slices.Values(hostile)); err == nil {
		t.Error("csv to a full disk must fail")
	}
	if err := tabular.WriteXLSX(full{}, "a", []string{"a"}, slices.Values(hostile)); err == nil {
		t.Error("xlsx to a full disk must fail")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// people makes n invented rows.
func people(n int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for i := range n {
			if !yield([]string{fmt.Sprint(i + 1), fmt.Sprintf("Сапарова Айгүл %d", i), fmt.Sprintf("8 (701) %03d-%02d-34", i%1000, i%100), "Алматы", "Медеуский район", fmt.Sprintf("Абай көшесі, %d үй, %d пәтер", i%90, i%200), fmt.Sprint(i % 9), "азық-түлік, нан, сүт", "12.01.2022", "2 и 5", "нет", ""}) {
				return
			}
		}
	}
}

var peopleHeader = []string{"№", "ФИО", "Телефон", "Город", "Район", "Адрес", "Кол-во человек", "Что нужно", "Дата", "Возраст детей", "Диабет", "Примечание"}

// BenchmarkLargest reads a list at the limit of rows and reports the memory that the process then has.
func BenchmarkLargest(b *testing.B) {
	const n = 200_000 - 1
	var x bytes.Buffer
	if err := tabular.WriteXLSX(&x, "1", peopleHeader, people(n)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if tab := read(b, x.Bytes()); len(tab.Rows) != n {
			b.Fatal(len(tab.Rows))
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapSys>>20), "heap-MB")
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkRead(b *testing.B) {
	const n = 5000
	var x, c bytes.Buffer
	if err := tabular.WriteXLSX(&x, "1", peopleHeader, people(n)); err != nil {
		b.Fatal(err)
	}
	if err := tabular.WriteCSV(&c, peopleHeader, people(n)); err != nil {
		b.Fatal(err)
	}
	for name, data := range map[string][]byte{"xlsx": x.Bytes(), "csv": c.Bytes()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if tab := read(b, data); len(tab.Rows) != n {
					b.Fatal(len(tab.Rows))
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
