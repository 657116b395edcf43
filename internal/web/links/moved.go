package links

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// requestPage is who has one request, and what may be done about that.
type requestPage struct {
	page
	req      *request.Request
	holding  store.Holding
	centre   string // who has it, where not we
	peers    []exchange.Waiting
	together int                 // requests of the household: they go together
	onRun    bool                // theirs, as far as we have heard
	forget   exchange.Forgetting // where another centre has it
	pleas    []exchange.Plea     // others ask us to forget it
	byName   map[id.ID]string    // of centres
	passings []passing
}

// passing is how the request went from one centre to another, in words.
type passing struct{ at, by, to, why string }

// passed tells how the request came to whom it is with, and why: a refusal bears its reason.
func (l *Links) passed(r *http.Request, p *requestPage) error {
	all, err := exchange.Passings(r.Context(), l.db, p.req.ID.ID)
	if err != nil {
		return err
	}
	known, err := store.Centres(r.Context(), l.db)
	if err != nil {
		return err
	}
	p.byName = map[id.ID]string{}
	for _, c := range known {
		p.byName[id.ID(c.Centre)] = c.Name
	}
	for _, v := range all {
		why := v.Why
		if slices.Contains(exchange.Reasons(), v.Why) {
			why = p.lang.T("exchange.why_" + v.Why) // i18n: exchange.why_*
		}
		p.passings = append(p.passings, passing{p.asOf(v.At), p.byName[v.By], p.byName[v.To], why})
	}
	return nil
}

func (l *Links) requestPage(r *http.Request, f *web.Form) (*requestPage, error) {
	rid, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return nil, errs.Missing("request")
	}
	base, err := l.page(r, "/links", f)
	if err != nil {
		return nil, err
	}
	p := &requestPage{page: base}
	if p.req, err = request.Kind.Get(r.Context(), l.db, rid); err != nil {
		return nil, err
	}
	if p.holding, err = store.Held(r.Context(), l.db, rid); err != nil {
		return nil, err
	}
	if p.peers, err = exchange.Peers(r.Context(), l.db); err != nil {
		return nil, err
	}
	p.centre = nameOf(p.peers, p.holding.Owner)
	if p.onRun, err = exchange.OnTheirRun(r.Context(), l.db, p.req.ID); err != nil {
		return nil, err
	}
	if err := l.forgetting(r, p); err != nil {
		return nil, err
	}
	requests, _, err := exchange.Together(r.Context(), l.db, p.req)
	if err != nil {
		return nil, err
	}
	p.together = len(requests)
	return p, l.passed(r, p)
}

// named is a centre's name as it is known here.
func (p *requestPage) named(c id.ID) string { return cmp.Or(p.byName[c], p.lang.T("network.unknown")) }

// forgetting finds how it stands with forgetting the request: there, where another centre has it; here, where others ask for it.
func (l *Links) forgetting(r *http.Request, p *requestPage) (err error) {
	if p.forget, err = exchange.ToForget(r.Context(), l.db, p.req.ID); err != nil {
		return err
	}
	all, err := exchange.Pleas(r.Context(), l.db)
	p.pleas = slices.DeleteFunc(all, func(v exchange.Plea) bool { return !v.Ours || !v.Waits() || !v.About(p.req.ID) })
	return err
}

func (p *requestPage) show() web.Page {
	return web.Page{Title: p.lang.T("links.hand_over"), Nav: "links", Body: p.body()}
}

func (p *requestPage) targets() []web.Option {
	var out []web.Option
	for _, c := range p.peers {
		label := c.Name
		if c.Area != "" {
			label += " · " + AreaWord(p.lang, p.find, c.Area)
		}
		out = append(out, web.Option{Value: id.ID(c.Centre.Centre).String(), Label: label})
	}
	return out
}

func (p *requestPage) reasons() []web.Option {
	var out []web.Option
	for _, why := range exchange.Reasons() {
		out = append(out, web.Option{Value: why, Label: p.lang.T("exchange.why_" + why)}) // i18n: exchange.why_*
	}
	return out
}

func (l *Links) request(w http.ResponseWriter, r *http.Request) error {
	p, err := l.requestPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

// move hands the request over, recalls it, refuses it, has it forgotten, or answers others who ask for that.
func (l *Links) move(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := l.requestPage(r, f)
	if err != nil {
		return err
	}
	why, toast := "", "exchange.moved"
	var to, plea id.ID
	switch f.Value("act") {
	case "forget":
		toast = "exchange.forgotten"
		f.Check(f.Bool("asked"), "asked", "links.forget_asked_missing")
	case "agree", "keep":
		toast = "plea.done_" + f.Value("act") // i18n: plea.done_*
		plea, err = id.Parse(f.Value("plea"))
		f.Check(err == nil, "plea", "error.invalid")
	case "give":
		to, err = id.Parse(f.Required("to", 40))
		f.Check(err == nil, "to", "web.choose")
		fallthrough
	default:
		why = f.OneOf("why", exchange.Reasons()...)
	}
	place := "/links/requests/" + p.req.ID.String()
	return f.Submit(w, r, func() (string, error) {
		n := 0
		err := l.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) (err error) {
			if _, seen, err := tx.Once(r.Context(), f.Token); err != nil || seen {
				return err
			}
			switch f.Value("act") {
			case "give":
				n, err = exchange.HandOver(r.Context(), tx, p.req.ID, to, why)
			case "recall":
				n, err = exchange.Recall(r.Context(), tx, p.req.ID, why, f.Value("anyway") != "")
			case "refuse":
				n, err = exchange.Refuse(r.Context(), tx, p.req.ID, why)
			case "forget":
				n, err = exchange.Forget(r.Context(), tx, p.req.ID)
			case "agree":
				err = exchange.Agree(r.Context(), tx, plea)
			case "keep":
				err = exchange.Decline(r.Context(), tx, plea)
			default:
				err = errs.New(errs.Invalid, "error.invalid")
			}
			if err != nil {
				return err
			}
			return tx.Done(r.Context(), f.Token, place)
		})
		if err != nil {
			return "", web.InWords(err)
		}
		web.SetToast(w, r, web.Toast{Key: toast, Args: []any{"n", n}})
		return place, nil
	}, p.show)
}

// proposalsPage is what others would change of ours.
type proposalsPage struct {
	page
	all []exchange.Proposal
}

func (l *Links) proposalsPage(r *http.Request, f *web.Form) (*proposalsPage, error) {
	base, err := l.page(r, "/links/proposals", f)
	if err != nil {
		return nil, err
	}
	p := &proposalsPage{page: base}
	p.all, err = exchange.Inbox(r.Context(), l.db)
	return p, err
}

func (p *proposalsPage) show() web.Page {
	return web.Page{Title: p.lang.T("links.proposals"), Nav: "links", Body: p.body(), Help: p.lang.T("links.proposals_help"),
		Keys: []web.Key{{Keys: "Y", Does: p.lang.T("links.accept")}, {Keys: "X", Does: p.lang.T("links.decline")}}}
}

// headline says who proposes, about what, and when.
func (p *proposalsPage) headline(v exchange.Proposal) string {
	about := KindWord(p.lang, v.Kind)
	if v.Ref != "" {
		about += " " + v.Ref.String()
	}
	from := v.From
	if from == "" {
		from = p.lang.T("network.unknown")
	}
	return p.lang.T("links.proposes", "centre", from, "about", about, "at", p.asOf(v.At))
}

func (l *Links) proposals(w http.ResponseWriter, r *http.Request) error {
	p, err := l.proposalsPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

// answer accepts or declines a proposal.
func (l *Links) answer(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	record, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return errs.Missing("record")
	}
	p, err := l.proposalsPage(r, f)
	if err != nil {
		return err
	}
	accept := f.Value("answer") == "accept"
	return f.Submit(w, r, func() (string, error) {
		err := l.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
			return exchange.Answer(r.Context(), tx, record, f.Value("proposal"), accept)
		})
		if err != nil {
			return "", web.InWords(err)
		}
		key := "links.declined"
		if accept {
			key = "links.accepted"
		}
		web.SetToast(w, r, web.Toast{Key: key})
		return "/links/proposals", nil
	}, p.show)
}
