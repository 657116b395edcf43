package ledger_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/jumyla/jumyla/ledger"
)

// followVector is what stands of key-holders in a centre's own lane and in others', and at whose digest following ends.
type followVector struct {
	Name  string
	Own   []string   // fields of declarations of holders, in order
	Heard [][]string // of others', in each order: all end alike
	End   string
}

// change is a renewal from one set of the test's key-holders to another, signed by all of both.
func change(t *testing.T, from, to ledger.Holders, keeps ...ledger.Hash) ledger.Holders {
	t.Helper()
	digest := from.Anchor().Digest()
	to.Renews, to.Keeps, to.Signatures = &digest, keeps, nil
	_, keys := holders(9)
	for _, k := range keys {
		public := k.Public().(ed25519.PublicKey)
		if slices.ContainsFunc(slices.Concat(from.Keys, to.Keys), func(o []byte) bool { return string(o) == string(public) }) {
			if err := to.Sign(k); err != nil {
				t.Fatal(err)
			}
		}
	}
	return to
}

func following(t *testing.T) []followVector {
	t.Helper()
	one, two, three := holderSet(3, 0), holderSet(3, 1), holderSet(3, 2)
	there, back, on := change(t, one, two), change(t, two, one), change(t, two, three)
	round := change(t, three, one)
	goesOn := change(t, one, three)
	crossed := []ledger.Holders{there, back, goesOn, change(t, three, two)}
	return []followVector{
		follow(t, "renewed twice", []ledger.Holders{one}, []ledger.Holders{there, on}),
		follow(t, "gone back, or two centres each took over the other's", []ledger.Holders{one}, []ledger.Holders{there, back}),
		follow(t, "the same, at the other centre", []ledger.Holders{two}, []ledger.Holders{there, back}),
		follow(t, "the same, at one that has followed there", []ledger.Holders{one, there}, []ledger.Holders{there, back}),
		follow(t, "three in a circle", []ledger.Holders{two}, []ledger.Holders{there, on, round}),
		follow(t, "of two renewals of one set the lower digest, where both are heard at once", []ledger.Holders{two}, []ledger.Holders{on, back}),
		follow(t, "crossed, and one set renewed twice, which renewals join", []ledger.Holders{one}, crossed),
		follow(t, "the same, at one that went the other way", []ledger.Holders{one, goesOn}, crossed),
		follow(t, "renewed twice, and one of the two renewed to the other", []ledger.Holders{one, there}, []ledger.Holders{goesOn, on}),
		follow(t, "the same, at one that went to the other at first", []ledger.Holders{one, goesOn}, []ledger.Holders{there, on}),
		follow(t, "a circle, and a set of it that is not the present one renews", []ledger.Holders{one, there}, []ledger.Holders{back, change(t, one, holderSet(3, 5)), change(t, two, holderSet(3, 5))}),
		follow(t, "those before renew once more: nobody follows who has left them", []ledger.Holders{one, there}, []ledger.Holders{change(t, one, holderSet(3, 5))}),
		follow(t, "people's word begins anew", []ledger.Holders{one, there, one}, []ledger.Holders{back}),
	}
}

// follow tries every order in which the renewals may be heard, one at a time and all at once.
func follow(t *testing.T, name string, own, heard []ledger.Holders) followVector {
	t.Helper()
	v := followVector{Name: name}
	for _, h := range own {
		v.Own = append(v.Own, hx(raw(t, fieldsOf(t, h))))
	}
	var all []string
	for _, h := range heard {
		all = append(all, hx(raw(t, fieldsOf(t, h))))
	}
	back := slices.Clone(all)
	slices.Reverse(back)
	v.Heard = [][]string{all, back}
	v.End = v.ends(t, all, false)
	for _, order := range v.Heard {
		if got := v.ends(t, order, false); got != v.End {
			t.Errorf("%s: heard at once it ends at %s and not at %s", name, got, v.End)
		}
	}
	return v
}

// ends plays a vector as a program would: what it hears it follows, into its own lane.
func (v followVector) ends(t *testing.T, heard []string, singly bool) string {
	t.Helper()
	var own []ledger.Known
	say := func(text string) {
		own = append(own, ledger.Known{Entry: ledger.Entry{Lane: ledger.Lane{Centre: a, Incarnation: 1, Class: ledger.Dir}, Seq: uint64(len(own) + 1), Op: ledger.Declare,
			Kind: ledger.KindHolders, Fields: fieldsFrom(t, text)}})
	}
	for _, text := range v.Own {
		say(text)
	}
	dir := ledger.NewDirectory(ledger.AnchorOf(own))
	for i, text := range heard {
		e := ledger.Entry{Lane: ledger.Lane{Centre: b, Incarnation: 1, Class: ledger.Dir}, Seq: uint64(i + 1), Op: ledger.Declare, Kind: ledger.KindHolders, Fields: fieldsFrom(t, text)}
		dir.Learn(&e, ledger.HashOf([]byte(text)))
		for range 10 {
			h, ok := dir.Renewal()
			if !ok || !singly && i < len(heard)-1 {
				break
			}
			if !dir.Renew(h) {
				t.Fatal("what is to be followed is not followed")
			}
			say(hx(raw(t, fieldsOf(t, h))))
		}
	}
	if _, more := dir.Renewal(); more {
		t.Errorf("%s: following does not end", v.Name)
	}
	digest := dir.Anchor().Digest()
	if again := ledger.AnchorOf(own).Digest(); again != digest {
		t.Errorf("%s: our own lane says %x and not %x", v.Name, again, digest)
	}
	return hx(digest[:])
}

func fieldsFrom(t *testing.T, text string) (f ledger.Fields) {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err == nil {
		err = ledger.Unmarshal(b, &f)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFollowingEnds: whatever is heard first, where one end can be reached.
func TestFollowingEnds(t *testing.T) {
	for _, v := range following(t) {
		if v.Name == "of two renewals of one set the lower digest, where both are heard at once" {
			continue // heard one after the other, the first is followed
		}
		for _, order := range v.Heard {
			if got := v.ends(t, order, true); got != v.End {
				t.Errorf("%s: heard one by one it ends at %s and not at %s", v.Name, got, v.End)
			}
		}
	}
}

// outlived is a revocation by those before, which the renewal does not name, and one that those of now annulled.
func outlived(t *testing.T) decisionVector {
	t.Helper()
	pub, keys := holders(4)
	d := newDesk(t, pub[1:]...)
	d.put(a, nil, "status", "true")
	d.put(a, nil, "status", "thief's")
	d.declare(b, ledger.KindHolders, holderSet(3, 0))
	d.declare(b, ledger.KindHolders, change(t, holderSet(3, 0), holderSet(3, 1)))
	end := func(seq uint64) ledger.Revocation {
		r := ledger.Revocation{Centre: a, Cut: []ledger.LaneSeq{{Incarnation: 1, Class: ledger.Coord, Seq: seq}}}
		_, _ = r.Sign(keys[0]), r.Sign(keys[1])
		d.declare(c, ledger.KindRevocation, r)
		return r
	}
	end(1)
	name, _ := ledger.Statement(&ledger.Entry{Op: ledger.Declare, Kind: ledger.KindRevocation, Fields: fieldsOf(t, end(0))})
	again := ledger.Readmission{Centre: a, Revocations: []ledger.Hash{name}}
	_, _ = again.Sign(keys[2]), again.Sign(keys[3])
	d.declare(b, ledger.KindReadmission, again)
	got := d.decide()
	if len(got.Barred) != 1 || len(got.Entries) != 1 {
		t.Error("what the ending leaves:", len(got.Entries), "and bars", len(got.Barred))
	}
	return d.vector("two revocations by key-holders before, which outlive the renewal; those of now annulled the second", pub[1:]...)
}

// TestOldPapersPermitNothing: a permission by those before does not outlive a renewal, and nobody becomes one of those before
// without those of now.
func TestOldPapersPermitNothing(t *testing.T) {
	_, keys := holders(9)
	dir := ledger.NewDirectory(holderSet(3, 1).Anchor())
	n := uint64(0)
	learn := func(kind string, what any) {
		n++
		e := ledger.Entry{Lane: ledger.Lane{Centre: b, Incarnation: 1, Class: ledger.Dir}, Seq: n, Op: ledger.Declare, Kind: kind, Fields: fieldsOf(t, what)}
		dir.Learn(&e, ledger.HashOf(raw(t, e.Fields)))
	}
	old := holderSet(3, 0)
	learn(ledger.KindHolders, old)
	learn(ledger.KindHolders, change(t, old, holderSet(3, 1)))
	w := ledger.Warrant{Number: 1, From: a, To: b}
	_, _ = w.Sign(keys[0]), w.Sign(keys[1])
	learn(ledger.KindWarrant, w)
	if dir.Warranted(1, a, b) {
		t.Error("two old papers let a centre go on for another")
	}
	alone := ledger.Holders{Keys: [][]byte{keys[8].Public().(ed25519.PublicKey)}, Need: 1} // a thief with one paper of now names himself as before
	learn(ledger.KindHolders, alone)
	digest := alone.Anchor().Digest()
	now := holderSet(3, 1)
	now.Renews = &digest
	_, _ = now.Sign(keys[8]), now.Sign(keys[1])
	learn(ledger.KindHolders, now)
	r := ledger.Revocation{Centre: c}
	_ = r.Sign(keys[8])
	learn(ledger.KindRevocation, r)
	if dir.Revoked(c) {
		t.Error("a thief with one paper ends a centre")
	}
	byOne := ledger.Readmission{Centre: c}
	_ = byOne.Sign(keys[1])
	learn(ledger.KindReadmission, byOne)
	end := ledger.Revocation{Centre: c}
	_, _ = end.Sign(keys[0]), end.Sign(keys[2])
	learn(ledger.KindRevocation, end)
	name, _ := ledger.Statement(&ledger.Entry{Op: ledger.Declare, Kind: ledger.KindRevocation, Fields: fieldsOf(t, end)})
	byOld := ledger.Readmission{Centre: c, Revocations: []ledger.Hash{name}}
	_, _ = byOld.Sign(keys[0]), byOld.Sign(keys[1])
	learn(ledger.KindReadmission, byOld)
	if !dir.Revoked(c) {
		t.Error("two old papers let an ended centre work again")
	}
}

// TestOwnLine: what a database wrote itself, through openings and on the branch that they name; not what a copy wrote.
func TestOwnLine(t *testing.T) {
	var dir []ledger.Known
	add := func(incarnation uint32, seq uint64, name byte, prev ledger.Hash, open *ledger.Opening) ledger.Hash {
		k := ledger.Known{Entry: ledger.Entry{Lane: ledger.Lane{Centre: a, Incarnation: incarnation, Class: ledger.Dir}, Seq: seq, Prev: prev, Op: ledger.Declare, Kind: ledger.KindHolders}, Hash: ledger.Hash{name}}
		if open != nil {
			k.Op, k.Fields = ledger.Open, fieldsOf(t, *open)
		}
		dir = append(dir, k)
		return k.Hash
	}
	one := add(1, 1, 'a', ledger.Hash{}, nil)
	two := add(1, 2, 'b', one, nil)
	lost := add(1, 3, 'c', two, nil) // after the back-up
	add(1, 3, 'd', two, nil)         // by a copy
	opened := add(7, 1, 'e', ledger.Hash{}, &ledger.Opening{Previous: 1, Cut: map[ledger.Class]uint64{ledger.Dir: 2}, Heads: map[ledger.Class]ledger.Hash{ledger.Dir: two}})
	add(7, 2, 'f', opened, nil)
	add(900, 1, 'g', ledger.Hash{}, &ledger.Opening{Previous: 1, Cut: map[ledger.Class]uint64{ledger.Dir: 3}, Heads: map[ledger.Class]ledger.Hash{ledger.Dir: lost}})
	add(900, 2, 'h', ledger.Hash{'g'}, nil)
	for present, want := range map[uint32]string{1: "ab", 7: "abef", 900: "abcgh", 3: ""} {
		var got []byte
		for _, k := range ledger.OwnLine(dir, a, present) {
			got = append(got, k.Hash[0])
		}
		slices.Sort(got)
		if string(got) != want {
			t.Errorf("of incarnation %d it wrote %q and not %q", present, got, want)
		}
	}
	if got := ledger.OwnLine(dir, b, 7); len(got) != 0 {
		t.Error("another's lanes:", got)
	}
}

// TestASetOfVeryManyIsNobody: who signs with thousands of key-holders is refused before they are compared with one another.
func TestASetOfVeryManyIsNobody(t *testing.T) {
	h := ledger.Holders{Need: 2}
	for i := range 256 {
		key := make([]byte, ed25519.PublicKeySize)
		key[0], key[1] = byte(i), byte(i>>8)
		h.Keys = append(h.Keys, key)
	}
	if a := h.Anchor(); len(a.Holders) > 0 || a.Need > 0 {
		t.Errorf("%d of 256 would do", a.Need)
	}
	h.Keys = h.Keys[1:]
	if a := h.Anchor(); len(a.Holders) != 255 || a.Need != 2 {
		t.Errorf("%d of %d", a.Need, len(a.Holders))
	}
}
