package demo

import (
	"fmt"
	"strings"
)

// plant makes a record that is the source again, or only looks like it; fresh is the TruthID of one that is not.
func (d dice) plant(source Household, plant Plant, book *phoneBook, fresh string) Household {
	h := source
	h.Plant = plant
	h.Flags = append([]Flag(nil), source.Flags...)
	h.Children = append([]int(nil), source.Children...)
	h.Note = marked("")
	switch plant {
	case OtherScript:
		h.Contact = otherScript(d, source)
		h.Place.Address = d.otherWriting(source.Place)
	case PhoneSlip:
		h.Phone = oneDigitOff(d, source.Phone)
	case OtherAddress:
		h.Place.Address = d.otherWriting(source.Place)
		h.Phone2 = ""
	case OtherContact:
		h.Name = d.relative(source)
		h.Contact = h.Name.In(script(source.Language))
		h.Phone = book.next()
		h.Place.Address = d.otherWriting(source.Place)
	case SharedPhone:
		h = d.household(book)
		h.Plant, h.Phone, h.TruthID = plant, source.Phone, fresh
		h.Note = marked("Телефоны көршінікі · телефон соседский")
	case SameNamed:
		h = d.household(book)
		h.Plant, h.Name, h.Contact, h.TruthID = plant, source.Name, source.Contact, fresh
		h.Language = source.Language
	}
	return h
}

func otherScript(d dice, h Household) string {
	var others []string
	for _, s := range []string{h.Name.KK, h.Name.RU, h.Name.Latin} {
		if s != h.Contact {
			others = append(others, s)
		}
	}
	return pick(d, others)
}

// relative invents another adult of the same house. The surname need not be the same, and often is not.
func (d dice) relative(h Household) Name {
	n, _, _ := d.person(!h.Name.Female)
	return n
}

// otherWriting writes a known address in a way in which it does not stand yet.
func (d dice) otherWriting(p Place) string {
	if p.Street == "" {
		return strings.Replace(p.Address, " көшесі", "", 1)
	}
	s := streetNamed(p.Street)
	short := shortRussian(s.RU)
	flat := ""
	if p.Flat > 0 {
		flat = fmt.Sprintf(" кв %d", p.Flat)
	}
	ways := []string{
		fmt.Sprintf("%s %d%s", bare(s.RU), p.House, flat),
		fmt.Sprintf("%s, %d%s", short, p.House, flat),
		fmt.Sprintf("%s д.%d%s", short, p.House, flat),
		fmt.Sprintf("г. Алматы, %s, дом %d%s", s.RU, p.House, flat),
		fmt.Sprintf("%s %d", s.KK, p.House),
	}
	for _, o := range s.Others {
		ways = append(ways, fmt.Sprintf("%s, %d%s", o, p.House, flat))
	}
	for i, n := d.IntN(len(ways)), 0; n < len(ways); n++ {
		if w := ways[(i+n)%len(ways)]; w != p.Address {
			return w
		}
	}
	return ways[0]
}

// bare is a street's Russian name without the word for its kind, as people say it; a microdistrict keeps it.
func bare(ru string) string {
	for _, kind := range []string{"улица ", "проспект ", "бульвар "} {
		if len(ru) > len(kind) && ru[:len(kind)] == kind {
			return ru[len(kind):]
		}
	}
	return shortRussian(ru)
}
