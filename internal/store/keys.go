package store

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/jumyla/jumyla/internal/errs"
)

// Secret opens a database: a passphrase, or the bytes of a key file.
type Secret struct {
	Passphrase string
	KeyFile    []byte
}

// MinPassphrase is the least length of a passphrase, in characters.
const MinPassphrase = 10

// KDF is the cost of Argon2id (RFC 9106).
type KDF struct {
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory"` // KiB
	Threads uint8  `json:"threads"`
}

// StrongKDF is the cost for people's passphrases: the second of RFC 9106's recommendations, 64 MiB.
var StrongKDF = KDF{Time: 3, Memory: 64 << 10, Threads: 4}

// slot is one way to open the database: its key, sealed under what the slot's secret gives.
type slot struct {
	Kind   string `json:"kind"` // "passphrase" or "keyfile"
	Salt   []byte `json:"salt"`
	KDF    KDF    `json:"kdf,omitzero"`
	Sealed []byte `json:"sealed"`
}

// slots is the file keys.json.
type slots struct {
	Format int    `json:"format"`
	Slots  []slot `json:"slots"`
}

const slotInfo = "jumyla database key 1"

func newSlots(cfg Config, key []byte, s Secret) (*slots, error) {
	all := &slots{Format: 1}
	if s.Passphrase == "" && len(s.KeyFile) == 0 {
		return nil, errs.New(errs.Invalid, "store.secret_missing")
	}
	return all, all.add(cfg, key, s)
}

// add wraps the database key under each part of the secret.
func (all *slots) add(cfg Config, key []byte, s Secret) error {
	if s.Passphrase != "" {
		if len([]rune(s.Passphrase)) < MinPassphrase {
			return errs.New(errs.Invalid, "store.passphrase_short", "n", MinPassphrase)
		}
		if err := all.seal(cfg.Random, slot{Kind: "passphrase", KDF: cfg.KDF}, []byte(s.Passphrase), key); err != nil {
			return err
		}
	}
	if len(s.KeyFile) > 0 {
		if len(s.KeyFile) < 32 {
			return errs.New(errs.Invalid, "store.keyfile_short")
		}
		return all.seal(cfg.Random, slot{Kind: "keyfile"}, s.KeyFile, key)
	}
	return nil
}

func (all *slots) seal(random io.Reader, sl slot, secret, key []byte) error {
	sl.Salt = make([]byte, 16)
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	for _, b := range [][]byte{sl.Salt, nonce} {
		if _, err := io.ReadFull(random, b); err != nil {
			return err
		}
	}
	aead, err := chacha20poly1305.NewX(sl.derive(secret))
	if err != nil {
		return err
	}
	sl.Sealed = aead.Seal(nonce, nonce, key, []byte(slotInfo))
	all.Slots = append(all.Slots, sl)
	return nil
}

func (sl slot) derive(secret []byte) []byte {
	if sl.Kind == "keyfile" { // already random: no stretching
		h := sha256.Sum256(append(append([]byte(slotInfo), sl.Salt...), secret...))
		return h[:]
	}
	return argon2.IDKey(secret, sl.Salt, sl.KDF.Time, sl.KDF.Memory, sl.KDF.Threads, chacha20poly1305.KeySize)
}

// open tries the secret on every slot of its kind.
func (all *slots) open(s Secret) ([]byte, error) {
	for _, sl := range all.Slots {
		secret := []byte(s.Passphrase)
		if sl.Kind == "keyfile" {
			secret = s.KeyFile
		}
		if len(secret) == 0 || len(sl.Sealed) < chacha20poly1305.NonceSizeX || !sl.sane() {
			continue
		}
		aead, err := chacha20poly1305.NewX(sl.derive(secret))
		if err != nil {
			return nil, err
		}
		nonce := sl.Sealed[:aead.NonceSize()]
		if key, err := aead.Open(nil, nonce, sl.Sealed[aead.NonceSize():], []byte(slotInfo)); err == nil {
			return key, nil
		}
	}
	return nil, errs.New(errs.Denied, "store.secret_wrong")
}

// sane refuses costs that no program of ours wrote and that would stop the machine.
func (sl slot) sane() bool {
	return sl.Kind == "keyfile" || sl.KDF.Time > 0 && sl.KDF.Time <= 64 && sl.KDF.Memory <= 4<<20 && sl.KDF.Threads > 0
}

func loadSlots(path string) (*slots, error) {
	b, err := os.ReadFile(path) //nolint:gosec // the data folder's own file
	if errors.Is(err, os.ErrNotExist) {
		return nil, errs.Wrap(errs.NotFound, err, "store.keys_absent")
	}
	if err != nil {
		return nil, err
	}
	var all slots
	if err := json.Unmarshal(b, &all); err != nil || all.Format != 1 {
		return nil, errs.Wrap(errs.Invalid, fmt.Errorf("%s: %w", keysFile, errors.Join(err, errors.New("not a key file of format 1"))), "store.keys_damaged")
	}
	return &all, nil
}

func (all *slots) save(path string) error {
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, b)
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
