// Package tabular reads tables as districts really send them: XLSX, or CSV and pasted text in several
// encodings. It finds the headings under the title, fills merged cells, accounts for every row, suggests
// which column is which field, and writes tables back. What it cannot read it says, with a reason that is a
// message key. What a cell means is package cell's; requests, SQL and the web are unknown to both.
package tabular

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/tabular/cell"
)

// Reason is a message key of internal/i18n: see cell.Reason.
type Reason = cell.Reason

// Reasons that belong to a cell of the file itself, before anybody asks what it means.
const (
	ReasonCellTooLong  Reason = "tabular.cell.too_long"    // cut at Limits.Cell characters
	ReasonNUL          Reason = "tabular.cell.nul"         // NUL bytes, which are left out
	ReasonEncoding     Reason = "tabular.cell.encoding"    // bytes that are no letters in the file's encoding
	ReasonFormulaError Reason = "tabular.cell.formula"     // #REF! and its kin
	ReasonNoValue      Reason = "tabular.cell.no_value"    // a formula that was saved without its result
	ReasonExtraCells   Reason = "tabular.row.extra_cells"  // filled cells beyond the headings
	ReasonTooManyCols  Reason = "tabular.row.too_many"     // cut at Limits.Columns
	ReasonQuote        Reason = "tabular.row.broken_quote" // a quotation mark that never closes
)

// Reasons why a row is not data.
const (
	SkipEmpty     Reason = "tabular.skip.empty"
	SkipHeader    Reason = "tabular.skip.header"    // the headings once more, on every printed page
	SkipTotal     Reason = "tabular.skip.total"     // Итого, Барлығы, Total
	SkipNumbering Reason = "tabular.skip.numbering" // 1, 2, 3 … under the headings
	SkipSection   Reason = "tabular.skip.section"   // a caption across the table; see Row.Section
	SkipSignature Reason = "tabular.skip.signature" // who compiled the list
)

// Notices about a whole table.
const (
	NoticeHiddenRows  Reason = "tabular.notice.hidden"       // rows hidden in the sheet, taken nevertheless
	NoticeMerged      Reason = "tabular.notice.merged"       // cells filled from a merged region
	NoticeLostLetters Reason = "tabular.notice.lost_letters" // Kazakh letters saved as "?"
	NoticeOtherSheets Reason = "tabular.notice.sheets"       // other sheets that hold data
	NoticeNoHeader    Reason = "tabular.notice.no_header"    // no heading row was found
)

// Limits bound what is read; a zero field means its default.
type Limits struct {
	File    int64   // bytes of the file; 50 MB
	Unzip   int64   // bytes that an XLSX may unpack to; 256 MB
	Ratio   float64 // unpacked to packed, of an XLSX over 32 MB unpacked; 150
	Rows    int     // rows that hold anything; 200,000
	Columns int     // columns; 200
	Cells   int     // cells that hold anything; 8,000,000
	Cell    int     // characters in a cell; 4,000
	Text    int64   // bytes of text in all cells together; 256 MB
}

func orElse[T int | int64 | float64](v, d T) T {
	if v == 0 {
		return d
	}
	return v
}

func (l Limits) orDefaults() Limits {
	return Limits{
		File:    orElse(l.File, 50<<20),
		Unzip:   orElse(l.Unzip, 256<<20),
		Ratio:   orElse(l.Ratio, 150.0),
		Rows:    orElse(l.Rows, 200_000),
		Columns: orElse(l.Columns, 200),
		Cells:   orElse(l.Cells, 8_000_000),
		Cell:    orElse(l.Cell, 4_000),
		Text:    orElse(l.Text, 256<<20),
	}
}

// Kind is the format that a file turned out to have, whatever its name says.
type Kind string

// The kinds.
const (
	XLSX Kind = "xlsx"
	CSV  Kind = "csv" // and any other delimited text
)

// Sheet is one sheet of a book.
type Sheet struct {
	Name   string
	Hidden bool
	Rows   int // rows that hold anything
	Cells  int // cells that hold anything
}

// Book is a file that was recognised and measured, and not yet read. It is for one goroutine.
type Book struct {
	Kind   Kind
	Sheets []Sheet // one, unnamed, for CSV
	limits Limits
	text   decoded
	file   *excelize.File
	facts  []sheetFacts
	d1904  bool
}

// Table is one sheet, read: its headings, its data rows, and every row that is not data with the reason.
type Table struct {
	Sheet     string
	Encoding  string // "utf-8", "windows-1251", …; "" for XLSX
	Delimiter string // of CSV; "" for XLSX and for a single column
	HeaderRow int    // number of the (last) heading row, from 1; 0 when there is none
	Titles    []string
	Columns   []Column
	Rows      []Row
	Skipped   []Skip
	Notices   []Notice
}

// Column is one column by its place and its heading.
type Column struct {
	Index   int    // from 0
	Heading string // "" when it has none; two heading rows are joined by a space
	Part    string // the lower of two, where they differ: "үй" under "мекенжайы"
}

// Row is one data row. Cells may be shorter than Table.Columns: use Cell.
type Row struct {
	Number  int      // as the spreadsheet shows it, from 1
	Cells   []string // cleaned: trimmed, NFC, without invisible characters
	Section string   // the caption above it ("Медеуский район"), if any
	Hidden  bool
	Filled  []int // columns whose value comes from a merged cell above
	Faults  []Fault
}

// Fault is something wrong with one cell of a row.
type Fault struct {
	Column int // from 0
	Reason Reason
}

// Skip is one or more consecutive rows that are not data.
type Skip struct {
	Row    int // the first one's number
	Count  int
	Reason Reason
}

// Notice is something to tell about the table: a message key and how often.
type Notice struct {
	Key   Reason
	Count int
}

// Cell returns the cell in column i, "" when the row is shorter.
func (r Row) Cell(i int) string {
	if i < 0 || i >= len(r.Cells) {
		return ""
	}
	return r.Cells[i]
}

// RowsIn is the number of rows below the headings, up to the last one that holds anything. It equals
// len(Rows) plus the counts of Skipped, always.
func (t *Table) RowsIn() int {
	n := len(t.Rows)
	for _, s := range t.Skipped {
		n += s.Count
	}
	return n
}

// Read recognises a file by its content and measures it within the limits. Errors are errs.Invalid with a key under tabular.file that
// tells the person what to do: too large, empty, encrypted, an old .xls, a picture, broken.
func Read(ctx context.Context, r io.Reader, l Limits) (*Book, error) {
	l = l.orDefaults()
	b, err := io.ReadAll(io.LimitReader(&ctxReader{ctx, r}, l.File+1))
	if err != nil {
		return nil, fmt.Errorf("read a table: %w", err)
	}
	if int64(len(b)) > l.File {
		return nil, errs.New(errs.Invalid, "tabular.file.too_large", "mb", l.File>>20)
	}
	what := sniff(b)
	if what.refuse != "" {
		return nil, errs.New(errs.Invalid, string(what.refuse))
	}
	if what.kind == XLSX {
		return openXLSX(ctx, b, l)
	}
	text, err := decode(b)
	if err != nil {
		return nil, err
	}
	rows := strings.Count(text.s, "\n") + 1
	return &Book{Kind: CSV, limits: l, text: text, Sheets: []Sheet{{Rows: rows}}}, nil
}

// ReadTable reads the best sheet of a file, or pasted text: Read, then Table of Best.
func ReadTable(ctx context.Context, r io.Reader, l Limits) (*Table, error) {
	b, err := Read(ctx, r, l)
	if err != nil {
		return nil, err
	}
	return b.Table(ctx, b.Best())
}

// Best returns the index of the sheet with the most data, preferring those that are not hidden.
func (b *Book) Best() int {
	best := 0
	for i, s := range b.Sheets {
		top := b.Sheets[best]
		if s.Hidden != top.Hidden && s.Cells > 0 {
			if top.Hidden {
				best = i
			}
			continue
		}
		if s.Cells > top.Cells {
			best = i
		}
	}
	return best
}

// findIt asks table to look for the headings itself.
const findIt = -1

// Table reads sheet i whole and finds its headings. The file's limits are errors; what is wrong with one row
// is a Fault of it.
func (b *Book) Table(ctx context.Context, i int) (*Table, error) { return b.table(ctx, i, findIt) }

// TableAt is Table for a person who sees better where the headings are: in the row of this number, or, for
// 0, nowhere.
func (b *Book) TableAt(ctx context.Context, i, headerRow int) (*Table, error) {
	return b.table(ctx, i, max(0, headerRow))
}

func (b *Book) table(ctx context.Context, i, headerRow int) (*Table, error) {
	if i < 0 || i >= len(b.Sheets) {
		return nil, errs.New(errs.Invalid, "tabular.file.no_sheet")
	}
	var raw []rawRow
	var err error
	t := &Table{Sheet: b.Sheets[i].Name}
	if b.Kind == CSV {
		t.Encoding = b.text.encoding
		if b.text.lost > 0 {
			t.Notices = append(t.Notices, Notice{NoticeLostLetters, b.text.lost})
		}
		raw, t.Delimiter, err = readCSV(ctx, b.text.s, b.limits)
	} else {
		raw, err = b.readSheet(ctx, i)
	}
	if err != nil {
		return nil, err
	}
	if n := lostIn(raw); n > 0 && b.Kind == XLSX {
		t.Notices = append(t.Notices, Notice{NoticeLostLetters, n})
	}
	shape(t, raw, headerRow)
	if len(t.Rows) == 0 && t.HeaderRow == 0 {
		return nil, errs.New(errs.Invalid, "tabular.file.empty")
	}
	others := 0
	for j, s := range b.Sheets {
		if j != i && s.Rows > 1 {
			others++
		}
	}
	if others > 0 {
		t.Notices = append(t.Notices, Notice{NoticeOtherSheets, others})
	}
	return t, nil
}

// rawRow is a row as the file has it, before the table's shape is known.
type rawRow struct {
	number int
	cells  []string
	spans  []span // cells merged across columns
	filled []int
	hidden bool
	faults []Fault
}

// span is columns from..to (inclusive) that are merged into one.
type span struct{ from, to int }

func (r rawRow) cell(i int) string {
	if i >= len(r.cells) {
		return ""
	}
	return r.cells[i]
}

// lostIn counts the letters that had become "?" before somebody made a workbook of the list.
func lostIn(rows []rawRow) int {
	n := 0
	for _, r := range rows {
		for _, c := range r.cells {
			n += lostLetters(" " + c)
		}
	}
	return n
}

// count returns how many cells hold anything.
func (r rawRow) count() int {
	n := 0
	for _, c := range r.cells {
		if c != "" {
			n++
		}
	}
	return n
}

// budget counts what has been read against the limits of the whole file.
type budget struct {
	l           Limits
	rows, cells int
	text        int64
}

// clean takes a row's cells in place: it trims and cuts them, notes faults, and counts them.
func (b *budget) clean(r *rawRow) error {
	if len(r.cells) > b.l.Columns {
		for _, c := range r.cells[b.l.Columns:] {
			if strings.TrimSpace(c) != "" {
				r.faults = append(r.faults, Fault{b.l.Columns, ReasonTooManyCols})
				break
			}
		}
		r.cells = r.cells[:b.l.Columns]
	}
	last := 0
	for i, c := range r.cells {
		var why Reason
		r.cells[i], why = cleanCell(c, b.l.Cell)
		if why != "" {
			r.faults = append(r.faults, Fault{i, why})
		}
		if r.cells[i] != "" {
			last = i + 1
			b.cells++
			b.text += int64(len(r.cells[i]))
		}
	}
	r.cells = r.cells[:last]
	if last > 0 {
		b.rows++
	}
	switch {
	case b.rows > b.l.Rows:
		return errs.New(errs.Invalid, "tabular.file.too_many_rows", "max", b.l.Rows)
	case b.cells > b.l.Cells || b.text > b.l.Text:
		return errs.New(errs.Invalid, "tabular.file.too_much")
	}
	return nil
}

// cleanCell trims a cell, makes its letters canonical (NFC) and leaves out what cannot be seen.
func cleanCell(s string, limit int) (string, Reason) {
	var why Reason
	if !plain(s) {
		if strings.IndexByte(s, 0) >= 0 {
			why = ReasonNUL
		}
		if !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) {
			why = ReasonEncoding
		}
		s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
		s = norm.NFC.String(strings.Map(visible, s))
	}
	s = strings.TrimSpace(s)
	if len(s) > limit && utf8.RuneCountInString(s) > limit {
		runes := 0
		for i := range s {
			if runes == limit {
				return strings.Clone(s[:i]), ReasonCellTooLong
			}
			runes++
		}
	}
	if len(s) > 1 && s[0] == '#' && formulaError(s) {
		return "", ReasonFormulaError
	}
	return s, why
}

// plain reports that s needs no cleaning but trimming: printable ASCII, or Cyrillic without combining marks.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < 0x20 && c != '\n' && c != '\t' || c == 0x7f {
			return false
		}
		if c < utf8.RuneSelf {
			continue
		}
		if (c == 0xD0 || c == 0xD1 || c == 0xD2 || c == 0xD3) && i+1 < len(s) && s[i+1]&0xC0 == 0x80 {
			if c == 0xD2 && s[i+1] >= 0x83 && s[i+1] <= 0x89 {
				return false // combining Cyrillic marks
			}
			i++
			continue
		}
		return false
	}
	return true
}

// visible maps spaces of all kinds to a space and drops what is not seen: controls, soft hyphens,
// directional marks that phones copied from address books carry.
func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case r == '\r':
		return '\n'
	case r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 && r != 0x85:
		return -1
	case r == 0x85 || r == 0x2028 || r == 0x2029:
		return '\n'
	case r == 0xa0 || r == 0x202f || r == 0x205f || r == 0x3000 || r >= 0x2000 && r <= 0x200a:
		return ' '
	case r == 0xad || r == 0xfeff || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x2069:
		return -1
	}
	return r
}

func formulaError(s string) bool {
	switch s {
	case "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#Н/Д", "#ССЫЛКА!", "#ЗНАЧ!", "#ДЕЛ/0!", "#ИМЯ?", "#ЧИСЛО!", "#ПУСТО!":
		return true
	}
	return false
}

// ctxReader stops reading when the context is done.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// broken is the answer to a file that cannot be read to its end; the cause is for the log.
func broken(cause error) error {
	if cause == nil {
		cause = errors.New("malformed")
	}
	return errs.Wrap(errs.Invalid, cause, "tabular.file.broken")
}

// hasAt reports whether b has magic at offset i.
func hasAt(b []byte, i int, magic string) bool {
	return len(b) >= i && bytes.HasPrefix(b[i:], []byte(magic))
}
