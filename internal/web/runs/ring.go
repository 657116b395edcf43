package runs

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

type ringPage struct {
	lang i18n.Lang
	form *web.Form
	day  time.Time
	runs []ringRun
	last *named // what was just reported
}

// ringRun is a run of the day with its stops, to look up what a crew says.
type ringRun struct {
	run.State

	rows []sheetRow
}

// named is a stop that a crew spoke of, named so that a mistype is heard.
type named struct {
	outcome run.OutcomeID
	crew    int
	stop    int
	door    door
	needs   string
	result  run.Result // "" while it is only typed
	was     run.Result // what counts until now
	care    bool       // the result says that somebody may be in need: ask
	forgets string
	here    bool // the crew has not gone out
}

func (d *Runs) outcomes(w http.ResponseWriter, r *http.Request) error {
	page, err := d.ringPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, page)
}

func (d *Runs) ringPage(r *http.Request, f *web.Form) (web.Page, error) {
	ctx := r.Context()
	c, day, err := d.today(ctx)
	if err != nil {
		return web.Page{}, err
	}
	p := ringPage{lang: web.Lang(r), form: f, day: day}
	runs, err := run.OfDay(ctx, d.db, day.Format(time.DateOnly))
	if err != nil {
		return web.Page{}, err
	}
	for _, s := range runs {
		if s.Step == run.Void {
			continue
		}
		rr := ringRun{State: s}
		for i, stop := range s.Stops {
			row := sheetRow{n: i + 1, arrive: clockOf(day, stop.Arrive), now: s.Results[i+1]}
			if err := d.fillRow(ctx, &row, stop.Request, nil, p.lang, c.Location()); err != nil {
				return web.Page{}, err
			}
			rr.rows = append(rr.rows, row)
		}
		p.runs = append(p.runs, rr)
	}
	if done, err := id.Parse(r.URL.Query().Get("done")); err == nil {
		if p.last, err = d.heardOf(ctx, run.OutcomeID{ID: done}, p.lang, c.Location()); err != nil {
			return web.Page{}, err
		}
	}
	return web.Page{Title: p.lang.T("nav.outcomes"), Nav: "outcomes", Body: p.body(), Help: p.lang.T("desk.ring_hint")}, nil
}

// heardOf names what an outcome says; nil where it was taken back.
func (d *Runs) heardOf(ctx context.Context, oid run.OutcomeID, lang i18n.Lang, loc *time.Location) (*named, error) {
	o, err := run.OutcomeKind.Get(ctx, d.db, oid.ID)
	if errs.Is(err, errs.NotFound) {
		return nil, nil //nolint:nilnil // an old link: nothing to name
	}
	if err != nil {
		return nil, err
	}
	s, err := run.Get(ctx, d.db, run.ID{ID: o.Run})
	if err != nil {
		return nil, err
	}
	h, err := d.name(ctx, s, o.Stop, lang, loc)
	if err != nil {
		return nil, err
	}
	h.outcome, h.result = oid, o.Result
	h.care = o.Result == run.Nobody || o.Result == run.Refused
	return h, nil
}

// name tells which door a stop of a run is.
func (d *Runs) name(ctx context.Context, s *run.State, stop int, lang i18n.Lang, loc *time.Location) (*named, error) {
	if stop < 1 || stop > len(s.Stops) {
		return nil, errs.New(errs.NotFound, "run.no_stop", "n", stop)
	}
	row := sheetRow{}
	if err := d.fillRow(ctx, &row, s.Stops[stop-1].Request, s.Stops[stop-1].Needs, lang, loc); err != nil {
		return nil, err
	}
	return &named{crew: s.CrewNo, stop: stop, door: row.door, needs: row.needs, was: s.Results[stop], forgets: row.forgets, here: s.Step == ""}, nil
}

// rung is what was typed while a crew speaks: "7 4 1".
type rung struct {
	crew, stop int
	key        string
}

// hear reads as much as has been typed; full means all three.
func hear(text string) (g rung, full bool) {
	words := strings.FieldsFunc(text, func(c rune) bool { return c == ' ' || c == '.' || c == ',' || c == '-' || c == '/' })
	if len(words) > 0 {
		g.crew = numbered(words[0])
	}
	if len(words) > 1 {
		g.stop = numbered(words[1])
	}
	if len(words) > 2 {
		g.key = words[2]
	}
	return g, len(words) == 3 && g.crew > 0 && g.stop > 0
}

// numbered reads the number of a crew or a stop; 0 is none, as is anything that no crew has.
func numbered(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 9999 {
		return 0
	}
	return n
}

// confirm is what the form brings back when it was asked whether a crew that has not gone out reports this.
func (g rung) confirm() string { return itoa(g.crew) + "/" + itoa(g.stop) + "/" + g.key }

// peek names the stop while it is still being typed.
func (d *Runs) peek(w http.ResponseWriter, r *http.Request) error {
	g, _ := hear(r.URL.Query().Get("ring"))
	c, day, err := d.today(r.Context())
	if err != nil {
		return err
	}
	lang := web.Lang(r)
	s, err := run.OfCrew(r.Context(), d.db, day.Format(time.DateOnly), g.crew)
	if err == nil && g.stop > 0 {
		var h *named
		if h, err = d.name(r.Context(), s, g.stop, lang, c.Location()); err == nil {
			h.result, _ = run.ParseResult(g.key)
			return web.Fragment(w, r, h.peek(lang))
		}
	}
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	if err != nil && g.crew > 0 {
		return web.Fragment(w, r, peekNothing(web.Say(lang, err, "")))
	}
	return web.Fragment(w, r, peekNothing(lang.T("desk.ring_hint")))
}

// ring takes "7 4 1": crew 7, stop 4, delivered.
func (d *Runs) ring(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	g, full := hear(f.Required("ring", 40))
	f.Check(full, "ring", "desk.ring_hint")
	note := contact.Note(f.Text("note", 500))
	_, day, err := d.today(r.Context())
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		var told run.OutcomeID
		err := d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) (err error) {
			told, err = ringIn(r.Context(), tx, day, g, note, f.Value(confirmField))
			return err
		})
		if e, ok := errors.AsType[*errs.Error](err); ok && e.Key == notOut {
			f.Set(confirmField, g.confirm()).Fail("ring", "desk.ring_again")
		}
		return "/outcomes?done=" + told.String(), err
	}, func() web.Page {
		p, err := d.ringPage(r, f)
		if err != nil {
			return web.Page{Title: web.Lang(r).T("nav.outcomes"), Nav: "outcomes", Body: web.Empty(web.Say(web.Lang(r), err, ""), "")}
		}
		return p
	})
}

// A crew that has not gone out reports nothing: more likely another one's number was typed. It is asked once, and
// sent a second time it is taken.
const (
	notOut       = "desk.ring_here"
	confirmField = "confirm"
)

// ringIn reports what came of a stop of the run that a crew is on; confirmed is what was asked about before.
func ringIn(ctx context.Context, tx *store.Tx, day time.Time, g rung, note contact.Note, confirmed string) (run.OutcomeID, error) {
	res, err := run.ParseResult(g.key)
	if err != nil {
		return run.OutcomeID{}, err
	}
	s, err := run.OfCrew(ctx, tx, day.Format(time.DateOnly), g.crew)
	if errs.Is(err, errs.NotFound) { // mistyped: said beside what was typed
		return run.OutcomeID{}, errs.Wrap(errs.Invalid, err, "desk.ring_hint")
	}
	if err != nil {
		return run.OutcomeID{}, err
	}
	if s.Step == "" && g.stop >= 1 && g.stop <= len(s.Stops) && confirmed != g.confirm() {
		return run.OutcomeID{}, errs.New(errs.Conflict, notOut, "crew", g.crew)
	}
	if err := dispatch.Report(ctx, tx, s.ID, g.stop, res, tx.Now, note); err != nil {
		return run.OutcomeID{}, err
	}
	o, err := run.Last(ctx, tx, s.ID, g.stop)
	if err != nil {
		return run.OutcomeID{}, err
	}
	return o.ID, nil
}

// undoOutcome takes back what was just told.
func (d *Runs) undoOutcome(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return errs.Missing("outcome")
	}
	return f.Submit(w, r, func() (string, error) {
		err := d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error { return dispatch.Undo(r.Context(), tx, run.OutcomeID{ID: v}) })
		if err == nil {
			web.SetToast(w, r, web.Toast{Key: "desk.undone"})
		}
		return "/outcomes", err
	}, func() web.Page {
		p, err := d.ringPage(r, f)
		if err != nil {
			return web.Page{Title: web.Lang(r).T("nav.outcomes"), Nav: "outcomes", Body: web.Empty(web.Say(web.Lang(r), err, ""), "")}
		}
		return p
	})
}
