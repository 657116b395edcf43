// Package begun has the calls that somebody began to type and did not save: how their drafts are named, the page that lists them,
// and how one is thrown away and brought back; and whose call-back a call is. What a draft holds is the call form's own.
package begun

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// Field is the name of the form's value that names its draft: each call has its own, so that two windows never write into one.
const Field = "draft"

// listed is the value by which a call of the list names its draft.
const listed = "call"

// Call is one that was begun and not saved.
type Call struct {
	Name string // of its draft
	At   time.Time
	Who  string // by what its operator knows it again

	place string
	needs string
}

// Shown is how many of them stand beside the next call; all have a page.
const Shown = 3

// Href opens a draft again.
func Href(name string) string { return "/call?" + Field + "=" + name }

// Row is by what a draft of somebody is kept.
func Row(account id.ID, name string) string { return "call/" + account.String() + "/" + name }

// Name is the name of a form's draft; a new one where it has none.
func Name(given string) string {
	if len(given) < 8 || len(given) > 40 || strings.ContainsFunc(given, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') }) {
		return strings.ToLower(rand.Text()[:12])
	}
	return given
}

// HasWords reports whether a draft has something that a person typed.
func HasWords(draft map[string][]string) bool {
	for _, field := range []string{"phone", "name", "caller", "address", "needs", "note"} {
		if len(draft[field]) > 0 {
			return true
		}
	}
	return false
}

// Begun serves the page of one's own.
type Begun struct {
	db *store.DB
}

// New returns it for a centre.
func New(db *store.DB) *Begun { return &Begun{db: db} }

// Routes lists the page and what is done on it: for who takes calls.
func (g *Begun) Routes() []web.Route {
	take := web.Roles(account.Operator | account.Coordinator)
	return []web.Route{
		{Pattern: "GET /calls/begun", Allow: take, Handle: g.show},
		{Pattern: "POST /calls/begun/drop", Allow: take, Handle: func(w http.ResponseWriter, r *http.Request) error { return g.drop(w, r, listed, "/calls/begun") }},
		{Pattern: "POST /call/afresh", Allow: take, Handle: func(w http.ResponseWriter, r *http.Request) error { return g.drop(w, r, Field, "/call") }},
		{Pattern: "POST /calls/begun/back", Allow: take, Handle: g.bringBack},
	}
}

// Clock is when it was last typed at: the time alone where that was today.
func (b Call) Clock(lang i18n.Lang, loc *time.Location, now time.Time) string {
	at := b.At.In(loc)
	if at.Format(time.DateOnly) == now.In(loc).Format(time.DateOnly) {
		return lang.Clock(at)
	}
	return lang.DateClock(at)
}

// page is all that the viewer has begun and not saved.
type page struct {
	lang i18n.Lang
	loc  *time.Location
	now  time.Time
	all  []Call
}

func (g *Begun) show(w http.ResponseWriter, r *http.Request) error {
	c, err := centre.Get(r.Context(), g.db)
	if err != nil {
		return err
	}
	p := page{lang: web.Lang(r), loc: c.Location(), now: g.db.Now()}
	if p.all, err = Of(r.Context(), g.db, web.Actor(r), ""); err != nil {
		return err
	}
	return web.Render(w, r, web.Page{Title: p.lang.T("begun.title"), Nav: "call", Body: p.body(), Help: p.lang.T("begun.help"),
		Keys: []web.Key{{Keys: "Enter", Does: p.lang.T("begun.go_on")}, {Keys: "D", Does: p.lang.T("begun.drop")}}})
}

// Of returns what somebody has begun and not saved, newest first, but for one draft.
func Of(ctx context.Context, db store.Reader, who store.Actor, but string) ([]Call, error) {
	type row struct {
		id, body string
		at       int64
	}
	rows, err := store.All(ctx, db, func(rows *sql.Rows, v *row) error { return rows.Scan(&v.id, &v.body, &v.at) },
		"SELECT id, body, at FROM draft WHERE account=$1 AND form='call' ORDER BY at DESC LIMIT 200", who.String())
	if err != nil {
		return nil, err
	}
	var out []Call
	for _, one := range rows {
		name := one.id[strings.LastIndexByte(one.id, '/')+1:]
		var draft map[string][]string
		if err := json.Unmarshal([]byte(one.body), &draft); err != nil || !HasWords(draft) || name == but {
			continue // one that cannot be read is nobody's loss: the next is
		}
		first := func(fields ...string) string {
			for _, field := range fields {
				if v := draft[field]; len(v) > 0 && v[0] != "" {
					return v[0]
				}
			}
			return ""
		}
		out = append(out, Call{Name: name, At: store.At(one.at), Who: first("name", "phone", "address", "caller", "needs", "note"), place: first("address"),
			needs: strings.Join(strings.Fields(first("needs", "note")), " ")})
	}
	return out, nil
}

// drop puts a draft away, so that the next ten seconds can bring it back; what stays away is swept soon.
func (g *Begun) drop(w http.ResponseWriter, r *http.Request, field, to string) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	name := f.Value(field)
	if err := g.move(r, name, "call", "dropped"); errs.Is(err, errs.NotFound) {
		return web.See(w, r, to) // nothing of it was saved yet
	} else if err != nil {
		return err
	}
	return web.Redirect(w, r, to, web.Toast{Key: "begun.dropped", Undo: "/calls/begun/back?" + Field + "=" + url.QueryEscape(name)})
}

// bringBack opens a call again that was thrown away a moment ago.
func (g *Begun) bringBack(w http.ResponseWriter, r *http.Request) error {
	name := r.URL.Query().Get(Field)
	if err := g.move(r, name, "dropped", "call"); err != nil {
		return err
	}
	return web.See(w, r, Href(Name(name)))
}

// move says of one of the viewer's drafts what it is now.
func (g *Begun) move(r *http.Request, name, from, to string) error {
	return g.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
		n, err := tx.Exec(r.Context(), "UPDATE draft SET form=$1, at=$2 WHERE id=$3 AND account=$4 AND form=$5",
			to, store.Micro(tx.Now), Row(tx.Actor, name), tx.Actor.String(), from)
		if err == nil && n == 0 {
			return errs.Missing("draft")
		}
		return err
	})
}
