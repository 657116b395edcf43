package dispatch_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/roads"
)

// hook is a network of one road that goes north from the centre by a bend to the east, so that it is longer than the
// straight line by more than the detour.
func hook(t *testing.T) dispatch.ByRoad {
	t.Helper()
	n, err := roads.Read(t.Context(), strings.NewReader(`<osm version="0.6">
		<node id="1" lat="43.2389" lon="76.8897"/><node id="2" lat="43.2389" lon="76.9397"/>
		<node id="3" lat="43.2659" lon="76.9397"/><node id="4" lat="43.2659" lon="76.8897"/>
		<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><tag k="highway" v="tertiary"/></way></osm>`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return dispatch.ByRoad{Network: n}
}

func TestPlansGoByRoad(t *testing.T) {
	o := newOffice(t, "almaty-city")
	o.crew(1, 9, 20, "")
	o.call(3, "себет", true)
	ways := hook(t)
	plan := func(w dispatch.Ways) *dispatch.Proposal {
		p, err := dispatch.Plan(t.Context(), o.DB, w, o.day, o.now.In(o.day.Location()))
		if err != nil || len(p.Routes) != 1 {
			t.Fatalf("%+v %v", p, err)
		}
		return p
	}
	straight, byRoad := plan(dispatch.Straight{}), plan(ways)
	if a, b := straight.Routes[0].Metres, byRoad.Routes[0].Metres; a > 8600 || b < 21_000 || b > 23_500 { // 3 km, and 4 + 3 + 4, there and back
		t.Errorf("%d m straight, %d m by road", a, b)
	}
	var runs []run.Run
	o.write(func(ctx context.Context, tx *store.Tx) (err error) {
		runs, err = dispatch.Issue(ctx, tx, byRoad)
		return err
	})
	if len(runs) != 1 || runs[0].Back-runs[0].Depart < 20*60 {
		t.Errorf("%+v", runs)
	}
	for _, l := range i18n.Langs() {
		if l.T("plan.by_road") == l.T("plan.straight") {
			t.Error("the page does not say by what it reckons")
		}
	}
}

func TestAPlaceFarFromRoadsIsReckonedStraight(t *testing.T) {
	ways := hook(t)
	places := []household.Point{{Lat: 43.2389, Lon: 76.8897}, {Lat: 43.2659, Lon: 76.8897}, {Lat: 43.5, Lon: 76.8897}}
	day := newOffice(t, "").day
	w, err := ways.Between(t.Context(), day, places)
	if err != nil {
		t.Fatal(err)
	}
	s, err := dispatch.Straight{}.Between(t.Context(), day, places)
	if err != nil {
		t.Fatal(err)
	}
	if w.Seconds(0, 2, 40_000) != s.Seconds(0, 2, 40_000) || w.Metres(2, 1) != s.Metres(2, 1) {
		t.Error("a place far from every road is not reckoned by the straight line")
	}
	if w.Seconds(0, 0, 0) != 0 || w.Metres(0, 1) < 2*s.Metres(0, 1) {
		t.Errorf("%d m by road, %d m straight", w.Metres(0, 1), s.Metres(0, 1))
	}
	last := int32(0)
	for depart := int32(0); depart < 30*3600; depart += 11 {
		if arrive := depart + w.Seconds(0, 1, depart); arrive < last {
			t.Fatalf("who leaves at %d arrives before who left earlier", depart)
		} else {
			last = arrive
		}
	}
}

// twoRoads is a network of a short road to the north and a long one by the east, which meet again three kilometres on.
func twoRoads(t *testing.T) dispatch.ByRoad {
	t.Helper()
	n, err := roads.Read(t.Context(), strings.NewReader(`<osm version="0.6">
		<node id="1" lat="43.2389" lon="76.8897"/><node id="2" lat="43.2389" lon="76.9397"/>
		<node id="3" lat="43.2659" lon="76.9397"/><node id="4" lat="43.2659" lon="76.8897"/>
		<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><tag k="highway" v="tertiary"/></way>
		<way id="2"><nd ref="1"/><nd ref="4"/><tag k="highway" v="tertiary"/></way></osm>`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return dispatch.ByRoad{Network: n}
}

// TestAClosedZoneBendsTheWay closes the short road: a crew without a pass goes by the long one at once, one with a pass
// goes on as before, and the plan says so.
func TestAClosedZoneBendsTheWay(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 10, 20, "")
	o.call(3, "нан 1", true)
	ways := twoRoads(t)
	timed := func() (metres int64, round []dispatch.Round) {
		w, err := dispatch.Gather(t.Context(), o.DB, ways, o.day, o.clock(), nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := w.Solve(t.Context(), w.NewDraft(), o.clock())
		if err != nil {
			t.Fatal(err)
		}
		tt := w.Time(d, o.clock())
		if stops, _ := tt.Planned(); stops != 1 || !tt.Sound() {
			t.Fatalf("%+v %+v", tt.Left, tt.Runs[0].Faults)
		}
		if _, err := tt.Proposal(); err != nil {
			t.Fatal(err)
		}
		return tt.Runs[0].Route.Metres, tt.Runs[0].Round
	}
	if m, round := timed(); m > 7_000 || round != nil {
		t.Fatalf("%d m, %v", m, round)
	}
	o.rule(rule.Rule{Kind: rule.ClosedZone, Polygon: [][2]float64{{43.25, 76.885}, {43.25, 76.895}, {43.252, 76.895}, {43.252, 76.885}}, PassExempt: true})
	m, round := timed()
	if m < 21_000 || len(round) != 2 || round[0].Stop != 0 || round[1].Stop != 1 || round[0].Seconds < 5*60 {
		t.Fatalf("%d m, %v", m, round)
	}
	o.formed(1, func(c *crew.Crew) { c.Pass = "КОМ-17" })
	if m, round := timed(); m > 7_000 || round != nil {
		t.Errorf("with a pass: %d m, %v", m, round)
	}
}
