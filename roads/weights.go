package roads

import "slices"

// Closure is an area that may not be entered: a ring of corners, at least three.
type Closure []Point

// Point is a place in degrees.
type Point struct{ Lat, Lon float64 }

// Weights is what roads cost one profile at a moment, closed areas left out. It is never changed and safe for
// several goroutines. Making one takes milliseconds for a city; keep it while the moment's period lasts.
type Weights struct {
	n *Network
	p Profile
	g *graph
	*metric
}

// Weights reckons what roads cost. A drive that begins at a moment is reckoned with the speeds of its period all the
// way; a Day puts periods together.
func (n *Network) Weights(p Profile, at Moment, closures ...Closure) *Weights {
	g := n.graphs[p]
	w := &Weights{n: n, p: p, g: g}
	shut := n.touched(closures)
	closed := make([]bool, len(n.conds))
	for i, c := range n.conds {
		closed[i] = slices.ContainsFunc(c, func(c Condition) bool { return c.Holds(at) })
	}
	barred := make([]bool, len(g.hours))
	for i, set := range g.hours {
		barred[i] = slices.ContainsFunc(set, func(c int32) bool { return closed[c] })
	}
	period := PeriodAt(at.Minute)
	arc := make([]cost, len(g.edge))
	for i, e := range g.edge {
		arc[i] = n.edgeCost(p, e, period)
		carCond := n.attrs[n.segs[e>>1].attr].carCond
		if shut[e>>1] || p == Car && (barred[g.cond[i]] || closed[carCond]) {
			arc[i] = far
		}
	}
	w.metric = g.customize(g.tail, g.head, arc)
	return w
}

// edgeCost is what an open edge costs: its length at its speed, as much of it as traffic leaves. One that takes longer than
// costs can tell, half round the world at a walk, is none.
func (n *Network) edgeCost(p Profile, e int32, period Period) cost {
	s := n.segs[e>>1]
	share := int64(100)
	if p == Car {
		share = int64(traffic[period][n.attrs[s.attr].class])
	}
	per := int64(n.kmh(p, e)) * share
	ms := (int64(s.dm)*36_000 + per - 1) / per
	if ms >= int64(far>>32) {
		return far
	}
	return newCost(ms, int64(s.dm))
}

// touched marks the segments that enter a closed area.
func (n *Network) touched(closures []Closure) []bool {
	out := make([]bool, len(n.segs))
	for _, c := range closures {
		if len(c) < 3 {
			continue
		}
		n.tree.each(c.box(), func(s int32) {
			out[s] = out[s] || n.enters(s, c)
		})
	}
	return out
}

func (c Closure) box() box {
	b := emptyBox
	for _, p := range c {
		b = b.with(fixed(p))
	}
	return b
}

// fixed is a point in the network's units.
func fixed(p Point) (lat, lon int32) {
	clamp := func(v, most float64) int32 { return int32(max(min(v, most), -most) * 1e7) }
	return clamp(p.Lat, 90), clamp(p.Lon, 180)
}

// enters reports whether a segment has a point inside an area or crosses its border.
func (n *Network) enters(s int32, c Closure) bool {
	var lastLat, lastLon int32
	entered, first := false, true
	n.shape(2*s, func(lat, lon int32) {
		if !entered {
			entered = c.holds(lat, lon) || !first && c.crossed(lastLat, lastLon, lat, lon)
		}
		lastLat, lastLon, first = lat, lon, false
	})
	return entered
}

// holds reports whether a point lies inside, by counting borders to its north.
func (c Closure) holds(lat, lon int32) bool {
	in := false
	for i := range c {
		aLat, aLon := fixed(c[i])
		bLat, bLon := fixed(c[(i+1)%len(c)])
		if (aLon > lon) != (bLon > lon) && float64(lat) < float64(aLat)+float64(lon-aLon)/float64(bLon-aLon)*float64(bLat-aLat) {
			in = !in
		}
	}
	return in
}

func (c Closure) crossed(aLat, aLon, bLat, bLon int32) bool {
	for i := range c {
		cLat, cLon := fixed(c[i])
		dLat, dLon := fixed(c[(i+1)%len(c)])
		if sideOf(aLat, aLon, bLat, bLon, cLat, cLon) != sideOf(aLat, aLon, bLat, bLon, dLat, dLon) &&
			sideOf(cLat, cLon, dLat, dLon, aLat, aLon) != sideOf(cLat, cLon, dLat, dLon, bLat, bLon) {
			return true
		}
	}
	return false
}

// sideOf reports whether the third point lies to the left of the line through the first two.
func sideOf(aLat, aLon, bLat, bLon, lat, lon int32) bool {
	return (int64(bLon)-int64(aLon))*(int64(lat)-int64(aLat))-(int64(bLat)-int64(aLat))*(int64(lon)-int64(aLon)) > 0
}

// shape shows the points of an edge in its direction, both ends too.
func (n *Network) shape(edge int32, each func(lat, lon int32)) {
	s := &n.segs[edge>>1]
	from, to := n.ends(edge)
	each(n.lat[from], n.lon[from])
	for i := range s.points {
		k := s.first + i
		if edge&1 == 1 {
			k = s.first + s.points - 1 - i
		}
		each(n.shLat[k], n.shLon[k])
	}
	each(n.lat[to], n.lon[to])
}
