package print

import (
	"fmt"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
)

// Kind says whom a run goes to. Homes and posts never share a sheet.
type Kind uint8

// The kinds of a run.
const (
	Homes Kind = iota
	Posts      // checkpoints, hospitals, ambulance stations: no household's data
)

// RunSheetInput is what a crew carries. Texts are in the sheet's language and phones as people read them;
// what is empty leaves no trace on the paper. Times are in the centre's zone.
type RunSheetInput struct {
	Kind       Kind
	Centre     string
	Number, Of int // this sheet's number among those given out, to count them back
	Date       time.Time
	Crew       string // the number said on the phone
	Driver     string
	Navigator  string
	Others     []string
	Vehicle    string
	Plate      string
	Pass       string // pass number
	Depart     time.Time
	HomeBy     time.Time
	Rules      []string    // sentences about what holds: the curfew first
	Checks     []time.Time // when the crew rings in
	Phone      string      // the coordinator's
	URL        string      // the run's field page
	Ref        string      // of the sheet, for a code where there is no field page: "2022-01-12/3"
	Start      *Point      // the centre, for the sketch
	Stops      []Stop
	Home       []Way   // from the last stop to the centre
	Sketch     *Sketch // what lies behind the stops; nil: straight lines
	Blank      int     // empty rows for stops taken on the way
}

// Stop is one address of a run, in the order of delivery. On a sheet for posts Name is the post's own name,
// and Entrance, Floor, Code and Care are not printed.
type Stop struct {
	Kind     Kind
	Number   int // as said on the phone; 0 means its place in the list
	Ref      string
	At       time.Time // planned arrival
	Window   string    // "before 20:00"
	Address  string
	Entrance string
	Floor    string
	Code     string
	Name     string
	Phone    string
	Items    []Item
	Care     []string // "deaf: knock hard"
	Note     string
	URL      string // the stop's field page
	Where    *Point
	Way      []Way // how to get there from the stop before
}

// Way is how to get somewhere: a paragraph of what is said in bold and what is not.
type Way []Words

// Words are said in one weight.
type Words struct {
	Text string
	Bold bool
}

// String is the way as it is read aloud.
func (w Way) String() string {
	var b strings.Builder
	for _, s := range w {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Item is a thing and how many of it. A Quantity of 0 is one that needs no number: "wheelchair".
type Item struct {
	Name     string
	Quantity int
	Says     string // what is to be known of it: a brand, a size
}

// Point is a place in degrees.
type Point struct{ Lat, Lon float64 }

// String writes the item as it is read aloud: "baby food × 2: from six months". How many stands before what may be
// long.
func (i Item) String() string {
	s := i.Name
	if i.Quantity != 0 {
		s = fmt.Sprintf("%s × %d", i.Name, i.Quantity)
	}
	if i.Says != "" {
		s += ": " + i.Says
	}
	return s
}

// RunSheet is the numbered sheet of one crew: who and what at the top, then the stops, a sketch when two
// places or more are known, empty rows, and the place to sign that it came back. A stop of another kind
// than the sheet's answers Invalid.
func RunSheet(lang i18n.Lang, in RunSheetInput) Part {
	return func() ([]*page, error) {
		for _, s := range in.Stops {
			if s.Kind != in.Kind {
				return nil, errs.New(errs.Invalid, "print.mixed_kinds")
			}
		}
		f := newFlow(lang, "", lang.T(byKind(in.Kind, "print.foot.homes", "print.foot.posts"), "phone", in.Phone))
		f.head = dots(lang.T("print.crew_n", "crew", in.Crew), f.count(in), lang.Date(in.Date))
		f.put(f.sheetTop(in))
		f.put(f.sheetFacts(in))
		f.put(f.officer(in))
		if len(in.Stops) == 0 && strings.Trim(in.Crew, "_") != "" { // else it is a blank sheet, to be filled in by hand
			f.gap(8)
			f.put(f.sentence("print.no_stops", large))
		}
		for i, s := range in.Stops {
			if s.Number == 0 {
				s.Number = i + 1
			}
			f.gap(8)
			f.put(f.stop(s))
		}
		if b := f.way(in.Home); b != nil {
			f.gap(4)
			f.put(b)
		}
		if b := f.sketch(in.Start, in.Stops, in.Sketch); b != nil {
			f.gap(12)
			f.put(b)
		}
		for range in.Blank {
			f.gap(8)
			f.put(f.blankStop())
		}
		f.gap(12)
		f.put(f.countedBack())
		return f.done()
	}
}

func byKind(k Kind, homes, posts string) string {
	if k == Posts {
		return posts
	}
	return homes
}

// dots joins what is not empty.
func dots(parts ...string) string {
	var said []string
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, " · ")
}

// labelled is the word of key and a value, or nothing when there is no value.
func (f *flow) labelled(key, value string) string {
	if strings.TrimSpace(value) == "" {
		return ""
	}
	return f.t(key) + " " + value
}

func (f *flow) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return f.lang.Clock(t)
}

func (f *flow) count(in RunSheetInput) string {
	if in.Number == 0 {
		return ""
	}
	return f.t("print.sheet_n", "i", in.Number, "of", in.Of)
}

func (f *flow) sentence(key string, s style) *block {
	b := f.block()
	b.h = b.para(0, 0, f.width(), s, f.t(key), 3)
	return b
}

// sheetTop has the centre and the date at the left, the crew's number and the code at the right.
func (f *flow) sheetTop(in RunSheetInput) *block {
	b, w := f.block(), f.width()
	const side, crewW = 84.0, 104.0
	right := w
	holds, says := in.URL, f.t("print.on_phone")
	if holds == "" {
		holds, says = in.Ref, in.Ref
	}
	if b.qr(w-side, 2, side, holds) {
		b.right(w, side+18, tiny, says) // the code needs white around it
		right -= side + 14
	}
	right -= crewW
	b.rect(right, 0, crewW, side, 2.5)
	b.centred(right+crewW/2, 17, large, f.t("print.crew"))
	number := style{size: 54, bold: true}
	for number.width(f.fonts, in.Crew) > crewW-8 && number.size > 12 {
		number.size -= 2
	}
	b.centred(right+crewW/2, 46+number.size*0.37, number, firstRunes(in.Crew, 12))

	left := right - 14
	y := b.para(0, 0, left, title, f.t(byKind(in.Kind, "print.run_sheet", "print.run_sheet_posts")), 2)
	y = b.para(0, y, left, large, f.count(in), 1)
	if in.Number != 0 {
		y = b.para(0, y, left, body, f.t("print.count_back"), 2)
	}
	y = b.para(0, y, left, large, f.lang.Date(in.Date), 1)
	y = b.para(0, y, left, body, in.Centre, 3)
	b.h = max(y, side+18) + 4
	return b
}

// fact is a word and what it is about; one without a value is not printed.
type fact struct{ key, value string }

// sheetFacts has who, with what, from when to when; the rules, the phone and what to do in danger.
func (f *flow) sheetFacts(in RunSheetInput) *block {
	b, w := f.block(), f.width()
	b.line(0, 0, w, 0, 1.2)
	y := f.facts(b, 5, [2][]fact{
		{{"print.depart", f.clock(in.Depart)}, {"print.driver", in.Driver}, {"print.navigator", in.Navigator}, {"print.others", strings.Join(in.Others, ", ")}},
		{{"print.home_by", f.clock(in.HomeBy)}, {"print.vehicle", in.Vehicle}, {"print.plate", in.Plate}, {"print.pass", in.Pass}},
	})
	for _, rule := range in.Rules {
		y = b.para(0, y+1, w, large, rule, 3)
	}
	if in.Phone != "" {
		label := f.t("print.coordinator")
		phone := style{size: 22, bold: true}
		b.text(0, y+22, body, label)
		b.fit(body.width(f.fonts, label)+8, y+22, w-body.width(f.fonts, label)-8, phone, in.Phone)
		y += 29
	}
	var times []string
	for _, t := range in.Checks {
		times = append(times, f.lang.Clock(t))
	}
	if len(times) > 0 {
		y = b.para(0, y, w, bold, f.t("print.ring_at", "times", strings.Join(times, " · ")), 2)
	}
	y = b.para(0, y, w, body, f.t("print.say", "crew", in.Crew), 2)
	y = b.para(0, y, w, bold, f.t("print.danger"), 2)
	b.h = y + 5
	return b
}

// facts writes two columns of labelled values from y and returns the y under the longer one.
func (f *flow) facts(b *block, y float64, columns [2][]fact) float64 {
	const gap = 14.0
	width := (f.width() - gap) / 2
	end := y
	for i, column := range columns {
		x, at, label := float64(i)*(width+gap), y, 0.0
		for _, c := range column {
			if strings.TrimSpace(c.value) != "" {
				label = max(label, body.width(f.fonts, f.t(c.key))+7)
			}
		}
		for _, c := range column {
			if strings.TrimSpace(c.value) == "" {
				continue
			}
			b.text(x, at+large.size*0.95, body, f.t(c.key))
			at = b.para(x+label, at, width-label, large, c.value, 2) + 1
		}
		end = max(end, at)
	}
	return end
}

// officer is the box that is shown at a checkpoint: in both state languages, side by side, whatever the
// crew speaks.
func (f *flow) officer(in RunSheetInput) *block {
	b, w := f.block(), f.width()
	const pad = 8.0
	end := 0.0
	for i, lang := range []i18n.Lang{i18n.KK, i18n.RU} {
		x := pad + float64(i)*w/2
		y := b.para(x, pad-2, w/2-2*pad, bold, lang.T("print.officer.to"), 2)
		for _, line := range officerLines(lang, in) {
			y = b.para(x, y, w/2-2*pad, body, line, 3)
		}
		end = max(end, y)
	}
	b.h = end + pad - 3
	b.line(w/2, pad, w/2, b.h-pad, 0.6)
	b.rect(0, 0, w, b.h, 1.6)
	return b
}

// officerLines say who these people are and how to check it; a number never breaks over two lines.
func officerLines(lang i18n.Lang, in RunSheetInput) []string {
	said := []string{lang.T(byKind(in.Kind, "print.officer.homes", "print.officer.posts"))}
	for _, part := range []fact{
		{"print.officer.centre", in.Centre},
		{"print.officer.date", in.Date.Format("02.01.2006")},
		{"print.officer.people", strings.Join(compact(append([]string{in.Driver, in.Navigator}, in.Others...)), ", ")},
		{"print.officer.vehicle", strings.Join(compact([]string{in.Vehicle, unbroken(in.Plate)}), ", ")},
		{"print.officer.pass", unbroken(in.Pass)},
		{"print.officer.phone", unbroken(in.Phone)},
	} {
		if strings.TrimSpace(part.value) != "" {
			said = append(said, lang.T(part.key, "value", part.value))
		}
	}
	return said
}

func unbroken(number string) string { return strings.ReplaceAll(number, " ", "\u00a0") }

// compact leaves out what is empty.
func compact(in []string) (out []string) {
	for _, s := range in {
		if strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	return out
}

// countedBack is signed in the office when the sheet is there again.
func (f *flow) countedBack() *block {
	b, w := f.block(), f.width()
	const pad, row = 8.0, 27.0
	b.text(pad, 19, large, f.t("print.back.title"))
	y := 19.0
	for _, keys := range [][]string{
		{"print.back.left", "print.back.home", "print.back.km"},
		{"print.back.pages", "print.back.goods"},
		{"print.back.gave", "print.back.took"},
		{"print.back.destroyed", "print.back.signed"},
	} {
		y += row
		f.blanks(b, pad, y, w-2*pad, keys...)
	}
	b.h = y + 10
	b.rect(0, 0, w, b.h, 1.2)
	return b
}

// blanks writes labels with lines to write on, sharing the width; y is the baseline. A key may ask for
// more than one share: "print.form.need*3".
func (f *flow) blanks(b *block, x, y, width float64, keys ...string) {
	const gap = 12.0
	room, shares := width-gap*float64(len(keys)-1), 0.0
	for _, k := range keys {
		key, share := shared(k)
		room -= body.width(f.fonts, f.t(key)) + 4
		shares += share
	}
	for _, k := range keys {
		key, share := shared(k)
		b.text(x, y, body, f.t(key))
		x += body.width(f.fonts, f.t(key)) + 4
		b.line(x, y+2, x+room*share/shares, y+2, 0.7)
		x += room*share/shares + gap
	}
}

// shared splits "key*3" into the key and its shares, 1 when none are given.
func shared(k string) (key string, shares float64) {
	key, n, ok := strings.Cut(k, "*")
	if !ok {
		return key, 1
	}
	return key, float64(n[0] - '0')
}
