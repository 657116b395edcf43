package roads

import "math"

// Side is where a place lies beside a road.
type Side uint8

// The sides, as one drives.
const (
	OnRoad Side = iota // hardly a step away
	Left
	Right
)

// String is the side's name in lower case; "" of a place on the road.
func (s Side) String() string { return [...]string{"", "left", "right"}[s] }

// Snap is where a point lies on the network.
type Snap struct {
	Metres   float64 // from the point to the road
	At       Point   // on the road
	segment  int32   // -1: there is no road
	offset   int32   // from the segment's beginning, in decimetres
	side     Side    // of the segment, from its beginning
	isOnRoad bool
}

// from is the side that the point lies on for who comes over an edge.
func (s Snap) from(edge int32) Side {
	if s.side == OnRoad || edge&1 == 0 {
		return s.side
	}
	return Left + Right - s.side
}

// TooFar is how many metres a point may lie from the nearest road before nothing is said of its ways: a point in the
// sea, or of another city.
const TooFar = 5_000

// OnRoad reports whether ways can begin and end there.
func (s Snap) OnRoad() bool { return s.isOnRoad }

// Snap puts a point on the nearest road that can be left and reached, closed ones passed over: never on a dead end
// behind one-way streets. Metres tells how far that is; where it is more than TooFar, or there is no road at all, the
// point is not on a road.
func (w *Weights) Snap(p Point) Snap {
	out := Snap{Metres: math.Inf(1), segment: -1}
	if math.IsNaN(p.Lat) || math.IsNaN(p.Lon) {
		return out
	}
	lat, lon := fixed(p)
	sc := newScale(lat)
	w.n.tree.nearest(lat, lon, func(s int32) float64 {
		if w.usable(2*s) || w.usable(2*s+1) {
			w.n.snapTo(s, lat, lon, sc, &out)
		}
		return out.Metres
	})
	out.isOnRoad = out.Metres <= TooFar
	return out
}

// usable reports whether a way may begin or end on an edge.
func (w *Weights) usable(e int32) bool {
	if int(e) >= len(w.g.main) || !w.g.main[e] {
		return false
	}
	for _, a := range w.g.arcsOf(e) {
		if w.arc[a] < far {
			return true
		}
	}
	return false
}

// snapTo takes a segment's nearest point where it is nearer than what was found.
func (n *Network) snapTo(s, lat, lon int32, sc scale, best *Snap) {
	var aLat, aLon int32
	metres, nearest := 0.0, -1.0
	first := true
	n.shape(2*s, func(bLat, bLon int32) {
		if !first {
			length := between(aLat, aLon, bLat, bLon)
			d, along := sc.toLine(lat, lon, aLat, aLon, bLat, bLon)
			if d < best.Metres {
				best.Metres, best.segment, nearest = d, s, metres+along*length
				best.side = besides(d, aLat, aLon, bLat, bLon, lat, lon)
				best.At = Point{(float64(aLat) + along*float64(int64(bLat)-int64(aLat))) / 1e7, (float64(aLon) + along*float64(int64(bLon)-int64(aLon))) / 1e7}
			}
			metres += length
		}
		aLat, aLon, first = bLat, bLon, false
	})
	if nearest >= 0 {
		dm := n.segs[s].dm
		best.offset = dm
		if metres > 0 {
			best.offset = min(int32(math.Round(nearest/metres*float64(dm))), dm)
		}
	}
}

// besides is the side of a straight piece that a point lies on.
func besides(metres float64, aLat, aLon, bLat, bLon, lat, lon int32) Side {
	switch {
	case metres < 1:
		return OnRoad
	case sideOf(aLat, aLon, bLat, bLon, lat, lon):
		return Left
	}
	return Right
}

// seed is a node with what it costs to get there from a point, or from there to a point.
type seed struct {
	node int32
	cost cost
	edge int32 // over which
}

// part is the share of an edge's cost that falls on some decimetres of it.
func part(c cost, dm, of int32) cost {
	return newCost(c.Milliseconds()*int64(dm)/int64(of), int64(dm))
}

// begins returns the arc of an edge that somebody takes who starts on it: nothing is under way.
func (w *Weights) begins(e int32) (arc int32, ok bool) {
	for _, a := range w.g.arcsOf(e) {
		if !w.g.copied[w.g.tail[a]] && w.arc[a] < far && w.g.main[e] {
			return a, true
		}
	}
	return 0, false
}

// out returns where one can get from a point without passing a junction.
func (w *Weights) out(s Snap) []seed {
	var seeds []seed
	dm := w.n.segs[s.segment].dm
	for dir, left := range [2]int32{dm - s.offset, s.offset} {
		if a, ok := w.begins(2*s.segment + int32(dir)); ok {
			seeds = append(seeds, seed{w.g.head[a], part(w.arc[a], left, dm), w.g.edge[a]})
		}
	}
	return seeds
}

// in returns from where one can get to a point without passing a junction.
func (w *Weights) in(s Snap) []seed {
	var seeds []seed
	dm := w.n.segs[s.segment].dm
	for dir, way := range [2]int32{s.offset, dm - s.offset} {
		e := 2*s.segment + int32(dir)
		if !w.usable(e) {
			continue
		}
		for _, a := range w.g.arcsOf(e) {
			if w.arc[a] < far {
				seeds = append(seeds, seed{w.g.tail[a], part(w.arc[a], way, dm), e})
			}
		}
	}
	return seeds
}

// straight is what it costs to go along one edge from a point to another on it; far where that is no way.
func (w *Weights) straight(from, to Snap) (cost, int32) {
	if from.segment != to.segment {
		return far, -1
	}
	best, edge := far, int32(-1)
	dm := w.n.segs[from.segment].dm
	for dir, way := range [2]int32{to.offset - from.offset, from.offset - to.offset} {
		e := 2*from.segment + int32(dir)
		if a, ok := w.begins(e); ok && way >= 0 {
			if c := part(w.arc[a], way, dm); c < best {
				best, edge = c, e
			}
		}
	}
	return best, edge
}

// Away is how many metres a point lies from the nearest road, whoever may use it; covered is false for a point beyond the
// extract's roads, of which nothing can be said.
func (n *Network) Away(p Point) (metres float64, covered bool) {
	if math.IsNaN(p.Lat) || math.IsNaN(p.Lon) || len(n.segs) == 0 {
		return math.Inf(1), false
	}
	lat, lon := fixed(p)
	out := Snap{Metres: math.Inf(1), segment: -1}
	sc := newScale(lat)
	n.tree.nearest(lat, lon, func(s int32) float64 {
		n.snapTo(s, lat, lon, sc, &out)
		return out.Metres
	})
	return out.Metres, n.tree.levels[len(n.tree.levels)-1][0].meets(box{lat, lon, lat, lon})
}
