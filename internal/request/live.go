package request

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// Live is the backlog of an office, the one for the board, the map and the situation: it keeps what was read, and after a
// write reads anew only what that write touched.
type Live struct {
	db *store.DB

	reading sync.Mutex // held while it reads; guards what follows
	known   map[ID]light
	hidden  string // the lists that were hidden when known was read: one that becomes whole shows all it brought
	last    *Backlog

	mu      sync.Mutex // guards what commits leave
	changed bool
	whole   bool // so much was written that all is read again
	touched map[string]map[id.ID]bool
}

// keptFor is how long a backlog may serve although nothing was written: those who wait, wait longer.
const keptFor = 20 * time.Second

// maxTouched is up to how many records of a kind are read one by one; a list brings more.
const maxTouched = 1000

// NewLive returns the backlog of a database, which it follows from now on.
func NewLive(db *store.DB) *Live {
	l := &Live{db: db, touched: map[string]map[id.ID]bool{}}
	db.OnCommit(l.note)
	return l
}

// note keeps what a commit touched of what the backlog is made of.
func (l *Live) note(c store.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, kind := range []string{"request", "need", "household"} {
		if !c.Kinds[kind] {
			continue
		}
		l.changed = true
		if l.touched[kind] == nil {
			l.touched[kind] = map[id.ID]bool{}
		}
		for _, v := range c.Records[kind] {
			l.touched[kind][v] = true
		}
		l.whole = l.whole || len(l.touched[kind]) > maxTouched
	}
}

// take returns what commits left since it was last asked, and forgets it.
func (l *Live) take() (changed, whole bool, touched map[string]map[id.ID]bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	changed, whole, touched = l.changed, l.whole, l.touched
	l.changed, l.whole, l.touched = false, false, map[string]map[id.ID]bool{}
	return changed, whole, touched
}

// Backlog returns what is open or on a run, weighed within the last moments. Whoever gets it changes nothing in it.
func (l *Live) Backlog(ctx context.Context) (*Backlog, error) {
	l.reading.Lock()
	defer l.reading.Unlock()
	now := l.db.Now()
	changed, whole, touched := l.take()
	if l.last != nil && !changed && now.Sub(l.last.now).Abs() < keptFor {
		return l.last, nil
	}
	if err := l.read(ctx, changed, whole, touched); err != nil {
		l.known, l.last = nil, nil // what was taken is lost: all is read next time
		return nil, err
	}
	l.last = weigh(slices.Collect(maps.Values(l.known)), now)
	return l.last, nil
}

func (l *Live) read(ctx context.Context, changed, whole bool, touched map[string]map[id.ID]bool) error {
	if !changed && l.known != nil {
		return nil
	}
	hidden, err := store.One[string](ctx, l.db, "lists", "SELECT coalesce(group_concat(list), '') FROM (SELECT list FROM list_hidden ORDER BY list)")
	if err != nil {
		return err
	}
	if l.known == nil || whole || hidden != l.hidden {
		all, err := lights(ctx, l.db, "")
		if err != nil {
			return err
		}
		l.known, l.hidden = make(map[ID]light, len(all)), hidden
		for _, v := range all {
			l.known[v.id] = v
		}
		return nil
	}
	return l.again(ctx, touched)
}

// again reads the requests that a write touched, by themselves, by a need or by their household.
func (l *Live) again(ctx context.Context, touched map[string]map[id.ID]bool) error {
	due := touched["request"]
	if due == nil {
		due = map[id.ID]bool{}
	}
	for kind, query := range map[string]string{"need": "SELECT request FROM need_row WHERE id IN (%s)", "household": "SELECT id FROM request_row WHERE household IN (%s)"} {
		err := inChunks(touched[kind], func(marks string, args []any) error {
			found, err := store.All(ctx, l.db, func(row *sql.Rows, v *ID) error { return row.Scan(v) }, fmt.Sprintf(query, marks), args...)
			for _, v := range found {
				due[v.ID] = true
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for v := range due {
		delete(l.known, ID{ID: v})
	}
	return inChunks(due, func(marks string, args []any) error {
		found, err := lights(ctx, l.db, " AND request IN ("+marks+")", args...)
		for _, v := range found {
			l.known[v.id] = v
		}
		return err
	})
}

// inChunks calls fn with the marks and arguments of an IN (…) until all were in one; short ones are filled up, so that
// few statements are prepared.
func inChunks(all map[id.ID]bool, fn func(marks string, args []any) error) error {
	marks := make([]string, chunk)
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	for part := range slices.Chunk(slices.Collect(maps.Keys(all)), chunk) {
		args := make([]any, chunk)
		for i := range args {
			args[i] = ""
			if i < len(part) {
				args[i] = part[i]
			}
		}
		if err := fn(strings.Join(marks, ","), args); err != nil {
			return err
		}
	}
	return nil
}
