package lan

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/authority"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
)

// far is a connection that comes from an address.
type far struct {
	net.Conn
	from string
}

func (f far) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(f.from)) }
func (f far) Close() error         { return nil }

func TestOneDeviceCannotTakeAllConnections(t *testing.T) {
	g := &Gate{open: map[netip.Addr]int{}}
	var held []*conn
	for range maxConnsOf {
		c, ok := g.admit(far{from: "192.168.1.7:4000"})
		if !ok {
			t.Fatal("refused too early")
		}
		held = append(held, c)
	}
	if _, ok := g.admit(far{from: "192.168.1.7:4001"}); ok {
		t.Error("one device takes more than its share")
	}
	if _, ok := g.admit(far{from: "[::ffff:192.168.1.7]:4002"}); ok {
		t.Error("the same device written as IPv6 takes more than its share")
	}
	for _, from := range []string{"8.8.8.8:1", "[2a00::1]:1"} {
		if _, ok := g.admit(far{from: from}); ok {
			t.Errorf("%s is of no office's network", from)
		}
	}
	if _, ok := g.admit(far{from: "192.168.1.8:1"}); !ok {
		t.Error("another device is refused")
	}
	if got := g.Connected(); len(got) != 2 || got[0].String() != "192.168.1.7" {
		t.Error(got)
	}
	_ = held[0].Close()
	_ = held[0].Close() // twice counts once
	if _, ok := g.admit(far{from: "192.168.1.7:4003"}); !ok {
		t.Error("a closed connection is still counted")
	}
	for i := 0; ; i++ {
		ip := netip.AddrFrom4([4]byte{10, 0, byte(i / 200), byte(i % 200)})
		if _, ok := g.admit(far{from: netip.AddrPortFrom(ip, 1).String()}); !ok {
			break
		}
		if i > maxConns {
			t.Fatal("no end of connections")
		}
	}
	if _, ok := g.admit(far{from: "127.0.0.1:1"}); !ok {
		t.Error("the network keeps the machine itself out")
	}
}

func TestListen(t *testing.T) {
	for addr, c := range map[string]struct {
		network, bad bool
	}{"127.0.0.1:0": {}, "localhost:0": {}, "[::1]:0": {}, ":0": {network: true}, "0.0.0.0:0": {network: true}, "127.0.0.3:0": {network: true},
		"8.8.8.8:0": {bad: true}, "example.com:0": {bad: true}, "nonsense": {bad: true}, "192.168.255.254:0": {bad: true}} {
		g, err := Listen(t.Context(), addr)
		if (err != nil) != c.bad {
			t.Errorf("%s: %v", addr, err)
		}
		if err != nil {
			if k := errs.KindOf(err); k != errs.Invalid && k != errs.Unavailable {
				t.Errorf("%s: %v", addr, err)
			}
			continue
		}
		if _, network := g.Network(); network != c.network || g.Port() == 0 || strings.HasSuffix(g.Home(), ":0") {
			t.Errorf("%s: network %v, home %s", addr, network, g.Home())
		}
		if err := g.Close(); err != nil {
			t.Error(addr, err)
		}
	}
}

// TestTheCertificateFollowsTheAddresses moves the machine to another network while it serves.
func TestTheCertificateFollowsTheAddresses(t *testing.T) {
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: []store.Registered{authority.Kind}, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}},
		store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	g, err := Listen(t.Context(), ":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	here := []string(nil)
	d := NewDoor(g, slog.New(slog.DiscardHandler), func() time.Time { return now })
	d.names = func() []string { return here }
	if d.Codes() != nil || d.Site() != "" {
		t.Error("a door that is not open has codes or a site")
	}
	if err := d.Open(t.Context(), db, "Оқу орталығы"); err != nil {
		t.Fatal(err)
	}
	if _, err := shake(t, d, "192.168.1.5"); err == nil || d.Site() != "" {
		t.Error("a machine without addresses has a certificate")
	}
	here = []string{"192.168.1.5", "aigul-pc.local"}
	first, err := shake(t, d, "192.168.1.5")
	if err != nil || !slices.Equal(first.DNSNames, []string{"aigul-pc.local"}) {
		t.Fatal(err)
	}
	if at := d.Site(); !strings.HasPrefix(at, "https://192.168.1.5:") {
		t.Error(at)
	}
	here = []string{"10.20.30.40", "aigul-pc.local"}
	now = now.Add(2 * time.Second)
	if c, err := shake(t, d, "10.20.30.40"); err != nil || c.VerifyHostname("10.20.30.40") != nil {
		t.Error("a visitor at the new address gets the old certificate", err)
	}
	now = now.AddDate(0, 4, 0)
	if c, err := shake(t, d, "10.20.30.40"); err != nil || !c.NotAfter.After(first.NotAfter) {
		t.Error("an old certificate is not renewed", err)
	}
	here = nil // the cable is out for a moment
	now = now.Add(time.Minute)
	if _, err := shake(t, d, "10.20.30.40"); err != nil {
		t.Error(err)
	}
}

// shake carries out a TLS handshake with a visitor who trusts the authority alone and came to an address.
func shake(t *testing.T, d *Door, at string) (*x509.Certificate, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	local := near{server, at}
	go func() { _ = tls.Server(local, d.TLS()).HandshakeContext(ctx) }()
	pool := x509.NewCertPool()
	if s := d.state(); s.auth != nil {
		ca, err := s.auth.Certificate()
		if err != nil {
			t.Fatal(err)
		}
		pool.AddCert(ca)
	}
	c := tls.Client(client, &tls.Config{RootCAs: pool, ServerName: at, Time: d.now})
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return c.ConnectionState().PeerCertificates[0], nil
}

// near is a connection that came to an address of this machine.
type near struct {
	net.Conn
	at string
}

func (n near) LocalAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(n.at), 8080))
}

func TestKnownHosts(t *testing.T) {
	d := &Door{gate: &Gate{ports: []net.Listener{newQueue(&net.TCPAddr{IP: net.IPv4zero, Port: 8080})}}, auth: &authority.Authority{}, server: &authority.Server{Names: []string{"192.168.1.5", "aigul-pc.local"}}}
	for _, c := range []struct {
		host, at string
		secure   bool
		want     bool
	}{
		{"192.168.1.5:8080", "192.168.1.5", true, true}, {"aigul-pc.local:8080", "192.168.1.5", true, true}, {"AIGUL-PC.local.", "192.168.1.5", true, true},
		{"192.168.1.6", "192.168.1.5", true, false}, {"localhost", "192.168.1.5", true, false}, {"evil.example", "192.168.1.5", true, false},
		{"[fe80::1]:8080", "fe80::1", true, true}, {"localhost:8080", "127.0.0.1", false, true}, {"127.0.0.1", "127.0.0.1", false, true},
		{"aigul-pc.local", "127.0.0.1", false, false}, {"evil.example", "127.0.0.1", false, false}, {"", "127.0.0.1", false, false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = c.host
		if c.secure {
			r.TLS = &tls.ConnectionState{}
		}
		at := net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(c.at), 8080))
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, at))
		if got := d.known(r); got != c.want {
			t.Errorf("%q at %s, TLS %v: %v", c.host, c.at, c.secure, got)
		}
	}
}

// TestAConnectionIsLedByItsFirstByte sends what is neither TLS nor HTTP, and closes in the middle.
func TestAConnectionIsLedByItsFirstByte(t *testing.T) {
	g, err := Listen(t.Context(), "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		host  string
		send  string
		comes func() (net.Conn, error)
	}{
		{"127.0.0.1", "GET / HTTP/1.1\r\n", g.Here.Accept}, {"127.0.0.2", "GET / HTTP/1.1\r\n", g.Join.Accept},
		{"127.0.0.2", "\x16\x03\x01", g.Secure.Accept}, {"127.0.0.1", "\x16\x03\x01", g.Secure.Accept}, {"127.0.0.2", "\x00\x00", g.Join.Accept},
	} {
		out, err := net.Dial("tcp", netip.AddrPortFrom(netip.MustParseAddr(c.host), uint16(g.Port())).String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write([]byte(c.send)); err != nil {
			t.Fatal(err)
		}
		in, err := c.comes()
		if err != nil {
			t.Fatal(err)
		}
		_ = out.Close()
		var got bytes.Buffer
		if _, err := got.ReadFrom(in); err != nil || got.String() != c.send {
			t.Errorf("%s sent %q, %q came: %v", c.host, c.send, got.String(), err)
		}
		_ = in.Close()
	}
	silent, err := net.Dial("tcp", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), uint16(g.Port())).String())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close() // without a word: it does not keep the gate open
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if _, err := g.Join.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if g.all != 0 || len(g.open) != 0 {
		t.Errorf("%d connections are counted for ever", g.all)
	}
}
