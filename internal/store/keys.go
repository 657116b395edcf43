package store

import (
	"errors"
	"os"

	"github.com/jumyla/jumyla/internal/store/disk"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store/durable"
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

func writeFile(path string, b []byte) error { return disk.Error(durable.Write(path, b), "write file") }
