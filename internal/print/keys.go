package print

import (
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
)

// KeyPapersInput is the papers of a network's key-holders: one page each.
type KeyPapersInput struct {
	Centre string // where they were made
	Date   time.Time
	Need   int      // how many of them it takes
	Keys   []string // in groups, as they are to be typed
}

// KeyPapers prints one key a page, large enough to be typed by candlelight, with a code for who has a reader.
func KeyPapers(lang i18n.Lang, in KeyPapersInput) Part {
	return func() ([]*page, error) {
		if len(in.Keys) == 0 {
			return nil, errs.New(errs.Invalid, "print.nothing")
		}
		f := newFlow(lang, "", "")
		for i, key := range in.Keys {
			f.pages = append(f.pages, &page{w: a4W, h: a4H})
			f.pages[i].add(f.keyPaper(in, i, key), margin, margin)
		}
		return f.pages, f.err
	}
}

func (f *flow) keyPaper(in KeyPapersInput, i int, key string) *block {
	b := f.block()
	w := f.width()
	y := b.para(0, 0, w, style{size: 22, bold: true}, f.t("print.key.title", "i", i+1, "of", len(in.Keys)), 2)
	y = b.para(0, y+4, w, body, dots(in.Centre, f.lang.Date(in.Date)), 2)
	y = b.para(0, y+10, w, large, f.t("print.key.what", "need", in.Need, "of", len(in.Keys)), 5)

	top := y + 16
	groups := strings.Fields(key)
	y = top + 12
	for line := 0; line < len(groups); line += 3 {
		y += 44
		for k, g := range groups[line:min(line+3, len(groups))] {
			b.text(18+float64(k)*w/3, y, style{size: 34, bold: true}, g)
			b.text(18+float64(k)*w/3, y-34, tiny, f.t("print.key.group", "n", line+k+1))
		}
		y += 16
	}
	b.rect(0, top, w, y-top+6, 1.5)
	y += 26
	const side = 120.0
	b.qr(0, y, side, key)
	text := y
	for n, rule := range []string{"print.key.rule_keep", "print.key.rule_photo", "print.key.rule_two", "print.key.rule_type"} {
		text = b.para(side+20, text, w-side-20, body, f.t("print.key.rule", "n", n+1, "text", f.t(rule)), 4) + 4 // i18n: print.key.rule_*
	}
	y = max(text, y+side) + 50
	b.line(0, y, w*0.55, y, 0.8)
	b.text(0, y+12, small, f.t("print.key.holder"))
	b.line(w*0.65, y, w, y, 0.8)
	b.text(w*0.65, y+12, small, f.t("print.key.signature"))
	b.h = y + 20
	return b
}
