// Package links is where a centre sees other centres: who they are and as of when each is known, the stick that carries
// what no cable does, a request that is handed over, and what others propose.
package links

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/photo"
	"github.com/jumyla/jumyla/internal/exchange/tree"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// Links serves the pages.
type Links struct {
	Find *where.Finder // knows the areas by name; nil: they are written as they are kept

	db     *store.DB
	net    Network
	photos *photo.Reader
}

// New returns the pages of a centre.
func New(db *store.DB, net Network) *Links { return &Links{db: db, net: net, photos: photo.New()} }

// Routes returns the pages and acts. Whoever answers for the centre pairs, carries and decides; those who plan see.
func (l *Links) Routes() []web.Route {
	sees, acts := web.Roles(account.Coordinator|account.Dispatcher|account.Auditor), web.Roles(account.Coordinator)
	return append(l.peerRoutes(), []web.Route{
		{Pattern: "GET /links", Allow: sees, Handle: l.centres},
		{Pattern: "GET /links/card", Allow: acts, Handle: l.card},
		{Pattern: "POST /links/words", Allow: acts, Handle: l.words},
		{Pattern: "POST /links/photo", Allow: acts, Handle: l.photo, MaxBody: photo.MaxBytes + 1<<20},
		{Pattern: "POST /links/code", Allow: acts, Handle: l.code, MaxBody: photo.MaxBytes},
		{Pattern: "POST /links/pair", Allow: acts, Handle: l.pair},
		{Pattern: "GET /links/stick", Allow: acts, Handle: l.stick},
		{Pattern: "POST /links/stick/read", Allow: acts, Handle: l.read},
		{Pattern: "POST /links/stick/write", Allow: acts, Handle: l.write},
		{Pattern: "GET /links/proposals", Allow: acts, Handle: l.proposals},
		{Pattern: "POST /links/proposals/{id}", Allow: acts, Handle: l.answer},
		{Pattern: "GET /links/entrust", Allow: acts, Handle: l.entrust},
		{Pattern: "GET /links/entrust/{id}", Allow: acts, Handle: l.entrust},
		{Pattern: "POST /links/entrust/{id}", Allow: acts, Handle: l.entrustTo},
		{Pattern: "GET /links/erasures", Allow: sees, Handle: l.erasures},
		{Pattern: "GET /links/requests/{id}", Allow: acts, Handle: l.request},
		{Pattern: "POST /links/requests/{id}", Allow: acts, Handle: l.move},
	}...)
}

// page is what all pages here have.
type page struct {
	lang  i18n.Lang
	form  *web.Form
	zone  *time.Location
	acts  bool
	here  string
	waits Waits
	find  *where.Finder
	at    time.Time // now
}

func (l *Links) page(r *http.Request, here string, f *web.Form) (page, error) {
	p := page{lang: f.Lang, form: f, here: here, zone: time.UTC, acts: web.ViewerOf(r).Roles.Any(account.Coordinator), find: l.Find, at: l.db.Now()}
	if c, err := centre.Get(r.Context(), l.db); err == nil {
		p.zone = c.Location()
	}
	var err error
	p.waits, err = Waiting(r.Context(), l.db)
	return p, err
}

func (p page) tabs() []web.Tab { return Tabs(p.lang, p.acts, p.waits, p.here) }

// now is the time, in the centre's zone.
func (p page) now() time.Time { return p.at.In(p.zone) }

// asOf says when a centre was last heard of.
func (p page) asOf(at time.Time) string {
	if at.IsZero() {
		return p.lang.T("links.never")
	}
	return p.lang.DateClock(at.In(p.zone))
}

// centresPage is the tree of centres.
type centresPage struct {
	page
	words []string // of our card; nil before it has one
	tree  tree.Tree
	rows  []centreRow
	net   network
	away  []moved
	check *pairing
	sent  string // the form that was sent: "card" or "all"
}

// centreRow is one centre in the tree.
type centreRow struct {
	tree.Node

	peer   exchange.Waiting
	paired bool // else others introduced it, or it is ours
}

// moved is a request that went from centre to centre.
type moved struct {
	id     request.ID
	ref    id.Ref
	centre string
	ours   bool
}

// pairing is a card that people compare.
type pairing struct {
	card  store.Card
	words []string
	raw   string
}

func (l *Links) centres(w http.ResponseWriter, r *http.Request) error {
	p, err := l.centresPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

func (p *centresPage) show() web.Page {
	return web.Page{Title: p.lang.T("links.title"), Nav: "links", Body: p.body(), Help: p.lang.T("links.help"), Camera: p.acts, Load: []string{"links.js"}}
}

func (l *Links) centresPage(r *http.Request, f *web.Form) (*centresPage, error) {
	base, err := l.page(r, "/links", f)
	if err != nil {
		return nil, err
	}
	p := &centresPage{page: base}
	own, err := exchange.Ours(r.Context(), l.db, l.db)
	if err == nil {
		p.words, err = exchange.Words(f.Lang, own)
	}
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	var peers []exchange.Waiting
	if p.net, peers, err = l.network(r.Context()); err != nil {
		return nil, err
	}
	if p.tree, err = tree.Read(r.Context(), l.db); err != nil {
		return nil, err
	}
	p.rows = rows(p.tree, peers)
	p.away, err = l.moved(r.Context(), peers)
	return p, err
}

// rows are the centres of the tree, with what waits for those that we are paired with.
func rows(t tree.Tree, peers []exchange.Waiting) []centreRow {
	if len(t) == 1 && len(peers) == 0 && t[0].Level == "" {
		return nil // nobody but us, and we never told where we stand
	}
	out := make([]centreRow, 0, len(t))
	for _, n := range t {
		row := centreRow{Node: n}
		if i := slices.IndexFunc(peers, func(p exchange.Waiting) bool { return id.ID(p.Centre.Centre) == n.ID() }); i >= 0 {
			row.peer, row.paired = peers[i], true
		}
		out = append(out, row)
	}
	return out
}

// moved lists the requests that changed hands, those that are away first.
func (l *Links) moved(ctx context.Context, peers []exchange.Waiting) ([]moved, error) {
	all, err := store.Shared(ctx, l.db, "request")
	if err != nil {
		return nil, err
	}
	name := map[id.ID]string{}
	for _, c := range peers {
		name[id.ID(c.Centre.Centre)] = c.Name
	}
	var out []moved
	for rid, h := range all {
		if h.Ours && h.Made {
			continue
		}
		q, err := request.Kind.Get(ctx, l.db, rid)
		if err != nil {
			return nil, err
		}
		out = append(out, moved{id: q.ID, ref: q.Ref, centre: name[h.Owner], ours: h.Ours})
	}
	slices.SortFunc(out, func(a, b moved) int {
		if a.ours != b.ours {
			if b.ours {
				return -1
			}
			return 1
		}
		return slices.Compare(a.id.ID[:], b.id.ID[:])
	})
	return out, nil
}

// submit ends a form of the first page; which says where its faults stand.
func (l *Links) submit(w http.ResponseWriter, r *http.Request, f *web.Form, which string, do func() (string, error)) error {
	p, err := l.centresPage(r, f)
	if err != nil {
		return err
	}
	p.sent = which
	return f.Submit(w, r, func() (string, error) {
		to, err := do()
		return to, web.InWords(err)
	}, p.show)
}

// card lets our card be taken away as a file.
func (l *Links) card(w http.ResponseWriter, r *http.Request) error {
	raw, err := exchange.Card(r.Context(), l.db, web.Actor(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="jumyla-card.json"`)
	_, err = w.Write(raw) //nolint:gosec // JSON, taken away as a file
	return err
}

// pair keeps the card whose words were the same.
func (l *Links) pair(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return l.submit(w, r, f, "card", func() (string, error) {
		card, addr, err := exchange.ReadCardAddress([]byte(f.Text("card", 20_000)))
		if err != nil {
			return "", err
		}
		if err := exchange.Pair(r.Context(), l.db, web.Actor(r), card); err != nil {
			return "", err
		}
		if err := l.keepAddress(r.Context(), card, addr); err != nil {
			return "", err
		}
		web.SetToast(w, r, web.Toast{Key: "links.paired", Args: []any{"centre", card.Name}})
		return "/links", nil
	})
}

// stickPage reads and writes a stick.
type stickPage struct {
	page
	peers   []exchange.Waiting
	written *exchange.Written
	to      string
	read    []exchange.Read
	faults  []string
	found   int // bundles that lie there
	others  int // those for other centres
	looked  bool
}

func (l *Links) stickPage(r *http.Request, f *web.Form) (*stickPage, error) {
	base, err := l.page(r, "/links/stick", f)
	if err != nil {
		return nil, err
	}
	p := &stickPage{page: base}
	p.peers, err = exchange.Peers(r.Context(), l.db)
	return p, err
}

func (p *stickPage) show() web.Page {
	return web.Page{Title: p.lang.T("links.stick"), Nav: "links", Body: p.body(), Help: p.lang.T("links.stick_help")}
}

func (p *stickPage) options() []web.Option {
	var out []web.Option
	for _, c := range p.peers {
		out = append(out, web.Option{Value: id.ID(c.Centre.Centre).String(), Label: p.lang.T("exchange.peer_line", "name", c.Name, "at", p.asOf(c.Heard), "n", c.Entries)})
	}
	return out
}

func (l *Links) stick(w http.ResponseWriter, r *http.Request) error {
	p, err := l.stickPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

// read takes in everything on the stick that is for us.
func (l *Links) read(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	found, err := exchange.BundlesIn(f.Required("folder", 1000))
	if errs.Is(err, errs.NotFound) {
		f.Fail("folder", "exchange.no_folder")
	} else if err != nil {
		return err
	}
	p, err := l.stickPage(r, f)
	if err != nil {
		return err
	}
	if !f.OK() {
		return web.Invalid(w, r, p.show())
	}
	p.looked, p.found = true, len(found)
	for _, file := range found {
		got, err := file.Read(r.Context(), l.db)
		switch {
		case err == nil:
			p.read = append(p.read, got)
		case exchange.ForOthers(err):
			p.others++
		case r.Context().Err() != nil:
			return err
		default: // one bad file does not keep the next ones from being read
			p.faults = append(p.faults, file.Name+": "+fault(f.Lang, err))
		}
	}
	return web.Render(w, r, p.show())
}

// fault says why a file was not taken in.
func fault(lang i18n.Lang, err error) string {
	if errs.KindOf(err) == errs.Internal {
		return lang.T("links.file_failed")
	}
	return web.Say(lang, err, "")
}

// write writes for one centre, reads it back, and says that the stick may be taken out.
func (l *Links) write(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := l.stickPage(r, f)
	if err != nil {
		return err
	}
	to, err := id.Parse(f.Required("to", 40))
	f.Check(err == nil, "to", "web.choose")
	folder := f.Required("folder", 1000)
	if f.OK() {
		got, err := exchange.WriteBundle(r.Context(), l.db, to, folder)
		if err == nil {
			p.written = &got
			p.to = nameOf(p.peers, to)
			return web.Render(w, r, p.show())
		}
		if err = web.InWords(err); !f.Take(err) {
			return err
		}
	}
	return web.Invalid(w, r, p.show())
}

func nameOf(peers []exchange.Waiting, c id.ID) string {
	for _, p := range peers {
		if id.ID(p.Centre.Centre) == c {
			return p.Name
		}
	}
	return ""
}
