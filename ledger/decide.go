package ledger

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
)

// Known is an entry as a centre holds it.
type Known struct {
	Entry
	Hash   Hash
	Opened Fields // its body or parcel, opened; nil where that is not here, or has been destroyed
}

// Decision is what a record is, as the entries known here say. Whoever knows the same entries decides the
// same: it depends on neither their order nor any clock.
type Decision struct {
	Record ID
	Kind   string

	Owner     ID    // who may change the record; zero where not even its creation is here
	Under     Hash  // the claim that the owner holds it by: what the next entry about it is written under
	By        ID    // who made that claim: for the next claim's From
	Claim     Claim // the claim itself; of a root only owner and parent are set
	Path      []Hash
	Former    []ID        // owners on the path, the first one first, the present one last
	Held      map[ID]Hash // the highest claim by which each centre has the record, or had it: under it a former owner erases
	Contested bool        // more than one centre says that it created the record

	Entries []Hash // those on the path, in their order
	Fields  map[Class]Fields
	Heads   map[Class]Hash // the record's last entry in each class of lane: base of the next one
	Cut     Cut            // how far the present owner's entries are here: cut of the next claim
	Missing []Hash         // entries and claims on the path whose sealed parts are not here

	Erasures []Hash        // those in force
	Dead     []Hash        // entries whose sealed parts an erasure reaches: they must be destroyed
	Asked    []Hash        // the erasures that holders have to confirm: those in lanes that everybody has, if any
	Holders  []ID          // where there are erasures: the centres that may hold something sealed
	Pleas    []Hash        // erasures by who had it before: in force when the owner says them too; until then proposals
	Gone     map[ID][]Hash // which erasures each centre says that it has carried out

	Facts     []Known
	Proposals []Proposal
	Waiting   []Waiting
	Barred    []Known // quarantined: on a fork, or beyond a revocation's cut
	Lost      []Hash  // claims that count for nothing, or were outbid
	Newer     []Known // operations of a newer program: kept
}

// Proposal is a change that is not the record's: made by somebody else than its owner, or beyond a cut. It
// waits for a person.
type Proposal struct {
	Known
	Would    map[Class]Fields // the fields that it would change, where its sealed part is here
	Resolved bool
	Accepted bool
}

// Waiting is an entry that cannot be placed before something else has come.
type Waiting struct {
	Known
	For  Hash // the claim that is missing; zero for a warrant or an opening
	From ID   // whose data would bring it
}

// held is a claim in a record's tree of claims.
type held struct {
	id     Hash
	claim  Claim
	author ID
	parent *held
	entry  *Known // nil for a root
}

// deciding is a decision under way.
type deciding struct {
	Decision
	dir    *Directory
	maker  *ID // whom the record's identity names as its creator, of those who wrote of it
	ok     []Known
	aside  map[Hash]bool // off their centre's line
	claims map[Hash]*held
	own    map[Hash]*Known // claims not yet placed, then those that never will be; nil for barred ones
	said   map[Hash]Claim  // what the readable ones of them say
	waited map[Hash]*await // what they wait for, as far as it was asked
	path   []*held
	pathAt map[Hash]int
	steps  []stepped     // the path's entries, in their order
	at     map[Hash]int  // where they stand in steps
	spoken map[Hash]bool // proposals that the owner resolved: accepted or not

	inForce                 map[Hash]bool    // erasures
	erased                  map[where][2]int // the first and the last step that erases, in each lane under each claim
	firstErased, lastErased int              // the claims of the first and the last of them
}

// stepped is an entry on the path, under which of its claims.
type stepped struct {
	*Known
	claim int
}

// await is what a claim waits for, if it does.
type await struct {
	what  Hash
	from  ID
	waits bool
}

// Decide says what a record is. known are all its entries that are here, of all lanes, in any order, any of
// them any number of times.
func (d *Directory) Decide(record ID, known []Known) Decision {
	w := &deciding{dir: d, aside: map[Hash]bool{}, claims: map[Hash]*held{}, own: map[Hash]*Known{}, at: map[Hash]int{},
		said: map[Hash]Claim{}, waited: map[Hash]*await{}, pathAt: map[Hash]int{},
		spoken: map[Hash]bool{}, inForce: map[Hash]bool{}, erased: map[where][2]int{}}
	w.Record, w.Fields, w.Heads, w.Cut, w.Gone, w.Held = record, map[Class]Fields{}, map[Class]Hash{}, Cut{}, map[ID][]Hash{}, map[ID]Hash{}
	w.sort(known)
	w.plant()
	w.choose()
	w.follow()
	w.erasures()
	w.fold()
	w.rest()
	w.holders()
	return w.Decision
}

// sort puts the entries into one order, whatever order they came in, and sets aside what its lane forbids.
func (w *deciding) sort(known []Known) {
	all := slices.Clone(known)
	slices.SortFunc(all, func(a, b Known) int {
		return cmp.Or(bytes.Compare(a.Lane.Centre[:], b.Lane.Centre[:]), a.mark().compare(b.mark()),
			cmp.Compare(rank(a.Lane.Class), rank(b.Lane.Class)), bytes.Compare(a.Hash[:], b.Hash[:]))
	})
	all = slices.CompactFunc(all, func(a, b Known) bool { return a.Hash == b.Hash })
	for i := range all {
		k := &all[i]
		if k.Record != w.Record {
			continue
		}
		if w.maker == nil && Made(w.Record, k.Lane.Centre) && !w.dir.broken.makers {
			w.maker = &k.Lane.Centre
		}
		switch w.dir.place(&k.Entry, k.Hash) {
		case barred:
			w.Barred = append(w.Barred, *k)
			if k.Op == Own {
				w.own[k.Hash] = nil // known, and void
			}
			continue
		case unknown:
			w.wait(k, Hash{}, k.Lane.Centre)
			continue
		case offLine:
			w.aside[k.Hash] = true
		case onLine:
		}
		w.ok = append(w.ok, *k)
	}
	for i := range w.ok {
		var c Claim
		if k := &w.ok[i]; k.Op == Own {
			if w.own[k.Hash] = k; k.Fields.Into(&c) == nil {
				w.said[k.Hash] = c
			}
		}
	}
}

// rank orders classes as they travel; one of a newer program comes last.
func rank(c Class) int {
	if i := slices.Index(Classes(), c); i >= 0 {
		return i
	}
	return len(Classes())
}

func (w *deciding) wait(k *Known, what Hash, from ID) {
	w.Waiting = append(w.Waiting, Waiting{Known: *k, For: what, From: from})
}

// plant grows the tree of claims from its roots: the centres that say they created the record. Who had seen
// another's entry about it did not.
func (w *deciding) plant() {
	w.roots()
	children := map[Hash][]Hash{}
	for id, c := range w.said {
		if by := w.own[id].Lane.Centre; c.From == by && c.Parent == RootClaim(w.Record, by) {
			w.root(by) // its creator hands it over: what it wrote before may be in lanes that do not come here
		}
		children[c.Parent] = append(children[c.Parent], id)
	}
	for next := slices.Collect(maps.Keys(w.claims)); len(next) > 0; next = next[1:] {
		for _, id := range children[next[0]] {
			if w.grow(id, w.claims[next[0]]) {
				next = append(next, id)
			}
		}
	}
	if w.dir.broken.parents {
		for id, c := range w.said {
			if root := w.claims[RootClaim(w.Record, c.From)]; root != nil && w.claims[c.Parent] == nil {
				w.claims[id] = &held{id: id, claim: c, author: w.own[id].Lane.Centre, parent: root, entry: w.own[id]}
			}
		}
	}
}

func (w *deciding) roots() {
	author := map[Hash]ID{}
	for i := range w.ok {
		author[w.ok[i].Hash] = w.ok[i].Lane.Centre
	}
	for i := range w.ok {
		if w.ok[i].creates(author) {
			w.root(w.ok[i].Lane.Centre)
		}
	}
}

func (k *Known) creates(author map[Hash]ID) bool {
	if k.Op != Put || k.Under() != RootClaim(k.Record, k.Lane.Centre) {
		return false
	}
	for _, h := range k.Base {
		if by, known := author[h]; known && by != k.Lane.Centre {
			return false
		}
	}
	return true
}

// root takes a centre for the record's creator, unless the identity names another who wrote of it, whatever became of that.
func (w *deciding) root(centre ID) {
	if w.pretends(centre) {
		w.Contested = true
		return
	}
	id := RootClaim(w.Record, centre)
	if w.claims[id] == nil {
		w.claims[id] = &held{id: id, author: centre, claim: Claim{Owner: centre, Parent: id}}
	}
}

func (w *deciding) pretends(centre ID) bool { return w.maker != nil && *w.maker != centre }

// grow puts a claim into the tree behind its parent, if its author had the right.
func (w *deciding) grow(id Hash, parent *held) bool {
	c, k := w.said[id], w.own[id]
	if c.From != parent.author || !w.rightful(&c, k.Lane.Centre, parent) {
		return false
	}
	w.claims[id] = &held{id: id, claim: c, author: k.Lane.Centre, parent: parent, entry: k}
	delete(w.own, id)
	return true
}

// rightful reports whether the author may make this claim: the owner hands over, or who owned it before takes
// it back, or a warrant lets another adopt it.
func (w *deciding) rightful(c *Claim, author ID, parent *held) bool {
	if c.N != parent.claim.N+1 {
		return false
	}
	if c.Warrant != parent.claim.Warrant {
		return c.Warrant > parent.claim.Warrant && c.Owner == author && w.dir.Warranted(c.Warrant, parent.claim.Owner, author)
	}
	if author == parent.claim.Owner || w.dir.broken.owner {
		return true
	}
	for p := parent.parent; p != nil; p = p.parent {
		if p.claim.Owner == author {
			return c.Owner == author
		}
	}
	return false
}

// choose finds the winner and its path. Claims of another root than the winner's count for nothing.
func (w *deciding) choose() {
	var root, winner *held
	roots := 0
	for _, c := range w.claims {
		if c.parent == nil {
			roots++
			if root == nil || w.higher(c, root) {
				root = c
			}
		}
	}
	w.Contested = w.Contested || roots > 1
	for _, c := range w.claims {
		if c.root() != root {
			continue
		}
		if winner == nil || w.higher(c, winner) {
			winner = c
		}
		if at, ok := w.Held[c.claim.Owner]; !ok || w.higher(c, w.claims[at]) {
			w.Held[c.claim.Owner] = c.id
		}
	}
	for c := winner; c != nil; c = c.parent {
		w.path = append(w.path, c)
	}
	slices.Reverse(w.path)
	for i, c := range w.path {
		w.pathAt[c.id] = i
		w.Path, w.Former = append(w.Path, c.id), append(w.Former, c.claim.Owner)
	}
	if winner != nil {
		w.Owner, w.Under, w.By, w.Claim = winner.claim.Owner, winner.id, winner.author, winner.claim
	}
	w.losers()
}

// higher orders claims: warrant, n, identity. Clocks never decide.
func (w *deciding) higher(c, o *held) bool {
	if w.dir.broken.clocks && c.entry != nil && o.entry != nil {
		return c.entry.Time > o.entry.Time
	}
	return cmp.Or(cmp.Compare(c.claim.Warrant, o.claim.Warrant), cmp.Compare(c.claim.N, o.claim.N),
		bytes.Compare(c.id[:], o.id[:])) > 0
}

func (c *held) root() *held {
	for c.parent != nil {
		c = c.parent
	}
	return c
}

// losers sorts the claims that are not on the path: outbid or without right, or waiting for what is missing.
func (w *deciding) losers() {
	for i := range w.ok {
		k := &w.ok[i]
		if _, on := w.pathAt[k.Hash]; on || k.Op != Own {
			continue
		}
		if a := w.waits(k.Hash); a.waits {
			w.wait(k, a.what, a.from)
		} else {
			w.Lost = append(w.Lost, k.Hash)
		}
	}
}

// waits says what a claim outside the tree waits for, if it could still find its place.
func (w *deciding) waits(id Hash) *await {
	if a := w.waited[id]; a != nil {
		return a
	}
	a := &await{}
	w.waited[id] = a
	c, readable := w.said[id]
	k := w.own[id]
	if !readable || k == nil {
		return a
	}
	if p := w.claims[c.Parent]; p != nil { // a warrant may be missing
		a.from, a.waits = k.Lane.Centre, c.Warrant > p.claim.Warrant && c.N == p.claim.N+1 && c.From == p.author && c.Owner == k.Lane.Centre
	} else if c.Parent == RootClaim(w.Record, c.From) && w.pretends(c.From) {
		return a
	} else if _, known := w.own[c.Parent]; known {
		*a = *w.waits(c.Parent)
	} else {
		*a = await{c.Parent, c.From, true}
	}
	return a
}
