package runs

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/dispatch/sheet"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// sendRoles are those who decide which crew goes where.
const sendRoles = account.Coordinator | account.Dispatcher

type runsPage struct {
	lang  i18n.Lang
	form  *web.Form
	loc   *time.Location
	now   time.Time
	day   time.Time
	today time.Time
	send  bool        // the viewer may print sheets and change runs
	runs  []run.State // of the day
	late  []run.State // on today's page: of earlier days, never left, not home, or their sheet is not back

	clashes []dispatch.Clash // runs that a rule is in the way of now
}

// runsPage is a day's runs; "" is today at the centre.
func (d *Runs) runsPage(r *http.Request, f *web.Form, of string) (runsPage, error) {
	c, today, err := d.today(r.Context())
	if err != nil {
		return runsPage{}, err
	}
	day := today
	if of != "" {
		if day, err = c.Day(of); err != nil {
			return runsPage{}, err
		}
	}
	p := runsPage{lang: web.Lang(r), form: f, loc: c.Location(), now: d.db.Now().In(c.Location()), day: day, today: today, send: web.ViewerOf(r).Roles.Any(sendRoles)}
	if p.runs, err = run.OfDay(r.Context(), d.db, day.Format(time.DateOnly)); err != nil {
		return p, err
	}
	if p.clashes, err = dispatch.Clashes(r.Context(), d.db, p.now); err != nil {
		return p, err
	}
	if day.Equal(today) {
		p.late, err = d.lateRuns(r.Context(), today)
	}
	return p, err
}

// lateRuns returns the runs of earlier days that somebody still has to see to.
func (d *Runs) lateRuns(ctx context.Context, day time.Time) ([]run.State, error) {
	open, err := run.Unfinished(ctx, d.db)
	if err != nil {
		return nil, err
	}
	sheets, err := run.SheetsOut(ctx, d.db)
	if err != nil {
		return nil, err
	}
	var out []run.State
	for _, s := range append(open, sheets...) {
		if s.Day < day.Format(time.DateOnly) {
			out = append(out, s)
		}
	}
	return out, nil
}

// on is the page of a day.
func on(day time.Time) string { return "/runs?day=" + day.Format(time.DateOnly) }

// here is the page as it stands: today's is of today tomorrow, too.
func (p runsPage) here() string {
	if p.day.Equal(p.today) {
		return "/runs"
	}
	return on(p.day)
}

func (p runsPage) page() web.Page {
	return web.Page{Title: p.lang.T("nav.runs"), Nav: "runs", Body: p.body(), Wide: true, Help: p.lang.T("runs.help")}
}

func (d *Runs) runs(w http.ResponseWriter, r *http.Request) error {
	p, err := d.runsPage(r, web.NewForm(r), r.URL.Query().Get("day"))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.page())
}

func (d *Runs) sheets(w http.ResponseWriter, r *http.Request) error {
	day, err := d.day(r, r.URL.Query().Get("day"))
	if err != nil {
		return err
	}
	return d.pdf(w, r, day)
}

// oneSheet is the sheet of one run, as after another crew has taken it.
func (d *Runs) oneSheet(w http.ResponseWriter, r *http.Request) error {
	rid, err := runID(r)
	if err != nil {
		return err
	}
	s, err := run.Kind.Get(r.Context(), d.db, rid.ID)
	if err != nil {
		return err
	}
	day, err := d.day(r, s.Day)
	if err != nil {
		return err
	}
	return d.pdf(w, r, day, s.Number)
}

func (d *Runs) pdf(w http.ResponseWriter, r *http.Request, day time.Time, only ...int) error {
	var b strings.Builder
	if err := sheet.Write(r.Context(), d.db, &b, day, d.db.Now(), web.Lang(r), d.Link, d.Ground(), only...); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="sheets-`+day.Format(time.DateOnly)+`.pdf"`)
	_, err := w.Write([]byte(b.String()))
	return err
}

// step marks that a crew is out, was heard of, is home, or that its sheet is back. Who comes home is asked for what
// came of the stops.
func (d *Runs) step(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	rid, err := runID(r)
	if err != nil {
		return err
	}
	step := run.Step(f.OneOf("step", string(run.Out), string(run.Seen), string(run.Home), string(run.SheetBack)))
	back := web.Local(f.Value("back"))
	return f.Submit(w, r, func() (string, error) {
		err := d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error { return dispatch.Step(r.Context(), tx, rid, step) })
		if err != nil {
			return "", err
		}
		switch {
		case step == run.Home:
			return "/runs/" + rid.String(), nil
		case back == "/":
			return "/runs", nil
		}
		return back, nil
	}, func() web.Page {
		if u, err := url.Parse(back); err == nil && (u.Path == "/runs" || u.Path == "/") {
			if p, err := d.runsPage(r, f, u.Query().Get("day")); err == nil {
				return p.page()
			}
		}
		return d.sheetAgain(r, rid, f)
	})
}

// change is something that is done to a run; it returns what to say.
type change func(ctx context.Context, tx *store.Tx, f *web.Form, rid run.ID) (web.Toast, error)

func giveBack(ctx context.Context, tx *store.Tx, _ *web.Form, rid run.ID) (web.Toast, error) {
	n, err := dispatch.GiveBack(ctx, tx, rid)
	return web.Toast{Key: "runs.given_back", Args: []any{"n", n}}, err
}

func cancelRun(ctx context.Context, tx *store.Tx, _ *web.Form, rid run.ID) (web.Toast, error) {
	return web.Toast{Key: "runs.cancelled"}, dispatch.Cancel(ctx, tx, rid)
}

func (d *Runs) runAct(do change) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		rid, err := runID(r)
		if err != nil {
			return err
		}
		return f.Submit(w, r, func() (string, error) {
			var toast web.Toast
			err := d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) (err error) {
				toast, err = do(r.Context(), tx, f, rid)
				return err
			})
			if err == nil {
				web.SetToast(w, r, toast)
			}
			return "/runs/" + rid.String(), err
		}, func() web.Page { return d.sheetAgain(r, rid, f) })
	}
}

func runID(r *http.Request) (run.ID, error) {
	v, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return run.ID{}, errs.Missing("run")
	}
	return run.ID{ID: v}, nil
}

// DayOf is the midnight of a run's day at the centre.
func DayOf(c *centre.Centre, s *run.State) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, s.Day, c.Location())
	if err != nil {
		return time.Time{} // written by this program in this form
	}
	return day
}

func clockOf(day time.Time, seconds int32) string {
	return day.Add(time.Duration(seconds) * time.Second).Format("15:04")
}
