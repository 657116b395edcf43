// Package holders is a network's key-holders: three people, each with a printed key, two of whom together may let a centre
// go on with the records of another that is destroyed, and end a centre whose laptop was stolen. It makes the keys, reads
// what was typed from paper, and carries a statement until enough have signed it. Nothing of a key is ever kept.
package holders

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
)

// secretSize is how much chance a printed key holds.
const secretSize = 16

// Secret is what a key-holder's paper holds.
type Secret [secretSize]byte

// The letters of a printed key: none looks like another, or like a digit.
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// A printed key is seven groups of four letters and a check letter: 128 bits of chance and 12 of a check over all.
const (
	groupData  = 4
	groupCount = 7
)

// NewSecret draws a key.
func NewSecret(random io.Reader) (s Secret, err error) {
	_, err = io.ReadFull(random, s[:])
	return s, err
}

// Key is the signing key that a paper stands for.
func (s Secret) Key() ed25519.PrivateKey {
	seed := sha256.Sum256(append([]byte("jumyla key-holder 1\x00"), s[:]...))
	return ed25519.NewKeyFromSeed(seed[:])
}

// Printed writes the key as it stands on paper: "7KQ2M 0D3FX …".
func (s Secret) Printed() string {
	bits := append(s[:], s.check()...)
	var text strings.Builder
	for i := range groupCount * groupData {
		text.WriteByte(letters[fiveBits(bits, i)])
	}
	groups := make([]string, 0, groupCount)
	for i := range groupCount {
		g := text.String()[i*groupData : (i+1)*groupData]
		groups = append(groups, g+string(letters[groupCheck(i, g)]))
	}
	return strings.Join(groups, " ")
}

// check is twelve bits over the whole key, at the head of two bytes.
func (s Secret) check() []byte {
	sum := sha256.Sum256(append([]byte("jumyla printed key 1\x00"), s[:]...))
	return []byte{sum[0], sum[1] & 0xf0}
}

func fiveBits(b []byte, i int) (v byte) {
	for k := range 5 {
		at := i*5 + k
		v = v<<1 | b[at/8]>>(7-at%8)&1
	}
	return v
}

// groupCheck is a group's check letter. Every wrong letter changes it, and two that changed places nearly always; it
// hangs on where the group stands, so that two groups that changed places are noticed.
func groupCheck(place int, group string) int {
	sum := place + 1
	for i := range len(group) {
		sum += (2*i + 3) * strings.IndexByte(letters, group[i])
	}
	return sum % len(letters)
}

// Parse reads a key as somebody typed it from paper: in any case, with any spaces and dashes, O for 0, I and L for 1. The
// error names the group that is wrong.
func Parse(typed string) (Secret, error) {
	var out Secret
	text := strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "\n", "", "\t", "", "O", "0", "I", "1", "L", "1", "U", "V").Replace(strings.ToUpper(typed))
	if len(text) == 0 {
		return out, errs.New(errs.Invalid, "error.required")
	}
	bits := make([]byte, (groupCount*groupData*5+7)/8)
	for g := range groupCount {
		from, to := g*(groupData+1), (g+1)*(groupData+1)
		if len(text) < to {
			return out, errs.New(errs.Invalid, "holders.short", "n", len(text)/(groupData+1), "all", groupCount)
		}
		group := text[from:to]
		for i := range len(group) {
			v := strings.IndexByte(letters, group[i])
			if v < 0 || i == groupData && v != groupCheck(g, group[:groupData]) {
				return out, errs.New(errs.Invalid, "holders.group", "n", g+1, "all", groupCount)
			}
			if i < groupData {
				setFive(bits, g*groupData+i, byte(v)) //nolint:gosec // below 32
			}
		}
	}
	copy(out[:], bits)
	if len(text) > groupCount*(groupData+1) || string(out.check()) != string(bits[secretSize:]) {
		return Secret{}, fmt.Errorf("printed key: %w", errs.New(errs.Invalid, "holders.typed"))
	}
	return out, nil
}

func setFive(b []byte, i int, v byte) {
	for k := range 5 {
		at := i*5 + k
		b[at/8] |= v >> (4 - k) & 1 << (7 - at%8)
	}
}
