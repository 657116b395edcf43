package tabular

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// noFolder is a folder that cannot exist. excelize moves a large sheet into the system's temporary folder
// and stays in memory where it cannot: people's data must not lie there in clear.
const noFolder = "\x00"

// maxCellOut is the most characters that Excel accepts in a cell.
const maxCellOut = 32767

// WriteXLSX writes one sheet: bold headings that stay in view, then the rows as text, so that a phone keeps
// its plus and its zeros. Text that looks like a formula stays text. The workbook is built in memory.
func WriteXLSX(w io.Writer, sheet string, header []string, rows iter.Seq[[]string]) (err error) {
	f := excelize.NewFile(excelize.Options{TmpDir: noFolder})
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fmt.Errorf("write xlsx: %w", e)
		}
	}()
	if err := f.SetSheetName("Sheet1", sheetName(sheet)); err != nil {
		return fmt.Errorf("write xlsx: %w", err)
	}
	sw, err := startSheet(f, sheetName(sheet), header)
	if err != nil {
		return fmt.Errorf("write xlsx: %w", err)
	}
	n := 1
	for r := range rows {
		n++
		if err := sw.SetRow(fmt.Sprintf("A%d", n), textCells(r, 0)); err != nil {
			return fmt.Errorf("write xlsx: row %d: %w", n, err)
		}
	}
	if err := sw.Flush(); err != nil {
		return fmt.Errorf("write xlsx: %w", err)
	}
	if _, err := f.WriteTo(w); err != nil {
		return fmt.Errorf("write xlsx: %w", err)
	}
	return nil
}

func startSheet(f *excelize.File, sheet string, header []string) (*excelize.StreamWriter, error) {
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return nil, err
	}
	sw, err := f.NewStreamWriter(sheet)
	if err != nil {
		return nil, err
	}
	for i, h := range header {
		width := float64(min(max(utf8.RuneCountInString(h)+2, 12), 40))
		if err := sw.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	return sw, sw.SetRow("A1", textCells(header, bold))
}

// textCells returns cells that excelize writes as inline text.
func textCells(r []string, style int) []any {
	out := make([]any, len(r))
	for i, c := range r {
		if utf8.RuneCountInString(c) > maxCellOut {
			c = string([]rune(c)[:maxCellOut])
		}
		out[i] = excelize.Cell{StyleID: style, Value: strings.Map(visible, strings.ToValidUTF8(c, "\uFFFD"))}
	}
	return out
}

// sheetName makes any text fit to name a sheet: 31 characters, none of []:*?/\.
func sheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) {
			return ' '
		}
		return visible(r)
	}, s)
	if r := []rune(s); len(r) > 31 {
		s = string(r[:31])
	}
	s = strings.Trim(strings.TrimSpace(s), "'")
	if s == "" {
		return "1"
	}
	return s
}

// WriteCSV writes what Excel opens with a double click here: UTF-8 with its mark, semicolons. A cell that a
// spreadsheet would take for a formula gets an apostrophe before it, which Read takes off again.
func WriteCSV(w io.Writer, header []string, rows iter.Seq[[]string]) error {
	b := bufio.NewWriter(w)
	if _, err := b.WriteString("\uFEFF"); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	c := csv.NewWriter(b)
	c.Comma, c.UseCRLF = ';', true
	if err := c.Write(guardAll(header)); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	for r := range rows {
		if err := c.Write(guardAll(r)); err != nil {
			return fmt.Errorf("write csv: %w", err)
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}

func guardAll(r []string) []string {
	out := make([]string, len(r))
	for i, c := range r {
		out[i] = guard(strings.ReplaceAll(c, "\r\n", "\n"))
	}
	return out
}

// guard puts an apostrophe before what a spreadsheet would calculate. A plain signed number is left.
func guard(c string) string {
	if c == "" || !strings.ContainsRune("=+-@\t\r\n'|%", rune(c[0])) || signedNumber(c) {
		return c
	}
	return "'" + c
}

// unguard takes the apostrophe off again.
func unguard(c string) string {
	if len(c) > 1 && c[0] == '\'' && strings.ContainsRune("=+-@\t\r\n'|%", rune(c[1])) {
		return c[1:]
	}
	return c
}

// signedNumber reports -5, +77015551234, -1,5: a sign, digits, at most one separator.
func signedNumber(c string) bool {
	if len(c) < 2 || c[0] != '-' && c[0] != '+' {
		return false
	}
	seps := 0
	for i := 1; i < len(c); i++ {
		switch {
		case c[i] >= '0' && c[i] <= '9':
		case (c[i] == '.' || c[i] == ',') && i > 1 && i+1 < len(c):
			seps++
		default:
			return false
		}
	}
	return seps <= 1
}
