// Package household is those who receive help at one address: who lives there, how to reach them, what
// matters at the door. It is never grouped by surname, and a phone proves a household, not a person.
package household

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/names"
)

type kind struct{}

// ID names a household.
type ID = id.Of[kind]

// Care is something that matters when help is brought.
type Care string

// What matters, in the order in which it is asked.
const (
	Infant      Care = "infant"
	Diabetic    Care = "diabetic"
	CannotCarry Care = "cannot_carry"
	NoLift      Care = "no_lift"
	NoCash      Care = "no_cash"
	Deaf        Care = "deaf"
	Alone       Care = "alone"
	OnlyLang    Care = "only_lang" // speaks no language but the household's Lang
)

// Cares returns everything that is asked.
func Cares() []Care {
	return []Care{Infant, Diabetic, CannotCarry, NoLift, NoCash, Deaf, Alone, OnlyLang}
}

// Point is where an address lies, in degrees. Rough means that only the street or district is known; Reckoned, that the
// house was put between two others of its street by their numbers.
type Point struct {
	Lat      float64 `cbor:"1,keyasint"`
	Lon      float64 `cbor:"2,keyasint"`
	Rough    bool    `cbor:"3,keyasint,omitempty"`
	Reckoned bool    `cbor:"4,keyasint,omitempty"`
}

// Household is the people at one address.
type Household struct {
	ID         ID
	Head       contact.Name    `body:"head"` // whom to ask for
	Phones     []contact.Phone `body:"phones"`
	Address    contact.Address `body:"address"`
	Flat       string          `body:"flat"`
	Entrance   string          `body:"entrance"`
	Floor      string          `body:"floor"`
	Code       string          `body:"code"`
	People     int             `body:"people"`
	Children   []int           `body:"children"` // ages in years
	Cares      []Care          `body:"cares"`
	Lang       i18n.Lang       `coord:"lang"`
	Where      *Point          `body:"where"`            // nil: no place yet
	Area       string          `body:"area" was:"coord"` // the district or settlement, as the book of places names it; "" where not known
	District   string          `coord:"district"`        // the district, or the region, by the country's outlines: what other centres may know; "" where not known
	Settlement string          `coord:"settlement"`      // in it, where so many live that it may be told (area.Told); "" else
	Note       contact.Note    `body:"note"`
	Post       bool            `coord:"post"`   // an institution, a hospital, a checkpoint: never on a run with homes
	Keep       bool            `coord:"keep"`   // consent to keep; false: erased when the last request closes
	Wording    string          `body:"wording"` // what was asked and answered
	List       list.ID         `coord:"list"`   // that it came with; zero where it came otherwise
}

// Kind is how households are written.
var Kind = store.Define(store.Spec[Household]{
	Name: "household", Schema: 1, Tables: []string{"household_row", "household_phone_row", "household_word", "household_elsewhere"}, Views: []string{"household", "household_phone"},
	DDL: list.HiddenDDL + `CREATE TABLE household_row (id TEXT PRIMARY KEY, head TEXT NOT NULL, name_key TEXT NOT NULL, address TEXT NOT NULL,
	address_key TEXT NOT NULL, house_key TEXT NOT NULL, flat TEXT NOT NULL, placed INTEGER NOT NULL, passing INTEGER NOT NULL, list TEXT NOT NULL,
	area TEXT NOT NULL, district TEXT NOT NULL, settlement TEXT NOT NULL, youngest INTEGER NOT NULL, cares TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX household_passing ON household_row (id) WHERE passing=1;
CREATE INDEX household_name ON household_row (name_key);
CREATE INDEX household_house ON household_row (house_key);
CREATE INDEX household_list ON household_row (list) WHERE list<>'';
CREATE VIEW household AS SELECT * FROM household_row WHERE ` + list.Shown + `;
CREATE TABLE household_phone_row (tail TEXT NOT NULL, household TEXT NOT NULL, list TEXT NOT NULL, back TEXT NOT NULL, PRIMARY KEY (tail, household)) WITHOUT ROWID;
CREATE INDEX household_phone_of ON household_phone_row (household);
CREATE INDEX household_phone_back ON household_phone_row (back);
CREATE VIEW household_phone AS SELECT tail, household, back FROM household_phone_row WHERE ` + list.Shown + `;
CREATE TABLE household_word (word TEXT NOT NULL, household TEXT NOT NULL, PRIMARY KEY (word, household)) WITHOUT ROWID;
CREATE INDEX household_word_of ON household_word (household, word);
CREATE TABLE household_elsewhere (id TEXT PRIMARY KEY, owner TEXT NOT NULL, district TEXT NOT NULL, settlement TEXT NOT NULL) WITHOUT ROWID;
`,
	Project: project,
	Shared: func(h *Household, ours, _ bool) {
		h.Keep = h.Keep || !ours // who has it now forgets it, and tells us
		h.List = list.ID{}       // a list that is taken back must not hide it: it may come home
	},
	Other: other,
})

// other keeps in which district and settlement another centre's household is.
func other(ctx context.Context, tx *store.Tx, h *Household, owner id.ID) error {
	if owner.IsZero() {
		_, err := tx.Exec(ctx, "DELETE FROM household_elsewhere WHERE id=$1", h.ID)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO household_elsewhere (id, owner, district, settlement) VALUES ($1,$2,$3,$4)
		ON CONFLICT (id) DO UPDATE SET owner=$2, district=$3, settlement=$4`, h.ID, owner, h.District, h.Settlement)
	return err
}

func project(ctx context.Context, tx *store.Tx, h *Household) error {
	if _, err := tx.Exec(ctx, `INSERT INTO household_row (id, head, name_key, address, address_key, placed, passing, list, area, youngest, cares, house_key, flat, district, settlement)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)
		ON CONFLICT (id) DO UPDATE SET head=$2, name_key=$3, address=$4, address_key=$5, placed=$6, passing=$7, list=$8, area=$9, youngest=$10, cares=$11, house_key=$12, flat=$13, district=$14, settlement=$15`,
		h.ID, string(h.Head), contact.Fold(string(h.Head)), string(h.Address), contact.Fold(string(h.Address)), h.Where != nil, h.passing(), h.List.String(),
		cmp.Or(h.Area, h.District), h.youngest(), h.cares(), HouseKey(h.Address), h.Flat, h.District, h.Settlement); err != nil {
		return err
	}
	for _, q := range []string{"DELETE FROM household_phone_row WHERE household=$1", "DELETE FROM household_word WHERE household=$1"} {
		if _, err := tx.Exec(ctx, q, h.ID); err != nil {
			return err
		}
	}
	for _, p := range h.Phones {
		tail := Tail(p)
		if _, err := tx.Exec(ctx, "INSERT INTO household_phone_row (tail, household, list, back) VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING",
			tail, h.ID, h.List.String(), backwards(tail)); err != nil {
			return err
		}
	}
	for w := range strings.FieldsSeq(contact.Fold(string(h.Head) + " " + string(h.Address))) {
		if _, err := tx.Exec(ctx, "INSERT INTO household_word (word, household) VALUES ($1,$2) ON CONFLICT DO NOTHING", w, h.ID); err != nil {
			return err
		}
	}
	return nil
}

// passing reports whether the household is there only until its requests are closed: it did not agree to be
// kept, and has not been erased.
func (h *Household) passing() bool {
	return !h.Keep && (h.Address != "" || h.Head != "" || len(h.Phones) > 0)
}

// youngest is the age of the youngest child, or noChild.
func (h *Household) youngest() int {
	y := noChild
	for _, age := range h.Children {
		y = min(y, age)
	}
	return y
}

const noChild = 99

func (h *Household) cares() string {
	out := make([]string, 0, len(h.Cares))
	for _, c := range h.Cares {
		out = append(out, string(c))
	}
	return strings.Join(out, ",")
}

// Outline is as much of a household as its row tells of who lives there: its youngest child, and what matters.
func Outline(youngest int, cares string) Household {
	var h Household
	if youngest != noChild {
		h.Children = []int{youngest}
	}
	for c := range strings.SplitSeq(cares, ",") {
		if c != "" {
			h.Cares = append(h.Cares, Care(c))
		}
	}
	return h
}

// Tail is by what a phone is found: its last ten digits.
func Tail(p contact.Phone) string {
	d := contact.Digits(string(p))
	return d[max(0, len(d)-10):]
}

// limits of what can be kept in one field, in characters.
const (
	maxName    = 200
	maxAddress = 500
)

// Validate answers for fields that make no sense.
func (h *Household) Validate() error {
	f := errs.Fields{}
	f.Check(h.Address != "", "address", "error.required")
	f.Check(len([]rune(string(h.Address))) <= maxAddress, "address", "error.too_long")
	f.Check(len([]rune(string(h.Head))) <= maxName, "name", "error.too_long")
	f.Check(h.People >= 0 && h.People <= 2000, "people", "household.people")
	for _, age := range h.Children {
		f.Check(age >= 0 && age < 18, "children", "household.ages")
	}
	return f.Err()
}

// Has reports whether c matters in this household.
func (h *Household) Has(c Care) bool {
	return slices.Contains(h.Cares, c)
}

// ByPhone returns the households that a phone belongs to, newest first.
func ByPhone(ctx context.Context, r store.Reader, p contact.Phone) ([]ID, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *ID) error { return row.Scan(v) },
		"SELECT household FROM household_phone WHERE tail=$1 ORDER BY household DESC LIMIT 20", Tail(p))
}

// Door is the address with its flat, said once: many say the flat with the address and again in its own field.
func (h *Household) Door() string {
	said := names.FoldAddress(string(h.Address)).Flat()
	if h.Flat == "" || said > 0 && strconv.Itoa(said) == strings.TrimSpace(h.Flat) {
		return string(h.Address)
	}
	return string(h.Address) + ", " + h.Flat
}

// HouseKey is by what an address is found: its street and house as they sound, in whatever script and with
// whatever words for a street; without the flat.
func HouseKey(a contact.Address) string {
	key, _, _ := strings.Cut(names.FoldAddress(string(a)).String(), " кв ")
	return key
}

// ByAddress returns the households of a house, however it is written, newest first.
func ByAddress(ctx context.Context, r store.Reader, a contact.Address) ([]ID, error) {
	return ByHouse(ctx, r, HouseKey(a))
}

// ByHouse returns the households whose address has this HouseKey, newest first.
func ByHouse(ctx context.Context, r store.Reader, key string) ([]ID, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *ID) error { return row.Scan(v) },
		"SELECT id FROM household WHERE house_key=$1 AND house_key<>'' ORDER BY id DESC LIMIT 20", key)
}

// Brief is what a household is compared by.
type Brief struct {
	ID      ID
	Head    contact.Name
	Address contact.Address
	Flat    string
	Tails   []string // of phones
	House   string   // HouseKey
}

// Briefs calls fn with every household that is not erased and not hidden.
func Briefs(ctx context.Context, r store.Reader, fn func(Brief)) error {
	all, err := briefs(ctx, r, "h.head<>'' OR h.address<>'' ORDER BY h.id")
	for _, v := range all {
		fn(v)
	}
	return err
}

// BriefOf returns one of them; NotFound where it was erased or is hidden.
func BriefOf(ctx context.Context, r store.Reader, h ID) (Brief, error) {
	one, err := briefs(ctx, r, "h.id=$1 AND (h.head<>'' OR h.address<>'')", h)
	if err != nil {
		return Brief{}, err
	}
	if len(one) == 0 {
		return Brief{}, errs.Missing("household")
	}
	return one[0], nil
}

func briefs(ctx context.Context, r store.Reader, where string, args ...any) ([]Brief, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *Brief) error {
		var tails string
		err := row.Scan(&v.ID, &v.Head, &v.Address, &v.Flat, &v.House, &tails)
		v.Tails = strings.Fields(tails)
		return err
	}, `SELECT h.id, h.head, h.address, h.flat, h.house_key, coalesce((SELECT group_concat(p.tail, ' ') FROM household_phone p WHERE p.household=h.id), '')
		FROM household h WHERE `+where, args...)
}

// IDs returns every household that is not hidden.
func IDs(ctx context.Context, r store.Reader) ([]ID, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *ID) error { return row.Scan(v) }, "SELECT id FROM household")
}

// Kept returns every household that agreed to be kept: those that did not stay only until they are helped.
func Kept(ctx context.Context, r store.Reader) ([]id.ID, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) }, "SELECT id FROM household WHERE passing=0 AND (address<>'' OR head<>'') ORDER BY id")
}
