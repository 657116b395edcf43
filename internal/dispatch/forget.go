package dispatch

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// How long a household that did not agree to be kept stays after its last need was closed (ADR 5).
const (
	SlipGrace  = time.Hour           // no sheet names it: for the slip of a hand
	SheetGrace = 12 * time.Hour      // a sheet that names it is not back: at the latest then
	ListGrace  = 14 * 24 * time.Hour // it came with a list of households, and nothing was ever asked for it
)

// givenLasts is how long after another centre has erased a household that it had from us what we wrote about it is looked for.
const givenLasts = 30 * 24 * time.Hour

// Passing is when a household that did not agree to be kept will be erased.
type Passing struct {
	At     time.Time // at the latest
	Sheets []int     // or when these sheets are counted back; none: then for certain
}

// WhenForgotten returns when a household will be erased. ok is false where it will not be: it agreed to be kept, was
// erased, or something of it is still open.
func WhenForgotten(ctx context.Context, r store.Reader, hid household.ID) (p Passing, ok bool, err error) {
	var closed sql.NullInt64
	var live int
	err = r.QueryRow(ctx, `SELECT max(n.closed), coalesce(sum(n.status IN ('open','planned')), 0) FROM household h
		JOIN request q ON q.household=h.id JOIN need n ON n.request=q.id WHERE h.id=$1 AND h.passing=1`, hid).Scan(&closed, &live)
	if err == nil && !closed.Valid {
		return whenListed(ctx, r, hid)
	}
	if err != nil || live > 0 {
		return p, false, err
	}
	back, out, err := sheetsOf(ctx, r, hid)
	if err != nil {
		return p, false, err
	}
	end := store.At(closed.Int64)
	switch {
	case len(out) > 0:
		p = Passing{At: end.Add(SheetGrace), Sheets: out}
	case !back.IsZero() && !back.Before(end):
		p.At = back
	default:
		p.At = end.Add(SlipGrace)
	}
	return p, true, nil
}

// whenListed returns when a household is erased that a list brought, which did not agree to be kept and of which nothing
// was ever asked.
func whenListed(ctx context.Context, r store.Reader, hid household.ID) (p Passing, ok bool, err error) {
	var lid list.ID
	err = r.QueryRow(ctx, `SELECT list FROM household WHERE id=$1 AND passing=1 AND list<>''
		AND NOT EXISTS (SELECT 1 FROM request_row q WHERE q.household=$1)`, hid).Scan(&lid)
	if errors.Is(err, sql.ErrNoRows) {
		return p, false, nil
	}
	if err != nil {
		return p, false, err
	}
	l, err := list.Kind.Get(ctx, r, lid.ID)
	if err != nil {
		return p, false, err
	}
	return Passing{At: l.At.Add(ListGrace)}, true, nil
}

// sheetsOf returns when the last sheet that names a household was counted back, and the numbers of those that were not.
func sheetsOf(ctx context.Context, r store.Reader, hid household.ID) (back time.Time, out []int, err error) {
	runs, err := store.All(ctx, r, func(row *sql.Rows, v *run.ID) error { return row.Scan(v) },
		`SELECT s.run FROM run_stop s JOIN request q ON q.id=s.request WHERE q.household=$1
		UNION SELECT o.run FROM outcome o JOIN request q ON q.id=o.request WHERE q.household=$1`, hid)
	if err != nil {
		return back, nil, err
	}
	for _, rid := range runs {
		s, err := run.Get(ctx, r, rid)
		if err != nil {
			return back, nil, err
		}
		switch {
		case s.Step == run.Void:
		case s.Sheet.IsZero():
			out = append(out, s.Number)
		case s.Sheet.After(back):
			back = s.Sheet
		}
	}
	return back, out, nil
}

// Forget erases the households whose time has come, each in a write of its own, so that a cut between two loses
// nothing: the next call goes on. It returns how many there were.
func Forget(ctx context.Context, db *store.DB) (int, error) {
	old, err := id.From(db.Now().Add(-ListGrace), bytes.NewReader(make([]byte, len(id.ID{})))) // lists before it sort before it
	if err != nil {
		return 0, err
	}
	ids, err := store.All(ctx, db, func(row *sql.Rows, v *household.ID) error { return row.Scan(v) },
		`SELECT h.id FROM household h JOIN request q ON q.household=h.id JOIN need n ON n.request=q.id WHERE h.passing=1
		GROUP BY h.id HAVING sum(n.status IN ('open','planned'))=0 AND max(n.closed)>0
		UNION ALL SELECT h.id FROM household h WHERE h.passing=1 AND h.list>'' AND h.list<$1 AND NOT EXISTS (SELECT 1 FROM request_row q WHERE q.household=h.id)`,
		old.String())
	if err != nil {
		return 0, err
	}
	n := 0
	for _, hid := range ids {
		var done bool
		err := db.Write(ctx, store.Actor{}, func(tx *store.Tx) (err error) {
			done, err = forgetDue(ctx, tx, hid)
			return err
		})
		if err != nil {
			return n, err
		}
		if done {
			n++
		}
	}
	return n, forgetGiven(ctx, db)
}

// forgetGiven destroys what we wrote ourselves about households and requests that another centre has or had too, and that one
// of us erased: calls promised, what crews said, words for others. Their own records are destroyed when we hear of it. What was
// written of a household after it was erased is left alone.
func forgetGiven(ctx context.Context, db *store.DB) error {
	for kind, told := range map[string]func(context.Context, *store.Tx, id.ID) ([]id.ID, error){
		household.Kind.Name(): func(ctx context.Context, tx *store.Tx, v id.ID) ([]id.ID, error) {
			return about(ctx, tx, household.ID{ID: v})
		},
		request.Kind.Name(): func(ctx context.Context, tx *store.Tx, v id.ID) ([]id.ID, error) {
			return tellOf(ctx, tx, request.ID{ID: v})
		},
	} {
		given, err := store.ErasedShared(ctx, db, kind, db.Now().Add(-givenLasts))
		if err != nil {
			return err
		}
		for _, g := range given {
			if err := db.Write(ctx, store.Actor{}, func(tx *store.Tx) error { return forgetTold(ctx, tx, g, told) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetTold destroys what we wrote ourselves about a record before it was erased, as told lists it.
func forgetTold(ctx context.Context, tx *store.Tx, g store.Forgotten, told func(context.Context, *store.Tx, id.ID) ([]id.ID, error)) error {
	all, err := told(ctx, tx, g.Record)
	if err != nil || len(all) == 0 {
		return err
	}
	erased, err := erasedAt(ctx, tx, g.Record)
	for _, v := range all {
		if err == nil {
			err = eraseOurs(ctx, tx, v, erased)
		}
	}
	return err
}

// erasedAt returns where a record's erasure stands among the entries here, in the order in which they were written or came: no
// clock tells before and after. The word of whoever has the record counts where there is one, for others' may come later.
func erasedAt(ctx context.Context, tx *store.Tx, rid id.ID) (int64, error) {
	d, err := tx.Decide(ctx, rid)
	if err != nil {
		return 0, err
	}
	var last, owners int64
	for _, h := range d.Erasures {
		var n int64
		var by []byte
		if err := tx.QueryRow(ctx, "SELECT e.n, l.centre FROM ledger_entry e JOIN ledger_lane l ON l.id=e.lane WHERE e.record=$1 AND e.hash=$2", rid[:], h[:]).
			Scan(&n, &by); err != nil {
			return 0, err
		}
		if last = max(last, n); ledger.ID(by) == d.Owner {
			owners = max(owners, n)
		}
	}
	return cmp.Or(owners, last), nil
}

// eraseOurs erases a record, if it is ours and has a sealed part from before the entry that is named.
func eraseOurs(ctx context.Context, tx *store.Tx, rid id.ID, before int64) error {
	h, err := store.Held(ctx, tx, rid)
	if err != nil || !h.Ours {
		return err
	}
	says, err := store.One[bool](ctx, tx, "sealed part",
		"SELECT EXISTS (SELECT 1 FROM ledger_body b JOIN ledger_entry e ON e.record=b.record AND e.hash=b.hash WHERE b.record=$1 AND e.n<$2)", rid[:], before)
	if err != nil || !says {
		return err
	}
	return destroy(ctx, tx, rid)
}

// destroy erases a record; a promised call is not to be made any more.
func destroy(ctx context.Context, tx *store.Tx, rid id.ID) error {
	call, err := store.One[bool](ctx, tx, "call-back", "SELECT EXISTS (SELECT 1 FROM callback WHERE id=$1)", rid)
	if err == nil && call {
		err = request.Drop(ctx, tx, rid)
	}
	if err != nil {
		return err
	}
	return tx.Erase(ctx, rid)
}

// forgetOf erases the households of a run whose time has come.
func forgetOf(ctx context.Context, tx *store.Tx, s *run.State) error {
	ids, err := store.All(ctx, tx, func(row *sql.Rows, v *household.ID) error { return row.Scan(v) },
		`SELECT DISTINCT household FROM request WHERE id IN (SELECT request FROM run_stop WHERE run=$1 UNION SELECT request FROM outcome WHERE run=$1)`, s.ID)
	if err != nil {
		return err
	}
	for _, hid := range ids {
		if _, err := forgetDue(ctx, tx, hid); err != nil {
			return err
		}
	}
	return nil
}

// forgetDue leaves alone what another centre has: it forgets it, and says so.
func forgetDue(ctx context.Context, tx *store.Tx, hid household.ID) (bool, error) {
	if h, err := store.Held(ctx, tx, hid.ID); err != nil || !h.Ours {
		return false, err
	}
	p, ok, err := WhenForgotten(ctx, tx, hid)
	if err != nil || !ok || p.At.After(tx.Now) {
		return false, err
	}
	return true, erase(ctx, tx, hid)
}

// erase destroys what names a household, in its own record and in those that tell of it.
func erase(ctx context.Context, tx *store.Tx, hid household.ID) error {
	gone, err := about(ctx, tx, hid)
	if err != nil {
		return err
	}
	for _, g := range gone {
		if err := destroy(ctx, tx, g); err != nil {
			return err
		}
	}
	return nil
}

// about returns a household's record and those that tell of it.
func about(ctx context.Context, tx *store.Tx, hid household.ID) ([]id.ID, error) {
	all, err := request.OfHousehold(ctx, tx, hid)
	if err != nil {
		return nil, err
	}
	out := []id.ID{hid.ID}
	said, err := household.VerdictsOf(ctx, tx, hid)
	if err != nil {
		return nil, err
	}
	for _, v := range said {
		out = append(out, v.ID)
	}
	for _, rid := range all {
		of, err := tellOf(ctx, tx, rid)
		if err != nil {
			return nil, err
		}
		out = append(out, of...)
	}
	return out, nil
}

// tellOf returns a request and the records with words about it: needs, what crews said, promised calls.
func tellOf(ctx context.Context, tx *store.Tx, rid request.ID) ([]id.ID, error) {
	out := []id.ID{rid.ID}
	needs, err := request.Needs(ctx, tx, rid)
	if err != nil {
		return nil, err
	}
	for _, n := range needs {
		out = append(out, n.ID.ID)
		about, err := request.WordsAbout(ctx, tx, n.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, about...)
	}
	said, err := run.OutcomesOf(ctx, tx, rid.ID)
	if err != nil {
		return nil, err
	}
	calls, err := request.CallbacksOf(ctx, tx, rid)
	if err != nil {
		return nil, err
	}
	return append(append(out, said...), calls...), nil
}
