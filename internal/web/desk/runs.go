package desk

import (
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

type runsPage struct {
	lang i18n.Lang
	form *web.Form
	now  time.Time
	day  time.Time
	runs []run.State
	last string // what was just reported
}

func (d *Desk) runsPage(r *http.Request, f *web.Form, title string) (runsPage, error) {
	c, day, err := d.today(r.Context())
	if err != nil {
		return runsPage{}, err
	}
	runs, err := run.OfDay(r.Context(), d.db, day.Format(time.DateOnly))
	return runsPage{lang: web.Lang(r), form: f, now: d.db.Now().In(c.Location()), day: day, runs: runs, last: title}, err
}

func (d *Desk) runs(w http.ResponseWriter, r *http.Request) error {
	p, err := d.runsPage(r, web.NewForm(r), "")
	if err != nil {
		return err
	}
	return web.Render(w, r, web.Page{Title: p.lang.T("nav.runs"), Nav: "runs", Body: p.body(), Wide: true})
}

func (d *Desk) sheets(w http.ResponseWriter, r *http.Request) error {
	day, err := d.day(r, r.URL.Query().Get("day"))
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := dispatch.Sheets(r.Context(), d.db, &b, day, d.db.Now(), web.Lang(r)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="sheets-`+day.Format(time.DateOnly)+`.pdf"`)
	_, err = w.Write([]byte(b.String()))
	return err
}

func (d *Desk) step(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	rid, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return errs.Missing("run")
	}
	step := run.Step(f.OneOf("step", string(run.Out), string(run.Seen), string(run.Home)))
	return f.Submit(w, r, func() (string, error) {
		return "/runs", d.db.Write(r.Context(), actor(r), func(tx *store.Tx) error {
			return dispatch.Step(r.Context(), tx, run.ID{ID: rid}, step)
		})
	}, func() web.Page {
		p, err := d.runsPage(r, f, "")
		if err != nil {
			return web.Page{Title: web.Lang(r).T("nav.runs"), Nav: "runs", Body: web.Empty(web.Say(web.Lang(r), err, ""), "")}
		}
		return web.Page{Title: p.lang.T("nav.runs"), Nav: "runs", Body: p.body(), Wide: true}
	})
}

func (d *Desk) outcomes(w http.ResponseWriter, r *http.Request) error {
	p, err := d.runsPage(r, web.NewForm(r), r.URL.Query().Get("done"))
	if err != nil {
		return err
	}
	return web.Render(w, r, web.Page{Title: p.lang.T("nav.outcomes"), Nav: "outcomes", Body: p.ring(), Help: p.lang.T("desk.ring_hint")})
}

// ring takes "7 4 1": crew 7, stop 4, delivered.
func (d *Desk) ring(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	words := strings.Fields(f.Required("ring", 40))
	note := contact.Note(f.Text("note", 500))
	nums := make([]int, 3)
	for i := range nums {
		if i < len(words) {
			nums[i], err = strconv.Atoi(words[i])
		}
		f.Check(len(words) == 3 && err == nil, "ring", "desk.ring_hint")
	}
	_, day, err := d.today(r.Context())
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		return "/outcomes?done=" + strings.Join(words, "+"), d.db.Write(r.Context(), actor(r), func(tx *store.Tx) error {
			return ringIn(r, tx, day, nums[0], nums[1], words[2], note)
		})
	}, func() web.Page {
		p, err := d.runsPage(r, f, "")
		if err != nil {
			return web.Page{Title: web.Lang(r).T("nav.outcomes"), Nav: "outcomes", Body: web.Empty(web.Say(web.Lang(r), err, ""), "")}
		}
		return web.Page{Title: p.lang.T("nav.outcomes"), Nav: "outcomes", Body: p.ring()}
	})
}

// ringIn reports what came of a stop of the run that a crew is on.
func ringIn(r *http.Request, tx *store.Tx, day time.Time, crewNo, stop int, key string, note contact.Note) error {
	res, err := run.ParseResult(key)
	if err != nil {
		return err
	}
	s, err := run.OfCrew(r.Context(), tx, day.Format(time.DateOnly), crewNo)
	if errs.Is(err, errs.NotFound) { // mistyped: said beside what was typed
		return errs.Wrap(errs.Invalid, err, "desk.ring_hint")
	}
	if err != nil {
		return err
	}
	return dispatch.Report(r.Context(), tx, s.ID, stop, res, tx.Now, note)
}

func clockOf(day time.Time, seconds int32) string {
	return day.Add(time.Duration(seconds) * time.Second).Format("15:04")
}
