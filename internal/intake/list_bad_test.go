package intake_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/store"
)

// workbook makes a workbook of rows, changed by what a test needs.
func workbook(t *testing.T, rows [][]any, change func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// bomb is a workbook by name that unpacks to far more than it weighs.
func bomb(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 80 {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// archive is a zip with one file in it.
func archive(t *testing.T, name string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

// TestFilesThatAreNoLists holds that each is refused with words in every language, and nothing is kept of it.
func TestFilesThatAreNoLists(t *testing.T) {
	db := open(t)
	whole := workbook(t, [][]any{{"адрес", "что нужно"}, {"Абая 1", "хлеб"}}, nil)
	for name, c := range map[string]struct{ file, key string }{
		"empty":           {"", "tabular.file.empty"},
		"empty sheet":     {workbook(t, nil, nil), "tabular.file.empty"},
		"broken":          {whole[:len(whole)/2], "tabular.file.broken"},
		"zip bomb":        {bomb(t), "tabular.file.bomb"},
		"old .xls":        {ole + strings.Repeat("\x00", 600), "tabular.file.old_excel"},
		".ods as .xlsx":   {archive(t, "content.xml"), "tabular.file.other_book"},
		".docx as .xlsx":  {archive(t, "word/document.xml"), "tabular.file.document"},
		"a picture":       {"\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 64), "tabular.file.image"},
		"without columns": {"имя\nОйдан\n", "lists.missing.address"},
	} {
		_, err := intake.Import(t.Context(), db, coordinator, intake.Requests, strings.NewReader(c.file), intake.Options{})
		var e *errs.Error
		if !errors.As(err, &e) || e.Kind != errs.Invalid || e.Key != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
			continue
		}
		for _, l := range i18n.Langs() {
			if words := l.T(e.Key, e.Args...); strings.Contains(words, "⟦") || strings.Contains(words, "{") {
				t.Errorf("%s in %s: %s", name, l, words)
			}
		}
	}
	left, err := store.One[int](t.Context(), db, "drafts", "SELECT count(*) FROM job")
	if err != nil || left != 0 {
		t.Errorf("%d lists lie on the table, %v", left, err)
	}
	if res := load(t, db, intake.Requests, "адрес;что нужно\n", intake.Options{}); res.Rows != 0 {
		t.Errorf("only headings: %+v", res)
	}
}

// TestRowsThatCannotBeTaken holds that each has its reason, and the good row beside it comes in.
func TestRowsThatCannotBeTaken(t *testing.T) {
	long := strings.Repeat("ұзын көше ", 1000)
	for name, c := range map[string]struct{ file, refused string }{
		"address of 10,000 letters": {"адрес;телефон;что нужно\n" + long + ";;хлеб\nАбая 1;;хлеб\n", "tabular.cell.too_long"},
		"phone of letters":          {"адрес;телефон;что нужно\nАбая 2;позвоните соседям;хлеб\nАбая 1;;хлеб\n", "tabular.phone.letters"},
		"shifted columns":           {"адрес;телефон;что нужно\nАбая 2;;хлеб;;сын;дома\nАбая 1;;хлеб\n", "tabular.row.extra_cells"},
		"forty columns":             {"адрес;телефон;что нужно\nАбая 2;;хлеб" + strings.Repeat(";x", 40) + "\nАбая 1;;хлеб\n", "tabular.row.extra_cells"},
		"an error cell":             {"адрес;телефон;что нужно\n#REF!;;хлеб\nАбая 1;;хлеб\n", "tabular.cell.formula"},
		"a formula without a value": {workbook(t, [][]any{{"адрес", "телефон", "что нужно"}, {nil, "", "хлеб"}, {"Абая 1", "", "хлеб"}}, func(f *excelize.File) {
			if err := f.SetCellFormula("Sheet1", "A2", "B7&\" 5\""); err != nil {
				t.Fatal(err)
			}
		}), "tabular.cell.no_value"},
	} {
		res := load(t, open(t), intake.Requests, c.file, intake.Options{})
		if res.Taken != 1 || len(res.Refused) != 1 || res.Refused[0].Row != 2 || res.Refused[0].Reason != c.refused {
			t.Errorf("%s: %d taken, %+v", name, res.Taken, res.Refused)
		}
	}
	for name, file := range map[string]string{
		"NUL bytes":      "адрес;что нужно\nАб\x00ая 1;хлеб\n",
		"a date in 1899": "адрес;что нужно;дата\nАбая 1;хлеб;30.12.1899\n",
		"two headings": workbook(t, [][]any{{"Тізім"}, {"Тұрғын", nil, "Көмек"}, {"аты-жөні", "мекенжай", "не керек"}, {"Ойдан Бір", "Абай 1", "нан"}}, func(f *excelize.File) {
			if err := errors.Join(f.MergeCell("Sheet1", "A1", "C1"), f.MergeCell("Sheet1", "A2", "B2")); err != nil {
				t.Fatal(err)
			}
		}),
	} {
		if res := load(t, open(t), intake.Requests, file, intake.Options{}); res.Taken != 1 || len(res.Refused) != 0 {
			t.Errorf("%s: %+v", name, res)
		}
	}
}

// TestTheDiskFillsUpInTheMiddle lets the database grow no further after 200 rows: the answer says so, what was
// taken is kept and hidden, and once there is room the same list goes on to its end.
func TestTheDiskFillsUpInTheMiddle(t *testing.T) {
	db := open(t)
	room := func(pages string) {
		t.Helper()
		err := db.Write(t.Context(), coordinator, func(tx *store.Tx) error {
			var n int64
			return tx.QueryRow(t.Context(), "PRAGMA max_page_count="+pages).Scan(&n)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	file := many(900)
	res, err := intake.Import(t.Context(), db, coordinator, intake.Requests, strings.NewReader(file), intake.Options{Progress: func(done, _ int) {
		if done == 200 {
			room("1") // it can be no smaller than the database is: no page more
		}
	}})
	if !errs.Is(err, errs.Unavailable) || res == nil || res.Taken == 0 || res.Taken >= 900 {
		t.Fatalf("%+v %v", res, err)
	}
	if got := shown(t, db); !strings.HasPrefix(got, "0 on the board") {
		t.Error(got)
	}
	room("1000000000")
	if rest := load(t, db, intake.Requests, file, intake.Options{}); rest.Taken != 900 || rest.Duplicates != 0 {
		t.Errorf("%d taken, %d duplicates", rest.Taken, rest.Duplicates)
	}
	if got := shown(t, db); !strings.HasPrefix(got, "900 on the board") {
		t.Error(got)
	}
	same(t, db)
}
