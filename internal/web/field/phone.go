package field

import (
	"net/http"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// phonePage is what the office sees of a run's code.
type phonePage struct {
	lang i18n.Lang
	form *web.Form
	s    *run.State
	link string // "" while only the machine itself is served
	over bool   // the code opens nothing any more
}

func (f *Field) runOf(r *http.Request) (*run.State, error) {
	v, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return nil, errs.Missing("run")
	}
	return run.Get(r.Context(), f.db, run.ID{ID: v})
}

func (f *Field) phone(w http.ResponseWriter, r *http.Request) error {
	s, err := f.runOf(r)
	if err != nil {
		return err
	}
	link, err := f.Link(r.Context(), s.ID)
	if err != nil {
		return err
	}
	p := phonePage{lang: web.Lang(r), form: web.NewForm(r), s: s, link: link, over: s.Step == run.Home || s.Step == run.Void}
	return web.Render(w, r, web.Page{Title: p.title(), Nav: "runs", Body: p.body()})
}

func (p phonePage) title() string { return p.lang.T("field.phone", "crew", p.s.CrewNo) }

// renew makes the run's code another, because a phone or a sheet was lost.
func (f *Field) renew(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s, err := f.runOf(r)
	if err != nil {
		return err
	}
	by, err := id.Parse(web.ViewerOf(r).AccountID)
	if err != nil {
		return errs.New(errs.Denied, "")
	}
	to := "/runs/" + s.ID.String() + "/phone"
	err = f.db.Write(r.Context(), by, func(tx *store.Tx) error {
		if _, seen, err := tx.Once(r.Context(), form.Token); seen || err != nil {
			return err
		}
		if err := run.Renew(r.Context(), tx, s.ID); err != nil {
			return err
		}
		return tx.Done(r.Context(), form.Token, to)
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, r, to, web.Toast{Key: "field.renewed"})
}
