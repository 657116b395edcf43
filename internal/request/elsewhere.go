package request

import (
	"context"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// otherRequest keeps what other centres' requests tell everybody: since when somebody waits, of which household, and how
// often they called.
func otherRequest(ctx context.Context, tx *store.Tx, q *Request, owner id.ID) error {
	if owner.IsZero() {
		_, err := tx.Exec(ctx, "DELETE FROM request_elsewhere WHERE id=$1", q.ID)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO request_elsewhere (id, owner, household, at, calls) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (id) DO UPDATE SET owner=$2, household=$3, at=$4, calls=$5`, q.ID, owner, q.Household, store.Micro(q.At), q.Calls)
	return err
}

func otherNeed(ctx context.Context, tx *store.Tx, n *Need, owner id.ID) error {
	if owner.IsZero() {
		_, err := tx.Exec(ctx, "DELETE FROM need_elsewhere WHERE id=$1", n.ID)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO need_elsewhere (id, owner, request, class, count, status, closed) VALUES ($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT (id) DO UPDATE SET owner=$2, request=$3, class=$4, count=$5, status=$6, closed=$7`,
		n.ID, owner, n.Request, n.Class, n.Count, string(n.Status), store.Micro(n.Closed))
	return err
}
