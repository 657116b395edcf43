package demo

import (
	"fmt"
	"slices"
	"time"
)

// Age is what is known of a volunteer's being of age. Work in an emergency is closed to those under 18, and
// "said" is not "seen".
type Age string

// What is known.
const (
	AgeSeen    Age = "seen"    // a named coordinator has seen a document
	AgeSaid    Age = "said"    // the volunteer said 18 or over
	AgeUnknown Age = "unknown" // nothing was said; among these are the minors
)

// Vehicle is a volunteer's car. Its plate begins with 000, which is not issued.
type Vehicle struct {
	Plate   string
	Model   string
	Kg      int  // what it carries beside two people
	Baskets int  // how many baskets fit
	Winter  bool // has winter tyres
	FuelKm  int  // what is in the tank, in kilometres
}

// Slot is when a volunteer can come.
type Slot struct{ From, To time.Time }

// Contact is whom to call if something happens to a volunteer.
type Contact struct {
	Name     Name
	Phone    string
	Relation string // mother, father, wife, husband, brother, sister
}

// Volunteer is one of the drill's volunteers.
type Volunteer struct {
	ID        string
	Name      Name
	Contact   string // the name as it was written in the form
	Phone     string // E.164; InventedPhone
	Age       Age
	SeenBy    string // who saw the document; empty unless AgeSeen
	Minor     bool   // the truth behind AgeUnknown, for tests
	Languages []Lang
	Skills    []string // driver, navigator, packer, call_taker, first_aid, nurse, psychologist, cook, data_entry, sign_language
	Vehicle   *Vehicle // nil for most
	District  string   // where they live
	Slots     []Slot
	Emergency Contact
	Pass      string // DEMO-…; empty for those without one
	Note      string // carries Mark
}

// The counts of Volunteers and Crews.
const (
	VolunteerCount = 80
	CrewCount      = 12
	driverCount    = 26
	minorCount     = 5
)

// Volunteers returns 80: the first 26 with a car and a seen age, the next 14 navigators for them, then all others;
// five of the last are minors who said nothing.
func Volunteers(seed uint64) []Volunteer {
	d := newDice(seed, streamVolunteers)
	book := newPhoneBook(d, blockVolunteers, blockSize)
	emergency := newPhoneBook(d, blockEmergency, blockSize)
	all := make([]Volunteer, VolunteerCount)
	for i := range all {
		v := d.volunteer(i)
		v.Phone, v.Emergency.Phone = book.next(), emergency.next()
		all[i] = v
	}
	return all
}

func (d dice) volunteer(i int) Volunteer {
	name, lang, code := d.person(d.chance(55) && i >= driverCount/2)
	v := Volunteer{
		ID: fmt.Sprintf("V%03d", i+1), Name: name, Contact: name.In(pick(d, []Lang{script(lang), script(lang), EN})),
		Languages: languages(d, code), District: pick(d, Districts()).Code, Slots: d.slots(), Note: marked(""),
	}
	v.Age, v.SeenBy = AgeSeen, pick(d, []string{"Үйлестіруші А.", "Координатор Б."})
	switch {
	case i < driverCount:
		v.Skills = []string{"driver"}
		v.Vehicle = d.vehicle(i)
		if i < CrewCount+4 {
			v.Pass = fmt.Sprintf("DEMO-%04d", 100+i)
		}
	case i < driverCount+14:
		v.Skills = []string{"navigator"}
		v.Pass = fmt.Sprintf("DEMO-%04d", 200+i)
	case i >= VolunteerCount-minorCount:
		v.Age, v.SeenBy, v.Minor = AgeUnknown, "", true
		v.Skills = []string{"packer"}
	default:
		v.Skills = d.skills()
		if d.chance(45) {
			v.Age, v.SeenBy = pick(d, []Age{AgeSaid, AgeSaid, AgeSaid, AgeUnknown}), ""
		}
	}
	relation := pick(d, []string{"mother", "father", "wife", "husband", "brother", "sister"})
	if relation == "wife" || relation == "husband" {
		relation = sex(name.Female, "husband", "wife")
	}
	female := relation == "mother" || relation == "wife" || relation == "sister"
	v.Emergency = Contact{Name: d.name(code, female), Relation: relation}
	return v
}

func languages(d dice, code string) []Lang {
	switch code {
	case "kz":
		return pick(d, [][]Lang{{KK, RU}, {KK, RU}, {KK, RU, EN}, {KK}})
	case "ug":
		return []Lang{KK, RU, UG}
	case "uz":
		return []Lang{RU, KK, UZ}
	}
	return pick(d, [][]Lang{{RU}, {RU}, {RU, KK}, {RU, EN}})
}

func (d dice) skills() []string {
	all := []string{"packer", "call_taker", "first_aid", "nurse", "psychologist", "cook", "data_entry", "sign_language", "navigator"}
	first := all[d.weighted(30, 20, 12, 5, 5, 8, 10, 2, 8)]
	if second := pick(d, all[:3]); second != first && d.chance(40) {
		return []string{first, second}
	}
	return []string{first}
}

func (d dice) vehicle(i int) *Vehicle {
	type model struct {
		name        string
		kg, baskets int
	}
	m := pick(d, []model{
		{"Chevrolet Cobalt", 250, 12}, {"Hyundai Accent", 220, 10}, {"Toyota Camry", 280, 14}, {"Lada Largus", 450, 28},
		{"Toyota Hilux", 700, 40}, {"ГАЗель", 1400, 90}, {"УАЗ Патриот", 500, 26}, {"Volkswagen Caddy", 550, 34},
	})
	// 000 is never issued, so that no real car has such a plate
	plate := fmt.Sprintf("000 JU%c 02", 'A'+i%26)
	return &Vehicle{Plate: plate, Model: m.name, Kg: m.kg, Baskets: m.baskets, Winter: d.chance(85), FuelKm: 20 * d.between(2, 22)}
}

// slots are one to three of the days from 11 to 14 January, inside the hours without a curfew.
func (d dice) slots() []Slot {
	days := []int{11, 12, 13, 14}
	d.Shuffle(len(days), func(i, j int) { days[i], days[j] = days[j], days[i] })
	days = days[:d.between(1, 3)]
	slices.Sort(days)
	var all []Slot
	for _, on := range days {
		from := pick(d, []int{8, 9, 10, 12, 14})
		all = append(all, Slot{day(on, from, 0), day(on, min(22, from+pick(d, []int{4, 6, 8})), 0)})
	}
	return all
}

// Crew is a driver and a navigator with a vehicle for one shift.
type Crew struct {
	Number     int
	Driver     int // index in Volunteers
	Navigator  int // index in Volunteers
	Vehicle    Vehicle
	From, To   time.Time
	Pass       string // DEMO-…
	Languages  []Lang // those that one of the two speaks
	PassesPost bool   // may be sent beyond the posts
	Note       string // carries Mark
}

// Crews returns the twelve of 12 January, of people whose age was seen; three may be sent beyond the posts, the last has no pass
// and stays until late.
func Crews(seed uint64) []Crew {
	d := newDice(seed, streamCrews)
	volunteers := Volunteers(seed)
	all := make([]Crew, CrewCount)
	for i := range all {
		driver, navigator := volunteers[i], volunteers[driverCount+i]
		c := Crew{
			Number: i + 1, Driver: i, Navigator: driverCount + i, Vehicle: *driver.Vehicle, Pass: driver.Pass,
			From: day(12, 9, 0), To: day(12, 18, 0), PassesPost: i < 3, Note: marked(""),
		}
		if i%3 == 2 {
			c.From, c.To = day(12, 12, 0), day(12, 21, 0)
		}
		if i == CrewCount-1 { // its pass has run out: the curfew ends its evening
			c.From, c.To, c.Pass = day(12, 14, 30), day(12, 23, 30), ""
		}
		c.Vehicle.FuelKm = max(c.Vehicle.FuelKm, 20*d.between(6, 20))
		for _, l := range append(slices.Clone(driver.Languages), navigator.Languages...) {
			if !slices.Contains(c.Languages, l) {
				c.Languages = append(c.Languages, l)
			}
		}
		all[i] = c
	}
	return all
}
