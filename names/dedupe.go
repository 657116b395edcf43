package names

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"sync"
)

// Pair is two records of a list, by their place in it, that may be one person.
type Pair struct {
	A, B     int
	Evidence Evidence // without Parts
}

// maxGroup bounds how many records one key may bring together: what more than so many share says nothing.
const maxGroup = 64

// heardWithin bounds what a form may mean when only its surprise is wanted: what costs six bits adds a 64th.
const heardWithin = 24

// Dedupe finds the pairs of a list that are Same or Maybe, the surest first. Pairs are looked at when they share a
// number, a date of birth, a phone, an address, or most of a name. The list itself tells how often its fields
// are wrong, and whether it has families.
func Dedupe(list []Record, w Weights, workers int) []Pair {
	d := deduper{x: indexOf(list, w, workers)}
	pairs := d.pairs()
	d.hear(workers)
	verdicts := make([]verdict, len(pairs))
	share(workers, len(pairs), func(from, to int) {
		for k := from; k < to; k++ {
			verdicts[k] = d.judge(Slot(pairs[k]>>32), Slot(pairs[k]&0xffffffff))
		}
	})
	families := calibrate(verdicts, &d.x.weights)
	found := d.close(pairs, verdicts, families)
	slices.SortFunc(found, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.Evidence.Bits, a.Evidence.Bits), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	return found
}

// indexOf puts a list into an index.
func indexOf(list []Record, w Weights, workers int) *Index {
	ready := make([]prepared, len(list))
	share(workers, len(list), func(from, to int) {
		for i := from; i < to; i++ {
			ready[i] = prepared{prepareEvidence(list[i]), words(list[i].Name)}
		}
	})
	x := NewIndex(w)
	for i := range ready {
		x.add(&ready[i])
	}
	return x
}

// deduper compares records of one index with each other.
type deduper struct {
	x     *Index
	s     scratch
	heard []int // form → surprise of hearing it
}

// hear finds how surprising it is to hear each form: the same as neighbours tells, but for each two forms at once.
func (d *deduper) hear(workers int) {
	x := d.x
	likely := make([]float64, len(x.forms)) // of hearing it, by all that may be meant
	near := make([][]neighbour, len(x.forms))
	share(workers, len(x.forms), func(from, to int) {
		var s scratch
		for f := from; f < to; f++ {
			near[f] = x.olderNeighbours(int32(f), &s)
		}
	})
	total := float64(x.live) + priorPeople
	for f := range near {
		likely[f] += float64(len(x.forms[f].bearers)) / total
		for _, n := range near[f] {
			p := math.Pow(2, -float64(n.cost)/4) / total
			likely[f] += float64(len(x.forms[n.form].bearers)) * p
			likely[n.form] += float64(len(x.forms[f].bearers)) * p
		}
	}
	d.heard = make([]int, len(x.forms))
	for f := range likely {
		d.heard[f] = x.forms[f].token.surprise(likely[f], true, total)
	}
}

// olderNeighbours returns the forms before f that it may mean.
func (x *Index) olderNeighbours(f int32, s *scratch) []neighbour {
	t, o := &x.forms[f].token, &x.outlines[f]
	if t.Kind == Initial {
		return nil
	}
	s.begin(t, len(x.forms))
	var out []neighbour
	limit := min(heardWithin, limitFor(t))
	for _, k := range s.keys {
		for _, g := range x.blocks[k] { // in the order in which they came
			if g >= f {
				break
			}
			if s.seen[g] == s.mark {
				continue
			}
			s.seen[g] = s.mark
			if o.beyond(&x.outlines[g], limit) {
				continue
			}
			if c := tokenCost(t, &x.forms[g].token, limit); c != far {
				out = append(out, neighbour{g, uint8(c)})
			}
		}
	}
	return out
}

// slotBits are the bits of a blocked that are a slot: room for 67 million; the rest is the key's hash.
const slotBits = 26

// pairs returns the pairs that share a key, the smaller slot in the upper half. Two keys with one hash only bring
// together what has nothing in common.
func (d *deduper) pairs() []uint64 {
	all := make([]uint64, 0, 24*d.x.slots)
	for i := range d.x.slots {
		all = d.keys(all, Slot(i))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	var out []uint64
	for i := 0; i < len(all); {
		j := i + 1
		for j < len(all) && all[j]>>slotBits == all[i]>>slotBits {
			j++
		}
		if j-i <= maxGroup {
			for a := i; a < j; a++ {
				for b := a + 1; b < j; b++ {
					out = append(out, all[a]&(1<<slotBits-1)<<32|all[b]&(1<<slotBits-1))
				}
			}
		}
		i = j
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Kinds of keys that bring records together.
const (
	byNumber = iota + 1
	byDay
	byPhoneEnd
	byPhoneMiddle
	byHouse
	byNameAndYear
	byNameAndPlace
	byTwoNames
)

// keys appends what a record may be brought together by.
func (d *deduper) keys(all []uint64, slot Slot) []uint64 {
	p := d.x.person(slot)
	add := func(kind uint64, parts ...uint64) {
		h := kind * 0x9e3779b97f4a7c15
		for _, v := range parts {
			h = (h ^ v) * 0x100000001b3
			h ^= h >> 29
		}
		all = append(all, h*0x9e3779b97f4a7c15>>slotBits<<slotBits|uint64(slot))
	}
	if p.number != 0 {
		add(byNumber, uint64(p.number))
	}
	if p.born.day != 0 {
		add(byDay, uint64(p.born.year), uint64(p.born.month), uint64(p.born.day))
	}
	for _, phone := range p.phones {
		if phone != 0 {
			add(byPhoneEnd, uint64(tailOf(phone)))
			add(byPhoneMiddle, uint64(middleOf(phone)), phone%100)
		}
	}
	if p.street != 0 && p.house != 0 {
		add(byHouse, uint64(p.street), uint64(p.house))
	}
	d.nameKeys(p, add)
	return all
}

// nameKeys adds each part of a name with the year, with the place, and with the consonants of each other part.
func (d *deduper) nameKeys(p *person, add func(kind uint64, parts ...uint64)) {
	for i, f := range p.names {
		if f == 0 {
			return
		}
		if p.born.year != 0 {
			add(byNameAndYear, uint64(f), uint64(p.born.year))
		}
		if p.place != 0 {
			add(byNameAndPlace, uint64(f), uint64(p.place))
		}
		for j, g := range p.names {
			if g == 0 || i == j {
				continue
			}
			d.s.keys = blockKeys(d.s.keys[:0], d.x.forms[g-1].token.Variants[0])
			for _, k := range d.s.keys {
				add(byTwoNames, uint64(f), uint64(k))
			}
		}
	}
}

// close returns the pairs that are not Different, and makes Same what is joined by a third record: two that are both
// the same as it. Where the list has families, names that contradict each other forbid it.
func (d *deduper) close(pairs []uint64, verdicts []verdict, families bool) []Pair {
	at := make(map[uint64]int, len(pairs)/8)
	same := map[Slot][]Slot{}
	var found []Pair
	keep := func(p uint64, v *verdict) int {
		at[p] = len(found)
		found = append(found, Pair{A: int(p >> 32), B: int(p & 0xffffffff), Evidence: v.evidence()})
		return len(found) - 1
	}
	for i, p := range pairs {
		v := &verdicts[i]
		if v.band == Different {
			continue
		}
		keep(p, v)
		if v.band == Same {
			a, b := Slot(p>>32), Slot(p&0xffffffff)
			same[a], same[b] = append(same[a], b), append(same[b], a)
		}
	}
	for _, third := range slices.Sorted(maps.Keys(same)) {
		for _, p := range triangles(same[third]) {
			k, known := at[p]
			if known && found[k].Evidence.Band == Same {
				continue
			}
			v := d.judge(Slot(p>>32), Slot(p&0xffffffff))
			if families && v.level == namesContradict {
				continue
			}
			if !known {
				k = keep(p, &v)
			}
			found[k].Evidence.Band = Same
		}
	}
	return found
}

// triangles returns the pairs of those who are the same as one third.
func triangles(friends []Slot) []uint64 {
	var out []uint64
	if len(friends) > maxGroup {
		return nil
	}
	for i, a := range friends {
		for _, b := range friends[i+1:] {
			out = append(out, uint64(min(a, b))<<32|uint64(max(a, b)))
		}
	}
	return out
}

// share cuts n pieces of work into as many shares as there are workers, and waits for them.
func share(workers, n int, work func(from, to int)) {
	var wg sync.WaitGroup
	workers = max(1, workers)
	for i := range workers {
		wg.Go(func() { work(n*i/workers, n*(i+1)/workers) })
	}
	wg.Wait()
}

// judge compares two records of the index.
func (d *deduper) judge(a, b Slot) verdict {
	p, r := d.x.person(a), d.x.person(b)
	var key [maxTokens]Token
	var tokens [maxTokens]*Token
	var background [maxTokens]int
	n, m := 0, 0
	for ; n < maxTokens && p.names[n] != 0; n++ {
		f := p.names[n] - 1
		key[n] = d.x.forms[f].token
		background[n] = d.heard[f]
	}
	for ; m < maxTokens && r.names[m] != 0; m++ {
		tokens[m] = &d.x.forms[r.names[m]-1].token
	}
	al := align(key[:n], tokens[:m], func(i, j int) int {
		if p.names[i] == r.names[j] {
			return 0
		}
		return tokenCost(&key[i], tokens[j], limitFor(&key[i]))
	}, background[:n])
	q, other := d.x.view(p), d.x.view(r)
	return d.x.weigh(&q, &other, &al)
}
