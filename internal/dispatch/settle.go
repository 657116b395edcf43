package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
)

// Report takes what came of a stop (from 1) of a run. Delivered closes its needs; refused cancels them;
// withdrawn puts them back on the run as if nothing had been told; anything else gives them back to be planned,
// with their history. A second report corrects the first.
func Report(ctx context.Context, tx *store.Tx, rid run.ID, stop int, res run.Result, at time.Time, note contact.Note) error {
	r, err := open(ctx, tx, rid)
	if err != nil {
		return err
	}
	if stop < 1 || stop > len(r.Stops) {
		return errs.New(errs.Invalid, "run.no_stop", "n", stop)
	}
	s := r.Stops[stop-1]
	needs, err := kept(ctx, tx, s.Needs)
	if err != nil {
		return err
	}
	return tell(ctx, tx, &run.Outcome{Run: rid.ID, Stop: stop, Request: s.Request, Result: res, At: at, Note: note}, needs)
}

// tell records what came of a stop, and settles its needs accordingly; those that another centre has are not among them.
func tell(ctx context.Context, tx *store.Tx, o *run.Outcome, needs []request.Need) error {
	if err := told(ctx, tx, o); err != nil {
		return err
	}
	for _, n := range needs {
		if n.Run != o.Run && n.Status != request.Open {
			continue // already on its way with another run, or brought by it
		}
		settle(&n, o.Run, o.Result, o.At, tx.Now)
		if err := tx.Put(ctx, &n); err != nil {
			return err
		}
	}
	return nil
}

// Door takes what came of a door that was not on the run's sheet, as the crew wrote it into a blank row. Where the
// request is a stop of the run, it is the outcome of that stop. What was brought or refused closes the needs, also
// those that wait on another run's sheet; nothing else changes.
func Door(ctx context.Context, tx *store.Tx, rid run.ID, q request.ID, res run.Result, at time.Time, note contact.Note) error {
	r, err := open(ctx, tx, rid)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(r.Stops, func(s run.Stop) bool { return s.Request == q.ID }); i >= 0 {
		return Report(ctx, tx, rid, i+1, res, at, note)
	}
	all, err := needsHere(ctx, tx, q)
	if err != nil {
		return err
	}
	if err := notErased(all); err != nil {
		return err
	}
	if err := told(ctx, tx, &run.Outcome{Run: rid.ID, Request: q.ID, Result: res, At: at, Note: note}); err != nil {
		return err
	}
	if res != run.Delivered && res != run.Refused {
		return nil
	}
	for _, n := range all {
		if n.Status != request.Open && n.Status != request.Planned {
			continue
		}
		settle(&n, rid.ID, res, at, tx.Now)
		if err := tx.Put(ctx, &n); err != nil {
			return err
		}
	}
	return nil
}

// Undo takes back what was told, by a new fact: a stop has again the outcome that it had before, of its time, or none. It is a
// Conflict where something else has been told of the stop since, or its needs are already on another run.
func Undo(ctx context.Context, tx *store.Tx, oid run.OutcomeID) error {
	o, err := run.OutcomeKind.Get(ctx, tx, oid.ID)
	if err != nil {
		return err
	}
	all, err := run.Told(ctx, tx, run.ID{ID: o.Run})
	if err != nil {
		return err
	}
	before, found := run.Outcome{Result: run.Withdrawn}, false
	for _, was := range all {
		switch {
		case was.ID == oid:
			found = true
		case was.Stop != o.Stop || was.Request != o.Request:
		case found:
			return errs.New(errs.Conflict, "run.told_since")
		default:
			before = was
		}
	}
	if o.Stop == 0 {
		return undoDoor(ctx, tx, o)
	}
	if before.Result == run.Withdrawn {
		before.At = tx.Now
		if err := free(ctx, tx, o); err != nil {
			return err
		}
	}
	return Report(ctx, tx, run.ID{ID: o.Run}, o.Stop, before.Result, before.At, before.Note)
}

// free refuses to put needs back on a run when another one has taken them meanwhile.
func free(ctx context.Context, tx *store.Tx, o *run.Outcome) error {
	r, err := run.Kind.Get(ctx, tx, o.Run)
	if err != nil {
		return err
	}
	needs, err := kept(ctx, tx, r.Stops[o.Stop-1].Needs)
	for _, n := range needs {
		if n.Status == request.Planned && n.Run != o.Run {
			return errs.New(errs.Conflict, "run.planned_since")
		}
	}
	return err
}

// undoDoor opens again what a door had closed; what another run's sheet still carries goes back there.
func undoDoor(ctx context.Context, tx *store.Tx, o *run.Outcome) error {
	needs, err := needsHere(ctx, tx, request.ID{ID: o.Request})
	if err != nil {
		return err
	}
	if err := notErased(needs); err != nil {
		return err
	}
	if err := told(ctx, tx, &run.Outcome{Run: o.Run, Request: o.Request, Result: run.Withdrawn, At: tx.Now}); err != nil {
		return err
	}
	carried, err := carriers(ctx, tx)
	if err != nil {
		return err
	}
	for _, n := range needs {
		if n.Run != o.Run || n.Closed.IsZero() {
			continue
		}
		status, by := request.Open, carried[n.ID.ID]
		if !by.IsZero() {
			status = request.Planned
		}
		n.Stand(status, by, tx.Now, tx.Now)
		if err := tx.Put(ctx, &n); err != nil {
			return err
		}
	}
	return nil
}

// carriers returns for each need that is on a run under way, or about to leave, and of which nothing was told, that run.
func carriers(ctx context.Context, r store.Reader) (map[id.ID]id.ID, error) {
	runs, err := run.Unfinished(ctx, r)
	out := map[id.ID]id.ID{}
	for _, s := range runs {
		for _, stop := range s.Silent() {
			for _, n := range s.Stops[stop-1].Needs {
				out[n] = s.ID.ID
			}
		}
	}
	return out, err
}

// GiveBack says of every stop of a run that came home without word that nobody knows: what was to be brought there
// is planned again. Where another run brought it and the household was erased since, that is said all the same, or the
// run's sheet could never be counted back; nothing else changes there. It returns how many stops there were.
func GiveBack(ctx context.Context, tx *store.Tx, rid run.ID) (int, error) {
	s, err := run.Get(ctx, tx, rid)
	if err != nil {
		return 0, err
	}
	if s.Step != run.Home {
		return 0, errs.New(errs.Conflict, "run.not_home")
	}
	silent := s.Silent()
	for _, stop := range silent {
		needs, err := unerased(ctx, tx, s.Stops[stop-1].Needs)
		if err == nil {
			needs, err = here(ctx, tx, needs)
		}
		if err != nil {
			return 0, err
		}
		o := &run.Outcome{Run: rid.ID, Stop: stop, Request: s.Stops[stop-1].Request, Result: run.GivenBack, At: tx.Now}
		if err := tell(ctx, tx, o, needs); err != nil {
			return 0, err
		}
	}
	return len(silent), nil
}

// Close ends the open needs of a request without a run: they have it already (Done), or want it no more
// (Cancelled). Needs on a run wait for its outcome. Nothing open is a Conflict.
func Close(ctx context.Context, tx *store.Tx, rid request.ID, as request.Status) error {
	if as != request.Done && as != request.Cancelled {
		return errs.New(errs.Invalid, "error.invalid")
	}
	needs, err := request.Needs(ctx, tx, rid)
	if err != nil {
		return err
	}
	closed := 0
	for _, n := range needs {
		if n.Status != request.Open {
			continue
		}
		n.Stand(as, id.ID{}, tx.Now, tx.Now)
		if err := tx.Put(ctx, &n); err != nil {
			return err
		}
		closed++
	}
	if closed == 0 {
		return errs.New(errs.Conflict, "dispatch.nothing_open")
	}
	return nil
}

// Reopen opens again what was closed without a run at a moment: a slip of the hand. Nothing closed then is a Conflict.
func Reopen(ctx context.Context, tx *store.Tx, rid request.ID, at time.Time) error {
	needs, err := request.Needs(ctx, tx, rid)
	if err != nil {
		return err
	}
	if err := notErased(needs); err != nil {
		return err
	}
	n := 0
	for _, v := range needs {
		if v.Closed.IsZero() || !v.Closed.Equal(at) || !v.Run.IsZero() {
			continue
		}
		n++
		v.Stand(request.Open, id.ID{}, tx.Now, tx.Now)
		if err := tx.Put(ctx, &v); err != nil {
			return err
		}
	}
	if n == 0 {
		return errs.New(errs.Conflict, "error.conflict")
	}
	return nil
}

// open returns a run that was not called off.
func open(ctx context.Context, r store.Reader, rid run.ID) (*run.State, error) {
	s, err := run.Get(ctx, r, rid)
	if err == nil && s.Step == run.Void {
		return nil, errs.New(errs.Conflict, "run.is_void")
	}
	return s, err
}

func told(ctx context.Context, tx *store.Tx, o *run.Outcome) error {
	o.ID.ID = tx.NewID()
	if err := tx.Put(ctx, o); err != nil {
		return fmt.Errorf("record outcome: %w", err)
	}
	return nil
}

// kept returns the needs of a stop as they are, without those that another centre has now, or a Conflict where their
// household was erased.
func kept(ctx context.Context, r store.Reader, ids []id.ID) ([]request.Need, error) {
	out, err := needsOf(ctx, r, ids)
	if err == nil {
		out, err = here(ctx, r, out)
	}
	if err != nil {
		return nil, err
	}
	return out, notErased(out)
}

func needsHere(ctx context.Context, r store.Reader, q request.ID) ([]request.Need, error) {
	all, err := request.Needs(ctx, r, q)
	if err != nil {
		return nil, err
	}
	return here(ctx, r, all)
}

// here leaves out the needs that another centre has, as after a recall: a run's own facts are written all the same, and
// what becomes of the need is theirs to say.
func here(ctx context.Context, r store.Reader, all []request.Need) ([]request.Need, error) {
	out := make([]request.Need, 0, len(all))
	for _, n := range all {
		h, err := store.Held(ctx, r, n.ID.ID)
		if err != nil {
			return nil, err
		}
		if h.Ours {
			out = append(out, n)
		}
	}
	return out, nil
}

// unerased returns the needs of a stop as they are, without those whose household was erased.
func unerased(ctx context.Context, r store.Reader, ids []id.ID) ([]request.Need, error) {
	out, err := needsOf(ctx, r, ids)
	return slices.DeleteFunc(out, erased), err
}

func needsOf(ctx context.Context, r store.Reader, ids []id.ID) ([]request.Need, error) {
	out := make([]request.Need, 0, len(ids))
	for _, nid := range ids {
		n, err := request.NeedKind.Get(ctx, r, nid)
		if err != nil {
			return nil, err
		}
		out = append(out, *n)
	}
	return out, nil
}

func erased(n request.Need) bool { return n.What == "" }

// notErased refuses what belongs to a household that was erased as it had asked: nothing is left to correct, and a
// need given back could never be brought.
func notErased(needs []request.Need) error {
	if slices.ContainsFunc(needs, erased) {
		return errs.New(errs.Conflict, "run.erased")
	}
	return nil
}

func settle(n *request.Need, r id.ID, res run.Result, had, now time.Time) {
	switch res {
	case run.Delivered:
		n.Stand(request.Done, r, had, now)
	case run.Refused:
		n.Stand(request.Cancelled, r, had, now)
	case run.Withdrawn:
		n.Stand(request.Planned, r, had, now)
	case run.Partly, run.Nobody, run.WrongAddress, run.GivenBack:
		n.Stand(request.Open, id.ID{}, had, now)
	}
}
