package people

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/same"
)

// twinsPage asks of two entries whether they are one volunteer, one pair at a time.
type twinsPage struct {
	lang i18n.Lang
	form *web.Form
	pair *intake.VolunteerPair // nil: nothing waits
	at   int                   // how many were put off
	left int
}

func (p *People) twins(w http.ResponseWriter, r *http.Request) error {
	page, err := p.twinsPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, page)
}

func (p *People) twinsPage(r *http.Request, f *web.Form) (web.Page, error) {
	v := &twinsPage{lang: web.Lang(r), form: f}
	pairs, err := p.known.Roll.Pairs(r.Context())
	if err != nil {
		return web.Page{}, err
	}
	if n, err := strconv.Atoi(r.FormValue("at")); err == nil && n > 0 && n < len(pairs) {
		v.at = n
	}
	if v.left = len(pairs) - v.at; v.left > 0 {
		v.pair = &pairs[v.at]
	}
	t := v.lang.T
	return web.Page{Title: t("people.twins"), Nav: "people", Body: v.view(), Help: t("people.twins_help"), Keys: web.AnswerKeys(v.answers())}, nil
}

// answers are what can be said of a pair; later stands there where another pair waits.
func (v *twinsPage) answers() []web.Answer {
	all := []web.Answer{{Says: "first", Label: v.lang.T("people.keep_first"), Key: "1"}, {Says: "second", Label: v.lang.T("people.keep_second"), Key: "2"},
		{Says: "different", Label: v.lang.T("people.two_people"), Key: "D"}}
	if v.left > 1 {
		all = append(all, web.Answer{Label: v.lang.T("same.later"), Key: "K", Href: v.next()})
	}
	return all
}

// pairOf is the pair that is asked about.
func (v *twinsPage) pairOf() web.Pair {
	return web.Pair{Form: v.form, Action: "/people/twins", A: v.pair.A.ID.String(), B: v.pair.B.ID.String(), Question: v.lang.T("people.twins_question"),
		Sure: v.pair.Sure, Word: sureWord(v.lang, v.pair.Sure), Left: v.lang.T("same.left", "n", v.left), Why: same.Whys(v.lang, v.pair.Why), Answers: v.answers()}
}

// sureWord says how sure it is that two entries are one person.
func sureWord(lang i18n.Lang, sure bool) string {
	if sure {
		return lang.T("people.sure")
	}
	return lang.T("same.perhaps")
}

// next is where the pair after this one is asked about.
func (v *twinsPage) next() string { return "/people/twins?at=" + strconv.Itoa(v.at+1) }

// facts are what is compared of an entry, and what is to be known before one of the two leaves.
func (v *twinsPage) facts(x *volunteer.Volunteer) []web.Fact {
	_, word := adult(v.lang, x)
	t := v.lang.T
	all := []web.Fact{{Term: t("people.phone"), Text: maskedPhone(x.Phone, false)}, {Term: t("people.adult"), Text: word},
		{Term: t("people.vehicle"), Text: vehicle(v.lang, x.Vehicle, x.Plate, x.Baskets)}, {Term: t("people.langs"), Text: langNames(v.lang, x.Langs)},
		{Term: t("people.skills"), Text: volunteer.SkillNames(v.lang, x.Skills)}, {Term: t("people.when"), Text: x.When}}
	return slices.DeleteFunc(all, func(f web.Fact) bool { return f.Text == "" })
}

// judgeTwins takes one key's answer on the pair that was shown.
func (p *People) judgeTwins(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, b, err := twoOf(f.Value("a"), f.Value("b"))
	if err != nil {
		return err
	}
	says := f.OneOf("says", "first", "second", "different")
	d := done{to: "/people/twins", toast: web.Toast{Key: "people.twins_said", Undo: "/people/twins/" + a.String() + "/" + b.String() + "/undo"}}
	return p.submit(w, r, f, d, func(ctx context.Context, tx *store.Tx) error {
		switch says {
		case "first":
			return volunteer.Stays(ctx, tx, a, b)
		case "second":
			return volunteer.Stays(ctx, tx, b, a)
		default:
			return volunteer.Differ(ctx, tx, a, b)
		}
	}, func() web.Page {
		page, err := p.twinsPage(r, f)
		if err != nil {
			page = web.Page{Title: f.Lang.T("people.twins"), Nav: "people", Body: web.Empty(web.Say(f.Lang, err, ""), "")}
		}
		return page
	})
}

// undoTwins takes back what was said of two entries.
func (p *People) undoTwins(w http.ResponseWriter, r *http.Request) error {
	a, b, err := twoOf(r.PathValue("id"), r.PathValue("other"))
	if err != nil {
		return err
	}
	d := done{to: "/people/" + a.String(), toast: web.Toast{Key: "web.undone"}}
	if err := p.write(r, "", d, func(ctx context.Context, tx *store.Tx) error { return volunteer.Undo(ctx, tx, a, b) }); err != nil {
		return err
	}
	return web.Redirect(w, r, d.to, d.toast)
}

func twoOf(one, other string) (a, b volunteer.ID, err error) {
	x, errX := id.Parse(one)
	y, errY := id.Parse(other)
	if errX != nil || errY != nil {
		return a, b, errs.Missing("volunteer")
	}
	return volunteer.ID{ID: x}, volunteer.ID{ID: y}, nil
}

// beside is who a volunteer may be that is being typed.
type beside struct {
	lang  i18n.Lang
	found []intake.VolunteerMatch
}

// thinkAlong looks for whom the form may mean, as far as it has been typed.
func (p *People) thinkAlong(r *http.Request, f *web.Form, who id.ID) (beside, error) {
	v := volunteer.Volunteer{ID: volunteer.ID{ID: who}, Name: contact.Name(f.Value("name"))}
	if ph, ok := contact.ParsePhone(f.Value("phone")); ok {
		v.Phone = ph
	}
	found, err := p.known.Roll.Like(r.Context(), &v)
	return beside{web.Lang(r), found}, err
}

// sure reports whether somebody found is as good as certain to be the one.
func (b beside) sure() bool {
	return slices.ContainsFunc(b.found, func(m intake.VolunteerMatch) bool { return m.Sure })
}

// think answers with what stands beside the form.
func (p *People) think(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if !web.IsFragment(r) {
		return web.See(w, r, "/people/new")
	}
	who, err := id.Parse(f.Value("who"))
	if err != nil {
		who = id.ID{}
	}
	b, err := p.thinkAlong(r, f, who)
	if err != nil {
		return err
	}
	return web.Fragment(w, r, b.view())
}

// besideAttrs are the attributes of the part that is asked anew while one types.
func besideAttrs() templ.Attributes {
	return templ.Attributes{"hx-post": "/people/new/beside", "hx-include": "#volunteer", "hx-trigger": "input from:#volunteer delay:150ms", "hx-sync": "this:replace"}
}
