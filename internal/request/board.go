package request

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// Row is a line of the board. It holds no contact: what is needed to know a request while somebody speaks of it is
// where it is and for whom, by first letters.
type Row struct {
	ID        ID
	Ref       id.Ref
	Household household.ID
	At        time.Time
	Verified  Verification
	Decided   bool
	Calls     int
	Open      int // needs by status
	Planned   int
	Done      int
	Away      int    // with another centre
	Whats     []What // of what is open or on a run; of everything where nothing is
	Address   contact.Address
	Head      contact.Name
	Placed    bool
	Area      string
	Points    int // of urgency
}

// Filter chooses rows of the board.
type Filter struct {
	View       string         // "open", "unchecked", "noplace", "ready", "out", "done", "" for all
	Households []household.ID // only theirs; nil for everybody's, at most 50
	Area       string         // only this one, or NoArea; "" for all
	Band       Band           // only of this urgency; "" for all
	Age        Age            // only those that wait so long; "" for all
	Limit      int
	Now        time.Time // for Board: when urgency is reckoned
}

// NoArea filters those of whom nobody knows in which area they live.
const NoArea = "-"

// inArea reports whether the filter lets an area through.
func (f Filter) inArea(area string) bool {
	return f.Area == "" || area == f.Area || f.Area == NoArea && area == ""
}

// Band is how urgent a request is, for those who look for the most urgent.
type Band string

// The bands of urgency.
const (
	Now   Band = "now"   // 40 points and more: insulin, or medicine for an infant
	Soon  Band = "soon"  // 25 and more
	Later Band = "later" // less
)

// Bands returns the bands, the most urgent first.
func Bands() []Band { return []Band{Now, Soon, Later} }

// BandOf returns the band of so many points.
func BandOf(points int) Band {
	switch {
	case points >= 40:
		return Now
	case points >= 25:
		return Soon
	}
	return Later
}

// Age is how long a request waits.
type Age string

// The ages.
const (
	Fresh Age = "fresh" // less than six hours
	Today Age = "today" // less than a day
	Old   Age = "old"   // a day and more
)

// Ages returns the ages, the longest first.
func Ages() []Age { return []Age{Old, Today, Fresh} }

// AgeOf returns the age of what waits so long.
func AgeOf(waits time.Duration) Age {
	switch {
	case waits < 6*time.Hour:
		return Fresh
	case waits < 24*time.Hour:
		return Today
	}
	return Old
}

// Views returns the names of the board's views in their order.
func Views() []string { return []string{"open", "unchecked", "noplace", "ready", "out", "done"} }

// Survey is the board as a filter shows it, with the counts that its choices have.
type Survey struct {
	Rows  []Row // the most urgent first; of what is done, the newest first
	Found int   // before the limit
	Views map[string]int
	Areas map[string]int // within the view, as Bands and Ages
	Bands map[Band]int
	Ages  map[Age]int
}

// light is what must be known of every request with something open to weigh, count and choose it.
type light struct {
	id            ID
	at            time.Time
	calls         int
	plannable     bool
	open, planned int
	needs         []Need
	home          household.Household // as far as urgency asks
	placed        bool
	area          string
	points        int
}

// Backlog is everything that is open or on a run, weighed at one moment: what every view of the board is chosen from.
type Backlog struct {
	now time.Time
	all []light
}

// lights reads what is open or on a run; and may narrow the needs that are looked at.
func lights(ctx context.Context, r store.Reader, and string, args ...any) ([]light, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *light) error {
		var at int64
		var verified, needs, cares string
		var decided bool
		var youngest int
		if err := row.Scan(&v.id, &needs, &at, &v.calls, &verified, &decided, &v.placed, &youngest, &cares, &v.area); err != nil {
			return err
		}
		v.at, v.plannable = store.At(at), verified != "" || decided
		v.home = household.Outline(youngest, cares)
		return v.read(needs)
	}, `SELECT n.request, n.needs, q.at, q.calls, q.verified, q.decided, h.placed, h.youngest, h.cares, h.area
		FROM (SELECT request, group_concat(what||'/'||status) AS needs FROM need WHERE status IN ('open','planned')`+and+` GROUP BY request) n
		JOIN request q ON q.id=n.request JOIN household h ON h.id=q.household`, args...)
}

// weigh puts the most urgent first; all is its to keep.
func weigh(all []light, now time.Time) *Backlog {
	for i := range all {
		l := &all[i]
		l.points = points(l.needs, &l.home, now.Sub(l.at), l.calls)
	}
	slices.SortFunc(all, func(a, b light) int {
		return cmp.Or(b.points-a.points, a.at.Compare(b.at), strings.Compare(a.id.String(), b.id.String()))
	})
	return &Backlog{now: now, all: all}
}

// read reads needs as the query writes them: "bread/open,water/planned".
func (l *light) read(needs string) error {
	for part := range strings.SplitSeq(needs, ",") {
		what, status, ok := strings.Cut(part, "/")
		if !ok {
			return fmt.Errorf("a need of request %s is not what/status", l.id)
		}
		n := Need{What: What(what), Status: Status(status)}
		if n.Status == Open {
			l.open++
		} else {
			l.planned++
		}
		l.needs = append(l.needs, n)
	}
	return nil
}

func (l *light) in(view string) bool {
	switch view {
	case "open":
		return true
	case "unchecked":
		return l.open > 0 && !l.plannable
	case "noplace":
		return l.open > 0 && !l.placed
	case "ready":
		return l.open > 0 && l.plannable && l.placed
	case "out":
		return l.planned > 0
	}
	return false
}

// Waiting is the part of it of which something is not on a run yet.
func (o *Backlog) Waiting() *Backlog {
	out := &Backlog{now: o.now}
	for _, l := range o.all {
		if l.open > 0 {
			out.all = append(out.all, l)
		}
	}
	return out
}

// Survey chooses what a filter shows of it. Rows of what is done are not weighed: they are the newest.
func (o *Backlog) Survey(ctx context.Context, r store.Reader, f Filter) (*Survey, error) {
	if f.View != "" && !slices.Contains(Views(), f.View) {
		return nil, errs.Missing("view")
	}
	s := &Survey{Views: map[string]int{}, Areas: map[string]int{}, Bands: map[Band]int{}, Ages: map[Age]int{}}
	var chosen []light
	for _, l := range o.all {
		if s.count(l, f, o.now) {
			chosen = append(chosen, l)
		}
	}
	s.Found = len(chosen)
	ids := make([]ID, 0, f.Limit)
	for _, l := range chosen[:min(len(chosen), f.Limit)] {
		ids = append(ids, l.id)
	}
	var err error
	if f.View == "done" {
		if ids, err = store.All(ctx, r, scanID, "SELECT id FROM request q WHERE "+closed+" ORDER BY at DESC LIMIT $1", f.Limit); err != nil {
			return nil, err
		}
		s.Found = len(ids)
	}
	s.Rows, err = Rows(ctx, r, ids, o.now)
	return s, err
}

// count adds a request to what the choices would show, and reports whether f shows it.
func (s *Survey) count(l light, f Filter, now time.Time) bool {
	for _, v := range Views() {
		if l.in(v) {
			s.Views[v]++
		}
	}
	if !l.in(f.View) {
		return false
	}
	band, age := BandOf(l.points), AgeOf(now.Sub(l.at))
	inArea, inBand, inAge := f.inArea(l.area), f.Band == "" || band == f.Band, f.Age == "" || age == f.Age
	if inBand && inAge {
		s.Areas[l.area]++
	}
	if inArea && inAge {
		s.Bands[band]++
	}
	if inArea && inBand {
		s.Ages[age]++
	}
	return inArea && inBand && inAge
}

const closed = "NOT EXISTS (SELECT 1 FROM need n WHERE n.request=q.id AND n.status IN ('open','planned'))"

func scanID(row *sql.Rows, v *ID) error { return row.Scan(v) }

// chunk is how many rows are asked for at once.
const chunk = 100

// Rows returns the board's rows of these requests, in this order. One that is no longer there is left out.
func Rows(ctx context.Context, r store.Reader, ids []ID, now time.Time) ([]Row, error) {
	found := make(map[ID]Row, len(ids))
	for part := range slices.Chunk(ids, chunk) {
		args := make([]any, chunk)
		marks := make([]string, chunk)
		for i := range args {
			marks[i] = fmt.Sprintf("$%d", i+1)
			args[i] = ""
			if i < len(part) {
				args[i] = part[i]
			}
		}
		rows, err := store.All(ctx, r, func(row *sql.Rows, v *Row) error { return v.scan(row, now) }, rowQuery("q.id IN ("+strings.Join(marks, ",")+")"), args...)
		if err != nil {
			return nil, err
		}
		for _, v := range rows {
			found[v.ID] = v
		}
	}
	out := make([]Row, 0, len(ids))
	for _, v := range ids {
		if row, ok := found[v]; ok {
			out = append(out, row)
		}
	}
	return out, nil
}

func rowQuery(where string) string {
	return `SELECT q.id, q.ref, q.household, q.at, q.verified, q.decided, q.calls, group_concat(n.what||'/'||n.status), h.address, h.head, h.placed, h.area, h.youngest, h.cares
		FROM request q JOIN need n ON n.request=q.id JOIN household h ON h.id=q.household WHERE ` + where + ` GROUP BY q.id`
}

func (v *Row) scan(row *sql.Rows, now time.Time) error {
	var at int64
	var needs, cares string
	var youngest int
	err := row.Scan(&v.ID, &v.Ref, &v.Household, &at, &v.Verified, &v.Decided, &v.Calls, &needs, &v.Address, &v.Head, &v.Placed, &v.Area, &youngest, &cares)
	if err != nil {
		return err
	}
	v.At = store.At(at)
	var all []Need
	var open, every []What
	for part := range strings.SplitSeq(needs, ",") {
		what, status, _ := strings.Cut(part, "/")
		n := Need{What: What(what), Status: Status(status)}
		all = append(all, n)
		switch n.Status {
		case Open:
			v.Open++
		case Planned:
			v.Planned++
		case Done:
			v.Done++
		case Away:
			v.Away++
		case Cancelled:
		}
		if n.What == "" { // erased
			continue
		}
		if !slices.Contains(every, n.What) {
			every = append(every, n.What)
		}
		if (n.Status == Open || n.Status == Planned) && !slices.Contains(open, n.What) {
			open = append(open, n.What)
		}
	}
	if v.Whats = open; len(open) == 0 {
		v.Whats = every
	}
	home := household.Outline(youngest, cares)
	v.Points = points(all, &home, now.Sub(v.At), v.Calls)
	return nil
}

// Board returns the requests that a view shows, with everything that is open the oldest first; those done, newest first.
func Board(ctx context.Context, r store.Reader, f Filter) ([]Row, error) {
	where, order := "1=1", "at"
	switch f.View {
	case "":
	case "open":
		where = "q.id IN (SELECT request FROM need WHERE status IN ('open','planned'))"
	case "done":
		where, order = closed, "at DESC"
	default:
		return nil, errs.Missing("view")
	}
	args := []any{f.Limit}
	if f.Households != nil {
		marks := make([]string, 0, len(f.Households))
		for _, h := range f.Households {
			args = append(args, h)
			marks = append(marks, fmt.Sprintf("$%d", len(args)))
		}
		where += " AND q.household IN (" + strings.Join(marks, ",") + ")"
	}
	ids, err := store.All(ctx, r, scanID, "SELECT id FROM request q WHERE "+where+" ORDER BY "+order+" LIMIT $1", args...)
	if err != nil {
		return nil, err
	}
	return Rows(ctx, r, ids, f.Now)
}

// Became is what came of a request: when its last need was closed and how; zero while something is open.
type Became struct {
	ID     ID
	Closed time.Time
	Last   Status
}

// maxTaken is how many requests of one taker are returned.
const maxTaken = 300

// TakenBy returns what came of the requests that an account took or that closed from a moment on, those closed last first,
// then those that wait longest.
func TakenBy(ctx context.Context, r store.Reader, taker id.ID, from time.Time) ([]Became, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *Became) error {
		var closed int64
		err := row.Scan(&v.ID, &closed, &v.Last)
		v.Closed = store.At(closed)
		return err
	}, `SELECT q.id, max(n.closed), CASE WHEN sum(n.status='done')>0 THEN 'done' ELSE 'cancelled' END FROM request q JOIN need n ON n.request=q.id
		WHERE q.taker=$1 AND (q.at>=$2 OR n.closed>=$2) GROUP BY q.id ORDER BY max(n.closed) DESC, q.at LIMIT $3`, taker, store.Micro(from), maxTaken)
}
