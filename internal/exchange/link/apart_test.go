package link

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/exchange"
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
	began := time.Now()
	both := atWork(t, 1, each)
	hub, home := both[0], both[1]
	home.knows(t, hub)
	hub.knows(t, home)
	for i := 3; i <= centres; i += len(both) {
		both = atWork(t, i, each)
		for _, o := range both {
			o.knows(t, hub)
			hub.knows(t, o)
			give(t, o, hub)
			_ = o.port.Close()
			if err := o.db.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	filled := time.Since(began)
	w := badLink(256, .02, 0, 1)
	home.over(w)
	home.x.Again = make([]time.Duration, 20)
	forgetPeak()
	began, used := time.Now(), cpuTime()
	p := home.exchange(t, hub)
	wall, cpu := time.Since(began), cpuTime()-used
	came, all := coordOf(t, home, hub.db)
	if came != all || p.Sent == 0 {
		t.Fatalf("%d of %d entries of coord came, %d went", came, all, p.Sent)
	}
	passed := p.Entries + p.Sent
	million := func(d time.Duration) time.Duration {
		return (d * 1_000_000 / time.Duration(each*centres)).Round(time.Second)
	}
	t.Logf("| five days apart | %v for a million entries (goal 10 min) | %d entries of %d centres, of them %d of coord over 256 kbit/s, 2 %% lost: %v on the link, and %v of processor time at both ends (%v by the clock); "+
		"%.1f bytes an entry, cut %d times; at most %s of memory; filled in %v |",
		million(w.took()+cpu), each*centres, centres, passed, w.took().Round(time.Second), cpu.Round(time.Millisecond), wall.Round(time.Millisecond),
		float64(w.moved)/float64(passed), w.cut, peakMemory(), filled.Round(time.Second))
}

// atWork is two offices that work at the same time, each until it has so many entries.
func atWork(t *testing.T, number, entries int) []*office {
	t.Helper()
	var all []*office
	var failed [2]error
	var working sync.WaitGroup
	for i := range failed {
		o, work := beginning(t, fmt.Sprintf("Оқу %d", number+i), uint64(number+i))
		all = append(all, o)
		working.Go(func() { failed[i] = work.Until(t.Context(), entries) })
	}
	working.Wait()
	if err := errors.Join(failed[:]...); err != nil {
		t.Fatal(err)
	}
	return all
}

// give takes all that one office has for another there, and nothing back.
func give(t *testing.T, from, to *office) {
	t.Helper()
	out, err := exchange.NewFlow(t.Context(), from.db, to.id())
	if err != nil {
		t.Fatal(err)
	}
	in, err := exchange.NewFlow(t.Context(), to.db, from.id())
	if err != nil {
		t.Fatal(err)
	}
	for {
		c, _, err := out.Next(t.Context(), maxTurn)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Runs) == 0 {
			break
		}
		took, refused, err := in.Take(t.Context(), c)
		if err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
		if err := out.Took(t.Context(), took, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := in.End(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// forgetPeak lets peakMemory count from now on, where the system can do that.
func forgetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200)
}

// peakMemory is the most memory that this process had; "unknown" where the system does not say.
func peakMemory() string {
	b, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(b)) {
		var kb int
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kb); err == nil {
			return fmt.Sprintf("%d MB", kb>>10)
		}
	}
	return "unknown"
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
		mine, err := o.db.Branches(t.Context(), l.Lane)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mine {
			here += min(m.End.Seq, l.End.Seq)
		}
		all += l.End.Seq
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
