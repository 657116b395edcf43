package run

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// Since returns the outcomes told from a moment on, oldest first: of each stop the last one, for a later one
// corrects it, and none where it was withdrawn. Those delivered come without what was said.
func Since(ctx context.Context, r store.Reader, from time.Time) ([]Outcome, error) {
	facts, err := store.All(ctx, r, func(row *sql.Rows, o *Outcome) error {
		var at int64
		err := row.Scan(&o.ID, &o.Run, &o.Stop, &o.Request, &o.Result, &at)
		o.At = store.At(at)
		return err
	}, "SELECT id, run, stop, request, result, at FROM outcome WHERE at >= $1 ORDER BY id", store.Micro(from))
	if err != nil {
		return nil, err
	}
	type place struct {
		run     id.ID
		stop    int
		request id.ID
	}
	last := map[place]int{}
	for i, o := range facts {
		last[place{o.Run, o.Stop, o.Request}] = i
	}
	out := make([]Outcome, 0, len(last))
	for i, o := range facts {
		if o.Result == Withdrawn || last[place{o.Run, o.Stop, o.Request}] != i {
			continue
		}
		if o.Result != Delivered {
			full, err := OutcomeKind.Get(ctx, r, o.ID.ID)
			if err != nil {
				return nil, err
			}
			o = *full
		}
		out = append(out, o)
	}
	slices.SortStableFunc(out, func(a, b Outcome) int { return a.At.Compare(b.At) })
	return out, nil
}
