package tiles

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"

	"github.com/paulmach/orb"

	"github.com/jumyla/jumyla/roads"
)

// version changes with what the tiles hold: an archive of another is built again.
const version = 1

// Attribution is what every map must say.
const Attribution = "© OpenStreetMap contributors"

const (
	magic      = "PMTiles\x03"
	headerSize = 127
	rootMost   = 16384 - headerSize // the specification's bound for the root's directory
	leafSize   = 4096
	gzipped    = 2
	vectorTile = 1
)

// entry says where a tile lies in the archive's data.
type entry struct {
	id             uint64
	offset, length uint64
	run            uint64 // of how many tiles, 0 for a leaf of the directory
}

// writer collects tiles; those that are equal are kept once.
type writer struct {
	entries []entry // offset is the number of its content
	content [][]byte
	known   map[[sha256.Size]byte]uint64
}

func newWriter() *writer { return &writer{known: map[[sha256.Size]byte]uint64{}} }

func (w *writer) tile(z, x, y uint32, b []byte) {
	sum := sha256.Sum256(b)
	n, ok := w.known[sum]
	if !ok {
		n = uint64(len(w.content))
		w.content = append(w.content, b)
		w.known[sum] = n
	}
	w.entries = append(w.entries, entry{tileID(z, x, y), n, uint64(len(b)), 1})
}

// place says where each tile lies when their contents follow in the order of the tiles, and what that order is.
func (w *writer) place() (list []entry, data [][]byte, size uint64) {
	slices.SortFunc(w.entries, func(a, b entry) int { return cmp.Compare(a.id, b.id) })
	at := make([]int64, len(w.content))
	for i := range at {
		at[i] = -1
	}
	for _, e := range w.entries {
		n := e.offset
		if at[n] < 0 {
			at[n] = int64(size)
			data, size = append(data, w.content[n]), size+e.length
		}
		e.offset = uint64(at[n])
		if k := len(list) - 1; k >= 0 && list[k].offset == e.offset && list[k].id+list[k].run == e.id {
			list[k].run++
			continue
		}
		list = append(list, e)
	}
	return list, data, size
}

// write puts everything into one file: header, root, metadata, leaves, tiles.
func (w *writer) write(out io.Writer, first uint32, b orb.Bound) (int64, error) {
	list, data, size := w.place()
	root, leaves := directory(list), []byte(nil)
	if len(root) > rootMost {
		var top []entry
		for part := range slices.Chunk(list, leafSize) {
			leaf := directory(part)
			top = append(top, entry{part[0].id, uint64(len(leaves)), uint64(len(leaf)), 0})
			leaves = append(leaves, leaf...)
		}
		root = directory(top)
	}
	meta, err := json.Marshal(map[string]any{"name": "Jumyla", "jumyla_tiles": version, "attribution": Attribution, "vector_layers": vectorLayers(first)})
	if err != nil {
		return 0, err
	}
	meta = pack(meta)
	h := make([]byte, headerSize)
	copy(h, magic)
	at := uint64(headerSize)
	for i, n := range []uint64{uint64(len(root)), uint64(len(meta)), uint64(len(leaves)), size} {
		binary.LittleEndian.PutUint64(h[8+16*i:], at)
		binary.LittleEndian.PutUint64(h[16+16*i:], n)
		at += n
	}
	for i, n := range []int{len(w.entries), len(list), len(w.content)} {
		binary.LittleEndian.PutUint64(h[72+8*i:], uint64(n))
	}
	h[96], h[97], h[98], h[99], h[100], h[101] = 1, gzipped, gzipped, vectorTile, uint8(first), MaxZoom
	north, west := unproject(b.Min)
	south, east := unproject(b.Max)
	h[118] = uint8(min(first+2, MaxZoom))
	for i, deg := range []float64{west, south, east, north} {
		binary.LittleEndian.PutUint32(h[102+4*i:], uint32(int32(math.Round(deg*1e7))))
	}
	lat, lon := unproject(b.Center())
	binary.LittleEndian.PutUint32(h[119:], uint32(int32(math.Round(lon*1e7))))
	binary.LittleEndian.PutUint32(h[123:], uint32(int32(math.Round(lat*1e7))))
	for _, part := range append([][]byte{h, root, meta, leaves}, data...) {
		if _, err := out.Write(part); err != nil {
			return 0, fmt.Errorf("write tiles: %w", err)
		}
	}
	return int64(at), nil
}

func vectorLayers(first uint32) []map[string]any {
	var out []map[string]any
	for l := range layers {
		fields := map[string]string{"class": "String"}
		for _, f := range []string{"name", "name:kk", "name:ru", "name:en", "ref"} {
			fields[f] = "String"
		}
		out = append(out, map[string]any{"id": l.String(), "minzoom": first, "maxzoom": MaxZoom, "fields": fields})
	}
	return out
}

// directory writes entries by column, as the specification has it.
func directory(list []entry) []byte {
	b := binary.AppendUvarint(nil, uint64(len(list)))
	last := uint64(0)
	for _, e := range list {
		b = binary.AppendUvarint(b, e.id-last)
		last = e.id
	}
	for _, e := range list {
		b = binary.AppendUvarint(b, e.run)
	}
	for _, e := range list {
		b = binary.AppendUvarint(b, e.length)
	}
	for i, e := range list {
		if i > 0 && e.offset == list[i-1].offset+list[i-1].length {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, e.offset+1)
	}
	return pack(b)
}

func pack(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b) // a buffer takes everything
	_ = z.Close()
	return out.Bytes()
}

// unpackMost bounds what a part of an archive may unpack to.
const unpackMost = 64 << 20

func unpack(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", roads.ErrDamaged, err)
	}
	out, err := io.ReadAll(io.LimitReader(z, unpackMost))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", roads.ErrDamaged, err)
	}
	return out, nil
}

// parseDirectory reads what directory wrote.
func parseDirectory(packed []byte) ([]entry, error) {
	b, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	bad := false
	next := func() uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			bad, b = true, nil
			return 0
		}
		b = b[n:]
		return v
	}
	count := next()
	if bad || count > uint64(len(b)) {
		return nil, roads.ErrDamaged
	}
	list := make([]entry, count)
	id := uint64(0)
	for i := range list {
		id += next()
		list[i].id = id
	}
	for i := range list {
		list[i].run = next()
	}
	for i := range list {
		list[i].length = next()
	}
	for i := range list {
		v := next()
		if v == 0 && i > 0 {
			list[i].offset = list[i-1].offset + list[i-1].length
		} else {
			list[i].offset = v - 1
		}
	}
	if bad || len(b) > 0 {
		return nil, roads.ErrDamaged
	}
	return list, nil
}

// tileID is a tile's number: all of the zooms above it, then its place on the Hilbert curve of its own.
func tileID(z, x, y uint32) uint64 {
	id := (uint64(1)<<(2*z) - 1) / 3
	for s := uint32(1) << z >> 1; s > 0; s >>= 1 {
		var rx, ry uint32
		if x&s > 0 {
			rx = 1
		}
		if y&s > 0 {
			ry = 1
		}
		id += uint64(s) * uint64(s) * uint64((3*rx)^ry)
		if ry == 0 {
			if rx == 1 {
				x, y = s-1-x, s-1-y
			}
			x, y = y, x
		}
	}
	return id
}

// Archive is a file of tiles, open for reading by several goroutines.
type Archive struct {
	file io.ReaderAt
	list []entry
	data uint64

	MinZoom                  int
	South, West, North, East float64 // degrees: where the roads are
}

// Open reads an archive's directory: roads.ErrNotExtract for another file, roads.ErrVersion for one of another version of
// the program, roads.ErrDamaged when it does not hold together.
func Open(file io.ReaderAt, size int64) (*Archive, error) {
	h := make([]byte, headerSize)
	if _, err := file.ReadAt(h, 0); err != nil {
		return nil, fmt.Errorf("%w: %w", roads.ErrDamaged, err)
	}
	if string(h[:len(magic)]) != magic {
		return nil, roads.ErrNotExtract
	}
	var parts [4][]byte
	for i := range 3 {
		at, n := binary.LittleEndian.Uint64(h[8+16*i:]), binary.LittleEndian.Uint64(h[16+16*i:])
		if at > uint64(size) || n > uint64(size)-at {
			return nil, roads.ErrDamaged
		}
		parts[i] = make([]byte, n)
		if _, err := file.ReadAt(parts[i], int64(at)); err != nil && n > 0 {
			return nil, fmt.Errorf("%w: %w", roads.ErrDamaged, err)
		}
	}
	if err := ours(parts[1]); err != nil {
		return nil, err
	}
	a := &Archive{file: file, data: binary.LittleEndian.Uint64(h[56:]), MinZoom: int(h[100])}
	length := binary.LittleEndian.Uint64(h[64:])
	if a.data > uint64(size) || length > uint64(size)-a.data {
		return nil, roads.ErrDamaged
	}
	for i, deg := range []*float64{&a.West, &a.South, &a.East, &a.North} {
		*deg = float64(int32(binary.LittleEndian.Uint32(h[102+4*i:]))) / 1e7
	}
	var err error
	if a.list, err = entries(parts[0], parts[2]); err != nil {
		return nil, err
	}
	for i, e := range a.list {
		if e.offset > length || e.length > length-e.offset || e.run == 0 || i > 0 && e.id < a.list[i-1].id+a.list[i-1].run {
			return nil, roads.ErrDamaged
		}
	}
	return a, nil
}

// ours reports, as an error, an archive that this version did not make.
func ours(meta []byte) error {
	b, err := unpack(meta)
	if err != nil {
		return err
	}
	var m struct {
		Version int `json:"jumyla_tiles"`
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return fmt.Errorf("%w: %w", roads.ErrDamaged, err)
	}
	if m.Version != version {
		return roads.ErrVersion
	}
	return nil
}

// entries reads the whole directory, leaves too.
func entries(root, leaves []byte) ([]entry, error) {
	top, err := parseDirectory(root)
	if err != nil {
		return nil, err
	}
	var out []entry
	for _, e := range top {
		if e.run > 0 {
			out = append(out, e)
			continue
		}
		if e.offset > uint64(len(leaves)) || e.length > uint64(len(leaves))-e.offset {
			return nil, roads.ErrDamaged
		}
		leaf, err := parseDirectory(leaves[e.offset : e.offset+e.length])
		if err != nil {
			return nil, err
		}
		out = append(out, leaf...)
	}
	return out, nil
}

// Tile returns a gzipped vector tile; ok is false where the map has nothing there.
func (a *Archive) Tile(z, x, y uint32) (b []byte, ok bool, err error) {
	if z > MaxZoom || x>>z > 0 || y>>z > 0 {
		return nil, false, nil
	}
	id := tileID(z, x, y)
	i := sort.Search(len(a.list), func(i int) bool { return a.list[i].id > id }) - 1
	if i < 0 || id >= a.list[i].id+a.list[i].run {
		return nil, false, nil
	}
	b = make([]byte, a.list[i].length)
	if _, err := a.file.ReadAt(b, int64(a.data+a.list[i].offset)); err != nil {
		return nil, false, fmt.Errorf("%w: %w", roads.ErrDamaged, err)
	}
	return b, true, nil
}
