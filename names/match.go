package names

import (
	"math"
	"math/bits"
)

// What a name that is not matched costs, in quarter bits.
const (
	missCore       = -22 // the query has a name that the record has not
	extraCore      = -14 // the record has a name that the query has not
	missPatronymic = -2  // patronymics are left out
	twoPatronymics = -18 // both have one, and they are not the same
	initialGain    = 12  // one letter of some twenty
	crossKind      = 14  // a father's name that stands as a surname
	maxCost        = 64  // beyond this two names are two names
)

// unseen is the chance, as exponents, that a name is in nobody's mouth yet: P(new) · 2^-3 for each sound.
func unseen(n int) float64 { return 0.05 * math.Pow(2, -3*float64(n)) }

// priorPeople stands for the people outside a small register; priorShare is the share of a name nobody here bears.
const (
	priorPeople = 500.0
	priorShare  = 1.0 / 4096
)

// neighbour is a form that may be what a token means.
type neighbour struct {
	form int32
	cost uint8
}

// tokenCost returns how surprising it is that one token means the other, in quarter bits.
func tokenCost(a, b *Token, limit int) int {
	cross := 0
	if a.Kind != b.Kind {
		if a.Kind == Initial || b.Kind == Initial {
			return far
		}
		cross = crossKind
	}
	best := limit + 1
	for _, v := range a.Variants {
		for _, w := range b.Variants {
			extra := int(v.Extra) + int(w.Extra)
			if v.Extra == rootExtra || w.Extra == rootExtra {
				if extra > rootExtra {
					continue // two surnames are compared whole
				}
				extra = max(extra, cross)
			} else {
				extra += cross
			}
			if d := distance(v.Sounds, w.Sounds, best-1-extra); d < far {
				best = d + extra
			}
		}
	}
	if best > limit {
		return far
	}
	return best
}

// limitFor bounds the cost by the shorter token's length: two short names are soon alike.
func limitFor(t *Token) int {
	return min(maxCost, 12+6*len(t.Variants[0].Sounds))
}

// mask has a bit for each coarse class of sound; classes that differ must be edited.
func mask(t *Token) uint32 {
	var m uint32
	for _, v := range t.Variants {
		for i := range len(v.Sounds) {
			if c := table.code[v.Sounds[i]&31]; c != '.' {
				m |= 1 << (c & 31)
			}
		}
	}
	return m
}

// neighbours returns the forms that a token may mean, and the surprise of hearing it at all: how rare all that it
// may mean is.
func (x *Index) neighbours(t *Token, s *scratch) ([]neighbour, int) {
	if t.Kind == Initial {
		return nil, initialGain
	}
	s.keys = s.keys[:0]
	for _, v := range t.Variants {
		s.keys = blockKeys(s.keys, v.Sounds)
	}
	s.seen = grow(s.seen, len(x.forms))
	s.mark++
	var out []neighbour
	limit, m := limitFor(t), mask(t)
	total := float64(x.live) + priorPeople
	p := unseen(len(t.Variants[0].Sounds))
	known := false
	for _, k := range s.keys {
		for _, f := range x.blocks[k] {
			if s.seen[f] == s.mark {
				continue
			}
			s.seen[f] = s.mark
			form := &x.forms[f]
			if len(form.bearers) == 0 || bits.OnesCount32(m&^form.mask)+bits.OnesCount32(form.mask&^m) > 3 {
				continue
			}
			c := tokenCost(t, &form.token, limit)
			if c == far {
				continue
			}
			known = known || c == 0
			out = append(out, neighbour{f, uint8(c)})
			p += float64(len(form.bearers)) / total * math.Pow(2, -float64(c)/4)
		}
	}
	if !known {
		p += priorPeople / total * priorShare
	}
	return out, steps(min(p, 1))
}

func grow[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	return append(s, make([]T, n-len(s)+n/8)...)
}

// pair is one token of the query and the record's that it was found to be; -1 is none.
type pair struct{ q, r, cost, gain int }

// alignment is the best way to lay two names on each other.
type alignment struct {
	steps   int // quarter bits
	pairs   [maxTokens]pair
	n       int
	given   bool
	fathers bool // two patronymics that are not the same
}

// never marks a set of the record's tokens that cannot be reached.
const never = math.MinInt32 / 2

// choices are, for each token of the query and each set of the record's tokens, the token taken last.
type choices [maxTokens][1 << maxTokens]int8

// align lays a query on a record's tokens. cost gives the cost of a pair; background the surprise of each token of
// the query. It tries all sets of the record's tokens: there are at most 64.
func align(q Key, r []*Token, cost func(i, j int) int, background []int) alignment {
	var best [1 << maxTokens]int
	var from choices
	full := 1 << len(r)
	for s := range full {
		best[s] = never
	}
	best[0] = 0
	for i := range q {
		miss := missCore
		if q[i].Kind == Patronymic {
			miss = missPatronymic
		}
		var next [1 << maxTokens]int
		for s := range full {
			next[s], from[i][s] = best[s]+miss, -1
		}
		for j := range r {
			if g, ok := gainOf(&q[i], r[j], cost(i, j), background[i]); ok {
				take(&best, &next, &from[i], full, j, g)
			}
		}
		best = next
	}
	set, score := leave(&best, r, full)
	return trace(q, r, cost, background, &from, set, score)
}

// take tries token j of the record with every set that has not got it.
func take(best, next *[1 << maxTokens]int, from *[1 << maxTokens]int8, full, j, gain int) {
	bit := 1 << j
	for s := range full {
		if s&bit == 0 && best[s] > never && best[s]+gain > next[s|bit] {
			next[s|bit], from[s|bit] = best[s]+gain, int8(j)
		}
	}
}

// leave returns the best set, when each token left over costs something.
func leave(best *[1 << maxTokens]int, r []*Token, full int) (set, score int) {
	score = math.MinInt32
	for s := range full {
		v := best[s]
		for j := range r {
			if s&(1<<j) == 0 && r[j].Kind != Patronymic {
				v += extraCore
			}
		}
		if v > score {
			set, score = s, v
		}
	}
	return set, score
}

// gainOf returns what a pair says for one person; ok is false when the two are not the same name.
func gainOf(q, r *Token, cost, background int) (int, bool) {
	if q.Kind == Initial || r.Kind == Initial {
		if q.Kind == Patronymic || r.Kind == Patronymic || q.Variants[0].Sounds[0] != r.Variants[0].Sounds[0] {
			return 0, false
		}
		return initialGain, true
	}
	if cost == far {
		return 0, false
	}
	return background - cost, true
}

// trace follows the choices back and judges whether all names agree.
func trace(q Key, r []*Token, cost func(i, j int) int, background []int, from *choices, set, score int) alignment {
	a := alignment{steps: score, n: len(q), given: true}
	used, sure, lostPatronymic := set, 0, false
	for i := len(q) - 1; i >= 0; i-- {
		j := int(from[i][set])
		a.pairs[i] = pair{q: i, r: j}
		if j < 0 {
			a.given = a.given && q[i].Kind != Core
			lostPatronymic = lostPatronymic || q[i].Kind == Patronymic
			continue
		}
		set &^= 1 << j
		c := cost(i, j)
		g, _ := gainOf(&q[i], r[j], c, background[i])
		a.pairs[i].cost, a.pairs[i].gain = c, g
		if q[i].Kind == Initial || r[j].Kind == Initial || c > givenCost || g < givenGain {
			a.given = a.given && q[i].Kind == Patronymic
		} else {
			sure++
		}
	}
	for j := range r {
		if used&(1<<j) != 0 {
			continue
		}
		if r[j].Kind == Patronymic && lostPatronymic {
			a.steps += twoPatronymics
			a.given, a.fathers = false, true
		}
		a.given = a.given && r[j].Kind == Patronymic
	}
	a.given = a.given && sure >= 2
	return a
}

// A given name agrees when it costs at most givenCost and says at least givenGain: a sibling bears another name of
// the register, and a name that is better explained by another says little.
const (
	givenCost = 20
	givenGain = 14
)
