package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// KeySize is the size of a record's key in bytes.
const KeySize = chacha20poly1305.KeySize

const saltSize = 32

// ErrSealed means that a body does not open with its key: another key's, or damaged.
var ErrSealed = errors.New("the sealed body does not open")

// Seal encrypts a record's fields under its key with XChaCha20-Poly1305. A salt of 32 random bytes
// inside keeps short values from being guessed. It returns nonce and ciphertext.
func Seal(key []byte, random io.Reader, f Fields) ([]byte, error) {
	plain, err := encode.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode body: %w", err)
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("record key: %w", err)
	}
	buf := make([]byte, aead.NonceSize()+saltSize, aead.NonceSize()+saltSize+len(plain)+aead.Overhead())
	if _, err := io.ReadFull(random, buf); err != nil {
		return nil, fmt.Errorf("salt: %w", err)
	}
	nonce := buf[:aead.NonceSize()]
	salted := append(append([]byte{}, buf[aead.NonceSize():]...), plain...)
	return aead.Seal(nonce, nonce, salted, nil), nil
}

// Unseal opens what Seal wrote.
func Unseal(key, sealed []byte) (Fields, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("record key: %w", err)
	}
	if len(sealed) < aead.NonceSize() {
		return nil, ErrSealed
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], nil)
	if err != nil || len(plain) < saltSize {
		return nil, ErrSealed
	}
	var f Fields
	if err := decode.Unmarshal(plain[saltSize:], &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	return f, nil
}

// Commitment is the hash that an entry carries of its sealed body: over nonce, salt and ciphertext.
func Commitment(sealed []byte) Hash { return sha256.Sum256(sealed) }

// SignHead signs a lane's end, so that nobody can shorten or rewrite the lane unseen.
func SignHead(key ed25519.PrivateKey, l Lane, h Head) []byte {
	return ed25519.Sign(key, headMessage(l, h))
}

// VerifyHead reports whether sig is the key's signature of the lane's end.
func VerifyHead(key ed25519.PublicKey, l Lane, h Head, sig []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, headMessage(l, h), sig)
}

func headMessage(l Lane, h Head) []byte {
	b := append([]byte("jumyla head 1\x00"), l.Centre[:]...)
	b = binary.BigEndian.AppendUint32(b, l.Incarnation)
	b = append(append(b, l.Class...), 0)
	b = binary.BigEndian.AppendUint64(b, h.Seq)
	return append(b, h.Hash[:]...)
}

// Clock is a hybrid logical clock (Kulkarni et al., 2014): milliseconds << 16 | counter. It never goes
// back, whatever the machine's clock does, and is for display and order within a centre only.
type Clock uint64

// Tick returns the next time, given the machine's milliseconds since 1970.
func (c Clock) Tick(ms int64) Clock {
	if now := Clock(max(ms, 0)) << 16; now > c {
		return now
	}
	return c + 1
}

// Milliseconds returns the clock's wall part.
func (c Clock) Milliseconds() int64 { return int64(c >> 16) }
