// Package intake turns a call or a row of a list into a request with its household and needs, and shows what
// it may be the same as; lists of volunteers, crews and places come in by the same door. It warns and never
// blocks: one phone may carry many needs, and "I am still waiting" is a call added to the request that is
// there.
package intake

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/place"
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
		h.ID = household.ID{ID: tx.NewID()}
	}
	if err := locate(ctx, tx, &h); err != nil {
		return nil, err
	}
	if c.Phone != "" && c.Caller == "" {
		h.Phones = withPhone(h.Phones, c.Phone)
	}
	if err := tx.Put(ctx, &h); err != nil {
		return nil, err
	}
	q := &request.Request{ID: request.ID{ID: tx.NewID()}, Household: h.ID, At: tx.Now, Taker: tx.Actor, Caller: c.Caller,
		Phone: c.Phone, MayTell: c.MayTell, Note: c.Note, Calls: 1}
	if err := request.Number(ctx, tx, q, secret); err != nil {
		return nil, err
	}
	if err := tx.Put(ctx, q); err != nil {
		return nil, err
	}
	return q, addNeeds(ctx, tx, q, c.ParseNeeds())
}

// locate finds where a household without a place lives; an address that is not in the book stays without.
func locate(ctx context.Context, tx *store.Tx, h *household.Household) error {
	if h.Where != nil {
		return nil
	}
	hit, err := place.Locate(ctx, tx, string(h.Address))
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err == nil {
		h.Where = &household.Point{Lat: hit.Lat, Lon: hit.Lon, Rough: hit.Rough}
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

func addNeeds(ctx context.Context, tx *store.Tx, q *request.Request, needs []request.Need) error {
	for _, n := range needs {
		n.ID, n.Request, n.Class = request.NeedID{ID: tx.NewID()}, q.ID, n.What.Class()
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
	if !c.Household.Keep {
		h, err := household.Kind.Get(ctx, tx, q.Household.ID)
		if err != nil {
			return nil, err
		}
		h.Keep = false
		if err := tx.Put(ctx, h); err != nil {
			return nil, err
		}
	}
	return q, addNeeds(ctx, tx, q, c.ParseNeeds())
}

// Match is a household that a call may be the same as, with its latest requests.
type Match struct {
	Household *household.Household
	Why       []string // message keys: match.phone, match.address, match.name
	Requests  []MatchRequest
}

// MatchRequest is an earlier request with what is still open in it.
type MatchRequest struct {
	Request *request.Request
	Needs   []request.Need
	Waiting time.Duration // 0 where nothing is open
}

// Matches returns what a call may be the same as: the same phone, the same address. At most ten.
func Matches(ctx context.Context, r store.Reader, phone contact.Phone, address contact.Address, now time.Time) ([]Match, error) {
	why := map[household.ID][]string{}
	var order []household.ID
	add := func(ids []household.ID, key string) {
		for _, h := range ids {
			if why[h] == nil {
				order = append(order, h)
			}
			why[h] = append(why[h], key)
		}
	}
	if phone != "" {
		ids, err := household.ByPhone(ctx, r, phone)
		if err != nil {
			return nil, err
		}
		add(ids, "match.phone")
	}
	if address != "" {
		ids, err := household.ByAddress(ctx, r, address)
		if err != nil {
			return nil, err
		}
		add(ids, "match.address")
	}
	out := make([]Match, 0, min(len(order), 10))
	for _, hid := range order[:min(len(order), 10)] {
		m, err := match(ctx, r, hid, now)
		if err != nil {
			return nil, err
		}
		m.Why = why[hid]
		out = append(out, m)
	}
	return out, nil
}

func match(ctx context.Context, r store.Reader, hid household.ID, now time.Time) (m Match, err error) {
	if m.Household, err = household.Kind.Get(ctx, r, hid.ID); err != nil {
		return m, err
	}
	ids, err := request.OfHousehold(ctx, r, hid)
	if err != nil {
		return m, err
	}
	for _, rid := range ids[:min(len(ids), 3)] {
		q, err := request.Kind.Get(ctx, r, rid.ID)
		if err != nil {
			return m, err
		}
		needs, err := request.Needs(ctx, r, rid)
		if err != nil {
			return m, err
		}
		mr := MatchRequest{Request: q, Needs: needs}
		for _, n := range needs {
			if n.Status == request.Open || n.Status == request.Planned {
				mr.Waiting = now.Sub(q.At)
			}
		}
		m.Requests = append(m.Requests, mr)
	}
	return m, nil
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
