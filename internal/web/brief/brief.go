// Package brief is the situation on one page, on the screen and on paper, with the note that one shift leaves
// to the next. It names no household.
package brief

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/print"
	"github.com/jumyla/jumyla/internal/report"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// Brief holds what its pages need.
type Brief struct {
	Find *where.Finder // knows the areas by name; nil: they are written as they are kept

	db    *store.DB
	waits *request.Live
}

// New returns the pages on a centre's database.
func New(db *store.DB, waits *request.Live) *Brief { return &Brief{db: db, waits: waits} }

// staff read and write notes; an auditor sees numbers, never free words about people.
const staff = account.Operator | account.Coordinator | account.Dispatcher

// Routes returns the page, its paper and its one act.
func (b *Brief) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /situation", Allow: web.Roles(staff | account.Auditor), Handle: b.show},
		{Pattern: "GET /situation.pdf", Allow: web.Roles(staff | account.Auditor), Handle: b.paper},
		{Pattern: "POST /situation/note", Allow: web.Roles(staff), Handle: b.note},
	}
}

type page struct {
	lang     i18n.Lang
	form     *web.Form
	at       time.Time
	sections []print.Section
	words    bool
}

func (b *Brief) situation(r *http.Request, v reader) (*report.Situation, []print.Section, error) {
	all, err := b.waits.Backlog(r.Context())
	if err != nil {
		return nil, nil, err
	}
	s, err := report.Now(r.Context(), b.db, all, b.db.Now())
	if err != nil {
		return nil, nil, err
	}
	return s, sections(v, s), nil
}

// inside is how the viewer reads: staff everything, an auditor numbers, and no small ones.
func (b *Brief) inside(r *http.Request) reader {
	return reader{lang: web.Lang(r), find: b.Find, words: words(r), asks: words(r), exact: words(r)}
}

// words reports whether the viewer may read what people said.
func words(r *http.Request) bool { return web.ViewerOf(r).Roles.Any(staff) }

func (b *Brief) page(r *http.Request, f *web.Form) (web.Page, error) {
	s, parts, err := b.situation(r, b.inside(r))
	if err != nil {
		return web.Page{}, err
	}
	p := page{lang: web.Lang(r), form: f, at: s.At, sections: parts, words: words(r)}
	return web.Page{Title: p.lang.T("nav.situation"), Nav: "situation", Body: p.body(), Help: p.lang.T("brief.help")}, nil
}

func (b *Brief) show(w http.ResponseWriter, r *http.Request) error {
	p, err := b.page(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p)
}

func (b *Brief) paper(w http.ResponseWriter, r *http.Request) error {
	v, foot := b.inside(r), "brief.foot"
	outside := r.URL.Query().Get("for") == "outside"
	if outside { // to an akimat or another centre: what we ask, no words of ours, and no number that points to somebody
		v.words, v.exact, foot = false, false, "brief.foot_outside"
	}
	s, parts, err := b.situation(r, v)
	if err != nil {
		return err
	}
	lang := v.lang
	title := lang.T("nav.situation")
	var out bytes.Buffer
	err = print.Write(&out, print.Info{Title: title, Created: s.At},
		print.Situation(lang, print.SituationInput{Title: title, Centre: s.Centre.Name, When: s.At, Sections: parts, Foot: lang.T(foot)}))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="situation-`+s.At.Format(time.DateOnly)+`.pdf"`)
	_, err = w.Write(out.Bytes())
	return err
}

func (b *Brief) note(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	again, err := b.page(r, f)
	if err != nil {
		return err
	}
	n := centre.ShiftNote{Text: contact.Note(f.Required("text", centre.MaxNote)), Ask: contact.Note(f.Text("ask", centre.MaxNote))}
	return f.Submit(w, r, func() (string, error) {
		const to = "/situation"
		if err := b.write(r, f.Token, to, &n); err != nil {
			return "", err
		}
		web.SetToast(w, r, web.Toast{Key: "brief.saved"})
		return to, nil
	}, func() web.Page { return again })
}

// write keeps a note, once for a token.
func (b *Brief) write(r *http.Request, token, to string, n *centre.ShiftNote) error {
	actor, err := id.Parse(web.ViewerOf(r).AccountID)
	if err != nil {
		return errs.Wrap(errs.Denied, err, "")
	}
	ctx := r.Context()
	return b.db.Write(ctx, actor, func(tx *store.Tx) error { return leave(ctx, tx, token, to, n) })
}

func leave(ctx context.Context, tx *store.Tx, token, to string, n *centre.ShiftNote) error {
	_, seen, err := tx.Once(ctx, token)
	if err != nil || seen {
		return err
	}
	if err := centre.Leave(ctx, tx, n); err != nil {
		return err
	}
	return tx.Done(ctx, token, to)
}

// lines splits what was typed into lines that are not empty.
func lines(n contact.Note) []string {
	var out []string
	for l := range strings.Lines(string(n)) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}
