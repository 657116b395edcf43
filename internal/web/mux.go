package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
)

// MaxBody is how many bytes a request may bring unless its route says otherwise.
const MaxBody = 1 << 20

// Config is what the kit must be told. Log, Now and Viewer are needed; the others may be nil.
type Config struct {
	Log *slog.Logger
	Now func() time.Time

	// Viewer says who asks. A NotFound error means nobody has signed in; any other is answered as it is.
	Viewer func(r *http.Request) (*Viewer, error)

	// Centre returns the centre's name for the top bar.
	Centre func(ctx context.Context) string

	// Strip returns what holds now, for the line under the top bar. It is asked for every page: cache it.
	Strip func(ctx context.Context, lang i18n.Lang) []StripItem

	// Receipt returns where the form with this token led the first time, or a NotFound error. It is the
	// durable half of the guard against double submission; without it only this process remembers.
	Receipt func(ctx context.Context, account, token string) (location string, err error)

	SignIn string // the path where strangers are sent; "" answers them with Denied
	// Guide returns what leads a newcomer through a drill, under what holds now; nil where there is nothing to say.
	Guide  func(r *http.Request) templ.Component
	Demo   bool // strangers, too, see that the data are invented
	Assets *Assets
}

// StripItem is one rule or fact in force, shown under the top bar: "Curfew 23:00–07:00 · in 2 h 10 min".
type StripItem struct {
	Text string
	Href string // opens the rule; "" shows text only
	Tone Tone
}

// Mux serves lists of routes. Whatever is not listed, and whoever is not allowed, is refused.
type Mux struct {
	cfg    Config
	mux    *http.ServeMux
	cross  *http.CrossOriginProtection
	routes []Route
	access map[string]Access // pattern → access
	done   receipts
}

// New returns a Mux with the kit's own routes (assets, language, theme) and the given lists. It panics on
// two routes with one pattern, as http.ServeMux does.
func New(cfg Config, lists ...[]Route) *Mux {
	if cfg.Assets == nil {
		cfg.Assets = Embedded()
	}
	m := &Mux{
		cfg: cfg, mux: http.NewServeMux(), cross: http.NewCrossOriginProtection(),
		access: map[string]Access{}, done: receipts{entries: map[string]*receipt{}},
	}
	m.add(m.ownRoutes())
	for _, l := range lists {
		m.add(l)
	}
	return m
}

// Routes returns every route in the order of registration, for the table test of page × role.
func (m *Mux) Routes() []Route { return m.routes }

func (m *Mux) add(list []Route) {
	for _, rt := range list {
		m.routes = append(m.routes, rt)
		m.access[rt.Pattern] = rt.Allow
		m.mux.HandleFunc(rt.Pattern, func(w http.ResponseWriter, r *http.Request) { m.serve(w, r, rt) })
	}
}

func (m *Mux) ownRoutes() []Route {
	return []Route{
		{Pattern: "GET /assets/{hash}/{name...}", Allow: Public(), Handle: m.cfg.Assets.serve},
		{Pattern: "POST /language", Allow: Public(), Handle: chooseLanguage},
		{Pattern: "POST /theme", Allow: Public(), Handle: chooseTheme},
	}
}

// visit is what the kit knows about one request; it travels in the context, for the kit alone.
type visit struct {
	m      *Mux
	id     string
	viewer *Viewer
	local  bool
	err    error // what was answered, for the log line
}

type visitKey struct{}

func visitOf(r *http.Request) *visit {
	v, ok := r.Context().Value(visitKey{}).(*visit)
	if !ok {
		panic("web: the request did not come through Mux")
	}
	return v
}

// ViewerOf returns who asks; never nil. The request must have come through a Mux.
func ViewerOf(r *http.Request) *Viewer { return visitOf(r).viewer }

// Actor is the account that asks, zero where nobody is signed in: the kit has already refused strangers.
func Actor(r *http.Request) id.ID {
	v, err := id.Parse(ViewerOf(r).AccountID)
	if err != nil {
		return id.ID{}
	}
	return v
}

// InWords makes an error one that a form shows, but for a fault of our own.
func InWords(err error) error {
	var e *errs.Error
	if errs.KindOf(err) != errs.Internal && errors.As(err, &e) {
		return errs.Wrap(errs.Invalid, err, e.Key, e.Args...)
	}
	return err
}

// Lang returns the language to answer in.
func Lang(r *http.Request) i18n.Lang { return visitOf(r).viewer.Lang }

// ServeHTTP answers one request and writes one line about it: no query, no names, no typed text.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := m.cfg.Now()
	v := &visit{m: m, id: strings.ToLower(rand.Text()[:8]), local: isLocal(r), viewer: &Viewer{Lang: langOf(r), Demo: m.cfg.Demo}}
	r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	secure(rec.Header(), v.id)
	defer func() {
		if p := recover(); p != nil {
			if cause, ok := p.(error); ok && errors.Is(cause, http.ErrAbortHandler) {
				panic(p)
			}
			v.err = fmt.Errorf("panic: %v", p)
			m.cfg.Log.ErrorContext(r.Context(), "panic", "request_id", v.id, "stack", string(debug.Stack()))
			respond(rec, r, v.err)
		}
		m.logLine(r, rec, v, m.cfg.Now().Sub(start))
	}()
	answer(rec, r, v, m.dispatch(rec, r, v))
}

func (m *Mux) dispatch(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := m.cross.Check(r); err != nil {
		return errs.Wrap(errs.Denied, err, "web.cross_origin")
	}
	if err := m.identify(r, v); err != nil {
		return err
	}
	if _, pattern := m.mux.Handler(r); pattern == "" {
		return m.unmatched(w, r)
	}
	m.mux.ServeHTTP(w, r)
	return nil
}

// identify asks who it is and lets a language chosen on this device win over the account's.
func (m *Mux) identify(r *http.Request, v *visit) error {
	if strings.HasPrefix(r.URL.Path, "/assets/") {
		return nil
	}
	viewer, err := m.cfg.Viewer(r)
	switch {
	case errs.Is(err, errs.NotFound):
		return nil
	case err != nil:
		return fmt.Errorf("identify viewer: %w", err)
	}
	known := *viewer
	if l, ok := cookieLang(r); ok || known.Lang == "" {
		known.Lang = l
		if !ok {
			known.Lang = v.viewer.Lang
		}
	}
	v.viewer = &known
	return nil
}

// unmatched answers what no route serves: NotFound, or 405 where another method would do.
func (m *Mux) unmatched(w http.ResponseWriter, r *http.Request) error {
	probe := &recorder{ResponseWriter: discard{http.Header{}}, status: http.StatusOK}
	h, _ := m.mux.Handler(r)
	h.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.Header().Get("Allow"))
		return &statusError{http.StatusMethodNotAllowed, errs.New(errs.Invalid, "web.method")}
	}
	return errs.New(errs.NotFound, "web.no_page")
}

// serve is the one way into a handler: access first, then the size of the body.
func (m *Mux) serve(w http.ResponseWriter, r *http.Request, rt Route) {
	v := visitOf(r)
	err := m.admit(r, v, rt.Allow)
	if err == nil {
		limit := rt.MaxBody
		if limit == 0 {
			limit = MaxBody
		}
		if r.ContentLength > limit {
			err = &http.MaxBytesError{Limit: limit} // before a byte of it is read
		} else {
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			err = rt.Handle(w, r)
		}
	}
	answer(w, r, v, err)
}

// answer answers an error, where there is one and somebody who waits for it.
func answer(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	switch {
	case err == nil:
	case r.Context().Err() != nil && errs.KindOf(err) == errs.Internal: // nobody waits any more, and that is why it broke off
		w.WriteHeader(statusGone)
	default:
		v.err = err
		respond(w, r, err)
	}
}

// statusGone is what the log shows of a request whose browser went on before the answer: whoever types on asks anew.
const statusGone = 499

func (m *Mux) admit(r *http.Request, v *visit, allow Access) error {
	switch {
	case allow.Permits(v.viewer.Roles, v.local):
		return nil
	case !v.viewer.SignedIn() && allow.roles != 0:
		return &signInError{next: r.URL.RequestURI()}
	}
	return errs.New(errs.Denied, "")
}

// allowed reports whether the viewer may open the page; false for one that is not registered.
func (v *visit) allowed(pattern string) bool {
	a, ok := v.m.access[pattern]
	return ok && a.Permits(v.viewer.Roles, v.local)
}

func (m *Mux) logLine(r *http.Request, rec *recorder, v *visit, took time.Duration) {
	level, ctx := slog.LevelInfo, r.Context()
	attrs := []slog.Attr{
		slog.String("request_id", v.id), slog.String("method", r.Method), slog.String("pattern", m.pattern(r)),
		slog.Int("status", rec.status), slog.Int64("bytes", rec.bytes), slog.Duration("took", took),
		slog.String("account_id", v.viewer.AccountID), slog.Bool("local", v.local),
	}
	if v.err != nil {
		attrs = append(attrs, slog.String("kind", errs.KindOf(v.err).String()))
		if rec.status >= http.StatusInternalServerError {
			level = slog.LevelError
			attrs = append(attrs, slog.String("err", v.err.Error()))
		}
	}
	m.cfg.Log.LogAttrs(ctx, level, "request", attrs...)
}

// pattern returns the route's pattern and not the path: a path may hold a token.
func (m *Mux) pattern(r *http.Request) string {
	if _, p := m.mux.Handler(r); p != "" {
		return p
	}
	return "none"
}

// secure sets the headers that every response has. No inline script or style, nothing from elsewhere.
func secure(h http.Header, requestID string) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "+
		"font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	permit(h, "()")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Request-Id", requestID)
}

// permit says which of a device's senses a page may use; camera is "(self)" or "()".
func permit(h http.Header, camera string) {
	h.Set("Permissions-Policy", "camera="+camera+", geolocation=(self), microphone=(), payment=()")
}

// recorder notes the status and size of a response.
type recorder struct {
	http.ResponseWriter

	status int
	bytes  int64
	wrote  bool
}

// WriteHeader notes the first status.
func (r *recorder) WriteHeader(status int) {
	if !r.wrote {
		r.status, r.wrote = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// discard is a response that nobody reads.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// receipts remembers, while the process lives, where the first submission of each form led, and makes
// a second submission wait for the first.
type receipts struct {
	mu      sync.Mutex
	entries map[string]*receipt
	order   []string
}

type receipt struct {
	mu       sync.Mutex
	location string
}

const maxReceipts = 10_000

func (rs *receipts) of(key string) *receipt {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if e := rs.entries[key]; e != nil {
		return e
	}
	if len(rs.order) >= maxReceipts {
		delete(rs.entries, rs.order[0])
		rs.order = rs.order[1:]
	}
	e := &receipt{}
	rs.entries[key] = e
	rs.order = append(rs.order, key)
	return e
}
