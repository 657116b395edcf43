package intake_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// fact is one request that is open or on a run, read from the ledger's records.
type fact struct {
	in   map[string]bool // the views that show it
	area string
	band request.Band
	age  request.Age
}

// facts reads every request that is seen, record by record.
func facts(t *testing.T, db *store.DB, now time.Time) (out []fact) {
	t.Helper()
	ids, err := request.Between(t.Context(), db, time.Unix(0, 0), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, rid := range ids {
		q, err := request.Kind.Get(t.Context(), db, rid)
		if err != nil {
			t.Fatal(err)
		}
		h, err := household.Kind.Get(t.Context(), db, q.Household.ID)
		if err != nil {
			t.Fatal(err)
		}
		needs, err := request.Needs(t.Context(), db, q.ID)
		if err != nil {
			t.Fatal(err)
		}
		n := map[request.Status]int{}
		for _, need := range needs {
			n[need.Status]++
		}
		waits, ready, placed := n[request.Open] > 0, q.Plannable(), h.Where != nil
		if waits || n[request.Planned] > 0 {
			points, _ := request.Urgency(needs, h, now.Sub(q.At), q.Calls)
			out = append(out, fact{area: h.Area, band: request.BandOf(points), age: request.AgeOf(now.Sub(q.At)),
				in: map[string]bool{"open": true, "unchecked": waits && !ready, "noplace": waits && !placed, "ready": waits && ready && placed, "out": n[request.Planned] > 0}})
		}
	}
	return out
}

// plain is the board's counts reckoned the slow way.
func plain(all []fact, f request.Filter) *request.Survey {
	s := &request.Survey{Views: map[string]int{}, Areas: map[string]int{}, Bands: map[request.Band]int{}, Ages: map[request.Age]int{}}
	for _, v := range all {
		for view, is := range v.in {
			if is {
				s.Views[view]++
			}
		}
		a, b, c := f.Area == "" || f.Area == v.area, f.Band == "" || f.Band == v.band, f.Age == "" || f.Age == v.age
		if !v.in[f.View] {
			continue
		}
		if b && c {
			s.Areas[v.area]++
		}
		if a && c {
			s.Bands[v.band]++
		}
		if a && b {
			s.Ages[v.age]++
		}
		if a && b && c {
			s.Found++
		}
	}
	return s
}

// acts does to a small centre, at random, what changes its board.
type acts struct {
	t    *testing.T
	db   *store.DB
	now  time.Time
	rng  *rand.Rand
	live *request.Live
	made []*intake.Result // lists
	did  []string
}

// same holds that what is kept is what a plain scan finds, whatever is chosen.
func (a *acts) same(when string) {
	a.t.Helper()
	kept, err := a.live.Backlog(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	areas, all := []string{"", "Алатау", "Медеу"}, facts(a.t, a.db, a.now)
	for _, view := range request.Views()[:5] {
		f := request.Filter{View: view, Area: areas[a.rng.IntN(3)], Limit: 5000, Now: a.now}
		if a.rng.IntN(2) == 0 {
			f.Band = request.Bands()[a.rng.IntN(3)]
		}
		if a.rng.IntN(2) == 0 {
			f.Age = request.Ages()[a.rng.IntN(3)]
		}
		got, err := kept.Survey(a.t.Context(), a.db, f)
		if err != nil {
			a.t.Fatal(err)
		}
		rows := len(got.Rows)
		got.Rows = nil
		want := plain(all, f)
		if diff := cmp.Diff(want, got); diff != "" || rows != want.Found {
			a.t.Fatalf("%s, %+v, %d rows:\n%s\nthe last acts: %q", when, f, rows, diff, a.did[max(0, len(a.did)-6):])
		}
	}
}

func (a *acts) pick() *request.Request {
	a.t.Helper()
	ids, err := request.Between(a.t.Context(), a.db, time.Unix(0, 0), time.Time{})
	if err != nil {
		a.t.Fatal(err)
	}
	if len(ids) == 0 {
		return nil
	}
	q, err := request.Kind.Get(a.t.Context(), a.db, ids[a.rng.IntN(len(ids))])
	if err != nil {
		a.t.Fatal(err)
	}
	return q
}

func (a *acts) call(tx *store.Tx) error {
	call := intake.Call{Phone: contact.Phone(fmt.Sprintf("+7700%07d", a.rng.IntN(1e7))), Needs: []string{"нан 2", "инсулин", "су"}[:1+a.rng.IntN(3)],
		Household: household.Household{Head: "Ойдан", Keep: true, Address: contact.Address(fmt.Sprintf("Абай %d", len(a.did))), Area: []string{"", "Алатау"}[a.rng.IntN(2)]}}
	if a.rng.IntN(2) == 0 {
		call.Household.Where = &household.Point{Lat: 43.2, Lon: 76.9}
	}
	_, err := intake.Take(a.t.Context(), tx, call, 7)
	return err
}

// need lets one of a request's needs stand elsewhere.
func (a *acts) need(tx *store.Tx, q *request.Request) error {
	needs, err := request.Needs(a.t.Context(), tx, q.ID)
	if err != nil || len(needs) == 0 {
		return err
	}
	n := needs[a.rng.IntN(len(needs))]
	n.Stand([]request.Status{request.Open, request.Planned, request.Done, request.Cancelled}[a.rng.IntN(4)], id.ID{}, tx.Now, tx.Now)
	return tx.Put(a.t.Context(), &n)
}

func (a *acts) household(tx *store.Tx, q *request.Request) error {
	h, err := household.Kind.Get(a.t.Context(), tx, q.Household.ID)
	if err != nil {
		return err
	}
	h.Area = []string{"", "Алатау", "Медеу"}[a.rng.IntN(3)]
	h.Cares = household.Cares()[:a.rng.IntN(4)]
	h.Where = []*household.Point{nil, {Lat: 43.25, Lon: 76.95}}[a.rng.IntN(2)]
	return tx.Put(a.t.Context(), h)
}

// move gives a request to another's household, as a correction does.
func (a *acts) move(tx *store.Tx, q *request.Request) error {
	if other := a.pick(); other != nil {
		q.Household = other.Household
	}
	q.Calls += a.rng.IntN(3)
	return tx.Put(a.t.Context(), q)
}

func (a *acts) list() {
	var rows strings.Builder
	rows.WriteString("name,phone,address,needs\n")
	for i := range 210 { // two parts
		fmt.Fprintf(&rows, "Ойдан,+7701%03d%04d,Достық %d,нан\n", len(a.did), i, 1000*len(a.did)+i)
	}
	a.made = append(a.made, load(a.t, a.db, intake.Requests, rows.String(), intake.Options{Progress: func(done, _ int) {
		a.now = a.now.Add(time.Second)
		a.same(fmt.Sprintf("%d rows of a list are there", done))
	}}))
}

func (a *acts) back() {
	if len(a.made) == 0 {
		return
	}
	res := a.made[len(a.made)-1]
	a.made = a.made[:len(a.made)-1]
	lid, err := id.Parse(res.List)
	if err != nil {
		a.t.Fatal(err)
	}
	if _, err := intake.Undo(a.t.Context(), a.db, coordinator, list.ID{ID: lid}, func(int, int) { a.same("a list goes back") }); err != nil {
		a.t.Fatal(err)
	}
}

// once does one act at random.
func (a *acts) once() {
	a.t.Helper()
	q, what := a.pick(), a.rng.IntN(40)
	a.did = append(a.did, fmt.Sprint(what))
	switch {
	case what == 0:
		a.list()
		return
	case what == 1:
		a.back()
		return
	case what < 10 || q == nil:
		q = nil
	}
	err := a.db.Write(a.t.Context(), coordinator, func(tx *store.Tx) error {
		switch {
		case q == nil:
			return a.call(tx)
		case what < 22:
			return a.need(tx, q)
		case what < 29:
			return a.household(tx, q)
		case what < 34:
			return a.move(tx, q)
		case what < 39:
			return request.Check(a.t.Context(), tx, q, request.ByPhone)
		}
		return tx.Erase(a.t.Context(), q.Household.ID)
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

// TestTheBoardsCountsAreThoseOfAPlainScan does at random what changes the board, and after each act compares every view's
// counts, under filters at random, with a reading of every record.
func TestTheBoardsCountsAreThoseOfAPlainScan(t *testing.T) {
	for seed := range uint64(2) {
		a := &acts{t: t, now: time.Date(2022, 1, 12, 9, 0, 0, 0, time.UTC), rng: rand.New(rand.NewPCG(seed, 45))}
		db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "c"), Kinds: kinds, Now: func() time.Time { return a.now },
			KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Synchronous: "OFF"}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
		if err != nil {
			t.Fatal(err)
		}
		a.db, a.live = db, request.NewLive(db)
		for range 100 {
			a.now = a.now.Add(time.Duration(a.rng.IntN(40)) * time.Minute)
			a.once()
			a.same("after an act")
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
