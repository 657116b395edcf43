package dispatch_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/dispatch/sheet"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular"
	"github.com/jumyla/jumyla/route"
)

// formed changes the crew of a number.
func (o *office) formed(number int, change func(c *crew.Crew)) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *store.Tx) error {
		c, err := crew.ByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		change(c)
		return crew.Form(ctx, tx, c)
	})
}

func (o *office) rule(r rule.Rule) {
	o.t.Helper()
	r.Zone, r.Source = "Asia/Almaty", "сынақ"
	if r.From.IsZero() {
		r.From = o.day
	}
	o.write(func(ctx context.Context, tx *store.Tx) error { return rule.Apply(ctx, tx, []rule.Rule{r}) })
}

// zone is a square of two kilometres around a point so many kilometres north of the centre.
func zone(km float64) [][2]float64 {
	lat, lon := 43.2389+km/111.2, 76.8897
	return [][2]float64{{lat - .009, lon - .012}, {lat - .009, lon + .012}, {lat + .009, lon + .012}, {lat + .009, lon - .012}}
}

func TestACrewRestsInItsBreak(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 10, 14, "")
	o.formed(1, func(c *crew.Crew) { c.BreakFrom, c.BreakTo = 12*60, 12*60+45 })
	for km := range 20 {
		o.call(float64(km%5)+1, "нан 1", true)
	}
	p := o.plan()
	if len(p.Routes) != 1 || p.Routes[0].Back < 13*3600 {
		t.Fatalf("the case needs a run over noon: %+v", p.Routes)
	}
	for _, s := range p.Routes[0].Stops {
		if s.Start < 12*3600+45*60 && s.Leave > 12*3600 {
			t.Errorf("at a door from %d to %d, in the break", s.Start, s.Leave)
		}
	}
}

func TestASmallCarComesBackToLoad(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.formed(1, func(c *crew.Crew) { c.Baskets = 3 })
	for range 7 {
		o.call(1, "азық-түлік себеті", true)
	}
	p := o.plan()
	if len(p.Routes) != 1 || len(p.Unplanned) != 0 {
		t.Fatalf("%d routes, left out: %+v", len(p.Routes), p.Unplanned)
	}
	r := o.issue()[0]
	if len(r.Stops) != 7 || r.Stops[6].Trip != 2 {
		t.Fatalf("%+v", r.Stops)
	}
	var b bytes.Buffer
	if err := sheet.Write(t.Context(), o.DB, &b, o.day, o.now, i18n.RU, nil, sheet.Ground{}); err != nil {
		t.Fatal(err)
	}
	tt := o.world().NewDraft()
	if len(tt.Crews) != 0 {
		t.Fatal("a crew that is out may be planned again")
	}
}

func TestAHeavyLoadNeedsTwo(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.formed(1, func(c *crew.Crew) { c.Members = c.Members[:1] })
	q := o.call(1, "су 4", true)
	o.write(func(ctx context.Context, tx *store.Tx) error {
		h, err := household.Kind.Get(ctx, tx, q.Household.ID)
		if err != nil {
			return err
		}
		h.Cares = []household.Care{household.NoLift}
		return tx.Put(ctx, h)
	})
	p := o.plan()
	if len(p.Unplanned) != 1 || p.Unplanned[0].Key != "dispatch.limit.two" {
		t.Fatalf("%+v", p.Unplanned)
	}
	o.crew(2, 8, 22, "")
	if p = o.plan(); len(p.Routes) != 1 || p.Crews[p.Routes[0].Vehicle].Number != 2 {
		t.Fatalf("%+v", p.Unplanned)
	}
}

func TestAClosedZoneIsKeptOutOf(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 10, 20, "")
	inside := o.call(3, "нан 1", true)
	o.call(6, "нан 1", true) // beyond the zone: the straight line crosses it
	o.rule(rule.Rule{Kind: rule.ClosedZone, Polygon: zone(3), PassExempt: true})
	p := o.plan()
	if len(p.Unplanned) != 1 || p.Unplanned[0].Stop.Request.ID != inside.ID || p.Unplanned[0].Key != "dispatch.limit.zone" {
		t.Fatalf("%+v", p.Unplanned)
	}
	w := o.world()
	d, err := w.Solve(t.Context(), w.NewDraft(), o.clock())
	if err != nil {
		t.Fatal(err)
	}
	tt := w.Time(d, o.clock())
	if len(tt.Runs[0].Cross) == 0 {
		t.Error("that the line crosses the zone is not said")
	}
	tr := o.try1(tt, dispatch.Change{Op: dispatch.OpMove, Stop: inside.ID.ID, Crew: w.Crews[0].ID.ID})
	if len(tr.No) != 1 || tr.No[0].Key != "plan.no.zone" || !strings.Contains(tr.No[0].Text(i18n.EN), "Closed zone") {
		t.Fatalf("%+v", tr.No)
	}
	o.crew(2, 10, 20, "КОМ-17")
	if p = o.plan(); len(p.Unplanned) != 0 {
		t.Errorf("a crew with a pass may enter: %+v", p.Unplanned)
	}
}

func TestAZoneThatOpensLaterIsWaitedFor(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 10, 20, "")
	o.call(3, "нан 1", true)
	o.rule(rule.Rule{Kind: rule.ClosedZone, Polygon: zone(3), Start: 6 * 60, End: 15 * 60})
	p := o.plan()
	if len(p.Routes) != 1 || p.Routes[0].Stops[0].Start < 15*3600 {
		t.Fatalf("%+v %+v", p.Routes, p.Unplanned)
	}
}

func TestANewRuleFindsTheRunsThatAreOut(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 10, 22, "")
	for km := range 20 {
		o.call(float64(km%5)+1, "нан 1", true)
	}
	r := o.issue()[0]
	clashes := func() []dispatch.Clash {
		all, err := dispatch.Clashes(t.Context(), o.DB, o.now)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if all := clashes(); len(all) != 0 {
		t.Fatalf("a run inside the curfew clashes: %s", all[0].Text(i18n.EN))
	}
	o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Step(ctx, tx, r.ID, run.Out) })
	end := int(r.Back)/60 - 30
	o.rule(rule.Rule{Kind: rule.Curfew, Start: end, End: 7 * 60})
	o.rule(rule.Rule{Kind: rule.ClosedZone, Polygon: zone(3)})
	all := clashes()
	if dispatch.Touched(all) != 1 || all[0].No.Rule.Kind != rule.Curfew || all[0].Stop != 0 {
		t.Fatalf("%+v", all)
	}
	stops := 0
	for _, c := range all {
		if c.Stop > 0 {
			stops++
		}
		for _, l := range i18n.Langs() {
			if s := c.Text(l); strings.ContainsAny(s, "⟦{}") {
				t.Errorf("%s: %q", l, s)
			}
		}
	}
	if stops != 12 { // of the three kilometres in it
		t.Errorf("%d stops lie in the zone, want 12", stops)
	}
	if text := all[0].Text(i18n.EN); !strings.Contains(text, "Crew 1 (run 1) is out") || !strings.Contains(text, "Curfew everywhere") {
		t.Error(text)
	}
	o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Step(ctx, tx, r.ID, run.Home) })
	if all := clashes(); len(all) != 0 {
		t.Error("a run that is home clashes")
	}
}

// TestWhoLeavesLaterArrivesLater holds the promise of route.Travel over the whole day.
func TestWhoLeavesLaterArrivesLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Float64Range(43, 43.6)
		w, err := dispatch.Straight{}.Between(context.Background(), time.Time{}, []household.Point{{Lat: at.Draw(t, "a"), Lon: 76.9}, {Lat: at.Draw(t, "b"), Lon: 77}})
		if err != nil {
			t.Fatal(err)
		}
		early := rapid.Int32Range(0, 2*24*3600).Draw(t, "early")
		late := early + rapid.Int32Range(0, 4*3600).Draw(t, "later")
		if a, b := early+w.Seconds(0, 1, early), late+w.Seconds(0, 1, late); a > b {
			t.Fatalf("left %d arrives %d, left %d arrives %d", early, a, late, b)
		}
		if least := w.(route.Bounded).Least(0, 1); w.Seconds(0, 1, early) < least || least == 0 {
			t.Fatalf("left %d takes %d s, the least is %d", early, w.Seconds(0, 1, early), least)
		}
	})
	w, err := dispatch.Straight{}.Between(t.Context(), time.Time{}, []household.Point{{Lat: 43.2, Lon: 76.9}, {Lat: 43.2, Lon: 76.9}, {Lat: 43.3, Lon: 76.9}})
	if err != nil {
		t.Fatal(err)
	}
	if w.Seconds(0, 1, 40000) != 0 {
		t.Error("the way to the same place takes time")
	}
	if peak, night := w.Seconds(0, 2, 9*3600), w.Seconds(0, 2, 3*3600); peak <= night {
		t.Errorf("%d s in the peak, %d s at night", peak, night)
	}
}

// TestAlmatysAddressesAreServedInsideTheCurfew plans for real places under the rules of January 2022.
func TestAlmatysAddressesAreServedInsideTheCurfew(t *testing.T) {
	f := shared(t, "data/roads/almaty_addresses.csv")
	o := newOffice(t, rule.AlmatyCity)
	res, err := intake.Import(t.Context(), o.DB, store.Actor{}, intake.Places, f, intake.Options{})
	if err != nil || res.Taken == 0 {
		t.Fatal(res, err)
	}
	type address struct{ street, house string }
	rows, err := store.All(t.Context(), o.DB, func(row *sql.Rows, a *address) error { return row.Scan(&a.street, &a.house) },
		"SELECT street, house FROM place WHERE house<>'' ORDER BY id LIMIT 120")
	if err != nil || len(rows) < 60 {
		t.Fatal(len(rows), err)
	}
	for i, a := range rows {
		o.callAt(a.street+" "+a.house, []string{"нан 1", "су 1", "инсулин 18:00 дейін"}[i%3])
	}
	for i := range 4 {
		o.crew(i+1, 9, 24, "")
	}
	p := o.plan()
	served := 0
	for _, r := range p.Routes {
		served += len(r.Stops)
		if r.Back > 23*3600-dispatch.Margin {
			t.Errorf("crew %d is home at %d", p.Crews[r.Vehicle].Number, r.Back)
		}
	}
	if served < 60 {
		t.Errorf("%d of %d are planned: %+v", served, len(rows), p.Unplanned[0])
	}
	t.Logf("%d places, %d requests, %d planned by %d crews", res.Taken, len(rows), served, len(p.Routes))
}

// TestKeralasCampsArePosts plans relief camps of a real list: as institutions, by a crew of posts, on a sheet of posts.
func TestKeralasCampsArePosts(t *testing.T) {
	f := shared(t, "data/lists/kerala_2018_relief_camps.csv")
	o := newOffice(t, "Kerala")
	m := &tabular.Mapping{}
	for i, name := range []string{"district", "address", "address", "", "settlement", "status", "note", "people", "", "", "", "needs", "needs", "needs", "needs", "needs"} {
		m.Columns = append(m.Columns, tabular.Assignment{Column: i, Field: name})
	}
	res, err := intake.Import(t.Context(), o.DB, store.Actor{}, intake.Requests, f, intake.Options{Mapping: m, Posts: true, Verified: true, Secret: 7})
	if err != nil || res.Taken == 0 {
		t.Fatal(res, err)
	}
	o.write(func(ctx context.Context, tx *store.Tx) error { // the list has no coordinates
		for i, made := range res.Made {
			q, err := request.Kind.Get(ctx, tx, made.ID)
			if err != nil {
				return err
			}
			h, err := household.Kind.Get(ctx, tx, q.Household.ID)
			if err != nil {
				return err
			}
			if !h.Post {
				t.Fatal("a camp came in as a home")
			}
			if i < 40 {
				h.Where = &household.Point{Lat: 43.2389 + float64(i%8)/111, Lon: 76.88 + float64(i/8)/80}
			}
			if err := tx.Put(ctx, h); err != nil {
				return err
			}
		}
		return nil
	})
	o.crew(1, 9, 20, "")
	o.crew(2, 9, 20, "")
	o.formed(2, func(c *crew.Crew) { c.Posts, c.Baskets = true, 500 })
	o.call(1, "нан 1", true)
	for _, r := range o.issue() {
		if (r.CrewNo == 1) != (len(r.Stops) == 1) {
			t.Errorf("crew %d has %d stops", r.CrewNo, len(r.Stops))
		}
	}
	var b bytes.Buffer
	if err := sheet.Write(t.Context(), o.DB, &b, o.day, o.now, i18n.RU, nil, sheet.Ground{}); err != nil {
		t.Fatal(err)
	}
}

// shared opens a file of the data that stand beside the repository; without them the test skips.
func shared(t *testing.T, name string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", filepath.FromSlash(name)))
	if err != nil {
		t.Skip("SKIPPED: no shared data beside the repository: " + name)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestAFarStopWithoutAPassIsSaid(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 10, 20, "")
	o.call(25, "нан 1", true)
	far := func() int {
		w := o.world()
		d, err := w.Solve(t.Context(), w.NewDraft(), o.clock())
		if err != nil {
			t.Fatal(err)
		}
		return len(w.Time(d, o.clock()).Runs[0].Far)
	}
	if n := far(); n != 1 {
		t.Errorf("%d stops are said to be far out", n)
	}
	o.formed(1, func(c *crew.Crew) { c.Pass = "КОМ-17" })
	if n := far(); n != 0 {
		t.Errorf("with a pass %d stops are said to be far out", n)
	}
}

// TestAClosedBorderIsNotCrossed loads the outlines of a city and of the region around it: a stop beyond the border is left out
// for a crew without a pass, a hand cannot put it in, and the refusal names the rule, the time and the way out.
func TestAClosedBorderIsNotCrossed(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 10, 20, "")
	near, far := o.call(3, "нан 1", true), o.call(25, "нан 1", true)
	box := func(code, name string, south, north float64) area.Area {
		file := fmt.Sprintf(`{"type":"FeatureCollection","features":[{"properties":{"name":%q,"code":%q,"level":"region"},"geometry":{"type":"Polygon",
			"coordinates":[[[76.5,%f],[77.3,%f],[77.3,%f],[76.5,%f],[76.5,%f]]]}}]}`, name, code, south, south, north, north, south)
		got, _, err := area.Read(strings.NewReader(file), area.Loading{Source: "сынақ", To: "2022-06-08"})
		if err != nil {
			t.Fatal(err)
		}
		return got[0]
	}
	o.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := area.Keep(ctx, tx, []area.Area{box("750000000", "Алматы", 43, 43.4), box("190000000", "Алматинская", 43.4, 44)})
		return err
	})
	w := o.world()
	tt := w.Time(w.NewDraft(), o.clock())
	p := o.plan()
	if len(p.Unplanned) != 1 || p.Unplanned[0].Stop.Request.ID != far.ID || p.Unplanned[0].Key != "dispatch.limit.border" {
		t.Fatalf("%+v", p.Unplanned)
	}
	for _, l := range i18n.Langs() {
		if text := p.Unplanned[0].Text(l); !strings.Contains(text, "0–24") || strings.Contains(text, "{") {
			t.Error(text)
		}
	}
	tr := o.try1(tt, dispatch.Change{Op: dispatch.OpMove, Stop: far.ID.ID, Crew: w.Crews[0].ID.ID})
	if len(tr.No) == 0 || tr.No[0].Key != "plan.no.border" || tr.No[0].No == nil || tr.No[0].No.Rule.Kind != rule.EntryExit {
		t.Fatalf("%+v", tr.No)
	}
	text := tr.No[0].Text(i18n.EN)
	for _, says := range []string{"Crew 1", "border", "Almaty", "pass"} {
		if !strings.Contains(text, says) {
			t.Errorf("%q does not say %q", text, says)
		}
	}
	if tr = o.try1(tt, dispatch.Change{Op: dispatch.OpMove, Stop: near.ID.ID, Crew: w.Crews[0].ID.ID}); len(tr.No) != 0 {
		t.Errorf("%+v", tr.No)
	}
	o.formed(1, func(c *crew.Crew) { c.Pass = "КОМ-17" })
	if p = o.plan(); len(p.Unplanned) != 0 {
		t.Errorf("a crew with a pass may cross: %+v", p.Unplanned)
	}
}
