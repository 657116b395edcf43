// Package centre is this centre as a record: what others may know of it (name, area, time zone, languages,
// where it stands), its telephone, and the number that makes its refs its own. It knows nothing of other
// centres' records.
package centre

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	_ "time/tzdata" // a machine without a zone database must still know Almaty's time

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type kind struct{}

// ID is a centre's identity.
type ID = id.Of[kind]

// DefaultZone is the time zone offered at set-up.
const DefaultZone = "Asia/Almaty"

// Centre is the centre whose database this is.
type Centre struct {
	ID     ID
	Name   string        `dir:"name"`
	Area   string        `dir:"area"` // what it serves, in words: a city, a district
	Zone   string        `dir:"zone"` // of the IANA time zone database
	Langs  []string      `dir:"langs"`
	Lat    float64       `dir:"lat"` // degrees north, WGS 84; with Lon 0 means not told yet
	Lon    float64       `dir:"lon"`
	Phone  contact.Phone `local:"phone"`
	Secret uint64        `local:"secret"`      // permutes refs; random, set at creation, never changed
	Basket *int          `local:"basket_days"` // days between two baskets of a household; nil: as is usual; 0: no rule

	FirstSteps bool `local:"first_steps"` // what a new centre does first is still shown
}

// usualBasketDays is the custom of the sector: one basket for a household in a week.
const usualBasketDays = 7

// BasketDays is for how many days a basket is to last a household; 0 where the centre has no such rule.
func (c *Centre) BasketDays() int {
	if c.Basket == nil {
		return usualBasketDays
	}
	return *c.Basket
}

// Kind is how a centre is kept.
var Kind = store.Define(store.Spec[Centre]{
	Name: "centre", Schema: 1, Tables: []string{"centre"},
	DDL: `CREATE TABLE centre (
	id   TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	area TEXT NOT NULL,
	zone TEXT NOT NULL,
	lat  REAL NOT NULL,
	lon  REAL NOT NULL
);`,
	Project: project,
})

// project keeps the row of our own centre only: the one whose secret is here.
func project(ctx context.Context, tx *store.Tx, c *Centre) error {
	if c.Secret == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO centre (id, name, area, zone, lat, lon) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (id) DO UPDATE SET name=excluded.name, area=excluded.area, zone=excluded.zone, lat=excluded.lat, lon=excluded.lon`,
		c.ID, c.Name, c.Area, c.Zone, c.Lat, c.Lon)
	return err
}

// Get reads the centre; NotFound before set-up.
func Get(ctx context.Context, r store.Reader) (*Centre, error) {
	rid, err := store.One[id.ID](ctx, r, "centre", "SELECT id FROM centre ORDER BY id LIMIT 1")
	if err != nil {
		return nil, fmt.Errorf("find centre: %w", err)
	}
	return Kind.Get(ctx, r, rid)
}

// Create writes the centre, once in a database's life; a second one is a Conflict. It sets ID, and Secret
// where that is zero.
func Create(ctx context.Context, tx *store.Tx, c *Centre) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if _, err := Get(ctx, tx); !errs.Is(err, errs.NotFound) {
		if err == nil {
			err = errs.New(errs.Conflict, "centre.exists")
		}
		return err
	}
	c.ID = store.NewID[kind](tx)
	for c.Secret == 0 {
		var b [8]byte
		if _, err := rand.Read(b[:]); err != nil {
			return fmt.Errorf("draw secret: %w", err)
		}
		c.Secret = binary.BigEndian.Uint64(b[:])
	}
	return tx.Put(ctx, c)
}

// Validate returns an Invalid error that names the fields at fault: name, area, zone, langs, phone,
// coordinates.
func (c *Centre) Validate() error {
	f := errs.Fields{}
	f.Check(strings.TrimSpace(c.Name) != "", "name", "error.required")
	f.Check(len([]rune(c.Name)) <= 120, "name", "error.too_long")
	f.Check(len([]rune(c.Area)) <= 200, "area", "error.too_long")
	_, err := zone(c.Zone)
	f.Check(err == nil, "zone", "centre.zone_unknown")
	f.Check(len(c.Langs) > 0, "langs", "error.required")
	for _, l := range c.Langs {
		_, ok := i18n.Parse(l)
		f.Check(ok, "langs", "web.choose")
	}
	if c.Phone != "" {
		_, ok := contact.ParsePhone(string(c.Phone))
		f.Check(ok, "phone", "error.phone")
	}
	f.Check(c.BasketDays() >= 0 && c.BasketDays() <= 366, "basket", "centre.basket_days")
	f.Check(math.Abs(c.Lat) <= 90 && math.Abs(c.Lon) <= 180, "coordinates", "centre.coordinates")
	return f.Err()
}

// Placed reports whether it was said where the centre stands, from which crews start.
func (c *Centre) Placed() bool { return c.Lat != 0 || c.Lon != 0 }

// Location returns the centre's time zone; UTC+5, Kazakhstan's, where its name means nothing.
func (c *Centre) Location() *time.Location {
	l, err := zone(c.Zone)
	if err != nil {
		return time.FixedZone("UTC+5", 5*3600)
	}
	return l
}

// Day reads a date as people type it, at midnight in the centre's zone. A year that can only be a slip is none: 1899 is what
// a spreadsheet makes of an empty cell.
func (c *Centre) Day(text string) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, text, c.Location())
	if err != nil {
		return time.Time{}, errs.Wrap(errs.Invalid, err, "app.date")
	}
	if t.Year() < 2000 || t.Year() > 2100 {
		return time.Time{}, errs.New(errs.Invalid, "app.date")
	}
	return t, nil
}

// zone loads a zone by its full name; "" and "Local" would mean this machine's.
func zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, errors.New("no zone is named")
	}
	return time.LoadLocation(name)
}
