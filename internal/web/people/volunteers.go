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
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
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

// maxSounds is how many are shown who only sound as was typed.
const maxSounds = 10

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
	pairs     int // entries that may be one person, for who may say so
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
		if all, err = p.search(ctx, v.text); err != nil {
			return err
		}
	}
	if v.maySee {
		pairs, err := p.known.Roll.Pairs(ctx)
		if err != nil {
			return err
		}
		v.pairs = len(pairs)
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

// search returns who is meant: whose name or phone is written so, and then whose name sounds so in any script.
func (p *People) search(ctx context.Context, text string) ([]volunteer.Volunteer, error) {
	written, err := volunteer.Search(ctx, p.db, text)
	if err != nil {
		return nil, err
	}
	sounds, err := p.known.Roll.Named(ctx, text, maxSounds)
	for _, v := range sounds {
		if !slices.ContainsFunc(written, func(o volunteer.Volunteer) bool { return o.ID == v.ID }) {
			written = append(written, v)
		}
	}
	return written, err
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
	if !isKnown(code) {
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

func personURL(v id.ID, act string) templ.SafeURL {
	return templ.SafeURL("/people/" + v.String() + act)
}
