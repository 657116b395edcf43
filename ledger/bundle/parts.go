package bundle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// PartSize is the most that one part has: a FAT32 stick takes no file of 4 GiB.
const PartSize = 4<<30 - 1<<20

// Part is the beginning of a part's file: which bundle it is of, and which of its parts, from 1.
type Part struct {
	Set   [16]byte
	Index uint32
}

const (
	partMagic = "JUMYLA PART 1\n"
	partHead  = len(partMagic) + 16 + 4
)

// ErrPart means that a part is missing or of another bundle.
var ErrPart = errors.New("a part of the bundle is missing")

// A Cutter is a writer that cuts what it is given into parts of at most Size bytes.
type Cutter struct {
	Size uint64
	Set  [16]byte
	New  func(index int) (io.Writer, error) // makes the next part's file

	index int
	out   io.Writer
	left  uint64
}

// Parts returns how many parts were begun.
func (c *Cutter) Parts() int { return c.index }

// Write writes to the part at hand, and begins the next where that is full.
func (c *Cutter) Write(b []byte) (int, error) {
	done := 0
	for len(b) > 0 {
		if c.left == 0 {
			if err := c.next(); err != nil {
				return done, err
			}
		}
		n, err := c.out.Write(b[:min(uint64(len(b)), c.left)])
		done, b, c.left = done+n, b[n:], c.left-uint64(n) //nolint:gosec // a writer writes no less than nothing
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (c *Cutter) next() (err error) {
	c.index++
	if c.out, err = c.New(c.index); err != nil {
		return err
	}
	h := append([]byte(partMagic), c.Set[:]...)
	h = binary.BigEndian.AppendUint32(h, uint32(c.index)) //nolint:gosec // counts parts
	if c.Size <= uint64(len(h)) {
		return fmt.Errorf("parts of %d bytes hold nothing", c.Size)
	}
	c.left = c.Size - uint64(len(h))
	_, err = c.out.Write(h)
	return err
}

// ReadPart reads a part's beginning.
func ReadPart(r io.Reader) (Part, error) {
	var p Part
	h := make([]byte, partHead)
	if _, err := io.ReadFull(r, h); err != nil || string(h[:len(partMagic)]) != partMagic {
		return p, ErrNotBundle
	}
	copy(p.Set[:], h[len(partMagic):])
	p.Index = binary.BigEndian.Uint32(h[len(partMagic)+16:])
	return p, nil
}

// Join makes one reader of a bundle's parts, in order.
func Join(parts ...io.Reader) (io.Reader, error) {
	var set [16]byte
	for i, r := range parts {
		p, err := ReadPart(r)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			set = p.Set
		}
		if p.Set != set || int(p.Index) != i+1 {
			return nil, ErrPart
		}
	}
	return io.MultiReader(parts...), nil
}
