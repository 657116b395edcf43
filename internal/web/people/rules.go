package people

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// ahead is how far the page of rules looks.
const ahead = 10 * 365 * 24 * time.Hour

// rulesPage is what holds, what will and what has held, with its sources.
type rulesPage struct {
	lang      i18n.Lang
	form      *web.Form
	now       time.Time
	rows      []rule.Rule
	areas     []string
	mayChange bool
	touched   int // runs that are out or about to go, and that a rule is in the way of
}

func (p *People) rules(w http.ResponseWriter, r *http.Request) error {
	v, err := p.rulesPage(r, web.NewForm(r).Set("kind", string(rule.Curfew)))
	if err != nil {
		return err
	}
	return web.Render(w, r, v.page())
}

func (p *People) rulesPage(r *http.Request, f *web.Form) (*rulesPage, error) {
	v := &rulesPage{lang: f.Lang, form: f, now: p.db.Now(), areas: ruled(), mayChange: may(r, account.Coordinator)}
	clashes, err := dispatch.Clashes(r.Context(), p.db, v.now)
	if err != nil {
		return nil, err
	}
	v.touched = dispatch.Touched(clashes)
	all, err := rule.Between(r.Context(), p.db, time.UnixMicro(1), v.now.Add(ahead))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b rule.Rule) int { return v.state(&a) - v.state(&b) })
	v.rows = all
	for i := range all {
		if !slices.Contains(v.areas, all[i].Area) {
			v.areas = append(v.areas, all[i].Area)
		}
	}
	return v, nil
}

func (v *rulesPage) page() web.Page {
	return web.Page{Title: v.lang.T("rules.title"), Nav: "rules", Body: v.view(), Wide: true, Help: v.lang.T("rules.help")}
}

// When a rule holds, in the order of the table.
const (
	holds = iota
	coming
	over
)

func (v *rulesPage) state(r *rule.Rule) int {
	switch {
	case r.From.After(v.now):
		return coming
	case !r.To.IsZero() && !r.To.After(v.now):
		return over
	}
	return holds
}

func (v *rulesPage) badge(r *rule.Rule) (tone web.Tone, word string) {
	switch v.state(r) {
	case holds:
		return web.ToneAccent, v.lang.T("rules.holds")
	case coming:
		return web.ToneWait, v.lang.T("rules.coming")
	}
	return web.TonePlain, v.lang.T("rules.over")
}

func kinds() []rule.Kind {
	return []rule.Kind{rule.Curfew, rule.ClosedZone, rule.EntryExit, rule.Gathering, rule.Exemption}
}

func kindName(lang i18n.Lang, k rule.Kind) string {
	if !slices.Contains(kinds(), k) {
		return string(k)
	}
	return lang.T("rule.kind." + string(k)) // i18n: rule.kind.*
}

func (v *rulesPage) kinds() []web.Option {
	out := make([]web.Option, 0, len(kinds()))
	for _, k := range kinds() {
		out = append(out, web.Option{Value: string(k), Label: kindName(v.lang, k)})
	}
	return out
}

func (v *rulesPage) limit(r *rule.Rule) string {
	if r.Limit == 0 {
		return v.lang.T("rules.banned")
	}
	return v.lang.T("rules.at_most", "n", r.Limit)
}

// ruled are the areas that a rule may be written for: everywhere, and those that the program knows.
func ruled() []string {
	out := []string{""}
	for _, k := range area.KnownAreas() {
		out = append(out, k.Code)
	}
	return out
}

// elsewhere stands in the choice of areas for one that is typed.
const elsewhere = "*"

func (v *rulesPage) areaOptions() []web.Option {
	out := make([]web.Option, 0, len(v.areas)+1)
	for _, a := range v.areas {
		out = append(out, web.Option{Value: a, Label: rule.AreaName(v.lang, a)})
	}
	return append(out, web.Option{Value: elsewhere, Label: v.lang.T("rules.elsewhere")})
}

// moment writes when a rule begins or ends, in its own zone; the year where it is not this one.
func (v *rulesPage) moment(r *rule.Rule, t time.Time) string {
	if t.IsZero() {
		return v.lang.T("rules.open_end")
	}
	loc, err := time.LoadLocation(r.Zone)
	if err != nil {
		loc = time.UTC
	}
	t = t.In(loc)
	if t.Year() != v.now.In(loc).Year() {
		return strconv.Itoa(t.Year()) + ", " + v.lang.DateClock(t)
	}
	return v.lang.DateClock(t)
}

func (p *People) preset(w http.ResponseWriter, r *http.Request) error {
	name := r.PostFormValue("name")
	rules, err := rule.Preset(name)
	if err != nil {
		return err
	}
	d := done{to: "/rules", toast: web.Toast{Key: "rules.preset_taken"}}
	if err := p.write(r, "", d, func(ctx context.Context, tx *store.Tx) error { return rule.Apply(ctx, tx, rules) }); err != nil {
		return err
	}
	return web.Redirect(w, r, d.to, d.toast)
}

func (p *People) addRule(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.rulesPage(r, f)
	if err != nil {
		return err
	}
	loc, zone, err := p.zone(r.Context())
	if err != nil {
		return err
	}
	n := readRule(f, loc, v.now)
	n.Zone = zone
	d := done{to: "/rules", toast: web.Toast{Key: "rules.added"}}
	return p.submit(w, r, f, d, func(ctx context.Context, tx *store.Tx) error { return rule.Apply(ctx, tx, []rule.Rule{n}) }, v.page)
}

func readRule(f *web.Form, loc *time.Location, now time.Time) rule.Rule {
	n := rule.Rule{Kind: rule.Kind(f.Value("kind")), Area: f.Value("area"), PassExempt: f.Bool("exempt"), Limit: f.Int("limit", 0, 1_000_000), Source: f.Required("source", maxText)}
	if n.Area == elsewhere {
		n.Area = f.Required("area_name", 100)
		if k, ok := area.Find(n.Area); ok {
			n.Area = k.Code
		}
	}
	if n.From = moment(f, "from", loc); n.From.IsZero() {
		n.From = now.Truncate(time.Minute)
	}
	n.To = moment(f, "to", loc)
	start, ok := f.Clock("start")
	end, okEnd := f.Clock("end")
	f.Check(ok == okEnd, "end", "rules.window_both")
	n.Start, n.End = int(start.Minutes()), int(end.Minutes())
	return n
}

// moment reads a day and a time of day; no day is the zero time, no time midnight.
func moment(f *web.Form, field string, loc *time.Location) time.Time {
	day := f.Date(field, loc)
	at, timed := f.Clock(field + "_clock")
	if day.IsZero() {
		f.Check(!timed, field, "rules.day_too")
		return time.Time{}
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 0, int(at.Minutes()), 0, 0, loc)
}

func (p *People) endRule(w http.ResponseWriter, r *http.Request) error {
	undo := "/rules/" + url.PathEscape(r.PathValue("id")) + "/restore"
	return p.setEnded(w, r, true, web.Toast{Key: "rules.was_ended", Undo: undo})
}

func (p *People) restoreRule(w http.ResponseWriter, r *http.Request) error {
	return p.setEnded(w, r, false, web.Toast{Key: "web.undone"})
}

func (p *People) setEnded(w http.ResponseWriter, r *http.Request, ended bool, toast web.Toast) error {
	d := done{to: "/rules", toast: toast}
	return p.act(w, r, d, func(ctx context.Context, tx *store.Tx, rid id.ID) error {
		n, err := rule.Record.Get(ctx, tx, rid)
		if err != nil {
			return err
		}
		n.Ended = ended
		return rule.Apply(ctx, tx, []rule.Rule{*n})
	})
}
