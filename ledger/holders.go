package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"slices"
)

// Anchor is who may sign warrants and revocations: a nation's key-holders, and how many of them it takes.
// Centres that exchange have the same one.
type Anchor struct {
	Holders []ed25519.PublicKey
	Need    int

	trail [][]Anchor // how the centre came here since its people's last word; see pass
}

// Holders says who may sign warrants and revocations, after people compared it. A centre believes nobody but its own
// people about that: what others say of it stands in their lanes as an offer. A renewal is signed by enough of those before
// and enough of the new ones; whoever believes in those before takes it over.
type Holders struct {
	Keys       [][]byte    `cbor:"keys"` // Ed25519, public
	Need       int         `cbor:"need"`
	Renews     *Hash       `cbor:"renews,omitempty"` // digest of those before; nil: people said it, and nothing is signed
	Keeps      []Hash      `cbor:"keeps,omitempty"`  // statements that go on counting, by the new ones' signatures
	Signatures []Signature `cbor:"signatures,omitempty"`
}

// mostHolders is how many key-holders a set may have.
const mostHolders = 255

// Anchor is what follows from them; nobody, where they make no sense.
func (h Holders) Anchor() Anchor {
	a := Anchor{Need: h.Need}
	if len(h.Keys) > mostHolders { // before anything is compared
		return Anchor{}
	}
	for i, k := range h.Keys {
		if len(k) != ed25519.PublicKeySize || slices.ContainsFunc(h.Keys[:i], func(o []byte) bool { return bytes.Equal(o, k) }) {
			return Anchor{}
		}
		a.Holders = append(a.Holders, k)
	}
	if h.Need < 1 || h.Need > len(h.Keys) {
		return Anchor{}
	}
	return a
}

// OwnLine returns what a database itself wrote in dir: in its present incarnation, before any fork, and before that what it was
// opened from, on the branch and up to the cut that its openings name. Whoever copied the disk writes with the same key in lanes of the
// same centre, and is not its people.
func OwnLine(dir []Known, centre ID, present uint32) (own []Known) {
	by, now := map[Hash]*Known{}, map[uint64][]*Known{}
	for i := range dir {
		k := &dir[i]
		if k.Lane.Centre != centre || k.Lane.Class != Dir {
			continue
		}
		if by[k.Hash] = k; k.Lane.Incarnation == present {
			now[k.Seq] = append(now[k.Seq], k)
		}
	}
	for seq := uint64(1); len(now[seq]) == 1; seq++ {
		own = append(own, *now[seq][0])
	}
	if len(own) == 0 {
		return nil
	}
	for at := by[own[0].before()]; at != nil; at = by[at.before()] {
		own = append(own, *at)
	}
	return own
}

// before is the entry of dir that one follows on: in its lane, or through its opening.
func (k *Known) before() Hash {
	var o Opening
	if k.Op == Open && k.Fields.Into(&o) == nil {
		return o.Heads[Dir]
	}
	return k.Prev
}

// AnchorOf is what a centre believes of key-holders, from the entries of its own dir lanes: what its people said last, and
// the renewals that it followed from there.
func AnchorOf(own []Known) Anchor { return Anchor{}.along(own) }

// along goes on from an anchor by what stands in a centre's own dir lanes.
func (a Anchor) along(own []Known) Anchor {
	own = slices.Clone(own)
	slices.SortFunc(own, func(x, y Known) int { return x.mark().compare(y.mark()) })
	for i := range own {
		var h Holders
		if k := &own[i]; k.Op != Declare || k.Kind != KindHolders || k.Fields.Into(&h) != nil {
			continue
		}
		if h.Renews == nil {
			a = h.Anchor()
		} else if next, follows := a.Follow(h); follows {
			a = next
		}
	}
	return a
}

// Follow returns the anchor that a renewal makes of this one, if it is one of a set of the last circle, enough have signed it,
// of both, and it does not merely lead round.
func (a Anchor) Follow(h Holders) (Anchor, bool) {
	if !slices.ContainsFunc(a.circle(), func(o Anchor) bool { return o.Renewed(h) }) {
		return a, false
	}
	return a.pass(h.Anchor())
}

// circle are the sets of the last circle, the present one with them: each has signed, by whatever way, that any of the others may be
// the one. So each may say who is next, or two centres that heard the same would stay apart for having heard it in another order.
func (a Anchor) circle() []Anchor {
	if len(a.trail) == 0 {
		return []Anchor{a}
	}
	return a.trail[len(a.trail)-1]
}

// Beside are the other sets of the last circle: renewals lead from the present one to each of them and back, so their papers may
// still say who is next.
func (a Anchor) Beside() []Anchor {
	return slices.DeleteFunc(slices.Clone(a.circle()), func(o Anchor) bool { return o.Digest() == a.Digest() })
}

// Renewed reports whether a renewal is one of these key-holders, signed by enough of both.
func (a Anchor) Renewed(h Holders) bool { return a.renewed(h, false) }

func (a Anchor) renewed(h Holders, one bool) bool {
	next := h.Anchor()
	if a.Need < 1 || next.Need < 1 || h.Renews == nil || *h.Renews != a.Digest() || *h.Renews == next.Digest() {
		return false
	}
	if one { // a rule that tests break
		return h.Signers(a) > 0 && h.Signers(next) > 0
	}
	return h.Signers(a) >= a.Need && h.Signers(next) >= next.Need
}

// pass goes on to a set. The trail tells what was gone by since people's last word: sets, of which those that lead to each
// other in a circle stand together, as one. Where a renewal leads back, it closes a circle, and of that the lowest digest is
// the set from then on: whoever comes into it, and wherever, ends there. Within its circle nothing is followed, so a centre
// passes on no more often than there are sets. What it comes to rest in is a circle that no renewal it has heard of leaves; where
// only one such can be reached, all who have heard the same are in it, in whatever order they heard it.
func (a Anchor) pass(next Anchor) (Anchor, bool) {
	trail := a.trail
	if len(trail) == 0 {
		trail = [][]Anchor{{a}}
	}
	digest := next.Digest()
	back := slices.IndexFunc(trail, func(circle []Anchor) bool {
		return slices.ContainsFunc(circle, func(o Anchor) bool { return o.Digest() == digest })
	})
	if back == len(trail)-1 {
		return a, false
	}
	next.trail = nil
	circle := []Anchor{next}
	if back >= 0 {
		circle = slices.Concat(trail[back:]...)
		next = slices.MinFunc(circle, func(x, y Anchor) int { return compareHashes(x.Digest(), y.Digest()) })
		trail = trail[:back]
	}
	next.trail = append(slices.Clone(trail), circle)
	return next, true
}

// goneBy reports whether a set was gone by since people's last word.
func (a Anchor) goneBy(digest Hash) bool {
	return slices.ContainsFunc(a.trail, func(circle []Anchor) bool {
		return slices.ContainsFunc(circle, func(o Anchor) bool { return o.Digest() == digest })
	})
}

func compareHashes(a, b Hash) int { return bytes.Compare(a[:], b[:]) }

// Digest names the anchor: the key-holders' keys in ascending order, then how many it takes, in one byte.
func (a Anchor) Digest() Hash {
	keys := slices.SortedFunc(slices.Values(a.Holders), func(x, y ed25519.PublicKey) int { return bytes.Compare(x, y) })
	var all []byte
	for _, k := range keys {
		all = append(all, k...)
	}
	return sha256.Sum256(append(all, byte(a.Need))) //nolint:gosec // a few
}
