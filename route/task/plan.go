package task

import "fmt"

// Plan is who goes where, when, and what is left out and why.
type Plan struct {
	Routes  []Route   // vehicles that go out, in the problem's order
	Dropped []Dropped // what is in no route: jobs, then shipments, by index
	Cost    int64     // by Problem.Weights, and the Price of what was dropped
}

// Route is one vehicle's day.
type Route struct {
	Vehicle int
	Depart  int32   // leaves Start
	Back    int32   // arrives at End; at an open end, leaves the last stop
	Load    []int32 // on board when it leaves Start
	Stops   []Stop
	Driving int32 // seconds on the road
	Waiting int32 // seconds parked and not serving
	Metres  int64
}

// Stop is a Visit with its times.
type Stop struct {
	Visit
	Place  int
	Trip   int     // from 0; a Reload begins the next one
	Arrive int32   // at the place
	Start  int32   // of the service, after waiting
	Leave  int32   // end of the service; the drive may start later, past a gap in the calendar
	Slack  int32   // how many seconds later it may be reached without harm; negative in a faulty route
	Load   []int32 // on board after the service
}

// Dropped is a job (Kind Serve) or a shipment (Kind Pickup) in no route.
type Dropped struct {
	Visit
	Reason Reason
}

// Limit says what kept a job out of a plan, or what a route breaks.
type Limit uint8

// The limits.
const (
	NoLimit         Limit = iota
	NoVehicle             // the problem has no vehicle
	NotAllowed            // the vehicle is not in Only
	LacksSkill            // the vehicle lacks a skill
	NoWay                 // no way there or back
	ClosedThere           // a Closure: the vehicle may not serve there then
	OverCapacity          // too much on board; Miss in units of Dimension
	OutsideWindow         // the job's windows are missed; Miss in seconds
	OutsideCalendar       // the shift, a gap such as the curfew, or Back is missed; Miss in seconds
	TooLong               // over MaxSeconds or MaxDriving; Miss in seconds
	TooManyStops          // over MaxStops; Miss in stops
	MixedClass            // a trip would hold jobs of two classes
	BadSequence           // the sequence is wrong: twice, a pair out of order, a reload too many, a frozen visit moved
	BadNumbers            // times, loads, sums or cost are not what they should be
	TooDear               // serving it costs more than its Price; Miss is by how much
	Cancelled             // by Session.Cancel
	StillFits             // no limit: there is room now, and a longer run may use it
)

var limitNames = [...]string{"none", "no vehicle", "not allowed", "lacks skill", "no way", "closed there",
	"over capacity", "outside window", "outside calendar", "too long", "too many stops", "mixed class",
	"bad sequence", "bad numbers", "too dear", "cancelled", "still fits"}

// String is an English name for logs and tests.
func (l Limit) String() string {
	if int(l) < len(limitNames) {
		return limitNames[l]
	}
	return fmt.Sprintf("limit %d", uint8(l))
}

// Reason is why something is left out: the limit that binds at the vehicle
// that came nearest.
type Reason struct {
	Limit     Limit
	Vehicle   int   // the vehicle that came nearest; None for NoVehicle
	Miss      int64 // by how much, in the unit of Limit; 0 when that has no amount
	Dimension int   // for OverCapacity
	// Displaced: an empty vehicle could serve it; what binds is the stops that
	// the plan holds already, none of them of a lower priority.
	Displaced bool
}

// Violation is one way in which a route or a plan breaks its problem.
type Violation struct {
	Limit     Limit
	Vehicle   int // None when it is about the whole plan
	Stop      int // index into Route.Stops; len(Stops) for the way back, -1 for the route as a whole
	Miss      int64
	Dimension int
	Detail    string // in English, for logs and tests
}

func (v Violation) String() string {
	return fmt.Sprintf("vehicle %d stop %d: %v by %d %s", v.Vehicle, v.Stop, v.Limit, v.Miss, v.Detail)
}
