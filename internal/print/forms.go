package print

import (
	"strconv"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
)

// form fills one page from top to bottom with labels to write beside and boxes to tick.
type form struct {
	*flow
	b *block
	y float64
}

// formRow is the height of a line that a pen can write on.
const formRow = 24.5

func (f *flow) form() *form { return &form{flow: f, b: f.block()} }

// row writes labels with lines to write on.
func (m *form) row(keys ...string) {
	m.y += formRow
	m.blanks(m.b, 0, m.y, m.width(), keys...)
}

// rule is an empty line to write on.
func (m *form) rule() {
	m.y += formRow
	m.b.line(0, m.y+2, m.width(), m.y+2, 0.7)
}

// ticks writes a bold label, when there is one, and boxes, on as many lines as they need; it returns
// where the last line ends.
func (m *form) ticks(label string, keys ...string) (x float64) {
	const box, gap = 14.0, 12.0
	m.y += formRow
	if label != "" {
		m.b.text(0, m.y, bold, m.t(label))
		x = bold.width(m.fonts, m.t(label)) + gap
	}
	for _, key := range keys {
		w := box + 5 + body.width(m.fonts, m.t(key))
		if x > 0 && x+w > m.width() {
			x = 0
			m.y += 21
		}
		m.b.tick(x, m.y+1, box)
		m.b.text(x+box+5, m.y, body, m.t(key))
		x += w + gap
	}
	return x
}

// words writes a paragraph.
func (m *form) words(s style, text string) { m.y = m.b.para(0, m.y+9, m.width(), s, text, 6) - 3 }

// boxed writes bold paragraphs in a heavy frame.
func (m *form) boxed(texts ...string) {
	top := m.y
	m.y += 5
	for _, text := range compact(texts) {
		m.y = m.b.para(8, m.y, m.width()-16, bold, text, 3)
	}
	m.y += 5
	m.b.rect(0, top, m.width(), m.y-top, 1.6)
}

func (m *form) separator() {
	m.y += 11
	m.b.line(0, m.y, m.width(), m.y, 1.2)
	m.y -= 3
}

// page puts what is written on a page of its own.
func (m *form) page() {
	m.b.h = m.y
	m.newPage()
	m.put(m.b)
}

// CallFormInput is a stack of blank forms for the call desk.
type CallFormInput struct {
	Centre   string
	Copies   int    // at least 1
	From     int    // number of the first form, 0 for forms without numbers
	Distress string // the psychologists' line
	Consent  string // the wording that the operator reads out
}

// CallForm is the call screen on paper, one form a page.
func CallForm(lang i18n.Lang, in CallFormInput) Part {
	return func() ([]*page, error) {
		return copies(in.Copies, func(i int) ([]*page, error) {
			head := lang.T("print.form.call")
			if in.From > 0 {
				head = dots(head, lang.T("print.form.number", "n", in.From+i))
			}
			f := newFlow(lang, head, in.Centre)
			f.single = true
			f.callForm(in)
			return f.done()
		})
	}
}

// copiesMost keeps a slip of the finger from filling the memory.
const copiesMost = 500

// copies joins n documents that each count their own pages.
func copies(n int, one func(i int) ([]*page, error)) ([]*page, error) {
	if n < 1 || n > copiesMost {
		return nil, errs.New(errs.Invalid, "print.copies", "most", copiesMost)
	}
	var all []*page
	for i := range n {
		pages, err := one(i)
		if err != nil {
			return nil, err
		}
		all = append(all, pages...)
	}
	return all, nil
}

func (f *flow) callForm(in CallFormInput) {
	m := f.form()
	distress := ""
	if in.Distress != "" {
		distress = f.t("print.form.distress", "phone", in.Distress)
	}
	m.boxed(f.t("print.form.danger"), distress)
	m.row("print.form.date", "print.form.time", "print.form.operator*2")
	m.row("print.phone", "print.form.caller")
	m.ticks("print.form.language", "print.form.kk", "print.form.ru", "print.form.en", "print.form.other")
	x := m.ticks("print.form.for", "print.form.self", "print.form.somebody")
	m.blanks(m.b, x, m.y, m.width()-x, "print.form.relation")
	m.row("print.form.recipient*2", "print.form.recipient_phone")
	m.ticks("print.form.tell", "print.form.yes", "print.form.no")
	m.row("print.form.address")
	m.rule()
	m.row("print.entrance", "print.floor", "print.code", "print.form.landmark*3")
	m.row("print.form.people", "print.form.ages*3")
	m.ticks("print.form.matters", "print.form.infant", "print.form.diabetic", "print.form.carry", "print.form.lift", "print.form.cash",
		"print.form.deaf", "print.form.old", "print.form.disability", "print.form.other")
	for range 3 {
		m.row("print.form.need*5", "print.form.many", "print.form.by*2")
	}
	m.ticks("print.form.urgency", "print.form.hours", "print.form.today", "print.form.days")
	m.row("print.form.again")
	m.row("print.form.note")
	m.rule()
	m.separator()
	if in.Consent != "" {
		m.y += 4
		m.words(body, in.Consent)
	}
	m.ticks("print.form.consent", "print.form.consent_yes", "print.form.consent_no")
	m.ticks("print.form.check", "print.form.unchecked", "print.form.by_phone", "print.form.by_list", "print.form.by_visit")
	m.row("print.form.checked_by", "print.form.time")
	m.separator()
	m.y += formRow
	m.b.text(0, m.y, bold, f.t("print.form.typed"))
	from := bold.width(f.fonts, f.t("print.form.typed")) + 12
	m.blanks(m.b, from, m.y, m.width()-from, "print.form.ref", "print.form.by_whom", "print.form.time")
	m.page()
}

// OutcomeFormInput is a sheet on which outcomes are noted before they are typed in.
type OutcomeFormInput struct {
	Centre string
	Date   time.Time // zero leaves the day to the pen
	Rows   []OutcomeRow
	Blank  int // empty rows after them
}

// OutcomeRow is a stop that is waited for.
type OutcomeRow struct {
	Crew string
	Stop string
}

// OutcomeForm has a row for each stop, with the five boxes in the order of the keys 1 to 5.
func OutcomeForm(lang i18n.Lang, in OutcomeFormInput) Part {
	return func() ([]*page, error) {
		if in.Blank < 0 || len(in.Rows)+in.Blank > 100*copiesMost {
			return nil, errs.New(errs.Invalid, "print.copies", "most", 100*copiesMost)
		}
		day := lang.T("print.form.date") + " ____________"
		if !in.Date.IsZero() {
			day = lang.Date(in.Date)
		}
		f := newFlow(lang, dots(lang.T("print.form.outcomes"), day), in.Centre).sideways()
		for i := range len(in.Rows) + in.Blank {
			var row OutcomeRow
			if i < len(in.Rows) {
				row = in.Rows[i]
			}
			b := f.outcomeRow(row)
			if i == 0 || b.h > f.room() {
				f.newPage()
				f.put(f.outcomeHead())
			}
			f.put(b)
		}
		return f.done()
	}
}

// The columns of an outcome form: crew, stop, five boxes, time, and what is left for the note.
const (
	outcomeName = 62.0
	outcomeBox  = 68.0
	outcomeTime = 82.0
)

func (f *flow) outcomeHead() *block {
	b := f.block()
	x, y := 0.0, 0.0
	column := func(width float64, text string) {
		y = max(y, b.para(x+3, 0, width-6, small, text, 2))
		x += width
	}
	column(outcomeName, f.t("print.form.crew"))
	column(outcomeName, f.t("print.form.stop"))
	for i, key := range outcomeKeys() {
		column(outcomeBox, strconv.Itoa(i+1)+" "+f.t(key))
	}
	column(outcomeTime, f.t("print.time"))
	column(f.width()-x, f.t("print.note"))
	b.h = y + 4
	b.line(0, b.h, f.width(), b.h, 1.4)
	return b
}

func (f *flow) outcomeRow(row OutcomeRow) *block {
	b := f.block()
	const h, box = 28.0, 17.0
	b.fit(3, 20, outcomeName-6, large, row.Crew)
	b.fit(outcomeName+3, 20, outcomeName-6, large, row.Stop)
	x := 2 * outcomeName
	for range outcomeKeys() {
		b.tick(x+3, 21, box)
		x += outcomeBox
	}
	b.text(x+36, 20, body, ":")
	for _, at := range []float64{outcomeName, 2 * outcomeName, x - 2, x + outcomeTime} {
		b.line(at, 0, at, h, 0.4)
	}
	b.h = h
	b.line(0, h, f.width(), h, 0.7)
	return b
}

// RegisterFormInput is a stack of blank sign-up forms.
type RegisterFormInput struct {
	Centre  string
	Copies  int    // at least 1
	From    int    // number of the first form, 0 for forms without numbers
	Consent string // the wording that the volunteer signs
}

// RegisterForm is a volunteer's sign-up form, one a page.
func RegisterForm(lang i18n.Lang, in RegisterFormInput) Part {
	return func() ([]*page, error) {
		return copies(in.Copies, func(i int) ([]*page, error) {
			head := lang.T("print.form.register")
			if in.From > 0 {
				head = dots(head, lang.T("print.form.number", "n", in.From+i))
			}
			f := newFlow(lang, head, in.Centre)
			f.single = true
			f.registerForm(in)
			return f.done()
		})
	}
}

func (f *flow) registerForm(in RegisterFormInput) {
	m := f.form()
	m.y -= 6
	m.words(large, in.Centre)
	m.words(body, f.t("print.form.no_copies"))
	m.y += 4
	m.row("print.form.name")
	m.row("print.phone", "print.form.group")
	m.separator()
	m.ticks("print.form.adult", "print.form.said", "print.form.seen")
	m.row("print.form.seen_by", "print.form.date")
	m.words(body, f.t("print.form.adult_why"))
	m.separator()
	m.ticks("print.form.language", "print.form.kk", "print.form.ru", "print.form.en", "print.form.other")
	m.ticks("print.form.can", "print.form.driver", "print.form.navigator", "print.form.packer", "print.form.cook", "print.form.calls",
		"print.form.medic", "print.form.psychologist", "print.form.interpreter", "print.form.computer", "print.form.lifting", "print.form.other")
	m.rule()
	m.row("print.form.vehicle", "print.form.plate")
	m.row("print.form.seats", "print.form.kg")
	m.row("print.form.pass", "print.form.until")
	m.ticks("print.form.when", "print.form.morning", "print.form.daytime", "print.form.evening", "print.form.night")
	m.row("print.form.from", "print.form.note")
	m.separator()
	m.y += formRow
	m.b.text(0, m.y, bold, f.t("print.form.emergency"))
	m.row("print.form.name", "print.phone")
	m.separator()
	if in.Consent != "" {
		m.y += 4
		m.words(body, in.Consent)
	}
	m.ticks("print.form.consent", "print.form.yes", "print.form.no")
	m.row("print.form.signed", "print.form.date")
	m.row("print.form.taken")
	m.page()
}
