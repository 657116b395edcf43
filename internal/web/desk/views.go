package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// ownChoice is one of the viewer's own views as the board shows it.
type ownChoice struct {
	choice

	view request.OwnView
}

// ownViews are the viewer's own views with how many requests each would show.
func (p *boardPage) ownViews(own []request.OwnView, weighed *request.Backlog) {
	for _, v := range own {
		q := boardPage{filter: v.Filter}
		c := ownChoice{view: v, choice: choice{label: v.Name, href: q.href("", ""), count: weighed.Count(&v.Filter), here: v.Filter.Same(&p.filter)}}
		p.own = append(p.own, c)
	}
}

// printed says on paper what the screen says by its tabs: the view, what was chosen within it, how many there are.
func (p *boardPage) printed() string {
	parts := []string{viewName(p.lang, p.filter.View)}
	for _, c := range slices.Concat(p.bands(), p.ages(), p.areas()) {
		if c.here {
			parts = append(parts, c.label)
		}
	}
	return strings.Join(append(parts, itoa(p.survey.Found)), " · ")
}

// here is the own view that is shown; nil where what is shown was not saved.
func (p *boardPage) here() *ownChoice {
	for i := range p.own {
		if p.own[i].here {
			return &p.own[i]
		}
	}
	return nil
}

// opening is where the board opens for the viewer when nothing was asked for; "" is the board as it is.
func opening(q url.Values, own []request.OwnView) string {
	if len(q) > 0 {
		return ""
	}
	for _, v := range own {
		if v.Opens {
			return boardPage{filter: v.Filter}.href("", "")
		}
	}
	return ""
}

// saveView keeps what the board shows under a name, and shows it.
func (d *Desk) saveView(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := request.OwnView{Name: f.Required("view_name", 200), Filter: filterOf(r.PostForm), Opens: f.Bool("opens")}
	p := boardPage{filter: v.Filter}
	return f.Submit(w, r, func() (string, error) {
		err := d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
			n := v
			return request.SaveView(r.Context(), tx, &n)
		})
		if err == nil {
			web.SetToast(w, r, web.Toast{Key: "board.view_saved"})
		}
		return p.href("", ""), err
	}, func() web.Page {
		page, err := d.boardPage(r, v.Filter, f)
		if err != nil {
			return web.Page{Title: f.Lang.T("nav.board"), Nav: "board", Body: web.Empty(web.Say(f.Lang, err, ""), "")}
		}
		return page
	})
}

// dropView forgets a view; the same requests stay on the screen.
func (d *Desk) dropView(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p := boardPage{filter: filterOf(r.PostForm)}
	err = d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error { return request.DropView(r.Context(), tx, f.Value("own")) })
	if err != nil {
		return err
	}
	return web.Redirect(w, r, p.href("", ""), web.Toast{Key: "board.view_dropped"})
}
