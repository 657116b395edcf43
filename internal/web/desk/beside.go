package desk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/begun"
	"github.com/jumyla/jumyla/internal/web/twins"
)

// beside is what thinks along while a call is typed: whom it may be the same as, what to say, how urgent it is
// and why, where the address lies. It warns and never blocks.
type beside struct {
	lang    i18n.Lang
	form    *web.Form
	loc     *time.Location
	matches []besideMatch
	asks    bool // other centres are asked once it is saved
	focus   bool // on the first of what is left of the matches
	needs   []request.Need
	points  int
	why     []request.Part
	found   *where.Answer  // where the address lies as it stands; nil: nothing knows it
	chosen  bool           // one of the answers was taken for it
	offered []where.Answer // what it may mean
	spot    *where.Spot    // coordinates that were pasted
}

// besideMatch is a match with the basket because of which the next one would wait, and with what other centres say of it.
type besideMatch struct {
	intake.Match
	basket *request.Given
	twins  twins.Beside // what other centres have of it
}

// thinkAlong reads the form as far as it has been typed.
func (d *Desk) thinkAlong(r *http.Request, f *web.Form) (beside, error) {
	b := beside{lang: web.Lang(r), form: f}
	c, _, err := d.today(r.Context())
	if err != nil {
		return b, err
	}
	b.loc = c.Location()
	if err := d.findMatches(r, &b); err != nil {
		return b, err
	}
	copied := web.NewForm(r) // what is wrong so far is said when it is saved, not while it is typed
	for _, name := range callFields {
		copied.Set(name, f.All(name)...)
	}
	half := d.readCall(r, d.db, copied)
	if b.needs = half.ParseNeeds(); len(b.needs) > 0 {
		b.points, b.why = request.Urgency(b.needs, &half.Household, 0, 1)
	}
	return b, d.findPlace(r, &b)
}

func (d *Desk) findMatches(r *http.Request, b *beside) error {
	p, _ := contact.ParsePhone(b.form.Value("phone"))
	asked := intake.Asked{Name: contact.Name(b.form.Value("name")), Phone: p, Address: contact.Address(strings.TrimSpace(b.form.Value("address"))), Flat: b.form.Value("flat")}
	for _, v := range b.form.All("different") {
		if h, err := id.Parse(v); err == nil {
			asked.Not = append(asked.Not, household.ID{ID: h})
		}
	}
	found, err := intake.Matches(r.Context(), d.db, d.register, asked, d.db.Now())
	if err != nil {
		return err
	}
	for _, m := range found {
		if strings.TrimSpace(string(asked.Name)) == "" { // that nobody has typed a name yet speaks against nobody
			m.Why = slices.DeleteFunc(m.Why, func(w intake.Reason) bool { return strings.HasPrefix(w.Key, "why.name.") })
		}
		one := besideMatch{Match: m}
		rule, err := d.basketRule(r, m.Household.ID)
		if err != nil {
			return err
		}
		if g, had := rule.Last(m.Household.ID); had {
			one.basket = &g
		}
		homes := []household.ID{m.Household.ID}
		for _, h := range m.Linked {
			homes = append(homes, h.ID)
		}
		if one.twins, err = twins.BesideOf(r.Context(), d.db, b.lang, b.loc, homes...); err != nil {
			return err
		}
		b.matches = append(b.matches, one)
	}
	b.asks, err = twins.Asks(r.Context(), d.db)
	return err
}

// findPlace says where the address lies, and what else it may mean; and what lies where coordinates were pasted.
func (d *Desk) findPlace(r *http.Request, b *beside) error {
	if pasted := b.form.Value("where"); pasted != "" {
		if spot, err := d.Find.Coordinates(r.Context(), d.db, pasted, "where"); err == nil {
			b.spot = &spot
		}
	}
	address := b.form.Value("address")
	if strings.TrimSpace(address) == "" {
		return nil
	}
	found, err := d.Find.Locate(r.Context(), d.db, address)
	if err == nil {
		b.found = &found
	} else if !errs.Is(err, errs.NotFound) {
		return err
	}
	if b.offered, err = d.Find.Find(r.Context(), d.db, address); err != nil {
		return err
	}
	if text, _, ok := where.ParseChosen(b.form.Value("spot")); ok && text == strings.TrimSpace(address) {
		for i := range b.offered {
			if b.offered[i].Chosen() == b.form.Value("spot") {
				b.found, b.chosen = &b.offered[i], true
			}
		}
	}
	return nil
}

// think answers with what stands beside the form, and keeps that a match was said to be another household.
func (d *Desk) think(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	not := f.Value("not")
	if _, err := id.Parse(not); err == nil && !slices.Contains(f.All("different"), not) {
		f.Set("different", append(f.All("different"), not)...)
		if err := d.keepDraft(r, f); err != nil {
			return err
		}
	}
	if !web.IsFragment(r) {
		return web.See(w, r, begun.Href(f.Value(begun.Field)))
	}
	b, err := d.thinkAlong(r, f)
	if err != nil {
		return err
	}
	b.focus = not != ""
	return web.Fragment(w, r, b.fragment())
}

// sameHousehold goes on with the call for a household that is known: what was typed stays, the rest is filled in.
func (d *Desk) sameHousehold(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := d.fill(r, f, f.Value("same")); err != nil {
		return err
	}
	if err := d.keepDraft(r, f); err != nil {
		return err
	}
	return web.See(w, r, begun.Href(f.Value(begun.Field)))
}
