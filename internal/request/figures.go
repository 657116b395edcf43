package request

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// Small is the number below which who only reads numbers is told none: it could point to somebody.
const Small = 5

// Figures are how one centre stands, in what every centre may know of it: counts by kind, urgency, age and place. They
// name nobody, and are reckoned in the same way of our own centre and of others.
type Figures struct {
	Waiting int           `json:"waiting"` // requests of which something is on no run yet
	OnWay   int           `json:"on_way"`  // requests of which all that is not settled is on a run
	Done    int           `json:"done"`    // needs that were closed as delivered since the moment asked for
	Oldest  time.Time     `json:"oldest,omitzero"`
	Kinds   []KindFigure  `json:"kinds"`  // in the order in which kinds are offered
	Places  []PlaceFigure `json:"places"` // in the order of their names, the unknown last
	Bands   map[Band]int  `json:"urgency"`
	Ages    map[Age]int   `json:"age"` // of those that wait
}

// KindFigure is how many needs of one class stand open and on a run.
type KindFigure struct {
	Class   string `json:"kind"`
	Open    int    `json:"open"`
	Planned int    `json:"planned"`
}

// PlaceFigure is how many requests of one settlement, or of the rest of one district, wait and are on their way.
type PlaceFigure struct {
	District   string       `json:"place"`                // as the country's outlines name it, in Kazakh; "" where it is not known
	Settlement string       `json:"settlement,omitempty"` // in it; "" for all that may not be told or is not known
	Waiting    int          `json:"waiting"`
	OnWay      int          `json:"on_way"`
	Bands      map[Band]int `json:"urgency"` // of those that wait
}

// NewFigures returns figures of nothing.
func NewFigures() *Figures {
	return &Figures{Kinds: []KindFigure{}, Places: []PlaceFigure{}, Bands: map[Band]int{}, Ages: map[Age]int{}}
}

// Add adds another centre's figures.
func (f *Figures) Add(o *Figures) {
	f.Waiting, f.OnWay, f.Done = f.Waiting+o.Waiting, f.OnWay+o.OnWay, f.Done+o.Done
	if f.Oldest.IsZero() || !o.Oldest.IsZero() && o.Oldest.Before(f.Oldest) {
		f.Oldest = o.Oldest
	}
	for _, k := range o.Kinds {
		mine := f.kind(k.Class)
		mine.Open, mine.Planned = mine.Open+k.Open, mine.Planned+k.Planned
	}
	for _, p := range o.Places {
		mine := f.place(p.District, p.Settlement)
		mine.Waiting, mine.OnWay = mine.Waiting+p.Waiting, mine.OnWay+p.OnWay
		for b, n := range p.Bands {
			mine.Bands[b] += n
		}
	}
	for b, n := range o.Bands {
		f.Bands[b] += n
	}
	for a, n := range o.Ages {
		f.Ages[a] += n
	}
	f.sort()
}

func (f *Figures) kind(class string) *KindFigure {
	i := slices.IndexFunc(f.Kinds, func(k KindFigure) bool { return k.Class == class })
	if i < 0 {
		i, f.Kinds = len(f.Kinds), append(f.Kinds, KindFigure{Class: class})
	}
	return &f.Kinds[i]
}

func (f *Figures) place(district, settlement string) *PlaceFigure {
	i := slices.IndexFunc(f.Places, func(p PlaceFigure) bool { return p.District == district && p.Settlement == settlement })
	if i < 0 {
		i, f.Places = len(f.Places), append(f.Places, PlaceFigure{District: district, Settlement: settlement, Bands: map[Band]int{}})
	}
	return &f.Places[i]
}

// sort puts kinds and places into an order that says nothing of their numbers.
func (f *Figures) sort() {
	order := Classes()
	rank := func(class string) int {
		if i := slices.Index(order, class); i >= 0 {
			return i
		}
		return len(order) // of a newer program
	}
	slices.SortFunc(f.Kinds, func(a, b KindFigure) int {
		return cmp.Or(cmp.Compare(rank(a.Class), rank(b.Class)), strings.Compare(a.Class, b.Class))
	})
	slices.SortFunc(f.Places, func(a, b PlaceFigure) int {
		return cmp.Or(byName(a.District, b.District), byName(a.Settlement, b.Settlement))
	})
}

// byName compares names; what has none comes last.
func byName(a, b string) int {
	if (a == "") != (b == "") {
		return len(b) - len(a)
	}
	return strings.Compare(a, b)
}

// Classes returns what other centres may know of kinds, in the order in which kinds are offered.
func Classes() []string {
	var out []string
	for _, w := range Whats() {
		if !slices.Contains(out, w.Class()) {
			out = append(out, w.Class())
		}
	}
	return out
}

// heap is how many requests of one centre stand alike: as far as the rule of urgency can tell them apart.
type heap struct {
	owner      id.ID
	district   string
	settlement string
	open       bool
	points     int // of the most urgent class
	calls      int
	hours      int // waited; -1 where the request itself has not come
	n          int
	oldest     int64
}

// beyond these the rule of urgency counts no more, so that heaps need not be told apart.
const (
	mostCalls = 4
	mostHours = 48
)

// band is the rule of urgency as far as others can reckon it: by what is wanted, how long it waits and how often they called.
// Who lives there is not known elsewhere, and a medical need may be insulin: it counts as that.
func (h *heap) band() Band {
	return BandOf(h.points + waitPoints(time.Duration(max(0, h.hours))*time.Hour) + callPoints(h.calls))
}

// All returns the figures of every centre of which something is here, by centre; us is our own. Done counts from since on.
func All(ctx context.Context, r store.Reader, us id.ID, now, since time.Time) (map[id.ID]*Figures, error) {
	out := map[id.ID]*Figures{}
	of := func(owner id.ID) *Figures {
		if owner.IsZero() {
			owner = us
		}
		if out[owner] == nil {
			out[owner] = NewFigures()
		}
		return out[owner]
	}
	for _, s := range []ground{ours, elsewhere} {
		if err := s.heaps(ctx, r, now, func(h *heap) { of(h.owner).pile(h) }); err != nil {
			return nil, fmt.Errorf("count requests: %w", err)
		}
		if err := s.kinds(ctx, r, since, func(owner id.ID, class string, open, planned, done int) {
			f := of(owner)
			f.Done += done
			if open+planned > 0 {
				k := f.kind(class)
				k.Open, k.Planned = k.Open+open, k.Planned+planned
			}
		}); err != nil {
			return nil, fmt.Errorf("count needs: %w", err)
		}
	}
	for _, f := range out {
		f.sort()
	}
	return out, nil
}

// pile adds a heap.
func (f *Figures) pile(h *heap) {
	p := f.place(h.district, h.settlement)
	if !h.open {
		f.OnWay, p.OnWay = f.OnWay+h.n, p.OnWay+h.n
		return
	}
	f.Waiting, p.Waiting = f.Waiting+h.n, p.Waiting+h.n
	f.Bands[h.band()] += h.n
	p.Bands[h.band()] += h.n
	if h.hours >= 0 {
		f.Ages[AgeOf(time.Duration(h.hours)*time.Hour)] += h.n
		if at := store.At(h.oldest); f.Oldest.IsZero() || at.Before(f.Oldest) {
			f.Oldest = at
		}
	}
}

// ground is where figures are counted: our own tables, or those of what is elsewhere.
type ground struct {
	needs, owner, requests, homes, live string
}

var (
	ours = ground{needs: "need", owner: "''", requests: "request", homes: "household",
		live: "NOT EXISTS (SELECT 1 FROM need_elsewhere e WHERE e.id=n.id)"} // what was ours stands there too
	elsewhere = ground{needs: "need_elsewhere", owner: "n.owner", requests: "request_elsewhere", homes: "household_elsewhere", live: "1"}
)

// heaps calls fn with each heap of what is open or on a run.
func (s ground) heaps(ctx context.Context, r store.Reader, now time.Time, fn func(*heap)) error {
	rows, err := r.Query(ctx, `SELECT g.owner, coalesce(h.district, ''), coalesce(h.settlement, ''), g.open, g.points, min(coalesce(q.calls, 1), $1),
			CASE WHEN q.at IS NULL THEN -1 ELSE max(0, min(($2-q.at)/3600000000, $3)) END, count(*), coalesce(min(q.at), 0)
		FROM (SELECT `+s.owner+` AS owner, n.request, max(n.status='open') AS open, max(`+classPoints()+`) AS points
			FROM `+s.needs+` n WHERE n.status IN ('open','planned') AND `+s.live+` GROUP BY n.request, 1) g
		LEFT JOIN `+s.requests+` q ON q.id=g.request LEFT JOIN `+s.homes+` h ON h.id=q.household GROUP BY 1, 2, 3, 4, 5, 6, 7`,
		mostCalls, store.Micro(now), mostHours)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var h heap
		var owner string
		if err := rows.Scan(&owner, &h.district, &h.settlement, &h.open, &h.points, &h.calls, &h.hours, &h.n, &h.oldest); err != nil {
			return err
		}
		if h.owner, err = parseOwner(owner); err != nil {
			return err
		}
		fn(&h)
	}
	return rows.Err()
}

// kinds calls fn with how many needs of each class stand open and on a run, and were delivered since.
func (s ground) kinds(ctx context.Context, r store.Reader, since time.Time, fn func(owner id.ID, class string, open, planned, done int)) error {
	type row struct {
		owner, class        string
		open, planned, done int
	}
	for _, q := range []struct {
		text string
		args []any
	}{
		{"sum(n.status='open'), sum(n.status='planned'), 0 FROM " + s.needs + " n WHERE n.status IN ('open','planned')", nil},
		{"0, 0, count(*) FROM " + s.needs + " n WHERE n.status='done' AND n.closed>=$1", []any{store.Micro(since)}},
	} {
		all, err := store.All(ctx, r, func(rows *sql.Rows, v *row) error {
			return rows.Scan(&v.owner, &v.class, &v.open, &v.planned, &v.done)
		}, "SELECT "+s.owner+", n.class, "+q.text+" AND "+s.live+" GROUP BY 1, 2", q.args...)
		if err != nil {
			return err
		}
		for _, v := range all {
			owner, err := parseOwner(v.owner)
			if err != nil {
				return err
			}
			fn(owner, v.class, v.open, v.planned, v.done)
		}
	}
	return nil
}

func parseOwner(text string) (id.ID, error) {
	if text == "" {
		return id.ID{}, nil
	}
	return id.Parse(text)
}

// classPoints is what the rule of urgency gives a need's class, as SQL.
func classPoints() string {
	var b strings.Builder
	b.WriteString("CASE n.class")
	for _, class := range Classes() {
		best := 0
		for _, w := range Whats() {
			if w.Class() == class {
				best = max(best, kindPoints(w))
			}
		}
		fmt.Fprintf(&b, " WHEN '%s' THEN %d", class, best)
	}
	fmt.Fprintf(&b, " ELSE %d END", kindPoints(Other))
	return b.String()
}
