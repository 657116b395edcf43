package exchange

import (
	"context"
	"fmt"

	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Follow takes over renewals of the key-holders that this centre goes by, as far as it has heard of any: two of the three
// signed who they are from now on, and nobody has to compare words again. It is kept in our own lane, for nobody else's word
// counts there.
func Follow(ctx context.Context, db *store.DB) (followed bool, err error) {
	for {
		d, err := db.Decider(ctx)
		if err != nil {
			return followed, err
		}
		if _, ok := d.Directory.Renewal(); !ok {
			return followed, nil
		}
		err = db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
			dir, err := tx.Directory(ctx)
			if err != nil {
				return err
			}
			h, ok := dir.Renewal()
			if !ok {
				return nil
			}
			fields, err := ledger.FieldsOf(h)
			if err != nil {
				return err
			}
			tx.Touch("centre")
			return tx.Append(ctx, &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: ledger.ID(db.Centre()), Kind: ledger.KindHolders,
				Op: ledger.Declare, Fields: fields}, nil)
		})
		if err != nil {
			return followed, fmt.Errorf("follow key-holders: %w", err)
		}
		followed = true
	}
}
