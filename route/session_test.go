package route

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestADayPassesCheck lets requests come and go on random problems; the plan passes
// Check after each event, and what an offer promised comes true.
func TestADayPassesCheck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 8, 3, 3)
		s, err := NewSession(p, solveChecked(t, p, Options{Seed: 1, MaxIter: 20}), Options{Seed: 2})
		if err != nil {
			t.Fatal(err)
		}
		now := int32(0)
		for range rapid.IntRange(1, 8).Draw(t, "events") {
			switch rapid.IntRange(0, 4).Draw(t, "event") {
			case 0, 1:
				offerAny(t, s, drawProblem(t, 2, 2, len(p.Vehicles)), len(p.Vehicles))
			case 2:
				if n := len(s.p.Jobs); n > 0 {
					cancelAny(t, s, Visit{Kind: Serve, Index: rapid.IntRange(0, n-1).Draw(t, "job")})
				}
			case 3:
				now += rapid.Int32Range(0, 60).Draw(t, "minutes")
				if err := s.Advance(now); err != nil {
					t.Fatal(err)
				}
			default:
				improveAny(t, s)
			}
			for _, v := range Check(s.Problem(), s.Plan()) {
				t.Fatalf("violation %v\n%+v\n%+v", v, s.Problem(), s.Plan())
			}
		}
	})
}

func offerAny(t *rapid.T, s *Session, with *Problem, vehicles int) {
	var offers []Offer
	var why Reason
	var err error
	if len(with.Jobs) > 0 && with.Jobs[0].Place < s.p.Places && onlyOf(with.Jobs[0].Only, vehicles) {
		offers, why, err = s.OfferJob(with.Jobs[0])
	} else if len(with.Shipments) > 0 && max(with.Shipments[0].Pickup.Place, with.Shipments[0].Delivery.Place) < s.p.Places && onlyOf(with.Shipments[0].Only, vehicles) {
		offers, why, err = s.OfferShipment(with.Shipments[0])
	} else {
		return
	}
	if err != nil {
		return // more dimensions than before
	}
	if len(offers) == 0 {
		if why.Limit == NoLimit {
			t.Fatalf("no offer and no reason")
		}
		if _, err := s.Keep(); err != nil {
			t.Fatal(err)
		}
		return
	}
	o := offers[rapid.IntRange(0, len(offers)-1).Draw(t, "offer")]
	if rapid.IntRange(0, 3).Draw(t, "taken") == 0 {
		return // the caller said no
	}
	x, err := s.Commit(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(o); err == nil {
		t.Fatal("committed twice")
	}
	for _, r := range s.Plan().Routes {
		if r.Vehicle == o.Vehicle && !slices.ContainsFunc(r.Stops, func(s Stop) bool { return s.Visit == x }) {
			t.Fatalf("%v is not on vehicle %d", x, o.Vehicle)
		}
	}
}

func onlyOf(only []int, vehicles int) bool {
	return !slices.ContainsFunc(only, func(v int) bool { return v >= vehicles })
}

func cancelAny(t *rapid.T, s *Session, x Visit) {
	if err := s.Cancel(x); err != nil {
		return // frozen
	}
	for _, r := range s.Plan().Routes {
		if slices.ContainsFunc(r.Stops, func(s Stop) bool { return s.Visit == x }) {
			t.Fatalf("%v is cancelled and in the plan", x)
		}
	}
}

func improveAny(t *rapid.T, s *Session) {
	before := s.Plan()
	diff, _, err := s.Improve(context.Background(), Options{Seed: 3, MaxIter: 40, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	after := s.Plan()
	if same := reflect.DeepEqual(before.Routes, after.Routes); same != (len(diff.Routes) == 0) {
		t.Fatalf("%+v tells what changed of %+v\n%+v", diff, before, after)
	}
}

func TestOfferIsWhatItCosts(t *testing.T) {
	p := city(60, 6)
	s, err := NewSession(p, solveChecked(t, p, Options{Seed: 1, MaxIter: 300}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := s.Plan()
	offers, _, err := s.OfferJob(Job{Place: 7, Windows: []Window{{From: 16 * 3600, To: 20 * 3600}}, Service: 300, Load: []int32{1, 1}})
	if err != nil || len(offers) == 0 {
		t.Fatal(offers, err)
	}
	if now := s.Plan(); now.Cost != before.Cost || len(s.Problem().Jobs) != 60 {
		t.Errorf("an offer changed the plan")
	}
	offers, _, err = s.OfferJob(Job{Place: 7, Windows: []Window{{From: 16 * 3600, To: 20 * 3600}}, Service: 300, Load: []int32{1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	x, err := s.Commit(offers[0])
	if err != nil {
		t.Fatal(err)
	}
	if after := s.Plan(); after.Cost != before.Cost+offers[0].Cost || x != (Visit{Kind: Serve, Index: 60}) {
		t.Errorf("%v costs %d, offered for %d", x, after.Cost-before.Cost, offers[0].Cost)
	}
}

func TestWhatHasBegunStays(t *testing.T) {
	p := city(60, 6)
	s, err := NewSession(p, solveChecked(t, p, Options{Seed: 1, MaxIter: 300}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	const now = 19 * 3600 // the plan leaves as late as it can
	before := s.Plan()
	if err := s.Advance(now); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Improve(context.Background(), Options{MaxIter: 500}); err != nil {
		t.Fatal(err)
	}
	after := map[int]Route{}
	for _, r := range s.Plan().Routes {
		after[r.Vehicle] = r
	}
	begun := 0
	for _, r := range before.Routes {
		for k, x := range r.Stops {
			if x.Arrive > now {
				break
			}
			begun++
			if after[r.Vehicle].Stops[k].Visit != x.Visit {
				t.Errorf("vehicle %d had begun %v", r.Vehicle, x)
			}
			if err := s.Cancel(x.Visit); err == nil && x.Kind == Serve {
				t.Errorf("%v has begun and was cancelled", x)
			}
		}
	}
	if begun == 0 {
		t.Fatal("nothing had begun")
	}
}

// day is 500 stops on 50 vehicles, planned a little.
func day(tb testing.TB) (*Problem, *Plan) {
	tb.Helper()
	p := city(500, 50)
	plan, _, err := Solve(context.Background(), p, Options{Seed: 1, MaxIter: 200})
	if err != nil {
		tb.Fatal(err)
	}
	return p, plan
}

// BenchmarkOffer tells how long one more request takes: the mean, and the 99th of a hundred.
func BenchmarkOffer500Stops50Vehicles(b *testing.B) {
	p, plan := day(b)
	s, err := NewSession(p, plan, Options{})
	if err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		from := int32(15+i%5) * 3600
		begin := time.Now()
		if _, _, err := s.OfferJob(Job{Place: 1 + i%500, Windows: []Window{{From: from, To: from + 3*3600}}, Service: 300, Load: []int32{1, 1}}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
