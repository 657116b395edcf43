package store

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jumyla/jumyla/internal/store/frame"
	"github.com/jumyla/jumyla/internal/store/rebind"
	"github.com/jumyla/jumyla/ledger"
)

// restoreFile is a second copy's log beside a database that was just restored: the first opening applies it.
const restoreFile = "restore.log"

const framesOf = 500 // entries at most

// copyLog is the log that is being written.
type copyLog struct {
	f      *os.File
	aead   cipher.AEAD
	random io.Reader
	frame  uint64
	upTo   int64 // number of the last entry in it, or before it
	late   int64 // likewise of sealed parts that came after their entries
	size   int64
	erased bool // it tells of an erasure that the back-up beneath does not know
}

// newCopyLog makes an empty log of what is written from now on.
func newCopyLog(ctx context.Context, db *DB, path string) (*copyLog, error) {
	key, err := One[[]byte](ctx, db, "key", "SELECT value FROM ledger_self WHERE key='database'")
	if err != nil {
		return nil, err
	}
	aead, err := frame.Cipher(key)
	if err != nil {
		return nil, err
	}
	last, err := One[int64](ctx, db, "entry", "SELECT coalesce(max(n),0) FROM ledger_entry")
	if err != nil {
		return nil, err
	}
	late, err := One[int64](ctx, db, "part", "SELECT coalesce(max(late),0) FROM ledger_body WHERE late>0")
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // in the copy's own folder
	if err != nil {
		return nil, diskError(err, "second copy")
	}
	if _, err = f.WriteString(frame.Magic); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return nil, errors.Join(diskError(err, "second copy"), f.Close())
	}
	return &copyLog{f: f, aead: aead, random: db.cfg.Random, upTo: last, late: late, size: int64(len(frame.Magic))}, nil
}

// there reports whether the log is still where it was, as long as it was.
func (l *copyLog) there() bool {
	now, err := os.Stat(l.f.Name())
	if err != nil {
		return false
	}
	ours, err := l.f.Stat()
	return err == nil && os.SameFile(now, ours) && now.Size() == l.size
}

// add writes the entries since the last time, as they stand at one moment, and flushes them.
func (l *copyLog) add(ctx context.Context, db *DB) error {
	conn, err := db.readers.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil { // one moment for all that is read
		return err
	}
	wrote, err := l.frames(ctx, conn)
	if _, end := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); end != nil || err != nil {
		return errors.Join(err, end)
	}
	if wrote {
		return diskError(l.f.Sync(), "second copy")
	}
	return nil
}

func (l *copyLog) frames(ctx context.Context, conn *sql.Conn) (wrote bool, err error) {
	for {
		var f frame.Frame
		f.Entries, err = All(ctx, reading{conn}, func(r *sql.Rows, v *frame.Entry) error {
			return r.Scan(&v.N, &v.Lane, &v.Seq, &v.Hash, &v.Record, &v.Raw, &v.Sealed, &v.Key)
		}, `SELECT e.n, e.lane, e.seq, e.hash, e.record, e.raw, b.sealed, coalesce(b.key, k.key) FROM ledger_entry e
			LEFT JOIN ledger_body b ON b.hash=e.hash LEFT JOIN ledger_key k ON k.record=e.record
			WHERE e.n>$1 ORDER BY e.n LIMIT $2`, l.upTo, framesOf)
		if err == nil {
			f.Parts, err = All(ctx, reading{conn}, func(r *sql.Rows, v *frame.Part) error {
				return r.Scan(&v.Late, &v.Hash, &v.Record, &v.Sealed, &v.Key)
			}, `SELECT b.late, b.hash, b.record, b.sealed, coalesce(b.key, k.key) FROM ledger_body b JOIN ledger_key k ON k.record=b.record
				WHERE b.late>$1 AND b.late>0 ORDER BY b.late LIMIT $2`, l.late, framesOf)
		}
		if err != nil || len(f.Entries)+len(f.Parts) == 0 {
			return wrote, err
		}
		if n := len(f.Entries); n > 0 {
			l.upTo = f.Entries[n-1].N
		}
		if n := len(f.Parts); n > 0 {
			l.late = f.Parts[n-1].Late
		}
		if err := l.end(ctx, conn, &f); err != nil {
			return wrote, err
		}
		if err := l.write(f); err != nil {
			return wrote, err
		}
		wrote = true
		for _, e := range f.Entries {
			if d, err := ledger.Decode(e.Raw); err == nil && d.Op == ledger.Erase {
				l.erased = true
			}
		}
	}
}

// end gives the last frame of several the lanes' ends, so that they can be applied.
func (l *copyLog) end(ctx context.Context, conn *sql.Conn, f *frame.Frame) error {
	more, err := One[bool](ctx, reading{conn}, "entries", "SELECT EXISTS (SELECT 1 FROM ledger_entry WHERE n>$1) OR EXISTS (SELECT 1 FROM ledger_body WHERE late>$2 AND late>0)", l.upTo, l.late)
	if err != nil || more {
		return err
	}
	f.Lanes, err = All(ctx, reading{conn}, func(r *sql.Rows, v *frame.Lane) error {
		var signed int64
		err := r.Scan(&v.ID, &v.Centre, &v.Incarnation, &v.Class, &v.Seq, &v.Hash, &v.Signature, &signed)
		f.Signed = append(f.Signed, signed)
		return err
	}, "SELECT id, centre, incarnation, class, seq, hash, signature, signed FROM ledger_lane")
	if err == nil {
		err = conn.QueryRowContext(ctx, "SELECT (SELECT value FROM ledger_self WHERE key='incarnation'), (SELECT value FROM ledger_self WHERE key='box')").Scan(&f.Incarnation, &f.Box)
	}
	return err
}

// reading reads through one connection, which holds one moment.
type reading struct{ conn *sql.Conn }

// Query reads rows.
func (r reading) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return r.conn.QueryContext(ctx, rebind.Query(query), args...)
}

// QueryRow reads one row.
func (r reading) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return r.conn.QueryRowContext(ctx, rebind.Query(query), args...)
}

func (l *copyLog) write(f frame.Frame) error {
	l.frame++
	b, err := frame.Seal(l.aead, l.random, l.frame, f)
	if err != nil {
		return err
	}
	n, err := l.f.Write(b)
	l.size += int64(n)
	return diskError(err, "second copy")
}

// applyCopy brings a database that was just restored up to the copy's log beside it, in one transaction. The tables
// are built anew afterwards.
func (db *DB) applyCopy(ctx context.Context, key []byte) error {
	path := filepath.Join(db.cfg.Dir, restoreFile)
	b, err := os.ReadFile(path) //nolint:gosec // the data folder's own file
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return diskError(err, "apply copy")
	}
	frames, rest, err := frame.Read(b, key)
	if err != nil {
		return err
	}
	w := db.writer
	if err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err = frame.Apply(ctx, w.execN, frames); err == nil {
		err = w.exec(ctx, "COMMIT")
	}
	if err != nil {
		return errors.Join(diskError(err, "apply copy"), w.exec(ctx, "ROLLBACK"))
	}
	db.cfg.Log.InfoContext(ctx, "second copy applied", "frames", len(frames), "unfinished_bytes", rest)
	return diskError(os.Remove(path), "apply copy")
}
