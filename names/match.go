package names

import (
	"math"
	"math/bits"
)

// What a name that is not matched costs, in quarter bits.
const (
	missCore       = -14 // the query has a name that the record has not
	extraCore      = -10 // the record has a name that the query has not
	missPatronymic = -2  // patronymics are left out
	morePatronymic = -1  // of two who are called so, the one whose name is no longer comes first
	twoPatronymics = -18 // both have one, and they are not the same
	initialGain    = 16  // one letter of some twenty
	crossKind      = 26  // a father's name that stands as a surname
	maxCost        = 44  // beyond this two names are two names
)

// unseen is the chance, as exponents, that a name is in nobody's mouth yet: P(new) · 2^-3.5 for each sound.
func unseen(n int) float64 { return 0.0156 * math.Pow(2, -3.5*float64(n)) }

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
	whole := a.rooted() && b.rooted() // two surnames are compared whole
	best := limit + 1
	for i := range a.Variants {
		v := &a.Variants[i]
		if whole && v.Extra == rootExtra {
			continue
		}
		for j := range b.Variants {
			w := &b.Variants[j]
			extra := int(v.Extra) + int(w.Extra) + cross
			switch {
			case w.Extra != rootExtra && v.Extra != rootExtra:
			case whole:
				continue
			default:
				extra = max(int(v.Extra)+int(w.Extra), cross)
			}
			if d := v.distance(w, best-1-extra); d < far {
				best = d + extra
			}
		}
	}
	if best > limit {
		return far
	}
	return best
}

// distance is that of the two skeletons, of which most are told apart by the sounds that are in them.
func (v *Variant) distance(w *Variant, limit int) int {
	if limit < 0 || v.set != w.set && atLeast(v.set, w.set)+fault > limit {
		return far
	}
	return distance(v.Sounds, w.Sounds, limit)
}

// rooted reports whether a token has a surname's ending.
func (t *Token) rooted() bool { return t.Variants[len(t.Variants)-1].Extra == rootExtra }

// limitFor bounds the cost by the shorter token's length: two short names are soon alike.
func limitFor(t *Token) int {
	return min(maxCost, 8+6*len(t.Variants[0].Sounds))
}

// outline is what can be seen of a token before it is compared: the sounds that all its variants have, those that any
// has, and the same of the coarse classes.
type outline struct{ all, any, allClasses, anyClasses uint32 }

func outlineOf(t *Token) outline {
	o := outline{all: math.MaxUint32, allClasses: math.MaxUint32}
	for _, v := range t.Variants {
		var m uint32
		for i := range len(v.Sounds) {
			if k := table.code[v.Sounds[i]&31]; k != '.' {
				m |= 1 << (k & 31)
			}
		}
		o.all, o.any = o.all&v.set, o.any|v.set
		o.allClasses, o.anyClasses = o.allClasses&m, o.anyClasses|m
	}
	return o
}

// beyond reports whether two tokens cannot be within limit of each other: three classes of sound differ, or sounds that
// are dearer.
func (o *outline) beyond(d *outline, limit int) bool {
	return bits.OnesCount32(o.allClasses&^d.anyClasses)+bits.OnesCount32(d.allClasses&^o.anyClasses) > 2 ||
		unshared(o.all&^d.any, d.any) > limit || unshared(d.all&^o.any, o.any) > limit
}

// neighbours returns the forms that a token may mean, and the surprise of hearing it at all: how rare all that it
// may mean is. Costs beyond limit are not looked for.
func (x *Index) neighbours(t *Token, s *scratch, limit int) ([]neighbour, int) {
	if t.Kind == Initial {
		return nil, initialGain
	}
	s.begin(t, len(x.forms))
	var out []neighbour
	limit = min(limit, limitFor(t))
	m := outlineOf(t)
	total := float64(x.live) + priorPeople
	p, known := 0.0, false
	for _, k := range s.keys {
		for _, f := range x.blocks[k] {
			if s.seen[f] == s.mark {
				continue
			}
			s.seen[f] = s.mark
			if m.beyond(&x.outlines[f], limit) {
				continue
			}
			form := &x.forms[f]
			if len(form.bearers) == 0 {
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
	return out, t.surprise(p, known, total)
}

// surprise returns how surprising it is to hear a token, in quarter bits: p is the chance by those in the register who bear
// what it may mean, known whether somebody bears it just so, total how many people there are.
func (t *Token) surprise(p float64, known bool, total float64) int {
	switch {
	case t.Kind == Initial:
		return initialGain
	case t.Kind == Core && everyday[t.Variants[0].Sounds]:
		p += priorPeople / total * everydayShare
	case !known:
		p += priorPeople / total * priorShare
	}
	return steps(min(p+unseen(len(t.Variants[0].Sounds)), 1))
}

// begin sets out to look at the forms that share a key with a token, each once.
func (s *scratch) begin(t *Token, forms int) {
	s.keys = s.keys[:0]
	for _, v := range t.Variants {
		s.keys = blockKeys(s.keys, v)
	}
	s.seen = grow(s.seen, forms)
	s.mark++
}

func grow[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	return append(s, make([]T, n-len(s)+n/8)...)
}

// pair is one token of the query and the record's that it was found to be; -1 is none.
type pair struct{ q, r, cost, gain int }

// agreement is how far two names agree that lie on each other.
type agreement uint8

const (
	namesContradict agreement = iota // both have a name that the other has not
	namesPartly                      // what both have agrees, or nearly
	namesAgree                       // every given name and surname of both is the other's, two at least
)

// alignment is the best way to lay two names on each other.
type alignment struct {
	steps   int // quarter bits
	pairs   [maxTokens]pair
	n       int
	level   agreement
	fathers bool // two patronymics that are not the same
	sure    int  // parts that are surely one
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
			if s&(1<<j) == 0 {
				v += extra(r[j])
			}
		}
		if v > score {
			set, score = s, v
		}
	}
	return set, score
}

// extra returns what it costs that a record has a part more than the query, in quarter bits.
func extra(t *Token) int {
	if t.Kind == Patronymic {
		return morePatronymic
	}
	return extraCore
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

// trace follows the choices back and judges whether the names agree.
func trace(q Key, r []*Token, cost func(i, j int) int, background []int, from *choices, set, score int) alignment {
	a := alignment{steps: score, n: len(q)}
	used, sure, weak, missing, extra, father := set, 0, 0, 0, 0, false
	for i := len(q) - 1; i >= 0; i-- {
		j := int(from[i][set])
		a.pairs[i] = pair{q: i, r: j}
		switch {
		case j >= 0:
			set &^= 1 << j
			c := cost(i, j)
			g, _ := gainOf(&q[i], r[j], c, background[i])
			a.pairs[i].cost, a.pairs[i].gain = c, g
			switch {
			case q[i].Kind != Initial && r[j].Kind != Initial && agrees(c, g):
				sure++
			case q[i].Kind != Patronymic:
				weak++
			}
		case q[i].Kind == Patronymic:
			father = true
		default:
			missing++
		}
	}
	for j := range r {
		switch {
		case used&(1<<j) != 0:
		case r[j].Kind != Patronymic:
			extra++
		case father:
			a.steps += twoPatronymics
			a.fathers = true
		}
	}
	a.sure = sure
	switch {
	case a.fathers || missing > 0 && extra > 0 || sure == 0:
	case missing+extra+weak > 0 || sure < 2:
		a.level = namesPartly
	default:
		a.level = namesAgree
	}
	return a
}

// agrees reports whether two parts are surely one name. A sibling bears another name of the register: a name that is
// better explained by another gains little. The more it was garbled, the more it must say.
func agrees(cost, gain int) bool { return cost <= givenCost && gain >= max(givenGain, cost) }

const (
	givenCost = 36
	givenGain = 14
)
