// Package intake turns a call or a row of a list into a request with its household and needs, and shows what
// it may be the same as; lists of volunteers, crews and places come in by the same door. It warns and never
// blocks: one phone may carry many needs, and "I am still waiting" is a call added to the request that is
// there.
package intake

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// Call is what an operator has typed while somebody spoke.
type Call struct {
	Household household.Household // its ID set: that household, brought up to date
	Caller    contact.Name        // who asks on their behalf; "" for oneself
	Phone     contact.Phone
	MayTell   bool
	Needs     []string // as typed, one a line
	Note      contact.Note
	Different []household.ID // whom the operator said it is not, though it looked so
	List      list.ID        // that it came with; zero for a call
	Find      *where.Finder  // what looks the address up; nil: the book of places alone
}

// ParseNeeds reads the lines that are not empty.
func (c *Call) ParseNeeds() []request.Need {
	var out []request.Need
	for _, line := range c.Needs {
		if strings.TrimSpace(line) != "" {
			out = append(out, request.ParseNeed(line))
		}
	}
	return out
}

// Validate answers for fields that cannot be taken.
func (c *Call) Validate() error {
	f := errs.Fields{}
	f.Check(len(c.ParseNeeds()) > 0, "needs", "request.no_needs")
	if err := f.Err(); err != nil {
		return err
	}
	if err := c.validateWords(); err != nil {
		return err
	}
	return c.Household.Validate()
}

// validateWords answers for what a call adds, be it the first or a repeated one.
func (c *Call) validateWords() error {
	f := errs.Fields{}
	needs := c.ParseNeeds()
	f.Check(len(needs) <= 20, "needs", "error.too_long")
	for i := range needs {
		var bad *errs.Error
		if err := needs[i].Validate(); errors.As(err, &bad) {
			for field, key := range bad.Fields {
				f.Check(false, field, key)
			}
		}
	}
	f.Check(len([]rune(string(c.Note))) <= 2000, "note", "error.too_long")
	return f.Err()
}

// Take writes the call: the household, new or brought up to date, a request with its ref, and its needs.
func Take(ctx context.Context, tx *store.Tx, c Call, secret uint64) (*request.Request, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	h := c.Household
	if h.ID.IsZero() {
		h.ID, h.List = household.ID{ID: tx.NewID()}, c.List
	}
	if err := locate(ctx, tx, c.Find, &h); err != nil {
		return nil, err
	}
	if c.Phone != "" && c.Caller == "" {
		h.Phones = withPhone(h.Phones, c.Phone)
	}
	if err := tx.Put(ctx, &h); err != nil {
		return nil, err
	}
	q := &request.Request{ID: request.ID{ID: tx.NewID()}, Household: h.ID, At: tx.Now, Taker: tx.Actor, Caller: c.Caller,
		Phone: c.Phone, MayTell: c.MayTell, Note: c.Note, Calls: 1, List: c.List}
	if err := request.Number(ctx, tx, q, secret); err != nil {
		return nil, err
	}
	if err := tx.Put(ctx, q); err != nil {
		return nil, err
	}
	if err := different(ctx, tx, h.ID, c.Different); err != nil {
		return nil, err
	}
	return q, addNeeds(ctx, tx, q, c.List, c.ParseNeeds())
}

// different keeps what the operator said while the call was taken, so that nobody is asked again. One that was
// erased or linked meanwhile does not stand in the way of a call.
func different(ctx context.Context, tx *store.Tx, h household.ID, others []household.ID) error {
	for _, o := range others {
		if o == h || tx.Actor.IsZero() {
			continue
		}
		err := household.Judge(ctx, tx, household.Verdict{A: h.ID, B: o.ID, Says: household.Different})
		if err != nil && !errs.Is(err, errs.Conflict) && !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	return nil
}

// locate finds where a household without a place lives; an address that nothing knows stays without.
func locate(ctx context.Context, tx *store.Tx, find *where.Finder, h *household.Household) error {
	if h.Where != nil {
		find.Sort(h, tx.Now)
		return nil
	}
	found, err := find.Locate(ctx, tx, string(h.Address))
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err == nil {
		p := found.Point()
		h.Where = &p
		h.Area = cmp.Or(h.Area, found.Area())
		find.Sort(h, tx.Now)
	}
	return err
}

func withPhone(have []contact.Phone, p contact.Phone) []contact.Phone {
	for _, old := range have {
		if household.Tail(old) == household.Tail(p) {
			return have
		}
	}
	return append(have, p)
}

func addNeeds(ctx context.Context, tx *store.Tx, q *request.Request, from list.ID, needs []request.Need) error {
	for _, n := range needs {
		n.ID, n.Request, n.Class, n.List = request.NeedID{ID: tx.NewID()}, q.ID, n.What.Class(), from
		if err := tx.Put(ctx, &n); err != nil {
			return err
		}
	}
	return nil
}

// Again adds a repeated call to a request that is there: it counts, and new needs join the others. Who now asks
// not to be kept is not; a consent that was refused stays refused.
func Again(ctx context.Context, tx *store.Tx, rid request.ID, c Call) (*request.Request, error) {
	if err := c.validateWords(); err != nil {
		return nil, err
	}
	q, err := request.Kind.Get(ctx, tx, rid.ID)
	if err != nil {
		return nil, err
	}
	q.Calls++
	if c.Note != "" {
		q.Note = contact.Note(strings.TrimSpace(string(q.Note) + "\n" + string(c.Note)))
	}
	if err := tx.Put(ctx, q); err != nil {
		return nil, err
	}
	if err := reached(ctx, tx, q.Household, c); err != nil {
		return nil, err
	}
	if err := different(ctx, tx, q.Household, c.Different); err != nil {
		return nil, err
	}
	return q, joinNeeds(ctx, tx, q, c.ParseNeeds())
}

// reached keeps what a repeated call tells of the household itself: another phone of theirs, and that they no
// longer want to be kept.
func reached(ctx context.Context, tx *store.Tx, hid household.ID, c Call) error {
	h, err := household.Kind.Get(ctx, tx, hid.ID)
	if err != nil {
		return err
	}
	h.Keep = h.Keep && c.Household.Keep
	if c.Phone != "" && c.Caller == "" {
		h.Phones = withPhone(h.Phones, c.Phone)
	}
	return tx.Put(ctx, h)
}

// joinNeeds adds what is asked for now to what is open: the same thing again is the same thing, and counts as
// often as was said last where that is more.
func joinNeeds(ctx context.Context, tx *store.Tx, q *request.Request, now []request.Need) error {
	open, err := request.Needs(ctx, tx, q.ID)
	if err != nil {
		return err
	}
	var fresh []request.Need
	for _, n := range now {
		i := slices.IndexFunc(open, func(o request.Need) bool {
			return o.Status == request.Open && o.What == n.What && (n.What.Counted() || contact.Fold(o.Detail) == contact.Fold(n.Detail))
		})
		if i < 0 {
			fresh = append(fresh, n)
			continue
		}
		if n.Count > open[i].Count {
			open[i].Count, open[i].Detail = n.Count, n.Detail
			if err := tx.Put(ctx, &open[i]); err != nil {
				return err
			}
		}
	}
	return addNeeds(ctx, tx, q, list.ID{}, fresh)
}

// ParseAges reads children's ages: "1, 6 и 12". ok is false where something else stands there.
func ParseAges(s string) (ages []int, ok bool) {
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '/' }) {
		n, err := strconv.Atoi(w)
		if err != nil {
			if w == "и" || w == "және" || w == "and" {
				continue
			}
			return nil, false
		}
		ages = append(ages, n)
	}
	return ages, true
}
