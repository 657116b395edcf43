package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/route"
)

// Issue makes runs of a proposal. What has changed since it was made is a Conflict: a need that is no
// longer open, a crew that may no longer go or is out, a rule that has come.
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
	baskets, err := request.BasketRule(ctx, tx, own.BasketDays(), p.Day)
	if err != nil {
		return nil, err
	}
	var out []run.Run
	for _, rt := range p.Routes {
		c := p.Crews[rt.Vehicle]
		now, err := crewByID(ctx, tx, c.ID.ID)
		if err != nil {
			return nil, err
		}
		if err := crew.Ready(ctx, tx, now); err != nil {
			return nil, err
		}
		if now.Posts || now.Pass != c.Pass || now.From != c.From || now.To != c.To || now.Baskets != c.Baskets {
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
	return out, nil
}

// load gives a run the stops of its route and takes their needs.
func load(ctx context.Context, tx *store.Tx, p *Proposal, rt route.Route, r *run.Run, baskets *request.Baskets) error {
	for _, s := range rt.Stops {
		stop := p.Stops[s.Index]
		if err := stillGranted(baskets, stop.Request, stop.Needs); err != nil {
			return err
		}
		placed := run.Stop{Request: stop.Request.ID.ID, Arrive: s.Arrive, Leave: s.Leave}
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
	rules, err := rule.Between(ctx, tx, p.Day, p.Day.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	busy, err := crewsOut(ctx, tx, p.Day)
	if err != nil {
		return err
	}
	stale := forbidden(c, rules, p) != ""
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
	now.Status, now.Run = request.Planned, r.ID
	return tx.Put(ctx, now)
}

// Report takes what came of a stop (from 1) of a run. Delivered closes its needs; refused cancels them;
// anything else gives them back to be planned, with their history. A second report corrects the first.
func Report(ctx context.Context, tx *store.Tx, rid run.ID, stop int, res run.Result, at time.Time, note contact.Note) error {
	r, err := run.Kind.Get(ctx, tx, rid.ID)
	if err != nil {
		return err
	}
	if stop < 1 || stop > len(r.Stops) {
		return errs.New(errs.Invalid, "run.no_stop", "n", stop)
	}
	s := r.Stops[stop-1]
	if err := notErased(ctx, tx, s); err != nil {
		return err
	}
	o := &run.Outcome{Run: rid.ID, Stop: stop, Request: s.Request, Result: res, At: at, Note: note}
	o.ID.ID = tx.NewID()
	if err := tx.Put(ctx, o); err != nil {
		return fmt.Errorf("record outcome: %w", err)
	}
	for _, nid := range s.Needs {
		n, err := request.NeedKind.Get(ctx, tx, nid)
		if err != nil {
			return err
		}
		if n.Run != rid.ID && n.Status != request.Open {
			continue // already on its way with another run
		}
		settle(n, rid, res, at)
		if err := tx.Put(ctx, n); err != nil {
			return err
		}
	}
	return forget(ctx, tx, request.ID{ID: s.Request})
}

// notErased refuses a stop whose household was erased as it had asked: nothing is left to correct, and a need
// given back could never be brought.
func notErased(ctx context.Context, r store.Reader, s run.Stop) error {
	for _, nid := range s.Needs {
		n, err := request.NeedKind.Get(ctx, r, nid)
		if err != nil {
			return err
		}
		if n.What == "" {
			return errs.New(errs.Conflict, "run.erased")
		}
	}
	return nil
}

func settle(n *request.Need, r run.ID, res run.Result, at time.Time) {
	n.Run, n.Settled = r.ID, time.Time{}
	switch res {
	case run.Delivered:
		n.Status, n.Settled = request.Done, at
	case run.Refused:
		n.Status = request.Cancelled
	case run.Partly, run.Nobody, run.WrongAddress:
		n.Status, n.Run = request.Open, id.ID{}
	}
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
		if n.Status = as; as == request.Done {
			n.Settled = tx.Now
		}
		if err := tx.Put(ctx, &n); err != nil {
			return err
		}
		closed++
	}
	if closed == 0 {
		return errs.New(errs.Conflict, "dispatch.nothing_open")
	}
	return forget(ctx, tx, rid)
}

// forget erases a household that did not agree to be kept, with its requests, once nothing of theirs is
// open.
func forget(ctx context.Context, tx *store.Tx, rid request.ID) error {
	q, err := request.Kind.Get(ctx, tx, rid.ID)
	if err != nil {
		return err
	}
	h, err := household.Kind.Get(ctx, tx, q.Household.ID)
	if err != nil || h.Keep {
		return err
	}
	open, err := store.One[int](ctx, tx, "needs", `SELECT count(*) FROM need n JOIN request q ON q.id=n.request
		WHERE q.household=$1 AND n.status IN ('open','planned')`, q.Household)
	if err != nil || open > 0 {
		return err
	}
	all, err := request.OfHousehold(ctx, tx, q.Household)
	if err != nil {
		return err
	}
	gone := []id.ID{q.Household.ID}
	said, err := household.VerdictsOf(ctx, tx, q.Household)
	if err != nil {
		return err
	}
	for _, v := range said {
		gone = append(gone, v.ID)
	}
	for _, rid := range all {
		gone = append(gone, rid.ID)
		needs, err := request.Needs(ctx, tx, rid)
		if err != nil {
			return err
		}
		for _, n := range needs {
			gone = append(gone, n.ID.ID)
		}
		told, err := run.OutcomesOf(ctx, tx, rid.ID)
		if err != nil {
			return err
		}
		gone = append(gone, told...)
	}
	for _, g := range gone {
		if err := tx.Erase(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// Step records that a run went out, was heard of, or is home. One that is heard of without having gone out
// must be allowed out like any other.
func Step(ctx context.Context, tx *store.Tx, rid run.ID, step run.Step) error {
	r, err := run.Get(ctx, tx, rid)
	if err != nil {
		return err
	}
	if step == run.Out || step == run.Seen && r.Step != run.Out && r.Step != run.Seen {
		c, err := crewByID(ctx, tx, r.Crew)
		if err != nil {
			return err
		}
		if err := crew.Ready(ctx, tx, c); err != nil {
			return err
		}
	}
	f := &run.Check{Run: rid.ID, Step: step, At: tx.Now}
	f.ID.ID = tx.NewID()
	return tx.Put(ctx, f)
}
