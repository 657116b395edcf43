package country

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// most is how many things a block holds, as other programs have it.
const most = 8000

// write puts everything into blocks: nodes, ways, restrictions.
func (c *maker) write(out io.Writer) error {
	header := bytesOf(nil, 4, []byte("OsmSchema-V0.6"))
	header = bytesOf(header, 4, []byte("DenseNodes"))
	if err := block(out, "OSMHeader", header); err != nil {
		return err
	}
	id := int64(0)
	for part := range slices.Chunk(c.nodes, most) {
		if err := block(out, "OSMData", dense(id, part)); err != nil {
			return err
		}
		id += int64(len(part))
	}
	id = 0
	for part := range slices.Chunk(c.ways, most) {
		t := newTable()
		var group []byte
		for _, w := range part {
			id++
			group = bytesOf(group, 3, t.way(id, w))
		}
		if err := block(out, "OSMData", t.with(group)); err != nil {
			return err
		}
	}
	id = 0
	for part := range slices.Chunk(c.turns, most) {
		t := newTable()
		var group []byte
		for _, r := range part {
			id++
			group = bytesOf(group, 4, t.turn(id, r))
		}
		if err := block(out, "OSMData", t.with(group)); err != nil {
			return err
		}
	}
	return nil
}

func bytesOf(b []byte, num protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), v)
}

func number[T int | int64](b []byte, num protowire.Number, v T) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), uint64(v))
}

// block writes one block of a file.
func block(out io.Writer, kind string, raw []byte) error {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(raw) // a buffer takes everything
	_ = w.Close()
	blob := bytesOf(number(nil, 2, len(raw)), 3, z.Bytes())
	header := number(bytesOf(nil, 1, []byte(kind)), 3, len(blob))
	size := binary.BigEndian.AppendUint32(nil, uint32(len(header))) //nolint:gosec // a few bytes
	for _, b := range [][]byte{size, header, blob} {
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// dense is a block of nodes without tags, by columns of differences; before is how many nodes stand in those before it.
func dense(before int64, part []node) []byte {
	var ids, lats, lons []byte
	var last node
	for i, n := range part {
		step := int64(1)
		if i == 0 {
			step = before + 1
		}
		ids = protowire.AppendVarint(ids, protowire.EncodeZigZag(step))
		lats = protowire.AppendVarint(lats, protowire.EncodeZigZag(int64(n.lat)-int64(last.lat)))
		lons = protowire.AppendVarint(lons, protowire.EncodeZigZag(int64(n.lon)-int64(last.lon)))
		last = n
	}
	group := bytesOf(nil, 2, bytesOf(bytesOf(bytesOf(nil, 1, ids), 8, lats), 9, lons))
	return newTable().with(group)
}

// table is a block's words.
type table struct {
	words []byte
	known map[string]uint64
}

func newTable() *table { return &table{bytesOf(nil, 1, nil), map[string]uint64{"": 0}} }

func (t *table) word(s string) uint64 {
	n, ok := t.known[s]
	if !ok {
		n = uint64(len(t.known))
		t.known[s] = n
		t.words = bytesOf(t.words, 1, []byte(s))
	}
	return n
}

// with is a block of a group and its words.
func (t *table) with(group []byte) []byte { return bytesOf(bytesOf(nil, 1, t.words), 2, group) }

func (t *table) tags(b []byte, all tags) []byte {
	var keys, vals []byte
	for _, kv := range all {
		keys, vals = protowire.AppendVarint(keys, t.word(kv[0])), protowire.AppendVarint(vals, t.word(kv[1]))
	}
	return bytesOf(bytesOf(b, 2, keys), 3, vals)
}

func (t *table) way(id int64, w way) []byte {
	var refs []byte
	last := int64(0)
	for _, r := range w.refs {
		refs = protowire.AppendVarint(refs, protowire.EncodeZigZag(r-last))
		last = r
	}
	return bytesOf(t.tags(number(nil, 1, id), w.tags), 8, refs)
}

func (t *table) turn(id int64, r turn) []byte {
	var roles, refs, kinds []byte
	last := int64(0)
	for _, m := range []struct {
		role string
		ref  int64
		kind uint64
	}{{"from", r.from, 1}, {"via", r.via, 0}, {"to", r.to, 1}} {
		roles = protowire.AppendVarint(roles, t.word(m.role))
		refs = protowire.AppendVarint(refs, protowire.EncodeZigZag(m.ref-last))
		kinds = protowire.AppendVarint(kinds, m.kind)
		last = m.ref
	}
	b := t.tags(number(nil, 1, id), tags{{"type", "restriction"}, {"restriction", "no_straight_on"}})
	return bytesOf(bytesOf(bytesOf(b, 8, roles), 9, refs), 10, kinds)
}
