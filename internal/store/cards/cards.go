// Package cards reads out of the ledger's dir entries what centres are said to be.
package cards

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"slices"

	"github.com/jumyla/jumyla/ledger"
)

// Card is what a centre tells of itself: how to know its signature, how to seal for it, and where it stands.
type Card struct {
	Centre ledger.ID `cbor:"centre"`
	Key    []byte    `cbor:"key"` // Ed25519, public
	Box    string    `cbor:"box"` // age recipient
	Parent ledger.ID `cbor:"parent"`
	Name   string    `cbor:"name,omitempty"`
	Area   string    `cbor:"area,omitempty"`
	Level  string    `cbor:"level,omitempty"` // "national", "regional", "district", "post"
}

// Centre is another centre as it is known here.
type Centre struct {
	Card
	Pinned bool // our own people compared its key; else others introduced it
}

// Fold returns every centre that the dir entries introduce, in the order of their names. Our own people's word counts before
// the centre's own, that before others'; of one speaker the last.
func Fold(us ledger.ID, said []ledger.Known) []Centre {
	weight, all := map[ledger.ID]int{}, map[ledger.ID]Centre{}
	for _, e := range said {
		var c Card
		if e.Op != ledger.Declare || e.Kind != ledger.KindIntroduction || e.Fields.Into(&c) != nil || len(c.Key) != ed25519.PublicKeySize {
			continue
		}
		w := 1
		switch e.Lane.Centre {
		case us:
			w = 3
		case c.Centre:
			w = 2
		}
		old := all[c.Centre]
		if w < weight[c.Centre] {
			if w == 2 && string(old.Key) == string(c.Key) { // its key is pinned; where it stands it knows best
				c.Key, c.Box = old.Key, old.Box
				all[c.Centre] = Centre{Card: c, Pinned: true}
			}
			continue
		}
		weight[c.Centre] = w
		all[c.Centre] = Centre{Card: c, Pinned: w == 3 && c.Centre != us}
	}
	out := make([]Centre, 0, len(all))
	for _, c := range all {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Centre) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), bytes.Compare(a.Centre[:], b.Centre[:]))
	})
	return out
}
