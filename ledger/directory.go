package ledger

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"slices"
)

// Directory is what a centre knows of centres: keys, grants, warrants, revocations, incarnations and forks.
// It is a function of the set of dir entries that it has learned, in whatever order and however often.
type Directory struct {
	anchor   Anchor
	broken   broken
	seen     map[Hash]bool
	pins     map[ID]ed25519.PublicKey
	intro    map[ID][]Introduction
	opens    map[ID]map[uint32][]opening
	grants   map[[2]ID][]told[Grant] // from, to
	granted  map[[2]ID][]Class
	warrants map[warrantKey]bool
	cuts     map[ID]map[laneKey]uint64
	forks    map[Lane]Fork
	lines    map[ID][]step
	signed   []Entry                // what key-holders sign, whoever signed it
	sets     map[Hash]Anchor        // key-holders that anybody named, by digest
	renewals []renewal              // that anybody told of
	before   []Anchor               // from whom renewals lead to the key-holders
	stays    map[Hash][]Hash        // what the key-holders let go on counting that others signed before them, and by which renewals
	again    map[Hash]map[Hash]bool // revocations that the key-holders annulled, and which renewals keep them no longer
}

// broken names rules that tests switch off, to see that the simulator misses them.
type broken struct {
	clocks, cuts, owner, proposals, resolutions, facts, restores, parents    bool // rules 1 to 6 of claims
	revocations, warrants, forks, erasures, entitlement, commitments, chains bool
	handed, makers                                                           bool // C8 and C1
	renewals, keeps                                                          bool // S5: who renews, and who says what goes on counting
	pleas                                                                    bool // C10: who had the record before only asks
	outlives                                                                 bool // S1: revocations outlive a renewal
	circles, swaps, stays                                                    bool // S6: a circle of renewals ends, at the same set for all, and each set of it may renew
	upheld                                                                   bool // S1: what a renewal keeps can be annulled
}

type warrantKey struct {
	number   uint64
	from, to ID
}

type laneKey struct {
	incarnation uint32
	class       Class
}

// told is something that a centre said in its dir lane.
type told[T any] struct {
	entry Entry
	hash  Hash
	what  T
}

type opening = told[Opening]

// Fork is where a lane ceased to be one: two entries have the same number.
type Fork struct {
	From uint64        // the first number that two entries have
	Prev map[Hash]Hash // the entries from there on, of all branches, each with the one before it
}

// step is an incarnation on a centre's line: those that follow from one another, the newest first.
type step struct {
	incarnation uint32
	last        bool                    // nothing follows
	cut         map[Class]uint64        // where the next one cut it
	kept        map[Class]map[Hash]bool // of forked lanes: the entries on the branch that the next one kept
}

// NewDirectory begins an empty directory.
func NewDirectory(anchor Anchor) *Directory {
	d := &Directory{anchor: anchor, seen: map[Hash]bool{}, pins: map[ID]ed25519.PublicKey{}, intro: map[ID][]Introduction{},
		opens: map[ID]map[uint32][]opening{}, grants: map[[2]ID][]told[Grant]{}, granted: map[[2]ID][]Class{},
		warrants: map[warrantKey]bool{}, cuts: map[ID]map[laneKey]uint64{}, forks: map[Lane]Fork{}, lines: map[ID][]step{}, sets: map[Hash]Anchor{}}
	d.name(anchor)
	return d
}

// Anchor is who may sign warrants and revocations, as the directory was told.
func (d *Directory) Anchor() Anchor { return d.anchor }

// Learn takes in an entry of a dir lane; h is its hash. What it cannot read it leaves alone: a newer program
// will. It reports whether all that key-holders signed was judged anew.
func (d *Directory) Learn(e *Entry, h Hash) (judged bool) {
	if e.Lane.Class != Dir || d.seen[h] || e.Op != Open && e.Op != Declare {
		return false
	}
	d.seen[h] = true
	centre := e.Lane.Centre
	switch {
	case e.Op == Open:
		var o Opening
		if e.Fields.Into(&o) != nil || o.Previous >= e.Lane.Incarnation {
			return false
		}
		if d.opens[centre] == nil {
			d.opens[centre] = map[uint32][]opening{}
		}
		d.opens[centre][e.Lane.Incarnation] = append(d.opens[centre][e.Lane.Incarnation], opening{*e, h, o})
	case e.Kind == KindGrant:
		var g Grant
		if e.Fields.Into(&g) != nil {
			return false
		}
		pair := [2]ID{centre, g.To}
		d.grants[pair] = append(d.grants[pair], told[Grant]{*e, h, g})
		d.grant(pair)
		return false
	case e.Kind == KindIntroduction:
		d.introduce(e)
	case e.Kind == KindWarrant:
		d.signed = append(d.signed, *e)
		d.warrant(e)
	case e.Kind == KindRevocation:
		d.signed = append(d.signed, *e)
		centre = d.revoke(e)
	case e.Kind == KindReadmission:
		d.signed = append(d.signed, *e)
		d.judge()
		return true
	case e.Kind == KindHolders:
		return d.named(e)
	}
	d.settle(centre)
	return false
}

func (d *Directory) introduce(e *Entry) {
	var in Introduction
	if e.Fields.Into(&in) != nil || len(in.Key) != ed25519.PublicKeySize {
		return
	}
	d.intro[in.Centre] = append(d.intro[in.Centre], in)
}

func (d *Directory) warrant(e *Entry) {
	var w Warrant
	if e.Fields.Into(&w) != nil || w.Number == 0 {
		return
	}
	if m, err := w.message(); err == nil && (d.vouched(m, w.Signatures) || d.broken.warrants) {
		d.warrants[warrantKey{w.Number, w.From, w.To}] = true
	}
}

// revoke keeps the shortest of all cuts of a centre's lanes.
func (d *Directory) revoke(e *Entry) ID {
	var r Revocation
	if e.Fields.Into(&r) != nil {
		return e.Lane.Centre
	}
	if m, err := r.message(); err != nil || !d.ends(m, r.Signatures) {
		return e.Lane.Centre
	}
	cut := map[laneKey]uint64{}
	for _, l := range r.Cut {
		cut[laneKey{l.Incarnation, l.Class}] = l.Seq
	}
	if old, ok := d.cuts[r.Centre]; ok {
		for k, seq := range cut {
			cut[k] = min(seq, old[k])
		}
	}
	d.cuts[r.Centre] = cut
	return r.Centre
}

// Fork tells the directory of a forked lane. Telling it again, with more entries, is right.
func (d *Directory) Fork(l Lane, f Fork) {
	d.forks[l] = f
	d.settle(l.Centre)
}

// Forked returns the first number that two entries of the lane have, where there are two.
func (d *Directory) Forked(l Lane) (from uint64, forked bool) {
	f, ok := d.forks[l]
	return f.From, ok
}

// Pin keeps the key that people compared when they paired; it stands against whatever others introduce.
func (d *Directory) Pin(centre ID, key ed25519.PublicKey) { d.pins[centre] = key }

// Key returns a centre's signing key: the pinned one, or that of its introductions where all agree. Where they
// do not, nobody's word is taken: people must compare.
func (d *Directory) Key(centre ID) (ed25519.PublicKey, bool) {
	if key, ok := d.pins[centre]; ok {
		return key, true
	}
	all := d.intro[centre]
	for _, in := range all {
		if !bytes.Equal(in.Key, all[0].Key) {
			return nil, false
		}
	}
	if len(all) == 0 {
		return nil, false
	}
	return all[0].Key, true
}

// Revoked reports whether the centre was ended by a revocation.
func (d *Directory) Revoked(centre ID) bool {
	_, ok := d.cuts[centre]
	return ok
}

// Warranted reports whether to may adopt the records of from under the number.
func (d *Directory) Warranted(number uint64, from, to ID) bool {
	return d.warrants[warrantKey{number, from, to}]
}

// Incarnation returns the centre's newest incarnation that is known and not revoked. What an older one writes
// is no longer the centre's word.
func (d *Directory) Incarnation(centre ID) uint32 {
	if line := d.lines[centre]; len(line) > 0 {
		return line[0].incarnation
	}
	return 1
}

// OnLine reports whether what the centre's incarnation writes is the centre's word. A restored database whose
// incarnation is not, because an earlier life of it opened a higher one, opens again above it.
func (d *Directory) OnLine(centre ID, incarnation uint32) bool {
	return d.Incarnation(centre) == incarnation
}

// MayHave reports whether a centre may have a lane at all. One that it may not have is not named to it.
func (d *Directory) MayHave(centre ID, l Lane) bool {
	switch l.Class {
	case Dir, Coord:
		return true
	case Body, Trace:
		return centre == l.Centre || slices.Contains(d.granted[[2]ID{l.Centre, centre}], l.Class) || d.adopts(l.Centre, centre) ||
			d.broken.entitlement
	default: // audit, local and what a newer program may have
		return false
	}
}

func (d *Directory) adopts(from, to ID) bool {
	for w := range d.warrants {
		if w.from == from && w.to == to {
			return true
		}
	}
	return false
}

// settle reckons a centre's line and its grants anew.
func (d *Directory) settle(centre ID) {
	d.lines[centre] = d.line(centre)
	for pair := range d.grants {
		if pair[0] == centre {
			d.grant(pair)
		}
	}
}

// grant takes the latest of a centre's words on what another may have.
func (d *Directory) grant(pair [2]ID) {
	var latest *told[Grant]
	for i, g := range d.grants[pair] {
		if d.place(&g.entry, g.hash) == onLine && (latest == nil || g.after(latest)) {
			latest = &d.grants[pair][i]
		}
	}
	delete(d.granted, pair)
	if latest != nil {
		d.granted[pair] = latest.what.Classes
	}
}

func (t told[T]) after(o *told[T]) bool {
	return cmp.Or(cmp.Compare(t.entry.Lane.Incarnation, o.entry.Lane.Incarnation), cmp.Compare(t.entry.Seq, o.entry.Seq),
		bytes.Compare(t.hash[:], o.hash[:])) > 0
}

// openings returns those of an incarnation that are not quarantined: one, or more where copies opened the same.
func (d *Directory) openings(centre ID, incarnation uint32) []opening {
	return slices.DeleteFunc(slices.Clone(d.opens[centre][incarnation]), func(o opening) bool { return d.quarantined(&o.entry) })
}

// line follows a centre's incarnations from the newest back to its first.
func (d *Directory) line(centre ID) []step {
	opens := map[uint32][]opening{}
	newest := uint32(1)
	for n := range d.opens[centre] {
		if opens[n] = d.openings(centre, n); len(opens[n]) > 0 {
			newest = max(newest, n)
		}
	}
	line := []step{{incarnation: newest, last: true}}
	for {
		at := line[len(line)-1]
		if len(opens[at.incarnation]) == 0 {
			return line
		}
		o := at.opened(opens[at.incarnation])
		line = append(line, step{incarnation: o.Previous, cut: o.Cut, kept: d.kept(centre, o)})
	}
}

// opened returns the opening of the step's incarnation: where copies opened the same one, that on the branch
// that was kept, else the one with the lowest hash.
func (s step) opened(all []opening) Opening {
	best := slices.MinFunc(all, func(a, b opening) int {
		if ka, kb := s.kept[Dir][a.hash], s.kept[Dir][b.hash]; ka != kb {
			if ka {
				return -1
			}
			return 1
		}
		return bytes.Compare(a.hash[:], b.hash[:])
	})
	return best.what
}

// kept returns the entries of forked lanes that lie on the branch that an opening went on from.
func (d *Directory) kept(centre ID, o Opening) map[Class]map[Hash]bool {
	out := map[Class]map[Hash]bool{}
	for class, h := range o.Heads {
		if f, ok := d.forks[Lane{Centre: centre, Incarnation: o.Previous, Class: class}]; ok {
			out[class] = f.branch(h)
		}
	}
	return out
}

// branch returns the entries from the fork on that lead to one of them.
func (f Fork) branch(to Hash) map[Hash]bool {
	out := map[Hash]bool{}
	for prev, on := f.Prev[to]; on; prev, on = f.Prev[to] {
		out[to] = true
		to = prev
	}
	return out
}

// covers reports whether whoever stood at a mark of the centre's lanes had the entry before them: in the same
// incarnation, or in one that it followed from; on the same branch where the lane was forked.
func (d *Directory) covers(m Mark, k *Known) bool {
	class := k.Lane.Class
	for {
		if k.Lane.Incarnation == m.Incarnation {
			f, forked := d.forks[k.Lane]
			return k.Seq <= m.Seq && (!forked || k.Seq < f.From || f.branch(m.Hash)[k.Hash])
		}
		all := d.openings(k.Lane.Centre, m.Incarnation)
		if len(all) == 0 {
			return false
		}
		o := step{}.opened(all)
		m = Mark{Incarnation: o.Previous, Seq: o.Cut[class], Hash: o.Heads[class]}
	}
}

// Saw reports whether who stood there had an entry of coord before them. Each sight tells of its own incarnation alone, and has to stand
// here: whoever asks looks whether there is an entry with its number and hash.
func (d *Directory) Saw(seen []Sight, k *Known) bool {
	return slices.ContainsFunc(seen, func(s Sight) bool {
		return s.Centre == k.Lane.Centre && s.Incarnation == k.Lane.Incarnation && k.Lane.Class == Coord &&
			d.covers(Mark{Incarnation: s.Incarnation, Seq: s.Seq, Hash: s.Hash}, k)
	})
}

// place is what an entry's lane makes of it.
type place int

const (
	onLine  place = iota // the centre's word
	offLine              // written by an incarnation, or on a branch, that the centre did not go on from
	unknown              // its incarnation's opening has not come yet
	barred               // beyond a revocation's cut, or on a fork that nobody has resolved
)

func (d *Directory) quarantined(e *Entry) bool {
	cut, revoked := d.cuts[e.Lane.Centre]
	return revoked && e.Seq > cut[laneKey{e.Lane.Incarnation, e.Lane.Class}] && !d.broken.revocations
}

func (d *Directory) place(e *Entry, h Hash) place {
	if d.quarantined(e) {
		return barred
	}
	line := d.lines[e.Lane.Centre]
	if line == nil {
		line = []step{{incarnation: 1, last: true}}
	}
	f, forked := d.forks[e.Lane]
	forked = forked && e.Seq >= f.From && !d.broken.forks
	for _, s := range line {
		switch {
		case s.incarnation != e.Lane.Incarnation:
			continue
		case s.last && forked:
			return barred
		case s.last, d.broken.restores, e.Seq <= s.cut[e.Lane.Class] && (!forked || s.kept[e.Lane.Class][h]):
			return onLine
		}
		return offLine
	}
	if len(d.opens[e.Lane.Centre][e.Lane.Incarnation]) > 0 {
		return offLine
	}
	return unknown
}

// MayOpen reports whether a centre may have the sealed part of an entry: its author may, whoever may have the
// author's sealed lanes, and, where the part is a parcel, the record's present owner. d is the record's
// decision.
func (d *Directory) MayOpen(centre ID, e *Entry, dec *Decision) bool {
	if e.Lane.Class.Sealed() {
		return d.MayHave(centre, e.Lane)
	}
	return centre == dec.Owner || d.MayHave(centre, Lane{Centre: e.Lane.Centre, Class: Body})
}

// Readers lists the centres that may have the centre's sealed lanes.
func (d *Directory) Readers(centre ID) []ID {
	var out []ID
	for k, classes := range d.granted {
		if k[0] == centre && len(classes) > 0 {
			out = append(out, k[1])
		}
	}
	for w := range d.warrants {
		if w.from == centre {
			out = append(out, w.to)
		}
	}
	return out
}
