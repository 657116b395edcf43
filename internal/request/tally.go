package request

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/store"
)

// Tally is how many requests and needs stand where. It names nobody.
type Tally struct {
	Needs     map[What]map[Status]int
	Oldest    time.Time // when the request that waits longest came; zero where none is open
	Waiting   int       // requests with an open need
	Unchecked int       // of these, nobody checked them or let them through
	NoPlace   int       // of these, without a place on the map
	New       int       // requests that came since the moment asked for
	Closed    int       // requests of which something was closed since then
}

// Count tallies everything that is kept; New and Closed count from since on.
func Count(ctx context.Context, r store.Reader, since time.Time) (Tally, error) {
	t := Tally{Needs: map[What]map[Status]int{}}
	type cell struct {
		what   What
		status Status
		n      int
	}
	cells, err := store.All(ctx, r, func(row *sql.Rows, c *cell) error { return row.Scan(&c.what, &c.status, &c.n) },
		"SELECT what, status, count(*) FROM need GROUP BY what, status")
	if err != nil {
		return t, err
	}
	for _, c := range cells {
		if t.Needs[c.what] == nil {
			t.Needs[c.what] = map[Status]int{}
		}
		t.Needs[c.what][c.status] = c.n
	}
	var oldest int64
	err = r.QueryRow(ctx, `SELECT count(*), coalesce(min(at), 0), coalesce(sum(q.verified='' AND q.decided=0), 0), coalesce(sum(`+placed+`=0), 0)
		FROM request q WHERE q.id IN (SELECT request FROM need WHERE status='open')`).Scan(&t.Waiting, &oldest, &t.Unchecked, &t.NoPlace)
	if err != nil {
		return t, err
	}
	if t.Waiting > 0 {
		t.Oldest = store.At(oldest)
	}
	t.New, err = store.One[int](ctx, r, "requests", "SELECT count(*) FROM request WHERE at >= $1", store.Micro(since))
	if err != nil {
		return t, err
	}
	t.Closed, err = store.One[int](ctx, r, "requests", "SELECT count(DISTINCT request) FROM need WHERE closed >= $1 AND closed > 0", store.Micro(since))
	return t, err
}

const placed = "(SELECT h.placed FROM household h WHERE h.id=q.household)"
