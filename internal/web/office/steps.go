package office

import (
	"context"
	"net/http"
	"slices"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// Begin is how far a new centre has come: what a newcomer does after set-up, each step seen to be done by what is there.
type Begin struct {
	db     *store.DB
	copied func() bool // there is a second copy
	mapped func() bool // there is an extract
}

// NewBegin returns the page of the first steps.
func NewBegin(db *store.DB, copied, mapped func() bool) *Begin { return &Begin{db, copied, mapped} }

// Routes returns the page's routes.
func (b *Begin) Routes() []web.Route {
	keepers := web.Roles(account.Keepers)
	return []web.Route{
		{Pattern: "GET /first", Allow: keepers, Handle: b.show},
		{Pattern: "POST /first", Allow: keepers, Handle: b.putAway},
	}
}

// door is a page that a step leads to.
type door struct{ href, word string }

// coordinators are the pages among the doors that somebody who only keeps the accounts may not open.
var coordinators = []string{"/call", "/lists", "/people"}

// step is one thing to do before the first run goes out.
type step struct {
	name  string // names the messages first.NAME and first.NAME_why
	done  bool
	doors []door
	note  string // how far it is, where that is neither done nor not
}

func (s step) title(lang i18n.Lang) string { return lang.T("first." + s.name) } // i18n: first.*

func (s step) why(lang i18n.Lang) string { return lang.T("first." + s.name + "_why") }

type stepsPage struct {
	lang  i18n.Lang
	steps []step
	shown bool // after sign-in and on the board
}

// done counts the steps that are done.
func (p stepsPage) done() int {
	n := 0
	for _, s := range p.steps {
		if s.done {
			n++
		}
	}
	return n
}

// next is the place of the first step that is not done; -1 where all are.
func (p stepsPage) next() int {
	for i, s := range p.steps {
		if !s.done {
			return i
		}
	}
	return -1
}

func (b *Begin) show(w http.ResponseWriter, r *http.Request) error {
	lang := web.Lang(r)
	c, err := centre.Get(r.Context(), b.db)
	if err != nil {
		return err
	}
	p := stepsPage{lang: lang, shown: c.FirstSteps}
	if p.steps, err = b.steps(r.Context(), c, lang); err != nil {
		return err
	}
	if !web.ViewerOf(r).Roles.Any(account.Coordinator) {
		for i := range p.steps {
			p.steps[i].doors = slices.DeleteFunc(p.steps[i].doors, func(d door) bool { return slices.Contains(coordinators, d.href) })
		}
	}
	return web.Render(w, r, web.Page{Title: lang.T("first.title"), Nav: "settings", Body: p.body()})
}

// steps says of each what is there.
func (b *Begin) steps(ctx context.Context, c *centre.Centre, lang i18n.Lang) ([]step, error) {
	var err error
	count := func(query string) (n int) {
		if err == nil {
			n, err = store.One[int](ctx, b.db, "first steps", query)
		}
		return n
	}
	places, accounts := 0, count("SELECT count(*) FROM (SELECT 1 FROM account LIMIT 2)")
	crews, requests := count("SELECT EXISTS (SELECT 1 FROM crew WHERE ended=0)"), count("SELECT EXISTS (SELECT 1 FROM request)")
	if err == nil {
		places, err = place.Count(ctx, b.db)
	}
	stand := step{name: "stand", done: c.Placed(), doors: []door{{"/settings#coordinates", "first.to_settings"}}}
	if town, rough := c.Roughly(); rough {
		stand.done, stand.note = false, lang.T("first.roughly", "town", town.Name(lang))
	}
	return []step{
		stand,
		{name: "copy", done: b.copied(), doors: []door{{"/copy", "copy.title"}}},
		{name: "places", done: places > 0 || b.mapped(), doors: []door{{"/lists", "first.to_places"}, {"/roads", "first.to_map"}}},
		{name: "staff", done: accounts > 1, doors: []door{{"/accounts", "office.accounts"}, {"/devices", "lan.devices"}}},
		{name: "crews", done: crews > 0, doors: []door{{"/people", "nav.people"}, {"/lists", "first.to_list"}}},
		{name: "call", done: requests > 0, doors: []door{{"/call", "nav.call"}, {"/lists", "first.to_list"}}},
	}, err
}

// putAway ends the reminders after sign-in and on the board; the page stays among the settings.
func (b *Begin) putAway(w http.ResponseWriter, r *http.Request) error {
	by, err := actor(r)
	if err != nil {
		return err
	}
	err = b.db.Write(r.Context(), by.ID, func(tx *store.Tx) error {
		c, err := centre.Get(r.Context(), tx)
		if err != nil || !c.FirstSteps {
			return err
		}
		c.FirstSteps = false
		return tx.Put(r.Context(), c)
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/", web.Toast{Key: "first.away"})
}

// pending reports whether the first steps are what somebody who keeps the centre should see first.
func pending(ctx context.Context, r store.Reader, a *account.Account) (bool, error) {
	if !a.Roles.Any(account.Keepers) {
		return false, nil
	}
	c, err := centre.Get(ctx, r)
	return err == nil && c.FirstSteps, err
}
