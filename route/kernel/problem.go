// Package kernel searches routes for vehicles that are all the same, at full
// speed: one window a stop, one load, deliveries from the depot or pickups with
// their deliveries, stops that may be left out at a price.
//
// It is ruin and recreate with slack-induced string removals (Christiaens and
// Vanden Berghe, Transportation Science 54, 2020) over flat arrays, with three
// additions: the best insertion of each unit into each route is kept until the
// route changes; a step that is not accepted is undone from a journal; and walks
// of several workers exchange routes. It knows numbers only; package route turns
// its Problem into one of these where it can.
package kernel

import "slices"

// Problem is what a search needs to know. Nodes 0 to N-1 are stops, N is where
// every route starts, N+1 where it ends.
type Problem struct {
	N        int
	Dur      []int32 // by node and node, row-major: (N+2) × (N+2); at most MaxEdge
	Cost     []int32 // the same, what the drive costs; may be Dur itself
	Early    []int32 // by node: earliest service; of N, the earliest departure
	Late     []int32 // by node: latest service, -1 where there is none; of N+1, the latest arrival
	Service  []int32 // by node
	Load     []int32 // by node: of a delivery from the depot, or on board from a pickup on; negative at its delivery
	Pair     []int32 // by node: the other end of a shipment, or -1
	Weight   []int64 // by node: what leaving it out loses; 0 when Price counts instead
	Price    []int64 // by node: what leaving it out costs
	Vehicles int
	Capacity int32
	Fixed    int64 // cost of a vehicle that is used
	Fewer    bool  // fewer vehicles go before everything but what is left out
}

// MaxEdge bounds Dur and Cost, so that the sum of a few fits into 32 bits.
const MaxEdge = 1 << 28

// model is a Problem with what is derived from it.
type model struct {
	Problem
	size   int     // N+2
	durT   []int32 // transposed
	costT  []int32
	units  []int32 // stops that are not the second half of a pair
	node   []node
	near   [][]int32 // by stop: others, the nearest first
	alone  []int32   // by unit: what a route of its own costs, or noSpot
	even   bool      // Cost is Dur, and there is as long as back
	lower  int       // no plan that serves all has fewer routes
	prized bool      // some stops may be left out at a price
}

// nearMost is how many neighbours are kept of each stop.
const nearMost = 120

// node is what the time tests read together.
type node struct {
	early, late, service, load int32
}

func newModel(p *Problem) *model {
	m := &model{Problem: *p, size: p.N + 2}
	m.costT = transposed(p.Cost, m.size)
	m.durT = m.costT
	if &p.Dur[0] != &p.Cost[0] {
		m.durT = transposed(p.Dur, m.size)
	}
	m.derive()
	m.neighbours()
	return m
}

// derive fills in what follows from the problem and its transposed matrices.
func (m *model) derive() {
	m.even = &m.Dur[0] == &m.Cost[0] && &m.costT[0] == &m.Cost[0]
	total := int64(0)
	for n := range int32(m.size) {
		m.node = append(m.node, node{m.Early[n], m.Late[n], m.Service[n], m.Load[n]})
		if int(n) < m.N && m.unit(n) == n {
			m.units = append(m.units, n)
			m.prized = m.prized || m.Price[n] > 0
			if m.Pair[n] < 0 && m.Price[n] == 0 {
				total += int64(m.Load[n])
			}
		}
	}
	m.alone = make([]int32, m.N)
	for _, u := range m.units {
		m.alone[u] = m.tripOf(u)
	}
	m.lower = 1
	if m.Capacity > 0 {
		m.lower = max(1, int((total+int64(m.Capacity)-1)/int64(m.Capacity)))
	}
}

// tripOf is the cost of a route that serves only this unit, or noSpot.
func (m *model) tripOf(u int32) int32 {
	if m.node[u].load > m.Capacity {
		return noSpot
	}
	at, end := m.node[m.N].early, int32(m.N+1)
	from, cost := int32(m.N), int32(0)
	for _, n := range [3]int32{u, m.Pair[u], end} {
		if n < 0 {
			continue
		}
		k := &m.node[n]
		at = max(at+m.Dur[int(from)*m.size+int(n)], k.early)
		if at > k.late {
			return noSpot
		}
		at += k.service
		cost += m.Cost[int(from)*m.size+int(n)]
		from = n
	}
	return cost
}

// transposed answers the matrix itself when it is symmetric.
func transposed(a []int32, n int) []int32 {
	same := true
	for i := 0; i < n && same; i++ {
		for j := range i {
			if a[i*n+j] != a[j*n+i] {
				same = false
				break
			}
		}
	}
	if same {
		return a
	}
	t := make([]int32, len(a))
	for i := range n {
		for j := range n {
			t[j*n+i] = a[i*n+j]
		}
	}
	return t
}

// neighbours lists for each stop those that are cheapest to reach from it or to
// come from.
func (m *model) neighbours() {
	k := max(0, min(nearMost, m.N-1))
	type far struct{ d, n int32 }
	row := make([]far, 0, m.N)
	for i := range m.N {
		row = row[:0]
		for o := range m.N {
			if o != i {
				row = append(row, far{min(m.Cost[i*m.size+o], m.costT[i*m.size+o]), int32(o)})
			}
		}
		slices.SortFunc(row, func(a, b far) int {
			if a.d != b.d {
				return int(a.d) - int(b.d)
			}
			return int(a.n) - int(b.n)
		})
		near := make([]int32, k)
		for j := range near {
			near[j] = row[j].n
		}
		m.near = append(m.near, near)
	}
}

// unit is the unit that a stop belongs to.
func (m *model) unit(n int32) int32 {
	if p := m.Pair[n]; p >= 0 && (m.Load[n] < 0 || m.Load[n] == 0 && p < n) {
		return p
	}
	return n
}
