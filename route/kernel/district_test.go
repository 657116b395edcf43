package kernel

import (
	"reflect"
	"testing"
)

// TestDistrictsMakeOnePlan reckons the whole plan anew after it has been divided, searched
// and joined, with one worker and with more.
func TestDistrictsMakeOnePlan(t *testing.T) {
	fewer := field(3, 300, 0, 60, true)
	fewer.Fixed, fewer.Fewer = 1<<30, true
	one := field(5, 260, 0, 260, true) // one vehicle could carry it all
	one.Capacity, one.Fixed, one.Fewer = 1<<20, 1<<30, true
	for n := range one.N {
		one.Early[n], one.Late[n] = 0, 1<<28
	}
	one.Late[one.N], one.Late[one.N+1] = 1<<28, 1<<28
	for name, p := range map[string]*Problem{"jobs": field(1, 300, 0, 70, true), "roads and pairs": field(2, 0, 140, 60, false),
		"few vehicles": field(4, 300, 0, 8, true), "fewer": fewer, "one": one} {
		for workers := 1; workers < 4; workers++ {
			var first *Solution
			for range 2 {
				best := search(p, workers)
				if first == nil {
					first = best
				} else if !reflect.DeepEqual(first, best) {
					t.Errorf("%s, %d workers: two plans of one seed", name, workers)
				}
			}
			w := newWalk(newModel(p), 1, Logs())
			w.load(first)
			if w.lost != first.Lost || w.cost != first.Cost {
				t.Errorf("%s, %d workers: it says %d and %d, and is %d and %d", name, workers, first.Lost, first.Cost, w.lost, w.cost)
			}
			if fault := w.audit(); fault != "" {
				t.Errorf("%s, %d workers: %s", name, workers, fault)
			}
		}
	}
}

// TestLongRoutesAreSearchedWhole where the first phase tells that there are steps enough.
func TestLongRoutesAreSearchedWhole(t *testing.T) {
	short, long := field(1, 300, 0, 70, true), field(1, 300, 0, 70, true)
	long.Capacity = 1 << 20
	for n := range long.Late {
		long.Early[n], long.Late[n] = 0, 1<<20
	}
	for _, c := range []struct {
		p     *Problem
		steps int64
		town  bool
	}{{short, 60_000, true}, {long, 2000, true}, {long, 60_000, false}} {
		s := New(c.p, 1, 2, nil)
		s.Phase(0, 20)
		s.Steps(c.steps)
		for k := 1; k < 12; k++ {
			s.Phase(k, 20)
			s.Steps(min(c.steps, s.Epoch()))
		}
		if got := s.town != nil; got != c.town {
			t.Errorf("%d steps a phase, %d routes: by districts %v", c.steps, s.walks[0].used, got)
		}
		best, _ := s.Best()
		w := newWalk(newModel(c.p), 1, Logs())
		w.load(best)
		if fault := w.audit(); fault != "" || w.cost != best.Cost {
			t.Errorf("it says %d and is %d: %s", best.Cost, w.cost, fault)
		}
	}
}

// search is a short one, with several divisions.
func search(p *Problem, workers int) *Solution {
	s := New(p, 3, workers, nil)
	begin, _ := s.Best()
	lost, cost := begin.Lost, begin.Cost
	for k := range 20 {
		s.Phase(k, 20)
		if s.town != nil {
			s.town.left = 0
		}
		s.Steps(200)
	}
	best, _ := s.Best()
	if best.Lost > lost || best.Lost == lost && best.Cost >= cost {
		panic("a search that finds nothing")
	}
	return best
}
