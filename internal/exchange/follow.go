package exchange

import (
	"context"
	"fmt"

	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// followAtOnce is how many renewals are followed at once. The ledger never leads round for ever; should it all the same, our
// lane does not grow for ever by it.
const followAtOnce = 64

// Follow takes over renewals of the key-holders that this centre goes by, as far as it has heard of any: two of the three
// signed who they are from now on, and nobody has to compare words again. It is kept in our own lane, for nobody else's word
// counts there. What hangs on the key-holders is decided anew before it returns.
func Follow(ctx context.Context, db *store.DB) (followed bool, err error) {
	for range followAtOnce {
		var one bool
		err := db.Write(ctx, store.Actor{}, func(tx *store.Tx) (err error) {
			one, err = followOne(ctx, tx, ledger.ID(db.Centre()))
			return err
		})
		if err != nil {
			return followed, fmt.Errorf("follow key-holders: %w", err)
		}
		if !one {
			break
		}
		followed = true
	}
	return followed, db.Settle(ctx)
}

func followOne(ctx context.Context, tx *store.Tx, centre ledger.ID) (bool, error) {
	dir, err := tx.Directory(ctx)
	if err != nil {
		return false, err
	}
	h, ok := dir.Renewal()
	if !ok {
		return false, nil
	}
	fields, err := ledger.FieldsOf(h)
	if err != nil {
		return false, err
	}
	tx.Touch("centre")
	return true, tx.Append(ctx, &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: centre, Kind: ledger.KindHolders,
		Op: ledger.Declare, Fields: fields}, nil)
}
