package dispatch

import (
	"context"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// basketRule is the rule on baskets for a day, with those that other centres brought to households that people here have
// linked with ours.
func basketRule(ctx context.Context, r store.Reader, own *centre.Centre, day time.Time) (*request.Baskets, error) {
	b, err := request.BasketRule(ctx, r, own.BasketDays(), day)
	if err == nil {
		err = match.Baskets(ctx, r, b)
	}
	return b, err
}

// granted takes from a stop the baskets that have to wait for the rule "one basket for a household in so many
// days", and says why; it reports whether anything is left to bring. Insulin does not wait for a basket.
func (w *World) granted(b *request.Baskets, s *Stop) bool {
	may, wait, had := b.Grant(s.Request, s.Needs)
	if len(wait) > 0 {
		key := "dispatch.basket_had"
		switch {
		case had.Centre != "" && had.At.IsZero():
			key = "dispatch.basket_elsewhere_coming"
		case had.Centre != "":
			key = "dispatch.basket_elsewhere"
		case had.At.IsZero():
			key = "dispatch.basket_coming"
		}
		waits := Stop{Request: s.Request, Household: s.Household, Needs: wait, points: s.points}
		w.refuse = append(w.refuse, Refusal{Stop: waits, Key: key, Args: []any{"ref", had.Ref.String(), "day", had.At.In(w.Day.Location()), "next", had.Next, "centre", had.Centre}})
	}
	s.Needs = may
	return len(may) > 0
}

// stillGranted refuses a stop whose household got a basket since the plan was made.
func stillGranted(b *request.Baskets, q *request.Request, needs []request.Need) error {
	if _, wait, _ := b.Grant(q, needs); len(wait) > 0 {
		return errs.New(errs.Conflict, "dispatch.changed")
	}
	return nil
}
