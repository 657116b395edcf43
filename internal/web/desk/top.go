package desk

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/runs"
)

// boardTop is what stands before any request: who is out, the late ones first, and what nobody has said yet.
type boardTop struct {
	out   []outRow
	loose []looseRow
	token string
}

// outRow is a crew that is out, or should be.
type outRow struct {
	run.State

	due     time.Time // when it must be heard of, in the centre's zone
	home    time.Time
	late    bool
	waiting bool // it should have left
	reach   []reach
}

// reach is somebody to call about a crew that is late.
type reach struct {
	who   string
	phone string
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
	t.token = web.NewForm(r).Token
	if t.out, err = d.outNow(ctx, c, web.ViewerOf(r).Roles.Any(account.Coordinator|account.Dispatcher)); err != nil {
		return t, nil, err
	}
	for _, o := range t.out {
		if len(o.reach) > 0 {
			if err := d.lookedAtCrew(ctx, web.Actor(r), o.Crew); err != nil {
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

// outNow returns the runs that have not come home, those overdue first; of these, with reach, whom to call.
func (d *Desk) outNow(ctx context.Context, c *centre.Centre, reachable bool) ([]outRow, error) {
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
		if o.late && reachable {
			if o.reach, err = d.reachOf(ctx, s.Crew); err != nil {
				return nil, err
			}
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

// reachOf returns who can be called about a crew: its members, whom they named, whom the crew named.
func (d *Desk) reachOf(ctx context.Context, cid id.ID) ([]reach, error) {
	c, err := crew.Get(ctx, d.db, crew.ID{ID: cid})
	if err != nil {
		return nil, err
	}
	var out []reach
	for _, m := range c.Members {
		out = append(out, reach{string(m.Name), m.Phone.String()})
		v, err := volunteer.Kind.Get(ctx, d.db, m.Volunteer)
		if err != nil {
			return nil, err
		}
		if v.Emergency != "" {
			out = append(out, reach{"", v.Emergency})
		}
	}
	if c.Emergency != "" {
		out = append(out, reach{"", c.Emergency})
	}
	return slices.DeleteFunc(out, func(r reach) bool { return r.phone == "" }), nil
}

// tel is the link that dials, "" where the text holds no number.
func (r reach) tel() string {
	if p, ok := contact.ParsePhone(r.phone); ok {
		return "tel:" + string(p)
	}
	return ""
}

// lookedFor is how long one look at a late crew's contacts counts: an open board asks again at each change.
const lookedFor = time.Hour

// lookedAtCrew keeps that somebody has seen whom to call about a crew.
func (d *Desk) lookedAtCrew(ctx context.Context, who store.Actor, c id.ID) error {
	key, now := who.String()+c.String(), d.db.Now()
	d.mu.Lock()
	before, seen := d.lookedAt[key]
	d.mu.Unlock()
	if seen && now.Sub(before).Abs() < lookedFor {
		return nil
	}
	err := d.db.Write(ctx, who, func(tx *store.Tx) error {
		l := &crew.Look{Crew: c, Account: tx.Actor, Page: "board"}
		l.ID.ID = tx.NewID()
		return tx.Put(ctx, l)
	})
	if err == nil {
		d.mu.Lock()
		d.lookedAt[key] = now
		d.mu.Unlock()
	}
	return err
}
