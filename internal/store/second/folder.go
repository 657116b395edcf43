package second

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store/disk"
	"github.com/jumyla/jumyla/internal/store/durable"
)

// How the files are named: in a folder for each centre, by number.
const (
	prefix    = "jumyla-"
	backupEnd = ".backup"
	logEnd    = ".log"
)

// setting is the file that keeps where the second copy lies. It is this machine's, not the centre's: it stays
// out of the database, and out of the copy.
const setting = "second-copy.txt"

// Folder returns where the second copy of a data folder is kept, or "".
func Folder(dataDir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dataDir, setting)) //nolint:gosec // the data folder's own file
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(b)), disk.Error(err, "read where the second copy is")
}

// SetFolder keeps where the second copy of a data folder is kept from now on; "" is nowhere.
func SetFolder(dataDir, folder string) error {
	return disk.Error(durable.Write(filepath.Join(dataDir, setting), []byte(folder+"\n")), "write file")
}

// Last returns where the second copy of a data folder is kept, "" where none is, and when it was last added to;
// zero where nothing is there.
func Last(dataDir string) (folder string, at time.Time, err error) {
	if folder, err = Folder(dataDir); err != nil || folder == "" {
		return folder, at, err
	}
	names, err := filepath.Glob(filepath.Join(folder, prefix+"*", "*"+logEnd))
	for _, name := range names {
		if fi, err := os.Stat(name); err == nil && fi.ModTime().After(at) {
			at = fi.ModTime()
		}
	}
	return folder, at, err
}

// newest returns the highest number of a back-up or log in a copy's folder; 0 where there is none.
func newest(dir string) (n int, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.*"))
	for _, name := range names {
		var i int
		if _, err := fmt.Sscanf(filepath.Base(name), "%08d.", &i); err == nil {
			n = max(n, i)
		}
	}
	return n, err
}

// sweep deletes the back-ups and logs of a copy's folder but those of the log that is kept.
func sweep(dir, keep string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	hidden, err := filepath.Glob(filepath.Join(dir, ".jumyla-backup-*")) // of a back-up that was broken off
	kept := keep[:len(keep)-len(logEnd)] + backupEnd
	for _, name := range append(names, hidden...) {
		if name != keep && name != kept {
			err = errors.Join(err, os.RemoveAll(name))
		}
	}
	return err
}

// Of returns the newest whole back-up of a second copy, and the log that the first opening applies; "" where there
// is none.
func Of(from string) (backup, log string, err error) {
	backups, err := filepath.Glob(filepath.Join(from, "*"+backupEnd))
	if err == nil && len(backups) == 0 {
		folders, globErr := filepath.Glob(filepath.Join(from, prefix+"*"))
		switch {
		case globErr != nil:
			return "", "", globErr
		case len(folders) == 1:
			return Of(folders[0])
		case len(folders) > 1:
			return "", "", errs.New(errs.Invalid, "store.copy_several")
		}
		return "", "", errs.New(errs.NotFound, "store.backup_absent")
	}
	if err != nil {
		return "", "", err
	}
	backup = slices.Max(backups)
	log = strings.TrimSuffix(backup, backupEnd) + logEnd
	if _, err := os.Stat(log); errors.Is(err, fs.ErrNotExist) {
		log = ""
	}
	return backup, log, nil
}
