// Package same is where people say whether two records are one household: the queue of pairs that may be, one at
// a time, and a household's page with every record that is linked. It also has the parts that tell why two
// records look alike, for other pages.
package same

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// putOff is for how long a pair that somebody wants to look at later is not shown to them.
const putOff = 4 * time.Hour

// queuePage is the queue of pairs that may be one household, one at a time.
type queuePage struct {
	lang  i18n.Lang
	form  *web.Form
	asked *intake.Question // nil: nothing waits
	both  [2]homeCard
	agree household.Agreement
	twins int // pairs with other centres that wait for somebody here
}

// homeCard is one record as it is compared and shown.
type homeCard struct {
	home *household.Household
	reqs []intake.MatchRequest
}

// Pages holds what the pages need.
type Pages struct {
	db       *store.DB
	register *intake.Register
}

// New returns the pages of a centre's database and the register of those it knows.
func New(db *store.DB, register *intake.Register) *Pages { return &Pages{db: db, register: register} }

// Routes lists every page with who may use it.
func (d *Pages) Routes() []web.Route {
	take := web.Roles(account.Operator | account.Coordinator)
	return []web.Route{
		{Pattern: "GET /same", Allow: take, Handle: d.queue},
		{Pattern: "POST /same", Allow: take, Handle: d.answer},
		{Pattern: "GET /households/{id}", Allow: take, Handle: d.household},
		{Pattern: "POST /households/{id}/verdict", Allow: take, Handle: d.judge},
	}
}

func (d *Pages) queue(w http.ResponseWriter, r *http.Request) error {
	page, err := d.queuePage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, page)
}

func (d *Pages) queuePage(r *http.Request, f *web.Form) (web.Page, error) {
	p := queuePage{lang: web.Lang(r), form: f}
	ctx, now := r.Context(), d.db.Now()
	opinions, err := household.Opinions(ctx, d.db)
	if err != nil {
		return web.Page{}, err
	}
	p.agree = household.Agree(opinions)
	if p.asked, err = d.register.Next(ctx, d.db, web.Actor(r), now); err != nil {
		return web.Page{}, err
	}
	if p.asked != nil {
		for i, h := range []*household.Household{p.asked.A, p.asked.B} {
			if p.both[i], err = d.homeCard(r, h, "same"); err != nil {
				return web.Page{}, err
			}
		}
	}
	if p.twins, err = match.Waiting(ctx, d.db); err != nil {
		return web.Page{}, err
	}
	lang := p.lang
	return web.Page{Title: lang.T("nav.same"), Nav: "same", Body: p.body(), Help: lang.T("same.help"),
		Keys: web.AnswerKeys(p.answers())}, nil
}

// answers are what can be said of a pair.
func (p queuePage) answers() []web.Answer {
	return []web.Answer{{Says: "same", Label: p.lang.T("same.same"), Key: "S"}, {Says: "different", Label: p.lang.T("same.different"), Key: "D"},
		{Says: "later", Label: p.lang.T("same.later"), Key: "K"}}
}

// pairOf is the pair that is asked about.
func (p queuePage) pairOf() web.Pair {
	q := p.asked
	return web.Pair{Form: p.form, Action: "/same", A: q.A.ID.String(), B: q.B.ID.String(), Question: p.lang.T("same.question"), Sure: q.Sure,
		Word: SureWord(p.lang, q.Sure), Left: p.lang.T("same.left", "n", q.Left), Why: Whys(p.lang, q.Why), Answers: p.answers()}
}

// SureWord says how sure it is that two records are one household.
func SureWord(lang i18n.Lang, sure bool) string {
	if sure {
		return lang.T("same.sure")
	}
	return lang.T("same.perhaps")
}

// Whys is in words what speaks for two records being one, and what against.
func Whys(lang i18n.Lang, all []intake.Reason) (out []web.Why) {
	for _, w := range all {
		out = append(out, web.Why{For: w.For, Text: lang.T(w.Key, w.Args...)})
	}
	return out
}

// homeCard reads what is shown of a record, and keeps that it was looked at.
func (d *Pages) homeCard(r *http.Request, h *household.Household, page string) (homeCard, error) {
	c := homeCard{home: h}
	ids, err := request.OfHousehold(r.Context(), d.db, h.ID)
	if err != nil {
		return c, err
	}
	for _, rid := range ids[:min(len(ids), 10)] {
		q, err := intake.Earlier(r.Context(), d.db, rid, d.db.Now())
		if err != nil {
			return c, err
		}
		c.reqs = append(c.reqs, q)
	}
	return c, Looked(r, d.db, h.ID, page)
}

// answer takes one key's verdict on the pair that was shown.
func (d *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, errA := id.Parse(f.Value("a"))
	b, errB := id.Parse(f.Value("b"))
	if errA != nil || errB != nil {
		return errs.Missing("household")
	}
	says := f.OneOf("says", "same", "different", "later")
	return f.Submit(w, r, func() (string, error) {
		return "/same", d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
			_, seen, err := tx.Once(r.Context(), f.Token)
			if err != nil || seen {
				return err
			}
			if says == "later" {
				err = household.Later(r.Context(), tx, a, b, tx.Now.Add(putOff))
			} else {
				err = d.register.Answer(r.Context(), tx, household.Verdict{A: a, B: b, Says: household.Says(says)})
			}
			if err != nil {
				return err
			}
			return tx.Done(r.Context(), f.Token, "/same")
		})
	}, func() web.Page {
		p, err := d.queuePage(r, f)
		if err != nil {
			p = web.Page{Title: web.Lang(r).T("nav.same"), Nav: "same", Body: web.Empty(web.Say(web.Lang(r), err, ""), "")}
		}
		return p
	})
}

// householdPage is one household with every record that is linked with it, and what may be the same.
type householdPage struct {
	lang    i18n.Lang
	loc     *time.Location
	form    *web.Form
	cards   []homeCard // the first is the one that was asked for
	said    []saidLine
	perhaps []intake.Match
}

// saidLine is a verdict that holds, in words.
type saidLine struct {
	household.Verdict
	by    string
	other *household.Household
}

func (d *Pages) household(w http.ResponseWriter, r *http.Request) error {
	page, err := d.householdPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, page)
}

func (d *Pages) householdPage(r *http.Request, f *web.Form) (web.Page, error) {
	p := householdPage{lang: web.Lang(r), form: f}
	ctx := r.Context()
	c, err := centre.Get(ctx, d.db)
	if err != nil {
		return web.Page{}, err
	}
	p.loc = c.Location()
	v, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return web.Page{}, errs.Missing("household")
	}
	set, err := household.Linked(ctx, d.db, household.ID{ID: v})
	if err != nil {
		return web.Page{}, err
	}
	for _, hid := range set {
		h, err := household.Kind.Get(ctx, d.db, hid.ID)
		if err != nil {
			return web.Page{}, err
		}
		card, err := d.homeCard(r, h, "household")
		if err != nil {
			return web.Page{}, err
		}
		p.cards = append(p.cards, card)
	}
	if p.said, err = d.said(r, set); err != nil {
		return web.Page{}, err
	}
	if p.perhaps, err = d.perhaps(r, p.cards[0].home, set, p.said); err != nil {
		return web.Page{}, err
	}
	return web.Page{Title: p.lang.T("same.household"), Nav: "board", Body: p.body()}, nil
}

// said returns the verdicts of the records of a set that hold, the newest first.
func (d *Pages) said(r *http.Request, set []household.ID) ([]saidLine, error) {
	var out []saidLine
	seen := map[id.ID]bool{}
	for _, hid := range set {
		ids, err := household.VerdictsOf(r.Context(), d.db, hid)
		if err != nil {
			return nil, err
		}
		for _, vid := range ids {
			if seen[vid.ID] {
				continue
			}
			seen[vid.ID] = true
			line, holds, err := d.saidLine(r, vid, set[0])
			if err != nil {
				return nil, err
			}
			if holds {
				out = append(out, line)
			}
		}
	}
	return out, nil
}

// saidLine reads a verdict as it is shown on a record's page; holds is false where something was said since.
func (d *Pages) saidLine(r *http.Request, vid household.VerdictID, here household.ID) (line saidLine, holds bool, err error) {
	ctx := r.Context()
	v, err := household.VerdictKind.Get(ctx, d.db, vid.ID)
	if err != nil {
		return line, false, err
	}
	if holds, err = household.Holds(ctx, d.db, v); err != nil || !holds || v.Says == household.Undone {
		return line, false, err
	}
	other := v.A
	if other == here.ID {
		other = v.B
	}
	line.Verdict = *v
	if line.other, err = household.Kind.Get(ctx, d.db, other); err != nil {
		return line, false, err
	}
	if a, err := account.Get(ctx, d.db, account.ID{ID: v.By}); err == nil {
		line.by = string(a.Name)
	}
	return line, true, nil
}

// perhaps returns what the household may be the same as, beyond what was said already.
func (d *Pages) perhaps(r *http.Request, h *household.Household, set []household.ID, said []saidLine) ([]intake.Match, error) {
	asked := intake.Asked{Name: h.Head, Address: h.Address, Flat: h.Flat, Not: set}
	if len(h.Phones) > 0 {
		asked.Phone = h.Phones[0]
	}
	for _, s := range said {
		asked.Not = append(asked.Not, s.other.ID)
	}
	return intake.Matches(r.Context(), d.db, d.register, asked, d.db.Now())
}

// judge links two records, says that they are different, or takes either back.
func (d *Pages) judge(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, errA := id.Parse(f.Value("a"))
	b, errB := id.Parse(f.Value("b"))
	if errA != nil || errB != nil {
		return errs.Missing("household")
	}
	says := f.OneOf("says", "same", "different", "undone")
	why := contact.Note(f.Text("why", 500))
	here := "/households/" + r.PathValue("id")
	return f.Submit(w, r, func() (string, error) {
		return here, d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
			_, seen, err := tx.Once(r.Context(), f.Token+f.Value("b"))
			if err != nil || seen {
				return err
			}
			if err := d.register.Judge(r.Context(), tx, household.Verdict{A: a, B: b, Says: household.Says(says), Why: why}); err != nil {
				return err
			}
			return tx.Done(r.Context(), f.Token+f.Value("b"), here)
		})
	}, func() web.Page {
		p, err := d.householdPage(r, f)
		if err != nil {
			p = web.Page{Title: web.Lang(r).T("same.household"), Nav: "board", Body: web.Empty(web.Say(web.Lang(r), err, ""), "")}
		}
		return p
	})
}

// Looked keeps that whoever asks has seen a household's contact on a page.
func Looked(r *http.Request, db *store.DB, h household.ID, page string) error {
	return db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
		l := &household.Look{Household: h.ID, Account: tx.Actor, Page: page}
		l.ID.ID = tx.NewID()
		return tx.Put(r.Context(), l)
	})
}

// NeedWords lists needs as people say them.
func NeedWords(lang i18n.Lang, needs []request.Need) string {
	out := make([]string, 0, len(needs))
	for _, n := range needs {
		out = append(out, lang.T("what."+string(n.What))+" × "+strconv.Itoa(n.Count)) // i18n: what.*
	}
	return strings.Join(out, ", ")
}

// HomeWords names a household as it is compared: who and where.
func HomeWords(h *household.Household) string {
	s := string(h.Head)
	if s != "" {
		s += " · "
	}
	return s + h.Door()
}
