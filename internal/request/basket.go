package request

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// Given is a basket that a household had not long ago, or is about to get.
type Given struct {
	Request ID
	Ref     id.Ref
	At      time.Time // when they had it; zero while it is on its way
	Next    time.Time // the day from which the next one may go without a reason; zero while it is on its way
	Centre  string    // the other centre that gave it; "" for our own
}

// Baskets is the rule "one basket for a household in so many days", with what it goes by: the last basket of
// each household, records that are linked counted as one.
type Baskets struct {
	days int
	day  time.Time // midnight in the centre's zone
	root map[household.ID]household.ID
	last map[household.ID]Given
}

// BasketRule reads what the rule needs to know of everybody on a day, which is given by its midnight in the
// centre's zone: days are counted as people count them, so that what came on a Monday evening ends on a Monday
// morning. The number of days is the centre's; with 0 nothing is held back.
func BasketRule(ctx context.Context, r store.Reader, days int, day time.Time) (*Baskets, error) {
	b := &Baskets{days: days, day: day, last: map[household.ID]Given{}}
	if days == 0 {
		return b, nil
	}
	var err error
	if b.root, err = household.Ties(ctx, r); err != nil {
		return nil, err
	}
	return b, b.read(ctx, r, "JOIN request q ON q.id=n.request WHERE n.what='basket' AND (n.settled>=$1 OR n.status='planned')", store.Micro(b.since()))
}

// BasketRuleFor is BasketRule for one household and those that are linked with it.
func BasketRuleFor(ctx context.Context, r store.Reader, days int, day time.Time, h household.ID) (*Baskets, error) {
	b := &Baskets{days: days, day: day, root: map[household.ID]household.ID{}, last: map[household.ID]Given{}}
	if days == 0 {
		return b, nil
	}
	set, err := household.Linked(ctx, r, h)
	if err != nil {
		return nil, err
	}
	args, marks := []any{store.Micro(b.since())}, make([]string, 0, len(set))
	for _, one := range set {
		b.root[one] = h
		args = append(args, one)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
	}
	// ||'' keeps the query to the household's own few needs, and away from the index of all baskets.
	return b, b.read(ctx, r, `JOIN request q ON q.id=n.request WHERE q.household IN (`+strings.Join(marks, ",")+`)
		AND n.what||''='basket' AND (n.settled>=$1 OR n.status||''='planned')`, args...)
}

// since is the beginning of the first day whose baskets still last.
func (b *Baskets) since() time.Time { return b.day.AddDate(0, 0, 1-b.days) }

func (b *Baskets) read(ctx context.Context, r store.Reader, from string, args ...any) error {
	type row struct {
		home household.ID
		Given
	}
	rows, err := store.All(ctx, r, func(s *sql.Rows, v *row) error {
		var at int64
		err := s.Scan(&v.home, &v.Request, &v.Ref, &at)
		v.At = store.At(at)
		return err
	}, "SELECT q.household, q.id, q.ref, n.settled FROM need n "+from+" ORDER BY n.settled, n.id", args...)
	for _, v := range rows {
		b.keep(v.home, v.Given)
	}
	return err
}

// keep counts a basket; those of one household come in the order of their days.
func (b *Baskets) keep(h household.ID, g Given) {
	home := b.of(h)
	if old, ok := b.last[home]; ok && old.At.IsZero() {
		return // one on its way outweighs what was before it
	}
	if !g.At.IsZero() {
		y, m, d := g.At.In(b.day.Location()).Date()
		g.Next = time.Date(y, m, d+b.days, 0, 0, 0, 0, b.day.Location())
	}
	b.last[home] = g
}

// Elsewhere counts the baskets that another centre gave, or is about to, to a household that people here have linked with one
// of ours, as far as that centre tells everybody.
func (b *Baskets) Elsewhere(h household.ID, centre string, theirs []Theirs) {
	if b.days == 0 {
		return
	}
	for _, q := range theirs {
		for _, n := range q.Needs {
			had, comes := n.Status == Done && !n.Settled.Before(b.since()), n.Status == Planned
			if n.Class != string(Basket) || !had && !comes {
				continue
			}
			g := Given{Request: q.ID, Ref: q.Ref, Centre: centre}
			if had {
				g.At = n.Settled
			}
			if old, ok := b.last[b.of(h)]; !ok || comes || old.At.Before(g.At) {
				b.keep(h, g)
			}
		}
	}
}

func (b *Baskets) of(h household.ID) household.ID {
	if top, ok := b.root[h]; ok {
		return top
	}
	return h
}

// Last returns the basket because of which h would have to wait for the next one.
func (b *Baskets) Last(h household.ID) (Given, bool) {
	g, ok := b.last[b.of(h)]
	return g, ok
}

// Grant splits the needs of a request that are open into those that may go out and those that have to wait for
// the rule, with the basket because of which they wait. What may go out counts from then on, so that a plan
// never holds two for one household.
func (b *Baskets) Grant(q *Request, needs []Need) (may, wait []Need, g Given) {
	if b.days == 0 || !slices.ContainsFunc(needs, func(n Need) bool { return n.What == Basket }) {
		return needs, nil, g
	}
	home := b.of(q.Household)
	g, had := b.last[home]
	if q.lets(g) {
		had = false
	}
	for _, n := range needs {
		if n.What != Basket || !had {
			may = append(may, n)
		} else {
			wait = append(wait, n)
		}
	}
	if len(wait) == 0 {
		b.last[home] = Given{Request: q.ID, Ref: q.Ref}
	}
	return may, wait, g
}

// lets reports whether a named person has let the request's basket go out after g.
func (q *Request) lets(g Given) bool { return !q.BasketBy.IsZero() && !q.BasketAt.Before(g.At) }

// Overridden reports whether the rule on baskets was set aside for the request by a named person.
func (q *Request) Overridden() bool { return !q.BasketBy.IsZero() }

// LetBasket records that tx.Actor lets the request's basket go out before its time, and why.
func LetBasket(ctx context.Context, tx *store.Tx, q *Request, why contact.Note) error {
	if tx.Actor.IsZero() {
		return errs.New(errs.Denied, "request.nobody_let")
	}
	f := errs.Fields{}
	why = contact.Note(strings.TrimSpace(string(why)))
	f.Check(why != "", "why", "request.basket_why")
	f.Check(len([]rune(why)) <= 500, "why", "error.too_long")
	if err := f.Err(); err != nil {
		return err
	}
	q.BasketBy, q.BasketAt, q.BasketWhy = tx.Actor, tx.Now, why
	return tx.Put(ctx, q)
}
