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

// rebuildCache is how much memory the writer's connection has for pages while it rebuilds, in KiB: many rows go to many places.
const rebuildCache = 128 << 10

// rebuild runs in a transaction of its own and in no savepoint. The log can take a transaction back by itself; a savepoint
// would keep every page as it was, in memory, until all is done. Once it is committed it has happened, whatever fails then.
func (db *DB) rebuild(ctx context.Context) (err error) {
	w := db.writer
	if err := w.cache(ctx, rebuildCache); err != nil {
		return err
	}
	defer func() {
		db.note(ctx, "the writer keeps the memory of a rebuild", w.cache(context.WithoutCancel(ctx), pageCache))
	}()
	if err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return disk.Error(err, "rebuild")
	}
	if err = guarded(func() error { return db.replay(ctx) }); err == nil {
		err = w.exec(ctx, "COMMIT")
	}
	if err != nil {
		return errors.Join(disk.Error(err, "rebuild"), w.exec(context.WithoutCancel(ctx), "ROLLBACK"))
	}
	_, err = w.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)") // the log was as large as the tables
	db.note(ctx, "rebuilt; the log beside the database could not be emptied and keeps its size until it can", err)
	return nil
}

// note logs what failed after something that was done.
func (db *DB) note(ctx context.Context, what string, err error) {
	if err != nil {
		db.cfg.Log.WarnContext(ctx, "after a rebuild", "what", what, "error", err)
	}
}

// cache gives the connection so much memory for pages, in KiB, and frees what is more.
func (w *writer) cache(ctx context.Context, kib int) error {
	_, err := w.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA cache_size=-%d; PRAGMA shrink_memory", kib))
	return err
}

// clean drops and creates the projected tables.
func (db *DB) clean(ctx context.Context) error {
	w := db.writer
	for _, q := range []string{"DELETE FROM record", "DELETE FROM record_subject", "DELETE FROM record_held", "DELETE FROM record_want", "DELETE FROM record_asked", "DELETE FROM record_plea",
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
// through every change again. What comes next is read and folded, by another connection, while what was folded is written.
func (db *DB) replay(ctx context.Context) error {
	if err := db.clean(ctx); err != nil {
		return err
	}
	w := db.writer
	if _, err := w.directory(ctx); err != nil {
		return err
	}
	tx := &Tx{Now: db.Now(), w: w, kinds: map[string]bool{}, fresh: true}
	folding, stop := context.WithCancel(ctx)
	pages := make(chan foldedPage, 1)
	go db.foldAll(folding, pages)
	defer func() {
		stop()
		for range pages { // until it has heard
		}
	}()
	for p := range pages {
		if p.err != nil {
			return p.err
		}
		for _, f := range p.records {
			if err := tx.write(ctx, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// foldAll reads the ledger and folds its records, page by page, until ctx ends.
func (db *DB) foldAll(ctx context.Context, pages chan<- foldedPage) {
	defer close(pages)
	var after entryRow
	var rest []entryRow // of the page's last record: it may go on in the next
	for {
		page, err := db.entriesByRecord(ctx, after)
		all := append(rest, page...)
		cut := len(all)
		if len(page) > 0 {
			after = page[len(page)-1]
			for cut > 0 && all[cut-1].record == after.record {
				cut--
			}
		}
		p := foldedPage{err: err}
		if err == nil {
			if err := guarded(func() error { p = db.foldPage(all[:cut]); return nil }); err != nil {
				p = foldedPage{err: err}
			}
		}
		select {
		case pages <- p:
		case <-ctx.Done():
			return
		}
		if rest = slices.Clone(all[cut:]); p.err != nil || len(page) == 0 {
			return
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

// A page of the ledger has so many entries, and so many bytes: one entry may have megabytes.
const (
	pageEntries = 2000
	pageBytes   = 8 << 20
)

// entriesByRecord reads a page of the ledger in the order of records, and of each record's history.
func (db *DB) entriesByRecord(ctx context.Context, after entryRow) (page []entryRow, err error) {
	rows, err := db.Query(ctx, `SELECT e.n, e.record, e.raw, b.sealed, coalesce(b.key, k.key) FROM ledger_entry e
		LEFT JOIN ledger_body b ON b.hash=e.hash LEFT JOIN ledger_key k ON k.record=e.record
		WHERE e.record>=$1 AND (e.record>$1 OR e.n>$2) ORDER BY e.record, e.n LIMIT $3`, after.record[:], after.n, pageEntries)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for size := 0; size < pageBytes && rows.Next(); {
		var v entryRow
		var record []byte
		if err := rows.Scan(&v.n, &record, &v.raw, &v.sealed, &v.key); err != nil {
			return nil, err
		}
		v.record = ledger.ID(record)
		page, size = append(page, v), size+len(v.raw)+len(v.sealed)
	}
	return page, rows.Err()
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
	pleas    []plea
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
	return chain.Walk(ctx, db, db.Writes, func(centre ledger.ID) ed25519.PublicKey {
		key, _ := dir.Key(centre)
		return key
	})
}
