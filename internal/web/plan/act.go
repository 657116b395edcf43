package plan

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// task is a plan that is being made.
type task struct {
	stops, crews int
	done         chan struct{}
	err          error // once done
}

const (
	atOnce   = 1200 * time.Millisecond // a plan that is made sooner is shown at once
	patience = 3 * time.Minute
)

// running returns the task of a day that has not ended, or the error of one that has failed and was not told yet.
func (p *Plan) running(day string) (*task, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.tasks[day]
	if t == nil {
		return nil, nil //nolint:nilnil // no task is no fault
	}
	select {
	case <-t.done:
		delete(p.tasks, day)
		return nil, t.err
	default:
		return t, nil
	}
}

// make plans the day, or the rest of it, in the background; whoever looks at the page sees that it goes on.
func (p *Plan) make(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	day, _, err := p.dayOf(r.Context(), f.Value("day"))
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		t, err := p.start(r, f, day)
		if err != nil {
			return "", err
		}
		soon := time.NewTimer(atOnce)
		defer soon.Stop()
		select {
		case <-t.done:
		case <-soon.C:
		}
		return here(day, "", ""), nil
	}, func() web.Page { return p.again(r, f, day) })
}

func (p *Plan) start(r *http.Request, f *web.Form, day time.Time) (*task, error) {
	t, err := p.table(r.Context(), day)
	if err != nil {
		return nil, err
	}
	if f.Int("version", 0, 1<<31) != int(t.Draft.Version) {
		return nil, errs.New(errs.Conflict, "plan.stale")
	}
	d := *t.Draft
	d.Crews = nil
	for i := range t.Crews {
		if c := t.Crews[i].ID.ID; slices.Contains(f.All("crew"), c.String()) {
			d.Crews = append(d.Crews, c)
		}
	}
	if len(d.Crews) == 0 {
		return nil, &errs.Error{Kind: errs.Invalid, Key: "error.fields", Fields: map[string]string{"crew": "web.choose"}}
	}
	if f.Bool("back_in") {
		d.Out = nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := day.Format(time.DateOnly)
	if old := p.tasks[key]; old != nil && !ended(old) {
		return old, nil
	}
	out := &task{stops: len(t.Stops), crews: len(d.Crews), done: make(chan struct{})}
	p.tasks[key] = out
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
	by := web.Actor(r)
	go func() {
		defer cancel()
		defer close(out.done)
		out.err = p.solve(ctx, t, &d, day, by)
		p.events.Publish(dispatch.Topic)
	}()
	return out, nil
}

func ended(t *task) bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

func (p *Plan) solve(ctx context.Context, t *dispatch.Timetable, d *dispatch.Draft, day time.Time, by store.Actor) error {
	next, err := t.Solve(ctx, d, t.Now)
	if err != nil {
		return err
	}
	return p.db.Write(ctx, by, func(tx *store.Tx) error {
		return dispatch.SaveDraft(ctx, tx, day, t.Draft.Version, next, dispatch.OpMake)
	})
}

// change does one thing to the draft by hand.
func (p *Plan) change(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	day, _, err := p.dayOf(r.Context(), f.Value("day"))
	if err != nil {
		return err
	}
	t, err := p.table(r.Context(), day)
	if err != nil {
		return err
	}
	c, err := readChange(f, t)
	if err != nil {
		return err
	}
	c.By = web.Actor(r)
	return f.Submit(w, r, func() (string, error) {
		if f.Int("version", 0, 1<<31) != int(t.Draft.Version) {
			return "", errs.New(errs.Conflict, "plan.stale")
		}
		tr, err := t.Try(c)
		if err != nil {
			return "", err
		}
		if len(tr.No) > 0 {
			return "", errs.New(errs.Invalid, "plan.refused_why", "why", tr.No[0].Text(f.Lang))
		}
		err = p.db.Write(r.Context(), c.By, func(tx *store.Tx) error {
			return dispatch.SaveDraft(r.Context(), tx, day, t.Draft.Version, tr.Draft, c.Op)
		})
		if err != nil {
			return "", err
		}
		s, _ := t.Stop(c.Stop)
		undo := url.Values{"day": {day.Format(time.DateOnly)}, "version": {strconv.FormatInt(tr.Draft.Version, 10)}}
		web.SetToast(w, r, web.Toast{Key: "plan.did." + c.Op, Args: []any{"ref", s.Request.Ref.String()}, Undo: "/plan/undo?" + undo.Encode()}) // i18n: plan.did.*
		return here(day, "", c.Stop.String()), nil
	}, func() web.Page { return p.againWith(r, f, day, c) })
}

// readChange reads what a form of the page asks for: op is pin, unpin, remove or swap (with); put is "4:3", crew 4 as
// its third stop.
func readChange(f *web.Form, t *dispatch.Timetable) (dispatch.Change, error) {
	c := dispatch.Change{Op: f.Value("op")}
	var err error
	if c.Stop, err = id.Parse(f.Value("stop")); err != nil {
		return c, errs.Missing("stop")
	}
	if c.Op == dispatch.OpSwap {
		if c.With, err = id.Parse(f.Value("with")); err != nil {
			return c, errs.Missing("stop")
		}
	}
	if put := f.Value("put"); put != "" && c.Op == "" {
		crew, place, _ := strings.Cut(put, ":")
		c.Op = dispatch.OpMove
		n, err1 := strconv.Atoi(crew)
		at, err2 := strconv.Atoi(place)
		v := runOf(t, n)
		if err1 != nil || err2 != nil || v < 0 {
			return c, errs.New(errs.Conflict, "plan.crew_gone")
		}
		c.Crew, c.At = t.Runs[v].Crew.ID.ID, at-1
	}
	return c, nil
}

// runOf finds the run of a crew's number among those that take part, or -1.
func runOf(t *dispatch.Timetable, number int) int {
	return slices.IndexFunc(t.Runs, func(r dispatch.Timed) bool { return r.Crew.Number == number })
}

// undo takes the last change back. The day and the version stand in the form, or in the address where the toast's
// button sends it.
func (p *Plan) undo(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	day, _, err := p.dayOf(r.Context(), r.FormValue("day"))
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(r.FormValue("version"), 10, 64)
	if err != nil {
		return errs.New(errs.Invalid, "error.invalid")
	}
	return f.Submit(w, r, func() (string, error) {
		err := p.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error { return dispatch.UndoDraft(r.Context(), tx, day, version) })
		if err == nil {
			web.SetToast(w, r, web.Toast{Key: "web.undone"})
		}
		return here(day, r.FormValue("at_crew"), r.FormValue("stop")), err
	}, func() web.Page { return p.again(r, f, day) })
}

// issue makes runs of the draft, or of one crew's part of it, once all checks have passed.
func (p *Plan) issue(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	day, _, err := p.dayOf(r.Context(), f.Value("day"))
	if err != nil {
		return err
	}
	t, err := p.table(r.Context(), day)
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		if f.Int("version", 0, 1<<31) != int(t.Draft.Version) {
			return "", errs.New(errs.Conflict, "plan.stale")
		}
		var only []id.ID
		if v := runOf(t, f.Int("only", 0, 1000)); v >= 0 {
			only = []id.ID{t.Runs[v].Crew.ID.ID}
		}
		prop, err := t.Proposal(only...)
		if err != nil {
			return "", err
		}
		if len(prop.Routes) == 0 {
			return "", errs.New(errs.Conflict, "plan.empty")
		}
		var runs []run.Run
		err = p.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) (err error) {
			if runs, err = dispatch.Issue(r.Context(), tx, prop); err != nil {
				return err
			}
			return dispatch.IssuedDraft(r.Context(), tx, day, t.Draft, runs)
		})
		if err != nil {
			return "", err
		}
		web.SetToast(w, r, web.Toast{Key: "plan.issued", Args: []any{"n", len(runs)}})
		return runsOf(day), nil
	}, func() web.Page { return p.again(r, f, day) })
}

// here is the page's address.
func here(day time.Time, crew, stop string) string {
	q := url.Values{"day": {day.Format(time.DateOnly)}}
	if crew != "" {
		q.Set("crew", crew)
	}
	if stop != "" {
		q.Set("stop", stop)
	}
	return "/plan?" + q.Encode()
}
