package route

import (
	"context"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// drawProblem is a random problem over the whole model, small enough to be
// solved in milliseconds.
func drawProblem(t *rapid.T, jobs, shipments, vehicles int) *Problem {
	i32 := func(lo, hi int32, name string) int32 { return rapid.Int32Range(lo, hi).Draw(t, name) }
	n := rapid.IntRange(1, 8).Draw(t, "places")
	p := &Problem{Places: n, Travel: []Travel{drawMatrix(t, n)}}
	if rapid.Bool().Draw(t, "timed") {
		p.Travel = append(p.Travel, rush{drawMatrix(t, n)})
	}
	place := func() int { return rapid.IntRange(0, n-1).Draw(t, "place") }
	windows := func() []Window {
		var out []Window
		from := int32(0)
		for range rapid.IntRange(0, 2).Draw(t, "windows") {
			from += i32(0, 300, "from")
			to := from + i32(0, 400, "width")
			out = append(out, Window{From: from, To: to})
			from = to + 1
		}
		return out
	}
	load := func() []int32 {
		return []int32{i32(0, 4, "load"), i32(0, 4, "load")}[:rapid.IntRange(0, 2).Draw(t, "dims")]
	}
	v := rapid.IntRange(0, vehicles).Draw(t, "vehicles")
	demand := func() Demand {
		few, rare := i32(0, 3, "skills"), i32(0, 1, "class")
		d := Demand{Skills: uint64(few & i32(0, 3, "skills")), Class: int(rare & i32(0, 1, "class")),
			Priority: int(i32(0, 2, "priority")), Weight: int64(i32(0, 5, "weight"))}
		if rapid.IntRange(0, 4).Draw(t, "priced") == 0 {
			d.Price = int64(i32(0, 150, "price"))
		}
		if v > 0 && rapid.IntRange(0, 5).Draw(t, "pin") == 0 {
			d.Only = []int{rapid.IntRange(0, v-1).Draw(t, "only")}
		}
		return d
	}
	for range rapid.IntRange(0, jobs).Draw(t, "jobs") {
		j := Job{Place: place(), Windows: windows(), Service: i32(0, 40, "service"), Demand: demand()}
		if rapid.IntRange(0, 4).Draw(t, "collects") > 0 {
			j.Load = load()
			j.Release = i32(0, 1, "held") * i32(0, 200, "release")
		} else {
			j.Collect = load()
		}
		p.Jobs = append(p.Jobs, j)
	}
	for range rapid.IntRange(0, shipments).Draw(t, "shipments") {
		p.Shipments = append(p.Shipments, Shipment{Pickup: End{Place: place(), Windows: windows(), Service: i32(0, 20, "service")},
			Delivery: End{Place: place(), Windows: windows(), Service: i32(0, 20, "service")}, Load: load(), Demand: demand()})
	}
	for range v {
		p.Vehicles = append(p.Vehicles, drawVehicle(t, p, place))
	}
	p.Weights = Weights{Vehicle: int64(i32(0, 100, "w")), Second: int64(i32(0, 2, "w")), Metre: int64(i32(0, 2, "w")), Change: int64(i32(0, 9, "w"))}
	return p
}

func drawVehicle(t *rapid.T, p *Problem, place func() int) Vehicle {
	i32 := func(lo, hi int32, name string) int32 { return rapid.Int32Range(lo, hi).Draw(t, name) }
	maybe := func(x int32) int32 { return x * i32(0, 1, "maybe") }
	many := i32(0, 3, "skills")
	u := Vehicle{Start: place(), End: place(), Profile: rapid.IntRange(0, len(p.Travel)-1).Draw(t, "profile"),
		Capacity: []int32{i32(0, 12, "capacity"), i32(0, 12, "capacity")}, Skills: uint64(many | i32(0, 3, "skills")),
		Trips: int(i32(0, 3, "trips")), Depot: place(), Reload: i32(0, 20, "reload"), MaxStops: int(maybe(i32(1, 4, "stops"))),
		MaxSeconds: maybe(i32(50, 500, "seconds")), MaxDriving: maybe(i32(50, 300, "driving")), Fixed: int64(i32(0, 50, "fixed"))}
	if rapid.IntRange(0, 3).Draw(t, "open") == 0 {
		u.End = None
	}
	if rapid.IntRange(0, 5).Draw(t, "openstart") == 0 {
		u.Start = None
	}
	at := int32(0)
	for range rapid.IntRange(0, 3).Draw(t, "ranges") {
		at += i32(1, 100, "gap")
		to := at + i32(0, 500, "range")
		u.Calendar = append(u.Calendar, Window{From: at, To: to})
		at = to + 1
	}
	if len(u.Calendar) > 0 {
		u.Back = maybe(at - 1)
	}
	for range rapid.IntRange(0, 2).Draw(t, "closed") {
		from := i32(0, 400, "closed")
		u.Closed = append(u.Closed, Closure{Place: place(), From: from, To: from + i32(0, 300, "closed")})
	}
	return u
}

func drawMatrix(t *rapid.T, n int) *Matrix {
	m := &Matrix{N: n, Sec: make([]int32, n*n)}
	for i := range m.Sec {
		if i/n != i%n {
			m.Sec[i] = rapid.Int32Range(-1, 60).Draw(t, "sec") // any: no triangle holds
		}
	}
	return m
}

// rush is travel that takes half as long again from 100 to 300, and keeps first
// in, first out.
type rush struct{ *Matrix }

func (r rush) Seconds(from, to int, depart int32) int32 {
	d := r.Sec[from*r.N+to]
	if d <= 0 {
		return d
	}
	switch {
	case depart < 100:
		return d + min(d/2, d*depart/200)
	case depart < 300:
		return d + d/2
	default:
		return max(d, d+d/2-(depart-300))
	}
}

func solveChecked(t interface{ Fatalf(string, ...any) }, p *Problem, o Options) *Plan {
	plan, _, err := Solve(context.Background(), p, o)
	if err != nil {
		t.Fatalf("solve: %v", err)
	}
	for _, v := range Check(p, plan) {
		t.Fatalf("violation %v\n%+v\n%+v", v, p, plan)
	}
	return plan
}

func TestPlansPassCheck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 12, 4, 4)
		plan := solveChecked(t, p, Options{Seed: 1, MaxIter: 60})
		for _, d := range plan.Dropped {
			why, err := Explain(p, plan, d.Visit)
			if err != nil || why.Limit == NoLimit || d.Reason.Limit == StillFits {
				t.Fatalf("left out %+v, explained %v %v", d, why, err)
			}
		}
		if len(plan.Routes) == 0 {
			return
		}
		// Freeze what was planned, and begin with it.
		for _, r := range plan.Routes {
			for k := range min(2, len(r.Stops)) {
				if r.Stops[k].Kind != Reload {
					p.Vehicles[r.Vehicle].Frozen = append(p.Vehicles[r.Vehicle].Frozen, r.Stops[k].Visit)
				} else {
					break
				}
			}
		}
		again, _, err := Solve(context.Background(), p, Options{Seed: 2, MaxIter: 30, Warm: plan})
		if err != nil {
			return // a pickup's own delivery may not follow at once
		}
		for _, v := range Check(p, again) {
			t.Fatalf("frozen: violation %v\n%+v\n%+v", v, p, again)
		}
	})
}

func TestSameSeedSamePlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 10, 3, 3)
		o := Options{Seed: 7, Workers: 3, MaxIter: 50}
		if a, b := solveChecked(t, p, o), solveChecked(t, p, o); !reflect.DeepEqual(a, b) {
			t.Fatalf("two plans: %+v %+v", a, b)
		}
	})
}
