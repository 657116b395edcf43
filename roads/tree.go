package roads

import (
	"math"
	"slices"
)

// box is a rectangle in 1e-7 degrees, its borders part of it.
type box struct{ south, west, north, east int32 }

var emptyBox = box{math.MaxInt32, math.MaxInt32, math.MinInt32, math.MinInt32}

func (b box) with(lat, lon int32) box {
	return box{min(b.south, lat), min(b.west, lon), max(b.north, lat), max(b.east, lon)}
}

func (b box) and(o box) box {
	return b.with(o.south, o.west).with(o.north, o.east)
}

func (b box) meets(o box) bool {
	return b.south <= o.north && o.south <= b.north && b.west <= o.east && o.west <= b.east
}

// fan is how many boxes a node of the tree holds.
const fan = 16

// tree finds segments by place: a packed R-tree, sorted along a Z-order curve (Kamel, Faloutsos: On Packing R-trees,
// CIKM 1993, with Morton's order for Hilbert's).
type tree struct {
	items  []int32 // segments
	levels [][]box // levels[0] by item; each level has a box for fan of the level below
}

// index builds the tree over the segments' shapes.
func (n *Network) index() {
	boxes := make([]box, len(n.segs))
	t := &tree{items: make([]int32, len(n.segs))}
	key := make([]uint64, len(n.segs))
	for s := range boxes {
		b := emptyBox
		n.shape(int32(2*s), func(lat, lon int32) { b = b.with(lat, lon) })
		boxes[s], t.items[s] = b, int32(s)
		key[s] = morton(b.south/2+b.north/2, b.west/2+b.east/2)
	}
	slices.SortFunc(t.items, func(a, b int32) int {
		if key[a] != key[b] {
			if key[a] < key[b] {
				return -1
			}
			return 1
		}
		return compare(a, b)
	})
	level := make([]box, len(boxes))
	for i, s := range t.items {
		level[i] = boxes[s]
	}
	for t.levels = append(t.levels, level); len(level) > 1; t.levels = append(t.levels, level) {
		next := make([]box, 0, len(level)/fan+1)
		for i := 0; i < len(level); i += fan {
			b := emptyBox
			for _, o := range level[i:min(i+fan, len(level))] {
				b = b.and(o)
			}
			next = append(next, b)
		}
		level = next
	}
	n.tree = t
}

// morton interleaves the bits of two coordinates.
func morton(lat, lon int32) uint64 {
	spread := func(v int32) uint64 {
		x := uint64(uint32(v) ^ 1<<31)
		x = (x | x<<16) & 0x0000ffff0000ffff
		x = (x | x<<8) & 0x00ff00ff00ff00ff
		x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
		x = (x | x<<2) & 0x3333333333333333
		return (x | x<<1) & 0x5555555555555555
	}
	return spread(lat)<<1 | spread(lon)
}

// each shows the segments whose box meets b.
func (t *tree) each(b box, see func(segment int32)) {
	if len(t.items) > 0 {
		t.walk(len(t.levels)-1, 0, b, see)
	}
}

func (t *tree) walk(level, i int, b box, see func(int32)) {
	if !t.levels[level][i].meets(b) {
		return
	}
	if level == 0 {
		see(t.items[i])
		return
	}
	for k := i * fan; k < min((i+1)*fan, len(t.levels[level-1])); k++ {
		t.walk(level-1, k, b, see)
	}
}

// nearest goes through segments by the distance of their boxes from a point, nearest first, as long as see answers
// with a distance that a nearer box could better. Distances are metres.
func (t *tree) nearest(lat, lon int32, see func(segment int32) (best float64)) {
	type entry struct {
		d        float64
		level, i int
	}
	scale := newScale(lat)
	heap := []entry{{0, len(t.levels) - 1, 0}}
	less := func(a, b entry) bool { return a.d < b.d }
	best := math.Inf(1)
	for len(heap) > 0 && len(t.items) > 0 {
		e := heap[0]
		heap = pop(heap, less)
		if e.d > best {
			return
		}
		if e.level == 0 {
			best = see(t.items[e.i])
			continue
		}
		for k := e.i * fan; k < min((e.i+1)*fan, len(t.levels[e.level-1])); k++ {
			if d := scale.toBox(lat, lon, t.levels[e.level-1][k]); d <= best {
				heap = push(heap, entry{d, e.level - 1, k}, less)
			}
		}
	}
}

func push[T any](h []T, v T, less func(a, b T) bool) []T {
	h = append(h, v)
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if !less(h[i], h[up]) {
			break
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
	return h
}

func pop[T any](h []T, less func(a, b T) bool) []T {
	last := len(h) - 1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		k := 2*i + 1
		if k >= last {
			return h
		}
		if k+1 < last && less(h[k+1], h[k]) {
			k++
		}
		if !less(h[k], h[i]) {
			return h
		}
		h[i], h[k] = h[k], h[i]
		i = k
	}
}

// scale turns differences of coordinates near a latitude into metres.
type scale struct{ north, east float64 }

func newScale(lat int32) scale {
	const degree = 6_371_008.8 * math.Pi / 180 / 1e7
	return scale{degree, degree * math.Cos(float64(lat)/1e7*math.Pi/180)}
}

func (s scale) toBox(lat, lon int32, b box) float64 {
	north := float64(max(0, int64(b.south)-int64(lat), int64(lat)-int64(b.north)))
	east := float64(max(0, int64(b.west)-int64(lon), int64(lon)-int64(b.east)))
	return math.Hypot(north*s.north, east*s.east)
}

// toLine returns the distance of a point from a straight piece, and where along it the nearest point lies, from 0 to 1.
func (s scale) toLine(lat, lon, aLat, aLon, bLat, bLon int32) (metres, along float64) {
	x, y := float64(int64(lon)-int64(aLon))*s.east, float64(int64(lat)-int64(aLat))*s.north
	dx, dy := float64(int64(bLon)-int64(aLon))*s.east, float64(int64(bLat)-int64(aLat))*s.north
	if l := dx*dx + dy*dy; l > 0 {
		along = max(0, min(1, (x*dx+y*dy)/l))
	}
	return math.Hypot(x-along*dx, y-along*dy), along
}
