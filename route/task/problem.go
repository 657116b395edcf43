// Package task is what route is asked and what it answers, and the checker of its
// answers. It holds no solver, so that what [Check] finds cannot be a mistake that
// both have in common.
package task

// MaxTime is the largest time or duration, in seconds, a Problem may hold.
const MaxTime = 1 << 28

// MaxAmount bounds the sum of all loads in one dimension.
const MaxAmount = 1 << 30

// MaxWeight bounds Weights, so that no sum of costs can overflow.
const MaxWeight = 100_000

// Priorities is the number of priority classes: a Job's Priority runs from 0,
// the most urgent, to Priorities-1.
const Priorities = 8

// None stands for "no place": a vehicle with Start None begins at its first
// stop, with End None it ends at its last one (an open route).
const None = -1

// Problem is everything that a plan depends on besides Options.
type Problem struct {
	Places    int        // places are 0 to Places-1
	Jobs      []Job      // what is loaded at the depot or collected, one place each
	Shipments []Shipment // what is picked up at one place and delivered at another
	Vehicles  []Vehicle  // who can go; a vehicle makes at most one route
	Travel    []Travel   // by Vehicle.Profile
	Weights   Weights    // what makes a plan dear
}

// Window is a closed range of seconds: From ≤ t ≤ To.
type Window struct {
	From, To int32
}

// Job is a visit to one place. Load is carried there from the depot,
// Collect is carried from there back to it.
type Job struct {
	Place   int
	Windows []Window // service may begin in any of them; none means at any time
	Service int32    // seconds at the place
	Load    []int32  // per dimension, on board from the depot until here
	Collect []int32  // per dimension, on board from here until the depot
	Release int32    // the trip that brings it leaves the depot no earlier
	Demand
}

// Demand is what a Job and a Shipment have in common: who may serve it, with
// what it may share a trip, and what it costs to leave it out.
type Demand struct {
	Skills   uint64 // each must be among the vehicle's Skills
	Only     []int  // vehicles that may serve it; none means any; one pins it
	Class    int    // a trip holds jobs of one Class only
	Priority int    // 0 first; a lower class is never planned at a higher one's expense
	Weight   int64  // what leaving it out costs within its class; 0 counts as 1
	// Price, when it is not 0, is what leaving it out adds to Plan.Cost: it is served
	// where that costs less, and neither Priority nor Weight counts.
	Price int64
}

// End is one end of a Shipment.
type End struct {
	Place   int
	Windows []Window
	Service int32
}

// Shipment is carried from one place to another by one vehicle in one route;
// the vehicle may reload in between.
type Shipment struct {
	Pickup, Delivery End
	Load             []int32 // per dimension, on board between the two
	Demand
}

// Vehicle is a crew with its vehicle for the day.
type Vehicle struct {
	Start, End int     // places, or None
	Profile    int     // index into Problem.Travel
	Capacity   []int32 // per dimension; a missing dimension is zero
	Skills     uint64

	// Calendar lists when the vehicle may drive and serve, in order and apart:
	// shift minus breaks minus curfew. A drive and a service lie wholly within
	// one range; waiting may span a gap. Empty means always.
	Calendar []Window
	// Back is the latest arrival at End, 0 when only the calendar counts. It is
	// where a margin before the curfew goes.
	Back int32

	MaxSeconds int32 // from leaving Start to arriving at End, waiting included; 0 is no limit
	MaxDriving int32 // seconds on the road; 0 is no limit
	MaxStops   int   // visits in one trip, reloads not counted; 0 is no limit

	Trips  int   // how often it may go out with a new load; 0 and 1 are once
	Depot  int   // where it reloads between trips; may be None unless Trips > 1
	Reload int32 // seconds that a reload takes

	Closed []Closure // where it may not serve, and when
	Frozen []Visit   // the route begins with these, in this order
	Ready  int32     // after its Frozen visits, or from Start, it drives on no earlier
	Fixed  int64     // cost of using it at all, beside Weights.Vehicle
}

// Closure keeps a vehicle from serving at a place from From to To.
type Closure struct {
	Place    int
	From, To int32
}

// Travel tells how long and how far it is. It must keep first in, first out:
// who leaves later does not arrive earlier. A negative answer means no way.
// It is called from several goroutines at once.
type Travel interface {
	Seconds(from, to int, depart int32) int32
	Metres(from, to int) int32
}

// Bounded is Travel that knows the least that a drive takes at any time of day, so that
// a search need not ask for each time.
type Bounded interface {
	Travel
	Least(from, to int) int32
}

// Matrix is Travel that does not depend on the time of day. Sec and Dist are
// row-major, N by N; a negative cell means no way. A nil Dist repeats Sec.
type Matrix struct {
	N    int
	Sec  []int32
	Dist []int32
}

// Seconds is the cell of Sec.
func (m *Matrix) Seconds(from, to int, _ int32) int32 { return m.Sec[from*m.N+to] }

// Metres is the cell of Dist.
func (m *Matrix) Metres(from, to int) int32 {
	if m.Dist == nil {
		return m.Sec[from*m.N+to]
	}
	return m.Dist[from*m.N+to]
}

// Weights turn a plan into one number, compared after what it leaves out. The zero
// value counts driving seconds.
type Weights struct {
	Vehicle int64 // for each vehicle used; up to MaxWeight squared
	Second  int64 // for each second on the road
	Metre   int64 // for each metre
	Change  int64 // for each job on another vehicle than in Options.Warm
}

// VisitKind says what a Visit is for.
type VisitKind uint8

// The kinds of Visit.
const (
	Serve   VisitKind = iota // a Job
	Pickup                   // the first end of a Shipment
	Deliver                  // the second end of a Shipment
	Reload                   // back to the depot for the next trip; Index is 0
)

// Visit is one stop of a route: what is done there, and the index of its job or
// shipment.
type Visit struct {
	Kind  VisitKind
	Index int
}

// Demand is what a visit's job or shipment has in common with others; nil for a reload.
func (p *Problem) Demand(x Visit) *Demand {
	switch x.Kind {
	case Serve:
		return &p.Jobs[x.Index].Demand
	case Pickup, Deliver:
		return &p.Shipments[x.Index].Demand
	default:
		return nil
	}
}

// Costs are Weights, or driving seconds where neither time nor distance counts.
func (p *Problem) Costs() Weights {
	w := p.Weights
	if w.Second == 0 && w.Metre == 0 {
		w.Second = 1
	}
	return w
}
