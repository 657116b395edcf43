package ledger

import (
	"errors"
	"fmt"
)

// Protocol is the version of the exchange that this program speaks; OldestProtocol the oldest that it still does.
const (
	Protocol       = 2
	OldestProtocol = 1
)

// Limits on what is taken from others. What is written stays far below them.
const (
	MaxEntry   = 1 << 20 // bytes of an entry
	MaxSealed  = 4 << 20 // bytes of a sealed part
	MaxMessage = 8 << 20 // bytes of a message
	MaxRun     = 4096    // entries of a run
	MaxRuns    = 4096    // runs of a chunk
	MaxLanes   = 16384   // lanes that a peer may name
	MaxHeads   = 16      // branches of a lane that a peer may name
	MaxWants   = 16384
	MaxStaged  = 64 << 20 // bytes of a lane that no signature covers yet
)

// Hello is the first message of an exchange. The anchor's Digest must be the same on both sides.
type Hello struct {
	Oldest uint16 `cbor:"1,keyasint"`
	Newest uint16 `cbor:"2,keyasint"`
	Centre ID     `cbor:"3,keyasint"`
	Anchor Hash   `cbor:"4,keyasint"`
}

// Have says what a centre has of the lanes that its peer may have, and which sealed parts it lacks. It is the
// peer's receipt too.
type Have struct {
	Lanes []LaneHeads `cbor:"1,keyasint,omitempty"`
	Wants []Hash      `cbor:"2,keyasint,omitempty"` // entries whose sealed parts are wanted
}

// LaneHeads are a lane's ends as far as they are known: one, where it was never forked.
type LaneHeads struct {
	_      struct{} `cbor:",toarray"`
	Lane   Lane
	Heads  []Head
	Staged []Head // at most one: the end of what no signature covers yet
}

// Chunk is a piece of what a peer lacks. It can be repeated, and it can be lost: then the next Have says so.
type Chunk struct {
	Runs   []Run    `cbor:"1,keyasint,omitempty"`
	Sealed []Sealed `cbor:"2,keyasint,omitempty"`
}

// Run is a piece of a lane: entries that follow one another. The last run of a lane ends at a signed head.
type Run struct {
	_         struct{} `cbor:",toarray"`
	Lane      Lane
	Entries   [][]byte
	Signature []byte // of the head after the last entry; empty where the lane goes on in the next chunk
}

// Sealed is the sealed part of an entry, with the key that opens it.
type Sealed struct {
	_     struct{} `cbor:",toarray"`
	Entry Hash
	Bytes []byte
	Key   []byte
}

// ErrLimits means that a message holds more than one may.
var ErrLimits = errors.New("the message holds more than a message may")

// ErrProtocol means that two programs have no version of the exchange in common.
var ErrProtocol = errors.New("no version of the exchange in common")

// ErrAnchor means that two centres have different key-holders: they are not of one network.
var ErrAnchor = errors.New("the key-holders of the two centres differ")

// Agree returns the version to speak with a peer.
func (h Hello) Agree(peer Hello) (uint16, error) {
	switch v := min(h.Newest, peer.Newest); {
	case h.Anchor != peer.Anchor:
		return 0, ErrAnchor
	case v < h.Oldest || v < peer.Oldest:
		return 0, ErrProtocol
	default:
		return v, nil
	}
}

// ReadHello reads a Hello within the limits.
func ReadHello(b []byte) (m Hello, err error) { return m, read(b, 1024, &m) }

// ReadHave reads a Have within the limits.
func ReadHave(b []byte) (m Have, err error) {
	if err := read(b, MaxMessage, &m); err != nil {
		return Have{}, err
	}
	if len(m.Lanes) > MaxLanes || len(m.Wants) > MaxWants {
		return Have{}, ErrLimits
	}
	for _, l := range m.Lanes {
		if len(l.Heads) > MaxHeads || len(l.Staged) > 1 {
			return Have{}, ErrLimits
		}
	}
	return m, nil
}

// ReadChunk reads a Chunk within the limits.
func ReadChunk(b []byte) (m Chunk, err error) {
	if err := read(b, MaxMessage, &m); err != nil {
		return Chunk{}, err
	}
	return m, m.Within()
}

// Within holds a chunk to the limits of what is taken from others.
func (c Chunk) Within() error {
	if len(c.Runs) > MaxRuns || len(c.Sealed) > MaxWants {
		return ErrLimits
	}
	for _, r := range c.Runs {
		if len(r.Entries) > MaxRun {
			return ErrLimits
		}
		for _, raw := range r.Entries {
			if len(raw) > MaxEntry {
				return ErrLimits
			}
		}
	}
	for _, s := range c.Sealed {
		if len(s.Bytes) > MaxSealed || len(s.Key) > KeySize {
			return ErrLimits
		}
	}
	return nil
}

func read(b []byte, limit int, v any) error {
	if len(b) > limit {
		return ErrLimits
	}
	if err := decode.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return nil
}
