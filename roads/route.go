package roads

import "slices"

// Route is the fastest way between two points.
type Route struct {
	Seconds, Metres int32
	Shape           []Point // from point to point along the road
	Steps           []Step
	Side            Side // on which the goal lies as one comes
	Joints          []Joint
}

// Joint is where in a way's shape a piece of one road begins, with what of that road is told to a driver.
type Joint struct {
	At int // in Route.Shape
	Pavement
}

// Pavement is what of a road is told to a driver.
type Pavement struct {
	Name, KK, RU      string // as the extract has them; "" where the street has none
	Roundabout, Ferry bool
}

func (n *Network) pavement(at int32) Pavement {
	a := &n.attrs[at]
	return Pavement{n.names[a.name], n.names[a.kk], n.names[a.ru], a.roundabout, a.class == Ferry}
}

// Step is a stretch of one street.
type Step struct {
	Name, KK, RU    string // as the extract has them; "" where the street has none
	Seconds, Metres int32
}

// Route returns the fastest way; ok is false where there is none.
func (w *Weights) Route(from, to Snap) (r Route, ok bool) {
	if !from.OnRoad() || !to.OnRoad() {
		return r, false
	}
	best, edge := w.straight(from, to)
	out, in := w.out(from), w.in(to)
	up, down, top := w.meeting(out, in, &best)
	if best >= far {
		return r, false
	}
	d := &drawing{n: w.n, r: &r}
	if up == nil {
		r.Side = to.from(edge)
		d.along(edge, from.offset, to.offset, best)
	} else {
		first, rising := w.trace(up, out, top)
		last, falling := w.trace(down, in, top)
		d.along(first.edge, from.offset, w.n.offsetOf(first.edge, true), first.cost)
		for _, k := range rising {
			w.unpack(k.low, k.slot, true, d.arc(w))
		}
		for _, k := range slices.Backward(falling) {
			w.unpack(k.low, k.slot, false, d.arc(w))
		}
		r.Side = to.from(last.edge)
		d.along(last.edge, w.n.offsetOf(last.edge, false), to.offset, last.cost)
	}
	d.finish(best)
	return r, true
}

// meeting finds the depth at which going up from one end and from the other costs less together than best does, and makes
// that the best; the stems are nil where there is none.
func (w *Weights) meeting(out, in []seed, best *cost) (up, down *stem, top int) {
	ends := w.g.climb(in, w.down)
	for _, a := range w.g.climb(out, w.up) {
		for _, b := range ends {
			for d := range a.shared(&b) {
				if c := a.cost[d] + b.cost[d]; c < *best {
					*best, up, down, top = c, &a, &b, d
				}
			}
		}
	}
	return up, down, top
}

// offsetOf is where on its segment an edge begins or ends, in decimetres.
func (n *Network) offsetOf(e int32, end bool) int32 {
	if end == (e&1 == 0) {
		return n.segs[e>>1].dm
	}
	return 0
}

// hop is an edge of the hierarchy, by its lower node and its place in up.
type hop struct{ low, slot int32 }

// trace goes back from a depth of a stem to the seed that its cost came from; the hops are in order from the seed.
func (w *Weights) trace(s *stem, seeds []seed, depth int) (seed, []hop) {
	var hops []hop
	for s.from[depth] >= 0 {
		low := s.from[depth]
		hops = append(hops, hop{s.nodes[low], w.g.find(s.nodes[low], s.nodes[depth])})
		depth = int(low)
	}
	slices.Reverse(hops)
	i := slices.IndexFunc(seeds, func(x seed) bool { return x.node == s.nodes[depth] && x.cost == s.cost[depth] })
	return seeds[i], hops
}

// unpack shows the arcs of the graph under an edge of the hierarchy, in order: from its lower node up, or down to it.
func (w *Weights) unpack(low, slot int32, rising bool, arc func(int32)) {
	by := w.downBy[slot]
	if rising {
		by = w.upBy[slot]
	}
	if by >= 0 {
		arc(by)
		return
	}
	x := below(by)
	toLow, toHigh := w.g.find(x, low), w.g.find(x, w.g.up[slot])
	if rising {
		w.unpack(x, toLow, false, arc)
		w.unpack(x, toHigh, true, arc)
		return
	}
	w.unpack(x, toHigh, false, arc)
	w.unpack(x, toLow, true, arc)
}

// drawing collects a way's shape and steps.
type drawing struct {
	n     *Network
	r     *Route
	attr  int32 // of the step under way, plus one
	spent cost  // on it
}

func (d *drawing) arc(w *Weights) func(int32) {
	return func(a int32) {
		e := w.g.edge[a]
		d.along(e, d.n.offsetOf(e, false), d.n.offsetOf(e, true), w.arc[a])
	}
}

// along adds the piece of an edge between two places of its segment.
func (d *drawing) along(e, from, to int32, c cost) {
	at := d.n.segs[e>>1].attr + 1
	if d.attr == 0 || !d.sameStreet(d.attr-1, at-1) {
		d.step()
		d.attr = at
	}
	d.spent += c
	d.r.Joints = append(d.r.Joints, Joint{max(len(d.r.Shape)-1, 0), d.n.pavement(at - 1)})
	d.n.piece(e, from, to, func(p Point) {
		if k := len(d.r.Shape); k == 0 || d.r.Shape[k-1] != p {
			d.r.Shape = append(d.r.Shape, p)
		}
	})
}

func (d *drawing) sameStreet(a, b int32) bool {
	x, y := &d.n.attrs[a], &d.n.attrs[b]
	return x.name == y.name && x.kk == y.kk && x.ru == y.ru
}

// step closes the step under way; one that led nowhere is none.
func (d *drawing) step() {
	if d.attr > 0 && d.spent.Decimetres() > 0 {
		a := d.n.attrs[d.attr-1]
		d.r.Steps = append(d.r.Steps, Step{d.n.names[a.name], d.n.names[a.kk], d.n.names[a.ru], seconds(d.spent), metres(d.spent)})
	}
	d.spent = 0
}

func (d *drawing) finish(total cost) {
	d.step()
	d.r.Seconds, d.r.Metres = seconds(total), metres(total)
}

// piece shows the points of an edge from one place of its segment to another, in decimetres.
func (n *Network) piece(e, from, to int32, each func(Point)) {
	s := &n.segs[e>>1]
	total := 0.0
	var pts []Point
	var ends []float64
	var lastLat, lastLon int32
	n.shape(2*(e>>1), func(lat, lon int32) {
		if len(pts) > 0 {
			total += between(lastLat, lastLon, lat, lon)
		}
		lastLat, lastLon = lat, lon
		pts, ends = append(pts, Point{float64(lat) / 1e7, float64(lon) / 1e7}), append(ends, total)
	})
	at := func(dm int32) float64 { return float64(dm) / float64(s.dm) * total }
	a, b := at(min(from, to)), at(max(from, to))
	out := []Point{interpolate(pts, ends, a)}
	for i, p := range pts {
		if ends[i] > a && ends[i] < b {
			out = append(out, p)
		}
	}
	out = append(out, interpolate(pts, ends, b))
	if from > to {
		slices.Reverse(out)
	}
	for _, p := range out {
		each(p)
	}
}

func interpolate(pts []Point, ends []float64, at float64) Point {
	for i := 1; i < len(pts); i++ {
		if ends[i] >= at && ends[i] > ends[i-1] {
			k := (at - ends[i-1]) / (ends[i] - ends[i-1])
			return Point{pts[i-1].Lat + k*(pts[i].Lat-pts[i-1].Lat), pts[i-1].Lon + k*(pts[i].Lon-pts[i-1].Lon)}
		}
	}
	return pts[len(pts)-1]
}
