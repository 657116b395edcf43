package drill

import (
	"context"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
)

// clock returns an hour and minute of the drill's day.
func clock(hour, minute int) time.Time {
	return time.Date(2022, time.January, 12, hour, minute, 0, 0, demo.Zone())
}

// plannedAt is when the dispatcher made the plan whose crews are out; the calls after it are not in it.
func plannedAt() time.Time { return clock(12, 5) }

// noonSteps are the solver's for the plan of noon: it need not be the best, and somebody waits for the drill.
const noonSteps = 400

// outing is how the day of one of the crews that are out went.
type outing struct {
	crew     int       // number
	reported time.Time // outcomes of the stops until here have come in
	seen     time.Time // when it rang last; zero for never
}

// outings are the crews that set out at noon: one has fallen silent; one has rung but told nothing, and the
// newcomer records its outcomes (demo.Script); one is well.
func outings() []outing {
	return []outing{
		{2, clock(13, 20), time.Time{}},
		{4, time.Time{}, clock(14, 50)},
		{7, clock(15, 20), clock(15, 25)},
	}
}

// early reports whether the crew of a number was there at noon; the plan was made for these alone.
func early(number int) bool {
	return slices.ContainsFunc(outings(), func(o outing) bool { return o.crew == number })
}

// runs plans at noon, issues the runs of the crews that are there and writes what is known of them by now, all in one piece.
// Whoever works in the drill meanwhile may take a need away from the plan: then it is made anew.
func (l *loader) runs(ctx context.Context) error {
	for range 2 {
		if err := l.tryRuns(ctx); !errs.Is(err, errs.Conflict) {
			return err
		}
	}
	return l.tryRuns(ctx)
}

func (l *loader) tryRuns(ctx context.Context) error {
	mark := l.id("check", 0, plannedAt())
	there := false
	see := func(tx *store.Tx) (err error) {
		there, err = has(ctx, tx, run.CheckKind, mark)
		return err
	}
	if err := l.db.Write(ctx, l.staff[account.Dispatcher], see); err != nil || there {
		return err
	}
	w, err := dispatch.Gather(ctx, l.db, dispatch.Straight{}, clock(0, 0), plannedAt(), nil)
	if err != nil {
		return err
	}
	w.Steps = noonSteps
	plan, err := w.Plan(ctx, plannedAt())
	if err != nil {
		return err
	}
	return l.db.Write(ctx, l.staff[account.Dispatcher], func(tx *store.Tx) error {
		tx.Date(plannedAt())
		issued, err := dispatch.Issue(ctx, tx, plan)
		if err != nil {
			return err
		}
		for i := range issued {
			for _, o := range outings() {
				if o.crew != issued[i].CrewNo {
					continue
				}
				if err := l.follow(ctx, tx, i, &issued[i], o); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// follow writes of an issued run what is known of it: that it set out, what came of its first stops, that it rang.
func (l *loader) follow(ctx context.Context, tx *store.Tx, i int, r *run.Run, o outing) error {
	at := func(seconds int32) time.Time { return clock(0, 0).Add(time.Duration(seconds) * time.Second) }
	if err := l.check(ctx, tx, 2*i, r.ID, run.Out, at(r.Depart)); err != nil {
		return err
	}
	for k, s := range r.Stops {
		if at(s.Leave).After(o.reported) {
			break
		}
		result, note := run.Delivered, contact.Note("")
		if k == 1 {
			result, note = run.Nobody, contact.Note(demo.Mark)
		}
		tx.Date(at(s.Leave))
		if err := dispatch.Report(ctx, tx, r.ID, k+1, result, at(s.Leave), note); err != nil {
			return err
		}
	}
	if !o.seen.After(at(r.Depart)) {
		return nil
	}
	return l.check(ctx, tx, 2*i+1, r.ID, run.Seen, o.seen)
}

func (l *loader) check(ctx context.Context, tx *store.Tx, n int, r run.ID, step run.Step, at time.Time) error {
	c := &run.Check{Run: r.ID, Step: step, At: at}
	c.ID.ID = l.id("check", n, plannedAt())
	tx.Date(at)
	return tx.Put(ctx, c)
}
