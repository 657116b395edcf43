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

// declare writes down what key-holders signed.
func (w *world) declare(n *node, kind string, about ID, what any) {
	w.write(n, Dir, Entry{Op: Declare, Kind: kind, Record: about, Fields: fields(what)}, nil)
}

func nameOf(kind string, what any) Hash {
	name, _ := Statement(&Entry{Op: Declare, Kind: kind, Fields: fields(what)})
	return name
}

// give notes what enough key-holders meant to say.
func (w *world) give(kind string, what any) {
	w.given = append(w.given, given{kind: kind, what: what, name: nameOf(kind, what)})
}

func (w *world) forge(kind string, what any, key warrantKey, signers []ed25519.PublicKey) {
	w.forged = append(w.forged, forged{nameOf(kind, what), key, signers})
}

// say is people's word of who the key-holders are.
func (w *world) say(n *node, a Anchor) {
	h := Holders{Need: a.Need}
	for _, k := range a.Holders {
		h.Keys = append(h.Keys, k)
	}
	w.declare(n, KindHolders, n.centre(), h)
	n.book.Dir.say(a)
	clear(n.book.decided)
}

// say begins anew with other key-holders.
func (d *Directory) say(a Anchor) {
	d.anchor = a
	d.name(a)
	d.judge()
}

// renew replaces one key-holder: two of the three sign who they are from now on. Where the set was renewed elsewhere already,
// and nobody heard of it, the same one leaves. A thief has one paper, and names his own.
func (w *world) renew(n *node, leaves int, thief bool) {
	a := n.book.Dir.Anchor()
	digest := a.Digest()
	if gone, twice := w.leaves[digest]; twice && !thief {
		if leaves%3 != 0 { // mostly they have heard of it by telephone
			return
		}
		leaves = slices.IndexFunc(a.Holders, func(k ed25519.PublicKey) bool { return k.Equal(gone) })
	}
	var stay []ed25519.PublicKey
	for i, k := range a.Holders {
		if i != leaves%len(a.Holders) {
			stay = append(stay, k)
		} else if !thief && w.leaves[digest] == nil {
			w.leaves[digest], w.left = k, append(w.left, k)
		}
	}
	fresh := w.paper()
	if !thief {
		w.change(n, Anchor{Holders: append(stay, fresh), Need: a.Need})
		return
	}
	h := Holders{Need: a.Need, Renews: &digest, Keeps: n.book.Dir.Counting(), Keys: [][]byte{fresh, w.paper(), w.paper()}}
	for _, f := range w.forged {
		h.Keeps = append(h.Keeps, f.name)
	}
	if leaves%2 == 0 { // or the true ones, and what he forged goes on counting
		h.Keys = [][]byte{a.Holders[0], a.Holders[1], a.Holders[2]}
	} else {
		w.stolen = append(w.stolen, h.Anchor().Digest())
	}
	w.sign([]ed25519.PublicKey{stay[0], fresh}, h.Sign)
	w.declare(n, KindHolders, n.centre(), h)
}

// change has two of a centre's key-holders and two of others sign that those are the key-holders. What goes on counting
// is kept as the program keeps it, or all of it, as another program may.
func (w *world) change(n *node, to Anchor) {
	a := n.book.Dir.Anchor()
	digest := a.Digest()
	h := Holders{Need: to.Need, Renews: &digest}
	for _, k := range to.Holders {
		h.Keys = append(h.Keys, k)
	}
	keeps := n.book.Dir.Keeping()
	if w.papers%2 == 0 {
		keeps = n.book.Dir.Counting()
	}
	for _, name := range keeps {
		h.Keeps, w.kept[name] = append(h.Keeps, name), true
	}
	signers := slices.Clone(a.Holders[:2])
	for _, k := range to.Holders[:2] {
		if !slices.ContainsFunc(signers, func(o ed25519.PublicKey) bool { return o.Equal(k) }) {
			signers = append(signers, k)
		}
	}
	w.sign(signers, h.Sign)
	w.declare(n, KindHolders, n.centre(), h)
	w.follow(n)
}

// back has key-holders sign that those before them are the key-holders again. The pages refuse it.
func (w *world) back(n *node, at int) {
	if all := n.book.Dir.before; len(all) > 0 {
		w.change(n, all[at%len(all)])
	}
}

// takeOver has the key-holders of two centres sign that one set is both's; crossing, each takes over the other's.
func (w *world) takeOver(n, other *node, crossing bool) {
	a, b := n.book.Dir.Anchor(), other.book.Dir.Anchor()
	if a.Digest() == b.Digest() || other.gone {
		return
	}
	w.change(n, b)
	if crossing {
		w.change(other, a)
	}
}

// word takes over another centre's key-holders after words were compared, where nothing would cease to count by it.
func (w *world) word(n, other *node) {
	a := other.book.Dir.Anchor()
	if a.Digest() == n.book.Dir.Anchor().Digest() {
		return
	}
	then := n.book.Dir.With(a).Counting()
	for _, name := range n.book.Dir.Counting() {
		if !slices.Contains(then, name) {
			return
		}
	}
	w.say(n, a)
}

// follow is what the program does by itself when it learns of a renewal: it takes it over, in its own lane.
func (w *world) follow(n *node) {
	for range 200 {
		h, ok := n.book.Dir.Renewal()
		if !ok || w.faults.unheard {
			return
		}
		w.declare(n, KindHolders, n.centre(), h)
		n.book.Dir.Renew(h)
		clear(n.book.decided)
	}
	w.broke("key-holders: node %d follows for ever", n.n)
}

// wrong is a centre that old papers ended.
type wrong struct {
	centre  ID
	name    Hash
	signers []ed25519.PublicKey
}

// oldEnd ends a centre by the paper of somebody who left and one that was stolen.
func (w *world) oldEnd(n *node, victim ID) {
	left := w.leaver(n)
	if len(left) == 0 || victim == n.centre() || w.revoked[victim] {
		return
	}
	r, signers := n.ending(victim), append(left, n.signers()[1])
	w.sign(signers, r.Sign)
	w.declare(n, KindRevocation, victim, r)
	w.wrong = append(w.wrong, wrong{victim, nameOf(KindRevocation, r), signers})
}

// ending is the end of a centre, as far as its lanes have come here.
func (n *node) ending(victim ID) Revocation {
	r := Revocation{Centre: victim}
	for l, at := range n.book.lanes {
		if l.Centre == victim && len(at.chains) > 0 && n.book.Dir.MayHave(n.centre(), l) {
			r.Cut = append(r.Cut, LaneSeq{Incarnation: l.Incarnation, Class: l.Class, Seq: at.chains[0].head().Seq})
		}
	}
	slices.SortFunc(r.Cut, func(a, b LaneSeq) int {
		return Lane{Incarnation: a.Incarnation, Class: a.Class}.compare(Lane{Incarnation: b.Incarnation, Class: b.Class})
	})
	return r
}

// agree has people settle it where centres still go by others: those of the first are signed to be everybody's; where they were
// once theirs, fresh papers are.
func (w *world) agree() (did bool) {
	var first *node
	for _, n := range w.nodes {
		switch {
		case n.gone:
		case first == nil:
			first = n
		case n.book.Dir.Anchor().Digest() == first.book.Dir.Anchor().Digest():
		case n.book.Dir.Was(first.book.Dir.Anchor()):
			w.change(first, Anchor{Holders: []ed25519.PublicKey{w.paper(), w.paper(), w.paper()}, Need: 2})
			return true
		default:
			w.change(n, first.book.Dir.Anchor())
			did = true
		}
	}
	return did
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
			w.lapsed[what.Number] = true
			what.Signatures = nil
			w.sign(n.signers(), what.Sign)
			w.declare(n, g.kind, what.From, what)
		case Revocation:
			what.Signatures = nil
			w.sign(n.signers(), what.Sign)
			w.declare(n, g.kind, what.Centre, what)
		case Readmission:
			what.Signatures = nil
			w.sign(n.signers(), what.Sign)
			w.declare(n, g.kind, what.Centre, what)
		}
	}
	return did
}

// readmit has the key-holders let those work again whom old papers ended, wherever that was heard: who was ended is told nothing.
// What they themselves signed, or those whom they took back, stays so.
func (w *world) readmit() (did bool) {
	for _, n := range w.nodes {
		if n.gone {
			continue
		}
		for _, s := range n.book.Dir.Statements() {
			i := slices.IndexFunc(w.wrong, func(v wrong) bool { return v.name == s.Name })
			if i < 0 || !s.Counts || w.revoked[w.wrong[i].centre] {
				continue
			}
			v := w.wrong[i]
			did = true
			if !s.Own {
				r := Readmission{Centre: v.centre, Revocations: []Hash{v.name}, Renewals: s.KeptBy}
				w.sign(n.signers(), r.Sign)
				w.declare(n, KindReadmission, v.centre, r)
				w.give(KindReadmission, r)
				continue
			}
			if among(n.book.Dir.Anchor(), v.signers) < 2 {
				w.broke("key-holders: %x is ended by who are none", v.centre[:2])
			}
			w.end(v.centre)
			w.fooled[v.centre], w.copied[v.centre] = true, true
		}
	}
	return did
}

// lapsedOn reports whether a record was adopted by a permission that counted no longer for a while: until it was signed again
// the record was the lost centre's, whose erasure was in force.
func (w *world) lapsedOn(n *node, d *Decision) bool {
	return slices.ContainsFunc(d.Path, func(h Hash) bool {
		var c Claim
		it := n.book.items[h]
		return it != nil && it.Op == Own && it.Fields.Into(&c) == nil && w.lapsed[c.Warrant]
	})
}

func among(a Anchor, signers []ed25519.PublicKey) (n int) {
	for _, k := range signers {
		if slices.ContainsFunc(a.Holders, func(o ed25519.PublicKey) bool { return o.Equal(k) }) {
			n++
		}
	}
	return n
}

// rightly: what was forged by a paper counts all the same where its holder is one again, or those who renewed believed it.
func (w *world) rightly() {
	for _, n := range w.nodes {
		for _, f := range w.forged {
			if !n.gone && (among(n.book.Dir.Anchor(), f.signers) >= 2 || w.kept[f.name]) {
				w.issued[f.warrant] = true
			}
		}
	}
}

// checkRest: nobody stays where a renewal leads on, who has heard the same goes by the same where there is one end, whatever came
// first, and nobody whom the key-holders ended came back.
func (w *world) checkRest() {
	for i, n := range w.nodes {
		if n.gone {
			continue
		}
		w.checkEnded(n)
		if end := n.book.Dir.end(); end != n.book.Dir.Anchor().Digest() {
			w.broke("key-holders: node %d goes by %x, and what it has heard ends at %x", n.n, n.book.Dir.Anchor().Digest(), end)
		}
		for _, o := range w.nodes[:i] {
			a, b := n.book.Dir, o.book.Dir
			same := len(a.renewals) == len(b.renewals) // who was ended hears nothing
			if !o.gone && same && a.Anchor().Digest() != b.Anchor().Digest() && (a.Was(b.Anchor()) || b.Was(a.Anchor())) {
				w.broke("key-holders: nodes %d and %d heard the same, and go by others", n.n, o.n)
			}
		}
	}
}

// end reckons by another way where following ends: the lowest digest of all that renewals lead to, if they lead back from each;
// else nothing.
func (d *Directory) end() Hash {
	reached := d.reached(d.anchor.Digest())
	low := reached[0]
	for _, at := range reached {
		if !slices.Contains(d.reached(at), d.anchor.Digest()) {
			return Hash{}
		}
		if compareHashes(at, low) < 0 {
			low = at
		}
	}
	return low
}

// reached are the sets that renewals lead to from one, with it.
func (d *Directory) reached(from Hash) []Hash {
	out := []Hash{from}
	for i := 0; i < len(out); i++ {
		for _, r := range d.renewals {
			if a, named := d.Set(out[i]); named && a.Renewed(r.Holders) && !slices.Contains(out, r.to) {
				out = append(out, r.to)
			}
		}
	}
	return out
}

// checkEnded: what a set signed that a centre has gone by since its people's last word still ends, heard when it may.
func (w *world) checkEnded(n *node) {
	gone := map[Hash]bool{}
	said := n.book.Entries(n.centre())
	slices.SortFunc(said, func(x, y Known) int { return x.mark().compare(y.mark()) })
	for _, k := range said {
		var h Holders
		switch {
		case k.Lane.Centre != n.centre() || k.Kind != KindHolders || k.Fields.Into(&h) != nil:
		case h.Renews == nil:
			clear(gone)
		default:
			gone[*h.Renews] = true
		}
	}
	for _, g := range w.given {
		r, ending := g.what.(Revocation)
		heard := slices.ContainsFunc(n.book.Dir.signed, func(e Entry) bool { return nameOf(e.Kind, e.Fields) == g.name })
		if ending && heard && gone[g.by] && !n.book.Dir.Revoked(r.Centre) {
			w.broke("revocation: %x came back at node %d by a renewal", r.Centre[:2], n.n)
		}
	}
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
