package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/chart"
)

// maxLeft is how many of what is not planned the page lists, the most urgent first.
const maxLeft = 150

// page is the plan of a day with what is chosen on it.
type page struct {
	lang       i18n.Lang
	form       *web.Form
	day, today time.Time
	t          *dispatch.Timetable
	task       *task
	failed     string           // why the last plan was not made
	names      map[id.ID]string // of accounts that changed it
	run        int              // the chosen crew's place in t.Runs, or -1
	panel      *panel           // nil: no stop is chosen
	axis       axis
	reason     string      // the reason whose rows are shown; "" all
	issued     []run.State // of the day, but those called off
	ground     *chart.Chart
	ways       dispatch.Ways
	keeper     bool             // may say where the centre stands
	clashes    []dispatch.Clash // runs that are out, and that a rule is in the way of now
}

// panel is one stop with its places.
type panel struct {
	stop    *dispatch.Stop
	run, at int // where it is, from 0; -1 where in no run
	pinned  bool
	may     []dispatch.Offer // the best place with each crew that may take it, the cheapest first
	no      []refused        // crews that may not, with the reason
	offers  [][]dispatch.Offer
	trial   *dispatch.Trial // a place or a swap that was asked about
	put     string          // "4:3" of the trial
	with    *dispatch.Stop  // of the trial
}

type refused struct {
	crew int
	why  string
}

func (p *Plan) show(w http.ResponseWriter, r *http.Request) error {
	day, today, err := p.dayOf(r.Context(), r.URL.Query().Get("day"))
	if err != nil {
		return err
	}
	v, err := p.view(r, web.NewForm(r), day, today, r.URL.Query())
	if err != nil {
		return err
	}
	return web.Render(w, r, v.page())
}

func (v *page) page() web.Page {
	t := v.lang.T
	return web.Page{Title: t("nav.plan"), Nav: "plan", Body: v.body(), Wide: true, Help: t("plan.help"), Keys: []web.Key{
		{Keys: "J K", Does: t("plan.key.rows")}, {Keys: "Shift+← → ↑ ↓", Does: t("plan.key.move")}, {Keys: "Enter", Does: t("plan.key.confirm")},
		{Keys: "P", Does: t("plan.pin")}, {Keys: "X", Does: t("plan.remove")}, {Keys: "U", Does: t("plan.undo")}, {Keys: "Ctrl+Enter", Does: t("plan.issue")},
	}, Load: []string{"plan.js"}}
}

// again is the page after something was refused, with what stands in form f.
func (p *Plan) again(r *http.Request, f *web.Form, day time.Time) web.Page {
	return p.againWith(r, f, day, dispatch.Change{})
}

func (p *Plan) againWith(r *http.Request, f *web.Form, day time.Time, c dispatch.Change) web.Page {
	q := url.Values{}
	if !c.Stop.IsZero() {
		q.Set("stop", c.Stop.String())
	}
	switch c.Op {
	case dispatch.OpMove:
		crew, at, _ := strings.Cut(f.Value("put"), ":")
		q.Set("to", crew)
		q.Set("at", at)
	case dispatch.OpSwap:
		q.Set("with", c.With.String())
	}
	_, today, err := p.dayOf(r.Context(), "")
	if err == nil {
		var v *page
		if v, err = p.view(r, f, day, today, q); err == nil {
			return v.page()
		}
	}
	return web.Page{Title: f.Lang.T("nav.plan"), Nav: "plan", Body: web.Empty(web.Say(f.Lang, err, ""), "")}
}

func (p *Plan) view(r *http.Request, f *web.Form, day, today time.Time, q url.Values) (*page, error) {
	v := &page{lang: f.Lang, form: f, day: day, today: today, names: map[id.ID]string{}, ground: p.Map, ways: p.ways, keeper: web.ViewerOf(r).Roles.Any(account.Keepers)}
	var err error
	var failed error
	if v.task, failed = p.running(day.Format(time.DateOnly)); failed != nil {
		v.failed = web.Say(f.Lang, failed, "")
	}
	if v.t, err = p.table(r.Context(), day); err != nil {
		return nil, err
	}
	if v.clashes, err = dispatch.Clashes(r.Context(), p.db, v.t.Now); err != nil {
		return nil, err
	}
	if v.issued, err = run.OfDay(r.Context(), p.db, day.Format(time.DateOnly)); err != nil {
		return nil, err
	}
	v.issued = slices.DeleteFunc(v.issued, func(s run.State) bool { return s.Step == run.Void })
	v.axis = axisOf(v.t)
	v.choose(q)
	if why := q.Get("why"); slices.ContainsFunc(v.groups(), func(g group) bool { return g.code == why }) {
		v.reason = why
	}
	who := []id.ID{v.t.Draft.By}
	for _, l := range v.t.Left {
		who = append(who, l.By)
	}
	for _, a := range who {
		if _, ok := v.names[a]; ok || a.IsZero() {
			continue
		}
		acc, err := account.Get(r.Context(), p.db, account.ID{ID: a})
		if err != nil {
			return nil, err
		}
		v.names[a] = string(acc.Name)
	}
	return v, nil
}

// choose finds what the address names: stop=…, crew=4; to=4&at=3 or with=… ask what that would cost.
func (v *page) choose(q url.Values) {
	n, _ := strconv.Atoi(q.Get("crew"))
	v.run = runOf(v.t, n)
	if stop, err := id.Parse(q.Get("stop")); err == nil {
		v.panel = v.panelOf(stop)
	}
	if v.panel != nil && v.panel.run >= 0 && v.run < 0 {
		v.run = v.panel.run
	}
	if v.run < 0 {
		v.run = slices.IndexFunc(v.t.Runs, func(r dispatch.Timed) bool { return len(r.Stops) > 0 })
	}
	if v.panel == nil {
		return
	}
	c := dispatch.Change{Stop: v.panel.stop.Request.ID.ID}
	if with, err := id.Parse(q.Get("with")); err == nil {
		c.Op, c.With = dispatch.OpSwap, with
		v.panel.with, _ = v.t.Stop(with)
	} else if to, err := strconv.Atoi(q.Get("to")); err == nil && runOf(v.t, to) >= 0 {
		at, _ := strconv.Atoi(q.Get("at"))
		run := v.t.Runs[runOf(v.t, to)]
		at = min(max(at, 1), len(v.panel.offers[runOf(v.t, to)]))
		c.Op, c.Crew, c.At = dispatch.OpMove, run.Crew.ID.ID, at-1
		v.panel.put = strconv.Itoa(to) + ":" + strconv.Itoa(at)
	} else {
		return
	}
	if tr, err := v.t.Try(c); err == nil {
		v.panel.trial = &tr
	}
}

func (v *page) panelOf(stop id.ID) *panel {
	s, ok := v.t.Stop(stop)
	if !ok {
		return nil
	}
	p := &panel{stop: s, run: -1, at: -1, offers: v.t.Offers(stop)}
	for i := range v.t.Runs {
		for k, d := range v.t.Runs[i].Stops {
			if d.Request == stop {
				p.run, p.at, p.pinned = i, k, d.Pinned
			}
		}
	}
	for i, offers := range p.offers {
		best, ok := dispatch.Best(offers)
		if !ok {
			continue
		}
		if len(best.No) == 0 {
			p.may = append(p.may, best)
			continue
		}
		run := v.t.Runs[i]
		tr, err := v.t.Try(dispatch.Change{Op: dispatch.OpMove, Stop: stop, Crew: run.Crew.ID.ID, At: best.At})
		if err == nil && len(tr.No) > 0 {
			p.no = append(p.no, refused{run.Crew.Number, tr.No[0].Text(v.lang)})
		}
	}
	slices.SortStableFunc(p.may, func(a, b dispatch.Offer) int { return cmp.Compare(a.Cost.Seconds, b.Cost.Seconds) })
	return p
}

// offer is a place as the script of the page knows it.
type offer struct {
	Crew int     `json:"crew"`
	At   int     `json:"at"` // from 1
	X    float64 `json:"x"`  // on the axis, in percent
	Say  string  `json:"say"`
	OK   bool    `json:"ok"`
	Here bool    `json:"here"`
}

// offersJSON is every place of the chosen stop with its cost in words, for the keys and the mouse.
func (v *page) offersJSON() (string, error) {
	var out []offer
	for i, offers := range v.panel.offers {
		for _, o := range offers {
			n := v.t.Runs[i].Crew.Number
			w := offer{Crew: n, At: o.At + 1, X: v.axis.percent(v.gap(i, o.At)), OK: len(o.No) == 0, Here: o.Here, Say: v.offerWords(o)}
			if !w.OK {
				w.Say = v.lang.T("plan.refused") + " " + o.No[0].Text(v.lang)
			}
			out = append(out, w)
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return "", fmt.Errorf("write offers: %w", err)
	}
	return string(b), nil
}

// gap is the middle of the way to a place of a run, as the run stands without the chosen stop.
func (v *page) gap(run, at int) int32 {
	r := &v.t.Runs[run]
	if len(r.Stops) == 0 {
		return v.axis.from + (v.axis.to-v.axis.from)/10
	}
	left, right := r.Route.Depart, r.Route.Back
	k := 0
	for i, s := range r.Times() {
		if r.Stops[i].Request == v.panel.stop.Request.ID.ID {
			continue
		}
		if k < at {
			left = s.Leave
		} else {
			right = s.Arrive
			break
		}
		k++
	}
	return left + (right-left)/2
}

func (v *page) offerWords(o dispatch.Offer) string {
	n := v.t.Runs[o.Run].Crew.Number
	if o.Here {
		return v.lang.T("plan.offer_here", "crew", n, "n", o.At+1)
	}
	return v.lang.T("plan.offer", "crew", n, "n", o.At+1, "cost", v.cost(o.Cost), "back", v.t.Clock(o.Back))
}

// cost writes what a change adds: "+6 min, +2.1 km".
func (v *page) cost(c dispatch.Cost) string {
	minutes := (int(c.Seconds) + sign(int(c.Seconds))*30) / 60
	km := fmt.Sprintf("%+.1f", float64(c.Metres)/1000)
	if v.lang != i18n.EN {
		km = strings.Replace(km, ".", ",", 1)
	}
	return v.lang.T("plan.cost", "min", strings.Replace(fmt.Sprintf("%+d", minutes), "-", "−", 1), "km", strings.Replace(km, "-", "−", 1))
}

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}

func (v *page) crewWord(n int) string { return v.lang.T("plan.crew_n", "n", n) }

func (v *page) url(crew int, stop id.ID) templ.SafeURL {
	c, s := "", ""
	if crew > 0 {
		c = strconv.Itoa(crew)
	}
	if !stop.IsZero() {
		s = stop.String()
	}
	return templ.SafeURL(here(v.day, c, s))
}

func (v *page) dayURL(add int) templ.SafeURL {
	return templ.SafeURL(here(v.day.AddDate(0, 0, add), "", ""))
}

func (v *page) version() string { return strconv.FormatInt(v.t.Draft.Version, 10) }

func (v *page) date() string { return v.day.Format(time.DateOnly) }

// sum is the plan in a line.
func (v *page) sum() string {
	stops, runs := v.t.Planned()
	return v.lang.T("plan.sum", "stops", stops, "runs", runs, "left", len(v.t.Left))
}

// last says who changed the plan last, and how.
func (v *page) last() string {
	d := v.t.Draft
	if d.Version == 0 {
		return ""
	}
	return v.lang.T("plan.last", "at", v.lang.Clock(d.At.In(v.day.Location())), "name", cmp.Or(v.names[d.By], "—"), "what", v.lang.T("plan.op."+d.Op)) // i18n: plan.op.*
}

// why says why something is not planned.
func (v *page) why(u dispatch.Refusal) string {
	if name := v.names[u.By]; name != "" {
		return v.lang.T("plan.taken_out_by", "name", name)
	}
	return u.Text(v.lang)
}

// slack says how long before it must be the crew is home.
func (v *page) slack(r *dispatch.Timed) string {
	if r.End.Why != "rule" && r.End.Why != "shift" {
		return ""
	}
	return v.lang.T("plan.slack."+r.End.Why, "span", v.lang.Span(time.Duration(r.End.Left)*time.Second)) // i18n: plan.slack.*
}

// when is the window that the stop's needs leave, as people write it.
func (v *page) when(s *dispatch.Stop) string {
	after, before := 0, 0
	for _, n := range s.Needs {
		after = max(after, n.After)
		if n.Before > 0 && (before == 0 || n.Before < before) {
			before = n.Before
		}
	}
	if after == 0 && before == 0 {
		return ""
	}
	clock := func(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }
	switch {
	case before == 0:
		return clock(after) + "–"
	case after == 0:
		return "–" + clock(before)
	}
	return clock(after) + "–" + clock(before)
}

func (v *page) needs(needs []request.Need) string {
	out := make([]string, 0, len(needs))
	for _, n := range needs {
		out = append(out, v.lang.T("what."+string(n.What))+" × "+strconv.Itoa(n.Count)) // i18n: what.*
	}
	return strings.Join(out, ", ")
}

func (v *page) km(metres int64) string {
	return v.lang.T("plan.scale", "km", strconv.FormatInt((metres+500)/1000, 10))
}

// takes reports whether a crew takes part.
func (v *page) takes(crew id.ID) bool { return slices.Contains(v.t.Draft.Crews, crew) }

func itoa(n int) string { return strconv.Itoa(n) }

func (v *page) putOf(o dispatch.Offer) string {
	return itoa(v.t.Runs[o.Run].Crew.Number) + ":" + itoa(o.At+1)
}
