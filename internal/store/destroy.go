package store

import (
	"errors"
	"path/filepath"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store/durable"
)

// Destroy makes the data of a folder unreadable: it writes over the slots that open them and deletes them. What stays is
// ciphertext without a key, for ever, but for back-ups and second copies, which have slots of their own. It needs no secret
// and does not wait for a program that has the folder open; that one's process comes back, 0 where there is none.
func Destroy(dir string) (pid int, err error) {
	if !Exists(dir) {
		return 0, errs.New(errs.NotFound, "store.absent")
	}
	for _, name := range []string{keysFile, keysFile + ".new", filepath.Join(stageFolder, keysFile)} {
		err = errors.Join(err, durable.Shred(filepath.Join(dir, name)))
	}
	unlock, busy := lock(dir)
	if other, ok := errors.AsType[*InUseError](busy); ok {
		return other.PID, err
	} else if busy == nil {
		busy = unlock()
	}
	return 0, errors.Join(err, busy)
}
