package area

import (
	"cmp"
	"context"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
)

// Limits of how many live in an area.
const (
	Enough     = 5000 // where fewer live, other centres are told the district alone
	MostPeople = 100_000_000
)

// Told is what other centres may be told of a place on a day: its district, or its region where no district is known, and its
// settlement; nil for what may not be told. A settlement is told where at least Enough live in it, and at least as many
// in what is left of its district when all that are told are taken away: else "elsewhere in the district" would be
// some hamlet. Where the figure of either is not known, the settlement is not told.
func (b *Book) Told(lat, lon float64, on string) (district, settlement *Area) {
	for _, a := range b.At(lat, lon, on) { // the smallest first
		switch {
		case a.Level == Settlement:
			settlement = a
		case district == nil:
			district = a
		}
	}
	if settlement == nil || district == nil || !slices.Contains(b.named(district, on), settlement) {
		settlement = nil
	}
	return district, settlement
}

// named returns the settlements of a district that may be told on a day. Of those that would leave too few, the smallest stay untold.
func (b *Book) named(district *Area, on string) []*Area {
	if district.Level != District || district.People < Enough {
		return nil
	}
	rest, d := district.People, b.outline(district)
	var out []*Area
	for i := range b.all {
		a := &b.all[i]
		if a.Level == Settlement && a.People >= Enough && a.Valid(on) && b.within(a, d, on) {
			rest -= a.People
			out = append(out, &a.Area)
		}
	}
	slices.SortStableFunc(out, func(a, b *Area) int { return cmp.Compare(b.People, a.People) })
	for len(out) > 0 && rest < Enough {
		last := len(out) - 1
		rest += out[last].People
		out = out[:last]
	}
	return out
}

func (b *Book) outline(a *Area) *outlined {
	return &b.all[slices.IndexFunc(b.all, func(o outlined) bool { return o.ID == a.ID })]
}

// within reports whether a settlement is of a district: of the one whose code it says; where that is none of the day's, of
// the one in which its middle lies.
func (b *Book) within(a, district *outlined, on string) bool {
	if a.Parent == district.Code && a.Parent != "" {
		return true
	}
	if a.Parent != "" && slices.ContainsFunc(b.all, func(o outlined) bool { return o.Level == District && o.Code == a.Parent && o.Valid(on) }) {
		return false // it says another
	}
	lat, lon := a.middle()
	return district.box.near(lat, lon) && district.holds(lat, lon)
}

// middle is about the middle of an outline.
func (a *outlined) middle() (lat, lon float64) {
	return (float64(a.box.south) + float64(a.box.north)) / 2 / perDegree, (float64(a.box.west) + float64(a.box.east)) / 2 / perDegree
}

// Telling is an area with what other centres are told of whoever lives there.
type Telling struct {
	*Area

	Itself   bool  // it is told by its name
	District *Area // of a settlement; nil where none is known
}

// Tellings returns the districts and settlements of a day, each settlement after its district.
func (b *Book) Tellings(on string) []Telling {
	if b == nil {
		return nil
	}
	var out, loose []Telling
	in := map[*Area][]Telling{}
	for i := range b.all {
		a := &b.all[i]
		if a.Level != Settlement || !a.Valid(on) {
			continue
		}
		t := Telling{Area: &a.Area, District: b.districtOf(a, on)}
		if t.District == nil {
			loose = append(loose, t)
			continue
		}
		t.Itself = slices.Contains(b.named(t.District, on), t.Area)
		in[t.District] = append(in[t.District], t)
	}
	for _, d := range b.All() {
		if d.Level == District && d.Valid(on) {
			out = append(append(out, Telling{Area: d, Itself: true}), in[d]...)
		}
	}
	return append(out, loose...)
}

func (b *Book) districtOf(s *outlined, on string) *Area {
	for i := range b.all {
		if d := &b.all[i]; d.Level == District && d.Valid(on) && b.within(s, d, on) {
			return &d.Area
		}
	}
	return nil
}

// Count keeps how many live in an area.
func Count(ctx context.Context, tx *store.Tx, a ID, people int) error {
	v, err := Kind.Get(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	if v.Ended {
		return errs.New(errs.NotFound, "area.gone")
	}
	if v.People == people {
		return nil
	}
	v.People = people
	if err := v.Validate(); err != nil {
		return err
	}
	return tx.Put(ctx, v)
}
