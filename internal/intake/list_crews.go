package intake

import (
	"context"
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular"
	"github.com/jumyla/jumyla/internal/tabular/cell"
	"github.com/jumyla/jumyla/internal/volunteer"
)

// place reads a row of a book of addresses; a place without a street is known by what it is called. The same house twice is kept once where it lies in the same
// place, and counted where it does not.
func (im *taking) place(r *row) draft {
	p := place.Place{Street: r.get(tabular.FieldStreet), House: r.door(tabular.FieldHouse), Area: r.get(tabular.FieldDistrict)}
	if p.Street == "" {
		if p.Street, p.House = r.get(fieldNamed), ""; !place.Tells(p.Street) {
			r.refuse(tabular.FieldStreet, "lists.refuse.no_street")
			return draft{}
		}
	}
	where := r.point()
	if where == nil {
		r.refuse(tabular.FieldLat, "place.coordinates")
		return draft{}
	}
	p.Lat, p.Lon = where.Lat, where.Lon
	key := "place\x00" + p.Street + "\x00" + p.House
	if im.stood(key + r.get(tabular.FieldLat) + "\x00" + r.get(tabular.FieldLon) + "\x00" + r.get(tabular.FieldCoords)) {
		r.idle = "lists.skip.repeated"
	}
	return draft{again: im.stood(key), says: join(p.Street, p.House), put: func(ctx context.Context, tx *store.Tx) (Made, error) {
		if err := p.Validate(); err != nil {
			return Made{}, err
		}
		p.ID, p.List = place.ID{ID: tx.NewID()}, im.lid
		return Made{ID: p.ID.ID}, tx.Put(ctx, &p)
	}}
}

// volunteer reads a row of a list of volunteers. Whatever it says of their age is hearsay: only a
// coordinator who looks at a document makes it more.
func (im *taking) volunteer(r *row) draft {
	v := volunteer.Volunteer{Name: r.name(), Adult: r.adult(), Langs: r.langs(), Skills: volunteer.ReadSkills(words(r.get(tabular.FieldSkills))),
		Vehicle: r.get(tabular.FieldVehicle), Plate: r.get(tabular.FieldPlate), Baskets: r.count(fieldBaskets),
		When: r.get(tabular.FieldAvailable), Emergency: r.get(tabular.FieldEmergency), Pass: r.get(tabular.FieldPass)}
	if p := r.phones(); len(p) > 0 {
		v.Phone = p[0]
	}
	if r.why != "" {
		return draft{}
	}
	if im.stood("volunteer\x00" + sound(v.Name) + "\x00" + string(v.Phone)) {
		r.idle = "lists.skip.repeated"
	}
	_, again := im.above.twin(&v)
	im.above.add(&v)
	return draft{again: again, says: join(string(v.Name), string(v.Phone), v.Vehicle), put: func(ctx context.Context, tx *store.Tx) (Made, error) {
		if err := v.Validate(); err != nil {
			return Made{}, err
		}
		if im.people.sameEntry(&v) {
			return Made{}, errKnown
		}
		twin, known := im.people.twin(&v)
		v.ID, v.List = volunteer.ID{ID: tx.NewID()}, im.lid
		return Made{ID: v.ID.ID, Duplicate: known, Twin: twin.ID}, tx.Put(ctx, &v)
	}}
}

// adult reads what a list says of somebody's age: at most that they said so. A year of birth is not asked
// for and not read.
func (r *row) adult() volunteer.Adult {
	s := r.get(tabular.FieldAdult)
	n, why := cell.Count(s)
	switch {
	case s == "":
		return volunteer.Unknown
	case why == "" && n > 120:
		r.refuse(tabular.FieldAdult, string(cell.AgeBirthYear))
		return volunteer.Unknown
	case why == "" && n >= 18, strings.EqualFold(s, string(volunteer.Said)), strings.EqualFold(s, string(volunteer.Seen)):
		return volunteer.Said
	case why == "" && n > 1: // an age, not a mark
		return volunteer.Unknown
	}
	if r.yes(tabular.FieldAdult) {
		return volunteer.Said
	}
	return volunteer.Unknown
}

// langs reads languages: those of the product by their names, others as written.
func (r *row) langs() []string {
	var out []string
	for _, w := range words(r.get(tabular.FieldLanguages)) {
		if l, ok := parseLang(w); ok {
			w = string(l)
		}
		out = append(out, w)
	}
	return out
}

// crew reads a row of a list of crews; its people are found among the volunteers, and crew.Form decides
// whether they may go.
func (im *taking) crew(r *row) draft {
	c := crew.Crew{Number: r.count(tabular.FieldCrew), Vehicle: r.get(tabular.FieldVehicle), Plate: r.get(tabular.FieldPlate),
		Baskets: r.count(fieldBaskets), From: r.clock(fieldFrom), To: r.clock(fieldTo), Pass: r.get(tabular.FieldPass),
		Lang: r.lang(tabular.FieldLanguage)}
	if c.To != 0 && c.To <= c.From {
		c.To += 24 * 60 // a night shift
	}
	for _, role := range []string{crew.Driver, crew.Navigator} {
		field := role // they have the same names
		who := r.get(field)
		if who == "" {
			continue
		}
		v, why := im.person(who)
		if why != "" {
			r.refuse(field, why)
			continue
		}
		c.Members = append(c.Members, crew.Member{Volunteer: v.ID.ID, Role: role})
	}
	if r.get(tabular.FieldDriver) == "" {
		r.refuse(tabular.FieldDriver, "error.required")
	}
	return draft{says: join(r.get(tabular.FieldCrew), r.get(tabular.FieldDriver), r.get(tabular.FieldNavigator), c.Vehicle), put: func(ctx context.Context, tx *store.Tx) (Made, error) {
		formed := c // Form fills it in, and this may run twice
		formed.Members, formed.List = slices.Clone(c.Members), im.lid
		err := crew.Form(ctx, tx, &formed)
		return Made{ID: formed.ID.ID}, err
	}}
}

// person finds a volunteer by phone, by name, or by both where a family shares a phone.
func (im *taking) person(who string) (volunteer.Volunteer, string) {
	found, why := cell.Phones(who, "KZ")
	name := who
	var tails []string
	if why == "" {
		name = found.Rest
		for _, n := range found.Numbers {
			if p, ok := phone(n); ok {
				tails = append(tails, household.Tail(p))
			}
			name += " " + n.Remark
		}
	}
	var byPhone, byName []volunteer.Volunteer
	for _, v := range im.people.named(contact.Name(name)) {
		if len(tails) == 0 || slices.Contains(tails, household.Tail(v.Phone)) {
			byName = append(byName, v)
		}
	}
	for _, v := range im.people.all {
		if len(tails) > 0 && slices.Contains(tails, household.Tail(v.Phone)) {
			byPhone = append(byPhone, v)
		}
	}
	hits := byPhone
	if len(hits) != 1 {
		hits = byName
	}
	switch {
	case len(hits) == 1:
		return hits[0], ""
	case len(hits)+len(byPhone) == 0:
		return volunteer.Volunteer{}, "lists.person.unknown"
	}
	return volunteer.Volunteer{}, "lists.person.several"
}

// address writes the address as a letter would have it.
func (r *row) address() contact.Address {
	a := r.text(tabular.FieldAddress, ", ")
	if street := strings.TrimSpace(r.get(tabular.FieldStreet) + " " + r.door(tabular.FieldHouse)); street != "" {
		a = strings.TrimPrefix(a+", "+street, ", ")
	}
	if s := r.get(tabular.FieldSettlement); s != "" && a != "" && !strings.Contains(contact.Fold(a), contact.Fold(s)) {
		a = s + ", " + a
	}
	return contact.Address(a)
}
