package exchange

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/jumyla/jumyla/internal/exchange/forks"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/store/chain"
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
	if forked, err := forks.All(t.Context(), a); err != nil || len(forked) == 0 || !forked[0].Ours || !forked[0].Settled {
		t.Error("A does not say that it was copied:", forked, err)
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
		if forked, err := forks.All(t.Context(), db); err != nil || len(forked) == 0 || !forked[0].Settled {
			t.Error("it still looks as if two machines wrote:", forked, err)
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

// TestEntriesOnTwoBranchesArePutRight makes what programs until November 2026 left when they heard of a fork twice: what came again stands
// on the lane and on its branch. verify says so, others refuse it, and opening the database mends it.
func TestEntriesOnTwoBranchesArePutRight(t *testing.T) {
	for name, c := range map[string]struct{ lane, branch int }{ // how many of the entries stand there
		"ends alike":        {3, 3},
		"the lane goes on":  {3, 2},
		"it was cut":        {1, 3},
		"a twig of its own": {-1, 3}, // and one more on the lane, beside the branch's third
	} {
		t.Run(name, func(t *testing.T) {
			a, b := paired(t)
			x, d := open(t, "Оқу В"), open(t, "Оқу Г")
			for _, p := range [][2]*store.DB{{a, x}, {b, x}, {a, d}} {
				know(t, p[0], p[1])
			}
			call(t, a, "472190")
			take(t, b, bring(t, a, b, t.TempDir()))
			back := files(t, a)
			for _, ref := range []id.Ref{"583181", "694172", "705163"} {
				call(t, a, ref)
			}
			take(t, b, bring(t, a, b, t.TempDir()))
			a = back()
			take(t, x, bring(t, a, x, t.TempDir()))
			take(t, x, bring(t, b, x, t.TempDir()))
			take(t, a, bring(t, x, a, t.TempDir()))
			coord := ledger.Lane{Centre: ledger.ID(a.Centre()), Incarnation: 1, Class: ledger.Coord}
			doubled(t, a, coord, c.lane, c.branch)
			if fault, err := fault(t, a); !errors.Is(fault, chain.ErrTwice) {
				t.Fatal("verify does not see it:", err)
			}
			dir := a.Dir()
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
			a, err := store.Open(t.Context(), config(dir), store.Secret{Passphrase: passphrase})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = a.Close() })
			same(t, a)
			take(t, d, bring(t, a, d, t.TempDir()))
			same(t, d)
			mended, err := a.Branches(t.Context(), coord)
			if want := map[bool]int{true: 2, false: 1}[c.lane < 0]; err != nil || len(mended) != want {
				t.Errorf("%d branches are left, %d expected: %v", len(mended), want, err)
			}
		})
	}
}

func fault(t *testing.T, db *store.DB) (*store.FaultError, error) {
	t.Helper()
	_, err := db.Verify(t.Context())
	f, _ := errors.AsType[*store.FaultError](err)
	return f, err
}

// doubled puts the first entries of a lane's branch on the lane itself too, and lets so many stand on the branch.
func doubled(t *testing.T, db *store.DB, l ledger.Lane, lane, branch int) {
	t.Helper()
	all, err := db.Branches(t.Context(), l)
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	page, err := db.Page(t.Context(), all[1], all[1].Root.Seq, all[1].End.Seq)
	if err != nil {
		t.Fatal(err)
	}
	step := len(page) / 3
	var beside [][]byte
	if lane < 0 {
		lane = 2
		before := ledger.Head{Seq: all[1].Root.Seq + uint64(lane*step), Hash: store.HashOf(page[lane*step-1].Raw)}
		raw, _, err := before.Append(&ledger.Entry{Lane: l, Record: ledger.ID{7}, Kind: "request", Op: ledger.Put})
		if err != nil {
			t.Fatal(err)
		}
		beside = [][]byte{raw}
	}
	cut := func(n int) (out [][]byte) {
		for _, p := range page[:n*step] {
			out = append(out, p.Raw)
		}
		return out
	}
	onLane, onBranch := append(cut(lane), beside...), cut(branch)
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM ledger_entry WHERE lane=(SELECT id FROM ledger_lane WHERE branch=1 AND class=$1)", string(l.Class)); err != nil {
			return err
		}
		return errors.Join(stand(ctx, tx, db, all[0], onLane), stand(ctx, tx, db, all[1], onBranch))
	})
}

// stand puts entries on a branch, behind where it parted, and signs its end.
func stand(ctx context.Context, tx *store.Tx, db *store.DB, at store.Lane, raws [][]byte) error {
	end := at.Root
	if at.Branch == 0 {
		end = at.End
	}
	for _, raw := range raws {
		e, next, err := end.Follow(at.Lane, raw)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO ledger_entry (n, lane, seq, hash, record, raw) SELECT (SELECT max(n)+1 FROM ledger_entry), id, $1, $2, $3, $4 FROM ledger_lane
			WHERE centre=$5 AND incarnation=$6 AND class=$7 AND branch=$8`, int64(next.Seq), next.Hash[:], e.Record[:], raw,
			at.Lane.Centre[:], at.Lane.Incarnation, string(at.Lane.Class), at.Branch); err != nil {
			return err
		}
		end = next
	}
	_, err := tx.Exec(ctx, "UPDATE ledger_lane SET seq=$1, hash=$2, signature=$3, signed=$1 WHERE centre=$4 AND incarnation=$5 AND class=$6 AND branch=$7",
		int64(end.Seq), end.Hash[:], ledger.SignHead(db.SigningKey(), at.Lane, end), at.Lane.Centre[:], at.Lane.Incarnation, string(at.Lane.Class), at.Branch)
	return err
}

// TestWhatComesBackIsCutBetweenTwoWrites: what A had lost comes back, and the program is stopped in the middle of it. A branch without its
// signature is neither damaged nor handed on; when it comes again it is whole.
func TestWhatComesBackIsCutBetweenTwoWrites(t *testing.T) {
	a, b := paired(t)
	x, d := open(t, "Оқу В"), open(t, "Оқу Г")
	for _, p := range [][2]*store.DB{{a, x}, {b, x}, {a, d}} {
		know(t, p[0], p[1])
	}
	call(t, a, "472190")
	take(t, b, bring(t, a, b, t.TempDir()))
	back := files(t, a)
	for _, ref := range []id.Ref{"583181", "694172", "705163"} {
		call(t, a, ref)
	}
	take(t, b, bring(t, a, b, t.TempDir()))
	a = back()
	call(t, a, "816154")
	take(t, x, bring(t, a, x, t.TempDir()))
	take(t, x, bring(t, b, x, t.TempDir()))
	coord := ledger.Lane{Centre: ledger.ID(a.Centre()), Incarnation: 1, Class: ledger.Coord}
	all, err := x.Branches(t.Context(), coord)
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	lost := all[1]
	page, err := x.Page(t.Context(), lost, lost.Root.Seq, lost.End.Seq)
	if err != nil {
		t.Fatal(err)
	}
	piece := store.Piece{Lane: coord, Start: lost.Root, End: lost.End, Signature: lost.Signature}
	for n := 1; n < len(page); n++ {
		write(t, a, func(ctx context.Context, tx *store.Tx) error { return tx.Receive(ctx, piece, page[n-1:n]) })
		if _, err := a.Verify(t.Context()); err != nil {
			t.Fatal(n, "of", len(page), "entries:", err)
		}
	}
	took := take(t, d, bring(t, a, d, t.TempDir()))
	if here, err := d.Stands(t.Context(), coord, ledger.Head{Seq: lost.Root.Seq + 1, Hash: store.HashOf(page[0].Raw)}); err != nil || here || len(took.LeftOut) > 0 {
		t.Error("it is handed on without a signature:", took.LeftOut, err)
	}
	meet(t, a, d, 400)
	take(t, a, bring(t, x, a, t.TempDir()))
	take(t, d, bring(t, a, d, t.TempDir()))
	for _, db := range []*store.DB{a, d} {
		if at, err := db.With(t.Context(), coord, lost.End); err != nil || at.Signed != lost.End.Seq {
			t.Error("it did not come whole:", at, err)
		}
		same(t, db)
	}
}
