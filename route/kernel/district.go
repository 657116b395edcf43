package kernel

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Beyond manyStops a plan is searched by districts: some routes that lie together are a
// problem of their own, small enough for the nearest memory, and several are searched
// at once. A step within one is a step of the whole plan. From time to time the plan
// is divided anew.
const (
	manyStops      = 250
	tooMany        = 600 // up to so many stops a plan whose routes have longRoutes is searched whole
	longRoutes     = 20  // when a part of the budget tells that it has so many steps for each stop
	wholeSteps     = 2000
	wholePart      = 20
	districtStops  = 200 // a district has about so many
	districtRoutes = 5   // or more, so that it has as many routes
	districtSteps  = 40  // for each stop, until the next division
)

// town is a plan that is searched by districts.
type town struct {
	m         *model
	dice      *Dice
	logs      []float64
	fleet     int      // no more routes than this
	hunting   bool     // for fewer routes
	single    bool     // for one route less in all, not in each district
	plan      Solution // the present one, as of the last division
	best      Solution
	missed    []int64 // by unit, as walk's
	districts []*district
	left      int64   // steps until the next division
	in        []int32 // by stop: its district
	as        []int32 // by stop: which it is there
}

// district is the walk of a part.
type district struct {
	walk  *walk
	stops []int32 // by its stop: the whole's
}

// newTown begins with a plan, and keeps to so many routes.
func newTown(m *model, seed uint64, logs []float64, plan *Solution, fleet int) *town {
	n := m.N
	t := &town{m: m, fleet: fleet, dice: NewDice(seed), logs: logs, missed: make([]int64, n), in: make([]int32, n), as: make([]int32, n)}
	t.plan.copyFrom(plan)
	t.best.copyFrom(plan)
	return t
}

// steps walks so many steps for each worker, divided among the districts by their size.
func (t *town) steps(n int64, workers int, heat float64) {
	if t.left <= 0 || len(t.districts) == 0 {
		t.join()
		t.left = districtSteps * int64(t.m.N)
		if t.hunting {
			t.hunt()
			t.left /= 4 // a hunt ends early or hangs
		}
		t.divide(workers)
	}
	total := n * int64(workers)
	t.left -= total
	next := atomic.Int64{}
	var wg sync.WaitGroup
	for range min(workers, len(t.districts)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(t.districts); i = int(next.Add(1)) - 1 {
				d := t.districts[i]
				d.walk.heat = heat
				d.walk.walk(total * int64(len(d.stops)) / int64(t.m.N))
			}
		})
	}
	wg.Wait()
}

// divide makes districts of the present plan, where it can as many for each worker.
func (t *town) divide(workers int) {
	var routes []int
	for r, q := range t.plan.Routes {
		if len(q) > 0 {
			routes = append(routes, r)
		}
	}
	many := min((t.m.N+districtStops/2)/districtStops, len(routes)/districtRoutes)
	many = (max(many, 1) + workers - 1) / workers * workers
	parts := t.cut(routes, max(1, min(many, len(routes)/2)), nil)
	for n := range t.in {
		t.in[n] = -1
	}
	for i, part := range parts {
		for _, r := range part {
			for _, n := range t.plan.Routes[r] {
				t.in[n] = int32(i)
			}
		}
	}
	for _, u := range t.m.units {
		if t.in[u] < 0 {
			t.settle(u)
		}
	}
	stops := make([][]int32, len(parts))
	for n, i := range t.in {
		t.as[n] = int32(len(stops[i]))
		stops[i] = append(stops[i], int32(n))
	}
	spare := max(0, t.fleet-len(routes)) / len(parts)
	t.districts = t.districts[:0]
	for i, part := range parts {
		t.districts = append(t.districts, t.found(stops[i], part, len(part)+spare))
	}
}

// settle gives an absent unit the district of the nearest stop that has one.
func (t *town) settle(u int32) {
	t.in[u] = 0
	for _, n := range t.m.near[u] {
		if t.in[n] >= 0 {
			t.in[u] = t.in[n]
			break
		}
	}
	if p := t.m.Pair[u]; p >= 0 {
		t.in[p] = t.in[u]
	}
}

// cut halves routes by where they lie between two stops far from each other, and the
// halves likewise, until there are so many parts.
func (t *town) cut(routes []int, parts int, out [][]int) [][]int {
	if parts < 2 || len(routes) < 2 {
		return append(out, routes)
	}
	m := t.m
	stop := func() int {
		q := t.plan.Routes[routes[t.dice.Below(len(routes))]]
		return int(q[t.dice.Below(len(q))])
	}
	a, b := stop(), stop()
	for range 2 {
		if c := stop(); m.Cost[a*m.size+c] > m.Cost[a*m.size+b] {
			b = c
		}
	}
	keys := make([]sortKey, len(routes))
	total := 0
	for i, r := range routes {
		sum := int64(0)
		for _, n := range t.plan.Routes[r] {
			sum += int64(m.Cost[a*m.size+int(n)]) - int64(m.Cost[b*m.size+int(n)])
		}
		keys[i] = sortKey{sum / int64(len(t.plan.Routes[r])), int32(r)}
		total += len(t.plan.Routes[r])
	}
	sortKeys(keys)
	half, left := parts/2, 0
	var low, high []int
	for _, k := range keys {
		if left*parts < total*half {
			low = append(low, int(k.unit))
		} else {
			high = append(high, int(k.unit))
		}
		left += len(t.plan.Routes[k.unit])
	}
	return t.cut(high, parts-half, t.cut(low, half, out))
}

// found makes the district of some stops and routes.
func (t *town) found(stops []int32, routes []int, vehicles int) *district {
	d := &district{stops: stops, walk: newWalk(t.m.part(stops, vehicles, t.in, t.as), t.dice.Next(), t.logs)}
	var s Solution
	for _, r := range routes {
		q := slices.Clone(t.plan.Routes[r])
		for i, n := range q {
			q[i] = t.as[n]
		}
		s.Routes = append(s.Routes, q)
	}
	d.walk.load(&s)
	d.walk.save()
	for i, n := range stops {
		d.walk.missed[i] = t.missed[n]
	}
	if t.hunting {
		d.walk.shrinking = true
		if t.single {
			d.walk.m.lower = vehicles // what is absent is enough
		}
		d.walk.shrink()
	}
	return d
}

// hunt lets each district hunt as long as that finds fewer routes. Then it takes one route
// out of the whole plan, and another once all is served; what is absent meanwhile goes
// from division to division.
func (t *town) hunt() {
	if fewest := t.best.vehicles(); !t.single && fewest < t.fleet {
		t.fleet = fewest
		return
	}
	t.single = true
	if t.plan.Lost > t.best.Lost || t.plan.vehicles() <= t.m.lower {
		return
	}
	least, out := int64(-1), 0
	for r, q := range t.plan.Routes {
		if len(q) == 0 {
			continue
		}
		sum := int64(0)
		for _, n := range q {
			sum += t.missed[n]
		}
		if least < 0 || sum < least {
			least, out = sum, r
		}
	}
	t.plan.Routes = slices.Delete(t.plan.Routes, out, out+1)
	t.fleet = t.plan.vehicles()
}

// join puts the plan together from what the districts have now, and keeps the best.
func (t *town) join() {
	if len(t.districts) == 0 {
		return
	}
	best := Solution{}
	t.plan = Solution{}
	for _, d := range t.districts {
		d.add(&best, &d.walk.best)
		if !t.hunting || t.single { // else a district whose hunt has failed goes back
			d.walk.save()
		}
		d.add(&t.plan, &d.walk.best)
		for i, n := range d.stops {
			t.missed[n] = d.walk.missed[i]
		}
	}
	if best.less(&t.best) {
		t.best = best
	}
	t.districts = t.districts[:0]
}

// add adds a district's solution to the whole's.
func (d *district) add(whole, part *Solution) {
	for _, q := range part.Routes {
		if len(q) > 0 {
			q = slices.Clone(q)
			for i, n := range q {
				q[i] = d.stops[n]
			}
			whole.Routes = append(whole.Routes, q)
		}
	}
	whole.Lost += part.Lost
	whole.Cost += part.Cost
}

// part is the model of some stops of a district, with so many vehicles.
func (m *model) part(stops []int32, vehicles int, in, as []int32) *model {
	n := len(stops)
	p := &model{size: n + 2, Problem: Problem{N: n, Vehicles: vehicles, Capacity: m.Capacity, Fixed: m.Fixed, Fewer: m.Fewer}}
	all := append(slices.Clone(stops), int32(m.N), int32(m.N+1))
	for i, x := range all {
		p.Early, p.Late = append(p.Early, m.Early[x]), append(p.Late, m.Late[x])
		p.Service, p.Load = append(p.Service, m.Service[x]), append(p.Load, m.Load[x])
		if i == n || i == n+1 {
			continue
		}
		p.Weight, p.Price = append(p.Weight, m.Weight[x]), append(p.Price, m.Price[x])
		pair := m.Pair[x]
		if pair >= 0 {
			pair = as[pair]
		}
		p.Pair = append(p.Pair, pair)
		near := make([]int32, 0, nearMost)
		for _, y := range m.near[x] {
			if in[y] == in[x] {
				near = append(near, as[y])
			}
		}
		p.near = append(p.near, near)
	}
	p.Cost = m.among(m.Cost, all)
	p.Dur, p.costT = p.Cost, p.Cost
	if &m.costT[0] != &m.Cost[0] {
		p.costT = m.among(m.costT, all)
	}
	p.durT = p.costT
	if &m.Dur[0] != &m.Cost[0] {
		p.Dur, p.durT = m.among(m.Dur, all), m.among(m.durT, all)
	}
	p.derive()
	return p
}

// among is a matrix of some nodes.
func (m *model) among(a []int32, nodes []int32) []int32 {
	out := make([]int32, 0, len(nodes)*len(nodes))
	for _, x := range nodes {
		row := a[int(x)*m.size:][:m.size]
		for _, y := range nodes {
			out = append(out, row[y])
		}
	}
	return out
}
