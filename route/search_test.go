package route

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jumyla/jumyla/route/kernel"
)

// drawTiny is a problem of up to 4 jobs for up to 2 vehicles with too little room and
// time for all of them, on a line, where no detour is shorter than the way itself.
func drawTiny(t *rapid.T) *Problem {
	i32 := func(lo, hi int32, name string) int32 { return rapid.Int32Range(lo, hi).Draw(t, name) }
	n := rapid.IntRange(2, 5).Draw(t, "places")
	m := &Matrix{N: n, Sec: make([]int32, n*n)}
	at := make([]int32, n)
	for i := range at {
		at[i] = i32(0, 40, "at")
		for j := range i {
			d := max(at[i]-at[j], at[j]-at[i])
			m.Sec[i*n+j], m.Sec[j*n+i] = d, d
		}
	}
	p := &Problem{Places: n, Travel: []Travel{m}}
	for range rapid.IntRange(1, 4).Draw(t, "jobs") {
		from := i32(0, 100, "from")
		p.Jobs = append(p.Jobs, Job{Place: rapid.IntRange(1, n-1).Draw(t, "place"), Service: i32(0, 20, "service"),
			Windows: []Window{{From: from, To: from + i32(0, 100, "width")}}, Load: []int32{i32(1, 3, "load")},
			Demand: Demand{Priority: int(i32(0, 2, "priority")), Weight: int64(i32(1, 3, "weight"))}})
	}
	for range rapid.IntRange(1, 2).Draw(t, "vehicles") {
		p.Vehicles = append(p.Vehicles, Vehicle{Capacity: []int32{i32(2, 5, "capacity")}, Calendar: []Window{{From: 0, To: i32(60, 200, "until")}},
			Trips: int(i32(1, 2, "trips")), Reload: 5, MaxStops: int(i32(1, 3, "stops"))})
	}
	return p
}

// leastLost tries every order of every set of jobs on every vehicle, with every place
// for a reload, and answers the least weight per class that must be left out.
func leastLost(p *Problem) drop {
	can := make([]map[uint]bool, len(p.Vehicles))
	for v := range p.Vehicles {
		can[v] = map[uint]bool{0: true}
		orders(p, v, nil, 0, can[v])
	}
	sets := map[uint]bool{0: true}
	for v := range can {
		with := map[uint]bool{}
		for a := range sets {
			for b := range can[v] {
				with[a|b] = true
			}
		}
		sets = with
	}
	best := drop{math.MaxInt64}
	for s := range sets {
		var lost drop
		for i, j := range p.Jobs {
			if s>>i&1 == 0 {
				lost[j.Priority] += j.Weight
			}
		}
		if lost.compare(&best) < 0 {
			best = lost
		}
	}
	return best
}

func orders(p *Problem, v int, so []Visit, set uint, can map[uint]bool) {
	if len(so) > 0 {
		if _, faults, err := Evaluate(p, v, so); err == nil && len(faults) == 0 {
			can[set] = true
		}
	}
	for i := range p.Jobs {
		if set>>i&1 == 1 {
			continue
		}
		next := append(slices.Clip(so), Visit{Kind: Serve, Index: i})
		orders(p, v, next, set|1<<i, can)
		if len(so) > 0 && p.Vehicles[v].Trips > 1 {
			next = append(slices.Clip(so), Visit{Kind: Reload}, Visit{Kind: Serve, Index: i})
			orders(p, v, next, set|1<<i, can)
		}
	}
}

// Whatever is left out has no room in any route even when all lower classes are taken
// out of it: tried by hand at each position, with and without a reload.
func TestNoLowerClassStandsInTheWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawTiny(t)
		plan := solveChecked(t, p, Options{Seed: 3, MaxIter: rapid.Int64Range(1, 40).Draw(t, "steps")})
		routes := make([][]Visit, len(p.Vehicles))
		for _, r := range plan.Routes {
			for _, s := range r.Stops {
				routes[r.Vehicle] = append(routes[r.Vehicle], s.Visit)
			}
		}
		for _, d := range plan.Dropped {
			for v, so := range routes {
				if with := squeeze(p, v, so, d.Visit); with != nil {
					t.Fatalf("left out %v, though vehicle %d could go %v\n%+v\n%+v", d, v, with, p, plan)
				}
			}
		}
	})
}

// squeeze answers a sequence without faults that holds a job and what is not of a lower
// class than it, or nil.
func squeeze(p *Problem, v int, so []Visit, x Visit) []Visit {
	reload := Visit{Kind: Reload}
	var kept []Visit
	for _, s := range so {
		if s == reload && len(kept) > 0 && kept[len(kept)-1] != reload || s != reload && p.Jobs[s.Index].Priority <= p.Jobs[x.Index].Priority {
			kept = append(kept, s)
		}
	}
	if n := len(kept); n > 0 && kept[n-1] == reload {
		kept = kept[:n-1]
	}
	for i := range len(kept) + 1 {
		for _, piece := range [][]Visit{{x}, {reload, x}, {x, reload}} {
			with := slices.Concat(kept[:i], piece, kept[i:])
			if _, faults, err := Evaluate(p, v, with); err == nil && len(faults) == 0 {
				return with
			}
		}
	}
	return nil
}

// The search finds the best classes of the tiny problems, which are the same each time.
func TestClassesAgainstEveryPlan(t *testing.T) {
	tiny := rapid.Custom(drawTiny)
	for i := range 200 {
		p := tiny.Example(i)
		plan := solveChecked(t, p, Options{Seed: 3, MaxIter: 400})
		var lost drop
		for _, d := range plan.Dropped {
			lost[p.Jobs[d.Index].Priority] += p.Jobs[d.Index].Weight
		}
		if best := leastLost(p); lost != best {
			t.Errorf("problem %d: left out %v per class, the least is %v\n%+v", i, lost, best, p)
		}
	}
}

func TestOneUrgentJobGoesBeforeManyOthers(t *testing.T) {
	p := &Problem{Places: 2, Travel: []Travel{&Matrix{N: 2, Sec: []int32{0, 50, 50, 0}}}}
	for range 9 {
		p.Jobs = append(p.Jobs, Job{Load: []int32{1}, Demand: Demand{Priority: 1, Weight: 1000}})
	}
	p.Jobs = append(p.Jobs, Job{Place: 1, Load: []int32{9}, Demand: Demand{Priority: 0}})
	p.Vehicles = []Vehicle{{Capacity: []int32{9}}}
	for _, steps := range []int64{1, 500} {
		plan := solveChecked(t, p, Options{MaxIter: steps})
		if len(plan.Dropped) != 9 || plan.Routes[0].Stops[0].Index != 9 {
			t.Errorf("%d steps: %+v", steps, plan)
		}
	}
}

func TestScheduleReplaysATimedRun(t *testing.T) {
	p := city(60, 3)
	o := Options{Seed: 5, Workers: 2, MaxTime: 200 * time.Millisecond}
	plan, report, err := Solve(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Schedule) != phases || report.Iterations == 0 {
		t.Fatalf("%+v", report)
	}
	o.MaxTime, o.Schedule = time.Nanosecond, report.Schedule // Schedule goes before MaxTime
	again, second, err := Solve(context.Background(), p, o)
	if err != nil || !reflect.DeepEqual(plan, again) || !reflect.DeepEqual(report, second) {
		t.Errorf("replayed %+v as %+v, %v", report, second, err)
	}
}

// ending is travel that ends a context when it has been asked so often.
type ending struct {
	*Matrix
	left   *atomic.Int64
	cancel context.CancelFunc
}

func (e ending) Seconds(from, to int, depart int32) int32 {
	if e.left.Add(-1) == 0 {
		e.cancel()
	}
	return e.Matrix.Seconds(from, to, depart)
}

func TestEndedContextGivesThePlanSoFar(t *testing.T) {
	p := city(60, 3)
	matrix := p.Travel[0].(*Matrix)
	for _, asked := range []int64{1, 30_000, 300_000, 3_000_000} {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		left := &atomic.Int64{}
		left.Store(asked)
		p.Travel[0] = ending{matrix, left, cancel}
		plan, report, err := Solve(ctx, p, Options{MaxIter: 1 << 40})
		if err != nil {
			t.Fatal(err)
		}
		if faults := Check(p, plan); len(faults) > 0 || len(plan.Routes) == 0 {
			t.Errorf("ended after %d: %d routes, %v", asked, len(plan.Routes), faults)
		}
		left.Store(0)
		again := solveChecked(t, p, Options{Schedule: report.Schedule})
		if !reflect.DeepEqual(plan, again) {
			t.Errorf("ended after %d: the replay of %v differs", asked, report.Schedule)
		}
	}
}

// spoil gives one number of a problem a value it should seldom have.
func spoil(t *rapid.T, p *Problem) {
	var ints []*int
	var times []*int32
	for i := range p.Jobs {
		j := &p.Jobs[i]
		ints, times = append(ints, &j.Place, &j.Priority, &j.Class), append(times, &j.Service)
		for k := range j.Windows {
			times = append(times, &j.Windows[k].From, &j.Windows[k].To)
		}
		for k := range j.Load {
			times = append(times, &j.Load[k])
		}
	}
	for i := range p.Shipments {
		s := &p.Shipments[i]
		ints, times = append(ints, &s.Pickup.Place, &s.Delivery.Place), append(times, &s.Pickup.Service, &s.Delivery.Service)
	}
	for i := range p.Vehicles {
		v := &p.Vehicles[i]
		ints = append(ints, &v.Start, &v.End, &v.Profile, &v.Depot, &v.Trips, &v.MaxStops)
		times = append(times, &v.Back, &v.MaxSeconds, &v.MaxDriving, &v.Reload)
		for k := range v.Closed {
			times = append(times, &v.Closed[k].From, &v.Closed[k].To)
		}
		for k := range v.Calendar {
			times = append(times, &v.Calendar[k].From, &v.Calendar[k].To)
		}
	}
	odd := rapid.SampledFrom([]int32{-1, 0, 1, 2, 9, MaxTime, MaxTime + 1, math.MaxInt32, math.MinInt32})
	if k := rapid.IntRange(0, len(ints)+len(times)-1).Draw(t, "field"); k < len(ints) {
		*ints[k] = int(odd.Draw(t, "odd"))
	} else {
		*times[k-len(ints)] = odd.Draw(t, "odd")
	}
}

// FuzzSolve holds Solve to its word for any problem: an error that names a field, or
// a plan that passes Check. Run it with -fuzzminimizetime 5x, for the bytes are many.
func FuzzSolve(f *testing.F) {
	for seed := range uint64(4) {
		d := kernel.NewDice(seed)
		bytes := make([]byte, 8<<10)
		for i := range bytes {
			bytes[i] = byte(d.Below(256))
		}
		f.Add(bytes)
	}
	f.Fuzz(rapid.MakeFuzz(solveAny))
}

func TestSolveTakesAnything(t *testing.T) { rapid.Check(t, solveAny) }

func solveAny(t *rapid.T) {
	p := drawProblem(t, 6, 2, 3)
	if rapid.Bool().Draw(t, "plain") {
		p = drawPlain(t, 6, 3, 3)
	}
	for range rapid.IntRange(0, 3).Draw(t, "spoilt") {
		if len(p.Jobs)+len(p.Shipments)+len(p.Vehicles) > 0 {
			spoil(t, p)
		}
	}
	if n := len(p.Vehicles); n > 0 && len(p.Jobs) > 1 && rapid.Bool().Draw(t, "freeze") {
		v := &p.Vehicles[rapid.IntRange(0, n-1).Draw(t, "frozen")]
		v.Frozen = []Visit{{Kind: Serve, Index: 0}, {Kind: Reload}, {Kind: Serve, Index: 1}}[:rapid.SampledFrom([]int{1, 3}).Draw(t, "visits")]
	}
	plan, _, err := Solve(context.Background(), p, Options{MaxIter: 60})
	if err != nil {
		if _, ok := errors.AsType[*FieldError](err); !ok {
			t.Fatalf("%T %v", err, err)
		}
		return
	}
	for _, v := range Check(p, plan) {
		t.Fatalf("violation %v\n%+v\n%+v", v, p, plan)
	}
}
