package ledger

import (
	"cmp"
	"maps"
	"slices"
)

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
		at, on := w.pathAt[k.Under()]
		if !on || w.path[at].claim.Owner != k.Lane.Centre || !w.inside(at, k) {
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

// inside reports whether an entry under the i-th claim of the path is the record. What its centre did not go on from after
// a restore is, if the claim that follows covers it: whoever holds the record now took it over so.
func (w *deciding) inside(i int, k *Known) bool {
	if i == len(w.path)-1 {
		return !w.aside[k.Hash]
	}
	if w.aside[k.Hash] && w.dir.broken.handed {
		return false
	}
	if w.dir.broken.cuts {
		return true
	}
	m, ok := w.path[i+1].claim.Cut[k.Lane.Class]
	return ok && w.dir.covers(m, k)
}

// erasures finds those in force: the owner's, inside or beyond a restore's cut, and those of others that the owner says too.
// Who had the record before, by a claim in its tree, only asks: somebody may be on the way to who asked.
func (w *deciding) erasures() {
	said := map[Hash]bool{}
	for i := range w.ok {
		if k := &w.ok[i]; k.Op == Erase && w.owners(k) {
			w.inForce[k.Hash] = true
			var r Repeat
			if k.Fields.Into(&r) == nil {
				for _, h := range r.Erasures {
					said[h] = true
				}
			}
		}
	}
	for i := range w.ok {
		k := &w.ok[i]
		switch {
		case k.Op != Erase:
		case w.inForce[k.Hash], said[k.Hash], w.had(k) && w.beside(k, said):
			w.Erasures = append(w.Erasures, k.Hash)
			w.inForce[k.Hash] = true
		case w.had(k):
			w.Pleas = append(w.Pleas, k.Hash)
		}
	}
	w.firstErased, w.lastErased = len(w.path)+1, -1
	for i, s := range w.steps {
		if !w.inForce[s.Hash] {
			continue
		}
		w.firstErased, w.lastErased = min(w.firstErased, s.claim), max(w.lastErased, s.claim)
		span, there := w.erased[s.where()]
		if !there {
			span[0] = i
		}
		span[1] = i
		w.erased[s.where()] = span
	}
}

// owners reports whether an erase is the word of an owner on the path, or of the present one beyond a restore's cut.
func (w *deciding) owners(k *Known) bool {
	_, on := w.at[k.Hash]
	return on || w.had(k) && (k.Lane.Centre == w.Owner && w.aside[k.Hash] || w.dir.broken.pleas)
}

// had reports whether an entry's author has the record, or had it, by the claim that it is written under.
func (w *deciding) had(k *Known) bool {
	c := w.claims[k.Under()]
	return c != nil && c.claim.Owner == k.Lane.Centre && c.root() == w.path[0] && !w.dir.broken.erasures
}

// beside reports whether the owner says too what stands in coord beside an erase in a sealed lane, which the owner may never
// see.
func (w *deciding) beside(k *Known, said map[Hash]bool) bool {
	return k.Lane.Class.Sealed() && slices.ContainsFunc(w.ok, func(o Known) bool {
		return o.Op == Erase && said[o.Hash] && o.Lane.Centre == k.Lane.Centre && o.Under() == k.Under()
	})
}

// reached reports whether an erasure in force reaches an entry's sealed part: all but what the owner wrote on
// the path after the last one there. In different lanes under the same claim nothing tells which came first.
func (w *deciding) reached(h Hash) bool {
	at, on := w.at[h]
	if len(w.Erasures) == 0 || !on {
		return len(w.Erasures) > 0
	}
	s := w.steps[at]
	same, there := w.erased[s.where()]
	if w.lastErased > s.claim || there && same[1] > at {
		return true
	}
	erasedBefore := w.firstErased < s.claim || there && same[0] < at
	return !erasedBefore
}

// where is a lane's part under one claim of the path.
type where struct {
	claim int
	class Class
}

func (s stepped) where() where { return where{s.claim, s.Lane.Class} }

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
