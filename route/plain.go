package route

import (
	"slices"

	"github.com/jumyla/jumyla/route/kernel"
)

// The kernel takes problems up to this size; what is larger is walked in general.
const (
	plainStops   = 3000
	plainEntries = 8 << 20
)

// plain is the problem for the kernel, when it has nothing that the kernel does
// not know; else nil.
func (m *model) plain(o *Options) *kernel.Problem {
	n := len(m.place) - int(m.base)
	if n == 0 || n > plainStops || m.nv == 0 || n*min(m.nv, n) > plainEntries || m.dims > 1 || m.change > 0 && o.Warm != nil ||
		!m.plainFleet() || !m.plainStops() {
		return nil
	}
	v := &m.veh[0]
	k := &kernel.Problem{N: n, Vehicles: min(m.nv, n), Fixed: v.fixed, Pair: make([]int32, n)}
	for i := range int32(n) {
		m.plainStop(k, i)
	}
	k.Early, k.Late, k.Service = append(k.Early, v.first, 0), append(k.Late, v.end, v.end), append(k.Service, 0, 0)
	k.Load = append(k.Load, 0, 0)
	if m.dims > 0 {
		k.Capacity = v.cap[0]
	}
	if !m.plainTravel(k) {
		return nil
	}
	k.Fewer = m.fewer(k)
	return k
}

// plainFleet says that all vehicles are the same, make one trip in one range of
// time, and have no limits but their capacity.
func (m *model) plainFleet() bool {
	for i := range m.veh {
		if m.veh[i].twin != 0 {
			return false
		}
	}
	v := &m.veh[0]
	return v.sec != nil && !v.checked && v.stops == 0 && v.trips == 1 && v.frozen == 0 && v.p.Ready == 0 && len(v.cal) == 1
}

// plainStop adds a stop.
func (m *model) plainStop(k *kernel.Problem, i int32) {
	v, node := &m.veh[0], m.base+i
	k.Pair[i] = -1
	if q := m.pair[node]; q >= 0 {
		k.Pair[i] = q - m.base
	}
	w := Window{From: 0, To: -1} // nobody may serve it
	if s := m.spans[v.kind][i]; len(s) > 0 && v.allow[i] {
		w = s[0]
	}
	k.Early, k.Late = append(k.Early, w.From), append(k.Late, w.To)
	k.Service = append(k.Service, m.svc[node])
	load, weight := int32(0), m.weight[node]
	if m.dims > 0 {
		load = m.load[node] + m.ship[node]
	}
	if m.price[node] > 0 {
		weight = 0
	}
	k.Load, k.Price, k.Weight = append(k.Load, load), append(k.Price, m.price[node]), append(k.Weight, weight)
}

// plainStops says that no stop asks for more than the kernel knows.
func (m *model) plainStops() bool {
	v := &m.veh[0]
	jobs, ships := false, false
	for i := int(m.base); i < len(m.place); i++ {
		if len(m.spans[v.kind][i-int(m.base)]) > 1 || m.class[i] != m.class[m.base] || m.prio[i] != m.prio[m.base] || m.release[i] > 0 {
			return false
		}
		if m.dims > 0 {
			if m.coll[i] > 0 {
				return false
			}
			jobs, ships = jobs || m.load[i] > 0, ships || m.ship[i] != 0
		}
	}
	return !jobs || !ships // the two heaps share one room only in general
}

// plainTravel copies the matrices by node; false when one has a hole or is too dear.
func (m *model) plainTravel(k *kernel.Problem) bool {
	v := &m.veh[0]
	size := k.N + 2
	place := make([]int32, 0, size)
	for i := range k.N {
		place = append(place, m.place[int(m.base)+i])
	}
	place = append(place, m.place[0], m.place[1])
	legs := m.costs[v.profile]
	k.Dur, k.Cost = make([]int32, size*size), make([]int32, size*size)
	same := true
	for a, from := range place {
		for b, to := range place {
			if from < 0 || to < 0 || a == k.N && b == k.N+1 {
				continue
			}
			at := int(from+1)*legs.n + int(to) + 1
			d, c := legs.sec[at], legs.cost[at]
			if d > kernel.MaxEdge || c > kernel.MaxEdge {
				return false
			}
			k.Dur[a*size+b], k.Cost[a*size+b] = d, int32(c)
			same = same && int64(d) == c
		}
	}
	if same {
		k.Cost = k.Dur
	}
	return true
}

// fewer says that a vehicle costs more than any drive could save: more than all drives
// of a plan, which leaves each stop once and the start once for each vehicle.
func (m *model) fewer(k *kernel.Problem) bool {
	size, all := k.N+2, int64(0)
	for n := range k.N + 1 {
		most := int64(slices.Max(k.Cost[n*size:][:size]))
		if n == k.N {
			most *= int64(k.Vehicles)
		}
		all += most
	}
	return k.Fixed > all
}

// adopt makes the kernel's solution the walk's.
func (w *walk) adopt(s *kernel.Solution) {
	v := int32(0)
	for _, q := range s.Routes {
		if len(q) == 0 {
			continue
		}
		w.trial.seq = append(w.trial.seq[:0], 3*v)
		for _, n := range q {
			w.trial.seq = append(w.trial.seq, n+w.m.base)
		}
		w.trial.seq = append(w.trial.seq, 3*v+1)
		w.m.refresh(v, &w.trial)
		w.take(v)
		v++
	}
	w.begin()
	w.save(&w.best)
}

// solution is the walk's present solution for the kernel.
func (w *walk) solution() *kernel.Solution {
	out := &kernel.Solution{}
	for v := range w.tours {
		var q []int32
		for _, n := range w.tours[v].seq {
			if n >= w.m.base {
				q = append(q, n-w.m.base)
			}
		}
		out.Routes = append(out.Routes, q)
	}
	return out
}
