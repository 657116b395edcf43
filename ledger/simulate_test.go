package ledger

import (
	"flag"
	"fmt"
	"slices"
	"testing"
)

var (
	seeds = flag.Uint64("seeds", 20000, "how many histories the simulator runs")
	first = flag.Uint64("first", 1, "the first seed")
)

// play runs a history and returns the promise that it broke, or "".
func play(h history, b broken, f faults) (fault string) {
	w := newWorld(h.seed, h.centres, b, f)
	defer func() {
		if p := recover(); p != nil {
			fault = fmt.Sprint("panic: ", p)
		}
	}()
	for _, s := range h.steps {
		if w.do(s); w.fault != "" {
			return w.fault
		}
	}
	if !w.heal() {
		return "2: they never come to rest"
	}
	return w.check()
}

// shrink leaves out of a history whatever it can and still breaks a promise.
func shrink(h history, b broken, f faults) history {
	for size := len(h.steps) / 2; size > 0; {
		shorter := false
		for at := 0; at+size <= len(h.steps); {
			try := h
			try.steps = slices.Delete(slices.Clone(h.steps), at, at+size)
			if play(try, b, f) != "" {
				h, shorter = try, true
			} else {
				at += size
			}
		}
		if !shorter || size > len(h.steps) {
			size /= 2
		}
	}
	return h
}

// TestSimulate runs histories of centres that work apart, lose, copy, restore, steal, lie and meet again, and
// holds the ledger's promises against what is left. go test ./ledger -run Simulate -seeds N
func TestSimulate(t *testing.T) {
	const chunk = 500
	for from := *first; from < *first+*seeds; from += chunk {
		t.Run(fmt.Sprint(from), func(t *testing.T) {
			t.Parallel()
			for seed := from; seed < min(from+chunk, *first+*seeds); seed++ {
				h := draw(seed)
				if fault := play(h, broken{}, faults{}); fault != "" {
					short := shrink(h, broken{}, faults{})
					t.Fatalf("%s\n%v%s", fault, short, play(short, broken{}, faults{}))
				}
			}
		})
	}
}

// TestSimulateFindsEveryBrokenRule breaks one rule after another: the simulator must miss it.
func TestSimulateFindsEveryBrokenRule(t *testing.T) {
	for name, tc := range map[string]struct {
		b      broken
		f      faults
		script []deed // a history that chance would take long to find
	}{
		"clocks decide": {b: broken{clocks: true}},
		"proposals":     {b: broken{proposals: true}},
		"resolutions":   {b: broken{resolutions: true}},
		"facts":         {b: broken{facts: true}},
		"commitments":   {b: broken{commitments: true}},
		"chains":        {b: broken{chains: true}, f: faults{unsigned: true}},
		"cut":           {b: broken{cuts: true}},
		"owner":         {b: broken{owner: true}},
		"restore":       {b: broken{restores: true}},
		"handed over":   {b: broken{handed: true}},
		"creator":       {b: broken{makers: true}},
		"missing parent": {b: broken{parents: true}, script: slices.Concat([]deed{{act: actCreate, a: 2}, {act: actExchange, a: 2, b: 1}},
			slices.Repeat([]deed{{act: actEdit, a: 2}}, 9), []deed{{act: actHandOver, a: 2}, {act: actExchange, a: 2},
				{act: actHandOver, b: 1}, {act: actHalf, b: 1}})},
		"revocation":       {b: broken{revocations: true}},
		"warrant":          {b: broken{warrants: true}},
		"fork":             {b: broken{forks: true}},
		"erasure":          {b: broken{erasures: true}},
		"entitlement":      {b: broken{entitlement: true}},
		"incarnation (R1)": {f: faults{reopen: true}},
		"opening again": {f: faults{again: true}, script: []deed{{act: actCreate}, {act: actBackUp}, {act: actRestore}, {act: actEdit},
			{act: actExchange, b: 1}, {act: actRestore}, {act: actEdit}}},
		"re-opening":           {f: faults{refork: true}},
		"signature":            {f: faults{unsigned: true}},
		"forgetting":           {f: faults{forget: true}},
		"offering":             {f: faults{offer: true}},
		"answering":            {f: faults{repeat: true}},
		"asking":               {b: broken{pleas: true}},
		"asking in vain":       {f: faults{hasty: true}},
		"renewals":             {f: faults{unheard: true}},
		"one key renews":       {b: broken{renewals: true}},
		"one key keeps":        {b: broken{keeps: true}},
		"renewals in a circle": {b: broken{circles: true}},
		"crossing renewals":    {b: broken{swaps: true}},
		"others of a circle": {b: broken{stays: true}, script: []deed{{act: actRenew, a: 1, c: 2}, {act: actExchange, a: 1, c: 1}, {act: actBack, b: 2, c: 4},
			{act: actExchange, a: 1, b: 2}, {act: actRenew, a: 2, c: 5}}},
		"a renewal revives": {b: broken{outlives: true}},
		"kept for ever":     {b: broken{upheld: true}, script: []deed{{act: actExchange, a: 1}, {act: actRenew, c: 2}, {act: actOldEnd, b: 1}, {act: actRenew, c: 2}}},
		"beside":            {f: faults{beside: true}},
		"snapshot":          {f: faults{bare: true}},
		"partial snapshot":  {f: faults{partial: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := uint64(1); seed <= 5000; seed++ {
				h := draw(seed)
				if tc.script != nil {
					h = history{seed: seed, centres: 3, steps: tc.script}
					if fault := play(h, broken{}, faults{}); fault != "" {
						t.Fatal("nothing is broken, and all the same: ", fault)
					}
				}
				if fault := play(h, tc.b, tc.f); fault != "" {
					short := shrink(h, tc.b, tc.f)
					t.Logf("%v%s", short, play(short, tc.b, tc.f))
					return
				}
			}
			t.Error("broken, and nobody noticed")
		})
	}
}
