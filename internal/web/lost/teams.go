package lost

import (
	"net/http"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// teamsPage is the homes to which two centres' crews may have gone.
type teamsPage struct {
	page
	all []exchange.Team
}

func (l *Lost) teamsPage(r *http.Request, f *web.Form) (*teamsPage, error) {
	base, err := l.page(r, f, "/links/teams")
	if err != nil {
		return nil, err
	}
	p := &teamsPage{page: base}
	p.all, err = exchange.Teams(r.Context(), l.db)
	return p, err
}

func (p *teamsPage) show() web.Page {
	return web.Page{Title: p.lang.T("teams.title"), Nav: "links", Body: p.body()}
}

func (l *Lost) teams(w http.ResponseWriter, r *http.Request) error {
	p, err := l.teamsPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

// rang says that somebody has rung, and what two crews might do is settled.
func (l *Lost) rang(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := l.teamsPage(r, f)
	if err != nil {
		return err
	}
	need, err := id.Parse(f.Value("need"))
	other, err2 := id.Parse(f.Value("centre"))
	if err != nil || err2 != nil {
		return errs.Missing("need")
	}
	return f.Submit(w, r, func() (string, error) {
		err := l.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error { return exchange.Rang(r.Context(), tx, need, other) })
		web.SetToast(w, r, web.Toast{Key: "teams.settled"})
		if back := f.Value("back"); back != "" { // from the request, or the board
			return web.Local(back), err
		}
		return "/links/teams", err
	}, p.show)
}
