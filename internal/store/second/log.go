package second

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"errors"
	"io"
	"os"

	"github.com/jumyla/jumyla/internal/store/disk"
	"github.com/jumyla/jumyla/internal/store/frame"
	"github.com/jumyla/jumyla/ledger"
)

const framesOf = 500 // entries at most

// log is the log that is being written.
type log struct {
	f      *os.File
	aead   cipher.AEAD
	random io.Reader
	frame  uint64
	upTo   int64 // number of the last entry in it, or before it
	late   int64 // likewise of sealed parts that came after their entries
	size   int64
	erased bool // it tells of an erasure that the back-up beneath does not know
}

// newLog makes an empty log of what is written from now on.
func newLog(ctx context.Context, db Source, path string) (*log, error) {
	key, err := db.Key(ctx)
	if err != nil {
		return nil, err
	}
	aead, err := frame.Cipher(key)
	if err != nil {
		return nil, err
	}
	var last, late int64
	err = db.Moment(ctx, func(conn *sql.Conn) error {
		return conn.QueryRowContext(ctx, "SELECT (SELECT coalesce(max(n),0) FROM ledger_entry), (SELECT coalesce(max(late),0) FROM ledger_body WHERE late>0)").Scan(&last, &late)
	})
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // in the copy's own folder
	if err != nil {
		return nil, disk.Error(err, "second copy")
	}
	if _, err = f.WriteString(frame.Magic); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return nil, errors.Join(disk.Error(err, "second copy"), f.Close())
	}
	return &log{f: f, aead: aead, random: db.Random, upTo: last, late: late, size: int64(len(frame.Magic))}, nil
}

// there reports whether the log is still where it was, as long as it was.
func (l *log) there() bool {
	now, err := os.Stat(l.f.Name())
	if err != nil {
		return false
	}
	ours, err := l.f.Stat()
	return err == nil && os.SameFile(now, ours) && now.Size() == l.size
}

// add writes the entries since the last time, as they stand at one moment, and flushes them.
func (l *log) add(ctx context.Context, db Source) (err error) {
	wrote := false
	err = db.Moment(ctx, func(conn *sql.Conn) error {
		wrote, err = l.frames(ctx, conn)
		return err
	})
	if err != nil || !wrote {
		return err
	}
	return disk.Error(l.f.Sync(), "second copy")
}

func (l *log) frames(ctx context.Context, conn *sql.Conn) (wrote bool, err error) {
	for {
		f, err := l.next(ctx, conn)
		if err != nil || len(f.Entries)+len(f.Parts) == 0 {
			return wrote, err
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

// next reads what the next frame is to hold.
func (l *log) next(ctx context.Context, conn *sql.Conn) (f frame.Frame, err error) {
	f.Entries, err = all(ctx, conn, func(r *sql.Rows, v *frame.Entry) error {
		return r.Scan(&v.N, &v.Lane, &v.Seq, &v.Hash, &v.Record, &v.Raw, &v.Sealed, &v.Key)
	}, `SELECT e.n, e.lane, e.seq, e.hash, e.record, e.raw, b.sealed, coalesce(b.key, k.key) FROM ledger_entry e
		LEFT JOIN ledger_body b ON b.hash=e.hash LEFT JOIN ledger_key k ON k.record=e.record
		WHERE e.n>?1 ORDER BY e.n LIMIT ?2`, l.upTo, framesOf)
	if err != nil {
		return f, err
	}
	f.Parts, err = all(ctx, conn, func(r *sql.Rows, v *frame.Part) error {
		return r.Scan(&v.Late, &v.Hash, &v.Record, &v.Sealed, &v.Key)
	}, `SELECT b.late, b.hash, b.record, b.sealed, coalesce(b.key, k.key) FROM ledger_body b JOIN ledger_key k ON k.record=b.record
		WHERE b.late>?1 AND b.late>0 ORDER BY b.late LIMIT ?2`, l.late, framesOf)
	if n := len(f.Entries); n > 0 {
		l.upTo = f.Entries[n-1].N
	}
	if n := len(f.Parts); n > 0 {
		l.late = f.Parts[n-1].Late
	}
	return f, err
}

// end gives the last frame of several the lanes' ends, so that they can be applied.
func (l *log) end(ctx context.Context, conn *sql.Conn, f *frame.Frame) error {
	var more, forked bool
	err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM ledger_entry WHERE n>?1) OR EXISTS (SELECT 1 FROM ledger_body WHERE late>?2 AND late>0)",
		l.upTo, l.late).Scan(&more)
	if err != nil || more {
		return err
	}
	f.Lanes, err = all(ctx, conn, func(r *sql.Rows, v *frame.Lane) error {
		var signed int64
		var root frame.Root
		err := r.Scan(&v.ID, &v.Centre, &v.Incarnation, &v.Class, &v.Seq, &v.Hash, &v.Signature, &signed, &root.Branch, &root.Seq, &root.Hash)
		f.Signed, f.Roots, forked = append(f.Signed, signed), append(f.Roots, root), forked || root.Branch > 0
		return err
	}, "SELECT id, centre, incarnation, class, seq, hash, signature, signed, branch, root_seq, root FROM ledger_lane")
	if !forked {
		f.Roots = nil
	}
	if err == nil {
		err = conn.QueryRowContext(ctx, "SELECT (SELECT value FROM ledger_self WHERE key='incarnation'), (SELECT value FROM ledger_self WHERE key='box')").Scan(&f.Incarnation, &f.Box)
	}
	return err
}

// all collects the rows of a query.
func all[T any](ctx context.Context, conn *sql.Conn, scan func(*sql.Rows, *T) error, query string, args ...any) (out []T, err error) {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v T
		if err := scan(rows, &v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func (l *log) write(f frame.Frame) error {
	l.frame++
	b, err := frame.Seal(l.aead, l.random, l.frame, f)
	if err != nil {
		return err
	}
	n, err := l.f.Write(b)
	l.size += int64(n)
	return disk.Error(err, "second copy")
}
