// Package second is how the files of a second copy lie in its folder: back-ups, each with the log of what was written since.
package second

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
)

// How the files are named: in a folder for each centre, by number.
const (
	Prefix = "jumyla-"
	Backup = ".backup"
	Log    = ".log"
)

// Newest returns the highest number of a back-up or log in a copy's folder; 0 where there is none.
func Newest(dir string) (n int, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.*"))
	for _, name := range names {
		var i int
		if _, err := fmt.Sscanf(filepath.Base(name), "%08d.", &i); err == nil {
			n = max(n, i)
		}
	}
	return n, err
}

// Sweep deletes the back-ups and logs of a copy's folder but those of the log that is kept.
func Sweep(dir, keep string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	hidden, err := filepath.Glob(filepath.Join(dir, ".jumyla-backup-*")) // of a back-up that was broken off
	kept := keep[:len(keep)-len(Log)] + Backup
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
	backups, err := filepath.Glob(filepath.Join(from, "*"+Backup))
	if err == nil && len(backups) == 0 {
		folders, globErr := filepath.Glob(filepath.Join(from, Prefix+"*"))
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
	log = strings.TrimSuffix(backup, Backup) + Log
	if _, err := os.Stat(log); errors.Is(err, fs.ErrNotExist) {
		log = ""
	}
	return backup, log, nil
}
