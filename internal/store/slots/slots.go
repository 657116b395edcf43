// Package slots is what opens a database: its random key, sealed once under each passphrase or key file that may. It turns
// secrets and slots into bytes and back; where they lie is its caller's concern.
package slots

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"

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

// Slots is the content of keys.json.
type Slots struct {
	Format int    `json:"format"`
	Slots  []slot `json:"slots"`
}

const slotInfo = "jumyla database key 1"

// New seals a database's key under the secret.
func New(random io.Reader, kdf KDF, key []byte, s Secret) (*Slots, error) {
	all := &Slots{Format: 1}
	if s.Passphrase == "" && len(s.KeyFile) == 0 {
		return nil, errs.New(errs.Invalid, "store.secret_missing")
	}
	return all, all.add(random, kdf, key, s)
}

// add wraps the database key under each part of the secret.
func (all *Slots) add(random io.Reader, kdf KDF, key []byte, s Secret) error {
	if s.Passphrase != "" {
		if len([]rune(s.Passphrase)) < MinPassphrase {
			return errs.New(errs.Invalid, "store.passphrase_short", "n", MinPassphrase)
		}
		if err := all.seal(random, slot{Kind: "passphrase", KDF: kdf}, []byte(s.Passphrase), key); err != nil {
			return err
		}
	}
	if len(s.KeyFile) > 0 {
		if len(s.KeyFile) < 32 {
			return errs.New(errs.Invalid, "store.keyfile_short")
		}
		return all.seal(random, slot{Kind: "keyfile"}, s.KeyFile, key)
	}
	return nil
}

func (all *Slots) seal(random io.Reader, sl slot, secret, key []byte) error {
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

// Open tries the secret on every slot of its kind.
func (all *Slots) Open(s Secret) ([]byte, error) {
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

// Read reads what Bytes wrote.
func Read(b []byte) (*Slots, error) {
	var all Slots
	if err := json.Unmarshal(b, &all); err != nil || all.Format != 1 {
		return nil, errs.Wrap(errs.Invalid, errors.Join(err, errors.New("not slots of format 1")), "store.keys_damaged")
	}
	return &all, nil
}

// Bytes writes the slots.
func (all *Slots) Bytes() ([]byte, error) { return json.MarshalIndent(all, "", "  ") }
