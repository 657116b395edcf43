package print

import (
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
)

// InvitationInput is cards for those who will sign in for the first time.
type InvitationInput struct {
	Centre string
	Cards  []Card
}

// Card is one invitation; what is empty is not printed.
type Card struct {
	For         string // whom it is for
	URL         string // where to open
	Fingerprint string // of the centre's certificate, hexadecimal, with or without colons
	Code        string // grouped as it is to be typed
	Expires     time.Time
}

// InvitationCards puts four cards on a page, with lines to cut along.
func InvitationCards(lang i18n.Lang, in InvitationInput) Part {
	return func() ([]*page, error) {
		if len(in.Cards) == 0 {
			return nil, errs.New(errs.Invalid, "print.nothing")
		}
		f := newFlow(lang, "", "")
		for i, c := range in.Cards {
			if i%4 == 0 {
				f.pages = append(f.pages, &page{w: a4W, h: a4H})
				b := f.block()
				b.dashes(a4W/2, 14, a4W/2, a4H-14)
				b.dashes(14, a4H/2, a4W-14, a4H/2)
				f.pages[len(f.pages)-1].add(b, 0, 0)
			}
			f.pages[len(f.pages)-1].add(f.card(in.Centre, c), float64(i%2)*a4W/2+28, float64(i%4/2)*a4H/2+28)
		}
		return f.pages, f.err
	}
}

func (f *flow) card(centre string, c Card) *block {
	b := f.block()
	const w, side = a4W/2 - 56, 92.0
	y := b.para(0, 0, w, large, f.t("print.card.title"), 2)
	y = b.para(0, y, w, body, centre, 3)
	if c.For != "" {
		y = b.para(0, y, w, bold, f.t("print.card.for", "name", c.For), 2)
	}
	step := 1
	if c.URL != "" {
		y = b.para(0, y+6, w, body, f.t("print.card.open"), 2)
		y = b.para(0, y, w, bold, c.URL, 3)
		if b.qr(0, y+10, side, c.URL) { // with white around it, for the camera
			y += side + 16
		}
		step++
	}
	if lines := groups(c.Fingerprint, 4); len(lines) > 0 {
		y = b.para(0, y+4, w, body, f.t("print.card.compare"), 2)
		for _, line := range lines {
			y = b.para(0, y, w, bold, line, 1)
		}
		step++
	}
	y = b.para(0, y+4, w, body, f.t("print.card.code", "n", step), 1)
	y = b.para(0, y+2, w, style{size: 20, bold: true}, c.Code, 2)
	if !c.Expires.IsZero() {
		b.para(0, y+4, w, small, f.t("print.card.until", "when", f.lang.DateClock(c.Expires)), 3)
	}
	return b
}

// groups writes a fingerprint in fours, so many groups a line, eight lines at most.
func groups(fingerprint string, perLine int) (lines []string) {
	hex := strings.ToUpper(strings.NewReplacer(":", "", " ", "", "-", "").Replace(fingerprint))
	line := []string{}
	for len(hex) > 0 && len(lines) < 8 {
		n := min(4, len(hex))
		line = append(line, hex[:n])
		hex = hex[n:]
		if len(line) == perLine || len(hex) == 0 {
			lines = append(lines, strings.Join(line, " "))
			line = line[:0]
		}
	}
	return lines
}
