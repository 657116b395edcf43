package names

import "math"

// usual is how often a finding is met when two records are one person, before a list has said otherwise. Findings that
// are not here keep their weight.
var usual = [FieldNumber + 1][remarks]float64{
	FieldName:     {contradict: 0.02},
	FieldPhone:    {other: 0.2, near: 0.06},
	FieldBorn:     {other: 0.05, near: 0.08},
	FieldPlace:    {other: 0.15},
	FieldAddress:  {other: 0.2, street: 0.15},
	FieldChildren: {other: 0.1},
	FieldNumber:   {other: 0.03, near: 0.06},
}

// How calibrate works.
const (
	calibrateRounds = 3
	calibrateHold   = 20.0 // pairs that the usual counts for
	calibrateFrom   = 50.0 // fewer expected pairs teach nothing
	fewFamilies     = 0.02 // of the pairs that share a household
)

// calibrate makes the verdicts of a list fit it, as expectation-maximisation does: pairs that are probably one person
// show how often each field is wrong in this list; what is often wrong counts less against. And where hardly any pair
// shares a household without being one person, the list has no families, and a household is as good as a person.
func calibrate(all []verdict, w *Weights) (families bool) {
	first := make([]float64, len(all))
	for i := range all {
		first[i] = all[i].bits
	}
	for range calibrateRounds {
		met := meet(all)
		if met.pairs < calibrateFrom {
			break
		}
		met.compare()
		for i := range all {
			v := &all[i]
			v.bits = first[i]
			for _, f := range v.found[:v.n] {
				v.bits += met.shift[f.field][f.key]
			}
			if v.level == namesContradict {
				v.bits += met.shift[FieldName][contradict]
			}
		}
	}
	families = hasFamilies(all)
	for i := range all {
		all[i].decide(w, families)
	}
	return families
}

// findings counts, over the pairs that are probably one person, how often each finding and each field was met.
type findings struct {
	pairs float64 // how many are expected to be one person
	count [FieldNumber + 1][remarks]float64
	total [FieldNumber + 1]float64
	shift [FieldNumber + 1][remarks]float64 // the bits that a finding is worth more here than usual
}

func meet(all []verdict) (met findings) {
	for i := range all {
		v := &all[i]
		if v.bits < v.prior-6.63 { // less than one in a hundred
			continue
		}
		p := 1 / (1 + math.Exp2(v.prior-v.bits))
		met.pairs += p
		for _, f := range v.found[:v.n] {
			met.total[f.field] += p
			met.count[f.field][f.key] += p
		}
		met.total[FieldName] += p
		if v.level == namesContradict {
			met.count[FieldName][contradict] += p
		}
	}
	return met
}

// compare finds the shifts.
func (m *findings) compare() {
	for f := range m.count {
		for k, u := range usual[f] {
			if u > 0 {
				m.shift[f][k] = math.Log2((m.count[f][k] + calibrateHold*u) / (m.total[f] + calibrateHold) / u)
			}
		}
	}
}

// hasFamilies reports whether a list has brothers and sisters: pairs that share a phone, a flat, or a street of one
// place, and are plainly two people. A list must show by many households that it has none.
func hasFamilies(all []verdict) bool {
	two, one := 0.0, 0.0
	for i := range all {
		v := &all[i]
		switch {
		case !v.household && !v.neighbours():
		case v.level == namesContradict && v.person <= 0:
			two++
		case v.bits > v.prior:
			one++
		}
	}
	return one < calibrateFrom || two > fewFamilies*(two+one)
}

// neighbours reports whether street and place are one, which is as near to a household as a list without house numbers shows.
func (v *verdict) neighbours() bool {
	door, place := false, false
	for _, f := range v.found[:v.n] {
		door = door || f.field == FieldAddress && f.key != other
		place = place || f.field == FieldPlace && f.key == same
	}
	return door && place
}
