package demo

import (
	"strings"
	"testing"
	"time"
)

func TestRequests(t *testing.T) {
	for _, seed := range seeds {
		all := Requests(seed)
		if len(all) != RequestCount {
			t.Fatalf("seed %d: %d requests", seed, len(all))
		}
		langs, kinds, said := map[Lang]int{}, map[Kind]int{}, map[string]bool{}
		known, repeats, others, abroadCalls, windows := 0, 0, 0, 0, 0
		for i, r := range all {
			reasonable(t, all, i)
			langs[r.Language]++
			said[r.Said] = true
			for _, n := range r.Needs {
				kinds[n.Kind]++
			}
			known += count(r.Household.ID[0] == 'H')
			repeats += count(r.RepeatOf >= 0)
			others += count(r.Caller != nil)
			abroadCalls += count(r.Caller != nil && r.Caller.City != "")
			windows += count(r.Window != "")
		}
		if langs[KK] < 150 || langs[RU] < 100 || langs[EN] < 8 || len(langs) != 3 {
			t.Errorf("seed %d: languages %v", seed, langs)
		}
		if len(kinds) != 13 {
			t.Errorf("seed %d: %d kinds: %v", seed, len(kinds), kinds)
		}
		if len(said) < 380 {
			t.Errorf("seed %d: only %d different texts", seed, len(said))
		}
		if repeats != repeatCount || known < 120 || others < 50 || abroadCalls < 10 || windows < 100 {
			t.Errorf("seed %d: %d repeats, %d known, %d for others, %d from abroad, %d windows", seed, repeats, known, others, abroadCalls, windows)
		}
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func reasonable(t *testing.T, all []Request, i int) {
	t.Helper()
	r := all[i]
	if r.At.Before(day(8, 0, 0)) || r.At.After(Now()) || r.At.Hour() < 8 || r.At.Hour() >= 22 {
		t.Errorf("%d was taken at %v", i, r.At)
	}
	if i > 0 && r.At.Before(all[i-1].At) {
		t.Errorf("%d is out of order", i)
	}
	if strings.ContainsAny(r.Said, "{}") || len([]rune(r.Said)) < 8 || len([]rune(r.Said)) > 400 {
		t.Errorf("%d says %q", i, r.Said)
	}
	if !r.To.IsZero() && (!r.From.Before(r.To) || r.To.Before(r.At)) {
		t.Errorf("%d, taken at %v, is to be served from %v to %v", i, r.At, r.From, r.To)
	}
	sensible(t, r.Household)
	for _, n := range r.Needs {
		switch {
		case n.Quantity < 1:
			t.Errorf("%d asks for %d of %s", i, n.Quantity, n.Kind)
		case n.Kind == BabyFood && !r.Household.Has(Infant), n.Kind == Insulin && !r.Household.Has(Diabetic):
			t.Errorf("%d asks for %s with %v", i, n.Kind, r.Household.Flags)
		case n.Kind == Visit && r.Caller == nil:
			t.Errorf("%d asks to visit the caller", i)
		}
	}
	if r.RepeatOf >= 0 {
		first := all[r.RepeatOf]
		if r.RepeatOf >= i || first.Household.ID != r.Household.ID || r.At.Sub(first.At) < 4*time.Hour {
			t.Errorf("%d does not repeat %d", i, r.RepeatOf)
		}
	}
}

// TestSayings holds that the three languages say all that the drill asks of them.
func TestSayings(t *testing.T) {
	all := sayings()
	kinds := []Kind{Basket, Bread, BabyFood, Diapers, Medicine, Insulin, HotMeal, Water, Hygiene, Ride, Visit, Message, Other}
	for _, l := range []Lang{KK, RU, EN} {
		for _, k := range kinds {
			if len(all[saying{"ask", l, string(k)}]) == 0 {
				t.Errorf("nobody asks for %s in %s", k, l)
			}
			if l != EN && len(all[saying{"op", l, string(k)}]) == 0 {
				t.Errorf("no operator types %s in %s", k, l)
			}
			if goods(k) && len(all[saying{"also", l, string(k)}]) == 0 {
				t.Errorf("%s cannot be asked for beside another need in %s", k, l)
			}
		}
		for _, f := range []Flag{Infant, Diabetic, CannotCarry, NoLift, NoCash, Deaf, Alone} {
			if len(all[saying{"flag", l, string(f)}]) == 0 {
				t.Errorf("%s is not said in %s", f, l)
			}
		}
	}
	for _, c := range []struct {
		n    int
		want string
	}{{1, "1 человек"}, {3, "3 человека"}, {5, "5 человек"}, {12, "12 человек"}, {22, "22 человека"}} {
		if got := counted(c.n); got != c.want {
			t.Errorf("counted(%d) = %s", c.n, got)
		}
	}
}
