package demo

import (
	"bytes"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// UglyList returns one list of people in need as a district sends it, twice: an XLSX with title rows, merged
// cells, headings in two languages over two rows, two phones in a cell, dates as text and a row "Итого"; and
// a CSV in Windows-1251. UglyRows says what is in them.
func UglyList(seed uint64) (xlsx, csv []byte, err error) {
	people := UglyRows(seed)
	if xlsx, err = uglyXLSX(people); err != nil {
		return nil, nil, fmt.Errorf("write the ugly list as xlsx: %w", err)
	}
	return xlsx, uglyCSV(people), nil
}

// sheet writes cells and keeps the first error.
type sheet struct {
	f    *excelize.File
	name string
	err  error
}

func (s *sheet) cell(col, row int, v any) {
	if s.err != nil {
		return
	}
	at, err := excelize.CoordinatesToCellName(col, row)
	if err == nil {
		err = s.f.SetCellValue(s.name, at, v)
	}
	s.err = err
}

func (s *sheet) merge(col1, row1, col2, row2 int) {
	if s.err != nil {
		return
	}
	from, err := excelize.CoordinatesToCellName(col1, row1)
	if err == nil {
		var to string
		if to, err = excelize.CoordinatesToCellName(col2, row2); err == nil {
			err = s.f.MergeCell(s.name, from, to)
		}
	}
	s.err = err
}

func uglyXLSX(people []UglyRow) ([]byte, error) {
	f := excelize.NewFile()
	s := &sheet{f: f, name: "Түрксіб 12.01"}
	s.err = f.SetSheetName("Sheet1", s.name)
	columns := uglyColumns()
	s.cell(1, 1, uglyTitle())
	s.merge(1, 1, len(columns), 1)
	s.cell(6, 2, "Бекітемін / Утверждаю ____________")
	s.merge(6, 2, len(columns), 2)
	for i, c := range columns {
		s.cell(i+1, 4, c)
		if i != 4 && i != 5 {
			s.merge(i+1, 4, i+1, 5)
		}
	}
	// the two columns of counts stand under one heading
	s.cell(5, 4, "Отбасы / семья")
	s.cell(6, 4, nil)
	s.merge(5, 4, 6, 4)
	s.cell(5, 5, columns[4])
	s.cell(6, 5, columns[5])
	for i, p := range people {
		if uglyBreak(i) {
			s.cell(1, p.Row-1, uglyHeading(i))
			s.merge(1, p.Row-1, len(columns), p.Row-1)
		}
		for c, v := range p.cells {
			s.cell(c+1, p.Row, v)
		}
	}
	last := people[len(people)-1].Row
	s.cell(2, last+2, "Итого / Барлығы")
	s.cell(5, last+2, uglyTotal(people))
	s.cell(2, last+4, "Орындаған: бас маман (қолы) тел. 8 (727) 000-00-01")
	if s.err == nil {
		s.err = f.SetColWidth(s.name, "B", "I", 24)
	}
	if s.err != nil {
		return nil, s.err
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), f.Close()
}
