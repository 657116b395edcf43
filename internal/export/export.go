// Package export takes data out of the centre as a table: requests, households, volunteers, runs, outcomes, or counts. It
// is a right, limited by field, and each use is a fact in the audit lane before the first row leaves. What may
// leave stands in one table, and whatever is not there may not.
package export

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular"
)

// What is the kind of rows that are taken out.
type What string

// The kinds.
const (
	Requests   What = "requests"
	Households What = "households"
	Volunteers What = "volunteers"
	Runs       What = "runs"
	Outcomes   What = "outcomes"
	Picture    What = "picture" // how centres stand together, in counts
)

// Whats returns every kind, in the order in which they are offered.
func Whats() []What { return []What{Requests, Households, Volunteers, Runs, Outcomes, Picture} }

// Group is how much a field tells of people.
type Group uint8

// The groups.
const (
	Plain   Group = iota // counts, kinds, times: names nobody
	Contact              // names, phones, addresses
	Care                 // health, children, what people said in their own words
)

// Personal reports whether a field of the group needs a reason to leave.
func (g Group) Personal() bool { return g != Plain }

// rights says which groups a role may take out. A role that is not here takes out nothing.
var rights = map[account.Role][]Group{
	account.Coordinator: {Plain, Contact, Care},
	account.Auditor:     {Plain},
}

// May reports whether somebody with these roles may take fields of a group out.
func May(roles account.Roles, g Group) bool {
	return slices.ContainsFunc(roles.Each(), func(r account.Role) bool { return slices.Contains(rights[r], g) })
}

// Roles returns who may take anything out.
func Roles() account.Roles {
	var all account.Roles
	for r := range rights {
		all |= r
	}
	return all
}

// Field is one column that can be taken out.
type Field struct {
	Name  string
	Group Group
}

// Heading is the column's heading: a word by which a list of the same kind is read again.
func (f Field) Heading(lang i18n.Lang) string { return lang.T("export.field." + f.Name) } // i18n: export.field.*

// Format is how the table is written.
type Format string

// The formats.
const (
	XLSX Format = "xlsx"
	CSV  Format = "csv"
)

// MaxXLSX is how many rows go into a workbook, which is built in memory. CSV is written row by row, and has no end.
const MaxXLSX = 50_000

// Asked is what somebody wants to take out.
type Asked struct {
	What   What
	Fields []string  // by name; none for every field that names nobody
	From   time.Time // zero: from the beginning; of requests, runs and outcomes
	To     time.Time // zero: until now; not included
	Zone   *time.Location
	Lang   i18n.Lang
	Format Format
	Reason string // typed by whoever takes personal fields out
	Roles  account.Roles
	Rows   []map[string]string // of the picture, by field: it spans centres, and who asks has reckoned it
}

// chosen returns the fields asked for, in the order of the table.
func (a *Asked) chosen() []Field {
	var out []Field
	for _, f := range Fields(a.What) {
		if len(a.Fields) == 0 && !f.Group.Personal() || slices.Contains(a.Fields, f.Name) {
			out = append(out, f)
		}
	}
	return out
}

// Validate answers for what may not leave, or not without a reason.
func (a *Asked) Validate() error {
	f := errs.Fields{}
	f.Check(slices.Contains(Whats(), a.What), "what", "web.choose")
	f.Check(a.Format == XLSX || a.Format == CSV, "format", "web.choose")
	f.Check(len([]rune(a.Reason)) <= 300, "reason", "error.too_long")
	f.Check(a.From.IsZero() || a.To.IsZero() || a.From.Before(a.To), "to", "export.ends_first")
	for _, name := range a.Fields {
		f.Check(slices.ContainsFunc(Fields(a.What), func(x Field) bool { return x.Name == name }), "fields", "export.no_field")
	}
	personal := false
	for _, x := range a.chosen() {
		personal = personal || x.Group.Personal()
		if !May(a.Roles, x.Group) {
			return errs.New(errs.Denied, "export.denied")
		}
	}
	f.Check(!personal || len([]rune(strings.TrimSpace(a.Reason))) >= 5, "reason", "export.reason")
	return f.Err()
}

type kind struct{}

// Export is the fact that somebody took a table out.
type Export struct {
	ID     id.Of[kind]
	What   What      `audit:"what"`
	Fields []string  `audit:"fields"`
	Rows   int       `audit:"rows"`
	From   time.Time `audit:"from"`
	To     time.Time `audit:"to"`
	Format Format    `audit:"format"`
	Reason string    `audit:"reason"`
	By     id.ID     `audit:"by"` // zero for the command line
	At     time.Time `audit:"at"`
}

// Kind is how exports are written: to the audit lane.
var Kind = store.Define(store.Spec[Export]{
	Name: "export", Schema: 1, Fact: true, Tables: []string{"export"},
	DDL: "CREATE TABLE export (id TEXT PRIMARY KEY) WITHOUT ROWID;\n",
	Project: func(ctx context.Context, tx *store.Tx, e *Export) error {
		_, err := tx.Exec(ctx, "INSERT INTO export (id) VALUES ($1) ON CONFLICT DO NOTHING", e.ID)
		return err
	},
})

// Recent returns the latest exports, newest first.
func Recent(ctx context.Context, r store.Reader, limit int) ([]Export, error) {
	ids, err := store.All(ctx, r, scanID, "SELECT id FROM export ORDER BY id DESC LIMIT $1", limit)
	if err != nil {
		return nil, err
	}
	out := make([]Export, 0, len(ids))
	for _, eid := range ids {
		e, err := Kind.Get(ctx, r, eid)
		if err != nil {
			return nil, err
		}
		out = append(out, *e)
	}
	return out, nil
}

// Ready is an export that may begin.
type Ready struct {
	asked  Asked
	fields []Field
	rows   []id.ID
}

// Rows is how many rows it has.
func (x *Ready) Rows() int { return len(x.rows) + len(x.asked.Rows) }

// Begin looks whether a table may leave, and writes that it does. Nothing leaves that is not written down first.
func Begin(ctx context.Context, db *store.DB, actor store.Actor, a Asked) (*Ready, error) {
	if err := a.Validate(); err != nil {
		return nil, err
	}
	x := &Ready{asked: a, fields: a.chosen()}
	if a.What != Picture {
		x.asked.Rows = nil
		var err error
		if x.rows, err = sources[a.What].ids(ctx, db, &a); err != nil {
			return nil, fmt.Errorf("export %s: %w", a.What, err)
		}
	}
	if a.Format == XLSX && len(x.rows) > MaxXLSX {
		return nil, &errs.Error{Kind: errs.Invalid, Key: "export.too_many", Fields: map[string]string{"format": "export.too_many"}}
	}
	err := db.Write(ctx, actor, func(tx *store.Tx) error {
		e := &Export{What: a.What, Rows: x.Rows(), From: a.From, To: a.To, Format: a.Format, Reason: strings.TrimSpace(a.Reason), By: actor, At: tx.Now}
		e.ID.ID = tx.NewID()
		for _, f := range x.fields {
			e.Fields = append(e.Fields, f.Name)
		}
		return tx.Put(ctx, e)
	})
	return x, err
}

// Write writes the table.
func (x *Ready) Write(ctx context.Context, r store.Reader, w io.Writer) error {
	header := make([]string, 0, len(x.fields))
	for _, f := range x.fields {
		header = append(header, f.Heading(x.asked.Lang))
	}
	var failed error
	rows := x.table(ctx, r, &failed)
	var err error
	if x.asked.Format == XLSX {
		err = tabular.WriteXLSX(w, x.asked.Lang.T("export.what."+string(x.asked.What)), header, rows) // i18n: export.what.*
	} else {
		err = tabular.WriteCSV(w, header, rows)
	}
	if failed != nil {
		return fmt.Errorf("export %s: %w", x.asked.What, failed)
	}
	return err
}

// table reads row by row, so that a long table needs no memory.
func (x *Ready) table(ctx context.Context, r store.Reader, failed *error) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for _, cells := range x.asked.Rows {
			if !yield(x.line(cells)) {
				return
			}
		}
		for _, rid := range x.rows {
			if *failed = ctx.Err(); *failed != nil {
				return
			}
			cells, err := sources[x.asked.What].row(ctx, r, &x.asked, rid)
			if errs.Is(err, errs.NotFound) {
				continue // gone since
			}
			if err != nil {
				*failed = err
				return
			}
			if !yield(x.line(cells)) {
				return
			}
		}
	}
}

// line puts cells into the order of the columns.
func (x *Ready) line(cells map[string]string) []string {
	out := make([]string, 0, len(x.fields))
	for _, f := range x.fields {
		out = append(out, cells[f.Name])
	}
	return out
}
