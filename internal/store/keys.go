package store

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store/slots"
)

// Secret opens a database: a passphrase, or the bytes of a key file.
type Secret = slots.Secret

// KDF is the cost of Argon2id.
type KDF = slots.KDF

// StrongKDF is the cost for people's passphrases.
var StrongKDF = slots.StrongKDF

// MinPassphrase is the least length of a passphrase, in characters.
const MinPassphrase = slots.MinPassphrase

func loadSlots(path string) (*slots.Slots, error) {
	b, err := os.ReadFile(path) //nolint:gosec // the data folder's own file
	if errors.Is(err, os.ErrNotExist) {
		return nil, errs.Wrap(errs.NotFound, err, "store.keys_absent")
	}
	if err != nil {
		return nil, err
	}
	return slots.Read(b)
}

// writeFile replaces a file so that after a power cut either the old or the new one is there, whole.
func writeFile(path string, b []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the data folder's own file
	if err != nil {
		return diskError(err, "write file")
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return diskError(err, "write file")
	}
	return diskError(replace(path+".new", path), "replace file")
}

// replace renames a file and makes the new name certain: without the flush of its folder a power cut may take
// the name back, and with keys.json the only way into the data.
func replace(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if runtime.GOOS == "windows" { // it keeps names by itself and cannot flush a folder
		return nil
	}
	d, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
