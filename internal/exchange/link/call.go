package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// How much a turn carries: so much that a turn takes about turnTakes, both ways together.
const (
	firstSize = 16 << 10
	leastSize = 2 << 10
	mostSize  = mostRoom
	turnTakes = 10 * time.Second
	dialIn    = 30 * time.Second
)

// caller is one exchange that we began.
type caller struct {
	db     *store.DB
	flow   *exchange.Flow
	peer   store.Centre
	addr   string
	dial   func(ctx context.Context, network, addr string) (net.Conn, error)
	now    func() time.Time
	size   int
	narrow bool           // their key-holders are others: only dir was exchanged
	moved  bool           // the connection at hand brought something
	report func(Progress) // after each turn
	at     Progress
}

// Progress is how far an exchange that is under way has come.
type Progress struct {
	Turns  int
	Sent   int // entries that went
	Got    int // entries that came
	Behind int // entries that wait here for them
	Theirs int // entries that wait there for us
}

// run exchanges by one connection, until nothing is left on either side.
func (c *caller) run(ctx context.Context) (exchange.Passed, error) {
	var none exchange.Passed
	client, err := c.client()
	if err != nil {
		return none, err
	}
	defer client.CloseIdleConnections()
	in, err := c.greet(ctx, client)
	if err != nil {
		return none, err
	}
	t, session := talk{flow: c.flow, peer: min(ledger.Protocol, in.Hello.Newest)}, in.Session
	for n := 0; ; n++ {
		out := &turn{Session: session, Room: uint32(c.size)} //nolint:gosec // at most mostSize
		if err := t.hear(ctx, in, out); err != nil {
			return none, say(err)
		}
		if err := t.say(ctx, out, c.size); err != nil {
			return none, err
		}
		c.at.Turns++
		c.progress(&t, out, in)
		if n > 0 && !in.offers() && in.Behind == 0 && !out.tells() {
			c.at.Sent, c.at.Got = c.at.Sent+t.gave, c.at.Got+t.got
			passed, err := c.flow.End(ctx)
			if err == nil && c.narrow {
				err = errNarrow
			}
			return passed, err
		}
		c.moved = c.moved || len(out.Took)+len(in.Took) > 0
		if in, err = c.exchange(ctx, client, out); err != nil {
			c.at.Sent, c.at.Got = c.at.Sent+t.gave, c.at.Got+t.got
			return none, err
		}
	}
}

// greet says who we are and what we have, and hears the same.
func (c *caller) greet(ctx context.Context, client *http.Client) (*turn, error) {
	have, err := c.flow.Have(ctx)
	if err != nil {
		return nil, err
	}
	hello, err := c.flow.Hello(ctx)
	if err != nil {
		return nil, err
	}
	in, err := c.exchange(ctx, client, &turn{Hello: &hello, Have: &have, Room: uint32(c.size)}) //nolint:gosec // at most mostSize
	if err != nil {
		return nil, err
	}
	if in.Hello == nil || in.Have == nil || in.Hello.Centre != c.peer.Centre {
		return nil, fault(faultGarbled)
	}
	switch f := agree(hello, *in.Hello); f {
	case "":
	case faultAnchor:
		c.narrow = true
		c.flow.Narrow()
	default:
		return nil, fault(f)
	}
	return in, nil
}

func (c *caller) progress(t *talk, out, in *turn) {
	p := c.at
	p.Sent, p.Got = p.Sent+t.gave, p.Got+t.got
	p.Behind, p.Theirs = int(out.Behind), int(min(in.Behind, 1<<40)) //nolint:gosec // for display
	c.report(p)
}

// client speaks with whoever holds the peer's key, and with nobody else.
func (c *caller) client() (*http.Client, error) {
	conf, err := calling(c.db, ed25519.PublicKey(c.peer.Key))
	if err != nil {
		return nil, err
	}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, dialIn)
		defer cancel()
		raw, err := c.dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &stalling{Conn: raw, now: c.now}, nil
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial, TLSClientConfig: conf, TLSHandshakeTimeout: silentFor, DisableCompression: true,
		MaxIdleConnsPerHost: 1, MaxResponseHeaderBytes: 8 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, nil
}

// exchange posts a turn and reads the answer, and learns from how long it took how much the next may carry.
func (c *caller) exchange(ctx context.Context, client *http.Client, out *turn) (*turn, error) {
	b, err := pack(out)
	if err != nil {
		return nil, err
	}
	began := c.now()
	ctx, cancel := context.WithTimeout(ctx, patience(len(b)+c.size))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+c.addr+Path, bytes.NewReader(b))
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "link.address")
	}
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("User-Agent", "jumyla")
	res, err := client.Do(req)
	if err != nil {
		return nil, unreached(err)
	}
	defer res.Body.Close()
	if res.Header.Get("Content-Type") != mediaType {
		return nil, errs.Wrap(errs.Unavailable, fmt.Errorf("status %d", res.StatusCode), "link.not_jumyla")
	}
	in, err := unpack(res.Body)
	if err != nil {
		return nil, unreached(err)
	}
	if in.Fault != "" {
		return nil, fault(in.Fault)
	}
	c.adapt(c.now().Sub(began), out.offers() || in.offers())
	return in, nil
}

// adapt makes turns larger where they are quick and smaller where they are slow. One that carried little says nothing.
func (c *caller) adapt(took time.Duration, full bool) {
	switch {
	case took > 2*turnTakes:
		c.size = max(c.size/2, leastSize)
	case took < turnTakes/2 && full:
		c.size = min(c.size*2, mostSize)
	}
}

// stalling is a connection that is given up when nothing moves for a while.
type stalling struct {
	net.Conn

	now func() time.Time
}

// Read waits no longer than silentFor for the next bytes.
func (s *stalling) Read(b []byte) (int, error) {
	if err := s.SetReadDeadline(s.now().Add(silentFor)); err != nil {
		return 0, err
	}
	return s.Conn.Read(b)
}

// Write waits no longer than silentFor until bytes leave.
func (s *stalling) Write(b []byte) (int, error) {
	if err := s.SetWriteDeadline(s.now().Add(silentFor)); err != nil {
		return 0, err
	}
	return s.Conn.Write(b)
}

// errNarrow is an exchange of dir alone, for the two centres go by different key-holders.
var errNarrow = errors.New("only dir was exchanged")

// errCut is an exchange that may go on by another connection.
var errCut = errors.New("the connection was cut")

// unreached says in words why a centre was not reached, or was lost.
func unreached(err error) error {
	var dns *net.DNSError
	var op *net.OpError
	key := "link.cut"
	switch {
	case errors.Is(err, errOtherKey):
		return errs.Wrap(errs.Denied, err, "link.other_key")
	case errors.Is(err, context.Canceled):
		return errs.Wrap(errs.Unavailable, err, "link.cancelled")
	case errors.Is(err, errTooLarge), errors.Is(err, errGarbled), errors.Is(err, ledger.ErrUnreadable):
		return errs.Wrap(errs.Invalid, err, "link.garbled")
	case errors.As(err, &dns):
		return errs.Wrap(errs.Unavailable, err, "link.no_name")
	case errors.Is(err, syscall.ECONNREFUSED):
		return errs.Wrap(errs.Unavailable, err, "link.refused")
	case isTLS(err):
		return errs.Wrap(errs.Unavailable, err, "link.not_open")
	case errors.As(err, &op) && op.Op == "dial":
		return errs.Wrap(errs.Unavailable, err, "link.no_answer")
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		key = "link.silent"
	}
	return errs.Wrap(errs.Unavailable, errors.Join(errCut, err), key)
}

// isTLS reports whether the other side answers, but not as a centre that is open does.
func isTLS(err error) bool {
	var record tls.RecordHeaderError
	var op *net.OpError
	return errors.As(err, &record) || errors.As(err, &op) && op.Op == "remote error"
}

// fault says in words what the other centre said.
func fault(code string) error {
	kind := errs.Unavailable
	switch code {
	case faultSession:
		return errs.Wrap(errs.Unavailable, errCut, "link.cut")
	case faultStranger, faultRevoked, faultAnchor:
		kind = errs.Denied
	case faultProtocol, faultBusy, faultLocked, faultLimits, faultGarbled, faultInternal:
	default:
		code = "unknown" // of a newer program
	}
	key := "link.says_" + code // i18n: link.says_*
	return errs.Wrap(kind, fmt.Errorf("they say: %s", code), key)
}

// say puts into words what is wrong with what came.
func say(err error) error {
	if errs.Is(err, errs.Invalid) {
		return errs.Wrap(errs.Invalid, err, "link.garbled")
	}
	return err
}
