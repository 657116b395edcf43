package tabular

import (
	"context"
	"strings"
)

// A quoted cell may run over this many lines and bytes; beyond that its opening mark is taken to be a
// stray one. encoding/csv would take the rest of the file for one cell.
const (
	maxQuotedLines = 50
	maxQuotedBytes = 64 << 10
)

// readCSV reads delimited text whole. The delimiter is the one under which the rows agree best; "" is
// returned when there is only one column.
func readCSV(ctx context.Context, s string, l Limits) (rows []rawRow, delimiter string, err error) {
	s, delim := findDelimiter(s)
	if delim != 0 {
		delimiter = string(rune(delim))
	}
	p := csvParser{s: s, delim: delim}
	b := budget{l: l}
	for n := 1; !p.done(); n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, "", ctx.Err()
		}
		r := rawRow{number: n}
		var broken bool
		r.cells, broken = p.record(l.Columns + 1)
		for i, c := range r.cells {
			r.cells[i] = unguard(c)
		}
		if broken {
			r.faults = append(r.faults, Fault{0, ReasonQuote})
		}
		if err := b.clean(&r); err != nil {
			return nil, "", err
		}
		if len(r.cells) > 0 || len(r.faults) > 0 {
			rows = append(rows, r)
		}
	}
	return rows, delimiter, nil
}

// csvParser cuts text into records. It is lenient where people's files are wrong: a quotation mark inside
// a cell is a letter, and one that never closes is a letter too, so that no row swallows the next.
type csvParser struct {
	s     string
	pos   int
	delim byte // 0: the whole line is one cell
	plain bool // in this record, quotation marks are letters
}

func (p *csvParser) done() bool { return p.pos >= len(p.s) }

// record returns the next record's cells, the first limit of them, and whether a quotation mark in it
// was a stray one.
func (p *csvParser) record(limit int) (cells []string, stray bool) {
	p.plain = false
	for {
		cell, end := p.field()
		if len(cells) < limit {
			cells = append(cells, cell)
		} else if cell != "" {
			cells[limit-1] = cell // so that what was cut does not look empty
		}
		if end {
			return cells, p.plain
		}
	}
}

// field returns the next cell and whether it ends the record.
func (p *csvParser) field() (cell string, end bool) {
	i := p.pos
	for i < len(p.s) && p.s[i] == ' ' {
		i++
	}
	if i < len(p.s) && p.s[i] == '"' && !p.plain && p.delim != 0 {
		if cell, next, ok := p.quoted(i + 1); ok {
			p.pos = next
			return cell, p.step()
		}
		p.plain = true
	}
	i = p.pos
	for i < len(p.s) && !p.ends(i) {
		i++
	}
	cell = p.s[p.pos:i]
	p.pos = i
	return cell, p.step()
}

// ends reports whether a cell ends before byte i.
func (p *csvParser) ends(i int) bool {
	c := p.s[i]
	return c == '\n' || c == '\r' || p.delim != 0 && c == p.delim
}

// step goes over the delimiter or the line's end and reports which.
func (p *csvParser) step() (end bool) {
	if p.pos >= len(p.s) {
		return true
	}
	c := p.s[p.pos]
	p.pos++
	if c == '\r' && p.pos < len(p.s) && p.s[p.pos] == '\n' {
		p.pos++
	}
	return c == '\n' || c == '\r'
}

// quoted reads a quoted cell whose text starts at i. Within one line it forgives marks that should have
// been doubled (ТОО "Рога"); over several lines it must be well formed, or it is not one.
func (p *csvParser) quoted(i int) (cell string, next int, ok bool) {
	start, lines, lenient, doubled := i, 0, false, false
	for ; i < len(p.s) && i-start < maxQuotedBytes && lines < maxQuotedLines; i++ {
		switch {
		case p.s[i] == '\n':
			lines++
			if lenient {
				return "", 0, false
			}
		case p.s[i] != '"':
		case i+1 < len(p.s) && p.s[i+1] == '"':
			if i++; lenient && p.closes(i+1) {
				return unquote(p.s[start:i], doubled), p.skipSpaces(i + 1), true
			}
			doubled = true
		case p.closes(i + 1):
			return unquote(p.s[start:i], doubled), p.skipSpaces(i + 1), true
		case lines > 0:
			return "", 0, false
		default:
			lenient = true
		}
	}
	if i >= len(p.s) && lines == 0 {
		return unquote(p.s[start:], doubled), len(p.s), true // the file's last cell, cut
	}
	return "", 0, false
}

func (p *csvParser) skipSpaces(i int) int {
	for i < len(p.s) && p.s[i] == ' ' {
		i++
	}
	return i
}

// closes reports that after a closing mark the cell really ends: a delimiter, a line's end, the file's.
func (p *csvParser) closes(i int) bool {
	i = p.skipSpaces(i)
	return i >= len(p.s) || p.ends(i)
}

func unquote(s string, doubled bool) string {
	if doubled {
		return strings.ReplaceAll(s, `""`, `"`)
	}
	return s
}

// findDelimiter returns the text without Excel's "sep=" line, and the delimiter: of tab, semicolon, comma
// and bar the one under which most records have the same number of cells; 0 when there is none.
func findDelimiter(s string) (string, byte) {
	if rest, ok := strings.CutPrefix(s, "sep="); ok && len(rest) > 1 && (rest[1] == '\n' || rest[1] == '\r') {
		return strings.TrimLeft(rest[1:], "\r\n"), rest[0]
	}
	var best byte
	top := 0.0
	for _, d := range []byte{'\t', ';', ',', '|'} {
		if score := agreement(s, d); score > top {
			best, top = d, score
		}
	}
	return s, best
}

// agreement says, for a delimiter, which share of the first records has its commonest number of cells,
// and more for more cells; 0 when that number is 1.
func agreement(s string, d byte) float64 {
	p := csvParser{s: s, delim: d}
	counts := map[int]int{}
	records := 0
	for records < 200 && !p.done() {
		cells, _ := p.record(1 << 10)
		if len(cells) == 1 && strings.TrimSpace(cells[0]) == "" {
			continue
		}
		counts[len(cells)]++
		records++
	}
	top, mode := 0, 0
	for n, c := range counts {
		if n > 1 && (c > top || c == top && n > mode) {
			top, mode = c, n
		}
	}
	if records == 0 || mode == 0 {
		return 0
	}
	share := float64(top) / float64(records)
	if share < 0.2 && d == ',' {
		return 0 // prose has commas too
	}
	return share * (1 + float64(min(mode, 20))/20)
}
