package link

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/request"
)

// weak is a bad link, in time that nobody waits for: its clock runs by what passes over it. Segments take their time by
// the rate; one that is lost stalls what is behind it as TCP does, twice as long each time; now and then all is cut.
type weak struct {
	rate int           // bytes a second, both ways together
	trip time.Duration // there and back
	loss float64       // of segments
	cuts float64       // of segments

	mu    sync.Mutex
	rng   *rand.Rand
	at    time.Time
	began time.Time
	moved int
	cut   int
}

const (
	segment  = 1400
	resendIn = 600 * time.Millisecond
)

func badLink(kbit int, loss, cuts float64, seed uint64) *weak {
	began := time.Now()
	return &weak{rate: kbit * 1000 / 8, trip: 300 * time.Millisecond, loss: loss, cuts: cuts, rng: rand.New(rand.NewPCG(seed, 1)), at: began, began: began}
}

func (w *weak) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *weak) took() time.Duration { return w.now().Sub(w.began) }

func (w *weak) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	w.mu.Lock()
	w.at = w.at.Add(w.trip)
	w.mu.Unlock()
	return &weakConn{Conn: c, link: w}, err
}

// pass lets bytes over the link, and says whether they arrived.
func (w *weak) pass(n int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moved += n
	for ; n > 0; n -= segment {
		w.at = w.at.Add(time.Duration(min(n, segment)) * time.Second / time.Duration(w.rate))
		stall := resendIn
		for w.rng.Float64() < w.loss {
			w.at = w.at.Add(stall)
			if stall *= 2; stall > silentFor {
				w.cut++
				return os.ErrDeadlineExceeded
			}
		}
		if w.rng.Float64() < w.cuts {
			w.cut++
			return io.ErrUnexpectedEOF
		}
	}
	return nil
}

type weakConn struct {
	net.Conn

	link  *weak
	wrote bool
}

func (c *weakConn) Write(b []byte) (int, error) {
	c.wrote = true
	if err := c.link.pass(len(b)); err != nil {
		_ = c.Close()
		return 0, err
	}
	return c.Conn.Write(b)
}

func (c *weakConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.wrote && n > 0 {
		c.wrote = false
		c.link.mu.Lock()
		c.link.at = c.link.at.Add(c.link.trip)
		c.link.mu.Unlock()
	}
	if lost := c.link.pass(n); lost != nil {
		_ = c.Close()
		return 0, lost
	}
	return n, err
}

// over lets an office call by a bad link.
func (o *office) over(w *weak) { o.x.Dial, o.x.now = w.dial, w.now }

// TestWeakLink hands a request over by 64 kbit/s of which 30 % is lost and that is cut again and again.
func TestWeakLink(t *testing.T) {
	for seed := range uint64(3) {
		a, b := paired(t)
		q := a.call(t, 100, 60)
		a.handOver(t, q, b)
		b.call(t, 900, 20)
		w := badLink(64, .3, .02, seed)
		a.over(w)
		a.x.Again = make([]time.Duration, 20) // at once: nobody waits here
		a.exchange(t, b)
		t.Logf("seed %d: %d bytes, cut %d times, %v of the link", seed, w.moved, w.cut, w.took().Round(time.Second))
		if w.took() > 5*time.Minute {
			t.Errorf("seed %d: it took %v", seed, w.took())
		}
		if h, err := household.Kind.Get(t.Context(), b.db, q.Household.ID); err != nil || h.Head != "Ойдан 159" {
			t.Error("the household did not come along:", h, err)
		}
		a.x.Dial, a.x.now = (&net.Dialer{}).DialContext, time.Now
		even(t, a, b)
	}
}

// BenchmarkWeakLink carries calls over bad links, in time that nobody waits for: link-s is how long the link was in use.
func BenchmarkWeakLink(b *testing.B) {
	const calls = 2000
	for _, c := range []struct {
		name string
		kbit int
		loss float64
	}{{"64kbit-loss30", 64, .3}, {"64kbit", 64, 0}, {"256kbit-loss2", 256, .02}} {
		b.Run(c.name, func(b *testing.B) {
			var link time.Duration
			entries, moved := 0, 0
			for range b.N {
				b.StopTimer()
				from, to := paired(b)
				for i := 0; i < calls; i += 500 {
					from.call(b, 1000+i, 500)
				}
				w := badLink(c.kbit, c.loss, 0, 1)
				from.over(w)
				from.x.Again = make([]time.Duration, 20)
				b.StartTimer()
				p := from.exchange(b, to)
				b.StopTimer()
				all, err := request.All(b.Context(), to.db, to.db.Centre(), to.db.Now(), to.db.Now())
				if f := all[from.db.Centre()]; err != nil || len(all) != 1 || f.Waiting != calls {
					b.Fatal(all, err)
				}
				link, entries, moved = link+w.took(), entries+p.Sent, moved+w.moved
				b.StartTimer()
			}
			b.ReportMetric(link.Seconds()/float64(b.N), "link-s")
			b.ReportMetric(float64(moved)/float64(entries), "wire-B/entry")
			b.ReportMetric(float64(entries)/link.Seconds(), "entries/link-s")
		})
	}
}

// BenchmarkHandOver is a hand-over among others on the worst link: how long until the other centre has it.
func BenchmarkHandOver(b *testing.B) {
	from, to := paired(b)
	from.exchange(b, to)
	var link time.Duration
	for i := range b.N {
		b.StopTimer()
		q := from.call(b, 100+10*i, 5)
		from.handOver(b, q, to)
		w := badLink(64, .3, 0, uint64(i))
		from.over(w)
		from.x.Again = make([]time.Duration, 20)
		b.StartTimer()
		from.exchange(b, to)
		link += w.took()
	}
	b.ReportMetric(link.Seconds()/float64(b.N), "link-s")
}

var figuresFile = flag.String("figures", "", "file that TestFigures adds its rows to")

// TestFigures measures the worst link that there may be, in the link's own time, and adds rows to the table of `make bench`.
func TestFigures(t *testing.T) {
	if *figuresFile == "" {
		t.Skip("SKIPPED: `make bench` measures")
	}
	const each, calls = 20, 2000
	from, to := paired(t)
	from.exchange(t, to)
	from.x.Again = make([]time.Duration, 20)
	var took []time.Duration
	for i := range each {
		q := from.call(t, 100+10*i, 5)
		from.handOver(t, q, to)
		w := badLink(64, .3, 0, uint64(i))
		from.over(w)
		from.exchange(t, to)
		took = append(took, w.took())
	}
	slices.Sort(took)
	from.call(t, 1000, calls)
	w := badLink(64, .3, 0, 1)
	from.over(w)
	p := from.exchange(t, to)
	rows := fmt.Sprintf("| a hand-over by 64 kbit/s, 30 %% lost | p50 %.1f s, longest %.1f s | %d of them, each among five calls; the link's time, simulated: 300 ms there and back, what is lost stalls as in TCP |\n"+
		"| catching up by 64 kbit/s, 30 %% lost | %.0f entries/s | %d calls in %.0f s of the link's time, %d B an entry on the wire |\n",
		took[each/2].Seconds(), took[each-1].Seconds(), each, float64(p.Sent)/w.took().Seconds(), calls, w.took().Seconds(), w.moved/p.Sent)
	f, err := os.OpenFile(*figuresFile, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err == nil {
		_, err = f.WriteString(rows)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Log(rows)
}
