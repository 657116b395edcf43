package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/ledger"
)

// Undo takes a whole list back, or one that broke off: what it brought is hidden at once, then closed and its
// people erased, part by part. A row that somebody has worked on since stays, no longer the list's. It goes on
// where it stopped when it breaks off itself.
func Undo(ctx context.Context, db *store.DB, actor store.Actor, lid list.ID, progress func(done, total int)) (list.Tally, error) {
	d, err := list.Open(ctx, db, lid)
	if err != nil {
		return list.Tally{}, err
	}
	switch d.Step {
	case list.StepTaken:
		if err := release(ctx, db, actor, d); err != nil {
			return list.Tally{}, err
		}
	case list.StepTaking, list.StepUndoing:
	case list.StepUndone:
		return list.Count(ctx, db, lid)
	default:
		return list.Tally{}, errs.New(errs.Conflict, "lists.not_taken")
	}
	if err := hide(ctx, db, actor, d); err != nil {
		return list.Tally{}, err
	}
	if err := takeBack(ctx, db, actor, d, progress); err != nil {
		return list.Tally{}, errors.Join(err, stopped(ctx, db, actor, d, err))
	}
	return undone(ctx, db, actor, d)
}

// release lets go of the rows that somebody has worked on, before the others are hidden, so that none of them is
// out of sight for a moment.
func release(ctx context.Context, db *store.DB, actor store.Actor, d *list.Draft) error {
	rows, err := list.Rows(ctx, db, d.ID, list.Choice{Status: list.RowTaken})
	if err != nil {
		return err
	}
	var worked []list.Row
	for _, r := range rows {
		yes, err := workedOn(ctx, db, d, r.Record)
		if err != nil {
			return err
		}
		if yes {
			worked = append(worked, r)
		}
	}
	for chunk := range slices.Chunk(worked, part) {
		err := db.Write(ctx, actor, func(tx *store.Tx) error {
			for _, r := range chunk {
				if err := stays(ctx, tx, d, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("undo list: %w", err)
		}
	}
	return nil
}

// workedOn reports whether anything was written about what a row became since the list was whole. Before that
// nobody can have seen it.
func workedOn(ctx context.Context, r store.Reader, d *list.Draft, made id.ID) (bool, error) {
	if held, err := store.Held(ctx, r, made); err != nil || !held.Ours {
		return err == nil, err // another centre has it: nothing of it is ours to close or erase
	}
	if d.Whole == 0 {
		return false, nil
	}
	yes, err := store.Touched(ctx, r, d.Whole, made, byPeople)
	if err != nil || yes {
		return yes, err
	}
	if Kind(d.What) == Crews {
		return run.Names(ctx, r, made) // a run is no word about its crew, but it goes out with it
	}
	if Kind(d.What) != Requests {
		return false, nil
	}
	q, err := request.Kind.Get(ctx, r, made)
	if err != nil {
		return false, err
	}
	return store.Touched(ctx, r, d.Whole, q.Household.ID, byPeople)
}

// byPeople reports whether an entry is somebody's work. That a household was found on the map, or in what area it lies,
// the program writes by itself (PlaceAll, SortAll).
func byPeople(e *ledger.Entry) bool {
	return e.Actor != (ledger.ID{}) || e.Kind != household.Kind.Name()
}

// stays keeps a row's records as if they had come otherwise.
func stays(ctx context.Context, tx *store.Tx, d *list.Draft, r list.Row) error {
	r.Status, r.Reason = list.RowStayed, "lists.worked_on"
	return errors.Join(loose(ctx, tx, Kind(d.What), d.ID, r.Record), list.KeepRow(ctx, tx, d.ID, r))
}

// loose takes the list's mark off what a row became.
func loose(ctx context.Context, tx *store.Tx, kind Kind, lid list.ID, made id.ID) error {
	switch kind {
	case Requests:
		return looseRequest(ctx, tx, lid, made)
	case Households:
		return looseHousehold(ctx, tx, lid, made)
	case Volunteers:
		v, err := volunteer.Kind.Get(ctx, tx, made)
		if err != nil {
			return err
		}
		v.List = list.ID{}
		return tx.Put(ctx, v)
	case Crews:
		c, err := crew.Kind.Get(ctx, tx, made)
		if err != nil {
			return err
		}
		c.List = list.ID{}
		return tx.Put(ctx, c)
	case Places:
	}
	return nil
}

// looseRequest leaves alone what another centre has: its tables show it as no list's.
func looseRequest(ctx context.Context, tx *store.Tx, lid list.ID, made id.ID) error {
	if h, err := store.Held(ctx, tx, made); err != nil || !h.Ours {
		return err
	}
	q, err := request.Kind.Get(ctx, tx, made)
	if err != nil {
		return err
	}
	q.List = list.ID{}
	if err := tx.Put(ctx, q); err != nil {
		return err
	}
	needs, err := request.AllNeeds(ctx, tx, q.ID)
	if err != nil {
		return err
	}
	for _, n := range needs {
		n.List = list.ID{}
		if err := tx.Put(ctx, &n); err != nil {
			return err
		}
	}
	return looseHousehold(ctx, tx, lid, q.Household.ID)
}

func looseHousehold(ctx context.Context, tx *store.Tx, lid list.ID, made id.ID) error {
	if held, err := store.Held(ctx, tx, made); err != nil || !held.Ours {
		return err
	}
	h, err := household.Kind.Get(ctx, tx, made)
	if err != nil || h.List != lid {
		return err // it was there before the list
	}
	h.List = list.ID{}
	return tx.Put(ctx, h)
}

// hide puts everything that the list brought out of sight, in one write.
func hide(ctx context.Context, db *store.DB, actor store.Actor, d *list.Draft) error {
	return db.Write(ctx, actor, func(tx *store.Tx) error {
		l, err := list.Kind.Get(ctx, tx, d.ID.ID)
		if err != nil {
			return err
		}
		l.State, d.Step, d.Fault = list.Undoing, list.StepUndoing, ""
		for _, kind := range brought(Kind(d.What)) {
			tx.Touch(kind)
		}
		return errors.Join(tx.Put(ctx, l), d.Save(ctx, tx))
	})
}

// takeBack closes and erases what the rows became, part by part.
func takeBack(ctx context.Context, db *store.DB, actor store.Actor, d *list.Draft, progress func(done, total int)) error {
	t, err := list.Count(ctx, db, d.ID)
	if err != nil {
		return err
	}
	total, done := t.Taken+t.Gone, t.Gone
	for {
		rows, err := list.Rows(ctx, db, d.ID, list.Choice{Status: list.RowTaken, Limit: part})
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		err = db.Write(ctx, actor, func(tx *store.Tx) error {
			for _, r := range rows {
				if err := back(ctx, tx, d, r); err != nil {
					return fmt.Errorf("row %d: %w", r.Row, err)
				}
			}
			return d.Advance(ctx, tx, done+len(rows), total)
		})
		if err != nil {
			return fmt.Errorf("undo list: %w", err)
		}
		if done += len(rows); progress != nil {
			progress(done, total)
		}
	}
}

// back takes one row back, unless somebody was quicker and has worked on it.
func back(ctx context.Context, tx *store.Tx, d *list.Draft, r list.Row) error {
	if yes, err := workedOn(ctx, tx, d, r.Record); err != nil || yes {
		return errors.Join(err, stays(ctx, tx, d, r))
	}
	gone, err := end(ctx, tx, Kind(d.What), d.ID, r.Record)
	if err != nil {
		return err
	}
	for _, g := range gone {
		if err := tx.Erase(ctx, g); err != nil {
			return err
		}
	}
	r.Status, r.Says, r.Ref = list.RowGone, "", ""
	return list.KeepRow(ctx, tx, d.ID, r)
}

// end closes what a row became, and returns whose bodies are to be erased.
func end(ctx context.Context, tx *store.Tx, kind Kind, lid list.ID, made id.ID) ([]id.ID, error) {
	switch kind {
	case Requests:
		return endRequest(ctx, tx, lid, made)
	case Volunteers:
		v, err := volunteer.Kind.Get(ctx, tx, made)
		if err != nil {
			return nil, err
		}
		v.Ended = true
		return []id.ID{made}, tx.Put(ctx, v)
	case Crews:
		return []id.ID{made}, crew.End(ctx, tx, crew.ID{ID: made})
	case Places:
		return nil, nil // it names nobody, and stays hidden
	case Households:
	}
	return []id.ID{made}, nil
}

func endRequest(ctx context.Context, tx *store.Tx, lid list.ID, made id.ID) ([]id.ID, error) {
	q, err := request.Kind.Get(ctx, tx, made)
	if err != nil {
		return nil, err
	}
	needs, err := request.AllNeeds(ctx, tx, q.ID)
	if err != nil {
		return nil, err
	}
	gone := []id.ID{made}
	for _, n := range needs {
		n.Stand(request.Cancelled, id.ID{}, time.Time{}, tx.Now)
		if err := tx.Put(ctx, &n); err != nil {
			return nil, err
		}
		gone = append(gone, n.ID.ID)
	}
	h, err := household.Kind.Get(ctx, tx, q.Household.ID)
	if err != nil {
		return nil, err
	}
	if h.List == lid {
		gone = append(gone, h.ID.ID)
	}
	return gone, nil
}

// undone settles a list that was taken back.
func undone(ctx context.Context, db *store.DB, actor store.Actor, d *list.Draft) (t list.Tally, err error) {
	err = db.Write(context.WithoutCancel(ctx), actor, func(tx *store.Tx) error {
		l, err := list.Kind.Get(ctx, tx, d.ID.ID)
		if err != nil {
			return err
		}
		if t, err = list.Count(ctx, tx, d.ID); err != nil {
			return err
		}
		l.State, l.Stayed = list.Undone, t.Stayed
		if err := tx.Put(ctx, l); err != nil {
			return err
		}
		d.Step, d.Fault, d.Fixes = list.StepUndone, "", nil
		return errors.Join(d.Save(ctx, tx), list.Discard(ctx, tx, d.ID))
	})
	return t, err
}
