// Package relay leads somebody through bringing word to a relative: whom to call, what to say and how, what came of it.
// A caller sees only the messages that are their own at the moment.
package relay

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
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
		{Pattern: "GET /relays", Allow: calls, Handle: p.list},
		{Pattern: "POST /relays/next", Allow: calls, Handle: p.next},
		{Pattern: "GET /relays/{id}", Allow: calls, Handle: p.show},
		{Pattern: "POST /relays/{id}", Allow: calls, Handle: p.write},
		{Pattern: "POST /relays/{id}/attempt", Allow: calls, Handle: p.attempt},
	}
}

type listPage struct {
	lang i18n.Lang
	form *web.Form
	mine []onePage
	free int
}

// onePage is one message that the viewer has taken.
type onePage struct {
	lang  i18n.Lang // of the page
	loc   *time.Location
	form  *web.Form
	need  *request.Need
	req   *request.Request
	home  *household.Household
	word  *request.Word // nil where nobody has written yet what is to be brought
	tries []request.Relay
	say   i18n.Lang // in which the call is begun
}

func needID(r *http.Request) (request.NeedID, error) {
	v, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return request.NeedID{}, errs.Missing("message")
	}
	return request.NeedID{ID: v}, nil
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
	ids, free, err := request.RelaysHeld(r.Context(), p.db, web.Actor(r), p.db.Now())
	if err != nil {
		return web.Page{}, err
	}
	l.free = free
	for _, n := range ids {
		one, err := p.one(r, n, f)
		if err != nil {
			return web.Page{}, err
		}
		l.mine = append(l.mine, one)
	}
	return web.Page{Title: l.lang.T("relay.title"), Nav: "callbacks", Body: l.body(), Help: l.lang.T("relay.help")}, nil
}

// next takes the message that waits longest.
func (p *Pages) next(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		var n request.NeedID
		err := p.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) (err error) {
			n, err = request.NextRelay(r.Context(), tx)
			return err
		})
		if errs.Is(err, errs.NotFound) {
			return "", errs.New(errs.Conflict, "relay.none_why")
		}
		return "/relays/" + n.String(), err
	}, func() web.Page { return p.again(r, f) })
}

func (p *Pages) again(r *http.Request, f *web.Form) web.Page {
	page, err := p.listPage(r, f)
	if err != nil {
		return web.Page{Title: web.Lang(r).T("relay.title"), Nav: "callbacks", Body: web.Empty(web.Say(web.Lang(r), err, ""), "")}
	}
	return page
}

func (p *Pages) one(r *http.Request, n request.NeedID, f *web.Form) (onePage, error) {
	ctx := r.Context()
	o := onePage{lang: web.Lang(r), form: f, say: i18n.KK}
	c, err := centre.Get(ctx, p.db)
	if err != nil {
		return o, err
	}
	o.loc = c.Location()
	if o.need, err = request.NeedKind.Get(ctx, p.db, n.ID); err != nil {
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
	if o.word, err = request.WordOf(ctx, p.db, n); errs.Is(err, errs.NotFound) {
		o.word, err = nil, nil
	}
	if err != nil {
		return o, err
	}
	o.tries, err = request.RelaysOf(ctx, p.db, n)
	return o, err
}

// held opens one message for who has taken it; for anybody else it is not there.
func (p *Pages) held(r *http.Request, f *web.Form) (onePage, error) {
	n, err := needID(r)
	if err != nil {
		return onePage{}, err
	}
	ok, err := request.Holds(r.Context(), p.db, n, web.Actor(r), p.db.Now())
	if err != nil {
		return onePage{}, err
	}
	if !ok {
		return onePage{}, errs.New(errs.NotFound, "relay.not_yours")
	}
	return p.one(r, n, f)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	o, err := p.held(r, web.NewForm(r))
	if err != nil {
		return err
	}
	if o.word != nil {
		phones := make([]string, 0, len(o.word.Phones))
		for _, ph := range o.word.Phones {
			phones = append(phones, ph.String())
		}
		o.form.Set("to", string(o.word.To)).Set("phones", strings.Join(phones, ", ")).Set("words", string(o.word.Words))
	} else {
		o.form.Set("words", o.need.Detail)
	}
	err = p.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
		l := &household.Look{Household: o.home.ID.ID, Account: tx.Actor, Page: "relay"}
		l.ID.ID = tx.NewID()
		return tx.Put(r.Context(), l)
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, o.page())
}

func (o onePage) page() web.Page {
	return web.Page{Title: o.lang.T("relay.title") + " " + o.req.Ref.String(), Nav: "callbacks", Body: o.body(), Help: o.lang.T("relay.help")}
}

// write keeps whom to call and what to bring.
func (p *Pages) write(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	o, err := p.held(r, f)
	if err != nil {
		return err
	}
	word := &request.Word{Need: o.need.ID, To: contact.Name(f.Required("to", 200)), Words: contact.Note(f.Required("words", request.MaxWords))}
	for part := range strings.FieldsFuncSeq(f.Required("phones", 200), func(c rune) bool { return c == ',' || c == ';' || c == '\n' }) {
		ph, ok := contact.ParsePhone(part)
		f.Check(ok || strings.TrimSpace(part) == "", "phones", "error.phone")
		if ok {
			word.Phones = append(word.Phones, ph)
		}
	}
	return f.Submit(w, r, func() (string, error) {
		err := p.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error { return request.WriteWord(r.Context(), tx, word) })
		return "/relays/" + o.need.ID.String(), err
	}, func() web.Page { return o.page() })
}

// attempt records what came of a call. Who needs help is led to a call of their own.
func (p *Pages) attempt(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	o, err := p.held(r, f)
	if err != nil {
		return err
	}
	what, note := request.Reach(f.Value("reach")), contact.Note(f.Text("note", 500))
	f.Check(what != request.NeedsHelp || o.word != nil, "phones", "error.required") // nobody could be called again
	return f.Submit(w, r, func() (string, error) {
		to := "/relays"
		err := p.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) (err error) {
			if err = request.Attempt(r.Context(), tx, o.need.ID, what, note); err == nil && what == request.NeedsHelp {
				to, err = o.helped(r, tx, note)
			}
			return err
		})
		if err == nil {
			web.SetToast(w, r, web.Toast{Key: "web.saved"})
		}
		return to, err
	}, func() web.Page { return o.page() })
}

// helped puts who needs help into the queue of call-backs, as the asker's own, and returns where their call is taken: when
// it is not taken, they still wait there. It is not about the request that asked for word: that one is done, and may be
// erased within the hour.
func (o onePage) helped(r *http.Request, tx *store.Tx, note contact.Note) (string, error) {
	why := o.lang.T("relay.reach_"+string(request.NeedsHelp)) + "\n" + string(note) // i18n: relay.reach_*
	c := request.Callback{Phone: o.word.Phones[0], Name: o.word.To, Why: contact.Note(strings.TrimSpace(why))}
	if err := request.Promise(r.Context(), tx, &c); err != nil {
		return "", err
	}
	_, err := request.Take(r.Context(), tx, c.ID)
	return "/call?callback=" + c.ID.String(), err
}

func key(i int) string { return strconv.Itoa(i + 1) }
