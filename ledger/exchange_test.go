package ledger

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pair are two centres that know each other's keys, with true signatures.
type pair struct {
	tb   testing.TB
	rng  *rand.ChaCha8
	keys [2]ed25519.PrivateKey
	book [2]*Book
}

func newPair(tb testing.TB) *pair {
	tb.Helper()
	p := &pair{tb: tb, rng: rand.NewChaCha8([32]byte{1}), keys: [2]ed25519.PrivateKey{centreKeys[0], centreKeys[1]}}
	for i := range p.book {
		p.book[i] = NewBook(centreID(i), Anchor{})
		for j, k := range p.keys {
			p.book[i].Dir.Pin(centreID(j), k.Public().(ed25519.PublicKey))
		}
	}
	return p
}

func (p *pair) put(record ID, class Class, parcel Fields) Hash {
	p.tb.Helper()
	e := Entry{Lane: Lane{Centre: centreID(0), Incarnation: 1, Class: class}, Record: record, Kind: "request", Op: Put}
	e.Time = p.book[0].Head(e.Lane).Seq + 1
	if parcel == nil {
		e.Fields = Fields{"status": text("new")}
	}
	h, err := p.book[0].Write(p.keys[0], p.rng, e, parcel)
	if err != nil {
		p.tb.Fatal(err)
	}
	return h
}

func (p *pair) chunks(size int) []Chunk {
	var out []Chunk
	for c := range p.book[0].Chunks(centreID(1), p.book[1].Have(centreID(0)), size) {
		out = append(out, c)
	}
	return out
}

func (p *pair) receive(c Chunk) Outcome {
	p.tb.Helper()
	out, err := p.book[1].Receive(c)
	if err != nil {
		p.tb.Fatal(err)
	}
	return out
}

func TestExchangeResumes(t *testing.T) {
	p := newPair(t)
	for i := range 50 {
		p.put(ID{byte(i)}, Coord, nil)
	}
	all := p.chunks(1000)
	if len(all) < 5 {
		t.Fatalf("%d chunks", len(all))
	}
	if got := p.book[0].Waiting(centreID(1), p.book[1].Have(centreID(0))); got != 50 {
		t.Errorf("%d entries wait", got)
	}
	if got := p.receive(all[0]); got.Entries != 0 || len(got.Refused) > 0 {
		t.Fatalf("entries that nobody has signed were taken: %+v", got)
	}
	if got := p.receive(all[2]); len(got.Refused) != 1 || !errors.Is(got.Refused[0].Err, ErrGap) {
		t.Fatalf("a gap was taken: %+v", got)
	}
	p.receive(all[0])
	rest := p.chunks(1000)
	if len(rest) != len(all)-1 {
		t.Errorf("%d chunks are sent again, %d were left", len(rest), len(all)-1)
	}
	n := 0
	for _, c := range rest {
		n += p.receive(c).Entries
	}
	if n != 50 || len(p.chunks(1000)) != 0 {
		t.Fatalf("%d entries came", n)
	}
	if p.book[1].AsOf(centreID(0)) != 50 || p.book[1].AsOf(centreID(1)) != 0 {
		t.Error("as of when?")
	}
	for _, c := range all {
		if got := p.receive(c); got.Entries != 0 || len(got.Refused) > 0 {
			t.Fatalf("repeating is not nothing: %+v", got)
		}
	}
}

// TestLostSignature loses the last chunk of a lane only: its signature must come again.
func TestLostSignature(t *testing.T) {
	p := newPair(t)
	p.put(ID{1}, Coord, nil)
	all := p.chunks(1 << 20)
	bare := all[0].Runs[0]
	bare.Signature = nil
	p.receive(Chunk{Runs: []Run{bare}})
	if got := p.chunks(1 << 20); len(got) != 1 || len(got[0].Runs[0].Entries) != 0 || p.receive(got[0]).Entries != 1 {
		t.Fatalf("%+v", got)
	}
}

func TestSealedLanesGoToWhomTheyWereGranted(t *testing.T) {
	p := newPair(t)
	p.put(ID{1}, Coord, nil)
	h := p.put(ID{1}, Body, Fields{"phone": text("+77015550101")})
	for _, c := range p.chunks(1 << 20) {
		raw, _ := Marshal(c)
		if bytes.Contains(raw, []byte(Body)) {
			t.Fatal("a lane that the peer may not have was named to it")
		}
		p.receive(c)
	}
	g := fields(Grant{To: centreID(1), Classes: []Class{Body}})
	if _, err := p.book[0].Write(p.keys[0], p.rng, Entry{Lane: Lane{Centre: centreID(0), Incarnation: 1, Class: Dir}, Op: Declare,
		Kind: KindGrant, Record: centreID(0), Fields: g}, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range p.chunks(1 << 20) {
		p.receive(c)
	}
	d := p.book[1].Decide(ID{1})
	if !cmp.Equal(d.Fields[Body], Fields{"phone": text("+77015550101")}) || p.book[1].items[h].sealed == nil {
		t.Fatalf("%+v", d)
	}
}

func TestUnknownCentresAndForgeriesAreRefused(t *testing.T) {
	p := newPair(t)
	p.put(ID{1}, Coord, nil)
	c := p.chunks(1 << 20)[0]
	forged := c
	forged.Runs = []Run{{Lane: c.Runs[0].Lane, Entries: c.Runs[0].Entries, Signature: make([]byte, 64)}}
	if got := p.receive(forged); got.Entries != 0 || !errors.Is(got.Refused[0].Err, ErrSignature) {
		t.Fatalf("%+v", got)
	}
	stranger := NewBook(centreID(2), Anchor{})
	if got, _ := stranger.Receive(c); got.Entries != 0 || !errors.Is(got.Refused[0].Err, ErrKey) {
		t.Fatalf("%+v", got)
	}
	huge := Chunk{Runs: []Run{{Lane: c.Runs[0].Lane, Entries: [][]byte{make([]byte, MaxEntry+1)}}}}
	if _, err := p.book[1].Receive(huge); !errors.Is(err, ErrLimits) {
		t.Fatal(err)
	}
}

// TestIntroduction: a chunk that introduces a centre may bring its lanes too, whatever their order.
func TestIntroduction(t *testing.T) {
	p := newPair(t)
	third := NewBook(ID{0xce}, Anchor{}) // comes before the others
	if _, err := third.Write(centreKeys[5], p.rng, Entry{Lane: Lane{Centre: third.Self, Incarnation: 1, Class: Dir}, Op: Declare,
		Kind: "from-tomorrow", Record: third.Self}, nil); err != nil {
		t.Fatal(err)
	}
	in := fields(Introduction{Centre: third.Self, Key: centreKeys[5].Public().(ed25519.PublicKey)})
	if _, err := p.book[0].Write(p.keys[0], p.rng, Entry{Lane: Lane{Centre: centreID(0), Incarnation: 1, Class: Dir}, Op: Declare,
		Kind: KindIntroduction, Record: third.Self, Fields: in}, nil); err != nil {
		t.Fatal(err)
	}
	for c := range third.Chunks(centreID(0), Have{}, 1<<20) {
		if got, err := p.book[0].Receive(c); err != nil || got.Entries != 1 {
			t.Fatalf("%+v %v", got, err)
		}
	}
	if got := p.receive(p.chunks(1 << 20)[0]); got.Entries != 2 || len(got.Refused) > 0 {
		t.Fatalf("%+v", got)
	}
	liar := fields(Introduction{Centre: third.Self, Key: make([]byte, ed25519.PublicKeySize)})
	p.book[1].Dir.Learn(&Entry{Lane: Lane{Centre: ID{8}, Incarnation: 1, Class: Dir}, Op: Declare, Kind: KindIntroduction, Fields: liar}, Hash{1})
	if _, ok := p.book[1].Dir.Key(third.Self); ok {
		t.Fatal("two keys for one centre, and one was taken")
	}
}

func TestHelloAgrees(t *testing.T) {
	one, two := centreKeys[0].Public().(ed25519.PublicKey), centreKeys[1].Public().(ed25519.PublicKey)
	anchor := func(need int, keys ...ed25519.PublicKey) Hash { return Anchor{Holders: keys, Need: need}.Digest() }
	if anchor(2, one, two) != anchor(2, two, one) || anchor(1, one, two) == anchor(2, two, one) {
		t.Error("an anchor is its keys, in any order, and how many it takes")
	}
	ours := Hello{Oldest: 1, Newest: 3}
	for _, tc := range []struct {
		peer Hello
		want uint16
		err  error
	}{
		{Hello{Oldest: 1, Newest: 1}, 1, nil}, {Hello{Oldest: 2, Newest: 9}, 3, nil},
		{Hello{Oldest: 4, Newest: 9}, 0, ErrProtocol}, {Hello{Oldest: 1, Newest: 3, Anchor: Hash{1}}, 0, ErrAnchor},
	} {
		if got, err := ours.Agree(tc.peer); got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("%+v: %d %v", tc.peer, got, err)
		}
	}
}

func FuzzMessages(f *testing.F) {
	p := newPair(f)
	h := p.put(ID{1}, Coord, nil)
	p.put(ID{1}, Body, Fields{"phone": text("1")})
	for _, v := range []any{p.book[0].Have(centreID(0)), Have{Wants: []Hash{h}}, Hello{Newest: 1}} {
		raw, err := Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for c := range p.book[0].Chunks(centreID(0), Have{}, 100) {
		raw, _ := Marshal(c)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _ = ReadHello(raw)
		if have, err := ReadHave(raw); err == nil {
			for c := range p.book[0].Chunks(centreID(1), have, 100) {
				if c.Within() != nil {
					t.Fatal("sends more than it would take")
				}
			}
			p.book[0].Waiting(centreID(1), have)
		}
		c, err := ReadChunk(raw)
		if err != nil {
			return
		}
		b := NewBook(centreID(0), Anchor{})
		b.Dir.Pin(centreID(0), p.keys[0].Public().(ed25519.PublicKey))
		if _, err := b.Receive(c); err != nil {
			t.Fatal("read, but more than may be taken:", err)
		}
		for _, record := range b.Records() {
			b.Decide(record)
		}
	})
}

// FuzzStatements reads what claims, openings and declarations say.
func FuzzStatements(f *testing.F) {
	for _, v := range []any{Claim{Cut: Cut{Coord: {Seq: 1}}}, Opening{Heads: map[Class]Hash{Coord: {}}}, Resolution{Proposals: []Hash{{}}},
		Receipt{Erasures: []Hash{{}}}, Introduction{}, Grant{Classes: []Class{Body}}, Warrant{Signatures: []Signature{{}}},
		Revocation{Cut: []LaneSeq{{}}}} {
		raw, err := Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	kinds := []string{KindIntroduction, KindGrant, KindWarrant, KindRevocation, "open"}
	f.Fuzz(func(_ *testing.T, raw []byte) {
		var said Fields
		if Unmarshal(raw, &said) != nil {
			return
		}
		d := NewDirectory(Anchor{})
		record := ID{9}
		var known []Known
		for i, kind := range kinds {
			op := Declare
			if kind == "open" {
				op = Open
			}
			d.Learn(&Entry{Lane: Lane{Centre: ID{1}, Incarnation: 2, Class: Dir}, Seq: 1, Op: op, Kind: kind, Fields: said}, Hash{byte(i + 1)})
		}
		for op := Put; op <= Declare+1; op++ {
			known = append(known, Known{Entry: Entry{Lane: Lane{Centre: ID{byte(op % 2)}, Incarnation: uint32(op % 3), Class: Coord},
				Seq: uint64(op), Record: record, Op: op, Fields: said}, Hash: Hash{byte(op)}, Opened: said})
		}
		d.Decide(record, known)
	})
}

// BenchmarkExchange sends 100,000 entries from one book to another, verified.
func BenchmarkExchange(b *testing.B) {
	p := newPair(b)
	const entries = 100_000
	size := 0
	for i := range entries {
		p.put(ID{byte(i), byte(i >> 8)}, Coord, nil)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.book[1] = NewBook(centreID(1), Anchor{})
		p.book[1].Dir.Pin(centreID(0), p.keys[0].Public().(ed25519.PublicKey))
		size = 0
		for c := range p.book[0].Chunks(centreID(1), Have{}, 256<<10) {
			raw, err := Marshal(c)
			if err != nil {
				b.Fatal(err)
			}
			size += len(raw)
			if c, err = ReadChunk(raw); err != nil {
				b.Fatal(err)
			}
			p.receive(c)
		}
		if got := p.book[1].Head(Lane{Centre: centreID(0), Incarnation: 1, Class: Coord}).Seq; got != entries {
			b.Fatalf("%d entries came", got)
		}
	}
	b.ReportMetric(float64(size)/entries, "B/entry")
}

// TestWhatIsStagedIsLost: a centre breaks off, and comes back from a back-up without what it sent. Nobody has that any more, and
// what it has is sent all the same.
func TestWhatIsStagedIsLost(t *testing.T) {
	p := newPair(t)
	p.put(ID{1}, Coord, nil)
	old := *p.book[0].lanes[Lane{Centre: centreID(0), Incarnation: 1, Class: Coord}].chains[0]
	old.items = old.items[:1:1]
	for i := range 50 {
		p.put(ID{byte(i + 2)}, Coord, nil)
	}
	p.receive(p.chunks(1000)[0])
	back := NewBook(centreID(0), Anchor{})
	back.Dir.Pin(centreID(0), p.keys[0].Public().(ed25519.PublicKey))
	l := Lane{Centre: centreID(0), Incarnation: 1, Class: Coord}
	back.lane(l).chains = []*chain{{from: 1}}
	back.add(back.lane(l).chains[0], old.items[0])
	back.lane(l).chains[0].signature = SignHead(p.keys[0], l, back.lane(l).chains[0].head())
	p.book[0] = back
	for range 2 { // the first time what is staged is dropped
		for _, c := range p.chunks(1000) {
			p.receive(c)
		}
	}
	if got := p.book[1].Head(l); got.Seq != 1 {
		t.Errorf("the other has it up to %d", got.Seq)
	}
}
