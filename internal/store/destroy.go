package store

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jumyla/jumyla/internal/errs"
)

// Destroy makes the data of a folder unreadable: it writes over the slots that open them and deletes them. What stays is
// ciphertext without a key, for ever, but for back-ups and second copies, which have slots of their own. It needs no secret
// and does not wait for a program that has the folder open; that one's process comes back, 0 where there is none.
func Destroy(dir string) (pid int, err error) {
	if !Exists(dir) {
		return 0, errs.New(errs.NotFound, "store.absent")
	}
	for _, name := range []string{keysFile, keysFile + ".new", filepath.Join(stageFolder, keysFile)} {
		err = errors.Join(err, shred(filepath.Join(dir, name)))
	}
	unlock, busy := lock(dir)
	if other, ok := errors.AsType[*InUseError](busy); ok {
		return other.PID, err
	} else if busy == nil {
		busy = unlock()
	}
	return 0, errors.Join(err, busy)
}

// shred writes noise over a file where it lies, and then deletes it. A disk that writes elsewhere each time may still hold
// the old slots for who takes it apart; they need the passphrase as before.
func shred(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // the data folder's own file
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		noise := make([]byte, 4096) // more than any keys.json
		_, _ = rand.Read(noise)     // it never fails
		_, err = f.WriteAt(noise, 0)
		err = errors.Join(err, f.Sync(), f.Close())
	}
	return errors.Join(err, os.Remove(path))
}
