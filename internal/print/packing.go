package print

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/i18n"
)

// PackingInput is the load of a run, or of one of its trips. It has no names and no addresses: packers need neither.
type PackingInput struct {
	Centre  string
	Date    time.Time
	Crew    string
	Vehicle string
	Plate   string
	LoadAt  time.Time
	Depart  time.Time // zero where nobody has reckoned it
	Trip    int       // from 1; 0 where the run has one trip
	Trips   int       // of the run
	Loads   []Load    // in the order of delivery
}

// Load is what one stop gets; Stop 0 means its place in the list.
type Load struct {
	Stop  int
	Ref   string
	Items []Item
}

// PackingList is the run's total per item and then each stop's load in loading order, which is the
// reverse of delivery: the last stop's load goes in first. Everything has a box to tick.
func PackingList(lang i18n.Lang, in PackingInput) Part {
	return func() ([]*page, error) {
		f := newFlow(lang, dots(lang.T("print.packing"), lang.T("print.crew_n", "crew", in.Crew), lang.Date(in.Date)), in.Centre)
		f.put(f.packingTop(in))
		var all []Item
		for i := range in.Loads {
			all = append(all, in.Loads[i].Items...)
		}
		if len(all) == 0 {
			f.put(f.sentence("print.packing.empty", large))
			return f.done()
		}
		f.put(f.heading(f.t("print.packing.total")))
		for _, it := range total(all) {
			f.put(f.ticked(it))
		}
		f.gap(8)
		f.put(f.heading(f.t("print.packing.order")))
		for i, load := range slices.Backward(in.Loads) {
			if load.Stop == 0 {
				load.Stop = i + 1
			}
			f.loads(load)
		}
		f.gap(10)
		f.put(f.signed("print.packing.packed", "print.packing.checked"))
		return f.done()
	}
}

// count is how many an item stands for.
func (i Item) count() int {
	if i.Quantity == 0 {
		return 1
	}
	return i.Quantity
}

// total adds up items that are the same, in the order in which they first appear.
func total(items []Item) []Item {
	var sums []Item
	at := map[Item]int{}
	for _, it := range items {
		kind := Item{Name: it.Name, Says: it.Says}
		i, seen := at[kind]
		if !seen {
			i = len(sums)
			at[kind] = i
			sums = append(sums, kind)
		}
		sums[i].Quantity += it.count()
	}
	return sums
}

func (f *flow) packingTop(in PackingInput) *block {
	b, w := f.block(), f.width()
	title := f.t("print.crew_n", "crew", firstRunes(in.Crew, 30))
	if in.Trips > 1 {
		title = dots(title, f.t("print.packing.trip", "n", in.Trip, "of", in.Trips))
	}
	y := b.para(0, 0, w, style{size: 26, bold: true}, title, 1)
	y = b.para(0, y, w, body, in.Centre, 2)
	times := []fact{{"print.packing.load_at", f.clock(in.LoadAt)}}
	if !in.Depart.IsZero() {
		times = append(times, fact{"print.depart", f.clock(in.Depart)})
	}
	b.h = f.facts(b, y+3, [2][]fact{
		times,
		{{"print.vehicle", in.Vehicle}, {"print.plate", in.Plate}},
	}) + 8
	return b
}

func (f *flow) heading(text string) *block {
	b := f.block()
	y := b.para(0, 2, f.width(), large, text, 2)
	b.line(0, y+1, f.width(), y+1, 1.2)
	b.h = y + 6
	return b
}

// ticked is a row: box, number, name.
func (f *flow) ticked(it Item) *block {
	b, w := f.block(), f.width()
	const box, number = 15.0, 40.0
	b.tick(0, 17, box)
	b.right(box+number, 17, large, strconv.Itoa(it.count()))
	name := Item{Name: it.Name, Says: it.Says}.String() // how many stands before it
	y := b.para(box+number+10, 3, w-box-number-10, person, name, 3)
	b.h = max(22, y+2)
	b.line(0, b.h, w, b.h, 0.4)
	return b
}

// loads puts one stop's load: a heading row, then its items; a load that is longer than the page goes
// on, with its heading, on the next.
func (f *flow) loads(load Load) {
	heading := func() *block {
		b := f.block()
		b.h = b.para(0, 6, f.width(), large, dots(f.t("print.packing.stop", "n", load.Stop), load.Ref), 1) + 2
		return b
	}
	b := heading()
	for _, it := range load.Items {
		row := f.ticked(it)
		if b.h+row.h > f.bottom()-f.top() {
			f.put(b)
			b = heading()
		}
		b.add(row, 0, b.h)
		b.h += row.h
	}
	f.put(b)
}

// signed is a row of lines to sign on.
func (f *flow) signed(keys ...string) *block {
	b := f.block()
	f.blanks(b, 0, 24, f.width(), keys...)
	b.h = 34
	return b
}

// DayPackingInput is what all runs of a day carry.
type DayPackingInput struct {
	Centre string
	Date   time.Time
	Runs   []DayRun
}

// DayRun is one run's column.
type DayRun struct {
	Crew   string
	Depart time.Time
	Items  []Item
}

// dayColumns is how many runs stand side by side on a page.
const dayColumns = 12

// DayPacking is a table of items by runs with the day's total, sideways; more than twelve runs go on in
// further tables, each with the total of the whole day. What is to be known of an item stands on its run's list.
func DayPacking(lang i18n.Lang, in DayPackingInput) Part {
	return func() ([]*page, error) {
		f := newFlow(lang, dots(lang.T("print.day"), lang.Date(in.Date)), in.Centre).sideways()
		var all []Item
		for _, r := range in.Runs {
			for _, it := range r.Items {
				all = append(all, Item{Name: it.Name, Quantity: it.Quantity})
			}
		}
		if len(all) == 0 {
			f.put(f.sentence("print.day.empty", large))
			return f.done()
		}
		sums := total(all)
		for from := 0; from < len(in.Runs); from += dayColumns {
			if from > 0 {
				f.newPage()
			}
			f.dayTable(in.Runs[from:min(from+dayColumns, len(in.Runs))], sums)
		}
		f.put(f.signed("print.packing.packed", "print.packing.checked"))
		return f.done()
	}
}

func (f *flow) dayTable(runs []DayRun, sums []Item) {
	const run, sum = 46.0, 64.0
	g := grid{columns: []cell{{f.t("print.day.item"), false, f.width() - sum - run*float64(len(runs))}, {f.t("print.day.total"), true, sum}}}
	counts := make([]map[string]int, len(runs))
	for i, r := range runs {
		g.columns = append(g.columns, cell{strings.TrimSpace("№ " + r.Crew + " " + f.clock(r.Depart)), true, run})
		counts[i] = map[string]int{}
		for _, it := range r.Items {
			counts[i][it.Name] += it.count()
		}
	}
	for _, s := range sums {
		row := []string{s.Name, strconv.Itoa(s.Quantity)}
		for _, c := range counts {
			text := ""
			if n := c[s.Name]; n > 0 {
				text = strconv.Itoa(n)
			}
			row = append(row, text)
		}
		g.rows = append(g.rows, row)
	}
	g.boldColumn = 1
	f.grid(g)
}
