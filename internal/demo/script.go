package demo

import "github.com/jumyla/jumyla/internal/i18n"

// Step is one thing to try. Its words are the messages demo.step.CODE.title and demo.step.CODE.text.
type Step struct {
	Code string
	Role string   // as whom: operator, coordinator, dispatcher, volunteer
	Page string   // where; "" for one that goes on from the last, or that no page does
	Args []string // name, value pairs for the text
	Says []string // name, message key pairs: what stands on the screen and in the text alike
}

// i18n: demo.step.*

// Title returns the step's heading.
func (s Step) Title(l i18n.Lang) string { return l.T("demo.step." + s.Code + ".title") }

// Text returns what to do.
func (s Step) Text(l i18n.Lang) string {
	args := make([]any, 0, len(s.Args)+len(s.Says))
	for _, a := range s.Args {
		args = append(args, a)
	}
	for i := 0; i < len(s.Says); i += 2 {
		args = append(args, s.Says[i], s.Label(l, s.Says[i]))
	}
	return l.T("demo.step."+s.Code+".text", args...)
}

// Label is what the screen calls one of Says: a button's word, with … where a number or a reference stands.
func (s Step) Label(l i18n.Lang, name string) string {
	for i := 0; i < len(s.Says); i += 2 {
		if s.Says[i] == name {
			return l.T(s.Says[i+1], "n", "…", "ref", "…") // i18n: desk.* lists.* plan.* sheet.* callback.* relay.* same.* quality.*
		}
	}
	return ""
}

// Script returns the "try this" of a seed: a call, its duplicate, an ugly list, a plan, a sheet, an outcome, call-backs, pairs. The
// phone that it tells the newcomer to type is one that Households(seed) has.
func Script(seed uint64) []Step {
	h := scriptHousehold(Households(seed))
	return []Step{
		{Code: "call", Role: "operator", Page: "/call", Args: []string{"phone", typed(h.Phone), "name", h.Contact}, Says: []string{"fill", "desk.fill"}},
		{Code: "need", Role: "operator", Says: []string{"needs", "desk.needs", "save", "desk.save_next"}},
		{Code: "same", Role: "operator", Page: "/call", Args: []string{"address", h.Place.Address},
			Says: []string{"again", "desk.again", "fill", "desk.fill", "different", "desk.different"}},
		{Code: "list", Role: "coordinator", Page: "/lists", Says: []string{"open", "lists.open", "look", "lists.look", "take", "lists.import"}},
		{Code: "undo", Role: "coordinator", Page: "/lists", Says: []string{"undo", "lists.undo"}},
		{Code: "plan", Role: "dispatcher", Page: "/plan", Says: []string{"make", "plan.make", "late", "plan.left.curfew", "issue", "plan.issue"}},
		{Code: "sheet", Role: "dispatcher", Page: "/runs", Says: []string{"all", "desk.print_sheets", "one", "sheet.print"}},
		{Code: "outcome", Role: "dispatcher", Page: "/outcomes", Args: []string{"crew", "4"}},
		{Code: "board", Role: "coordinator", Page: "/board"},
		{Code: "callback", Role: "operator", Page: "/callbacks", Says: []string{"take", "callback.take", "tried", "callback.tried"}},
		{Code: "word", Role: "operator", Page: "/relays", Says: []string{"take", "relay.take"}},
		{Code: "pairs", Role: "operator", Page: "/same", Says: []string{"same", "same.same", "different", "same.different", "later", "same.later"}},
		{Code: "quality", Role: "operator", Page: "/quality", Says: []string{"take", "quality.take"}},
		{Code: "own", Role: "coordinator", Page: "/lists"},
		{Code: "wipe"},
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
