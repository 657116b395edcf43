package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// world is a nation of centres: what happens in a simulation, and what was meant by it.
type world struct {
	broken  broken
	faults  faults
	rng     *rand.ChaCha8
	nodes   []*node
	bundles []bundle
	holders map[string]ed25519.PrivateKey // the key-holders' papers, by their public keys, also of those who left
	anchor  Anchor                        // that every centre began with
	papers  int                           // printed so far
	leaves  map[Hash]ed25519.PublicKey    // who leaves a set: wherever it is renewed, people mean the same one
	left    []ed25519.PublicKey           // key-holders who left, and kept their papers
	forged  []forged                      // statements that too few signed
	lapsed  map[uint64]bool               // warrants that counted no longer for a while
	kept    map[Hash]bool                 // what those who renewed believed, and let go on counting
	stolen  []Hash                        // sets that a thief named
	wrong   []wrong                       // centres that old papers ended
	given   []given                       // what key-holders meant to say
	number  uint64                        // of the last warrant
	writes  int

	written  map[Hash]*write // what people wrote, by entry
	claims   map[Hash]seen   // rightful claims made
	issued   map[warrantKey]bool
	allowed  map[ID]map[ID]bool // who has ever owned a record
	maker    map[ID]ID          // who created it
	readers  map[[2]ID]bool     // whose sealed lanes somebody was ever granted
	thief    map[Hash]bool      // written with a stolen key
	fooled   map[ID]bool        // centres that a copy wrote for without knowing that it was one
	revoked  map[ID]bool
	copied   map[ID]bool // centres that have more than one database
	restored map[ID]bool
	needed   map[ID]bool    // somebody is on the way to whom the record is about
	unasked  map[Hash]bool  // erasures that the program said though somebody was
	tail     map[Hash]*node // lost in a restore
	real     map[Hash]bool  // all that anybody wrote
	all      *Book          // everything that anybody wrote, opened
	fault    string         // the first promise broken under way
}

// forged is a statement that was not to be.
type forged struct {
	name    Hash
	warrant warrantKey
	signers []ed25519.PublicKey
}

// given is a statement of key-holders, and where it was written down.
type given struct {
	kind string
	what any
	name Hash
	by   Hash // the set that signed it
}

// faults are rules of the program around the core, which tests switch off.
type faults struct {
	reopen   bool // a restored or copied database goes on in its old incarnation (R1)
	again    bool // a restored database whose incarnation is not the newest leaves it at that
	refork   bool // a forked centre does not open again
	unsigned bool // ends of lanes are taken without looking at their signatures
	forget   bool // bodies are not destroyed
	bare     bool // claims come without a snapshot
	partial  bool // a snapshot is taken though sealed parts are missing
	offer    bool // changes in sealed lanes are not offered to the owner
	unheard  bool // a renewal of the key-holders is not followed
	repeat   bool // who has a record never answers a former owner who asks to erase it
	hasty    bool // who has a record erases it for a former owner though somebody is on the way
	beside   bool // what is sealed of an accepted proposal stands beside coord, though the record never left
}

// write is an act of a person at a desk.
type write struct {
	entry  Entry
	at     *node
	tokens []string // sealed values
}

// seen is what a claim's author knew of the record.
type seen struct {
	author  ID
	entries map[Hash]bool
	path    map[Hash]bool
}

// node is a database: a centre has one, and more where it was copied.
type node struct {
	n        int
	book     *Book
	key      ed25519.PrivateKey
	inc      uint32
	gone     bool // switched off
	dead     bool // destroyed: only a back-up brings it back
	restored bool // and has not yet learned whether an earlier life opened a higher incarnation
	clock    uint64
	mine     map[Hash]bool // acknowledged and not lost in a restore
	have     map[int]Have  // what others last said they have
	back     *node         // its back-up
}

// bundle is a stick under way.
type bundle struct {
	to     int
	chunks []Chunk
}

func (w *world) random(n uint64) uint64 { return w.rng.Uint64() % n }

func centreID(n int) ID { return ID{0xce, byte(n + 1)} }

func newWorld(seed uint64, centres int, b broken, f faults) *world {
	var s [32]byte
	binary.LittleEndian.PutUint64(s[:], seed)
	w := &world{broken: b, faults: f, rng: rand.NewChaCha8(s), written: map[Hash]*write{}, claims: map[Hash]seen{},
		issued: map[warrantKey]bool{}, allowed: map[ID]map[ID]bool{}, maker: map[ID]ID{}, readers: map[[2]ID]bool{}, thief: map[Hash]bool{},
		fooled: map[ID]bool{}, revoked: map[ID]bool{}, copied: map[ID]bool{}, restored: map[ID]bool{}, needed: map[ID]bool{}, unasked: map[Hash]bool{}, tail: map[Hash]*node{}, real: map[Hash]bool{}}
	w.anchor.Need, w.holders, w.leaves, w.kept, w.lapsed = 2, map[string]ed25519.PrivateKey{}, map[Hash]ed25519.PublicKey{}, map[Hash]bool{}, map[uint64]bool{}
	for range 3 {
		w.anchor.Holders = append(w.anchor.Holders, w.paper())
	}
	w.all = w.newBook(ID{})
	for i := range centres {
		w.nodes = append(w.nodes, w.found(i))
		if seed%4 == 0 && w.random(3) == 0 {
			w.say(w.nodes[i], Anchor{Holders: []ed25519.PublicKey{w.paper(), w.paper(), w.paper()}, Need: 2})
		}
	}
	return w
}

var centreKeys = func() (all []ed25519.PrivateKey) {
	for i := range 30 {
		all = append(all, ed25519.NewKeyFromSeed(append(make([]byte, 31), byte(i))))
	}
	return all
}()

// found sets up a centre. Keys are pinned: pairing is tested elsewhere.
func (w *world) found(i int) *node {
	n := &node{n: i, key: centreKeys[i], inc: 1, mine: map[Hash]bool{}, have: map[int]Have{}}
	n.book = w.newBook(centreID(i))
	return n
}

func (w *world) newBook(self ID) *Book {
	b := NewBook(self, w.anchor)
	b.Dir.broken = w.broken
	b.sign, b.verify = cheapSign, cheapVerify
	if w.faults.unsigned {
		b.verify = func(ed25519.PublicKey, Lane, Head, []byte) bool { return true }
	}
	for i, k := range centreKeys {
		b.Dir.Pin(centreID(i), k.Public().(ed25519.PublicKey))
	}
	return b
}

// cheapSign stands for Ed25519, which would take most of the simulator's time; nobody in it forges one.
func cheapSign(key ed25519.PrivateKey, l Lane, h Head) []byte {
	sum := sha256.Sum256(append(headMessage(l, h), key.Public().(ed25519.PublicKey)...))
	return sum[:]
}

func cheapVerify(key ed25519.PublicKey, l Lane, h Head, sig []byte) bool {
	sum := sha256.Sum256(append(headMessage(l, h), key...))
	return string(sum[:]) == string(sig)
}

func (n *node) centre() ID { return n.book.Self }

func (n *node) lane(c Class) Lane { return Lane{Centre: n.centre(), Incarnation: n.inc, Class: c} }

// write appends an entry, as the program does. What people acknowledged is noted.
func (w *world) write(n *node, class Class, e Entry, parcel Fields, tokens ...string) Hash {
	e.Lane = n.lane(class)
	n.clock++
	e.Time = n.clock
	if e.Kind == "" {
		e.Kind = "request"
	}
	h, err := n.book.Write(n.key, w.rng, e, parcel)
	if err != nil {
		panic(err)
	}
	it := n.book.items[h]
	n.mine[h], w.real[h] = true, true
	w.all.add(&chain{from: 1}, &item{Known: it.Known})
	w.all.learn([]*item{it})
	if e.Op == Put || e.Op == Note || e.Op > Declare || e.Op == Erase {
		w.written[h] = &write{entry: it.Entry, at: n, tokens: tokens}
	}
	return h
}

func text(s string) cbor.RawMessage {
	raw, err := Marshal(s)
	if err != nil {
		panic(err)
	}
	return raw
}

func fields(v any) Fields {
	f, err := FieldsOf(v)
	if err != nil {
		panic(err)
	}
	return f
}

func (w *world) token(what string) string {
	w.writes++
	return fmt.Sprintf("%s-%06d", what, w.writes)
}

// create writes a new record: coord and body, each in its lane.
func (w *world) create(n *node) {
	var record ID
	binary.BigEndian.PutUint64(record[:], w.rng.Uint64())
	record = Stamp(record, n.centre())
	w.owns(record, n.centre())
	w.maker[record] = n.centre()
	h := w.write(n, Coord, Entry{Op: Put, Record: record, Fields: Fields{"status": text(w.token("coord"))}}, nil)
	secret := w.token("secret")
	w.write(n, Body, Entry{Op: Put, Record: record, Base: map[Class]Hash{Coord: h}}, Fields{"phone": text(secret)}, secret)
}

// pretend writes of another's record as if it had begun here.
func (w *world) pretend(n *node, record ID) {
	if w.maker[record] != n.centre() {
		w.write(n, Coord, Entry{Op: Put, Record: record, Fields: Fields{"status": text(w.token("coord"))}}, nil)
	}
}

func (w *world) owns(record, centre ID) {
	if w.allowed[record] == nil {
		w.allowed[record] = map[ID]bool{}
	}
	w.allowed[record][centre] = true
}

// edit changes a record as this desk sees it: its own, or by a proposal.
func (w *world) edit(n *node, record ID, name string, sealed bool) {
	d := n.book.Decide(record)
	if d.Owner == (ID{}) || len(d.Erasures) > 0 && sealed {
		return
	}
	e := Entry{Op: Put, Record: record, Base: d.Heads}
	own := d.Owner == n.centre() && len(d.Path) == 1
	if !own {
		e.Claim = &d.Under
	}
	switch {
	case !sealed:
		e.Fields = Fields{name: text(w.token("coord"))}
		w.write(n, Coord, e, nil)
	case own:
		secret := w.token("secret")
		w.write(n, Body, e, Fields{name: text(secret)}, secret)
	default:
		secret := w.token("secret")
		parcel := w.pack(map[Class]Fields{Body: {name: text(secret)}})
		e.Fields = Fields{name: text(w.token("coord"))}
		w.write(n, Coord, e, parcel, secret)
	}
}

func (w *world) pack(all map[Class]Fields) Fields {
	f, err := Pack(all)
	if err != nil {
		panic(err)
	}
	return f
}

// tomorrow is an entry of a newer format.
type tomorrow struct {
	Entry
	Extra string `cbor:"99,keyasint"`
}

// newer writes what this program's core does not know: an operation, a kind, or a key of the entry's format.
func (w *world) newer(n *node, record ID, op Op) {
	d := n.book.Decide(record)
	if d.Owner == (ID{}) {
		return
	}
	e := Entry{Op: op, Record: record, Kind: "from-tomorrow", Schema: 99, Claim: &d.Under, Fields: Fields{"tomorrow": text(w.token("coord"))}}
	if op%2 == 0 {
		w.write(n, Coord, e, nil)
		return
	}
	n.clock++
	e.Op, e.Format, e.Lane, e.Time = Put, Format+1, n.lane(Coord), n.clock
	head := n.book.Head(e.Lane)
	e.Seq, e.Prev = head.Seq+1, head.Hash
	raw, err := Marshal(tomorrow{e, w.token("extra")})
	if err != nil {
		panic(err)
	}
	h := HashOf(raw)
	l := n.book.lane(e.Lane)
	if len(l.chains) == 0 {
		l.chains = []*chain{{from: 1}}
	}
	n.book.add(l.chains[0], &item{Known: Known{Entry: e, Hash: h}, raw: raw})
	l.chains[0].signature = cheapSign(n.key, e.Lane, l.chains[0].head())
	n.mine[h], w.real[h] = true, true
	w.all.add(&chain{from: 1}, &item{Known: Known{Entry: e, Hash: h}})
	w.written[h] = &write{entry: e, at: n}
}

func (w *world) note(n *node, record ID, sealed bool) {
	if len(n.book.Decide(record).Erasures) > 0 || n.book.Decide(record).Owner == (ID{}) {
		return
	}
	var parcel Fields
	var tokens []string
	if sealed {
		tokens = []string{w.token("secret")}
		parcel = w.pack(map[Class]Fields{Body: {"note": text(tokens[0])}})
	}
	w.write(n, Coord, Entry{Op: Note, Record: record, Fields: Fields{"seen": text(w.token("coord"))}}, parcel, tokens...)
}

// claim hands a record over, takes it back, adopts it, or steals it: whoever asks.
func (w *world) claim(n *node, record, to ID, warrant uint64) Hash {
	d := n.book.Decide(record)
	c := d.Next(to)
	c.Warrant = max(c.Warrant, warrant)
	var parcel Fields
	if (len(d.Missing) == 0 || w.faults.partial) && len(d.Erasures) == 0 && !w.faults.bare {
		if parcel = w.pack(d.Fields); len(parcel) == 0 && !w.faults.partial {
			parcel = nil
		}
	}
	s := seen{author: n.centre(), entries: map[Hash]bool{}, path: map[Hash]bool{}}
	for _, k := range n.book.Entries(record) {
		s.entries[k.Hash] = true
	}
	for _, h := range d.Entries {
		s.path[h] = true
	}
	h := w.write(n, Coord, Entry{Op: Own, Record: record, Fields: fields(c)}, parcel)
	w.claims[h] = s
	return h
}

// resolve is a person's word on a proposal; of somebody who does not own the record it must count for nothing.
func (w *world) resolve(n *node, record ID, accept bool) {
	d := n.book.Decide(record)
	accept = accept && d.Owner == n.centre()
	for _, p := range d.Proposals {
		if p.Resolved {
			continue
		}
		claim := &d.Under
		if accept && len(p.Would) > 0 && len(d.Erasures) == 0 {
			w.accept(n, d, p.Would)
		}
		w.write(n, Coord, Entry{Op: Resolve, Record: record, Claim: claim,
			Fields: fields(Resolution{Proposals: []Hash{p.Hash}, Accepted: accept})}, nil)
		if now := n.book.Decide(record); accept && len(now.Erasures) == 0 && w.heard(n) {
			for class, f := range p.Would {
				for name, v := range f {
					if !bytes.Equal(now.Fields[class][name], v) {
						w.broke("rule 3: %x was to be what a proposal says, and is not", record[:3])
					}
				}
			}
		}
		return
	}
}

// heard reports whether what a database writes is its centre's word: not a copy's, nor on a fork.
func (w *world) heard(n *node) bool {
	return n.book.Dir.OnLine(n.centre(), n.inc) && !slices.ContainsFunc(Classes(), func(c Class) bool {
		_, forked := n.book.Dir.Forked(n.lane(c))
		return forked
	})
}

// accept makes what a proposal says the record: each class in its lane while the record never left, else as a parcel.
func (w *world) accept(n *node, d *Decision, would map[Class]Fields) {
	e := Entry{Op: Put, Record: d.Record, Claim: &d.Under, Fields: would[Coord], Base: d.Heads}
	if parcel := w.pack(would); len(d.Path) > 1 || w.faults.beside {
		if len(parcel) == 0 {
			parcel = nil
		}
		w.write(n, Coord, e, parcel)
		return
	}
	if len(would[Coord]) > 0 {
		w.write(n, Coord, e, nil)
	}
	if e.Fields = nil; len(would[Body]) > 0 {
		w.write(n, Body, e, would[Body])
	}
}

// erase is a person's wish to be forgotten, said to whoever has the record or had it before. Who has it does not forget
// whom somebody is on the way to.
func (w *world) erase(n *node, record ID) {
	d := n.book.Decide(record)
	under, held := d.Held[n.centre()]
	owner := d.Owner == n.centre()
	if !held || len(d.Erasures) > 0 || owner && w.needed[record] || !owner && len(d.Pleas) > 0 {
		return
	}
	var says []Hash
	if owner {
		says = d.Pleas
	}
	w.eraseUnder(n, d, under, says)
	w.duties(n)
}

// unanswered are the pleas that no person of the owner's has declined.
func unanswered(d *Decision) (out []Hash) {
	for _, p := range d.Proposals {
		if slices.Contains(d.Pleas, p.Hash) && !p.Resolved {
			out = append(out, p.Hash)
		}
	}
	return out
}

// asked is what people say to the centre that has the record: they need something, or no longer; or what is said to a plea.
func (w *world) asked(n *node, record ID, s deed) {
	d := n.book.Decide(record)
	pleas := unanswered(d)
	switch {
	case d.Owner != n.centre():
	case s.act == actCallAgain:
		w.needed[record] = s.b%3 > 0
		w.duties(n)
	case len(pleas) > 0 && s.b%2 == 0:
		w.eraseUnder(n, d, d.Under, pleas)
		w.duties(n)
	case len(pleas) > 0:
		w.write(n, Coord, Entry{Op: Resolve, Record: record, Claim: &d.Under, Fields: fields(Resolution{Proposals: pleas})}, nil)
	}
}

// eraseUnder writes an erasure under a claim; under the root it stands in each lane that may hold something.
func (w *world) eraseUnder(n *node, d *Decision, under Hash, says []Hash) Hash {
	e := Entry{Op: Erase, Record: d.Record}
	if len(says) > 0 {
		e.Fields = fields(Repeat{Erasures: says})
	}
	if under != RootClaim(d.Record, n.centre()) {
		e.Claim = &under
	}
	h := w.write(n, Coord, e, nil)
	if e.Claim == nil && d.Under == under {
		w.write(n, Body, e, nil)
	}
	return h
}

// warrant lets a centre adopt another's records; forged ones bear one signature.
func (w *world) warrant(n *node, victim ID, forged bool) {
	if n.centre() == victim {
		return
	}
	w.number++
	wr := Warrant{Number: w.number, From: victim, To: n.centre()}
	signers, left := n.signers(), w.leaver(n)
	if forged {
		signers = append(left, signers[1])
	} else {
		w.issued[warrantKey{w.number, victim, n.centre()}] = true
	}
	if believed := !forged || len(left) > 0; believed { // the latter by who has not heard of the renewal, until then
		w.readers[[2]ID{victim, n.centre()}] = true
	}
	w.sign(signers, wr.Sign)
	if w.declare(n, KindWarrant, victim, wr); forged {
		w.forge(KindWarrant, wr, warrantKey{w.number, victim, n.centre()}, signers)
	} else {
		w.give(KindWarrant, wr)
	}
	for _, record := range n.book.Records() {
		if n.book.Decide(record).Owner == victim {
			if !forged || len(left) > 0 {
				w.owns(record, n.centre())
			}
			w.claim(n, record, n.centre(), w.number)
		}
	}
}

func (w *world) grant(n *node, to ID) {
	w.readers[[2]ID{n.centre(), to}] = true
	w.write(n, Dir, Entry{Op: Declare, Kind: KindGrant, Record: n.centre(), Fields: fields(Grant{To: to, Classes: []Class{Body}})}, nil)
}

// open begins a new incarnation (R1).
func (w *world) open(n *node) {
	o := Opening{Previous: n.inc, Cut: map[Class]uint64{}, Heads: map[Class]Hash{}}
	for _, c := range Classes() {
		if h := n.book.Head(n.lane(c)); h.Seq > 0 {
			o.Cut[c], o.Heads[c] = h.Seq, h.Hash
		}
	}
	n.inc = max(n.inc, n.book.Dir.Incarnation(n.centre())) + 1 + uint32(w.random(1<<20))
	w.write(n, Dir, Entry{Op: Open, Kind: "open", Record: n.centre(), Fields: fields(o)}, nil)
}

// duties are what the program does by itself whenever it has learned something.
func (w *world) duties(n *node) {
	if w.revoked[n.centre()] {
		return
	}
	for _, c := range Classes() {
		if _, forked := n.book.Dir.Forked(n.lane(c)); forked && !w.faults.refork {
			w.open(n)
			break
		}
	}
	if n.restored && n.inc > 1 && !n.book.Dir.OnLine(n.centre(), n.inc) && !w.faults.again {
		n.restored = false
		w.open(n)
	}
	w.follow(n)
	for _, record := range n.book.Records() {
		d := n.book.Decide(record)
		if pleas := unanswered(d); d.Owner == n.centre() && len(pleas) > 0 && !w.faults.repeat && (!w.needed[record] || w.faults.hasty) {
			w.unasked[w.eraseUnder(n, d, d.Under, pleas)] = w.needed[record]
		}
	}
	if !w.faults.forget {
		receipts := n.book.Forget()
		for _, record := range slices.SortedFunc(maps.Keys(receipts), func(a, b ID) int { return slices.Compare(a[:], b[:]) }) {
			w.write(n, Coord, Entry{Op: Gone, Record: record, Fields: fields(Receipt{Erasures: receipts[record]})}, nil)
		}
	}
	if w.faults.offer {
		return
	}
	for _, record := range n.book.Records() {
		d := n.book.Decide(record)
		for _, k := range n.book.Dir.Unoffered(d, n.centre()) {
			w.write(n, Coord, Entry{Op: Put, Record: record, Claim: &d.Under, Base: map[Class]Hash{k.Lane.Class: k.Hash}},
				w.pack(map[Class]Fields{k.Lane.Class: k.Opened}))
		}
	}
}

// copyOf is what a copier makes of a database.
func (w *world) copyOf(n *node) *node {
	c := *n
	c.book = w.newBook(n.centre())
	c.mine, c.have, c.back = maps.Clone(n.mine), maps.Clone(n.have), nil
	var own []Known
	for name, l := range n.book.lanes {
		to := c.book.lane(name)
		for _, ch := range l.chains {
			into := &chain{from: ch.from, root: ch.root, signature: ch.signature}
			to.chains = append(to.chains, into)
			for _, it := range ch.items {
				same := *it
				c.book.add(into, &same)
				if name.Class == Dir {
					c.book.Dir.Learn(&same.Entry, same.Hash)
				}
				if same.Kind == KindHolders && name.Centre == n.centre() {
					own = append(own, same.Known)
				}
			}
		}
		if len(to.chains) > 1 {
			c.book.Dir.Fork(name, to.fork())
		}
	}
	for record, keys := range n.book.keys {
		c.book.keys[record] = slices.Clone(keys)
	}
	c.book.Dir.say(w.anchor.along(own))
	return &c
}

// restore puts a node back to its back-up.
func (w *world) restore(n *node) {
	if n.back == nil {
		return
	}
	w.restored[n.centre()] = true
	old := w.copyOf(n.back)
	for h := range n.mine {
		if !old.mine[h] {
			w.tail[h] = n
		}
	}
	n.restored = true
	n.book, n.inc, n.mine, n.have = old.book, old.inc, old.mine, old.have
	n.gone, n.dead = false, false
	if !w.faults.reopen {
		w.open(n)
	}
	w.duties(n)
}

// clone makes a second database of the same centre; noticed, it opens an incarnation of its own.
func (w *world) clone(n *node, noticed bool) {
	if len(w.nodes) > 40 {
		return
	}
	w.copied[n.centre()] = true
	c := w.copyOf(n)
	c.n = len(w.nodes)
	w.nodes = append(w.nodes, c)
	if noticed && !w.faults.reopen {
		w.open(c)
	} else if !noticed {
		w.fooled[n.centre()] = true
	}
}

// steal writes with a centre's key elsewhere, until the key-holders end the centre at what n has of it.
func (w *world) steal(n, victim *node, openly bool) {
	if n.centre() == victim.centre() || w.revoked[victim.centre()] {
		return
	}
	r := n.ending(victim.centre())
	thief := w.copyOf(victim)
	if openly {
		w.open(thief)
	}
	w.fooled[victim.centre()], w.copied[victim.centre()] = true, true
	for _, record := range thief.book.Records() {
		w.edit(thief, record, "status", false)
	}
	for h := range thief.mine {
		if !victim.mine[h] {
			w.thief[h] = true
			delete(w.written, h) // nobody's loss
		}
	}
	w.live(thief, n, 1000) // his lanes come before anybody knows
	w.sign(n.signers(), r.Sign)
	w.declare(n, KindRevocation, victim.centre(), r)
	w.give(KindRevocation, r)
	w.given[len(w.given)-1].by = n.book.Dir.Anchor().Digest()
	w.end(victim.centre())
}

// end takes a centre out of the world for good.
func (w *world) end(centre ID) {
	w.revoked[centre] = true
	for _, v := range w.nodes {
		if v.centre() == centre {
			v.gone = true
		}
	}
}
