package link

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/life"
	"github.com/jumyla/jumyla/ledger"
)

// busy is an office that works at real things until it has so many entries.
func busy(tb testing.TB, name string, seed uint64, entries int) *office {
	tb.Helper()
	clock := life.NewClock(noon)
	o := openWith(tb, name, store.Config{Kinds: life.Kinds(), Now: clock.Now, Synchronous: "OFF"})
	// as many acts as an office has that writes 50,000 entries in five days
	work := &life.Office{DB: o.db, Clock: clock, Pace: 20 * time.Second, Seed: seed}
	if err := work.Until(tb.Context(), entries); err != nil {
		tb.Fatal(err)
	}
	return o
}

// chunk is all that an office has for another, in one.
func (o *office) chunk(tb testing.TB, to *office) ledger.Chunk {
	tb.Helper()
	flow, err := exchange.NewFlow(tb.Context(), o.db, to.id())
	if err != nil {
		tb.Fatal(err)
	}
	c, _, err := flow.Next(tb.Context(), 2*maxTurn)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// TestEntriesComeBackAsTheyWere: what is taken apart is put together byte for byte, also what does not fit any shape.
func TestEntriesComeBackAsTheyWere(t *testing.T) {
	a, b := busy(t, "Оқу А", 1, 1500), open(t, "Оқу Б")
	a.knows(t, b)
	c := a.chunk(t, b)
	lane := ledger.Lane{Centre: ledger.ID{1}, Incarnation: 1, Class: ledger.Coord}
	odd := ledger.Run{Lane: lane, Entries: [][]byte{{0xff}, nil}}
	var at ledger.Head
	for _, e := range []ledger.Entry{{}, {Kind: "x", Claim: &ledger.Hash{1}}, {Base: map[ledger.Class]ledger.Hash{ledger.Body: {2}}}, {Time: 1<<63 + 5},
		{Time: 7 << 16, Fields: ledger.Fields{"at": []byte{0x60}, "who": []byte{0xf6}}}, {Fields: ledger.Fields{"at": []byte{0x74, '0', '0', '0', '1', '-', '0', '1', '-', '0', '1', 'T', '0', '0', ':', '0', '0', ':', '0', '0', 'Z'}}}} {
		e.Lane = lane
		raw, next, err := at.Append(&e)
		if err != nil {
			t.Fatal(err)
		}
		odd.Entries, at = append(odd.Entries, raw), next
	}
	c.Runs = append(c.Runs, odd, ledger.Run{Lane: lane})
	var m turn
	m.put(c, apartSince)
	packed, err := pack(&m)
	if err != nil {
		t.Fatal(err)
	}
	in, err := unpack(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	back, err := in.chunk()
	if err != nil || len(back.Runs) != len(c.Runs) {
		t.Fatal(len(back.Runs), err)
	}
	for i, r := range c.Runs {
		got := back.Runs[i]
		if got.Lane != r.Lane || !bytes.Equal(got.Signature, r.Signature) || len(got.Entries) != len(r.Entries) {
			t.Fatalf("run %d: %v", i, got.Lane)
		}
		for n, raw := range r.Entries {
			if !bytes.Equal(got.Entries[n], raw) {
				t.Fatalf("run %d, entry %d:\n%x\n%x", i, n, got.Entries[n], raw)
			}
		}
	}
	if n := len(m.Columns.Whole); n > len(odd.Entries)+20 {
		t.Errorf("%d entries go as they are", n)
	}
	var old turn
	old.put(c, apartSince-1)
	if thin, err := pack(&old); err != nil || len(packed) > len(thin)*2/3 {
		t.Errorf("%d bytes taken apart, %d thin: %v", len(packed), len(thin), err)
	}
}

// TestColumnsThatDoNotFit are refused, and none brings the reader down.
func TestColumnsThatDoNotFit(t *testing.T) {
	a, b := busy(t, "Оқу А", 2, 300), open(t, "Оқу Б")
	a.knows(t, b)
	whole := func() *columns { return apart(a.chunk(t, b).Runs) }
	for name, spoil := range map[string]func(c *columns){
		"a shape that is not there": func(c *columns) { c.Shape[2] = 999 },
		"no shapes":                 func(c *columns) { c.Shapes = nil },
		"too few times":             func(c *columns) { c.Passed = c.Passed[:2] },
		"too few identities":        func(c *columns) { c.Born = c.Born[:1] },
		"too little chance":         func(c *columns) { c.Chance = c.Chance[:9] },
		"a reference to nothing":    func(c *columns) { c.Record[0] = 400 },
		"a negative reference":      func(c *columns) { c.Tx[0] = -1 },
		"a field without a column":  func(c *columns) { c.Values = c.Values[1:] },
		"another sort":              func(c *columns) { c.Values[0].Sort = 9 },
		"values of another sort":    func(c *columns) { c.Values[0] = column{Sort: moment} },
		"a moment without a year": func(c *columns) {
			for i := range c.Values {
				if c.Values[i].Sort == moment {
					c.Values[i].Ints[0] = 1 << 62
				}
			}
		},
		"more than a run may hold": func(c *columns) { c.Runs[0].Entries = ledger.MaxRun + 1 },
		"more than there are":      func(c *columns) { c.Runs[0].Entries += 500 },
	} {
		c := whole()
		spoil(c)
		if _, err := c.fill(); err == nil {
			t.Error(name, "was taken")
		}
	}
	bomb := &columns{Shapes: []shape{{Kind: string(make([]byte, 1<<20))}}, Runs: []columnRun{{Entries: 4000}}}
	for range 4000 {
		bomb.Shape, bomb.Passed, bomb.Count, bomb.Act = append(bomb.Shape, 1), append(bomb.Passed, 1), append(bomb.Count, 0), append(bomb.Act, 0)
		bomb.Actor, bomb.Tx, bomb.Record = append(bomb.Actor, nextOne), append(bomb.Tx, nextOne), append(bomb.Record, nextOne)
	}
	if _, err := bomb.fill(); err == nil {
		t.Error("a bomb was taken")
	}
}

// TestSpoiledColumns flips bytes of what is taken apart: it comes back as something or is refused, and nothing falls over.
func TestSpoiledColumns(t *testing.T) {
	a, b := busy(t, "Оқу А", 3, 60), open(t, "Оқу Б")
	a.knows(t, b)
	var m turn
	m.put(a.chunk(t, b), apartSince)
	raw, err := ledger.Marshal(&m)
	if err != nil {
		t.Fatal(err)
	}
	rng, refused := rand.New(rand.NewPCG(1, 2)), 0
	for range 3000 {
		bad := bytes.Clone(raw)
		for range 1 + rng.IntN(3) {
			bad[rng.IntN(len(bad))] = byte(rng.Uint32())
		}
		var in turn
		err := ledger.Unmarshal(bad, &in)
		if err == nil {
			_, err = in.chunk()
		}
		if err != nil {
			refused++
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
}
