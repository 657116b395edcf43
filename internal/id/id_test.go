package id_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/id"
)

type fish struct{}

func TestRoundTripAndOrder(t *testing.T) {
	early := id.NewOf[fish](time.UnixMilli(1_000))
	late := id.NewOf[fish](time.UnixMilli(2_000))
	if early.String() >= late.String() {
		t.Fatal("ids must sort by time")
	}
	back, err := id.ParseOf[fish](early.String())
	if err != nil || back != early {
		t.Fatalf("parse: %v, %v", back, err)
	}
	b, _ := early.MarshalBinary()
	var again id.Of[fish]
	if err := again.UnmarshalBinary(b); err != nil || again != early {
		t.Fatalf("binary: %v %v", again, err)
	}
	var scanned id.ID
	if err := scanned.Scan(early.String()); err != nil || scanned != early.ID {
		t.Fatalf("scan: %v %v", scanned, err)
	}
	for _, bad := range []string{"", "x", "!!!!!!!!!!!!!!!!!!!!!!!!!!"} {
		if _, err := id.Parse(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
	if _, err := id.From(time.UnixMilli(1), bytes.NewReader(nil)); err == nil {
		t.Error("no randomness must be an error")
	}
}

func TestRefsAreAPermutation(t *testing.T) {
	seen := make(map[id.Ref]bool)
	for n := range uint64(100_000) {
		r, err := id.NewRef(n, 42)
		if err != nil || len(r) != 6 || seen[r] {
			t.Fatalf("n=%d: %q %v (seen %v)", n, r, err, seen[r])
		}
		seen[r] = true
	}
	next, _ := id.NewRef(100_000, 42)
	if len(next) != 8 {
		t.Fatalf("after 100,000 refs grow to eight digits, got %q", next)
	}
	if _, err := id.NewRef(1<<40, 42); err == nil {
		t.Fatal("refs end")
	}
}

func TestRefFindsSlips(t *testing.T) {
	r, _ := id.NewRef(7, 99)
	if back, err := id.ParseRef(r.String()); err != nil || back != r {
		t.Fatalf("%q: %v", r, err)
	}
	d := []byte(r)
	for i := range d {
		for delta := byte(1); delta < 10; delta++ {
			bad := bytes.Clone(d)
			bad[i] = '0' + (bad[i]-'0'+delta)%10
			if _, err := id.ParseRef(string(bad)); err == nil {
				t.Fatalf("wrong digit passed: %s for %s", bad, d)
			}
		}
		if i > 0 && d[i] != d[i-1] {
			bad := bytes.Clone(d)
			bad[i], bad[i-1] = bad[i-1], bad[i]
			if _, err := id.ParseRef(string(bad)); err == nil {
				t.Fatalf("swap passed: %s for %s", bad, d)
			}
		}
	}
	for _, bad := range []string{"12", "47-21-9a", "４７２１９０"} {
		if _, err := id.ParseRef(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
