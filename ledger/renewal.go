package ledger

import (
	"crypto/sha256"
	"maps"
	"slices"
)

// renewal is one that somebody told of: whose it is, whom it makes, and what it is called.
type renewal struct {
	Holders
	to    Hash
	name  Hash
	words Hash // of what was signed: what a readmission calls it
}

// name keeps who the key-holders are said to be; the ones of a digest are known from then on.
func (d *Directory) name(a Anchor) (news bool) {
	digest := a.Digest()
	if _, known := d.sets[digest]; known || a.Need == 0 {
		return false
	}
	d.sets[digest] = Anchor{Holders: a.Holders, Need: a.Need}
	return true
}

// named takes in what somebody says of key-holders, and reports whether what they signed was judged anew by it.
func (d *Directory) named(e *Entry) (judged bool) {
	var h Holders
	if e.Fields.Into(&h) != nil || h.Anchor().Need == 0 {
		return false
	}
	a := h.Anchor()
	news := d.name(a)
	if h.Renews != nil {
		r := renewal{Holders: h, to: a.Digest()}
		if raw, err := encode.Marshal(h); err == nil {
			r.name = sha256.Sum256(raw)
		}
		if m, err := h.message(); err == nil {
			r.words = sha256.Sum256(m)
		}
		known := slices.ContainsFunc(d.renewals, func(o renewal) bool { return o.name == r.name })
		lax := d.broken.renewals || d.broken.keeps
		if !known && (lax || h.Signers(a) >= a.Need) { // a stranger may say so a thousand times
			d.renewals = append(d.renewals, r)
			news = true
		}
		if news && d.keeps(&r) {
			d.judge()
			return true
		}
	}
	if !news || len(d.before) == len(d.forebears()) {
		return false
	}
	d.judge()
	return true
}

// Set returns the key-holders of a digest, where anybody named them.
func (d *Directory) Set(digest Hash) (Anchor, bool) {
	a, named := d.sets[digest]
	return a, named
}

// Renewal returns the renewal to follow of those that anybody told of, if there is one: a set that was not gone by before one
// that was, and of several the lowest digest.
func (d *Directory) Renewal() (Holders, bool) {
	var best *renewal
	for i := range d.renewals {
		r := &d.renewals[i]
		if _, follows := d.follow(r.Holders); follows && (best == nil || d.sooner(r, best)) {
			best = r
		}
	}
	if best == nil {
		return Holders{}, false
	}
	return best.Holders, true
}

func (d *Directory) sooner(a, b *renewal) bool {
	if x, y := d.anchor.goneBy(a.to), d.anchor.goneBy(b.to); x != y {
		return y
	}
	if a.to != b.to {
		return compareHashes(a.to, b.to) < 0
	}
	return compareHashes(a.name, b.name) < 0
}

func (d *Directory) follow(h Holders) (Anchor, bool) {
	who := d.anchor.circle()
	if d.broken.stays {
		who = []Anchor{d.anchor}
	}
	if !slices.ContainsFunc(who, func(o Anchor) bool { return o.renewed(h, d.broken.renewals) }) {
		return d.anchor, false
	}
	switch {
	case d.broken.circles:
		return h.Anchor(), true
	case d.broken.swaps && d.anchor.goneBy(h.Anchor().Digest()):
		return d.anchor, false
	}
	return d.anchor.pass(h.Anchor())
}

// Renew follows a renewal: what key-holders signed counts by it from then on. It reports whether it is one to follow.
func (d *Directory) Renew(h Holders) bool {
	next, follows := d.follow(h)
	if follows {
		d.anchor = next
		d.name(next)
		d.judge()
	}
	return follows
}

// Was reports whether renewals lead from a set to the key-holders: it cannot be made theirs again, for of such a circle the
// lowest digest counts and not what people meant.
func (d *Directory) Was(a Anchor) bool {
	digest := a.Digest()
	return slices.ContainsFunc(d.before, func(o Anchor) bool { return o.Digest() == digest }) || d.anchor.goneBy(digest) && digest != d.anchor.Digest()
}

// With returns the directory as it would be with other key-holders.
func (d *Directory) With(a Anchor) *Directory {
	o := *d
	o.anchor, o.warrants, o.cuts, o.lines, o.granted = a, maps.Clone(d.warrants), maps.Clone(d.cuts), maps.Clone(d.lines), maps.Clone(d.granted)
	o.sets = maps.Clone(d.sets)
	o.name(a)
	o.judge()
	return &o
}

// keeps reports whether a renewal says what goes on counting, by the signatures of those who are the key-holders.
func (d *Directory) keeps(r *renewal) bool {
	return len(r.Keeps) > 0 && d.anchor.Need > 0 && r.to == d.anchor.Digest() && (r.Signers(d.anchor) >= d.anchor.Need || d.broken.keeps)
}

// forebears are the sets from which renewals lead to the key-holders, by whatever way.
func (d *Directory) forebears() (out []Anchor) {
	found := map[Hash]bool{d.anchor.Digest(): true}
	for at := []Hash{d.anchor.Digest()}; len(at) > 0; at = at[1:] {
		for i := range d.renewals {
			r := &d.renewals[i]
			from, named := d.sets[*r.Renews]
			if r.to == at[0] && named && !found[*r.Renews] && from.renewed(r.Holders, d.broken.renewals) {
				found[*r.Renews] = true
				out, at = append(out, from), append(at, *r.Renews)
			}
		}
	}
	return out
}

// judge decides anew which warrants and revocations count.
func (d *Directory) judge() {
	d.before, d.stays, d.again = d.forebears(), map[Hash][]Hash{}, map[Hash]map[Hash]bool{}
	for i := range d.renewals {
		if r := &d.renewals[i]; d.keeps(r) {
			for _, name := range r.Keeps {
				if !slices.Contains(d.stays[name], r.words) {
					d.stays[name] = append(d.stays[name], r.words)
				}
			}
		}
	}
	for i := range d.signed {
		d.readmit(&d.signed[i])
	}
	clear(d.warrants)
	ended := slices.Collect(maps.Keys(d.cuts))
	clear(d.cuts)
	for i := range d.signed {
		switch e := &d.signed[i]; e.Kind {
		case KindWarrant:
			d.warrant(e)
		case KindRevocation:
			ended = append(ended, d.revoke(e))
		}
	}
	for _, centre := range ended {
		d.settle(centre)
	}
}

// readmit notes which revocations a readmission annuls, if it counts, and by which renewals they are kept no longer.
func (d *Directory) readmit(e *Entry) {
	var r Readmission
	if e.Kind != KindReadmission || e.Fields.Into(&r) != nil {
		return
	}
	if m, err := r.message(); err != nil || !d.vouched(m, r.Signatures) {
		return
	}
	for _, name := range r.Revocations {
		if d.again[name] == nil {
			d.again[name] = map[Hash]bool{}
		}
		for _, by := range r.Renewals {
			d.again[name][by] = true
		}
	}
}

// vouched reports whether enough key-holders have signed a message, or let it go on counting.
func (d *Directory) vouched(message []byte, sigs []Signature) bool {
	return len(d.stays[sha256.Sum256(message)]) > 0 || d.anchor.vouched(message, sigs)
}

// ends reports whether a revocation counts: by the key-holders, by a renewal, or by those before them.
func (d *Directory) ends(message []byte, sigs []Signature) bool {
	return d.anchor.vouched(message, sigs) || d.upheld(sha256.Sum256(message)) || d.outlives(message, sigs)
}

// upheld reports whether a renewal keeps a revocation, one that the key-holders have not annulled by name. A readmission from
// before a renewal does not know its name, so nobody comes back by it whom key-holders ended once more.
func (d *Directory) upheld(name Hash) bool {
	return slices.ContainsFunc(d.stays[name], func(by Hash) bool { return d.broken.upheld || !d.again[name][by] })
}

// outlives reports whether a revocation goes on counting that those before signed, unless the key-holders annulled it. Who renewed
// may not have heard of it, and nobody is to come back by that.
func (d *Directory) outlives(message []byte, sigs []Signature) bool {
	_, annulled := d.again[sha256.Sum256(message)]
	return !d.broken.outlives && !annulled && slices.ContainsFunc(d.before, func(a Anchor) bool { return a.vouched(message, sigs) })
}

// Signed is a statement of key-holders, and what counts of it.
type Signed struct {
	Name   Hash
	Entry  Entry
	Counts bool
	Own    bool   // enough of the key-holders signed it themselves
	Before bool   // those before the key-holders signed it, and they themselves have neither signed nor kept it
	KeptBy []Hash // renewals that keep it, by the hash of what was signed of them
}

// Statements returns what key-holders signed, each once: what counts, and what those before them signed.
func (d *Directory) Statements() []Signed {
	var out []Signed
	for i := range d.signed {
		e := &d.signed[i]
		m, sigs, ok := said(e)
		if !ok {
			continue
		}
		s := d.status(e, m, sigs)
		if !s.Counts && !s.Before {
			continue
		}
		at := slices.IndexFunc(out, func(o Signed) bool { return o.Name == s.Name })
		switch {
		case at < 0:
			out = append(out, s)
		case s.Own && !out[at].Own, out[at].Before && !s.Before || !out[at].Counts && s.Counts:
			out[at] = s
		}
	}
	slices.SortFunc(out, func(a, b Signed) int { return compareHashes(a.Name, b.Name) })
	return out
}

func (d *Directory) status(e *Entry, m []byte, sigs []Signature) Signed {
	s := Signed{Name: sha256.Sum256(m), Entry: *e, Own: d.anchor.vouched(m, sigs)}
	s.KeptBy = d.stays[s.Name]
	kept := len(s.KeptBy) > 0
	if e.Kind == KindRevocation {
		kept = d.upheld(s.Name)
	}
	if s.Counts = s.Own || kept; !s.Counts {
		s.Before = slices.ContainsFunc(d.before, func(a Anchor) bool { return a.vouched(m, sigs) })
		s.Counts = e.Kind == KindRevocation && d.outlives(m, sigs)
	}
	return s
}

// Counting returns the names of what counts.
func (d *Directory) Counting() []Hash { return d.names(func(s Signed) bool { return s.Counts }) }

// Keeping returns the names of what a renewal keeps.
func (d *Directory) Keeping() []Hash { return d.names(Signed.Kept) }

// Kept reports whether a renewal keeps it. An ending that only those before signed goes on by itself: kept, it would be one of
// the key-holders' own, and who renewed where a readmission was not heard of would end the centre beyond undoing.
func (s Signed) Kept() bool { return s.Counts && !s.Before }

func (d *Directory) names(f func(Signed) bool) (out []Hash) {
	for _, s := range d.Statements() {
		if f(s) {
			out = append(out, s.Name)
		}
	}
	return out
}
