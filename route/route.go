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

// Problem and the rest is what is asked and answered; package task documents each.
type (
	Problem    = task.Problem
	Job        = task.Job
	Shipment   = task.Shipment
	End        = task.End
	Demand     = task.Demand
	Vehicle    = task.Vehicle
	Window     = task.Window
	Closure    = task.Closure
	Travel     = task.Travel
	Matrix     = task.Matrix
	Weights    = task.Weights
	Visit      = task.Visit
	VisitKind  = task.VisitKind
	Plan       = task.Plan
	Route      = task.Route
	Stop       = task.Stop
	Dropped    = task.Dropped
	Reason     = task.Reason
	Limit      = task.Limit
	Violation  = task.Violation
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
