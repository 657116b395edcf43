package dispatch

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
)

// Draft is a day's plan as it stands on the table, between what is ready and what is issued: which crews take
// part, who goes where in which order, and what was taken out by hand. It names records, and nobody. Two
// people at two desks see the same one; its times and faults are those of a Timetable.
type Draft struct {
	Crews []id.ID    `json:"crews"`          // that take part
	From  int32      `json:"from,omitempty"` // seconds from midnight before which nobody leaves; of a plan made on its day
	Runs  []DraftRun `json:"runs"`           // of crews that have stops
	Out   []TakenOut `json:"out"`            // by hand, not to be planned again

	Version int64     `json:"-"` // counts the changes of the day's draft
	Op      string    `json:"-"` // the last change
	By      id.ID     `json:"-"` // whose it was
	At      time.Time `json:"-"`
	Undo    int64     `json:"-"` // the version before it; 0 where it cannot be taken back
}

// DraftRun is the sequence of one crew.
type DraftRun struct {
	Crew  id.ID       `json:"crew"`
	Stops []DraftStop `json:"stops"`
}

// DraftStop is one stop of a sequence. Where Trip grows, the crew loads again at the centre.
type DraftStop struct {
	Request id.ID `json:"request"`
	Trip    int   `json:"trip,omitempty"`
	Pinned  bool  `json:"pinned,omitempty"` // stays with its crew when the rest is planned again
}

// TakenOut is a request that somebody took out of the plan.
type TakenOut struct {
	Request id.ID `json:"request"`
	By      id.ID `json:"by"`
}

// Changes of a draft, as they are told.
const (
	OpMake   = "make"
	OpMove   = "move"
	OpSwap   = "swap"
	OpPin    = "pin"
	OpUnpin  = "unpin"
	OpRemove = "remove"
	OpUndo   = "undo"
	OpIssue  = "issue"
)

// keepSteps is how many versions of a day's draft are kept to go back to.
const keepSteps = 100

// LoadDraft reads a day's draft as it stands; NotFound where none was made.
func LoadDraft(ctx context.Context, r store.Reader, day time.Time) (*Draft, error) {
	return draftAt(ctx, r, day.Format(time.DateOnly), "version=(SELECT max(version) FROM plan_step WHERE day=$1)")
}

func draftAt(ctx context.Context, r store.Reader, day, where string, args ...any) (*Draft, error) {
	all, err := store.All(ctx, r, func(row *sql.Rows, d *Draft) error {
		var body string
		var at int64
		if err := row.Scan(&d.Version, &d.Undo, &d.Op, &body, &d.By, &at); err != nil {
			return err
		}
		d.At = store.At(at)
		return json.Unmarshal([]byte(body), d)
	}, "SELECT version, undo, op, body, account, at FROM plan_step WHERE day=$1 AND "+where, append([]any{day}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read draft: %w", err)
	}
	if len(all) == 0 {
		return nil, errs.Missing("draft")
	}
	return &all[0], nil
}

// SaveDraft writes the next version of a day's draft over version seen (0: none was there). One that has changed
// since is a Conflict.
func SaveDraft(ctx context.Context, tx *store.Tx, day time.Time, seen int64, d *Draft, op string) error {
	return saveDraft(ctx, tx, day.Format(time.DateOnly), seen, d, op, seen)
}

func saveDraft(ctx context.Context, tx *store.Tx, day string, seen int64, d *Draft, op string, undo int64) error {
	now, err := store.One[int64](ctx, tx, "draft", "SELECT coalesce(max(version), 0) FROM plan_step WHERE day=$1", day)
	if err != nil {
		return err
	}
	if now != seen {
		return errs.New(errs.Conflict, "plan.stale")
	}
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write draft: %w", err)
	}
	d.Version, d.Op, d.By, d.At, d.Undo = seen+1, op, tx.Actor, tx.Now, undo
	if _, err := tx.Exec(ctx, "INSERT INTO plan_step (day, version, undo, op, body, account, at) VALUES ($1,$2,$3,$4,$5,$6,$7)",
		day, d.Version, undo, op, string(body), tx.Actor, store.Micro(tx.Now)); err != nil {
		return fmt.Errorf("write draft: %w", err)
	}
	_, err = tx.Exec(ctx, "DELETE FROM plan_step WHERE day=$1 AND version<$2 OR at<$3", day, d.Version-keepSteps, store.Micro(tx.Now.AddDate(0, -1, 0)))
	tx.Touch(Topic)
	return err
}

// Topic is the kind that a commit announces when a draft has changed.
const Topic = "plan"

// UndoDraft takes the last change back: the draft before it becomes the newest. Nothing to take back is a
// Conflict.
func UndoDraft(ctx context.Context, tx *store.Tx, day time.Time, seen int64) error {
	date := day.Format(time.DateOnly)
	now, err := LoadDraft(ctx, tx, day)
	if errs.Is(err, errs.NotFound) || err == nil && now.Version != seen {
		return errs.New(errs.Conflict, "plan.stale")
	}
	if err != nil {
		return err
	}
	if now.Undo == 0 {
		return errs.New(errs.Conflict, "plan.nothing_to_undo")
	}
	before, err := draftAt(ctx, tx, date, "version=$2", now.Undo)
	if errs.Is(err, errs.NotFound) {
		return errs.New(errs.Conflict, "plan.nothing_to_undo")
	}
	if err != nil {
		return err
	}
	return saveDraft(ctx, tx, date, seen, before, OpUndo, before.Undo)
}

// Requests returns every request that stands in a run of the draft.
func (d *Draft) Requests() []id.ID {
	var out []id.ID
	for _, r := range d.Runs {
		for _, s := range r.Stops {
			out = append(out, s.Request)
		}
	}
	return out
}

// clone copies the draft as far as changes touch it.
func (d *Draft) clone() *Draft {
	c := &Draft{Crews: slices.Clone(d.Crews), From: d.From, Out: slices.Clone(d.Out), Runs: make([]DraftRun, len(d.Runs))}
	for i, r := range d.Runs {
		c.Runs[i] = DraftRun{Crew: r.Crew, Stops: slices.Clone(r.Stops)}
	}
	return c
}

// run returns the crew's sequence; nil where it has none.
func (d *Draft) run(crew id.ID) *DraftRun {
	for i := range d.Runs {
		if d.Runs[i].Crew == crew {
			return &d.Runs[i]
		}
	}
	return nil
}

// stops returns the crew's stops.
func (d *Draft) stops(crew id.ID) []DraftStop {
	if r := d.run(crew); r != nil {
		return r.Stops
	}
	return nil
}

// set gives the crew a sequence; an empty one takes its run away.
func (d *Draft) set(crew id.ID, stops []DraftStop) {
	d.Runs = slices.DeleteFunc(d.Runs, func(r DraftRun) bool { return r.Crew == crew })
	if len(stops) == 0 {
		return
	}
	trip, last := 0, stops[0].Trip
	for i := range stops { // trips count from 0 without gaps
		if stops[i].Trip != last {
			trip, last = trip+1, stops[i].Trip
		}
		stops[i].Trip = trip
	}
	d.Runs = append(d.Runs, DraftRun{Crew: crew, Stops: stops})
}

// find returns where a request stands: the crew and the place from 0; false where it is in no run.
func (d *Draft) find(request id.ID) (crew id.ID, at int, found bool) {
	for _, r := range d.Runs {
		for i, s := range r.Stops {
			if s.Request == request {
				return r.Crew, i, true
			}
		}
	}
	return id.ID{}, 0, false
}

// takenOut returns who took a request out of the plan; false where nobody did.
func (d *Draft) takenOut(request id.ID) (by id.ID, out bool) {
	for _, o := range d.Out {
		if o.Request == request {
			return o.By, true
		}
	}
	return id.ID{}, false
}

// drop takes a request out of its run, wherever it is.
func (d *Draft) drop(request id.ID) {
	if crew, at, found := d.find(request); found {
		d.set(crew, slices.Delete(slices.Clone(d.stops(crew)), at, at+1))
	}
}

// IssuedDraft takes runs that were issued out of a day's draft. It cannot be taken back: they are on paper.
func IssuedDraft(ctx context.Context, tx *store.Tx, day time.Time, d *Draft, runs []run.Run) error {
	next := d.clone()
	for _, r := range runs {
		next.set(r.Crew, nil)
	}
	return saveDraft(ctx, tx, day.Format(time.DateOnly), d.Version, next, OpIssue, 0)
}
