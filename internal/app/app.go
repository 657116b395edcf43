// Package app builds everything: it is the only package that knows everyone. It opens a centre's database
// with every kind of record, and serves its pages.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/app/drill"
	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/authority"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/link"
	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/export"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/begun"
	"github.com/jumyla/jumyla/internal/web/brief"
	"github.com/jumyla/jumyla/internal/web/chart"
	"github.com/jumyla/jumyla/internal/web/desk"
	"github.com/jumyla/jumyla/internal/web/extract"
	"github.com/jumyla/jumyla/internal/web/field"
	"github.com/jumyla/jumyla/internal/web/lan"
	"github.com/jumyla/jumyla/internal/web/links"
	"github.com/jumyla/jumyla/internal/web/lists"
	"github.com/jumyla/jumyla/internal/web/lost"
	"github.com/jumyla/jumyla/internal/web/office"
	"github.com/jumyla/jumyla/internal/web/out"
	"github.com/jumyla/jumyla/internal/web/people"
	"github.com/jumyla/jumyla/internal/web/plan"
	"github.com/jumyla/jumyla/internal/web/quality"
	"github.com/jumyla/jumyla/internal/web/relay"
	"github.com/jumyla/jumyla/internal/web/runs"
	"github.com/jumyla/jumyla/internal/web/same"
	"github.com/jumyla/jumyla/internal/web/tree"
	"github.com/jumyla/jumyla/internal/web/try"
	"github.com/jumyla/jumyla/internal/web/twins"
)

// Kinds returns every kind of record that the program knows.
func Kinds() []store.Registered {
	kinds := []store.Registered{centre.Kind, centre.NoteKind, list.Kind, list.ReadingKind, export.Kind, place.Kind, area.Kind, household.Kind, household.LookKind,
		household.VerdictKind, request.Kind, request.NeedKind, request.CallbackKind, request.WordKind, request.RelayKind, request.QualityKind,
		volunteer.Kind, volunteer.VerdictKind, crew.Kind, crew.LookKind, rule.Record, supply.Kind,
		authority.Kind, run.Kind, run.OutcomeKind, run.CheckKind, run.RenewalKind,
		twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, twin.TallyKind, twin.KeyKind}
	return append(kinds, account.Kinds()...)
}

// Options say what to serve.
type Options struct {
	Dir     string
	Listen  string       // host:port, as lan.Listen takes it
	Secret  store.Secret // empty: the unlock page asks for the passphrase
	Log     *slog.Logger
	Now     func() time.Time         // the time that records get; the machine's where nil
	KDF     store.KDF                // StrongKDF where zero
	Demo    bool                     // invented data: roles are chosen without a passphrase
	Seed    uint64                   // of the demo
	Filling func() (done, total int) // how far the demo is filled; nil: it is whole
	Peers   string                   // host:port at which other centres call; "" for none
	Copy    string                   // folder of another device for the second copy; "" as it was before

	// Gone ends the program at once, after its keys were destroyed; may be nil.
	Gone func()
	// Ready is called with the address once it answers; may be nil.
	Ready func(addr string)
	// Called is called with the address for other centres once it answers; may be nil.
	Called func(addr string)
	// Filled is called once with an opened database of a demo; may be nil.
	Filled func(ctx context.Context, db *store.DB) error
}

func (o Options) config() store.Config {
	return store.Config{Dir: o.Dir, Kinds: Kinds(), Now: o.Now, Log: o.Log, KDF: o.KDF}
}

// server answers with the pages that fit the database's state: none yet, locked, or open.
type server struct {
	opt    Options
	events *web.Events
	pages  atomic.Pointer[web.Mux]
	door   *lan.Door  // how other devices come in
	port   *link.Port // how other centres come in; nil where they do not
	chart  chart.Chart
	roads  dispatch.Roads
	find   where.Finder // of addresses
	work   roadwork     // on extracts
	twins  match.Worker // what is asked of, and for, other centres

	mu      sync.Mutex
	db      *store.DB
	links   *linked
	second  *copying
	reading sync.WaitGroup // the register is built meanwhile
	stop    func()         // that
	placing chan struct{}  // tells it that somebody may have a place now
}

// ServeHTTP answers with the pages of the moment.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.pages.Load().ServeHTTP(w, r) }

func (s *server) begin(ctx context.Context) error {
	switch {
	case !store.Exists(s.opt.Dir):
		if s.opt.Filled != nil {
			db, err := store.Create(ctx, s.opt.config(), s.opt.Secret)
			if err != nil {
				return err
			}
			return s.open(ctx, db)
		}
	case s.opt.Secret.Passphrase != "" || len(s.opt.Secret.KeyFile) > 0:
		db, err := store.Open(ctx, s.opt.config(), s.opt.Secret)
		if err != nil {
			return err
		}
		return s.open(ctx, db)
	}
	s.closed(false)
	return nil
}

// doors are how the centre is shut in a moment.
func (s *server) doors() *office.Doors {
	d := &office.Doors{Close: s.shut, Gone: s.opt.Gone, Copy: s.second, Destroy: func() error {
		_, err := store.Destroy(s.opt.Dir)
		return err
	}}
	if d.Gone == nil {
		d.Gone = func() {}
	}
	return d
}

// closed puts the pages of a centre whose database is not open in place; locked says that somebody closed it.
func (s *server) closed(locked bool) {
	s.pages.Store(web.New(s.webConfig(nil), office.SetUp(s.create, s.unlock, locked), s.closedRoutes()))
}

// shut closes the database while the program stays: whoever asks for anything next meets the page that opens it.
func (s *server) shut(ctx context.Context) error {
	s.closed(true)
	s.door.Shut(ctx)
	s.close(context.WithoutCancel(ctx))
	return nil
}

// closedRoutes leads whoever asks for any page of a closed office at its own machine to the page that opens it, and tells
// everybody else where that is.
func (s *server) closedRoutes() []web.Route {
	to := "/unlock"
	if !store.Exists(s.opt.Dir) {
		to = "/set-up"
	}
	return []web.Route{{Pattern: "/", Allow: web.Public(), Handle: func(w http.ResponseWriter, r *http.Request) error {
		switch {
		case !here(r):
			return errs.New(errs.Unavailable, "office.closed_elsewhere")
		case r.Method != http.MethodGet || web.IsFragment(r):
			return errs.New(errs.Unavailable, "office.closed_here")
		}
		return web.See(w, r, to)
	}}}
}

// here reports whether the request came from this machine itself, which alone is served without TLS.
func here(r *http.Request) bool {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return r.TLS == nil && err == nil && at.Addr().Unmap().IsLoopback()
}

func (s *server) create(ctx context.Context, in office.SetUpInput) error {
	db, err := store.Create(ctx, s.opt.config(), store.Secret{Passphrase: in.Passphrase})
	if err != nil {
		return err
	}
	if err := db.Write(ctx, store.Actor{}, func(tx *store.Tx) error { return in.Apply(ctx, tx, s.kdf()) }); err != nil {
		return errors.Join(err, db.Discard())
	}
	return s.open(ctx, db)
}

func (s *server) unlock(ctx context.Context, passphrase string) error {
	db, err := store.Open(ctx, s.opt.config(), store.Secret{Passphrase: passphrase})
	if err != nil {
		return err
	}
	return s.open(ctx, db)
}

func (s *server) kdf() store.KDF {
	if s.opt.KDF == (store.KDF{}) {
		return store.StrongKDF
	}
	return s.opt.KDF
}

// open puts the office's pages in place of the set-up's.
func (s *server) open(ctx context.Context, db *store.DB) error {
	s.mu.Lock()
	s.db, s.second = db, &copying{db: db}
	s.mu.Unlock()
	if !s.opt.Demo {
		if err := s.second.begin(s.opt.Copy); err != nil {
			return err
		}
	}
	s.forgetNow(ctx)
	if s.opt.Filled != nil {
		if err := s.opt.Filled(ctx, db); err != nil {
			return err
		}
	}
	name := ""
	if c, err := centre.Get(ctx, db); err == nil { // a drill may still be filling
		name = c.Name
	}
	if err := s.door.Open(ctx, db, name); err != nil {
		return err
	}
	db.OnCommit(func(c store.Change) {
		s.events.Publish(slices.Concat(desk.Topics(c), people.Topics(c), plan.Topics(c), lists.Topics(c))...)
	})
	if err := s.link(ctx, db); err != nil {
		return err
	}
	s.work.s = s
	s.work.begin()
	s.useMap(ctx)
	s.useRoads(ctx)
	s.pages.Store(web.New(s.webConfig(db), s.routes(db, s.read(ctx, db))...))
	return nil
}

// read begins to build the register of those the centre knows; pages do not wait for it.
func (s *server) read(ctx context.Context, db *store.DB) *intake.Register {
	register := intake.NewRegister(db)
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.mu.Lock()
	s.stop = stop
	s.mu.Unlock()
	placing := make(chan struct{}, 1)
	s.mu.Lock()
	s.placing = placing
	s.mu.Unlock()
	db.OnCommit(func(c store.Change) {
		if c.Kinds["list"] || c.Kinds["area"] { // what came with a list has no place yet; another division, other districts
			s.placeAgain()
		}
	})
	s.reading.Go(func() { s.placeNewcomers(ctx, db, placing) })
	s.reading.Go(func() {
		if err := register.Build(ctx); err != nil && ctx.Err() == nil {
			s.opt.Log.ErrorContext(ctx, "build register", "error", err)
		}
	})
	return register
}

// placeAgain has those without a place looked for again.
func (s *server) placeAgain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.placing <- struct{}{}:
	default: // it will be seen to
	}
}

// firstSteps is the page of what a new centre does first.
func (s *server) firstSteps(db *store.DB) *office.Begin {
	copied := func() bool {
		_, kept := s.second.State()
		return kept
	}
	return office.NewBegin(db, copied, func() bool { return s.work.State().Use != nil })
}

// routes lists every page of an open office.
func (s *server) routes(db *store.DB, register *intake.Register) [][]web.Route {
	var waits *request.Live
	if db != nil { // the table of rights is made without one
		waits = request.NewLive(db)
	}
	calls := desk.New(db, s.events, register, waits)
	calls.Find, calls.Map = &s.find, &s.chart
	phones := field.New(db, time.Now, s.door.Site, s.door.Codes)
	crews, report := runs.New(db), brief.New(db, waits)
	report.Find = &s.find
	crews.Link, crews.Ground, phones.Ground = phones.Link, s.ground, s.ground
	all := [][]web.Route{calls.Routes(), begun.New(db).Routes(), crews.Routes(), same.New(db, register).Routes(), phones.Routes(), lists.New(db, s.events, s.opt.Log).Routes(), people.New(db, s.events, register).Routes(),
		office.New(db, time.Now, s.kdf()).Routes(), office.Copy(db, s.second, time.Now).Routes(), s.firstSteps(db).Routes(), report.Routes(), s.door.Routes()}
	if !s.opt.Demo {
		all = append(all, s.doors().Routes())
	}
	all = append(all, out.New(db, time.Now).Routes())
	days := plan.New(db, s.events, &s.roads)
	days.Map = &s.chart
	all = append(all, days.Routes())
	centres, peers := tree.New(db), links.New(db, s.network())
	centres.Find, peers.Find = &s.find, &s.find
	all = append(all, relay.New(db).Routes(), peers.Routes(), centres.Routes(), lost.New(db).Routes(), twins.New(db).Routes(), quality.New(db).Routes())
	all = append(all, s.chart.Routes(), chart.NewOffice(&s.chart, db, waits, &s.roads).Routes())
	all = append(all, extract.New(db, &s.work, s.events).Routes())
	if s.opt.Demo {
		all = append(all, s.drill(db).Routes())
	}
	return all
}

// drill is the door of a drill, and what leads through it.
func (s *server) drill(db *store.DB) *try.Try {
	return try.New(db, s.opt.Seed, drillLogins(), time.Now, s.opt.Filling)
}

func (s *server) close(ctx context.Context) {
	s.work.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db != nil {
		s.second.end()
		s.stop()
		s.links.end()
		s.reading.Wait()
		if err := s.db.Close(); err != nil {
			s.opt.Log.ErrorContext(ctx, "close database", "error", err)
		}
		s.db = nil
	}
}

func (s *server) webConfig(db *store.DB) web.Config {
	cfg := web.Config{Log: s.opt.Log, Now: time.Now, Demo: s.opt.Demo, Assets: web.Embedded(),
		Viewer: func(*http.Request) (*web.Viewer, error) { return nil, errs.Missing("session") }}
	if db == nil {
		return cfg
	}
	viewer := office.Viewer(db, time.Now)
	cfg.SignIn = "/sign-in"
	if s.opt.Demo {
		cfg.SignIn = "/try"
	}
	cfg.Viewer = func(r *http.Request) (*web.Viewer, error) {
		v, err := viewer(r)
		if v != nil {
			v.Demo = s.opt.Demo
		}
		return v, err
	}
	cfg.Centre = func(ctx context.Context) string {
		c, err := centre.Get(ctx, db)
		if err != nil {
			return ""
		}
		return c.Name
	}
	if s.opt.Demo {
		cfg.Guide = s.drill(db).Guide
	}
	cfg.Strip = func(ctx context.Context, lang i18n.Lang) []web.StripItem { return s.strip(ctx, db, lang) }
	cfg.Receipt = func(ctx context.Context, _, token string) (string, error) {
		return store.One[string](ctx, db, "receipt", "SELECT result FROM once WHERE token=$1", token)
	}
	return cfg
}

// strip says what holds now, and what must be mended.
func (s *server) strip(ctx context.Context, db *store.DB, lang i18n.Lang) []web.StripItem {
	c, err := centre.Get(ctx, db)
	if err != nil {
		return nil
	}
	now := db.Now().In(c.Location())
	rules, err := rule.Between(ctx, db, now, now.AddDate(0, 0, 1))
	if err != nil {
		return nil
	}
	out := s.second.line(lang, c.Location(), time.Now())
	if line := rule.Line(lang, rules, dispatch.Areas(c), now); line != "" {
		out = append(out, web.StripItem{Text: line, Href: "/rules", Tone: web.ToneWait})
	}
	if clashes, err := dispatch.Clashes(ctx, db, now); err == nil && len(clashes) > 0 { // the pages that list them say what is wrong
		n := dispatch.Touched(clashes)
		out = append(out, web.StripItem{Text: lang.T("plan.clash.strip", "n", n), Href: "/runs", Tone: web.ToneUrgent})
	}
	if s.opt.Filling != nil {
		if done, total := s.opt.Filling(); done < total {
			out = append(out, web.StripItem{Text: lang.T("try.filling", "percent", 100*done/total), Href: "/try", Tone: web.ToneInfo})
		}
	}
	return append(out, web.StripItem{Text: lang.DateClock(now)})
}

func drillLogins() []try.Login {
	var out []try.Login
	for _, l := range drill.Logins() {
		out = append(out, try.Login{Name: l.Name, Role: l.Role, Lang: l.Lang, Passphrase: drill.Passphrase})
	}
	return out
}

// DataDir returns where a demo of a seed keeps its data below dir.
func DataDir(dir string, seed uint64) string { return filepath.Join(dir, fmt.Sprintf("demo-%d", seed)) }
