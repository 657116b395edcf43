package desk

import (
	"net/http"
	"time"

	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

type planPage struct {
	lang i18n.Lang
	form *web.Form
	day  time.Time
	plan *dispatch.Proposal
}

// day is the day that a page is about: ?day=2022-01-12, else today at the centre.
func (d *Desk) day(r *http.Request, text string) (time.Time, error) {
	c, today, err := d.today(r.Context())
	if err != nil || text == "" {
		return today, err
	}
	t, err := time.ParseInLocation(time.DateOnly, text, c.Location())
	if err != nil {
		return today, errs.New(errs.Invalid, "error.invalid")
	}
	return t, nil
}

func (d *Desk) plan(w http.ResponseWriter, r *http.Request) error {
	day, err := d.day(r, r.URL.Query().Get("day"))
	if err != nil {
		return err
	}
	page, err := d.planPage(r, web.NewForm(r), day)
	if err != nil {
		return err
	}
	return web.Render(w, r, page)
}

func (d *Desk) planPage(r *http.Request, f *web.Form, day time.Time) (web.Page, error) {
	c, _, err := d.today(r.Context())
	if err != nil {
		return web.Page{}, err
	}
	prop, err := dispatch.Plan(r.Context(), d.db, day, d.db.Now().In(c.Location()))
	if err != nil {
		return web.Page{}, err
	}
	d.mu.Lock()
	d.proposals[web.ViewerOf(r).AccountID] = prop
	d.mu.Unlock()
	p := planPage{lang: web.Lang(r), form: f, day: day, plan: prop}
	return web.Page{Title: p.lang.T("nav.plan"), Nav: "plan", Body: p.body(), Wide: true}, nil
}

func (d *Desk) issue(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	day, err := d.day(r, f.Value("day"))
	if err != nil {
		return err
	}
	d.mu.Lock()
	prop := d.proposals[web.ViewerOf(r).AccountID]
	d.mu.Unlock()
	if prop == nil || !prop.Day.Equal(day) || len(prop.Routes) == 0 {
		f.Fail("", "dispatch.changed")
	} else if prop.Departed(d.db.Now()) {
		f.Fail("", "dispatch.stale")
	}
	return f.Submit(w, r, func() (string, error) {
		return "/runs", d.db.Write(r.Context(), actor(r), func(tx *store.Tx) error {
			_, err := dispatch.Issue(r.Context(), tx, prop)
			return err
		})
	}, func() web.Page {
		p, err := d.planPage(r, f, day)
		if err != nil {
			p.Title, p.Body = web.Lang(r).T("nav.plan"), web.Empty(web.Say(web.Lang(r), err, ""), "")
		}
		return p
	})
}
