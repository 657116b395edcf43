package run

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

func scanID(row *sql.Rows, v *id.ID) error { return row.Scan(v) }

// Between returns the runs of a span of days (2022-01-12), in order; "" leaves an end open, and the last day is not
// included.
func Between(ctx context.Context, r store.Reader, from, to string) ([]id.ID, error) {
	return store.All(ctx, r, scanID, "SELECT id FROM run WHERE day>=$1 AND ($2='' OR day<$2) ORDER BY day, number", from, to)
}

// OutcomesBetween returns every outcome told in a span of time, corrected ones too, oldest first; a zero end is open.
func OutcomesBetween(ctx context.Context, r store.Reader, from, to time.Time) ([]id.ID, error) {
	return store.All(ctx, r, scanID, "SELECT id FROM outcome WHERE at>=$1 AND ($2=0 OR at<$2) ORDER BY at, id", store.Micro(from), store.Micro(to))
}
