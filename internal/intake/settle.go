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
	return each(ctx, db, false, func(tx *store.Tx, h *household.Household) (bool, error) {
		if h.Where != nil {
			return false, nil
		}
		err := locate(ctx, tx, find, h)
		return h.Where != nil, err
	})
}

// SortAll says anew of every household with a place in which area it lies, as the country is divided now, and returns how
// many lie in another than was written.
func SortAll(ctx context.Context, db *store.DB, find *where.Finder) (moved int, err error) {
	return each(ctx, db, true, func(tx *store.Tx, h *household.Household) (bool, error) { return find.Sort(h, tx.Now), nil })
}

// each shows every household with a place, or without one, and writes those that change says it has changed.
func each(ctx context.Context, db *store.DB, placed bool, change func(*store.Tx, *household.Household) (bool, error)) (changed int, err error) {
	for after := ""; ; {
		ids, err := store.All(ctx, db, func(row *sql.Rows, v *household.ID) error { return row.Scan(v) },
			"SELECT id FROM household WHERE placed=$1 AND address<>'' AND id>$2 ORDER BY id LIMIT $3", placed, after, placedAtOnce)
		if err != nil || len(ids) == 0 {
			return changed, err
		}
		after = ids[len(ids)-1].String()
		n := 0
		err = db.Write(ctx, store.Actor{}, func(tx *store.Tx) (err error) {
			n, err = some(ctx, tx, ids, change)
			return err
		})
		if err != nil {
			return changed, err
		}
		changed += n
	}
}

func some(ctx context.Context, tx *store.Tx, ids []household.ID, change func(*store.Tx, *household.Household) (bool, error)) (changed int, err error) {
	for _, hid := range ids {
		h, err := household.Kind.Get(ctx, tx, hid.ID)
		if errs.Is(err, errs.NotFound) {
			continue // erased meanwhile
		}
		if err != nil {
			return 0, err
		}
		if h.Address == "" {
			continue
		}
		is, err := change(tx, h)
		if err != nil {
			return 0, err
		}
		if !is {
			continue
		}
		if err := tx.Put(ctx, h); err != nil {
			return 0, err
		}
		changed++
	}
	return changed, nil
}
