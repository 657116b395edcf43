package dispatch_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
)

// world gathers what a plan of the office's day depends on.
func (o *office) world() *dispatch.World {
	o.t.Helper()
	w, err := dispatch.Gather(o.t.Context(), o.DB, dispatch.Straight{}, o.day, o.now, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return w
}

func (o *office) clock() time.Time { return o.now.In(o.day.Location()) }

// drafted plans the day on the table.
func (o *office) drafted() *dispatch.Timetable {
	o.t.Helper()
	w := o.world()
	d, err := w.Solve(o.t.Context(), w.NewDraft(), o.clock())
	if err != nil {
		o.t.Fatal(err)
	}
	o.save(0, d, dispatch.OpMake)
	return w.Time(d, o.clock())
}

func (o *office) save(seen int64, d *dispatch.Draft, op string) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.SaveDraft(ctx, tx, o.day, seen, d, op) })
}

func (o *office) try1(t *dispatch.Timetable, c dispatch.Change) dispatch.Trial {
	o.t.Helper()
	tr, err := t.Try(c)
	if err != nil {
		o.t.Fatal(err)
	}
	return tr
}

func TestADraftIsKeptChangedAndTakenBack(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.crew(2, 8, 22, "")
	for km := range 6 {
		o.call(float64(km+1), "нан 1", true)
	}
	tt := o.drafted()
	first := tt.Draft
	q := first.Requests()[0]
	gone := o.try1(tt, dispatch.Change{Op: dispatch.OpRemove, Stop: q, By: id.New(o.now)})
	if gone.Cost.Seconds > 0 || len(gone.No) > 0 {
		t.Fatalf("taking a stop out costs time: %+v", gone.Cost)
	}
	o.save(1, gone.Draft, dispatch.OpRemove)
	err := o.try(func(ctx context.Context, tx *store.Tx) error {
		return dispatch.SaveDraft(ctx, tx, o.day, 1, gone.Draft, dispatch.OpRemove)
	})
	if !errs.Is(err, errs.Conflict) {
		t.Fatalf("a stale change was taken: %v", err)
	}
	now, err := dispatch.LoadDraft(t.Context(), o.DB, o.day)
	if err != nil || now.Version != 2 || now.Op != dispatch.OpRemove || now.By.IsZero() || len(now.Requests()) != 5 {
		t.Fatalf("%+v %v", now, err)
	}
	tt = o.world().Time(now, o.clock())
	if len(tt.Left) != 1 || tt.Left[0].Key != "plan.taken_out" || tt.Left[0].By.IsZero() || !tt.Left[0].Free {
		t.Fatalf("%+v", tt.Left)
	}
	undo := func(seen int64) error {
		return o.try(func(ctx context.Context, tx *store.Tx) error { return dispatch.UndoDraft(ctx, tx, o.day, seen) })
	}
	if err := undo(2); err != nil {
		t.Fatal(err)
	}
	back, err := dispatch.LoadDraft(t.Context(), o.DB, o.day)
	if err != nil || back.Version != 3 || len(back.Requests()) != 6 {
		t.Fatalf("%+v %v", back, err)
	}
	if err := undo(3); !errs.Is(err, errs.Conflict) {
		t.Fatalf("the first plan was taken back: %v", err)
	}
	if before, after, err := o.Rebuild(t.Context()); err != nil || before != after {
		t.Fatal("rebuild", err)
	}
	if kept, err := dispatch.LoadDraft(t.Context(), o.DB, o.day); err != nil || kept.Version != 3 {
		t.Fatalf("rebuild lost the draft: %v", err)
	}
}

func TestAStopDroppedPastTheCurfewIsRefusedInWords(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 19, 24, "")
	o.crew(2, 19, 24, "КОМ-17")
	o.now = time.Date(2022, 1, 12, 11, 0, 0, 0, time.UTC) // 17:00 there
	for range 30 {
		o.call(3, "нан 1", true)
	}
	w := o.world()
	d := w.NewDraft()
	tt := w.Time(d, o.clock())
	var refused dispatch.Trial
	for i := range w.Stops {
		tr := o.try1(tt, dispatch.Change{Op: dispatch.OpMove, Stop: w.Stops[i].Request.ID.ID, Crew: w.Crews[0].ID.ID, At: 99})
		if len(tr.No) > 0 {
			refused = tr
			break
		}
		tt = w.Time(tr.Draft, o.clock())
	}
	if len(refused.No) != 1 {
		t.Fatalf("thirty stops after seven in the evening are in time for the curfew: %+v", refused.No)
	}
	text := refused.No[0].Text(i18n.EN)
	for _, want := range []string{"Crew 1 arrives home 22:4", "curfew in Almaty starts 23:00", "drop stop", "start 30 min earlier", "choose a crew with a pass (2)"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	for _, l := range i18n.Langs() {
		if s := refused.No[0].Text(l); strings.ContainsAny(s, "⟦{}") {
			t.Errorf("%s: %q", l, s)
		}
	}
	late := w.Time(refused.Draft, o.clock())
	if late.Sound() {
		t.Error("a run past the curfew is sound")
	}
	if _, err := late.Proposal(); !errs.Is(err, errs.Invalid) {
		t.Errorf("a run past the curfew may be issued: %v", err)
	}
}

func TestPinnedStaysAndTakenOutStaysOut(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.crew(2, 8, 22, "")
	for km := range 8 {
		o.call(float64(km)/2+1, "нан 1", true)
	}
	tt := o.drafted()
	q, out := tt.Draft.Requests()[0], tt.Draft.Requests()[1]
	other := tt.Crews[1].ID.ID
	if tt.Draft.Runs[0].Crew == other {
		other = tt.Crews[0].ID.ID
	}
	d := o.try1(tt, dispatch.Change{Op: dispatch.OpMove, Stop: q, Crew: other}).Draft
	d = o.try1(tt.Time(d, o.clock()), dispatch.Change{Op: dispatch.OpPin, Stop: q}).Draft
	d = o.try1(tt.Time(d, o.clock()), dispatch.Change{Op: dispatch.OpRemove, Stop: out}).Draft
	d, err := tt.Solve(t.Context(), d, o.clock())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range d.Runs {
		for _, s := range r.Stops {
			if s.Request == q && (r.Crew != other || !s.Pinned) {
				t.Error("a pinned stop went elsewhere")
			}
			if s.Request == out {
				t.Error("what was taken out is back")
			}
		}
	}
	if n := len(d.Requests()); n != 7 {
		t.Errorf("%d stops", n)
	}
}

func TestOffersTellWhatTheMoveWillCost(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.crew(2, 8, 22, "")
	for km := range 10 {
		o.call(float64(km)/2+1, "нан 1", true)
	}
	tt := o.drafted()
	driving := func(t *dispatch.Timetable) (s int32) {
		for i := range t.Runs {
			s += t.Runs[i].Route.Driving
		}
		return s
	}
	for _, q := range tt.Draft.Requests() {
		for _, offers := range tt.Offers(q) {
			for _, of := range offers {
				if of.Here {
					continue
				}
				tr := o.try1(tt, dispatch.Change{Op: dispatch.OpMove, Stop: q, Crew: tt.Runs[of.Run].Crew.ID.ID, At: of.At})
				after := tt.Time(tr.Draft, o.clock())
				if len(of.No) == 0 && driving(after)-driving(tt) != of.Cost.Seconds {
					t.Fatalf("said %d s, was %d s", of.Cost.Seconds, driving(after)-driving(tt))
				}
			}
		}
	}
}

// TestHandChangesNeverGetPastTheChecks changes plans at random: whatever may still be issued has passed the
// checker and the rules, and when it is issued every run keeps them.
func TestHandChangesNeverGetPastTheChecks(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 20, "")
	o.crew(2, 14, 24, "")
	o.crew(3, 8, 24, "КОМ-17")
	o.now = time.Date(2022, 1, 12, 9, 0, 0, 0, time.UTC) // 15:00 there
	for i := range 25 {
		o.call(float64(i%9)/2+1, []string{"нан 2", "себет 6", "инсулин 18:00 дейін"}[i%3], true)
	}
	w := o.world()
	first, err := w.Solve(t.Context(), w.NewDraft(), o.clock())
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		tt := w.Time(first, o.clock())
		stop := rapid.IntRange(0, len(w.Stops)-1)
		request := func() id.ID { return w.Stops[stop.Draw(t, "stop")].Request.ID.ID }
		forced := rapid.Bool().Draw(t, "forced")
		for range rapid.IntRange(1, 25).Draw(t, "changes") {
			c := dispatch.Change{Op: rapid.SampledFrom([]string{dispatch.OpMove, dispatch.OpMove, dispatch.OpSwap, dispatch.OpRemove, dispatch.OpPin}).Draw(t, "op"),
				Stop: request(), With: request(), Crew: w.Crews[rapid.IntRange(0, 2).Draw(t, "crew")].ID.ID, At: rapid.IntRange(0, 20).Draw(t, "at")}
			tr, err := tt.Try(c)
			if err != nil {
				continue
			}
			sound := tt.Sound()
			if len(tr.No) > 0 && !forced {
				continue
			}
			tt = w.Time(tr.Draft, o.clock())
			if sound && len(tr.No) == 0 != tt.Sound() {
				t.Fatalf("%s said %v; the plan is sound: %v", c.Op, tr.No, tt.Sound())
			}
			seen := map[id.ID]bool{}
			for _, q := range tt.Draft.Requests() {
				if seen[q] {
					t.Fatalf("%s: a stop stands twice", c.Op)
				}
				seen[q] = true
			}
			if len(seen)+len(tt.Left) != len(w.Stops) {
				t.Fatalf("%s: %d planned, %d left of %d", c.Op, len(seen), len(tt.Left), len(w.Stops))
			}
		}
		p, err := tt.Proposal()
		if (err == nil) != tt.Sound() || err != nil && !errs.Is(err, errs.Invalid) {
			t.Fatalf("sound %v: %v", tt.Sound(), err)
		}
		if err != nil {
			return
		}
		for _, rt := range p.Routes {
			c := p.Crews[rt.Vehicle]
			q := rule.Query{Areas: []string{rule.AlmatyCity}, From: o.day.Add(time.Duration(rt.Depart) * time.Second), To: o.day.Add(time.Duration(rt.Back) * time.Second), Pass: c.Pass != ""}
			if no := rule.May(w.Rules, q); len(no) > 0 || rt.Back > int32(c.To*60) {
				t.Fatalf("crew %d is out %d to %d: %+v", c.Number, rt.Depart, rt.Back, no)
			}
		}
	})
}

func TestIssuedRunsLeaveTheDraft(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 12, "")
	o.crew(2, 8, 12, "")
	for km := range 12 {
		o.call(float64(km)/2+1, "нан 1", true)
	}
	tt := o.drafted()
	if _, runs := tt.Planned(); runs != 2 {
		t.Fatal("the case needs two runs", runs)
	}
	p, err := tt.Proposal(tt.Crews[0].ID.ID)
	if err != nil {
		t.Fatal(err)
	}
	var runs []run.Run
	o.write(func(ctx context.Context, tx *store.Tx) (err error) {
		if runs, err = dispatch.Issue(ctx, tx, p); err != nil {
			return err
		}
		return dispatch.IssuedDraft(ctx, tx, o.day, tt.Draft, runs)
	})
	if len(runs) != 1 || runs[0].CrewNo != 1 {
		t.Fatalf("%+v", runs)
	}
	d, err := dispatch.LoadDraft(t.Context(), o.DB, o.day)
	if err != nil || len(d.Runs) != 1 || d.Runs[0].Crew != tt.Crews[1].ID.ID || d.Undo != 0 {
		t.Fatalf("%+v %v", d, err)
	}
	after := o.world().Time(d, o.clock())
	if len(after.Runs) != 1 || !after.Sound() || after.Gone != 0 {
		t.Fatalf("%+v", after.Runs)
	}
}

func TestPostsNeverShareARunWithHomes(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.crew(2, 8, 22, "")
	post := o.call(2, "горячий обед 30", true)
	home := o.call(2, "нан 1", true)
	o.setPost(post)
	p := o.plan()
	if len(p.Unplanned) != 1 || p.Unplanned[0].Stop.Request.ID != post.ID || p.Unplanned[0].Key != "dispatch.limit.posts" {
		t.Fatalf("%+v", p.Unplanned)
	}
	o.write(func(ctx context.Context, tx *store.Tx) error {
		c, err := crew.ByNumber(ctx, tx, 2)
		if err != nil {
			return err
		}
		c.Posts = true
		return crew.Form(ctx, tx, c)
	})
	w := o.world()
	tt := w.Time(w.NewDraft(), o.clock())
	for _, c := range []struct {
		q    *request.Request
		crew int
		no   string
	}{{post, 0, "plan.no.posts"}, {home, 1, "plan.no.homes"}, {post, 1, ""}, {home, 0, ""}} {
		tr := o.try1(tt, dispatch.Change{Op: dispatch.OpMove, Stop: c.q.ID.ID, Crew: w.Crews[c.crew].ID.ID})
		if c.no == "" && len(tr.No) > 0 || c.no != "" && (len(tr.No) != 1 || tr.No[0].Key != c.no) {
			t.Errorf("crew %d: %+v", c.crew+1, tr.No)
		}
	}
	runs := o.issue()
	if len(runs) != 2 || len(runs[0].Stops) != 1 || len(runs[1].Stops) != 1 {
		t.Fatalf("%+v", runs)
	}
}

// BenchmarkTimetable300For12 is what each look at a plan costs, and each stop that is chosen.
func BenchmarkTimetable300For12(b *testing.B) {
	o := newOffice(b, rule.AlmatyCity)
	for i := range 12 {
		o.crew(i+1, 8, 13, "")
	}
	for i := range 300 {
		o.call(float64(i%60)/6, "нан 1", true)
	}
	w := o.world()
	d, err := w.Solve(b.Context(), w.NewDraft(), o.clock())
	if err != nil {
		b.Fatal(err)
	}
	tt := w.Time(d, o.clock())
	b.Run("gather", func(b *testing.B) {
		for b.Loop() {
			o.world()
		}
	})
	b.Run("time", func(b *testing.B) {
		for b.Loop() {
			tt = w.Time(d, o.clock())
		}
		b.ReportMetric(float64(len(tt.Left)), "left-out")
	})
	b.Run("offers", func(b *testing.B) {
		for b.Loop() {
			tt.Offers(d.Requests()[7])
		}
	})
}

func TestOnlyTheCrewsNamedTakePart(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	for n := range 3 {
		o.crew(n+1, 8, 22, "")
	}
	for km := range 6 {
		o.call(float64(km)+1, "нан 1", true)
	}
	p, err := dispatch.Plan(t.Context(), o.DB, dispatch.Straight{}, o.day, o.clock(), 2)
	if err != nil || len(p.Routes) != 1 || p.Crews[p.Routes[0].Vehicle].Number != 2 {
		t.Fatalf("%+v %v", p, err)
	}
}
