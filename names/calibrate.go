package names

import "math"

// usual is how often a finding is met when two records are one person, before a list has said otherwise. Findings that
// are not here keep their weight.
var usual = map[string]float64{
	"phone.other": 0.2, "phone.near": 0.06, "born.other": 0.05, "born.near": 0.08,
	"place.other": 0.15, "address.other": 0.2, "address.street": 0.15, "number.other": 0.03, "number.near": 0.06, "children.other": 0.1,
	contradict: 0.02,
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
		met, matched := meet(all)
		if matched < calibrateFrom {
			break
		}
		for i := range all {
			v := &all[i]
			v.bits = first[i]
			for _, f := range v.found[:v.n] {
				v.bits += met.shift(f.field, f.message())
			}
			if v.level == namesContradict {
				v.bits += met.shift(FieldName, contradict)
			}
		}
	}
	families = hasFamilies(all)
	for i := range all {
		all[i].decide(w, families)
	}
	return families
}

// contradict is the finding that two names contradict each other.
const contradict = "name.contradict"

// findings counts, over the pairs that are probably one person, how often each finding and each field was met.
type findings struct {
	count map[string]float64
	total [FieldNumber + 1]float64
}

// meet counts the findings and returns how many pairs are expected to be one person.
func meet(all []verdict) (met findings, matched float64) {
	met.count = map[string]float64{}
	for i := range all {
		v := &all[i]
		p := 1 / (1 + math.Exp2(v.prior-v.bits))
		if p < 0.01 {
			continue
		}
		matched += p
		for _, f := range v.found[:v.n] {
			met.total[f.field] += p
			met.count[f.message()] += p
		}
		met.total[FieldName] += p
		if v.level == namesContradict {
			met.count[contradict] += p
		}
	}
	return met, matched
}

// shift returns the bits that a finding is worth more here than usual.
func (m *findings) shift(f Field, message string) float64 {
	u, ok := usual[message]
	if !ok {
		return 0
	}
	return math.Log2((m.count[message] + calibrateHold*u) / (m.total[f] + calibrateHold) / u)
}

// message is the finding's message key.
func (f *finding) message() string { return f.field.String() + "." + f.key }

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
	street, place := false, false
	for _, f := range v.found[:v.n] {
		street = street || f.field == FieldAddress && f.key != "other"
		place = place || f.field == FieldPlace && f.key == "same"
	}
	return street && place
}
