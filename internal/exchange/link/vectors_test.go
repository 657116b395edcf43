package link

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/ledger"
)

// vector is a turn as another program would write and read it.
type vector struct {
	What  string `json:"what"`
	Turn  string `json:"turn"`            // its CBOR, before it is compressed
	Whole string `json:"whole,omitempty"` // the CBOR of its chunk, with what the thin runs left out
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
	chunk.put(ledger.Chunk{Runs: []ledger.Run{run}})
	turns := []struct {
		what string
		turn turn
	}{
		{"the caller's first", turn{Hello: hello, Have: &ledger.Have{Lanes: []ledger.LaneHeads{{Lane: lane, Heads: []ledger.Head{at}}}}, Room: firstSize}},
		{"a chunk", chunk},
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

// FuzzTurn reads anything: no bytes bring the reader down.
func FuzzTurn(f *testing.F) {
	for _, t := range []turn{{}, {Fault: faultBusy}, {Runs: []thinRun{{Entries: []thinEntry{{At: 3, Bytes: []byte{1, 2, 3}}}}}}} {
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
		var again turn
		again.put(c)
		back, err := again.chunk()
		if err != nil || len(back.Runs) != len(c.Runs) {
			t.Fatal("a chunk does not come back as it was:", err)
		}
	})
}

func seed(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}
