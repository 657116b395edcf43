package store

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/ledger"
)

// Rebuild throws the projected tables away and builds them anew from the ledger, in one transaction. It
// returns the state hashes before and after: they must be equal.
func (db *DB) Rebuild(ctx context.Context) (before, after string, err error) {
	if before, err = db.StateHash(ctx); err != nil {
		return "", "", err
	}
	// The writer must be idle: its connection is used from here.
	err = db.exclusive(ctx, func() error { return db.rebuild(ctx) })
	if err != nil {
		return before, "", fmt.Errorf("rebuild: %w", err)
	}
	after, err = db.StateHash(ctx)
	return before, after, err
}

// exclusive runs fn while the writer waits, outside any transaction of the writer's.
func (db *DB) exclusive(ctx context.Context, fn func() error) error {
	return db.Write(ctx, Actor{}, func(*Tx) error { return fn() })
}

func (db *DB) rebuild(ctx context.Context) error {
	w := db.writer
	if err := w.exec(ctx, "SAVEPOINT rebuild"); err != nil {
		return err
	}
	err := db.replay(ctx)
	if err != nil {
		return errors.Join(err, w.exec(ctx, "ROLLBACK TO rebuild"), w.exec(ctx, "RELEASE rebuild"))
	}
	return diskError(w.exec(ctx, "RELEASE rebuild"), "rebuild")
}

// clean drops and creates the projected tables.
func (db *DB) clean(ctx context.Context) error {
	w := db.writer
	for _, q := range []string{"DELETE FROM record", "DELETE FROM record_subject"} {
		if err := w.exec(ctx, q); err != nil {
			return err
		}
	}
	for _, k := range db.cfg.Kinds {
		tables, views, _ := k.schema()
		for _, name := range append(slices.Clone(views), tables...) {
			if err := w.drop(ctx, name); err != nil {
				return fmt.Errorf("tables of %s: %w", k.Name(), err)
			}
		}
	}
	for _, k := range db.cfg.Kinds {
		_, _, ddl := k.schema()
		if _, err := w.conn.ExecContext(ctx, ddl); err != nil {
			return fmt.Errorf("tables of %s: %w", k.Name(), err)
		}
	}
	for _, st := range w.stmts { // prepared against the old tables
		if err := st.Close(); err != nil {
			return err
		}
	}
	clear(w.stmts)
	return nil
}

// drop takes a table or a view away. What is a view today may have been a table in an older program's database.
func (w *writer) drop(ctx context.Context, name string) error {
	var what string
	err := w.conn.QueryRowContext(ctx, "SELECT type FROM sqlite_master WHERE name=?1 AND type IN ('table','view')", name).Scan(&what)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = w.conn.ExecContext(ctx, "DROP "+what+" "+name) //nolint:gosec // names of the program's own
	return err
}

// replay fills the projected tables anew.
func (db *DB) replay(ctx context.Context) error {
	if err := db.clean(ctx); err != nil {
		return err
	}
	w := db.writer
	tx := &Tx{Now: db.Now(), w: w, kinds: map[string]bool{}}
	var act []applied
	err := w.entries(ctx, func(_ int64, _ ledger.Hash, raw []byte) error {
		e, err := ledger.Decode(raw)
		if err != nil {
			return err
		}
		if len(act) > 0 && (act[0].Batch != e.Batch || act[0].Record != e.Record) {
			if err := tx.reproject(ctx, act); err != nil {
				return err
			}
			act = act[:0]
		}
		h := ledger.Hash(sha256.Sum256(raw))
		act = append(act, applied{e, h})
		return tx.reapply(ctx, &e, h)
	})
	if err != nil {
		return err
	}
	return tx.reproject(ctx, act)
}

type applied struct {
	ledger.Entry
	hash ledger.Hash
}

// entries reads the ledger in the order in which it came here, a page at a time, so that the connection is
// free between.
func (w *writer) entries(ctx context.Context, each func(n int64, hash ledger.Hash, raw []byte) error) error {
	type row struct {
		n    int64
		hash []byte
		raw  []byte
	}
	reader := &Tx{w: w}
	for last := int64(0); ; {
		page, err := All(ctx, reader, func(r *sql.Rows, v *row) error { return r.Scan(&v.n, &v.hash, &v.raw) },
			"SELECT n, hash, raw FROM ledger_entry WHERE n > $1 ORDER BY n LIMIT 1000", last)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			if err := each(r.n, ledger.Hash(r.hash), r.raw); err != nil {
				return fmt.Errorf("entry %d: %w", r.n, err)
			}
			last = r.n
		}
	}
}

// reapply applies one entry of the ledger to its record's row.
func (tx *Tx) reapply(ctx context.Context, e *ledger.Entry, h ledger.Hash) error {
	if e.Op == ledger.Open {
		return nil
	}
	all, _, err := load(ctx, tx, id.ID(e.Record), e.Kind)
	if err != nil {
		return err
	}
	var body ledger.Fields
	if e.Body != nil {
		if body, err = tx.openBody(ctx, e, h); err != nil {
			return err
		}
	}
	return tx.keep(ctx, e, h, ledger.Merge(all[e.Lane.Class], e, body))
}

// openBody opens an entry's sealed body; one that was erased is nil without an error.
func (tx *Tx) openBody(ctx context.Context, e *ledger.Entry, h ledger.Hash) (ledger.Fields, error) {
	var sealed, key []byte
	err := tx.QueryRow(ctx, "SELECT b.sealed, k.key FROM ledger_body b JOIN ledger_key k ON k.record=b.record WHERE b.hash=$1", h[:]).Scan(&sealed, &key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if ledger.Commitment(sealed) != *e.Body {
		return nil, ledger.ErrSealed
	}
	return ledger.Unseal(key, sealed)
}

func (tx *Tx) reproject(ctx context.Context, act []applied) error {
	if len(act) == 0 {
		return nil
	}
	e := act[0]
	k := tx.w.db.byName[e.Kind]
	if k == nil || e.Op == ledger.Open {
		return nil // from a newer version: kept in the ledger, and in the record's row
	}
	all, _, err := load(ctx, tx, id.ID(e.Record), e.Kind)
	if err != nil {
		return err
	}
	return k.project(ctx, tx, id.ID(e.Record), all)
}

// StateHash returns a hash over every row of every projected table.
func (db *DB) StateHash(ctx context.Context) (string, error) {
	h := sha256.New()
	for _, t := range db.projected() {
		fmt.Fprintf(h, "\x00table %s\n", t)
		if err := hashTable(ctx, db.readers, h, t); err != nil {
			return "", fmt.Errorf("state of %s: %w", t, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func hashTable(ctx context.Context, r *sql.DB, h hash.Hash, table string) error {
	probe, err := r.QueryContext(ctx, "SELECT * FROM "+table+" LIMIT 0") //nolint:gosec // a table of the program's own
	if err != nil {
		return err
	}
	cols, err := probe.Columns()
	if err = errors.Join(err, probe.Err(), probe.Close()); err != nil {
		return err
	}
	rows, err := r.QueryContext(ctx, "SELECT * FROM "+table+" ORDER BY "+strings.Join(cols, ", ")) //nolint:gosec // as above
	if err != nil {
		return err
	}
	defer rows.Close()
	vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			return err
		}
		for i, v := range vals {
			fmt.Fprintf(h, "%s=%T:%v\x00", cols[i], v, v)
		}
		h.Write([]byte{'\n'})
	}
	return rows.Err()
}

// FaultError is the first bad entry that Verify found.
type FaultError struct {
	Entry int64  // number in the order in which entries came here; 0 where a whole lane is at fault
	Lane  string // class and incarnation
	Seq   uint64
	Err   error
}

// Error names the entry and the fault.
func (f *FaultError) Error() string {
	return fmt.Sprintf("lane %s, entry %d (number %d here): %v", f.Lane, f.Seq, f.Entry, f.Err)
}

// Unwrap returns the fault.
func (f *FaultError) Unwrap() error { return f.Err }

// Errors of Verify, beside the ledger's own.
var (
	ErrBodyChanged = errors.New("the sealed body is not the one that was committed to")
	ErrHeadLost    = errors.New("the lane does not end where its signature says: entries are missing or added")
	ErrSignature   = errors.New("the signature of the lane's end is not this centre's")
)

// Verify walks every lane: encoding, numbers, chain, bodies, and the signature of the end. It returns how
// many entries it saw, and the first bad one as a *FaultError.
func (db *DB) Verify(ctx context.Context) (int, error) {
	type row struct {
		id  int64
		key ledger.Lane
		end ledger.Head
		sig []byte
	}
	lanes, err := All(ctx, db, func(r *sql.Rows, v *row) error {
		var centre, hash []byte
		if err := r.Scan(&v.id, &centre, &v.key.Incarnation, &v.key.Class, &v.end.Seq, &hash, &v.sig); err != nil {
			return err
		}
		v.key.Centre, v.end.Hash = ledger.ID(centre), ledger.Hash(hash)
		return nil
	}, "SELECT id, centre, incarnation, class, seq, hash, signature FROM ledger_lane ORDER BY id")
	if err != nil {
		return 0, fmt.Errorf("verify: %w", err)
	}
	total := 0
	for _, l := range lanes {
		n, head, err := db.verifyLane(ctx, l.id, l.key)
		total += n
		if err != nil {
			return total, err
		}
		fault := &FaultError{Lane: l.key.String(), Seq: l.end.Seq}
		switch {
		case head != l.end:
			fault.Err = ErrHeadLost
		case !ledger.VerifyHead(db.key.Public().(ed25519.PublicKey), l.key, l.end, l.sig):
			fault.Err = ErrSignature
		default:
			continue
		}
		return total, fault
	}
	return total, nil
}

func (db *DB) verifyLane(ctx context.Context, laneID int64, l ledger.Lane) (n int, head ledger.Head, err error) {
	rows, err := db.Query(ctx, `SELECT e.n, e.raw, b.sealed FROM ledger_entry e LEFT JOIN ledger_body b ON b.hash=e.hash
		WHERE e.lane=$1 ORDER BY e.seq`, laneID)
	if err != nil {
		return 0, head, fmt.Errorf("verify: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var at int64
		var raw, sealed []byte
		if err := rows.Scan(&at, &raw, &sealed); err != nil {
			return n, head, err
		}
		e, next, err := head.Follow(l, raw)
		if err == nil && sealed != nil && (e.Body == nil || ledger.Commitment(sealed) != *e.Body) {
			err = ErrBodyChanged
		}
		if err != nil {
			return n, head, &FaultError{Entry: at, Lane: l.String(), Seq: head.Seq + 1, Err: err}
		}
		head = next
		n++
	}
	return n, head, rows.Err()
}
