// Package area keeps the regions, districts and settlements of a country as outlines with the days on which they were
// valid, and answers in which of them a place lies on a day. Divisions change: a place in Semey lay in East Kazakhstan in
// January 2022 and lies in Abai today. It knows nothing of who lives there.
package area

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type kind struct{}

// ID is an area's identity.
type ID = id.Of[kind]

// Level is how large an area is.
type Level string

// The levels, the largest first.
const (
	Region     Level = "region" // and a city that counts as one
	District   Level = "district"
	Settlement Level = "settlement"
)

// Levels returns the levels, the largest first.
func Levels() []Level { return []Level{Region, District, Settlement} }

// Area is an outline with its names.
type Area struct {
	ID     ID
	Level  Level  `dir:"level"`
	Code   string `dir:"code"`   // KATO, nine digits; "" where none is given
	Parent string `dir:"parent"` // the code of what it lies in
	KK     string `dir:"kk"`
	RU     string `dir:"ru"`
	EN     string `dir:"en"`
	From   string `dir:"from"`  // the first day on which it was so, 2022-06-08; "" always before
	To     string `dir:"to"`    // the first day on which it was no longer so; "" until now
	Shape  []byte `dir:"shape"` // rings, as encode writes them
	Source string `dir:"source"`
	People int    `dir:"people"` // how many live there; 0: nobody said
	Ended  bool   `dir:"ended"`  // taken back, as if it had never been loaded
}

// outlined is an area whose outline has been read.
type outlined struct {
	Area

	rings []ring
	box   box
}

// Kind is how areas are written.
var Kind = store.Define(store.Spec[Area]{
	Name: "area", Schema: 1, Tables: []string{"area"},
	DDL: `CREATE TABLE area (id TEXT PRIMARY KEY, level TEXT NOT NULL, code TEXT NOT NULL, parent TEXT NOT NULL, kk TEXT NOT NULL, ru TEXT NOT NULL,
	en TEXT NOT NULL, valid_from TEXT NOT NULL, valid_to TEXT NOT NULL, shape BLOB NOT NULL, source TEXT NOT NULL, people INTEGER NOT NULL) WITHOUT ROWID;
`,
	Project: func(ctx context.Context, tx *store.Tx, a *Area) error {
		if a.Ended {
			_, err := tx.Exec(ctx, "DELETE FROM area WHERE id=$1", a.ID)
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO area (id, level, code, parent, kk, ru, en, valid_from, valid_to, shape, source, people) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)
			ON CONFLICT (id) DO UPDATE SET level=$2, code=$3, parent=$4, kk=$5, ru=$6, en=$7, valid_from=$8, valid_to=$9, shape=$10, source=$11, people=$12`,
			a.ID, string(a.Level), a.Code, a.Parent, a.KK, a.RU, a.EN, a.From, a.To, a.Shape, a.Source, a.People)
		return err
	},
})

// Validate answers for fields that make no sense.
func (a *Area) Validate() error {
	f := errs.Fields{}
	f.Check(slices.Contains(Levels(), a.Level), "level", "error.required")
	f.Check(a.KK != "" || a.RU != "" || a.EN != "", "name", "error.required")
	f.Check(len(a.KK)+len(a.RU)+len(a.EN) <= 900, "name", "error.too_long")
	f.Check(day(a.From) && day(a.To), "from", "area.day")
	f.Check(a.From == "" || a.To == "" || a.From < a.To, "to", "area.ends_first")
	f.Check(strings.TrimSpace(a.Source) != "", "source", "error.required")
	f.Check(a.People >= 0 && a.People <= MostPeople, "people", "area.people_number")
	_, err := decode(a.Shape)
	f.Check(err == nil, "shape", "area.shape")
	return f.Err()
}

func day(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return s == "" || err == nil
}

// Name is the area's name in a language, or the best there is.
func (a *Area) Name(lang i18n.Lang) string {
	switch lang {
	case i18n.RU:
		return cmp.Or(a.RU, a.KK, a.EN)
	case i18n.EN:
		return cmp.Or(a.EN, a.RU, a.KK)
	case i18n.KK:
	}
	return cmp.Or(a.KK, a.RU, a.EN)
}

// Valid reports whether the area was so on a day (2006-01-02).
func (a *Area) Valid(on string) bool { return a.From <= on && (a.To == "" || on < a.To) }

// Book is every area that is loaded. It is never changed, and safe for several goroutines; one that is nil is empty.
type Book struct {
	all []outlined // the smallest first
}

// Load reads the areas.
func Load(ctx context.Context, r store.Reader) (*Book, error) {
	all, err := store.All(ctx, r, func(row *sql.Rows, a *outlined) error {
		err := row.Scan(&a.ID, &a.Level, &a.Code, &a.Parent, &a.KK, &a.RU, &a.EN, &a.From, &a.To, &a.Shape, &a.Source, &a.People)
		if err == nil {
			a.rings, err = decode(a.Shape)
		}
		a.box = boxOf(a.rings)
		return err
	}, "SELECT id, level, code, parent, kk, ru, en, valid_from, valid_to, shape, source, people FROM area ORDER BY level, code, ru, id")
	if err != nil {
		return nil, fmt.Errorf("load areas: %w", err)
	}
	slices.SortStableFunc(all, func(a, b outlined) int { return slices.Index(Levels(), b.Level) - slices.Index(Levels(), a.Level) })
	return &Book{all}, nil
}

// All returns the areas, the smallest level first.
func (b *Book) All() []*Area {
	if b == nil {
		return nil
	}
	out := make([]*Area, len(b.all))
	for i := range b.all {
		out[i] = &b.all[i].Area
	}
	return out
}

// brink is how far, in degrees, a place may lie outside every outline and still be of the nearest: outlines are drawn
// roughly, and a shore or a border village falls out. About five kilometres.
const brink = 0.05

// At returns the areas in which a place lies on a day, the smallest first. Where it lies in none of a level it is of that
// level's nearest, if that is not far.
func (b *Book) At(lat, lon float64, on string) []*Area {
	if b == nil {
		return nil
	}
	var out []*Area
	for _, l := range slices.Backward(Levels()) {
		var near *Area
		best, found := brink, false
		for i := range b.all {
			a := &b.all[i]
			if a.Level != l || !a.Valid(on) || !a.box.near(lat, lon) {
				continue
			}
			if a.holds(lat, lon) {
				out, found = append(out, &a.Area), true
				break
			}
			if d := a.away(lat, lon); d < best {
				best, near = d, &a.Area
			}
		}
		if !found && near != nil && l != Settlement {
			out = append(out, near)
		}
	}
	return out
}

// Named returns the areas that a code or a name in any language means, whenever they were valid.
func (b *Book) Named(text string) []*Area {
	key := fold(text)
	var out []*Area
	for _, a := range b.All() {
		if text != "" && (a.Code == text || key != "" && (fold(a.KK) == key || fold(a.RU) == key || fold(a.EN) == key)) {
			out = append(out, a)
		}
	}
	return out
}

// In reports whether a place lies in the area that a code or name means, on a day. known is false where no such area was
// valid then, or several were that are not one.
func (b *Book) In(text string, lat, lon float64, on string) (in, known bool) {
	code := ""
	for _, a := range b.Named(text) {
		if !a.Valid(on) {
			continue
		}
		if known && a.Code != code {
			return false, false
		}
		known, code = true, a.Code
		in = in || slices.Contains(b.At(lat, lon, on), a)
	}
	return in, known
}

// Translate is the name in a language of an area that is kept by its name in another. One that is not loaded, has no name
// in the language, or may be several areas of other names, stays as it is: nobody may guess. What holds now, or did last,
// goes before what held earlier.
func (b *Book) Translate(lang i18n.Lang, name string) string {
	said, last := "", ""
	for _, a := range b.Named(name) {
		own, until := a.own(lang), cmp.Or(a.To, "9999-12-31")
		switch {
		case own == "" || until < last:
		case said == "" || until > last:
			said, last = own, until
		case own != said:
			return name
		}
	}
	return cmp.Or(said, name)
}

// own is the area's name in a language; "" where it has none in it.
func (a *Area) own(lang i18n.Lang) string {
	return map[i18n.Lang]string{i18n.KK: a.KK, i18n.RU: a.RU, i18n.EN: a.EN}[lang]
}
