package intake

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/names"
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
	Sure      bool                   // as good as certain; otherwise perhaps
	Why       []Reason
	Requests  []MatchRequest

	bits float64
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

// Matches returns what a call may be the same as, the likeliest first: by phone, by address, and by what the name
// sounds like where there is a register. Records that are linked stand together, once. At most ten.
func Matches(ctx context.Context, r store.Reader, g *Register, a Asked, now time.Time) ([]Match, error) {
	ids, err := find(ctx, r, g, a)
	if err != nil {
		return nil, err
	}
	shown, err := setsOf(ctx, r, a.Not)
	if err != nil {
		return nil, err
	}
	var out []Match
	for _, hid := range ids {
		if shown[hid] {
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
		}
		if m.weigh(g, a.record(), now) {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b Match) int { return cmp.Compare(b.bits, a.bits) })
	return out[:min(len(out), maxMatches)], nil
}

// record is what is compared of a call.
func (a Asked) record() names.Record {
	r := names.Record{Name: string(a.Name), Address: withFlat(string(a.Address), a.Flat)}
	if a.Phone != "" {
		r.Phones = []string{a.Phone.String()}
	}
	return r
}

// weigh compares the records of a match with what is asked and keeps what the likeliest says. It reports whether
// there is anything left: a record that was erased has nothing.
func (m *Match) weigh(g *Register, asked names.Record, now time.Time) bool {
	some := false
	for _, h := range append([]*household.Household{m.Household}, m.Linked...) {
		if gone(h) {
			continue
		}
		e := g.compare(asked, recordOf(h, now))
		if !some || e.Bits > m.bits {
			m.bits, m.Sure, m.Why = e.Bits, sure(e), reasons(e)
		}
		some = true
	}
	return some
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

// find returns the records worth comparing with what was asked, each once.
func find(ctx context.Context, r store.Reader, g *Register, a Asked) ([]household.ID, error) {
	var all []household.ID
	if a.Phone != "" {
		ids, err := household.ByPhone(ctx, r, a.Phone)
		if err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	house := household.HouseKey(a.Address)
	if house != "" {
		ids, err := household.ByHouse(ctx, r, house)
		if err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	if g != nil {
		ids, err := g.like(ctx, names.Record{Name: string(a.Name), Phones: tailed(a.Phone), Address: withFlat(string(a.Address), a.Flat)}, house)
		if err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	seen := map[household.ID]bool{}
	return slices.DeleteFunc(all, func(h household.ID) bool {
		again := seen[h]
		seen[h] = true
		return again
	}), nil
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
			mr, err := Earlier(ctx, r, rid, now)
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

// Earlier reads a request with what is still open in it.
func Earlier(ctx context.Context, r store.Reader, rid request.ID, now time.Time) (mr MatchRequest, err error) {
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
