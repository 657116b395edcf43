package exchange

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// files are a centre's as they stand; they are put back as whoever restores a machine's whole disk does: the program cannot
// see that it happened.
func files(t *testing.T, db *store.DB) (back func() *store.DB) {
	t.Helper()
	kept := map[string][]byte{}
	for _, name := range []string{"jumyla.db", "jumyla.db-wal", "keys.json", "incarnation.json"} {
		b, err := os.ReadFile(filepath.Join(db.Dir(), name))
		if err != nil {
			t.Fatal(err)
		}
		kept[name] = b
	}
	return func() *store.DB {
		t.Helper()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		for name, b := range kept {
			if err := os.WriteFile(filepath.Join(db.Dir(), name), b, 0o600); err != nil { // into the same file: it keeps its inode
				t.Fatal(err)
			}
		}
		again, err := store.Open(t.Context(), config(db.Dir()), store.Secret{Passphrase: passphrase})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = again.Close() })
		return again
	}
}

// TestAForkLosesNothing: A's disk is put back to an hour ago and A works on, under numbers that B has heard of. B keeps both
// branches and hands both on; C too. When A hears of it, by C, it opens again, and what it had lost waits for a person of
// its own; taken over, it is what it was, to everybody.
func TestAForkLosesNothing(t *testing.T) {
	ways := map[string]func(t *testing.T, from, to *store.DB){
		"by sticks": func(t *testing.T, from, to *store.DB) {
			t.Helper()
			take(t, to, bring(t, from, to, t.TempDir()))
		},
		"by a network": func(t *testing.T, from, to *store.DB) {
			t.Helper()
			meet(t, from, to, 400) // both ways
		},
	}
	for name, carry := range ways {
		t.Run(name, func(t *testing.T) { forkedAndHealed(t, carry, name == "by sticks") })
	}
}

func forkedAndHealed(t *testing.T, carry func(t *testing.T, from, to *store.DB), unheard bool) {
	t.Helper()
	a, b := paired(t)
	c := open(t, "Оқу В")
	know(t, a, c)
	know(t, b, c)
	write(t, a, func(ctx context.Context, tx *store.Tx) error { return Entrust(ctx, tx, b.Centre(), true) })
	kept, _ := call(t, a, "472190")
	carry(t, a, b)
	back := files(t, a)
	lost, _ := call(t, a, "583181") // acknowledged, and B has heard of it
	move(t, a, kept.Household, "Оқу көшесі 5")
	carry(t, a, b)
	carry(t, b, a)
	a = back()
	later, _ := call(t, a, "694172")
	carry(t, a, b)
	carry(t, b, c)
	coord := ledger.Lane{Centre: ledger.ID(a.Centre()), Incarnation: 1, Class: ledger.Coord}
	for _, db := range []*store.DB{b, c} {
		if all, err := db.Branches(t.Context(), coord); err != nil || len(all) != 2 {
			t.Fatal("both branches are kept:", all, err)
		}
		for _, q := range []*request.Request{lost, later} {
			if d := decided(t, db, q.ID.ID); unheard && (len(d.Barred) == 0 || len(d.Entries) != 0) {
				t.Error("it is taken for the centre's word while nobody knows which branch is:", d.Barred, d.Entries)
			}
		}
		same(t, db)
	}
	carry(t, c, a)
	carry(t, b, a) // what is sealed of the branch, only B may have
	if forks, err := Forks(t.Context(), a); err != nil || len(forks) == 0 || !forks[0].Ours || !forks[0].Settled {
		t.Error("A does not say that it was copied:", forks, err)
	}
	if d := decided(t, a, later.ID.ID); len(d.Entries) == 0 || len(d.Barred) != 0 {
		t.Error("A has not opened again:", d.Entries, d.Barred)
	}
	inbox, err := Inbox(t.Context(), a)
	if err != nil || len(inbox) == 0 {
		t.Fatal("nobody at A is asked what to do with what it had lost:", inbox, err)
	}
	for _, p := range inbox {
		write(t, a, func(ctx context.Context, tx *store.Tx) error { return Answer(ctx, tx, p.Record, p.Name, true) })
	}
	for _, q := range []*request.Request{kept, lost, later} {
		if got, err := request.Kind.Get(t.Context(), a, q.ID.ID); err != nil || got.Ref != q.Ref {
			t.Error("it was acknowledged, and A has lost it:", got, err)
		}
	}
	at(t, a, kept.Household, "Оқу көшесі 5")
	if h, err := household.Kind.Get(t.Context(), a, lost.Household.ID); err != nil || h.Address != "Оқу көшесі 1" {
		t.Error("its address is not what it was:", h, err)
	}
	carry(t, a, b)
	carry(t, b, c)
	carry(t, a, c)
	for _, db := range []*store.DB{a, b, c} {
		same(t, db)
		for _, q := range []*request.Request{kept, lost, later} {
			if d := decided(t, db, q.ID.ID); d.Owner != ledger.ID(a.Centre()) || len(d.Barred) != 0 || len(d.Fields[ledger.Coord]) == 0 {
				t.Errorf("%s: %s is not A's: %v %v", db.Centre(), q.Ref, d.Barred, d.Fields[ledger.Coord])
			}
		}
		if forks, err := Forks(t.Context(), db); err != nil || len(forks) == 0 || !forks[0].Settled {
			t.Error("it still looks as if two machines wrote:", forks, err)
		}
	}
}

// TestForksAreBounded: a centre whose key is with many machines, or with somebody who means ill, fills nobody's disk.
func TestForksAreBounded(t *testing.T) {
	a, b := paired(t)
	call(t, a, "472190")
	take(t, b, bring(t, a, b, t.TempDir()))
	coord, page := laneOf(t, a, ledger.Coord)
	last, err := ledger.Decode(page[len(page)-1].Raw)
	if err != nil {
		t.Fatal(err)
	}
	root := ledger.Head{Seq: last.Seq - 1, Hash: last.Prev}
	for n := range ledger.MaxHeads + 3 {
		e := ledger.Entry{Lane: coord.Lane, Record: ledger.ID{byte(n)}, Kind: "request", Op: ledger.Put}
		raw, end, err := root.Append(&e)
		if err != nil {
			t.Fatal(err)
		}
		flow, err := NewFlow(t.Context(), b, ledger.ID(a.Centre()))
		if err != nil {
			t.Fatal(err)
		}
		_, refused, err := flow.Take(t.Context(), ledger.Chunk{Runs: []ledger.Run{{Lane: coord.Lane, Entries: [][]byte{raw}, Signature: ledger.SignHead(a.SigningKey(), coord.Lane, end)}}})
		if over := n+1 >= ledger.MaxHeads; err != nil || over != (len(refused) == 1) || over && refused[0].Code != RefusedFork {
			t.Errorf("branch %d: refused %v, %v", n+2, refused, err)
		}
	}
	if all, err := b.Branches(t.Context(), coord.Lane); err != nil || len(all) != ledger.MaxHeads {
		t.Errorf("%d branches are kept, %v", len(all), err)
	}
	same(t, b)
}

// TestAForkHeardOfTwice: A's disk is put back and A writes nothing before it hears of what it lost, from two files of which the
// second holds the first. By then it has opened again, and the lane ends where the branch parts from it.
func TestAForkHeardOfTwice(t *testing.T) {
	a, b := paired(t)
	c, d := open(t, "Оқу В"), open(t, "Оқу Г")
	for _, p := range [][2]*store.DB{{a, c}, {b, c}, {a, d}} {
		know(t, p[0], p[1])
	}
	call(t, a, "472190")
	take(t, b, bring(t, a, b, t.TempDir()))
	back := files(t, a)
	call(t, a, "583181")
	take(t, b, bring(t, a, b, t.TempDir()))
	a = back()
	take(t, c, bring(t, a, c, t.TempDir())) // as it is now
	take(t, c, bring(t, b, c, t.TempDir())) // and what it lost
	first := bring(t, c, a, t.TempDir())
	call(t, c, "694172")
	second := bring(t, c, a, t.TempDir())
	take(t, a, first)
	take(t, a, second)
	coord := ledger.Lane{Centre: ledger.ID(a.Centre()), Incarnation: 1, Class: ledger.Coord}
	all, err := a.Branches(t.Context(), coord)
	if err != nil || len(all) != 2 || all[0].End != all[1].Root {
		t.Errorf("an entry stands on two branches: %+v, %v", all, err)
	}
	take(t, d, bring(t, a, d, t.TempDir())) // others can read what A hands on
	for _, db := range []*store.DB{a, c, d} {
		same(t, db)
	}
}
