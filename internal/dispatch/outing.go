package dispatch

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
)

// Step records that a run went out, was heard of, is home, or that its sheet was counted back. One that is heard of
// without having gone out must be allowed out like any other, and so must one that is home of which nothing was told. A
// run that is home does not go out again: the crew's next outing is another run. A step that a run has already taken is
// taken once. With its sheet, a run's households that did not agree to be kept are forgotten, if nothing of theirs is open.
func Step(ctx context.Context, tx *store.Tx, rid run.ID, step run.Step) error {
	s, err := open(ctx, tx, rid)
	if err != nil {
		return err
	}
	again, err := mayStep(ctx, tx, s, step)
	if err != nil || again {
		return err
	}
	if err := check(ctx, tx, rid, step); err != nil {
		return err
	}
	if step == run.SheetBack {
		return forgetOf(ctx, tx, s)
	}
	return nil
}

// mayStep refuses a step that the run may not take now; again means that it has taken it.
func mayStep(ctx context.Context, tx *store.Tx, s *run.State, step run.Step) (again bool, err error) {
	switch step {
	case run.Out, run.Seen:
		if s.Step == "" {
			return false, ready(ctx, tx, s)
		}
		return step == run.Out && s.UnderWay(), homeAlready(s)
	case run.Home:
		if s.Step == "" && len(s.Results) == 0 && s.Extra == 0 { // what was told of its doors says that it went
			return false, ready(ctx, tx, s)
		}
		return s.Step == run.Home, nil
	case run.SheetBack:
		if s.Step != run.Home {
			return false, errs.New(errs.Conflict, "run.not_home")
		}
		if n := len(s.Silent()); n > 0 {
			return false, errs.New(errs.Conflict, "run.silent", "n", n)
		}
		return !s.Sheet.IsZero(), nil
	case run.Void:
	}
	return false, errs.New(errs.Invalid, "error.invalid")
}

// ready refuses the crew of a run where it may not go out now.
func ready(ctx context.Context, r store.Reader, s *run.State) error {
	c, err := crew.Kind.Get(ctx, r, s.Crew)
	if err != nil {
		return err
	}
	return crew.Ready(ctx, r, c)
}

func homeAlready(s *run.State) error {
	if s.Step == run.Home {
		return errs.New(errs.Conflict, "run.is_home")
	}
	return nil
}

func check(ctx context.Context, tx *store.Tx, rid run.ID, step run.Step) error {
	f := &run.Check{Run: rid.ID, Step: step, At: tx.Now}
	f.ID.ID = tx.NewID()
	return tx.Put(ctx, f)
}

// notLeft returns a run that is still here and of which nothing was told.
func notLeft(ctx context.Context, r store.Reader, rid run.ID) (*run.State, error) {
	s, err := open(ctx, r, rid)
	if err != nil {
		return nil, err
	}
	if s.Step != "" || len(s.Results) > 0 || s.Extra > 0 {
		return nil, errs.New(errs.Conflict, "run.has_left")
	}
	return s, nil
}

// Cancel calls off a run before it leaves: its needs are to be planned again, its sheet is void.
func Cancel(ctx context.Context, tx *store.Tx, rid run.ID) error {
	s, err := notLeft(ctx, tx, rid)
	if err != nil {
		return err
	}
	for _, stop := range s.Stops {
		if err := takeOff(ctx, tx, rid, stop.Needs); err != nil {
			return err
		}
	}
	return check(ctx, tx, rid, run.Void)
}

// takeOff opens again what is on a run; what another run or another centre has now is left to them.
func takeOff(ctx context.Context, tx *store.Tx, rid run.ID, ids []id.ID) error {
	needs, err := needsOf(ctx, tx, ids)
	if err == nil {
		needs, err = here(ctx, tx, needs)
	}
	if err != nil {
		return err
	}
	for _, n := range needs {
		if n.Status != request.Planned || n.Run != rid.ID {
			continue
		}
		n.Stand(request.Open, id.ID{}, tx.Now, tx.Now)
		if err := tx.Put(ctx, &n); err != nil {
			return err
		}
	}
	return nil
}

// Loose is a run with ends that somebody must tie: it is home and of some stops nobody has said what came of them, or
// its day is over and it never left.
type Loose struct {
	Run   run.ID
	Stops int // without word
}

// LooseEnds returns the runs whose needs would stay on them for ever, oldest first. today is midnight at the centre.
func LooseEnds(ctx context.Context, r store.Reader, today time.Time) ([]Loose, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *Loose) error { return row.Scan(&v.Run, &v.Stops) },
		`SELECT run, stops FROM (SELECT r.id AS run, r.day AS day, r.number AS number, count(DISTINCT n.request) AS stops,
			coalesce((SELECT c.step FROM run_check c WHERE c.run=r.id AND c.step<>'sheet_back' ORDER BY c.id DESC LIMIT 1), '') AS step
		FROM need n JOIN run r ON r.id=n.run WHERE n.status='planned' GROUP BY r.id)
		WHERE step='home' OR step='' AND day<$1 ORDER BY day, number`, today.Format(time.DateOnly))
}
