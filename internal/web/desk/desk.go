// Package desk is the staff's working pages: the call desk, the board, a request with its history, and calls to be made.
package desk

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/chart"
	"github.com/jumyla/jumyla/internal/web/runs"
)

// Desk holds what the pages need.
type Desk struct {
	db       *store.DB
	events   *web.Events
	register *intake.Register

	contacts *runs.Contacts // of crews that are late
	waits    *request.Live  // what the board shows

	Find *where.Finder // of addresses; nil: the book of places alone
	Map  *chart.Chart  // on which places are picked; nil: a plain grid
}

// New returns the desk of a centre's database.
func New(db *store.DB, events *web.Events, register *intake.Register, waits *request.Live) *Desk {
	return &Desk{db: db, events: events, register: register, waits: waits, contacts: runs.NewContacts(db, "board")}
}

// Routes lists every page of the desk with who may use it.
func (d *Desk) Routes() []web.Route {
	take := web.Roles(account.Operator | account.Coordinator)
	see := web.Roles(account.Operator | account.Coordinator | account.Dispatcher)
	return slices.Concat(d.callbackRoutes(take), []web.Route{
		{Pattern: "GET /{$}", Allow: web.SignedIn(), Handle: func(w http.ResponseWriter, r *http.Request) error { return web.See(w, r, first(web.ViewerOf(r).Roles)) }},
		{Pattern: "GET /call", Allow: take, Handle: d.call},
		{Pattern: "POST /call", Allow: take, Handle: d.take},
		{Pattern: "POST /call/draft", Allow: take, Handle: d.draft},
		{Pattern: "POST /call/beside", Allow: take, Handle: d.think},
		{Pattern: "POST /call/address", Allow: take, Handle: d.choose},
		{Pattern: "POST /call/same", Allow: take, Handle: d.sameHousehold},
		{Pattern: "GET /board", Allow: see, Handle: d.board},
		{Pattern: "POST /board/views", Allow: see, Handle: d.saveView},
		{Pattern: "POST /board/views/drop", Allow: see, Handle: d.dropView},
		{Pattern: "GET /search", Allow: see, Handle: d.search},
		{Pattern: "GET /requests/{id}", Allow: see, Handle: d.request},
		{Pattern: "GET /requests/{id}/edit", Allow: take, Handle: d.edit},
		{Pattern: "POST /requests/{id}/edit", Allow: take, Handle: d.saveEdit},
		{Pattern: "POST /requests/{id}/undo", Allow: take, Handle: d.undo},
		{Pattern: "GET /mine", Allow: take, Handle: d.mine},
		{Pattern: "POST /requests/{id}/check", Allow: take, Handle: d.check},
		{Pattern: "POST /requests/{id}/decide", Allow: web.Roles(account.Coordinator), Handle: d.decide},
		{Pattern: "POST /requests/{id}/basket", Allow: web.Roles(account.Coordinator), Handle: d.letBasket},
		{Pattern: "POST /requests/{id}/close", Allow: take, Handle: d.close},
		{Pattern: "POST /requests/{id}/post", Allow: see, Handle: d.post},
		{Pattern: "POST /requests/{id}/place", Allow: see, Handle: d.place},
		{Pattern: "GET /events", Allow: see, Handle: func(w http.ResponseWriter, r *http.Request) error { return d.events.Serve(w, r, "requests", "runs") }},
	})
}

// first is the page that somebody with these roles begins on: one that they may open.
func first(roles account.Roles) string {
	switch {
	case roles.Any(account.Operator | account.Coordinator | account.Dispatcher):
		return "/board"
	case roles.Any(account.Admin):
		return "/accounts"
	case roles.Any(account.Auditor):
		return "/people"
	}
	return "/account"
}

func requestID(r *http.Request) (request.ID, error) {
	v, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return request.ID{}, errs.Missing("request")
	}
	return request.ID{ID: v}, nil
}

// today returns the centre, and midnight of the day that it is there.
func (d *Desk) today(ctx context.Context) (*centre.Centre, time.Time, error) {
	c, err := centre.Get(ctx, d.db)
	if err != nil {
		return nil, time.Time{}, err
	}
	return c, Midnight(d.db.Now(), c.Location()), nil
}

// Midnight returns the beginning of the day that t falls on in loc.
func Midnight(t time.Time, loc *time.Location) time.Time {
	y, m, day := t.In(loc).Date()
	return time.Date(y, m, day, 0, 0, 0, 0, loc)
}

// Topics says which pages a commit concerns.
func Topics(c store.Change) []string {
	var out []string
	for topic, kinds := range map[string][]string{"requests": {"request", "need", "household"}, "runs": {"run", "outcome", "check", "crew"}, callbackTopic: {"callback"}} {
		for _, k := range kinds {
			if c.Kinds[k] {
				out = append(out, topic)
				break
			}
		}
	}
	return out
}
