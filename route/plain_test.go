package route

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/jumyla/jumyla/route/kernel"
)

// drawPlain is a problem that goes to the kernel: like vehicles, one window a stop.
func drawPlain(t *rapid.T, jobs, shipments, vehicles int) *Problem {
	i32 := func(lo, hi int32, name string) int32 { return rapid.Int32Range(lo, hi).Draw(t, name) }
	n := rapid.IntRange(2, 8).Draw(t, "places")
	m := drawMatrix(t, n)
	for i := range m.Sec {
		m.Sec[i] = max(m.Sec[i], 0)
	}
	p := &Problem{Places: n, Travel: []Travel{m}}
	window := func() []Window {
		from := i32(0, 200, "from")
		return []Window{{From: from, To: from + i32(0, 300, "width")}}
	}
	if rapid.Bool().Draw(t, "pairs") {
		for range rapid.IntRange(1, shipments).Draw(t, "shipments") {
			p.Shipments = append(p.Shipments, Shipment{Pickup: End{Place: rapid.IntRange(0, n-1).Draw(t, "place"), Windows: window(), Service: i32(0, 20, "service")},
				Delivery: End{Place: rapid.IntRange(0, n-1).Draw(t, "place"), Windows: window(), Service: i32(0, 20, "service")}, Load: []int32{i32(0, 4, "load")}})
		}
	} else {
		for range rapid.IntRange(1, jobs).Draw(t, "jobs") {
			p.Jobs = append(p.Jobs, Job{Place: rapid.IntRange(0, n-1).Draw(t, "place"), Windows: window(), Service: i32(0, 20, "service"),
				Load: []int32{i32(0, 4, "load")}, Demand: Demand{Weight: int64(i32(0, 3, "weight")), Price: int64(i32(0, 1, "priced") * i32(0, 90, "price"))}})
		}
	}
	v := Vehicle{Capacity: []int32{i32(0, 12, "capacity")}, Calendar: []Window{{From: i32(0, 50, "begin"), To: i32(200, 600, "finish")}}, Fixed: int64(i32(0, 60, "fixed"))}
	if rapid.IntRange(0, 3).Draw(t, "open") == 0 {
		v.End = None
	}
	for range rapid.IntRange(1, vehicles).Draw(t, "vehicles") {
		p.Vehicles = append(p.Vehicles, v)
	}
	p.Weights = Weights{Vehicle: int64(i32(0, 1, "first") * 1_000_000), Second: 1}
	return p
}

func TestPlainPlansPassCheck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlain(t, 14, 6, 4)
		if newModel(p, nil).plain(&Options{}) == nil {
			t.Fatalf("the kernel does not take %+v", p)
		}
		plan := solveChecked(t, p, Options{Seed: 1, MaxIter: 800, Workers: 2})
		again := solveChecked(t, p, Options{Seed: 9, MaxIter: 100, Warm: plan})
		if lost(p, again).compare(lost(p, plan)) > 0 || lost(p, again).compare(lost(p, plan)) == 0 && again.Cost > plan.Cost {
			t.Fatalf("warm %d, afterwards %d\n%+v\n%+v\n%+v", plan.Cost, again.Cost, p, plan, again)
		}
	})
}

func lost(p *Problem, plan *Plan) *drop {
	var d drop
	for _, x := range plan.Dropped {
		if p.Demand(x.Visit).Price == 0 {
			d[0] += max(p.Demand(x.Visit).Weight, 1)
		}
	}
	return &d
}

// TestPlainAgainstEveryPlan compares with the best of all plans of tiny problems.
func TestPlainAgainstEveryPlan(t *testing.T) {
	tiny := rapid.Custom(func(t *rapid.T) *Problem { return drawPlain(t, 5, 2, 2) })
	for i := range 60 {
		p := tiny.Example(i)
		plan := solveChecked(t, p, Options{Seed: 3, MaxIter: 2000})
		wantLost, want := bestOfAll(p)
		if got := lost(p, plan); got[0] != wantLost || plan.Cost != want {
			t.Errorf("problem %d: loses %d and costs %d; the best loses %d and costs %d\n%+v\n%+v", i, got[0], plan.Cost, wantLost, want, p, plan)
		}
	}
}

// bestOfAll tries every sequence of every set of units on a vehicle, and every pair of
// such sets.
func bestOfAll(p *Problem) (weight, cost int64) {
	cheapest := map[uint]int64{0: 0}
	everyRoute(p, nil, 0, 0, cheapest)
	var drops []*Demand
	for i := range p.Jobs {
		drops = append(drops, &p.Jobs[i].Demand)
	}
	for i := range p.Shipments {
		drops = append(drops, &p.Shipments[i].Demand)
	}
	weight, cost = math.MaxInt64, math.MaxInt64
	for a, x := range cheapest {
		for b, y := range cheapest {
			if a&b != 0 || b != 0 && len(p.Vehicles) < 2 {
				continue
			}
			w, c := int64(0), x+y
			for i, d := range drops {
				if (a|b)>>i&1 == 1 {
					continue
				}
				if d.Price > 0 {
					c += d.Price
				} else {
					w += max(d.Weight, 1)
				}
			}
			if w < weight || w == weight && c < cost {
				weight, cost = w, c
			}
		}
	}
	return weight, cost
}

// everyRoute adds what the routes that begin so cost, by the set of units they serve.
func everyRoute(p *Problem, so []Visit, set, open uint, cheapest map[uint]int64) {
	if len(so) > 0 && open == 0 {
		r, faults, err := Evaluate(p, 0, so)
		if err == nil && len(faults) == 0 {
			c := p.Weights.Vehicle + p.Vehicles[0].Fixed + int64(r.Driving)
			if old, ok := cheapest[set]; !ok || c < old {
				cheapest[set] = c
			}
		}
	}
	next := func(x Visit, set, open uint) { everyRoute(p, append(slices.Clip(so), x), set, open, cheapest) }
	for i := range p.Jobs {
		if set>>i&1 == 0 {
			next(Visit{Kind: Serve, Index: i}, set|1<<i, open)
		}
	}
	for i := range p.Shipments {
		switch {
		case set>>i&1 == 0:
			next(Visit{Kind: Pickup, Index: i}, set|1<<i, open|1<<i)
		case open>>i&1 == 1:
			next(Visit{Kind: Deliver, Index: i}, set, open&^(1<<i))
		}
	}
}

// TestFewerVehiclesFirst holds for the largest distances and counts of the published sets.
func TestFewerVehiclesFirst(t *testing.T) {
	const n = 1050
	k := &kernel.Problem{N: n, Vehicles: 250, Fixed: MaxWeight * MaxWeight, Cost: make([]int32, (n+2)*(n+2))}
	for i := range k.Cost {
		k.Cost[i] = 7_000_000
	}
	if !(&model{}).fewer(k) {
		t.Error("a vehicle costs more than all drives, and does not go first")
	}
	k.Fixed = 1000
	if (&model{}).fewer(k) {
		t.Error("drives could save a vehicle's cost")
	}
}
