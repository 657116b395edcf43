package desk

import (
	"context"
	"errors"
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
	late  bool           // what was typed corrects a need that was planned a moment ago: its sheet says what it said
	now   map[string]string
	typed merged
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
	p, err := d.editPage(r, d.db, web.NewForm(r))
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

// editPage reads the records as they stand: for the page from what is committed, for a correction in its own write.
func (d *Desk) editPage(r *http.Request, from store.Reader, f *web.Form) (editPage, error) {
	p := editPage{lang: web.Lang(r), form: f}
	rid, err := requestID(r)
	if err != nil {
		return p, err
	}
	if p.req, p.home, err = runs.Whose(r.Context(), from, rid.ID); err != nil {
		return p, err
	}
	if p.home.Address == "" {
		return p, errs.New(errs.Conflict, "run.erased")
	}
	all, err := request.Needs(r.Context(), from, rid)
	if err != nil {
		return p, err
	}
	for _, n := range all {
		if n.Status == request.Open {
			p.needs = append(p.needs, n)
		} else if p.corrects(n.ID) {
			p.late = true
		}
	}
	p.now = fieldsOf(p.req, p.home, p.needs)
	return p, nil
}

// corrects reports whether the form says otherwise of a need than the page on which it was typed.
func (p *editPage) corrects(n request.NeedID) bool {
	return slices.ContainsFunc(needFields, func(field string) bool {
		name := needField(n, field)
		return strings.TrimSpace(p.form.Value(name)) != strings.TrimSpace(p.form.Value("was-"+name))
	})
}

// fieldsOf is everything that can be corrected, as text.
func fieldsOf(q *request.Request, h *household.Household, needs []request.Need) map[string]string {
	out := homeText(h)
	out["note"] = string(q.Note)
	for _, n := range needs {
		for _, field := range needFields {
			out[needField(n.ID, field)] = map[string]string{"what": string(n.What), "count": itoa(n.Count), "detail": n.Detail,
				"after": minutes(n.After), "before": minutes(n.Before)}[field]
		}
	}
	return out
}

// homeText is what can be corrected of a household, as text.
func homeText(h *household.Household) map[string]string {
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
	return map[string]string{"name": string(h.Head), "phones": strings.Join(phones, ", "), "address": string(h.Address), "flat": h.Flat, "entrance": h.Entrance,
		"floor": h.Floor, "code": h.Code, "people": blankZero(h.People), "children": strings.Join(ages, ", "), "cares": strings.Join(cares, ",")}
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

// saveEdit merges what was typed with what others have written since the page was opened, as it stands in the write itself.
func (d *Desk) saveEdit(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := d.editPage(r, d.db, f)
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		err := d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) (err error) {
			if p, err = d.editPage(r, tx, f); err != nil {
				return err
			}
			return d.correct(r, tx, &p)
		})
		if err != nil {
			return "", errors.Join(err, d.back(r, &p))
		}
		web.SetToast(w, r, web.Toast{Key: "web.saved"})
		return "/requests/" + p.req.ID.String(), nil
	}, func() web.Page { return p.page() })
}

// back makes the page ready to be shown again: the fields as they were merged, and of each that clashes whose it is. The
// page then begins from theirs: saving again is a decision.
func (d *Desk) back(r *http.Request, p *editPage) (err error) {
	for name, v := range p.typed.values {
		if name != "cares" {
			p.form.Set(name, v)
		}
	}
	p.clash, err = d.whoChanged(r, *p, p.typed.clashes)
	return err
}

// merged is what a form says together with what stands there now.
type merged struct {
	values  map[string]string
	clashes []string // fields that both have changed
}

// merge takes for each field what was typed where it was changed here, and what stands there where it was not. Where both
// changed it, it is a clash.
func merge(f *web.Form, now map[string]string) merged {
	m := merged{values: map[string]string{}}
	for name, now := range now {
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
	}
	slices.Sort(m.clashes)
	return m
}

// correct writes what was typed, unless somebody else has changed the same field.
func (d *Desk) correct(r *http.Request, tx *store.Tx, p *editPage) error {
	if p.typed = merge(p.form, p.now); len(p.typed.clashes) > 0 {
		return errs.New(errs.Conflict, "edit.clash")
	}
	if p.late {
		return errs.New(errs.Conflict, "edit.planned")
	}
	f := web.NewForm(r)
	for name, v := range p.typed.values {
		f.Set(name, v)
	}
	p.read(f, p.typed.values)
	if err := f.Err(); err != nil {
		return err
	}
	return d.writeEdit(r.Context(), tx, p)
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

func (d *Desk) writeEdit(ctx context.Context, tx *store.Tx, p *editPage) error {
	if err := intake.Correct(ctx, tx, d.Find, p.home); err != nil {
		return err
	}
	if err := tx.Put(ctx, p.req); err != nil {
		return err
	}
	for i := range p.needs {
		n := &p.needs[i]
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
