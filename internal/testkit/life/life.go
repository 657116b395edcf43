// Package life writes what a front office writes in busy days, for figures that must hold for real entries and not for ones
// that are all alike: the invented people of the drill ring, are looked up, checked, driven to and closed, each act in a
// write of its own and at a time of its own. Acts go through the nouns and verbs that the pages use.
package life

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

// Kinds are those of a front office: for a store that holds nothing else.
func Kinds() []store.Registered {
	return []store.Registered{centre.Kind, place.Kind, area.Kind, list.Kind, household.Kind, household.LookKind, household.VerdictKind, request.Kind, request.NeedKind,
		volunteer.Kind, crew.Kind, run.Kind, run.OutcomeKind, run.CheckKind}
}

// Clock goes on a little with every act.
type Clock struct{ micro atomic.Int64 }

// NewClock returns a clock that stands at a moment.
func NewClock(at time.Time) *Clock {
	c := &Clock{}
	c.micro.Store(at.UnixMicro())
	return c
}

// Now is what the clock says: for store.Config.
func (c *Clock) Now() time.Time { return time.UnixMicro(c.micro.Load()).UTC() }

func (c *Clock) pass(d time.Duration) { c.micro.Add(d.Microseconds()) }

// Office is a front office at work.
type Office struct {
	DB    *store.DB
	Clock *Clock        // the database's
	Pace  time.Duration // from one act to the next, on average
	Seed  uint64

	staff []store.Actor
}

// Until lets the office work until its ledger holds so many entries, about.
func (o *Office) Until(ctx context.Context, entries int) error {
	for range 7 {
		o.staff = append(o.staff, o.person())
	}
	for seed := o.Seed << 20; ; seed++ {
		n, err := store.LastEntry(ctx, o.DB)
		if err == nil && n < int64(entries) {
			err = o.shift(ctx, seed, entries)
		}
		if err != nil || n >= int64(entries) {
			return err
		}
	}
}

func (o *Office) person() store.Actor {
	var b [16]byte
	rng := rand.New(rand.NewPCG(o.Seed, uint64(len(o.staff)))) //nolint:gosec // the same people each time
	for i := range b {
		b[i] = byte(rng.Uint32()) //nolint:gosec // eight bits of it
	}
	v, _ := id.From(o.Clock.Now(), nonce(b[:])) // sixteen bytes are enough for it
	return v
}

// nonce reads the same bytes again and again.
type nonce []byte

func (n nonce) Read(p []byte) (int, error) { return copy(p, n), nil }

// shift is what the office does with a seed's calls.
type shift struct {
	o       *Office
	rng     *rand.Rand
	homes   map[string]household.ID
	taken   map[int]request.ID
	waiting []run.Stop
	runs    int
}

func (o *Office) shift(ctx context.Context, seed uint64, entries int) error {
	rng := rand.New(rand.NewPCG(seed, 3)) //nolint:gosec // as above
	s := &shift{o: o, rng: rng, homes: map[string]household.ID{}, taken: map[int]request.ID{}}
	for i, d := range demo.Requests(seed) {
		if i%20 == 0 {
			if n, err := store.LastEntry(ctx, o.DB); err != nil || n >= int64(entries) {
				return err
			}
		}
		if err := s.call(ctx, i, d); err != nil {
			return fmt.Errorf("call %d of seed %d: %w", i, seed, err)
		}
		if len(s.waiting) >= 8 {
			if err := s.outing(ctx); err != nil {
				return fmt.Errorf("outing of seed %d: %w", seed, err)
			}
		}
	}
	return nil
}

// act is one write by one of the staff.
func (s *shift) act(ctx context.Context, fn func(tx *store.Tx) error) error {
	s.o.Clock.pass(time.Duration(s.rng.ExpFloat64() * float64(s.o.Pace)))
	return s.o.DB.Write(ctx, s.o.staff[s.rng.IntN(len(s.o.staff))], fn)
}

func (s *shift) chance(percent int) bool { return s.rng.IntN(100) < percent }

// call is a call and what follows at the desk: the household's page is looked at, somebody rings back and checks.
func (s *shift) call(ctx context.Context, i int, d demo.Request) error {
	if q, again := s.taken[d.RepeatOf]; again && d.RepeatOf >= 0 {
		return s.act(ctx, func(tx *store.Tx) error {
			_, err := intake.Again(ctx, tx, q, intake.Call{Note: contact.Note(d.Said)})
			return err
		})
	}
	c := intake.Call{Household: homeOf(d.Household), Phone: contact.Phone(d.Household.Phone), Note: contact.Note(d.Said + " · " + d.Note), Needs: lines(d)}
	c.Household.ID = s.homes[d.Household.ID]
	if d.Caller != nil {
		c.Caller, c.Phone, c.MayTell = contact.Name(d.Caller.Name.In(d.Language)), contact.Phone(d.Caller.Phone), true
	}
	var q *request.Request
	err := s.act(ctx, func(tx *store.Tx) (err error) {
		q, err = intake.Take(ctx, tx, c, s.o.Seed)
		return err
	})
	if err != nil {
		return err
	}
	s.homes[d.Household.ID], s.taken[i] = q.Household, q.ID
	for s.chance(45) {
		if err := s.look(ctx, q.Household); err != nil {
			return err
		}
	}
	if !s.chance(85) {
		return nil
	}
	if err := s.act(ctx, func(tx *store.Tx) error { return request.Check(ctx, tx, q, request.ByPhone) }); err != nil {
		return err
	}
	stop, err := s.stop(ctx, q.ID)
	s.waiting = append(s.waiting, stop)
	return err
}

func (s *shift) look(ctx context.Context, h household.ID) error {
	return s.act(ctx, func(tx *store.Tx) error {
		l := &household.Look{Household: h.ID, Account: tx.Actor, Page: "request"}
		l.ID.ID = tx.NewID()
		return tx.Put(ctx, l)
	})
}

func (s *shift) stop(ctx context.Context, q request.ID) (run.Stop, error) {
	out := run.Stop{Request: q.ID, Arrive: 9*3600 + s.rng.Int32N(8*3600)}
	out.Leave = out.Arrive + 600
	needs, err := request.Needs(ctx, s.o.DB, q)
	for _, n := range needs {
		out.Needs = append(out.Needs, n.ID.ID)
	}
	return out, err
}

// outing is a crew's run with what waits: issued, out, told stop by stop, home, its sheet counted back. Who was not at home
// waits for the next.
func (s *shift) outing(ctx context.Context) error {
	r := &run.Run{Number: s.runs + 1, CrewNo: 1 + s.rng.IntN(12), Day: s.o.Clock.Now().Format(time.DateOnly), Depart: 9 * 3600, Back: 18 * 3600, Stops: s.waiting}
	s.runs, s.waiting = s.runs+1, nil
	if err := s.issue(ctx, r); err != nil {
		return err
	}
	if err := s.step(ctx, r.ID, run.Out); err != nil {
		return err
	}
	for i, stop := range r.Stops {
		if err := s.tell(ctx, r.ID, i+1, stop); err != nil {
			return err
		}
	}
	return errors.Join(s.step(ctx, r.ID, run.Home), s.step(ctx, r.ID, run.SheetBack))
}

func (s *shift) issue(ctx context.Context, r *run.Run) error {
	return s.act(ctx, func(tx *store.Tx) error {
		if r.ID.IsZero() {
			r.ID.ID, r.Crew = tx.NewID(), tx.NewID()
		}
		if err := tx.Put(ctx, r); err != nil {
			return err
		}
		for _, stop := range r.Stops {
			for _, rid := range stop.Needs {
				n, err := request.NeedKind.Get(ctx, tx, rid)
				if err != nil {
					return err
				}
				n.Stand(request.Planned, r.ID.ID, tx.Now, tx.Now)
				if err := tx.Put(ctx, n); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (s *shift) tell(ctx context.Context, r run.ID, n int, stop run.Stop) error {
	res, note := run.Delivered, contact.Note("")
	switch p := s.rng.IntN(100); {
	case p < 6:
		res, note = run.Nobody, contact.Note(fmt.Sprint("есік ашылмады, қоңырау соғылды ", s.rng.IntN(5)))
	case p < 8:
		res = run.Refused
	}
	if res == run.Nobody {
		s.waiting = append(s.waiting, stop)
	}
	return s.act(ctx, func(tx *store.Tx) error { return dispatch.Report(ctx, tx, r, n, res, tx.Now, note) })
}

func (s *shift) step(ctx context.Context, r run.ID, step run.Step) error {
	return s.act(ctx, func(tx *store.Tx) error {
		c := &run.Check{Run: r.ID, Step: step, At: tx.Now}
		c.ID.ID = tx.NewID()
		return tx.Put(ctx, c)
	})
}

func homeOf(d demo.Household) household.Household {
	h := household.Household{Head: contact.Name(d.Contact), Phones: []contact.Phone{contact.Phone(d.Phone)}, Address: contact.Address(d.Place.Address),
		Flat: number(d.Place.Flat), Entrance: number(d.Place.Entrance), Floor: number(d.Place.Floor), Code: d.Place.DoorCode,
		People: d.People, Children: d.Children, Lang: i18n.Lang(d.Language), Where: &household.Point{Lat: d.Place.Lat, Lon: d.Place.Lon},
		Area: d.Place.District, District: d.Place.District, Note: contact.Note(d.Note), Keep: true, Wording: "2026-1"}
	for _, f := range d.Flags {
		h.Cares = append(h.Cares, household.Care(f))
	}
	return h
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// said is how an operator types a need, by its kind.
var said = map[demo.Kind]string{demo.Basket: "себет", demo.Bread: "нан", demo.BabyFood: "бала тамағы", demo.Diapers: "жөргек", demo.Medicine: "дәрі", demo.Insulin: "инсулин",
	demo.HotMeal: "ыстық тамақ", demo.Water: "су", demo.Hygiene: "гигиена", demo.Ride: "ауруханаға апару", demo.Visit: "бару", demo.Message: "хабар"}

func lines(d demo.Request) (out []string) {
	for _, n := range d.Needs {
		line := fmt.Sprint(said[n.Kind], " ", n.Quantity)
		if n.Kind == demo.Other {
			line = "көмек керек"
		}
		out = append(out, line+" "+d.Window)
	}
	return out
}
