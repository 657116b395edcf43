package people

import (
	"context"
	"net/http"
	"net/url"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
)

// volunteerPage is one volunteer.
type volunteerPage struct {
	lang   i18n.Lang
	v      *volunteer.Volunteer
	facts  []web.Fact
	maySee bool
	twin   *volunteer.Volunteer // the entry that stayed of the same person; nil where there is none
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
	twin, err := volunteer.TwinOf(ctx, p.db, v.ID)
	if err != nil {
		return err
	}
	if !twin.IsZero() {
		if view.twin, err = volunteer.Kind.Get(ctx, p.db, twin.ID); err != nil {
			return err
		}
	}
	attested, err := p.attested(ctx, view.lang, v)
	if err != nil {
		return err
	}
	t := view.lang.T
	for _, f := range []web.Fact{
		{Term: t("people.phone"), Text: maskedPhone(v.Phone, false)}, {Term: t("people.adult"), Text: attested},
		{Term: t("people.langs"), Text: langNames(view.lang, v.Langs)}, {Term: t("people.skills"), Text: volunteer.SkillNames(view.lang, v.Skills)},
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
	d := done{to: web.Local(back(r)), toast: web.Toast{Key: "people.was_seen", Undo: here(r, "/unseen")}}
	return p.act(w, r, d, func(ctx context.Context, tx *store.Tx, rid id.ID) error {
		return volunteer.See(ctx, tx, volunteer.ID{ID: rid})
	})
}

func (p *People) unseen(w http.ResponseWriter, r *http.Request) error {
	d := done{to: here(r, ""), toast: web.Toast{Key: "people.was_unseen"}}
	return p.act(w, r, d, func(ctx context.Context, tx *store.Tx, rid id.ID) error {
		return volunteer.Unsee(ctx, tx, volunteer.ID{ID: rid})
	})
}

// left ends a volunteer's entry: they come no more. Their crews may not go out from then on.
func (p *People) left(w http.ResponseWriter, r *http.Request) error {
	return p.setLeft(w, r, true, done{to: "/people", toast: web.Toast{Key: "people.has_left", Undo: here(r, "/restore")}})
}

func (p *People) restored(w http.ResponseWriter, r *http.Request) error {
	return p.setLeft(w, r, false, done{to: here(r, ""), toast: web.Toast{Key: "web.undone"}})
}

func (p *People) setLeft(w http.ResponseWriter, r *http.Request, ended bool, d done) error {
	return p.act(w, r, d, func(ctx context.Context, tx *store.Tx, rid id.ID) error {
		v, err := volunteer.Kind.Get(ctx, tx, rid)
		if err != nil {
			return err
		}
		v.Ended = ended
		return tx.Put(ctx, v)
	})
}

// here is the address of the volunteer that a request is about.
func here(r *http.Request, act string) string {
	return "/people/" + url.PathEscape(r.PathValue("id")) + act
}

// back is the page from which a button was pressed: it says so itself.
func back(r *http.Request) string {
	if to := r.PostFormValue("next"); to != "" {
		return to
	}
	return "/people"
}
