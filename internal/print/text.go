package print

import (
	"strings"
	"sync"
	"unicode"

	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
	"github.com/signintech/gopdf"
	"github.com/signintech/gopdf/fontmaker/core"
	"golang.org/x/text/unicode/norm"
)

// style is a size in points and a weight.
type style struct {
	size float64
	bold bool
}

// face is the width of each letter of one font.
type face struct {
	widths  map[rune]float64 // for a size of 1
	ascent  float64          // of a capital
	missing float64
}

type fontSet struct {
	container *gopdf.FontContainer
	faces     [2]face // regular, bold
}

// fonts parses the two fonts once: it costs more than a page of text.
var fonts = sync.OnceValues(func() (*fontSet, error) {
	set := &fontSet{container: &gopdf.FontContainer{}}
	for i, data := range [][]byte{dejavusanscondensed.TTF, dejavusanscondensedbold.TTF} {
		if err := set.container.AddTTFFontData(fontName(i == 1), data); err != nil {
			return nil, err
		}
		var p core.TTFParser
		if err := p.ParseFontData(data); err != nil {
			return nil, err
		}
		set.faces[i] = faceOf(&p)
	}
	return set, nil
})

func faceOf(p *core.TTFParser) face {
	f := face{widths: make(map[rune]float64, len(p.Chars())), ascent: 0.73}
	widths := p.Widths()
	for r, glyph := range p.Chars() {
		if glyph == 0 || r < 0 || r > unicode.MaxRune {
			continue
		}
		if glyph >= uint(len(widths)) {
			glyph = uint(len(widths)) - 1
		}
		// As gopdf does it, in whole thousandths, so that a measured line is the drawn line.
		f.widths[rune(r)] = float64(widths[glyph]*1000/p.UnitsPerEm()) / 1000
	}
	f.missing = f.widths[missingLetter]
	return f
}

func fontIndex(bold bool) int {
	if bold {
		return 1
	}
	return 0
}

func fontName(bold bool) string { return [...]string{"dejavu", "dejavu-bold"}[fontIndex(bold)] }

// missingLetter stands for a letter that the font lacks; no name in use here has one.
const missingLetter = '□'

const ellipsis = "…"

// has reports whether the font has the letter; letters beyond the first plane cannot be written so that
// they can be selected again.
func (f *face) has(r rune) bool {
	_, ok := f.widths[r]
	return ok && r <= 0xFFFF
}

// width measures cleaned text.
func (s style) width(f *fontSet, text string) float64 {
	face := &f.faces[fontIndex(s.bold)]
	sum := 0.0
	for _, r := range text {
		if w, ok := face.widths[r]; ok {
			sum += w
		} else {
			sum += face.missing
		}
	}
	return sum * s.size
}

// clean makes typed text fit for one printed line: composed letters, single spaces, no control or
// direction characters, two marks on a letter at most, a box for what the font lacks. It stops after so
// many letters and then answers more.
func (s style) clean(f *fontSet, text string, most int) (line string, more bool) {
	face := &f.faces[fontIndex(s.bold)]
	var b strings.Builder
	space, marks := false, 0
	for _, r := range norm.NFC.String(strings.ToValidUTF8(text, string(missingLetter))) {
		switch {
		case unicode.IsSpace(r) && r != '\u00a0':
			space = b.Len() > 0
			continue
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			continue
		case unicode.Is(unicode.Mn, r):
			if marks++; marks > 2 {
				continue
			}
		default:
			marks = 0
		}
		if most--; most < 0 {
			return b.String(), true
		}
		if !face.has(r) {
			r = missingLetter
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String(), false
}

// wrap breaks text into lines no wider than width: between words, and inside a word that is wider than
// a line. What does not fit into most lines is cut with an ellipsis.
func (s style) wrap(f *fontSet, text string, width float64, most int) []string {
	// No line holds more of the narrowest letters than this, so that a text of any length costs little.
	text, more := s.clean(f, text, most*int(width/s.size*6+10))
	var lines []string
	line := ""
	for word := range strings.SplitSeq(text, " ") {
		joined := word
		if line != "" {
			joined = line + " " + word
		}
		if s.width(f, joined) <= width {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		var whole []string
		whole, line = s.breakWord(f, word, width)
		lines = append(lines, whole...)
		if len(lines) > most {
			break
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	if more || len(lines) > most {
		lines = lines[:min(most, len(lines))]
		lines[len(lines)-1] = s.cut(f, lines[len(lines)-1]+ellipsis, width)
	}
	return lines
}

// fit returns text as one line of at most width.
func (s style) fit(f *fontSet, text string, width float64) string {
	line := s.wrap(f, text, width, 1)
	if len(line) == 0 {
		return ""
	}
	return line[0]
}

// firstRunes returns the first n runes of text.
func firstRunes(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}

// breakWord cuts a word into lines that are full and the rest; never before a combining mark.
func (s style) breakWord(f *fontSet, word string, width float64) (full []string, rest string) {
	start, used := 0, 0.0
	for i, r := range word {
		w := s.width(f, string(r))
		if used+w > width && i > start && !unicode.Is(unicode.Mn, r) {
			full = append(full, word[start:i])
			start, used = i, 0
		}
		used += w
	}
	return full, word[start:]
}

// cut shortens a line to width, ending it with an ellipsis when letters had to go.
func (s style) cut(f *fontSet, line string, width float64) string {
	if s.width(f, line) <= width {
		return line
	}
	room := width - s.width(f, ellipsis)
	used := 0.0
	for i, r := range line {
		w := s.width(f, string(r))
		if used+w > room {
			return strings.TrimRight(line[:i], " ") + ellipsis
		}
		used += w
	}
	return line
}
