package link

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/ledger"
)

// vector is a turn as another program would write and read it.
type vector struct {
	What  string `json:"what"`
	Turn  string `json:"turn"`            // its CBOR, before it is compressed
	Whole string `json:"whole,omitempty"` // the CBOR of its chunk, with what was left out put back
	Fault string `json:"fault,omitempty"` // a reader must refuse it, and this is why
}

// TestVectors writes what docs/exchange.md §7 names, and fails when it drifts.
func TestVectors(t *testing.T) {
	lane := ledger.Lane{Centre: ledger.ID{1}, Incarnation: 1, Class: ledger.Coord}
	var run ledger.Run
	run.Lane = lane
	var at ledger.Head
	for i := range 3 {
		raw, next, err := at.Append(&ledger.Entry{Lane: lane, Time: uint64(i), Record: ledger.ID{2}, Kind: "request", Op: ledger.Put})
		if err != nil {
			t.Fatal(err)
		}
		run.Entries, at = append(run.Entries, raw), next
	}
	run.Signature = ledger.SignHead(seed(7), lane, at)
	hello := &ledger.Hello{Oldest: 1, Newest: 1, Centre: lane.Centre, Anchor: ledger.Anchor{}.Digest()}
	session := bytes.Repeat([]byte{3}, 16)
	chunk := turn{Session: session, Behind: 5, Took: []ledger.LaneHeads{{Lane: lane, Heads: []ledger.Head{at}}}}
	chunk.put(ledger.Chunk{Runs: []ledger.Run{run}}, 1)
	var work ledger.Run // real things: a record, a change of it, a fact that names it
	work.Lane, at = lane, ledger.Head{}
	record, second := ledger.Stamp(ledger.ID{0, 0, 0, 0, 1, 0, 9}, lane.Centre), ledger.Stamp(ledger.ID{0, 0, 0, 0, 1, 44, 9, 0, 0, 0, 0, 2}, lane.Centre)
	for _, e := range []ledger.Entry{
		{Time: 258 << 16, Batch: ledger.Batch{Tx: ledger.ID{0, 0, 0, 0, 1, 1, 5}}, Record: record, Fields: ledger.Fields{"at": text("2022-01-12T06:00:00Z"), "count": {2}}},
		{Time: 259<<16 + 1, Batch: ledger.Batch{Tx: ledger.ID{0, 0, 0, 0, 1, 1, 5}, Act: 1}, Record: record, Fields: ledger.Fields{"at": text("2022-01-12T06:00:00.000005Z"), "count": {3}}},
		{Time: 300 << 16, Batch: ledger.Batch{Tx: second}, Record: second, Fields: ledger.Fields{"by": append([]byte{0x50, 7}, make([]byte, 15)...), "of": append([]byte{0x50}, record[:]...), "run": {0x40}}, Body: &ledger.Hash{4}},
		{Time: 300<<16 + 1, Batch: ledger.Batch{Tx: second}, Record: second, Claim: &ledger.Hash{5}},
	} {
		e.Lane, e.Actor, e.Kind, e.Op = lane, ledger.ID{7}, "need", ledger.Put
		raw, next, err := at.Append(&e)
		if err != nil {
			t.Fatal(err)
		}
		work.Entries, at = append(work.Entries, raw), next
	}
	work.Signature = ledger.SignHead(seed(7), lane, at)
	parts := turn{Session: session}
	parts.put(ledger.Chunk{Runs: []ledger.Run{run, work}}, apartSince)
	turns := []struct {
		what string
		turn turn
	}{
		{"the caller's first", turn{Hello: hello, Have: &ledger.Have{Lanes: []ledger.LaneHeads{{Lane: lane, Heads: []ledger.Head{at}}}}, Room: firstSize}},
		{"a chunk", chunk},
		{"a chunk taken apart", parts},
		{"a refusal", turn{Session: session, Refused: []exchange.Refusal{{Lane: lane, Code: exchange.RefusedFork}}}},
		{"a fault", turn{Fault: faultStranger}},
	}
	var all []vector
	for _, c := range turns {
		raw, err := ledger.Marshal(&c.turn)
		if err != nil {
			t.Fatal(err)
		}
		v := vector{What: c.what, Turn: hex.EncodeToString(raw)}
		if c.turn.offers() {
			whole, err := c.turn.chunk()
			if err != nil {
				t.Fatal(err)
			}
			b, err := ledger.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			v.Whole = hex.EncodeToString(b)
		}
		all = append(all, v)
	}
	all = append(all, refusedColumns(t, ledger.Chunk{Runs: []ledger.Run{run, work}})...)
	want, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "vectors.json")
	if os.Getenv("JUMYLA_UPDATE") != "" {
		if err := os.WriteFile(file, append(want, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(bytes.TrimSpace(got), want) {
		t.Error("the vectors drift: JUMYLA_UPDATE=1 writes them anew, if that is meant:", err)
	}
}

// refusedColumns are turns whose columns must be refused: each differs from one that must be read in what is named.
func refusedColumns(t *testing.T, c ledger.Chunk) (all []vector) {
	t.Helper()
	for _, v := range []struct {
		what  string
		spoil func(*columns)
	}{
		{"names that stand twice", func(c *columns) { c.reshape(t, func(s *shape) { s.Names[1] = s.Names[0] }) }},
		{"names in another order", func(c *columns) { c.reshape(t, func(s *shape) { slices.Reverse(s.Names) }) }},
		{"more shapes than a message may have", func(c *columns) { c.Shapes = marshalled(t, make([]shape, maxShapes+1)) }},
		{"a number that is left over", func(c *columns) { c.Act = append(c.Act, 0) }},
		{"numbers of nine bytes each", func(c *columns) { c.Act = append(numbers{9}, make([]byte, 9)...) }},
		{"a reference to an identity that was not named", func(c *columns) { c.Record = repeated(len(c.Record)-1, 40) }},
		{"the batch of the entry before, where there is none", func(c *columns) { c.Batch[1] = atOnce }},
		{"a value that is not one", func(c *columns) { c.Values[len(c.Values)-1] = column{Numbers: packed([]int64{1}), Bytes: []byte{0xff}} }},
	} {
		spoilt := apart(c.Runs)
		v.spoil(spoilt)
		m := turn{Session: bytes.Repeat([]byte{3}, 16), Columns: spoilt}
		_, err := m.chunk()
		if err == nil {
			t.Error(v.what, "was taken")
		}
		all = append(all, vector{What: "refused: " + v.what, Turn: hex.EncodeToString(marshalled(t, &m)), Fault: faultOf(err)})
	}
	return all
}

// TestRefusalsAreOfWhatIsSaid: what the vectors spoil can be read but for that.
func TestRefusalsAreOfWhatIsSaid(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, v := range all {
		raw, err := hex.DecodeString(v.Turn)
		if err != nil {
			t.Fatal(err)
		}
		var m turn
		if err := ledger.Unmarshal(raw, &m); err != nil {
			t.Fatal(v.What, err)
		}
		_, err = m.chunk()
		if got := faultOf(err); got != v.Fault {
			t.Errorf("%s: %q, want %q", v.What, got, v.Fault)
		}
		if v.Fault != "" {
			refused++
		}
	}
	if refused == 0 {
		t.Error("no vector is refused")
	}
}

func faultOf(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, errTooLarge):
		return faultLimits
	}
	return faultGarbled
}

// FuzzTurn reads anything: no bytes bring the reader down.
func FuzzTurn(f *testing.F) {
	for _, t := range []turn{{}, {Fault: faultBusy}, {Runs: []thinRun{{Entries: []thinEntry{{At: 3, Bytes: []byte{1, 2, 3}}}}}},
		{Columns: &columns{Runs: []columnRun{{Entries: 1}}, Shapes: []byte{0x81, 0x85, 0x61, 'x', 0, 1, 0xf5, 0x80}, Shape: packed([]int64{1}), Passed: packed([]int64{1}), Count: packed([]int64{1}),
			Act: packed([]int64{1}), Batch: packed([]int64{stamped + newBatch}), Actor: packed([]int64{0}), People: packed([]int64{fresh}), Record: packed([]int64{goesOn}),
			Born: packed([]int64{0, 5, 0}), Step: packed([]int64{1}), Chance: make([]byte, 16), Bodies: make([]byte, 32)}}} {
		b, err := pack(&t)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		in, err := unpack(bytes.NewReader(b))
		if err != nil {
			return
		}
		c, err := in.chunk()
		if err != nil {
			return
		}
		for version := range uint16(3) {
			var again turn
			again.put(c, version)
			back, err := again.chunk()
			if err != nil && !errors.Is(err, errTooLarge) || err == nil && len(back.Runs) != len(c.Runs) {
				t.Fatal("a chunk does not come back as it was:", err)
			}
		}
	})
}

// FuzzColumns reads any turn that is not compressed, so that columns are reached: what comes out is no more than a message may
// hold, and taken apart again it comes back byte for byte.
func FuzzColumns(f *testing.F) {
	raw, err := os.ReadFile(filepath.Join("testdata", "vectors.json"))
	if err != nil {
		f.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(raw, &all); err != nil {
		f.Fatal(err)
	}
	for _, v := range all {
		b, err := hex.DecodeString(v.Turn)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var in turn
		if len(b) > maxTurn || ledger.Unmarshal(b, &in) != nil || in.Columns == nil {
			return
		}
		runs, err := in.Columns.fill()
		if err != nil {
			return
		}
		size := 0
		back, err := apart(runs).fill()
		if err != nil || len(back) != len(runs) {
			t.Fatal("runs do not come back:", len(back), err)
		}
		for i, r := range runs {
			if !slices.EqualFunc(r.Entries, back[i].Entries, bytes.Equal) || back[i].Lane != r.Lane {
				t.Fatalf("run %d comes back otherwise", i)
			}
			for _, raw := range r.Entries {
				size += len(raw)
			}
		}
		if size > maxTurn {
			t.Fatalf("%d bytes came out", size)
		}
	})
}

// FuzzThin reads any turn of version 1 that is not compressed: what comes out is little more than what went in, and goes again.
func FuzzThin(f *testing.F) {
	var prev []byte
	r := ledger.Run{Lane: ledger.Lane{Centre: ledger.ID{1}, Incarnation: 1, Class: ledger.Coord}, Signature: make([]byte, 64)}
	for i := range 5 {
		hash := ledger.HashOf(prev)
		prev = append(append(bytes.Repeat([]byte{byte(i)}, 40), hash[:]...), byte(i))
		r.Entries = append(r.Entries, prev)
	}
	for _, t := range []turn{{}, {Runs: []thinRun{thin(r), {Entries: []thinEntry{{At: 3, Bytes: []byte{1, 2, 3}}}}}}} {
		b, err := ledger.Marshal(t)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var in turn
		if len(b) > maxTurn || ledger.Unmarshal(b, &in) != nil || in.within() != nil {
			return
		}
		in.Columns = nil
		c, err := in.chunk()
		if err != nil {
			return
		}
		size, entries := 0, 0
		for i, run := range c.Runs {
			entries += len(run.Entries)
			for _, raw := range run.Entries {
				size += len(raw)
			}
			back, err := thin(run).fill()
			if err != nil || !slices.EqualFunc(run.Entries, back.Entries, bytes.Equal) {
				t.Fatalf("run %d comes back otherwise: %v", i, err)
			}
		}
		if size > 2*len(b)+32*fewThin*len(c.Runs) || entries > len(b)/leastThin+fewThin*len(c.Runs) {
			t.Fatalf("%d entries of %d bytes came out of %d", entries, size, len(b))
		}
	})
}

func text(s string) []byte {
	b, err := ledger.Marshal(s)
	if err != nil {
		panic(err)
	}
	return b
}

func seed(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}
