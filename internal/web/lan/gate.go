package lan

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/authority"
	"github.com/jumyla/jumyla/internal/errs"
)

// Bounds on what strangers of the network can hold open.
const (
	maxConns    = 1000             // in all
	maxConnsOf  = 60               // of one device: a browser opens six, an old one more
	firstByteIn = 10 * time.Second // how long a connection may stay silent at first
)

// Gate is the port that the program listens on. One port is enough for a person who types an address: by its first
// byte a connection is led to the pages of this machine (plain, from the machine itself), to the office's
// pages (TLS), or to the page that says how to come in (plain, from the network).
type Gate struct {
	Here   net.Listener // plain, from this machine itself
	Join   net.Listener // plain, from the network
	Secure net.Listener // TLS

	ports []net.Listener
	wait  sync.WaitGroup

	mu     sync.Mutex
	open   map[netip.Addr]int
	all    int
	silent map[*conn]bool // those that have not sent their first byte; nil once the gate is closed
}

// Listen opens addr. One of this machine's own addresses (127.0.0.1, ::1, localhost) is served to the machine alone;
// one of the network's, or none (":8080") for all of them, is served to the network and, at the same port, to the
// machine.
func Listen(ctx context.Context, addr string) (*Gate, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "app.address", "addr", addr)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	g := &Gate{open: map[netip.Addr]int{}, silent: map[*conn]bool{}}
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "" || err == nil && ip.IsUnspecified() || err == nil && own(ip):
		err = g.listen(ctx, net.JoinHostPort(host, port))
	case err == nil && authority.Private(ip):
		if err = g.listen(ctx, net.JoinHostPort("127.0.0.1", port)); err == nil {
			err = g.listen(ctx, net.JoinHostPort(host, strconv.Itoa(g.Port())))
		}
	default:
		return nil, errs.New(errs.Invalid, "app.not_local", "addr", addr)
	}
	if err != nil {
		return nil, errors.Join(errs.Wrap(errs.Unavailable, err, "app.port", "addr", addr), g.closePorts())
	}
	at := g.ports[0].Addr()
	g.Here, g.Join, g.Secure = newQueue(at), newQueue(at), newQueue(at)
	for _, l := range g.ports {
		g.wait.Go(func() { g.accept(l) })
	}
	return g, nil
}

func (g *Gate) listen(ctx context.Context, addr string) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err == nil {
		g.ports = append(g.ports, l)
	}
	return err
}

// own reports whether an address is the machine's alone. Other addresses of 127.0.0.0/8 are treated as a network's,
// which is stricter, so that the network's side can be tried on one machine.
func own(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip == netip.AddrFrom4([4]byte{127, 0, 0, 1}) || ip == netip.IPv6Loopback()
}

// Port returns the port that is listened on.
func (g *Gate) Port() int { return int(addrOf(g.ports[0].Addr()).Port()) }

// Home returns the address of the machine's own pages: "127.0.0.1:8080".
func (g *Gate) Home() string {
	at := addrOf(g.ports[0].Addr())
	if at.Addr().IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(g.Port()))
	}
	return at.String()
}

// Network returns the address that the network is served at, unspecified for all of this machine's; ok is false where
// none is.
func (g *Gate) Network() (ip netip.Addr, ok bool) {
	ip = addrOf(g.ports[len(g.ports)-1].Addr()).Addr().Unmap()
	return ip, !own(ip)
}

func addrOf(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort()
	}
	return netip.AddrPort{}
}

// Connected returns the devices of the network that have connections open, sorted.
func (g *Gate) Connected() []netip.Addr {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]netip.Addr, 0, len(g.open))
	for ip := range g.open {
		if !ip.IsLoopback() {
			out = append(out, ip)
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return out
}

// Close stops accepting; connections that are open stay so until their servers end them.
func (g *Gate) Close() error {
	err := g.closePorts()
	g.mu.Lock()
	silent := g.silent
	g.silent = nil
	g.mu.Unlock()
	for c := range silent {
		_ = c.Close()
	}
	for _, q := range []net.Listener{g.Here, g.Join, g.Secure} {
		err = errors.Join(err, q.Close())
	}
	g.wait.Wait()
	return err
}

func (g *Gate) closePorts() error {
	var err error
	for _, l := range g.ports {
		err = errors.Join(err, l.Close())
	}
	return err
}

func (g *Gate) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of file handles: others will be free again
			<-time.After(50 * time.Millisecond)
			continue
		}
		counted, ok := g.admit(c)
		if !ok {
			_ = c.Close()
			continue
		}
		g.wait.Go(func() { g.lead(counted) })
	}
}

// admit counts a connection, and refuses a device that has too many and whoever is not of an office's network.
func (g *Gate) admit(c net.Conn) (*conn, bool) {
	ip := addrOf(c.RemoteAddr()).Addr().Unmap().WithZone("")
	g.mu.Lock()
	defer g.mu.Unlock()
	if !authority.Private(ip) || !ip.IsLoopback() && (g.open[ip] >= maxConnsOf || g.all >= maxConns) {
		return nil, false
	}
	g.open[ip]++
	g.all++
	return &conn{Conn: c, gone: sync.OnceFunc(func() { g.leave(ip) })}, true
}

func (g *Gate) leave(ip netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all--
	if g.open[ip]--; g.open[ip] == 0 {
		delete(g.open, ip)
	}
}

const tlsHandshake = 0x16 // the first byte of every TLS connection, and of no HTTP request

// lead reads the first byte and hands the connection to who serves such.
func (g *Gate) lead(c *conn) {
	_ = c.SetReadDeadline(time.Now().Add(firstByteIn)) //nolint:forbidigo // a connection's deadline is by the machine's clock
	if !g.listening(c, true) {
		_ = c.Close()
		return
	}
	_, err := io.ReadFull(c.Conn, c.first[:])
	if !g.listening(c, false) || err != nil {
		_ = c.Close()
		return
	}
	_ = c.SetReadDeadline(time.Time{})
	c.peeked = true
	to := g.Join
	switch {
	case c.first[0] == tlsHandshake:
		to = g.Secure
	case own(addrOf(c.LocalAddr()).Addr()) && addrOf(c.RemoteAddr()).Addr().Unmap().IsLoopback():
		to = g.Here
	}
	if q, ok := to.(*queue); !ok || !q.put(c) {
		_ = c.Close()
	}
}

// listening notes that a connection's first byte is waited for, or no longer; false once the gate is closed.
func (g *Gate) listening(c *conn, waits bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.silent == nil {
		return false
	}
	if waits {
		g.silent[c] = true
	} else {
		delete(g.silent, c)
	}
	return true
}

// conn is a connection whose first byte has been looked at, and that is counted until it closes.
type conn struct {
	net.Conn

	first  [1]byte
	peeked bool
	gone   func()
}

// Read gives back the byte that was looked at, then reads on.
func (c *conn) Read(b []byte) (int, error) {
	if c.peeked && len(b) > 0 {
		c.peeked = false
		b[0] = c.first[0]
		return 1, nil
	}
	return c.Conn.Read(b)
}

// Close closes the connection and counts it off.
func (c *conn) Close() error {
	c.gone()
	return c.Conn.Close()
}

// queue is a listener of connections that somebody else has accepted.
type queue struct {
	at    net.Addr
	conns chan net.Conn
	done  chan struct{}
	close func()
}

func newQueue(at net.Addr) *queue {
	q := &queue{at: at, conns: make(chan net.Conn), done: make(chan struct{})}
	q.close = sync.OnceFunc(func() { close(q.done) })
	return q
}

func (q *queue) put(c net.Conn) bool {
	select {
	case q.conns <- c:
		return true
	case <-q.done:
		return false
	}
}

// Accept returns the next connection, or net.ErrClosed.
func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.done:
		return nil, net.ErrClosed
	}
}

// Close ends the queue.
func (q *queue) Close() error {
	q.close()
	return nil
}

// Addr returns the address that the connections came to.
func (q *queue) Addr() net.Addr { return q.at }
