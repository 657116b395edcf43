package store

import (
	"archive/tar"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
)

// maxRestore bounds what a back-up may unpack to.
const maxRestore = 64 << 30

// Backup writes one file with the database, encrypted as it is, and the slots that open it. It runs beside
// reads and writes. The file is written under a temporary name, flushed and renamed.
func (db *DB) Backup(ctx context.Context, path string) error {
	tmp, err := os.MkdirTemp(filepath.Dir(path), ".jumyla-backup-")
	if err != nil {
		return diskError(err, "back up")
	}
	defer os.RemoveAll(tmp)
	key, err := One[[]byte](ctx, db, "key", "SELECT value FROM ledger_self WHERE key='database'")
	if err != nil {
		return err
	}
	copyPath, err := filepath.Abs(filepath.Join(tmp, dbFile))
	if err != nil {
		return err
	}
	conn, err := connect(db.cfg, key, true)
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "VACUUM INTO $1", fileURI(copyPath, db.cfg.VFS)+"&hexkey="+hex.EncodeToString(key))
	if err = errors.Join(err, conn.Close()); err != nil {
		return diskError(err, "copy database")
	}
	out, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // named by the caller
	if err != nil {
		return diskError(err, "back up")
	}
	w := tar.NewWriter(out)
	err = errors.Join(addFile(w, keysFile, filepath.Join(db.cfg.Dir, keysFile)), addFile(w, dbFile, copyPath), w.Close(), out.Sync(), out.Close())
	if err != nil {
		return errors.Join(diskError(err, "back up"), os.Remove(path+".new"))
	}
	return diskError(replace(path+".new", path), "back up")
}

// lastBackup is the file that keeps when a back-up was last made of this folder.
const lastBackup = "last-backup.txt"

// NoteBackup keeps that a back-up of the data folder was made by somebody.
func NoteBackup(dataDir string, at time.Time) error {
	return writeFile(filepath.Join(dataDir, lastBackup), []byte(at.UTC().Format(time.RFC3339)+"\n"))
}

// LastBackup returns when a back-up of the data folder was last made; zero where none was.
func LastBackup(dataDir string) (time.Time, error) {
	b, err := os.ReadFile(filepath.Join(dataDir, lastBackup)) //nolint:gosec // the data folder's own file
	if errors.Is(err, os.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, diskError(err, "read")
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(b)))
	if err != nil {
		at = time.Time{} // damaged: as if there were none
	}
	return at, nil // said above
}

func addFile(w *tar.Writer, name, path string) error {
	f, err := os.Open(path) //nolint:gosec // our own files
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: fi.Size(), Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

// Restore unpacks a back-up, or a second copy's folder, into an empty or absent folder. The database in it opens a new incarnation
// when it is next opened, with the secret that opened it when it was backed up. A back-up that is damaged
// leaves nothing behind, so that another can be tried.
func Restore(path, dir string) (err error) {
	if fi, err := os.Stat(path); err == nil && fi.IsDir() {
		return restoreCopy(path, dir)
	}
	if err := vacant(dir); err != nil {
		return err
	}
	f, err := os.Open(path) //nolint:gosec // named by the caller
	if err != nil {
		return errs.Wrap(errs.NotFound, err, "store.backup_absent")
	}
	defer f.Close()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return diskError(err, "restore")
	}
	left := map[string]bool{keysFile: true, dbFile: true}
	defer func() {
		for name := range map[string]bool{keysFile: true, dbFile: true} {
			if err != nil && !left[name] {
				err = errors.Join(err, os.RemoveAll(filepath.Join(dir, name)))
			}
		}
	}()
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || !left[h.Name] || h.Size > maxRestore {
			return errs.Wrap(errs.Invalid, fmt.Errorf("read back-up: %w", errors.Join(err, errors.New("not a back-up of Jumyla"))), "store.backup_damaged")
		}
		delete(left, h.Name)
		if err := unpack(filepath.Join(dir, h.Name), r, h.Size); err != nil { //nolint:gosec // one of the two names above
			return err
		}
	}
	if len(left) > 0 {
		return errs.New(errs.Invalid, "store.backup_damaged")
	}
	return nil
}

// vacant is a Conflict where something of a database lies in the folder: it would be taken for the one that is unpacked.
func vacant(dir string) error {
	for _, name := range files() {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			return errors.Join(errs.New(errs.Conflict, "store.exists"), err)
		}
	}
	return nil
}

func unpack(path string, r io.Reader, size int64) error {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // inside the new folder
	if err != nil {
		return diskError(err, "restore")
	}
	_, err = io.CopyN(out, r, size)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(errs.Wrap(errs.Invalid, err, "store.backup_damaged"), os.Remove(path))
	}
	return nil
}
