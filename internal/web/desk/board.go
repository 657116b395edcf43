package desk

import (
	"database/sql"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

func itoa(n int) string { return strconv.Itoa(n) }

func scanString(row *sql.Rows, s *string) error { return row.Scan(s) }

// maxScored is how many rows are weighed for one view, maxBoard how many of the most urgent it shows.
const (
	maxScored = 3000
	maxBoard  = 300
)

type boardPage struct {
	lang i18n.Lang
	view string
	rows []boardRow
	out  []outRow
}

type boardRow struct {
	request.Row
	points int
	waits  time.Duration
}

// outRow is a crew that is out, or late.
type outRow struct {
	run.State
	due  time.Time
	late bool
}

var views = []string{"open", "unchecked", "noplace", "ready", "out", "done"}

func (d *Desk) board(w http.ResponseWriter, r *http.Request) error {
	p := boardPage{lang: web.Lang(r), view: r.URL.Query().Get("view")}
	if !slices.Contains(views, p.view) {
		p.view = "open"
	}
	rows, err := request.Board(r.Context(), d.db, request.Filter{View: p.view, Limit: maxScored})
	if err != nil {
		return err
	}
	if p.rows, err = d.score(r, rows); err != nil {
		return err
	}
	if p.out, err = d.out(r); err != nil {
		return err
	}
	return web.Render(w, r, web.Page{Title: p.lang.T("nav.board"), Nav: "board", Body: p.body(), Wide: true})
}

// score reckons urgency for the rows and puts the most urgent first.
func (d *Desk) score(r *http.Request, rows []request.Row) ([]boardRow, error) {
	now := d.db.Now()
	out := make([]boardRow, 0, len(rows))
	for _, row := range rows {
		h, err := household.Kind.Get(r.Context(), d.db, row.Household.ID)
		if err != nil {
			return nil, err
		}
		needs, err := request.Needs(r.Context(), d.db, row.ID)
		if err != nil {
			return nil, err
		}
		points, _ := request.Urgency(needs, h, now.Sub(row.At), row.Calls)
		out = append(out, boardRow{Row: row, points: points, waits: now.Sub(row.At)})
	}
	slices.SortStableFunc(out, func(a, b boardRow) int { return b.points - a.points })
	return out[:min(len(out), maxBoard)], nil
}

// out returns the runs that have not come home, those overdue first.
func (d *Desk) out(r *http.Request) ([]outRow, error) {
	c, _, err := d.today(r.Context())
	if err != nil {
		return nil, err
	}
	runs, err := run.Unfinished(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	var out []outRow
	for _, s := range runs {
		if !s.UnderWay() {
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, s.Day, c.Location())
		if err != nil {
			return nil, err
		}
		due := s.Due(day)
		out = append(out, outRow{State: s, due: due.In(c.Location()), late: d.db.Now().After(due)})
	}
	slices.SortStableFunc(out, func(a, b outRow) int { return a.due.Compare(b.due) })
	return out, nil
}

func (d *Desk) search(w http.ResponseWriter, r *http.Request) error {
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if ref, err := id.ParseRef(q); err == nil {
		if found, err := request.ByRef(r.Context(), d.db, ref); err == nil {
			return web.See(w, r, "/requests/"+found.ID.String())
		}
	}
	p := boardPage{lang: web.Lang(r), view: "search"}
	var ids []household.ID
	var err error
	if digits := contact.Digits(q); len(digits) >= 4 && len(digits) >= len(q)/2 {
		ids, err = store.All(r.Context(), d.db, scanHousehold, "SELECT DISTINCT household FROM household_phone WHERE tail LIKE '%'||$1 LIMIT 50", digits)
	} else if fold := contact.Fold(q); fold != "" {
		ids, err = store.All(r.Context(), d.db, scanHousehold,
			"SELECT id FROM household WHERE name_key LIKE '%'||$1||'%' OR address_key LIKE '%'||$1||'%' LIMIT 50", fold)
	}
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		rows, err := request.Board(r.Context(), d.db, request.Filter{Households: ids, Limit: maxBoard})
		if err != nil {
			return err
		}
		if p.rows, err = d.score(r, rows); err != nil {
			return err
		}
	}
	return web.Render(w, r, web.Page{Title: p.lang.T("desk.found"), Nav: "board", Body: p.body(), Wide: true})
}

func scanHousehold(row *sql.Rows, h *household.ID) error { return row.Scan(h) }

func boardHref(view string) string { return "/board?view=" + url.QueryEscape(view) }
