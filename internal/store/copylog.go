package store

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/jumyla/jumyla/ledger"
)

// restoreFile is a second copy's log beside a database that was just restored: the first opening applies it.
const restoreFile = "restore.log"

// copyMagic begins a copy's log, and tells its frames from anything else under the same key.
const copyMagic = "jumyla copy 1\n"

const framesOf = 500 // entries at most

// copyFrame is a piece of a copy's log: its length in four bytes, then itself, sealed with its number. What a tick
// adds ends with a frame that has the lanes' ends; frames after the last such one say nothing.
type copyFrame struct {
	Entries     []copyEntry `cbor:"1,keyasint,omitempty"`
	Lanes       []copyLane  `cbor:"2,keyasint,omitempty"`
	Incarnation []byte      `cbor:"3,keyasint,omitempty"`
}

type copyEntry struct {
	_      struct{} `cbor:",toarray"`
	N      int64
	Lane   int64
	Seq    int64
	Hash   []byte
	Record []byte
	Raw    []byte
	Sealed []byte // nil where there is no body, or it was erased
	Key    []byte
}

type copyLane struct {
	_           struct{} `cbor:",toarray"`
	ID          int64
	Centre      []byte
	Incarnation uint32
	Class       string
	Seq         int64
	Hash        []byte
	Signature   []byte
}

// copyLog is the log that is being written.
type copyLog struct {
	f      *os.File
	aead   cipher.AEAD
	random io.Reader
	frame  uint64
	upTo   int64 // number of the last entry in it, or before it
	size   int64
	erased bool // it tells of an erasure that the back-up beneath does not know
}

// copyCipher seals frames under a key that follows from the database's.
func copyCipher(key []byte) (cipher.AEAD, error) {
	k := sha256.Sum256(append([]byte(copyMagic), key...))
	return chacha20poly1305.NewX(k[:])
}

// newCopyLog makes an empty log of what is written from now on.
func newCopyLog(ctx context.Context, db *DB, path string) (*copyLog, error) {
	key, err := One[[]byte](ctx, db, "key", "SELECT value FROM ledger_self WHERE key='database'")
	if err != nil {
		return nil, err
	}
	aead, err := copyCipher(key)
	if err != nil {
		return nil, err
	}
	last, err := One[int64](ctx, db, "entry", "SELECT coalesce(max(n),0) FROM ledger_entry")
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // in the copy's own folder
	if err != nil {
		return nil, diskError(err, "second copy")
	}
	if _, err = f.WriteString(copyMagic); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return nil, errors.Join(diskError(err, "second copy"), f.Close())
	}
	return &copyLog{f: f, aead: aead, random: db.cfg.Random, upTo: last, size: int64(len(copyMagic))}, nil
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
		entries, err := connRows(ctx, conn, func(r *sql.Rows, v *copyEntry) error {
			return r.Scan(&v.N, &v.Lane, &v.Seq, &v.Hash, &v.Record, &v.Raw, &v.Sealed, &v.Key)
		}, `SELECT e.n, e.lane, e.seq, e.hash, e.record, e.raw, b.sealed, coalesce(b.key, k.key) FROM ledger_entry e
			LEFT JOIN ledger_body b ON b.hash=e.hash LEFT JOIN ledger_key k ON k.record=e.record
			WHERE e.n>?1 ORDER BY e.n LIMIT ?2`, l.upTo, framesOf)
		if err != nil || len(entries) == 0 {
			return wrote, err
		}
		f := copyFrame{Entries: entries}
		if err := f.end(ctx, conn); err != nil {
			return wrote, err
		}
		if err := l.write(f); err != nil {
			return wrote, err
		}
		l.upTo, wrote = entries[len(entries)-1].N, true
		for _, e := range entries {
			if d, err := ledger.Decode(e.Raw); err == nil && d.Op == ledger.Erase {
				l.erased = true
			}
		}
	}
}

// end gives the last frame of several the lanes' ends, so that they can be applied.
func (f *copyFrame) end(ctx context.Context, conn *sql.Conn) (err error) {
	var more int64
	err = conn.QueryRowContext(ctx, "SELECT count(*) FROM ledger_entry WHERE n>?1", f.Entries[len(f.Entries)-1].N).Scan(&more)
	if err != nil || more > 0 {
		return err
	}
	f.Lanes, err = connRows(ctx, conn, func(r *sql.Rows, v *copyLane) error {
		return r.Scan(&v.ID, &v.Centre, &v.Incarnation, &v.Class, &v.Seq, &v.Hash, &v.Signature)
	}, "SELECT id, centre, incarnation, class, seq, hash, signature FROM ledger_lane")
	if err != nil {
		return err
	}
	return conn.QueryRowContext(ctx, "SELECT value FROM ledger_self WHERE key='incarnation'").Scan(&f.Incarnation)
}

func connRows[T any](ctx context.Context, conn *sql.Conn, scan func(*sql.Rows, *T) error, query string, args ...any) ([]T, error) {
	rows, err := conn.QueryContext(ctx, query, args...)
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

func (l *copyLog) write(f copyFrame) error {
	plain, err := ledger.Marshal(f)
	if err != nil {
		return err
	}
	nonce := make([]byte, l.aead.NonceSize())
	if _, err := io.ReadFull(l.random, nonce); err != nil {
		return err
	}
	l.frame++
	sealed := l.aead.Seal(nonce, nonce, plain, binary.BigEndian.AppendUint64(nil, l.frame))
	b := binary.BigEndian.AppendUint32(nil, uint32(len(sealed))) //nolint:gosec // 500 entries, each bounded
	n, err := l.f.Write(append(b, sealed...))
	l.size += int64(n)
	return diskError(err, "second copy")
}

// readCopy returns the frames of a log up to the last that can be applied, and how many bytes after it say nothing:
// what a device that was pulled out did not get whole.
func readCopy(b, key []byte) (frames []copyFrame, rest int, err error) {
	aead, err := copyCipher(key)
	if err != nil {
		return nil, 0, err
	}
	b, ok := bytes.CutPrefix(b, []byte(copyMagic))
	if !ok {
		return nil, len(b), nil
	}
	whole, rest := 0, len(b)
	for n := uint64(1); len(b) >= 4; n++ {
		size := int(binary.BigEndian.Uint32(b))
		if b = b[4:]; size < aead.NonceSize() || size > len(b) {
			break
		}
		plain, err := aead.Open(nil, b[:aead.NonceSize()], b[aead.NonceSize():size], binary.BigEndian.AppendUint64(nil, n))
		var f copyFrame
		if err != nil || ledger.Unmarshal(plain, &f) != nil {
			break
		}
		frames, b = append(frames, f), b[size:]
		if len(f.Lanes) > 0 {
			whole, rest = len(frames), len(b)
		}
	}
	return frames[:whole], rest, nil //nolint:nilerr // a frame that does not open ends what can be read
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
	frames, rest, err := readCopy(b, key)
	if err != nil {
		return err
	}
	w := db.writer
	if err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err = w.applyFrames(ctx, frames); err == nil {
		err = w.exec(ctx, "COMMIT")
	}
	if err != nil {
		return errors.Join(diskError(err, "apply copy"), w.exec(ctx, "ROLLBACK"))
	}
	db.cfg.Log.InfoContext(ctx, "second copy applied", "frames", len(frames), "unfinished_bytes", rest)
	return diskError(os.Remove(path), "apply copy")
}

func (w *writer) applyFrames(ctx context.Context, frames []copyFrame) error {
	for _, f := range frames { // lanes first: entries point to them
		for _, l := range f.Lanes {
			if err := w.exec(ctx, `INSERT INTO ledger_lane (id, centre, incarnation, class, seq, hash, signature) VALUES ($1,$2,$3,$4,$5,$6,$7)
				ON CONFLICT (id) DO UPDATE SET seq=excluded.seq, hash=excluded.hash, signature=excluded.signature WHERE excluded.seq>ledger_lane.seq`,
				l.ID, l.Centre, l.Incarnation, l.Class, l.Seq, l.Hash, l.Signature); err != nil {
				return err
			}
		}
	}
	for _, f := range frames {
		for _, e := range f.Entries {
			if err := w.applyEntry(ctx, e); err != nil {
				return err
			}
		}
		if len(f.Incarnation) == 0 {
			continue
		}
		if err := w.setSelf(ctx, "incarnation", f.Incarnation); err != nil {
			return err
		}
	}
	return w.setSelf(ctx, "projected", []byte{}) // built anew in a moment
}

func (w *writer) applyEntry(ctx context.Context, e copyEntry) error {
	d, err := ledger.Decode(e.Raw)
	if err != nil {
		return err
	}
	n, err := w.execN(ctx, `INSERT INTO ledger_entry (n, lane, seq, hash, record, raw) VALUES ($1,$2,$3,$4,$5,$6) ON CONFLICT DO NOTHING`,
		e.N, e.Lane, e.Seq, e.Hash, e.Record, e.Raw)
	if err != nil || n == 0 {
		return err
	}
	if d.Op == ledger.Erase {
		return errors.Join(w.exec(ctx, "DELETE FROM ledger_body WHERE record=$1", e.Record), w.exec(ctx, "DELETE FROM ledger_key WHERE record=$1", e.Record))
	}
	if len(e.Sealed) == 0 || len(e.Key) == 0 {
		return nil
	}
	if err := w.exec(ctx, "INSERT INTO ledger_key (record, key) VALUES ($1,$2) ON CONFLICT DO NOTHING", e.Record, e.Key); err != nil {
		return err
	}
	return w.exec(ctx, "INSERT INTO ledger_body (hash, record, sealed) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING", e.Hash, e.Record, e.Sealed)
}
