// Package plan is the page on which a day is planned: crews and hours on one axis, a map beside it, stops that are
// moved by keyboard, mouse or plain forms with their cost in sight, and the act that issues runs. What a plan
// is, and what may be in it, is dispatch's.
package plan

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/chart"
)

// Plan holds what the pages need.
type Plan struct {
	db     *store.DB
	events *web.Events
	ways   dispatch.Ways

	Map *chart.Chart // the ground of its map; nil: a plain grid

	commits atomic.Uint64 // that concern what a plan depends on

	mu    sync.Mutex
	seen  map[string]*seen // by day: what was gathered last
	tasks map[string]*task // by day: plans that are being made
}

// seen is a timetable as it was worked out last, and for what.
type seen struct {
	commits uint64
	version int64
	slot    int64
	table   *dispatch.Timetable
}

// New returns the plan pages of a centre's database.
func New(db *store.DB, events *web.Events, ways dispatch.Ways) *Plan {
	p := &Plan{db: db, events: events, ways: ways, seen: map[string]*seen{}, tasks: map[string]*task{}}
	if db != nil {
		db.OnCommit(func(c store.Change) {
			for _, k := range []string{"request", "need", "household", "crew", "rule", "supply", "run", "check", "outcome", "centre"} {
				if c.Kinds[k] {
					p.commits.Add(1)
					return
				}
			}
		})
	}
	return p
}

// Routes lists every page with who may use it.
func (p *Plan) Routes() []web.Route {
	send := web.Roles(account.Coordinator | account.Dispatcher)
	return []web.Route{
		{Pattern: "GET /plan", Allow: send, Handle: p.show},
		{Pattern: "POST /plan/make", Allow: send, Handle: p.make},
		{Pattern: "POST /plan/change", Allow: send, Handle: p.change},
		{Pattern: "POST /plan/undo", Allow: send, Handle: p.undo},
		{Pattern: "POST /plan/issue", Allow: send, Handle: p.issue},
		{Pattern: "GET /plan/events", Allow: send, Handle: func(w http.ResponseWriter, r *http.Request) error { return p.events.Serve(w, r, dispatch.Topic) }},
	}
}

// Topics says whether a commit concerns the page.
func Topics(c store.Change) []string {
	for _, k := range []string{dispatch.Topic, "crew", "rule", "run", "check"} {
		if c.Kinds[k] {
			return []string{dispatch.Topic}
		}
	}
	return nil
}

// dayOf reads the day that a page is about; "" is today at the centre.
func (p *Plan) dayOf(ctx context.Context, text string) (day, today time.Time, err error) {
	c, err := centre.Get(ctx, p.db)
	if err != nil {
		return day, today, err
	}
	y, m, d := p.db.Now().In(c.Location()).Date()
	today = time.Date(y, m, d, 0, 0, 0, 0, c.Location())
	if text == "" {
		return today, today, nil
	}
	if day, err = c.Day(text); err != nil {
		return today, today, err
	}
	return day, today, nil
}

// table works out the day's draft as it stands: anew only when something has changed, or five minutes have passed.
func (p *Plan) table(ctx context.Context, day time.Time) (*dispatch.Timetable, error) {
	commits, now := p.commits.Load(), p.db.Now().In(day.Location())
	d, err := dispatch.LoadDraft(ctx, p.db, day)
	if errs.Is(err, errs.NotFound) {
		d, err = &dispatch.Draft{}, nil
	}
	if err != nil {
		return nil, err
	}
	key := day.Format(time.DateOnly)
	slot := now.Unix() / 300
	p.mu.Lock()
	s := p.seen[key]
	p.mu.Unlock()
	if s != nil && s.commits == commits && s.version == d.Version && s.slot == slot {
		return s.table, nil
	}
	var w *dispatch.World
	if s != nil && s.commits == commits {
		w = s.table.World
	} else if w, err = dispatch.Gather(ctx, p.db, p.ways, day, now, d.Requests()); err != nil {
		return nil, err
	}
	if d.Version == 0 {
		d = w.NewDraft()
	}
	s = &seen{commits: commits, version: d.Version, slot: slot, table: w.Time(d, now)}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.seen) > 7 {
		clear(p.seen)
	}
	p.seen[key] = s
	return s.table, nil
}
