package request

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// otherRequest keeps what other centres' requests tell everybody: since when somebody waits, and of which household.
func otherRequest(ctx context.Context, tx *store.Tx, q *Request, owner id.ID) error {
	if owner.IsZero() {
		_, err := tx.Exec(ctx, "DELETE FROM request_elsewhere WHERE id=$1", q.ID)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO request_elsewhere (id, owner, household, at) VALUES ($1,$2,$3,$4)
		ON CONFLICT (id) DO UPDATE SET owner=$2, household=$3, at=$4`, q.ID, owner, q.Household, store.Micro(q.At))
	return err
}

func otherNeed(ctx context.Context, tx *store.Tx, n *Need, owner id.ID) error {
	if owner.IsZero() {
		_, err := tx.Exec(ctx, "DELETE FROM need_elsewhere WHERE id=$1", n.ID)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO need_elsewhere (id, owner, request, class, count, status) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (id) DO UPDATE SET owner=$2, request=$3, class=$4, count=$5, status=$6`, n.ID, owner, n.Request, n.Class, n.Count, string(n.Status))
	return err
}

// Sum is how many needs of one class stand open or planned at another centre, in one of its areas. It names nobody.
type Sum struct {
	Owner  id.ID
	Area   string // as the centre's book of places names it; "" where not known
	Class  string
	Needs  int
	Open   int       // of these, on no run yet
	Oldest time.Time // since when the one that waits longest waits
}

// Elsewhere counts what is open or planned at other centres, as far as their entries have come here.
func Elsewhere(ctx context.Context, r store.Reader) ([]Sum, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *Sum) error {
		var oldest int64
		if err := row.Scan(&v.Owner, &v.Area, &v.Class, &v.Needs, &v.Open, &oldest); err != nil {
			return err
		}
		v.Oldest = store.At(oldest)
		return nil
	}, `SELECT n.owner, coalesce(h.area, ''), n.class, count(*), sum(n.status='open'), coalesce(min(q.at), 0)
		FROM need_elsewhere n LEFT JOIN request_elsewhere q ON q.id=n.request LEFT JOIN household_elsewhere h ON h.id=q.household
		WHERE n.status IN ('open','planned') GROUP BY n.owner, coalesce(h.area, ''), n.class ORDER BY n.owner, 2, 3`)
}
