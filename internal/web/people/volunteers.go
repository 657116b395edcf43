package people

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
)

// Filters of the volunteers' table.
const (
	showAll   = ""
	showReady = "ready" // a coordinator has seen that they are adults: they may go
	showSaid  = "said"  // everybody else
)

// maxRows is how many rows a page shows at most; the search finds the others.
const maxRows = 300

// volunteersPage is the table of who gives time.
type volunteersPage struct {
	lang      i18n.Lang
	rows      []volunteer.Volunteer
	show      string
	text      string
	counts    map[string]int
	crews     int
	more      int  // rows left out
	mask      bool // the viewer's work does not need names
	maySee    bool // the viewer may say that they looked at a document
	mayChange bool
}

func (p *People) volunteers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := &volunteersPage{lang: web.Lang(r), show: r.FormValue("show"), text: strings.TrimSpace(r.FormValue("q")),
		mask: !may(r, staff), maySee: may(r, account.Coordinator), mayChange: may(r, staff)}
	all, err := volunteer.List(ctx, p.db)
	if err != nil {
		return err
	}
	crews, err := crew.List(ctx, p.db)
	if err != nil {
		return err
	}
	v.crews = len(crews)
	v.count(all)
	if v.text != "" && !v.mask {
		if all, err = volunteer.Search(ctx, p.db, v.text); err != nil {
			return err
		}
	}
	v.rows = slices.DeleteFunc(all, func(x volunteer.Volunteer) bool {
		return v.show == showReady && !x.IsAdult() || v.show == showSaid && x.IsAdult()
	})
	if len(v.rows) > maxRows {
		v.more = len(v.rows) - maxRows
		v.rows = v.rows[:maxRows]
	}
	return web.Render(w, r, web.Page{Title: v.lang.T("people.title"), Nav: "people", Body: v.view(), Wide: true, Help: v.lang.T("people.help")})
}

func (v *volunteersPage) count(all []volunteer.Volunteer) {
	v.counts = map[string]int{showAll: len(all)}
	for i := range all {
		if all[i].IsAdult() {
			v.counts[showReady]++
		}
	}
	v.counts[showSaid] = len(all) - v.counts[showReady]
}

func (v *volunteersPage) tabs() []web.Tab {
	tabs := make([]web.Tab, 0, 4)
	for _, t := range []struct{ show, key string }{{showAll, "people.all"}, {showReady, "people.ready"}, {showSaid, "people.said"}} {
		tabs = append(tabs, web.Tab{Label: v.lang.T(t.key), Href: v.href(t.show), Count: strconv.Itoa(v.counts[t.show]), Here: v.show == t.show})
	}
	return append(tabs, web.Tab{Label: v.lang.T("people.crews"), Href: "/crews", Count: strconv.Itoa(v.crews)})
}

func (v *volunteersPage) href(show string) string {
	q := url.Values{}
	if show != "" {
		q.Set("show", show)
	}
	if v.text != "" {
		q.Set("q", v.text)
	}
	if len(q) == 0 {
		return "/people"
	}
	return "/people?" + q.Encode()
}

func (v *volunteersPage) name(n contact.Name) string    { return maskedName(n, v.mask) }
func (v *volunteersPage) phone(ph contact.Phone) string { return maskedPhone(ph, v.mask) }

func maskedName(n contact.Name, mask bool) string {
	if mask {
		return n.Masked()
	}
	return string(n)
}

func maskedPhone(ph contact.Phone, mask bool) string {
	switch {
	case ph == "":
		return "—"
	case mask:
		return ph.Masked()
	}
	return ph.String()
}

// adult returns how a volunteer's age is known, as colour and word.
func adult(lang i18n.Lang, v *volunteer.Volunteer) (tone web.Tone, word string) {
	switch {
	case v.IsAdult():
		return web.ToneGood, lang.T("people.adult.seen")
	case v.Adult == volunteer.Said:
		return web.ToneWait, lang.T("people.adult.said")
	}
	return web.TonePlain, lang.T("people.adult.unknown")
}

// languages that a volunteer may be asked for; others are typed among the skills.
func languages() []string { return []string{"kk", "ru", "en", "ug", "uz", "sgn"} }

func langName(lang i18n.Lang, code string) string {
	if !slices.Contains(languages(), code) {
		return code
	}
	return lang.T("people.lang." + code) // i18n: people.lang.*
}

func langNames(lang i18n.Lang, codes []string) string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = langName(lang, c)
	}
	return strings.Join(names, ", ")
}

// vehicle puts what is known of a vehicle on one line.
func vehicle(lang i18n.Lang, what, plate string, baskets int) string {
	var parts []string
	for _, s := range []string{what, plate} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if baskets > 0 {
		parts = append(parts, lang.T("people.takes", "n", baskets))
	}
	return strings.Join(parts, " · ")
}

// registerPage is the form at the desk.
type registerPage struct {
	lang   i18n.Lang
	form   *web.Form
	maySee bool
}

func (p *People) newcomer(w http.ResponseWriter, r *http.Request) error {
	f := web.NewForm(r).Set("adult", string(volunteer.Said)).Set("langs", "kk", "ru")
	return web.Render(w, r, register(r, f))
}

func register(r *http.Request, f *web.Form) web.Page {
	v := registerPage{lang: f.Lang, form: f, maySee: may(r, account.Coordinator)}
	return web.Page{Title: v.lang.T("people.register"), Nav: "people", Body: v.view()}
}

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
	v := volunteer.Volunteer{
		Name: contact.Name(f.Required("name", maxText)), Phone: readPhone(f), Langs: known(f.All("langs")), Skills: split(f.Text("skills", maxText)),
		Vehicle: f.Text("vehicle", maxText), Plate: f.Text("plate", maxText), Baskets: f.Int("baskets", 0, maxBaskets), When: f.Text("when", maxText),
		Emergency: f.Text("emergency", maxText), Pass: f.Text("permit", maxText),
	}
	how := volunteer.Adult(f.OneOf("adult", string(volunteer.Unknown), string(volunteer.Said), string(volunteer.Seen)))
	f.Check(how != volunteer.Seen || may(r, account.Coordinator), "adult", "people.only_coordinator")
	v.Adult = how
	if how == volunteer.Seen {
		v.Adult = volunteer.Said // until See names who looked
	}
	d := done{to: "/people/new", toast: web.Toast{Key: "people.registered"}}
	return p.submit(w, r, f, d, func(ctx context.Context, tx *store.Tx) error {
		n := v
		n.ID = volunteer.ID{ID: tx.NewID()}
		if err := tx.Put(ctx, &n); err != nil || how != volunteer.Seen {
			return err
		}
		return volunteer.See(ctx, tx, n.ID)
	}, func() web.Page { return register(r, f) })
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
	return slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return !slices.Contains(languages(), c) })
}

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

// volunteerPage is one volunteer.
type volunteerPage struct {
	lang   i18n.Lang
	v      *volunteer.Volunteer
	facts  []web.Fact
	maySee bool
}

func (p *People) volunteer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rid, err := pathID(r)
	if err != nil {
		return err
	}
	v, err := volunteer.Kind.Get(ctx, p.db, rid)
	if err != nil {
		return err
	}
	view := &volunteerPage{lang: web.Lang(r), v: v, maySee: may(r, account.Coordinator)}
	attested, err := p.attested(ctx, view.lang, v)
	if err != nil {
		return err
	}
	t := view.lang.T
	for _, f := range []web.Fact{
		{Term: t("people.phone"), Text: maskedPhone(v.Phone, false)}, {Term: t("people.adult"), Text: attested},
		{Term: t("people.langs"), Text: langNames(view.lang, v.Langs)}, {Term: t("people.skills"), Text: strings.Join(v.Skills, ", ")},
		{Term: t("people.vehicle"), Text: vehicle(view.lang, v.Vehicle, v.Plate, v.Baskets)}, {Term: t("people.when"), Text: v.When},
		{Term: t("people.permit"), Text: v.Pass}, {Term: t("people.emergency"), Text: v.Emergency},
	} {
		if f.Text != "" {
			view.facts = append(view.facts, f)
		}
	}
	return web.Render(w, r, web.Page{Title: string(v.Name), Nav: "people", Body: view.view()})
}

// attested says who looked at the document, and when; otherwise what is known without one.
func (p *People) attested(ctx context.Context, lang i18n.Lang, v *volunteer.Volunteer) (string, error) {
	_, word := adult(lang, v)
	if !v.IsAdult() {
		return word, nil
	}
	loc, _, err := p.zone(ctx)
	if err != nil {
		return "", err
	}
	who := "—"
	a, err := account.Get(ctx, p.db, account.ID{ID: v.SeenBy})
	switch {
	case err == nil:
		who = string(a.Name)
	case !errs.Is(err, errs.NotFound):
		return "", err
	}
	return lang.T("people.seen_by", "who", who, "when", lang.DateClock(v.SeenAt.In(loc))), nil
}

func (p *People) seen(w http.ResponseWriter, r *http.Request) error {
	d := done{to: web.Local(back(r)), toast: web.Toast{Key: "people.was_seen", Undo: "/people/" + url.PathEscape(r.PathValue("id")) + "/unseen"}}
	return p.act(w, r, d, func(ctx context.Context, tx *store.Tx, rid id.ID) error {
		return volunteer.See(ctx, tx, volunteer.ID{ID: rid})
	})
}

func (p *People) unseen(w http.ResponseWriter, r *http.Request) error {
	d := done{to: "/people/" + url.PathEscape(r.PathValue("id")), toast: web.Toast{Key: "people.was_unseen"}}
	return p.act(w, r, d, func(ctx context.Context, tx *store.Tx, rid id.ID) error {
		return volunteer.Unsee(ctx, tx, volunteer.ID{ID: rid})
	})
}

// back is the page from which a button was pressed: it says so itself.
func back(r *http.Request) string {
	if to := r.PostFormValue("next"); to != "" {
		return to
	}
	return "/people"
}

func personURL(v id.ID, act string) templ.SafeURL {
	return templ.SafeURL("/people/" + v.String() + act)
}
