package print

import "strconv"

// Where things stand in a stop's frame.
const (
	stopPad   = 8.0
	stopLeft  = 66.0 // number, time and ref
	stopQR    = 66.0
	stopItems = 6 // lines of things to hand over
)

var (
	address = style{size: 17, bold: true}
	person  = style{size: 14}
)

// stop is the way to an address, then the address in its frame with its tick boxes. Every text in it has a limit, so that
// any stop fits on a page.
func (f *flow) stop(s Stop) *block {
	b := f.address(s)
	way := f.way(s.Way)
	if way == nil {
		return b
	}
	way.add(b, 0, way.h+3)
	way.h, way.stop = way.h+3+b.h, b.stop
	return way
}

// way is how to get to the next stop: smaller than what is said at a door, with an arrow before it.
func (f *flow) way(paragraphs []Way) *block {
	if len(paragraphs) == 0 {
		return nil
	}
	b, x := f.block(), stopLeft+stopPad
	y := 0.0
	for _, p := range paragraphs {
		y = b.words(x, y, f.width()-x, p)
	}
	mid := stopLeft / 2
	b.line(mid, 3, mid, y-2, 1.6)
	b.line(mid-4, y-8, mid, y-2, 1.6)
	b.line(mid+4, y-8, mid, y-2, 1.6)
	b.h = y
	return b
}

// address is one framed address.
func (f *flow) address(s Stop) *block {
	b, w := f.block(), f.width()
	b.stop = s.Number
	left := f.stopLeft(b, s)
	x, right := stopLeft+stopPad, w-stopPad
	below := left
	if b.qr(w-stopPad-stopQR, stopPad, stopQR, s.URL) {
		right -= stopQR + stopPad
		below = max(below, 2*stopPad+stopQR)
	}
	width := right - x
	y := b.para(x, stopPad-1, width, address, s.Address, 4)
	if s.Kind == Homes {
		y = b.para(x, y+1, width, large, dots(f.labelled("print.entrance", s.Entrance), f.labelled("print.floor", s.Floor), f.labelled("print.code", s.Code)), 2)
	}
	y = f.who(b, x, y+1, width, s)
	y = f.items(b, x, y+2, width, s.Items)
	if s.Kind == Homes {
		y = f.care(b, x, y, width, dots(s.Care...))
	}
	y = b.para(x, y, width, body, s.Note, 4)
	y = max(y, below) + 4
	b.line(0, y, w, y, 0.7)
	b.h = f.outcome(b, stopPad, y, w-2*stopPad)
	b.rect(0, 0, w, b.h, 1.4)
	return b
}

// stopLeft has the stop's number, large, then its time and its ref.
func (f *flow) stopLeft(b *block, s Stop) float64 {
	mid := stopLeft / 2
	number := strconv.Itoa(s.Number)
	size := style{size: 30, bold: true}
	if len(number) > 2 {
		size.size = 22
	}
	b.centred(mid, stopPad+25, size, number)
	y := stopPad + 32
	if !s.At.IsZero() {
		b.centred(mid, y+15, style{size: 16, bold: true}, f.lang.Clock(s.At))
		y += 20
	}
	for _, line := range small.wrap(f.fonts, s.Window, stopLeft-6, 2) {
		b.centred(mid, y+10, style{size: small.size, bold: true}, line)
		y += small.leading()
	}
	if s.Ref != "" {
		b.centred(mid, y+12, small, small.fit(f.fonts, s.Ref, stopLeft-4))
		y += 16
	}
	return y
}

// who writes the name and the phone on one line when they fit, else on two.
func (f *flow) who(b *block, x, y, width float64, s Stop) float64 {
	line := dots(s.Name, s.Phone)
	if line != "" && len(person.wrap(f.fonts, line, width, 2)) == 1 {
		return b.para(x, y, width, person, line, 1)
	}
	y = b.para(x, y, width, person, s.Name, 2)
	return b.para(x, y, width, large, s.Phone, 1)
}

// items writes what to hand over, each with a small box, as many on a line as fit; one that is too long for a line takes
// the lines below as well.
func (f *flow) items(b *block, x, y, width float64, items []Item) float64 {
	if len(items) == 0 {
		return y
	}
	const tick, row = 11.0, 18.0
	at, lines := 0.0, 1
	for i, it := range items {
		label := bold.wrap(f.fonts, it.String(), width-tick-5, stopItems)
		w := tick + 5 + bold.width(f.fonts, label[0])
		if at > 0 && (at+w > width || len(label) > 1) {
			at, lines = 0, lines+1
		}
		if lines+len(label)-1 > stopItems {
			b.text(x, y+row*float64(lines-1)+13, bold, f.t("print.more_items", "n", len(items)-i))
			break
		}
		base := y + row*float64(lines-1) + 13
		b.tick(x+at, base, tick)
		for _, line := range label {
			b.text(x+at+tick+5, base, bold, line)
			base += row
		}
		if at += w + 16; len(label) > 1 {
			at, lines = width, lines+len(label)-1
		}
	}
	return y + row*float64(lines) + 1
}

// care is what the person at the door must know, behind a heavy bar.
func (f *flow) care(b *block, x, y, width float64, text string) float64 {
	if text == "" {
		return y
	}
	const bar = 4.0
	end := b.para(x+bar+6, y+2, width-bar-6, style{size: 13, bold: true}, text, 3)
	b.fill(x, y+2, bar, end-y-2)
	return end + 3
}

// outcome writes the five boxes with the digits of a ring, and lines for time and note; it returns the
// y under them.
func (f *flow) outcome(b *block, x, y, width float64) float64 {
	y = f.outcomeBoxes(b, x, y+23, width) + 27
	label := f.t("print.time")
	b.text(x, y, body, label)
	at := x + body.width(f.fonts, label) + 5
	b.line(at, y+2, at+30, y+2, 0.8)
	b.text(at+32, y, body, ":")
	b.line(at+38, y+2, at+68, y+2, 0.8)
	f.blanks(b, at+84, y, width-(at-x)-84, "print.note")
	return y + 10
}

func outcomeKeys() []string {
	return []string{"print.outcome.delivered", "print.outcome.partly", "print.outcome.nobody", "print.outcome.refused", "print.outcome.wrong_address"}
}

// outcomeBoxes writes the boxes from baseline y, on two lines if need be, and returns the last baseline.
func (f *flow) outcomeBoxes(b *block, x, y, width float64) float64 {
	const box, gap = 17.0, 8.0
	at := x
	for i, key := range outcomeKeys() {
		digit, label := strconv.Itoa(i+1), f.t(key)
		w := box + 4 + bold.width(f.fonts, digit+" ") + body.width(f.fonts, label)
		if at > x && at+w > x+width {
			at, y = x, y+25
		}
		b.tick(at, y+1, box)
		b.text(at+box+4, y, bold, digit)
		b.text(at+box+4+bold.width(f.fonts, digit+" "), y, body, label)
		at += w + gap
	}
	return y
}

// blankStop is an empty frame for a stop that the crew takes on the way.
func (f *flow) blankStop() *block {
	b, w := f.block(), f.width()
	b.centred(stopLeft/2, stopPad+27, style{size: 30, bold: true}, "+")
	x, width := stopLeft+stopPad, w-stopLeft-2*stopPad
	f.blanks(b, x, 26, width, "print.address")
	f.blanks(b, x, 52, width, "print.name", "print.phone")
	f.blanks(b, x, 78, width, "print.handed")
	b.line(0, 89, w, 89, 0.7)
	b.h = f.outcome(b, stopPad, 89, w-2*stopPad)
	b.rect(0, 0, w, b.h, 1.4)
	return b
}
