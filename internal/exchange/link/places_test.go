package link

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/ledger"
)

// dawdle begins a message of a centre and never ends it; what comes back tells when its connection has ended.
func dawdle(t *testing.T, o, at *office) (ended <-chan error) {
	t.Helper()
	conf, err := calling(o.db, at.db.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	c, err := (&tls.Dialer{Config: conf}).DialContext(t.Context(), "tcp", at.port.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: centre\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\nslow", Path, mediaType, maxTurn); err != nil {
		t.Fatal(err)
	}
	out := make(chan error, 1)
	go func() {
		_, err := c.Read(make([]byte, 1))
		out <- err
	}()
	return out
}

// holding waits until so many centres hold a place.
func holding(t *testing.T, p *places, n int) {
	t.Helper()
	for {
		p.mu.Lock()
		now, changed := len(p.held), p.changed
		p.mu.Unlock()
		if now == n {
			return
		}
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatal("nobody came")
		}
	}
}

// TestSlowCentresKeepNobodyWaiting: two centres that dawdle hold all the places there are; a third hands a request over all
// the same, by the place of the one that has held it longest.
func TestSlowCentresKeepNobodyWaiting(t *testing.T) {
	a, b := paired(t)
	s1, s2 := open(t, "Баяу 1"), open(t, "Баяу 2")
	for _, s := range []*office{s1, s2} {
		s.knows(t, b)
		b.knows(t, s)
	}
	b.port.places = newPlaces(2, 0, time.Now)
	first := dawdle(t, s1, b)
	holding(t, b.port.places, 1)
	dawdle(t, s2, b)
	holding(t, b.port.places, 2)
	q := a.call(t, 100, 3)
	a.handOver(t, q, b)
	if p := a.exchange(t, b); p.Sent == 0 {
		t.Errorf("%+v", p)
	}
	if err := <-first; err == nil {
		t.Error("the one that held its place longest was answered")
	}
	if _, err := household.Kind.Get(t.Context(), b.db, q.Household.ID); err != nil {
		t.Error("the household did not come along:", err)
	}
}

// TestACentreHoldsOnePlace: a new message of a centre ends the one that it lost, whatever becomes of the old connection.
func TestACentreHoldsOnePlace(t *testing.T) {
	a, b := paired(t)
	b.port.places = newPlaces(maxPlaces, time.Hour, time.Now)
	a.call(t, 100, 3)
	before := dawdle(t, a, b)
	holding(t, b.port.places, 1)
	a.exchange(t, b)
	if err := <-before; err == nil {
		t.Error("the old message was answered")
	}
	holding(t, b.port.places, 0)
	even(t, a, b)
}

// noLines are the deadlines of no connection.
type noLines struct{}

func (noLines) SetReadDeadline(time.Time) error  { return nil }
func (noLines) SetWriteDeadline(time.Time) error { return nil }

// TestWhoGivesItsPlace: whoever is quick is left alone; the oldest goes when it is slow, and not before.
func TestWhoGivesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlaces(3, slowAfter, time.Now)
		began := time.Now()
		var held []*place
		for n := range byte(3) {
			at, err := p.take(t.Context(), ledger.ID{n}, noLines{})
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, at)
			go func() {
				<-at.over
				p.leave(at)
			}()
			time.Sleep(time.Second) // of synctest's clock
		}
		for n, after := range []time.Duration{slowAfter, slowAfter + time.Second} {
			if _, err := p.take(t.Context(), ledger.ID{9, byte(n)}, noLines{}); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took != after {
				t.Errorf("the next one waited until %v, want %v", took, after)
			}
			if !held[n].ending() || held[n+1].ending() {
				t.Error("another one had to go than the oldest")
			}
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.take(gone, ledger.ID{8}, noLines{}); !errors.Is(err, context.Canceled) {
			t.Error("whoever is gone got a place:", err)
		}
		p.mu.Lock()
		held[2].end()
		p.mu.Unlock()
	})
}

// drip is a body that comes by so many bytes at a time, each after a while.
type drip struct {
	now   time.Time
	until time.Time // the read deadline
	bytes int
	each  time.Duration
	left  int
}

func (d *drip) Read(b []byte) (int, error) {
	if d.left <= 0 {
		return 0, io.EOF
	}
	if d.now = d.now.Add(d.each); d.now.After(d.until) {
		return 0, context.DeadlineExceeded
	}
	n := min(d.bytes, len(b), d.left)
	d.left -= n
	return n, nil
}

// TestLeastProgress: a message may come slowly, for hours; one that hardly comes is not waited for, though something
// always does.
func TestLeastProgress(t *testing.T) {
	for _, c := range []struct {
		name  string
		bytes int
		each  time.Duration
		least time.Duration
		whole bool
	}{
		{"a byte each time before it is too late", 1, silentFor - time.Second, silentFor - time.Second, false},
		{"a byte a second", 1, time.Second, 2 * time.Minute, false},
		{"300 bytes a second", 300, time.Second, 7 * time.Hour, true},
		{"all at once", maxTurn, time.Second, time.Second, true},
		{"nothing", 1, 2 * silentFor, 0, false},
	} {
		d := &drip{now: noon, bytes: c.bytes, each: c.each, left: maxTurn}
		p := &paced{r: d, set: func(at time.Time) error { d.until = at; return nil }, now: func() time.Time { return d.now }, began: noon, at: &place{over: make(chan struct{})}}
		got, err := io.Copy(io.Discard, p)
		took := d.now.Sub(noon)
		if whole := err == nil && got == maxTurn; whole != c.whole || took < c.least || !whole && took > 2*silentFor {
			t.Errorf("%s: %d bytes in %v: %v", c.name, got, took, err)
		}
	}
}

// TestStrangersMakeRoom: connections that nobody has shown a known key by give way to new ones, the oldest first; those of paired centres stay.
func TestStrangersMakeRoom(t *testing.T) {
	var b bounded
	add := func(host string, known bool) (*counted, *counted, bool) {
		c := &counted{host: host, from: &b}
		c.known.Store(known)
		out, ok := b.enter(c)
		return c, out, ok
	}
	ours, _, _ := add("10.0.0.1", true)
	first, _, _ := add("10.0.0.2", false)
	for range maxConnsOf - 1 {
		add("10.0.0.2", false)
	}
	if _, out, ok := add("10.0.0.2", false); !ok || out != first {
		t.Error("the oldest of that address did not give way")
	}
	for n := range maxConns {
		add(string(rune('a'+n)), false)
	}
	if len(b.open) != maxConns || b.open[0] != ours {
		t.Errorf("%d connections, or a paired centre had to go", len(b.open))
	}
	for _, c := range b.open {
		c.known.Store(true)
	}
	if _, _, ok := add("10.0.0.9", false); ok {
		t.Error("a stranger got in though all are paired centres'")
	}
	ours.from.leave(ours)
	if _, out, ok := add("10.0.0.9", false); !ok || out != nil {
		t.Error("there is room, and nobody got in")
	}
}

// TestIdleStrangers: connections that say nothing keep no paired centre of the same address out.
func TestIdleStrangers(t *testing.T) {
	a, b := paired(t)
	for range 2 * maxConnsOf {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", b.port.Addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	a.call(t, 100, 2)
	a.exchange(t, b)
	even(t, a, b)
}
