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
	Former    []ID // owners on the path, the first one first, the present one last
	Contested bool // more than one centre says that it created the record

	Entries []Hash // those on the path, in their order
	Fields  map[Class]Fields
	Heads   map[Class]Hash // the record's last entry in each class of lane: base of the next one
	Cut     Cut            // how far the present owner's entries are here: cut of the next claim
	Missing []Hash         // entries and claims on the path whose sealed parts are not here

	Erasures []Hash        // those in force
	Dead     []Hash        // entries whose sealed parts an erasure reaches: they must be destroyed
	Asked    []Hash        // the erasures that holders have to confirm: those in lanes that everybody has, if any
	Holders  []ID          // where there are erasures: the centres that may hold something sealed
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
	ok     []Known
	aside  map[Hash]bool // off their centre's line
	claims map[Hash]*held
	own    map[Hash]*Known // claims not yet placed, then those that never will be
	path   []*held
	steps  []stepped     // the path's entries, in their order
	at     map[Hash]int  // where they stand in steps
	spoken map[Hash]bool // proposals that the owner resolved: accepted or not
}

// stepped is an entry on the path, under which of its claims.
type stepped struct {
	*Known
	claim int
}

// Decide says what a record is. known are all its entries that are here, of all lanes, in any order, any of
// them any number of times.
func (d *Directory) Decide(record ID, known []Known) Decision {
	w := &deciding{dir: d, aside: map[Hash]bool{}, claims: map[Hash]*held{}, own: map[Hash]*Known{}, at: map[Hash]int{},
		spoken: map[Hash]bool{}}
	w.Record, w.Fields, w.Heads, w.Cut, w.Gone = record, map[Class]Fields{}, map[Class]Hash{}, Cut{}, map[ID][]Hash{}
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
		if w.ok[i].Op == Own {
			w.own[w.ok[i].Hash] = &w.ok[i]
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
	author := map[Hash]ID{}
	for i := range w.ok {
		author[w.ok[i].Hash] = w.ok[i].Lane.Centre
	}
	for i := range w.ok {
		if w.ok[i].creates(author) {
			w.root(w.ok[i].Lane.Centre)
		}
	}
	for _, k := range w.own {
		var c Claim
		if k != nil && k.Fields.Into(&c) == nil && c.From == k.Lane.Centre && c.Parent == RootClaim(w.Record, c.From) {
			w.root(c.From) // its creator hands it over: what it wrote before may be in lanes that do not come here
		}
	}
	for grown := true; grown; {
		grown = false
		for id, k := range w.own {
			if k != nil && w.grow(id, k) {
				grown = true
				delete(w.own, id)
			}
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

func (w *deciding) root(centre ID) {
	id := RootClaim(w.Record, centre)
	if w.claims[id] == nil {
		w.claims[id] = &held{id: id, author: centre, claim: Claim{Owner: centre, Parent: id}}
	}
}

// grow puts a claim into the tree if its parent is there and its author had the right.
func (w *deciding) grow(id Hash, k *Known) bool {
	var c Claim
	if k.Fields.Into(&c) != nil {
		return false
	}
	parent := w.claims[c.Parent]
	guessed := parent == nil && w.dir.broken.parents
	if guessed {
		parent = w.claims[RootClaim(w.Record, c.From)]
	}
	if parent == nil || !guessed && (c.From != parent.author || !w.rightful(&c, k.Lane.Centre, parent)) {
		return false
	}
	w.claims[id] = &held{id: id, claim: c, author: k.Lane.Centre, parent: parent, entry: k}
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
	w.Contested = roots > 1
	for _, c := range w.claims {
		if c.root() == root && (winner == nil || w.higher(c, winner)) {
			winner = c
		}
	}
	for c := winner; c != nil; c = c.parent {
		w.path = append(w.path, c)
	}
	slices.Reverse(w.path)
	for _, c := range w.path {
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
		if k.Op != Own || slices.Contains(w.Path, k.Hash) {
			continue
		}
		if c, from, waits := w.waits(k); waits {
			w.wait(k, c, from)
		} else {
			w.Lost = append(w.Lost, k.Hash)
		}
	}
}

// waits reports whether a claim outside the tree could still find its place, and what it waits for.
func (w *deciding) waits(k *Known) (what Hash, from ID, waits bool) {
	var c Claim
	if w.claims[k.Hash] != nil || k.Fields.Into(&c) != nil {
		return what, from, false
	}
	if p := w.claims[c.Parent]; p != nil {
		warrantMissing := c.Warrant > p.claim.Warrant && c.N == p.claim.N+1 && c.From == p.author && c.Owner == k.Lane.Centre
		return what, k.Lane.Centre, warrantMissing
	}
	parent, known := w.own[c.Parent]
	if !known {
		return c.Parent, c.From, true
	}
	if parent == nil {
		return what, from, false
	}
	return w.waits(parent)
}

// follow collects what the owners on the path wrote, each inside the cut of the claim that follows. Lanes that
// never leave a centre follow at the end: their entries are nobody else's concern.
func (w *deciding) follow() {
	for i := range w.ok {
		k := &w.ok[i]
		if k.Op != Put && k.Op != Erase && k.Op != Resolve {
			continue
		}
		if k.Lane.Class.private() {
			w.steps = append(w.steps, stepped{k, len(w.path)})
			continue
		}
		at := slices.Index(w.Path, k.Under())
		if at < 0 || w.path[at].claim.Owner != k.Lane.Centre || w.aside[k.Hash] || !w.inside(at, k) {
			continue
		}
		w.steps = append(w.steps, stepped{k, at})
		if at == len(w.path)-1 {
			w.Cut.extend(k)
		}
	}
	slices.SortStableFunc(w.steps, func(a, b stepped) int {
		return cmp.Or(cmp.Compare(a.claim, b.claim), cmp.Compare(rank(a.Lane.Class), rank(b.Lane.Class)), a.mark().compare(b.mark()))
	})
	for i, k := range w.steps {
		w.at[k.Hash] = i
		w.Entries = append(w.Entries, k.Hash)
		var r Resolution
		if k.Op == Resolve && k.Fields.Into(&r) == nil {
			w.speak(r)
		}
	}
}

func (w *deciding) speak(r Resolution) {
	for _, h := range r.Proposals {
		w.spoken[h] = r.Accepted
	}
}

// private reports whether the class's lanes never leave their centre.
func (c Class) private() bool { return c == Audit || c == Local }

func (w *deciding) inside(i int, k *Known) bool {
	if i == len(w.path)-1 || w.dir.broken.cuts {
		return true
	}
	m, ok := w.path[i+1].claim.Cut[k.Lane.Class]
	return ok && w.dir.covers(m, k)
}

// erasures finds those in force: by whoever held the record by a claim in its tree, whether or not that claim
// won, inside or beyond a cut. To forget wins over to keep.
func (w *deciding) erasures() {
	for i := range w.ok {
		k := &w.ok[i]
		if k.Op != Erase {
			continue
		}
		c := w.claims[k.Under()]
		_, on := w.at[k.Hash]
		if on || c != nil && c.claim.Owner == k.Lane.Centre && c.root() == w.path[0] && !w.dir.broken.erasures {
			w.Erasures = append(w.Erasures, k.Hash)
		}
	}
}

// reached reports whether an erasure in force reaches an entry's sealed part: all but what the owner wrote on
// the path after the last one there.
func (w *deciding) reached(h Hash) bool {
	at, on := w.at[h]
	before := false
	for _, e := range w.Erasures {
		x, there := w.at[e]
		switch {
		case !there, !on:
		case !w.steps[x].concerns(w.steps[at]):
		case x > at:
			return true
		default:
			before = true
		}
	}
	return len(w.Erasures) > 0 && !before
}

// concerns reports whether two entries' places on the path tell which came first: in different lanes under the
// same claim they do not.
func (s stepped) concerns(o stepped) bool { return s.claim != o.claim || s.Lane.Class == o.Lane.Class }

// fold makes the record of what stands on the path. Within one owner that is Merge; where a claim brings a
// snapshot of the sealed classes, that is what they said.
func (w *deciding) fold() {
	next := 0
	for i := 0; i <= len(w.path); i++ {
		if i < len(w.path) && w.path[i].entry != nil {
			w.snapshot(w.path[i].entry)
		}
		for ; next < len(w.steps) && w.steps[next].claim == i; next++ {
			w.apply(w.steps[next].Known)
		}
	}
	for i := range w.ok {
		if k := &w.ok[i]; len(w.Erasures) > 0 && k.Body != nil && w.reached(k.Hash) {
			w.Dead = append(w.Dead, k.Hash)
		}
	}
	for _, k := range w.Barred {
		if len(w.Erasures) > 0 && k.Body != nil {
			w.Dead = append(w.Dead, k.Hash)
		}
	}
}

func (w *deciding) snapshot(k *Known) {
	if k.Body == nil || w.reached(k.Hash) {
		return
	}
	if k.Opened == nil {
		w.Missing = append(w.Missing, k.Hash)
		return
	}
	w.Missing = nil // whatever was missing before is in it
	for _, class := range Classes() {
		if class.travelsSealed() {
			delete(w.Fields, class)
		}
	}
	maps.Copy(w.Fields, unpack(k.Opened))
}

func (w *deciding) apply(k *Known) {
	if k.Op != Put && k.Op != Erase {
		return
	}
	if w.Kind == "" {
		w.Kind = k.Kind
	}
	w.Heads[k.Lane.Class] = k.Hash
	if k.Op == Erase {
		w.empty(k)
		return
	}
	opened := k.Opened
	if k.Body != nil && w.reached(k.Hash) {
		opened = nil
	} else if k.Body != nil && opened == nil {
		w.Missing = append(w.Missing, k.Hash)
	}
	for class, f := range k.Changes(opened) {
		w.Fields[class] = Merge(w.Fields[class], &Entry{Op: Put, Fields: f}, nil)
	}
}

// empty carries out an erasure: of its own lane's class, or of all that a parcel may hold.
func (w *deciding) empty(k *Known) {
	if k.Lane.Class.Sealed() {
		w.Fields[k.Lane.Class] = Fields{}
		return
	}
	for class := range w.Fields {
		if class.travelsSealed() {
			w.Fields[class] = Fields{}
		}
	}
}

// rest says of every entry that is not on the path what it is.
func (w *deciding) rest() {
	for i := range w.ok {
		k := w.ok[i]
		_, on := w.at[k.Hash]
		switch {
		case k.Op == Note && w.dir.broken.facts && k.Lane.Centre != w.Owner:
			w.propose(k)
		case k.Op == Resolve && w.dir.broken.resolutions:
			var r Resolution
			if k.Fields.Into(&r) == nil {
				w.speak(r)
			}
		case k.Op == Note:
			if w.reached(k.Hash) {
				k.Opened = nil
			}
			w.Facts = append(w.Facts, k)
		case k.Op == Gone:
			var r Receipt
			if k.Fields.Into(&r) == nil {
				w.Gone[k.Lane.Centre] = append(w.Gone[k.Lane.Centre], r.Erasures...)
			}
		case k.Op > Declare:
			w.Newer = append(w.Newer, k)
		case k.Op == Put && !on, k.Op == Erase && !on && !slices.Contains(w.Erasures, k.Hash):
			w.propose(k)
		}
		if w.Kind == "" {
			w.Kind = k.Kind
		}
	}
}

func (w *deciding) propose(k Known) {
	if w.dir.broken.proposals {
		return
	}
	if what, from, waits := w.unplaced(&k); waits {
		w.wait(&k, what, from)
		return
	}
	if w.reached(k.Hash) {
		k.Opened = nil
	}
	p := Proposal{Known: k, Would: map[Class]Fields{}}
	for class, f := range k.Changes(k.Opened) {
		if f = f.beyond(w.Fields[class]); len(f) > 0 {
			p.Would[class] = f
		}
	}
	p.Accepted, p.Resolved = w.spoken[k.Hash]
	w.Proposals = append(w.Proposals, p)
}

// unplaced reports whether an entry's claim is not here, or itself waits.
func (w *deciding) unplaced(k *Known) (what Hash, from ID, waits bool) {
	under := k.Under()
	if w.claims[under] != nil || under == RootClaim(w.Record, k.Lane.Centre) {
		return what, from, false
	}
	claim, known := w.own[under]
	switch {
	case !known:
		return under, k.Lane.Centre, true
	case claim == nil:
		return what, from, false
	}
	return w.waits(claim)
}

// beyond returns the fields that are not the same in old.
func (f Fields) beyond(old Fields) Fields {
	out := Fields{}
	for name, v := range f {
		if !bytes.Equal(old[name], v) {
			out[name] = v
		}
	}
	return out
}

// Unoffered returns the changes in sealed lanes that are not the record's and that its owner cannot see, as after
// a restore that lost a hand-over. Their author, and who owned the record before, offers each again: as a parcel
// whose base in the lane's class is the change.
func (d *Directory) Unoffered(dec *Decision, centre ID) []Known {
	var out []Known
	for _, p := range dec.Proposals {
		class := p.Lane.Class
		if p.Resolved || p.Opened == nil || !class.travelsSealed() || d.MayHave(dec.Owner, p.Lane) ||
			p.Lane.Centre != centre && !slices.Contains(dec.Former, centre) {
			continue
		}
		if !slices.ContainsFunc(dec.Proposals, func(o Proposal) bool { return !o.Lane.Class.Sealed() && o.Base[class] == p.Hash }) {
			out = append(out, p.Known)
		}
	}
	return out
}

// Confirmed returns which of the holders have said that all they held is destroyed.
func (w Decision) Confirmed() []ID {
	return slices.DeleteFunc(slices.Clone(w.Holders), func(c ID) bool {
		return slices.ContainsFunc(w.Asked, func(h Hash) bool { return !slices.Contains(w.Gone[c], h) })
	})
}

// holders lists who may hold something sealed of an erased record, and has to say that it is gone: whoever owned
// it by any claim in the tree, who sealed something, and who may have their lanes.
func (w *deciding) holders() {
	if len(w.Erasures) == 0 {
		return
	}
	var sealed []Hash
	for i := range w.ok {
		switch k := &w.ok[i]; {
		case !slices.Contains(w.Erasures, k.Hash), k.Lane.Class.private():
		case k.Lane.Class.Sealed():
			sealed = append(sealed, k.Hash)
		default:
			w.Asked = append(w.Asked, k.Hash)
		}
	}
	if len(w.Asked) == 0 {
		w.Asked = sealed
	}
	w.Holders = w.mayHold()
}

func (w *deciding) mayHold() []ID {
	set := map[ID]bool{}
	for _, c := range w.claims {
		set[c.claim.Owner] = true
	}
	for i := range w.ok {
		if k := &w.ok[i]; k.Body != nil && !k.Lane.Class.private() {
			set[k.Lane.Centre] = true
			for _, to := range w.dir.readers(k.Lane.Centre) {
				set[to] = true
			}
		}
	}
	maps.DeleteFunc(set, func(centre ID, _ bool) bool { return w.dir.Revoked(centre) })
	return slices.SortedFunc(maps.Keys(set), func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
}
