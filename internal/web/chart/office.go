package chart

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/dispatch/way"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// Office is the page that shows where what waits lies, who is out, and what is closed. It shows of a household what the
// board shows: where it is and what it needs.
type Office struct {
	chart *Chart
	db    *store.DB
	waits *request.Live
	ways  dispatch.Ways
}

// NewOffice returns the map page of a centre's database.
func NewOffice(c *Chart, db *store.DB, waits *request.Live, ways dispatch.Ways) *Office {
	return &Office{c, db, waits, ways}
}

// Routes lists the page with who may use it: those who may see the board.
func (o *Office) Routes() []web.Route {
	see := web.Roles(account.Operator | account.Coordinator | account.Dispatcher)
	return []web.Route{{Pattern: "GET /map", Allow: see, Handle: o.page}}
}

// How many requests the map shows, and how many of them stand in the table beside it: the most urgent.
const (
	mostPins = 300
	mostRows = 60
)

type officePage struct {
	lang    i18n.Lang
	now     time.Time
	band    request.Band
	survey  *request.Survey
	rows    []request.Row // that have a place
	figure  Figure
	out     []run.State
	closed  []string // zones and other rules that have no place on a map, in words
	noPlace int      // of all that waits, not only of what is drawn
}

func (o *Office) page(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	c, err := centre.Get(ctx, o.db)
	if err != nil {
		return err
	}
	p := officePage{lang: web.Lang(r), now: o.db.Now().In(c.Location())}
	if b := request.Band(r.URL.Query().Get("urgency")); slices.Contains(request.Bands(), b) {
		p.band = b
	}
	if err := o.requests(ctx, &p); err != nil {
		return err
	}
	if err := o.runs(ctx, &p, c); err != nil {
		return err
	}
	if err := o.zones(ctx, &p, c); err != nil {
		return err
	}
	if c.Lat != 0 || c.Lon != 0 {
		p.figure.Pins = append(p.figure.Pins, Pin{ID: "home", Lat: c.Lat, Lon: c.Lon, Say: c.Name, Tone: "home"})
	}
	p.figure.ID, p.figure.From = "map", p.href(p.band)
	p.figure.Says = p.lang.T("chart.says", "n", len(p.rows), "runs", len(p.out), "zones", len(p.figure.Zones))
	p.figure = o.chart.Draw(p.lang, p.figure)
	return web.Render(w, r, web.Page{Title: p.lang.T("chart.title"), Nav: "board", Body: p.body(), Wide: true, Load: Load(), Help: p.lang.T("chart.help")})
}

// requests puts what is open, and has a place, on the map.
func (o *Office) requests(ctx context.Context, p *officePage) error {
	weighed, err := o.waits.Backlog(ctx)
	if err != nil {
		return err
	}
	if p.survey, err = weighed.Survey(ctx, o.db, request.Filter{View: "open", Band: p.band, Limit: mostPins}); err != nil {
		return err
	}
	unplaced, err := weighed.Survey(ctx, o.db, request.Filter{View: "noplace", Band: p.band})
	if err != nil {
		return err
	}
	p.noPlace = unplaced.Found
	for _, row := range p.survey.Rows {
		if !row.Placed {
			continue
		}
		h, err := household.Kind.Get(ctx, o.db, row.Household.ID)
		if err != nil {
			return err
		}
		p.rows = append(p.rows, row)
		p.figure.Pins = append(p.figure.Pins, Pin{ID: row.ID.String(), Lat: h.Where.Lat, Lon: h.Where.Lon,
			Say: p.say(row), Href: "/requests/" + row.ID.String(), Tone: tone(row), Open: row.Planned == 0 && row.Verified == "" && !row.Decided,
			Post: h.Post, Rough: h.Where.Rough})
	}
	return nil
}

// tone is that of a request's urgency, or that somebody is on the way.
func tone(row request.Row) string {
	switch b := request.BandOf(row.Points); {
	case row.Planned > 0 && row.Open == 0:
		return "info"
	case b == request.Now:
		return "urgent"
	case b == request.Soon:
		return "wait"
	}
	return "accent"
}

// say is a request in a line: its number, what it needs and how it stands.
func (p *officePage) say(row request.Row) string {
	return row.Ref.String() + " · " + p.whats(row) + " · " + p.status(row)
}

func (p *officePage) whats(row request.Row) string {
	out := make([]string, 0, len(row.Whats))
	for _, w := range row.Whats {
		out = append(out, p.lang.T("what."+string(w))) // i18n: what.*
	}
	return strings.Join(out, ", ")
}

func (p *officePage) status(row request.Row) string {
	switch {
	case row.Planned > 0:
		return p.lang.T("desk.status_planned")
	case row.Verified == "" && !row.Decided:
		return p.lang.T("desk.status_unchecked")
	}
	return p.lang.T("desk.status_ready")
}

// stands is the tone of how a request stands, as on the board.
func stands(row request.Row) web.Tone {
	switch {
	case row.Planned > 0:
		return web.ToneInfo
	case row.Verified == "" && !row.Decided:
		return web.ToneWait
	}
	return web.ToneAccent
}

// runs draws who is out, or should be, by the stops in their order, around what is closed to the crew then.
func (o *Office) runs(ctx context.Context, p *officePage, c *centre.Centre) error {
	all, err := run.Unfinished(ctx, o.db)
	if err != nil {
		return err
	}
	known := map[string]*way.Paths{} // by day and pass
	for _, s := range all {
		if s.Day != p.now.Format(time.DateOnly) && !s.UnderWay() {
			continue
		}
		doors, err := o.doors(ctx, &s, c)
		if err != nil {
			return err
		}
		paths, err := o.paths(ctx, &s, c, known)
		if err != nil {
			return err
		}
		t := "info"
		if s.UnderWay() && p.now.After(s.Due(midnight(&s, c))) {
			t = "urgent"
		}
		p.out = append(p.out, s)
		p.figure.Lines = append(p.figure.Lines, Line{Points: paths.Line(doors), Text: strconv.Itoa(s.CrewNo), Tone: t})
	}
	return nil
}

// doors are the centre and the stops of a run that have a place.
func (o *Office) doors(ctx context.Context, s *run.State, c *centre.Centre) ([]way.Visit, error) {
	out := []way.Visit{{Point: household.Point{Lat: c.Lat, Lon: c.Lon}, Leave: s.Depart}}
	for _, st := range s.Stops {
		q, err := request.Kind.Get(ctx, o.db, st.Request)
		if err != nil {
			return nil, err
		}
		h, err := household.Kind.Get(ctx, o.db, q.Household.ID)
		if err != nil {
			return nil, err
		}
		if h.Where != nil {
			out = append(out, way.Visit{Point: *h.Where, Leave: st.Leave})
		}
	}
	return out, nil
}

// paths are the ways of a run's day for its crew.
func (o *Office) paths(ctx context.Context, s *run.State, c *centre.Centre, known map[string]*way.Paths) (*way.Paths, error) {
	cr, err := crew.Kind.Get(ctx, o.db, s.Crew)
	if err != nil {
		return nil, err
	}
	pass := cr.Pass != ""
	key := s.Day + strconv.FormatBool(pass)
	if p, ok := known[key]; ok {
		return p, nil
	}
	day := midnight(s, c)
	rules, err := rule.Between(ctx, o.db, day, day.AddDate(0, 0, 2))
	if err != nil {
		return nil, err
	}
	known[key] = way.On(dispatch.Network(o.ways), day, rule.Zones(rules, dispatch.Areas(c), pass, day, day.AddDate(0, 0, 2)))
	return known[key], nil
}

func midnight(s *run.State, c *centre.Centre) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, s.Day, c.Location())
	if err != nil {
		return time.Time{} // a day that no run can have
	}
	return day
}

// zones draws what the rules close now, or within a day.
func (o *Office) zones(ctx context.Context, p *officePage, c *centre.Centre) error {
	rules, err := rule.Between(ctx, o.db, p.now, p.now.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	for _, rl := range rules {
		words := rl.Kind.Name(p.lang) + " · " + rule.AreaName(p.lang, rl.Area)
		if w := rl.Window(); w != "" {
			words += " · " + w
		}
		if rl.Kind != rule.ClosedZone || len(rl.Polygon) == 0 {
			if bound := dispatch.Areas(c); rl.Kind != rule.Exemption && (len(bound) == 0 || rl.Area == "" || slices.Contains(bound, rl.Area)) {
				p.closed = append(p.closed, words)
			}
			continue
		}
		z := Zone{Points: rl.Polygon, Say: words, Tone: "wait"}
		if !rl.From.After(p.now) {
			z.Tone = "urgent"
		}
		p.figure.Zones = append(p.figure.Zones, z)
	}
	return nil
}

func (p *officePage) href(b request.Band) string {
	if b == "" {
		return "/map"
	}
	return "/map?urgency=" + string(b)
}

// bandWord is a choice of urgency.
func (p *officePage) bandWord(b request.Band) string { return p.lang.T("board.urgency_" + string(b)) } // i18n: board.urgency_*

func itoa(n int) string { return strconv.Itoa(n) }

// boardHref is the board's view of what has no place, of the urgency that the map shows.
func (p *officePage) boardHref() string {
	if p.band == "" {
		return "/board?view=noplace"
	}
	return "/board?view=noplace&urgency=" + string(p.band)
}
