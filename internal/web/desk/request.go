package desk

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/chart"
	"github.com/jumyla/jumyla/internal/web/runs"
	"github.com/jumyla/jumyla/internal/web/same"
	"github.com/jumyla/jumyla/internal/web/twins"
)

type requestPage struct {
	lang    i18n.Lang
	loc     *time.Location
	req     *request.Request
	home    *household.Household
	needs   []request.Need
	pick    chart.Figure
	points  int
	why     []request.Part
	history []line
	version string
	form    *web.Form
	decide  bool // the viewer may let it through unchecked
	takes   bool // the viewer takes calls, and may correct what was taken
	basket  basketPart
	twins   twins.Part     // what another centre may have of the same household
	runs    []run.State    // that carry something of it now
	forgets string         // when it will be erased
	near    *where.Answer  // what lies at its point, as the extract knows; nil where nothing does
	area    string         // where it lies, in the viewer's language
	noRoad  bool           // no road leads near its point
	places  []where.Answer // what its address may mean, where it has no exact place yet
	tell    string         // what whoever asked for somebody else may be told
	away    string         // the centre that has it; "" where we do
	teams   []exchange.Team
	pleas   []plea
}

func (d *Desk) request(w http.ResponseWriter, r *http.Request) error {
	page, err := d.requestPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, page)
}

func (d *Desk) requestPage(r *http.Request, f *web.Form) (web.Page, error) {
	ctx := r.Context()
	rid, err := requestID(r)
	if err != nil {
		return web.Page{}, err
	}
	p := requestPage{lang: web.Lang(r), form: f, decide: web.ViewerOf(r).Roles.Any(account.Coordinator),
		takes: web.ViewerOf(r).Roles.Any(account.Operator | account.Coordinator)}
	c, _, err := d.today(ctx)
	if err != nil {
		return web.Page{}, err
	}
	p.loc = c.Location()
	if p.req, err = request.Kind.Get(ctx, d.db, rid.ID); err != nil {
		return web.Page{}, err
	}
	if p.home, err = household.Kind.Get(ctx, d.db, p.req.Household.ID); err != nil {
		return web.Page{}, err
	}
	if p.needs, err = request.Needs(ctx, d.db, rid); err != nil {
		return web.Page{}, err
	}
	if p.version, err = store.Version(ctx, d.db, rid.ID); err != nil {
		return web.Page{}, err
	}
	p.points, p.why = request.Urgency(p.needs, p.home, d.db.Now().Sub(p.req.At), p.req.Calls)
	if p.basket, err = d.basketOf(r, p.req, p.needs); err != nil {
		return web.Page{}, err
	}
	if p.twins, err = twins.PartOf(r, d.db, p.req.Household, f.Token, "/requests/"+rid.String()); err != nil {
		return web.Page{}, err
	}
	if p.history, err = d.history(r, rid.ID, p.req.Household); err != nil {
		return web.Page{}, err
	}
	if err := d.standing(ctx, &p); err != nil {
		return web.Page{}, err
	}
	if err := same.Looked(r, d.db, p.req.Household, "request"); err != nil {
		return web.Page{}, err
	}
	return web.Page{Title: p.req.Ref.String(), Nav: "board", Body: p.body(), Load: chart.Load()}, nil
}

// standing adds where the request stands: the runs that carry it, when it will be erased, what may be told of it.
func (d *Desk) standing(ctx context.Context, p *requestPage) (err error) {
	for _, n := range p.needs {
		if n.Status != request.Planned || slices.ContainsFunc(p.runs, func(s run.State) bool { return s.ID.ID == n.Run }) {
			continue
		}
		s, err := run.Get(ctx, d.db, run.ID{ID: n.Run})
		if err != nil {
			return err
		}
		p.runs = append(p.runs, *s)
	}
	if p.req.Caller != "" {
		p.tell = tellKey(p.req, p.needs)
	}
	if err := d.among(ctx, p); err != nil {
		return err
	}
	if err := d.placed(ctx, p); err != nil {
		return err
	}
	p.forgets, err = runs.Forgets(ctx, d.db, p.req.Household, p.lang, p.loc)
	return err
}

// placed adds what is known of where it is.
func (d *Desk) placed(ctx context.Context, p *requestPage) (err error) {
	p.area = d.Find.AreaName(p.lang, p.home.Area)
	if p.home.Where != nil {
		s := d.Find.At(*p.home.Where)
		p.near, p.noRoad = s.Near, s.NoRoad
	}
	if p.home.Where == nil || p.home.Where.Rough {
		if p.pick, err = d.picking(ctx, p.lang, p.home.Where); err != nil {
			return err
		}
	}
	if p.home.Address != "" && (p.home.Where == nil || p.home.Where.Rough) {
		p.places, err = d.Find.Find(ctx, d.db, string(p.home.Address))
	}
	return err
}

// tellKey is what may be said to somebody who asked for another: nothing where they did not allow it; and that it was
// refused looks as if there were no answer yet.
func tellKey(q *request.Request, needs []request.Need) string {
	if !q.MayTell {
		return "tell.nothing"
	}
	for _, n := range needs {
		if n.Status != request.Done {
			return "tell.waiting"
		}
	}
	return "tell.done"
}

// i18n: next.*
// i18n: tell.*

// next is the key of what the request waits for.
func (p requestPage) next() string {
	switch {
	case p.away != "":
		return "next.away"
	case len(p.runs) > 0:
		return "next.run"
	case !p.anyOpen():
		return "next.closed"
	case !p.req.Plannable():
		return "next.check"
	case p.home.Where == nil:
		return "next.place"
	}
	return "next.plan"
}

// act changes the request of the path inside one write, refusing a stale page; it can be taken back for ten seconds.
func (d *Desk) act(w http.ResponseWriter, r *http.Request, name string, change func(tx *store.Tx, f *web.Form, q *request.Request) error) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	rid, err := requestID(r)
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		to := "/requests/" + rid.String()
		var at time.Time
		err := d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
			if err := tx.Expect(r.Context(), rid.ID, f.Value("version")); err != nil {
				return err
			}
			q, err := request.Kind.Get(r.Context(), tx, rid.ID)
			if err != nil {
				return err
			}
			at = tx.Now
			return change(tx, f, q)
		})
		if err == nil && name != "" {
			web.SetToast(w, r, web.Toast{Key: "web.saved", Undo: to + "/undo?act=" + name + "&at=" + strconv.FormatInt(store.Micro(at), 10)})
		}
		return to, err
	}, func() web.Page { return d.requestAgain(r, rid, f) })
}

func (d *Desk) requestAgain(r *http.Request, rid request.ID, f *web.Form) web.Page {
	p, err := d.requestPage(r, f)
	if err != nil {
		p.Title, p.Body = rid.String(), web.Empty(web.Say(web.Lang(r), err, ""), "")
	}
	return p
}

// undo takes back what was done to a request a moment ago, if it still stands as that left it.
func (d *Desk) undo(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	rid, err := requestID(r)
	if err != nil {
		return err
	}
	micro, err := strconv.ParseInt(r.URL.Query().Get("at"), 10, 64)
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "error.invalid")
	}
	return f.Submit(w, r, func() (string, error) {
		err := d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
			return undoAct(r.Context(), tx, rid, r.URL.Query().Get("act"), store.At(micro))
		})
		if err == nil {
			web.SetToast(w, r, web.Toast{Key: "desk.undone"})
		}
		return "/requests/" + rid.String(), err
	}, func() web.Page { return d.requestAgain(r, rid, f) })
}

func undoAct(ctx context.Context, tx *store.Tx, rid request.ID, act string, at time.Time) error {
	q, err := request.Kind.Get(ctx, tx, rid.ID)
	if err != nil {
		return err
	}
	switch {
	case act == "check" && q.VerifiedBy == tx.Actor && q.VerifiedAt.Equal(at):
		q.Verified, q.VerifiedBy, q.VerifiedAt = request.Unverified, id.ID{}, time.Time{}
		return tx.Put(ctx, q)
	case act == "decide" && q.Decided == tx.Actor:
		q.Decided = id.ID{}
		return tx.Put(ctx, q)
	case act == "close":
		return dispatch.Reopen(ctx, tx, rid, at)
	}
	return errs.New(errs.Conflict, "error.conflict")
}

func (d *Desk) check(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, "check", func(tx *store.Tx, f *web.Form, q *request.Request) error {
		return request.Check(r.Context(), tx, q, request.Verification(f.Value("how")))
	})
}

func (d *Desk) close(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, "close", func(tx *store.Tx, f *web.Form, q *request.Request) error {
		return dispatch.Close(r.Context(), tx, q.ID, request.Status(f.Value("as")))
	})
}

func (p requestPage) anyOpen() bool {
	return slices.ContainsFunc(p.needs, func(n request.Need) bool { return n.Status == request.Open })
}

func (d *Desk) decide(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, "decide", func(tx *store.Tx, _ *web.Form, q *request.Request) error {
		q.Decided = tx.Actor
		return tx.Put(r.Context(), q)
	})
}

// post says that the request is that of an institution, a hospital or a checkpoint, or that it is a home's after
// all: the two never share a run.
func (d *Desk) post(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, "", func(tx *store.Tx, f *web.Form, q *request.Request) error {
		h, err := household.Kind.Get(r.Context(), tx, q.Household.ID)
		if err != nil {
			return err
		}
		h.Post = f.Value("post") == "yes"
		return tx.Put(r.Context(), h)
	})
}

// place sets where the household lives: at the coordinates that were pasted, or at one of the answers for its address.
func (d *Desk) place(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, "", func(tx *store.Tx, f *web.Form, q *request.Request) error {
		if _, p, ok := where.ParseChosen(f.Value("answer")); ok {
			return d.Find.Put(r.Context(), tx, q.Household, p)
		}
		spot, err := d.Find.Coordinates(r.Context(), tx, f.Value("where"), "where")
		if err != nil {
			return err
		}
		return d.Find.Put(r.Context(), tx, q.Household, spot.Point)
	})
}
