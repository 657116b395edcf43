package tiles

import (
	"context"
	"io"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/osm"

	"github.com/jumyla/jumyla/roads"
)

// world is how many units go around the earth.
const world = 1 << 26

// lost marks a node that the extract lacks.
var lost = orb.Point{math.NaN(), math.NaN()}

// reader gathers what an extract draws.
type reader struct {
	rels    []relation
	members []int64 // ways that relations need, ascending
	ways    []way   // by id
	ids     []int64 // nodes that ways use, ascending
	at      []orb.Point
	out     []feature
}

type relation struct {
	tags         osm.Tags
	outer, inner []int64
}

type way struct {
	id   int64
	refs []int64
	tags osm.Tags
	done bool // drawn as part of a relation
}

// read returns the features of an extract, in no order that means anything.
func read(ctx context.Context, file io.ReadSeeker) ([]feature, error) {
	r := &reader{}
	passes := []struct {
		keep roads.Keep
		each func(osm.Object)
	}{
		{roads.Keep{SkipNodes: true, SkipWays: true, FilterRelation: isArea}, r.relation},
		{roads.Keep{SkipNodes: true, SkipRelations: true, FilterWay: r.wantsWay}, r.way},
		{roads.Keep{SkipWays: true, SkipRelations: true, FilterNode: r.wantsNode}, r.node},
	}
	for i, p := range passes {
		if err := roads.Scan(ctx, file, p.keep, p.each); err != nil {
			return nil, err
		}
		r.settle(i)
	}
	r.relations()
	r.drawWays()
	return r.out, nil
}

func (r *reader) relation(o osm.Object) {
	rel, ok := o.(*osm.Relation)
	if !ok || !isArea(rel) {
		return
	}
	out := relation{tags: kept(rel.Tags)}
	for _, m := range rel.Members {
		switch {
		case m.Type != osm.TypeWay: // a relation in a relation, even in itself, draws nothing
		case m.Role == "inner":
			out.inner = append(out.inner, m.Ref)
		default:
			out.outer = append(out.outer, m.Ref)
		}
	}
	r.members = append(append(r.members, out.outer...), out.inner...)
	r.rels = append(r.rels, out)
}

// wantsWay is asked by several decoders at once, as wantsNode is.
func (r *reader) wantsWay(w *osm.Way) bool {
	if len(w.Nodes) < 2 {
		return false
	}
	_, member := slices.BinarySearch(r.members, int64(w.ID))
	return member || drawn(w.Tags)
}

func (r *reader) way(o osm.Object) {
	w, ok := o.(*osm.Way)
	if !ok || !r.wantsWay(w) {
		return
	}
	out := way{id: int64(w.ID), refs: make([]int64, len(w.Nodes)), tags: kept(w.Tags)}
	for i, n := range w.Nodes {
		out.refs[i] = int64(n.ID)
	}
	r.ids = append(r.ids, out.refs...)
	r.ways = append(r.ways, out)
}

func (r *reader) wantsNode(n *osm.Node) bool {
	if _, ok := slices.BinarySearch(r.ids, int64(n.ID)); ok {
		return true
	}
	return len(n.Tags) > 0 && len(pointsOf(n.Tags)) > 0
}

func (r *reader) node(o osm.Object) {
	n, ok := o.(*osm.Node)
	if !ok || math.IsNaN(n.Lat) || math.IsNaN(n.Lon) || math.Abs(n.Lat) > 85 || math.Abs(n.Lon) > 180 {
		return
	}
	at := project(n.Lat, n.Lon)
	if i, ok := slices.BinarySearch(r.ids, int64(n.ID)); ok {
		r.at[i] = at
	}
	for _, f := range pointsOf(n.Tags) {
		r.add(f, at)
	}
}

// project puts degrees on the square of the world, y down.
func project(lat, lon float64) orb.Point {
	s := math.Sin(lat * math.Pi / 180)
	return orb.Point{(lon + 180) / 360 * world, (0.5 - math.Log((1+s)/(1-s))/(4*math.Pi)) * world}
}

// unproject is the way back.
func unproject(p orb.Point) (lat, lon float64) {
	return math.Atan(math.Sinh(math.Pi*(1-2*p[1]/world))) * 180 / math.Pi, p[0]/world*360 - 180
}

// settle puts in order what a pass has brought, each thing once.
func (r *reader) settle(pass int) {
	switch pass {
	case 0:
		slices.Sort(r.members)
		r.members = slices.Compact(r.members)
	case 1:
		slices.SortStableFunc(r.ways, func(a, b way) int { return int(min(1, max(-1, a.id-b.id))) })
		r.ways = slices.CompactFunc(r.ways, func(a, b way) bool { return a.id == b.id })
		slices.Sort(r.ids)
		r.ids = slices.Clip(slices.Compact(r.ids))
		r.at = make([]orb.Point, len(r.ids))
		for i := range r.at {
			r.at[i] = lost
		}
	}
}

func (r *reader) find(id int64) *way {
	i, ok := slices.BinarySearchFunc(r.ways, id, func(w way, id int64) int { return int(min(1, max(-1, w.id-id))) })
	if !ok {
		return nil
	}
	return &r.ways[i]
}

// point returns where a node is; lost where the extract lacks it.
func (r *reader) point(ref int64) orb.Point {
	if i, ok := slices.BinarySearch(r.ids, ref); ok {
		return r.at[i]
	}
	return lost
}

// sane reports whether a shape can be on a map: no piece of it is longer than a degree.
func sane(points []orb.Point) bool {
	for i := 1; i < len(points); i++ {
		if math.Hypot(points[i][0]-points[i-1][0], points[i][1]-points[i-1][1]) > world/360 {
			return false
		}
	}
	return len(points) > 1
}

func (r *reader) add(f feature, shape orb.Geometry) {
	f.shape, f.bound = shape, shape.Bound()
	r.out = append(r.out, f)
}

// relations draws areas of many ways. An outer way that says the same is not drawn once more.
func (r *reader) relations() {
	for i := range r.rels {
		rel := &r.rels[i]
		s, tags, ok := r.styleOf(rel)
		outers := r.rings(rel.outer)
		if !ok || len(outers) == 0 {
			continue
		}
		for _, id := range rel.outer {
			if w := r.find(id); w != nil {
				own, ok := areaOf(w.tags)
				w.done = w.done || ok && own == s
			}
		}
		for _, shape := range polygons(outers, r.rings(rel.inner)) {
			r.area(s, tags, shape)
		}
	}
}

// styleOf says how a relation is drawn. Where it says nothing itself, its outer ways say what it is.
func (r *reader) styleOf(rel *relation) (style, osm.Tags, bool) {
	if s, ok := areaOf(rel.tags); ok {
		return s, rel.tags, true
	}
	for _, id := range rel.outer {
		if w := r.find(id); w != nil {
			if s, ok := areaOf(w.tags); ok {
				return s, w.tags, true
			}
		}
	}
	return style{}, nil, false
}

// area draws one area, with its name where a crew would look for it.
func (r *reader) area(s style, tags osm.Tags, shape orb.Polygon) {
	r.add(feature{style: s}, shape)
	middle := shape.Bound().Center()
	for _, p := range pointsOf(tags) {
		r.add(p, middle)
	}
	if n := namesOf(tags); n.name != "" && (s.layer == green || s.layer == water) {
		r.add(feature{style: style{mark, s.layer.String(), max(s.named, 12), max(s.named, 12)}, names: n}, middle)
	}
}

// lineKey is what ways must have in common to become one line.
type lineKey struct {
	style
	names
}

// drawWays draws the ways themselves: lines that go on in one another as one.
func (r *reader) drawWays() {
	chains, order := map[lineKey][][]int64{}, []lineKey(nil)
	for i := range r.ways {
		w := &r.ways[i]
		if w.done {
			continue
		}
		s, ok := lineOf(w.tags)
		if !ok {
			r.closed(w)
			continue
		}
		k := lineKey{s, namesOf(w.tags)}
		if chains[k] == nil {
			order = append(order, k)
		}
		chains[k] = append(chains[k], w.refs)
	}
	for _, k := range order {
		for _, chain := range join(chains[k]) {
			for _, l := range r.pieces(chain) {
				r.add(feature{style: k.style, names: k.names}, l)
			}
		}
	}
}

// closed draws a way that is an area, or that only shows something in its middle.
func (r *reader) closed(w *way) {
	ring, ok := r.ring(w.refs)
	if !ok {
		return
	}
	if s, ok := areaOf(w.tags); ok {
		r.area(s, w.tags, orb.Polygon{turn(ring, orb.CCW)})
		return
	}
	for _, p := range pointsOf(w.tags) {
		r.add(p, ring.Bound().Center())
	}
}

// pieces are the parts of a chain between the nodes that the extract lacks.
func (r *reader) pieces(chain []int64) []orb.LineString {
	var out []orb.LineString
	var l orb.LineString
	for _, ref := range chain {
		p := r.point(ref)
		if math.IsNaN(p[0]) {
			out, l = append(out, l), nil
			continue
		}
		l = append(l, p)
	}
	out = append(out, l)
	return slices.DeleteFunc(out, func(l orb.LineString) bool { return !sane(l) })
}
