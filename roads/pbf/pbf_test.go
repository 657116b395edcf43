package pbf

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmpbf"
	"google.golang.org/protobuf/encoding/protowire"
)

// data are real extracts that stand beside the project; tests that want them skip without.
const data = "../../../shared/data/roads"

var extracts = []string{"almaty-2013.osm.pbf", "liechtenstein-2015.osm.pbf", "andorra-2013.osm.pbf"}

func opened(tb testing.TB, name string) *os.File {
	tb.Helper()
	f, err := os.Open(filepath.Join(data, name))
	if err != nil {
		tb.Skipf("SKIPPED, no extract %s beside the project: %v", name, err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return f
}

// said writes an object down as far as roads and maps read it.
func said(o osm.Object) string {
	switch o := o.(type) {
	case *osm.Node:
		return fmt.Sprintf("n%d %.9f %.9f %v", o.ID, o.Lat, o.Lon, o.Tags)
	case *osm.Way:
		return fmt.Sprintf("w%d %v %v", o.ID, o.Nodes.NodeIDs(), o.Tags)
	case *osm.Relation:
		out := fmt.Sprintf("r%d %v", o.ID, o.Tags)
		for _, m := range o.Members {
			out += fmt.Sprintf(" %s/%d/%s", m.Type, m.Ref, m.Role)
		}
		return out
	}
	return "?"
}

// TestBlocksSayWhatAnotherReaderSays compares every object of every extract with what a reader of other authors finds.
func TestBlocksSayWhatAnotherReaderSays(t *testing.T) {
	for _, name := range extracts {
		f := opened(t, name)
		theirs := osmpbf.New(t.Context(), f, 1)
		ours := New(t.Context(), opened(t, name), Keep{})
		n := 0
		for theirs.Scan() {
			n++
			if !ours.Scan() {
				t.Fatalf("%s ends after %d objects: %v", name, n, ours.Err())
			}
			if a, b := said(theirs.Object()), said(ours.Object()); a != b {
				t.Fatalf("%s, object %d:\n%s\n%s", name, n, a, b)
			}
		}
		if theirs.Err() != nil || ours.Scan() || ours.Err() != nil || n < 1000 {
			t.Errorf("%s: %d objects, %v, %v", name, n, theirs.Err(), ours.Err())
		}
		_ = theirs.Close()
	}
}

// block of a file: its kind and bytes.
func fileBlock(kind string, raw []byte) []byte {
	blob := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), raw)
	header := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), kind)
	header = protowire.AppendVarint(protowire.AppendTag(header, 3, protowire.VarintType), uint64(len(blob)))
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(header))), header...), blob...)
}

func packed(num protowire.Number, vs ...uint64) []byte {
	var b []byte
	for _, v := range vs {
		b = protowire.AppendVarint(b, v)
	}
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), b)
}

func number(num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), v)
}

func message(num protowire.Number, parts ...[]byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), bytes.Join(parts, nil))
}

func zig(v int64) uint64 { return protowire.EncodeZigZag(v) }

// plain is an extract whose nodes stand alone, as some programs write them.
func plain() []byte {
	words := [][]byte{message(1), message(1, []byte("highway")), message(1, []byte("residential")), message(1, []byte("name")), message(1, []byte("Абай"))}
	nodes := [][]byte{message(1, number(1, zig(1)), number(8, zig(430000000)), number(9, zig(760000000))), message(1, number(1, zig(2)), number(8, zig(430100000)), number(9, zig(760000000)))}
	way := message(3, number(1, 7), packed(2, 1, 3), packed(3, 2, 4), packed(8, zig(1), zig(1)))
	return append(fileBlock("OSMHeader", nil), fileBlock("OSMData", bytes.Join([][]byte{message(1, words...), message(2, nodes...), message(2, way)}, nil))...)
}

func TestNodesThatStandAlone(t *testing.T) {
	s := New(t.Context(), bytes.NewReader(plain()), Keep{})
	var got []string
	for s.Scan() {
		got = append(got, said(s.Object()))
	}
	want := []string{"n1 43.000000000 76.000000000 []", "n2 43.010000000 76.000000000 []", "w7 [1 2] [{highway residential} {name Абай}]"}
	if !slices.Equal(got, want) || s.Err() != nil {
		t.Errorf("%q %v", got, s.Err())
	}
}

// each goes through bytes as an extract and returns what came of it.
func each(ctx context.Context, file []byte) error {
	s := New(ctx, bytes.NewReader(file), Keep{})
	for s.Scan() {
		_ = said(s.Object())
	}
	return s.Err()
}

// TestDamagedBlocksEndInWords changes bytes inside the blocks of a real extract, where nothing but the reader's own care
// stands between them and its memory.
func TestDamagedBlocksEndInWords(t *testing.T) {
	f := opened(t, extracts[0])
	var raw [][]byte
	for {
		kind, blob, err := readBlob(f)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if kind == "OSMData" {
			b, err := inflate(blob)
			if err != nil {
				t.Fatal(err)
			}
			raw = append(raw, b)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	damaged := 0
	for i := range 300 {
		b := bytes.Clone(raw[i%len(raw)])
		for range 1 + r.IntN(4) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		if i%5 == 0 {
			b = b[:r.IntN(len(b))]
		}
		switch err := each(t.Context(), append(fileBlock("OSMHeader", nil), fileBlock("OSMData", b)...)); {
		case err != nil:
			damaged++
		}
	}
	if damaged < 50 {
		t.Errorf("only %d of 300 were noticed", damaged)
	}
}

func FuzzBlocks(f *testing.F) {
	f.Add(plain())
	f.Add(append(fileBlock("OSMHeader", nil), fileBlock("OSMData", message(2, message(2, packed(1, 2, 2), packed(8, 2, 2), packed(9, 2, 2), packed(10, 1, 2, 0, 0))))...))
	f.Add(append(fileBlock("OSMHeader", nil), 0xff, 0xff, 0xff, 0xff))
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = each(t.Context(), b)
		_, _ = (&Keep{}).decode(b) // a block as it stands
	})
}
