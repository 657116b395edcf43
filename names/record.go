package names

import (
	"fmt"
	"strconv"
	"strings"
)

// Record is what is known of one person. Everything but the name may be missing; what is missing says nothing.
type Record struct {
	Name     string   // as it was written or heard, parts in any order
	Phones   []string // as people write them
	Born     Born
	Place    string // settlement or district
	Address  string // street, house and flat
	Children []int  // their years of birth
	Number   string // of a document or a card, compared as a whole
}

// Born is a date of birth, or what is known of it: zeros are unknown.
type Born struct {
	Year, Month, Day int
	About            bool // worked out from an age, or guessed
}

// ParseBorn reads a date as lists have it: 19610502, 1961-05-02, 02.05.1961, 1961; what is no date is unknown.
func ParseBorn(s string) Born {
	parts := strings.FieldsFunc(clip(s, 40), func(r rune) bool { return r < '0' || r > '9' })
	var n [3]int
	for i, p := range parts {
		if i < len(n) && len(p) <= 8 {
			n[i], _ = strconv.Atoi(p) // digits only
		}
	}
	switch {
	case len(parts) >= 3 && len(parts[0]) == 4:
		return Born{Year: n[0], Month: n[1], Day: n[2]}
	case len(parts) >= 3 && len(parts[2]) == 4:
		return Born{Year: n[2], Month: n[1], Day: n[0]}
	case len(parts) == 1 && len(parts[0]) == 8:
		return Born{Year: n[0] / 10000, Month: n[0] / 100 % 100, Day: n[0] % 100}
	case len(parts) == 2 && len(parts[0]) == 4:
		return Born{Year: n[0], Month: n[1]}
	case len(parts) == 2 && len(parts[1]) == 4:
		return Born{Year: n[1], Month: n[0]}
	case len(parts) == 1 && len(parts[0]) == 4:
		return Born{Year: n[0], About: strings.ContainsAny(s, "~≈?")}
	}
	return Born{}
}

// String writes the date as far as it is known: 1961-05-02, 1961-05, 1961, ~1961.
func (b Born) String() string {
	s := strconv.Itoa(b.Year)
	switch {
	case b.Year == 0:
		return ""
	case b.About:
		return "~" + s
	case b.Month == 0:
		return s
	case b.Day == 0:
		return fmt.Sprintf("%s-%02d", s, b.Month)
	}
	return fmt.Sprintf("%s-%02d-%02d", s, b.Month, b.Day)
}

// Band is what follows from the evidence.
type Band uint8

// The three bands. Nothing is joined by a machine: Same is shown first, Maybe is a question to a person.
const (
	Different Band = iota
	Maybe
	Same
)

// String returns the band's name in a table for checking.
func (b Band) String() string { return [...]string{"different", "maybe", "same"}[min(b, Same)] }

// Field is what a part of the evidence is about.
type Field uint8

// Fields of the evidence.
const (
	FieldName Field = iota
	FieldPhone
	FieldBorn
	FieldPlace
	FieldAddress
	FieldChildren
	FieldNumber
)

// String returns the field's part of a message key.
func (f Field) String() string {
	return [...]string{"name", "phone", "born", "place", "address", "children", "number"}[min(f, FieldNumber)]
}

// Part is one reason. Key ends a message key; A and B are what was compared, as it was written; N is the number that
// the sentence needs (how many share the phone, years apart). Bits above zero speak for the same person.
type Part struct {
	Field Field
	Key   string
	A, B  string
	N     int
	Bits  float64
}

// Message returns the end of the part's message key: name.sound, phone.near. Messages lists all there are.
func (p Part) Message() string { return p.Field.String() + "." + p.Key }

// Messages returns every message that a Part can have, for whoever puts them into words. A is what the first record
// has, B the second; N is a count where it says so.
func Messages() []string {
	return []string{
		"name.equal", "name.equal_common", // A: written alike; common in this register, weighs little
		"name.sound", "name.sound_common", // A = B: another spelling or script of the same sounds
		"name.near",                  // A ≈ B: a slip of hearing or typing apart
		"name.far",                   // A ~ B: perhaps
		"name.root",                  // A ~ B: the same name as a surname, a given name or a father's name
		"name.nickname",              // A is short for B, or B for A
		"name.layout",                // A or B was typed with the other keyboard on
		"name.initial",               // A may be B: one letter
		"name.missing",               // A: the second record has no such name
		"name.extra",                 // B: the first record has no such name
		"name.patronymic",            // A, B: the fathers' names are not the same
		"name.kin",                   // one name agrees and another contradicts, in one household or of one father
		"phone.same", "phone.shared", // A = B; N records have it
		"phone.near", "phone.other", // one digit differs; quite another
		"born.day", "born.year", "born.near", "born.other", // the day; the year; N years apart
		"place.same", "place.near", "place.other",
		"address.same", "address.house", "address.street", "address.other",
		"children.same", "children.near", "children.other",
		"number.same", "number.near", "number.other",
	}
}

// Evidence is what speaks for two records being one person, in bits, and why.
type Evidence struct {
	Bits      float64 // log2 of how much likelier one person is than two who met by chance in this register
	Prior     float64 // bits that a pair of this register must have before it is as likely as not
	Band      Band
	Name      float64 // the bits of the name alone
	Given     bool    // all names that both give agree: a sibling's would not
	Household bool    // phone or address is one: a household is proved, a person is not
	Kin       bool    // perhaps a brother, a sister, a parent or a child: a way to reach the person, not the person
	Parts     []Part  // the name's first
}
