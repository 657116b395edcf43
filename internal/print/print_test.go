package print

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
)

// extract returns a PDF's text, with layout kept, by an independent program; a test that needs it is
// skipped by name where there is none.
func extract(t *testing.T, pdf []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("SKIPPED: pdftotext (poppler-utils) is not installed; printed text is not checked")
	}
	cmd := exec.CommandContext(t.Context(), tool, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	return string(out)
}

// flat has single spaces, so that a wrapped line can be found.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

func contains(t *testing.T, text string, wants ...string) {
	t.Helper()
	text = flat(text)
	for _, w := range wants {
		if !strings.Contains(text, flat(w)) {
			t.Errorf("no %q in the paper:\n%.3000s", w, text)
		}
	}
}

func lacks(t *testing.T, text string, wants ...string) {
	t.Helper()
	text = flat(text)
	for _, w := range wants {
		if strings.Contains(text, w) {
			t.Errorf("%q must not be on the paper", w)
		}
	}
}

func TestRunSheet(t *testing.T) {
	for _, lang := range i18n.Langs() {
		t.Run(string(lang), func(t *testing.T) {
			text := extract(t, write(t, "sheet-"+string(lang), RunSheet(lang, sampleSheet(lang))))
			contains(t, text, "ӘәҒғҚқҢңӨөҰұҮүҺһІі көшесі 7", "Абай даңғылы 44, 12-пәтер", "47-21-90", "15:40", "8 727 000 00 07",
				"АЛ-0417", "123 ABC 02", "Азық-түлік себеті × 1", "45К", "17:30 · 19:30", lang.T("print.sheet_n", "i", 7, "of", 12),
				lang.T("print.page", "i", 2, "of", 3), lang.T("print.sketch"), lang.T("print.back.title"), "Блок-бекет қызметкеріне", "Сотруднику блокпоста",
				"Рұқсатнама № АЛ-0417", "Пропуск № АЛ-0417", "12.01.2022")
			lacks(t, text, "⟦", "�", "□", "{")
			for _, key := range outcomeKeys() {
				if got := strings.Count(flat(text), lang.T(key)); got < 6 {
					t.Errorf("%s stands %d times, want one for each of 4 stops and 2 empty rows", key, got)
				}
			}
		})
	}
}

func TestSheetOfPostsHasNoHousehold(t *testing.T) {
	in := sampleSheet(i18n.RU)
	in.Kind = Posts
	if err := Write(io.Discard, info, RunSheet(i18n.RU, in)); !errs.Is(err, errs.Invalid) {
		t.Errorf("homes on a sheet for posts: %v, want invalid", err)
	}
	for i := range in.Stops {
		in.Stops[i].Kind = Posts
	}
	text := extract(t, write(t, "posts", RunSheet(i18n.RU, in)))
	contains(t, text, "Маршрутный лист: посты и", "на посты и в учреждения")
	lacks(t, text, "45К", "Не слышит", "этаж", "подъезд", "Личные данные")
}

func TestEmptyFieldsLeaveNoLabels(t *testing.T) {
	for _, lang := range i18n.Langs() {
		in := RunSheetInput{Crew: "3", Date: day(0, 0), Stops: []Stop{{Address: "Абай 1"}}}
		text := extract(t, write(t, "bare-"+string(lang), RunSheet(lang, in)))
		contains(t, text, "Абай 1")
		for _, key := range []string{"print.driver", "print.navigator", "print.others", "print.vehicle", "print.plate", "print.pass", "print.home_by",
			"print.coordinator", "print.entrance", "print.floor", "print.code", "print.on_phone", "print.sketch", "print.count_back"} {
			lacks(t, text, lang.T(key)+" ", "№")
		}
		lacks(t, text, "00:00", "Рұқсатнама", "Пропуск", "Орталық:", "Центр:", " . ", "· ·")
	}
}

func TestEmptyRun(t *testing.T) {
	text := extract(t, write(t, "empty", RunSheet(i18n.KK, RunSheetInput{Crew: "3", Date: day(0, 0), Blank: 3})))
	contains(t, text, i18n.KK.T("print.no_stops"), i18n.KK.T("print.back.title"))
	if err := Write(io.Discard, info); !errs.Is(err, errs.Invalid) {
		t.Errorf("nothing to print: %v, want invalid", err)
	}
}

// long is a stop whose every field is longer than any person's patience.
func long() Stop {
	s := Stop{Number: 1, At: day(9, 0), Ref: strings.Repeat("9", 500), URL: strings.Repeat("u", 20_000), Window: strings.Repeat("w ", 5000)}
	for _, field := range []*string{&s.Address, &s.Entrance, &s.Floor, &s.Code, &s.Name, &s.Phone, &s.Note} {
		*field = strings.Repeat("Ұзын", 2500)
	}
	for range 300 {
		s.Items = append(s.Items, Item{Name: strings.Repeat("себет ", 900), Quantity: 7})
		s.Care = append(s.Care, strings.Repeat("Қ", 900))
	}
	return s
}

func TestStopIsNeverSplit(t *testing.T) {
	in := sampleSheet(i18n.KK)
	sample := in.Stops
	in.Stops = nil
	for i := range 200 {
		in.Stops = append(in.Stops, sample[i%len(sample)])
	}
	in.Stops[77] = long()
	in.Stops[77].Number = 78
	pages, err := RunSheet(i18n.KK, in)()
	if err != nil {
		t.Fatal(err)
	}
	next := 1
	for i, p := range pages {
		for _, n := range p.shows {
			if n != next {
				t.Fatalf("page %d shows stop %d, want %d", i+1, n, next)
			}
			next++
		}
		inside(t, i+1, p)
	}
	if next != 201 {
		t.Errorf("%d stops printed, want 200", next-1)
	}
	text := extract(t, write(t, "200", RunSheet(i18n.KK, in)))
	contains(t, text, "…", i18n.KK.T("print.page", "i", len(pages), "of", len(pages)))
	if got := strings.Count(text, "\f"); got != len(pages) {
		t.Errorf("%d pages in the file, %d laid out", got, len(pages))
	}
}

// inside checks that no mark leaves the paper's printable part.
func inside(t *testing.T, n int, p *page) {
	t.Helper()
	set, err := fonts()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range p.ops {
		right, low := max(o.x, o.x2), max(o.y, o.y2)
		switch o.kind {
		case opText:
			right, low = o.x+style{o.size, o.bold}.width(set, o.text), o.y
		case opCircle:
			right, low = o.x+o.x2, o.y+o.x2
		default:
		}
		if o.x < margin-1 || o.y < margin-1 || right > p.w-margin+1 || low > p.h-margin+8 {
			t.Fatalf("page %d: %q leaves the paper: %.0f,%.0f to %.0f,%.0f", n, o.text, o.x, o.y, right, low)
		}
	}
}

func TestSameInputSameBytes(t *testing.T) {
	parts := func() []Part {
		return []Part{RunSheet(i18n.KK, sampleSheet(i18n.KK)), PackingList(i18n.RU, samplePacking())}
	}
	if a, b := write(t, "a", parts()...), write(t, "b", parts()...); !bytes.Equal(a, b) {
		t.Error("the same input gave different bytes")
	}
}

func TestDuplexStartsEachSheetOnItsOwnLeaf(t *testing.T) {
	var b bytes.Buffer
	duplex := info
	duplex.Duplex = true
	if err := Write(&b, duplex, RunSheet(i18n.KK, sampleSheet(i18n.KK)), RunSheet(i18n.RU, sampleSheet(i18n.RU))); err != nil {
		t.Fatal(err)
	}
	pages := strings.Split(extract(t, b.Bytes()), "\f")
	if len(pages) != 8 || strings.TrimSpace(pages[3]) != "" || !strings.Contains(flat(pages[4]), "стр. 1 из 3") {
		t.Errorf("%d pages; the fourth must be empty and the fifth begin the second sheet", len(pages)-1)
	}
}

// TestWhatIsHandedOverIsWhole holds that an item too long for a line goes on below, with its count in sight, and that its
// neighbours keep their boxes.
func TestWhatIsHandedOverIsWhole(t *testing.T) {
	in := sampleSheet(i18n.RU)
	says := "взрослые, размер M или L, без запаха, не менее тридцати штук в пачке, если других нет, то любые"
	in.Stops = []Stop{{Number: 1, Address: "Абай даңғылы 44", Items: []Item{{Name: "хлеб", Quantity: 3}, {Name: "подгузники", Quantity: 2, Says: says}, {Name: "вода", Quantity: 5}}}}
	text := flat(extract(t, write(t, "long items", RunSheet(i18n.RU, in))))
	contains(t, text, "хлеб × 3", "подгузники × 2: взрослые", "то любые", "вода × 5")
	lacks(t, text, "…")

	load := samplePacking()
	load.Loads = []Load{{Ref: "47-21-90", Items: in.Stops[0].Items}, {Ref: "58-03-18", Items: []Item{{Name: "подгузники", Quantity: 1}}}}
	contains(t, flat(extract(t, write(t, "long packing", PackingList(i18n.RU, load)))), "2 подгузники: взрослые", "то любые", "1 подгузники")

	many := in.Stops[0]
	for range 9 {
		many.Items = append(many.Items, Item{Name: "подгузники", Quantity: 2, Says: says})
	}
	in.Stops = []Stop{many}
	contains(t, flat(extract(t, write(t, "many long items", RunSheet(i18n.RU, in)))), i18n.RU.T("print.more_items", "n", 8))
}

func TestPacking(t *testing.T) {
	text := flat(extract(t, write(t, "packing", PackingList(i18n.RU, samplePacking()))))
	contains(t, text, "2 Азық-түлік себеті", "1 Арба", "Инсулин")
	last := -1
	for n := 4; n >= 1; n-- {
		at := strings.Index(text, fmt.Sprintf("остановка %d", n))
		if at < last {
			t.Errorf("stop %d is loaded before stop %d", n, n+1)
		}
		last = at
	}
	lacks(t, text, "Сәуле", "Абай", "8 701", "Орбита")
	contains(t, extract(t, write(t, "packing-empty", PackingList(i18n.KK, PackingInput{Crew: "1", Date: day(0, 0)}))), i18n.KK.T("print.packing.empty"))
}

func TestDayPacking(t *testing.T) {
	text := extract(t, write(t, "day", DayPacking(i18n.KK, sampleDay(15))))
	contains(t, text, "Азық-түлік себеті 255", "№ 1", "№ 15", i18n.KK.T("print.day.total"))
	contains(t, extract(t, write(t, "day-empty", DayPacking(i18n.KK, DayPackingInput{Date: day(0, 0)}))), i18n.KK.T("print.day.empty"))
}

func TestManyAtOnce(t *testing.T) {
	want := write(t, "once", RunSheet(i18n.KK, sampleSheet(i18n.KK)))
	got := make([][]byte, 4)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			var b bytes.Buffer
			if err := Write(&b, info, RunSheet(i18n.KK, sampleSheet(i18n.KK))); err == nil {
				got[i] = b.Bytes()
			}
		})
	}
	all.Wait()
	for i := range got {
		if !bytes.Equal(got[i], want) {
			t.Errorf("document %d differs when several are printed at once", i)
		}
	}
}
