package print

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image/color"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"

	"github.com/jumyla/jumyla/internal/i18n"
)

var (
	objectPattern  = regexp.MustCompile(`(?s)(\d+) 0 obj\n(.*?)endobj`)
	unicodePattern = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
	fontPattern    = regexp.MustCompile(`/F(\d+) (\d+) 0 R`)
	rangePattern   = regexp.MustCompile(`<([0-9A-F]{4})><[0-9A-F]{4}><([0-9A-F]{4})>`)
	showPattern    = regexp.MustCompile(`/F(\d+) [\d.]+ Tf|\[<([0-9A-F]*)>\] TJ`)
)

// decode reads a PDF's text by its own ToUnicode tables: a line for each piece of text. It knows no more
// of the format than our own files have, and needs no other program.
func decode(t *testing.T, pdf []byte) string {
	t.Helper()
	objects := map[string][]byte{}
	for _, m := range objectPattern.FindAllSubmatch(pdf, -1) {
		objects[string(m[1])] = m[2]
	}
	letters := map[string]map[string]rune{} // font → glyph → letter
	for _, m := range fontPattern.FindAllSubmatch(pdf, -1) {
		table := unicodePattern.FindSubmatch(objects[string(m[2])])
		if table == nil {
			t.Fatalf("font %s has no ToUnicode", m[1])
		}
		glyphs := map[string]rune{}
		for _, r := range rangePattern.FindAllSubmatch(objects[string(table[1])], -1) {
			n, err := strconv.ParseUint(string(r[2]), 16, 16)
			if err != nil {
				t.Fatal(err)
			}
			glyphs[string(r[1])] = rune(n)
		}
		letters[string(m[1])] = glyphs
	}
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(objects)) {
		for _, m := range showPattern.FindAllSubmatch(inflate(objects[id]), -1) {
			if len(m[1]) > 0 {
				b.WriteString("\x00" + string(m[1]) + "\x00")
				continue
			}
			b.Write(m[2])
			b.WriteByte('\n')
		}
	}
	return letter(t, b.String(), letters)
}

// letter turns lines of "NUL font NUL glyphs" into text.
func letter(t *testing.T, coded string, letters map[string]map[string]rune) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(coded) {
		parts := strings.Split(strings.TrimSpace(line), "\x00")
		glyphs, font := parts[len(parts)-1], parts[max(0, len(parts)-2)]
		if _, err := hex.DecodeString(glyphs); err != nil {
			t.Fatal(err)
		}
		for i := 0; i+4 <= len(glyphs); i += 4 {
			b.WriteRune(letters[font][glyphs[i:i+4]])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// inflate returns the contents of a compressed stream; nothing for other objects.
func inflate(object []byte) []byte {
	_, stream, ok := bytes.Cut(object, []byte("stream\n"))
	if !ok || bytes.Contains(object, []byte("/Length1")) {
		return nil
	}
	r, err := zlib.NewReader(bytes.NewReader(stream))
	if err != nil {
		return nil
	}
	out, err := io.ReadAll(r)
	if err != nil && len(out) == 0 {
		return nil
	}
	return out
}

func TestTextCanBeSelected(t *testing.T) {
	const kazakh = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"
	in := sampleSheet(i18n.KK)
	in.Driver, in.Stops[0].Note = kazakh+" ЁёЪъЭэ", kazakh+" Äıǵńóúý 100 % №1"
	text := decode(t, write(t, "letters", RunSheet(i18n.KK, in)))
	for _, want := range []string{kazakh + " көшесі 7", kazakh + " ЁёЪъЭэ", kazakh + " Äıǵńóúý 100 % №1", "Блок-бекет қызметкеріне", "47-21-90"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the file's text:\n%.2000s", want, text)
		}
	}
}

func TestCodeIsDrawnWhole(t *testing.T) {
	const url, side = "http://192.168.1.10:8080/f/7QK2M9XW/14", 66.0
	want, err := qr.Encode(url, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	var b block
	if !b.qr(10, 20, side, url) || b.qr(0, 0, side, "") || b.qr(0, 0, side, strings.Repeat("x", 5000)) {
		t.Fatal("a code is drawn for a text that fits, and for no other")
	}
	n := want.Bounds().Dx()
	m := side / float64(n)
	for j := range n {
		for i := range n {
			x, y := 10+(float64(i)+0.5)*m, 20+(float64(j)+0.5)*m
			black := slices.ContainsFunc(b.ops, func(o op) bool { return o.x <= x && x <= o.x2 && o.y <= y && y <= o.y2 })
			if black != (want.At(i, j) == color.Black) {
				t.Fatalf("module %d, %d is wrong", i, j)
			}
		}
	}
	if m < 1.4 {
		t.Errorf("a module is %.2f points: too fine for a bad printer", m)
	}
}

func TestWrap(t *testing.T) {
	set, err := fonts()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		in   string
		most int
		want string
	}{
		"words":       {"Абай даңғылы 44", 3, "Абай|даңғы|лы 44"},
		"long word":   {"ұзынұзынұзын", 9, "ұзынұз|ынұзы|н"},
		"cut":         {"Абай даңғылы 44 пәтер", 2, "Абай|даңғ…"},
		"spaces":      {"а" + strings.Repeat(" ", 90_000) + "б", 1, "а б"},
		"empty":       {" \n\t ", 3, ""},
		"controls":    {"а\x00\u202eб\ufe0f", 3, "аб"},
		"composed":    {"и\u0306", 3, "й"},
		"marks":       {"x" + strings.Repeat("\u0336", 5000), 1, "x\u0336\u0336"},
		"no letter":   {"😀", 3, "□"},
		"broken UTF8": {"а\xffб", 3, "а□б"},
		"many":        {strings.Repeat("і", 1_000_000), 1, "іііііііііі…"},
	} {
		lines := body.wrap(set, c.in, 42, c.most)
		got := strings.Join(lines, "|")
		if name != "many" && got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		for _, l := range lines {
			if w := body.width(set, l); w > 42 {
				t.Errorf("%s: line %q is %.1f wide", name, l, w)
			}
		}
		if name == "many" && (len(lines) != 1 || !strings.HasSuffix(got, ellipsis)) {
			t.Errorf("many: %q", got)
		}
	}
}

func TestSketchStaysInItsFrame(t *testing.T) {
	f := newFlow(i18n.EN, "", "")
	where := func(p Point) []Stop {
		stops := make([]Stop, 55)
		for i := range stops {
			stops[i] = Stop{Where: &p}
		}
		return stops
	}
	for name, stops := range map[string][]Stop{
		"one house": where(Point{43.2, 76.9}),
		"far apart": append(where(Point{43.2, 76.9}), Stop{Where: &Point{51.1, 71.4}}),
	} {
		b := f.sketch(nil, stops, nil)
		for _, o := range b.ops {
			if o.x < 0 || o.x > f.width() || o.y < 0 || o.y > b.h {
				t.Fatalf("%s: a mark at %.0f, %.0f", name, o.x, o.y)
			}
		}
	}
	for name, stops := range map[string][]Stop{"none": nil, "one": where(Point{43, 76})[:1], "no place": {{Where: &Point{0, 0}}, {Where: &Point{999, 1}}}} {
		if f.sketch(nil, stops, nil) != nil {
			t.Errorf("%s: a sketch of nothing", name)
		}
	}
}

// TestWords holds the catalogue of this package and its code to each other.
func TestWords(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(print\.[a-z_.]+)(\*\d)?"`).FindAllSubmatch(src, -1) {
			if used[string(m[1])] = true; !i18n.Has(string(m[1])) {
				t.Errorf("%s: no words for %s", name, m[1])
			}
		}
	}
	b, err := os.ReadFile("../i18n/catalog/print.json")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]json.RawMessage
	if err := json.Unmarshal(b, &words); err != nil {
		t.Fatal(err)
	}
	for key := range words {
		if !used[key] {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

// BenchmarkSheets prints 50 pages: 17 crews' sheets of three pages, less one.
func BenchmarkSheets(b *testing.B) {
	var parts []Part
	pages := 0
	for i := 0; pages < 50; i++ {
		part := RunSheet(i18n.Langs()[i%3], sampleSheet(i18n.KK))
		p, err := part()
		if err != nil {
			b.Fatal(err)
		}
		pages += len(p)
		parts = append(parts, part)
	}
	for b.Loop() {
		if err := Write(io.Discard, info, parts...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(pages), "pages")
}

func ExampleWrite() {
	var pdf bytes.Buffer
	sheet := RunSheetInput{Crew: "7", Date: day(0, 0), Stops: []Stop{{Address: "Абай даңғылы 44", Items: []Item{{Name: "Инсулин", Quantity: 2}}}}}
	err := Write(&pdf, info, RunSheet(i18n.KK, sheet))
	fmt.Println(err, pdf.Len() > 10_000)
	// Output: <nil> true
}
