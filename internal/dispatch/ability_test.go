package dispatch_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

// onlyIn takes a checked call of a household that speaks one language alone.
func (o *office) onlyIn(lang i18n.Lang, need string) *request.Request {
	o.t.Helper()
	var q *request.Request
	o.write(func(ctx context.Context, tx *store.Tx) (err error) {
		h := household.Household{Head: "Қиял Үлгі", Address: "Абай 46", Lang: lang, Keep: true, Cares: []household.Care{household.OnlyLang},
			Where: &household.Point{Lat: 43.25, Lon: 76.8897}}
		if q, err = intake.Take(ctx, tx, intake.Call{Household: h, Phone: "+77000000002", Needs: []string{need}}, 7); err != nil {
			return err
		}
		return request.Check(ctx, tx, q, request.ByPhone)
	})
	return q
}

// learn changes what a crew's first member can do.
func (o *office) learn(number int, langs, skills []string) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *store.Tx) error {
		c, err := crew.ByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		v, err := volunteer.Kind.Get(ctx, tx, c.Members[0].Volunteer)
		if err != nil {
			return err
		}
		v.Langs, v.Skills = langs, skills
		return tx.Put(ctx, v)
	})
}

// TestACrewIsChosenByWhatItCan holds that a household is sent somebody who speaks with it, a patient somebody who may help, and
// that a stop which is left out says so.
func TestACrewIsChosenByWhatItCan(t *testing.T) {
	o := newOffice(t, "almaty-city")
	o.crew(1, 9, 21, "")
	o.crew(2, 9, 21, "")
	talk, nurse, bread := o.onlyIn(i18n.KK, "нан 1"), o.call(2, "медсестра, укол", true), o.call(3, "нан 1", true)
	p := o.plan()
	reasons := map[string]string{}
	for _, u := range p.Unplanned {
		reasons[u.Stop.Request.ID.String()] = u.Text(i18n.EN)
	}
	if len(reasons) != 2 || !strings.Contains(reasons[talk.ID.String()], "only Kazakh") || !strings.Contains(reasons[nurse.ID.String()], "a nurse or a doctor") {
		t.Fatalf("left out: %v", reasons)
	}
	o.learn(1, []string{"kk", "ru"}, nil)
	o.learn(2, nil, []string{"медсестра"})
	p = o.plan()
	if len(p.Unplanned) != 0 {
		t.Fatalf("left out: %v", p.Unplanned)
	}
	who := map[string]int{}
	for _, r := range p.Routes {
		for _, s := range r.Stops {
			who[p.Stops[s.Index].Request.ID.String()] = p.Crews[r.Vehicle].Number
		}
	}
	if who[talk.ID.String()] != 1 || who[nurse.ID.String()] != 2 || who[bread.ID.String()] == 0 {
		t.Errorf("who goes where: %v", who)
	}
}
