package roads

import (
	"context"
	"io"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/osm"
)

// Network is the roads of one extract. It is never changed after it is made, and safe for several goroutines.
type Network struct {
	lat, lon []int32 // of junctions, in 1e-7 degrees
	segs     []segment
	shLat    []int32 // points of shapes, those of a segment one after the other
	shLon    []int32
	attrs    []attr
	names    []string
	conds    [][]Condition // conds[0] never holds
	turns    []turn
	walls    [profiles][]int32 // junctions that may not be passed
	graphs   [profiles]*graph
	tree     *tree
	Extract  Stats
}

// Stats tells what was found in an extract, for people.
type Stats struct {
	Nodes, Ways, Junctions, Segments int
	OneWay, Turns, TurnsSkipped      int // restrictions that name what is not there, or in words that are not understood
	Missing                          int // nodes that lie beyond the border of the extract
	Metres                           int64
	Named                            int // ways with a name
}

// segment is a piece of road between two junctions.
type segment struct {
	a, b   int32
	first  int32 // of its points between a and b
	points int32
	dm     int32 // length in decimetres, at least 1
	attr   int32
}

// attr is what segments have in common.
type attr struct {
	speeds
	class        Class
	name, kk, ru int32 // into names
	carCond      int32 // into conds: closed to cars while it holds
	roundabout   bool
}

// An edge is a segment in one direction: 2·segment from a to b, 2·segment+1 back.
func (n *Network) ends(edge int32) (from, to int32) {
	s := &n.segs[edge>>1]
	if edge&1 == 0 {
		return s.a, s.b
	}
	return s.b, s.a
}

// kmh is how fast a profile may use an edge when nothing is in the way; 0: not at all.
func (n *Network) kmh(p Profile, edge int32) uint8 {
	a := &n.attrs[n.segs[edge>>1].attr]
	switch {
	case p == Foot:
		return a.foot
	case edge&1 == 0:
		return a.car
	}
	return a.back
}

// Read makes a network of an extract: .osm.pbf, .osm or .osm.gz. progress may be nil; it is told the share that is
// done, from 0 to 1, by one goroutine at a time. Errors are ErrNotExtract, ErrTruncated, ErrEmpty, ErrTooLarge, or the reader's.
func Read(ctx context.Context, file io.ReadSeeker, progress func(done float64)) (*Network, error) {
	step := func(from, part float64) func(float64) {
		if progress == nil {
			return nil
		}
		return func(d float64) { progress(from + part*d) }
	}
	x, err := readExtract(ctx, file, step(0, 0.5))
	if err != nil {
		return nil, err
	}
	b := builder{x: x, n: &Network{names: []string{""}, conds: [][]Condition{nil}},
		name: map[string]int32{"": 0}, attr: map[attr]int32{}, cond: map[string]int32{}}
	b.junctions()
	b.segments()
	b.restrictions()
	if len(b.n.segs) == 0 {
		return nil, ErrEmpty
	}
	b.stats()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var done atomic.Int32
	b.n.each(func(p Profile) {
		g := b.n.makeGraph(p)
		g.arrange(order(g.undirected(), g.points(b.n)))
		b.n.graphs[p] = g
		if done.Add(1) == 1 && progress != nil {
			progress(0.75)
		}
	})
	if progress != nil {
		progress(1)
	}
	b.n.index()
	return b.n, nil
}

// each does something for every profile, at once.
func (n *Network) each(do func(p Profile)) {
	var busy sync.WaitGroup
	for p := range profiles {
		busy.Go(func() { do(p) })
	}
	busy.Wait()
}

// builder turns an extract into a network.
type builder struct {
	x        *extract
	n        *Network
	junction []int32 // by node of the extract: its junction, or -1
	ways     []wayAt
	name     map[string]int32
	attr     map[attr]int32
	cond     map[string]int32
}

// wayAt says which segments a way became.
type wayAt struct {
	id          int64
	first, last int32 // last not among them
}

// node returns the extract's index of a node, or -1 where the file lacks it.
func (b *builder) node(ref int64) int32 {
	i, ok := slices.BinarySearch(b.x.ids, ref)
	if !ok || b.x.lat[i] == noCoord {
		return -1
	}
	return int32(i)
}

// junctions makes junctions of the nodes where segments end, and notes the walls among them.
func (b *builder) junctions() {
	ends := b.ends()
	b.junction = make([]int32, len(ends))
	for k, end := range ends {
		b.junction[k] = -1
		if !end {
			continue
		}
		j := int32(len(b.n.lat))
		b.junction[k] = j
		b.n.lat, b.n.lon = append(b.n.lat, b.x.lat[k]), append(b.n.lon, b.x.lon[k])
		if tags := b.x.barriers[b.x.ids[k]]; tags != nil {
			car, foot := stops(tags)
			for p, wall := range [profiles]bool{Car: car, Foot: foot} {
				if wall {
					b.n.walls[p] = append(b.n.walls[p], j)
				}
			}
		}
	}
}

// ends marks, by node, where ways end or meet, where they break off at the extract's border, and barriers.
func (b *builder) ends() []bool {
	used, end := make([]bool, len(b.x.ids)), make([]bool, len(b.x.ids))
	for _, w := range b.x.ways {
		if _, ok := classOf(w.tags); !ok {
			continue
		}
		last := int32(-1)
		for _, ref := range w.refs {
			k := b.node(ref)
			switch {
			case k < 0 && last >= 0:
				end[last] = true
			case k >= 0:
				end[k] = end[k] || used[k] || last < 0 || b.x.barriers[ref] != nil
				used[k] = true
			}
			last = k
		}
		if last >= 0 {
			end[last] = true
		}
	}
	for _, t := range b.x.turns {
		if k := b.node(t.viaNode); k >= 0 && used[k] {
			end[k] = true
		}
	}
	return end
}

// segments cuts each way at its junctions.
func (b *builder) segments() {
	for _, w := range b.x.ways {
		c, ok := classOf(w.tags)
		if !ok {
			continue
		}
		a := attr{class: c, speeds: speedsOf(w.tags, c)}
		if a.speeds == (speeds{}) {
			continue
		}
		j := w.tags.Find("junction")
		a.roundabout = j == "roundabout" || j == "circular"
		a.name, a.kk, a.ru = b.word(orElse(w.tags.Find("name"), w.tags.Find("ref"))), b.word(w.tags.Find("name:kk")), b.word(w.tags.Find("name:ru"))
		a.carCond = b.closing(w.tags)
		at, ok := b.attr[a]
		if !ok {
			at = int32(len(b.n.attrs))
			b.attr[a] = at
			b.n.attrs = append(b.n.attrs, a)
		}
		first := int32(len(b.n.segs))
		b.cut(w.refs, at)
		b.ways = append(b.ways, wayAt{w.id, first, int32(len(b.n.segs))})
	}
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (b *builder) word(s string) int32 {
	i, ok := b.name[s]
	if !ok {
		i = int32(len(b.n.names))
		b.name[s] = i
		b.n.names = append(b.n.names, s)
	}
	return i
}

// closing returns the condition under which cars may not enter a way, or 0.
func (b *builder) closing(tags osm.Tags) int32 {
	for _, key := range carKeys {
		if v := tags.Find(key + ":conditional"); v != "" {
			return b.condition(v, func(value string) bool { return slices.Contains(no, value) })
		}
	}
	return 0
}

func (b *builder) condition(text string, closes func(string) bool) int32 {
	if i, ok := b.cond[text]; ok {
		return i
	}
	got := parseConditions(text, closes)
	i := int32(0)
	if len(got) > 0 {
		i = int32(len(b.n.conds))
		b.n.conds = append(b.n.conds, got)
	}
	b.cond[text] = i
	return i
}

func (b *builder) cut(refs []int64, at int32) {
	n := b.n
	open := segment{a: -1, attr: at}
	metres := 0.0
	last := int32(-1)
	for _, ref := range refs {
		k := b.node(ref)
		if k < 0 || k == last {
			if k < 0 { // junctions saw to it that the piece before has ended
				open.a, last = -1, -1
			}
			continue
		}
		if last >= 0 {
			metres += between(b.x.lat[last], b.x.lon[last], b.x.lat[k], b.x.lon[k])
		}
		last = k
		j := b.junction[k]
		if j < 0 {
			n.shLat, n.shLon = append(n.shLat, b.x.lat[k]), append(n.shLon, b.x.lon[k])
			continue
		}
		if open.a >= 0 {
			open.b, open.dm = j, int32(min(max(math.Round(metres*10), 1), math.MaxInt32))
			open.points = int32(len(n.shLat)) - open.first
			n.segs = append(n.segs, open)
		}
		open = segment{a: j, attr: at, first: int32(len(n.shLat))}
		metres = 0
	}
}

func (b *builder) stats() {
	s := &b.n.Extract
	s.Nodes, s.Ways, s.Junctions, s.Segments, s.Missing = len(b.x.ids), len(b.ways), len(b.n.lat), len(b.n.segs), b.x.missing
	s.Turns = len(b.n.turns)
	for _, g := range b.n.segs {
		s.Metres += int64(g.dm) / 10
		if a := b.n.attrs[g.attr]; (a.car == 0) != (a.back == 0) {
			s.OneWay++
		}
	}
	for _, w := range b.x.ways {
		if w.tags.HasTag("name") {
			s.Named++
		}
	}
}

// between is the distance of two points in metres (haversine, mean radius).
func between(lat1, lon1, lat2, lon2 int32) float64 {
	const rad = math.Pi / 180 / 1e7
	p, q := float64(lat1)*rad, float64(lat2)*rad
	dp, dl := (q-p)/2, (float64(lon2)-float64(lon1))*rad/2
	h := math.Sin(dp)*math.Sin(dp) + math.Cos(p)*math.Cos(q)*math.Sin(dl)*math.Sin(dl)
	return 2 * 6_371_008.8 * math.Asin(math.Min(1, math.Sqrt(h)))
}
