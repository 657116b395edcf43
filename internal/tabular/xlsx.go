package tabular

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/jumyla/jumyla/internal/errs"
)

// maxZipEntries is how many parts an XLSX may have; one with pictures on every row has hundreds.
const maxZipEntries = 10_000

// maxWideRows is how many rows may go beyond the limit of columns: these few are cut and say so; more of
// them and the sheet is no list.
const maxWideRows = 100

// openXLSX checks the packed file before it is unpacked, measures its sheets, and opens it.
func openXLSX(ctx context.Context, b []byte, l Limits) (*Book, error) {
	zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, broken(err)
	}
	if err := checkZip(zr, int64(len(b)), l); err != nil {
		return nil, err
	}
	if err := checkStrings(ctx, zr); err != nil {
		return nil, err
	}
	parts, err := readParts(zr)
	if err != nil {
		return nil, err
	}
	book := &Book{Kind: XLSX, limits: l, d1904: parts.d1904}
	for _, s := range parts.sheets {
		facts, err := scanPart(ctx, zr, s.path, parts.dates, l)
		if err != nil {
			return nil, err
		}
		book.Sheets = append(book.Sheets, Sheet{Name: s.name, Hidden: s.hidden, Rows: facts.rows, Cells: facts.cells})
		book.facts = append(book.facts, facts)
	}
	if len(book.Sheets) == 0 || book.Sheets[book.Best()].Cells == 0 {
		return nil, errs.New(errs.Invalid, string(refuseEmpty))
	}
	book.file, err = openWith(b, l)
	return book, err
}

// openWith opens the file with excelize. Everything stays in memory: excelize would unpack large sheets
// into the system's temporary folder, where people's data must not lie.
func openWith(b []byte, l Limits) (f *excelize.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			f, err = nil, broken(fmt.Errorf("open xlsx: %v", p))
		}
	}()
	f, err = excelize.OpenReader(bytes.NewReader(b), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: l.Unzip, UnzipXMLSizeLimit: l.Unzip,
	})
	if err != nil {
		return nil, broken(err)
	}
	return f, nil
}

// checkZip refuses what is no XLSX, and bombs, by the sizes that the archive declares; reading more than
// is declared is an error of archive/zip.
func checkZip(zr *zip.Reader, size int64, l Limits) error {
	if len(zr.File) > maxZipEntries {
		return errs.New(errs.Invalid, "tabular.file.bomb")
	}
	var total uint64
	workbook := false
	names := map[string]bool{}
	for _, f := range zr.File {
		total += f.UncompressedSize64
		if f.UncompressedSize64 > math.MaxInt64/maxZipEntries {
			return errs.New(errs.Invalid, "tabular.file.bomb") // and the sum cannot overflow
		}
		if f.Flags&1 != 0 {
			return errs.New(errs.Invalid, string(refuseEncrypted))
		}
		name := strings.ToLower(partName(f.Name))
		workbook = workbook || name == "xl/workbook.xml"
		names[name] = true
		names[strings.SplitN(name, "/", 2)[0]+"/"] = true
	}
	switch {
	case total > 32<<20 && float64(total) > l.Ratio*float64(size):
		return errs.New(errs.Invalid, "tabular.file.bomb")
	case float64(total) > float64(l.Unzip):
		return errs.New(errs.Invalid, "tabular.file.too_much")
	case workbook:
		return nil
	case names["xl/workbook.bin"], names["content.xml"], names["index/"]:
		return errs.New(errs.Invalid, string(refuseOtherBook))
	case names["word/"], names["ppt/"]:
		return errs.New(errs.Invalid, string(refuseDocument))
	case names["[content_types].xml"]:
		return broken(errors.New("no workbook in it"))
	}
	return errs.New(errs.Invalid, string(refuseArchive))
}

// maxStrings is how many different texts a workbook may share among its cells: excelize takes some 200
// bytes for each, however short.
const maxStrings = 3_000_000

// checkStrings counts the shared texts before they are unpacked into memory.
func checkStrings(ctx context.Context, zr *zip.Reader) error {
	rc, err := openPart(zr, "xl/sharedStrings.xml")
	if errors.Is(err, errNoPart) {
		return nil
	}
	if err != nil {
		return broken(err)
	}
	defer rc.Close()
	in := bufio.NewReaderSize(&ctxReader{ctx, rc}, 64<<10)
	for n := 0; n <= maxStrings; {
		_, err := in.ReadSlice('<')
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		if tag, err := in.Peek(3); err == nil && (string(tag) == "si>" || string(tag) == "si " || string(tag) == "si/") {
			n++
		}
	}
	return errs.New(errs.Invalid, "tabular.file.too_much")
}

// partName is a part's name with forward slashes, which some writers do not use.
func partName(s string) string { return strings.TrimPrefix(strings.ReplaceAll(s, "\\", "/"), "/") }

// openPart opens a part by name, whatever its case.
func openPart(zr *zip.Reader, name string) (io.ReadCloser, error) {
	for _, f := range zr.File {
		if strings.EqualFold(partName(f.Name), name) {
			return f.Open()
		}
	}
	return nil, fmt.Errorf("part %s: %w", name, errNoPart)
}

var errNoPart = errors.New("not in the file")

func scanPart(ctx context.Context, zr *zip.Reader, name string, dates map[int]bool, l Limits) (sheetFacts, error) {
	rc, err := openPart(zr, name)
	if errors.Is(err, errNoPart) {
		return sheetFacts{}, nil // a chart sheet
	}
	if err != nil {
		return sheetFacts{}, broken(err)
	}
	defer rc.Close()
	return scanSheet(ctx, rc, dates, l)
}

// readSheet reads sheet i row by row.
func (b *Book) readSheet(ctx context.Context, i int) (rows []rawRow, err error) {
	defer func() {
		if p := recover(); p != nil {
			rows, err = nil, broken(fmt.Errorf("read sheet: %v", p))
		}
	}()
	it, err := b.file.Rows(b.Sheets[i].Name)
	if err != nil {
		return nil, broken(err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	facts := b.facts[i]
	if facts.wide > maxWideRows {
		return nil, errs.New(errs.Invalid, "tabular.file.too_many_columns", "max", b.limits.Columns)
	}
	r := sheetReader{facts: facts, budget: budget{l: b.limits}, d1904: b.d1904}
	n := 0
	for it.Next() {
		n++
		if n%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		cells, err := it.Columns()
		if err != nil {
			return nil, broken(err)
		}
		if err := r.row(n, cells, it.GetRowOpts().Hidden); err != nil {
			return nil, err
		}
	}
	if err := it.Error(); err != nil {
		return nil, broken(err)
	}
	if n < facts.lastRow {
		return nil, broken(fmt.Errorf("%d rows of %d could be read", n, facts.lastRow))
	}
	return r.rows, nil
}

// sheetReader puts together what excelize reads and what the scan knows.
type sheetReader struct {
	facts  sheetFacts
	budget budget
	d1904  bool
	rows   []rawRow
	next   int         // the first merged region not yet reached
	active []openMerge // regions that go on below
}

type openMerge struct {
	merge
	value string
}

func (s *sheetReader) row(n int, cells []string, hidden bool) error {
	r := rawRow{number: n, cells: cells, hidden: hidden}
	for _, m := range s.facts.marks.row(n) {
		if m.col >= len(cells) {
			if m.kind == markNoValue && m.col < s.budget.l.Columns {
				r.faults = append(r.faults, Fault{m.col, ReasonNoValue})
			}
			continue
		}
		s.mark(&r, m)
	}
	if err := s.budget.clean(&r); err != nil {
		return err
	}
	s.merges(&r)
	if len(r.cells) > 0 || len(r.faults) > 0 {
		s.rows = append(s.rows, r)
	}
	return nil
}

func (s *sheetReader) mark(r *rawRow, m mark) {
	v := r.cells[m.col]
	switch m.kind {
	case markDate:
		r.cells[m.col] = isoFromSerial(v, s.d1904)
	case markExponent:
		r.cells[m.col] = plainNumber(v)
	case markNoValue:
		if v == "" {
			r.faults = append(r.faults, Fault{m.col, ReasonNoValue})
		}
	}
}

// merges fills cells merged with the one above (in rows that hold something of their own) and notes those
// merged across.
func (s *sheetReader) merges(r *rawRow) {
	s.active = slices.DeleteFunc(s.active, func(m openMerge) bool { return m.bottom < r.number })
	own := len(r.cells) > 0
	for _, m := range s.active {
		if !own || m.value == "" || r.cell(m.left) != "" {
			continue
		}
		for len(r.cells) <= m.left {
			r.cells = append(r.cells, "")
		}
		r.cells[m.left] = m.value
		r.filled = append(r.filled, m.left)
		if m.right > m.left {
			r.spans = append(r.spans, span{m.left, m.right})
		}
	}
	for ; s.next < len(s.facts.merges) && s.facts.merges[s.next].top <= r.number; s.next++ {
		m := s.facts.merges[s.next]
		if m.top < r.number || m.left >= s.budget.l.Columns {
			continue
		}
		m.right = min(m.right, s.budget.l.Columns-1)
		if m.right > m.left {
			r.spans = append(r.spans, span{m.left, m.right})
		}
		if m.bottom > m.top {
			s.active = append(s.active, openMerge{m, r.cell(m.left)})
		}
	}
}

// isoFromSerial writes a cell that the sheet shows as a date as 2022-01-12, with the time when it has one.
func isoFromSerial(v string, d1904 bool) string {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || f < 1 || f >= 2958466 {
		return v
	}
	t, err := excelize.ExcelDateToTime(f, d1904)
	if err != nil {
		return v
	}
	if t.Hour() == 0 && t.Minute() == 0 {
		return t.Format("2006-01-02")
	}
	return t.Format("2006-01-02 15:04")
}

// plainNumber writes a number without exponent: some programs store 7.7015551234E10 for a phone.
func plainNumber(v string) string {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || f >= 1e15 || f <= -1e15 {
		return v
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// resolve returns the part that a relationship's target names, seen from xl/.
func resolve(target string) string {
	if !utf8.ValidString(target) {
		return ""
	}
	if strings.HasPrefix(target, "/") {
		return strings.TrimPrefix(path.Clean(target), "/")
	}
	return path.Join("xl", target)
}
