package desk

import (
	"net/http"
	"time"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/web"
)

// minePage is what became of the calls that the viewer took: whoever took a call sees it close.
type minePage struct {
	lang   i18n.Lang
	loc    *time.Location
	now    time.Time
	closed []mineRow // the last closed first
	open   []mineRow // the longest waiting first
}

type mineRow struct {
	request.Row

	closed time.Time
	status request.Status // of what was closed last
}

// mineFor is how far back the page goes.
const mineFor = 7 * 24 * time.Hour

func (d *Desk) mine(w http.ResponseWriter, r *http.Request) error {
	c, _, err := d.today(r.Context())
	if err != nil {
		return err
	}
	p := minePage{lang: web.Lang(r), loc: c.Location(), now: d.db.Now()}
	taken, err := request.TakenBy(r.Context(), d.db, web.Actor(r), p.now.Add(-mineFor))
	if err != nil {
		return err
	}
	ids := make([]request.ID, 0, len(taken))
	for _, t := range taken {
		ids = append(ids, t.ID)
	}
	rows, err := request.Rows(r.Context(), d.db, ids, p.now)
	if err != nil {
		return err
	}
	became := map[request.ID]request.Became{}
	for _, t := range taken {
		became[t.ID] = t
	}
	for _, row := range rows {
		m := mineRow{Row: row, closed: became[row.ID].Closed, status: became[row.ID].Last}
		if row.Open == 0 && row.Planned == 0 {
			p.closed = append(p.closed, m)
		} else {
			p.open = append(p.open, m)
		}
	}
	return web.Render(w, r, web.Page{Title: p.lang.T("mine.title"), Nav: "board", Body: p.body(), Help: p.lang.T("mine.help")})
}
