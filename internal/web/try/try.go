// Package try is the door of the drill: a page that says the data are invented, lets one choose a role
// without a passphrase, and leads a newcomer through the main job. It exists only where the data are a demo.
package try

import (
	"cmp"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/office"
)

// Login is somebody invented who may sign in.
type Login struct {
	Name       contact.Name
	Role       account.Role
	Lang       i18n.Lang
	Passphrase string
}

// Try serves the door.
type Try struct {
	db     *store.DB
	seed   uint64
	logins []Login
	now    func() time.Time
	filled func() (done, total int) // nil: it is whole
}

// New returns the door of a drill; now is the real clock, for sessions; filled, which may be nil, tells how far it is filled.
func New(db *store.DB, seed uint64, logins []Login, now func() time.Time, filled func() (done, total int)) *Try {
	return &Try{db: db, seed: seed, logins: logins, now: now, filled: filled}
}

// Routes lists the door's pages: for whoever sits at the machine.
func (t *Try) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /try", Allow: web.LocalOnly(), Handle: t.show},
		{Pattern: "POST /try", Allow: web.LocalOnly(), Handle: t.enter},
		{Pattern: "GET /try/list.xlsx", Allow: web.LocalOnly(), Handle: t.list},
	}
}

type page struct {
	lang   i18n.Lang
	form   *web.Form
	logins []Login
	steps  []demo.Step

	done, total int // of what the drill is filled with; equal once it is whole
}

func (t *Try) show(w http.ResponseWriter, r *http.Request) error {
	p := page{lang: web.Lang(r), form: web.NewForm(r), logins: t.logins, steps: demo.Script(t.seed)}
	if t.filled != nil {
		p.done, p.total = t.filled()
	}
	return web.Render(w, r, web.Page{Title: p.lang.T("try.title"), Body: p.body(), Bare: true})
}

func (t *Try) enter(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if f.Value("step") == hide {
		keepStep(w, "")
		return web.See(w, r, f.Text("back", 2000))
	}
	role, to := f.Value("role"), ""
	for _, s := range demo.Script(t.seed) {
		if s.Code == f.Value("step") && s.Page != "" {
			role, to = s.Role, s.Page
			keepStep(w, s.Code)
		}
	}
	web.KeepLang(w, r, web.Lang(r)) // whoever is played, the reader's language stays
	for _, l := range t.logins {
		if l.Role.String() != role {
			continue
		}
		_, token, err := account.SignIn(r.Context(), t.db, l.Name, l.Passphrase, t.now())
		if err != nil {
			return err
		}
		office.KeepSession(w, r, token)
		return web.See(w, r, cmp.Or(to, first(l.Role)))
	}
	return errs.Missing("role")
}

// stepCookie keeps the thing that is being tried, so that each page says what it is; hide ends it.
const (
	stepCookie = "try"
	hide       = "hide"
)

func keepStep(w http.ResponseWriter, code string) {
	c := &http.Cookie{Name: stepCookie, Value: code, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode} //nolint:gosec // the drill is served to its own machine, in the clear; the value names a step
	if code == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// guide is what stands above a page while something is tried.
type guide struct {
	lang  i18n.Lang
	here  string
	token string
	no    int         // of the first of steps, from 1
	steps []demo.Step // the one begun, and those that go on from it on the same page
	next  *demo.Step
}

// Guide says above each page what is being tried and leads to the next; nil where nothing is.
func (t *Try) Guide(r *http.Request) templ.Component {
	c, err := r.Cookie(stepCookie)
	if err != nil {
		return nil
	}
	g := guide{lang: web.Lang(r), here: r.URL.RequestURI(), token: web.NewForm(r).Token}
	all := demo.Script(t.seed)
	for i := range all {
		switch s := &all[i]; {
		case g.no == 0 && s.Code == c.Value && s.Page != "":
			g.no, g.steps = i+1, all[i:i+1]
		case g.no > 0 && s.Page == "" && g.next == nil:
			g.steps = all[g.no-1 : i+1]
		case g.no > 0 && g.next == nil:
			g.next = s
		}
	}
	if g.no == 0 {
		return nil
	}
	return g.view()
}

// first is the page on which a role's day begins.
func first(role account.Role) string {
	switch {
	case role.Any(account.Operator | account.Coordinator | account.Dispatcher):
		return "/board"
	case role.Any(account.Admin):
		return "/accounts"
	}
	return "/account"
}

// list is the ugly list that the drill ships, as a district sent it.
func (t *Try) list(w http.ResponseWriter, _ *http.Request) error {
	xlsx, _, err := demo.UglyList(t.seed)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="list.xlsx"`)
	_, err = w.Write(xlsx)
	return err
}
