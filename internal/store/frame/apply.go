package frame

import (
	"context"

	"github.com/jumyla/jumyla/ledger"
)

// Exec runs a statement and returns how many rows it changed.
type Exec func(ctx context.Context, query string, args ...any) (int64, error)

// Apply brings the ledger's tables, as a back-up has them, up to a log. The projected tables are built anew afterwards.
func Apply(ctx context.Context, exec Exec, frames []Frame) error {
	for _, f := range frames { // lanes first: entries point to them
		if err := f.lanes(ctx, exec); err != nil {
			return err
		}
	}
	for _, f := range frames {
		for _, e := range f.Entries {
			if err := e.apply(ctx, exec); err != nil {
				return err
			}
		}
		for _, p := range f.Parts {
			if err := Keep(ctx, exec, p); err != nil {
				return err
			}
		}
		for key, value := range map[string][]byte{"incarnation": f.Incarnation, "box": f.Box} {
			if err := set(ctx, exec, key, value); err != nil {
				return err
			}
		}
	}
	_, err := exec(ctx, "UPDATE ledger_self SET value=x'' WHERE key='projected'") // built anew in a moment
	return err
}

func set(ctx context.Context, exec Exec, key string, value []byte) error {
	if len(value) == 0 {
		return nil
	}
	_, err := exec(ctx, "INSERT INTO ledger_self (key, value) VALUES ($1,$2) ON CONFLICT (key) DO UPDATE SET value=excluded.value", key, value)
	return err
}

func (f Frame) lanes(ctx context.Context, exec Exec) error {
	for i, l := range f.Lanes {
		signed := int64(0)
		if len(f.Signed) == len(f.Lanes) {
			signed = f.Signed[i]
		}
		root := Root{Hash: make([]byte, len(ledger.Hash{}))}
		if len(f.Roots) == len(f.Lanes) {
			root = f.Roots[i]
		}
		if _, err := exec(ctx, `INSERT INTO ledger_lane (id, centre, incarnation, class, seq, hash, signature, signed, branch, root_seq, root) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)
			ON CONFLICT (id) DO UPDATE SET seq=excluded.seq, hash=excluded.hash, signature=excluded.signature, signed=excluded.signed
			WHERE excluded.seq>=ledger_lane.seq`, l.ID, l.Centre, l.Incarnation, l.Class, l.Seq, l.Hash, l.Signature, signed, root.Branch, root.Seq, root.Hash); err != nil {
			return err
		}
	}
	return nil
}

// apply takes in an entry with its body. What is erased of a record that other centres have too may count or only wait: that
// is decided, and what is to be destroyed is, once all is here. Where nobody else has it our word is enough.
func (e Entry) apply(ctx context.Context, exec Exec) error {
	d, err := ledger.Decode(e.Raw)
	if err != nil {
		return err
	}
	n, err := exec(ctx, `INSERT INTO ledger_entry (n, lane, seq, hash, record, raw) VALUES ($1,$2,$3,$4,$5,$6) ON CONFLICT DO NOTHING`,
		e.N, e.Lane, e.Seq, e.Hash, e.Record, e.Raw)
	if err != nil || n == 0 {
		return err
	}
	if d.Op != ledger.Erase || d.Claim != nil {
		return Keep(ctx, exec, Part{Hash: e.Hash, Record: e.Record, Sealed: e.Sealed, Key: e.Key})
	}
	for _, table := range []string{"ledger_body", "ledger_key"} {
		if _, err := exec(ctx, "DELETE FROM "+table+" WHERE record=$1 AND EXISTS (SELECT 1 FROM ledger_self WHERE key='centre' AND value=$2)",
			e.Record, d.Lane.Centre[:]); err != nil {
			return err
		}
	}
	return nil
}

// Keep keeps a sealed part with the key that opens it: the record's, or one of its own.
func Keep(ctx context.Context, exec Exec, p Part) error {
	if len(p.Sealed) == 0 || len(p.Key) == 0 {
		return nil
	}
	if _, err := exec(ctx, "INSERT INTO ledger_key (record, key) VALUES ($1,$2) ON CONFLICT DO NOTHING", p.Record, p.Key); err != nil {
		return err
	}
	_, err := exec(ctx, `INSERT INTO ledger_body (hash, record, sealed, key, late) SELECT $1, $2, $3, nullif($4, k.key), $5 FROM ledger_key k WHERE k.record=$2
		ON CONFLICT DO NOTHING`, p.Hash, p.Record, p.Sealed, p.Key, p.Late)
	return err
}
