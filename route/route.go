// Package route plans vehicle routes: a [Problem] in, a [Plan] out, and an
// independent checker ([Check]). It knows places, times, loads and rules of
// movement as numbers; it knows nothing of databases, clocks, screens or
// people.
//
// Times are seconds from the day's midnight and may pass 86,400. Places are
// indices that [Travel] understands. [Solve] makes a plan, [Evaluate] gives
// the times, loads and faults of a sequence somebody arranged by hand,
// [Explain] says why a job is not in a plan, and [Check] tests a plan without
// sharing code with the rest.
//
// The method is ruin and recreate with slack-induced string removals
// (Christiaens and Vanden Berghe, Transportation Science 54, 2020) under
// annealing; at the end, what is left out takes the room of lower priority
// classes where that lets it in. Arrival tests keep the earliest
// departure and the latest arrival of every stop, so that they stay exact
// for calendars with gaps and for any travel time that keeps first in, first out.
package route

import (
	"fmt"

	"github.com/jumyla/jumyla/route/task"
)

type (
	// Problem is everything that a plan depends on besides Options.
	Problem = task.Problem
	// Job is a visit to one place.
	Job = task.Job
	// Shipment is carried from one place to another in one route.
	Shipment = task.Shipment
	// End is one end of a Shipment.
	End = task.End
	// Demand is what a Job and a Shipment have in common.
	Demand = task.Demand
	// Vehicle is a crew with its vehicle for the day.
	Vehicle = task.Vehicle
	// Window is a closed range of seconds.
	Window = task.Window
	// Closure keeps a vehicle from serving at a place for a time.
	Closure = task.Closure
	// Travel tells how long and how far it is.
	Travel = task.Travel
	// Bounded is Travel that knows the least that a drive takes at any time of day.
	Bounded = task.Bounded
	// Matrix is Travel that does not depend on the time of day.
	Matrix = task.Matrix
	// Weights turn a plan into one number.
	Weights = task.Weights
	// Visit is one stop of a route: what is done there, and for which job or shipment.
	Visit = task.Visit
	// VisitKind says what a Visit is for.
	VisitKind = task.VisitKind
	// Plan is who goes where, when, and what is left out and why.
	Plan = task.Plan
	// Route is one vehicle's day.
	Route = task.Route
	// Stop is a Visit with its times.
	Stop = task.Stop
	// Dropped is a job or a shipment in no route.
	Dropped = task.Dropped
	// Reason is why something is left out.
	Reason = task.Reason
	// Limit says what kept a job out of a plan, or what a route breaks.
	Limit = task.Limit
	// Violation is one way in which a route or a plan breaks its problem.
	Violation = task.Violation
	// FieldError says which field of a Problem or of Options cannot be used.
	FieldError = task.FieldError
)

// Bounds, and None for "no place" or "no vehicle".
const (
	MaxTime    = task.MaxTime
	MaxAmount  = task.MaxAmount
	MaxWeight  = task.MaxWeight
	Priorities = task.Priorities
	None       = task.None
)

// The kinds of Visit.
const (
	Serve   = task.Serve
	Pickup  = task.Pickup
	Deliver = task.Deliver
	Reload  = task.Reload
)

// The limits.
const (
	NoLimit         = task.NoLimit
	NoVehicle       = task.NoVehicle
	NotAllowed      = task.NotAllowed
	LacksSkill      = task.LacksSkill
	NoWay           = task.NoWay
	ClosedThere     = task.ClosedThere
	OverCapacity    = task.OverCapacity
	OutsideWindow   = task.OutsideWindow
	OutsideCalendar = task.OutsideCalendar
	TooLong         = task.TooLong
	TooManyStops    = task.TooManyStops
	MixedClass      = task.MixedClass
	BadSequence     = task.BadSequence
	BadNumbers      = task.BadNumbers
	TooDear         = task.TooDear
	Cancelled       = task.Cancelled
	StillFits       = task.StillFits
)

// Check says in which ways a plan breaks its problem; none means that it can be
// driven as it stands. It shares no code with the solver. The problem must be valid.
func Check(p *Problem, plan *Plan) []Violation { return task.Check(p, plan) }

func bad(text, format string, args ...any) error {
	return &FieldError{Field: fmt.Sprintf(format, args...), Text: text}
}
