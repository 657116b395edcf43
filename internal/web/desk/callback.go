package desk

import (
	"net/http"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/begun"
)

// maxCallbacks is how many of those who wait the page shows, the oldest.
const maxCallbacks = 300

// callbackTopic is the topic of the queue, which changes far more often than requests do.
const callbackTopic = "callbacks"

type callbackPage struct {
	lang  i18n.Lang
	form  *web.Form // of a new one
	wrong string    // why an act on a row was refused
	rows  []callbackRow
}

type callbackRow struct {
	request.Waiting
	waits  time.Duration
	mine   bool
	holder string        // name of who has it; "" when it is free
	left   time.Duration // until it is free again
	until  time.Time     // in the centre's zone
	after  time.Time     // in the centre's zone; zero: at once
}

func (d *Desk) callbackRoutes(allow web.Access) []web.Route {
	return []web.Route{
		{Pattern: "GET /callbacks", Allow: allow, Handle: d.callbacks},
		{Pattern: "POST /callbacks", Allow: allow, Handle: d.promise},
		{Pattern: "POST /callbacks/{id}/take", Allow: allow, Handle: d.takeCallback},
		{Pattern: "POST /callbacks/{id}/tried", Allow: allow, Handle: d.callbackTried},
		{Pattern: "POST /callbacks/{id}/done", Allow: allow, Handle: d.callbackAct(finishCallback)},
		{Pattern: "GET /callbacks/{id}/held", Allow: allow, Handle: d.callbackHeld},
		{Pattern: "GET /callbacks/events", Allow: allow, Handle: func(w http.ResponseWriter, r *http.Request) error { return d.events.Serve(w, r, callbackTopic) }},
	}
}

func (d *Desk) callbacks(w http.ResponseWriter, r *http.Request) error {
	f := web.NewForm(r).Set("phone", r.URL.Query().Get("phone")).Set("request", r.URL.Query().Get("request"))
	p, err := d.callbackPage(r, f)
	if err != nil {
		return err
	}
	return web.Render(w, r, p.page())
}

func (d *Desk) callbackPage(r *http.Request, f *web.Form) (callbackPage, error) {
	p := callbackPage{lang: web.Lang(r), form: f}
	c, _, err := d.today(r.Context())
	if err != nil {
		return p, err
	}
	now := d.db.Now()
	queue, err := request.Queue(r.Context(), d.db, now, maxCallbacks)
	if err != nil {
		return p, err
	}
	names := map[id.ID]string{}
	for _, q := range queue {
		row := callbackRow{Waiting: q, waits: now.Sub(q.At)}
		if q.After.After(now) {
			row.after = q.After.In(c.Location())
		}
		if !q.Holder.IsZero() {
			if names[q.Holder] == "" {
				a, err := account.Get(r.Context(), d.db, account.ID{ID: q.Holder})
				if err != nil {
					return p, err
				}
				names[q.Holder] = string(a.Name)
			}
			row.holder, row.mine = names[q.Holder], q.Holder == web.Actor(r)
			row.left, row.until = q.Until.Sub(now), q.Until.In(c.Location())
		}
		p.rows = append(p.rows, row)
	}
	return p, nil
}

func (p callbackPage) page() web.Page {
	return web.Page{Title: p.lang.T("nav.callbacks"), Nav: "callbacks", Body: p.body(), Wide: true, Help: p.lang.T("callback.help"),
		Keys: []web.Key{{Keys: "T", Does: p.lang.T("callback.tried")}, {Keys: "D", Does: p.lang.T("callback.done")}}}
}

// promise puts somebody into the queue.
func (d *Desk) promise(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	phone, ok := contact.ParsePhone(f.Required("phone", 40))
	f.Check(ok, "phone", "error.phone")
	var after time.Time
	if at, ok := f.Clock("after"); ok {
		_, day, err := d.today(r.Context())
		if err != nil {
			return err
		}
		after = day.Add(at)
	}
	c := request.Callback{Phone: phone, After: after, Name: contact.Name(f.Text("name", 200)), Why: contact.Note(f.Text("why", 1000))}
	if q, err := id.Parse(f.Value("request")); err == nil {
		c.Request = request.ID{ID: q}
	}
	return d.submitCallback(w, r, f, func(tx *store.Tx) (string, error) {
		return "/callbacks", request.Promise(r.Context(), tx, &c)
	})
}

// callbackAct does one thing to one call-back; fn returns where to go next.
func (d *Desk) callbackAct(fn func(r *http.Request, tx *store.Tx, c request.CallbackID) (string, error)) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := id.Parse(r.PathValue("id"))
		if err != nil {
			return errs.Missing("callback")
		}
		f, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		return d.submitCallback(w, r, f, func(tx *store.Tx) (string, error) { return fn(r, tx, request.CallbackID{ID: v}) })
	}
}

// takeCallback gives the asker a call-back. Open queues look again when the lease runs out.
func (d *Desk) takeCallback(w http.ResponseWriter, r *http.Request) error {
	time.AfterFunc(request.Hold+time.Second, func() { d.events.Publish(callbackTopic) })
	return d.callbackAct(openCall)(w, r)
}

// openCall leads to the call page, which reads the number from the call-back: no number stands in an address.
func openCall(r *http.Request, tx *store.Tx, c request.CallbackID) (string, error) {
	if _, err := request.Take(r.Context(), tx, c); err != nil {
		return "", err
	}
	return "/call?callback=" + c.String(), nil
}

func finishCallback(r *http.Request, tx *store.Tx, c request.CallbackID) (string, error) {
	return "/callbacks", request.Finish(r.Context(), tx, c)
}

// callbackTried counts that nobody answered; a time that was named is when it is tried again.
func (d *Desk) callbackTried(w http.ResponseWriter, r *http.Request) error {
	_, day, err := d.today(r.Context())
	if err != nil {
		return err
	}
	var after time.Time
	if v := r.PostFormValue("after"); v != "" {
		f := web.NewForm(r).Set("after", v)
		at, ok := f.Clock("after")
		if !ok {
			return errs.New(errs.Invalid, "web.not_clock")
		}
		after = day.Add(at)
	}
	return d.callbackAct(func(r *http.Request, tx *store.Tx, c request.CallbackID) (string, error) {
		return "/callbacks", request.Tried(r.Context(), tx, c, after)
	})(w, r)
}

// callbackHeld answers with how long the asker still has a call-back.
func (d *Desk) callbackHeld(w http.ResponseWriter, r *http.Request) error {
	v, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return errs.Missing("callback")
	}
	h, err := begun.HeldBy(r, d.db, v)
	if err != nil {
		return err
	}
	return web.Fragment(w, r, h.View())
}

// submitCallback writes once for the form's token, and shows a refusal above the queue.
func (d *Desk) submitCallback(w http.ResponseWriter, r *http.Request, f *web.Form, fn func(tx *store.Tx) (string, error)) error {
	return f.Submit(w, r, func() (to string, err error) {
		err = d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
			was, seen, err := tx.Once(r.Context(), f.Token)
			if err != nil || seen {
				to = was
				return err
			}
			if to, err = fn(tx); err != nil {
				return err
			}
			return tx.Done(r.Context(), f.Token, to)
		})
		return to, err
	}, func() web.Page {
		form := f
		wrong := f.Error("")
		if wrong != "" {
			form = web.NewForm(r)
		}
		p, err := d.callbackPage(r, form)
		if err != nil {
			wrong = web.Say(p.lang, err, "")
		}
		p.wrong = wrong
		return p.page()
	})
}
