package intake

import (
	"context"
	"database/sql"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/store"
)

// placedAtOnce is how many households are placed in one write, so that calls get between.
const placedAtOnce = 100

// PlaceAll looks for every household that has no place yet, as a list or a new extract leaves them, and returns how many it
// found. What nothing knows stays in the queue.
func PlaceAll(ctx context.Context, db *store.DB, find *where.Finder) (found int, err error) {
	for after := ""; ; {
		ids, err := store.All(ctx, db, func(row *sql.Rows, v *household.ID) error { return row.Scan(v) },
			"SELECT id FROM household WHERE placed=0 AND address<>'' AND id>$1 ORDER BY id LIMIT $2", after, placedAtOnce)
		if err != nil || len(ids) == 0 {
			return found, err
		}
		after = ids[len(ids)-1].String()
		n := 0
		err = db.Write(ctx, store.Actor{}, func(tx *store.Tx) (err error) {
			n, err = placeSome(ctx, tx, find, ids)
			return err
		})
		if err != nil {
			return found, err
		}
		found += n
	}
}

func placeSome(ctx context.Context, tx *store.Tx, find *where.Finder, ids []household.ID) (found int, err error) {
	for _, hid := range ids {
		h, err := household.Kind.Get(ctx, tx, hid.ID)
		if errs.Is(err, errs.NotFound) {
			continue // erased meanwhile
		}
		if err != nil {
			return 0, err
		}
		if h.Where != nil || h.Address == "" {
			continue
		}
		if err := locate(ctx, tx, find, h); err != nil {
			return 0, err
		}
		if h.Where == nil {
			continue
		}
		if err := tx.Put(ctx, h); err != nil {
			return 0, err
		}
		found++
	}
	return found, nil
}
