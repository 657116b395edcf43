// Package store opens a centre's database and is the one door through which data are written: DB.Write
// gives a *Tx, and Tx.Put appends an entry to the ledger and applies it to the tables in the same
// transaction. Reads take a Reader; only a *Tx can write. The SQL of records lives with their nouns, in
// projected tables that can be built anew from the ledger at any time; store owns the ledger's own tables
// and the working tables (migrations/).
package store

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store/chain"
	"github.com/jumyla/jumyla/internal/store/cipher"
	"github.com/jumyla/jumyla/internal/store/disk"
	"github.com/jumyla/jumyla/internal/store/durable"
	"github.com/jumyla/jumyla/internal/store/rebind"
	"github.com/jumyla/jumyla/internal/store/slots"
	"github.com/jumyla/jumyla/ledger"
)

// File names inside a centre's folder.
const (
	dbFile     = "jumyla.db"
	keysFile   = "keys.json"
	lockFile   = "jumyla.lock"
	markerFile = "incarnation.json"
)

// files are the names of all that belongs to a database in its folder.
func files() []string {
	return []string{dbFile, dbFile + "-wal", dbFile + "-shm", keysFile, markerFile, restoreFile}
}

// Config says where a centre's data are and what the program knows how to read in them.
type Config struct {
	Dir   string
	Kinds []Registered     // every kind of record, each once
	Now   func() time.Time // the time that records get; time.Now where nil
	Log   *slog.Logger     // silent where nil
	KDF   KDF              // cost of new passphrase slots; StrongKDF where zero

	// For tests only.
	Random      io.Reader // crypto/rand where nil
	VFS         string    // the encrypting file system under the database; cipher.Name() where empty
	Synchronous string    // "EXTRA" where empty: FULL, and no journal of the creation may come back; less loses acknowledged writes
}

func (c Config) filled() Config {
	if c.Now == nil {
		c.Now = time.Now //nolint:forbidigo // the default of an injected clock
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.KDF == (KDF{}) {
		c.KDF = StrongKDF
	}
	if c.VFS == "" {
		c.VFS = cipher.Name()
	}
	if c.Synchronous == "" {
		c.Synchronous = "EXTRA"
	}
	return c
}

// DB is an open, unlocked database. It is safe for use by many goroutines.
type DB struct {
	cfg     Config
	kinds   map[reflect.Type]Registered
	byName  map[string]Registered
	readers *sql.DB
	stmts   sync.Map // query → *sql.Stmt, prepared for the readers
	writer  *writer
	unlock  func() error

	centre  ledger.ID
	present atomic.Uint32 // the incarnation that is written: the writer opens a new one, everybody reads it
	key     ed25519.PrivateKey
	forks   chain.Forks

	mu        sync.Mutex
	listeners []func(Change)
}

// Change tells what a commit touched, after it is durable.
type Change struct {
	Kinds   map[string]bool
	Records map[string][]id.ID // put or erased, by kind; one may stand there twice
}

// Exists reports whether the folder holds a database.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, dbFile))
	return err == nil
}

// Create makes a new database in an empty or absent folder, encrypted under a random key that the secret
// opens, and returns it open.
func Create(ctx context.Context, cfg Config, s Secret) (*DB, error) {
	cfg = cfg.filled()
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, disk.Error(err, "create data folder")
	}
	unlock, err := lock(cfg.Dir)
	if err != nil {
		return nil, err
	}
	if Exists(cfg.Dir) {
		return nil, errors.Join(errs.New(errs.Conflict, "store.exists"), unlock())
	}
	key := make([]byte, 32)
	if _, err := io.ReadFull(cfg.Random, key); err != nil {
		return nil, errors.Join(err, unlock())
	}
	var raw []byte
	sealed, err := slots.New(cfg.Random, cfg.KDF, key, s)
	if err == nil {
		raw, err = sealed.Bytes()
	}
	if err == nil {
		err = writeFile(filepath.Join(cfg.Dir, keysFile), raw)
	}
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	return open(ctx, cfg, key, unlock)
}

// Open opens the database in the folder. A wrong secret is Denied; a folder that another program has
// open is an InUseError.
func Open(ctx context.Context, cfg Config, s Secret) (*DB, error) {
	cfg = cfg.filled()
	if !Exists(cfg.Dir) {
		return nil, errs.New(errs.NotFound, "store.absent")
	}
	unlock, err := lock(cfg.Dir)
	if err != nil {
		return nil, err
	}
	if err := sweepIncoming(cfg.Dir); err != nil {
		return nil, errors.Join(err, unlock())
	}
	sealed, err := loadSlots(filepath.Join(cfg.Dir, keysFile))
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	key, err := sealed.Open(s)
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	return open(ctx, cfg, key, unlock)
}

func open(ctx context.Context, cfg Config, key []byte, unlock func() error) (_ *DB, err error) {
	db := &DB{cfg: cfg, unlock: unlock, kinds: map[reflect.Type]Registered{}, byName: map[string]Registered{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	for _, k := range cfg.Kinds {
		if db.byName[k.Name()] != nil {
			return nil, fmt.Errorf("kind %s is registered twice", k.Name())
		}
		db.kinds[k.recordType()], db.byName[k.Name()] = k, k
	}
	if err := disk.Error(durable.Cut(filepath.Join(cfg.Dir, dbFile+"-wal"), cipherBlock), "open database"); err != nil {
		return nil, err
	}
	w, err := connect(cfg, key, true)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, w); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	ownerOnly(cfg.Dir)
	if db.writer, err = newWriter(ctx, db, w); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	if db.readers, err = connect(cfg, key, false); err != nil {
		return nil, err
	}
	if err := db.writer.setSelf(ctx, "database", key); err != nil { // for back-ups; encrypted by itself
		return nil, disk.Error(err, "open database")
	}
	if err := db.applyCopy(ctx, key); err != nil {
		return nil, err
	}
	if err := db.mend(ctx); err != nil {
		return nil, err
	}
	if err := db.prepare(ctx); err != nil {
		return nil, err
	}
	db.writer.start()
	return db, db.Settle(ctx) // what a second copy's log, or a reading that was stopped, has left to decide
}

// ownerOnly lets nobody but the owner read the database's files, whatever folder they are carried to. A stick that knows no
// owners refuses, and loses nothing by it: the folder is the owner's alone, and the files are encrypted.
func ownerOnly(dir string) {
	for _, name := range []string{dbFile, dbFile + "-wal", dbFile + "-shm"} {
		_ = os.Chmod(filepath.Join(dir, name), 0o600)
	}
}

// prepare makes the centre's identity on first opening, opens a new incarnation where the database has
// been copied or restored, and builds the projections where the program's tables have changed.
func (db *DB) prepare(ctx context.Context) error {
	if err := db.identify(ctx); err != nil {
		return fmt.Errorf("centre's identity: %w", err)
	}
	if err := db.incarnate(ctx); err != nil {
		return fmt.Errorf("incarnation: %w", err)
	}
	return db.matchSchema(ctx)
}

// Centre returns the centre's own identity in the ledger.
func (db *DB) Centre() id.ID { return id.ID(db.centre) }

// Now returns the time that a record written now would get.
func (db *DB) Now() time.Time { return db.cfg.Now().UTC().Truncate(time.Microsecond) }

// Dir returns the folder that holds the database.
func (db *DB) Dir() string { return db.cfg.Dir }

// OnCommit calls f after each durable commit, from the writer: f must return at once.
func (db *DB) OnCommit(f func(Change)) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.listeners = append(db.listeners, f)
}

func (db *DB) announce(c Change) {
	db.mu.Lock()
	fs := db.listeners
	db.mu.Unlock()
	for _, f := range fs {
		f(c)
	}
}

// Discard closes a database that was made a moment ago and could not be filled, and removes its files, so that
// the folder can be used again.
func (db *DB) Discard() error {
	err := db.Close()
	for _, name := range files() {
		err = errors.Join(err, os.RemoveAll(filepath.Join(db.cfg.Dir, name)))
	}
	return err
}

// Close waits for writes under way, closes the database and frees the folder.
func (db *DB) Close() error {
	var all []error
	if db.writer != nil {
		all = append(all, db.writer.stop())
	}
	db.stmts.Range(func(_, st any) bool {
		all = append(all, st.(*sql.Stmt).Close())
		return true
	})
	if db.readers != nil {
		all = append(all, db.readers.Close())
	}
	return errors.Join(append(all, db.unlock())...)
}

// Reader reads: a *DB reads what is committed, a *Tx also what it has written itself. Query text has $1,
// $2 … for arguments, on every database.
type Reader interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
}

// Query reads rows from what is committed.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := db.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// QueryRow reads one row from what is committed.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	st, err := db.stmt(ctx, query)
	if err != nil {
		return db.readers.QueryRowContext(ctx, rebind.Query(query), args...) // carries the error
	}
	return st.QueryRowContext(ctx, args...)
}

func (db *DB) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if st, ok := db.stmts.Load(query); ok {
		return st.(*sql.Stmt), nil
	}
	st, err := db.readers.PrepareContext(ctx, rebind.Query(query))
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	if old, loaded := db.stmts.LoadOrStore(query, st); loaded {
		return old.(*sql.Stmt), st.Close()
	}
	return st, nil
}

// All collects the rows of a query, one value a row.
func All[T any](ctx context.Context, r Reader, scan func(row *sql.Rows, v *T) error, query string, args ...any) ([]T, error) {
	rows, err := r.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := scan(rows, &v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// One returns the single value of a query's only row: a NotFound naming what where there is none.
func One[T any](ctx context.Context, r Reader, what, query string, args ...any) (T, error) {
	var v T
	err := r.QueryRow(ctx, query, args...).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return v, errs.Missing(what)
	}
	return v, err
}

// Micro is how times stand in tables: microseconds since 1970 UTC; the zero time is 0.
func Micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// At reads what Micro wrote.
func At(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}

// InUseError means that another program has the folder open.
type InUseError = disk.InUseError

func lock(dir string) (func() error, error) {
	unlock, err := disk.Lock(filepath.Join(dir, lockFile))
	return unlock, disk.Error(err, "lock data folder")
}

// Incoming is what the copy of a bundle that is being read is called in the data folder.
const Incoming = ".incoming-*"

// sweepIncoming deletes the copies of readings that were stopped: the folder is ours, so none is under way.
func sweepIncoming(dir string) error {
	left, err := fs.Glob(os.DirFS(dir), Incoming)
	for _, name := range left {
		err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
	}
	return disk.Error(err, "open database")
}
