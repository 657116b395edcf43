package request

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type callbackKind struct{}

// CallbackID names a call-back.
type CallbackID = id.Of[callbackKind]

// Hold is for how long a call-back is one operator's own once taken: a call that rang out, not one that was
// forgotten.
const Hold = 5 * time.Minute

// Callback is somebody who is to be called back.
type Callback struct {
	ID      CallbackID
	Phone   contact.Phone `body:"phone"`
	Name    contact.Name  `body:"name"` // as it was said, maybe ""
	Why     contact.Note  `body:"why"`
	Request ID            `coord:"request"` // what the call is about; zero when not known
	At      time.Time     `coord:"at"`      // since when they wait
	After   time.Time     `coord:"after"`   // not to be tried before; zero: at once
	Tries   int           `coord:"tries"`   // how often nobody could be reached
	Done    bool          `coord:"done"`
	DoneBy  id.ID         `coord:"done_by"`
}

// CallbackKind is how call-backs are written.
var CallbackKind = store.Define(store.Spec[Callback]{
	Name: "callback", Schema: 1, Tables: []string{"callback"},
	DDL: `CREATE TABLE callback (id TEXT PRIMARY KEY, phone TEXT NOT NULL, name TEXT NOT NULL, why TEXT NOT NULL, request TEXT, at INTEGER NOT NULL,
	after_at INTEGER NOT NULL, tries INTEGER NOT NULL, done INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX callback_queue ON callback (done, at);
CREATE INDEX callback_request ON callback (request);
`,
	Project: func(ctx context.Context, tx *store.Tx, c *Callback) error {
		_, err := tx.Exec(ctx, `INSERT INTO callback (id, phone, name, why, request, at, tries, done, after_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)
			ON CONFLICT (id) DO UPDATE SET phone=$2, name=$3, why=$4, request=$5, at=$6, tries=$7, done=$8, after_at=$9`,
			c.ID, string(c.Phone), string(c.Name), string(c.Why), c.Request, store.Micro(c.At), c.Tries, c.Done, store.Micro(c.After))
		return err
	},
	Subjects: func(c *Callback) []id.ID {
		if c.Request.IsZero() {
			return nil
		}
		return []id.ID{c.Request.ID}
	},
})

// Waiting is a line of the queue.
type Waiting struct {
	Callback
	Holder id.ID     // who has taken it; zero when it is free
	Until  time.Time // when it is free again; zero when it is free
}

// Validate answers for fields that make no sense.
func (c *Callback) Validate() error {
	f := errs.Fields{}
	f.Check(c.Phone != "", "phone", "error.phone")
	f.Check(len([]rune(c.Name)) <= 200, "name", "error.too_long")
	f.Check(len([]rune(c.Why)) <= 1000, "why", "error.too_long")
	return f.Err()
}

// Promise puts a new call-back at the end of the queue and fills in its ID and time.
func Promise(ctx context.Context, tx *store.Tx, c *Callback) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if !c.Request.IsZero() {
		if _, err := Kind.Get(ctx, tx, c.Request.ID); err != nil {
			return err
		}
	}
	c.ID, c.At = store.NewID[callbackKind](tx), tx.Now
	return tx.Put(ctx, c)
}

// Queue returns those who wait at now, at most limit: oldest first, and after them those who asked for a later time.
func Queue(ctx context.Context, r store.Reader, now time.Time, limit int) ([]Waiting, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *Waiting) error {
		var at, until, after int64
		err := row.Scan(&v.ID, &v.Phone, &v.Name, &v.Why, &v.Request, &at, &v.Tries, &v.Holder, &until, &after)
		v.At, v.Until, v.After = store.At(at), store.At(until), store.At(after)
		return err
	}, `SELECT c.id, c.phone, c.name, c.why, c.request, c.at, c.tries, l.account, coalesce(l.until, 0), c.after_at FROM callback c
		LEFT JOIN lease l ON l.what='callback/'||c.id AND l.until>$1 WHERE c.done=0
		ORDER BY CASE WHEN c.after_at>$1 THEN c.after_at ELSE 0 END, c.at, c.id LIMIT $2`, store.Micro(now), limit)
}

// Take makes the call-back tx.Actor's own for Hold. It is a Conflict when somebody else has it or it is done.
func Take(ctx context.Context, tx *store.Tx, c CallbackID) (*Callback, error) {
	rec, err := CallbackKind.Get(ctx, tx, c.ID)
	if err != nil {
		return nil, err
	}
	if rec.Done {
		return nil, errs.New(errs.Conflict, "callback.finished")
	}
	holder, err := tx.Lease(ctx, lease(c), tx.Actor, tx.Now.Add(Hold))
	if err != nil {
		return nil, err
	}
	if holder != "" {
		return nil, errs.New(errs.Conflict, "callback.held")
	}
	tx.Touch(CallbackKind.Name()) // a lease is no record, and every open queue must show it
	return rec, nil
}

// Tried counts that tx.Actor could not get through, and frees the call-back for anyone, from after on.
func Tried(ctx context.Context, tx *store.Tx, c CallbackID, after time.Time) error {
	return release(ctx, tx, c, func(rec *Callback) { rec.Tries, rec.After = rec.Tries+1, after })
}

// Finish records that tx.Actor has spoken to them: nobody calls again.
func Finish(ctx context.Context, tx *store.Tx, c CallbackID) error {
	return release(ctx, tx, c, func(rec *Callback) { rec.Done, rec.DoneBy = true, tx.Actor })
}

// release changes a call-back that nobody else holds and ends its lease.
func release(ctx context.Context, tx *store.Tx, c CallbackID, change func(*Callback)) error {
	rec, err := Take(ctx, tx, c)
	if err != nil {
		return err
	}
	change(rec)
	if err := tx.Put(ctx, rec); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "DELETE FROM lease WHERE what=$1", lease(c))
	return err
}

// Renew keeps tx.Actor's call-back for another Hold while they work on it; somebody else's stays theirs.
func Renew(ctx context.Context, tx *store.Tx, c CallbackID) error {
	if _, err := Take(ctx, tx, c); err != nil && !errs.Is(err, errs.Conflict) && !errs.Is(err, errs.NotFound) {
		return err
	}
	return nil
}

// Answered finishes a call-back because the call that it led to was saved as q, which it is about from now on: it is
// erased with it. One that somebody else has, or that is finished, does not stand in the way of a call.
func Answered(ctx context.Context, tx *store.Tx, c CallbackID, q ID) error {
	err := release(ctx, tx, c, func(rec *Callback) { rec.Done, rec.DoneBy, rec.Request = true, tx.Actor, q })
	if err != nil && !errs.Is(err, errs.Conflict) && !errs.Is(err, errs.NotFound) {
		return err
	}
	return nil
}

// Held returns until when account has the call-back; the zero time where they do not.
func Held(ctx context.Context, r store.Reader, c CallbackID, account id.ID, now time.Time) (time.Time, error) {
	until, err := store.One[int64](ctx, r, "lease", "SELECT until FROM lease WHERE what=$1 AND account=$2 AND until>$3", lease(c), account.String(), store.Micro(now))
	if errs.Is(err, errs.NotFound) {
		return time.Time{}, nil
	}
	return store.At(until), err
}

func lease(c CallbackID) string { return "callback/" + c.String() }

// Promised reports whether somebody has still to be called about a request.
func Promised(ctx context.Context, r store.Reader, q ID) (bool, error) {
	return store.One[bool](ctx, r, "call-back", "SELECT EXISTS (SELECT 1 FROM callback WHERE request=$1 AND done=0)", q)
}

// CallbacksOf returns all call-backs that are or were about a request.
func CallbacksOf(ctx context.Context, r store.Reader, q ID) ([]id.ID, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) }, "SELECT id FROM callback WHERE request=$1", q)
}

// Drop ends a call-back that nobody is to make any more.
func Drop(ctx context.Context, tx *store.Tx, v id.ID) error {
	c, err := CallbackKind.Get(ctx, tx, v)
	if err != nil || c.Done {
		return err
	}
	c.Done, c.DoneBy = true, tx.Actor
	return tx.Put(ctx, c)
}
