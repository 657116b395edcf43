package desk

import (
	"cmp"
	"database/sql"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/web"
)

func itoa(n int) string { return strconv.Itoa(n) }

func scanString(row *sql.Rows, s *string) error { return row.Scan(s) }

// maxBoard is how many rows one view shows, the most urgent.
const maxBoard = 200

type boardPage struct {
	lang   i18n.Lang
	find   *where.Finder
	loc    *time.Location
	now    time.Time
	filter request.Filter
	search string
	since  time.Time // rows of requests taken after it stand above the line
	fresh  []request.Row
	rows   []request.Row
	survey *request.Survey
	top    boardTop
	own    []ownChoice
	form   *web.Form // of a view to be kept
}

func (d *Desk) board(w http.ResponseWriter, r *http.Request) error {
	own, err := request.OwnViews(r.Context(), d.db, web.Actor(r))
	if err != nil {
		return err
	}
	if to := opening(r.URL.Query(), own); to != "" {
		return web.See(w, r, to)
	}
	page, err := d.boardPage(r, filterOf(r.URL.Query()), web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, page)
}

func (d *Desk) boardPage(r *http.Request, filter request.Filter, f *web.Form) (page web.Page, err error) {
	p := boardPage{lang: web.Lang(r), now: d.db.Now(), filter: filter, form: f, find: d.Find}
	p.since = p.now
	if ms, err := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64); err == nil && ms > 0 {
		p.since = time.UnixMilli(ms)
	}
	weighed, err := d.waits.Backlog(r.Context())
	if err != nil {
		return page, err
	}
	if p.survey, err = weighed.Survey(r.Context(), d.db, p.filter); err != nil {
		return page, err
	}
	p.split(p.survey.Rows)
	own, err := request.OwnViews(r.Context(), d.db, web.Actor(r))
	if err != nil {
		return page, err
	}
	p.ownViews(own, weighed)
	if p.top, p.loc, err = d.boardTop(r); err != nil {
		return page, err
	}
	return web.Page{Title: p.lang.T("nav.board"), Nav: "board", Body: p.body(), Wide: true, Keys: []web.Key{{Keys: "H", Does: p.lang.T("board.key_heard")}}, Help: p.lang.T("board.help")}, nil
}

// filterOf reads what the address says; what it does not know is left out.
func filterOf(q url.Values) request.Filter {
	f := request.Filter{View: q.Get("view"), Area: q.Get("area"), Band: request.Band(q.Get("urgency")), Age: request.Age(q.Get("age")), Limit: maxBoard}
	if !slices.Contains(request.Views(), f.View) {
		f.View = "open"
	}
	if !slices.Contains(request.Bands(), f.Band) {
		f.Band = ""
	}
	if !slices.Contains(request.Ages(), f.Age) {
		f.Age = ""
	}
	return f
}

// split puts what was taken since the page was opened above the line, the newest first.
func (p *boardPage) split(rows []request.Row) {
	for _, row := range rows {
		if row.At.After(p.since) && p.filter.View != "done" {
			p.fresh = append(p.fresh, row)
		} else {
			p.rows = append(p.rows, row)
		}
	}
	slices.SortStableFunc(p.fresh, func(a, b request.Row) int { return b.At.Compare(a.At) })
}

// href is the board with one choice changed; "" takes a choice away.
func (p boardPage) href(name, value string) string {
	q := url.Values{}
	for k, v := range map[string]string{"view": p.filter.View, "area": p.filter.Area, "urgency": string(p.filter.Band), "age": string(p.filter.Age), name: value} {
		if v != "" {
			q.Set(k, v)
		}
	}
	return "/board?" + q.Encode()
}

// live is where the open page asks again: the same choices, and since when it is open.
func (p boardPage) live() string {
	return p.href("since", strconv.FormatInt(p.since.UnixMilli(), 10))
}

// choice is one value of a filter with how many requests it would show.
type choice struct {
	label, href string
	count       int
	here        bool
}

func (p boardPage) bands() []choice {
	out := make([]choice, 0, len(request.Bands()))
	for _, b := range request.Bands() {
		out = append(out, p.choice("urgency", string(b), string(p.filter.Band), p.lang.T("board.urgency_"+string(b)), p.survey.Bands[b])) // i18n: board.urgency_*
	}
	return out
}

func (p boardPage) ages() []choice {
	out := make([]choice, 0, len(request.Ages()))
	for _, a := range request.Ages() {
		out = append(out, p.choice("age", string(a), string(p.filter.Age), p.lang.T("board.age_"+string(a)), p.survey.Ages[a])) // i18n: board.age_*
	}
	return out
}

// areas are the districts in the order of their names: none stands above another. Last those of whom nobody knows it.
func (p boardPage) areas() []choice {
	var out []choice
	for _, a := range slices.Sorted(maps.Keys(p.survey.Areas)) {
		if a != "" {
			out = append(out, p.choice("area", a, p.filter.Area, p.find.AreaName(p.lang, a), p.survey.Areas[a]))
		}
	}
	if n := p.survey.Areas[""]; n > 0 && len(out) > 0 || p.filter.Area == request.NoArea {
		out = append(out, p.choice("area", request.NoArea, p.filter.Area, p.lang.T("board.area_none"), n))
	}
	return out
}

// choice leads to its value; the one that is chosen leads back to all.
func (p boardPage) choice(name, value, now, label string, count int) choice {
	c := choice{label: label, count: count, here: value == now, href: p.href(name, value)}
	if c.here {
		c.href = p.href(name, "")
	}
	return c
}

func (p boardPage) waits(row request.Row) time.Duration { return p.now.Sub(row.At) }

func (d *Desk) search(w http.ResponseWriter, r *http.Request) error {
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if ref, err := id.ParseRef(q); err == nil {
		if found, err := request.ByRef(r.Context(), d.db, ref); err == nil {
			return web.See(w, r, "/requests/"+found.ID.String())
		}
	}
	p := boardPage{lang: web.Lang(r), now: d.db.Now(), search: cmp.Or(q, "—"), survey: &request.Survey{}}
	ids, err := household.Find(r.Context(), d.db, q, 50)
	if err != nil {
		return err
	}
	if ids, err = d.soundsLike(r, q, ids); err != nil {
		return err
	}
	if len(ids) > 0 {
		p.rows, err = request.Board(r.Context(), d.db, request.Filter{Households: ids, Limit: maxBoard, Now: p.now})
		if err != nil {
			return err
		}
		slices.SortStableFunc(p.rows, func(a, b request.Row) int { return b.At.Compare(a.At) })
	}
	return web.Render(w, r, web.Page{Title: p.lang.T("desk.found"), Nav: "board", Body: p.found(), Wide: true})
}

// soundsLike adds those whose name sounds like what was typed, in whatever script either is written.
func (d *Desk) soundsLike(r *http.Request, text string, ids []household.ID) ([]household.ID, error) {
	if !strings.ContainsFunc(text, unicode.IsLetter) {
		return ids, nil
	}
	more, err := d.register.Named(r.Context(), text, maxNamed)
	for _, h := range more {
		if len(ids) < maxFound && !slices.Contains(ids, h) {
			ids = append(ids, h)
		}
	}
	return ids, err
}

// maxNamed is how many households a name may find, maxFound how many are looked at in all.
const (
	maxNamed = 20
	maxFound = 50
)
