package bundle

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"github.com/jumyla/jumyla/ledger"
)

// Us is who reads a bundle, and whom they know.
type Us struct {
	Centre   ledger.ID
	Identity age.Identity
	KeyOf    func(centre ledger.ID) ed25519.PublicKey // the pinned key; nil for a stranger
}

// A Reader reads a bundle once, from its beginning to its end. What Next returned is only to be believed when Next
// has returned io.EOF: then all was there, in order, chained, and signed.
type Reader struct {
	Manifest Manifest

	in       *bufio.Reader
	sum      hash.Hash
	key      ed25519.PublicKey
	unzip    *zstd.Decoder
	read     int64
	expanded int64
	at       int         // the range that entries come of
	head     ledger.Head // how far it was followed
	sealed   bool        // sealed parts have begun
	ended    bool
}

// Open reads the magic line and the manifest.
func Open(src io.Reader, us Us) (*Reader, error) {
	line := make([]byte, len(magicLine))
	if _, err := io.ReadFull(src, line); err != nil || !bytes.HasPrefix(line, []byte(magic)) {
		return nil, ErrNotBundle
	}
	if string(line) != magicLine {
		return nil, ErrNewer
	}
	plain, err := age.Decrypt(src, us.Identity)
	if _, other := errors.AsType[*age.NoIdentityMatchError](err); other {
		return nil, ErrNotForUs
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	unzip, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxExpanded))
	if err != nil {
		return nil, err
	}
	r := &Reader{in: bufio.NewReaderSize(plain, 1<<16), sum: sha256.New(), unzip: unzip}
	r.sum.Write([]byte(magicLine))
	kind, raw, err := r.frame()
	if err != nil {
		return nil, err
	}
	if kind != 'M' {
		return nil, ErrContent
	}
	if err := r.manifest(raw, us); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Reader) manifest(raw []byte, us Us) error {
	m := &r.Manifest
	var format struct {
		Format uint16 `cbor:"1,keyasint"`
	}
	if err := ledger.Unmarshal(raw, &format); err != nil {
		return fmt.Errorf("%w: %w", ErrContent, err)
	}
	if format.Format != Version {
		return ErrNewer
	}
	if err := ledger.Unmarshal(raw, m); err != nil {
		return fmt.Errorf("%w: %w", ErrContent, err)
	}
	if !m.within() {
		return ErrLimits
	}
	if !slices.Contains(m.To, us.Centre) {
		return ErrNotForUs
	}
	if r.key = us.KeyOf(m.From); len(r.key) != ed25519.PublicKeySize {
		return ErrStranger
	}
	seen := map[ledger.Lane][]ledger.Head{} // of each lane, the ends of its branches
	for _, g := range m.Ranges {
		ends := seen[g.Lane]
		if g.End.Seq <= g.Start.Seq || slices.Contains(ends, g.End) || len(ends) == ledger.MaxHeads {
			return ErrContent
		}
		seen[g.Lane] = append(ends, g.End)
	}
	if len(m.Ranges) > 0 {
		r.head = m.Ranges[0].Start
	}
	return nil
}

// frame reads the next frame and counts it into the sum, but for a signature.
func (r *Reader) frame() (kind byte, payload []byte, err error) {
	var h [5]byte
	if _, err := io.ReadFull(r.in, h[:]); err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	n, limit := binary.BigEndian.Uint32(h[1:]), uint32(maxFrame)
	if h[0] == 'M' {
		limit = maxManifest
	}
	if n > limit {
		return 0, nil, ErrLimits
	}
	payload = make([]byte, n)
	if _, err := io.ReadFull(r.in, payload); err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	r.read += int64(len(h)) + int64(n)
	if h[0] != 'S' {
		r.sum.Write(h[:])
		r.sum.Write(payload)
	}
	return h[0], payload, nil
}

// Next returns the next entries; io.EOF when the bundle is whole and signed.
func (r *Reader) Next() (Chunk, error) {
	for {
		kind, payload, err := r.frame()
		if err != nil {
			return Chunk{}, err
		}
		switch kind {
		case 'Z':
			if r.ended || r.sealed {
				return Chunk{}, ErrContent
			}
			return r.chunk(payload)
		case 'B':
			if r.ended {
				return Chunk{}, ErrContent
			}
			return r.parts(payload)
		case 'P':
			r.ended = true
			if slices.ContainsFunc(payload, func(b byte) bool { return b != 0 }) {
				return Chunk{}, ErrContent
			}
		case 'S':
			return Chunk{}, r.end(payload)
		default:
			return Chunk{}, ErrContent
		}
	}
}

func (r *Reader) chunk(payload []byte) (Chunk, error) {
	var c Chunk
	raw, err := r.unzip.DecodeAll(payload, nil)
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return c, ErrLimits
	}
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrContent, err)
	}
	if r.expanded += int64(len(raw)); r.expanded > maxExpansion*r.read || len(raw) > maxExpanded {
		return c, ErrLimits
	}
	if err := ledger.Unmarshal(raw, &c); err != nil {
		return c, fmt.Errorf("%w: %w", ErrContent, err)
	}
	if len(c.Entries) == 0 || len(c.Entries) > maxEntries {
		return c, ErrLimits
	}
	return c, r.follow(c)
}

// parts reads sealed parts: whether they fit their entries only who has those can say. No entry comes after them.
func (r *Reader) parts(payload []byte) (c Chunk, err error) {
	if err := ledger.Unmarshal(payload, &c.Parts); err != nil {
		return c, fmt.Errorf("%w: %w", ErrContent, err)
	}
	if len(c.Parts) == 0 || len(c.Parts) > maxEntries {
		return c, ErrLimits
	}
	for _, p := range c.Parts {
		if len(p.Bytes) > maxEntry || len(p.Key) != ledger.KeySize {
			return c, ErrLimits
		}
	}
	r.sealed = true
	return c, nil
}

// follow checks that the chunk goes on where the last one ended, and each entry in its lane.
func (r *Reader) follow(c Chunk) error {
	ranges := r.Manifest.Ranges
	for i := range c.Entries {
		e := &c.Entries[i]
		if len(e.Sealed) == 0 {
			e.Sealed = nil
		}
		if len(e.Key) == 0 {
			e.Key = nil
		}
		for r.at < len(ranges) && r.head == ranges[r.at].End {
			if r.at++; r.at < len(ranges) {
				r.head = ranges[r.at].Start
			}
		}
		if r.at >= len(ranges) || int(c.Range) != r.at {
			return ErrContent
		}
		entry, next, err := r.head.Follow(ranges[r.at].Lane, e.Raw)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrContent, err)
		}
		if next.Seq > ranges[r.at].End.Seq {
			return ErrContent
		}
		if err := fits(&entry, *e); err != nil {
			return err
		}
		r.head = next
	}
	return nil
}

// fits checks what came with an entry against what it commits to.
func fits(entry *ledger.Entry, e Entry) error {
	if len(e.Sealed) > 0 && (entry.Body == nil || ledger.Commitment(e.Sealed) != *entry.Body) {
		return fmt.Errorf("%w: a sealed body is not the one that was committed to", ErrContent)
	}
	if len(e.Key) > 0 && len(e.Key) != ledger.KeySize {
		return fmt.Errorf("%w: a record's key has another length", ErrContent)
	}
	if len(e.Key) > 0 && len(e.Sealed) > 0 {
		if _, err := ledger.Unseal(e.Key, e.Sealed); err != nil {
			return fmt.Errorf("%w: %w", ErrContent, err)
		}
	}
	return nil
}

// end checks the signature, that every range was whole, and that nothing follows.
func (r *Reader) end(signature []byte) error {
	defer r.unzip.Close()
	if !ed25519.Verify(r.key, signed(r.sum), signature) {
		return ErrSignature
	}
	ranges := r.Manifest.Ranges
	if len(ranges) > 0 && (r.at < len(ranges)-1 || r.head != ranges[len(ranges)-1].End) {
		return ErrContent
	}
	if _, err := r.in.ReadByte(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows its end", errors.Join(ErrDamaged, err))
	}
	return io.EOF
}
