package link

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/life"
	"github.com/jumyla/jumyla/ledger"
)

// busy is an office that works at real things until it has so many entries.
func busy(tb testing.TB, name string, seed uint64, entries int) *office {
	tb.Helper()
	o, work := beginning(tb, name, seed)
	if err := work.Until(tb.Context(), entries); err != nil {
		tb.Fatal(err)
	}
	return o
}

// beginning is an office, and what it will work at: as many acts as one has that writes 50,000 entries in five days.
func beginning(tb testing.TB, name string, seed uint64) (*office, *life.Office) {
	tb.Helper()
	clock := life.NewClock(noon)
	o := openWith(tb, name, store.Config{Kinds: life.Kinds(), Now: clock.Now, Synchronous: "OFF"})
	return o, &life.Office{DB: o.db, Clock: clock, Pace: 20 * time.Second, Seed: seed}
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
	if n := len(m.Columns.Whole.Sizes); n > len(odd.Entries)+20 {
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
	for name, spoil := range map[string]func(c *columns){
		"a shape that is not there":      func(c *columns) { c.Shape[3] = 255 },
		"a negative shape":               func(c *columns) { c.Shape[3] = 1 },
		"no shapes":                      func(c *columns) { c.Shapes = nil },
		"shapes that cannot be read":     func(c *columns) { c.Shapes = cbor.RawMessage{0x81, 0x01} },
		"names that stand twice":         func(c *columns) { c.reshape(t, func(s *shape) { s.Names[1] = s.Names[0] }) },
		"names in another order":         func(c *columns) { c.reshape(t, func(s *shape) { slices.Reverse(s.Names) }) },
		"too few times":                  func(c *columns) { c.Passed = packed([]int64{5, 5}) },
		"more times than entries":        func(c *columns) { c.Passed = append(c.Passed, c.Passed[1:]...) },
		"numbers of no bytes each":       func(c *columns) { c.Count[0] = 0 },
		"numbers of nine bytes each":     func(c *columns) { c.Count[0] = 9 },
		"half a number":                  func(c *columns) { c.Passed = c.Passed[:len(c.Passed)-1] },
		"too few identities":             func(c *columns) { c.Born = packed([]int64{0}) },
		"too little chance":              func(c *columns) { c.Chance = c.Chance[:9] },
		"chance that is left over":       func(c *columns) { c.Chance = append(c.Chance, 0) },
		"a commitment that is left over": func(c *columns) { c.Bodies = append(c.Bodies, make([]byte, 32)...) },
		"a reference to nothing":         func(c *columns) { c.Record = packed([]int64{400}) },
		"a negative reference":           func(c *columns) { c.Record = packed([]int64{-1}) },
		"a batch before the first":       func(c *columns) { c.Batch = packed([]int64{0}) },
		"an actor who was not named":     func(c *columns) { c.Actor = packed([]int64{9}) },
		"a field without a column":       func(c *columns) { c.Values = c.Values[1:] },
		"another sort":                   func(c *columns) { c.Values[0].Sort = rising + 1 },
		"values of another sort":         func(c *columns) { c.Values[0] = column{Sort: moment} },
		"values shorter than said":       func(c *columns) { c.Values[0].Bytes = c.Values[0].Bytes[:1] },
		"a value that is none":           func(c *columns) { c.Values[0].Bytes[0] = 0xff },
		"a moment without a year":        func(c *columns) { c.each(moment, func(v *column) { v.Numbers = packed([]int64{1 << 61}) }) },
		"more than a run may hold":       func(c *columns) { c.Runs[0].Entries = ledger.MaxRun + 1 },
		"more than there are":            func(c *columns) { c.Runs[0].Entries++ },
		"fewer than there are":           func(c *columns) { c.Runs[0].Entries-- },
		"too many runs":                  func(c *columns) { c.Runs = append(c.Runs, make([]columnRun, ledger.MaxRuns)...) },
		"too many shapes":                func(c *columns) { c.Shapes = marshalled(t, make([]shape, maxShapes+1)) },
	} {
		c := apart(a.chunk(t, b).Runs)
		if _, err := c.fill(); err != nil {
			t.Fatal(err)
		}
		spoil(c)
		if _, err := c.fill(); !errors.Is(err, errGarbled) && !errors.Is(err, errTooLarge) {
			t.Error(name, "was taken:", err)
		}
	}
}

// reshape changes the first shape that has several names.
func (c *columns) reshape(t *testing.T, fn func(*shape)) {
	t.Helper()
	var all []shape
	if err := ledger.Unmarshal(c.Shapes, &all); err != nil {
		t.Fatal(err)
	}
	fn(&all[slices.IndexFunc(all, func(s shape) bool { return len(s.Names) > 1 })])
	c.Shapes = marshalled(t, all)
}

func (c *columns) each(sort uint8, fn func(*column)) {
	for i := range c.Values {
		if c.Values[i].Sort == sort {
			fn(&c.Values[i])
		}
	}
}

func marshalled(t *testing.T, v any) []byte {
	t.Helper()
	b, err := ledger.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestColumnsOfMuchFromLittle: what a kilobyte on the wire says costs no more memory than a message may, many times over, and
// no long reckoning; entries that would be larger than a message are refused before they are made.
func TestColumnsOfMuchFromLittle(t *testing.T) {
	lane := ledger.Lane{Centre: ledger.ID{1}, Incarnation: 1, Class: ledger.Coord}
	const many = 4000
	alike := func(s ...shape) *columns {
		return &columns{Runs: []columnRun{{Lane: lane, Entries: many}}, Shapes: marshalled(t, s), Shape: repeated(many, 1), Passed: repeated(many, 0), Count: repeated(many, 0),
			Act: repeated(many, 0), Batch: repeated(many, goesOn+newBatch), Actor: repeated(many, 0), People: repeated(many, goesOn), Record: repeated(many, goesOn),
			Born: repeated(3*many, 0), Step: repeated(3*many, 0)}
	}
	var names []string
	for i := range 900 {
		names = append(names, fmt.Sprintf("n%03d", i))
	}
	identities := alike(shape{Kind: "k", Op: 1, Names: names})
	for range names {
		identities.Values = append(identities.Values, column{Sort: identity, Numbers: repeated(many, goesOn)})
	}
	identities.Born, identities.Step = repeated(many*903, 0), repeated(many*903, 0)
	nulls := alike(shape{Kind: "k", Op: 1})
	for range 60000 {
		nulls.Values = append(nulls.Values, column{})
	}
	long := alike(shape{Kind: strings.Repeat("k", maxShapeBytes-20), Op: 1})
	longer := alike(shape{Kind: strings.Repeat("k", maxShapeBytes), Op: 1})
	moments := alike(shape{Kind: "k", Op: 1, Names: []string{"t"}})
	moments.Values = []column{{Sort: moment, Numbers: repeated(many, 1<<62)}}
	runs := &columns{Runs: make([]columnRun, 65000)}
	empty := alike(shape{Kind: "k", Op: 1})
	empty.Runs, empty.Shape = nil, repeated(8_000_000, 0)
	var narrow []string
	for range 65000 {
		narrow = append(narrow, "")
	}
	nameless := &columns{Shapes: marshalled(t, []shape{{Names: narrow}})}
	for name, c := range map[string]*columns{"identities": identities, "nulls": nulls, "a long kind": long, "a longer kind": longer, "moments": moments, "runs": runs,
		"entries of no run": empty, "names of no letters": nameless} {
		packed, err := pack(&turn{Columns: c})
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		in, err := unpack(bytes.NewReader(packed))
		if err == nil {
			_, err = in.chunk()
		}
		runtime.ReadMemStats(&after)
		made := int(after.TotalAlloc-before.TotalAlloc) >> 20
		t.Logf("%s: %d bytes on the wire, %d MiB made in all: %v", name, len(packed), made, err)
		if !errors.Is(err, errGarbled) && !errors.Is(err, errTooLarge) {
			t.Errorf("%s: taken", name)
		}
		if made > 12*maxTurn>>20 {
			t.Errorf("%s: %d MiB were made of %d bytes", name, made, len(packed))
		}
	}
}

func repeated(n int, v int64) numbers {
	list := make([]int64, n)
	for i := range list {
		list[i] = v
	}
	return packed(list)
}

// TestNumbers: a list comes back as it was, whatever its numbers.
func TestNumbers(t *testing.T) {
	for _, list := range [][]int64{nil, {0}, {-1, 1, 127, -128}, {128, 0}, {1 << 40, 3}, {math.MaxInt64, math.MinInt64, 0}} {
		r, ok := packed(list).read()
		for _, want := range list {
			if got := r.take(&ok); got != want || !ok {
				t.Errorf("%v: %d is read as %d", list, want, got)
			}
		}
		if r.left() != 0 {
			t.Errorf("%v: %d are left", list, r.left())
		}
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
