package intake

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular"
	"github.com/jumyla/jumyla/internal/volunteer"
)

// Kind is what the rows of a list are.
type Kind string

// The kinds of lists.
const (
	Places     Kind = "places"
	Volunteers Kind = "volunteers"
	Crews      Kind = "crews"
	Households Kind = "households"
	Requests   Kind = "requests"
)

// Kinds returns every kind of list, in the order in which they are offered.
func Kinds() []Kind { return []Kind{Requests, Households, Volunteers, Crews, Places} }

// MaxFile is how large the file of a list may be, in bytes.
const MaxFile = 50 << 20

// Options say how a list is taken.
type Options struct {
	DryRun   bool                  // say what would happen and keep nothing
	Mapping  *tabular.Mapping      // nil: as remembered or suggested; one without a signature is taken for any layout
	Sender   string                // who sent it, to remember how their lists are read
	File     string                // its name
	Secret   uint64                // of the centre's refs
	Posts    bool                  // every row is that of an institution, a hospital or a checkpoint, not of a home
	Keep     bool                  // the sender says that its people agreed to be kept; a column of consent says it row by row
	Verified bool                  // requests count as checked by a list: the sender vouches for them
	Progress func(done, total int) // called after each part, in rows; may be nil
}

// Result accounts for every row below the headings: Rows is Taken and len(Skipped) and len(Refused) together.
type Result struct {
	Rows       int       `json:"rows"`
	Taken      int       `json:"taken"`
	Skipped    []Skipped `json:"skipped"`
	Refused    []Refused `json:"refused"`
	Duplicates int       `json:"duplicates"`     // rows taken although their phone or address is known
	List       string    `json:"list,omitempty"` // by what it is undone; "" after a dry run

	Made    []Made          `json:"-"` // the rows taken; empty identities after a dry run
	Mapping tabular.Mapping `json:"-"` // that was used
}

// Skipped is a row that nobody needs to correct.
type Skipped struct {
	Row    int    `json:"row"`    // as the spreadsheet shows it, from 1
	Reason string `json:"reason"` // a message key; words after In
}

// Refused is a row that cannot be taken until somebody corrects it.
type Refused struct {
	Row    int    `json:"row"`
	Field  string `json:"field"`  // "" when it is the row as a whole
	Reason string `json:"reason"` // a message key; words after In

	args []any // name, value pairs for the message
}

// Made is a row that was taken.
type Made struct {
	Row       int
	ID        id.ID
	Ref       id.Ref // of a request
	Duplicate bool   // its phone or address was known, or stood higher up in the list
	Twin      id.ID  // the household that has them; zero where it stood higher up
}

// In returns the result with its reasons in words.
func (r *Result) In(l i18n.Lang) *Result {
	out := *r
	out.Skipped, out.Refused = slices.Clone(r.Skipped), slices.Clone(r.Refused)
	for i := range out.Skipped {
		out.Skipped[i].Reason = l.T(out.Skipped[i].Reason)
	}
	for i := range out.Refused {
		out.Refused[i].Reason = l.T(out.Refused[i].Reason, out.Refused[i].args...)
	}
	return &out
}

// resultOf accounts for rows that were settled.
func resultOf(rows []list.Row) *Result {
	r := &Result{Rows: len(rows), Skipped: []Skipped{}, Refused: []Refused{}}
	for _, row := range rows {
		switch row.Status {
		case list.RowSkipped:
			r.Skipped = append(r.Skipped, Skipped{Row: row.Row, Reason: row.Reason})
		case list.RowRefused:
			r.Refused = append(r.Refused, Refused{Row: row.Row, Field: row.Field, Reason: row.Reason, args: row.Args})
		case list.RowTaken, list.RowGone, list.RowStayed:
			r.Taken++
			if row.Same {
				r.Duplicates++
			}
			r.Made = append(r.Made, Made{Row: row.Row, ID: row.Record, Ref: row.Ref, Duplicate: row.Same, Twin: row.Twin})
		}
	}
	return r
}

// taking is a list on its way in.
type taking struct {
	kind   Kind
	plan   list.Plan
	lid    list.ID
	secret uint64 // of the centre's refs
	table  *tabular.Table
	cols   columns
	seen   map[string]bool // phones, addresses and the like of the rows so far
	before map[int]bool    // rows that an earlier list took from the very same file
	people bench           // volunteers who are known
	above  bench           // those of the list so far
	homes  *homes          // households of the register and of the list, by what they sound like
}

// content reads a file within the limit and names it.
func content(r io.Reader) (b []byte, sum string, err error) {
	if b, err = io.ReadAll(io.LimitReader(r, MaxFile+1)); err != nil {
		return nil, "", fmt.Errorf("read list: %w", err)
	}
	if len(b) > MaxFile {
		return nil, "", TooLarge()
	}
	h := sha256.Sum256(b)
	return b, hex.EncodeToString(h[:]), nil
}

// TooLarge is the answer to a file beyond MaxFile.
func TooLarge() error { return errs.New(errs.Invalid, "tabular.file.too_large", "mb", MaxFile>>20) }

// Table reads the file of a draft as its plan says, with what somebody has corrected in it.
func Table(ctx context.Context, content []byte, plan *list.Plan) (*tabular.Table, *tabular.Book, error) {
	book, err := tabular.Read(ctx, bytes.NewReader(content), tabular.Limits{File: MaxFile})
	if err != nil {
		return nil, nil, err
	}
	sheet := plan.Sheet
	if sheet < 0 {
		sheet = book.Best()
	}
	read := book.Table
	if plan.Header >= 0 {
		read = func(ctx context.Context, i int) (*tabular.Table, error) { return book.TableAt(ctx, i, plan.Header) }
	}
	t, err := read(ctx, sheet)
	if err != nil {
		return nil, nil, err
	}
	for i := range t.Rows {
		for col, text := range plan.Fixes[t.Rows[i].Number] {
			fix(&t.Rows[i], col, text)
		}
	}
	return t, book, nil
}

// fix puts what somebody typed in place of a cell, and takes what was wrong with the cell away.
func fix(r *tabular.Row, col int, text string) {
	for len(r.Cells) <= col {
		r.Cells = append(r.Cells, "")
	}
	r.Cells[col] = text
	r.Faults = slices.DeleteFunc(r.Faults, func(f tabular.Fault) bool { return f.Column == col })
}

// prepare makes a plan ready to be carried out.
func prepare(ctx context.Context, db store.Reader, lid list.ID, content []byte, plan *list.Plan, secret uint64) (*taking, error) {
	im := &taking{kind: Kind(plan.What), plan: *plan, lid: lid, secret: secret, seen: map[string]bool{}}
	var err error
	if im.table, _, err = Table(ctx, content, plan); err != nil {
		return nil, err
	}
	if im.cols, err = columnsOf(im.table, im.kind, plan.Mapping); err != nil {
		return nil, err
	}
	if im.before, err = list.TakenFrom(ctx, db, plan.What, plan.Sum, lid); err != nil {
		return nil, err
	}
	switch im.kind {
	case Volunteers, Crews:
		all, err := volunteer.List(ctx, db)
		if err != nil {
			return nil, err
		}
		im.people, im.above = benchOf(all), benchOf(nil)
	case Households, Requests:
		im.homes, err = homesOf(ctx, db)
	case Places:
	}
	return im, err
}

// item is a row that is settled already, or one that was understood and waits to be written.
type item struct {
	list.Row

	draft *draft
}

// draft is a row that was understood.
type draft struct {
	again bool   // its phone or address stood higher up
	says  string // what it would become
	put   func(ctx context.Context, tx *store.Tx) (Made, error)
}

// read turns every row into an item, in their order.
func (im *taking) read() []item {
	var out []item
	for _, s := range im.table.Skipped {
		for i := range s.Count {
			out = append(out, item{Row: list.Row{Row: s.Row + i, Status: list.RowSkipped, Reason: string(s.Reason)}})
		}
	}
	understand := map[Kind]func(*row) draft{Places: im.place, Volunteers: im.volunteer, Crews: im.crew,
		Households: im.household, Requests: im.request}[im.kind]
	for _, r := range im.table.Rows {
		out = append(out, im.item(r, understand))
	}
	slices.SortStableFunc(out, func(a, b item) int { return cmp.Compare(a.Row.Row, b.Row.Row) })
	return out
}

func (im *taking) item(r tabular.Row, understand func(*row) draft) item {
	w := &row{Row: r, cols: im.cols}
	if fault, bad := w.fault(); bad {
		return item{Row: list.Row{Row: r.Number, Status: list.RowRefused, Reason: string(fault)}}
	}
	d := understand(w)
	it := item{Row: list.Row{Row: r.Number, Status: list.RowTaken, Says: d.says}}
	switch {
	case w.field != "" || w.why != "":
		it.Status, it.Field, it.Reason = list.RowRefused, w.field, w.why
	case w.idle != "":
		it.Status, it.Reason = list.RowSkipped, w.idle
	case im.before[r.Number]:
		it.Status, it.Reason = list.RowSkipped, "lists.skip.before"
	default:
		it.draft = &d
	}
	return it
}

// stood reports whether any of the keys stood higher up in the list, and notes them. Empty keys are none.
func (im *taking) stood(keys ...string) bool {
	again := false
	for _, k := range keys {
		if k != "" {
			again = again || im.seen[k]
			im.seen[k] = true
		}
	}
	return again
}
