package desk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/begun"
	"github.com/jumyla/jumyla/internal/web/chart"
)

// fields of the call form that a draft keeps.
var callFields = []string{"phone", "for", "caller", "name", "address", "flat", "entrance", "floor", "code", "people", "children", "lang", "cares", "needs", "note", "keep", "tell", "household", "different", "where", "spot", "callback"}

// knownFields are what the form takes over of a household that is known; beside each stands, as "was-…", what it said then.
var knownFields = []string{"name", "address", "flat", "entrance", "floor", "code", "people", "children", "cares"}

// callPage is the form, what thinks along beside it, and the request that was saved before it.
type callPage struct {
	lang   i18n.Lang
	form   *web.Form
	beside beside
	saved  *savedCall
	held   *begun.Held  // the call-back that it came from
	draft  bool         // of a call that was begun and not saved
	others []begun.Call // beside this one
	clash  []clash      // what somebody else has changed of the household meanwhile
	loc    *time.Location
	now    time.Time
	pick   chart.Figure
	pairs  int // that wait for somebody to say whether they are one household
}

// savedCall is the request of the call before: its ref is read aloud before the next one is taken.
type savedCall struct {
	req  *request.Request
	lang i18n.Lang // the caller's
}

func (d *Desk) call(w http.ResponseWriter, r *http.Request) error {
	f := web.NewForm(r).Set("lang", string(i18n.KK)).Set("keep", "yes").Set("for", "self")
	if err := d.openDraft(r, f); err != nil {
		return err
	}
	if h := r.URL.Query().Get("household"); h != "" {
		if err := d.fill(r, f, h); err != nil {
			return err
		}
	}
	if err := d.fromCallback(r, f); err != nil {
		return err
	}
	if p := r.URL.Query().Get("phone"); p != "" {
		f.Set("phone", p)
	}
	page, err := d.callPage(r, f)
	if err != nil {
		return err
	}
	return web.Render(w, r, page)
}

// fromCallback opens the form on who is called back.
func (d *Desk) fromCallback(r *http.Request, f *web.Form) error {
	v, err := id.Parse(r.URL.Query().Get("callback"))
	if err != nil {
		return nil //nolint:nilerr // it comes from none
	}
	c, err := request.CallbackKind.Get(r.Context(), d.db, v)
	if err != nil {
		return err
	}
	f.Set("callback", v.String()).Set("phone", c.Phone.String())
	if f.Value("name") == "" {
		f.Set("name", string(c.Name))
	}
	return nil
}

// fill opens the form on a household that is known. What was typed already stays.
func (d *Desk) fill(r *http.Request, f *web.Form, hid string) error {
	v, err := id.Parse(hid)
	if err != nil {
		return nil //nolint:nilerr // a link that was cut: the form opens empty
	}
	h, err := household.Kind.Get(r.Context(), d.db, v)
	if err != nil {
		return err
	}
	f.Set("household", hid)
	known := homeText(h)
	for _, field := range knownFields {
		f.Set("was-"+field, known[field])
	}
	if len(h.Phones) > 0 {
		known["phone"] = h.Phones[0].String()
	}
	for field, value := range known {
		if field != "cares" && strings.TrimSpace(f.Value(field)) == "" {
			f.Set(field, value)
		}
	}
	cares := f.All("cares")
	for _, c := range h.Cares {
		if !slices.Contains(cares, string(c)) {
			cares = append(cares, string(c))
		}
	}
	f.Set("cares", cares...)
	if h.Lang != "" {
		f.Set("lang", string(h.Lang))
	}
	if !h.Keep { // what they answered once is not turned round by a second call
		f.Set("keep", "no")
	}
	return nil
}

func (d *Desk) callPage(r *http.Request, f *web.Form) (web.Page, error) {
	p := callPage{lang: web.Lang(r), form: f, draft: f.Value(drafted) == "yes"}
	var err error
	if p.beside, err = d.thinkAlong(r, f); err != nil {
		return web.Page{}, err
	}
	p.loc, p.now = p.beside.loc, d.db.Now()
	if p.pick, err = d.picking(r.Context(), p.lang, p.beside.point()); err != nil {
		return web.Page{}, err
	}
	if p.others, err = begun.Of(r.Context(), d.db, web.Actor(r), f.Value(begun.Field)); err != nil {
		return web.Page{}, err
	}
	if p.clash, err = d.changedBeside(r, f); err != nil {
		return web.Page{}, err
	}
	if c, err := id.Parse(f.Value("callback")); err == nil {
		held, err := begun.HeldBy(r, d.db, c)
		if err != nil {
			return web.Page{}, err
		}
		p.held = &held
	}
	if p.saved, err = d.savedCall(r); err != nil {
		return web.Page{}, err
	}
	if p.pairs, err = d.register.Waiting(r.Context(), d.db, web.Actor(r), d.db.Now()); err != nil {
		return web.Page{}, err
	}
	lang := p.lang
	return web.Page{Title: lang.T("nav.call"), Nav: "call", Body: p.body(), Wide: true, Load: chart.Load(), Found: begun.Href(f.Value(begun.Field)), Help: lang.T("desk.call_help"),
		Keys: []web.Key{{Keys: "Ctrl+Enter", Does: lang.T("desk.save_next")}, {Keys: "F2", Does: lang.T("desk.to_matches")},
			{Keys: "Enter", Does: lang.T("desk.match_enter")}, {Keys: "D", Does: lang.T("desk.match_d")}, {Keys: "F8", Does: lang.T("nav.callbacks")}}}, nil
}

// savedCall reads which request the page follows, as "save and next" says it in the address.
func (d *Desk) savedCall(r *http.Request) (*savedCall, error) {
	v, err := id.Parse(r.URL.Query().Get("saved"))
	if err != nil {
		return nil, nil //nolint:nilnil,nilerr // it follows none
	}
	q, err := request.Kind.Get(r.Context(), d.db, v)
	if err != nil {
		return nil, err
	}
	h, err := household.Kind.Get(r.Context(), d.db, q.Household.ID)
	if err != nil {
		return nil, err
	}
	return &savedCall{req: q, lang: callerLang(string(h.Lang))}, nil
}

// callerLang is the language that a caller is spoken to in.
func callerLang(s string) i18n.Lang {
	if l, ok := i18n.Parse(s); ok {
		return l
	}
	return i18n.KK
}

func (d *Desk) take(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	d.readCall(r, d.db, f) // what cannot be read is said before anything is written
	return f.Submit(w, r, func() (string, error) {
		var to string
		err := d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) (err error) {
			if was, seen, err := tx.Once(r.Context(), f.Token); err != nil || seen {
				to = was
				return err
			}
			q, err := d.write(r, tx, f)
			if err != nil {
				return err
			}
			if cb, err := id.Parse(f.Value("callback")); err == nil {
				if err := request.Answered(r.Context(), tx, request.CallbackID{ID: cb}, q.ID); err != nil {
					return err
				}
			}
			to = "/call?saved=" + q.ID.String()
			if err := dropDraft(r.Context(), tx, f); err != nil {
				return err
			}
			return tx.Done(r.Context(), f.Token, to)
		})
		return to, err
	}, func() web.Page { return d.callAgain(r, f) })
}

// callAgain is the form of a call that could not be saved, kept as a draft so that Back finds it.
func (d *Desk) callAgain(r *http.Request, f *web.Form) web.Page {
	err := d.keepDraft(r, f)
	if err == nil {
		var p web.Page
		if p, err = d.callPage(r, f); err == nil {
			return p
		}
	}
	return web.Page{Title: web.Lang(r).T("nav.call"), Nav: "call", Body: callPage{lang: web.Lang(r), form: f, beside: beside{lang: web.Lang(r), form: f}}.body()}
}

// write takes the call as a new request, or adds it to the one named. What somebody else has changed of a household
// that is known, while this call was typed, stays; where both changed the same field, this call is shown both first.
func (d *Desk) write(r *http.Request, tx *store.Tx, f *web.Form) (*request.Request, error) {
	if rid, err := id.Parse(f.Value("again")); err == nil {
		return intake.Again(r.Context(), tx, request.ID{ID: rid}, d.readCall(r, tx, f))
	}
	now, err := knownNow(r, tx, f)
	if err != nil {
		return nil, err
	}
	m := merge(f, now)
	if len(m.clashes) > 0 {
		return nil, errs.New(errs.Conflict, "edit.clash")
	}
	typed := web.NewForm(r)
	for _, name := range callFields {
		typed.Set(name, f.All(name)...)
	}
	for name, v := range m.values {
		typed.Set(name, v)
		if name == "cares" {
			typed.Set(name, strings.Split(v, ",")...)
		}
	}
	c := d.readCall(r, tx, typed)
	if err := typed.Err(); err != nil {
		return nil, err
	}
	own, err := centre.Get(r.Context(), tx)
	if err != nil {
		return nil, err
	}
	return intake.Take(r.Context(), tx, c, own.Secret)
}

// knownNow is what stands in the fields that the form took over of a household; nothing where it is a new one.
func knownNow(r *http.Request, from store.Reader, f *web.Form) (map[string]string, error) {
	out := map[string]string{}
	hid, err := id.Parse(f.Value("household"))
	if err != nil {
		return out, nil //nolint:nilerr // a household of its own
	}
	h, err := household.Kind.Get(r.Context(), from, hid)
	if errs.Is(err, errs.NotFound) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	text := homeText(h)
	for _, name := range knownFields {
		if len(f.All("was-"+name)) > 0 { // else it was typed without having seen it
			out[name] = text[name]
		}
	}
	return out, nil
}

// changedBeside tells whose the fields are that clash, and lets the form begin from theirs: saving again is a decision.
func (d *Desk) changedBeside(r *http.Request, f *web.Form) ([]clash, error) {
	if f.OK() {
		return nil, nil
	}
	now, err := knownNow(r, d.db, f)
	if err != nil || len(now) == 0 {
		return nil, err
	}
	hid, err := id.Parse(f.Value("household"))
	if err != nil {
		return nil, err
	}
	m := merge(f, now)
	for name, v := range now {
		f.Set("was-"+name, v)
		if name == "cares" {
			continue
		}
		f.Set(name, m.values[name])
	}
	home := &household.Household{ID: household.ID{ID: hid}}
	return d.whoChanged(r, editPage{lang: web.Lang(r), req: &request.Request{}, home: home, now: now}, m.clashes)
}

func (d *Desk) readCall(r *http.Request, from store.Reader, f *web.Form) intake.Call {
	c := intake.Call{Needs: strings.Split(f.Text("needs", 4000), "\n"), Note: contact.Note(f.Text("note", 2000)), MayTell: f.Bool("tell"), Find: d.Find}
	if f.Value("phone") != "" {
		p, ok := contact.ParsePhone(f.Value("phone"))
		f.Check(ok, "phone", "error.phone")
		c.Phone = p
	}
	if f.Value("for") == "other" {
		c.Caller = contact.Name(f.Required("caller", 200))
	}
	h := &c.Household
	if v, err := id.Parse(f.Value("household")); err == nil {
		if known, err := household.Kind.Get(r.Context(), from, v); err == nil {
			*h = *known
		}
	}
	before := h.Address
	h.Head, h.Address = contact.Name(f.Text("name", 200)), contact.Address(f.Text("address", 500))
	if h.Address != before {
		h.Where = nil
	}
	d.readPlace(r, f, h)
	h.Flat, h.Entrance, h.Floor, h.Code = f.Text("flat", 20), f.Text("entrance", 20), f.Text("floor", 20), f.Text("code", 40)
	h.People = f.Int("people", 0, 2000)
	ages, ok := intake.ParseAges(f.Text("children", 100))
	f.Check(ok, "children", "household.ages")
	h.Children = ages
	h.Cares = nil
	for _, care := range household.Cares() {
		if f.Has("cares", string(care)) {
			h.Cares = append(h.Cares, care)
		}
	}
	if l, ok := i18n.Parse(f.Value("lang")); ok {
		h.Lang = l
	}
	h.Keep = f.Value("keep") != "no"
	h.Wording = h.Lang.T("desk.consent")
	for _, v := range f.All("different") {
		if o, err := id.Parse(v); err == nil {
			c.Different = append(c.Different, household.ID{ID: o})
		}
	}
	if again := f.Value("again"); again == "" {
		f.Take(c.Validate())
	}
	return c
}

// readPlace takes the point that was pasted, or else the answer that was chosen for this very address.
func (d *Desk) readPlace(r *http.Request, f *web.Form, h *household.Household) {
	if f.Value("where") != "" {
		spot, err := d.Find.Coordinates(r.Context(), d.db, f.Value("where"), "where")
		if !f.Take(err) && err == nil {
			h.Where = &spot.Point
		}
		return
	}
	if text, p, ok := where.ParseChosen(f.Value("spot")); ok && text == string(h.Address) {
		h.Where = &p
	}
}

// choose puts a chosen answer into the address of the call.
func (d *Desk) choose(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if text, _, ok := where.ParseChosen(f.Value("answer")); ok {
		f.Set("address", text).Set("spot", f.Value("answer")).Set("where")
	}
	if err := d.keepDraft(r, f); err != nil {
		return err
	}
	return web.See(w, r, begun.Href(f.Value(begun.Field)))
}
