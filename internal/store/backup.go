package store

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/store/disk"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store/archive"
	"github.com/jumyla/jumyla/internal/store/durable"
	"github.com/jumyla/jumyla/internal/store/second"
)

// Backup writes one file with the database, encrypted as it is, and the slots that open it. It runs beside
// reads and writes. The file is written under a temporary name, flushed and renamed.
func (db *DB) Backup(ctx context.Context, path string) error {
	tmp, err := db.scratch(filepath.Dir(path))
	if err != nil {
		return disk.Error(err, "back up")
	}
	defer os.RemoveAll(tmp)
	key, err := db.databaseKey(ctx)
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
		return disk.Error(err, "copy database")
	}
	out, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // named by the caller
	if err != nil {
		return disk.Error(err, "back up")
	}
	err = archive.Write(out, archive.File{Name: keysFile, Path: filepath.Join(db.cfg.Dir, keysFile)}, archive.File{Name: dbFile, Path: copyPath})
	err = errors.Join(err, out.Sync(), out.Close())
	if err != nil {
		return errors.Join(disk.Error(err, "back up"), os.Remove(path+".new"))
	}
	return disk.Error(durable.Rename(path+".new", path), "back up")
}

// scratch makes a folder for a back-up on its way, and removes those of this centre that nobody will go on with: a
// program that was killed left them. Only one program has a centre open, so each is named by its centre and its process.
func (db *DB) scratch(dir string) (string, error) {
	mine := ".jumyla-backup-" + db.Centre().String() + "-"
	old, err := filepath.Glob(filepath.Join(dir, mine+"*"))
	if err != nil {
		return "", err
	}
	mine += strconv.Itoa(os.Getpid()) + "-"
	for _, name := range old {
		if !strings.HasPrefix(filepath.Base(name), mine) {
			err = errors.Join(err, os.RemoveAll(name))
		}
	}
	tmp, made := os.MkdirTemp(dir, mine)
	return tmp, errors.Join(err, made)
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
		return time.Time{}, disk.Error(err, "read")
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(b)))
	if err != nil {
		at = time.Time{} // damaged: as if there were none
	}
	return at, nil // said above
}

// stageFolder is where a restore unpacks, inside the folder that it fills: what lies there is not a database yet.
const stageFolder = "restoring"

// Restore unpacks a back-up, or a second copy's folder, into an empty or absent folder. The database in it opens a new incarnation
// when it is next opened, with the secret that opened it when it was backed up. A back-up that is damaged
// leaves nothing behind, so that another can be tried; a restore that broke off can be done again.
func Restore(path, dir string) error {
	backup, log := path, ""
	if fi, err := os.Stat(path); err == nil && fi.IsDir() {
		if backup, log, err = second.Of(path); err != nil {
			return err
		}
	}
	if err := vacant(dir); err != nil {
		return err
	}
	stage := filepath.Join(dir, stageFolder)
	if err := os.MkdirAll(stage, 0o700); err != nil {
		return disk.Error(err, "restore")
	}
	err := archive.Unpack(backup, stage, keysFile, dbFile)
	if err == nil && log != "" {
		err = archive.Copy(log, filepath.Join(stage, restoreFile))
	}
	if err != nil {
		return errors.Join(disk.Error(err, "restore"), os.RemoveAll(stage))
	}
	for _, name := range []string{keysFile, restoreFile, dbFile} { // the database last: with it the restore is whole
		if err := durable.Rename(filepath.Join(stage, name), filepath.Join(dir, name)); err != nil && (name != restoreFile || log != "") {
			return disk.Error(err, "restore")
		}
	}
	return disk.Error(os.RemoveAll(stage), "restore")
}

// vacant is a Conflict where something of a database lies in the folder: it would be taken for the one that is unpacked.
// What a restore left that broke off is none: it lies in the back-up still.
func vacant(dir string) error {
	stage := filepath.Join(dir, stageFolder)
	if _, err := os.Stat(stage); err == nil {
		if !Exists(dir) {
			for _, name := range []string{keysFile, restoreFile} {
				if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
					return disk.Error(err, "restore")
				}
			}
		}
		if err := os.RemoveAll(stage); err != nil {
			return disk.Error(err, "restore")
		}
	}
	for _, name := range files() {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			return errors.Join(errs.New(errs.Conflict, "store.exists"), err)
		}
	}
	return nil
}
