package web

import (
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Tries counts what each device has tried in vain, so that passphrases and codes are guessed slowly whatever name they
// are tried for. It remembers while the process lives.
type Tries struct {
	now    func() time.Time // a real clock's
	most   int
	within time.Duration

	mu     sync.Mutex
	misses map[netip.Addr][]time.Time
}

// maxDevices bounds what is remembered; an attacker with more addresses than that is not slowed by their number.
const maxDevices = 5000

// NewTries allows a device so many misses within a time.
func NewTries(now func() time.Time, most int, within time.Duration) *Tries {
	return &Tries{now: now, most: most, within: within, misses: map[netip.Addr][]time.Time{}}
}

// May reports whether the device that asks may try again.
func (t *Tries) May(r *http.Request) bool {
	from := device(r)
	t.mu.Lock()
	defer t.mu.Unlock()
	recent := slices.DeleteFunc(t.misses[from], func(at time.Time) bool { return t.now().Sub(at).Abs() >= t.within })
	if len(recent) == 0 {
		delete(t.misses, from)
		return true
	}
	t.misses[from] = recent
	return len(recent) < t.most
}

// Missed counts a try in vain.
func (t *Tries) Missed(r *http.Request) {
	from := device(r)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.misses) >= maxDevices {
		clear(t.misses)
	}
	t.misses[from] = append(t.misses[from], t.now())
}

// device is the address that a request comes from; whoever has none shares one.
func device(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}
