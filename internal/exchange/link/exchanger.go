package link

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// When a centre whose address is known is called.
const (
	lookEach   = 30 * time.Second
	callSoon   = time.Minute     // after something was written here
	callEach   = 5 * time.Minute // else
	callAtMost = time.Hour       // when it was not reached again and again
)

// Exchanger calls other centres: when somebody asks for it, and by itself. It calls one at a time, for the link is weak.
type Exchanger struct {
	db   *store.DB
	log  *slog.Logger
	now  func() time.Time // a real clock's
	tell func()           // open pages that something changed

	// For tests: how a connection is made, and how long is waited before a connection that brought nothing is tried again.
	Dial  func(ctx context.Context, network, addr string) (net.Conn, error)
	Again []time.Duration

	calling chan struct{} // holds one: whoever calls

	mu      sync.Mutex
	going   map[ledger.ID]*going
	sizes   map[ledger.ID]int // what a turn with a centre last carried
	stirred time.Time         // when something was last written here
	asked   sync.WaitGroup
}

// going is an exchange that was asked for and is not over.
type going struct {
	cancel   context.CancelFunc
	progress Progress
}

// New returns an exchanger. now is a real clock's; tell is called when an exchange gets on, and may be nil.
func New(db *store.DB, log *slog.Logger, now func() time.Time, tell func()) *Exchanger {
	if tell == nil {
		tell = func() {}
	}
	x := &Exchanger{db: db, log: log, now: now, tell: tell, Dial: (&net.Dialer{}).DialContext, Again: []time.Duration{2 * time.Second, 10 * time.Second},
		calling: make(chan struct{}, 1), going: map[ledger.ID]*going{}, sizes: map[ledger.ID]int{}}
	db.OnCommit(func(c store.Change) {
		if len(c.Kinds) > 1 || len(c.Kinds) == 1 && !c.Kinds["centre"] { // what is known of centres alone is no reason to call
			x.mu.Lock()
			x.stirred = x.now()
			x.mu.Unlock()
		}
	})
	return x
}

// Run calls centres by itself until ctx ends; then it ends what was asked for too.
func (x *Exchanger) Run(ctx context.Context) {
	defer x.asked.Wait()
	defer x.cancelAll()
	tick := time.NewTicker(lookEach)
	defer tick.Stop()
	for {
		if err := x.round(ctx); err != nil && ctx.Err() == nil {
			x.log.ErrorContext(ctx, "look which centres are due", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// round calls every centre that is due.
func (x *Exchanger) round(ctx context.Context) error {
	all, err := store.Centres(ctx, x.db)
	if err != nil {
		return err
	}
	for _, c := range all {
		s, err := StateOf(ctx, x.db, c.Centre)
		if err != nil {
			return err
		}
		if !c.Pinned || s.Address == "" || !x.due(s) || ctx.Err() != nil {
			continue
		}
		if _, err := x.Exchange(ctx, id.ID(c.Centre)); err != nil && errs.Is(err, errs.Internal) {
			x.log.ErrorContext(ctx, "exchange", "error", err)
		}
	}
	return nil
}

// due reports whether a centre is to be called now. A clock that was put back makes nobody wait.
func (x *Exchanger) due(s State) bool {
	x.mu.Lock()
	stirred := x.stirred
	x.mu.Unlock()
	wait, now := callEach, x.now()
	if stirred.After(s.Tried) && !stirred.After(now) { // else the clock was put back since
		wait = callSoon
	}
	if s.Failed > 0 {
		wait = min(callSoon<<min(s.Failed-1, 10), callAtMost)
	}
	since := now.Sub(s.Tried)
	return since < 0 || since >= wait
}

// Start begins an exchange in the background; one that is under way goes on.
func (x *Exchanger) Start(ctx context.Context, peer id.ID) error {
	s, err := StateOf(ctx, x.db, ledger.ID(peer))
	if err != nil {
		return err
	}
	if s.Address == "" {
		return errs.New(errs.Invalid, "link.no_address")
	}
	g, ctx := x.begin(context.WithoutCancel(ctx), ledger.ID(peer))
	if g == nil {
		return nil
	}
	x.asked.Go(func() {
		if _, err := x.exchange(ctx, g, ledger.ID(peer)); errs.Is(err, errs.Internal) {
			x.log.ErrorContext(ctx, "exchange", "error", err)
		}
	})
	return nil
}

// Cancel ends an exchange that is under way; what was taken stays.
func (x *Exchanger) Cancel(peer id.ID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if g := x.going[ledger.ID(peer)]; g != nil {
		g.cancel()
	}
}

func (x *Exchanger) cancelAll() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, g := range x.going {
		g.cancel()
	}
}

// Going returns how far an exchange with a centre has come; ok is false where none is under way.
func (x *Exchanger) Going(peer id.ID) (p Progress, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	g := x.going[ledger.ID(peer)]
	if g == nil {
		return Progress{}, false
	}
	return g.progress, true
}

// Exchange exchanges with a centre and waits for its end.
func (x *Exchanger) Exchange(ctx context.Context, peer id.ID) (exchange.Passed, error) {
	g, ctx := x.begin(ctx, ledger.ID(peer))
	if g == nil {
		return exchange.Passed{}, errs.New(errs.Unavailable, "link.under_way")
	}
	return x.exchange(ctx, g, ledger.ID(peer))
}

// begin notes that a centre is to be called; nil where it is already.
func (x *Exchanger) begin(ctx context.Context, peer ledger.ID) (*going, context.Context) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.going[peer] != nil {
		return nil, ctx
	}
	ctx, cancel := context.WithCancel(ctx)
	g := &going{cancel: cancel}
	x.going[peer] = g
	return g, ctx
}

func (x *Exchanger) exchange(ctx context.Context, g *going, peer ledger.ID) (passed exchange.Passed, err error) {
	defer func() {
		g.cancel()
		x.mu.Lock()
		delete(x.going, peer)
		x.mu.Unlock()
		x.tell()
	}()
	select {
	case x.calling <- struct{}{}:
		defer func() { <-x.calling }()
	case <-ctx.Done():
		return passed, errs.Wrap(errs.Unavailable, ctx.Err(), "link.cancelled")
	}
	x.tell()
	passed, err = x.call(ctx, g, peer)
	if kept := x.keep(context.WithoutCancel(ctx), peer, err); kept != nil {
		return passed, errors.Join(err, kept)
	}
	return passed, err
}

// call exchanges, and goes on by a new connection where one is cut, as long as each brings something.
func (x *Exchanger) call(ctx context.Context, g *going, peer ledger.ID) (exchange.Passed, error) {
	var none exchange.Passed
	c := &caller{db: x.db, dial: x.Dial, now: x.now, report: func(p Progress) {
		x.mu.Lock()
		g.progress = p
		x.mu.Unlock()
		x.tell()
	}}
	s, err := StateOf(ctx, x.db, peer)
	if err != nil {
		return none, err
	}
	if c.addr = s.Address; c.addr == "" {
		return none, errs.New(errs.Invalid, "link.no_address")
	}
	if c.peer, err = store.Peer(ctx, x.db, peer); err != nil {
		return none, err
	}
	if revoked, err := isRevoked(ctx, x.db, peer); err != nil || revoked {
		return none, errors.Join(err, errs.New(errs.Denied, "link.revoked", "centre", c.peer.Name))
	}
	x.mu.Lock()
	c.size = min(max(x.sizes[peer], leastSize), mostSize)
	if x.sizes[peer] == 0 {
		c.size = firstSize
	}
	x.mu.Unlock()
	if c.flow, err = exchange.NewFlow(ctx, x.db, peer); err != nil {
		return none, err
	}
	passed, err := x.goOn(ctx, c)
	x.mu.Lock()
	x.sizes[peer] = c.size
	x.mu.Unlock()
	return passed, err
}

// goOn runs connection after connection.
func (x *Exchanger) goOn(ctx context.Context, c *caller) (total exchange.Passed, err error) {
	idle, again := 0, false
	for {
		c.moved, c.narrow = false, false
		passed, err := c.run(ctx)
		if err == nil {
			return passed, nil
		}
		if errors.Is(err, errNarrow) {
			if again { // neither has a renewal to follow: people have to compare
				return total, fault(faultAnchor)
			}
			again = true
			if c.flow, err = exchange.NewFlow(ctx, c.db, c.peer.Centre); err != nil {
				return total, err
			}
			continue
		}
		if !errors.Is(err, errCut) || ctx.Err() != nil {
			return total, cancelled(ctx, err)
		}
		c.size = max(c.size/2, leastSize)
		if c.moved {
			idle = 0
			continue
		}
		if idle == len(x.Again) {
			return total, err
		}
		select {
		case <-time.After(x.Again[idle]):
			idle++
		case <-ctx.Done():
			return total, cancelled(ctx, err)
		}
	}
}

func cancelled(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return errs.Wrap(errs.Unavailable, errors.Join(ctx.Err(), err), "link.cancelled")
	}
	return err
}

// keep writes down how it went.
func (x *Exchanger) keep(ctx context.Context, peer ledger.ID, fault error) error {
	key := ""
	if e, ok := errors.AsType[*errs.Error](fault); ok {
		key = e.Key
	} else if fault != nil {
		key = "link.failed"
	}
	now := store.Micro(x.now())
	return x.db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		tx.Touch("centre")
		if _, err := tx.Exec(ctx, "INSERT INTO exchange_link (centre) VALUES ($1) ON CONFLICT DO NOTHING", peer[:]); err != nil {
			return err
		}
		if fault != nil {
			_, err := tx.Exec(ctx, "UPDATE exchange_link SET tried=$1, failed=failed+1, fault=$2 WHERE centre=$3", now, key, peer[:])
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE exchange_link SET tried=$1, reached=$1, failed=0, fault='' WHERE centre=$2", now, peer[:])
		return err
	})
}

// called notes that a centre called us and that nothing is left on either side.
func (x *Exchanger) called(ctx context.Context, peer ledger.ID, passed exchange.Passed) error {
	x.log.InfoContext(ctx, "a centre called", "new", passed.New, "sent", passed.Sent)
	err := x.db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		tx.Touch("centre")
		_, err := tx.Exec(ctx, `INSERT INTO exchange_link (centre, came) VALUES ($1,$2) ON CONFLICT (centre) DO UPDATE SET came=excluded.came`,
			peer[:], store.Micro(x.now()))
		return err
	})
	x.tell()
	return err
}
