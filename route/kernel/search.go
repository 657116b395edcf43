package kernel

import (
	"math"
	"sync"
)

// Search is walks of one problem side by side. What it finds is a function of the
// problem, the seed, the number of walks and the calls made; not of how fast they are.
type Search struct {
	m     *model
	walks []*walk
}

// New prepares a search and makes a first plan, from warm where it is not nil.
func New(p *Problem, seed uint64, workers int, warm *Solution) *Search {
	s := &Search{m: newModel(p)}
	logs := Logs()
	for i := range max(workers, 1) {
		w := newWalk(s.m, seed+uint64(i)*0x9e3779b97f4a7c15, logs)
		if warm != nil {
			w.load(warm)
		}
		w.first()
		w.save()
		s.walks = append(s.walks, w)
	}
	return s
}

// first makes a first plan: all that fits is served, whatever its price.
func (w *walk) first() {
	w.choose(-1)
	w.arrange()
	for k := range w.keys {
		u := w.keys[k].unit
		if p := w.bestSpot(u, false); p.tour >= 0 {
			w.insert(p.tour, u, p.i, p.j)
			w.cost += p.delta
			w.takeIn(u)
		}
		if k%64 == 0 {
			w.begin()
		}
	}
	w.begin()
}

// Temperatures, as parts of the mean cost of a drive: where cooling begins and ends.
const (
	hot  = 1.0
	cold = 0.01
)

// Phase prepares the walks for the k-th of so many phases of equal budget.
func (s *Search) Phase(k, phases int) {
	for _, w := range s.walks {
		w.temper(float64(k) / float64(phases))
		if s.m.Fewer {
			w.setFleet(k*5 < phases*2)
		}
	}
}

// Workers is how many walks there are.
func (s *Search) Workers() int { return len(s.walks) }

// Steps walks every walk so many steps.
func (s *Search) Steps(n int64) {
	if len(s.walks) == 1 {
		s.walks[0].walk(n)
		return
	}
	var wg sync.WaitGroup
	for _, w := range s.walks {
		wg.Go(func() { w.walk(n) })
	}
	wg.Wait()
}

func (w *walk) walk(n int64) {
	for range n {
		w.step()
	}
}

// Best is the best plan so far, and the walk that found it.
func (s *Search) Best() (*Solution, int) {
	best := 0
	for i, w := range s.walks {
		b := &s.walks[best].best
		if w.best.Lost < b.Lost || w.best.Lost == b.Lost && w.best.Cost < b.Cost {
			best = i
		}
	}
	return &s.walks[best].best, best
}

// temper sets the heat for the part of the budget that is spent: it falls by the
// same factor in equal times.
func (w *walk) temper(spent float64) {
	drives := max(w.m.N-len(w.absent), 1) + w.used
	cost := w.cost - w.m.Fixed*int64(w.used)
	for _, u := range w.absent {
		cost -= w.m.Price[u]
	}
	mean := float64(cost) / float64(drives)
	w.heat = mean * hot * power(cold/hot, spent)
}

// power is x to the y for 0 < x ≤ 1 and 0 ≤ y ≤ 1, the same on every machine.
func power(x, y float64) float64 {
	out, root := 1.0, x
	for bit := 0.5; bit > 1e-6; bit /= 2 {
		root = math.Sqrt(root)
		if y >= bit {
			y -= bit
			out = float64(out * root)
		}
	}
	return out
}
