package print

import (
	"github.com/jumyla/jumyla/internal/i18n"
)

// A4 in points, and the margin that every office printer can reach.
const (
	a4W    = 595.28
	a4H    = 841.89
	margin = 36.0
)

// The sizes of type: nothing that is read in the dark is smaller than body.
var (
	tiny  = style{size: 9}
	small = style{size: 10.5}
	body  = style{size: 12}
	bold  = style{size: 12, bold: true}
	large = style{size: 14, bold: true}
	title = style{size: 18, bold: true}
)

// flow fills pages with blocks, from top to bottom, and never splits a block.
type flow struct {
	fonts *fontSet
	lang  i18n.Lang
	w, h  float64
	y     float64
	pages []*page
	// head is the running title, at the left of the page's top beside "page n of m"; foot stands at its
	// bottom.
	head, foot string
	single     bool // each page is a document: no "page 1 of 1"
	err        error
}

// newFlow starts an upright A4 document.
func newFlow(lang i18n.Lang, head, foot string) *flow {
	set, err := fonts()
	if err != nil {
		set = &fontSet{}
	}
	return &flow{fonts: set, lang: lang, w: a4W, h: a4H, head: head, foot: foot, err: err}
}

// sideways turns the paper; call it before the first block.
func (f *flow) sideways() *flow {
	f.w, f.h = a4H, a4W
	return f
}

func (f *flow) t(key string, args ...any) string { return f.lang.T(key, args...) }

// width is what lies between the margins.
func (f *flow) width() float64 { return f.w - 2*margin }

func (f *flow) top() float64    { return margin + 22 }
func (f *flow) bottom() float64 { return f.h - margin - 14 }

// room is what is left on the page.
func (f *flow) room() float64 {
	if len(f.pages) == 0 {
		return f.bottom() - f.top()
	}
	return f.bottom() - f.y
}

func (f *flow) block() *block { return &block{fonts: f.fonts} }

// newPage starts a page.
func (f *flow) newPage() {
	f.pages = append(f.pages, &page{w: f.w, h: f.h})
	f.y = f.top()
}

// put places a block under what is there, on a new page when it does not fit.
func (f *flow) put(b *block) {
	if len(f.pages) == 0 || b.h > f.room() {
		f.newPage()
	}
	f.pages[len(f.pages)-1].add(b, margin, f.y)
	f.y += b.h
}

// gap leaves room, except at the top of a page.
func (f *flow) gap(h float64) {
	if len(f.pages) > 0 && f.y > f.top() {
		f.y += h
	}
}

// done writes the running titles and returns the pages: one at least.
func (f *flow) done() ([]*page, error) {
	if f.err != nil {
		return nil, f.err
	}
	if len(f.pages) == 0 {
		f.newPage()
	}
	for i, p := range f.pages {
		b := f.block()
		number := ""
		if !f.single {
			number = f.t("print.page", "i", i+1, "of", len(f.pages))
		}
		if f.head != "" {
			b.fit(0, 9, f.width()-bold.width(f.fonts, number)-12, bold, f.head)
			b.line(0, 13, f.width(), 13, 0.8)
		}
		b.right(f.width(), 9, bold, number)
		b.fit(0, f.h-2*margin+2, f.width(), tiny, f.foot)
		p.add(b, margin, margin)
	}
	return f.pages, nil
}
