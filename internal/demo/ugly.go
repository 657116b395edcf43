package demo

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// UglyRow is one household of the ugly list and what it is in truth.
type UglyRow struct {
	TruthID string // of a record in Households, or of its own
	Known   bool   // Households has it already
	Again   bool   // it stands higher up in the same list
	Row     int    // in the sheet, counted from 1
	Phones  []string
	People  int
	Kinds   []Kind
	cells   []any // as they stand in the sheet: text, and a phone or a count as a number here and there
}

// The counts of the ugly list.
const (
	UglyRowCount   = 46
	uglyKnownCount = 14
	uglyAgainCount = 3
)

// uglyColumns are the headings, Kazakh and Russian mixed as districts write them.
func uglyColumns() []string {
	return []string{
		"№ р/с", "Аты-жөні / ФИО", "Телефон (байланыс)", "Мекенжайы, адрес", "Кол-во чел.\nотбасы құрамы", "оның ішінде балалар",
		"Не керек / нужда", "Дата обращения", "Ескерту, примечание",
	}
}

// uglyHead is how many rows stand above the people: two of title, one empty, two of headings.
const uglyHead = 5

// UglyRows returns the people of the ugly list: 29 not known before, 14 who are in Households(seed) in other
// writing, and three who stand in the list twice. Between them stand headings of streets and empty rows.
func UglyRows(seed uint64) []UglyRow {
	d := newDice(seed, streamUgly)
	known := Households(seed)
	book := newPhoneBook(d, blockUgly, blockSize)
	var all []UglyRow
	for i := range UglyRowCount - uglyAgainCount {
		h := d.household(book)
		h.TruthID = fmt.Sprintf("U%03d", i+1)
		isKnown := i < uglyKnownCount
		if isKnown {
			h = known[i*len(known)/uglyKnownCount]
			h.Contact = otherScript(d, h)
			h.Place.Address = d.otherWriting(h.Place)
		}
		all = append(all, d.uglyRow(h, isKnown))
	}
	d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i := range uglyAgainCount {
		again := all[i*7]
		again.Again = true
		again.cells = append([]any(nil), again.cells...)
		again.cells[1] = strings.ToUpper(fmt.Sprint(again.cells[1]))
		again.cells[8] = "қайта / повторно, " + Mark
		all = append(all, again)
	}
	row := uglyHead
	for i := range all {
		row++
		if uglyBreak(i) {
			row += 2 // an empty row and a heading
		}
		all[i].Row = row
		all[i].cells[0] = i + 1
	}
	return all
}

// uglyBreak reports the rows before which a heading of streets stands.
func uglyBreak(i int) bool { return i == 12 || i == 27 || i == 38 }

func (d dice) uglyRow(h Household, known bool) UglyRow {
	r := UglyRow{TruthID: h.TruthID, Known: known, Phones: []string{h.Phone}, People: h.People}
	var phone any = spoken(d, h.Phone)
	switch {
	case h.Phone2 != "" || d.chance(20):
		second := h.Phone2
		if second == "" {
			second = cityPhone(d.IntN(10_000))
		}
		r.Phones = append(r.Phones, second)
		phone = fmt.Sprint(phone) + pick(d, []string{", ", " / ", "; ", "\n"}) + spoken(d, second) + pick(d, []string{"", " (қызы)", " сын"})
	case d.chance(15):
		n, err := strconv.ParseInt(strings.TrimPrefix(h.Phone, "+"), 10, 64)
		if err == nil {
			phone = n // typed as a number: 77000001234
		}
	}
	r.Kinds = []Kind{d.carried(h)}
	if more := d.carried(h); d.chance(35) && more != r.Kinds[0] {
		r.Kinds = append(r.Kinds, more)
	}
	r.cells = []any{0, d.uglyName(h.Contact), phone, h.Place.Address, d.uglyPeople(h), d.uglyChildren(h), d.uglyNeeds(r.Kinds), d.uglyDate(), d.uglyNote(h)}
	return r
}

// carried is a need that a district's list has: things that are carried, no visits and no messages.
func (d dice) carried(h Household) Kind {
	for {
		if k := d.kind(h); goods(k) {
			return k
		}
	}
}

func (d dice) uglyName(name string) string {
	switch d.IntN(6) {
	case 0:
		return strings.ToUpper(name)
	case 1:
		return " " + name + "  "
	case 2:
		f := strings.Fields(name)
		return f[0] + " " + string([]rune(f[1])[:1]) + "."
	}
	return name
}

func (d dice) uglyPeople(h Household) any {
	switch d.IntN(4) {
	case 0:
		return fmt.Sprintf("%d адам", h.People)
	case 1:
		return fmt.Sprintf("%d чел", h.People)
	case 2:
		return h.People
	}
	return strconv.Itoa(h.People)
}

func (d dice) uglyChildren(h Household) any {
	if len(h.Children) == 0 {
		return pick(d, []any{"", "-", "жоқ", "нет", 0})
	}
	if d.chance(40) {
		var ages []string
		for _, a := range h.Children {
			ages = append(ages, strconv.Itoa(a))
		}
		return fmt.Sprintf("%d (%s жас)", len(h.Children), strings.Join(ages, ","))
	}
	return len(h.Children)
}

func (d dice) uglyNeeds(kinds []Kind) string {
	words := map[Kind][]string{
		Basket: {"азық-түлік", "продукты", "прод. корзина", "себет"}, Bread: {"нан", "хлеб, молоко"},
		BabyFood: {"сәби тамағы", "дет.питание", "смесь"}, Diapers: {"памперс", "жөргек", "подгузники"},
		Medicine: {"дәрі (қысым)", "лекарства"}, Insulin: {"инсулин!!!", "инсулин"}, HotMeal: {"ыстық тамақ", "горячее"},
		Water: {"су", "вода"}, Hygiene: {"сабын, ұнтақ", "гигиена"},
	}
	var out []string
	for _, k := range kinds {
		out = append(out, pick(d, words[k]))
	}
	return strings.Join(out, pick(d, []string{"+", ", ", " / "}))
}

// uglyDate writes a date as text in one of the ways found in lists.
func (d dice) uglyDate() string {
	on := d.between(8, 12)
	return fmt.Sprintf(pick(d, []string{"%02d.01.2022", "%d.01.22", "%d қаңтар", "%02d/01/2022ж.", "%d января", "%d.01"}), on)
}

func (d dice) uglyNote(h Household) string {
	var notes []string
	words := map[Flag][]string{
		Infant: {"сәби бар", "грудничок"}, Diabetic: {"диабет"}, CannotCarry: {"көтере алмайды"}, NoLift: {"лифт жоқ", "без лифта"},
		NoCash: {"ақшасы жоқ"}, Deaf: {"естімейді"}, Alone: {"жалғызбасты", "одинокий(ая)"},
	}
	for _, f := range h.Flags {
		notes = append(notes, pick(d, words[f]))
	}
	return marked(strings.Join(notes, ", "))
}

// uglyHeading names the streets above a part of the list.
func uglyHeading(i int) string {
	switch i {
	case 12:
		return "Құлагер, Айнабұлақ ы/а"
	case 27:
		return "частный сектор (жер үй)"
	}
	return "қосымша тізім / доп. список"
}

// uglyCSV writes the list as a Russian Excel saves it: semicolons, CRLF, Windows-1251. That code page has no
// Kazakh letters beside і. Where people are named a clerk without a Kazakh keyboard typed the nearest Russian
// letter; in the headings Excel put ? for each, and so does this.
func uglyCSV(people []UglyRow) []byte {
	var b strings.Builder
	line := func(cells ...any) {
		for i, c := range cells {
			if i > 0 {
				b.WriteByte(';')
			}
			s := fmt.Sprint(c)
			if strings.ContainsAny(s, ";\"\n") {
				s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
			}
			b.WriteString(s)
		}
		b.WriteString(strings.Repeat(";", max(0, len(uglyColumns())-len(cells))) + "\r\n")
	}
	line(uglyTitle())
	line()
	headings := make([]any, 0, len(uglyColumns()))
	for _, c := range uglyColumns() {
		headings = append(headings, c)
	}
	line(headings...)
	for i, p := range people {
		if uglyBreak(i) {
			line()
			line(uglyHeading(i))
		}
		line(withoutKazakh(p.cells)...)
	}
	line("", "Итого", "", "", uglyTotal(people))
	encode := charmap.Windows1251.EncodeRune
	out := make([]byte, 0, b.Len())
	for _, r := range b.String() {
		c, ok := encode(r)
		if !ok {
			c = '?'
		}
		out = append(out, c)
	}
	return out
}

func withoutKazakh(cells []any) []any {
	nearest := strings.NewReplacer("ә", "а", "ғ", "г", "қ", "к", "ң", "н", "ө", "о", "ұ", "у", "ү", "у", "һ", "х",
		"Ә", "А", "Ғ", "Г", "Қ", "К", "Ң", "Н", "Ө", "О", "Ұ", "У", "Ү", "У", "Һ", "Х")
	out := make([]any, len(cells))
	for i, c := range cells {
		out[i] = c
		if s, ok := c.(string); ok {
			out[i] = nearest.Replace(s)
		}
	}
	return out
}

func uglyTitle() string {
	return "СПИСОК нуждающихся Түрксіб ауданы бойынша тізім 12.01.2022 · " + Mark
}

func uglyTotal(people []UglyRow) int {
	n := 0
	for _, p := range people {
		n += p.People
	}
	return n
}
