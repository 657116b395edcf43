package desk

import (
	"database/sql"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

func itoa(n int) string { return strconv.Itoa(n) }

func scanString(row *sql.Rows, s *string) error { return row.Scan(s) }

// maxScored is how many rows are weighed for one view, maxBoard how many of the most urgent it shows.
const (
	maxScored = 3000
	maxBoard  = 300
)

type boardPage struct {
	lang i18n.Lang
	view string
	rows []boardRow
	out  []outRow
}

type boardRow struct {
	request.Row
	points int
	waits  time.Duration
}

// outRow is a crew that is out, or late.
type outRow struct {
	run.State
	due  time.Time
	late bool
}

var views = []string{"open", "unchecked", "noplace", "ready", "out", "done"}

func (d *Desk) board(w http.ResponseWriter, r *http.Request) error {
	p := boardPage{lang: web.Lang(r), view: r.URL.Query().Get("view")}
	if !slices.Contains(views, p.view) {
		p.view = "open"
	}
	rows, err := request.Board(r.Context(), d.db, request.Filter{View: p.view, Limit: maxScored})
	if err != nil {
		return err
	}
	if p.rows, err = d.score(r, rows); err != nil {
		return err
	}
	if p.out, err = d.out(r); err != nil {
		return err
	}
	return web.Render(w, r, web.Page{Title: p.lang.T("nav.board"), Nav: "board", Body: p.body(), Wide: true})
}

// score reckons urgency for the rows and puts the most urgent first.
func (d *Desk) score(r *http.Request, rows []request.Row) ([]boardRow, error) {
	now := d.db.Now()
	out := make([]boardRow, 0, len(rows))
	for _, row := range rows {
		h, err := household.Kind.Get(r.Context(), d.db, row.Household.ID)
		if err != nil {
			return nil, err
		}
		needs, err := request.Needs(r.Context(), d.db, row.ID)
		if err != nil {
			return nil, err
		}
		points, _ := request.Urgency(needs, h, now.Sub(row.At), row.Calls)
		out = append(out, boardRow{Row: row, points: points, waits: now.Sub(row.At)})
	}
	slices.SortStableFunc(out, func(a, b boardRow) int { return b.points - a.points })
	return out[:min(len(out), maxBoard)], nil
}

// out returns the runs that have not come home, those overdue first.
func (d *Desk) out(r *http.Request) ([]outRow, error) {
	c, _, err := d.today(r.Context())
	if err != nil {
		return nil, err
	}
	runs, err := run.OfDay(r.Context(), d.db, "")
	if err != nil {
		return nil, err
	}
	var out []outRow
	for _, s := range runs {
		if s.Step != run.Out && s.Step != run.Seen {
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, s.Day, c.Location())
		if err != nil {
			return nil, err
		}
		due := s.Due(day)
		out = append(out, outRow{State: s, due: due.In(c.Location()), late: d.db.Now().After(due)})
	}
	slices.SortStableFunc(out, func(a, b outRow) int { return a.due.Compare(b.due) })
	return out, nil
}

func (d *Desk) search(w http.ResponseWriter, r *http.Request) error {
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if ref, err := id.ParseRef(q); err == nil {
		if found, err := request.ByRef(r.Context(), d.db, ref); err == nil {
			return web.See(w, r, "/requests/"+found.ID.String())
		}
	}
	p := boardPage{lang: web.Lang(r), view: "search"}
	var ids []household.ID
	var err error
	if digits := contact.Digits(q); len(digits) >= 4 && len(digits) >= len(q)/2 {
		ids, err = store.All(r.Context(), d.db, scanHousehold, "SELECT DISTINCT household FROM household_phone WHERE tail LIKE '%'||$1 LIMIT 50", digits)
	} else if fold := contact.Fold(q); fold != "" {
		ids, err = store.All(r.Context(), d.db, scanHousehold,
			"SELECT id FROM household WHERE name_key LIKE '%'||$1||'%' OR address_key LIKE '%'||$1||'%' LIMIT 50", fold)
	}
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		rows, err := request.Board(r.Context(), d.db, request.Filter{Households: ids, Limit: maxBoard})
		if err != nil {
			return err
		}
		if p.rows, err = d.score(r, rows); err != nil {
			return err
		}
	}
	return web.Render(w, r, web.Page{Title: p.lang.T("desk.found"), Nav: "board", Body: p.body(), Wide: true})
}

func scanHousehold(row *sql.Rows, h *household.ID) error { return row.Scan(h) }

type requestPage struct {
	lang    i18n.Lang
	loc     *time.Location
	req     *request.Request
	home    *household.Household
	needs   []request.Need
	points  int
	why     []request.Part
	history []line
	version string
	form    *web.Form
	decide  bool // the viewer may let it through unchecked
}

// line is one event of a history in words.
type line struct {
	at   time.Time
	who  string
	text string
	said string // people's words
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
	p := requestPage{lang: web.Lang(r), form: f, decide: web.ViewerOf(r).Roles.Any(account.Coordinator)}
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
	if p.history, err = d.history(r, rid.ID); err != nil {
		return web.Page{}, err
	}
	if err := d.looked(r, p.req.Household); err != nil {
		return web.Page{}, err
	}
	return web.Page{Title: p.req.Ref.String(), Nav: "board", Body: p.body()}, nil
}

// looked keeps that somebody has seen a household's contact.
func (d *Desk) looked(r *http.Request, h household.ID) error {
	return d.db.Write(r.Context(), actor(r), func(tx *store.Tx) error {
		l := &household.Look{Household: h.ID, Account: tx.Actor, Page: "request"}
		l.ID.ID = tx.NewID()
		return tx.Put(r.Context(), l)
	})
}

func (d *Desk) history(r *http.Request, rid id.ID) ([]line, error) {
	events, err := store.History(r.Context(), d.db, rid)
	if err != nil {
		return nil, err
	}
	names := map[id.ID]string{}
	accounts, err := account.List(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		names[a.ID.ID] = string(a.Name)
	}
	lang := web.Lang(r)
	var out []line
	for _, e := range events {
		l := line{at: e.At, who: names[e.Actor]}
		switch e.Kind {
		case "request":
			l.text, l.said = requestEvent(lang, e), e.Text("note")
		case "need":
			if s := e.Text("status"); s != "" {
				l.text, l.said = lang.T("need.status_"+s), e.Text("detail") // i18n: need.status_*
			}
		case "outcome":
			l.text, l.said = lang.T("outcome."+e.Text("result")), e.Text("note") // i18n: outcome.*
		case "run":
			l.text = lang.T("desk.event_run", "n", int(e.Int("crew_no")))
		}
		if e.Erased {
			l.text = lang.T("desk.event_erased")
		}
		if l.text != "" {
			out = append(out, l)
		}
	}
	return out, nil
}

func requestEvent(lang i18n.Lang, e store.Event) string {
	switch {
	case e.Text("ref") != "":
		return lang.T("desk.event_taken")
	case e.Text("verified") != "":
		return lang.T("verified." + e.Text("verified")) // i18n: verified.*
	case e.Int("calls") > 0:
		return lang.T("desk.event_again", "n", int(e.Int("calls")))
	}
	return lang.T("desk.event_changed")
}

// act changes the request of the path inside one write, refusing a stale page.
func (d *Desk) act(w http.ResponseWriter, r *http.Request, change func(tx *store.Tx, f *web.Form, q *request.Request) error) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	rid, err := requestID(r)
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		return "/requests/" + rid.String(), d.db.Write(r.Context(), actor(r), func(tx *store.Tx) error {
			if err := tx.Expect(r.Context(), rid.ID, f.Value("version")); err != nil {
				return err
			}
			q, err := request.Kind.Get(r.Context(), tx, rid.ID)
			if err != nil {
				return err
			}
			return change(tx, f, q)
		})
	}, func() web.Page {
		p, err := d.requestPage(r, f)
		if err != nil {
			p.Title, p.Body = rid.String(), web.Empty(web.Say(web.Lang(r), err, ""), "")
		}
		return p
	})
}

func (d *Desk) check(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, func(tx *store.Tx, f *web.Form, q *request.Request) error {
		return request.Check(r.Context(), tx, q, request.Verification(f.Value("how")))
	})
}

func (d *Desk) close(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, func(tx *store.Tx, f *web.Form, q *request.Request) error {
		return dispatch.Close(r.Context(), tx, q.ID, request.Status(f.Value("as")))
	})
}

func (p requestPage) anyOpen() bool {
	return slices.ContainsFunc(p.needs, func(n request.Need) bool { return n.Status == request.Open })
}

func (d *Desk) decide(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, func(tx *store.Tx, _ *web.Form, q *request.Request) error {
		q.Decided = tx.Actor
		return tx.Put(r.Context(), q)
	})
}

func (d *Desk) place(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, func(tx *store.Tx, f *web.Form, q *request.Request) error {
		h, err := household.Kind.Get(r.Context(), tx, q.Household.ID)
		if err != nil {
			return err
		}
		p, err := household.ParsePoint(f.Value("where"))
		if err != nil {
			return err
		}
		h.Where = &p
		return tx.Put(r.Context(), h)
	})
}

func boardHref(view string) string { return "/board?view=" + url.QueryEscape(view) }
