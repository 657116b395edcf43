package link

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"time"
)

// plan runs an exchanger by a clock of its own: it looks each half minute, and notes when it called.
type plan struct {
	o     *office
	now   time.Time
	began time.Time
	fails bool
	calls []time.Duration
}

func scheduled(t *testing.T, o *office) *plan {
	t.Helper()
	now := time.Now().Add(72 * time.Hour) // connections have real deadlines: they must not be over
	p := &plan{o: o, now: now, began: now}
	o.x.now = func() time.Time { return p.now }
	o.x.stirred = time.Time{}
	o.x.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		p.calls = append(p.calls, p.now.Sub(p.began))
		if p.fails {
			return nil, errors.New("no cable")
		}
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}
	return p
}

// pass lets time go by, and returns when calls were made in it.
func (p *plan) pass(t *testing.T, d time.Duration) []time.Duration {
	t.Helper()
	p.began, p.calls = p.now, nil
	for end := p.now.Add(d); p.now.Before(end); p.now = p.now.Add(lookEach) {
		if err := p.o.x.round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return p.calls
}

func minutes(all ...int) []time.Duration {
	var out []time.Duration
	for _, n := range all {
		out = append(out, time.Duration(n)*time.Minute)
	}
	return out
}

func called(t *testing.T, what string, got, want []time.Duration) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: called after %v, want %v", what, got, want)
	}
}

// TestWhenCentresAreCalled: each five minutes, a minute after something was written here, later and later where nobody answers, at once after
// the cable is in again by hand, and never by a clock that stands.
func TestWhenCentresAreCalled(t *testing.T) {
	a, b := paired(t)
	a.exchange(t, b)
	p := scheduled(t, a)
	called(t, "nothing new", p.pass(t, 16*time.Minute), minutes(0, 5, 10, 15))

	p.now = p.now.Add(-time.Minute) // right after a call
	a.call(t, 100, 1)
	called(t, "something was written", p.pass(t, 6*time.Minute), minutes(1))

	p.fails = true
	p.now = p.now.Add(callEach)
	called(t, "nobody answers", p.pass(t, 4*time.Hour), minutes(0, 1, 3, 7, 15, 31, 63, 123, 183))

	p.fails = false
	a.exchange(t, b) // by hand
	called(t, "it answers again", p.pass(t, 11*time.Minute), minutes(5, 10))

	p.now = p.now.Add(-48 * time.Hour)
	called(t, "the clock was put back", p.pass(t, 6*time.Minute), minutes(0, 5))

	if err := SetAddress(t.Context(), a.db, b.db.Centre(), ""); err != nil {
		t.Fatal(err)
	}
	called(t, "no address", p.pass(t, time.Hour), nil)
}

// TestOneThatDoesNotAnswerKeepsNobodyWaiting: the calls to others go on by their own plan.
func TestOneThatDoesNotAnswerKeepsNobodyWaiting(t *testing.T) {
	a, b := paired(t)
	c := open(t, "Оқу В")
	a.knows(t, c)
	c.knows(t, a)
	a.exchange(t, b)
	a.exchange(t, c)
	p := scheduled(t, a)
	dial := a.x.Dial
	reached, tried := 0, 0
	a.x.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if addr == c.port.Addr {
			tried++
			return nil, errors.New("no cable")
		}
		reached++
		return dial(ctx, network, addr)
	}
	p.pass(t, time.Hour)
	if reached != 12 || tried != 6 { // 0, 1, 3, 7, 15, 31 minutes
		t.Errorf("the one that answers was called %d times, the other %d times", reached, tried)
	}
}
