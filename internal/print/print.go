// Package print makes the paper: run sheets, packing lists, blank forms, cards and plain tables, as PDF
// in A4, black on white, with selectable text in Kazakh, Russian and English. It takes plain values and
// a language and knows no record, database or page of the program; printing changes nothing.
//
// A document is one or more parts, each in its own language:
//
//	err := print.Write(w, print.Info{Title: "12.01.2022", Created: now}, print.RunSheet(i18n.KK, sheet), print.PackingList(i18n.RU, load))
//
// The same input gives the same bytes.
package print

import (
	"fmt"
	"io"
	"time"

	"github.com/signintech/gopdf"

	"github.com/jumyla/jumyla/internal/errs"
)

// Info is what stands in the file itself. Keep people's names out of Title: programs show it in lists
// of recent files.
type Info struct {
	Title   string
	Created time.Time
	// Duplex starts each part on a new leaf, so that printing on both sides never puts two crews' sheets on
	// one paper.
	Duplex bool
}

// Part is one piece of a document, made by RunSheet, PackingList and the like: it lays out its own
// pages, numbered from 1.
type Part func() ([]*page, error)

// Write lays out the parts one after the other and writes them as one PDF. Without parts it answers
// Invalid.
func Write(w io.Writer, info Info, parts ...Part) error {
	if len(parts) == 0 {
		return errs.New(errs.Invalid, "print.nothing")
	}
	var pages []*page
	for i, part := range parts {
		more, err := part()
		if err != nil {
			return fmt.Errorf("lay out part %d: %w", i+1, err)
		}
		pages = append(pages, more...)
		if info.Duplex && i+1 < len(parts) && len(more)%2 == 1 {
			// A page without any mark would be a broken one: this is a mark of no size.
			pages = append(pages, &page{w: more[0].w, h: more[0].h, ops: []op{{kind: opFill}}})
		}
	}
	if err := render(w, info, pages); err != nil {
		return fmt.Errorf("write pdf: %w", err)
	}
	return nil
}

// render puts laid out pages into gopdf, which embeds what is used of the fonts.
func render(w io.Writer, info Info, pages []*page) error {
	pdf := &gopdf.GoPdf{}
	pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: a4W, H: a4H}, Unit: gopdf.UnitPT})
	pdf.SetInfo(gopdf.PdfInfo{Title: info.Title, Producer: "Jumyla", CreationDate: info.Created})
	loaded, err := fonts()
	if err != nil {
		return err
	}
	for _, f := range usedFonts(pages) {
		if err := pdf.AddTTFFontFromFontContainer(f, loaded.container); err != nil {
			return err
		}
	}
	for _, p := range pages {
		pdf.AddPageWithOption(gopdf.PageOption{PageSize: &gopdf.Rect{W: p.w, H: p.h}})
		if err := p.render(pdf); err != nil {
			return err
		}
	}
	_, err = pdf.WriteTo(w)
	return err
}

// usedFonts names the fonts that the pages use: one embedded without a letter would make a broken file.
func usedFonts(pages []*page) (names []string) {
	var used [2]bool
	for _, p := range pages {
		for _, o := range p.ops {
			if o.kind == opText || o.kind == opAlong {
				used[fontIndex(o.bold)] = true
			}
		}
	}
	for i, u := range used {
		if u {
			names = append(names, fontName(i == 1))
		}
	}
	return names
}
