package tabular

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	xunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// decoded is a text file as UTF-8.
type decoded struct {
	s        string
	encoding string
	lost     int // letters that had become "?" before the file reached us
}

// charset is a single-byte encoding: its name and what its upper half means.
type charset struct {
	name  string
	upper [128]rune
}

// The upper halves of the two Kazakh code pages that x/text lacks, as IANA registers them: KZ-1048
// (STRK1048-2002) and PTCP154; from 0xC0 on both are windows-1251.
const (
	kz1048  = "ЂЃ‚ѓ„…†‡€‰Љ‹ЊҚҺЏђ‘’“”•–—\uFFFD™љ›њқһџ\u00a0ҰұӘ¤Ө¦§Ё©Ғ«¬\u00ad®Ү°±Ііөµ¶·ё№ғ»әҢңү"
	ptcp154 = "ҖҒӮғ„…ҶҮҲүҠӢҢҚҺҸҗ‘’“”•–—ҳҷҡӣңқһҹ\u00a0ЎўЈӨҘҰ§Ё©Ә«¬ӯ®Ҝ°ұІіҙө¶·ё№ә»јҪҫҝ"
)

// charsets returns the candidates; on equal evidence the first wins.
func charsets() []charset {
	fromMap := func(name string, m *charmap.Charmap) charset {
		c := charset{name: name}
		for i := range c.upper {
			c.upper[i] = m.DecodeByte(byte(0x80 + i))
		}
		return c
	}
	win := fromMap("windows-1251", charmap.Windows1251)
	fromTable := func(name, low string) charset {
		c := charset{name: name, upper: win.upper}
		copy(c.upper[:64], []rune(low))
		return c
	}
	return []charset{
		win,
		fromTable("kz-1048", kz1048),
		fromTable("ptcp154", ptcp154),
		fromMap("ibm866", charmap.CodePage866),
		fromMap("koi8-r", charmap.KOI8R),
		fromMap("x-mac-cyrillic", charmap.MacintoshCyrillic),
		fromMap("windows-1252", charmap.Windows1252),
	}
}

// decode turns a text file into UTF-8: by its mark, as UTF-8 if it is that, else in the single-byte
// encoding under which its words look most like Kazakh, Russian or English.
func decode(b []byte) (decoded, error) {
	var d decoded
	switch {
	case hasAt(b, 0, "\xEF\xBB\xBF"):
		d = decoded{s: string(b[3:]), encoding: "utf-8"}
	case hasAt(b, 0, "\xFF\xFE\x00\x00"):
		out, err := utf32.UTF32(utf32.LittleEndian, utf32.UseBOM).NewDecoder().Bytes(b)
		if err != nil {
			return decoded{}, broken(fmt.Errorf("decode utf-32: %w", err))
		}
		d = decoded{s: string(out), encoding: "utf-32le"}
	case utf16Order(b) != 0:
		order, name := xunicode.LittleEndian, "utf-16le"
		if utf16Order(b) == 'b' {
			order, name = xunicode.BigEndian, "utf-16be"
		}
		out, err := xunicode.UTF16(order, xunicode.UseBOM).NewDecoder().Bytes(b)
		if err != nil {
			return decoded{}, broken(fmt.Errorf("decode utf-16: %w", err))
		}
		d = decoded{s: string(out), encoding: name}
	case mostlyUTF8(b):
		d = decoded{s: string(b), encoding: "utf-8"}
	default:
		d = decodeBytes(b)
	}
	d.lost = lostLetters(d.s)
	return d, nil
}

// mostlyUTF8 accepts UTF-8 with a few bad bytes: one broken cell must not turn the whole file to noise.
func mostlyUTF8(b []byte) bool {
	if utf8.Valid(b) {
		return true
	}
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good > 20*bad
}

func decodeBytes(b []byte) decoded {
	all := charsets()
	sample := highSample(b, 64<<10)
	best, top := all[0], -1<<30
	for _, c := range all {
		if s := c.score(sample); s > top {
			best, top = c, s
		}
	}
	var out strings.Builder
	out.Grow(len(b) + len(b)/2)
	for _, x := range b {
		if x < 0x80 {
			out.WriteByte(x)
		} else {
			out.WriteRune(best.upper[x-0x80])
		}
	}
	return decoded{s: out.String(), encoding: best.name}
}

// highSample returns up to n bytes of those lines that hold anything but ASCII: a list may be Latin for
// its first thousand rows.
func highSample(b []byte, n int) []byte {
	var out []byte
	for line := range bytes.Lines(b) {
		if bytes.ContainsFunc(line, func(r rune) bool { return r >= 0x80 }) {
			out = append(out, line...)
		}
		if len(out) >= n {
			return out[:n]
		}
	}
	return out
}

// score says how much text looks like words under this encoding. Letters of Russian and Kazakh count for
// it, by how common they are; letters of neither, signs inside words and capitals inside words against.
func (c charset) score(b []byte) int {
	score := 0
	prev := ' '
	for _, x := range b {
		r := rune(x)
		if x >= 0x80 {
			r = c.upper[x-0x80]
			score += letterScore(r, prev)
		}
		prev = r
	}
	return score
}

func letterScore(r, prev rune) int {
	var s int
	switch {
	case strings.ContainsRune("оеаитнсрвлыкмдпу", r):
		s = 4
	case strings.ContainsRune("әғқңөұүһі", r):
		s = 4
	case r >= 'а' && r <= 'я' || r == 'ё':
		s = 3
	case r >= 'А' && r <= 'Я' || r == 'Ё' || strings.ContainsRune("ӘҒҚҢӨҰҮҺІ", r):
		s = 2
	case strings.ContainsRune("«»№–—„“”’…\u00a0°•·", r):
		return 0
	case unicode.Is(unicode.Latin, r) && unicode.Is(unicode.Latin, prev):
		return 1 // Müller
	case unicode.IsLetter(r):
		return -5
	default:
		return -6
	}
	if unicode.IsUpper(r) && unicode.IsLower(prev) {
		s -= 6
	}
	if unicode.IsLetter(prev) && unicode.Is(unicode.Latin, prev) {
		s -= 5
	}
	return s
}

// lostLetters counts "?" inside Cyrillic words: what is left of Kazakh letters in a file that was saved in
// plain windows-1251. They cannot be brought back; a person must be told.
func lostLetters(s string) int {
	n := 0
	for i := 1; i+1 < len(s); i++ {
		if s[i] != '?' {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+1:])
		opens := before == ' ' || before == '\t' || before == ';' || before == ',' || before == '\n' || before == '"' || before == '?'
		if unicode.Is(unicode.Cyrillic, after) && (opens || unicode.Is(unicode.Cyrillic, before)) {
			n++
		}
	}
	return n
}
