// Package twins is where people say whether a household of theirs is one that another centre has too: the queue of pairs
// that the comparing centre found, a part of it for a request's page, and how comparing is set up.
package twins

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/links"
)

// Twins serves the pages.
type Twins struct{ db *store.DB }

// New returns the pages of a centre.
func New(db *store.DB) *Twins { return &Twins{db: db} }

// here is the page of all pairs.
const here = "/links/match"

// Routes returns the pages and acts. Whoever takes calls says what a pair is; whoever answers for the centre sets it up.
func (t *Twins) Routes() []web.Route {
	take, acts := web.Roles(account.Operator|account.Coordinator), web.Roles(account.Coordinator)
	return []web.Route{
		{Pattern: "GET " + here, Allow: take, Handle: t.pairs},
		{Pattern: "POST " + here + "/pairs/{pair}", Allow: take, Handle: t.say},
		{Pattern: "POST " + here + "/use", Allow: acts, Handle: t.use},
		{Pattern: "POST " + here + "/key", Allow: acts, Handle: t.key},
		{Pattern: "POST " + here + "/offer", Allow: acts, Handle: t.offer},
	}
}

// mostOpen is how many pairs a page asks about.
const mostOpen = 20

// page is the queue, what was said, and how comparing is set up.
type page struct {
	lang   i18n.Lang
	form   *web.Form
	zone   *time.Location
	acts   bool
	tabs   []web.Tab
	open   []row
	said   []row
	more   int
	bad    []match.Pair
	report *match.Report
	peers  []exchange.Waiting
	shown  string // the key, where somebody asked to see it
}

// row is a pair as it is shown.
type row struct {
	match.Pair

	lang i18n.Lang
	zone *time.Location
	ours []home
	by   string // who said something here
}

// home is one of our requests of the household.
type home struct {
	req   *request.Request
	needs []request.Need
}

func (t *Twins) pairs(w http.ResponseWriter, r *http.Request) error {
	p, err := t.page(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

func (p *page) show() web.Page {
	return web.Page{Title: p.lang.T("match.title"), Nav: "links", Body: p.body(), Help: p.lang.T("match.help"),
		Keys: []web.Key{{Keys: "S", Does: p.lang.T("match.same")}, {Keys: "D", Does: p.lang.T("match.different")}}}
}

func (t *Twins) page(r *http.Request, f *web.Form) (*page, error) {
	ctx := r.Context()
	p := &page{lang: f.Lang, form: f, zone: zone(ctx, t.db), acts: web.ViewerOf(r).Roles.Any(account.Coordinator)}
	waits, err := links.Waiting(ctx, t.db)
	if err != nil {
		return nil, err
	}
	p.tabs = links.Tabs(p.lang, p.acts, waits, here)
	good, bad, err := match.Pairs(ctx, t.db)
	if err != nil {
		return nil, err
	}
	p.bad = bad
	for _, pair := range good {
		row, err := rowOf(ctx, t.db, p.lang, p.zone, pair)
		switch {
		case err != nil:
			return nil, err
		case pair.We != nil:
			p.said = append(p.said, row)
		case len(p.open) < mostOpen:
			p.open = append(p.open, row)
		default:
			p.more++
		}
	}
	if p.report, err = match.Tell(ctx, t.db); err != nil {
		return nil, err
	}
	p.peers, err = exchange.Peers(ctx, t.db)
	if f.Value("limit") == "" {
		f.Set("limit", strconv.Itoa(p.report.Limit))
	}
	if own, err := twin.SettingOf(ctx, t.db, t.db.Centre()); err == nil && !own.Matcher.IsZero() && f.Value("matcher") == "" {
		f.Set("matcher", own.Matcher.String())
	}
	return p, err
}

// alone reports whether there is nobody to compare with yet, and nothing set up for it.
func (p *page) alone() bool {
	return len(p.peers) == 0 && len(p.open)+len(p.said)+len(p.bad) == 0 && p.report.Print == "" && p.shown == "" && p.form.OK()
}

func zone(ctx context.Context, db *store.DB) *time.Location {
	if c, err := centre.Get(ctx, db); err == nil {
		return c.Location()
	}
	return time.UTC
}

// rowOf reads what is shown beside a pair.
func rowOf(ctx context.Context, db *store.DB, lang i18n.Lang, loc *time.Location, p match.Pair) (row, error) {
	v := row{Pair: p, lang: lang, zone: loc}
	ids, err := request.OfHousehold(ctx, db, p.Ours)
	if err != nil {
		return v, err
	}
	for _, rid := range ids[:min(len(ids), 5)] {
		q, err := request.Kind.Get(ctx, db, rid.ID)
		if err != nil {
			return v, err
		}
		needs, err := request.Needs(ctx, db, rid)
		if err != nil {
			return v, err
		}
		v.ours = append(v.ours, home{q, needs})
	}
	if p.We != nil {
		v.by = lang.T("match.somebody")
		if a, err := account.Get(ctx, db, account.ID{ID: p.We.By}); err == nil {
			v.by = string(a.Name)
		}
	}
	return v, nil
}

// Part is what stands of a household's pairs on a request's page.
type Part struct {
	rows  []row
	token string
	back  string
	acts  bool
	takes bool
}

// PartOf reads it; back is the page to come back to.
func PartOf(r *http.Request, db *store.DB, h household.ID, token, back string) (Part, error) {
	ctx, lang := r.Context(), web.Lang(r)
	v := web.ViewerOf(r).Roles
	p := Part{token: token, back: back, acts: v.Any(account.Coordinator), takes: v.Any(account.Operator | account.Coordinator)}
	all, err := match.Of(ctx, db, h)
	if err != nil {
		return p, err
	}
	loc := zone(ctx, db)
	for _, pair := range all {
		one, err := rowOf(ctx, db, lang, loc, pair)
		if err != nil {
			return p, err
		}
		one.ours = nil // the page is of one of them
		p.rows = append(p.rows, one)
	}
	return p, nil
}

// say keeps what somebody says of a pair.
func (t *Twins) say(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	pair, err := id.Parse(r.PathValue("pair"))
	if err != nil {
		return errs.New(errs.NotFound, "match.no_pair")
	}
	says := twin.Says(f.OneOf("says", string(twin.Same), string(twin.Different), string(twin.Undone)))
	back := here
	if to := f.Value("back"); strings.HasPrefix(to, "/requests/") {
		back = to
	}
	return t.submit(w, r, f, func() (string, error) {
		p, err := match.Find(r.Context(), t.db, pair)
		if err != nil {
			return "", err
		}
		once := f.Token + pair.String()
		err = t.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
			if _, seen, err := tx.Once(r.Context(), once); err != nil || seen {
				return err
			}
			if err := match.Say(r.Context(), tx, p, says); err != nil {
				return err
			}
			return tx.Done(r.Context(), once, back)
		})
		if err == nil {
			web.SetToast(w, r, web.Toast{Key: "match.saved_" + string(says), Args: []any{"centre", p.Name}}) // i18n: match.saved_*
		}
		return back, err
	})
}

// use chooses the centre that compares for us.
func (t *Twins) use(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var matcher id.ID
	if v := f.Value("matcher"); v != "" {
		if matcher, err = id.Parse(v); err != nil {
			f.Fail("matcher", "web.choose")
		}
	}
	return t.set(w, r, f, func(ctx context.Context, tx *store.Tx) error { return match.Use(ctx, tx, matcher) })
}

// offer says whether we compare for others.
func (t *Twins) offer(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	limit := f.Int("limit", 0, match.MaxLimit)
	return t.set(w, r, f, func(ctx context.Context, tx *store.Tx) error { return match.Offer(ctx, tx, limit) })
}

// set changes how comparing is set up, and does what follows from it at once.
func (t *Twins) set(w http.ResponseWriter, r *http.Request, f *web.Form, change func(ctx context.Context, tx *store.Tx) error) error {
	return t.submit(w, r, f, func() (string, error) {
		err := t.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error { return change(r.Context(), tx) })
		if err == nil {
			err = match.Work(r.Context(), t.db)
		}
		if err == nil {
			web.SetToast(w, r, web.Toast{Key: "web.saved"})
		}
		return here, err
	})
}

func (t *Twins) submit(w http.ResponseWriter, r *http.Request, f *web.Form, do func() (string, error)) error {
	return f.Submit(w, r, func() (string, error) {
		to, err := do()
		return to, web.InWords(err)
	}, func() web.Page {
		p, err := t.page(r, f)
		if err != nil {
			return web.Page{Title: f.Lang.T("match.title"), Nav: "links", Body: web.Empty(web.Say(f.Lang, err, ""), "")}
		}
		return p.show()
	})
}

// standingWord says how a pair stands.
func (v row) standingWord() string { return StandingWord(v.lang, &v.Pair) }

// StandingWord says how a pair stands.
func StandingWord(lang i18n.Lang, p *match.Pair) string {
	switch p.Standing() {
	case match.Linked:
		return lang.T("match.linked")
	case match.Apart:
		return lang.T("match.apart")
	case match.Disputed:
		return lang.T("match.disputed")
	}
	return lang.T("match.open")
}

// TroubleWords says what somebody should look at.
func TroubleWords(lang i18n.Lang, t match.Trouble) string {
	return lang.T("match.trouble_"+t.What, "centre", t.Centre, "n", t.N) // i18n: match.trouble_*
}

// FaultWords says why an answer was refused.
func FaultWords(lang i18n.Lang, p match.Pair) string {
	return lang.T(p.Fault, "centre", p.Name) // i18n: match.fault_*
}
