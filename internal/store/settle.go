package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/jumyla/jumyla/ledger"
)

// settleAtOnce is how many records are decided anew in one write: others must be able to write meanwhile.
const settleAtOnce = 200

// unsettle notes whose entries may count otherwise by what a dir entry tells, together with the entry: whoever is
// stopped before all of them are decided anew goes on later. Judged says that other statements of key-holders count by it.
func (tx *Tx) unsettle(ctx context.Context, e *ledger.Entry, judged bool) error {
	var who []ledger.ID
	var r ledger.Revocation
	var w ledger.Warrant
	var again ledger.Readmission
	switch {
	case e.Op == ledger.Open, e.Kind == ledger.KindGrant:
		who = []ledger.ID{e.Lane.Centre}
	case e.Kind == ledger.KindRevocation && e.Fields.Into(&r) == nil:
		who = []ledger.ID{r.Centre}
	case e.Kind == ledger.KindWarrant && e.Fields.Into(&w) == nil:
		who = []ledger.ID{w.From, w.To}
	case e.Kind == ledger.KindReadmission && e.Fields.Into(&again) == nil:
		who = []ledger.ID{again.Centre}
	case e.Kind == ledger.KindHolders && judged:
		_, err := tx.Exec(ctx, "INSERT INTO exchange_again (centre, n) SELECT DISTINCT centre, $1 FROM ledger_lane WHERE true ON CONFLICT (centre) DO UPDATE SET n=$1", tx.w.next)
		return err
	}
	for _, c := range who {
		if err := tx.again(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// Settle decides anew about the records of every centre of which something was learnt that they may hang on, and then does
// and says what is due: destroys what an erasure reaches, confirms it, offers again what an owner cannot see.
func (db *DB) Settle(ctx context.Context) error {
	if err := db.reopen(ctx); err != nil {
		return err
	}
	type row struct {
		centre []byte
		n      int64
	}
	again, err := All(ctx, db, func(r *sql.Rows, v *row) error { return r.Scan(&v.centre, &v.n) },
		"SELECT centre, n FROM exchange_again ORDER BY centre")
	if err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	for _, v := range again {
		records, err := db.recordsOf(ctx, ledger.ID(v.centre))
		if err != nil {
			return err
		}
		for part := range slices.Chunk(records, settleAtOnce) {
			if err := db.Write(ctx, Actor{}, func(tx *Tx) error { return tx.refoldAll(ctx, part) }); err != nil {
				return err
			}
		}
		err = db.Write(ctx, Actor{}, func(tx *Tx) error { // what was learnt meanwhile stays
			_, err := tx.Exec(ctx, "DELETE FROM exchange_again WHERE centre=$1 AND n=$2", v.centre, v.n)
			return err
		})
		if err != nil {
			return err
		}
	}
	due, err := All(ctx, db, scanID, "SELECT record FROM exchange_due ORDER BY record")
	if err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	for part := range slices.Chunk(due, settleAtOnce) {
		if err := db.Write(ctx, Actor{}, func(tx *Tx) error { return tx.refoldAll(ctx, part) }); err != nil {
			return err
		}
	}
	return nil
}

func scanID(r *sql.Rows, v *ledger.ID) error {
	var raw []byte
	err := r.Scan(&raw)
	if err == nil {
		*v = ledger.ID(raw)
	}
	return err
}

func (tx *Tx) refoldAll(ctx context.Context, records []ledger.ID) error {
	for _, rid := range records {
		if _, err := tx.Refold(ctx, rid); err != nil {
			return err
		}
	}
	return nil
}

// recordsOf returns the records that a centre has written of, as far as that has come here: also in dir, as where it stands.
func (db *DB) recordsOf(ctx context.Context, centre ledger.ID) ([]ledger.ID, error) {
	return All(ctx, db, scanID, "SELECT DISTINCT e.record FROM ledger_lane l JOIN ledger_entry e ON e.lane=l.id WHERE l.centre=$1", centre[:])
}
