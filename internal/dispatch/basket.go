package dispatch

import (
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/request"
)

// granted takes from a stop the baskets that have to wait for the rule "one basket for a household in so many
// days", and says why; it reports whether anything is left to bring. Insulin does not wait for a basket.
func (w *World) granted(b *request.Baskets, s *Stop) bool {
	may, wait, had := b.Grant(s.Request, s.Needs)
	if len(wait) > 0 {
		key := "dispatch.basket_had"
		if had.At.IsZero() {
			key = "dispatch.basket_coming"
		}
		waits := Stop{Request: s.Request, Household: s.Household, Needs: wait, points: s.points}
		w.refuse = append(w.refuse, Refusal{Stop: waits, Key: key, Args: []any{"ref", had.Ref.String(), "day", had.At.In(w.Day.Location()), "next", had.Next}})
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
