package ledger

import (
	"crypto/ed25519"
	"slices"
)

// paper prints a key-holder's key.
func (w *world) paper() ed25519.PublicKey {
	w.papers++
	seed := make([]byte, 32)
	seed[30], seed[31] = byte(w.papers>>8), byte(100+w.papers)
	seed[0] = 0x5e
	k := ed25519.NewKeyFromSeed(seed)
	public := k.Public().(ed25519.PublicKey)
	w.holders[string(public)] = k
	return public
}

// signers are two of the key-holders that a centre goes by.
func (n *node) signers() []ed25519.PublicKey {
	return slices.Clone(n.book.Dir.Anchor().Holders[:2])
}

// leaver is somebody who was a key-holder and is none any more where a centre goes by others; nobody, where none left.
func (w *world) leaver(n *node) []ed25519.PublicKey {
	for _, k := range w.left {
		if !slices.ContainsFunc(n.book.Dir.Anchor().Holders, func(o ed25519.PublicKey) bool { return o.Equal(k) }) {
			return []ed25519.PublicKey{k}
		}
	}
	return nil
}

func (w *world) sign(who []ed25519.PublicKey, sign func(ed25519.PrivateKey) error) {
	for _, k := range who {
		if err := sign(w.holders[string(k)]); err != nil {
			panic(err)
		}
	}
}

// declare writes down what key-holders signed; meant says that enough of them did.
func (w *world) declare(n *node, kind string, about ID, what any, meant bool) {
	e := Entry{Op: Declare, Kind: kind, Record: about, Fields: fields(what)}
	if name, _ := Statement(&e); meant {
		w.given = append(w.given, given{kind, what, name})
	} else {
		w.forged = append(w.forged, name)
	}
	w.write(n, Dir, e, nil)
}

// renew replaces one key-holder: two of the three sign who they are from now on. A thief has one paper, and names his own.
func (w *world) renew(n *node, leaves int, thief bool) {
	a := n.book.Dir.Anchor()
	digest := a.Digest()
	if !thief && w.renewed[digest] {
		return
	}
	h := Holders{Need: a.Need, Renews: &digest, Keeps: n.book.Dir.Counting()}
	var stay []ed25519.PublicKey
	for i, k := range a.Holders {
		if i == leaves%len(a.Holders) && !thief {
			w.left = append(w.left, k)
		} else if i != leaves%len(a.Holders) {
			stay, h.Keys = append(stay, k), append(h.Keys, k)
		}
	}
	fresh := w.paper()
	h.Keys = append(h.Keys, fresh)
	if thief {
		h.Keys, stay = [][]byte{fresh, w.paper(), w.paper()}, []ed25519.PublicKey{stay[0], fresh}
		if h.Keeps = append(h.Keeps, w.forged...); leaves%2 == 0 { // or the true ones, and what he forged goes on counting
			h.Keys = [][]byte{a.Holders[0], a.Holders[1], a.Holders[2]}
		}
	}
	w.sign(stay, h.Sign)
	w.write(n, Dir, Entry{Op: Declare, Kind: KindHolders, Record: n.centre(), Fields: fields(h)}, nil)
	if thief {
		if h.Anchor().Digest() != digest {
			w.stolen = append(w.stolen, h.Anchor().Digest())
		}
		return
	}
	w.renewed[digest] = true
	w.follow(n)
}

// follow is what the program does by itself when it learns of a renewal: it takes it over, in its own lane.
func (w *world) follow(n *node) {
	for !w.faults.unheard {
		h, ok := n.book.Dir.Renewal()
		if !ok {
			return
		}
		w.write(n, Dir, Entry{Op: Declare, Kind: KindHolders, Record: n.centre(), Fields: fields(h)}, nil)
		n.book.Dir.Renew(h)
		clear(n.book.decided)
	}
}

// renewed brings a copied book to the key-holders that its own lanes say.
func (b *Book) renewed(e *Entry) {
	var h Holders
	if e.Lane.Centre == b.Self && e.Kind == KindHolders && e.Fields.Into(&h) == nil && b.Dir.Renew(h) {
		clear(b.decided)
	}
}

// again has key-holders sign once more what a renewal did not keep, for whoever renewed had not heard of it.
func (w *world) again() (did bool) {
	i := slices.IndexFunc(w.nodes, func(n *node) bool { return !n.gone })
	if i < 0 {
		return false
	}
	n := w.nodes[i]
	for _, g := range w.given {
		if slices.Contains(n.book.Dir.Counting(), g.name) {
			continue
		}
		did = true
		switch what := g.what.(type) {
		case Warrant:
			what.Signatures = nil
			w.sign(n.signers(), what.Sign)
			w.write(n, Dir, Entry{Op: Declare, Kind: g.kind, Record: what.From, Fields: fields(what)}, nil)
		case Revocation:
			what.Signatures = nil
			w.sign(n.signers(), what.Sign)
			w.write(n, Dir, Entry{Op: Declare, Kind: g.kind, Record: what.Centre, Fields: fields(what)}, nil)
		}
	}
	return did
}

// checkHolders: everybody goes by the same key-holders, and nobody by a thief's.
func (w *world) checkHolders(first, n *node) {
	a := n.book.Dir.Anchor()
	if slices.Contains(w.stolen, a.Digest()) {
		w.broke("key-holders: node %d goes by a thief's", n.n)
	}
	if a.Digest() != first.book.Dir.Anchor().Digest() {
		w.broke("key-holders: nodes %d and %d go by others", first.n, n.n)
	}
	for key := range n.book.Dir.warrants {
		if !w.issued[key] {
			w.broke("key-holders: node %d believes a warrant that nobody gave", n.n)
		}
	}
}
