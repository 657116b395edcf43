// Package out is the pages for what leaves the program: tables, by right and with a reason, and blank paper for
// when there is no power.
package out

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/export"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/links"
)

// Out holds what the pages need.
type Out struct {
	db  *store.DB
	now func() time.Time
}

// New returns the pages of a centre's database. now is a real clock, also in a drill: a connection's deadline is the
// machine's.
func New(db *store.DB, now func() time.Time) *Out { return &Out{db: db, now: now} }

// Routes lists the pages. Who may take which fields out is export's table; here stand those who may take out anything.
func (o *Out) Routes() []web.Route {
	take := web.Roles(export.Roles())
	paper := web.Roles(account.Operator | account.Coordinator | account.Dispatcher)
	return []web.Route{
		{Pattern: "GET /export", Allow: take, Handle: o.export},
		{Pattern: "POST /export", Allow: take, Handle: o.take},
		{Pattern: "GET /paper", Allow: paper, Handle: o.paper},
		{Pattern: "GET /paper/{form}", Allow: paper, Handle: o.print},
	}
}

func (o *Out) export(w http.ResponseWriter, r *http.Request) error {
	what := export.What(r.URL.Query().Get("what"))
	if !slices.Contains(export.Whats(), what) {
		what = export.Requests
	}
	f := web.NewForm(r).Set("what", string(what)).Set("format", string(export.XLSX))
	var plain []string
	for _, x := range export.Fields(what) {
		if !x.Group.Personal() {
			plain = append(plain, x.Name)
		}
	}
	p, err := o.page(r, f.Set("fields", plain...), what)
	if err != nil {
		return err
	}
	return web.Render(w, r, p)
}

// maxLog is how many exports the page shows.
const maxLog = 100

func (o *Out) page(r *http.Request, f *web.Form, what export.What) (web.Page, error) {
	p := exportPage{lang: f.Lang, form: f, what: what, roles: web.ViewerOf(r).Roles, names: map[id.ID]string{}}
	var err error
	if p.log, err = export.Recent(r.Context(), o.db, maxLog); err != nil {
		return web.Page{}, err
	}
	c, err := centre.Get(r.Context(), o.db)
	if err != nil {
		return web.Page{}, err
	}
	for i := range p.log {
		e := &p.log[i]
		e.At = e.At.In(c.Location())
		if _, known := p.names[e.By]; known || e.By.IsZero() {
			continue
		}
		a, err := account.Kind.Get(r.Context(), o.db, e.By)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return web.Page{}, err
		}
		if a != nil {
			p.names[e.By] = string(a.Name)
		}
	}
	return web.Page{Title: f.Lang.T("nav.export"), Nav: "export", Body: p.body(), Help: f.Lang.T("export.help")}, nil
}

// take answers with the table itself, once it is written down that it leaves.
func (o *Out) take(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	c, err := centre.Get(r.Context(), o.db)
	if err != nil {
		return err
	}
	what := export.What(f.OneOf("what", names()...))
	a := export.Asked{What: what, Fields: f.All("fields"), From: f.Date("from", c.Location()), To: f.Date("to", c.Location()), Zone: c.Location(), Lang: f.Lang,
		Format: export.Format(f.OneOf("format", string(export.XLSX), string(export.CSV))), Reason: f.Text("reason", 300), Roles: web.ViewerOf(r).Roles}
	f.Check(len(a.Fields) > 0, "fields", "web.choose")
	if !a.To.IsZero() {
		a.To = a.To.AddDate(0, 0, 1) // the day is meant whole
	}
	by, err := id.Parse(web.ViewerOf(r).AccountID)
	if err != nil {
		return errs.New(errs.Denied, "")
	}
	if what == export.Picture && f.OK() {
		if a.Rows, err = links.PictureLines(r.Context(), o.db, a); err != nil {
			return err
		}
	}
	var ready *export.Ready
	if f.OK() {
		ready, err = export.Begin(r.Context(), o.db, by, a)
	}
	if err != nil && !f.Take(err) {
		return err
	}
	if !f.OK() {
		p, err := o.page(r, f, what)
		if err != nil {
			return err
		}
		return web.Invalid(w, r, p)
	}
	send(w, a)
	_ = http.NewResponseController(w).SetWriteDeadline(o.now().Add(10 * time.Minute)) // where it is not supported, the server's own limit holds
	return ready.Write(r.Context(), o.db, w)
}

// send says what the answer is.
func send(w http.ResponseWriter, a export.Asked) {
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	if a.Format == export.XLSX {
		h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.%s"`, a.What, a.Format))
}

func names() []string {
	var out []string
	for _, w := range export.Whats() {
		out = append(out, string(w))
	}
	return out
}
