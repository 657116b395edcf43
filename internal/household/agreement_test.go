package household_test

import (
	"math"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
)

func TestAgreementOfTwoWhoDoNotKnowOfEachOther(t *testing.T) {
	one, two := id.New(time.UnixMilli(1)), id.New(time.UnixMilli(2))
	var all []household.Opinion
	say := func(pair int, by id.ID, says household.Says, second bool) {
		a, b := id.ID{1, byte(pair)}, id.ID{2, byte(pair)}
		all = append(all, household.Opinion{A: a, B: b, Says: says, By: by, Second: second})
	}
	for i := range 20 { // 8 times both say same, 7 times both say different, 5 times they differ
		first, second := household.Same, household.Same
		if i >= 8 {
			first, second = household.Different, household.Different
		}
		if i >= 15 {
			second = household.Same
		}
		say(i, one, first, false)
		say(i, two, second, true)
	}
	g := household.Agree(all)
	// observed 15/20; by chance 8/20·13/20 + 12/20·7/20
	if want := (0.75 - 0.47) / 0.53; g.Pairs != 20 || g.Agreed != 15 || math.Abs(g.Kappa-want) > 1e-9 || len(g.Open) != 5 {
		t.Fatalf("%+v, want kappa %.4f", g, want)
	}
	say(19, one, household.Same, false) // somebody decided
	if g = household.Agree(all); len(g.Open) != 4 {
		t.Errorf("%d pairs wait for a decision", len(g.Open))
	}
	if g = household.Agree(nil); g.Pairs != 0 || g.Kappa != 0 {
		t.Errorf("%+v", g)
	}
}

func TestASecondLookChangesNothing(t *testing.T) {
	b := openBook(t)
	x, y := b.home("Сәуле", "Абай 44"), b.home("Saule", "Abai 44")
	if err := b.judge(x, y, household.Same); err != nil {
		t.Fatal(err)
	}
	b.second = true
	if err := b.judge(x, y, household.Different); err != nil {
		t.Fatal(err)
	}
	b.linked(x, y)
	all, err := household.Opinions(t.Context(), b)
	if err != nil || len(all) != 2 || !all[1].Second {
		t.Fatal(all, err)
	}
}
