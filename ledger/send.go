package ledger

import (
	"cmp"
	"iter"
	"slices"
)

// Chunks gives what a peer lacks and may have, in the order in which it is to travel: dir first, then coord, then
// sealed lanes, then sealed parts, those of records that the peer owns before others and small before large. No
// chunk is much larger than size, and any of them may be lost or repeated. A centre that was revoked gets nothing.
func (b *Book) Chunks(peer ID, have Have, size int) iter.Seq[Chunk] {
	return func(yield func(Chunk) bool) {
		if b.Dir.Revoked(peer) {
			return
		}
		s := &sending{size: size, yield: yield}
		sealed := b.sendLanes(s, peer, have)
		if !s.stopped {
			b.sendSealed(s, peer, append(sealed, b.wanted(peer, have)...))
		}
		s.flush()
	}
}

// sending fills chunks.
type sending struct {
	chunk   Chunk
	filled  int
	size    int
	yield   func(Chunk) bool
	stopped bool
}

func (s *sending) flush() {
	if !s.stopped && len(s.chunk.Runs)+len(s.chunk.Sealed) > 0 {
		s.stopped = !s.yield(s.chunk)
	}
	s.chunk, s.filled = Chunk{}, 0
}

func (s *sending) grew(n int) {
	if s.filled += n; s.filled >= s.size || len(s.chunk.Runs) >= MaxRuns || len(s.chunk.Sealed) >= MaxWants {
		s.flush()
	}
}

// sendLanes sends the missing pieces of lanes, and returns the entries sent whose sealed parts the peer may have.
func (b *Book) sendLanes(s *sending, peer ID, have Have) []*item {
	theirs := map[Lane]LaneHeads{}
	for _, l := range have.Lanes {
		theirs[l.Lane] = l
	}
	var sealed []*item
	for _, name := range b.mayHave(peer) {
		for _, c := range b.lanes[name].chains {
			items, due := b.missing(b.lanes[name], c, theirs[name])
			if !due {
				continue
			}
			s.run(name, items, c.signature)
			if s.stopped {
				return nil
			}
			for _, it := range items {
				if it.sealed != nil && b.mayOpen(peer, it) {
					sealed = append(sealed, it)
				}
			}
		}
	}
	return sealed
}

// mayHave lists the lanes here that a centre may have, in the order in which they travel.
func (b *Book) mayHave(peer ID) []Lane {
	var out []Lane
	for l := range b.lanes {
		if b.Dir.MayHave(peer, l) {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, Lane.compare)
	return out
}

func (b *Book) mayOpen(peer ID, it *item) bool {
	d := b.Decide(it.Record)
	return b.Dir.MayOpen(peer, &it.Entry, d) && !slices.Contains(d.Dead, it.Hash)
}

// run sends entries of a lane, in as many chunks as it takes; the last piece bears the signature.
func (s *sending) run(name Lane, items []*item, signature []byte) {
	for first := true; first || len(items) > 0; first = false {
		if s.filled > 0 && len(items) > 0 && s.filled+len(items[0].raw) > s.size {
			if s.flush(); s.stopped {
				return
			}
		}
		r := Run{Lane: name}
		bytes := 0
		for len(items) > 0 && len(r.Entries) < MaxRun && (bytes == 0 || s.filled+bytes+len(items[0].raw) <= s.size) {
			r.Entries = append(r.Entries, items[0].raw)
			bytes += len(items[0].raw)
			items = items[1:]
		}
		if len(items) == 0 {
			r.Signature = signature
		}
		s.chunk.Runs = append(s.chunk.Runs, r)
		if s.grew(bytes + len(r.Signature)); s.stopped {
			return
		}
	}
}

// missing returns the entries of a chain, with those before it on other chains, that come after what the peer
// has. Where the peer's end is not known here it is either ahead, and will send; or on another branch, and gets
// the lane from its beginning.
func (b *Book) missing(l *lane, c *chain, theirs LaneHeads) (items []*item, due bool) {
	path := b.path(l, c)
	start, known, ahead := uint64(0), false, false
	for _, h := range slices.Concat(theirs.Heads, theirs.Staged) {
		if at := b.items[h.Hash]; at != nil && at.Seq == h.Seq {
			known = true
			start = max(start, b.shared(l, path, at))
		}
	}
	for _, h := range theirs.Heads { // what is staged cannot be sent on
		ahead = ahead || h.Seq > c.head().Seq
	}
	if !known && ahead {
		return nil, false
	}
	for _, p := range path {
		for _, it := range p.items {
			if it.Seq > start {
				items = append(items, it)
			}
		}
	}
	unsigned := len(theirs.Staged) > 0 && theirs.Staged[0].Hash == c.head().Hash
	return items, len(items) > 0 || unsigned
}

// stretch is a part of a chain.
type stretch struct {
	of    *chain
	items []*item
}

// path returns the stretches from the lane's beginning to the chain's end.
func (b *Book) path(l *lane, c *chain) []stretch {
	path := []stretch{{c, c.items}}
	for c.from > 1 {
		root := b.items[c.root]
		c = l.chainOf(root)
		path = append(path, stretch{c, c.items[:root.Seq-c.from+1]})
	}
	slices.Reverse(path)
	return path
}

func (l *lane) chainOf(it *item) *chain {
	return l.chains[slices.IndexFunc(l.chains, func(c *chain) bool { return c.holds(it.Seq, it.Hash) })]
}

// shared returns how far the way to an entry is the same as a path.
func (b *Book) shared(l *lane, path []stretch, at *item) uint64 {
	for {
		c := l.chainOf(at)
		for _, p := range path {
			if p.of == c && len(p.items) > 0 {
				return min(at.Seq, p.items[len(p.items)-1].Seq)
			}
		}
		if c.from == 1 {
			return 0
		}
		at = b.items[c.root]
	}
}

// wanted returns the entries whose sealed parts the peer asks for and may have.
func (b *Book) wanted(peer ID, have Have) []*item {
	var out []*item
	for _, h := range have.Wants {
		if it := b.items[h]; it != nil && it.sealed != nil && b.mayOpen(peer, it) {
			out = append(out, it)
		}
	}
	return out
}

func (b *Book) sendSealed(s *sending, peer ID, items []*item) {
	owns := func(it *item) int {
		if b.Decide(it.Record).Owner == peer {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(items, func(x, y *item) int {
		return cmp.Or(cmp.Compare(owns(x), owns(y)), cmp.Compare(len(x.sealed), len(y.sealed)))
	})
	sent := map[Hash]bool{}
	for _, it := range items {
		key := b.keyOf(it)
		if sent[it.Hash] || key == nil {
			continue
		}
		sent[it.Hash] = true
		s.chunk.Sealed = append(s.chunk.Sealed, Sealed{Entry: it.Hash, Bytes: it.sealed, Key: key})
		if s.grew(len(it.sealed) + len(key)); s.stopped {
			return
		}
	}
}

// keyOf returns the one of the record's keys that opens the entry's sealed part.
func (b *Book) keyOf(it *item) []byte {
	for _, k := range b.keys[it.Record] {
		if _, err := Unseal(k, it.sealed); err == nil {
			return k
		}
	}
	return nil
}

// Waiting returns how many entries the peer may have and has not, as its last Have says. It is computed from
// the vector only: what is under way is still waiting. A peer that says it has what nobody wrote deceives nobody
// but itself.
func (b *Book) Waiting(peer ID, have Have) int {
	theirs := map[Lane]LaneHeads{}
	for _, l := range have.Lanes {
		theirs[l.Lane] = LaneHeads{Lane: l.Lane, Heads: l.Heads}
	}
	n := 0
	for _, name := range b.mayHave(peer) {
		for _, c := range b.lanes[name].chains {
			items, _ := b.missing(b.lanes[name], c, theirs[name])
			n += len(items)
		}
	}
	return n
}

// AsOf returns the time of the newest entry here that a centre wrote, as its clock had it; for display.
func (b *Book) AsOf(centre ID) Clock {
	var at Clock
	for l, of := range b.lanes {
		if l.Centre != centre {
			continue
		}
		for _, c := range of.chains {
			at = max(at, Clock(c.items[len(c.items)-1].Time))
		}
	}
	return at
}
