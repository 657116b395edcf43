// Package pbf reads OpenStreetMap extracts in the format .osm.pbf, whatever their bytes say: it ends with an error, never with
// a crash, and takes no more memory than a few blocks. It knows nothing of roads.
package pbf

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/paulmach/osm"
	"google.golang.org/protobuf/encoding/protowire"
)

// Keep says what of a file is shown: everything but what is skipped or what a filter refuses. Filters are asked by several
// goroutines at once; of the formats other than PBF everything is shown.
type Keep struct {
	SkipNodes, SkipWays, SkipRelations bool

	FilterNode     func(*osm.Node) bool
	FilterWay      func(*osm.Way) bool
	FilterRelation func(*osm.Relation) bool
}

// Limits of the format (wiki.openstreetmap.org, PBF Format): what is larger is no extract.
const (
	maxBlobHeader = 64 << 10
	maxBlob       = 32 << 20
)

// ErrBlock is what is wrong with a file that is no extract, or no longer one.
var ErrBlock = errors.New("a block of the extract is damaged")

// Scanner reads an .osm.pbf: as many blocks at a time as there are cores are decoded, and shown in order. Whatever the
// bytes say, it ends with an error and never outside the block: every length and every place in a table is checked.
type Scanner struct {
	ctx   context.Context
	r     io.Reader
	keep  Keep
	out   []osm.Object
	next  int
	err   error
	ended bool
}

// New returns a scanner of a file that shows what keep lets through.
func New(ctx context.Context, r io.Reader, keep Keep) *Scanner {
	return &Scanner{ctx: ctx, r: r, keep: keep, next: -1}
}

// Scan goes on to the next object.
func (b *Scanner) Scan() bool {
	for b.next++; b.next >= len(b.out); b.next = 0 {
		if b.ended || b.err != nil {
			return false
		}
		if b.err = b.ctx.Err(); b.err != nil {
			return false
		}
		if b.err = b.more(); b.err != nil && len(b.out) == 0 {
			return false
		}
	}
	return true
}

// Object is the one that Scan found.
func (b *Scanner) Object() osm.Object { return b.out[b.next] }

// Err is why Scan ended; nil at the end of the file.
func (b *Scanner) Err() error { return b.err }

// Close ends the reading.
func (b *Scanner) Close() error { return nil }

// more reads and decodes the next few blocks.
func (b *Scanner) more() error {
	b.out = b.out[:0]
	var raw [][]byte
	var fault error
	for range runtime.GOMAXPROCS(0) {
		kind, blob, err := readBlob(b.r)
		if errors.Is(err, io.EOF) {
			b.ended = true
			break
		}
		if err != nil {
			fault = err
			break
		}
		if kind == "OSMData" {
			raw = append(raw, blob)
		}
	}
	found, faults := make([][]osm.Object, len(raw)), make([]error, len(raw))
	var wg sync.WaitGroup
	for i := range raw {
		wg.Go(func() { found[i], faults[i] = b.keep.safely(raw[i]) })
	}
	wg.Wait()
	for i := range raw {
		b.out = append(b.out, found[i]...)
		if faults[i] != nil {
			return faults[i]
		}
	}
	return fault
}

// safely decodes a block; a filter that panics over what nobody wrote makes the file a damaged one, too.
func (k *Keep) safely(blob []byte) (out []osm.Object, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("%w: %v", ErrBlock, p)
		}
	}()
	return k.decode(blob)
}

// readBlob reads a block's kind and bytes; io.EOF where the file ends between two blocks.
func readBlob(r io.Reader) (kind string, blob []byte, err error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return "", nil, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxBlobHeader {
		return "", nil, ErrBlock
	}
	header, err := readN(r, int(n))
	if err != nil {
		return "", nil, err
	}
	length := uint64(0)
	err = eachField(header, func(num int, v uint64, b []byte) error {
		switch num {
		case 1:
			kind = string(b)
		case 3:
			length = v
		}
		return nil
	})
	if err != nil || length > maxBlob {
		return "", nil, ErrBlock
	}
	blob, err = readN(r, int(length))
	return kind, blob, err
}

// readN reads so many bytes, and takes no more memory than the file has.
func readN(r io.Reader, n int) ([]byte, error) {
	var b bytes.Buffer
	got, err := io.CopyN(&b, r, int64(n))
	if got < int64(n) && (err == nil || errors.Is(err, io.EOF)) {
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), err
}

// eachField shows every field of a message: numbers as v, what has a length as b.
func eachField(msg []byte, each func(num int, v uint64, b []byte) error) error {
	for len(msg) > 0 {
		num, kind, n := protowire.ConsumeTag(msg)
		if n < 0 {
			return ErrBlock
		}
		msg = msg[n:]
		var v uint64
		var b []byte
		switch kind {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(msg)
		case protowire.BytesType:
			b, n = protowire.ConsumeBytes(msg)
		case protowire.Fixed32Type, protowire.Fixed64Type, protowire.StartGroupType, protowire.EndGroupType:
			n = protowire.ConsumeFieldValue(num, kind, msg)
		default:
			n = -1
		}
		if n < 0 {
			return ErrBlock
		}
		msg = msg[n:]
		if kind == protowire.VarintType || kind == protowire.BytesType {
			if err := each(int(num), v, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// inflate returns a block's content: as it stands there, or from zlib.
func inflate(blob []byte) ([]byte, error) {
	var raw, packed []byte
	var size uint64
	err := eachField(blob, func(num int, v uint64, b []byte) error {
		switch num {
		case 1:
			raw = b
		case 2:
			size = v
		case 3:
			packed = b
		case 4, 5, 6, 7:
			return fmt.Errorf("%w: packed in a way that is not read", ErrBlock)
		}
		return nil
	})
	if err != nil || packed == nil {
		return raw, err
	}
	if size > maxBlob {
		return nil, ErrBlock
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBlock, err)
	}
	defer z.Close()
	out, err := readN(z, int(size))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBlock, err)
	}
	return out, nil
}
