// Package ugly makes lists as districts really send them, and files that are no lists: for tests of every door through which a list
// comes. Its people are invented, and its numbers ring nobody we know of. What should become of each row stands beside it.
package ugly

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/jumyla/jumyla/internal/tabular"
)

// File is no list, or too much of one: it is refused whole.
type File struct {
	Name    string
	Content []byte
	Limits  tabular.Limits // under which it is refused; zero where it is under those of the program
	Key     string         // of the message with which it is refused
}

// ole begins the container in which old Office and files with a password lie.
const ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

// Refused returns a file for each message with which files are refused.
func Refused() []File {
	whole := Book([][]any{{"адрес", "что нужно"}, {"Абая 1", "хлеб"}}, nil)
	many := []byte(strings.Repeat("Абая 1;хлеб\n", 50))
	wide := [][]any{{"адрес", "что нужно"}}
	for range 150 {
		wide = append(wide, []any{"Абая 1", "хлеб"})
	}
	return []File{
		{"empty.csv", nil, tabular.Limits{}, "tabular.file.empty"},
		{"empty.xlsx", Book(nil, nil), tabular.Limits{}, "tabular.file.empty"},
		{"cut.xlsx", whole[:len(whole)/2], tabular.Limits{}, "tabular.file.broken"},
		{"bomb.xlsx", archive(80, "[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"), tabular.Limits{}, "tabular.file.bomb"},
		{"old.xls", []byte(ole + strings.Repeat("\x00", 600)), tabular.Limits{}, "tabular.file.old_excel"},
		{"locked.xlsx", []byte(ole + strings.Repeat("\x00", 600) + wideLetters("EncryptedPackage")), tabular.Limits{}, "tabular.file.encrypted"},
		{"ods.xlsx", archive(0, "content.xml"), tabular.Limits{}, "tabular.file.other_book"},
		{"page.xls", []byte("<html><table><tr><td>ФИО</td></tr></table>"), tabular.Limits{}, "tabular.file.other_book"},
		{"word.xlsx", archive(0, "word/document.xml"), tabular.Limits{}, "tabular.file.document"},
		{"paper.pdf", []byte("%PDF-1.7\n"), tabular.Limits{}, "tabular.file.document"},
		{"photo.jpg", []byte("\xFF\xD8\xFF\xE0" + strings.Repeat("\x00", 64)), tabular.Limits{}, "tabular.file.image"},
		{"lists.zip", archive(0, "list.txt"), tabular.Limits{}, "tabular.file.archive"},
		{"program.exe", []byte(strings.Repeat("\x01\x02\x00\x03abc", 100)), tabular.Limits{}, "tabular.file.binary"},
		{"large.csv", many, tabular.Limits{File: 100}, "tabular.file.too_large"},
		{"long.csv", many, tabular.Limits{Rows: 10}, "tabular.file.too_many_rows"},
		{"wide.xlsx", Book(wide, func(f *excelize.File) {
			for i := range 150 {
				set(f, fmt.Sprintf("ZZ%d", i+2), "x")
			}
		}), tabular.Limits{}, "tabular.file.too_many_columns"},
		{"thick.csv", many, tabular.Limits{Cells: 10}, "tabular.file.too_much"},
	}
}

// Book is a workbook with these rows in its first sheet, and what else is done to it.
func Book(rows [][]any, change func(f *excelize.File)) []byte {
	f := excelize.NewFile()
	Put(f, first, rows...)
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	_, err := f.WriteTo(&b)
	must(err)
	must(f.Close())
	return b.Bytes()
}

// first is the sheet that a new workbook has.
const first = "Sheet1"

// Put writes rows into a sheet, which is made if there is none of the name.
func Put(f *excelize.File, sheet string, rows ...[]any) {
	if i, err := f.GetSheetIndex(sheet); err == nil && i < 0 {
		_, err := f.NewSheet(sheet)
		must(err)
	}
	for i, row := range rows {
		must(f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &row))
	}
}

func set(f *excelize.File, at string, v any) { must(f.SetCellValue(first, at, v)) }

func merge(f *excelize.File, from, to string) { must(f.MergeCell(first, from, to)) }

// asDates shows the numbers of a range as days.
func asDates(f *excelize.File, from, to string) {
	style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	must(err)
	must(f.SetCellStyle(first, from, to, style))
}

// archive packs files of so many megabytes of nothing.
func archive(megabytes int, names ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.Create(name)
		must(err)
		for range megabytes {
			_, err := w.Write(make([]byte, 1<<20))
			must(err)
		}
	}
	must(z.Close())
	return b.Bytes()
}

// wideLetters is s as that container writes names.
func wideLetters(s string) string { return strings.Join(strings.Split(s, ""), "\x00") + "\x00" }

// in writes text in an encoding, with ? for the letters that it lacks, as programs do.
func in(e encoding.Encoding, s string) []byte {
	var out []byte
	for _, r := range s {
		b, err := e.NewEncoder().Bytes([]byte(string(r)))
		if err != nil {
			b = []byte("?")
		}
		out = append(out, b...)
	}
	return out
}

func cp1251(s string) []byte { return in(charmap.Windows1251, s) }

func utf16(s string) []byte {
	b, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
	must(err)
	return b
}

// must ends a test whose own file cannot be made.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
