package route

import (
	"testing"

	"pgregory.net/rapid"
)

// books says what a walk has wrong.
func (w *walk) books() string {
	cost, lost := int64(0), drop{}
	seen := map[int32]bool{}
	for v := range w.tours {
		t := &w.tours[v]
		fresh := tour{seq: append([]int32(nil), t.seq...)}
		if !w.m.refresh(int32(v), &fresh) {
			return "a tour breaks a limit"
		}
		if fresh.cost != t.cost {
			return "a tour's cost is wrong"
		}
		cost += t.cost
		for i, n := range t.seq {
			if w.where[n] != int32(v) || w.pos[n] != int32(i) && n != int32(3*v+2) {
				return "a node is not where it is said to be"
			}
			if n >= w.m.base && seen[n] {
				return "a node is served twice"
			}
			seen[n] = true
		}
	}
	for _, u := range w.absent {
		if seen[u] {
			return "an absent unit is served"
		}
		if p := w.m.price[u]; p > 0 {
			cost += p
		} else {
			lost[w.m.prio[u]] += w.m.weight[u]
		}
	}
	if cost != w.cost || lost.compare(&w.lost) != 0 {
		return "cost or what is left out is wrong"
	}
	return ""
}

// searched is a walk over a problem after some steps.
func searched(p *Problem, steps int64) *walk {
	w := newWalk(newModel(p, nil), 5, logs)
	w.m.neighbours(100)
	w.keepSpots()
	w.recreate(false)
	w.heat = 1000
	w.walk(steps)
	return w
}

// TestTripsChangeTheirPlaces exchanges trips over and over.
func TestTripsChangeTheirPlaces(t *testing.T) {
	p := city(60, 4)
	w := searched(p, 50)
	done := 0
	for round := range 300 {
		w.begin()
		before := w.vers
		w.exchangeTrips()
		if w.vers != before {
			done++
		}
		if fault := w.books(); fault != "" {
			t.Fatalf("round %d: %s", round, fault)
		}
		if round%2 == 0 {
			w.undo()
			if fault := w.books(); fault != "" {
				t.Fatalf("undone in round %d: %s", round, fault)
			}
		}
	}
	if done < 30 {
		t.Errorf("trips changed places in %d of 300 rounds", done)
	}
}

// TestASpotIsWhatItSays takes each unit out and tries its best spot in each tour, with and without
// a reload: it fits, and costs what it was said to cost.
func TestASpotIsWhatItSays(t *testing.T) {
	reloads := 0
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 12, 3, 3)
		if p.Validate() != nil || len(p.Vehicles) == 0 || len(p.Jobs)+len(p.Shipments) == 0 {
			t.Skip("no problem, nobody to go or nothing to do")
		}
		p.Travel = p.Travel[:1] // by the hour, a drive's cost depends on what comes before
		for i := range p.Vehicles {
			p.Vehicles[i].Profile = 0
		}
		w := searched(p, 30)
		for _, u := range w.m.units {
			w.begin()
			if v := w.where[u]; v >= 0 && !w.remove(v, []int32{u}) {
				w.undo()
				continue
			}
			for v := range w.tours {
				s := spot{delta: noSpot}
				if !w.m.veh[v].allow[u-w.m.base] {
					continue
				}
				if w.spotIn(int32(v), u, &s); s.delta == noSpot {
					continue
				}
				if s.reload > 0 {
					reloads++
				}
				w.tryOut(u, s)
				if !w.m.refresh(int32(v), &w.trial) {
					t.Fatalf("unit %d does not fit into its spot %+v of %v\n%+v", u, s, w.tours[v].seq, p)
				}
				if more := w.trial.cost - w.tours[v].cost; more != s.delta {
					t.Fatalf("unit %d costs %d in its spot %+v of %v\n%+v", u, more, s, w.tours[v].seq, p)
				}
			}
			w.undo()
		}
	})
	if reloads == 0 {
		t.Error("no spot had a reload")
	}
}
