package kernel

import "slices"

// Sizes of the pool: it grows to poolMost, then falls back to poolLeast.
const (
	poolLeast = 16
	poolMost  = 28
	poolElite = 4 // as many of the best as stay whatever they are like
	poolClose = 4 // neighbours that a member's distance is taken to
)

// member is a plan in the pool.
type member struct {
	Solution
	next []int32 // by stop: the one after it, or -1
	prev []int32
	rank int // by cost and by distance to the others: small is good
}

// pool keeps good plans that differ, as Vidal's hybrid genetic search does
// (Operations Research 60, 2012).
type pool struct {
	m       *model
	members []*member
}

// add puts a copy of a plan into the pool unless it is there already.
func (p *pool) add(s *Solution) {
	for _, o := range p.members {
		if o.Cost == s.Cost && o.Lost == s.Lost {
			return
		}
	}
	x := &member{next: make([]int32, p.m.N), prev: make([]int32, p.m.N)}
	x.Lost, x.Cost = s.Lost, s.Cost
	for i := range x.next {
		x.next[i], x.prev[i] = -2, -2
	}
	for _, q := range s.Routes {
		if len(q) == 0 {
			continue
		}
		x.Routes = append(x.Routes, slices.Clone(q))
		last := int32(-1)
		for _, n := range q {
			x.prev[n] = last
			if last >= 0 {
				x.next[last] = n
			}
			last = n
		}
		x.next[last] = -1
	}
	p.members = append(p.members, x)
	if len(p.members) > poolMost {
		p.sift()
	}
	p.order()
}

// apart is how many stops have a neighbour in a that they do not have in b.
func apart(a, b *member) int {
	d := 0
	for n, x := range a.next {
		if x != b.next[n] && x != b.prev[n] {
			d++
		}
	}
	return d
}

// order ranks the members by cost, and by how far the nearest others are.
func (p *pool) order() {
	slices.SortStableFunc(p.members, func(a, b *member) int {
		switch {
		case a.Lost != b.Lost:
			return sign(a.Lost - b.Lost)
		default:
			return sign(a.Cost - b.Cost)
		}
	})
	n := len(p.members)
	type far struct{ i, d int }
	byFar := make([]far, n)
	near := make([]int, 0, n)
	for i, a := range p.members {
		near = near[:0]
		for j, b := range p.members {
			if i != j {
				near = append(near, apart(a, b))
			}
		}
		slices.Sort(near)
		sum := 0
		for _, d := range near[:min(poolClose, len(near))] {
			sum += d
		}
		byFar[i] = far{i, sum}
	}
	slices.SortStableFunc(byFar, func(a, b far) int { return b.d - a.d })
	for k, f := range byFar {
		// The more elite members there are, the less the distance weighs.
		p.members[f.i].rank = f.i*n + k*(n-min(poolElite, n-1))
	}
}

func sign(x int64) int {
	switch {
	case x < 0:
		return -1
	case x > 0:
		return 1
	}
	return 0
}

// sift takes the worst ranked out until the least number is left; never the best.
func (p *pool) sift() {
	for len(p.members) > poolLeast {
		p.order()
		worst := 1
		for i := 1; i < len(p.members); i++ {
			if p.members[i].rank > p.members[worst].rank {
				worst = i
			}
		}
		p.members = slices.Delete(p.members, worst, worst+1)
	}
}

// draw is the better of two drawn.
func (p *pool) draw(d *Dice) *member {
	a, b := p.members[d.Below(len(p.members))], p.members[d.Below(len(p.members))]
	if b.rank < a.rank {
		return b
	}
	return a
}

// routeOf is the route that a stop is in, or -1.
func (x *member) routeOf(n int32) int {
	if x.next[n] == -2 {
		return -1
	}
	for x.prev[n] >= 0 {
		n = x.prev[n]
	}
	for r, q := range x.Routes {
		if q[0] == n {
			return r
		}
	}
	return -1
}
