package desk

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

type requestPage struct {
	lang    i18n.Lang
	loc     *time.Location
	req     *request.Request
	home    *household.Household
	needs   []request.Need
	points  int
	why     []request.Part
	history []line
	version string
	form    *web.Form
	decide  bool // the viewer may let it through unchecked
	basket  basketPart
}

// line is one event of a history in words.
type line struct {
	at   time.Time
	who  string
	text string
	said string // people's words
}

func (d *Desk) request(w http.ResponseWriter, r *http.Request) error {
	page, err := d.requestPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, page)
}

func (d *Desk) requestPage(r *http.Request, f *web.Form) (web.Page, error) {
	ctx := r.Context()
	rid, err := requestID(r)
	if err != nil {
		return web.Page{}, err
	}
	p := requestPage{lang: web.Lang(r), form: f, decide: web.ViewerOf(r).Roles.Any(account.Coordinator)}
	c, _, err := d.today(ctx)
	if err != nil {
		return web.Page{}, err
	}
	p.loc = c.Location()
	if p.req, err = request.Kind.Get(ctx, d.db, rid.ID); err != nil {
		return web.Page{}, err
	}
	if p.home, err = household.Kind.Get(ctx, d.db, p.req.Household.ID); err != nil {
		return web.Page{}, err
	}
	if p.needs, err = request.Needs(ctx, d.db, rid); err != nil {
		return web.Page{}, err
	}
	if p.version, err = store.Version(ctx, d.db, rid.ID); err != nil {
		return web.Page{}, err
	}
	p.points, p.why = request.Urgency(p.needs, p.home, d.db.Now().Sub(p.req.At), p.req.Calls)
	if p.basket, err = d.basketOf(r, p.req, p.needs); err != nil {
		return web.Page{}, err
	}
	if p.history, err = d.history(r, rid.ID); err != nil {
		return web.Page{}, err
	}
	if err := d.looked(r, p.req.Household, "request"); err != nil {
		return web.Page{}, err
	}
	return web.Page{Title: p.req.Ref.String(), Nav: "board", Body: p.body()}, nil
}

// looked keeps that somebody has seen a household's contact.
func (d *Desk) looked(r *http.Request, h household.ID, page string) error {
	return d.db.Write(r.Context(), actor(r), func(tx *store.Tx) error {
		l := &household.Look{Household: h.ID, Account: tx.Actor, Page: page}
		l.ID.ID = tx.NewID()
		return tx.Put(r.Context(), l)
	})
}

func (d *Desk) history(r *http.Request, rid id.ID) ([]line, error) {
	events, err := store.History(r.Context(), d.db, rid)
	if err != nil {
		return nil, err
	}
	names := map[id.ID]string{}
	accounts, err := account.List(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		names[a.ID.ID] = string(a.Name)
	}
	lang := web.Lang(r)
	var out []line
	for _, e := range events {
		l := line{at: e.At, who: names[e.Actor]}
		switch e.Kind {
		case "request":
			l.text, l.said = requestEvent(lang, e), cmp.Or(e.Text("basket_why"), e.Text("note"))
		case "need":
			if s := e.Text("status"); s != "" {
				l.text, l.said = lang.T("need.status_"+s), e.Text("detail") // i18n: need.status_*
			}
		case "outcome":
			l.text, l.said = lang.T("outcome."+e.Text("result")), e.Text("note") // i18n: outcome.*
		case "run":
			l.text = lang.T("desk.event_run", "n", int(e.Int("crew_no")))
		}
		if e.Erased {
			l.text = lang.T("desk.event_erased")
		}
		if l.text != "" {
			out = append(out, l)
		}
	}
	return out, nil
}

func requestEvent(lang i18n.Lang, e store.Event) string {
	switch {
	case e.Text("ref") != "":
		return lang.T("desk.event_taken")
	case e.Text("verified") != "":
		return lang.T("verified." + e.Text("verified")) // i18n: verified.*
	case e.Text("basket_why") != "":
		return lang.T("basket.event")
	case e.Int("calls") > 0:
		return lang.T("desk.event_again", "n", int(e.Int("calls")))
	}
	return lang.T("desk.event_changed")
}

// act changes the request of the path inside one write, refusing a stale page.
func (d *Desk) act(w http.ResponseWriter, r *http.Request, change func(tx *store.Tx, f *web.Form, q *request.Request) error) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	rid, err := requestID(r)
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		return "/requests/" + rid.String(), d.db.Write(r.Context(), actor(r), func(tx *store.Tx) error {
			if err := tx.Expect(r.Context(), rid.ID, f.Value("version")); err != nil {
				return err
			}
			q, err := request.Kind.Get(r.Context(), tx, rid.ID)
			if err != nil {
				return err
			}
			return change(tx, f, q)
		})
	}, func() web.Page {
		p, err := d.requestPage(r, f)
		if err != nil {
			p.Title, p.Body = rid.String(), web.Empty(web.Say(web.Lang(r), err, ""), "")
		}
		return p
	})
}

func (d *Desk) check(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, func(tx *store.Tx, f *web.Form, q *request.Request) error {
		return request.Check(r.Context(), tx, q, request.Verification(f.Value("how")))
	})
}

func (d *Desk) close(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, func(tx *store.Tx, f *web.Form, q *request.Request) error {
		return dispatch.Close(r.Context(), tx, q.ID, request.Status(f.Value("as")))
	})
}

func (p requestPage) anyOpen() bool {
	return slices.ContainsFunc(p.needs, func(n request.Need) bool { return n.Status == request.Open })
}

func (d *Desk) decide(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, func(tx *store.Tx, _ *web.Form, q *request.Request) error {
		q.Decided = tx.Actor
		return tx.Put(r.Context(), q)
	})
}

// post says that the request is that of an institution, a hospital or a checkpoint, or that it is a home's after
// all: the two never share a run.
func (d *Desk) post(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, func(tx *store.Tx, f *web.Form, q *request.Request) error {
		h, err := household.Kind.Get(r.Context(), tx, q.Household.ID)
		if err != nil {
			return err
		}
		h.Post = f.Value("post") == "yes"
		return tx.Put(r.Context(), h)
	})
}

func (d *Desk) place(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, func(tx *store.Tx, f *web.Form, q *request.Request) error {
		h, err := household.Kind.Get(r.Context(), tx, q.Household.ID)
		if err != nil {
			return err
		}
		p, err := household.ParsePoint(f.Value("where"))
		if err != nil {
			return err
		}
		h.Where = &p
		return tx.Put(r.Context(), h)
	})
}
