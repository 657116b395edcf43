package ledger

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// act is a kind of deed.
type act int

const (
	actCreate act = iota
	actEdit
	actEditSealed
	actNote
	actHandOver
	actRecall
	actSteal // a claim without any right
	actResolve
	actErase
	actWarrant
	actForgedWarrant
	actGrant
	actOff
	actOn
	actDestroy
	actBackUp
	actRestore
	actClone
	actTwin // a copy that does not know that it is one
	actClock
	actNewer
	actThief
	actExchange
	actHalf // an exchange that breaks off
	actWriteBundle
	actReadBundle
	actTamper
	actSwap      // sealed parts are put beside other entries under way
	actLie       // a peer says that it has what it has not, and asks for what it may not have
	actPretend   // a centre says that it created another's record
	actCallAgain // who asked to be forgotten, or anybody, needs something now: or no longer
	actAnswer    // a person answers who had the record before and asks to erase it
	actRenew     // two key-holders say who the three are from now on
	actThiefRenews
	actBack     // key-holders go back to those that they had before
	actTakeOver // those of one centre take over those of another, by signing it, and perhaps the others theirs
	actWord     // people compare words and take over the key-holders of another centre
	actOldEnd   // two papers, of which one is of somebody who left, end a centre
	acts
)

var actNames = [acts]string{"create", "edit", "edit sealed", "note", "hand over", "recall", "claim without right", "resolve",
	"erase", "warrant", "forged warrant", "grant", "off", "on", "destroy", "back up", "restore", "copy", "copy unnoticed", "clock", "newer",
	"stolen key", "exchange", "half exchange", "write bundle", "read bundle", "tamper", "swap sealed parts", "lie", "pretend to have created", "call again", "answer a plea", "renew key-holders", "thief renews key-holders",
	"key-holders go back", "take over key-holders", "take over key-holders by words", "old papers end a centre"}

// how often each act is drawn.
var weights = [acts]int{8, 14, 14, 5, 14, 4, 1, 10, 3, 3, 1, 2, 2, 3, 1, 5, 3, 1, 1, 2, 3, 1, 26, 8, 10, 12, 3, 4, 2, 2, 6, 3, 3, 1, 1, 2, 1, 1}

// deed is one thing that happens. What a, b and c mean depends on the world when it happens, so that steps can be
// left out of a history.
type deed struct {
	act     act
	a, b, c uint32
}

func (s deed) String() string { return fmt.Sprintf("%s(%d,%d,%d)", actNames[s.act], s.a, s.b, s.c) }

// history is a simulation to be run.
type history struct {
	seed    uint64
	centres int
	steps   []deed
}

func (h history) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d, %d centres\n", h.seed, h.centres)
	for _, s := range h.steps {
		fmt.Fprintf(&b, "\t%v\n", s)
	}
	return b.String()
}

// draw makes a history from a seed: most are small, a few have up to thirty centres.
func draw(seed uint64) history {
	r := rand.New(rand.NewPCG(seed, 5))
	h := history{seed: seed, centres: 3 + r.IntN(2)}
	n := 10 + r.IntN(30)
	if seed%200 == 7 {
		h.centres, n = 5+r.IntN(26), 150
	}
	total := 0
	for _, w := range weights {
		total += w
	}
	h.steps = append(h.steps, deed{act: actCreate, a: r.Uint32()})
	for range n {
		at := r.IntN(total)
		var a act
		for at >= weights[a] {
			at -= weights[a]
			a++
		}
		h.steps = append(h.steps, deed{a, r.Uint32(), r.Uint32(), r.Uint32()})
	}
	return h
}

// do carries a deed out, if the world allows it.
func (w *world) do(s deed) {
	n := w.nodes[int(s.a)%len(w.nodes)]
	if n.gone && s.act != actOn && s.act != actRestore {
		return
	}
	other := w.nodes[int(s.b)%len(w.nodes)]
	var record ID
	if all := n.records(); len(all) > 0 {
		record = all[int(s.c)%len(all)]
	}
	if record == (ID{}) && s.act >= actEdit && s.act <= actErase {
		return
	}
	switch s.act {
	case actCreate:
		w.create(n)
	case actEdit:
		w.edit(n, record, []string{"status", "place"}[s.b%2], false)
	case actEditSealed:
		w.edit(n, record, []string{"phone", "name"}[s.b%2], true)
	case actNote:
		w.note(n, record, s.b%2 == 0)
	case actHandOver, actRecall, actSteal:
		w.hand(s.act, n, record, other.centre())
	case actResolve:
		w.resolve(n, record, s.b%3 > 0)
	case actErase:
		w.erase(n, record)
	default:
		w.doLater(s, n, other)
	}
}

func (w *world) hand(a act, n *node, record, to ID) {
	d := n.book.Decide(record)
	owner := d.Owner == n.centre()
	switch {
	case a == actHandOver && owner && to != n.centre():
		w.owns(record, to)
		w.claim(n, record, to, 0)
	case a == actRecall && !owner && slices.Contains(d.Former, n.centre()):
		w.claim(n, record, n.centre(), 0)
	case a == actSteal && d.Owner != (ID{}) && !slices.Contains(d.Former, n.centre()):
		w.claim(n, record, n.centre(), 0)
	}
}

// doLater does what is not about one record.
func (w *world) doLater(s deed, n, other *node) {
	switch s.act {
	case actWarrant, actForgedWarrant:
		w.warrant(n, other.centre(), s.act == actForgedWarrant)
	case actGrant:
		if other.centre() != n.centre() {
			w.grant(n, other.centre())
		}
	case actOff:
		n.gone = true
	case actOn:
		n.gone = n.dead || w.revoked[n.centre()]
	case actDestroy:
		n.gone, n.dead = true, true
	case actBackUp:
		n.back = w.copyOf(n)
	case actRestore:
		if !w.revoked[n.centre()] {
			w.restore(n)
		}
	case actClone, actTwin:
		w.clone(n, s.act == actClone)
	case actClock:
		n.clock = uint64(s.c) << 20
	case actNewer:
		if all := n.records(); len(all) > 0 {
			w.newer(n, all[int(s.c)%len(all)], Op(200+s.b%5))
		}
	case actThief:
		w.steal(n, other, s.c%2 == 0)
	case actExchange:
		w.live(n, other, 1000)
	case actHalf:
		w.live(n, other, 1+int(s.c%3))
	case actWriteBundle:
		w.writeBundle(n, other)
	case actReadBundle:
		w.readBundle(int(s.b), s.c)
	case actTamper:
		w.tamper(n, other, s.c)
	case actSwap:
		w.swap(n, other)
	case actLie:
		w.lie(n, other, s.c)
	case actPretend:
		if all := n.records(); len(all) > 0 {
			w.pretend(n, all[int(s.c)%len(all)])
		}
	case actCallAgain, actAnswer:
		if all := n.records(); len(all) > 0 {
			w.asked(n, all[int(s.c)%len(all)], s)
		}
	case actRenew, actThiefRenews:
		w.renew(n, int(s.c), s.act == actThiefRenews)
	case actBack:
		w.back(n, int(s.c))
	case actTakeOver:
		w.takeOver(n, other, s.c%2 == 0)
	case actWord:
		w.word(n, other)
	case actOldEnd:
		w.oldEnd(n, other.centre())
	default: // done already
	}
}

// records are those that people work on.
func (n *node) records() []ID {
	return slices.DeleteFunc(n.book.Records(), func(r ID) bool { return r[0] == 0xce && r[2] == 0 })
}

// live is an exchange over a wire, which may break after so many chunks.
func (w *world) live(a, b *node, chunks int) {
	if a == b || a.gone || b.gone {
		return
	}
	for _, way := range [2][2]*node{{a, b}, {b, a}} {
		from, to := way[0], way[1]
		have := w.haveOf(to, from.centre())
		from.have[to.n] = have
		left := chunks
		for c := range from.book.Chunks(to.centre(), have, 1500) {
			if left == 0 {
				break
			}
			left--
			w.deliver(to, c)
		}
	}
	w.duties(a)
	w.duties(b)
	w.checkPaths(a)
	w.checkPaths(b)
}

// haveOf is a Have as it crosses the wire.
func (w *world) haveOf(n *node, peer ID) Have {
	h := n.book.Have(peer)
	for _, l := range h.Lanes {
		w.mayKnow(peer, l.Lane, "named in a vector")
	}
	raw, err := Marshal(h)
	if err != nil {
		panic(err)
	}
	if h, err = ReadHave(raw); err != nil {
		panic(err)
	}
	return h
}

func (w *world) deliver(to *node, c Chunk) {
	for _, r := range c.Runs {
		w.mayKnow(to.centre(), r.Lane, "sent")
	}
	raw, err := Marshal(c)
	if err != nil {
		panic(err)
	}
	if c, err = ReadChunk(raw); err != nil {
		panic(err)
	}
	if _, err := to.book.Receive(c); err != nil {
		panic(err)
	}
}

func (w *world) writeBundle(n, to *node) {
	if n == to || len(w.bundles) > 50 {
		return
	}
	b := bundle{to: to.n}
	for c := range n.book.Chunks(to.centre(), n.have[to.n], 4000) {
		b.chunks = append(b.chunks, c)
	}
	w.bundles = append(w.bundles, b)
}

// readBundle reads any of the bundles, read before or not, or loses it.
func (w *world) readBundle(at int, how uint32) {
	if len(w.bundles) == 0 {
		return
	}
	at %= len(w.bundles)
	b := w.bundles[at]
	to := w.nodes[b.to]
	if to.gone {
		return
	}
	for i := range b.chunks {
		if how%5 == 1 { // parts in another order
			i = len(b.chunks) - 1 - i
		}
		w.deliver(to, b.chunks[i])
	}
	if how%7 == 1 {
		w.bundles = slices.Delete(w.bundles, at, at+1)
	}
	w.duties(to)
}

// tamper delivers chunks in which something was changed under way.
func (w *world) tamper(from, to *node, how uint32) {
	if from == to || to.gone {
		return
	}
	for c := range from.book.Chunks(to.centre(), Have{}, 1500) {
		for i, r := range c.Runs {
			if len(r.Entries) > 0 {
				at := int(how) % len(r.Entries)
				e := slices.Clone(r.Entries[at])
				e[int(how)%len(e)] ^= 1 << (how % 8)
				c.Runs[i].Entries = slices.Clone(r.Entries)
				c.Runs[i].Entries[at] = e
			}
		}
		for i, s := range c.Sealed {
			b := slices.Clone(s.Bytes)
			b[int(how)%len(b)] ^= 1
			c.Sealed[i].Bytes = b
		}
		if _, err := to.book.Receive(c); err != nil {
			return
		}
	}
	w.duties(to)
}

// swap delivers sealed parts, each beside another entry of its chunk than its own.
func (w *world) swap(from, to *node) {
	if from == to || to.gone {
		return
	}
	for c := range from.book.Chunks(to.centre(), Have{}, 1<<20) {
		for i := range c.Sealed {
			c.Sealed[i].Entry = c.Sealed[(i+1)%len(c.Sealed)].Entry
		}
		if len(c.Sealed) > 1 {
			w.deliver(to, c)
		}
	}
	w.duties(to)
}

// lie asks in the name of a peer with a vector that is not true, and takes whatever comes.
func (w *world) lie(from, to *node, how uint32) {
	if from == to || to.gone {
		return
	}
	var have Have
	for l := range from.book.lanes {
		have.Lanes = append(have.Lanes, LaneHeads{Lane: l, Heads: []Head{{Seq: uint64(how % 90), Hash: Hash{byte(how)}}},
			Staged: []Head{from.book.Head(l)}})
	}
	for h := range from.book.items {
		have.Wants = append(have.Wants, h)
	}
	for c := range from.book.Chunks(to.centre(), have, 1500) {
		w.deliver(to, c)
	}
	from.book.Waiting(to.centre(), have)
	w.duties(to)
}

// heal brings everybody together, each with each, for nobody carries what is sealed for another, until nobody has
// anything new.
func (w *world) heal() bool {
	for _, n := range w.nodes {
		n.gone = n.dead || w.revoked[n.centre()]
	}
	for range 3*len(w.nodes) + 40 {
		before := w.total()
		for i, n := range w.nodes {
			if !n.gone {
				w.duties(n)
			}
			for _, o := range w.nodes[:i] {
				w.live(n, o, 1000)
			}
		}
		if w.total() == before {
			w.checkRest()
			if !w.readmit() && !w.agree() && !w.again() {
				return true
			}
		}
	}
	return false
}

// total counts all that anybody holds: entries, and sealed parts.
func (w *world) total() (n int) {
	for _, at := range w.nodes {
		for _, it := range at.book.items {
			n += 1000
			if it.sealed != nil {
				n++
			}
		}
	}
	return n
}
