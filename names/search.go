package names

import (
	"cmp"
	"slices"
)

// Hit is a record that was found. Compare tells why.
type Hit struct {
	Slot      Slot
	Bits      float64 // the evidence, the name with it
	Name      float64 // the name alone
	Band      Band
	Given     bool
	Household bool
}

// aligned is how many records are compared exactly for one search.
const aligned = 64

// scratch is what one search works with.
type scratch struct {
	keys    []uint32
	seen    []uint32 // forms, by mark
	mark    uint32
	cost    [maxTokens][]uint8 // form → cost + 1
	near    [maxTokens][]neighbour
	score   []uint16 // slot → gain so far
	stamp   []uint8  // slot → last token that gained
	touched []Slot
	counts  [1024]int32
}

// query is a record ready to be compared.
type query struct {
	key      Key
	phones   [2]uint64
	born     Born32
	place    string
	address  Address
	number   string
	children [4]uint8
}

// Search returns the k records that are likeliest to be the same person, the likeliest first.
func (x *Index) Search(r Record, k int) []Hit {
	x.mu.RLock()
	defer x.mu.RUnlock()
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	q := prepare(r)
	hits, all := x.search(&q, s)
	found := len(hits) > 0 && hits[0].Name >= max(foundName, all/2)
	if len(hits) == 0 || !hits[0].Given {
		for _, key := range x.guesses(r.Name, q.key, found) {
			q.key = key
			more, _ := x.search(&q, s)
			hits = merge(hits, more)
		}
	}
	x.margin(hits)
	if len(hits) > k {
		hits = hits[:k]
	}
	return hits
}

// foundName is the bits of a name from which it was found as it was typed, if it is half of what the name would say
// of somebody who is called just so.
const foundName = 6.0

// merge adds what a guess found: a record counts as the better of the two, and a guess is never quite the same.
func merge(hits, more []Hit) []Hit {
	at := make(map[Slot]int, len(hits))
	for i, h := range hits {
		at[h.Slot] = i
	}
	for _, h := range more {
		h.Bits, h.Name = h.Bits-guessExtra, h.Name-guessExtra
		if i, ok := at[h.Slot]; !ok {
			hits = append(hits, h)
		} else if h.Bits > hits[i].Bits {
			hits[i] = h
		}
	}
	order(hits)
	return hits
}

// order puts the likeliest first.
func order(hits []Hit) {
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Bits, a.Bits), cmp.Compare(a.Slot, b.Slot))
	})
}

// search returns who may be meant, and what the name would say of somebody who is called just so, in bits.
func (x *Index) search(q *query, s *scratch) ([]Hit, float64) {
	background := x.hear(q.key, s)
	all := 0
	for _, b := range background {
		all += b
	}
	candidates := x.candidates(q, s, background)
	hits := make([]Hit, 0, len(candidates))
	for _, slot := range candidates {
		hits = append(hits, x.judge(q, slot, s, background))
	}
	for i := range q.key {
		for _, n := range s.near[i] {
			s.cost[i][n.form] = 0
		}
	}
	order(hits)
	return hits, float64(all) / 4
}

// hear finds what each token may mean.
func (x *Index) hear(key Key, s *scratch) []int {
	background := make([]int, len(key))
	for i := range key {
		s.near[i], background[i] = x.neighbours(&key[i], s, maxCost)
		s.cost[i] = grow(s.cost[i], len(x.forms))
		for _, n := range s.near[i] {
			s.cost[i][n.form] = n.cost + 1
		}
	}
	return background
}

// candidates returns the records that gain most from the parts of the name, and those with the phone.
func (x *Index) candidates(q *query, s *scratch, background []int) []Slot {
	s.score, s.stamp = grow(s.score, x.slots), grow(s.stamp, x.slots)
	s.touched = s.touched[:0]
	for i := range q.key {
		slices.SortFunc(s.near[i], func(a, b neighbour) int { return cmp.Compare(a.cost, b.cost) })
		for _, n := range s.near[i] {
			gain := background[i] - int(n.cost)
			if n.cost == 0 {
				gain = max(gain, 1) // what everybody is called finds them all the same
			}
			if gain <= 0 {
				break
			}
			s.credit(x.forms[n.form].bearers, uint8(i+1), uint16(gain))
		}
	}
	out := s.best()
	for _, phone := range q.phones {
		x.phones.each(phone, func(slot Slot, _ phoneLikeness) {
			out = append(out, slot)
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// credit gives the bearers of a form what a token gains by it, unless a better form of the same token has.
func (s *scratch) credit(bearers []Slot, token uint8, gain uint16) {
	for _, slot := range bearers {
		if s.stamp[slot] == token {
			continue
		}
		if s.stamp[slot] == 0 {
			s.touched = append(s.touched, slot)
		}
		s.stamp[slot] = token
		s.score[slot] += gain
	}
}

// best returns the touched slots with the highest scores, and cleans up.
func (s *scratch) best() []Slot {
	clear(s.counts[:])
	for _, slot := range s.touched {
		s.counts[min(s.score[slot], 1023)]++
	}
	floor, n := 1023, int32(0)
	for floor > 0 && n+s.counts[floor] <= aligned {
		n += s.counts[floor]
		floor--
	}
	out := make([]Slot, 0, aligned)
	rest := aligned - int(n)
	for _, slot := range s.touched {
		switch v := int(min(s.score[slot], 1023)); {
		case v > floor:
			out = append(out, slot)
		case v == floor && rest > 0:
			out = append(out, slot)
			rest--
		}
		s.score[slot], s.stamp[slot] = 0, 0
	}
	return out
}

// judge compares the query with one record.
func (x *Index) judge(q *query, slot Slot, s *scratch, background []int) Hit {
	p := x.person(slot)
	var tokens [maxTokens]*Token
	n := 0
	for _, f := range p.names {
		if f == 0 {
			break
		}
		tokens[n] = &x.forms[f-1].token
		n++
	}
	a := align(q.key, tokens[:n], func(i, j int) int {
		if c := s.cost[i][p.names[j]-1]; c > 0 {
			return int(c) - 1
		}
		return far
	}, background)
	r := x.view(p)
	v := x.weigh(q, &r, &a)
	return Hit{Slot: slot, Bits: v.bits, Name: v.name, Band: v.band, Given: v.level == namesAgree, Household: v.household}
}

// margin lowers to Maybe what has a rival: where two records are nearly as likely, a person decides.
func (x *Index) margin(hits []Hit) {
	if len(hits) > 1 && hits[0].Band == Same && hits[1].Band != Same && hits[0].Bits-hits[1].Bits < x.weights.Margin {
		hits[0].Band = Maybe
	}
}

// view turns a stored record into what a query is compared with, without its name.
func (x *Index) view(p *person) query {
	return query{phones: p.phones, born: p.born, place: x.texts.all[p.place], number: x.texts.all[p.number], children: p.children,
		address: Address{street: x.texts.all[p.street], house: x.texts.all[p.house], flat: p.flat}}
}
