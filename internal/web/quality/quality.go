// Package quality leads somebody through the day's quality calls: a sample of what was closed as delivered is asked about,
// one need one call, and who did not get it is helped again. It decides nothing about crews.
package quality

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// Pages holds what the pages need.
type Pages struct{ db *store.DB }

// New returns the pages on a centre's database.
func New(db *store.DB) *Pages { return &Pages{db: db} }

// Routes lists every page with who may use it.
func (p *Pages) Routes() []web.Route {
	calls := web.Roles(account.Operator | account.Coordinator)
	return []web.Route{
		{Pattern: "GET /quality", Allow: calls, Handle: p.list},
		{Pattern: "POST /quality/next", Allow: calls, Handle: p.next},
		{Pattern: "GET /quality/{id}", Allow: calls, Handle: p.show},
		{Pattern: "POST /quality/{id}", Allow: calls, Handle: p.hear},
	}
}

// drawn is the sample of one day.
type drawn struct {
	day time.Time
	*request.Sample
}

type listPage struct {
	lang i18n.Lang
	form *web.Form
	days []drawn // yesterday and today
}

// samples draws those of yesterday and of today as who sees them.
func (p *Pages) samples(ctx context.Context, r store.Reader, who id.ID) ([]drawn, error) {
	c, err := centre.Get(ctx, r)
	if err != nil {
		return nil, err
	}
	now := p.db.Now()
	y, m, d := now.In(c.Location()).Date()
	var out []drawn
	for _, back := range []int{1, 0} {
		day := time.Date(y, m, d-back, 0, 0, 0, 0, c.Location())
		s, err := request.SampleOf(ctx, r, day, day.AddDate(0, 0, 1), now, c.Secret, who)
		if err != nil {
			return nil, err
		}
		out = append(out, drawn{day, s})
	}
	return out, nil
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	page, err := p.listPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, page)
}

func (p *Pages) listPage(r *http.Request, f *web.Form) (web.Page, error) {
	l := listPage{lang: web.Lang(r), form: f}
	var err error
	l.days, err = p.samples(r.Context(), p.db, web.Actor(r))
	return web.Page{Title: l.lang.T("quality.title"), Nav: "callbacks", Body: l.body(), Help: l.lang.T("quality.help")}, err
}

// waiting is how many nobody has taken yet.
func (l listPage) waiting() (n int) {
	for _, d := range l.days {
		n += len(d.Free)
	}
	return n
}

// next takes the one that is to be asked about first.
func (p *Pages) next(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (to string, err error) {
		err = p.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
			days, err := p.samples(r.Context(), tx, tx.Actor)
			if err != nil {
				return err
			}
			for _, d := range days {
				if all := append(d.Mine, d.Free...); len(all) > 0 {
					to = "/quality/" + all[0].String()
					return request.TakeQuality(r.Context(), tx, all[0])
				}
			}
			return errs.New(errs.Conflict, "quality.none_why")
		})
		return to, err
	}, func() web.Page {
		page, err := p.listPage(r, f)
		if err != nil {
			return web.Page{Title: web.Lang(r).T("quality.title"), Nav: "callbacks", Body: web.Empty(web.Say(web.Lang(r), err, ""), "")}
		}
		return page
	})
}

// onePage is one need that the viewer asks about.
type onePage struct {
	lang i18n.Lang // of the page
	say  i18n.Lang // of the call
	form *web.Form
	need *request.Need
	req  *request.Request
	home *household.Household
	crew int       // who brought it; 0 where no run did
	at   time.Time // when they had it, as it was told; in the centre's zone
}

// held opens one need for who has taken it; for anybody else it is not there.
func (p *Pages) held(r *http.Request, f *web.Form) (onePage, error) {
	ctx := r.Context()
	o := onePage{lang: web.Lang(r), form: f, say: i18n.KK}
	v, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return o, errs.Missing("need")
	}
	ok, err := request.HoldsQuality(ctx, p.db, request.NeedID{ID: v}, web.Actor(r), p.db.Now())
	if err != nil {
		return o, err
	}
	if !ok {
		return o, errs.New(errs.NotFound, "quality.not_yours")
	}
	if o.need, err = request.NeedKind.Get(ctx, p.db, v); err != nil {
		return o, err
	}
	if o.req, err = request.Kind.Get(ctx, p.db, o.need.Request.ID); err != nil {
		return o, err
	}
	if o.home, err = household.Kind.Get(ctx, p.db, o.req.Household.ID); err != nil {
		return o, err
	}
	if l, ok := i18n.Parse(string(o.home.Lang)); ok {
		o.say = l
	}
	return o, o.brought(ctx, p.db)
}

// brought finds out who brought it and when.
func (o *onePage) brought(ctx context.Context, db *store.DB) error {
	c, err := centre.Get(ctx, db)
	if err != nil {
		return err
	}
	o.at = o.need.Closed.In(c.Location())
	if !o.need.Settled.IsZero() {
		o.at = o.need.Settled.In(c.Location())
	}
	if o.need.Run.IsZero() {
		return nil
	}
	s, err := run.Get(ctx, db, run.ID{ID: o.need.Run})
	if err == nil {
		o.crew = s.CrewNo
	}
	return err
}

// phones are the numbers to ask on: the household's, else that of who called.
func (o onePage) phones() []contact.Phone {
	if len(o.home.Phones) > 0 {
		return o.home.Phones
	}
	if o.req.Phone != "" {
		return []contact.Phone{o.req.Phone}
	}
	return nil
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	o, err := p.held(r, web.NewForm(r))
	if err != nil {
		return err
	}
	err = p.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
		l := &household.Look{Household: o.home.ID.ID, Account: tx.Actor, Page: "quality"}
		l.ID.ID = tx.NewID()
		return tx.Put(r.Context(), l)
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, o.page())
}

func (o onePage) page() web.Page {
	return web.Page{Title: o.lang.T("quality.title") + " " + o.req.Ref.String(), Nav: "callbacks", Body: o.body(), Help: o.lang.T("quality.help")}
}

// hear records what they say, and leads on.
func (p *Pages) hear(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	o, err := p.held(r, f)
	if err != nil {
		return err
	}
	a, note := request.Answer(f.Value("answer")), contact.Note(f.Text("note", 500))
	return f.Submit(w, r, func() (string, error) {
		err := p.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error { return request.Hear(r.Context(), tx, o.need.ID, a, note) })
		if err != nil {
			return "", err
		}
		if a.Disputes() {
			web.SetToast(w, r, web.Toast{Key: "quality.open_again"})
			return "/requests/" + o.req.ID.String(), nil
		}
		web.SetToast(w, r, web.Toast{Key: "web.saved"})
		return "/quality", nil
	}, func() web.Page { return o.page() })
}

func key(i int) string { return strconv.Itoa(i + 1) }
