package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular"
)

// part is how many rows share a write at most, so that calls taken meanwhile need not wait.
const part = 200

// errDry takes a trial's writes back.
var errDry = errors.New("dry run")

// Import takes a list whole, row by row. What it brings is hidden until its last row is there. An import that
// broke off goes on where it stopped when the same file comes again; what an earlier list took from the very
// same file is skipped. An error that is Invalid says what is wrong with the file or its columns; after any
// other, the result tells how far it came.
func Import(ctx context.Context, db *store.DB, actor store.Actor, kind Kind, r io.Reader, opt Options) (*Result, error) {
	if !slices.Contains(Kinds(), kind) {
		return nil, errs.New(errs.Invalid, "lists.kind")
	}
	b, sum, err := content(r)
	if err != nil {
		return nil, err
	}
	plan := list.Plan{What: string(kind), Sender: opt.Sender, File: opt.File, Sum: sum, Verified: opt.Verified, Posts: opt.Posts, Keep: opt.Keep, Sheet: -1, Header: -1}
	if err := read(ctx, db, b, &plan, opt.Mapping); err != nil {
		return nil, err
	}
	if opt.DryRun {
		return try(ctx, db, actor, b, &plan, opt)
	}
	d, err := begun(ctx, db, plan.What, sum)
	if err != nil {
		return nil, err
	}
	if d == nil {
		d = &list.Draft{Account: actor, Step: list.Looked, Plan: plan}
		if err := lay(ctx, db, actor, d, b); err != nil {
			return nil, err
		}
	}
	if err := TakeList(ctx, db, actor, d.ID, opt.Secret, opt.Progress); err != nil {
		if errs.Is(err, errs.Invalid) {
			return nil, err
		}
		res, lost := ResultOf(context.WithoutCancel(ctx), db, d.ID)
		return res, errors.Join(err, lost)
	}
	return ResultOf(ctx, db, d.ID)
}

// begun returns the list that broke off while it was made of the same file; nil where none did.
func begun(ctx context.Context, db *store.DB, what, sum string) (*list.Draft, error) {
	all, err := list.BySum(ctx, db, what, sum)
	if err != nil {
		return nil, err
	}
	for _, l := range all {
		if l.State == list.Taking {
			return list.Open(ctx, db, l.ID)
		}
	}
	return nil, nil //nolint:nilnil // nothing broke off
}

// lay puts a draft on the table with its file.
func lay(ctx context.Context, db *store.DB, actor store.Actor, d *list.Draft, content []byte) error {
	return db.Write(ctx, actor, func(tx *store.Tx) error {
		d.ID.ID, d.At = tx.NewID(), tx.Now
		if err := errors.Join(list.Sweep(ctx, tx), d.Save(ctx, tx)); err != nil {
			return err
		}
		return list.Keep(ctx, tx, d.ID, content)
	})
}

// Bring puts a file on the table: how its columns are read is suggested, and nothing is taken yet. An Invalid
// error says what is wrong with the file.
func Bring(ctx context.Context, db *store.DB, actor store.Actor, plan list.Plan, b []byte) (*list.Draft, error) {
	if !slices.Contains(Kinds(), Kind(plan.What)) {
		return nil, errs.New(errs.Invalid, "lists.kind")
	}
	var err error
	if b, plan.Sum, err = content(bytes.NewReader(b)); err != nil {
		return nil, err
	}
	t, _, err := Table(ctx, b, &plan)
	if err != nil {
		return nil, err
	}
	if err := suggest(ctx, db, t, &plan); err != nil {
		return nil, err
	}
	d := &list.Draft{Account: actor, Step: list.Read, Plan: plan}
	return d, lay(ctx, db, actor, d, b)
}

// read finds out how a file is to be read: as given, as remembered, or as its headings suggest.
func read(ctx context.Context, db store.Reader, content []byte, plan *list.Plan, given *tabular.Mapping) error {
	t, _, err := Table(ctx, content, plan)
	if err != nil {
		return err
	}
	if given != nil {
		plan.Mapping = *given
		if given.Signature == "" {
			plan.Mapping.Signature = t.Signature()
		}
	} else if err := suggest(ctx, db, t, plan); err != nil {
		return err
	}
	_, err = columnsOf(t, Kind(plan.What), plan.Mapping)
	return err
}

// suggest maps columns by their headings and values, and by how the sender's lists were read before.
func suggest(ctx context.Context, db store.Reader, t *tabular.Table, plan *list.Plan) error {
	fields := ListFields(Kind(plan.What))
	plan.Mapping, plan.Known = tabular.Suggest(t, fields), 0
	old, ok, err := list.Remembered(ctx, db, plan.Sender, plan.What, plan.Mapping.Signature)
	if err == nil && ok {
		plan.Known = old.Apply(&plan.Mapping, func(f string) bool {
			return slices.ContainsFunc(fields, func(x tabular.Field) bool { return x.Name == f })
		})
	}
	for i := range plan.Mapping.Columns {
		plan.Mapping.Columns[i].Samples = nil // they are in the file, and go with it
	}
	return err
}

// Reread suggests anew how a draft's columns are read, after its sheet, its headings or its kind were changed.
func Reread(ctx context.Context, db store.Reader, content []byte, plan *list.Plan) error {
	t, _, err := Table(ctx, content, plan)
	if err != nil {
		return err
	}
	return suggest(ctx, db, t, plan)
}

// Enough answers for a mapping that lacks what a kind of list must have.
func Enough(t *tabular.Table, what string, m tabular.Mapping) error {
	_, err := columnsOf(t, Kind(what), m)
	return err
}

// ResultOf accounts for the rows of a list so far.
func ResultOf(ctx context.Context, r store.Reader, lid list.ID) (*Result, error) {
	d, err := list.Open(ctx, r, lid)
	if err != nil {
		return nil, err
	}
	rows, err := list.Rows(ctx, r, lid, list.Choice{})
	if err != nil {
		return nil, err
	}
	res := resultOf(rows)
	res.Mapping, res.List = d.Mapping, lid.String()
	return res, nil
}

// try says what would happen, and keeps nothing.
func try(ctx context.Context, db *store.DB, actor store.Actor, content []byte, plan *list.Plan, opt Options) (*Result, error) {
	im, err := prepare(ctx, db, list.ID{ID: id.New(db.Now())}, content, plan, opt.Secret)
	if err != nil {
		return nil, err
	}
	var all []list.Row
	items := im.read()
	for chunk := range slices.Chunk(items, part) {
		rows, err := im.dry(ctx, db, actor, chunk)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if opt.Progress != nil {
			opt.Progress(len(all), len(items))
		}
	}
	res := resultOf(all)
	res.Mapping = plan.Mapping
	return res, nil
}

// dry writes rows and takes them back.
func (im *taking) dry(ctx context.Context, db *store.DB, actor store.Actor, items []item) ([]list.Row, error) {
	var rows []list.Row
	err := db.Write(ctx, actor, func(tx *store.Tx) error {
		rows = rows[:0] // it may run twice
		if err := list.Hide(ctx, tx, im.lid); err != nil {
			return err
		}
		for _, it := range items {
			r, err := im.one(ctx, tx, it)
			if err != nil {
				return fmt.Errorf("row %d: %w", it.Row.Row, err)
			}
			r.Record, r.Ref = id.ID{}, ""
			rows = append(rows, r)
		}
		return errDry
	})
	if !errors.Is(err, errDry) {
		return nil, fmt.Errorf("try list: %w", err)
	}
	return rows, nil
}

// TakeList takes the list of a draft, or goes on with one that broke off. Only its last write makes it seen.
func TakeList(ctx context.Context, db *store.DB, actor store.Actor, lid list.ID, secret uint64, progress func(done, total int)) error {
	d, im, err := open(ctx, db, lid, secret)
	if err != nil {
		return err
	}
	switch d.Step {
	case list.StepTaking, list.Looked, list.Read:
	case list.StepTaken:
		return nil
	default:
		return errs.New(errs.Conflict, "lists.again")
	}
	if d.Step != list.StepTaking {
		if err := begin(ctx, db, actor, d); err != nil {
			return err
		}
	}
	if err := im.write(ctx, db, actor, d, progress); err != nil {
		return errors.Join(err, stopped(ctx, db, actor, d, err))
	}
	return whole(ctx, db, actor, d)
}

// open reads a draft with its file.
func open(ctx context.Context, db *store.DB, lid list.ID, secret uint64) (*list.Draft, *taking, error) {
	d, err := list.Open(ctx, db, lid)
	if err != nil {
		return nil, nil, err
	}
	b, err := list.Content(ctx, db, lid)
	if errs.Is(err, errs.NotFound) {
		return nil, nil, errs.New(errs.Conflict, "lists.again")
	}
	if err != nil {
		return nil, nil, err
	}
	im, err := prepare(ctx, db, lid, b, &d.Plan, secret)
	return d, im, err
}

// Look finds out what would become of each row of a draft, or only of some, and keeps that beside it. Nothing is
// taken.
func Look(ctx context.Context, db *store.DB, actor store.Actor, lid list.ID, secret uint64, only map[int]bool) error {
	d, im, err := open(ctx, db, lid, secret)
	if err != nil {
		return err
	}
	items := im.read()
	total := len(items)
	if only != nil {
		items = slices.DeleteFunc(items, func(it item) bool { return !only[it.Row.Row] })
	}
	done := total - len(items)
	for chunk := range slices.Chunk(items, part) {
		rows, err := im.dry(ctx, db, actor, chunk)
		if err != nil {
			return errors.Join(err, stopped(ctx, db, actor, d, err))
		}
		done += len(chunk)
		err = db.Write(ctx, actor, func(tx *store.Tx) error {
			for _, r := range rows {
				if err := list.KeepRow(ctx, tx, lid, r); err != nil {
					return err
				}
			}
			return d.Advance(ctx, tx, done, total)
		})
		if err != nil {
			return fmt.Errorf("look at list: %w", err)
		}
	}
	return db.Write(ctx, actor, func(tx *store.Tx) error {
		d.Step, d.Done, d.Total, d.Fault = list.Looked, total, total, ""
		return d.Save(ctx, tx)
	})
}

// begin makes the list a record, hidden until it is whole, and remembers how its sender's columns are read.
func begin(ctx context.Context, db *store.DB, actor store.Actor, d *list.Draft) error {
	return db.Write(ctx, actor, func(tx *store.Tx) error {
		l := &list.List{ID: d.ID, What: d.What, State: list.Taking, By: actor, At: tx.Now, Sender: d.Sender, File: d.File, Sum: d.Sum}
		d.Step, d.Done, d.Fault = list.StepTaking, 0, ""
		return errors.Join(tx.Put(ctx, l), list.Remember(ctx, tx, d.Sender, d.What, d.Mapping), list.Forget(ctx, tx, d.ID), d.Save(ctx, tx))
	})
}

// write takes the rows part by part, but for those that were taken before it broke off.
func (im *taking) write(ctx context.Context, db *store.DB, actor store.Actor, d *list.Draft, progress func(done, total int)) error {
	items := im.read()
	total := len(items)
	done, err := list.Rows(ctx, db, d.ID, list.Choice{})
	if err != nil {
		return err
	}
	was := map[int]bool{}
	for _, r := range done {
		was[r.Row] = true
	}
	items = slices.DeleteFunc(items, func(it item) bool { return was[it.Row.Row] })
	at := total - len(items)
	for chunk := range slices.Chunk(items, part) {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := db.Write(ctx, actor, func(tx *store.Tx) error {
			if err := stillTaking(ctx, tx, d.ID); err != nil {
				return err
			}
			for _, it := range chunk {
				if err := im.settle(ctx, tx, d.ID, it); err != nil {
					return fmt.Errorf("row %d: %w", it.Row.Row, err)
				}
			}
			return d.Advance(ctx, tx, at+len(chunk), total)
		})
		if err != nil {
			return fmt.Errorf("import list: %w", err)
		}
		at += len(chunk)
		if progress != nil {
			progress(at, total)
		}
	}
	d.Done, d.Total = at, total
	return nil
}

func (im *taking) settle(ctx context.Context, tx *store.Tx, lid list.ID, it item) error {
	r, err := im.one(ctx, tx, it)
	if err != nil {
		return err
	}
	r.Says = "" // it is there now
	return list.KeepRow(ctx, tx, lid, r)
}

// one takes a row, and says what became of it.
func (im *taking) one(ctx context.Context, tx *store.Tx, it item) (list.Row, error) {
	r := it.Row
	if it.draft == nil {
		return r, nil
	}
	made, err := it.draft.put(ctx, tx)
	if errors.Is(err, errKnown) {
		r.Status, r.Reason = list.RowSkipped, "lists.skip.known"
		return r, nil
	}
	if e := (*errs.Error)(nil); errors.As(err, &e) && (e.Kind == errs.Invalid || e.Kind == errs.Denied || e.Kind == errs.Conflict) {
		r.Status, r.Reason, r.Args = list.RowRefused, e.Key, e.Args // nouns refuse before they write anything
		if len(e.Fields) > 0 {
			r.Field = slices.Min(slices.Collect(maps.Keys(e.Fields)))
			r.Reason = e.Fields[r.Field]
		}
		return r, nil
	}
	if err != nil {
		return r, err
	}
	r.Record, r.Ref, r.Twin = made.ID, made.Ref, made.Twin
	r.Same = made.Duplicate || it.draft.again
	return r, nil
}

// stopped notes why a list broke off; the next try goes on from there.
func stopped(ctx context.Context, db *store.DB, actor store.Actor, d *list.Draft, why error) error {
	d.Fault = "lists.stopped"
	if e := (*errs.Error)(nil); errors.As(why, &e) && e.Key != "" {
		d.Fault = e.Key
	}
	return db.Write(context.WithoutCancel(ctx), actor, func(tx *store.Tx) error {
		now, err := list.Open(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		now.Fault = d.Fault
		return now.Save(ctx, tx)
	})
}

// stillTaking answers where somebody has begun to take the list back meanwhile: what is taken now would stay hidden, or
// be seen although its list was undone.
func stillTaking(ctx context.Context, r store.Reader, lid list.ID) error {
	l, err := list.Kind.Get(ctx, r, lid.ID)
	if err == nil && l.State != list.Taking {
		return errs.New(errs.Conflict, "lists.again")
	}
	return err
}

// whole makes what the list has brought seen, all at once.
func whole(ctx context.Context, db *store.DB, actor store.Actor, d *list.Draft) error {
	return db.Write(context.WithoutCancel(ctx), actor, func(tx *store.Tx) error {
		if err := stillTaking(ctx, tx, d.ID); err != nil {
			return err
		}
		l, err := list.Kind.Get(ctx, tx, d.ID.ID)
		if err != nil {
			return err
		}
		t, err := list.Count(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		l.State, l.Rows, l.Taken, l.Same, l.Skipped, l.Refused = list.Taken, t.Rows, t.Taken, t.Same, t.Skipped, t.Refused
		if err := tx.Put(ctx, l); err != nil {
			return err
		}
		d.Step, d.Fault = list.StepTaken, ""
		for _, kind := range brought(Kind(d.What)) {
			tx.Touch(kind)
		}
		if d.Whole, err = store.LastEntry(ctx, tx); err != nil {
			return err
		}
		return d.Save(ctx, tx)
	})
}

// brought returns the kinds of records that a list makes, for the pages that follow them.
func brought(k Kind) []string {
	switch k {
	case Places:
		return []string{"place"}
	case Volunteers:
		return []string{"volunteer"}
	case Crews:
		return []string{"crew"}
	case Requests:
		return []string{"request", "need", "household"}
	case Households:
	}
	return []string{"household"}
}
