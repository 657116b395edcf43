package intake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
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

// Options say how a list is taken.
type Options struct {
	DryRun   bool                  // say what would happen and keep nothing
	Mapping  *tabular.Mapping      // nil: as suggested; one without a signature is taken for any layout
	Secret   uint64                // of the centre's refs
	Verified bool                  // requests count as checked by a list: the sender vouches for them
	Progress func(done, total int) // called after each part, in rows; may be nil
}

// Result accounts for every row below the headings: Rows is Taken and len(Skipped) and len(Refused) together.
type Result struct {
	Rows       int       `json:"rows"`
	Taken      int       `json:"taken"`
	Skipped    []Skipped `json:"skipped"`
	Refused    []Refused `json:"refused"`
	Duplicates int       `json:"duplicates"` // rows taken although their phone or address is known

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

func (r *Result) refuse(row int, field, reason string, args ...any) {
	r.Refused = append(r.Refused, Refused{Row: row, Field: field, Reason: reason, args: args})
}

func (r *Result) skip(row int, reason string) {
	r.Skipped = append(r.Skipped, Skipped{Row: row, Reason: reason})
}

// add joins the result of a part.
func (r *Result) add(part Result) {
	r.Taken += part.Taken
	r.Duplicates += part.Duplicates
	r.Skipped = append(r.Skipped, part.Skipped...)
	r.Refused = append(r.Refused, part.Refused...)
	r.Made = append(r.Made, part.Made...)
}

func (r *Result) settle() {
	r.Rows = r.Taken + len(r.Skipped) + len(r.Refused)
	slices.SortStableFunc(r.Skipped, func(a, b Skipped) int { return cmp.Compare(a.Row, b.Row) })
	slices.SortStableFunc(r.Refused, func(a, b Refused) int { return cmp.Compare(a.Row, b.Row) })
}

// part is how many rows share a write at most, so that calls taken meanwhile need not wait.
const part = 200

// errDry takes a dry run's writes back.
var errDry = errors.New("dry run")

// draft is a row that was understood and waits to be written.
type draft struct {
	row   int
	again bool // its phone or address stood higher up
	put   func(ctx context.Context, tx *store.Tx) (Made, error)
}

// list is an import under way.
type list struct {
	opt    Options
	token  string // what the tokens of its rows begin with
	cols   columns
	seen   map[string]bool // phones, addresses and the like of the rows so far
	people []volunteer.Volunteer
	res    Result
}

// Import takes a list row by row. What was taken once from this very file is skipped the next time, so that
// an import that broke off goes on where it stopped and nothing is doubled. An error that is Invalid says
// what is wrong with the file or its columns; after any other, the result tells how far it came.
func Import(ctx context.Context, db *store.DB, actor store.Actor, kind Kind, r io.Reader, opt Options) (*Result, error) {
	if !slices.Contains(Kinds(), kind) {
		return nil, errs.New(errs.Invalid, "lists.kind")
	}
	sum := sha256.New()
	tee := io.TeeReader(r, sum)
	table, err := tabular.ReadTable(ctx, tee, tabular.Limits{})
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, tee); err != nil {
		return nil, fmt.Errorf("read list: %w", err)
	}
	im := &list{opt: opt, seen: map[string]bool{}, token: "import/" + hex.EncodeToString(sum.Sum(nil)) + "/" + string(kind) + "/"}
	im.res.Skipped, im.res.Refused = []Skipped{}, []Refused{}
	if im.cols, err = columnsOf(table, kind, opt.Mapping); err != nil {
		return nil, err
	}
	im.res.Mapping = im.cols.mapping
	if kind == Volunteers || kind == Crews {
		if im.people, err = volunteer.List(ctx, db); err != nil {
			return nil, err
		}
	}
	drafts := im.read(table, kind)
	err = im.write(ctx, db, actor, drafts, table.RowsIn())
	im.res.settle()
	return &im.res, err
}

// read turns rows into drafts, and accounts for those that are none.
func (im *list) read(t *tabular.Table, kind Kind) []draft {
	for _, s := range t.Skipped {
		for i := range s.Count {
			im.res.skip(s.Row+i, string(s.Reason))
		}
	}
	understand := map[Kind]func(*row) draft{Places: im.place, Volunteers: im.volunteer, Crews: im.crew,
		Households: im.household, Requests: im.request}[kind]
	var out []draft
	for _, r := range t.Rows {
		w := &row{Row: r, cols: im.cols}
		if fault, bad := w.fault(); bad {
			im.res.refuse(r.Number, "", string(fault))
			continue
		}
		d := understand(w)
		switch {
		case w.field != "" || w.why != "":
			im.res.refuse(r.Number, w.field, w.why)
		case w.idle != "":
			im.res.skip(r.Number, w.idle)
		default:
			d.row = r.Number
			out = append(out, d)
		}
	}
	return out
}

// write takes the drafts, part by part.
func (im *list) write(ctx context.Context, db *store.DB, actor store.Actor, drafts []draft, total int) error {
	done := total - len(drafts)
	for chunk := range slices.Chunk(drafts, part) {
		if err := ctx.Err(); err != nil {
			return err
		}
		var out Result
		err := db.Write(ctx, actor, func(tx *store.Tx) error {
			out = Result{} // it may run twice
			for _, d := range chunk {
				if err := im.one(ctx, tx, d, &out); err != nil {
					return fmt.Errorf("row %d: %w", d.row, err)
				}
			}
			if im.opt.DryRun {
				return errDry
			}
			return nil
		})
		if err != nil && !errors.Is(err, errDry) {
			return fmt.Errorf("import list: %w", err)
		}
		im.res.add(out)
		done += len(chunk)
		if im.opt.Progress != nil {
			im.opt.Progress(done, total)
		}
	}
	return nil
}

// one takes a row, unless this file's row was taken before.
func (im *list) one(ctx context.Context, tx *store.Tx, d draft, out *Result) error {
	token := im.token + strconv.Itoa(d.row)
	_, before, err := tx.Once(ctx, token)
	if err != nil {
		return err
	}
	if before {
		out.skip(d.row, "lists.skip.before")
		return nil
	}
	made, err := d.put(ctx, tx)
	if errors.Is(err, errKnown) {
		out.skip(d.row, "lists.skip.known")
		return nil
	}
	if e := (*errs.Error)(nil); errors.As(err, &e) && (e.Kind == errs.Invalid || e.Kind == errs.Denied || e.Kind == errs.Conflict) {
		field, key := "", e.Key // nouns refuse before they write anything
		if len(e.Fields) > 0 {
			field = slices.Min(slices.Collect(maps.Keys(e.Fields)))
			key = e.Fields[field]
		}
		out.refuse(d.row, field, key, e.Args...)
		return nil
	}
	if err != nil {
		return err
	}
	made.Row, made.Duplicate = d.row, made.Duplicate || d.again
	if made.Duplicate {
		out.Duplicates++
	}
	if im.opt.DryRun {
		made.ID, made.Ref = id.ID{}, ""
	}
	out.Taken++
	out.Made = append(out.Made, made)
	return tx.Done(ctx, token, made.ID.String())
}

// stood reports whether any of the keys stood higher up in the list, and notes them. Empty keys are none.
func (im *list) stood(keys ...string) bool {
	again := false
	for _, k := range keys {
		if k != "" {
			again = again || im.seen[k]
			im.seen[k] = true
		}
	}
	return again
}
