package route

import "slices"

// model is a Problem as arrays. Node ids: 3v starts vehicle v's route, 3v+1
// ends it, 3v+2 is its reload; from base on, the jobs and both ends of the
// shipments. A unit is what goes in or out as a whole: a job, or a shipment
// by its pickup.
type model struct {
	p       *Problem
	nv      int
	dims    int
	base    int32
	place   []int32
	at      []int32 // the place as legs know it
	svc     []int32
	visit   []Visit
	pair    []int32 // the other end of a shipment, or -1
	class   []int32
	prio    []int8
	weight  []int64
	price   []int64
	release []int32
	units   []int32 // jobs and pickups
	load    []int32 // node*dims: from the depot
	ship    []int32 // node*dims: on board after a pickup, negative after a delivery
	coll    []int32 // node*dims: to the depot
	home    []int32 // the vehicle in Options.Warm, or -1
	change  int64
	weights Weights
	staged  bool // some jobs have a Release
	reloads bool // some vehicles make several trips

	veh   []vehicle
	spans [][][]Window // by vehicle.kind, then node-base
	near  [][]int32    // by node-base: other nodes, nearest first
	costs []*legs      // by profile
	sizes []int64      // by node-base: for sorting by demand
}

type vehicle struct {
	clock
	p       *Vehicle
	kind    int
	twin    int // vehicles that are the same have the same
	profile int
	legs    *legs
	first   int32 // earliest departure
	end     int32 // latest arrival at the end
	cap     []int32
	stops   int32
	trips   int32
	reload  []Window
	fixed   int64
	frozen  int32
	allow   []bool // by node-base
	checked bool   // has limits that the arrival tests do not know
}

func newModel(p *Problem, warm *Plan) *model {
	nodes := 3*len(p.Vehicles) + len(p.Jobs) + 2*len(p.Shipments)
	m := &model{p: p, nv: len(p.Vehicles), dims: dimensions(p), base: int32(3 * len(p.Vehicles)), change: p.Weights.Change}
	m.place = make([]int32, 0, nodes)
	for i := range p.Vehicles {
		v := &p.Vehicles[i]
		for k, at := range []int{v.Start, v.End, v.Depot} {
			m.add(at, []int32{0, 0, v.Reload}[k], Visit{Kind: Reload}, nil)
		}
	}
	for i := range p.Jobs {
		m.addJob(i)
	}
	for i := range p.Shipments {
		m.addShipment(i)
	}
	m.measure()
	m.weights = m.p.Costs()
	for _, t := range m.p.Travel {
		m.costs = append(m.costs, newLegs(m.p.Places, t, m.weights))
	}
	for i := range p.Vehicles {
		m.addVehicle(i)
	}
	m.homes(warm)
	return m
}

func (m *model) addJob(i int) {
	j := &m.p.Jobs[i]
	m.add(j.Place, j.Service, Visit{Kind: Serve, Index: i}, &j.Demand)
	copy(m.load[len(m.load)-m.dims:], j.Load)
	copy(m.coll[len(m.coll)-m.dims:], j.Collect)
	m.release[len(m.release)-1] = j.Release
	m.staged = m.staged || j.Release > 0
	m.units = append(m.units, int32(len(m.place)-1))
}

func (m *model) addShipment(i int) {
	s := &m.p.Shipments[i]
	m.add(s.Pickup.Place, s.Pickup.Service, Visit{Kind: Pickup, Index: i}, &s.Demand)
	copy(m.ship[len(m.ship)-m.dims:], s.Load)
	m.add(s.Delivery.Place, s.Delivery.Service, Visit{Kind: Deliver, Index: i}, &s.Demand)
	for d, q := range s.Load {
		m.ship[len(m.ship)-m.dims+d] = -q
	}
	n := int32(len(m.place))
	m.pair[n-2], m.pair[n-1] = n-1, n-2
	m.units = append(m.units, n-2)
}

func (m *model) add(place int, svc int32, x Visit, d *Demand) {
	m.place = append(m.place, int32(place))
	m.at = append(m.at, int32(place)+1)
	m.svc = append(m.svc, svc)
	m.visit = append(m.visit, x)
	m.pair = append(m.pair, -1)
	m.home = append(m.home, -1)
	zero := make([]int32, m.dims)
	m.load = append(m.load, zero...)
	m.ship = append(m.ship, zero...)
	m.coll = append(m.coll, zero...)
	if d == nil {
		d = &Demand{}
	}
	m.class = append(m.class, int32(d.Class))
	m.prio = append(m.prio, int8(d.Priority))
	m.weight = append(m.weight, max(d.Weight, 1))
	m.price = append(m.price, d.Price)
	m.release = append(m.release, 0)
}

// measure sizes each node by its load, each dimension relative to the largest.
func (m *model) measure() {
	m.sizes = make([]int64, len(m.place)-int(m.base))
	for d := range m.dims {
		top := int64(1)
		for n := int(m.base); n < len(m.place); n++ {
			top = max(top, int64(m.load[n*m.dims+d]), int64(m.ship[n*m.dims+d]), int64(m.coll[n*m.dims+d]))
		}
		for n := int(m.base); n < len(m.place); n++ {
			k := n*m.dims + d
			m.sizes[n-int(m.base)] += (int64(m.load[k]) + int64(max(m.ship[k], 0)) + int64(m.coll[k])) << 20 / top
		}
	}
}

func (m *model) addVehicle(i int) {
	p := &m.p.Vehicles[i]
	v := vehicle{clock: newClock(m.p, p), p: p, profile: p.Profile, stops: int32(min(p.MaxStops, 1<<30)),
		trips: int32(max(p.Trips, 1)), fixed: p.Fixed + m.p.Weights.Vehicle, frozen: int32(len(p.Frozen)),
		checked: p.MaxSeconds > 0 || p.MaxDriving > 0, cap: make([]int32, m.dims), kind: i, twin: i}
	copy(v.cap, p.Capacity)
	m.reloads = m.reloads || v.trips > 1
	v.legs = m.costs[p.Profile]
	v.first = v.cal[0].From
	v.end = v.cal[len(v.cal)-1].To
	if p.Back > 0 {
		v.end = min(v.end, p.Back)
	}
	v.reload = startSpans(nil, nil, v.cal, nil, int32(p.Depot), p.Reload)
	for k := range m.veh {
		o := &m.veh[k]
		if v.kind == i && slices.Equal(o.cal, v.cal) && slices.Equal(o.p.Closed, p.Closed) {
			v.kind = o.kind
		}
	}
	m.spans = append(m.spans, nil)
	if v.kind == i {
		m.spans[i] = m.kindSpans(&v, int(m.base))
	}
	v.allow = make([]bool, len(m.place)-int(m.base))
	for n := m.base; n < int32(len(m.place)); n++ {
		v.allow[n-m.base] = m.allowed(i, &v, n)
	}
	for _, n := range m.units {
		if o := m.pair[n]; o >= 0 {
			ok := v.allow[n-m.base] && v.allow[o-m.base]
			v.allow[n-m.base], v.allow[o-m.base] = ok, ok
		}
	}
	for k := range m.veh {
		if v.twin == i && m.twins(&m.veh[k], &v) {
			v.twin = m.veh[k].twin
		}
	}
	m.veh = append(m.veh, v)
}

// kindSpans lists when service may begin at each node from first on.
func (m *model) kindSpans(v *vehicle, first int) [][]Window {
	var arena []Window
	out := make([][]Window, 0, len(m.place)-first)
	for n := first; n < len(m.place); n++ {
		at := len(arena)
		arena = startSpans(arena, m.windows(n), v.cal, v.p.Closed, m.place[n], m.svc[n])
		out = append(out, arena[at:len(arena):len(arena)])
	}
	return out
}

func (m *model) windows(n int) []Window {
	switch x := m.visit[n]; x.Kind {
	case Serve:
		return m.p.Jobs[x.Index].Windows
	case Pickup:
		return m.p.Shipments[x.Index].Pickup.Windows
	case Deliver:
		return m.p.Shipments[x.Index].Delivery.Windows
	default:
		return nil
	}
}

func (m *model) allowed(i int, v *vehicle, n int32) bool {
	d := m.p.Demand(m.visit[n])
	if d.Skills&^v.p.Skills != 0 || len(d.Only) > 0 && !slices.Contains(d.Only, i) {
		return false
	}
	if len(m.spans[v.kind][n-m.base]) == 0 {
		return false
	}
	for k := range m.dims {
		at := int(n)*m.dims + k
		if max(m.load[at], m.ship[at], m.coll[at]) > v.cap[k] {
			return false
		}
	}
	return true
}

func (m *model) twins(a, b *vehicle) bool {
	return a.kind == b.kind && a.profile == b.profile && a.p.Start == b.p.Start && a.p.End == b.p.End &&
		a.end == b.end && a.p.Depot == b.p.Depot && a.p.Reload == b.p.Reload && a.trips == b.trips && a.stops == b.stops &&
		a.p.MaxSeconds == b.p.MaxSeconds && a.p.MaxDriving == b.p.MaxDriving && a.fixed == b.fixed && a.frozen+b.frozen == 0 && a.p.Ready == b.p.Ready &&
		slices.Equal(a.cap, b.cap) && slices.Equal(a.allow, b.allow)
}

// homes remembers who had what, for Weights.Change.
func (m *model) homes(warm *Plan) {
	if warm == nil {
		return
	}
	node := m.nodes()
	for _, r := range warm.Routes {
		for _, s := range r.Stops {
			if n, ok := node[s.Visit]; ok && r.Vehicle >= 0 && r.Vehicle < m.nv {
				m.home[n] = int32(r.Vehicle)
			}
		}
	}
}

// nodes finds a visit's node.
func (m *model) nodes() map[Visit]int32 {
	out := make(map[Visit]int32, len(m.place))
	for n := m.base; n < int32(len(m.place)); n++ {
		out[m.visit[n]] = n
	}
	return out
}

// start is the earliest service at a node after an arrival, or never.
func (m *model) start(v int32, n, arrive int32) int32 {
	switch {
	case n >= m.base:
		return firstIn(m.spans[m.veh[v].kind][n-m.base], arrive)
	case n == 3*v+1:
		if arrive > m.veh[v].end {
			return never
		}
		return arrive
	case n == 3*v+2:
		return firstIn(m.veh[v].reload, arrive)
	}
	return max(arrive, m.veh[v].first)
}

// lastStart is the latest service at a node that begins by a deadline, or -1.
func (m *model) lastStart(v int32, n, deadline int32) int32 {
	switch {
	case n >= m.base:
		return lastIn(m.spans[m.veh[v].kind][n-m.base], deadline)
	case n == 3*v+2:
		return lastIn(m.veh[v].reload, deadline)
	}
	return deadline
}

// neighbours lists for each node up to k others, nearest first.
func (m *model) neighbours(k int) {
	n := len(m.place) - int(m.base)
	k = min(k, n-1)
	m.near = make([][]int32, n)
	if m.nv == 0 {
		return
	}
	type far struct {
		d int32
		n int32
	}
	row := make([]far, 0, n)
	c := &m.veh[0].clock
	noon := c.cal[0].From
	for i := range n {
		row = row[:0]
		for o := range n {
			if o == i {
				continue
			}
			a, b := m.place[int(m.base)+i], m.place[int(m.base)+o]
			d := min(c.seconds(a, b, noon), c.seconds(b, a, noon))
			row = append(row, far{d, int32(o)})
		}
		nearest(row, k, func(a, b far) bool { return a.d < b.d || a.d == b.d && a.n < b.n })
		slices.SortFunc(row[:k], func(a, b far) int {
			if a.d != b.d {
				return int(a.d - b.d)
			}
			return int(a.n - b.n)
		})
		m.near[i] = make([]int32, k)
		for j := range k {
			m.near[i][j] = row[j].n + m.base
		}
	}
}

// nearest moves the k smallest to the front, in any order (quickselect).
func nearest[T any](row []T, k int, less func(a, b T) bool) {
	lo, hi := 0, len(row)-1
	for lo < hi && k < len(row) {
		pivot := row[lo+(hi-lo)/2]
		i, j := lo, hi
		for i <= j {
			for less(row[i], pivot) {
				i++
			}
			for less(pivot, row[j]) {
				j--
			}
			if i <= j {
				row[i], row[j] = row[j], row[i]
				i++
				j--
			}
		}
		switch {
		case k-1 <= j:
			hi = j
		case k-1 >= i:
			lo = i
		default:
			return
		}
	}
}
