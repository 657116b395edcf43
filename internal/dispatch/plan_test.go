package dispatch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/dispatch/sheet"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/volunteer"
)

// office is a centre in Almaty on 12 January 2022 with a clock of its own.
type office struct {
	*store.DB
	t   testing.TB
	cfg store.Config
	now time.Time
	day time.Time
}

var secret = store.Secret{Passphrase: "төрт сөз жеткілікті"}

func newOffice(tb testing.TB, code string) *office {
	tb.Helper()
	o := &office{t: tb, now: time.Date(2022, 1, 12, 4, 0, 0, 0, time.UTC)} // 10:00 there
	o.cfg = store.Config{Dir: filepath.Join(tb.TempDir(), "centre"), KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Now: func() time.Time { return o.now },
		Kinds: []store.Registered{list.Kind, list.ReadingKind, centre.Kind, place.Kind, area.Kind, household.Kind, household.VerdictKind, request.Kind, request.NeedKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, twin.TallyKind, twin.KeyKind, request.QualityKind, request.CallbackKind, request.WordKind, request.RelayKind, volunteer.Kind, crew.Kind, rule.Record, supply.Kind, run.Kind, run.OutcomeKind, run.CheckKind, run.RenewalKind}}
	db, err := store.Create(tb.Context(), o.cfg, secret)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = o.Close() })
	o.DB = db
	c := &centre.Centre{Name: "Оқу орталығы", Area: code, Zone: "Asia/Almaty", Langs: []string{"kk"}, Lat: 43.2389, Lon: 76.8897}
	o.write(func(ctx context.Context, tx *store.Tx) error {
		if err := centre.Create(ctx, tx, c); err != nil {
			return err
		}
		for _, item := range supply.Items() {
			if err := supply.Set(ctx, tx, item, 1000); err != nil {
				return err
			}
		}
		rules, err := rule.Preset(rule.Almaty2022)
		if err != nil {
			return err
		}
		return rule.Apply(ctx, tx, rules)
	})
	o.day = time.Date(2022, 1, 12, 0, 0, 0, 0, c.Location())
	return o
}

func (o *office) write(fn func(ctx context.Context, tx *store.Tx) error) {
	o.t.Helper()
	if err := o.try(fn); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) try(fn func(ctx context.Context, tx *store.Tx) error) error {
	ctx := o.t.Context()
	return o.Write(ctx, id.New(time.UnixMilli(1)), func(tx *store.Tx) error { return fn(ctx, tx) })
}

func (o *office) crew(number, from, to int, pass string) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *store.Tx) error {
		var members []crew.Member
		for i, role := range []string{crew.Driver, crew.Navigator} {
			v := &volunteer.Volunteer{Name: contact.Name(fmt.Sprintf("Ерікті %d-%d", number, i)), Phone: contact.Phone(fmt.Sprintf("+7700000%02d%02d", number, i)), Adult: volunteer.Said}
			v.ID.ID = tx.NewID()
			if err := tx.Put(ctx, v); err != nil {
				return err
			}
			if err := volunteer.See(ctx, tx, v.ID); err != nil {
				return err
			}
			members = append(members, crew.Member{Volunteer: v.ID.ID, Role: role})
		}
		return crew.Form(ctx, tx, &crew.Crew{Number: number, Members: members, Vehicle: "Нива", Plate: "000 JUM 02", Baskets: 20, From: from * 60, To: to * 60, Pass: pass, Lang: i18n.RU})
	})
}

// call takes a request that is checked, some kilometres from the centre.
func (o *office) call(km float64, need string, keep bool) *request.Request {
	o.t.Helper()
	var q *request.Request
	o.write(func(ctx context.Context, tx *store.Tx) (err error) {
		h := household.Household{Head: "Ойдан Шығарылған", Address: "Абай 44", Keep: keep, Where: &household.Point{Lat: 43.2389 + km/111.2, Lon: 76.8897}}
		if q, err = intake.Take(ctx, tx, intake.Call{Household: h, Phone: "+77000000001", Needs: []string{need}}, 7); err != nil {
			return err
		}
		return request.Check(ctx, tx, q, request.ByPhone)
	})
	return q
}

func (o *office) plan() *dispatch.Proposal {
	o.t.Helper()
	p, err := dispatch.Plan(o.t.Context(), o.DB, dispatch.Straight{}, o.day, o.now.In(o.day.Location()))
	if err != nil {
		o.t.Fatal(err)
	}
	return p
}

func (o *office) issue() []run.Run {
	o.t.Helper()
	p := o.plan()
	var runs []run.Run
	o.write(func(ctx context.Context, tx *store.Tx) (err error) {
		runs, err = dispatch.Issue(ctx, tx, p)
		return err
	})
	return runs
}

func (o *office) report(r run.ID, stop int, res run.Result) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *store.Tx) error {
		return dispatch.Report(ctx, tx, r, stop, res, o.now, "")
	})
}

func (o *office) status(q *request.Request) request.Status {
	o.t.Helper()
	needs, err := request.Needs(o.t.Context(), o.DB, q.ID)
	if err != nil || len(needs) == 0 {
		o.t.Fatal(needs, err)
	}
	return needs[0].Status
}

func TestCurfewBindsThePlanWhereverTheCentreSaysItIs(t *testing.T) {
	for area, latest := range map[string]int32{rule.AlmatyCity: 23 * 3600, rule.AlmatyRegion: 20 * 3600, "Алматы": 20 * 3600} {
		o := newOffice(t, area)
		o.crew(1, 8, 24, "")
		o.now = time.Date(2022, 1, 12, 12, 0, 0, 0, time.UTC) // 18:00 there
		for range 40 {
			o.call(5, "нан 1", true)
		}
		p := o.plan()
		if len(p.Routes) == 0 || len(p.Unplanned) == 0 {
			t.Fatalf("%s: %d routes, %d left out: the case proves nothing", area, len(p.Routes), len(p.Unplanned))
		}
		for _, r := range p.Routes {
			if r.Back > latest-dispatch.Margin {
				t.Errorf("%s: back at %d, the curfew's margin is %d", area, r.Back, latest-dispatch.Margin)
			}
		}
		if text := p.Unplanned[0].Text(i18n.KK); text == "" || text[0] == 0xe2 {
			t.Errorf("%s: no words for why: %q", area, text)
		}
	}
}

func TestAPassOpensTheNight(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 24, "КОМ-17")
	o.now = time.Date(2022, 1, 12, 16, 50, 0, 0, time.UTC) // 22:50 there
	o.call(1, "нан 1", true)
	if p := o.plan(); len(p.Routes) != 1 {
		t.Fatalf("a crew with a pass may go at night: %+v", p.Unplanned)
	}
}

func TestOutcomesMoveNeeds(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	results := map[run.Result]request.Status{run.Delivered: request.Done, run.Nobody: request.Open, run.Partly: request.Open,
		run.WrongAddress: request.Open, run.Refused: request.Cancelled}
	for res, want := range results {
		q := o.call(1, "нан 1", true)
		runs := o.issue()
		stop := 0
		for i, s := range runs[0].Stops {
			if s.Request == q.ID.ID {
				stop = i + 1
			}
		}
		if got := o.status(q); got != request.Planned {
			t.Fatalf("after issue: %s", got)
		}
		o.report(runs[0].ID, stop, res)
		if got := o.status(q); got != want {
			t.Errorf("%s: %s, want %s", res, got, want)
		}
		for i := range runs[0].Stops { // clear the board for the next round
			o.report(runs[0].ID, i+1, run.Delivered)
		}
		o.write(func(ctx context.Context, tx *store.Tx) error { return dispatch.Step(ctx, tx, runs[0].ID, run.Home) })
	}
	before, after, err := o.Rebuild(t.Context())
	if err != nil || before != after {
		t.Fatalf("rebuild: %v; equal %v", err, before == after)
	}
}

func TestStockIsNotPromisedTwice(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.crew(2, 8, 22, "")
	o.write(func(ctx context.Context, tx *store.Tx) error { return supply.Set(ctx, tx, "bread", 3) })
	o.call(1, "нан 2", true)
	o.call(1, "нан 2", true)
	p := o.plan()
	if len(p.Unplanned) != 1 || p.Unplanned[0].Key != "dispatch.stock" {
		t.Fatalf("%+v", p.Unplanned)
	}
	o.issue()
	left, err := dispatch.Available(t.Context(), o.DB)
	if err != nil || left["bread"] != 1 {
		t.Fatal(left, err)
	}
}

func TestWhatChangedSinceIsAConflict(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.call(1, "нан 1", true)
	p := o.plan()
	o.issue()
	err := o.try(func(ctx context.Context, tx *store.Tx) error { _, err := dispatch.Issue(ctx, tx, p); return err })
	if !errs.Is(err, errs.Conflict) {
		t.Fatalf("the same plan issued twice: %v", err)
	}
}

func TestACrewThatIsNoLongerSeenDoesNotGo(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.call(1, "нан 1", true)
	p := o.plan()
	all, err := volunteer.List(t.Context(), o.DB)
	if err != nil {
		t.Fatal(err)
	}
	o.write(func(ctx context.Context, tx *store.Tx) error { return volunteer.Unsee(ctx, tx, all[0].ID) })
	if err := o.try(func(ctx context.Context, tx *store.Tx) error { _, err := dispatch.Issue(ctx, tx, p); return err }); err == nil {
		t.Fatal("a crew with somebody not seen to be an adult was sent out")
	}
}

func TestSheetsChangeNothing(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.call(1, "нан 1", true)
	o.issue()
	before, err := o.StateHash(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := sheet.Write(t.Context(), o.DB, &b, o.day, o.now, i18n.RU, nil, sheet.Ground{}); err != nil || !bytes.HasPrefix(b.Bytes(), []byte("%PDF")) {
		t.Fatal(err)
	}
	if after, err := o.StateHash(t.Context()); err != nil || after != before {
		t.Fatal("printing changed the state", err)
	}
}

func BenchmarkPlan300For12(b *testing.B) {
	o := newOffice(b, rule.AlmatyCity)
	for i := range 12 {
		o.crew(i+1, 8, 22, "")
	}
	for i := range 300 {
		o.call(float64(i%60)/6, "нан 1", true)
	}
	for b.Loop() {
		p := o.plan()
		b.ReportMetric(float64(len(p.Unplanned)), "left-out")
	}
}

// setPost says that a request is that of an institution.
func (o *office) setPost(q *request.Request) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *store.Tx) error {
		h, err := household.Kind.Get(ctx, tx, q.Household.ID)
		if err != nil {
			return err
		}
		h.Post = true
		return tx.Put(ctx, h)
	})
}

// callAt takes a checked request from an address of the book of places.
func (o *office) callAt(address, need string) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *store.Tx) error {
		h := household.Household{Head: "Ойдан Шығарылған", Address: contact.Address(address), Keep: true}
		q, err := intake.Take(ctx, tx, intake.Call{Household: h, Phone: "+77000000001", Needs: []string{need}}, 7)
		if err != nil {
			return err
		}
		return request.Check(ctx, tx, q, request.ByPhone)
	})
}

// TestACentreWithoutAPlacePlansNothing holds that a centre just set up on a page is told what is lacking, and plans once it is there.
func TestACentreWithoutAPlacePlansNothing(t *testing.T) {
	o := newOffice(t, rule.AlmatyCity)
	o.crew(1, 8, 22, "")
	o.call(2, "нан 1", true)
	stand := func(lat, lon float64) {
		o.write(func(ctx context.Context, tx *store.Tx) error {
			c, err := centre.Get(ctx, tx)
			if err != nil {
				return err
			}
			c.Lat, c.Lon = lat, lon
			return tx.Put(ctx, c)
		})
	}
	stand(0, 0)
	_, err := dispatch.Plan(t.Context(), o.DB, dispatch.Straight{}, o.day, o.clock())
	if e, ok := errors.AsType[*errs.Error](err); !ok || e.Key != "dispatch.no_start" {
		t.Fatal(err)
	}
	stand(43.2389, 76.8897)
	if p := o.plan(); len(p.Routes) != 1 {
		t.Errorf("%+v", p)
	}
}
