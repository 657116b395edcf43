package link

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

var apartEntries = flag.Int("entries", 0, "how many entries the twenty centres of TestFiveDaysApart write")

// TestFiveDaysApart lets twenty centres work, each for itself; all but one meet at one of them. Then the last one calls there
// over 256 kbit/s of which 2 % is lost: how long until it has the coordination picture, and they have its own. It runs for
// `make bench-apart` alone.
func TestFiveDaysApart(t *testing.T) {
	if *apartEntries == 0 {
		t.Skip("SKIPPED: `make bench-apart` measures")
	}
	const centres = 20
	each := *apartEntries / centres
	hub, home := busy(t, "Оқу 1", 1, each), busy(t, "Оқу 2", 2, each)
	home.knows(t, hub)
	hub.knows(t, home)
	for i := 3; i <= centres; i++ {
		o := busy(t, fmt.Sprintf("Оқу %d", i), uint64(i), each)
		o.knows(t, hub)
		hub.knows(t, o)
		o.exchange(t, hub)
		_ = o.port.Close()
		if err := o.db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	w := badLink(256, .02, 0, 1)
	home.over(w)
	home.x.Again = make([]time.Duration, 20)
	began := time.Now()
	p := home.exchange(t, hub)
	wall := time.Since(began)
	came, all := coordOf(t, home, hub.db)
	if came != all || p.Sent == 0 {
		t.Fatalf("%d of %d entries of coord came, %d went", came, all, p.Sent)
	}
	both := p.Entries + p.Sent
	million := func(d time.Duration) time.Duration {
		return (d * 1_000_000 / time.Duration(each*centres)).Round(time.Second)
	}
	t.Logf("| five days apart | %v for a million entries (goal 10 min) | %d entries of %d centres, of them %d of coord over 256 kbit/s, 2 %% lost: %v on the link and %v of reckoning at both ends; %.1f bytes an entry, cut %d times |",
		million(w.took()+wall), each*centres, centres, both, w.took().Round(time.Second), wall.Round(time.Millisecond), float64(w.moved)/float64(both), w.cut)
}

// coordOf counts how much of the coordination picture that is at another centre is here.
func coordOf(t *testing.T, o *office, at *store.DB) (here, all uint64) {
	t.Helper()
	lanes, err := at.Lanes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lanes {
		if l.Lane.Class != ledger.Coord {
			continue
		}
		mine, err := o.db.Lane(t.Context(), l.Lane)
		if err != nil {
			t.Fatal(err)
		}
		here, all = here+min(mine.End.Seq, l.End.Seq), all+l.End.Seq
	}
	return here, all
}

// BenchmarkTaken is what a thousand entries of a working office cost on the wire, and in taking them apart and together.
func BenchmarkTaken(b *testing.B) {
	from, to := busy(b, "Оқу А", 1, 3000), open(b, "Оқу Б")
	from.knows(b, to)
	c := from.chunk(b, to)
	n := 0
	for _, r := range c.Runs {
		n += len(r.Entries)
	}
	size := 0
	for b.Loop() {
		var m turn
		m.put(c, apartSince)
		packed, err := pack(&m)
		if err == nil {
			_, err = m.chunk()
		}
		if err != nil {
			b.Fatal(err)
		}
		size = len(packed)
	}
	b.ReportMetric(float64(size)/float64(n), "wire-B/entry")
}
