package link

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/ledger"
)

// turn is one message, of either side: docs/exchange.md §6 says what each part means.
type turn struct {
	Session []byte             `cbor:"1,keyasint,omitempty"`
	Hello   *ledger.Hello      `cbor:"2,keyasint,omitempty"`
	Have    *ledger.Have       `cbor:"3,keyasint,omitempty"`
	Runs    []thinRun          `cbor:"4,keyasint,omitempty"`
	Sealed  []ledger.Sealed    `cbor:"5,keyasint,omitempty"`
	Took    []ledger.LaneHeads `cbor:"6,keyasint,omitempty"`
	Refused []exchange.Refusal `cbor:"7,keyasint,omitempty"`
	Room    uint32             `cbor:"8,keyasint,omitempty"`
	Behind  uint64             `cbor:"9,keyasint,omitempty"`
	Fault   string             `cbor:"10,keyasint,omitempty"`
	Columns *columns           `cbor:"11,keyasint,omitempty"`
}

// thinRun is a run of which each entry but the first goes without the hash of the one before it, which follows.
type thinRun struct {
	_         struct{} `cbor:",toarray"`
	Lane      ledger.Lane
	Entries   thinEntries
	Signature []byte
}

// thinEntries are a run's. They are a list that is longer in memory than in a message: how long is known before it is read.
type thinEntries []thinEntry

// Limits of them.
const (
	leastThin = leastEntry - 32 // no entry is shorter without the hash
	fewThin   = 64              // so many may be odd ones: each is refused by itself, in words
)

// UnmarshalCBOR reads them, and none where a message of that size cannot hold as many.
func (t *thinEntries) UnmarshalCBOR(b []byte) error {
	n, err := lengthOf(b)
	if err != nil {
		return err
	}
	if n > ledger.MaxRun || n > uint64(fewThin+len(b)/leastThin) {
		return errTooLarge
	}
	return ledger.Unmarshal(b, (*[]thinEntry)(t))
}

// lengthOf is how many elements a list says that it has (RFC 8949 §3).
func lengthOf(b []byte) (uint64, error) {
	if len(b) == 0 || b[0]>>5 != 4 {
		return 0, errGarbled
	}
	small := int(b[0] & 0x1f)
	if small < 24 {
		return uint64(small), nil
	}
	var n uint64
	for i := range 1 << (small - 24) {
		if small > 27 || i+1 >= len(b) {
			return 0, errGarbled
		}
		n = n<<8 | uint64(b[i+1])
	}
	return n, nil
}

// thinEntry is an entry's bytes; where At is not 0, the 32 bytes at that place were left out.
type thinEntry struct {
	_     struct{} `cbor:",toarray"`
	At    uint16
	Bytes []byte
}

// maxTurn is the most that a turn may have, compressed and not.
const maxTurn = ledger.MaxMessage

var (
	errTooLarge = errors.New("the message holds more than a message may")
	errGarbled  = errors.New("the message cannot be read")
)

// put puts a chunk into a turn, for a peer that speaks this version.
func (t *turn) put(c ledger.Chunk, version uint16) {
	t.Sealed = c.Sealed
	if version >= apartSince && len(c.Runs) > 0 {
		t.Columns = apart(c.Runs)
		return
	}
	for _, r := range c.Runs {
		t.Runs = append(t.Runs, thin(r))
	}
}

// chunk takes the chunk out of a turn.
func (t *turn) chunk() (ledger.Chunk, error) {
	c := ledger.Chunk{Sealed: t.Sealed}
	for _, r := range t.Runs {
		whole, err := r.fill()
		if err != nil {
			return c, err
		}
		c.Runs = append(c.Runs, whole)
	}
	if t.Columns != nil {
		runs, err := t.Columns.fill()
		if err != nil {
			return c, err
		}
		c.Runs = append(c.Runs, runs...)
	}
	return c, c.Within()
}

// thin leaves out what the receiver reckons by itself: a third of a small entry.
func thin(r ledger.Run) thinRun {
	out := thinRun{Lane: r.Lane, Signature: r.Signature, Entries: make([]thinEntry, 0, len(r.Entries))}
	for i, raw := range r.Entries {
		e := thinEntry{Bytes: raw}
		if i > 0 {
			prev := ledger.HashOf(r.Entries[i-1])
			if at := bytes.Index(raw, prev[:]); at > 0 && at <= 0xffff {
				e.At = uint16(at)
				e.Bytes = append(append(make([]byte, 0, len(raw)-len(prev)), raw[:at]...), raw[at+len(prev):]...)
			}
		}
		out.Entries = append(out.Entries, e)
	}
	return out
}

// fill puts back what was left out.
func (r thinRun) fill() (ledger.Run, error) {
	out := ledger.Run{Lane: r.Lane, Signature: r.Signature, Entries: make([][]byte, 0, len(r.Entries))}
	for i, e := range r.Entries {
		raw := e.Bytes
		if at := int(e.At); at > 0 {
			if i == 0 || at > len(raw) {
				return out, errGarbled
			}
			prev := ledger.HashOf(out.Entries[i-1])
			raw = append(append(append(make([]byte, 0, len(raw)+len(prev)), raw[:at]...), prev[:]...), raw[at:]...)
		}
		out.Entries = append(out.Entries, raw)
	}
	return out, nil
}

// pack writes a turn: CBOR, compressed.
func pack(t *turn) ([]byte, error) {
	raw, err := ledger.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("turn: %w", err)
	}
	return compressed(raw)
}

func compressed(raw []byte) ([]byte, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBetterCompression),
		zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	z.Reset(&out)
	for part := range slices.Chunk(raw, blockOf) {
		if _, err := z.Write(part); err != nil {
			return nil, err
		}
		if err := z.Flush(); err != nil {
			return nil, err
		}
	}
	err = z.Close()
	return out.Bytes(), err
}

// blockOf is how many bytes are compressed by one code: columns that are alike within differ from each other.
const blockOf = 16 << 10

// unpack reads a turn, and no more than a turn may have.
func unpack(r io.Reader) (*turn, error) {
	packed, err := io.ReadAll(io.LimitReader(r, maxTurn+1))
	if err != nil {
		return nil, err
	}
	if len(packed) > maxTurn {
		return nil, errTooLarge
	}
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxTurn), zstd.WithDecoderMaxWindow(maxTurn))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	raw, err := z.DecodeAll(packed, nil)
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errGarbled, err)
	}
	var t turn
	if err := ledger.Unmarshal(raw, &t); errors.Is(err, errTooLarge) {
		return nil, errTooLarge
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", errGarbled, err)
	}
	return &t, t.within()
}

// within holds a turn to its limits.
func (t *turn) within() error {
	if len(t.Runs) > ledger.MaxRuns || len(t.Sealed) > ledger.MaxWants || len(t.Took) > ledger.MaxLanes || len(t.Refused) > ledger.MaxLanes ||
		len(t.Session) > 32 || len(t.Fault) > 32 {
		return errTooLarge
	}
	lanes := t.Took
	if t.Have != nil {
		if len(t.Have.Lanes) > ledger.MaxLanes || len(t.Have.Wants) > ledger.MaxWants {
			return errTooLarge
		}
		lanes = append(slices.Clip(lanes), t.Have.Lanes...)
	}
	for _, l := range lanes {
		if len(l.Heads) > ledger.MaxHeads || len(l.Staged) > 1 {
			return errTooLarge
		}
	}
	for _, r := range t.Refused {
		if len(r.Code) > 32 {
			return errTooLarge
		}
	}
	return nil
}
