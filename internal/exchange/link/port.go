package link

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Path is where turns are posted.
const Path = "/exchange"

const mediaType = "application/vnd.jumyla.turn"

// What a stranger, or a centre that means ill, can hold.
const (
	maxConns   = 64
	maxConnsOf = 6  // of one address
	maxPlaces  = 16 // centres whose message is read or answered, each one
	maxTurns   = 4  // messages that are unpacked and carried out at once
	slowAfter  = 2 * turnTakes
	headerIn   = time.Minute
	silentFor  = 90 * time.Second // of a link of 64 kbit/s with 30 % loss nothing comes for long
	leastRoom  = 1 << 10
	mostRoom   = 4 << 20
)

// patience is how long a message of so many bytes may take: nobody is slower than 300 bytes a second for long.
func patience(n int) time.Duration { return 2*time.Minute + time.Duration(n/300)*time.Second }

// Port is where other centres call this one. Until a database is opened it says that the centre is locked.
type Port struct {
	Addr string // where it listens

	log    *slog.Logger
	now    func() time.Time
	srv    *http.Server
	places *places
	turns  chan struct{}
	ended  chan struct{}

	mu    sync.Mutex
	db    *store.DB
	x     *Exchanger
	tls   *tls.Config
	talks map[ledger.ID]*incoming
	work  sync.WaitGroup // whoever uses the database
}

// incoming is an exchange that another centre began.
type incoming struct {
	mu      sync.Mutex
	session []byte
	talk    talk
}

// Listen opens the port for other centres. now is a real clock's.
func Listen(ctx context.Context, addr string, log *slog.Logger, now func() time.Time) (*Port, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, err, "app.port", "addr", addr)
	}
	p := &Port{Addr: l.Addr().String(), log: log, now: now, places: newPlaces(maxPlaces, slowAfter, now), turns: make(chan struct{}, maxTurns), ended: make(chan struct{}), talks: map[ledger.ID]*incoming{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+Path, p.serve)
	p.srv = &http.Server{Handler: mux, ReadHeaderTimeout: headerIn, IdleTimeout: 5 * time.Minute, MaxHeaderBytes: 8 << 10,
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelDebug), // strangers: not a fault of ours
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }, ConnContext: withConn}
	bounded := &bounded{Listener: l}
	secure := tls.NewListener(bounded, &tls.Config{MinVersion: tls.VersionTLS13, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return p.config() }})
	go func() {
		defer close(p.ended)
		_ = p.srv.Serve(secure) // ends by Close alone
	}()
	return p, nil
}

var errLocked = errors.New("the database is not open")

func (p *Port) config() (*tls.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tls == nil {
		return nil, errLocked
	}
	return p.tls, nil
}

// Open lets paired centres exchange with a database. x learns who called. A port that is nil lets nobody in.
func (p *Port) Open(db *store.DB, x *Exchanger) error {
	if p == nil {
		return nil
	}
	c, err := answering(db)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.db, p.x, p.tls = db, x, c
	return nil
}

// Shut waits for what is being written; until Open nobody is let in.
func (p *Port) Shut() {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.db, p.x, p.tls, p.talks = nil, nil, nil, map[ledger.ID]*incoming{}
	p.mu.Unlock()
	p.work.Wait()
}

// use runs fn with the database, which is not closed meanwhile; false where none is open.
func (p *Port) use(fn func(db *store.DB, x *Exchanger)) bool {
	p.mu.Lock()
	db, x := p.db, p.x
	if db != nil {
		p.work.Add(1)
	}
	p.mu.Unlock()
	if db == nil {
		return false
	}
	defer p.work.Done()
	fn(db, x)
	return true
}

// Close closes the port.
func (p *Port) Close() error {
	if p == nil {
		return nil
	}
	err := p.srv.Close()
	<-p.ended
	return err
}

// serve answers one turn.
func (p *Port) serve(w http.ResponseWriter, r *http.Request) {
	var peer store.Centre
	var out *turn
	var status int
	ctx := r.Context()
	if !p.use(func(db *store.DB, _ *Exchanger) { peer, out, status = p.caller(ctx, r, db) }) {
		out, status = &turn{Fault: faultLocked}, http.StatusServiceUnavailable
	}
	if out != nil {
		w.Header().Set("Connection", "close") // whoever is not let in keeps no connection either
		p.reply(w, r, out, status, nil)
		return
	}
	known(ctx)
	at, err := p.places.take(ctx, peer.Centre, http.NewResponseController(w))
	if err != nil {
		return // it is gone
	}
	defer p.places.leave(at)
	if out, status = p.answer(w, r, peer, at); out == nil {
		panic(http.ErrAbortHandler) // cut: the caller goes on by another connection, with less
	}
	p.reply(w, r, out, status, at)
}

// reply writes an answer; at is the place that it is written from. Whoever is gone asks again.
func (p *Port) reply(w http.ResponseWriter, r *http.Request, out *turn, status int, at *place) {
	b, err := pack(out)
	if err != nil {
		p.log.ErrorContext(r.Context(), "pack turn", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(p.now().Add(patience(len(b))))
	if at != nil && at.ending() {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// answer reads the turn of a centre that we know, and carries it out; nil is a turn that did not come whole.
func (p *Port) answer(w http.ResponseWriter, r *http.Request, peer store.Centre, at *place) (out *turn, status int) {
	if r.ContentLength < 0 || r.ContentLength > maxTurn {
		return &turn{Fault: faultLimits}, http.StatusRequestEntityTooLarge
	}
	packed, err := io.ReadAll(p.body(w, r, at)) // a slow one takes none of the places of those who are carried out
	if err != nil {
		return nil, 0
	}
	p.turns <- struct{}{}
	defer func() { <-p.turns }()
	ctx := r.Context()
	in, err := unpack(bytes.NewReader(packed))
	switch {
	case errors.Is(err, errTooLarge), errors.Is(err, ledger.ErrLimits):
		return &turn{Fault: faultLimits}, http.StatusRequestEntityTooLarge
	case err != nil:
		return &turn{Fault: faultGarbled}, http.StatusBadRequest
	}
	open := p.use(func(db *store.DB, x *Exchanger) {
		if out, err = p.turn(ctx, db, x, peer, in); err != nil {
			out, status = p.failed(ctx, err)
		}
	})
	if !open {
		return &turn{Fault: faultLocked}, http.StatusServiceUnavailable
	}
	return out, max(status, http.StatusOK)
}

// caller finds out who calls; out is what somebody is told who is not let in.
func (p *Port) caller(ctx context.Context, r *http.Request, db *store.DB) (peer store.Centre, out *turn, status int) {
	key, err := keyOf(r.TLS)
	if err != nil {
		return peer, &turn{Fault: faultStranger}, http.StatusForbidden
	}
	peer, revoked, known, err := whose(ctx, db, key)
	switch {
	case err != nil:
		out, status = p.failed(ctx, err)
	case !known:
		out, status = &turn{Fault: faultStranger}, http.StatusForbidden
	case revoked:
		out, status = &turn{Fault: faultRevoked}, http.StatusForbidden
	}
	return peer, out, status
}

func (p *Port) failed(ctx context.Context, err error) (*turn, int) {
	if errs.Is(err, errs.Invalid) {
		return &turn{Fault: faultGarbled}, http.StatusBadRequest
	}
	p.log.ErrorContext(ctx, "exchange with a centre that called", "error", err)
	return &turn{Fault: faultInternal}, http.StatusInternalServerError
}

// turn carries out what a centre says.
func (p *Port) turn(ctx context.Context, db *store.DB, x *Exchanger, peer store.Centre, in *turn) (*turn, error) {
	t, fault, err := p.incoming(ctx, db, peer.Centre, in)
	if err != nil || fault != "" {
		return &turn{Fault: fault}, err
	}
	defer t.mu.Unlock()
	out := &turn{Session: t.session}
	if in.Hello != nil {
		hello, err := t.talk.flow.Hello(ctx)
		if err != nil {
			return nil, err
		}
		switch fault := agree(hello, *in.Hello); fault {
		case "":
		case faultAnchor:
			t.talk.narrow = true
			t.talk.flow.Narrow()
		default:
			return &turn{Fault: fault}, nil
		}
		have, err := t.talk.flow.Have(ctx)
		if err != nil {
			return nil, err
		}
		out.Hello, out.Have, t.talk.peer = &hello, &have, min(hello.Newest, in.Hello.Newest)
	}
	if err := t.talk.hear(ctx, in, out); err != nil {
		return nil, err
	}
	if err := t.talk.say(ctx, out, int(min(max(in.Room, leastRoom), mostRoom))); err != nil {
		return nil, err
	}
	if in.Hello == nil && in.Behind == 0 && !out.offers() {
		return out, p.whole(ctx, x, peer, t)
	}
	return out, nil
}

// whole ends an exchange of which nothing is left on either side.
func (p *Port) whole(ctx context.Context, x *Exchanger, peer store.Centre, t *incoming) error {
	passed, err := t.talk.flow.End(ctx)
	if err != nil || t.talk.narrow {
		return err
	}
	return x.called(ctx, peer.Centre, passed)
}

// incoming finds the exchange that a turn belongs to, or begins it; it comes locked. A centre has one: beginning anew
// ends the one before.
func (p *Port) incoming(ctx context.Context, db *store.DB, peer ledger.ID, in *turn) (t *incoming, fault string, err error) {
	p.mu.Lock()
	t = p.talks[peer]
	p.mu.Unlock()
	if in.Hello == nil {
		if t == nil || string(t.session) != string(in.Session) {
			return nil, faultSession, nil
		}
		if !t.mu.TryLock() {
			return nil, faultBusy, nil
		}
		return t, "", nil
	}
	if in.Have == nil || in.Hello.Centre != peer {
		return nil, faultGarbled, nil
	}
	if t != nil && !t.mu.TryLock() {
		return nil, faultBusy, nil
	}
	if t != nil {
		defer t.mu.Unlock()
	}
	next := &incoming{session: make([]byte, 16)}
	if _, err := io.ReadFull(rand.Reader, next.session); err != nil {
		return nil, "", err
	}
	if next.talk.flow, err = exchange.NewFlow(ctx, db, peer); err != nil {
		return nil, "", err
	}
	next.mu.Lock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.db != db {
		next.mu.Unlock()
		return nil, faultLocked, nil
	}
	p.talks[peer] = next
	return next, "", nil
}
