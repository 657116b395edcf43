package ledger

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Book is a centre's whole ledger in memory: its own lanes, and what others have sent. It is what the exchange
// is defined on; the database does the same in tables.
type Book struct {
	Self ID
	Dir  *Directory

	lanes   map[Lane]*lane
	items   map[Hash]*item
	records map[ID][]*item
	keys    map[ID][][]byte // a record's keys: its owners' and those of who proposed something sealed
	decided map[ID]*Decision

	sign   func(ed25519.PrivateKey, Lane, Head) []byte // SignHead and VerifyHead; the simulator's are cheaper
	verify func(ed25519.PublicKey, Lane, Head, []byte) bool
}

// item is an entry with its bytes and what is sealed beside it.
type item struct {
	Known
	raw    []byte
	sealed []byte
}

// lane is what is known of a lane: one chain, or more where it was forked, and what is not covered by a
// signature yet.
type lane struct {
	chains []*chain
	staged *chain
}

// chain is a run of entries, from the lane's beginning or from an entry of another chain.
type chain struct {
	from      uint64 // the number of its first entry
	root      Hash   // the entry before its first
	items     []*item
	signature []byte
	bytes     int
}

func (c *chain) head() Head {
	if len(c.items) == 0 {
		return Head{Seq: c.from - 1, Hash: c.root}
	}
	return Head{Seq: c.from + uint64(len(c.items)) - 1, Hash: c.items[len(c.items)-1].Hash}
}

// NewBook begins an empty book.
func NewBook(self ID, anchor Anchor) *Book {
	return &Book{Self: self, Dir: NewDirectory(anchor), lanes: map[Lane]*lane{}, items: map[Hash]*item{},
		records: map[ID][]*item{}, keys: map[ID][][]byte{}, decided: map[ID]*Decision{}, sign: SignHead, verify: VerifyHead}
}

// Head returns the end of one of the centre's own lanes.
func (b *Book) Head(l Lane) Head {
	if at := b.lanes[l]; at != nil && len(at.chains) > 0 {
		return at.chains[0].head()
	}
	return Head{}
}

// Write appends an entry to one of the centre's own lanes and signs its end. parcel is what is sealed beside it,
// nil for none.
func (b *Book) Write(key ed25519.PrivateKey, random io.Reader, e Entry, parcel Fields) (Hash, error) {
	var sealed []byte
	if parcel != nil {
		k, err := b.key(e.Record, random)
		if err != nil {
			return Hash{}, err
		}
		if sealed, err = Seal(k, random, parcel); err != nil {
			return Hash{}, err
		}
		c := Commitment(sealed)
		e.Body = &c
	}
	l := b.lane(e.Lane)
	if len(l.chains) == 0 {
		l.chains = []*chain{{from: 1}}
	}
	raw, head, err := l.chains[0].head().Append(&e)
	if err != nil {
		return Hash{}, err
	}
	b.add(l.chains[0], &item{Known: Known{Entry: e, Hash: head.Hash, Opened: parcel}, raw: raw, sealed: sealed})
	l.chains[0].signature = b.sign(key, e.Lane, head)
	b.learn([]*item{l.chains[0].items[len(l.chains[0].items)-1]})
	return head.Hash, nil
}

// key returns the newest of a record's keys, or a new one.
func (b *Book) key(record ID, random io.Reader) ([]byte, error) {
	if all := b.keys[record]; len(all) > 0 {
		return all[0], nil
	}
	k := make([]byte, KeySize)
	if _, err := io.ReadFull(random, k); err != nil {
		return nil, fmt.Errorf("record key: %w", err)
	}
	b.keys[record] = [][]byte{k}
	return k, nil
}

func (b *Book) lane(l Lane) *lane {
	if b.lanes[l] == nil {
		b.lanes[l] = &lane{}
	}
	return b.lanes[l]
}

func (b *Book) add(c *chain, it *item) {
	c.items = append(c.items, it)
	c.bytes += len(it.raw)
	b.items[it.Hash] = it
	b.records[it.Record] = append(b.records[it.Record], it)
	delete(b.decided, it.Record)
}

// learn tells the directory of new entries of dir.
func (b *Book) learn(items []*item) {
	for _, it := range items {
		if it.Lane.Class == Dir {
			b.Dir.Learn(&it.Entry, it.Hash)
			clear(b.decided)
		}
	}
}

// Decide says what a record is.
func (b *Book) Decide(record ID) *Decision {
	if d := b.decided[record]; d != nil {
		return d
	}
	known := make([]Known, 0, len(b.records[record]))
	for _, it := range b.records[record] {
		known = append(known, it.Known)
	}
	d := b.Dir.Decide(record, known)
	b.decided[record] = &d
	return &d
}

// Records returns every record that an entry here is about, in order.
func (b *Book) Records() []ID {
	return slices.SortedFunc(maps.Keys(b.records), func(a, c ID) int { return bytes.Compare(a[:], c[:]) })
}

// Entries returns the entries of a record that are here.
func (b *Book) Entries(record ID) []Known {
	out := make([]Known, 0, len(b.records[record]))
	for _, it := range b.records[record] {
		out = append(out, it.Known)
	}
	return out
}

// Have says what the book has of what the peer may have.
func (b *Book) Have(peer ID) Have {
	var out Have
	for l, at := range b.lanes {
		if !b.Dir.MayHave(peer, l) {
			continue
		}
		heads := LaneHeads{Lane: l}
		for _, c := range at.chains {
			heads.Heads = append(heads.Heads, c.head())
		}
		if at.staged != nil {
			heads.Staged = []Head{at.staged.head()}
		}
		if len(heads.Heads)+len(heads.Staged) > 0 {
			out.Lanes = append(out.Lanes, heads)
		}
	}
	slices.SortFunc(out.Lanes, func(a, c LaneHeads) int { return a.Lane.compare(c.Lane) })
	out.Wants = b.wants(peer)
	return out
}

// compare orders lanes as they travel: dir first.
func (l Lane) compare(o Lane) int {
	return cmp.Or(cmp.Compare(rank(l.Class), rank(o.Class)), bytes.Compare(l.Centre[:], o.Centre[:]),
		cmp.Compare(l.Incarnation, o.Incarnation), cmp.Compare(l.Class, o.Class))
}

// wants lists the entries whose sealed parts this centre may have and has not, as far as the peer may know of them.
func (b *Book) wants(peer ID) []Hash {
	var out []Hash
	for _, record := range b.Records() {
		for _, it := range b.records[record] {
			if it.Body == nil || it.sealed != nil || !b.Dir.MayHave(peer, it.Lane) {
				continue
			}
			if d := b.Decide(record); !slices.Contains(d.Dead, it.Hash) && b.Dir.MayOpen(b.Self, &it.Entry, d) {
				out = append(out, it.Hash)
			}
			if len(out) == MaxWants {
				return out
			}
		}
	}
	return out
}

// Outcome is what came of a chunk.
type Outcome struct {
	Entries int // new ones
	Sealed  int // new sealed parts
	Forks   []Lane
	Refused []Refusal
}

// Refusal is a run or a sealed part that was not taken; the rest of its chunk was.
type Refusal struct {
	Lane Lane
	Err  error
}

// Errors of what is refused, beside those of Follow.
var (
	ErrGap         = errors.New("entries before these have not come yet")
	ErrKey         = errors.New("the key of the lane's centre is not known")
	ErrSignature   = errors.New("the signature of the lane's end is not its centre's")
	ErrNotEntitled = errors.New("this centre may not have it")
	ErrCommitment  = errors.New("the sealed part is not the one that its entry commits to")
)

// Receive takes in a chunk: every run that follows from what is here and whose end is signed by its centre.
// Doing it again changes nothing.
func (b *Book) Receive(c Chunk) (Outcome, error) {
	var out Outcome
	if err := c.Within(); err != nil {
		return out, err
	}
	for runs := c.Runs; len(runs) > 0; {
		var again []Run // another run of this chunk may introduce their centre
		for _, r := range runs {
			n, forked, err := b.receiveRun(r)
			out.Entries += n
			switch {
			case errors.Is(err, ErrKey):
				again = append(again, r)
			case err != nil:
				out.Refused = append(out.Refused, Refusal{r.Lane, err})
			case forked:
				out.Forks = append(out.Forks, r.Lane)
			}
		}
		if len(again) == len(runs) {
			for _, r := range again {
				out.Refused = append(out.Refused, Refusal{r.Lane, ErrKey})
			}
			break
		}
		runs = again
	}
	for _, s := range c.Sealed {
		took, err := b.receiveSealed(s)
		if err != nil {
			out.Refused = append(out.Refused, Refusal{Err: err})
		}
		if took {
			out.Sealed++
		}
	}
	return out, nil
}

// receiveRun stages a run's new entries, and takes what is staged when a signature covers it.
func (b *Book) receiveRun(r Run) (n int, forked bool, err error) {
	if !b.Dir.MayHave(b.Self, r.Lane) {
		return 0, false, ErrNotEntitled
	}
	l := b.lane(r.Lane)
	defer func() {
		if len(l.chains) == 0 && l.staged == nil {
			delete(b.lanes, r.Lane)
		}
	}()
	for _, raw := range r.Entries {
		if err := b.stage(l, r.Lane, raw); err != nil {
			l.staged = nil
			return 0, false, err
		}
	}
	if len(r.Signature) == 0 || l.staged == nil {
		return 0, false, nil
	}
	key, ok := b.Dir.Key(r.Lane.Centre)
	staged := l.staged
	switch {
	case !ok:
		l.staged = nil // it will be sent again
		return 0, false, ErrKey
	case !b.verify(key, r.Lane, staged.head(), r.Signature):
		l.staged = nil
		return 0, false, ErrSignature
	}
	l.staged = nil
	staged.signature = r.Signature
	return len(staged.items), b.take(l, r.Lane, staged), nil
}

// stage puts an entry behind those that wait for their lane's signature. One that is here already is passed over.
func (b *Book) stage(l *lane, name Lane, raw []byte) error {
	e, err := Decode(raw)
	if err != nil {
		return err
	}
	h := HashOf(raw)
	if b.items[h] != nil {
		l.staged = nil // what follows goes on from here
		return nil
	}
	if l.staged != nil && l.staged.holds(e.Seq, h) {
		return nil
	}
	if l.staged == nil || l.staged.head().Hash != e.Prev {
		if at, ok := b.items[e.Prev]; e.Seq != 1 && (!ok || at.Lane != name || at.Seq+1 != e.Seq) {
			return ErrGap
		}
		l.staged = &chain{from: e.Seq, root: e.Prev}
	}
	if e, _, err = l.staged.head().Follow(name, raw); err != nil && !b.Dir.broken.chains {
		return err
	}
	if l.staged.bytes += len(raw); l.staged.bytes > MaxStaged {
		return ErrLimits
	}
	l.staged.items = append(l.staged.items, &item{Known: Known{Entry: e, Hash: h}, raw: raw})
	return nil
}

func (c *chain) holds(seq uint64, h Hash) bool {
	return seq >= c.from && seq-c.from < uint64(len(c.items)) && c.items[seq-c.from].Hash == h
}

// take makes signed entries part of the lane: behind a chain's end, or as a branch.
func (b *Book) take(l *lane, name Lane, staged *chain) (forked bool) {
	at := slices.IndexFunc(l.chains, func(c *chain) bool { return c.head().Hash == staged.root && c.head().Seq+1 == staged.from })
	if at < 0 {
		forked = len(l.chains) > 0
		l.chains = append(l.chains, &chain{from: staged.from, root: staged.root})
		at = len(l.chains) - 1
	}
	c := l.chains[at]
	for _, it := range staged.items {
		b.add(c, it)
	}
	c.signature = staged.signature
	if len(l.chains) > 1 {
		b.Dir.Fork(name, l.fork())
		clear(b.decided)
	}
	b.learn(staged.items)
	return forked
}

// fork says where the lane's chains part.
func (l *lane) fork() Fork {
	f := Fork{From: l.chains[1].from, Prev: map[Hash]Hash{}}
	for _, c := range l.chains[1:] {
		f.From = min(f.From, c.from)
	}
	for _, c := range l.chains {
		for i := range c.items {
			if it := c.items[i]; it.Seq >= f.From {
				f.Prev[it.Hash] = it.Prev
			}
		}
	}
	return f
}

// receiveSealed takes the sealed part of an entry that is here, if this centre may have it and it is the true one.
func (b *Book) receiveSealed(s Sealed) (bool, error) {
	it := b.items[s.Entry]
	switch {
	case it == nil:
		return false, ErrGap
	case it.sealed != nil:
		return false, nil
	case it.Body == nil || Commitment(s.Bytes) != *it.Body && !b.Dir.broken.commitments:
		return false, ErrCommitment
	}
	if d := b.Decide(it.Record); slices.Contains(d.Dead, it.Hash) || !b.Dir.MayOpen(b.Self, &it.Entry, d) {
		return false, ErrNotEntitled
	}
	opened, err := Unseal(s.Key, s.Bytes)
	if err != nil {
		return false, err
	}
	it.sealed, it.Opened = s.Bytes, opened
	if !slices.ContainsFunc(b.keys[it.Record], func(k []byte) bool { return bytes.Equal(k, s.Key) }) {
		b.keys[it.Record] = append(b.keys[it.Record], s.Key)
	}
	delete(b.decided, it.Record)
	return true, nil
}

// Forget destroys every sealed part that an erasure reaches, with the keys of its record, and returns the
// records about which this centre has to say so with a receipt, each with the erasures.
func (b *Book) Forget() map[ID][]Hash {
	out := map[ID][]Hash{}
	for record, items := range b.records {
		d := b.Decide(record)
		if len(d.Erasures) == 0 {
			continue
		}
		b.destroy(record, items, d)
		if owed := d.Owes(b.Self); len(owed) > 0 {
			out[record] = owed
		}
	}
	return out
}

func (b *Book) destroy(record ID, items []*item, d *Decision) {
	alive := false
	for _, it := range items {
		if it.sealed == nil {
			continue
		}
		if slices.Contains(d.Dead, it.Hash) {
			it.sealed, it.Opened = nil, nil
			delete(b.decided, record)
		} else {
			alive = true
		}
	}
	if !alive {
		delete(b.keys, record)
	}
}
