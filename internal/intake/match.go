package intake

import (
	"context"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// Asked is what is known of a household while somebody still speaks.
type Asked struct {
	Name    contact.Name
	Phone   contact.Phone
	Address contact.Address
	Flat    string
	Not     []household.ID // said to be others: not shown again
}

// Match is a household that a call may be the same as, with its latest requests.
type Match struct {
	Household *household.Household
	Linked    []*household.Household // other records of the same household, by what people said
	Why       []string               // message keys: match.phone, match.address, match.name
	Requests  []MatchRequest
}

// Open returns the request that still waits, to which a repeated call is added; nil where none does.
func (m *Match) Open() *MatchRequest {
	for i := range m.Requests {
		if m.Requests[i].Waiting > 0 {
			return &m.Requests[i]
		}
	}
	return nil
}

// MatchRequest is an earlier request with what is still open in it.
type MatchRequest struct {
	Request *request.Request
	Needs   []request.Need
	Waiting time.Duration // 0 where nothing is open
}

// maxMatches is how many households are shown: whoever has more to compare looks at the book.
const maxMatches = 10

// Matches returns what a call may be the same as: the same phone, the same address. Records that are linked
// stand together, once. At most ten.
func Matches(ctx context.Context, r store.Reader, a Asked, now time.Time) ([]Match, error) {
	ids, why, err := find(ctx, r, a)
	if err != nil {
		return nil, err
	}
	shown, err := setsOf(ctx, r, a.Not)
	if err != nil {
		return nil, err
	}
	var out []Match
	for _, hid := range ids {
		if shown[hid] || len(out) == maxMatches {
			continue
		}
		set, err := household.Linked(ctx, r, hid)
		if err != nil {
			return nil, err
		}
		m, err := match(ctx, r, set, now)
		if err != nil {
			return nil, err
		}
		for _, h := range set {
			shown[h] = true
			m.Why = append(m.Why, why[h]...)
		}
		slices.Sort(m.Why)
		m.Why = slices.Compact(m.Why)
		out = append(out, m)
	}
	return out, nil
}

// setsOf returns these records and those that are linked with them.
func setsOf(ctx context.Context, r store.Reader, some []household.ID) (map[household.ID]bool, error) {
	all := map[household.ID]bool{}
	for _, one := range some {
		set, err := household.Linked(ctx, r, one)
		if err != nil {
			return nil, err
		}
		for _, h := range set {
			all[h] = true
		}
	}
	return all, nil
}

// find returns the records that share a phone or an address with what was asked, and what they share.
func find(ctx context.Context, r store.Reader, a Asked) (order []household.ID, why map[household.ID][]string, err error) {
	why = map[household.ID][]string{}
	add := func(ids []household.ID, key string) {
		for _, h := range ids {
			if why[h] == nil {
				order = append(order, h)
			}
			why[h] = append(why[h], key)
		}
	}
	if a.Phone != "" {
		ids, err := household.ByPhone(ctx, r, a.Phone)
		if err != nil {
			return nil, nil, err
		}
		add(ids, "match.phone")
	}
	if a.Address != "" {
		ids, err := household.ByAddress(ctx, r, a.Address)
		if err != nil {
			return nil, nil, err
		}
		add(ids, "match.address")
	}
	return order, why, nil
}

// match gathers what is shown of records that are one household: the three latest requests of all of them.
func match(ctx context.Context, r store.Reader, set []household.ID, now time.Time) (m Match, err error) {
	for i, hid := range set {
		h, err := household.Kind.Get(ctx, r, hid.ID)
		if err != nil {
			return m, err
		}
		if i == 0 {
			m.Household = h
		} else {
			m.Linked = append(m.Linked, h)
		}
		ids, err := request.OfHousehold(ctx, r, hid)
		if err != nil {
			return m, err
		}
		for _, rid := range ids[:min(len(ids), 3)] {
			mr, err := matchRequest(ctx, r, rid, now)
			if err != nil {
				return m, err
			}
			m.Requests = append(m.Requests, mr)
		}
	}
	slices.SortStableFunc(m.Requests, func(a, b MatchRequest) int { return b.Request.At.Compare(a.Request.At) })
	m.Requests = m.Requests[:min(len(m.Requests), 3)]
	return m, nil
}

func matchRequest(ctx context.Context, r store.Reader, rid request.ID, now time.Time) (mr MatchRequest, err error) {
	if mr.Request, err = request.Kind.Get(ctx, r, rid.ID); err != nil {
		return mr, err
	}
	mr.Needs, err = request.Needs(ctx, r, rid)
	for _, n := range mr.Needs {
		if n.Status == request.Open || n.Status == request.Planned {
			mr.Waiting = max(now.Sub(mr.Request.At), time.Minute)
		}
	}
	return mr, err
}
