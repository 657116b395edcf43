package drill

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// callsUntil counts the calls up to a moment.
func (l *loader) callsUntil(t time.Time) int {
	n := 0
	for n < len(l.world.Requests) && !l.world.Requests[n].At.After(t) {
		n++
	}
	return n
}

// households writes those on the akimat's list, duplicates with them.
func (l *loader) households(ctx context.Context) error {
	return l.inPieces(ctx, account.Coordinator, len(l.world.Households), piece,
		func(int) time.Time { return signedUp().AddDate(0, 0, 1) }, // the akimat's list came the day after
		func(tx *store.Tx, i int) (bool, error) {
			return has(ctx, tx, household.Kind, l.householdID(l.world.Households[i]).ID)
		},
		func(tx *store.Tx, i int) error {
			h := l.newHousehold(l.world.Households[i])
			h.Keep = true
			return putHousehold(ctx, tx, h)
		})
}

// householdID follows from the record's own name: H001 of the list, C001 of those who called first.
func (l *loader) householdID(h demo.Household) household.ID {
	var n int
	if _, err := fmt.Sscanf(h.ID[1:], "%d", &n); err != nil {
		panic("drill: household " + h.ID)
	}
	return household.ID{ID: l.id("household "+h.ID[:1], n, signedUp())}
}

func (l *loader) newHousehold(d demo.Household) *household.Household {
	h := &household.Household{ID: l.householdID(d), Head: contact.Name(d.Contact), Phones: []contact.Phone{contact.Phone(d.Phone)},
		Address: contact.Address(d.Place.Address), Flat: orEmpty(d.Place.Flat), Entrance: orEmpty(d.Place.Entrance),
		Floor: orEmpty(d.Place.Floor), Code: d.Place.DoorCode, People: d.People, Children: d.Children, Lang: spoken(d.Language),
		Where: &household.Point{Lat: d.Place.Lat, Lon: d.Place.Lon}, Area: l.district(d.Place.District), District: l.district(d.Place.District), Note: contact.Note(d.Note)}
	if d.Phone2 != "" {
		h.Phones = append(h.Phones, contact.Phone(d.Phone2))
	}
	for _, f := range d.Flags {
		h.Cares = append(h.Cares, household.Care(f))
	}
	if sum := l.sum("speaks "+d.ID[:1], len(d.Contact)+d.Place.House); d.Language == demo.KK && d.People <= 3 && sum[0]%4 == 0 {
		h.Cares = append(h.Cares, household.OnlyLang)
	}
	return h
}

func putHousehold(ctx context.Context, tx *store.Tx, h *household.Household) error {
	if err := h.Validate(); err != nil {
		return err
	}
	return tx.Put(ctx, h)
}

func (l *loader) morning(ctx context.Context) error { return l.calls(ctx, 0, l.untilNoon) }

func (l *loader) afternoon(ctx context.Context) error {
	return l.calls(ctx, l.untilNoon, len(l.world.Requests))
}

// calls writes the calls from until before to.
func (l *loader) calls(ctx context.Context, from, to int) error {
	return l.inPieces(ctx, account.Operator, to-from, piece/5,
		func(i int) time.Time { return l.world.Requests[from+i].At },
		func(tx *store.Tx, i int) (bool, error) {
			for i += from; i < to-1 && l.world.Requests[i].RepeatOf >= 0; i++ { // a repeat has no record of its own
			}
			return has(ctx, tx, request.Kind, l.requestID(i).ID)
		},
		func(tx *store.Tx, i int) error {
			if l.world.Requests[from+i].RepeatOf >= 0 {
				return l.again(ctx, tx, from+i)
			}
			return l.call(ctx, tx, from+i)
		})
}

func (l *loader) requestID(i int) request.ID {
	return request.ID{ID: l.id("request", i, l.world.Requests[i].At)}
}

// call writes a call as it was taken then, and two of three as checked by ringing back since.
func (l *loader) call(ctx context.Context, tx *store.Tx, i int) error {
	d := l.world.Requests[i]
	home := l.householdID(d.Household)
	if strings.HasPrefix(d.Household.ID, "C") {
		if err := l.stranger(ctx, tx, i); err != nil {
			return err
		}
	}
	q := &request.Request{ID: l.requestID(i), Household: home, At: d.At, Taker: tx.Actor, Phone: contact.Phone(d.Household.Phone),
		Note: contact.Note(d.Said + " · " + d.Note), Calls: 1}
	if d.Caller != nil {
		q.Caller, q.Phone, q.MayTell = contact.Name(d.Caller.Name.In(d.Language)), contact.Phone(d.Caller.Phone), i%2 == 0
	}
	if err := request.Number(ctx, tx, q, l.refs()); err != nil {
		return err
	}
	if err := tx.Put(ctx, q); err != nil {
		return err
	}
	if checked := d.At.Add(40 * time.Minute); rungBack(i) && checked.Before(demo.Now()) {
		tx.Date(checked)
		q.Verified, q.VerifiedBy, q.VerifiedAt = request.ByPhone, tx.Actor, checked
		if err := tx.Put(ctx, q); err != nil {
			return err
		}
	}
	tx.Date(d.At)
	return l.needs(ctx, tx, i)
}

// rungBack reports whether somebody has rung back to check a call: of two in three.
func rungBack(i int) bool { return i%3 != 2 }

// kept reports whether the household of a call is on the list or agreed to be kept.
func (l *loader) kept(i int) bool {
	return strings.HasPrefix(l.world.Requests[i].Household.ID, "H") || i%4 != 3
}

// served reports whether a call of the first days was answered before runs were written down here: of three in
// five that were checked and have not rung again. Who did not agree to be kept would be gone; what the store is
// short of was not brought.
func (l *loader) served(i int) bool {
	d := l.world.Requests[i]
	again := slices.ContainsFunc(l.world.Requests, func(r demo.Request) bool { return r.RepeatOf == i })
	short := slices.ContainsFunc(d.Needs, func(n demo.Need) bool { return n.Kind == demo.BabyFood || n.Kind == demo.Insulin })
	return d.At.Before(clock(0, 0).AddDate(0, 0, -1)) && rungBack(i) && l.kept(i) && i%5 < 3 && !again && !short
}

// stranger writes a household of which nobody knew before. Three of four agree to be kept; an address outside
// the city is in no book, so that it waits for somebody to find it on the map.
func (l *loader) stranger(ctx context.Context, tx *store.Tx, i int) error {
	d := l.world.Requests[i].Household
	h := l.newHousehold(d)
	h.Keep = l.kept(i)
	if d.Place.Settlement != "" {
		h.Where = nil
	}
	return putHousehold(ctx, tx, h)
}

func (l *loader) needs(ctx context.Context, tx *store.Tx, i int) error {
	d := l.world.Requests[i]
	for k, want := range d.Needs {
		n := &request.Need{Request: l.requestID(i), What: request.What(want.Kind), Detail: want.Note, Count: want.Quantity, Status: request.Open}
		if l.served(i) {
			n.Status = request.Done
		}
		n.ID, n.Class = l.needID(i, k), n.What.Class()
		if !d.To.IsZero() {
			n.After, n.Before = minuteOf(d.From), minuteOf(d.To)
		}
		if err := n.Validate(); err != nil {
			return err
		}
		if err := tx.Put(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func minuteOf(t time.Time) int { return t.Hour()*60 + t.Minute() }

// again counts one more call about the same, unless help has come meanwhile.
func (l *loader) again(ctx context.Context, tx *store.Tx, i int) error {
	first := i
	for l.world.Requests[first].RepeatOf >= 0 {
		first = l.world.Requests[first].RepeatOf
	}
	needs, err := request.Needs(ctx, tx, l.requestID(first))
	if err != nil {
		return err
	}
	waits := false
	for _, n := range needs {
		waits = waits || n.Status == request.Open || n.Status == request.Planned
	}
	if !waits {
		return nil
	}
	q, err := request.Kind.Get(ctx, tx, l.requestID(first).ID)
	if err != nil {
		return err
	}
	q.Calls++
	q.Note = contact.Note(string(q.Note) + "\n" + l.world.Requests[i].Said)
	return tx.Put(ctx, q)
}
