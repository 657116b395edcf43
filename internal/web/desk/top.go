package desk

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/runs"
)

// boardTop is what stands before any request: who is out, the late ones first, and what nobody has said yet.
type boardTop struct {
	out   []outRow
	loose []looseRow
	token string

	teams  []exchange.Team // two centres' crews may go, or have gone, there
	pleas  []plea          // others ask us to forget whom somebody is to go to
	decide bool            // the viewer may say that somebody has rung
	begin  bool            // the centre is new, and the viewer one of those who see to it
}

// outRow is a crew that is out, or should be.
type outRow struct {
	run.State

	due     time.Time // when it must be heard of, in the centre's zone
	home    time.Time
	late    bool
	waiting bool // it should have left
	reach   []runs.Contact
}

// looseRow is a run with stops of which nobody has said what came.
type looseRow struct {
	run.State

	stops int
}

// lateStart is how long after its time a run that has not left is spoken of.
const lateStart = 30 * time.Minute

func (d *Desk) boardTop(r *http.Request) (t boardTop, loc *time.Location, err error) {
	ctx := r.Context()
	c, day, err := d.today(ctx)
	if err != nil {
		return t, nil, err
	}
	t.token, t.decide = web.NewForm(r).Token, web.ViewerOf(r).Roles.Any(account.Coordinator)
	t.begin = c.FirstSteps && web.ViewerOf(r).Roles.Any(account.Keepers)
	if t.teams, err = exchange.Teams(ctx, d.db); err != nil {
		return t, nil, err
	}
	if t.pleas, err = d.pleas(ctx); err != nil {
		return t, nil, err
	}
	if t.out, err = d.outNow(ctx, c); err != nil {
		return t, nil, err
	}
	if web.ViewerOf(r).Roles.Any(account.Coordinator | account.Dispatcher) {
		for i := range t.out {
			o := &t.out[i]
			if !o.late {
				continue
			}
			if o.reach, err = d.contacts.Of(ctx, web.Actor(r), o.Crew); err != nil {
				return t, nil, err
			}
		}
	}
	loose, err := dispatch.LooseEnds(ctx, d.db, day)
	if err != nil {
		return t, nil, err
	}
	for _, l := range loose {
		s, err := run.Get(ctx, d.db, l.Run)
		if err != nil {
			return t, nil, err
		}
		t.loose = append(t.loose, looseRow{*s, l.Stops})
	}
	return t, c.Location(), nil
}

// outNow returns the runs that have not come home, those overdue first.
func (d *Desk) outNow(ctx context.Context, c *centre.Centre) ([]outRow, error) {
	unfinished, err := run.Unfinished(ctx, d.db)
	if err != nil {
		return nil, err
	}
	now := d.db.Now()
	var out []outRow
	for _, s := range unfinished {
		day := runs.DayOf(c, &s)
		o := outRow{State: s, home: day.Add(time.Duration(s.Back) * time.Second)}
		switch {
		case s.UnderWay():
			o.due = s.Due(day).In(c.Location())
			o.late = now.After(o.due)
		case now.After(day.Add(time.Duration(s.Depart)*time.Second+lateStart)) && s.Day == now.In(c.Location()).Format(time.DateOnly):
			o.due, o.waiting = day.Add(time.Duration(s.Depart)*time.Second), true
		default:
			continue
		}
		out = append(out, o)
	}
	slices.SortStableFunc(out, func(a, b outRow) int {
		switch {
		case a.late != b.late && a.late:
			return -1
		case a.late != b.late:
			return 1
		}
		return a.due.Compare(b.due)
	})
	return out, nil
}
