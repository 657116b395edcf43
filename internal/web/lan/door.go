// Package lan is how other devices of the office come in over the local network: the port that serves it and its
// limits, the certificate of the moment, the plain page that gives the centre's authority and nothing else, and
// the page for the office that says what to type. It knows no record but the authority's.
package lan

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/authority"
	"github.com/jumyla/jumyla/internal/store"
)

// lookAgain is how long this machine's addresses are taken to be the same.
const lookAgain = 15 * time.Second

// Door has the certificate under which the office's pages are served to the network. Until the database is open it
// lets nobody in; one that was shut says so in words to whoever comes.
type Door struct {
	gate  *Gate
	log   *slog.Logger
	now   func() time.Time // a real clock's
	names func() []string  // of this machine, now

	mu     sync.Mutex
	db     *store.DB
	auth   *authority.Authority
	server *authority.Server
	shut   *authority.Server // since somebody closed the centre; of some days, and nowhere but here
	centre string
	looked time.Time
}

// NewDoor returns the door of a gate. now is a real clock's.
func NewDoor(g *Gate, log *slog.Logger, now func() time.Time) *Door {
	at, _ := g.Network()
	return &Door{gate: g, log: log, now: now, names: func() []string { return Names(at) }}
}

// Open lets the network in to a centre whose database is open. It makes the centre's authority the first time.
func (d *Door) Open(ctx context.Context, db *store.DB, centre string) error {
	if _, network := d.gate.Network(); !network {
		return nil
	}
	host, _ := os.Hostname() // without a name the addresses alone are vouched for
	a, err := authority.Ensure(ctx, db, centre, host, d.now())
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.db, d.auth, d.centre, d.shut = db, a, centre, nil
	err = d.renew(ctx)
	d.mu.Unlock()
	if err != nil { // no address yet: the cable may come later
		d.log.WarnContext(ctx, "no certificate for the network", "error", err)
	} else if at := d.state().sites(); len(at) > 0 {
		d.log.InfoContext(ctx, "other devices may come in", "type", "http://"+at[0])
	}
	return nil
}

// Shut lets nobody of the network in until Open is called again. Who comes meanwhile is answered, so that they read that the
// office is closed and not that their connection is not safe.
func (d *Door) Shut(ctx context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.auth != nil && d.server != nil {
		s, err := d.auth.WhileShut(d.server.Names, d.now())
		if err != nil {
			d.log.WarnContext(ctx, "no certificate for a closed centre", "error", err)
		}
		d.shut = s
	}
	d.db, d.auth, d.server = nil, nil, nil
}

// TLS returns the configuration of the port: TLS 1.2 or later, under the certificate that fits this machine's
// addresses now.
func (d *Door) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
		s, err := d.certificate(h.Context(), addrOf(h.Conn.LocalAddr()).Addr().Unmap().WithZone("").String())
		if err != nil {
			return nil, err
		}
		return &s.TLS, nil
	}}
}

// certificate returns the certificate of the moment; it looks at the machine's addresses anew now and then, and
// where a visitor has come to one that it does not know.
func (d *Door) certificate(ctx context.Context, at string) (*authority.Server, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.auth == nil && d.shut != nil:
		return d.shut, nil
	case d.auth == nil:
		return nil, errors.New("the office is not open")
	}
	if age := d.now().Sub(d.looked); d.server == nil || age < 0 || age >= lookAgain || age >= time.Second && !slices.Contains(d.server.Names, at) {
		if err := d.renew(context.WithoutCancel(ctx)); err != nil && d.server == nil {
			return nil, err
		} else if err != nil { // the old one may still do for this visitor
			d.log.WarnContext(ctx, "renew certificate", "error", err)
		}
	}
	return d.server, nil
}

// renew brings the certificate to the machine's names of now. d.mu is held.
func (d *Door) renew(ctx context.Context) error {
	d.looked = d.now()
	s, err := authority.Serving(ctx, d.db, d.auth, d.names(), d.now())
	if err == nil {
		d.server = s
	}
	return err
}

// state is what the pages show.
type state struct {
	open    bool // somebody may come in
	auth    *authority.Authority
	server  *authority.Server
	centre  string
	port    int
	network bool // the network is served at all
}

func (d *Door) state() state {
	_, network := d.gate.Network()
	d.mu.Lock()
	defer d.mu.Unlock()
	return state{open: d.auth != nil && d.server != nil, auth: d.auth, server: d.server, centre: d.centre, port: d.gate.Port(), network: network}
}

// Site returns the address of the office's pages on the network, "https://192.168.1.5:8080", or "" where nobody of
// the network is let in.
func (d *Door) Site() string {
	if at := d.state().sites(); len(at) > 0 {
		return "https://" + at[0]
	}
	return ""
}

// Codes returns the secret of the field pages' codes; nil where nobody of the network is let in.
func (d *Door) Codes() []byte {
	if s := d.state(); s.open {
		return s.auth.Codes
	}
	return nil
}

// sites returns what can be typed to come here, addresses first: "192.168.1.5:8080", "aigul-pc.local:8080".
func (s state) sites() []string {
	if !s.open {
		return nil
	}
	var out []string
	for _, n := range s.server.Names {
		if ip, err := netip.ParseAddr(n); err == nil && ip.Is6() || strings.HasSuffix(n, ".lan") {
			continue // nobody types these
		}
		out = append(out, net.JoinHostPort(n, strconv.Itoa(s.port)))
	}
	return out
}

// Guard refuses requests that name another host than the one they came to: a page from elsewhere whose name was made
// to point here (DNS rebinding) gets nothing.
func (d *Door) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !d.known(r) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusMisdirectedRequest)
			_, _ = w.Write([]byte(otherHost()))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (d *Door) known(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	at, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if ip, err := netip.ParseAddr(host); err == nil {
		return at != nil && ip.Unmap().WithZone("") == addrOf(at).Addr().Unmap().WithZone("")
	}
	if r.TLS == nil {
		return host == "localhost"
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.server
	if s == nil {
		s = d.shut
	}
	return s != nil && slices.Contains(s.Names, host)
}
