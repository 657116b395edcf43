package tabular_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/jumyla/jumyla/internal/tabular"
)

// districtList is a list as a district sends it: a title across the table, headings of two rows, merged
// cells, captions, phones as numbers, dates as dates, totals, a signature.
func districtList(tb testing.TB) []byte {
	tb.Helper()
	return book(tb, func(f *excelize.File) {
		put(tb, f, "Sheet1", 1,
			[]any{"СПИСОК малообеспеченных семей (вымышленный)"},
			[]any{"по состоянию на 12.01.2022"},
			[]any{},
			[]any{"№ п/п", "ФИО", "Контакты", nil, "Адрес", nil, "Кол-во человек", "Дата"},
			[]any{nil, nil, "дом.", "сот.", "улица", "дом"},
			[]any{1, 2, 3, 4, 5, 6, 7, 8},
			[]any{"Медеуский район"},
			[]any{1, "Сапарова Айгүл", "278-20-83", 77015551234, "Абай көшесі", "12а", 4, 44573},
			[]any{2, "Ким Виктор", nil, "8 (702) 555-12-34", "ул. Сатпаева", 7, 2, 44574.75},
			[]any{3, "Ли Анна", nil, 7.7035551234e10, nil, 9, 1, "12.01.2022"},
			[]any{},
			[]any{"№ п/п", "ФИО", "Контакты", nil, "Адрес", nil, "Кол-во человек", "Дата"},
			[]any{"Бостандыкский район"},
			[]any{4, "Ахметов Ержан", nil, "87045551234", "пр. Абая", 1, 3},
			[]any{"ИТОГО", nil, nil, nil, nil, nil, 10},
			[]any{},
			[]any{"Исполнитель:", "Серікова Д."},
		)
		for _, m := range [][2]string{{"A1", "H1"}, {"A4", "A5"}, {"B4", "B5"}, {"C4", "D4"}, {"E4", "F4"}, {"G4", "G5"}, {"H4", "H5"}, {"A7", "H7"}, {"A13", "H13"}, {"E9", "E10"}} {
			merge(tb, f, m[0], m[1])
		}
		style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		if err != nil {
			tb.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", "H8", "H10", style); err != nil {
			tb.Fatal(err)
		}
		if err := f.SetRowVisible("Sheet1", 14, false); err != nil {
			tb.Fatal(err)
		}
	})
}

func TestDistrictList(t *testing.T) {
	tab := read(t, districtList(t))
	want(t, "headings", headingsOf(tab), []string{"№ п/п", "ФИО", "Контакты дом.", "Контакты сот.", "Адрес улица", "Адрес дом", "Кол-во человек", "Дата"})
	want(t, "titles", tab.Titles, []string{"СПИСОК малообеспеченных семей (вымышленный)", "по состоянию на 12.01.2022"})
	want(t, "names", column(tab, 1), []string{"Сапарова Айгүл", "Ким Виктор", "Ли Анна", "Ахметов Ержан"})
	want(t, "mobiles", column(tab, 3), []string{"77015551234", "8 (702) 555-12-34", "77035551234", "87045551234"})
	want(t, "streets", column(tab, 4), []string{"Абай көшесі", "ул. Сатпаева", "ул. Сатпаева", "пр. Абая"})
	want(t, "dates", column(tab, 7), []string{"2022-01-12", "2022-01-13 18:00", "12.01.2022", ""})
	if got := fmt.Sprint(skipped(tab)); got != "map[empty:2 header:1 numbering:1 section:2 signature:1 total:1]" {
		t.Errorf("skipped %s", got)
	}
	if tab.RowsIn() != 12 || tab.HeaderRow != 5 {
		t.Errorf("rows in %d, header %d", tab.RowsIn(), tab.HeaderRow)
	}
	if tab.Rows[0].Section != "Медеуский район" || tab.Rows[3].Section != "Бостандыкский район" || tab.Rows[0].Number != 8 {
		t.Errorf("rows %+v", tab.Rows)
	}
	if !tab.Rows[3].Hidden || notice(tab, tabular.NoticeHiddenRows) != 1 || notice(tab, tabular.NoticeMerged) != 1 || len(tab.Rows[2].Filled) != 1 {
		t.Errorf("notices %+v", tab.Notices)
	}
}

func TestSheets(t *testing.T) {
	b := book(t, func(f *excelize.File) {
		put(t, f, "Sheet1", 1, []any{"Инструкция по заполнению"})
		for _, name := range []string{"Тізім", "old"} {
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
		}
		put(t, f, "Тізім", 1, []any{"Аты-жөні", "Телефоны"}, []any{"Серік А.", "87015551234"}, []any{"Асел Б.", "87025551234"})
		put(t, f, "old", 1, []any{"ФИО", "Телефон", "Адрес"}, []any{"a", "b", "c"}, []any{"a", "b", "c"})
		if err := f.SetSheetVisible("old", false); err != nil {
			t.Fatal(err)
		}
	})
	bk, err := tabular.Read(t.Context(), bytes.NewReader(b), tabular.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(bk.Sheets) != 3 || bk.Best() != 1 || !bk.Sheets[2].Hidden || bk.Sheets[1].Rows != 3 {
		t.Errorf("sheets %+v, best %d", bk.Sheets, bk.Best())
	}
	for range 2 { // a sheet can be read again
		tab, err := bk.Table(t.Context(), 2)
		if err != nil || len(tab.Rows) != 2 || notice(tab, tabular.NoticeOtherSheets) != 1 {
			t.Errorf("%+v %v", tab, err)
		}
	}
	if _, err := bk.Table(t.Context(), 9); err == nil {
		t.Error("no such sheet")
	}
}

func TestFormulas(t *testing.T) {
	b := book(t, func(f *excelize.File) {
		put(t, f, "Sheet1", 1, []any{"ФИО", "Телефон", "Количество человек"}, []any{"Асан", "87015551234", 3}, []any{"Үсен", "#REF!", nil})
		if err := f.SetCellFormula("Sheet1", "C3", "C2+1"); err != nil {
			t.Fatal(err)
		}
	})
	tab := read(t, b)
	faults := map[tabular.Reason]int{}
	for _, f := range tab.Rows[1].Faults {
		faults[f.Reason] = f.Column
	}
	if faults[tabular.ReasonNoValue] != 2 || faults[tabular.ReasonFormulaError] != 1 {
		t.Errorf("faults %v", tab.Rows[1].Faults)
	}
	// the same file after Excel has calculated it
	b = repack(t, b, func(name, s string) string {
		return strings.ReplaceAll(s, "<f>C2+1</f>", "<f>C2+1</f><v>4</v>")
	})
	if tab = read(t, b); tab.Rows[1].Cell(2) != "4" {
		t.Errorf("a stored result must be read: %+v", tab.Rows[1])
	}
}

// TestAFormulaOverNothing reads what IF(B2="","",B2) and a plain formula without a result leave in a cell: the first was
// calculated and is empty, the second is not known.
func TestAFormulaOverNothing(t *testing.T) {
	b := book(t, func(f *excelize.File) {
		put(t, f, "Sheet1", 1, []any{"ФИО", "Адрес", "Телефон"}, []any{"Асан", "x", "87015551234"}, []any{"Үсен", "x", "87015551235"})
		for _, at := range []string{"B2", "B3"} {
			if err := f.SetCellFormula("Sheet1", at, "C9"); err != nil {
				t.Fatal(err)
			}
		}
	})
	b = repack(t, b, func(_, s string) string {
		s = regexp.MustCompile(`<c r="B2"[^>]*>.*?</c>`).ReplaceAllString(s, `<c r="B2" t="str"><f>C9</f><v></v></c>`)
		return regexp.MustCompile(`<c r="B3"[^>]*>.*?</c>`).ReplaceAllString(s, `<c r="B3" t="str"><f>C9</f></c>`)
	})
	tab := read(t, b)
	if r := tab.Rows[0]; r.Cell(1) != "" || len(r.Faults) > 0 {
		t.Errorf("an empty result: %+v", r)
	}
	if r := tab.Rows[1]; r.Cell(1) != "" || len(r.Faults) != 1 || r.Faults[0].Reason != tabular.ReasonNoValue {
		t.Errorf("no result: %+v", r)
	}
}

// repack rewrites the parts of an XLSX.
func repack(tb testing.TB, b []byte, change func(name, s string) string) []byte {
	tb.Helper()
	zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	for _, f := range zr.File {
		rc, err := f.Open()
		if err != nil {
			tb.Fatal(err)
		}
		s, err := io.ReadAll(rc)
		if err != nil {
			tb.Fatal(err)
		}
		w, err := zw.Create(f.Name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := io.WriteString(w, change(f.Name, string(s))); err != nil {
			tb.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestBadXLSX(t *testing.T) {
	good := districtList(t)
	inSheet := func(from, to string) []byte {
		return repack(t, good, func(name, s string) string {
			if name == "xl/worksheets/sheet1.xml" {
				return strings.Replace(s, from, to, 1)
			}
			return s
		})
	}
	cases := map[string]struct {
		b   []byte
		key string
	}{
		"cut":            {good[:len(good)/2], "broken"},
		"cut at the end": {good[:len(good)-30], "broken"},
		"xml cut":        {inSheet("</row>", "<"), "broken"},
		"xml ends":       {inSheet("</sheetData>", ""), "broken"},
		"empty sheet":    {book(t, func(*excelize.File) {}), "file.empty"},
		"plain archive":  {archive(t, "a.txt", "hello"), "archive"},
		"word":           {archive(t, "word/document.xml", "<x/>"), "document"},
		"ods":            {archive(t, "content.xml", "<x/>"), "other_book"},
		"xlsb":           {archive(t, "xl/workbook.bin", "x"), "other_book"},
		"no rels":        {archive(t, "xl/workbook.xml", "<workbook/>"), "broken"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			refused(t, c.b, tabular.Limits{}, "tabular.file."+strings.TrimPrefix(c.key, "file."))
		})
	}
	flipped := bytes.Clone(good)
	for i := 2000; i < len(flipped); i += 997 {
		flipped[i] ^= 0x55
	}
	if _, err := tabular.ReadTable(t.Context(), bytes.NewReader(flipped), tabular.Limits{}); err == nil {
		t.Error("a damaged file must not pass in silence")
	}
}

func archive(tb testing.TB, name, body string) []byte {
	tb.Helper()
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	w, err := zw.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := io.WriteString(w, body); err != nil {
		tb.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestBomb(t *testing.T) {
	spaces := strings.Repeat(" ", 40<<20)
	bomb := repack(t, districtList(t), func(name, s string) string {
		if name == "xl/worksheets/sheet1.xml" {
			return strings.Replace(s, "<sheetData>", "<sheetData>"+spaces, 1)
		}
		return s
	})
	refused(t, bomb, tabular.Limits{}, "tabular.file.bomb")                               // by its ratio
	refused(t, bomb, tabular.Limits{Unzip: 8 << 20, Ratio: 1e6}, "tabular.file.too_much") // by its size
	refused(t, bomb, tabular.Limits{File: 1 << 10}, "tabular.file.too_large")
	if tab, err := tabular.ReadTable(t.Context(), bytes.NewReader(bomb), tabular.Limits{Ratio: 1e6}); err != nil || len(tab.Rows) != 4 {
		t.Errorf("with a wide limit it is only large: %v", err)
	}
}

func TestXLSXLimits(t *testing.T) {
	b := book(t, func(f *excelize.File) {
		put(t, f, "Sheet1", 1, []any{"ФИО", "Телефон", "Адрес"})
		for i := range 30 {
			put(t, f, "Sheet1", 2+i, []any{"Асан", "87015551234", strings.Repeat("ә", 10_000)})
		}
	})
	tab := read(t, b)
	for _, r := range tab.Rows {
		if len(r.Faults) != 1 || r.Faults[0] != (tabular.Fault{Column: 2, Reason: tabular.ReasonCellTooLong}) || len([]rune(r.Cell(2))) != 4000 {
			t.Fatalf("a too long cell must be cut and said: %+v", r.Faults)
		}
	}
	refused(t, b, tabular.Limits{Rows: 10}, "too_many_rows")
	refused(t, b, tabular.Limits{Cells: 10}, "too_much")
	refused(t, b, tabular.Limits{Text: 1000}, "too_much")
	wide := book(t, func(f *excelize.File) {
		put(t, f, "Sheet1", 1, []any{"ФИО", "Телефон"})
		for i := range 150 {
			put(t, f, "Sheet1", 2+i, []any{"Асан", "87015551234"})
			if err := f.SetCellValue("Sheet1", fmt.Sprintf("ZZ%d", 2+i), "x"); err != nil {
				t.Fatal(err)
			}
		}
	})
	refused(t, wide, tabular.Limits{}, "too_many_columns")
}

func TestTooManyStrings(t *testing.T) {
	many := repack(t, districtList(t), func(name, s string) string {
		if name == "xl/sharedStrings.xml" {
			return strings.Replace(s, "</sst>", strings.Repeat("<si><t/></si>", 3_000_001)+"</sst>", 1)
		}
		return s
	})
	refused(t, many, tabular.Limits{Ratio: 1e6}, "tabular.file.too_much")
}

func TestFarApartRows(t *testing.T) {
	b := book(t, func(f *excelize.File) {
		put(t, f, "Sheet1", 1, []any{"ФИО", "Телефон"}, []any{"Асан", "87015551234"})
		put(t, f, "Sheet1", 1_000_000, []any{"Үсен", "87025551234"})
	})
	tab := read(t, b)
	if tab.RowsIn() != 999_999 || len(tab.Rows) != 2 || len(tab.Skipped) != 1 {
		t.Errorf("rows in %d, %d rows, skipped %v", tab.RowsIn(), len(tab.Rows), tab.Skipped)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tabular.Read(ctx, bytes.NewReader(districtList(t)), tabular.Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

// FuzzXLSX: whatever happens to a sheet's XML, reading never panics and the rows add up.
func FuzzXLSX(f *testing.F) {
	base := districtList(f)
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>ФИО</t></is></c></row></sheetData></worksheet>`))
	f.Add([]byte(`<worksheet><sheetData><row r="9"><c r="ZZZ9" s="99"><f>A1</f><v>1e5</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>`))
	f.Add([]byte(`<worksheet><sheetData><row><c t="s"><v>-4</v></c><c t="s"><v>99999</v></c><c t="d"><v>x</v></c></row>`))
	f.Fuzz(func(t *testing.T, sheet []byte) {
		b := repack(t, base, func(name, s string) string {
			if name == "xl/worksheets/sheet1.xml" {
				return string(sheet)
			}
			return s
		})
		addsUp(t, b)
	})
}

// addsUp reads b, which may be refused, and checks the account of its rows.
func addsUp(t *testing.T, b []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tab, err := tabular.ReadTable(ctx, bytes.NewReader(b), tabular.Limits{Rows: 5000})
	if errors.Is(err, context.DeadlineExceeded) {
		t.Fatal("too slow")
	}
	if err != nil {
		return
	}
	next := tab.HeaderRow + 1
	rows, skips := tab.Rows, tab.Skipped
	for len(rows)+len(skips) > 0 {
		switch {
		case len(rows) > 0 && rows[0].Number == next:
			next++
			rows = rows[1:]
		case len(skips) > 0 && skips[0].Row == next:
			next += skips[0].Count
			skips = skips[1:]
		default:
			t.Fatalf("row %d is neither taken nor skipped", next)
		}
	}
	tabular.Suggest(tab, tabular.Fields())
}
