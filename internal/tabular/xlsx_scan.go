package tabular

import (
	"archive/zip"
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/jumyla/jumyla/internal/errs"
)

// What excelize's row iterator does not tell, or tells only by loading the whole sheet: how much there is,
// which cells are dates, which regions are merged, and whether the XML is whole (it stops quietly where
// the XML breaks). One pass over each sheet collects this.
type sheetFacts struct {
	rows, cells int // that hold anything
	lastRow     int // the last one that holds anything
	wide        int // rows with cells beyond the limit of columns
	marks       marks
	merges      []merge // by top row
}

type merge struct{ top, left, bottom, right int } // rows from 1, columns from 0

type markKind uint8

const (
	markDate     markKind = iota // a number shown as a date
	markExponent                 // a number stored as 7.7E10
	markNoValue                  // a formula without a stored result
)

// mark is something to know about one cell.
type mark struct {
	rowNum int
	col    int
	kind   markKind
}

// marks are in the order of rows; row takes them off the front.
type marks []mark

// row returns and removes the marks of row n; rows are asked for in order.
func (m *marks) row(n int) []mark {
	i := 0
	for i < len(*m) && (*m)[i].rowNum < n {
		i++
	}
	j := i
	for j < len(*m) && (*m)[j].rowNum == n {
		j++
	}
	out := (*m)[i:j]
	*m = (*m)[j:]
	return out
}

// scanner walks one sheet's XML.
type scanner struct {
	sheetFacts
	l        Limits
	dates    map[int]bool // styles that show a date
	row, col int
	c        cellScan
	inValue  bool
	lastWide int
	filled   int // the last row that was counted
}

type cellScan struct {
	style   int
	number  bool
	formula bool
	text    bool // its result is a string, which may be empty
	stored  bool // a result stands there, be it empty
	value   bool
}

// scanSheet reads a sheet's XML to its end.
func scanSheet(ctx context.Context, r io.Reader, dates map[int]bool, l Limits) (sheetFacts, error) {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	s := scanner{l: l, dates: dates}
	depth := 0
	for n := 0; ; n++ {
		if n%(1<<16) == 0 && ctx.Err() != nil {
			return sheetFacts{}, ctx.Err()
		}
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) && depth == 0 {
			break
		}
		if err != nil {
			return sheetFacts{}, broken(fmt.Errorf("scan sheet: %w", err))
		}
		switch t := tok.(type) {
		case xml.StartElement:
			depth++
			err = s.start(t)
		case xml.EndElement:
			depth--
			s.end(t.Name.Local)
		case xml.CharData:
			s.text(t)
		}
		if err != nil {
			return sheetFacts{}, err
		}
	}
	slices.SortStableFunc(s.merges, func(a, b merge) int { return cmp.Compare(a.top, b.top) })
	slices.SortStableFunc(s.marks, func(a, b mark) int { return cmp.Compare(a.rowNum, b.rowNum) })
	return s.sheetFacts, nil
}

func (s *scanner) start(t xml.StartElement) error {
	switch t.Name.Local {
	case "row":
		s.row++
		if n, err := strconv.Atoi(attr(t, "r")); err == nil && n > 0 {
			s.row = n
		}
		s.col = -1
	case "c":
		s.cell(t)
	case "f":
		s.c.formula = true
	case "v", "t":
		s.inValue, s.c.stored = true, true
	case "mergeCell":
		return s.merge(attr(t, "ref"))
	}
	return nil
}

func (s *scanner) cell(t xml.StartElement) {
	s.col++
	if ref := attr(t, "r"); ref != "" {
		if col, row, ok := cellAt(ref); ok {
			s.col, s.row = col, row
		}
	}
	kind := attr(t, "t")
	s.c = cellScan{number: kind == "" || kind == "n", text: kind == "str"}
	s.c.style, _ = strconv.Atoi(attr(t, "s")) // no style is style 0
}

func (s *scanner) text(b []byte) {
	if !s.inValue || len(b) == 0 {
		return
	}
	s.c.value = true
	if s.c.number && strings.ContainsAny(string(b), "eE") {
		s.mark(markExponent)
	}
}

func (s *scanner) end(name string) {
	switch name {
	case "v", "t":
		s.inValue = false
	case "c":
		s.endCell()
	}
}

func (s *scanner) endCell() {
	c := s.c
	s.c = cellScan{}
	if c.formula && !c.value && (!c.text || !c.stored) { // IF(A1="","",A1) was calculated, and is empty
		s.mark(markNoValue)
	}
	if !c.value {
		return
	}
	if c.number && s.dates[c.style] {
		s.mark(markDate)
	}
	s.cells++
	if s.filled != s.row {
		s.rows++
		s.filled = s.row
		s.lastRow = max(s.lastRow, s.row)
	}
	if s.col >= s.l.Columns && s.lastWide != s.row {
		s.wide++
		s.lastWide = s.row
	}
}

func (s *scanner) mark(k markKind) {
	if s.col < s.l.Columns && len(s.marks) < s.l.Cells {
		s.marks = append(s.marks, mark{s.row, s.col, k})
	}
}

func (s *scanner) merge(ref string) error {
	from, to, ok := strings.Cut(ref, ":")
	if !ok {
		return nil
	}
	left, top, ok1 := cellAt(from)
	right, bottom, ok2 := cellAt(to)
	if !ok1 || !ok2 || bottom < top || right < left {
		return nil // an unreadable region only fails to be filled
	}
	if len(s.merges) >= s.l.Rows {
		return errs.New(errs.Invalid, "tabular.file.too_much")
	}
	s.merges = append(s.merges, merge{top, left, bottom, right})
	return nil
}

// cellAt reads "B12": column from 0, row from 1.
func cellAt(ref string) (col, row int, ok bool) {
	col, row, err := excelize.CellNameToCoordinates(ref)
	return col - 1, row, err == nil
}

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// parts is what a workbook says of itself.
type parts struct {
	sheets []sheetPart
	dates  map[int]bool // styles that show a date
	d1904  bool
}

type sheetPart struct {
	name, path string
	hidden     bool
}

type workbookXML struct {
	Pr struct {
		Date1904 string `xml:"date1904,attr"`
	} `xml:"workbookPr"`
	Sheets []struct {
		Name  string     `xml:"name,attr"`
		State string     `xml:"state,attr"`
		Attr  []xml.Attr `xml:",any,attr"`
	} `xml:"sheets>sheet"`
}

type relationsXML struct {
	Rel []struct {
		ID     string `xml:"Id,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

type stylesXML struct {
	Formats []struct {
		ID   int    `xml:"numFmtId,attr"`
		Code string `xml:"formatCode,attr"`
	} `xml:"numFmts>numFmt"`
	Xfs []struct {
		Format int `xml:"numFmtId,attr"`
	} `xml:"cellXfs>xf"`
}

func readParts(zr *zip.Reader) (parts, error) {
	var wb workbookXML
	var rels relationsXML
	var st stylesXML
	for name, into := range map[string]any{
		"xl/workbook.xml": &wb, "xl/_rels/workbook.xml.rels": &rels, "xl/styles.xml": &st,
	} {
		err := unmarshalPart(zr, name, into)
		if err != nil && (!errors.Is(err, errNoPart) || into != any(&st)) {
			return parts{}, broken(err)
		}
	}
	target := map[string]string{}
	for _, r := range rels.Rel {
		target[r.ID] = resolve(r.Target)
	}
	p := parts{dates: dateStyles(st), d1904: wb.Pr.Date1904 == "1" || wb.Pr.Date1904 == "true"}
	for _, s := range wb.Sheets {
		part := sheetPart{name: s.Name, hidden: s.State == "hidden" || s.State == "veryHidden"}
		for _, a := range s.Attr {
			if a.Name.Local == "id" {
				part.path = target[a.Value]
			}
		}
		if part.path != "" {
			p.sheets = append(p.sheets, part)
		}
	}
	return p, nil
}

func unmarshalPart(zr *zip.Reader, name string, into any) error {
	rc, err := openPart(zr, name)
	if err != nil {
		return err
	}
	defer rc.Close()
	if err := xml.NewDecoder(rc).Decode(into); err != nil {
		return fmt.Errorf("part %s: %w", name, err)
	}
	return nil
}

// dateStyles returns the cell styles whose number format shows a day.
func dateStyles(st stylesXML) map[int]bool {
	custom := map[int]bool{}
	for _, f := range st.Formats {
		custom[f.ID] = showsDay(f.Code)
	}
	out := map[int]bool{}
	for i, x := range st.Xfs {
		if day, ok := custom[x.Format]; ok && day || !ok && builtinDay(x.Format) {
			out[i] = true
		}
	}
	return out
}

// builtinDay reports the built-in formats of ECMA-376 part 1, 18.8.30, that show a day.
func builtinDay(id int) bool {
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 54 || id == 57 || id == 58
}

// showsDay reports that a format code has a year or a day outside quotes and brackets.
func showsDay(code string) bool {
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case bracket:
		case c == 'y' || c == 'd' || c == 'Y' || c == 'D':
			return true
		}
	}
	return false
}
