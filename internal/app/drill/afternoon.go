package drill

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// desk writes what lies on the desks at 15:40 beside the calls: people to be called back, words to be brought, what posts and
// hospitals asked for, the note of the morning's shift.
func (l *loader) desk(ctx context.Context) error {
	mark := l.id("note", 0, clock(14, 0))
	return l.db.Write(ctx, l.staff[account.Operator], func(tx *store.Tx) error {
		if there, err := has(ctx, tx, centre.NoteKind, mark); err != nil || there {
			return err
		}
		for _, part := range []func(context.Context, *store.Tx) error{l.callbacks, l.words, l.posts, l.afterShift} {
			if err := part(ctx, tx); err != nil {
				return err
			}
		}
		text, ask := demo.Lesson()
		tx.Date(clock(14, 0))
		n := &centre.ShiftNote{Text: contact.Note(text), Ask: contact.Note(ask), By: l.staff[account.Coordinator], At: clock(14, 0)}
		n.ID.ID = mark
		return tx.Put(ctx, n)
	})
}

func (l *loader) callbacks(ctx context.Context, tx *store.Tx) error {
	for i, d := range demo.Callbacks(l.seed) {
		c := &request.Callback{Phone: contact.Phone(d.Phone), Name: contact.Name(d.Name), Why: contact.Note(d.Why), At: d.At, After: d.After, Tries: d.Tries}
		c.ID.ID = l.id("callback", i, d.At)
		if d.About >= 0 {
			c.Request = l.requestID(d.About)
		}
		tx.Date(d.At)
		if err := c.Validate(); err != nil {
			return err
		}
		if err := tx.Put(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// words writes down what is to be brought to whom; a message that was brought meanwhile is left alone.
func (l *loader) words(ctx context.Context, tx *store.Tx) error {
	for i, d := range demo.Words(l.seed) {
		at := l.world.Requests[d.Request].At
		n, err := request.NeedKind.Get(ctx, tx, l.needID(d.Request, 0).ID)
		if err != nil {
			return err
		}
		if n.Status != request.Open {
			continue
		}
		w := &request.Word{Need: n.ID, To: contact.Name(d.To), Phones: []contact.Phone{contact.Phone(d.Phone)}, Words: contact.Note(d.Words)}
		w.ID.ID = l.id("word", i, at)
		tx.Date(at)
		if err := w.Validate(); err != nil {
			return err
		}
		if err := tx.Put(ctx, w); err != nil {
			return err
		}
		if d.NoAnswer.IsZero() {
			continue
		}
		a := &request.Relay{Need: n.ID, Request: n.Request, Reach: request.NoAnswer, At: d.NoAnswer, Note: demo.Mark}
		a.ID.ID = l.id("relay", i, d.NoAnswer)
		tx.Date(d.NoAnswer)
		if err := tx.Put(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// posts writes what institutions asked for: checked, for somebody of the office knows them.
func (l *loader) posts(ctx context.Context, tx *store.Tx) error {
	for i, d := range demo.Posts() {
		tx.Date(d.At)
		h := &household.Household{Head: contact.Name(d.Landmark.KK + " / " + d.Landmark.RU), Phones: []contact.Phone{contact.Phone(d.Phone)},
			Address: contact.Address(d.Landmark.KK), Where: &household.Point{Lat: d.Landmark.Lat, Lon: d.Landmark.Lon}, Area: l.district(d.Landmark.District), District: l.district(d.Landmark.District),
			Lang: i18n.KK, Post: true, Keep: true, Note: demo.Mark}
		h.ID.ID = l.id("post", i, d.At)
		if err := putHousehold(ctx, tx, h); err != nil {
			return err
		}
		q := &request.Request{Household: h.ID, At: d.At, Taker: tx.Actor, Phone: contact.Phone(d.Phone), Note: contact.Note(d.Said + " · " + demo.Mark), Calls: 1,
			Verified: request.ByPhone, VerifiedBy: l.staff[account.Coordinator], VerifiedAt: d.At.Add(5 * time.Minute)}
		q.ID.ID = l.id("post request", i, d.At)
		if err := request.Number(ctx, tx, q, l.refs()); err != nil {
			return err
		}
		if err := tx.Put(ctx, q); err != nil {
			return err
		}
		if err := l.postNeeds(ctx, tx, i, q.ID, d); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) postNeeds(ctx context.Context, tx *store.Tx, i int, q request.ID, d demo.Post) error {
	for k, want := range d.Needs {
		n := &request.Need{Request: q, What: request.What(want.Kind), Detail: want.Note, Count: want.Quantity, Status: request.Open}
		n.ID, n.Class = request.NeedID{ID: l.id("post need", i*10+k, d.At.Add(time.Duration(k)*time.Millisecond))}, n.What.Class()
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

// afterShift writes the call of the household that lives farthest out: checked, and wanted when the curfew is near.
func (l *loader) afterShift(ctx context.Context, tx *store.Tx) error {
	d := demo.AfterShift(l.farthest())
	tx.Date(d.At)
	q := &request.Request{Household: l.householdID(d.Household), At: d.At, Taker: tx.Actor, Phone: contact.Phone(d.Household.Phone), Note: contact.Note(d.Said + " · " + d.Note),
		Calls: 1, Verified: request.ByPhone, VerifiedBy: l.staff[account.Operator], VerifiedAt: d.At.Add(10 * time.Minute)}
	q.ID.ID = l.id("after shift", 0, d.At)
	if err := request.Number(ctx, tx, q, l.refs()); err != nil {
		return err
	}
	if err := tx.Put(ctx, q); err != nil {
		return err
	}
	n := &request.Need{Request: q.ID, What: request.What(d.Needs[0].Kind), Detail: d.Needs[0].Note, Count: d.Needs[0].Quantity, Status: request.Open,
		After: minuteOf(d.From), Before: minuteOf(d.To)}
	n.ID, n.Class = request.NeedID{ID: l.id("after shift need", 0, d.At)}, n.What.Class()
	if err := n.Validate(); err != nil {
		return err
	}
	return tx.Put(ctx, n)
}

// farthest is the plain household of the city that lives farthest from the office.
func (l *loader) farthest() demo.Household {
	var out demo.Household
	office, far := l.office(), 0.0
	for _, h := range l.world.Households {
		if h.Plant != "" || h.Place.District == "" {
			continue
		}
		if d := math.Hypot(h.Place.Lat-office.Lat, (h.Place.Lon-office.Lon)*math.Cos(office.Lat*math.Pi/180)); d > far {
			out, far = h, d
		}
	}
	return out
}

// list takes the small list that an akimat sent, by the same door as any other.
func (l *loader) list(ctx context.Context) error {
	last, err := list.Recent(ctx, l.db, 1)
	if err != nil || len(last) > 0 && last[0].State == list.Taken {
		return err
	}
	_, err = intake.Import(ctx, l.db, l.staff[account.Coordinator], intake.Households, strings.NewReader(demo.DistrictCSV()),
		intake.Options{Sender: "Бостандық ауданының әкімдігі / акимат Бостандыкского района", File: "otbasylar-12.01.csv", Secret: l.refs()})
	return err
}

// needID names the k-th need of a call.
func (l *loader) needID(i, k int) request.NeedID {
	// a later moment for each, so that they keep the order in which they were said
	return request.NeedID{ID: l.id("need", i*10+k, l.world.Requests[i].At.Add(time.Duration(k)*time.Millisecond))}
}
