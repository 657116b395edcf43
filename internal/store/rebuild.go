package store

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/jumyla/jumyla/internal/store/disk"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store/chain"
	"github.com/jumyla/jumyla/internal/store/statehash"
	"github.com/jumyla/jumyla/ledger"
)

// Rebuild throws the projected tables away and builds them anew from the ledger, in one transaction. It
// returns the state hashes before and after: they must be equal.
func (db *DB) Rebuild(ctx context.Context) (before, after string, err error) {
	if err := db.Settle(ctx); err != nil { // else what is there is not yet what the ledger says
		return "", "", err
	}
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
	return disk.Error(w.exec(ctx, "RELEASE rebuild"), "rebuild")
}

// clean drops and creates the projected tables.
func (db *DB) clean(ctx context.Context) error {
	w := db.writer
	for _, q := range []string{"DELETE FROM record", "DELETE FROM record_subject", "DELETE FROM record_held", "DELETE FROM record_want", "DELETE FROM record_asked",
		"DELETE FROM exchange_again", "DELETE FROM exchange_due"} {
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
	_, err = w.conn.ExecContext(ctx, "DROP "+what+" "+name)
	return err
}

// replay fills the projected tables anew, record by record: each is folded from its entries and applied once, as it
// is in the end. That is all that its tables may depend on (Spec.Project), and many times faster than to live
// through every change again. What is read next is folded while what was folded is written.
func (db *DB) replay(ctx context.Context) error {
	if err := db.clean(ctx); err != nil {
		return err
	}
	w := db.writer
	if _, err := w.directory(ctx); err != nil {
		return err
	}
	tx := &Tx{Now: db.Now(), w: w, kinds: map[string]bool{}, fresh: true}
	var after entryRow
	var rest []entryRow // of the page's last record: it may go on in the next
	folding := make(chan foldedPage, 1)
	folding <- foldedPage{}
	for {
		page, err := w.entriesByRecord(ctx, after)
		done := <-folding
		if err = errors.Join(err, done.err); err != nil {
			return err
		}
		if len(page) == 0 && len(rest) == 0 {
			return tx.applyFolded(ctx, done.records)
		}
		all := append(rest, page...)
		cut := len(all)
		if len(page) > 0 {
			after = page[len(page)-1]
			for cut > 0 && all[cut-1].record == after.record {
				cut--
			}
		}
		rest = slices.Clone(all[cut:])
		go func() { folding <- db.foldPage(all[:cut]) }()
		if err := tx.applyFolded(ctx, done.records); err != nil {
			<-folding
			return err
		}
	}
}

// entryRow is an entry with its body, as they stand in the ledger's tables.
type entryRow struct {
	n           int64
	record      ledger.ID
	raw         []byte
	sealed, key []byte
}

// entriesByRecord reads a page of the ledger in the order of records, and of each record's history.
func (w *writer) entriesByRecord(ctx context.Context, after entryRow) ([]entryRow, error) {
	return All(ctx, &Tx{w: w}, func(r *sql.Rows, v *entryRow) error {
		var record []byte
		if err := r.Scan(&v.n, &record, &v.raw, &v.sealed, &v.key); err != nil {
			return err
		}
		v.record = ledger.ID(record)
		return nil
	}, `SELECT e.n, e.record, e.raw, b.sealed, coalesce(b.key, k.key) FROM ledger_entry e
		LEFT JOIN ledger_body b ON b.hash=e.hash LEFT JOIN ledger_key k ON k.record=e.record
		WHERE e.record>=$1 AND (e.record>$1 OR e.n>$2) ORDER BY e.record, e.n LIMIT 2000`, after.record[:], after.n)
}

// folded is a record as its entries leave it.
type folded struct {
	kind string
	id   id.ID
	all  map[ledger.Class]ledger.Fields
	rows []foldedRow

	held     *holding         // nil where it is ours alone
	decision *ledger.Decision // likewise
	wants    []ledger.Hash
	asked    []asked
	due      bool
}

type foldedRow struct {
	class ledger.Class
	head  ledger.Hash
	raw   []byte
}

type foldedPage struct {
	records []folded
	err     error
}

// foldPage folds whole records; entries of one stand together.
func (db *DB) foldPage(rows []entryRow) (p foldedPage) {
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && rows[to].record == rows[from].record {
			to++
		}
		f, err := db.fold(rows[from:to])
		if err != nil {
			return foldedPage{err: err}
		}
		if len(f.rows) > 0 || f.held != nil {
			p.records = append(p.records, f)
		}
		from = to
	}
	return p
}

// applyFolded writes records' rows and calls their kinds' Project.
func (tx *Tx) applyFolded(ctx context.Context, records []folded) error {
	for _, f := range records {
		if err := tx.write(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// StateHash returns a hash over every row of every projected table.
func (db *DB) StateHash(ctx context.Context) (string, error) {
	h := sha256.New()
	for _, t := range db.projected() {
		fmt.Fprintf(h, "\x00table %s\n", t)
		if err := statehash.Table(ctx, db.readers, h, t); err != nil {
			return "", fmt.Errorf("state of %s: %w", t, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// FaultError is the first bad entry that Verify found.
type FaultError = chain.FaultError

// Verify walks every lane: encoding, numbers, chain, bodies, and the signature of the end. It returns how
// many entries it saw, and the first bad one as a *FaultError.
func (db *DB) Verify(ctx context.Context) (int, error) {
	dir, _, err := db.readDirectory(ctx, db)
	if err != nil {
		return 0, err
	}
	return chain.Walk(ctx, db, db.centre, func(centre ledger.ID) ed25519.PublicKey {
		key, _ := dir.Key(centre)
		return key
	})
}
