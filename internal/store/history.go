package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/ledger"
)

// Event is one act in a record's history: what somebody wrote at one time, all classes together.
type Event struct {
	At      time.Time
	Actor   id.ID
	Record  id.ID
	Kind    string
	Erased  bool          // the act was an erasure
	Fields  ledger.Fields // what changed; bodies that were erased are absent
	batch   ledger.Batch
	ordinal int64
}

// Text returns a field of the event as text, or "".
func (e Event) Text(name string) string {
	var s string
	if raw, ok := e.Fields[name]; ok && ledger.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// Bool returns a field of the event as yes or no; no where it did not change.
func (e Event) Bool(name string) bool {
	var b bool
	raw, ok := e.Fields[name]
	return ok && ledger.Unmarshal(raw, &b) == nil && b
}

// Int returns a field of the event as a number, or 0.
func (e Event) Int(name string) int64 {
	var n int64
	if raw, ok := e.Fields[name]; ok && ledger.Unmarshal(raw, &n) != nil {
		return 0
	}
	return n
}

// History returns what was written about a record and about the records that tell of it, oldest first.
func History(ctx context.Context, r Reader, rid id.ID) ([]Event, error) {
	type row struct {
		n           int64
		raw         []byte
		sealed, key []byte
	}
	rows, err := All(ctx, r, func(s *sql.Rows, v *row) error { return s.Scan(&v.n, &v.raw, &v.sealed, &v.key) },
		`SELECT e.n, e.raw, b.sealed, coalesce(b.key, k.key) FROM ledger_entry e
		 LEFT JOIN ledger_body b ON b.hash=e.hash LEFT JOIN ledger_key k ON k.record=e.record
		 WHERE e.record=$1 OR e.record IN (SELECT record FROM record_subject WHERE subject=$1) ORDER BY e.n`, rid[:])
	if err != nil {
		return nil, err
	}
	var out []Event
	for _, v := range rows {
		e, err := ledger.Decode(v.raw)
		if err != nil {
			return nil, err
		}
		fields, err := changed(&e, v.sealed, v.key)
		if err != nil {
			return nil, err
		}
		if e.Op != ledger.Put && e.Op != ledger.Erase {
			continue // between centres
		}
		if n := len(out); n > 0 && out[n-1].batch == e.Batch && out[n-1].Record == id.ID(e.Record) {
			merged := ledger.Merge(out[n-1].Fields, &ledger.Entry{Op: ledger.Put, Fields: fields}, nil)
			out[n-1].Fields = merged
			continue
		}
		out = append(out, Event{At: time.UnixMilli(ledger.Clock(e.Time).Milliseconds()).UTC(), Actor: id.ID(e.Actor),
			Record: id.ID(e.Record), Kind: e.Kind, Erased: e.Op == ledger.Erase, Fields: fields, batch: e.Batch, ordinal: v.n})
	}
	slices.SortStableFunc(out, func(a, b Event) int { return int(a.ordinal - b.ordinal) })
	return out, nil
}

// changed returns what an entry changed, all classes together.
func changed(e *ledger.Entry, sealed, key []byte) (ledger.Fields, error) {
	var opened ledger.Fields
	if sealed != nil && key != nil {
		var err error
		if opened, err = ledger.Unseal(key, sealed); err != nil {
			return nil, err
		}
	}
	out := ledger.Fields{}
	for _, f := range e.Changes(opened) {
		maps.Copy(out, f)
	}
	return out, nil
}

// LastEntry returns when the newest entry of the ledger was written, as its clock had it; zero where there is none.
func (db *DB) LastEntry(ctx context.Context) (time.Time, error) { return db.LastOf(ctx, db.centre) }

// LastOf returns the time of the newest entry of a centre's that is here; zero where there is none.
func (db *DB) LastOf(ctx context.Context, centre ledger.ID) (last time.Time, err error) {
	raws, err := All(ctx, db, func(r *sql.Rows, v *[]byte) error { return r.Scan(v) },
		"SELECT e.raw FROM ledger_lane l JOIN ledger_entry e ON e.lane=l.id AND e.seq=l.seq WHERE l.centre=$1", centre[:])
	for _, raw := range raws {
		e, err := ledger.Decode(raw)
		if err != nil {
			return last, err
		}
		if at := time.UnixMilli(ledger.Clock(e.Time).Milliseconds()).UTC(); at.After(last) {
			last = at
		}
	}
	return last, err
}

// Lease takes or renews what for an account until a time; it returns who holds it otherwise. A lease that
// has run out is free.
func (tx *Tx) Lease(ctx context.Context, what string, account id.ID, until time.Time) (holder string, err error) {
	_, err = tx.Exec(ctx, "DELETE FROM lease WHERE what=$1 AND until<=$2", what, Micro(tx.Now))
	if err != nil {
		return "", err
	}
	n, err := tx.Exec(ctx, `INSERT INTO lease (what, account, until) VALUES ($1,$2,$3)
		ON CONFLICT (what) DO UPDATE SET until=excluded.until WHERE lease.account=excluded.account`, what, account.String(), Micro(until))
	if err != nil || n == 1 {
		return "", err
	}
	err = tx.QueryRow(ctx, "SELECT account FROM lease WHERE what=$1", what).Scan(&holder)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return holder, err
}

// LastEntry returns the number of the newest entry of the ledger, for Touched.
func LastEntry(ctx context.Context, r Reader) (int64, error) {
	return One[int64](ctx, r, "entries", "SELECT coalesce(max(n), 0) FROM ledger_entry")
}

// Touched reports whether anything that counts was written after an entry about a record, or about one that tells of
// it. A look is not a touch.
func Touched(ctx context.Context, r Reader, after int64, rid id.ID, counts func(*ledger.Entry) bool) (bool, error) {
	raws, err := All(ctx, r, func(row *sql.Rows, v *[]byte) error { return row.Scan(v) }, `SELECT raw FROM ledger_entry WHERE record=$1 AND n>$2
		UNION ALL SELECT e.raw FROM record_subject s JOIN ledger_entry e ON e.record=s.record WHERE s.subject=$1 AND e.n>$2
			AND EXISTS (SELECT 1 FROM record k WHERE k.id=s.record AND k.class<>'audit')`, rid[:], after)
	for _, raw := range raws {
		e, err := ledger.Decode(raw)
		if err != nil {
			return false, err
		}
		if counts(&e) {
			return true, nil
		}
	}
	return false, err
}
