// Package volunteer keeps who gives time: a name, a way to reach them, what they can do and whether a
// coordinator has seen that they are an adult. There is no upper age and no field for one; no birth date is
// kept to answer the one question that the law asks. It does not know crews or runs.
package volunteer

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

type kind struct{}

// ID is a volunteer's identity.
type ID = id.Of[kind]

// Adult is how the centre knows that somebody is 18 or over.
type Adult string

// What a centre knows of a volunteer's age; only Seen opens crisis work.
const (
	Unknown Adult = ""     // nobody asked, or under 18
	Said    Adult = "said" // they said so
	Seen    Adult = "seen" // a named coordinator has looked at a document; no copy is kept
)

// Volunteer is somebody who gives time.
type Volunteer struct {
	ID        ID
	Name      contact.Name  `body:"name"`
	Phone     contact.Phone `body:"phone"`
	Adult     Adult         `coord:"adult"`
	SeenBy    id.ID         `coord:"seen_by"` // the account that looked at a document
	SeenAt    time.Time     `coord:"seen_at"`
	Langs     []string      `body:"langs" was:"coord"`
	Skills    []string      `body:"skills" was:"coord"`
	Vehicle   string        `body:"vehicle"` // make and colour, as said
	Plate     string        `body:"plate"`
	Baskets   int           `coord:"baskets"` // how many food baskets the vehicle takes
	When      string        `body:"when"`     // when they can come, as said
	Emergency string        `body:"emergency"`
	Pass      string        `body:"pass"` // number of a pass for the curfew
	Ended     bool          `coord:"ended"`
	List      list.ID       `coord:"list"` // that they came with; zero where they came otherwise
}

// Kind is how volunteers stand in the ledger.
var Kind = store.Define(store.Spec[Volunteer]{
	Name: "volunteer", Schema: 1, Tables: []string{"volunteer_row"}, Views: []string{"volunteer"},
	DDL: list.HiddenDDL + `CREATE TABLE volunteer_row (id TEXT PRIMARY KEY, finding TEXT NOT NULL, digits TEXT NOT NULL,
		ended INTEGER NOT NULL, data BLOB NOT NULL, list TEXT NOT NULL);
	CREATE INDEX volunteer_finding ON volunteer_row (ended, finding);
	CREATE INDEX volunteer_list ON volunteer_row (list) WHERE list<>'';
	CREATE VIEW volunteer AS SELECT * FROM volunteer_row WHERE ` + list.Shown + `;`,
	Project: project,
})

func project(ctx context.Context, tx *store.Tx, v *Volunteer) error {
	data, err := ledger.Marshal(v)
	if err != nil {
		return err
	}
	ended := 0
	if v.Ended {
		ended = 1
	}
	_, err = tx.Exec(ctx, `INSERT INTO volunteer_row (id, finding, digits, ended, data, list) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (id) DO UPDATE SET finding=$2, digits=$3, ended=$4, data=$5, list=$6`,
		v.ID, contact.Fold(string(v.Name)), contact.Digits(string(v.Phone)), ended, data, v.List.String())
	return err
}

// IsAdult reports whether a named coordinator has seen that v is 18 or over. Neither word of mouth nor a
// record that names nobody is enough.
func (v *Volunteer) IsAdult() bool {
	return v.Adult == Seen && !v.SeenBy.IsZero() && !v.SeenAt.IsZero()
}

// maxText bounds what one field takes, in characters.
const maxText = 500

// Validate returns an Invalid error that names each field at fault.
func (v *Volunteer) Validate() error {
	f := errs.Fields{}
	f.Check(strings.TrimSpace(string(v.Name)) != "", "name", "error.required")
	for field, s := range map[string]string{"name": string(v.Name), "vehicle": v.Vehicle, "plate": v.Plate,
		"when": v.When, "emergency": v.Emergency, "pass": v.Pass} {
		f.Check(len([]rune(s)) <= maxText, field, "error.too_long")
	}
	if v.Phone != "" {
		p, ok := contact.ParsePhone(string(v.Phone))
		f.Check(ok && p == v.Phone, "phone", "error.phone")
	}
	f.Check(v.Baskets >= 0 && v.Baskets <= 10_000, "baskets", "volunteer.baskets")
	switch v.Adult {
	case Unknown, Said:
		f.Check(v.SeenBy.IsZero() && v.SeenAt.IsZero(), "adult", "volunteer.seen_nobody")
	case Seen:
		f.Check(v.IsAdult(), "adult", "volunteer.seen_nobody")
	default:
		f.Check(false, "adult", "error.required")
	}
	return f.Err()
}

// See records that the one who acts in tx has looked at a document of the volunteer's: 18 or over. Without
// somebody who acts it is Denied. Who saw it first stays.
func See(ctx context.Context, tx *store.Tx, vid ID) error {
	if tx.Actor.IsZero() {
		return errs.New(errs.Denied, "volunteer.seen_nobody")
	}
	v, err := Kind.Get(ctx, tx, vid.ID)
	if err != nil || v.IsAdult() {
		return err
	}
	v.Adult, v.SeenBy, v.SeenAt = Seen, tx.Actor, tx.Now
	return tx.Put(ctx, v)
}

// Unsee takes an attestation back that was a mistake: what is left is what the volunteer said. Crews that
// they are in may not go out from then on.
func Unsee(ctx context.Context, tx *store.Tx, vid ID) error {
	v, err := Kind.Get(ctx, tx, vid.ID)
	if err != nil || v.Adult != Seen {
		return err
	}
	v.Adult, v.SeenBy, v.SeenAt = Said, id.ID{}, time.Time{}
	return tx.Put(ctx, v)
}

// List returns the volunteers who have not ended, by name.
func List(ctx context.Context, r store.Reader) ([]Volunteer, error) {
	return read(ctx, r, "SELECT data FROM volunteer WHERE ended=0 ORDER BY finding, id")
}

// maxHits is how many volunteers a search returns at most.
const maxHits = 200

// Search returns volunteers who have not ended and whose name has every word of text, or whose phone has
// its digits; by name, at most 200. Case, script and the letters that a keyboard lacks make no difference. An empty
// text finds nobody.
func Search(ctx context.Context, r store.Reader, text string) ([]Volunteer, error) {
	words := strings.Fields(contact.Fold(text))
	if len(words) == 0 {
		return nil, nil
	}
	byName := make([]string, 0, len(words))
	args := make([]any, 0, len(words)+1)
	for _, w := range words {
		args = append(args, "%"+escape.Replace(w)+"%")
		byName = append(byName, fmt.Sprintf(`finding LIKE $%d ESCAPE '!'`, len(args)))
	}
	where := strings.Join(byName, " AND ")
	if d := phoneDigits(text); d != "" {
		args = append(args, "%"+d+"%")
		where = fmt.Sprintf("(%s) OR digits LIKE $%d", where, len(args))
	}
	return read(ctx, r, "SELECT data FROM volunteer WHERE ended=0 AND ("+where+
		fmt.Sprintf(") ORDER BY finding, id LIMIT %d", maxHits), args...)
}

// escape takes their meaning in LIKE from the characters that have one.
var escape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// phoneDigits returns the digits to look for in phones: none where text is not one, and without the trunk
// prefix 8 of a whole number, which phones are not kept with.
func phoneDigits(text string) string {
	if p, ok := contact.ParsePhone(text); ok {
		return contact.Digits(string(p))
	}
	d := contact.Digits(text)
	if len(d) < 2 || strings.Trim(text, "+()- 0123456789") != "" {
		return ""
	}
	return d
}

func read(ctx context.Context, r store.Reader, query string, args ...any) ([]Volunteer, error) {
	out, err := store.All(ctx, r, func(row *sql.Rows, v *Volunteer) error {
		var data []byte
		if err := row.Scan(&data); err != nil {
			return err
		}
		return ledger.Unmarshal(data, v)
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list volunteers: %w", err)
	}
	return out, nil
}
