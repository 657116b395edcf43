// Package instance reads the benchmark files that routing engines are measured on,
// turns them into a [route.Problem], and counts a plan as their tables do.
//
// Two conventions are in use, and are never mixed. Vehicles first: the fewest
// vehicles, then the distance in doubles (the tables of SINTEF). Distance: only
// the distance, each edge cut to one decimal (the DIMACS challenge and CVRPLIB).
package instance

import (
	"fmt"
	"math"

	"github.com/jumyla/jumyla/route"
)

// Format is how a file is written.
type Format string

// The formats.
const (
	Solomon  Format = "solomon"  // Solomon, Gehring and Homberger: windows
	LiLim    Format = "lilim"    // Li and Lim: pickups and deliveries
	PCVRPTW  Format = "pcvrptw"  // prizes, in VRPLIB's sections
	MTVRPTWR Format = "mtvrptwr" // trips and release times, in VRPLIB's sections
)

// Objective is what a plan is compared by.
type Objective string

// The objectives.
const (
	Distance Objective = "distance"
	Vehicles Objective = "vehicles"
)

// Node is the depot (the first one) or a customer.
type Node struct {
	Number     int // the file's; in VRPLIB's files one less, as in their solutions
	X, Y       float64
	Demand     int
	From, To   float64
	Service    float64
	Prize      float64
	Release    float64
	From1, To1 int // the index of the node it is picked up at, or delivered to; 0 for none
}

// Instance is one file.
type Instance struct {
	Name     string
	Format   Format
	Vehicles int
	Capacity int
	Reloads  bool // vehicles may come back for another load
	Nodes    []Node
}

// limits of what is read: nothing that is measured is near them.
const (
	maxNodes  = 5000
	maxNumber = 1e7
)

func (in *Instance) validate() error {
	switch {
	case len(in.Nodes) < 1 || len(in.Nodes) > maxNodes:
		return fmt.Errorf("%d nodes", len(in.Nodes))
	case in.Vehicles < 0 || in.Vehicles > maxNodes:
		return fmt.Errorf("%d vehicles", in.Vehicles)
	case in.Capacity < 0 || in.Capacity > maxNumber:
		return fmt.Errorf("capacity %d", in.Capacity)
	}
	for i := range in.Nodes {
		if err := in.validateNode(i); err != nil {
			return fmt.Errorf("node %d: %w", in.Nodes[i].Number, err)
		}
	}
	return nil
}

func (in *Instance) validateNode(i int) error {
	n := &in.Nodes[i]
	for _, x := range []float64{n.X, n.Y, n.From, n.To, n.Service, n.Prize, n.Release} {
		if math.IsNaN(x) || math.Abs(x) > maxNumber {
			return fmt.Errorf("%v is out of range", x)
		}
	}
	switch {
	case n.From < 0 || n.To < n.From || n.Service < 0 || n.Prize < 0 || n.Release < 0:
		return fmt.Errorf("window %v to %v, service %v, prize %v or release %v", n.From, n.To, n.Service, n.Prize, n.Release)
	case math.Abs(float64(n.Demand)) > maxNumber || n.Demand < 0 && in.Format != LiLim:
		return fmt.Errorf("demand %d", n.Demand)
	case in.Format != LiLim || i == 0:
		return nil
	}
	pair := func(k int) bool { return k > 0 && k < len(in.Nodes) && k != i }
	switch {
	case pair(n.To1) && n.From1 == 0 && in.Nodes[n.To1].From1 == i && n.Demand >= 0 && in.Nodes[n.To1].Demand == -n.Demand:
	case pair(n.From1) && n.To1 == 0 && in.Nodes[n.From1].To1 == i:
	default:
		return fmt.Errorf("is no half of a pair")
	}
	return nil
}

// span is between two nodes, as the crow flies.
func (in *Instance) span(a, b int) float64 {
	p, q := &in.Nodes[a], &in.Nodes[b]
	dx, dy := p.X-q.X, p.Y-q.Y
	return math.Sqrt(float64(dx*dx) + float64(dy*dy))
}

// scale is how many of the problem's seconds are one of the file's units. Where
// distances are doubles it is as fine as the engine's range of times allows.
func (in *Instance) scale(o Objective) float64 {
	if o == Distance {
		return 10
	}
	top := in.Nodes[0].To
	for i := range in.Nodes {
		top = max(top, in.Nodes[i].To+in.Nodes[i].Service+in.span(0, i))
	}
	s := 10_000.0
	for s > 1 && top*s > route.MaxTime/4 {
		s /= 10
	}
	return s
}

// edge is a drive in the problem's seconds: cut where the convention cuts, else
// rounded up, so that a plan on time here is on time in doubles.
func (in *Instance) edge(a, b int, o Objective, scale float64) int32 {
	d := float64(in.span(a, b) * scale)
	if o == Vehicles {
		d = math.Ceil(d - 1e-6)
	}
	return int32(min(d, route.MaxTime))
}

// Problem is the instance as the engine knows it.
func (in *Instance) Problem(o Objective) *route.Problem {
	scale := in.scale(o)
	n := len(in.Nodes)
	m := &route.Matrix{N: n, Sec: make([]int32, n*n)}
	for a := range n {
		for b := range n {
			m.Sec[a*n+b] = in.edge(a, b, o, scale)
		}
	}
	p := &route.Problem{Places: n, Travel: []route.Travel{m}, Weights: route.Weights{Second: 1}}
	if o == Vehicles {
		p.Weights.Vehicle = route.MaxWeight * route.MaxWeight
	}
	at := func(x float64) int32 { return int32(min(x*scale, route.MaxTime)) }
	end := func(i int) route.End {
		d := &in.Nodes[i]
		return route.End{Place: i, Windows: []route.Window{{From: at(d.From), To: at(d.To)}}, Service: at(d.Service)}
	}
	for i := 1; i < n; i++ {
		d, e := &in.Nodes[i], end(i)
		switch {
		case d.To1 > 0:
			p.Shipments = append(p.Shipments, route.Shipment{Pickup: e, Delivery: end(d.To1), Load: []int32{int32(d.Demand)}})
		case d.From1 == 0:
			j := route.Job{Place: i, Windows: e.Windows, Service: e.Service, Load: []int32{int32(d.Demand)}, Release: at(d.Release)}
			if in.Format == PCVRPTW {
				j.Price = int64(d.Prize*scale) + 1 // of two equal plans, the one that serves
			}
			p.Jobs = append(p.Jobs, j)
		}
	}
	v := route.Vehicle{Capacity: []int32{int32(in.Capacity)}, Calendar: []route.Window{{From: at(in.Nodes[0].From), To: at(in.Nodes[0].To)}}}
	if in.Reloads {
		v.Trips = n
	}
	for range in.Vehicles {
		p.Vehicles = append(p.Vehicles, v)
	}
	return p
}
