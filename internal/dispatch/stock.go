package dispatch

import (
	"context"
	"database/sql"

	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
)

// Available returns what the centre can still promise: what was counted last, less what runs of any day are
// to carry, or took out of the store room after it was counted.
func Available(ctx context.Context, r store.Reader) (map[string]int, error) {
	last, err := supply.Latest(ctx, r)
	if err != nil {
		return nil, err
	}
	type promised struct {
		what, class string
		n           int
		gone        int64 // when it left the store room; 0 where it has not
	}
	rows, err := store.All(ctx, r, func(row *sql.Rows, p *promised) error { return row.Scan(&p.what, &p.class, &p.n, &p.gone) },
		`SELECT n.what, n.class, sum(n.count), coalesce(min(
			coalesce((SELECT min(at) FROM run_check c WHERE c.run=n.run AND c.step='out'), 9000000000000000000),
			coalesce((SELECT min(at) FROM outcome o WHERE o.run=n.run), 9000000000000000000)), 9000000000000000000) AS gone
		FROM need n WHERE n.run<>'' AND n.status IN ('planned','done') GROUP BY n.what, n.class, n.run`)
	if err != nil {
		return nil, err
	}
	left := make(map[string]int, len(last))
	for item, c := range last {
		left[item] = c.N
	}
	for _, p := range rows {
		item := stocked(p.what, p.class)
		if c, ok := last[item]; !ok || store.At(p.gone).After(c.At) {
			left[item] -= p.n
		}
	}
	return left, nil
}

// stocked is the item that a need takes from the stock. Of one whose words were erased only the class is left;
// what was medical counts as insulin, the only medical item that is counted: wrong to the safe side.
func stocked(what, class string) string {
	switch {
	case what != "":
		return what
	case class == request.Insulin.Class():
		return string(request.Insulin)
	}
	return class
}
