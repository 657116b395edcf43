package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/jumyla/jumyla/internal/store/disk"
	"github.com/jumyla/jumyla/internal/store/frame"
	"github.com/jumyla/jumyla/internal/store/second"
)

// NewCopy returns a second copy in a folder of another device, which somebody has to bring up to date. now is a real clock.
func (db *DB) NewCopy(dir string, now func() time.Time) *second.Copy {
	return second.New(second.Source{Centre: db.Centre().String(), Dir: db.cfg.Dir, Backup: db.Backup, Key: db.databaseKey, Moment: db.moment,
		Random: db.cfg.Random, Log: db.cfg.Log}, dir, now)
}

func (db *DB) databaseKey(ctx context.Context) ([]byte, error) {
	return One[[]byte](ctx, db, "key", "SELECT value FROM ledger_self WHERE key='database'")
}

// moment runs fn with a connection on which all that is read is as it stood at one moment.
func (db *DB) moment(ctx context.Context, fn func(*sql.Conn) error) error {
	conn, err := db.readers.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	err = fn(conn)
	_, end := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	return errors.Join(err, end)
}

// restoreFile is a second copy's log beside a database that was just restored: the first opening applies it.
const restoreFile = "restore.log"

// applyCopy brings a database that was just restored up to the copy's log beside it, in one transaction. The tables
// are built anew afterwards.
func (db *DB) applyCopy(ctx context.Context, key []byte) error {
	path := filepath.Join(db.cfg.Dir, restoreFile)
	b, err := os.ReadFile(path) //nolint:gosec // the data folder's own file
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return disk.Error(err, "apply copy")
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
		return errors.Join(disk.Error(err, "apply copy"), w.exec(ctx, "ROLLBACK"))
	}
	db.cfg.Log.InfoContext(ctx, "second copy applied", "frames", len(frames), "unfinished_bytes", rest)
	return disk.Error(os.Remove(path), "apply copy")
}
