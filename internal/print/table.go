package print

import (
	"time"

	"github.com/jumyla/jumyla/internal/i18n"
)

// Column is a heading; Right aligns numbers.
type Column struct {
	Title string
	Right bool
}

// Grid is a table's content; a row may be shorter than the columns.
type Grid struct {
	Columns []Column
	Rows    [][]string
}

// TableInput is a table with its title; what is empty is not printed.
type TableInput struct {
	Title    string
	Subtitle string
	Grid     Grid
	Foot     string // at the bottom of each page
}

// Table is a table over as many pages as it needs, its headings on each; sideways when it has more than
// six columns.
func Table(lang i18n.Lang, in TableInput) Part {
	return func() ([]*page, error) {
		f := newFlow(lang, in.Title, in.Foot)
		if len(in.Grid.Columns) > 6 {
			f.sideways()
		}
		if in.Subtitle != "" {
			b := f.block()
			b.h = b.para(0, 0, f.width(), body, in.Subtitle, 4) + 6
			f.put(b)
		}
		f.grid(f.measured(in.Grid))
		return f.done()
	}
}

// SituationInput is a page of sections, made elsewhere.
type SituationInput struct {
	Title    string
	Centre   string
	When     time.Time
	Sections []Section
	Foot     string
}

// Section is a heading with lines, then a table; each may be absent.
type Section struct {
	Heading string
	Lines   []string
	Table   *Grid
}

// Situation prints sections one under the other: one page when they are as short as they should be.
func Situation(lang i18n.Lang, in SituationInput) Part {
	return func() ([]*page, error) {
		f := newFlow(lang, in.Title, in.Foot)
		b := f.block()
		y := b.para(0, 0, f.width(), large, in.Centre, 2)
		if !in.When.IsZero() {
			y = b.para(0, y, f.width(), body, lang.DateClock(in.When), 1)
		}
		b.h = y
		f.put(b)
		for _, s := range in.Sections {
			f.section(s)
		}
		return f.done()
	}
}

func (f *flow) section(s Section) {
	f.gap(9)
	var lines []*block
	for _, text := range compact(s.Lines) {
		l := f.block()
		l.fill(2, 6.5, 3.5, 3.5)
		l.h = l.para(14, 0, f.width()-14, body, text, 12) + 2
		lines = append(lines, l)
	}
	if s.Heading != "" {
		head := f.heading(s.Heading)
		if len(lines) > 0 { // a heading stays with its first line
			head.add(lines[0], 0, head.h)
			head.h += lines[0].h
			lines = lines[1:]
		}
		f.put(head)
	}
	for _, l := range lines {
		f.put(l)
	}
	if s.Table != nil {
		f.gap(3)
		f.grid(f.measured(*s.Table))
	}
}

// cell is a column with its width.
type cell struct {
	title string
	right bool
	width float64
}

type grid struct {
	columns    []cell
	rows       [][]string
	boldColumn int // 0 is none: the first column is never bold
}

const (
	cellPad   = 4.0
	cellLines = 8
)

// measured gives each column the width that its longest text asks for, or less when all together ask
// for more than the paper has: the long ones give way first.
func (f *flow) measured(in Grid) grid {
	g := grid{rows: in.Rows}
	want := make([]float64, len(in.Columns))
	for i, c := range in.Columns {
		want[i] = bold.width(f.fonts, firstRunes(c.Title, 200)) + 2*cellPad
		for _, row := range in.Rows {
			if i < len(row) {
				want[i] = max(want[i], body.width(f.fonts, firstRunes(row[i], 200))+2*cellPad)
			}
		}
	}
	most := f.fairShare(want)
	sum := 0.0
	for i := range want {
		want[i] = min(want[i], most)
		sum += want[i]
	}
	for i, c := range in.Columns {
		g.columns = append(g.columns, cell{c.Title, c.Right, want[i] * f.width() / sum})
	}
	return g
}

// fairShare is the greatest width that each column may have so that all fit.
func (f *flow) fairShare(want []float64) float64 {
	low, high := 1.0, f.width()
	for range 40 {
		mid := (low + high) / 2
		sum := 0.0
		for _, w := range want {
			sum += min(w, mid)
		}
		if sum > f.width() {
			high = mid
		} else {
			low = mid
		}
	}
	return low
}

// grid puts a table row by row, its headings again on each page.
func (f *flow) grid(g grid) {
	if len(g.columns) == 0 {
		return
	}
	titles := make([]string, len(g.columns))
	for i, c := range g.columns {
		titles[i] = c.title
	}
	head := f.gridRow(g, titles, true)
	head.line(0, head.h, f.width(), head.h, 1.4)
	for i, row := range g.rows {
		b := f.gridRow(g, row, false)
		need := b.h
		if i == 0 {
			need += head.h
		}
		if i == 0 && need <= f.room() {
			f.put(head)
		} else if need > f.room() {
			f.newPage()
			f.put(head)
		}
		f.put(b)
	}
	if len(g.rows) == 0 {
		f.put(head)
	}
}

func (f *flow) gridRow(g grid, row []string, heading bool) *block {
	b := f.block()
	x, y := 0.0, 0.0
	for i, c := range g.columns {
		if i < len(row) {
			s := style{size: body.size, bold: heading || (i > 0 && i == g.boldColumn)}
			y = max(y, b.cell(x+cellPad, c.width-2*cellPad, s, row[i], c.right))
		}
		x += c.width
	}
	b.h = max(y, body.leading()) + 5
	b.line(0, b.h, f.width(), b.h, 0.4)
	return b
}

// cell writes wrapped text and returns the y under it.
func (b *block) cell(x, width float64, s style, text string, right bool) float64 {
	y := 2.0
	for _, line := range s.wrap(b.fonts, text, max(width, s.size*2), cellLines) {
		if right {
			b.right(x+width, y+s.size*0.95, s, line)
		} else {
			b.text(x, y+s.size*0.95, s, line)
		}
		y += s.leading()
	}
	return y
}
