package ledger

import (
	"bytes"
	"maps"
	"slices"
)

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
		case k.Op == Put && !on, k.Op == Erase && !on && !w.inForce[k.Hash]:
			w.propose(k)
		}
		if w.Kind == "" {
			w.Kind = k.Kind
		}
	}
	w.kindOfBarred()
}

// kindOfBarred tells what a record was of which nothing counts any more.
func (w *deciding) kindOfBarred() {
	for _, k := range w.Barred {
		if w.Kind == "" {
			w.Kind = k.Kind
		}
	}
}

func (w *deciding) propose(k Known) {
	if w.dir.broken.proposals {
		return
	}
	if a := w.unplaced(&k); a.waits {
		w.wait(&k, a.what, a.from)
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

// unplaced says what an entry waits for whose claim is not here, or itself waits.
func (w *deciding) unplaced(k *Known) await {
	under := k.Under()
	if w.claims[under] != nil || under == RootClaim(w.Record, k.Lane.Centre) {
		return await{}
	}
	if _, known := w.own[under]; !known {
		return await{under, k.Lane.Centre, true}
	}
	return *w.waits(under)
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

// Owes returns the erasures that a centre has to confirm and has not.
func (w Decision) Owes(centre ID) []Hash {
	if !slices.Contains(w.Holders, centre) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(w.Asked), func(h Hash) bool { return slices.Contains(w.Gone[centre], h) })
}

// Confirmed returns which of the holders have said that all they held is destroyed.
func (w Decision) Confirmed() []ID {
	return slices.DeleteFunc(slices.Clone(w.Holders), func(c ID) bool {
		return len(w.Owes(c)) > 0
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
		case !w.inForce[k.Hash], k.Lane.Class.private():
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
			for _, to := range w.dir.Readers(k.Lane.Centre) {
				set[to] = true
			}
		}
	}
	maps.DeleteFunc(set, func(centre ID, _ bool) bool { return w.dir.Revoked(centre) })
	return slices.SortedFunc(maps.Keys(set), func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
}
