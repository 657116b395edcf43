package crew_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

var coordinator = id.New(time.UnixMilli(1_640_000_000_000))

func open(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "c"), Kinds: []store.Registered{volunteer.Kind, crew.Kind},
		KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Synchronous: "OFF"}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// person puts a volunteer, seen by the coordinator where seen is set.
func person(ctx context.Context, tx *store.Tx, name string, seen bool) (id.ID, error) {
	v := &volunteer.Volunteer{ID: volunteer.ID{ID: tx.NewID()}, Name: contact.Name(name), Phone: "+77015551234", Adult: volunteer.Said}
	if err := tx.Put(ctx, v); err != nil || !seen {
		return v.ID.ID, err
	}
	return v.ID.ID, volunteer.See(ctx, tx, v.ID)
}

func write(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), coordinator, fn); err != nil {
		t.Fatal(err)
	}
}

func TestFormListAndNumbers(t *testing.T) {
	db := open(t)
	ctx := t.Context()
	var a, b id.ID
	first := &crew.Crew{Vehicle: "Нива", Plate: "000 AAA 02", Baskets: 12, Kilos: 300, From: 480, To: 1320, Pass: "п-1", Lang: i18n.KK, Emergency: "112"}
	write(t, db, func(tx *store.Tx) (err error) {
		if a, err = person(ctx, tx, "Ойдан Бір", true); err != nil {
			return err
		}
		if b, err = person(ctx, tx, "Ойдан Екі", true); err != nil {
			return err
		}
		first.Members = []crew.Member{{Volunteer: a, Role: crew.Driver, Name: "бөтен"}, {Volunteer: b, Role: crew.Navigator}}
		if err := crew.Form(ctx, tx, first); err != nil {
			return err
		}
		second := &crew.Crew{Number: 7, Members: []crew.Member{{Volunteer: a, Role: crew.Driver}}, Posts: true}
		if err := crew.Form(ctx, tx, second); err != nil {
			return err
		}
		return crew.Form(ctx, tx, &crew.Crew{Members: []crew.Member{{Volunteer: b, Role: crew.Driver}}})
	})
	list, err := crew.List(ctx, db)
	if err != nil || len(list) != 3 || list[0].Number != 1 || list[1].Number != 7 || list[2].Number != 8 {
		t.Fatal(list, err)
	}
	got, err := crew.ByNumber(ctx, db, 1)
	if err != nil || got.Void() || len(got.Seen) != 2 || got.Seen[0].By != coordinator || got.Members[0].Name != "Ойдан Бір" || got.Baskets != 12 {
		t.Fatalf("%+v %v", got, err)
	}
	if err := crew.Ready(ctx, db, got); err != nil {
		t.Fatal(err)
	}
	taken := &crew.Crew{Number: 7, Members: first.Members}
	if err := db.Write(ctx, coordinator, func(tx *store.Tx) error { return crew.Form(ctx, tx, taken) }); !errs.Is(err, errs.Conflict) {
		t.Fatal(err)
	}
	write(t, db, func(tx *store.Tx) error { return crew.End(ctx, tx, list[1].ID) })
	if _, err := crew.ByNumber(ctx, db, 7); !errs.Is(err, errs.NotFound) {
		t.Fatal(err)
	}
	ended, err := crew.Get(ctx, db, list[1].ID)
	if err != nil || !errs.Is(crew.Ready(ctx, db, ended), errs.Denied) {
		t.Fatal(ended, err)
	}
	write(t, db, func(tx *store.Tx) error { return crew.Form(ctx, tx, taken) })
	rebuilds(t, db)
}

func rebuilds(t *testing.T, db *store.DB) {
	t.Helper()
	before, after, err := db.Rebuild(t.Context())
	if err != nil || before != after {
		t.Fatal(before, after, err)
	}
}

func TestFormRefuses(t *testing.T) {
	db := open(t)
	ctx := t.Context()
	var seen, said, gone id.ID
	write(t, db, func(tx *store.Tx) (err error) {
		if seen, err = person(ctx, tx, "Көрілген", true); err != nil {
			return err
		}
		if gone, err = person(ctx, tx, "Кеткен", true); err != nil {
			return err
		}
		v, err := volunteer.Kind.Get(ctx, tx, gone)
		if err != nil {
			return err
		}
		v.Ended = true
		if err := tx.Put(ctx, v); err != nil {
			return err
		}
		said, err = person(ctx, tx, "Айтқан", false)
		return err
	})
	of := func(ids ...id.ID) []crew.Member {
		var out []crew.Member
		for _, v := range ids {
			out = append(out, crew.Member{Volunteer: v, Role: crew.Driver})
		}
		return out
	}
	forged := []crew.Attestation{{Volunteer: said, By: coordinator, At: time.Now()}}
	for name, c := range map[string]struct {
		crew crew.Crew
		kind errs.Kind
		key  string
	}{
		"nobody":             {crew.Crew{}, errs.Invalid, "error.fields"},
		"twice":              {crew.Crew{Members: of(seen, seen)}, errs.Invalid, "error.fields"},
		"no role":            {crew.Crew{Members: []crew.Member{{Volunteer: seen}}}, errs.Invalid, "error.fields"},
		"bad shift":          {crew.Crew{Members: of(seen), From: 600, To: 500}, errs.Invalid, "error.fields"},
		"bad language":       {crew.Crew{Members: of(seen), Lang: "xx"}, errs.Invalid, "error.fields"},
		"said only":          {crew.Crew{Members: of(seen, said)}, errs.Denied, "crew.not_seen"},
		"said, forged paper": {crew.Crew{Members: of(said), Seen: forged}, errs.Denied, "crew.not_seen"},
		"ended":              {crew.Crew{Members: of(gone)}, errs.Denied, "crew.ended_volunteer"},
		"unknown":            {crew.Crew{Members: of(coordinator)}, errs.Denied, "crew.unknown"},
		"no identity":        {crew.Crew{Members: of(id.ID{})}, errs.Denied, "crew.unknown"},
	} {
		err := db.Write(ctx, coordinator, func(tx *store.Tx) error { return crew.Form(ctx, tx, &c.crew) })
		var e *errs.Error
		if !errors.As(err, &e) || e.Kind != c.kind || e.Key != c.key || !i18n.Has(e.Key) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list, err := crew.List(ctx, db); err != nil || len(list) != 0 {
		t.Fatal(list, err)
	}
}

func TestVoidIsReadFromTheRecordAlone(t *testing.T) {
	a, b, at := id.ID{1}, id.ID{2}, time.UnixMilli(1_640_000_000_000).UTC()
	paper := func(v id.ID) crew.Attestation { return crew.Attestation{Volunteer: v, By: coordinator, At: at} }
	for name, c := range map[string]struct {
		members []id.ID
		seen    []crew.Attestation
		void    bool
	}{
		"all seen":                 {[]id.ID{a, b}, []crew.Attestation{paper(b), paper(a)}, false},
		"one more paper":           {[]id.ID{a}, []crew.Attestation{paper(a), paper(b)}, false},
		"nobody":                   {nil, []crew.Attestation{paper(a)}, true},
		"no papers":                {[]id.ID{a}, nil, true},
		"one lacks a paper":        {[]id.ID{a, b}, []crew.Attestation{paper(a)}, true},
		"twice the same paper":     {[]id.ID{a, b}, []crew.Attestation{paper(a), paper(a)}, true},
		"seen by nobody":           {[]id.ID{a}, []crew.Attestation{{Volunteer: a, At: at}}, true},
		"seen never":               {[]id.ID{a}, []crew.Attestation{{Volunteer: a, By: coordinator}}, true},
		"a member who is nobody":   {[]id.ID{{}}, []crew.Attestation{paper(id.ID{})}, true},
		"a bad paper, then a good": {[]id.ID{a}, []crew.Attestation{{Volunteer: a}, paper(a)}, false},
	} {
		v := &crew.Crew{Seen: c.seen}
		for _, m := range c.members {
			v.Members = append(v.Members, crew.Member{Volunteer: m, Role: crew.Driver})
		}
		if v.Void() != c.void {
			t.Errorf("%s: void %v", name, v.Void())
		}
	}
}

// TestReadyComparesWithTheRegister holds that a paper which only looks right opens nothing.
func TestReadyComparesWithTheRegister(t *testing.T) {
	db := open(t)
	ctx := t.Context()
	var v id.ID
	var c *crew.Crew
	write(t, db, func(tx *store.Tx) (err error) {
		v, err = person(ctx, tx, "Ойдан", true)
		c = &crew.Crew{Members: []crew.Member{{Volunteer: v, Role: crew.Driver}}}
		return errors.Join(err, crew.Form(ctx, tx, c))
	})
	good := c.Seen[0]
	for name, forged := range map[string]crew.Attestation{
		"by another":      {Volunteer: v, By: id.ID{9}, At: good.At},
		"at another time": {Volunteer: v, By: good.By, At: good.At.Add(time.Hour)},
	} {
		f := *c
		f.Seen = []crew.Attestation{forged}
		if err := crew.Ready(ctx, db, &f); f.Void() || !errs.Is(err, errs.Denied) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := crew.Ready(ctx, db, c); err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *store.Tx) error { return volunteer.Unsee(ctx, tx, volunteer.ID{ID: v}) })
	if err := crew.Ready(ctx, db, c); !errs.Is(err, errs.Denied) {
		t.Fatal(err)
	}
	write(t, db, func(tx *store.Tx) error { return volunteer.See(ctx, tx, volunteer.ID{ID: v}) })
	if err := crew.Ready(ctx, db, c); !errs.Is(err, errs.Denied) { // a new look, an old paper
		t.Fatal(err)
	}
	write(t, db, func(tx *store.Tx) error { return crew.Form(ctx, tx, c) })
	if err := crew.Ready(ctx, db, c); err != nil {
		t.Fatal(err)
	}
}

// world is what the property test plays with: what the law says is kept beside what the program says.
type world struct {
	db     *store.DB
	people []id.ID
	adult  map[id.ID]bool // by the law: a named account has looked, and nothing has changed since
	crews  []crew.ID
}

// TestLawHasNoWayAround plays everything that a program, a person or another machine may write, in any
// order, and holds after each step that no crew is ready with a member whom nobody named has seen.
func TestLawHasNoWayAround(t *testing.T) {
	db := open(t)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{db: db, adult: map[id.ID]bool{}}
		rt.Repeat(map[string]func(*rapid.T){
			"new volunteer":      w.newVolunteer,
			"seen by somebody":   func(rt *rapid.T) { w.see(rt, coordinator) },
			"seen by nobody":     func(rt *rapid.T) { w.see(rt, store.Actor{}) },
			"volunteer changed":  w.change,
			"crew formed":        w.form,
			"crew put directly":  w.putCrew,
			"member added later": w.addMember,
			"":                   w.law,
		})
		if round++; round%25 == 0 {
			rebuilds(t, db)
			w.law(rt)
		}
	})
}

// do writes and fails the test only for defects; a refusal is what the law is for.
func (w *world) do(rt *rapid.T, actor store.Actor, fn func(tx *store.Tx) error) bool {
	err := w.db.Write(rt.Context(), actor, fn)
	if err != nil && errs.Is(err, errs.Internal) {
		rt.Fatal(err)
	}
	return err == nil
}

func (w *world) any(rt *rapid.T) id.ID {
	if len(w.people) == 0 || rapid.IntRange(0, 9).Draw(rt, "stranger") == 0 {
		return rapid.SampledFrom([]id.ID{{}, {1, 2, 3}, coordinator}).Draw(rt, "nobody")
	}
	return rapid.SampledFrom(w.people).Draw(rt, "person")
}

func (w *world) newVolunteer(rt *rapid.T) {
	w.do(rt, store.Actor{}, func(tx *store.Tx) error {
		v := &volunteer.Volunteer{ID: volunteer.ID{ID: tx.NewID()}, Name: "Ойдан", Adult: rapid.SampledFrom([]volunteer.Adult{"", "said", "seen", "sure"}).Draw(rt, "adult")}
		if rapid.Bool().Draw(rt, "when") {
			v.SeenAt = tx.Now // yet nobody
		}
		w.people = append(w.people, v.ID.ID)
		return tx.Put(rt.Context(), v)
	})
}

func (w *world) see(rt *rapid.T, actor store.Actor) {
	v := w.any(rt)
	ok := w.do(rt, actor, func(tx *store.Tx) error { return volunteer.See(rt.Context(), tx, volunteer.ID{ID: v}) })
	if ok && actor.IsZero() && !w.adult[v] {
		rt.Fatal("seen by nobody")
	}
	w.adult[v] = w.adult[v] || ok
}

func (w *world) change(rt *rapid.T) {
	vid := w.any(rt)
	w.do(rt, coordinator, func(tx *store.Tx) error {
		v, err := volunteer.Kind.Get(rt.Context(), tx, vid)
		if err != nil {
			return err
		}
		switch rapid.IntRange(0, 3).Draw(rt, "change") {
		case 0:
			err = volunteer.Unsee(rt.Context(), tx, v.ID)
		case 1:
			v.SeenBy = id.ID{}
			err = tx.Put(rt.Context(), v)
		case 2:
			v.Ended = true
			err = tx.Put(rt.Context(), v)
		case 3:
			err = tx.Erase(rt.Context(), vid)
			return err // erased names: still as adult as before
		}
		w.adult[vid] = false
		return err
	})
}

func (w *world) crew(rt *rapid.T) *crew.Crew {
	c := &crew.Crew{}
	for range rapid.IntRange(0, 3).Draw(rt, "members") {
		c.Members = append(c.Members, crew.Member{Volunteer: w.any(rt), Role: crew.Driver})
	}
	for range rapid.IntRange(0, 3).Draw(rt, "papers") {
		c.Seen = append(c.Seen, crew.Attestation{Volunteer: w.any(rt),
			By: rapid.SampledFrom([]id.ID{{}, coordinator}).Draw(rt, "by"),
			At: rapid.SampledFrom([]time.Time{{}, time.UnixMilli(1_640_000_000_000).UTC()}).Draw(rt, "at")})
	}
	return c
}

func (w *world) form(rt *rapid.T) {
	c := w.crew(rt)
	if w.do(rt, coordinator, func(tx *store.Tx) error {
		return crew.Form(rt.Context(), tx, c)
	}) {
		for _, m := range c.Members {
			if !w.adult[m.Volunteer] {
				rt.Fatal("formed with somebody whom nobody has seen")
			}
		}
		w.crews = append(w.crews, c.ID)
	}
}

func (w *world) putCrew(rt *rapid.T) {
	c := w.crew(rt)
	if w.do(rt, coordinator, func(tx *store.Tx) error {
		c.ID.ID, c.Number = tx.NewID(), 1
		return tx.Put(rt.Context(), c)
	}) {
		w.crews = append(w.crews, c.ID)
	}
}

func (w *world) addMember(rt *rapid.T) {
	if len(w.crews) == 0 {
		return
	}
	cid, vid := rapid.SampledFrom(w.crews).Draw(rt, "crew"), w.any(rt)
	w.do(rt, coordinator, func(tx *store.Tx) error {
		c, err := crew.Get(rt.Context(), tx, cid)
		if err != nil {
			return err
		}
		c.Members = append(c.Members, crew.Member{Volunteer: vid, Role: "packer"})
		if rapid.Bool().Draw(rt, "with a paper") && len(c.Seen) > 0 {
			a := c.Seen[0] // somebody else's
			a.Volunteer = vid
			c.Seen = append(c.Seen, a)
		}
		return tx.Put(rt.Context(), c)
	})
}

func (w *world) law(rt *rapid.T) {
	for _, cid := range w.crews {
		c, err := crew.Get(rt.Context(), w.db, cid)
		if err != nil {
			rt.Fatal(err)
		}
		void, err := store.One[int](rt.Context(), w.db, "crew", "SELECT void FROM crew WHERE id=$1", cid)
		if err != nil || (void == 1) != c.Void() {
			rt.Fatal("table and record differ", void, err)
		}
		lawful := len(c.Members) > 0
		for _, m := range c.Members {
			lawful = lawful && w.adult[m.Volunteer]
		}
		if err := crew.Ready(rt.Context(), w.db, c); err == nil && (!lawful || c.Void()) {
			rt.Fatal(fmt.Sprintf("crew %s may go out: lawful %v, void %v", cid, lawful, c.Void()))
		} else if err != nil && !errs.Is(err, errs.Denied) {
			rt.Fatal(err)
		}
	}
}
