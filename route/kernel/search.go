package kernel

import (
	"math"
	"sync"
)

// Search is walks of one problem side by side. What it finds is a function of the
// problem, the seed, the number of walks and the calls made; not of how fast they are.
//
// A budget has three stages. Where fewer vehicles go first, the walks begin with a
// hunt for a plan with fewer. Then each cools several first plans, which fill the
// pool. The rest of the time each makes children of two plans of the pool, and
// cools each child quickly.
type Search struct {
	m     *model
	walks []*walk
	pool  pool
	stage stage
	base  Solution // where first plans begin; empty: from nothing
	warm  bool     // base was given
	since int      // the phase in which the stage began
	done  int64    // steps of all walks
	long  bool     // routes, so that the town is left where there is time
	town  *town    // where there are many stops
	heat  float64  // the town's
}

type stage uint8

const (
	hunting stage = iota
	filling
	breeding
)

// Temperatures, as parts of the mean cost of a drive: where cooling begins and ends.
const (
	hot       = 3.0
	hotAgain  = 1.0 // for a plan that was given
	hotTown   = 2.0 // by districts
	cold      = 0.01
	hotHunt   = 0.1
	hotChild  = 0.3
	coldChild = 0.01
)

// How long a stage lasts, in parts of the phases that are left; over how many phases a
// first plan cools; and how many steps a child has for each stop. Beyond so many stops
// a first plan needs longer than there is time for many of them.
const (
	huntPart   = 0.3
	fillPart   = 0.3
	annealing  = 5
	childSteps = 5
	coldLevels = 8
)

// New prepares a search and makes a first plan, from warm where it is not nil.
func New(p *Problem, seed uint64, workers int, warm *Solution) *Search {
	s := &Search{m: newModel(p), stage: filling}
	s.pool.m = s.m
	logs := Logs()
	for i := range max(workers, 1) {
		w := newWalk(s.m, seed+uint64(i)*0x9e3779b97f4a7c15, logs)
		if warm != nil {
			w.load(warm)
		}
		w.complete()
		w.save()
		w.keep()
		s.walks = append(s.walks, w)
	}
	if warm != nil {
		s.base.copyFrom(&s.walks[0].best)
		s.warm = true
	}
	if p.Fewer {
		s.stage = hunting
	}
	if p.N > manyStops {
		w := s.walks[0]
		s.town = newTown(s.m, w.dice.Next(), logs, &w.best, w.fleet)
		s.town.hunting, s.long = p.Fewer, s.whole()
	} else if p.Fewer {
		for _, w := range s.walks {
			w.shrinking = true
			w.shrink()
		}
	}
	return s
}

// whole says that a plan of many stops is better searched whole, if there is time for several:
// few long routes leave a district little to choose from.
func (s *Search) whole() bool {
	n, w := s.m.N, s.walks[0]
	return n <= tooMany && !s.m.Fewer && n-len(w.absent) >= longRoutes*w.used
}

// leaveTown goes on without districts where the budget, as the steps so far tell, allows it.
func (s *Search) leaveTown(k, phases int) {
	if s.done*int64(phases) < wholeSteps*int64(s.m.N)*int64(k) {
		return
	}
	best, _ := s.Best()
	s.town, s.since = nil, k
	for _, w := range s.walks {
		w.load(best)
		w.save()
		w.keep()
		s.restart(w)
	}
}

// Workers is how many walks there are.
func (s *Search) Workers() int { return len(s.walks) }

// Best is the best plan so far, and the walk that found it.
func (s *Search) Best() (*Solution, int) {
	if s.town != nil {
		s.town.join()
		return &s.town.best, 0
	}
	best := 0
	for i, w := range s.walks {
		w.keep()
		if w.kept.less(&s.walks[best].kept) {
			best = i
		}
	}
	return &s.walks[best].kept, best
}

// Phase prepares the walks for the k-th of so many phases of equal budget.
func (s *Search) Phase(k, phases int) {
	gone := float64(k-s.since) / float64(phases-s.since)
	if s.stage == hunting && (gone >= huntPart || s.hunted()) {
		s.settle()
		s.stage, s.since, gone = filling, k, 0
	}
	if s.town != nil && s.long && k == phases/wholePart {
		s.leaveTown(k, phases)
	}
	if s.town != nil {
		s.heat = s.walks[0].drive() * s.townHeat(gone)
		return
	}
	if s.stage == filling && gone >= fillPart && len(s.pool.members) > 1 {
		s.stage = breeding
	}
	part := (k - s.since) % annealing
	for _, w := range s.walks {
		switch s.stage {
		case hunting:
			w.heat = w.drive() * hotHunt
		case filling:
			if part == 0 && k > s.since {
				s.pool.add(&w.best)
				s.restart(w)
			}
			from := hot
			if s.warm {
				from = hotAgain
			}
			w.heat = w.drive() * from * power(cold/from, float64(part)/float64(annealing-1))
		case breeding: // each child is cooled by itself
		}
	}
}

// townHeat is the heat by districts after a part of the time, in mean drives.
func (s *Search) townHeat(gone float64) float64 {
	from := hotTown
	switch {
	case s.stage == hunting:
		return hotHunt
	case s.warm:
		from = hotAgain
	}
	return from * power(cold/from, gone)
}

// restart begins another first plan.
func (s *Search) restart(w *walk) {
	w.keep()
	w.load(&s.base)
	w.complete()
	w.save()
}

// hunted says that no plan can have fewer routes.
func (s *Search) hunted() bool {
	if t := s.town; t != nil {
		return t.best.Lost == 0 && t.best.vehicles() <= s.m.lower
	}
	for _, w := range s.walks {
		if w.best.Lost == 0 && w.best.vehicles() <= s.m.lower {
			return true
		}
	}
	return false
}

// settle ends the hunt: every walk goes on with the fewest routes that one has found.
func (s *Search) settle() {
	best, _ := s.Best()
	if t := s.town; t != nil {
		t.hunting, t.fleet = false, max(best.vehicles(), 1)
		t.plan.copyFrom(best)
		return
	}
	for _, w := range s.walks {
		w.shrinking = false
	}
	s.base.copyFrom(best)
	for _, w := range s.walks {
		w.fleet = max(s.base.vehicles(), 1)
		s.restart(w)
	}
}

// Epoch is how many steps one call of Steps should make.
func (s *Search) Epoch() int64 {
	if s.town != nil {
		return max(1, districtSteps*int64(s.m.N)/int64(4*len(s.walks)))
	}
	if s.stage == breeding {
		return childSteps * int64(s.m.N)
	}
	return 500
}

// Steps walks every walk so many steps.
func (s *Search) Steps(n int64) {
	s.done += n * int64(len(s.walks))
	if s.town != nil {
		s.town.steps(n, len(s.walks), s.heat)
		return
	}
	step := func(w *walk) { w.walk(n) }
	if s.stage == breeding {
		step = func(w *walk) { w.breed(&s.pool, n) }
	}
	if len(s.walks) == 1 {
		step(s.walks[0])
	} else {
		var wg sync.WaitGroup
		for _, w := range s.walks {
			wg.Go(func() { step(w) })
		}
		wg.Wait()
	}
	if s.stage == breeding {
		for _, w := range s.walks {
			s.pool.add(&w.best)
		}
	}
}

func (w *walk) walk(n int64) {
	for range n {
		w.step()
	}
}

// breed makes a child and cools it in so many steps.
func (w *walk) breed(p *pool, n int64) {
	a, b := p.draw(w.dice), p.draw(w.dice)
	for range 8 {
		if a != b {
			break
		}
		b = p.draw(w.dice)
	}
	w.cross(a, b)
	w.save()
	mean := w.drive()
	for l := range int64(coldLevels) {
		w.heat = mean * hotChild * power(coldChild/hotChild, float64(l)/(coldLevels-1))
		w.walk(n*(l+1)/coldLevels - n*l/coldLevels)
	}
	w.keep()
}

// complete serves what fits: all of it in a first plan, whatever its price; in a plan
// that is there already what is worth it.
func (w *walk) complete() {
	if w.used > 0 {
		w.recreate(-1, false)
		w.begin()
		return
	}
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

// drive is the mean cost of a drive.
func (w *walk) drive() float64 {
	drives := max(w.m.N-len(w.absent), 1) + w.used
	cost := w.cost - w.m.Fixed*int64(w.used)
	for _, u := range w.absent {
		cost -= w.m.Price[u]
	}
	return float64(cost) / float64(drives)
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
