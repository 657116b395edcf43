package request

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// Theirs is a request of another centre, as far as it tells everybody. It names nobody.
type Theirs struct {
	ID    ID
	Ref   id.Ref
	At    time.Time
	Needs []Need // their class, count and where they stand
}

// OfTheirs returns another centre's requests of a household, the newest first.
func OfTheirs(ctx context.Context, r store.Reader, h household.ID) ([]Theirs, error) {
	ids, err := store.All(ctx, r, func(row *sql.Rows, v *ID) error { return row.Scan(v) }, "SELECT id FROM request_elsewhere WHERE household=$1 ORDER BY at DESC, id LIMIT 20", h)
	if err != nil {
		return nil, err
	}
	out := make([]Theirs, 0, len(ids))
	for _, rid := range ids {
		q, err := Kind.Get(ctx, r, rid.ID)
		if err != nil {
			return nil, err
		}
		t := Theirs{ID: q.ID, Ref: q.Ref, At: q.At}
		needs, err := store.All(ctx, r, func(row *sql.Rows, v *NeedID) error { return row.Scan(v) }, "SELECT id FROM need_elsewhere WHERE request=$1 ORDER BY id LIMIT 50", rid)
		if err != nil {
			return nil, err
		}
		for _, nid := range needs {
			n, err := NeedKind.Get(ctx, r, nid.ID)
			if err != nil {
				return nil, err
			}
			t.Needs = append(t.Needs, *n)
		}
		out = append(out, t)
	}
	return out, nil
}
