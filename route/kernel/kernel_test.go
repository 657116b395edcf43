package kernel

import (
	"reflect"
	"testing"
)

// field is a random problem: jobs, then shipments, on a plane; some with a price.
func field(seed uint64, jobs, ships, vehicles int, even bool) *Problem {
	d := NewDice(seed)
	n := jobs + 2*ships
	p := &Problem{N: n, Vehicles: vehicles, Capacity: 40, Fixed: 50}
	x, y := make([]int32, n+2), make([]int32, n+2)
	for i := range x {
		x[i], y[i] = int32(d.Below(1000)), int32(d.Below(1000))
	}
	x[n+1], y[n+1] = x[n], y[n]
	for i := range x {
		for j := range x {
			c := max(x[i]-x[j], x[j]-x[i]) + max(y[i]-y[j], y[j]-y[i])
			if !even {
				c += int32(d.Below(100)) // no symmetry, and no triangle
			}
			p.Dur = append(p.Dur, c)
			p.Cost = append(p.Cost, c*2)
		}
	}
	if even {
		p.Cost = p.Dur
	}
	for i := range n {
		from := int32(d.Below(6000))
		p.Early, p.Late = append(p.Early, from), append(p.Late, from+1500+int32(d.Below(3000)))
		p.Service = append(p.Service, 30)
		load, pair := int32(1+d.Below(9)), int32(-1)
		if k := i - jobs; k >= 0 {
			pair = int32(jobs + (k ^ 1))
			if k&1 == 1 {
				load = -p.Load[pair]
			}
		}
		weight, price := int64(1), int64(0)
		if i < jobs && d.Chance(4) {
			weight, price = 0, int64(d.Below(800))+1
		}
		p.Load, p.Pair = append(p.Load, load), append(p.Pair, pair)
		p.Weight, p.Price = append(p.Weight, weight), append(p.Price, price)
	}
	p.Early, p.Late = append(p.Early, 0, 0), append(p.Late, 12000, 12000)
	p.Service, p.Load = append(p.Service, 0, 0), append(p.Load, 0, 0)
	return p
}

// fields are problems of each sort.
func fields() map[string]*Problem {
	out := map[string]*Problem{"jobs": field(1, 40, 0, 9, true), "roads": field(2, 40, 0, 9, false), "pairs": field(3, 0, 20, 9, true),
		"few vehicles": field(4, 40, 0, 2, true), "roads and pairs": field(5, 0, 20, 3, false)}
	out["fewer"], out["fewer, pairs"] = field(6, 40, 0, 20, true), field(7, 0, 20, 12, true)
	for _, name := range []string{"fewer", "fewer, pairs"} {
		out[name].Fixed, out[name].Fewer = 1<<30, true
	}
	return out
}

// TestEachStepKeepsTheBooks reckons everything anew after each step.
func TestEachStepKeepsTheBooks(t *testing.T) {
	for name, p := range fields() {
		w := New(p, 7, 1, nil).walks[0]
		w.heat = 20
		for step := range 300 {
			w.step()
			if fault := w.audit(); fault != "" {
				t.Fatalf("%s, step %d: %s", name, step, fault)
			}
			if step == 50 {
				w.vers = 1 << 31 // as after a long time
			}
		}
	}
}

// TestEjectionKeepsTheBooks makes room over and over in tours of few stops, so that some
// are emptied on the way.
func TestEjectionKeepsTheBooks(t *testing.T) {
	for name, p := range map[string]*Problem{"jobs": field(6, 30, 0, 14, true), "pairs": field(7, 0, 30, 5, true)} {
		p.Capacity, p.Fixed, p.Fewer = 9, 1<<30, true
		w := New(p, 7, 1, nil).walks[0]
		done := 0
		for round := range 300 {
			u := w.absent[round%len(w.absent)]
			w.missed[u] += 40
			w.eject(u)
			if w.where[u] >= 0 {
				done++
			}
			w.begin()
			if fault := w.audit(); fault != "" {
				t.Fatalf("%s, round %d: %s", name, round, fault)
			}
		}
		if done < 100 {
			t.Errorf("%s: room was made %d times", name, done)
		}
	}
}

// audit says what a walk has wrong between two steps.
func (w *walk) audit() string {
	m := w.m
	cost, lost, used := int64(0), int64(0), 0
	seen := make([]int, m.N)
	for r := range w.tours {
		t := &w.tours[r]
		if t.dirty {
			return "a tour is still dirty"
		}
		if t.empty() {
			continue
		}
		used++
		cost += m.Fixed
		at, load, onto := int64(m.Early[m.N]), int64(0), int64(0)
		for k := 1; k < len(t.s); k++ {
			a, b := t.s[k-1].node, t.s[k].node
			cost += int64(m.Cost[int(a)*m.size+int(b)])
			at = max(at+int64(m.Dur[int(a)*m.size+int(b)]), int64(m.Early[b]))
			if at > int64(m.Late[b]) {
				return "late"
			}
			at += int64(m.Service[b])
			if int64(t.s[k].dep) != at || t.s[k-1].leg != m.Cost[int(a)*m.size+int(b)] {
				return "a slot's departure or leg is wrong"
			}
			if k == len(t.s)-1 {
				break
			}
			if seen[b]++; w.where[b] != int32(r) {
				return "a stop is not where it is said to be"
			}
			if q := m.Pair[b]; q < 0 {
				load += int64(m.Load[b])
			} else if m.unit(b) != b && seen[q] == 0 {
				return "delivered before it is picked up"
			}
			if onto += int64(m.Load[b]); onto > int64(m.Capacity) {
				return "too much on board"
			}
		}
		if load != int64(t.load) {
			return "the load is wrong"
		}
	}
	for _, u := range m.units {
		if w.where[u] < 0 {
			cost, lost = cost+m.Price[u], lost+m.Weight[u]
			if w.absent[w.out[u]] != u {
				return "an absent unit is not in its place"
			}
		} else if seen[u] != 1 {
			return "a unit is served twice"
		}
	}
	switch {
	case cost != w.cost || lost != w.lost || used != w.used:
		return "cost, what is left out, or the count of routes is wrong"
	case w.kept.less(&w.best) && w.best.Cost == 0:
		return "the best is empty"
	}
	return w.auditCache()
}

// auditCache compares what is kept of insertions with what they are.
func (w *walk) auditCache() string {
	for _, u := range w.m.units {
		for r, ver := range w.clean {
			e := w.cache[int(u)*w.m.Vehicles+r]
			if ver == 0 || e.ver != ver {
				continue
			}
			var fresh entry
			w.fill(&fresh, &w.tours[r], u)
			if fresh.i != e.i || fresh.delta != e.delta || w.clean[r] != w.tours[r].ver {
				return "an insertion that is kept is wrong"
			}
		}
	}
	return ""
}

// TestAStepAllocatesNothing holds after the arrays have grown to their size.
func TestAStepAllocatesNothing(t *testing.T) {
	for name, p := range fields() {
		w := New(p, 7, 1, nil).walks[0]
		w.heat = 20
		w.walk(3000)
		if n := testing.AllocsPerRun(2000, w.step); n != 0 {
			t.Errorf("%s: %v allocations a step", name, n)
		}
	}
}

func TestWorkersDoNotRace(t *testing.T) {
	for name, p := range fields() {
		var first *Solution
		for range 2 {
			s := New(p, 3, 3, nil)
			for k := range 12 {
				s.Phase(k, 12)
				s.Steps(s.Epoch())
			}
			best, _ := s.Best()
			if first == nil {
				first = best
			} else if !reflect.DeepEqual(first, best) {
				t.Errorf("%s: two plans of one seed", name)
			}
		}
	}
}

func TestAWarmPlanIsKept(t *testing.T) {
	p := field(1, 40, 0, 9, true)
	s := New(p, 1, 1, nil)
	s.walks[0].heat = 1
	s.Steps(3000)
	best, _ := s.Best()
	again := New(p, 2, 2, best)
	if b, _ := again.Best(); b.Cost != best.Cost || b.Lost != best.Lost {
		t.Errorf("warm %d %d, begins with %d %d", best.Lost, best.Cost, b.Lost, b.Cost)
	}
}

func BenchmarkSteps(b *testing.B) {
	for name, p := range map[string]*Problem{"jobs100": field(1, 100, 0, 25, true), "jobs1000": field(1, 1000, 0, 250, true), "pairs50": field(1, 0, 50, 25, true)} {
		b.Run(name, func(b *testing.B) {
			w := New(p, 1, 1, nil).walks[0]
			w.heat = 1
			w.walk(20_000)
			b.ReportAllocs()
			for b.Loop() {
				w.step()
			}
		})
	}
}
