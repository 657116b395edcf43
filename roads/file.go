package roads

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// magic opens a file of roads; its number changes with the format.
const magic = "jumyla roads 1\n"

// magicPlaces opens a file of places.
const magicPlaces = "jumyla places 1\n"

// EncodePlaces writes an extract's places as one file, packed like a network's.
func EncodePlaces(out io.Writer, places []Place) error {
	f := &fields{}
	f.places(&places)
	return pack(out, magicPlaces, f.b)
}

// DecodePlaces reads what EncodePlaces wrote; errors are those of Decode.
func DecodePlaces(in io.Reader) ([]Place, error) {
	b, err := unpack(in, magicPlaces)
	if err != nil {
		return nil, err
	}
	return parsePlaces(b)
}

func parsePlaces(b []byte) ([]Place, error) {
	var places []Place
	f := &fields{b: b, reading: true}
	f.places(&places)
	if f.bad || len(f.b) > 0 {
		return nil, ErrDamaged
	}
	return places, nil
}

// Encode writes the network as one file: the magic line, then a zstd frame with a checksum that holds integers as
// variable-length numbers, each as the difference from the one before. Graphs are not in it, only the order of
// their nodes: they are made again when it is read.
func (n *Network) Encode(out io.Writer) error {
	f := &fields{}
	f.network(n)
	return pack(out, magic, f.b)
}

func pack(out io.Writer, magic string, b []byte) error {
	if _, err := io.WriteString(out, magic); err != nil {
		return fmt.Errorf("write roads: %w", err)
	}
	z, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderCRC(true))
	if err != nil {
		return fmt.Errorf("write roads: %w", err)
	}
	if _, err := z.Write(b); err != nil {
		return fmt.Errorf("write roads: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write roads: %w", err)
	}
	return nil
}

// mostBytes bounds what a file may unpack to.
const mostBytes = 4 << 30

func unpack(in io.Reader, magic string) ([]byte, error) {
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if string(head) != magic {
		if bytes.HasPrefix(head, []byte(magic[:len(magic)-2])) {
			return nil, ErrVersion
		}
		return nil, ErrNotExtract
	}
	z, err := zstd.NewReader(in, zstd.WithDecoderMaxMemory(mostBytes))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer z.Close()
	b, err := io.ReadAll(io.LimitReader(z, mostBytes))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return b, nil
}

// Decode reads what Encode wrote: ErrNotExtract for another file, ErrVersion for another format, ErrDamaged when it
// does not hold together.
func Decode(in io.Reader) (*Network, error) {
	b, err := unpack(in, magic)
	if err != nil {
		return nil, err
	}
	return parse(b)
}

// parse makes a network of what stands in a file.
func parse(b []byte) (*Network, error) {
	n := &Network{}
	f := &fields{b: b, reading: true}
	f.network(n)
	if f.bad || len(f.b) > 0 || !n.sound() {
		return nil, ErrDamaged
	}
	var damaged atomic.Bool
	n.each(func(p Profile) {
		g := n.makeGraph(p)
		if !permutation(n.graphs[p].order, len(g.junction)) {
			damaged.Store(true)
			return
		}
		g.arrange(n.graphs[p].order)
		n.graphs[p] = g
	})
	if damaged.Load() {
		return nil, ErrDamaged
	}
	n.index()
	return n, nil
}

// fields writes values, or reads them in the same order.
type fields struct {
	b       []byte
	reading bool
	bad     bool
}

func (f *fields) number(v int64) int64 {
	if !f.reading {
		f.b = binary.AppendVarint(f.b, v)
		return v
	}
	v, n := binary.Varint(f.b)
	if n <= 0 {
		f.bad, f.b = true, nil
		return 0
	}
	f.b = f.b[n:]
	return v
}

// count is a number of things, each at least a byte long.
func (f *fields) count(n int) int {
	v := f.number(int64(n))
	if f.reading && (v < 0 || v > int64(len(f.b))) {
		f.bad, f.b = true, nil
		return 0
	}
	return int(v)
}

func (f *fields) text(s string) string {
	n := f.count(len(s))
	if !f.reading {
		f.b = append(f.b, s...)
		return s
	}
	if n > len(f.b) {
		f.bad, f.b = true, nil
		return ""
	}
	s = string(f.b[:n])
	f.b = f.b[n:]
	return s
}

// list is a slice, each of whose elements is what each makes of it.
func list[T any](f *fields, s *[]T, each func(v *T)) {
	n := f.count(len(*s))
	if f.reading {
		*s = make([]T, n)
	}
	for i := range *s {
		if f.bad {
			return
		}
		each(&(*s)[i])
	}
}

// ints is a slice of numbers, as differences.
func (f *fields) ints(s *[]int32) {
	last := int64(0)
	list(f, s, func(v *int32) {
		last += f.number(int64(*v) - last)
		if f.reading {
			f.bad = f.bad || last < math.MinInt32 || last > math.MaxInt32
			*v = int32(last)
		}
		last = int64(*v)
	})
}

func (f *fields) small(v *int32) {
	got := f.number(int64(*v))
	f.bad = f.bad || got < 0 || got > math.MaxInt32
	*v = int32(got)
}

func (f *fields) byte(v *uint8) {
	got := f.number(int64(*v))
	f.bad = f.bad || got < 0 || got > math.MaxUint8
	*v = uint8(got)
}

func (f *fields) flag(v *bool) {
	b := uint8(0)
	if *v {
		b = 1
	}
	f.byte(&b)
	*v = b == 1
}

func (f *fields) network(n *Network) {
	f.ints(&n.lat)
	f.ints(&n.lon)
	f.ints(&n.shLat)
	f.ints(&n.shLon)
	f.segments(n)
	list(f, &n.names, func(s *string) { *s = f.text(*s) })
	list(f, &n.attrs, f.attr)
	list(f, &n.conds, func(c *[]Condition) {
		list(f, c, func(w *Condition) {
			f.byte(&w.Days)
			w.From, w.To = int16(f.number(int64(w.From))), int16(f.number(int64(w.To)))
		})
	})
	list(f, &n.turns, func(t *turn) {
		f.ints(&t.from)
		f.ints(&t.via)
		f.ints(&t.to)
		f.flag(&t.only)
		f.small(&t.cond)
	})
	for p := range profiles {
		f.ints(&n.walls[p])
		if f.reading {
			n.graphs[p] = &graph{}
		}
		f.ints(&n.graphs[p].order)
	}
	f.stats(&n.Extract)
}

// segments are written by column: numbers that are alike pack better together.
func (f *fields) segments(n *Network) {
	k := f.count(len(n.segs))
	if f.reading {
		n.segs = make([]segment, k)
	}
	first := int32(0)
	for _, col := range []func(s *segment) *int32{
		func(s *segment) *int32 { return &s.a }, func(s *segment) *int32 { return &s.b },
		func(s *segment) *int32 { return &s.points }, func(s *segment) *int32 { return &s.dm },
		func(s *segment) *int32 { return &s.attr }} {
		last := int64(0)
		for i := range n.segs {
			v := col(&n.segs[i])
			last += f.number(int64(*v) - last)
			f.bad = f.bad || last < 0 || last > math.MaxInt32
			*v = int32(last)
		}
	}
	for i := range n.segs {
		n.segs[i].first = first
		first += n.segs[i].points
		f.bad = f.bad || first < 0
	}
}

func (f *fields) attr(a *attr) {
	c := uint8(a.class)
	for _, v := range []*uint8{&c, &a.car, &a.back, &a.foot} {
		f.byte(v)
	}
	a.class = Class(c)
	for _, v := range []*int32{&a.name, &a.kk, &a.ru, &a.carCond} {
		f.small(v)
	}
	f.flag(&a.roundabout)
}

func (f *fields) stats(s *Stats) {
	for _, v := range []*int{&s.Nodes, &s.Ways, &s.Junctions, &s.Segments, &s.OneWay, &s.Turns, &s.TurnsSkipped, &s.Missing, &s.Named} {
		*v = int(f.number(int64(*v)))
	}
	s.Metres = f.number(s.Metres)
}

// sound reports whether everything that names something names what is there.
func (n *Network) sound() bool {
	in := func(v int32, most int) bool { return v >= 0 && int(v) < most }
	edges := func(list []int32) bool {
		for _, e := range list {
			if !in(e, 2*len(n.segs)) {
				return false
			}
		}
		return true
	}
	ok := len(n.lat) == len(n.lon) && len(n.shLat) == len(n.shLon) && len(n.names) > 0 && len(n.conds) > 0 && len(n.segs) > 0
	for _, s := range n.segs {
		ok = ok && in(s.a, len(n.lat)) && in(s.b, len(n.lat)) && in(s.attr, len(n.attrs)) && s.dm > 0 && int(s.first)+int(s.points) <= len(n.shLat)
	}
	for _, a := range n.attrs {
		ok = ok && in(int32(a.class), int(classes)) && in(a.name, len(n.names)) && in(a.kk, len(n.names)) && in(a.ru, len(n.names)) && in(a.carCond, len(n.conds))
	}
	for _, t := range n.turns {
		ok = ok && in(t.cond, len(n.conds)) && edges(t.from) && edges(t.via) && edges(t.to)
	}
	for _, walls := range n.walls {
		for _, j := range walls {
			ok = ok && in(j, len(n.lat))
		}
	}
	return ok
}

func permutation(order []int32, n int) bool {
	seen := make([]bool, n)
	for _, v := range order {
		if v < 0 || int(v) >= n || seen[v] {
			return false
		}
		seen[v] = true
	}
	return len(order) == n
}

// places are written as they come; coordinates in 1e-7 degrees.
func (f *fields) places(places *[]Place) {
	texts := func(s *[]string) { list(f, s, func(t *string) { *t = f.text(*t) }) }
	var lastLat, lastLon int64
	list(f, places, func(p *Place) {
		kind := uint8(p.Kind)
		f.byte(&kind)
		p.Kind = Kind(kind)
		f.bad = f.bad || p.Kind > Landmark
		texts(&p.Names)
		texts(&p.Street)
		p.House = f.text(p.House)
		lat, lon := fixed(p.At)
		lastLat += f.number(int64(lat) - lastLat)
		lastLon += f.number(int64(lon) - lastLon)
		p.At = Point{float64(lastLat) / 1e7, float64(lastLon) / 1e7}
		f.bad = f.bad || (p.Kind == House) != (len(p.Street) > 0) || p.Kind != House && len(p.Names) == 0
	})
}
