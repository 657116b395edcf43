// Package tree is the pages of the centres together: where ours stands among them, and how they stand, in counts that name
// nobody. It ranks nothing: everything is in the order of the tree, of urgency, or of names.
package tree

import (
	"net/http"
	"net/url"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/tree"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/links"
)

// Pages serves them.
type Pages struct {
	Find *where.Finder // knows the areas by name; nil: they are written as they are kept

	db      *store.DB
	figures *request.Kept
}

// New returns the pages of a centre.
func New(db *store.DB) *Pages {
	t := &Pages{db: db}
	if db != nil { // the table of rights is made without one
		t.figures = request.KeepFigures(db)
	}
	return t
}

// Routes returns the pages and acts. Whoever answers for the centre says where it stands; those who plan see.
func (t *Pages) Routes() []web.Route {
	sees, acts := web.Roles(account.Coordinator|account.Dispatcher|account.Auditor), web.Roles(account.Coordinator)
	return []web.Route{
		{Pattern: "GET /links/tree", Allow: sees, Handle: t.tree},
		{Pattern: "POST /links/tree", Allow: acts, Handle: t.stand},
		{Pattern: "POST /links/tree/back", Allow: acts, Handle: t.back},
		{Pattern: "GET /links/picture", Allow: sees, Handle: t.picture},
	}
}

// page is what both pages have.
type page struct {
	lang  i18n.Lang
	form  *web.Form
	find  *where.Finder
	zone  *time.Location
	acts  bool
	exact bool // may know numbers so small that they could point to somebody
	tabs  []web.Tab
}

func (t *Pages) page(r *http.Request, here string, f *web.Form) (page, error) {
	roles := web.ViewerOf(r).Roles
	p := page{lang: f.Lang, form: f, find: t.Find, zone: time.UTC, acts: roles.Any(account.Coordinator), exact: roles.Any(account.Coordinator | account.Dispatcher)}
	if c, err := centre.Get(r.Context(), t.db); err == nil {
		p.zone = c.Location()
	}
	waits, err := links.Waiting(r.Context(), t.db)
	p.tabs = links.Tabs(p.lang, p.acts, waits, here)
	return p, err
}

func (p page) area(n *tree.Node) string { return links.AreaWord(p.lang, p.find, n.Area) }

func (p page) at(t time.Time) string { return p.lang.DateClock(t.In(p.zone)) }

// treePage is who stands under whom.
type treePage struct {
	page
	all tree.Tree
	own *tree.Node
}

func (t *Pages) treePage(r *http.Request, f *web.Form) (*treePage, error) {
	base, err := t.page(r, "/links", f)
	if err != nil {
		return nil, err
	}
	p := &treePage{page: base}
	if p.all, err = tree.Read(r.Context(), t.db); err != nil {
		return nil, err
	}
	p.own = p.all.Find(t.db.Centre())
	if p.own != nil && f.Value("level") == "" {
		f.Set("level", p.own.Level).Set("parent", parentValue(p.own.Above()))
	}
	return p, nil
}

func parentValue(c id.ID) string {
	if c.IsZero() {
		return ""
	}
	return c.String()
}

func (p *treePage) show() web.Page {
	return web.Page{Title: p.lang.T("tree.title"), Nav: "links", Body: p.body(), Help: p.lang.T("tree.help")}
}

func (t *Pages) tree(w http.ResponseWriter, r *http.Request) error {
	p, err := t.treePage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

// levels are the levels in words.
func (p *treePage) levels() []web.Option {
	var out []web.Option
	for _, l := range exchange.Levels() {
		out = append(out, web.Option{Value: l, Label: links.LevelWord(p.lang, l)})
	}
	return out
}

// parents are the centres that ours may stand under: those that stand under it may not be.
func (p *treePage) parents() []web.Option {
	out := []web.Option{{Value: "", Label: p.lang.T("links.no_parent")}}
	var below tree.Tree
	if p.own != nil {
		below = p.all.Below(p.own.ID())
	}
	for _, n := range p.all {
		if below.Find(n.ID()) == nil && (!n.Ended && n.GoesOn.IsZero() || p.own != nil && p.own.Above() == n.ID()) {
			out = append(out, web.Option{Value: n.ID().String(), Label: n.Name + " · " + links.LevelWord(p.lang, n.Level)})
		}
	}
	if p.own != nil && p.own.Standing == tree.Unknown {
		out = append(out, web.Option{Value: p.own.Above().String(), Label: p.lang.T("network.unknown")})
	}
	return out
}

// stand says at which level we stand, and under whom.
func (t *Pages) stand(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := t.treePage(r, f)
	if err != nil {
		return err
	}
	to := tree.Place{Level: f.OneOf("level", exchange.Levels()...)}
	if v := f.Value("parent"); v != "" {
		if to.Parent, err = id.Parse(v); err != nil {
			f.Fail("parent", "exchange.parent")
		}
	}
	return f.Submit(w, r, func() (string, error) {
		if err := tree.Stand(r.Context(), t.db, web.Actor(r), to); err != nil {
			return "", web.InWords(err)
		}
		toast := web.Toast{Key: "web.saved"}
		now, _, had, err := tree.Now(r.Context(), t.db)
		if had {
			toast.Undo = "/links/tree/back?" + url.Values{"level": {now.Level}, "parent": {parentValue(now.Parent)}}.Encode()
		}
		web.SetToast(w, r, toast)
		return "/links/tree", err
	}, p.show)
}

// back takes back where we said that we stand.
func (t *Pages) back(w http.ResponseWriter, r *http.Request) error {
	seen, q := tree.Place{Level: r.URL.Query().Get("level")}, r.URL.Query().Get("parent")
	if q != "" {
		var err error
		if seen.Parent, err = id.Parse(q); err != nil {
			return errs.Wrap(errs.Invalid, err, "error.invalid")
		}
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := t.treePage(r, f)
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		err := tree.Back(r.Context(), t.db, web.Actor(r), seen)
		if err == nil {
			web.SetToast(w, r, web.Toast{Key: "tree.back"})
		}
		return "/links/tree", web.InWords(err)
	}, p.show)
}
