package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jumyla/jumyla/ledger"
)

func lane() ledger.Lane {
	return ledger.Lane{Centre: ledger.ID{1}, Incarnation: 1, Class: ledger.Coord}
}

func raw(tb testing.TB, v any) []byte {
	tb.Helper()
	b, err := ledger.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func chain(tb testing.TB, n int) [][]byte {
	tb.Helper()
	var out [][]byte
	var h ledger.Head
	for i := range n {
		e := ledger.Entry{Lane: lane(), Record: ledger.ID{9}, Kind: "x", Op: ledger.Put,
			Fields: ledger.Fields{"a": raw(tb, i), "b": raw(tb, "Қ")}}
		b, next, err := h.Append(&e)
		if err != nil {
			tb.Fatal(err)
		}
		out, h = append(out, b), next
	}
	return out
}

func TestChainIsFollowed(t *testing.T) {
	var h ledger.Head
	for i, b := range chain(t, 5) {
		e, next, err := h.Follow(lane(), b)
		if err != nil || e.Seq != uint64(i+1) {
			t.Fatalf("entry %d: %v %v", i, e.Seq, err)
		}
		h = next
	}
}

func TestChainFindsEveryFault(t *testing.T) {
	c := chain(t, 3)
	first, h, _ := ledger.Head{}.Follow(lane(), c[0])
	other := lane()
	other.Incarnation = 2
	for name, tc := range map[string]struct {
		lane ledger.Lane
		raw  []byte
		want error
	}{
		"skipped":    {lane(), c[2], ledger.ErrSequence},
		"other lane": {other, c[1], ledger.ErrLane},
		"garbage":    {lane(), []byte{1, 2}, ledger.ErrUnreadable},
		"cut":        {lane(), c[1][:20], ledger.ErrUnreadable},
	} {
		if _, _, err := h.Follow(tc.lane, tc.raw); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	first.Fields["a"] = raw(t, 77)
	_, forged, _ := ledger.Head{}.Append(&first)
	if _, _, err := forged.Follow(lane(), c[1]); !errors.Is(err, ledger.ErrChain) {
		t.Errorf("a changed entry went unseen: %v", err)
	}
}

func TestEncodingIsDeterministic(t *testing.T) {
	a, b := chain(t, 3), chain(t, 3)
	if !cmp.Equal(a, b) {
		t.Fatal("equal entries must be equal bytes")
	}
}

func TestSeal(t *testing.T) {
	key := bytes.Repeat([]byte{7}, ledger.KeySize)
	rnd := rand.NewChaCha8([32]byte{1})
	f := ledger.Fields{"phone": raw(t, "+77015551234")}
	sealed, err := ledger.Seal(key, rnd, f)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("7015551234")) {
		t.Fatal("the body is readable")
	}
	got, err := ledger.Unseal(key, sealed)
	if err != nil || !cmp.Equal(got, f) {
		t.Fatalf("%v %v", got, err)
	}
	again, _ := ledger.Seal(key, rnd, f)
	if ledger.Commitment(again) == ledger.Commitment(sealed) {
		t.Fatal("equal bodies must not have equal commitments")
	}
	sealed[40] ^= 1
	if _, err := ledger.Unseal(key, sealed); !errors.Is(err, ledger.ErrSealed) {
		t.Fatal(err)
	}
	if _, err := ledger.Unseal(key, nil); !errors.Is(err, ledger.ErrSealed) {
		t.Fatal(err)
	}
}

func TestHeadSignature(t *testing.T) {
	pub, priv, err := ed25519.GenerateKey(rand.NewChaCha8([32]byte{2}))
	if err != nil {
		t.Fatal(err)
	}
	h := ledger.Head{Seq: 4, Hash: ledger.Hash{1}}
	sig := ledger.SignHead(priv, lane(), h)
	if !ledger.VerifyHead(pub, lane(), h, sig) {
		t.Fatal("a true signature was refused")
	}
	h.Seq = 3
	if ledger.VerifyHead(pub, lane(), h, sig) || ledger.VerifyHead(nil, lane(), h, sig) {
		t.Fatal("a shortened lane went unseen")
	}
}

func TestClockNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var c ledger.Clock
		for _, ms := range rapid.SliceOf(rapid.Int64Range(-1e12, 1e13)).Draw(rt, "ms") {
			next := c.Tick(ms)
			if next <= c {
				rt.Fatalf("%d after %d", next, c)
			}
			c = next
		}
	})
}

func TestMerge(t *testing.T) {
	e := func(class ledger.Class, op ledger.Op, f ledger.Fields) *ledger.Entry {
		l := lane()
		l.Class = class
		return &ledger.Entry{Lane: l, Op: op, Fields: f}
	}
	old := ledger.Fields{"a": raw(t, 1), "newer": raw(t, "kept")}
	got := ledger.Merge(old, e(ledger.Coord, ledger.Put, ledger.Fields{"a": raw(t, 2)}), nil)
	if want := (ledger.Fields{"a": raw(t, 2), "newer": raw(t, "kept")}); !cmp.Equal(got, want) {
		t.Error(cmp.Diff(got, want))
	}
	if got := ledger.Merge(old, e(ledger.Body, ledger.Erase, nil), nil); len(got) != 0 {
		t.Error("erasure left", got)
	}
	if got := ledger.Merge(old, e(ledger.Coord, ledger.Erase, nil), nil); !cmp.Equal(got, old) {
		t.Error("an erasure must leave what names nobody")
	}
}

func FuzzDecode(f *testing.F) {
	for _, b := range chain(f, 2) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ledger.Decode(b)
		if err != nil {
			return
		}
		if _, _, err := (ledger.Head{}).Append(&e); err != nil {
			t.Fatalf("read but not written: %v", err)
		}
	})
}
