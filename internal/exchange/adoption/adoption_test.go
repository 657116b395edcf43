package adoption_test

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/adoption"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

var noon = time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC)

type network struct {
	t       *testing.T
	papers  []holders.Secret
	h       ledger.Holders
	a, b, c *store.DB // Almaty, which is destroyed; Taldykorgan, which goes on; Astana, which has a paper
}

// three centres that know each other and have the same key-holders; Almaty's names lie at Taldykorgan too.
func three(t *testing.T) *network {
	t.Helper()
	n := &network{t: t, a: open(t, "Оқу Алматы"), b: open(t, "Оқу Талдықорған"), c: open(t, "Оқу Астана")}
	all := []*store.DB{n.a, n.b, n.c}
	for _, x := range all {
		for _, y := range all {
			if x != y {
				n.pair(x, y)
			}
		}
	}
	for range holders.Count {
		s, err := holders.NewSecret(rand.Reader)
		n.ok(err)
		n.papers = append(n.papers, s)
	}
	var err error
	n.h, err = holders.Of(n.papers...)
	n.ok(err)
	for _, x := range all {
		n.ok(holders.Say(t.Context(), x, store.Actor{}, n.h))
	}
	return n
}

func (n *network) ok(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

func open(t *testing.T, name string) *store.DB {
	t.Helper()
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "centre"),
		Kinds: []store.Registered{centre.Kind, household.Kind, request.Kind, request.NeedKind, request.WordKind, request.CallbackKind},
		KDF:   store.KDF{Time: 1, Memory: 64, Threads: 1}, Now: func() time.Time { return noon }}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: name, Zone: centre.DefaultZone, Langs: []string{"kk"}})
	})
	return db
}

func write(t *testing.T, db *store.DB, fn func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func (n *network) pair(at, of *store.DB) {
	n.t.Helper()
	raw, err := exchange.Card(n.t.Context(), of, store.Actor{})
	n.ok(err)
	card, err := exchange.ReadCard(raw)
	n.ok(err)
	n.ok(exchange.Pair(n.t.Context(), at, store.Actor{}, card))
}

func (n *network) carry(from, to *store.DB) exchange.Read {
	n.t.Helper()
	w, err := exchange.WriteBundle(n.t.Context(), from, to.Centre(), n.t.TempDir())
	n.ok(err)
	r, err := exchange.ReadBundle(n.t.Context(), to, w.Files[0])
	n.ok(err)
	return r
}

// call takes a call for somebody invented; planned says that the need is on a run.
func (n *network) call(db *store.DB, ref id.Ref, planned bool) (*request.Request, *request.Need) {
	n.t.Helper()
	h := &household.Household{Head: contact.Name("Ойдан " + string(ref)), Address: "Оқу көшесі 1", Keep: true}
	q, d := &request.Request{Ref: ref, At: noon, Calls: 1}, &request.Need{What: request.Insulin, Class: "medical", Count: 1, Status: request.Open}
	write(n.t, db, func(ctx context.Context, tx *store.Tx) error {
		h.ID.ID, q.ID.ID, d.ID.ID = tx.NewID(), tx.NewID(), tx.NewID()
		q.Household, d.Request = h.ID, q.ID
		if planned {
			d.Stand(request.Planned, tx.NewID(), noon, noon)
		}
		return errors.Join(tx.Put(ctx, h), tx.Put(ctx, q), tx.Put(ctx, d))
	})
	return q, d
}

// signed is a statement with two papers: one typed at each of two places.
func (n *network) signed(at *store.DB, from, to id.ID, end bool) *holders.Statement {
	n.t.Helper()
	s, err := holders.Prepare(n.t.Context(), at, from, to, end, time.Time{})
	n.ok(err)
	n.ok(s.Sign(n.h, n.papers[0]))
	text, err := s.Text()
	n.ok(err)
	s, err = holders.Read(text)
	n.ok(err)
	n.ok(s.Sign(n.h, n.papers[1]))
	return s
}

// settled puts a need where it was brought.
func (n *network) settled(db *store.DB, need *request.Need, as request.Status) error {
	return db.Write(n.t.Context(), store.Actor{}, func(tx *store.Tx) error {
		v, err := request.NeedKind.Get(n.t.Context(), tx, need.ID.ID)
		if err != nil {
			return err
		}
		v.Stand(as, id.ID{}, tx.Now, tx.Now)
		return tx.Put(n.t.Context(), v)
	})
}

func (n *network) owner(db *store.DB, rid id.ID) id.ID {
	n.t.Helper()
	h, err := store.Held(n.t.Context(), db, rid)
	n.ok(err)
	return h.Owner
}

// sound proves that each centre's tables follow from its ledger, and that all say the same of who has a record.
func (n *network) sound(records ...id.ID) {
	n.t.Helper()
	for _, db := range []*store.DB{n.a, n.b, n.c} {
		if _, err := db.Verify(n.t.Context()); err != nil {
			n.t.Error(err)
		}
		if before, after, err := db.Rebuild(n.t.Context()); err != nil || before != after {
			n.t.Error("the tables are not what the ledger says:", before, after, err)
		}
	}
	for _, rid := range records {
		if x, y, z := n.owner(n.a, rid), n.owner(n.b, rid), n.owner(n.c, rid); x != y || y != z {
			n.t.Error("the centres do not agree on who has it:", x, y, z)
		}
	}
}

// TestADestroyedCentreIsGoneOnFor goes the whole way: names entrusted, a centre destroyed, two papers at two places, its
// records adopted with names, work gone on, the centre comes back with work of its own, and nothing is lost.
func TestADestroyedCentreIsGoneOnFor(t *testing.T) {
	n := three(t)
	q1, d1 := n.call(n.a, "472190", false)
	q2, d2 := n.call(n.a, "583181", true)
	write(t, n.a, func(ctx context.Context, tx *store.Tx) error { return exchange.Entrust(ctx, tx, n.b.Centre(), true) })
	n.carry(n.a, n.b)
	n.carry(n.a, n.c)
	q3, _ := n.call(n.a, "614023", false) // after the last stick: nobody else knows of it

	// names lie at Taldykorgan, and nobody there sees them
	if _, err := household.Kind.Get(t.Context(), n.b, q1.Household.ID); err == nil {
		rows, err := store.One[int](t.Context(), n.b, "household", "SELECT count(*) FROM household")
		if err != nil || rows != 0 {
			t.Error("what was entrusted is shown:", rows, err)
		}
	}
	s, err := adoption.Look(t.Context(), n.b, n.a.Centre())
	if err != nil || s.Requests != 2 || s.Open != 1 || s.Planned != 1 || s.Named != 2 || s.Nameless != 0 || !s.Until.Equal(noon) {
		t.Errorf("what there is to go on with: %+v %v", s, err)
	}
	if s, err = adoption.Look(t.Context(), n.c, n.a.Centre()); err != nil || s.Named != 0 || s.Nameless != 2 {
		t.Errorf("who was not entrusted has names: %+v %v", s, err)
	}

	if _, err := adoption.Adopt(t.Context(), n.b, store.Actor{}, n.a.Centre()); !errs.Is(err, errs.Denied) {
		t.Error("adopted without key-holders:", err)
	}
	n.ok(holders.Publish(t.Context(), n.b, store.Actor{}, n.signed(n.b, n.a.Centre(), n.b.Centre(), false)))
	got, err := adoption.Adopt(t.Context(), n.b, store.Actor{}, n.a.Centre())
	if err != nil || got.Requests != 2 || got.Records != 6 || got.Out != 1 {
		t.Fatalf("adopted: %+v %v", got, err)
	}
	if again, err := adoption.Adopt(t.Context(), n.b, store.Actor{}, n.a.Centre()); err != nil || again.Records != 0 {
		t.Errorf("adopted twice: %+v %v", again, err)
	}
	if h, err := household.Kind.Get(t.Context(), n.b, q1.Household.ID); err != nil || h.Head != "Ойдан 472190" {
		t.Error("the name is not there:", h, err)
	}
	if v, err := request.NeedKind.Get(t.Context(), n.b, d2.ID.ID); err != nil || v.Status != request.Open {
		t.Error("what stood on a run that nobody ends:", v, err)
	}
	if teams, err := exchange.Teams(t.Context(), n.b); err != nil || len(teams) != 1 || teams[0].Need.ID != d2.ID.ID || teams[0].Ref != q2.Ref || teams[0].Centre != "Оқу Алматы" {
		t.Errorf("nobody is warned that a crew may have gone: %+v %v", teams, err)
	}
	n.ok(n.settled(n.b, d1, request.Done))

	// Almaty comes back, and does not know: its crew brought what Taldykorgan brought too
	n.ok(n.settled(n.a, d1, request.Done))
	n.ok(n.settled(n.a, d2, request.Cancelled))
	n.carry(n.b, n.a)
	if err := n.settled(n.a, d2, request.Done); !errs.Is(err, errs.Conflict) {
		t.Error("who came back writes into what is another's now:", err)
	}
	back, err := adoption.Returns(t.Context(), n.a)
	if err != nil || len(back) != 1 {
		t.Fatal("what became of us:", back, err)
	}
	waits, accepted, declined := back[0].Tally()
	if r := back[0]; r.To != n.b.Centre() || len(r.Requests) != 2 || r.Done != 1 || r.Open != 1 || waits != 2 || accepted+declined != 0 {
		t.Errorf("%d requests, done %d, open %d, waits %d accepted %d declined %d", len(r.Requests), r.Done, r.Open, waits, accepted, declined)
	}
	if n.owner(n.a, q3.ID.ID) != n.a.Centre() {
		t.Error("a request that nobody else knew of is not ours any more")
	}

	// what it wrote is proposed there; one is accepted, and it hears of that
	if r := n.carry(n.a, n.b); r.Proposed != 2 {
		t.Error("proposed there:", r.Proposed)
	}
	teams, err := exchange.Teams(t.Context(), n.b)
	if err != nil || len(teams) != 2 || teams[0].How == teams[1].How {
		t.Errorf("both brought it, and nobody is told: %+v %v", teams, err)
	}
	write(t, n.b, func(ctx context.Context, tx *store.Tx) error { return exchange.Rang(ctx, tx, d2.ID.ID, n.a.Centre()) })
	if teams, err = exchange.Teams(t.Context(), n.b); err != nil || len(teams) != 1 || teams[0].Need.ID != d1.ID.ID || teams[0].How != exchange.ByBoth {
		t.Errorf("after ringing: %+v %v", teams, err)
	}
	if teams, err = exchange.Teams(t.Context(), n.a); err != nil || len(teams) != 1 || teams[0].Other != n.b.Centre() || teams[0].How != exchange.ByBoth {
		t.Errorf("who came back is not told: %+v %v", teams, err)
	}
	inbox, err := exchange.Inbox(t.Context(), n.b)
	if err != nil || len(inbox) != 2 {
		t.Fatal(inbox, err)
	}
	for i, p := range inbox {
		write(t, n.b, func(ctx context.Context, tx *store.Tx) error {
			return exchange.Answer(ctx, tx, p.Record, p.Name, i == 0)
		})
	}
	if more, err := adoption.Adopt(t.Context(), n.b, store.Actor{}, n.a.Centre()); err != nil || more.Requests != 1 {
		t.Errorf("the request that came late is not gone on with: %+v %v", more, err)
	}
	n.carry(n.b, n.a)
	n.carry(n.b, n.c)
	if back, err = adoption.Returns(t.Context(), n.a); err != nil {
		t.Fatal(err)
	}
	if waits, accepted, declined = back[0].Tally(); waits != 0 || accepted != 1 || declined != 1 || len(back[0].Requests) != 3 {
		t.Error("it does not hear what was answered:", waits, accepted, declined)
	}
	n.sound(q1.ID.ID, q2.ID.ID, q3.ID.ID, d1.ID.ID, d2.ID.ID, q1.Household.ID)
}

// TestBothSidesOfASplitGoOn: two centres were let to go on for one; the higher warrant has all of a household, and what the
// other wrote is proposed to it.
func TestBothSidesOfASplitGoOn(t *testing.T) {
	n := three(t)
	q, d := n.call(n.a, "472190", false)
	n.carry(n.a, n.b)
	n.carry(n.a, n.c)
	n.ok(holders.Publish(t.Context(), n.b, store.Actor{}, n.signed(n.b, n.a.Centre(), n.b.Centre(), false)))
	n.ok(holders.Publish(t.Context(), n.c, store.Actor{}, n.signed(n.c, n.a.Centre(), n.c.Centre(), false)))
	for _, db := range []*store.DB{n.b, n.c} {
		if got, err := adoption.Adopt(t.Context(), db, store.Actor{}, n.a.Centre()); err != nil || got.Requests != 1 {
			t.Fatal(got, err)
		}
		n.ok(n.settled(db, d, request.Done))
	}
	n.carry(n.b, n.c)
	n.carry(n.c, n.b)
	n.carry(n.b, n.a)
	n.carry(n.c, n.a)
	n.sound(q.ID.ID, d.ID.ID, q.Household.ID)
	winner, loser := n.b, n.c
	if n.owner(n.b, q.ID.ID) == n.c.Centre() {
		winner, loser = n.c, n.b
	}
	for _, rid := range []id.ID{q.ID.ID, d.ID.ID, q.Household.ID} {
		if n.owner(n.a, rid) != winner.Centre() {
			t.Error("a household's records went apart")
		}
	}
	splits, err := adoption.Splits(t.Context(), loser)
	if err != nil || len(splits) != 1 || splits[0].Winner.To != winner.Centre() || len(splits[0].Others) != 1 || splits[0].Others[0].To != loser.Centre() {
		t.Errorf("the split is not told: %+v %v", splits, err)
	}
	if inbox, err := exchange.Inbox(t.Context(), winner); err != nil || len(inbox) != 0 && inbox[0].From == "" {
		t.Error(inbox, err)
	}
}

// TestAStolenCentreEnds: what it wrote until then counts, what the thief writes after does not, and its records go on
// elsewhere.
func TestAStolenCentreEnds(t *testing.T) {
	n := three(t)
	q, _ := n.call(n.a, "472190", false)
	n.carry(n.a, n.b)
	n.ok(holders.Publish(t.Context(), n.b, store.Actor{}, n.signed(n.b, n.a.Centre(), n.b.Centre(), true)))
	if got, err := adoption.Adopt(t.Context(), n.b, store.Actor{}, n.a.Centre()); err != nil || got.Requests != 1 {
		t.Fatal(got, err)
	}
	late, _ := n.call(n.a, "583181", false)
	w, err := exchange.WriteBundle(t.Context(), n.a, n.b.Centre(), t.TempDir())
	n.ok(err)
	if _, err := exchange.ReadBundle(t.Context(), n.b, w.Files[0]); !errs.Is(err, errs.Denied) {
		t.Error("what a thief writes is taken in:", err)
	}
	if s, err := adoption.Look(t.Context(), n.b, n.a.Centre()); err != nil || s.Requests != 0 {
		t.Errorf("what a thief wrote counts: %+v %v", s, err)
	}
	ended, err := adoption.Ended(t.Context(), n.b)
	if err != nil || ended[n.a.Centre()].IsZero() || len(ended) != 1 {
		t.Error("it is not told that it ended:", ended, err)
	}
	if n.owner(n.b, q.ID.ID) != n.b.Centre() {
		t.Error("the record is not whose it should be")
	}
	if _, err := request.ByRef(t.Context(), n.b, late.Ref); !errs.Is(err, errs.NotFound) {
		t.Error("a thief's request is shown:", err)
	}
	n.carry(n.b, n.c)
	if d, err := n.c.Decider(t.Context()); err != nil || !d.Directory.Revoked(ledger.ID(n.a.Centre())) {
		t.Error("the third does not hear of it:", err)
	}
}
