package demo

import (
	"fmt"
	"slices"
	"strings"
)

// Flag is something that matters when a household is served.
type Flag string

// The flags.
const (
	Infant      Flag = "infant"
	Diabetic    Flag = "diabetic"
	CannotCarry Flag = "cannot_carry"
	NoLift      Flag = "no_lift"
	NoCash      Flag = "no_cash"
	Deaf        Flag = "deaf"
	Alone       Flag = "alone"
)

// Place is where a household lives.
type Place struct {
	Address    string // as it was given: "Абай даңғылы 44, 12-пәтер"
	Street     string // the street's Kazakh name in Streets; empty outside the city
	House      int
	Flat       int    // 0 for a house without flats
	Entrance   int    // 0 if unknown
	Floor      int    // 0 if unknown
	DoorCode   string // empty if there is none
	District   string // District.Code; empty outside the city
	Settlement string // Settlement.KK; empty in the city
	Lat, Lon   float64
}

// Household is one record of those who may need help. Records with one TruthID are one household in truth.
type Household struct {
	ID, TruthID string
	Plant       Plant  // what makes this record a planted difficulty; empty for a plain one
	Contact     string // the name as it was given, in the script of the one who wrote it down
	Name        Name   // the same person in all spellings
	Phone       string // E.164; InventedPhone
	Phone2      string // E.164 or empty
	People      int    // everybody, children too
	Children    []int  // ages in years; 0 is an infant
	Eldest      int    // age of the eldest adult, years
	Language    Lang
	Flags       []Flag
	Place       Place
	Note        string // carries Mark
}

// Has reports whether the household has a flag.
func (h Household) Has(f Flag) bool {
	return slices.Contains(h.Flags, f)
}

// old reports a household of old people only.
func (h Household) old() bool { return h.Eldest >= 65 && len(h.Children) == 0 }

// Plant is a kind of planted duplicate, or of a trap that only looks like one.
type Plant string

// The plants. SharedPhone and SameNamed are different households: a trap for whoever matches too eagerly.
const (
	OtherScript  Plant = "script"       // the same, name spelled in another script
	PhoneSlip    Plant = "phone"        // the same, one digit of the phone off
	OtherAddress Plant = "address"      // the same, address written in another way
	OtherContact Plant = "contact"      // the same household, another member and phone
	SharedPhone  Plant = "shared_phone" // another household with the same phone
	SameNamed    Plant = "same_name"    // another household of people with the same name
)

// The counts of Households.
const (
	HouseholdCount = 120
	plantCount     = 36
)

// Households returns 120 records: 84 plain ones and 36 planted, each near its original's kind by TruthID or,
// for the traps, only by phone or name. The first record's address is Абай даңғылы 44, which the planted
// duplicates repeat in other spellings.
func Households(seed uint64) []Household {
	d := newDice(seed, streamHouseholds)
	book := newPhoneBook(d, blockHouseholds, blockCallers)
	plain := HouseholdCount - plantCount
	all := make([]Household, 0, HouseholdCount)
	for i := range plain {
		h := d.household(book)
		if i == 0 {
			h.Place = d.at(streetNamed("Абай даңғылы"), 44, h.Language)
			h.Place.Flat, h.Place.Entrance, h.Place.Floor = 12, 1, 3
			h.Place.DoorCode, h.Place.Address = "", "Абай даңғылы 44, 12-пәтер"
		}
		h.TruthID = fmt.Sprintf("T%03d", i+1)
		all = append(all, h)
	}
	p := newDice(seed, streamPlants)
	used := map[string]bool{}
	for _, h := range all {
		used[h.Phone] = true
	}
	plants := []Plant{OtherScript, PhoneSlip, OtherAddress, OtherContact, OtherAddress, SharedPhone, OtherScript, PhoneSlip, SameNamed}
	for i := range plantCount {
		source := all[i*2%plain]
		if i < 3 {
			source = all[0]
		}
		h := p.plant(source, plants[i%len(plants)], book, fmt.Sprintf("T%03d", plain+i+1))
		for h.Plant == PhoneSlip && used[h.Phone] {
			h.Phone = oneDigitOff(p, source.Phone)
		}
		used[h.Phone] = true
		all = append(all, h)
	}
	d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i := range all {
		all[i].ID = fmt.Sprintf("H%03d", i+1)
	}
	return all
}

// household invents a household somewhere in the city, one in twelve in a settlement near it.
func (d dice) household(book *phoneBook) Household {
	name, lang, _ := d.person(d.chance(60))
	h := Household{Name: name, Contact: name.In(script(lang)), Language: lang, Phone: book.next(), Eldest: d.between(26, 60)}
	switch d.weighted(28, 22, 38, 12) {
	case 0:
		h.People, h.Eldest = 1, d.elder()
		h.Flags = append(h.Flags, Alone)
	case 1:
		h.People, h.Eldest = 2, d.elder()
	case 2:
		h.People = d.between(3, 5)
		h.Children = d.ages(h.People - 2)
	case 3:
		h.People = d.between(6, 9)
		h.Children = d.ages(h.People - 3)
	}
	if d.chance(15) {
		h.Phone2 = cityPhone(d.IntN(10_000))
	}
	h.Place = d.place(lang)
	h.flagWith(d)
	h.Note = marked(d.note(h))
	return h
}

// script is the language in whose spelling a name was written down.
func script(l Lang) Lang {
	if l == KK {
		return KK
	}
	return RU
}

// elder returns an age that Russian counts with лет: what callers say is built from words, not grammar.
func (d dice) elder() int {
	return pick(d, []int{65, 66, 67, 68, 69, 70, 75, 76, 77, 78, 79, 80, 85, 86, 87})
}

func (d dice) ages(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = d.IntN(15)
	}
	if d.chance(35) {
		all[0] = 0
	}
	return all
}

func (h *Household) flagWith(d dice) {
	for _, age := range h.Children {
		if age == 0 && !h.Has(Infant) {
			h.Flags = append(h.Flags, Infant)
		}
	}
	old := h.Eldest >= 65
	for _, f := range []struct {
		flag    Flag
		percent int
	}{{Diabetic, 12}, {CannotCarry, 8}, {NoLift, 30}, {NoCash, 35}, {Deaf, 2}} {
		percent := f.percent
		if old && f.flag != NoLift {
			percent *= 2
		}
		if f.flag == NoLift && h.Place.Floor < 2 {
			percent = 0
		}
		if d.chance(percent) {
			h.Flags = append(h.Flags, f.flag)
		}
	}
}

func (d dice) note(h Household) string {
	kk := []string{"", "", "Иті бар, байлаулы.", "Домофон істемейді, келерде соғыңыз.", "Арғы беттегі қақпа.", "Кешке ғана үйде."}
	ru := []string{"", "", "Собака во дворе, на привязи.", "Домофон не работает, звонить.", "Вход со двора.", "Дома только вечером."}
	if h.Language == KK {
		return pick(d, kk)
	}
	return pick(d, ru)
}

// place picks an address: a street or microdistrict of the city, or a settlement.
func (d dice) place(lang Lang) Place {
	if d.chance(8) {
		s := pick(d, Settlements())
		house := d.between(1, 90)
		street := pick(d, []string{"Абай", "Жамбыл", "Бейбітшілік", "Наурыз", "Бірлік"})
		at := round(Anchor{Lat: s.Lat + (d.Float64()-0.5)*0.016, Lon: s.Lon + (d.Float64()-0.5)*0.022})
		return Place{
			Address: fmt.Sprintf("%s, %s көшесі %d", s.KK, street, house), House: house, Settlement: s.KK, Lat: at.Lat, Lon: at.Lon,
		}
	}
	s := pick(d, Streets())
	return d.at(s, d.between(s.From, s.To), lang)
}

// at makes a place of a house on a street: most are blocks of flats of five or nine floors.
func (d dice) at(s Street, house int, lang Lang) Place {
	a := s.At(house)
	p := Place{Street: s.KK, House: house, District: a.District, Lat: a.Lat, Lon: a.Lon}
	if d.chance(80) {
		floors := pick(d, []int{4, 5, 5, 9})
		p.Flat = d.between(1, floors*12)
		p.Entrance = (p.Flat-1)/(floors*3) + 1
		p.Floor = (p.Flat-1)%(floors*3)/3 + 1
		if d.chance(40) {
			p.DoorCode = pick(d, []string{"12к", "345", "0в7", "258", "14#"})
		}
	}
	p.Address = d.writeAddress(s, p, lang)
	return p
}

// writeAddress writes an address in one of the ways in which people of that language do.
func (d dice) writeAddress(s Street, p Place, lang Lang) string {
	flat := ""
	if lang == KK {
		if p.Flat > 0 {
			flat = pick(d, []string{fmt.Sprintf(", %d-пәтер", p.Flat), fmt.Sprintf("-%d", p.Flat), fmt.Sprintf(", %d пәтер", p.Flat)})
		}
		join := " "
		if s.Block() {
			join = ", "
		}
		return s.KK + join + fmt.Sprint(p.House) + flat
	}
	if p.Flat > 0 {
		flat = pick(d, []string{fmt.Sprintf(", кв. %d", p.Flat), fmt.Sprintf(" кв %d", p.Flat), fmt.Sprintf("-%d", p.Flat)})
	}
	name := pick(d, []string{s.RU, shortRussian(s.RU), shortRussian(s.RU)})
	if len(s.Others) > 0 && !s.Block() && d.chance(15) {
		name = s.Others[0]
	}
	return fmt.Sprintf("%s, %d%s", name, p.House, flat)
}

func shortRussian(name string) string {
	return strings.NewReplacer("улица ", "ул. ", "проспект ", "пр. ", "бульвар ", "бул. ", "микрорайон ", "мкр ", "-й микрорайон", " мкр").Replace(name)
}

func streetNamed(kk string) Street {
	for _, s := range Streets() {
		if s.KK == kk {
			return s
		}
	}
	panic("demo: no street " + kk)
}
