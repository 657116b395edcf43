package links

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// mostErasures is how many a page shows: what is open comes first.
const mostErasures = 200

// erasuresPage is what was erased and others had too, and who has confirmed it.
type erasuresPage struct {
	page
	known  []store.Centre
	pleas  []exchange.Plea // what was asked for, and is not done
	behind []exchange.Behind
	rows   []erasureRow
	more   int // older ones that are not shown
}

// erasureRow is one erasure; the refs are of its requests, for nothing else tells it apart that names nobody.
type erasureRow struct {
	exchange.Erasure
	Refs []id.Ref
	Who  string // the centre that has the records; "" where it is ours
}

func (l *Links) erasures(w http.ResponseWriter, r *http.Request) error {
	base, err := l.page(r, "/links/erasures", web.NewForm(r))
	if err != nil {
		return err
	}
	all, err := exchange.Erasures(r.Context(), l.db)
	if err != nil {
		return err
	}
	p := &erasuresPage{page: base, behind: exchange.BehindOf(all, time.Time{})}
	if p.known, err = store.Centres(r.Context(), l.db); err != nil {
		return err
	}
	if p.pleas, err = exchange.Pleas(r.Context(), l.db); err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b exchange.Erasure) int { return open(b) - open(a) }) // within them the newest stays first
	if len(all) > mostErasures {
		all, p.more = all[:mostErasures], len(all)-mostErasures
	}
	for _, e := range all {
		row, err := l.erasureRow(r, e)
		if err != nil {
			return err
		}
		if e.By != l.db.Centre() {
			row.Who = p.named(e.By)
		}
		p.rows = append(p.rows, row)
	}
	return web.Render(w, r, web.Page{Title: p.lang.T("erasures.title"), Nav: "links", Body: p.body(), Help: p.lang.T("erasures.help")})
}

func open(e exchange.Erasure) int { return min(len(e.Missing()), 1) }

func (l *Links) erasureRow(r *http.Request, e exchange.Erasure) (erasureRow, error) {
	row := erasureRow{Erasure: e}
	for _, rec := range e.Records {
		of := []request.ID{{ID: rec.ID}}
		if rec.Kind == household.Kind.Name() {
			var err error
			if of, err = request.OfHousehold(r.Context(), l.db, household.ID{ID: rec.ID}); err != nil {
				return row, err
			}
		} else if rec.Kind != request.Kind.Name() {
			continue
		}
		for _, rid := range of {
			q, err := request.Kind.Get(r.Context(), l.db, rid.ID)
			if err != nil && !errs.Is(err, errs.NotFound) {
				return row, err
			}
			if err == nil && q.Ref != "" && !slices.Contains(row.Refs, q.Ref) {
				row.Refs = append(row.Refs, q.Ref)
			}
		}
	}
	return row, nil
}

// named is a centre's name as it is known here.
func (p *erasuresPage) named(c id.ID) string {
	for _, k := range p.known {
		if id.ID(k.Centre) == c {
			return k.Name
		}
	}
	return p.lang.T("network.unknown")
}

// Refs are the numbers of a plea's requests.
func Refs(all []id.Ref) string {
	out := make([]string, 0, len(all))
	for _, r := range all {
		out = append(out, r.String())
	}
	return strings.Join(out, ", ")
}

// PleaWords say why a person is asked whether a household is to be forgotten, and what happens where nobody answers.
func PleaWords(lang i18n.Lang, p exchange.Plea) []string {
	switch {
	case p.Newer:
		return []string{lang.T("plea.newer"), lang.T("plea.why_newer")}
	case len(p.Open) > 0:
		return []string{lang.T("plea.why")}
	}
	return []string{lang.T("plea.soon")}
}

// holder names a centre.
func (p *erasuresPage) holder(h exchange.Holder) string {
	switch {
	case h.Ours:
		return p.lang.T("links.ours")
	case h.Name == "":
		return p.lang.T("network.unknown")
	}
	return h.Name
}

// day is a day, with its year where that is not this one.
func (p *erasuresPage) day(at time.Time) string {
	return ErasedDay(p.lang, p.now(), at.In(p.zone))
}

// ErasedDay is a day in words, with its year in figures where that is not this one.
func ErasedDay(lang i18n.Lang, now, at time.Time) string {
	if now.Year() != at.Year() {
		return at.Format(time.DateOnly)
	}
	return lang.Date(at)
}

// Silent says as of when a centre is known that has not confirmed.
func Silent(lang i18n.Lang, now time.Time, heard time.Time) string {
	if heard.IsZero() {
		return lang.T("erasures.never_heard")
	}
	return lang.T("erasures.silent", "at", ErasedDay(lang, now, heard.In(now.Location())))
}

// BehindWords says which centre has not confirmed, how much, and since when it is silent.
func BehindWords(lang i18n.Lang, now time.Time, b exchange.Behind) string {
	name := b.Name
	if name == "" {
		name = lang.T("network.unknown")
	}
	return lang.T("erasures.behind", "centre", name, "n", b.Erasures, "heard", Silent(lang, now, b.Heard))
}
