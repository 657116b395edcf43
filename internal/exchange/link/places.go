package link

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jumyla/jumyla/ledger"
)

// places are held by centres whose message is under way. A centre holds one: a new message ends the one before, whose
// connection it has lost. Where all are held, whoever has held one longest gives it up, once that is long: the others are
// not kept waiting by a slow one, which comes again with less.
type places struct {
	most int
	slow time.Duration
	now  func() time.Time // a real clock's

	mu      sync.Mutex
	held    map[ledger.ID]*place
	changed chan struct{} // closed, and made anew, when a place is taken or left
}

// place is one centre's.
type place struct {
	peer  ledger.ID
	since time.Time
	lines deadlines
	over  chan struct{} // closed when it is to be given up
}

// deadlines are those of a connection.
type deadlines interface {
	SetReadDeadline(at time.Time) error
	SetWriteDeadline(at time.Time) error
}

func newPlaces(most int, slow time.Duration, now func() time.Time) *places {
	return &places{most: most, slow: slow, now: now, held: map[ledger.ID]*place{}, changed: make(chan struct{})}
}

// take waits for a place; leave must follow. lines are how it is made to end.
func (p *places) take(ctx context.Context, peer ledger.ID, lines deadlines) (*place, error) {
	for {
		at, wait, changed := p.try(peer, lines)
		if at != nil {
			return at, nil
		}
		again := time.NewTimer(wait)
		select {
		case <-changed:
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return nil, ctx.Err()
		}
		again.Stop()
	}
}

// try takes a place if there is one; else it says how long to wait, and has told whoever must end.
func (p *places) try(peer ledger.ID, lines deadlines) (at *place, wait time.Duration, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.held[peer]
	if old == nil && len(p.held) < p.most {
		at = &place{peer: peer, since: p.now(), lines: lines, over: make(chan struct{})}
		p.held[peer] = at
		p.change()
		return at, 0, nil
	}
	if old == nil {
		old = p.oldest()
		wait = p.slow - p.now().Sub(old.since)
	}
	if wait <= 0 {
		old.end()
		wait = slowAfter
	}
	return nil, wait, p.changed
}

func (p *places) change() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// oldest returns the place that was held longest of those that were not told to end; else that of all.
func (p *places) oldest() *place {
	var out *place
	for _, at := range p.held {
		if out == nil || out.ending() && !at.ending() || out.ending() == at.ending() && at.since.Before(out.since) {
			out = at
		}
	}
	return out
}

func (p *places) leave(at *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.held, at.peer)
	p.change()
}

func (at *place) ending() bool {
	select {
	case <-at.over:
		return true
	default:
		return false
	}
}

// end makes whoever reads or writes stop; the mutex of the places is held, and so it is not over yet.
func (at *place) end() {
	if at.ending() {
		return
	}
	close(at.over)
	_ = at.lines.SetReadDeadline(time.Unix(1, 0))  // of a connection that is gone
	_ = at.lines.SetWriteDeadline(time.Unix(1, 0)) // as well
}

// errSlow is a message that others could not wait for.
var errSlow = errors.New("others wait, and this message takes long")

// body reads a turn's bytes from a link that may stall, not from one that never ends.
func (p *Port) body(w http.ResponseWriter, r *http.Request, at *place) io.Reader {
	return &paced{r: r.Body, set: http.NewResponseController(w).SetReadDeadline, now: p.now, began: p.now(), at: at}
}

// paced gives up when nothing comes for a while, when it comes too slowly, or when the place is to be given up.
type paced struct {
	r     io.Reader
	set   func(time.Time) error
	now   func() time.Time
	began time.Time
	got   int
	at    *place
}

// Read reads what has come.
func (p *paced) Read(b []byte) (int, error) {
	until := p.now().Add(silentFor)
	if end := p.began.Add(patience(p.got)); until.After(end) {
		until = end
	}
	if err := p.set(until); err != nil {
		return 0, err
	}
	if p.at.ending() { // looked at after the deadline was set, as the end sets its own after it is told
		return 0, errSlow
	}
	n, err := p.r.Read(b)
	p.got += n
	return n, err
}

// bounded is a listener that holds no more than so many connections, and few of one address. Where there is no room, the oldest of those
// that no paired centre has shown itself by makes it.
type bounded struct {
	net.Listener

	mu   sync.Mutex
	open []*counted // the oldest first
}

// Accept returns the next connection that there is room for; others are closed.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		c, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host, _, err := net.SplitHostPort(c.RemoteAddr().String())
		if err != nil {
			_ = c.Close()
			continue
		}
		in := &counted{Conn: c, host: host, from: b}
		out, ok := b.enter(in)
		if out != nil {
			_ = out.Conn.Close()
		}
		if !ok {
			_ = c.Close()
			continue
		}
		return in, nil
	}
}

// enter counts a connection in, where there is room or somebody makes it: that one comes back, to be closed.
func (b *bounded) enter(c *counted) (out *counted, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ofHost := 0
	for _, o := range b.open {
		if o.host == c.host {
			ofHost++
		}
	}
	if ofHost >= maxConnsOf || len(b.open) >= maxConns {
		i := slices.IndexFunc(b.open, func(o *counted) bool { return !o.known.Load() && (ofHost < maxConnsOf || o.host == c.host) })
		if i < 0 {
			return nil, false
		}
		out = b.open[i]
		b.open = slices.Delete(b.open, i, i+1)
	}
	b.open = append(b.open, c)
	return out, true
}

func (b *bounded) leave(c *counted) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.open, c); i >= 0 {
		b.open = slices.Delete(b.open, i, i+1)
	}
}

// counted is a connection that is counted until it closes.
type counted struct {
	net.Conn

	host  string
	from  *bounded
	known atomic.Bool // it is a paired centre's
}

// Close closes the connection and counts it off.
func (c *counted) Close() error {
	c.from.leave(c)
	return c.Conn.Close()
}

type connKey struct{}

// withConn lets a handler find its connection.
func withConn(ctx context.Context, c net.Conn) context.Context {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	return context.WithValue(ctx, connKey{}, c)
}

// known notes that a paired centre speaks by the connection of a request.
func known(ctx context.Context) {
	if c, ok := ctx.Value(connKey{}).(*counted); ok {
		c.known.Store(true)
	}
}
