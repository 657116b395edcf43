package people

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
)

// registerPage is the form at the desk; with a volunteer, that of what is known of them.
type registerPage struct {
	lang   i18n.Lang
	form   *web.Form
	who    id.ID // zero for a new one
	maySee bool
	beside beside // who is here already and may be the same
}

// whoValue is who is changed, as the form says it; "" for a new one.
func (v registerPage) whoValue() string {
	if v.who.IsZero() {
		return ""
	}
	return v.who.String()
}

func (p *People) newcomer(w http.ResponseWriter, r *http.Request) error {
	f := web.NewForm(r).Set("adult", string(volunteer.Said)).Set("langs", "kk", "ru")
	return web.Render(w, r, register(r, f, id.ID{}, beside{lang: f.Lang}))
}

func register(r *http.Request, f *web.Form, who id.ID, b beside) web.Page {
	v := registerPage{lang: f.Lang, form: f, who: who, maySee: may(r, account.Coordinator), beside: b}
	return web.Page{Title: v.title(), Nav: "people", Body: v.view()}
}

func (v registerPage) title() string {
	if v.who.IsZero() {
		return v.lang.T("people.register")
	}
	return v.lang.T("people.edit")
}

func (v registerPage) action() string { return strings.TrimSuffix("/people/"+v.who.String(), "/") }

func (v registerPage) adults() []web.Option {
	out := []web.Option{{Value: string(volunteer.Said), Label: v.lang.T("people.says_adult")}}
	if v.maySee {
		out = append(out, web.Option{Value: string(volunteer.Seen), Label: v.lang.T("people.seen_now")})
	}
	return append(out, web.Option{Value: string(volunteer.Unknown), Label: v.lang.T("people.not_adult")})
}

func (v registerPage) langs() []web.Option {
	out := make([]web.Option, 0, len(languages()))
	for _, code := range languages() {
		out = append(out, web.Option{Value: code, Label: langName(v.lang, code)})
	}
	return out
}

const (
	maxText    = 500
	maxBaskets = 10_000
)

func (p *People) register(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := volunteer.Volunteer{}
	readInto(f, &v)
	how := volunteer.Adult(f.OneOf("adult", string(volunteer.Unknown), string(volunteer.Said), string(volunteer.Seen)))
	f.Check(how != volunteer.Seen || may(r, account.Coordinator), "adult", "people.only_coordinator")
	v.Adult = how
	if how == volunteer.Seen {
		v.Adult = volunteer.Said // until See names who looked
	}
	b, err := p.thinkAlong(r, f, id.ID{})
	if err != nil {
		return err
	}
	d := done{to: "/people/new", toast: web.Toast{Key: "people.registered"}}
	return p.submit(w, r, f, d, func(ctx context.Context, tx *store.Tx) error {
		known := errs.Fields{} // whoever is as good as certain to be here already is asked about once; nobody is turned away
		known.Check(!b.sure() || f.Value("another") != "", "another", "people.already_check")
		if err := known.Err(); err != nil {
			return err
		}
		n := v
		n.ID = volunteer.ID{ID: tx.NewID()}
		if err := tx.Put(ctx, &n); err != nil || how != volunteer.Seen {
			return err
		}
		return volunteer.See(ctx, tx, n.ID)
	}, func() web.Page { return register(r, f, id.ID{}, b) })
}

// readInto reads everything but the age.
func readInto(f *web.Form, v *volunteer.Volunteer) {
	v.Name, v.Phone = contact.Name(f.Required("name", maxText)), readPhone(f)
	v.Langs, v.Skills = known(f.All("langs")), volunteer.ReadSkills(split(f.Text("skills", maxText)))
	v.Vehicle, v.Plate, v.Baskets = f.Text("vehicle", maxText), f.Text("plate", maxText), f.Int("baskets", 0, maxBaskets)
	v.When, v.Emergency, v.Pass = f.Text("when", maxText), f.Text("emergency", maxText), f.Text("permit", maxText)
}

func (p *People) edit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rid, err := pathID(r)
	if err != nil {
		return err
	}
	v, err := volunteer.Kind.Get(ctx, p.db, rid)
	if err != nil {
		return err
	}
	version, err := store.Version(ctx, p.db, rid)
	if err != nil {
		return err
	}
	f := web.NewForm(r).Set("version", version).Set("name", string(v.Name)).Set("phone", v.Phone.String()).Set("langs", v.Langs...).
		Set("skills", volunteer.SkillNames(web.Lang(r), v.Skills)).Set("vehicle", v.Vehicle).Set("plate", v.Plate).Set("when", v.When).
		Set("emergency", v.Emergency).Set("permit", v.Pass)
	if v.Baskets > 0 {
		f.Set("baskets", itoa(v.Baskets))
	}
	b, err := p.thinkAlong(r, f, rid)
	if err != nil {
		return err
	}
	return web.Render(w, r, register(r, f, rid, b))
}

// change writes what the form says of a volunteer, unless somebody else did so since it was opened.
func (p *People) change(w http.ResponseWriter, r *http.Request) error {
	rid, err := pathID(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	said := volunteer.Volunteer{}
	readInto(f, &said)
	d := done{to: here(r, ""), toast: web.Toast{Key: "web.saved"}}
	return p.submit(w, r, f, d, func(ctx context.Context, tx *store.Tx) error {
		v, err := volunteer.Kind.Get(ctx, tx, rid)
		if err != nil {
			return err
		}
		if err := tx.Expect(ctx, rid, f.Value("version")); err != nil {
			return err
		}
		n := said
		n.Langs = append(slices.Clone(said.Langs), slices.DeleteFunc(slices.Clone(v.Langs), isKnown)...) // those without a box stay
		n.ID, n.Adult, n.SeenBy, n.SeenAt, n.Ended = v.ID, v.Adult, v.SeenBy, v.SeenAt, v.Ended
		if v.IsAdult() && contact.Fold(string(n.Name)) != contact.Fold(string(v.Name)) && !may(r, account.Coordinator) {
			// a document was seen of whoever had the old name: only who may look at one may say it is the same person
			n.Adult, n.SeenBy, n.SeenAt = volunteer.Said, id.ID{}, time.Time{}
		}
		return tx.Put(ctx, &n)
	}, func() web.Page { return register(r, f, rid, beside{lang: f.Lang}) })
}

func readPhone(f *web.Form) contact.Phone {
	return web.Parse(f, "phone", "error.phone", func(s string) (contact.Phone, error) {
		ph, ok := contact.ParsePhone(s)
		if !ok {
			return "", errs.New(errs.Invalid, "error.phone")
		}
		return ph, nil
	})
}

func known(codes []string) []string {
	return slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return !isKnown(c) })
}

func isKnown(code string) bool { return slices.Contains(languages(), code) }

// split reads a list that is typed with commas.
func split(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
