package dispatch

import (
	"context"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/route"
)

// Issue makes runs of a proposal. What has changed since it was made is a Conflict: a need that is no
// longer open, a crew that may no longer go or is out, a rule that has come, stock that was promised elsewhere.
func Issue(ctx context.Context, tx *store.Tx, p *Proposal) ([]run.Run, error) {
	if err := stillGood(ctx, tx, p); err != nil {
		return nil, err
	}
	day := p.Day.Format(time.DateOnly)
	number, err := store.One[int](ctx, tx, "runs", "SELECT coalesce(max(number), 0) FROM run WHERE day=$1", day)
	if err != nil {
		return nil, err
	}
	own, err := centre.Get(ctx, tx)
	if err != nil {
		return nil, err
	}
	baskets, err := basketRule(ctx, tx, own, p.Day)
	if err != nil {
		return nil, err
	}
	var out []run.Run
	for _, rt := range p.Routes {
		c := p.Crews[rt.Vehicle]
		now, err := crew.Kind.Get(ctx, tx, c.ID.ID)
		if err != nil {
			return nil, err
		}
		if err := crew.Ready(ctx, tx, now); err != nil {
			return nil, err
		}
		if changed(now, &c) {
			return nil, errs.New(errs.Conflict, "dispatch.stale")
		}
		number++
		r := run.Run{ID: run.ID{ID: tx.NewID()}, Number: number, Crew: c.ID.ID, CrewNo: c.Number, Day: day, Depart: rt.Depart, Back: rt.Back}
		if err := load(ctx, tx, p, rt, &r, baskets); err != nil {
			return nil, err
		}
		if err := tx.Put(ctx, &r); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, stillInStock(ctx, tx, p)
}

// stillInStock refuses runs that promise what the store room does not hold: a plan of another day, or one made on
// another desk, took it first.
func stillInStock(ctx context.Context, r store.Reader, p *Proposal) error {
	left, err := Available(ctx, r)
	if err != nil {
		return err
	}
	for _, rt := range p.Routes {
		for _, s := range rt.Stops {
			stop, serves := p.StopOf(s)
			if serves && slices.ContainsFunc(stop.Needs, func(n request.Need) bool { return n.What.Counted() && left[string(n.What)] < 0 }) {
				return errs.New(errs.Conflict, "dispatch.stale")
			}
		}
	}
	return nil
}

// changed reports whether a crew is no longer what the plan was made for.
func changed(now, then *crew.Crew) bool {
	return now.Posts != then.Posts || now.Pass != then.Pass || now.From != then.From || now.To != then.To || now.Baskets != then.Baskets ||
		now.BreakFrom != then.BreakFrom || now.BreakTo != then.BreakTo || len(now.Members) != len(then.Members)
}

// load gives a run the stops of its route and takes their needs. Posts are served by crews of posts, homes by
// the others: what has become the other since is a Conflict.
func load(ctx context.Context, tx *store.Tx, p *Proposal, rt route.Route, r *run.Run, baskets *request.Baskets) error {
	for _, s := range rt.Stops {
		if s.Kind != route.Serve {
			continue // loading again: the next stop's trip says so
		}
		stop := p.Stops[s.Index]
		if err := stillGranted(baskets, stop.Request, stop.Needs); err != nil {
			return err
		}
		h, err := household.Kind.Get(ctx, tx, stop.Household.ID.ID)
		if err != nil {
			return err
		}
		if h.Post != p.Crews[rt.Vehicle].Posts {
			return errs.New(errs.Conflict, "dispatch.changed")
		}
		placed := run.Stop{Request: stop.Request.ID.ID, Arrive: s.Arrive, Leave: s.Leave, Trip: s.Trip}
		for _, n := range stop.Needs {
			if err := take(ctx, tx, n, r.ID); err != nil {
				return err
			}
			placed.Needs = append(placed.Needs, n.ID.ID)
		}
		r.Stops = append(r.Stops, placed)
	}
	return nil
}

// stillGood answers whether the world is still the one that the proposal was made for.
func stillGood(ctx context.Context, tx *store.Tx, p *Proposal) error {
	c, err := centre.Get(ctx, tx)
	if err != nil {
		return err
	}
	rules, err := rule.Between(ctx, tx, p.Day, p.Day.AddDate(0, 0, 2))
	if err != nil {
		return err
	}
	busy, err := crewsOut(ctx, tx, p.Day)
	if err != nil {
		return err
	}
	p.centre = c
	stale := len(p.forbidden(rules)) > 0
	for _, rt := range p.Routes {
		stale = stale || busy[p.Crews[rt.Vehicle].Number]
	}
	if stale {
		return errs.New(errs.Conflict, "dispatch.stale")
	}
	return nil
}

func take(ctx context.Context, tx *store.Tx, n request.Need, r run.ID) error {
	now, err := request.NeedKind.Get(ctx, tx, n.ID.ID)
	if err != nil {
		return err
	}
	if now.Status != request.Open {
		return errs.New(errs.Conflict, "dispatch.changed")
	}
	now.Stand(request.Planned, r.ID, tx.Now, tx.Now)
	return tx.Put(ctx, now)
}
