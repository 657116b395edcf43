package field

import (
	"net/http"
	"strconv"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

const (
	maxNote = 500
	maxAgo  = 24 * 60 * 60 // seconds that a phone may have kept an outcome
)

// outcome is what was told at a door.
type outcome struct {
	stop   int
	result run.Result
	note   contact.Note
	ago    time.Duration // since it was pressed on a phone that had no link; 0 where it was sent at once
	clock  time.Duration // typed, since midnight
	typed  bool
}

// report takes what came of a stop, once for each token, also when a phone sends it again because it did not hear the
// answer.
func (f *Field) report(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	o, err := f.find(r)
	if err != nil {
		return err
	}
	if o.opens(f.db.Now()) == closed {
		return f.refuse(w, r, o)
	}
	t := read(form, r)
	if err = form.Err(); err == nil {
		err = f.keep(r, o, t, form.Token)
	}
	switch {
	case err == nil && o.opens(f.db.Now()) == whole:
		return web.See(w, r, path(r)+"?at="+strconv.Itoa(o.next(t.stop))+"#s"+strconv.Itoa(o.next(t.stop)))
	case err == nil:
		return web.See(w, r, path(r))
	case web.IsFragment(r) || !form.Take(err) || o.opens(f.db.Now()) != whole:
		return err // a script shows the words itself
	}
	p, err := f.page(r, o, form, t.stop)
	if err != nil {
		return err
	}
	return web.Invalid(w, r, p.whole())
}

// refuse answers for a run that has ended.
func (f *Field) refuse(w http.ResponseWriter, r *http.Request, o outing) error {
	if web.IsFragment(r) {
		return errs.New(errs.Denied, "field.over")
	}
	return web.Gone(w, r, over(r, o))
}

func read(form *web.Form, r *http.Request) outcome {
	t := outcome{note: contact.Note(form.Text("note", maxNote)), ago: time.Duration(form.Int("ago", 0, maxAgo)) * time.Second}
	var err error
	t.stop, err = strconv.Atoi(r.PathValue("stop"))
	form.Check(err == nil, "", "error.missing")
	t.result, err = run.ParseResult(form.Value("result"))
	form.Check(err == nil, "result", "run.result")
	t.clock, t.typed = form.Clock("at")
	return t
}

// keep writes the outcome with the phone's token.
func (f *Field) keep(r *http.Request, o outing, t outcome, token string) error {
	ctx, key := r.Context(), "field "+o.ID.String()+" "+token
	return f.db.Write(ctx, o.Crew, func(tx *store.Tx) error {
		if _, seen, err := tx.Once(ctx, key); seen || err != nil {
			return err
		}
		at, err := o.moment(t, tx.Now)
		if err != nil {
			return err
		}
		pressed := tx.Now.Add(-t.ago) // a time that was typed says when it was, not what the phone knew of
		if last, err := run.Last(ctx, tx, o.ID, t.stop); t.ago > 0 && err == nil && last.At.After(pressed) && last.Result != run.Withdrawn {
			if last.Result != t.result { // somebody has corrected it since
				return errs.New(errs.Conflict, "field.newer")
			}
			return tx.Done(ctx, key, "")
		}
		if err := dispatch.Report(ctx, tx, o.ID, t.stop, t.result, at, t.note); err != nil {
			return err
		}
		return tx.Done(ctx, key, "")
	})
}

// moment returns when an outcome happened: as it was typed, else so long ago as the phone says, for its clock may be
// wrong. A run that passes midnight has its early hours on the next day.
func (o outing) moment(t outcome, now time.Time) (time.Time, error) {
	if !t.typed {
		return now.Add(-t.ago), nil
	}
	at := o.midnight.Add(t.clock)
	if at.Before(o.midnight.Add(time.Duration(o.Depart)*time.Second)) && time.Duration(o.Back)*time.Second > 24*time.Hour {
		at = at.Add(24 * time.Hour)
	}
	if at.After(now.Add(time.Minute)) {
		return at, &errs.Error{Kind: errs.Invalid, Key: "field.future", Fields: map[string]string{"at": "field.future"}}
	}
	return at.UTC(), nil
}

// step takes that the crew is out, that all is well, or that it is home.
func (f *Field) step(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	o, err := f.find(r)
	if err != nil {
		return err
	}
	if o.opens(f.db.Now()) != whole {
		return f.refuse(w, r, o)
	}
	step := run.Step(form.OneOf("step", string(run.Out), string(run.Seen), string(run.Home)))
	if err := form.Err(); err != nil {
		return err
	}
	ctx, key := r.Context(), "field "+o.ID.String()+" "+form.Token
	err = f.db.Write(ctx, o.Crew, func(tx *store.Tx) error {
		if _, seen, err := tx.Once(ctx, key); seen || err != nil {
			return err
		}
		if err := dispatch.Step(ctx, tx, o.ID, step); err != nil {
			return err
		}
		return tx.Done(ctx, key, "")
	})
	if err != nil {
		return err
	}
	return web.See(w, r, path(r))
}
