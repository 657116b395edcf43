// Package crew keeps who goes out together and in what, and holds the law on minors: a crew may go out only
// when a named coordinator has seen of every member that they are 18 or over. Form is the door; a crew that
// came in by any other way without its attestations is void when it is applied, on every machine. It does
// not know where crews are sent.
package crew

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

type kind struct{}

// ID is a crew's identity.
type ID = id.Of[kind]

// Roles in a crew; a crew may have others.
const (
	Driver    = "driver"
	Navigator = "navigator"
)

// Member is a volunteer in a crew, with what the crew's sheet needs.
type Member struct {
	Volunteer id.ID         `cbor:"1,keyasint"`
	Role      string        `cbor:"2,keyasint"`
	Name      contact.Name  `cbor:"3,keyasint"`
	Phone     contact.Phone `cbor:"4,keyasint"`
}

// Attestation says that an account saw at a moment that a volunteer is 18 or over. It names nobody, so that
// it can travel with the crew to where names may not.
type Attestation struct {
	Volunteer id.ID     `cbor:"1,keyasint"`
	By        id.ID     `cbor:"2,keyasint"`
	At        time.Time `cbor:"3,keyasint"`
}

// Crew is who goes out together with a vehicle.
type Crew struct {
	ID        ID
	Number    int           `coord:"number"` // said aloud: "crew 7"
	Members   []Member      `body:"members"`
	Vehicle   string        `body:"vehicle"`
	Plate     string        `body:"plate"`
	Baskets   int           `coord:"baskets"`    // capacity
	Kilos     int           `coord:"kilos"`      // capacity
	From      int           `coord:"from"`       // shift, minutes from midnight
	To        int           `coord:"to"`         // past 1440 where the shift ends on the next day
	BreakFrom int           `coord:"break_from"` // minutes from midnight, as the shift; equal: no break
	BreakTo   int           `coord:"break_to"`
	Pass      string        `body:"pass"`
	Lang      i18n.Lang     `coord:"lang"`
	Posts     bool          `coord:"posts"` // serves checkpoints and institutions, never homes
	Emergency string        `body:"emergency"`
	Seen      []Attestation `coord:"seen"`
	Ended     bool          `coord:"ended"`
	List      list.ID       `coord:"list"` // that it came with; zero where it came otherwise
}

// Kind is how crews stand in the ledger.
var Kind = store.Define(store.Spec[Crew]{
	Name: "crew", Schema: 1, Tables: []string{"crew_row"}, Views: []string{"crew"},
	DDL: list.HiddenDDL + `CREATE TABLE crew_row (id TEXT PRIMARY KEY, number INTEGER NOT NULL, ended INTEGER NOT NULL, void INTEGER NOT NULL, list TEXT NOT NULL);
	CREATE INDEX crew_number ON crew_row (ended, number);
	CREATE INDEX crew_list ON crew_row (list) WHERE list<>'';
	CREATE VIEW crew AS SELECT * FROM crew_row WHERE ` + list.Shown + `;`,
	Project: func(ctx context.Context, tx *store.Tx, c *Crew) error {
		_, err := tx.Exec(ctx, `INSERT INTO crew_row (id, number, ended, void, list) VALUES ($1,$2,$3,$4,$5)
			ON CONFLICT (id) DO UPDATE SET number=$2, ended=$3, void=$4, list=$5`, c.ID, c.Number, bit(c.Ended), bit(c.Void()), c.List.String())
		return err
	},
	Subjects: func(c *Crew) []id.ID {
		out := make([]id.ID, len(c.Members))
		for i, m := range c.Members {
			out[i] = m.Volunteer
		}
		return out
	},
})

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Void reports that the crew may never go out as it is: nobody is in it, or somebody of whom it holds no
// attestation. It is a function of the record alone, so that every machine says the same.
func (c *Crew) Void() bool {
	for _, m := range c.Members {
		if _, ok := c.attestation(m.Volunteer); !ok {
			return true
		}
	}
	return len(c.Members) == 0
}

// attestation returns the crew's attestation of a volunteer; one that lacks who saw or when is none.
func (c *Crew) attestation(v id.ID) (Attestation, bool) {
	for _, a := range c.Seen {
		if a.Volunteer == v && !v.IsZero() && !a.By.IsZero() && !a.At.IsZero() {
			return a, true
		}
	}
	return Attestation{}, false
}

// Form makes a crew, or changes one that has an ID, for crisis work. Every member must be a volunteer whom a
// named coordinator has seen to be 18 or over, or the error is Denied; nobody can override it. Names and
// phones of members and the attestations are taken from the volunteers' records, whatever c holds. A crew
// without a number gets the next free one.
func Form(ctx context.Context, tx *store.Tx, c *Crew) error {
	if err := c.validate(); err != nil {
		return err
	}
	members, seen := slices.Clone(c.Members), make([]Attestation, 0, len(c.Members))
	for i := range members {
		v, err := adult(ctx, tx, members[i])
		if err != nil {
			return err
		}
		members[i].Name, members[i].Phone = v.Name, v.Phone
		seen = append(seen, Attestation{Volunteer: v.ID.ID, By: v.SeenBy, At: v.SeenAt})
	}
	if err := number(ctx, tx, c); err != nil {
		return err
	}
	if c.ID.IsZero() {
		c.ID = store.NewID[kind](tx)
	}
	c.Members, c.Seen = members, seen
	return tx.Put(ctx, c)
}

// adult returns a member's record: Denied where there is none that opens crisis work.
func adult(ctx context.Context, r store.Reader, m Member) (*volunteer.Volunteer, error) {
	v, err := volunteer.Kind.Get(ctx, r, m.Volunteer)
	if errs.Is(err, errs.NotFound) {
		return nil, errs.New(errs.Denied, "crew.unknown")
	}
	if err != nil {
		return nil, err
	}
	if v.Ended {
		return nil, errs.New(errs.Denied, "crew.ended_volunteer", "name", v.Name)
	}
	if !v.IsAdult() {
		return nil, errs.New(errs.Denied, "crew.not_seen", "name", v.Name)
	}
	return v, nil
}

// number gives a new crew the next free number, and refuses one that another crew has, be it hidden.
func number(ctx context.Context, tx *store.Tx, c *Crew) error {
	if c.Number == 0 {
		last, err := store.One[int](ctx, tx, "number", "SELECT coalesce(max(number), 0) FROM crew_row WHERE ended=0")
		c.Number = last + 1
		return err
	}
	taken, err := store.One[int](ctx, tx, "number", "SELECT count(*) FROM crew_row WHERE ended=0 AND number=$1 AND id<>$2", c.Number, c.ID.String())
	if err == nil && taken > 0 {
		return errs.New(errs.Conflict, "crew.number_taken", "number", c.Number)
	}
	return err
}

// day is a day's minutes.
const day = 24 * 60

func (c *Crew) validate() error {
	f := errs.Fields{}
	f.Check(len(c.Members) > 0, "members", "crew.nobody")
	seen := map[id.ID]bool{}
	for _, m := range c.Members {
		f.Check(!seen[m.Volunteer], "members", "crew.twice")
		f.Check(strings.TrimSpace(m.Role) != "", "role", "error.required")
		seen[m.Volunteer] = true
	}
	f.Check(c.Number >= 0 && c.Number < 1000, "number", "crew.number")
	f.Check(c.Baskets >= 0 && c.Baskets <= 10_000, "baskets", "volunteer.baskets")
	f.Check(c.Kilos >= 0 && c.Kilos <= 100_000, "kilos", "volunteer.baskets")
	f.Check(c.From >= 0 && c.From < day && (c.To == 0 && c.From == 0 || c.To > c.From && c.To <= c.From+day), "shift", "crew.shift")
	f.Check(c.BreakFrom >= 0 && c.BreakTo <= 2*day && (c.BreakFrom == c.BreakTo || c.BreakFrom < c.BreakTo && c.BreakTo-c.BreakFrom <= 4*60), "break", "crew.break")
	_, known := i18n.Parse(string(c.Lang))
	f.Check(c.Lang == "" || known, "lang", "error.required")
	return f.Err()
}

// Ready returns nil when the crew may go out now: it is not void and not ended, and every attestation that
// it holds is the one that stands in the volunteer's record today. Otherwise it is Denied, with who or what
// is in the way. Whoever sends a crew out asks this at that moment, for a record may have changed since the
// crew was formed.
func Ready(ctx context.Context, r store.Reader, c *Crew) error {
	if c.Ended {
		return errs.New(errs.Denied, "crew.ended")
	}
	if c.Void() {
		return errs.New(errs.Denied, "crew.void", "number", c.Number)
	}
	for _, m := range c.Members {
		v, err := adult(ctx, r, m)
		if err != nil {
			return err
		}
		if a, _ := c.attestation(m.Volunteer); a.By != v.SeenBy || !a.At.Equal(v.SeenAt) {
			return errs.New(errs.Denied, "crew.void", "number", c.Number)
		}
	}
	return nil
}

// End closes a crew; its number is free again.
func End(ctx context.Context, tx *store.Tx, cid ID) error {
	c, err := Get(ctx, tx, cid)
	if err != nil {
		return err
	}
	c.Ended = true
	return tx.Put(ctx, c)
}

// Get reads one crew, also one that is void or has ended.
func Get(ctx context.Context, r store.Reader, cid ID) (*Crew, error) { return Kind.Get(ctx, r, cid.ID) }

// ByNumber reads the crew that has this number now, void or not; NotFound where none has.
func ByNumber(ctx context.Context, r store.Reader, n int) (*Crew, error) {
	cid, err := store.One[id.ID](ctx, r, "crew", "SELECT id FROM crew WHERE ended=0 AND number=$1 ORDER BY void, id LIMIT 1", n)
	if err != nil {
		return nil, err
	}
	return Kind.Get(ctx, r, cid)
}

// List returns the crews that have not ended, void ones too, by number.
func List(ctx context.Context, r store.Reader) ([]Crew, error) {
	ids, err := store.All(ctx, r, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) },
		"SELECT id FROM crew WHERE ended=0 ORDER BY number, id")
	if err != nil {
		return nil, fmt.Errorf("list crews: %w", err)
	}
	out := make([]Crew, 0, len(ids))
	for _, cid := range ids {
		c, err := Kind.Get(ctx, r, cid)
		if err != nil {
			return nil, fmt.Errorf("list crews: %w", err)
		}
		out = append(out, *c)
	}
	return out, nil
}
