// Package people has the staff's pages about who can go and what holds: volunteers, crews, rules in force, the
// store room, the book of addresses. It decides nothing itself; the nouns do, and it puts their refusals in words.
package people

import (
	"context"
	"net/http"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
)

// People holds what its pages need.
type People struct {
	db     *store.DB
	events *web.Events
	known  *intake.Register
}

// New returns the pages on a centre's database and the register of those it knows. Open pages follow events on the
// topics of Topics.
func New(db *store.DB, events *web.Events, register *intake.Register) *People {
	return &People{db: db, events: events, known: register}
}

// Topics returns the topics of these pages that a commit changed, to be published after it.
func Topics(c store.Change) []string {
	if c.Kinds[volunteer.Kind.Name()] || c.Kinds[crew.Kind.Name()] {
		return []string{topic}
	}
	return nil
}

// topic is who may go: volunteers and crews.
const topic = "people"

// Who may do what. An auditor or an administrator sees names and phones masked.
const (
	staff    = account.Operator | account.Coordinator | account.Dispatcher
	readers  = staff | account.Auditor | account.Admin
	deciders = account.Coordinator | account.Dispatcher
)

// Routes returns the pages and acts.
func (p *People) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /people", Allow: web.Roles(readers), Handle: p.volunteers},
		{Pattern: "GET /people/events", Allow: web.Roles(readers), Handle: p.follow},
		{Pattern: "GET /people/new", Allow: web.Roles(staff), Handle: p.newcomer},
		{Pattern: "POST /people", Allow: web.Roles(staff), Handle: p.register},
		{Pattern: "POST /people/new/beside", Allow: web.Roles(staff), Handle: p.think},
		{Pattern: "GET /people/twins", Allow: web.Roles(account.Coordinator), Handle: p.twins},
		{Pattern: "POST /people/twins", Allow: web.Roles(account.Coordinator), Handle: p.judgeTwins},
		{Pattern: "POST /people/twins/{id}/{other}/undo", Allow: web.Roles(account.Coordinator), Handle: p.undoTwins},
		{Pattern: "GET /people/{id}", Allow: web.Roles(staff), Handle: p.volunteer},
		{Pattern: "GET /people/{id}/edit", Allow: web.Roles(staff), Handle: p.edit},
		{Pattern: "POST /people/{id}", Allow: web.Roles(staff), Handle: p.change},
		{Pattern: "POST /people/{id}/end", Allow: web.Roles(account.Coordinator), Handle: p.left},
		{Pattern: "POST /people/{id}/restore", Allow: web.Roles(account.Coordinator), Handle: p.restored},
		{Pattern: "POST /people/{id}/seen", Allow: web.Roles(account.Coordinator), Handle: p.seen},
		{Pattern: "POST /people/{id}/unseen", Allow: web.Roles(account.Coordinator), Handle: p.unseen},

		{Pattern: "GET /crews", Allow: web.Roles(readers), Handle: p.crews},
		{Pattern: "POST /crews", Allow: web.Roles(deciders), Handle: p.formCrew},
		{Pattern: "POST /crews/{id}/end", Allow: web.Roles(deciders), Handle: p.endCrew},

		{Pattern: "GET /rules", Allow: web.SignedIn(), Handle: p.rules},
		{Pattern: "POST /rules", Allow: web.Roles(account.Coordinator), Handle: p.addRule},
		{Pattern: "POST /rules/preset", Allow: web.Roles(account.Coordinator), Handle: p.preset},
		{Pattern: "POST /rules/{id}/end", Allow: web.Roles(account.Coordinator), Handle: p.endRule},
		{Pattern: "POST /rules/{id}/restore", Allow: web.Roles(account.Coordinator), Handle: p.restoreRule},

		{Pattern: "GET /stock", Allow: web.Roles(readers), Handle: p.stock},
		{Pattern: "POST /stock", Allow: web.Roles(account.Coordinator), Handle: p.count},

		{Pattern: "GET /places", Allow: web.Roles(staff), Handle: p.places},
		{Pattern: "GET /places/search", Allow: web.Roles(staff), Handle: p.findPlaces},
		{Pattern: "POST /places", Allow: web.Roles(staff), Handle: p.addPlace},

		{Pattern: "GET /areas", Allow: web.Roles(staff), Handle: p.areas},
		{Pattern: "POST /areas", Allow: web.Roles(deciders), Handle: p.loadAreas, MaxBody: area.MaxFile + 1<<20},
		{Pattern: "POST /areas/people", Allow: web.Roles(deciders), Handle: p.countArea},
		{Pattern: "POST /areas/{id}/remove", Allow: web.Roles(deciders), Handle: p.removeAreas},
	}
}

func (p *People) follow(w http.ResponseWriter, r *http.Request) error {
	return p.events.Serve(w, r, topic)
}

// done says what a page says and where it leads once something was written.
type done struct {
	to    string
	toast web.Toast
}

// write carries fn out on behalf of the viewer, once for a token; "" is a token of nothing.
func (p *People) write(r *http.Request, token string, d done, fn func(ctx context.Context, tx *store.Tx) error) error {
	actor, err := id.Parse(web.ViewerOf(r).AccountID)
	if err != nil {
		return errs.Wrap(errs.Denied, err, "")
	}
	ctx := r.Context()
	return p.db.Write(ctx, actor, func(tx *store.Tx) error {
		_, seen, err := tx.Once(ctx, token)
		if err != nil || seen {
			return err
		}
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return tx.Done(ctx, token, d.to)
	})
}

// submit ends a form with a write.
func (p *People) submit(w http.ResponseWriter, r *http.Request, f *web.Form, d done, fn func(ctx context.Context, tx *store.Tx) error, again func() web.Page) error {
	return f.Submit(w, r, func() (string, error) {
		if err := p.write(r, f.Token, d, fn); err != nil {
			return "", err
		}
		web.SetToast(w, r, d.toast)
		return d.to, nil
	}, again)
}

// act carries out what a button without a form asks for; fn changes nothing when it is pressed again.
func (p *People) act(w http.ResponseWriter, r *http.Request, d done, fn func(ctx context.Context, tx *store.Tx, rid id.ID) error) error {
	rid, err := pathID(r)
	if err != nil {
		return err
	}
	err = p.write(r, "", d, func(ctx context.Context, tx *store.Tx) error { return fn(ctx, tx, rid) })
	if err != nil {
		return err
	}
	return web.Redirect(w, r, d.to, d.toast)
}

func pathID(r *http.Request) (id.ID, error) {
	rid, err := id.Parse(r.PathValue("id"))
	if err != nil || rid.IsZero() {
		return id.ID{}, errs.Missing("record")
	}
	return rid, nil
}

// may reports whether the viewer holds one of the roles.
func may(r *http.Request, roles account.Roles) bool { return web.ViewerOf(r).Roles.Any(roles) }

// zone returns the centre's time zone, its name beside it; the default's before set-up.
func (p *People) zone(ctx context.Context) (*time.Location, string, error) {
	c, err := centre.Get(ctx, p.db)
	if errs.Is(err, errs.NotFound) {
		c, err = &centre.Centre{Zone: centre.DefaultZone}, nil
	}
	if err != nil {
		return nil, "", err
	}
	return c.Location(), c.Zone, nil
}
