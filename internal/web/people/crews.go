package people

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
)

// crewsPage is the list of crews with the form of a new one.
type crewsPage struct {
	lang      i18n.Lang
	form      *web.Form
	rows      []crewRow
	adults    []volunteer.Volunteer // who may be in a crew
	refusal   string                // why the crew was not formed, in words
	mask      bool
	mayChange bool
	lists     bool // may bring a list
}

type crewRow struct {
	crew.Crew

	refusal string // why it may not go out; "" where it may
	speaks  string // the languages of its members
	medic   bool   // a nurse or a doctor is in it
}

func (p *People) crews(w http.ResponseWriter, r *http.Request) error {
	v, err := p.crewsPage(r, web.NewForm(r).Set("lang", string(i18n.KK)))
	if err != nil {
		return err
	}
	return web.Render(w, r, v.page())
}

func (p *People) crewsPage(r *http.Request, f *web.Form) (*crewsPage, error) {
	ctx := r.Context()
	v := &crewsPage{lang: f.Lang, form: f, mask: !may(r, staff), mayChange: may(r, deciders), lists: may(r, account.Coordinator)}
	all, err := crew.List(ctx, p.db)
	if err != nil {
		return nil, err
	}
	for i := range all {
		row := crewRow{Crew: all[i]}
		err := crew.Ready(ctx, p.db, &row.Crew)
		switch {
		case err == nil:
		case !errs.Is(err, errs.Denied):
			return nil, err
		case v.mask: // the words may name somebody
			row.refusal = v.lang.T("crews.may_not")
		default:
			row.refusal = web.Say(v.lang, err, "")
		}
		v.rows = append(v.rows, row)
	}
	if !v.mayChange {
		return v, nil
	}
	people, err := volunteer.List(ctx, p.db)
	if err != nil {
		return nil, err
	}
	for i := range people {
		if people[i].IsAdult() {
			v.adults = append(v.adults, people[i])
		}
	}
	v.abilities(people)
	return v, nil
}

// abilities says of each crew what plans choose it by: who is spoken with, and whether somebody may nurse.
func (v *crewsPage) abilities(people []volunteer.Volunteer) {
	by := make(map[id.ID]*volunteer.Volunteer, len(people))
	for i := range people {
		by[people[i].ID.ID] = &people[i]
	}
	for i := range v.rows {
		row := &v.rows[i]
		var langs []string
		for _, m := range row.Members {
			p := by[m.Volunteer]
			if p == nil {
				continue
			}
			row.medic = row.medic || volunteer.Medic(p.Skills)
			for _, l := range p.Langs {
				if !slices.Contains(langs, l) {
					langs = append(langs, l)
				}
			}
		}
		row.speaks = langNames(v.lang, langs)
	}
}

func (v *crewsPage) page() web.Page {
	return web.Page{Title: v.lang.T("crews.title"), Nav: "people", Body: v.view(), Wide: true, Help: v.lang.T("crews.help")}
}

func (v *crewsPage) people(none string) []web.Option {
	out := []web.Option{{Label: v.lang.T(none)}}
	for i := range v.adults {
		a := &v.adults[i]
		label := string(a.Name)
		if car := vehicle(v.lang, a.Vehicle, a.Plate, a.Baskets); car != "" {
			label += " · " + car
		}
		if len(a.Langs) > 0 {
			label += " · " + langNames(v.lang, a.Langs)
		}
		if volunteer.Medic(a.Skills) {
			label += " · " + volunteer.SkillNames(v.lang, a.Skills)
		}
		out = append(out, web.Option{Value: a.ID.String(), Label: label})
	}
	return out
}

func (v *crewsPage) langs() []web.Option {
	out := make([]web.Option, 0, len(i18n.Langs()))
	for _, l := range i18n.Langs() {
		out = append(out, web.Option{Value: string(l), Label: l.Name()})
	}
	return out
}

func (v *crewsPage) role(role string) string {
	if role != crew.Driver && role != crew.Navigator {
		return role
	}
	return v.lang.T("crew.role." + role) // i18n: crew.role.*
}

func (v *crewsPage) vehicle(c *crew.Crew) string {
	if v.mask {
		return vehicle(v.lang, "", "", c.Baskets)
	}
	return vehicle(v.lang, c.Vehicle, c.Plate, c.Baskets)
}

// clock writes minutes from midnight; a shift's end on the next day too.
func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60%24, minutes%60) }

func shift(c *crew.Crew) string {
	if c.From == 0 && c.To == 0 {
		return "—"
	}
	return clock(c.From) + "–" + clock(c.To)
}

// rest is when the crew has its break; "" where it has none.
func rest(c *crew.Crew) string {
	if c.BreakFrom == c.BreakTo {
		return ""
	}
	return clock(c.BreakFrom) + "–" + clock(c.BreakTo)
}

func (p *People) formCrew(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.crewsPage(r, f)
	if err != nil {
		return err
	}
	c := readCrew(f)
	d := done{to: "/crews", toast: web.Toast{Key: "crews.formed"}}
	return p.submit(w, r, f, d, func(ctx context.Context, tx *store.Tx) error {
		n := c
		if err := fromDriver(ctx, tx, &n); err != nil {
			return err
		}
		err := crew.Form(ctx, tx, &n)
		if e := refused(err); e != nil {
			v.refusal = web.Say(v.lang, e, "")
			return errs.Wrap(errs.Invalid, e, "crews.not_formed")
		}
		return err
	}, v.page)
}

// refused returns err where it is one that says in words, and not by fields, what is in the way.
func refused(err error) error {
	if errs.Is(err, errs.Denied) || errs.Is(err, errs.Conflict) {
		return err
	}
	return nil
}

func readCrew(f *web.Form) crew.Crew {
	c := crew.Crew{
		Number: f.Int("number", 0, 999), Vehicle: f.Text("vehicle", maxText), Plate: f.Text("plate", maxText), Baskets: f.Int("baskets", 0, maxBaskets),
		Pass: f.Text("permit", maxText), Emergency: f.Text("emergency", maxText), Posts: f.Bool("posts"), Lang: i18n.Lang(f.Value("lang")),
	}
	f.Check(f.Value("driver") != "", "driver", "error.required")
	f.Check(f.Value("navigator") == "" || f.Value("navigator") != f.Value("driver"), "navigator", "crews.same")
	for _, role := range []string{crew.Driver, crew.Navigator} {
		who := web.Parse(f, role, "web.choose", id.Parse)
		if !who.IsZero() {
			c.Members = append(c.Members, crew.Member{Volunteer: who, Role: role})
		}
	}
	from, ok := f.Clock("from")
	to, okTo := f.Clock("to")
	f.Check(ok || f.Value("from") != "" || !okTo, "from", "error.required")
	f.Check(okTo || f.Value("to") != "" || !ok, "to", "error.required")
	if ok && okTo {
		if to <= from {
			to += 24 * time.Hour
		}
		c.From, c.To = int(from.Minutes()), int(to.Minutes())
	}
	readBreak(f, &c)
	return c
}

// readBreak reads when the crew rests; a break past midnight is one of the shift's next day.
func readBreak(f *web.Form, c *crew.Crew) {
	from, ok := f.Clock("break_from")
	to, okTo := f.Clock("break_to")
	f.Check(ok == okTo, "break_to", "crew.break")
	if !ok || !okTo {
		return
	}
	c.BreakFrom, c.BreakTo = int(from.Minutes()), int(to.Minutes())
	if c.BreakTo <= c.BreakFrom {
		c.BreakTo += 24 * 60
	}
	if c.To > 24*60 && c.BreakTo <= c.From {
		c.BreakFrom, c.BreakTo = c.BreakFrom+24*60, c.BreakTo+24*60
	}
	f.Check(c.BreakTo-c.BreakFrom <= 4*60, "break_to", "crew.break")
}

// fromDriver fills what was left empty with what the driver said at the desk: people bring their own vehicles.
func fromDriver(ctx context.Context, tx *store.Tx, c *crew.Crew) error {
	v, err := volunteer.Kind.Get(ctx, tx, c.Members[0].Volunteer)
	if errs.Is(err, errs.NotFound) {
		return nil // Form says so
	}
	if err != nil {
		return err
	}
	if c.Vehicle == "" && c.Plate == "" {
		c.Vehicle, c.Plate = v.Vehicle, v.Plate
		if c.Baskets == 0 {
			c.Baskets = v.Baskets
		}
	}
	if c.Pass == "" {
		c.Pass = v.Pass
	}
	if c.Emergency == "" {
		c.Emergency = v.Emergency
	}
	return nil
}

func (p *People) endCrew(w http.ResponseWriter, r *http.Request) error {
	d := done{to: "/crews", toast: web.Toast{Key: "crews.ended"}}
	return p.act(w, r, d, func(ctx context.Context, tx *store.Tx, rid id.ID) error { return crew.End(ctx, tx, crew.ID{ID: rid}) })
}

func crewURL(c *crew.Crew) templ.SafeURL { return templ.SafeURL("/crews/" + c.ID.String() + "/end") }

func itoa(n int) string { return strconv.Itoa(n) }
