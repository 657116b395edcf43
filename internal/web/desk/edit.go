package desk

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/runs"
	"github.com/jumyla/jumyla/internal/web/same"
)

// editPage corrects a request: who lives there, what is needed. Two who correct different fields both keep theirs;
// where both have changed the same field, the second sees the first's before saving again.
type editPage struct {
	lang  i18n.Lang
	form  *web.Form
	req   *request.Request
	home  *household.Household
	needs []request.Need // open ones: what is on a printed sheet stays as it is
	now   map[string]string
	clash []clash
}

// clash is a field that somebody else has changed meanwhile.
type clash struct {
	label string
	who   string
	ago   time.Duration
	value string // theirs
}

// homeFields are what can be corrected of a household, in the order of the call form.
var homeFields = []string{"name", "phones", "address", "flat", "entrance", "floor", "code", "people", "children", "cares"}

// needFields are what can be corrected of a need.
var needFields = []string{"what", "count", "detail", "after", "before"}

func (d *Desk) edit(w http.ResponseWriter, r *http.Request) error {
	p, err := d.editPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	for name, v := range p.now {
		p.form.Set(name, v)
	}
	p.form.Set("cares", strings.Split(p.now["cares"], ",")...)
	if err := same.Looked(r, d.db, p.req.Household, "edit"); err != nil {
		return err
	}
	return web.Render(w, r, p.page())
}

func (p editPage) page() web.Page {
	return web.Page{Title: p.lang.T("edit.title", "ref", p.req.Ref.String()), Nav: "board", Body: p.body(), Help: p.lang.T("edit.help")}
}

func (d *Desk) editPage(r *http.Request, f *web.Form) (editPage, error) {
	p := editPage{lang: web.Lang(r), form: f}
	rid, err := requestID(r)
	if err != nil {
		return p, err
	}
	if p.req, p.home, err = runs.Whose(r.Context(), d.db, rid.ID); err != nil {
		return p, err
	}
	if p.home.Address == "" {
		return p, errs.New(errs.Conflict, "run.erased")
	}
	all, err := request.Needs(r.Context(), d.db, rid)
	p.needs = slices.DeleteFunc(all, func(n request.Need) bool { return n.Status != request.Open })
	p.now = fieldsOf(p.req, p.home, p.needs)
	return p, err
}

// fieldsOf is everything that can be corrected, as text.
func fieldsOf(q *request.Request, h *household.Household, needs []request.Need) map[string]string {
	phones := make([]string, 0, len(h.Phones))
	for _, ph := range h.Phones {
		phones = append(phones, ph.String())
	}
	ages := make([]string, 0, len(h.Children))
	for _, a := range h.Children {
		ages = append(ages, itoa(a))
	}
	cares := make([]string, 0, len(h.Cares))
	for _, c := range household.Cares() {
		if h.Has(c) {
			cares = append(cares, string(c))
		}
	}
	out := map[string]string{"name": string(h.Head), "phones": strings.Join(phones, ", "), "address": string(h.Address), "flat": h.Flat, "entrance": h.Entrance,
		"floor": h.Floor, "code": h.Code, "people": blankZero(h.People), "children": strings.Join(ages, ", "), "cares": strings.Join(cares, ","), "note": string(q.Note)}
	for _, n := range needs {
		for _, field := range needFields {
			out[needField(n.ID, field)] = map[string]string{"what": string(n.What), "count": itoa(n.Count), "detail": n.Detail,
				"after": minutes(n.After), "before": minutes(n.Before)}[field]
		}
	}
	return out
}

func needField(n request.NeedID, field string) string { return field + "-" + n.String() }

func blankZero(n int) string {
	if n == 0 {
		return ""
	}
	return itoa(n)
}

// minutes writes a time of day; "" for none.
func minutes(m int) string {
	if m == 0 {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", m/60, m%60)
}

// saveEdit merges what was typed with what others have written since the page was opened.
func (d *Desk) saveEdit(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := d.editPage(r, f)
	if err != nil {
		return err
	}
	typed := p.merge(f)
	p.clash, err = d.whoChanged(r, p, typed.clashes)
	if err != nil {
		return err
	}
	f.Check(len(p.clash) == 0, "", "edit.clash")
	p.read(f, typed.values)
	return f.Submit(w, r, func() (string, error) {
		to := "/requests/" + p.req.ID.String()
		err := d.db.Write(r.Context(), actor(r), func(tx *store.Tx) error { return p.write(r.Context(), tx) })
		if err == nil {
			web.SetToast(w, r, web.Toast{Key: "web.saved"})
		}
		return to, err
	}, p.page)
}

// merged is what a form says together with what stands there now.
type merged struct {
	values  map[string]string
	clashes []string // fields that both have changed
}

// merge takes for each field what was typed where it was changed here, and what stands there where it was not. Where both
// changed it, it is a clash, and the page then begins from theirs: saving again is a decision.
func (p *editPage) merge(f *web.Form) merged {
	m := merged{values: map[string]string{}}
	for name, now := range p.now {
		mine, was := strings.TrimSpace(f.Value(name)), strings.TrimSpace(f.Value("was-"+name))
		if name == "cares" {
			mine = strings.Join(f.All("cares"), ",")
		}
		switch now = strings.TrimSpace(now); {
		case mine == was || mine == now:
			mine = now
		case was != now:
			m.clashes = append(m.clashes, name)
		}
		m.values[name] = mine
		if name != "cares" {
			f.Set(name, mine)
		}
	}
	slices.Sort(m.clashes)
	return m
}

// read puts what was merged into the records, noting on the form what cannot be read.
func (p *editPage) read(f *web.Form, v map[string]string) {
	h := p.home
	h.Head, h.Address = contact.Name(v["name"]), contact.Address(v["address"])
	h.Flat, h.Entrance, h.Floor, h.Code = v["flat"], v["entrance"], v["floor"], v["code"]
	h.Phones = nil
	for part := range strings.FieldsFuncSeq(v["phones"], func(c rune) bool { return c == ',' || c == ';' || c == '\n' }) {
		ph, ok := contact.ParsePhone(part)
		f.Check(ok || strings.TrimSpace(part) == "", "phones", "error.phone")
		if ok {
			h.Phones = append(h.Phones, ph)
		}
	}
	h.People = f.Int("people", 0, 2000)
	ages, ok := intake.ParseAges(v["children"])
	f.Check(ok, "children", "household.ages")
	h.Children, h.Cares = ages, nil
	for c := range strings.SplitSeq(v["cares"], ",") {
		if slices.Contains(household.Cares(), household.Care(c)) {
			h.Cares = append(h.Cares, household.Care(c))
		}
	}
	p.req.Note = contact.Note(f.Text("note", 2000))
	for i := range p.needs {
		p.readNeed(f, &p.needs[i])
	}
}

func (p *editPage) readNeed(f *web.Form, n *request.Need) {
	n.What = request.What(f.Value(needField(n.ID, "what")))
	n.Class = n.What.Class()
	n.Count = f.Int(needField(n.ID, "count"), 1, 500)
	n.Detail = f.Text(needField(n.ID, "detail"), 300)
	after, _ := f.Clock(needField(n.ID, "after"))
	before, _ := f.Clock(needField(n.ID, "before"))
	n.After, n.Before = int(after.Minutes()), int(before.Minutes())
	f.Check(n.Before == 0 || n.Before > n.After, needField(n.ID, "before"), "request.window")
	f.Check(n.What.Known(), needField(n.ID, "what"), "request.what")
}

func (p *editPage) write(ctx context.Context, tx *store.Tx) error {
	if err := intake.Correct(ctx, tx, p.home); err != nil {
		return err
	}
	if err := tx.Put(ctx, p.req); err != nil {
		return err
	}
	for i := range p.needs {
		n := &p.needs[i]
		now, err := request.NeedKind.Get(ctx, tx, n.ID.ID)
		if err != nil {
			return err
		}
		if now.Status != request.Open { // planned a moment ago: its sheet says what it said
			return errs.New(errs.Conflict, "edit.planned")
		}
		if err := n.Validate(); err != nil {
			return err
		}
		if err := tx.Put(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// fieldNames are the fields as the ledger names them.
var fieldNames = map[string]string{"name": "head"}

// whoChanged tells of each field that clashes who wrote it last and when.
func (d *Desk) whoChanged(r *http.Request, p editPage, fields []string) ([]clash, error) {
	if len(fields) == 0 {
		return nil, nil
	}
	names, err := d.accountNames(r.Context())
	if err != nil {
		return nil, err
	}
	var out []clash
	for _, name := range fields {
		field, record := name, p.home.ID.ID
		if name == "note" {
			record = p.req.ID.ID
		} else if f, n, ok := strings.Cut(name, "-"); ok {
			field = f
			if record, err = id.Parse(n); err != nil {
				return nil, err
			}
		}
		if ledgerName := fieldNames[field]; ledgerName != "" {
			field = ledgerName
		}
		events, err := store.History(r.Context(), d.db, record)
		if err != nil {
			return nil, err
		}
		c := clash{label: p.label(name), value: p.now[name]}
		for _, e := range events {
			if e.Record == record && e.Fields[field] != nil {
				c.who, c.ago = names[e.Actor], d.db.Now().Sub(e.At)
			}
		}
		out = append(out, c)
	}
	return out, nil
}

func (d *Desk) accountNames(ctx context.Context) (map[id.ID]string, error) {
	accounts, err := account.List(ctx, d.db)
	names := map[id.ID]string{}
	for _, a := range accounts {
		names[a.ID.ID] = string(a.Name)
	}
	return names, err
}

func (p editPage) label(name string) string {
	if field, _, ok := strings.Cut(name, "-"); ok {
		return p.lang.T("edit." + field) // i18n: edit.*
	}
	return p.lang.T("edit." + name)
}
