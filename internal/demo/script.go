package demo

import "github.com/jumyla/jumyla/internal/i18n"

// Step is one thing to try. Its words are the messages demo.step.CODE.title and demo.step.CODE.text.
type Step struct {
	Code string
	Role string   // as whom: operator, coordinator, dispatcher, volunteer
	Page string   // where; "" where no page does it
	Args []string // name, value pairs for the text
}

// i18n: demo.step.*

// Title returns the step's heading.
func (s Step) Title(l i18n.Lang) string { return l.T("demo.step." + s.Code + ".title") }

// Text returns what to do.
func (s Step) Text(l i18n.Lang) string {
	args := make([]any, len(s.Args))
	for i, a := range s.Args {
		args[i] = a
	}
	return l.T("demo.step."+s.Code+".text", args...)
}

// Script returns the "try this" of a seed: a call, its duplicate, an ugly list, a plan, a sheet, an outcome, call-backs, pairs. The
// phone that it tells the newcomer to type is one that Households(seed) has.
func Script(seed uint64) []Step {
	h := scriptHousehold(Households(seed))
	return []Step{
		{"call", "operator", "/call", []string{"phone", typed(h.Phone), "name", h.Contact}},
		{"need", "operator", "/call", nil},
		{"same", "operator", "/call", []string{"address", h.Place.Address}},
		{"list", "coordinator", "/lists", nil},
		{"undo", "coordinator", "/lists", nil},
		{"plan", "dispatcher", "/plan", nil},
		{"sheet", "dispatcher", "/runs", nil},
		{"outcome", "dispatcher", "/outcomes", []string{"crew", "4"}},
		{"board", "coordinator", "/board", nil},
		{"callback", "operator", "/callbacks", nil},
		{"word", "operator", "/relays", nil},
		{"pairs", "operator", "/same", nil},
		{"quality", "operator", "/quality", nil},
		{"own", "coordinator", "/lists", nil},
		{"wipe", "", "", nil},
	}
}

// scriptHousehold is the plain record of Абай 44, which has planted duplicates.
func scriptHousehold(all []Household) Household {
	for _, h := range all {
		if h.Plant == "" && h.Place.Street == "Абай даңғылы" && h.Place.House == 44 {
			return h
		}
	}
	return all[0]
}

// typed writes a phone as one types it: 8 700 000 12 34.
func typed(e164 string) string {
	return "8 " + e164[2:5] + " " + e164[5:8] + " " + e164[8:10] + " " + e164[10:]
}
