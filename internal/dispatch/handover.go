package dispatch

import (
	"context"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
)

// Swap gives a run that has not left to another crew, which must be allowed out, free on that day, on shift, and
// have the room, the people and the pass that the run asks for. What was printed for the first crew opens the run's
// field page no more.
func Swap(ctx context.Context, tx *store.Tx, rid run.ID, cid crew.ID) error {
	s, err := notLeft(ctx, tx, rid)
	if err != nil {
		return err
	}
	c, err := crew.Get(ctx, tx, cid)
	if err != nil {
		return err
	}
	if c.ID.ID == s.Crew {
		return nil
	}
	if err := crew.Ready(ctx, tx, c); err != nil {
		return err
	}
	if err := canTake(ctx, tx, s, c); err != nil {
		return err
	}
	s.Crew, s.CrewNo = c.ID.ID, c.Number
	if err := tx.Put(ctx, &s.Run); err != nil {
		return err
	}
	return run.Renew(ctx, tx, rid)
}

// canTake refuses a crew that cannot drive a run as it is planned, saying why.
func canTake(ctx context.Context, r store.Reader, s *run.State, c *crew.Crew) error {
	own, err := centre.Get(ctx, r)
	if err != nil {
		return err
	}
	day, err := time.ParseInLocation(time.DateOnly, s.Day, own.Location())
	if err != nil {
		return err
	}
	busy, err := crewsOut(ctx, r, day)
	if err != nil {
		return err
	}
	load, heavy, err := loaded(ctx, r, s)
	if err != nil {
		return err
	}
	was, err := crew.Kind.Get(ctx, r, s.Crew)
	if err != nil {
		return err
	}
	barred, err := shutTo(ctx, r, own, day, s, c)
	if err != nil {
		return err
	}
	no := func(key string) error { return errs.New(errs.Conflict, key, "crew", c.Number) }
	switch {
	case c.Posts != was.Posts:
		return no("run.swap_posts")
	case busy[c.Number]:
		return no("run.swap_busy")
	case load > c.Baskets*perBox:
		return no("run.swap_full")
	case heavy && len(c.Members) < 2:
		return no("run.swap_alone")
	case (c.From != 0 || c.To != 0) && (s.Depart < seconds(c.From) || s.Back > seconds(c.To)):
		return no("run.swap_shift")
	case breaks(s, c) && (was.BreakFrom != c.BreakFrom || was.BreakTo != c.BreakTo): // the same one was planned round
		return no("run.swap_break")
	case barred:
		return no("run.swap_rule")
	}
	return nil
}

// breaks reports whether a crew's break begins or ends while the run is out, or lies in it.
func breaks(s *run.State, c *crew.Crew) bool {
	return c.BreakFrom < c.BreakTo && seconds(c.BreakFrom) < s.Back && seconds(c.BreakTo) > s.Depart
}

// shutTo reports whether the rules keep a crew from a run: from its whole time, after which it must be home for a
// while before a curfew as in every plan, or from a zone that one of its stops lies in.
func shutTo(ctx context.Context, r store.Reader, own *centre.Centre, day time.Time, s *run.State, c *crew.Crew) (bool, error) {
	rules, err := rule.Between(ctx, r, day, day.AddDate(0, 0, 2))
	if err != nil {
		return false, err
	}
	q := rule.Query{Areas: Areas(own), From: at(day, s.Depart), To: at(day, s.Back+Margin), Pass: c.Pass != ""}
	for _, no := range rule.May(rules, q) {
		if binds(no.Rule.Kind) {
			return true, nil
		}
	}
	for _, stop := range s.Stops {
		if _, shut, err := zoneOf(ctx, r, rules, q, day, stop); shut || err != nil {
			return shut, err
		}
	}
	return false, nil
}

// loaded is the room that a run's needs take, on the fullest of its trips, and whether one of its stops asks for two
// people. What was erased takes none: another run has brought it.
func loaded(ctx context.Context, r store.Reader, s *run.State) (most int, heavy bool, err error) {
	trip := 0
	for i, placed := range s.Stops {
		needs, err := unerased(ctx, r, placed.Needs)
		if err != nil {
			return 0, false, err
		}
		if i > 0 && placed.Trip != s.Stops[i-1].Trip {
			trip = 0
		}
		trip += boxes(needs)
		most = max(most, trip)
		if len(needs) == 0 {
			continue
		}
		h, err := homeOf(ctx, r, placed.Request)
		if err != nil {
			return 0, false, err
		}
		stop := Stop{Household: h, Needs: needs}
		heavy = heavy || stop.heavy()
	}
	return most, heavy, nil
}

func homeOf(ctx context.Context, r store.Reader, rid id.ID) (*household.Household, error) {
	q, err := request.Kind.Get(ctx, r, rid)
	if err != nil {
		return nil, err
	}
	return household.Kind.Get(ctx, r, q.Household.ID)
}
