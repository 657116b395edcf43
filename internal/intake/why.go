package intake

import (
	"strings"

	"github.com/jumyla/jumyla/names"
)

// Reason is one part of why two records may be one household, as a message key with its arguments.
type Reason struct {
	Key  string // why.phone.same
	Args []any
	For  bool // it speaks for the same household; otherwise against
}

// sure reports whether the evidence is as good as certain that two records are one household: one person's, or one
// phone at one address. A phone alone is lent to neighbours, and a name alone is borne by many.
func sure(e names.Evidence) bool {
	phone, door := false, false
	for _, p := range e.Parts {
		switch p.Message() {
		case "phone.same":
			phone = true
		case "address.same", "address.house":
			door = true
		}
	}
	return e.Band == names.Same || phone && door
}

// silent are parts that say nothing to an operator: what one record lacks.
const silent = 0.5

// reasons puts the evidence into messages, what speaks for it and against it as it was weighed.
func reasons(e names.Evidence) []Reason {
	var out []Reason
	for _, p := range e.Parts {
		if p.Bits > -silent && p.Bits < silent {
			continue
		}
		out = append(out, Reason{Key: "why." + p.Message(), // i18n: why.*
			Args: []any{"a", p.A, "b", p.B, "n", p.N}, For: p.Bits > 0})
	}
	return out
}

// marks are the parts of the evidence as they are kept with a verdict: they name nobody.
func marks(e names.Evidence) []string {
	var out []string
	for _, p := range e.Parts {
		if p.Field != names.FieldName {
			out = append(out, p.Message())
		}
	}
	return out
}

// unmarked turns marks back into evidence to learn from; over is what was weighed above the prior, in bits.
func unmarked(marks string, over float64) names.Evidence {
	e := names.Evidence{Bits: over}
	for m := range strings.FieldsSeq(marks) {
		field, key, _ := strings.Cut(m, ".")
		for f := names.FieldName; f <= names.FieldNumber; f++ {
			if f.String() == field {
				e.Parts = append(e.Parts, names.Part{Field: f, Key: key})
			}
		}
	}
	return e
}
