// Package bundle is the file in which entries travel from centre to centre when no cable does: on a stick, by
// e-mail, in a chat. It turns entries into bytes and back, and trusts nothing that it reads. It is pure: no file,
// clock or SQL of its own, and it knows no rule of who may have what.
//
// A bundle is a magic line with its version, then one age stream (X25519) to the receiving centres' keys. In the
// stream stand frames, each of a letter, a length in four bytes (big-endian), and so many bytes:
//
//	M  the manifest, once and first: deterministic CBOR
//	Z  entries of one range, with sealed bodies and record keys: CBOR, compressed by zstd
//	B  sealed parts of entries that went before, as the receiver asked for them: CBOR; after all Z
//	P  zeros, so that the file's length tells little (Padmé: Nikitin et al., PETS 2019)
//	S  an Ed25519 signature over SHA-256 of the magic line and every frame before it, once and last
//
// The file may be cut into parts (parts.go), each below what a FAT32 stick can hold.
package bundle

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/bits"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"github.com/jumyla/jumyla/ledger"
)

// Version is the format that this program writes.
const Version = 1

// The magic line: its version is the one digit.
const (
	magic      = "JUMYLA BUNDLE "
	magicLine  = "JUMYLA BUNDLE 1\n"
	signedWith = "jumyla bundle 1\x00"
)

// Hard limits of what is read. What is written stays far below them.
const (
	maxManifest  = 4 << 20
	maxFrame     = 2 << 20 // as it stands in the file
	maxExpanded  = 4 << 20 // a frame's content
	maxExpansion = 64      // times the bytes read, over the whole file
	maxRanges    = 8192
	maxVector    = 65536
	maxTo        = 64
	maxEntries   = 2000 // of a frame
	maxEntry     = 1 << 20
	frameAt      = 256 << 10 // a frame is closed when its content reaches this
)

// Errors of reading. Each leaves the reader's caller as it was.
var (
	ErrNotBundle = errors.New("this is not a bundle of Jumyla")
	ErrNewer     = errors.New("the bundle is of a newer version")
	ErrNotForUs  = errors.New("the bundle is sealed to another centre")
	ErrDamaged   = errors.New("the bundle is damaged or cut short")
	ErrStranger  = errors.New("the bundle is from a centre that was never paired with this one")
	ErrSignature = errors.New("the bundle's signature is not that of the centre it says it is from")
	ErrLimits    = errors.New("the bundle holds more than a bundle may")
	ErrContent   = errors.New("the bundle does not hold what its manifest says")
)

// Range is a piece of a lane: the entries after Start, up to and with End.
type Range struct {
	_         struct{} `cbor:",toarray"`
	Lane      ledger.Lane
	Start     ledger.Head
	End       ledger.Head
	Signature []byte // of the lane's own centre, of the lane's end
}

// Have is how much of a lane a centre has.
type Have struct {
	_    struct{} `cbor:",toarray"`
	Lane ledger.Lane
	Head ledger.Head
}

// Manifest says what a bundle holds.
type Manifest struct {
	Format uint16        `cbor:"1,keyasint"`
	From   ledger.ID     `cbor:"2,keyasint"`
	To     []ledger.ID   `cbor:"3,keyasint"`
	At     uint64        `cbor:"4,keyasint"` // hybrid logical time, for display
	Ranges []Range       `cbor:"5,keyasint,omitempty"`
	Vector []Have        `cbor:"6,keyasint,omitempty"` // all that the sender has of what the receiver may: its receipt
	Wants  []ledger.Hash `cbor:"7,keyasint,omitempty"` // entries whose sealed parts the sender may have and has not
}

func (m *Manifest) within() bool {
	return len(m.Ranges) <= maxRanges && len(m.Vector) <= maxVector && len(m.To) <= maxTo && len(m.Wants) <= ledger.MaxWants
}

// Entries returns how many entries the ranges have together.
func (m *Manifest) Entries() uint64 {
	var n uint64
	for _, r := range m.Ranges {
		n += r.End.Seq - r.Start.Seq
	}
	return n
}

// Entry is an entry's bytes, with what goes along for those who may read it.
type Entry struct {
	_      struct{} `cbor:",toarray"`
	Raw    []byte
	Sealed []byte // nil where there is none, or the receiver may not have it
	Key    []byte // the record's key, once for each record; nil where it came before or may not be had
}

// Chunk is some entries of one range, in order; or, after all ranges, sealed parts of entries that went before.
type Chunk struct {
	_       struct{} `cbor:",toarray"`
	Range   uint32   // its index in the manifest
	Entries []Entry
	Parts   []ledger.Sealed `cbor:"-"`
}

// A Writer makes a bundle.
type Writer struct {
	sealed io.WriteCloser
	sum    hash.Hash
	key    ed25519.PrivateKey
	zip    *zstd.Encoder
	n      uint64 // bytes in the age stream
	chunk  Chunk
	size   int
	parts  int // bytes of sealed parts
}

// NewWriter begins a bundle on w: sealed to the receivers, signed with the sender's key. The age stream draws its
// key from the system's randomness by itself.
func NewWriter(w io.Writer, m Manifest, key ed25519.PrivateKey, to ...age.Recipient) (*Writer, error) {
	m.Format = Version
	raw, err := ledger.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	if len(raw) > maxManifest || !m.within() {
		return nil, ErrLimits
	}
	if _, err := io.WriteString(w, magicLine); err != nil {
		return nil, err
	}
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return nil, fmt.Errorf("seal bundle: %w", err)
	}
	zip, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	b := &Writer{sealed: sealed, sum: sha256.New(), key: key, zip: zip}
	b.sum.Write([]byte(magicLine))
	return b, b.frame('M', raw)
}

func (w *Writer) frame(kind byte, payload []byte) error {
	h := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(payload))) //nolint:gosec // below maxManifest
	w.sum.Write(h)
	w.sum.Write(payload)
	w.n += uint64(len(h) + len(payload))
	if _, err := w.sealed.Write(h); err != nil {
		return err
	}
	_, err := w.sealed.Write(payload)
	return err
}

// Add puts the next entry of a range; ranges come in the manifest's order.
func (w *Writer) Add(index int, e Entry) error {
	size := len(e.Raw) + len(e.Sealed) + len(e.Key) + 16
	if size > maxEntry {
		return ErrLimits
	}
	if uint32(index) != w.chunk.Range || w.size+size > frameAt || len(w.chunk.Entries) >= maxEntries { //nolint:gosec // below maxRanges
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.chunk.Range = uint32(index) //nolint:gosec // below maxRanges
	w.chunk.Entries = append(w.chunk.Entries, e)
	w.size += size
	return nil
}

// AddPart puts the sealed part of an entry that went before, after all ranges.
func (w *Writer) AddPart(p ledger.Sealed) error {
	if len(p.Bytes) > maxEntry {
		return ErrLimits
	}
	if len(w.chunk.Entries) > 0 || w.parts+len(p.Bytes) > frameAt || len(w.chunk.Parts) >= maxEntries {
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.chunk.Parts = append(w.chunk.Parts, p)
	w.parts += len(p.Bytes)
	return nil
}

func (w *Writer) flush() error {
	if len(w.chunk.Parts) > 0 {
		raw, err := ledger.Marshal(w.chunk.Parts)
		if err != nil {
			return err
		}
		w.chunk, w.parts = Chunk{}, 0
		return w.frame('B', raw)
	}
	if len(w.chunk.Entries) == 0 {
		return nil
	}
	raw, err := ledger.Marshal(w.chunk)
	if err != nil {
		return err
	}
	w.chunk, w.size = Chunk{Entries: w.chunk.Entries[:0]}, 0
	return w.frame('Z', w.zip.EncodeAll(raw, nil))
}

// Close pads, signs and ends the bundle. It does not close what it writes to.
func (w *Writer) Close() error {
	if err := w.flush(); err != nil {
		return err
	}
	const head, trailer = 5, 5 + ed25519.SignatureSize
	for left := padded(w.n+head+trailer) - w.n - trailer; left > 0; {
		take := min(left, maxFrame)
		if rest := left - take; rest > 0 && rest < head {
			take -= head
		}
		if err := w.frame('P', make([]byte, take-head)); err != nil {
			return err
		}
		left -= take
	}
	if err := w.frame('S', ed25519.Sign(w.key, signed(w.sum))); err != nil {
		return err
	}
	return errors.Join(w.zip.Close(), w.sealed.Close())
}

func signed(sum hash.Hash) []byte { return sum.Sum([]byte(signedWith)) }

// padded rounds a length up so that of its bits only the first few say anything: at most 12 % more.
func padded(n uint64) uint64 {
	if n < 1024 {
		return 1024
	}
	e := bits.Len64(n) - 1
	s := bits.Len(uint(e))
	mask := uint64(1)<<(e-s) - 1
	return (n + mask) &^ mask
}
