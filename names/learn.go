package names

import "math"

// Decision is what a person said about two records, with the evidence that was shown.
type Decision struct {
	Evidence Evidence
	Same     bool
}

// How Learn steps: the penalty for leaving the weights there were, in decisions, and the number of steps.
const (
	learnHold  = 4.0
	learnSteps = 300
)

// Learn returns weights that explain the decisions better: logistic regression on the findings, held to the weights
// there were, so that few decisions change little. Names, margins and bands stay: they are not a matter of the crisis.
func (w Weights) Learn(decisions []Decision) Weights {
	shift := map[string]float64{}
	rate := 1 / (learnHold + float64(len(decisions))/4)
	for range learnSteps {
		slope := map[string]float64{}
		for _, d := range decisions {
			bits := d.Evidence.Bits - d.Evidence.Prior
			for _, p := range d.Evidence.Parts {
				bits += shift[p.Message()]
			}
			miss := 0 - 1/(1+math.Exp2(-bits))
			if d.Same {
				miss++
			}
			for _, p := range d.Evidence.Parts {
				if w.of(p.Message()) != nil {
					slope[p.Message()] += miss
				}
			}
		}
		for m, s := range slope {
			shift[m] += rate * (s - learnHold*shift[m]/10)
		}
	}
	for m, s := range shift {
		*w.of(m) += s
	}
	return w
}

// of returns the weight behind a message, or nil where there is none.
func (w *Weights) of(message string) *float64 {
	switch message {
	case "phone.same":
		return &w.Phone
	case "phone.near":
		return &w.PhoneNear
	case "phone.other":
		return &w.PhoneOther
	case "born.day":
		return &w.Day
	case "born.year":
		return &w.Year
	case "born.near":
		return &w.YearNear
	case "born.other":
		return &w.YearOther
	case "place.same":
		return &w.Place
	case "place.other":
		return &w.PlaceOther
	case "address.same":
		return &w.Address
	case "address.house":
		return &w.House
	case "address.street":
		return &w.Street
	case "address.other":
		return &w.AddressOther
	case "children.same":
		return &w.Children
	case "children.other":
		return &w.ChildrenOther
	case "number.same":
		return &w.Number
	case "number.near":
		return &w.NumberNear
	case "number.other":
		return &w.NumberOther
	}
	return nil
}
