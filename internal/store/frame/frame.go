// Package frame is the format of a second copy's log: what the ledger gained, piece by piece, each sealed; and how a
// back-up beneath is brought up to it.
package frame

import (
	"bytes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"io"

	"github.com/fxamacker/cbor/v2"
	"golang.org/x/crypto/chacha20poly1305"
)

// Frame is a piece of a copy's log: its length in four bytes, then itself, sealed with its number. What a tick
// adds ends with a frame that has the lanes' ends; frames after the last such one say nothing.
type Frame struct {
	Entries     []Entry `cbor:"1,keyasint,omitempty"`
	Lanes       []Lane  `cbor:"2,keyasint,omitempty"`
	Incarnation []byte  `cbor:"3,keyasint,omitempty"`
	Signed      []int64 `cbor:"4,keyasint,omitempty"` // of each of Lanes: where its signature is for
	Box         []byte  `cbor:"5,keyasint,omitempty"` // what opens what others seal for the centre
	Parts       []Part  `cbor:"6,keyasint,omitempty"`
	Roots       []Root  `cbor:"7,keyasint,omitempty"` // of each of Lanes, where any was forked
}

// Root is where a branch of a lane parts from another.
type Root struct {
	_      struct{} `cbor:",toarray"`
	Branch int64    // 0: it does not
	Seq    int64
	Hash   []byte
}

// Part is the sealed part of an entry that was there before it.
type Part struct {
	_      struct{} `cbor:",toarray"`
	Late   int64    // its number among those
	Hash   []byte
	Record []byte
	Sealed []byte
	Key    []byte
}

// Entry is an entry as the ledger's tables have it.
type Entry struct {
	_      struct{} `cbor:",toarray"`
	N      int64
	Lane   int64
	Seq    int64
	Hash   []byte
	Record []byte
	Raw    []byte
	Sealed []byte // nil where there is no body, or it was erased
	Key    []byte
}

// Lane is a lane's end.
type Lane struct {
	_           struct{} `cbor:",toarray"`
	ID          int64
	Centre      []byte
	Incarnation uint32
	Class       string
	Seq         int64
	Hash        []byte
	Signature   []byte
}

// Magic begins a copy's log, and tells its frames from anything else under the same key.
const Magic = "jumyla copy 1\n"

// Cipher seals frames under a key that follows from the database's.
func Cipher(key []byte) (cipher.AEAD, error) {
	k := sha256.Sum256(append([]byte(Magic), key...))
	return chacha20poly1305.NewX(k[:])
}

// Seal returns a frame as it stands in the log; n is its number, from 1.
func Seal(aead cipher.AEAD, random io.Reader, n uint64, f Frame) ([]byte, error) {
	plain, err := cbor.Marshal(f)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, err
	}
	sealed := aead.Seal(nonce, nonce, plain, binary.BigEndian.AppendUint64(nil, n))
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(sealed))), sealed...), nil //nolint:gosec // 500 entries, each bounded
}

// Read returns the frames of a log up to the last that can be applied, and how many bytes after it say nothing:
// what a device that was pulled out did not get whole.
func Read(b, key []byte) (frames []Frame, rest int, err error) {
	aead, err := Cipher(key)
	if err != nil {
		return nil, 0, err
	}
	b, ok := bytes.CutPrefix(b, []byte(Magic))
	if !ok {
		return nil, len(b), nil
	}
	whole, rest := 0, len(b)
	for n := uint64(1); len(b) >= 4; n++ {
		size := int(binary.BigEndian.Uint32(b))
		if b = b[4:]; size < aead.NonceSize() || size > len(b) {
			break
		}
		plain, err := aead.Open(nil, b[:aead.NonceSize()], b[aead.NonceSize():size], binary.BigEndian.AppendUint64(nil, n))
		var f Frame
		if err != nil || cbor.Unmarshal(plain, &f) != nil {
			break
		}
		frames, b = append(frames, f), b[size:]
		if len(f.Lanes) > 0 {
			whole, rest = len(frames), len(b)
		}
	}
	return frames[:whole], rest, nil //nolint:nilerr // a frame that does not open ends what can be read
}
