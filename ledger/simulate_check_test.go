package ledger

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// broke notes the first promise that was broken under way.
func (w *world) broke(format string, args ...any) {
	if w.fault == "" {
		w.fault = fmt.Sprintf(format, args...)
	}
}

// mayKnow checks that a lane is named only to who may have it.
func (w *world) mayKnow(centre ID, l Lane, how string) {
	if l.Class.Sealed() && l.Centre != centre && !w.readers[[2]ID{l.Centre, centre}] || l.Class.private() {
		w.broke("4: lane %v of %x was %s to %x", l, l.Centre[:2], how, centre[:2])
	}
}

// check holds the five promises against a world that has healed.
func (w *world) check() string {
	var first *node
	w.rightly()
	for _, n := range w.nodes {
		if n.gone {
			continue
		}
		if first == nil {
			w.checkHolders(n, n)
		} else {
			w.checkHolders(first, n)
		}
		w.checkKept(n)
		w.checkBytes(n)
		w.checkPaths(n)
		for _, record := range n.records() {
			w.checkRules(n, record)
			w.checkAccounts(n, record)
			w.checkErased(n, record)
			w.checkNeeded(n, record)
			w.checkOpened(n, record)
		}
		if first == nil {
			first = n
		} else {
			w.checkSame(first, n)
		}
	}
	return w.fault
}

// checkKept: what was acknowledged is here, nothing is that nobody wrote, and lanes fork only where a copy was fooled.
func (w *world) checkKept(n *node) {
	for h := range n.mine {
		if n.book.items[h] == nil {
			w.broke("1: node %d lost its own %v", n.n, h)
		}
	}
	for h := range n.book.items {
		if !w.real[h] {
			w.broke("5: node %d has %v, which nobody wrote", n.n, h)
		}
	}
	for l, at := range n.book.lanes {
		if len(at.chains) > 1 && !w.fooled[l.Centre] {
			w.broke("R1: lane %v of %x is forked, and nobody copied it unnoticed", l, l.Centre[:2])
		}
	}
}

// checkBytes: a sealed part is only where somebody may read it, and no open part tells what it says.
func (w *world) checkBytes(n *node) {
	for l, at := range n.book.lanes {
		if len(at.chains) > 0 || at.staged != nil {
			w.mayKnow(n.centre(), l, "left")
		}
	}
	for h, it := range n.book.items {
		may := it.Lane.Centre == n.centre() || w.allowed[it.Record][n.centre()] || w.readers[[2]ID{it.Lane.Centre, n.centre()}]
		if (it.sealed != nil || it.Opened != nil) && !may {
			w.broke("4: node %d has the sealed part of %v", n.n, h)
		}
		if it.sealed != nil && Commitment(it.sealed) != *it.Body {
			w.broke("5: node %d has a sealed part that is not %v's", n.n, h)
		}
		if bytes.Contains(it.raw, []byte("secret-")) || bytes.Contains(it.sealed, []byte("secret-")) {
			w.broke("4: %v tells what is sealed", h)
		}
	}
	for _, h := range n.book.wants(n.centre()) {
		for _, o := range w.nodes {
			if it := o.book.items[h]; !o.gone && it != nil && it.sealed != nil {
				w.broke("2: node %d lacks the sealed part of %v, which node %d has", n.n, h, o.n)
			}
		}
	}
}

// checkSame: who has seen the same holds the same.
func (w *world) checkSame(a, b *node) {
	for h, it := range a.book.items {
		if !it.Lane.Class.Sealed() && b.book.items[h] == nil {
			w.broke("2: node %d has %v, node %d has not", a.n, h, b.n)
		}
	}
	for h, it := range b.book.items {
		if !it.Lane.Class.Sealed() && a.book.items[h] == nil {
			w.broke("2: node %d has %v, node %d has not", b.n, h, a.n)
		}
	}
	for _, record := range a.records() {
		if x, y := summary(a.book, record), summary(b.book, record); x != y {
			w.broke("2: %x is\n%s\nat node %d, and\n%s\nat node %d", record[:3], x, a.n, y, b.n)
		}
	}
}

// summary is what every centre must say alike of a record.
func summary(b *Book, record ID) string {
	d := b.Decide(record)
	var s strings.Builder
	fmt.Fprintln(&s, d.Owner, d.Under, d.Path, d.Contested, d.Lost)
	for _, name := range slices.Sorted(maps.Keys(d.Fields[Coord])) {
		fmt.Fprintf(&s, "%s=%x ", name, d.Fields[Coord][name])
	}
	open := func(what string, all []Known) {
		for _, k := range all {
			if !k.Lane.Class.Sealed() {
				fmt.Fprint(&s, what, k.Hash, " ")
			}
		}
	}
	open("fact ", d.Facts)
	open("newer ", d.Newer)
	open("barred ", d.Barred)
	for _, p := range d.Waiting {
		open("waiting ", []Known{p.Known})
	}
	for _, p := range d.Proposals {
		open(fmt.Sprint("proposal ", p.Resolved, p.Accepted, len(p.Would[Coord])), []Known{p.Known})
	}
	for _, h := range d.Erasures {
		open("erasure ", []Known{b.items[h].Known})
	}
	return s.String()
}

// checkAccounts: every write is the record, a proposal, a fact, or named among those that cannot count.
func (w *world) checkAccounts(n *node, record ID) {
	d := n.book.Decide(record)
	at := map[Hash]string{}
	put := func(h Hash, where string) {
		if at[h] != "" {
			w.broke("3: %v is %s and %s", h, at[h], where)
		}
		at[h] = where
	}
	for _, h := range d.Entries {
		put(h, "record")
	}
	for _, k := range d.Facts {
		put(k.Hash, "fact")
	}
	for _, k := range d.Newer {
		put(k.Hash, "newer")
	}
	for _, k := range d.Proposals {
		put(k.Hash, "proposal")
		if k.Resolved && !slices.ContainsFunc(d.Entries, func(h Hash) bool {
			var r Resolution
			return n.book.items[h].Op == Resolve && n.book.items[h].Fields.Into(&r) == nil && slices.Contains(r.Proposals, k.Hash)
		}) {
			w.broke("rule 3: nobody who may has resolved %v", k.Hash)
		}
	}
	for _, k := range d.Waiting {
		put(k.Hash, "waiting")
		if n.book.items[k.For] != nil && k.For != (Hash{}) {
			w.broke("6: %v waits for what is here", k.Hash)
		}
	}
	for _, k := range d.Barred {
		put(k.Hash, "barred")
		if !w.fooled[k.Lane.Centre] {
			w.broke("3: %v is quarantined for nothing", k.Hash)
		}
		if w.lives(k.Lane.Centre) {
			w.broke("3: %v is still quarantined though its centre could open again", k.Hash)
		}
	}
	for _, h := range d.Erasures {
		if at[h] == "" {
			put(h, "erasure")
		}
	}
	for _, k := range n.book.Entries(record) {
		if w.written[k.Hash] != nil && at[k.Hash] == "" {
			w.broke("3: %v has disappeared at node %d", k.Hash, n.n)
		}
		if k.Op == Note && at[k.Hash] != "fact" && at[k.Hash] != "barred" {
			w.broke("rule 4: the fact %v is %s", k.Hash, at[k.Hash])
		}
		if w.tail[k.Hash] != nil && !w.tail[k.Hash].gone && at[k.Hash] == "record" && !w.copied[k.Lane.Centre] && k.Under() == d.Under {
			w.broke("rule 5: %v was lost in a restore, nobody has taken it over, and it is the record all the same", k.Hash)
		}
		if w.thief[k.Hash] && at[k.Hash] != "barred" && w.revoked[k.Lane.Centre] {
			w.broke("revocation: the thief's %v is %s", k.Hash, at[k.Hash])
		}
	}
	w.checkOffered(n, record, d)
}

// lives reports whether a database of the centre is left that takes part.
func (w *world) lives(centre ID) bool {
	return slices.ContainsFunc(w.nodes, func(n *node) bool { return !n.gone && n.centre() == centre })
}

// checkOffered: the owner sees what was proposed, also where it was written into a lane that the owner has not.
func (w *world) checkOffered(n *node, record ID, d *Decision) {
	for _, p := range d.Proposals {
		if p.Lane.Centre != n.centre() && !slices.Contains(d.Former, n.centre()) || n.book.items[p.Hash].sealed == nil {
			continue
		}
		for _, o := range w.nodes {
			if !o.gone && o.centre() == d.Owner && !slices.ContainsFunc(o.book.Decide(record).Proposals, func(q Proposal) bool {
				return q.Hash == p.Hash || q.Base[p.Lane.Class] == p.Hash && q.Lane.Class == Coord
			}) {
				w.broke("3: the owner never sees the proposal %v about %x", p.Hash, record[:3])
			}
		}
	}
}

// checkOpened: who owns a record knows all that its sealed parts say, as somebody would who had read every entry
// and needed no snapshot; what is lost may be in a snapshot or not. Of a centre whose entries were quarantined or set
// aside later a snapshot may tell more.
func (w *world) checkOpened(n *node, record ID) {
	d := n.book.Decide(record)
	if d.Owner != n.centre() || len(d.Missing) > 0 {
		return
	}
	for _, centre := range d.Former {
		if w.copied[centre] || w.revoked[centre] || w.restored[centre] {
			return
		}
	}
	if len(d.Pleas) > 0 { // an owner whom another outbid since may have forgotten it
		return
	}
	left := map[Hash]bool{}
	for _, o := range w.nodes {
		for _, k := range o.book.records[record] {
			left[k.Hash] = left[k.Hash] || !o.gone
		}
	}
	var all, alive []Known
	for _, k := range w.all.Entries(record) {
		if k.Op == Own {
			k.Body, k.Opened = nil, nil
		}
		if left[k.Hash] {
			alive = append(alive, k)
		}
		if left[k.Hash] || k.Lane.Class.Sealed() {
			all = append(all, k)
		}
	}
	diff := different(n.book.Dir.Decide(record, all).Fields[Body], d.Fields[Body])
	if diff != "" && different(n.book.Dir.Decide(record, alive).Fields[Body], d.Fields[Body]) != "" {
		w.broke("2: the owner of %x, node %d, does not know its %s", record[:3], n.n, diff)
	}
}

// checkRules: the rules as the design has them, in the plainest words, against the decision.
func (w *world) checkRules(n *node, record ID) {
	d := n.book.Decide(record)
	r := reference{w: w, b: n.book, record: record, all: n.book.Entries(record)}
	if owner, fields := r.decide(); owner != d.Owner {
		w.broke("rule 1: %x belongs to %x, node %d says %x", record[:3], owner[:2], n.n, d.Owner[:2])
	} else if diff := different(fields, d.Fields[Coord]); diff != "" {
		w.broke("rule 2: %x says otherwise in %s at node %d", record[:3], diff, n.n)
	}
	places := map[string]Hash{}
	on := map[Hash]bool{}
	for _, h := range d.Entries {
		it := n.book.items[h]
		on[h] = true
		place := fmt.Sprint(it.Lane, it.Lane.Centre, it.Seq)
		if o, twice := places[place]; twice {
			w.broke("fork: %v and %v have one number, and both are the record", o, h)
		}
		places[place] = h
		if at := slices.Index(d.Path, it.Under()); at < 0 || d.Former[at] != it.Lane.Centre {
			w.broke("rule 3: %v is the record though its author was not the owner", h)
		} else if at+1 < len(d.Path) && !w.claims[d.Path[at+1]].entries[h] {
			w.broke("rule 2: %v is the record though the next owner had not seen it", h)
		}
	}
	for _, c := range d.Path[min(1, len(d.Path)):] {
		for h := range w.claims[c].path {
			it := n.book.items[h]
			if it != nil && !on[h] && r.ok(it.Known) && slices.Contains(d.Path, it.Under()) {
				w.broke("rule 2: %v was the record when it was handed over and is it no longer", h)
			}
		}
	}
}

// checkPaths: no claim was ever put behind another than the one it names.
func (w *world) checkPaths(n *node) {
	for _, record := range n.records() {
		d := n.book.Decide(record)
		for i, c := range d.Path {
			var claim Claim
			if it := n.book.items[c]; i > 0 && (it == nil || it.Fields.Into(&claim) != nil || claim.Parent != d.Path[i-1]) {
				w.broke("rule 6: the claim before %v was guessed", c)
			}
		}
	}
}

func different(a, b Fields) string {
	for name, v := range a {
		if !bytes.Equal(v, b[name]) {
			return name
		}
	}
	if len(a) != len(b) {
		return "how many fields it has"
	}
	return ""
}

// reference decides slowly and plainly.
type reference struct {
	w      *world
	b      *Book
	record ID
	all    []Known
}

func (r reference) ok(k Known) bool {
	p := r.b.Dir.place(&k.Entry, k.Hash)
	return p != barred && p != unknown
}

// claim returns a claim's words and author, if it has a way back to the record's creator on which everybody had
// the right.
func (r reference) claim(id Hash, creator ID) (c Claim, author ID, valid bool) {
	if id == RootClaim(r.record, creator) {
		return Claim{Owner: creator}, creator, true
	}
	for _, k := range r.all {
		if k.Hash != id || k.Op != Own || !r.ok(k) || k.Fields.Into(&c) != nil {
			continue
		}
		author = k.Lane.Centre
		p, by, ok := r.claim(c.Parent, creator)
		if !ok || c.From != by || c.N != p.N+1 || c.Warrant < p.Warrant {
			return c, author, false
		}
		if c.Warrant > p.Warrant {
			return c, author, c.Owner == author && r.w.issued[warrantKey{c.Warrant, p.Owner, author}] && r.b.Dir.Warranted(c.Warrant, p.Owner, author)
		}
		return c, author, author == p.Owner || c.Owner == author && r.former(c.Parent, creator, author)
	}
	return c, author, false
}

// former reports whether a centre owned the record by a claim on the way back from id.
func (r reference) former(id Hash, creator, centre ID) bool {
	c, _, ok := r.claim(id, creator)
	return ok && (c.Owner == centre || id != RootClaim(r.record, creator) && r.former(c.Parent, creator, centre))
}

func (r reference) decide() (owner ID, fields Fields) {
	var creator ID
	for _, k := range r.all {
		if k.Lane.Centre == r.w.maker[r.record] && k.Op == Put && k.Claim == nil && len(k.Base) == 0 && r.ok(k) {
			creator = k.Lane.Centre
		}
	}
	if creator == (ID{}) { // its first entry is not here, or counts for nothing: only a claim that hands it over tells
		return r.b.Decide(r.record).Owner, r.b.Decide(r.record).Fields[Coord]
	}
	best, bestClaim := RootClaim(r.record, creator), Claim{Owner: creator}
	for _, k := range r.all {
		if c, _, ok := r.claim(k.Hash, creator); ok && (c.Warrant > bestClaim.Warrant || c.Warrant == bestClaim.Warrant &&
			(c.N > bestClaim.N || c.N == bestClaim.N && bytes.Compare(k.Hash[:], best[:]) > 0)) {
			best, bestClaim = k.Hash, c
		}
	}
	return bestClaim.Owner, r.fields(best, nil, creator)
}

// fields returns what the claims up to one say, as far as cut goes; nil cuts nothing.
func (r reference) fields(id Hash, cut Cut, creator ID) Fields {
	c, _, _ := r.claim(id, creator)
	out := Fields{}
	if id != RootClaim(r.record, creator) {
		out = r.fields(c.Parent, c.Cut, creator)
	}
	var own []Known
	for _, k := range r.all {
		if k.Op == Put && k.Lane.Class == Coord && k.Lane.Centre == c.Owner && k.Under() == id &&
			(cut == nil && r.b.Dir.place(&k.Entry, k.Hash) == onLine || cut != nil && r.ok(k) && r.b.Dir.covers(cut[Coord], &k)) {
			own = append(own, k)
		}
	}
	slices.SortFunc(own, func(a, b Known) int { return a.mark().compare(b.mark()) })
	for _, k := range own {
		maps.Copy(out, k.Fields)
	}
	return out
}

// checkErased: what had to be forgotten is nowhere, and everybody has said so.
func (w *world) checkErased(n *node, record ID) {
	d := n.book.Decide(record)
	if pleas := unanswered(d); d.Owner == n.centre() && len(pleas) > 0 && !w.needed[record] {
		w.broke("erasure: %x has %x, nobody is on the way there, and it never answered %v", d.Owner[:2], record[:3], pleas)
	}
	if len(d.Erasures) == 0 {
		for h, k := range n.book.items {
			c := n.book.items[k.Under()]
			if k.Record == record && k.Op == Erase && c == nil && w.claimless(k) && !w.fooled[k.Lane.Centre] && !slices.Contains(d.Pleas, h) {
				w.broke("erasure: %v is not in force at node %d", h, n.n)
			}
		}
		return
	}
	for _, k := range n.book.records[record] {
		if k.sealed != nil || k.Opened != nil {
			w.broke("erasure: node %d still has the sealed part of %v", n.n, k.Hash)
		}
	}
	if len(n.book.keys[record]) > 0 {
		w.broke("erasure: node %d still has the key of %x", n.n, record[:3])
	}
	confirmed := d.Confirmed()
	for _, centre := range d.Holders {
		if !slices.Contains(confirmed, centre) && w.lives(centre) {
			w.broke("erasure: %x never said that %x is gone", centre[:2], record[:3])
		}
	}
}

// claimless reports whether an entry is of the record's creator, under its root.
func (w *world) claimless(k *item) bool {
	return k.Under() == RootClaim(k.Record, k.Lane.Centre) && w.allowed[k.Record][k.Lane.Centre]
}

// checkNeeded: what the owner of a record wrote under its present claim stays readable there, unless a person of its own erased
// it: whoever had the record before, and whatever they knew, takes nobody's door away.
func (w *world) checkNeeded(n *node, record ID) {
	d := n.book.Decide(record)
	if d.Owner != n.centre() || !w.needed[record] || w.copied[n.centre()] || len(w.revoked) > 0 || w.lapsedOn(n, d) {
		return
	}
	for _, k := range n.book.records[record] {
		if k.Op == Erase && k.Lane.Centre == n.centre() && k.Lane.Class == Coord && !w.unasked[k.Hash] {
			return
		}
	}
	for _, k := range n.book.records[record] {
		if k.Lane.Centre == n.centre() && k.Under() == d.Under && k.Body != nil && k.sealed == nil && n.mine[k.Hash] {
			w.broke("erasure: somebody is on the way to %x, and node %d, which has it and never erased it, can no longer read %v", record[:3], n.n, k.Hash)
		}
	}
}
