// Package lost is what holds centres together when one of them is lost: who holds the network's keys, the permission
// that two of them sign, going on with a lost centre's requests, and what a centre that comes back must know.
package lost

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/adoption"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/links"
)

// Lost serves the pages.
type Lost struct{ db *store.DB }

// New returns the pages of a centre.
func New(db *store.DB) *Lost { return &Lost{db: db} }

// Routes returns the pages and acts. Whoever answers for the centre acts; those who plan see.
func (l *Lost) Routes() []web.Route {
	sees, acts := web.Roles(account.Coordinator|account.Dispatcher|account.Auditor), web.Roles(account.Coordinator)
	return []web.Route{
		{Pattern: "GET /links/lost", Allow: sees, Handle: l.lost},
		{Pattern: "POST /links/lost", Allow: acts, Handle: l.prepare},
		{Pattern: "POST /links/lost/read", Allow: acts, Handle: l.read},
		{Pattern: "POST /links/lost/again", Allow: acts, Handle: l.resume},
		{Pattern: "POST /links/lost/sign", Allow: acts, Handle: l.sign},
		{Pattern: "POST /links/lost/file", Allow: acts, Handle: l.file},
		{Pattern: "GET /links/lost/{centre}", Allow: acts, Handle: l.stock},
		{Pattern: "POST /links/lost/{centre}", Allow: acts, Handle: l.adopt},
		{Pattern: "GET /links/returned", Allow: sees, Handle: l.returned},
		{Pattern: "GET /links/teams", Allow: sees, Handle: l.teams},
		{Pattern: "POST /links/teams", Allow: acts, Handle: l.rang},
		{Pattern: "GET /links/holders", Allow: acts, Handle: l.holders},
		{Pattern: "POST /links/holders/papers", Allow: acts, Handle: l.papers},
		{Pattern: "POST /links/holders/paper", Allow: acts, Handle: l.paper},
		{Pattern: "POST /links/holders/accept", Allow: acts, Handle: l.accept},
		{Pattern: "POST /links/holders/which", Allow: acts, Handle: l.which},
		{Pattern: "POST /links/holders/renew", Allow: acts, Handle: l.renew},
		{Pattern: "POST /links/holders/read", Allow: acts, Handle: l.readRenewal},
		{Pattern: "POST /links/holders/sign", Allow: acts, Handle: l.signRenewal},
		{Pattern: "POST /links/holders/file", Allow: acts, Handle: l.renewalFile},
	}
}

// page is what all pages here have.
type page struct {
	lang  i18n.Lang
	form  *web.Form
	zone  *time.Location
	acts  bool
	here  string
	us    id.ID
	waits links.Waits
	known []store.Centre
}

func (l *Lost) page(r *http.Request, f *web.Form, here string) (page, error) {
	p := page{lang: f.Lang, form: f, here: here, zone: time.UTC, us: l.db.Centre(), acts: web.ViewerOf(r).Roles.Any(account.Coordinator)}
	if c, err := centre.Get(r.Context(), l.db); err == nil {
		p.zone = c.Location()
	}
	var err error
	if p.waits, err = links.Waiting(r.Context(), l.db); err != nil {
		return p, err
	}
	p.known, err = store.Centres(r.Context(), l.db)
	return p, err
}

func (p page) tabs() []web.Tab { return links.Tabs(p.lang, p.acts, p.waits, p.here) }

// name is a centre's name, or words for one that is not known here.
func (p page) name(c id.ID) string {
	for _, k := range p.known {
		if id.ID(k.Centre) == c {
			return k.Name
		}
	}
	if c == p.us {
		return p.lang.T("links.ours")
	}
	return p.lang.T("network.unknown")
}

func (p page) at(t time.Time) string {
	if t.IsZero() {
		return p.lang.T("links.never")
	}
	return p.lang.DateClock(t.In(p.zone))
}

// lostPage is what may be done when a centre is lost, and what was.
type lostPage struct {
	page
	holders  bool // they are known here
	offers   int
	warrants []warrant
	ended    []ended
	splits   []adoption.Split
	away     bool // others went on with our requests

	lapsed, endedBefore []holders.Decision // by key-holders who are none any more
}

// warrant is a permission that counts, and what is left to take by it.
type warrant struct {
	adoption.Warrant
	Left int
}

type ended struct {
	centre id.ID
	at     time.Time
}

func (l *Lost) lostPage(r *http.Request, f *web.Form) (*lostPage, error) {
	base, err := l.page(r, f, "/links/lost")
	if err != nil {
		return nil, err
	}
	p := &lostPage{page: base}
	if _, err := holders.Ours(r.Context(), l.db); err == nil {
		p.holders = true
	} else if !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	offers, err := holders.Offers(r.Context(), l.db)
	if err != nil {
		return nil, err
	}
	p.offers = len(offers)
	return p, p.read(r.Context(), l.db)
}

func (p *lostPage) read(ctx context.Context, db *store.DB) error {
	all, err := adoption.Warrants(ctx, db)
	if err != nil {
		return err
	}
	for _, w := range all {
		v := warrant{Warrant: w}
		if w.To == p.us {
			s, err := adoption.Look(ctx, db, w.From)
			if err != nil {
				return err
			}
			v.Left = s.Requests
		}
		p.away = p.away || w.From == p.us
		p.warrants = append(p.warrants, v)
	}
	gone, err := adoption.Ended(ctx, db)
	if err != nil {
		return err
	}
	for c, at := range gone {
		p.ended = append(p.ended, ended{c, at})
	}
	slices.SortFunc(p.ended, func(a, b ended) int { return b.at.Compare(a.at) })
	if p.splits, err = adoption.Splits(ctx, db); err != nil {
		return err
	}
	if p.lapsed, err = holders.Lapsed(ctx, db); err != nil {
		return err
	}
	p.endedBefore, err = holders.EndedBefore(ctx, db)
	return err
}

func (p *lostPage) show() web.Page {
	return web.Page{Title: p.lang.T("network.lost"), Nav: "links", Body: p.body(), Help: p.lang.T("network.lost_help")}
}

// endedUs reports whether key-holders have ended this centre.
func (p *lostPage) endedUs() bool {
	return slices.ContainsFunc(p.ended, func(e ended) bool { return e.centre == p.us })
}

// others are the centres that may have been lost.
func (p *lostPage) others() []web.Option {
	var out []web.Option
	for _, c := range p.known {
		if id.ID(c.Centre) != p.us {
			out = append(out, web.Option{Value: id.ID(c.Centre).String(), Label: c.Name})
		}
	}
	return out
}

// heirs are the centres that may go on with what is left.
func (p *lostPage) heirs() []web.Option {
	out := []web.Option{{Value: p.us.String(), Label: p.lang.T("network.to_us")}}
	out = append(out, p.others()...)
	return append(out, web.Option{Value: "nobody", Label: p.lang.T("network.to_nobody")})
}

func (l *Lost) lost(w http.ResponseWriter, r *http.Request) error {
	p, err := l.lostPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	p.form.Set("to", p.us.String()).Set("what", "destroyed")
	return web.Render(w, r, p.show())
}

// stockPage is what of a lost centre is here to go on with.
type stockPage struct {
	page
	from id.ID
	adoption.Stock
	may bool
}

func (l *Lost) stockPage(r *http.Request, f *web.Form) (*stockPage, error) {
	from, err := id.Parse(r.PathValue("centre"))
	if err != nil {
		return nil, errs.Missing("centre")
	}
	base, err := l.page(r, f, "/links/lost")
	if err != nil {
		return nil, err
	}
	p := &stockPage{page: base, from: from}
	all, err := adoption.Warrants(r.Context(), l.db)
	if err != nil {
		return nil, err
	}
	p.may = slices.ContainsFunc(all, func(w adoption.Warrant) bool { return w.From == from && w.To == p.us })
	p.Stock, err = adoption.Look(r.Context(), l.db, from)
	return p, err
}

func (p *stockPage) show() web.Page {
	return web.Page{Title: p.lang.T("network.stock", "centre", p.name(p.from)), Nav: "links", Body: p.body()}
}

func (p *stockPage) facts() []web.Fact {
	t := p.lang.T
	return []web.Fact{{Term: t("network.requests"), Text: strconv.Itoa(p.Requests)}, {Term: t("network.open"), Text: strconv.Itoa(p.Open)},
		{Term: t("network.planned"), Text: strconv.Itoa(p.Planned)}, {Term: t("network.closed"), Text: strconv.Itoa(p.Closed)},
		{Term: t("network.named"), Text: t("network.named_of", "n", p.Named, "of", p.Named+p.Nameless)}, {Term: t("network.until"), Text: p.at(p.Until)}}
}

func (l *Lost) stock(w http.ResponseWriter, r *http.Request) error {
	p, err := l.stockPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

// adopt makes the records ours.
func (l *Lost) adopt(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := l.stockPage(r, f)
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		got, err := adoption.Adopt(r.Context(), l.db, web.Actor(r), p.from)
		if err != nil {
			return "", web.InWords(err)
		}
		web.SetToast(w, r, web.Toast{Key: "adopt.done", Args: []any{"n", got.Requests}})
		if got.Out > 0 {
			return "/links/teams", nil
		}
		return "/links/lost", nil
	}, p.show)
}

// returnedPage is what a centre that was thought to be lost must know.
type returnedPage struct {
	page
	all   []adoption.Return
	ended bool
}

func (l *Lost) returned(w http.ResponseWriter, r *http.Request) error {
	base, err := l.page(r, web.NewForm(r), "/links/lost")
	if err != nil {
		return err
	}
	p := &returnedPage{page: base}
	if p.all, err = adoption.Returns(r.Context(), l.db); err != nil {
		return err
	}
	gone, err := adoption.Ended(r.Context(), l.db)
	if err != nil {
		return err
	}
	_, p.ended = gone[p.us]
	return web.Render(w, r, web.Page{Title: p.lang.T("network.returned"), Nav: "links", Body: p.body(), Help: p.lang.T("network.returned_help")})
}

func (p *returnedPage) facts(v *adoption.Return) []web.Fact {
	t := p.lang.T
	waits, accepted, declined := v.Tally()
	return []web.Fact{{Term: t("network.requests"), Text: strconv.Itoa(len(v.Requests))}, {Term: t("network.still_open"), Text: strconv.Itoa(v.Open)},
		{Term: t("network.brought"), Text: strconv.Itoa(v.Done)}, {Term: t("network.stopped"), Text: strconv.Itoa(v.Stopped)},
		{Term: t("network.wrote"), Text: t("network.wrote_of", "n", len(v.Written), "waits", waits, "accepted", accepted, "declined", declined)}}
}

// writtenRow is a change that we wrote when the record was another's already.
type writtenRow = adoption.Written

func (p *returnedPage) tone(w writtenRow) web.Tone {
	switch {
	case !w.Resolved:
		return web.ToneWait
	case w.Accepted:
		return web.ToneGood
	}
	return web.TonePlain
}

func (p *returnedPage) word(w writtenRow) string {
	switch {
	case !w.Resolved:
		return p.lang.T("network.waits")
	case w.Accepted:
		return p.lang.T("network.accepted")
	}
	return p.lang.T("network.declined")
}
