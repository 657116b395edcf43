package report_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/report"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/internal/twin"
)

type bench struct {
	t   *testing.T
	db  *store.DB
	now time.Time
}

func open(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC)} // noon in Almaty
	kinds := []store.Registered{centre.Kind, centre.NoteKind, household.Kind, household.VerdictKind, request.Kind, request.NeedKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, request.QualityKind, request.CallbackKind, supply.Kind, rule.Record, run.Kind, run.OutcomeKind, run.CheckKind}
	var err error
	b.db, err = store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "c"), Kinds: kinds, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1},
		Now: func() time.Time { return b.now }}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.db.Close() })
	return b
}

func (b *bench) write(fn func(ctx context.Context, tx *store.Tx) error) {
	b.t.Helper()
	if err := b.db.Write(b.t.Context(), store.Actor{}, func(tx *store.Tx) error { return fn(b.t.Context(), tx) }); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) put(recs ...any) {
	b.t.Helper()
	b.write(func(ctx context.Context, tx *store.Tx) error {
		for _, rec := range recs {
			if err := tx.Put(ctx, rec); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *bench) id() (v id.ID) {
	b.write(func(_ context.Context, tx *store.Tx) error { v = tx.NewID(); return nil })
	return v
}

// ask takes an invented household's request for baskets, hours ago.
func (b *bench) ask(hours int, status request.Status, placed bool) request.ID {
	h := &household.Household{Head: "Сәуле Ойданқызы", Address: "Абай даңғылы, 44", People: 3}
	h.ID.ID = b.id()
	if placed {
		h.Where = &household.Point{Lat: 43.2, Lon: 76.9}
	}
	q := &request.Request{Household: h.ID, At: b.now.Add(-time.Duration(hours) * time.Hour), Calls: 1}
	q.ID.ID = b.id()
	n := &request.Need{Request: q.ID, What: request.Basket, Class: "basket", Count: 1, Status: status}
	n.ID.ID = b.id()
	b.write(func(ctx context.Context, tx *store.Tx) error { return request.Number(ctx, tx, q, 7) })
	b.put(h, q, n)
	return q.ID
}

func (b *bench) goes(crew int, day string, step run.Step, at time.Time) *run.Run {
	r := &run.Run{Number: crew, Crew: b.id(), CrewNo: crew, Day: day, Depart: 9 * 3600, Back: 20 * 3600}
	r.ID.ID = b.id()
	b.put(r)
	if step != "" {
		c := &run.Check{Run: r.ID.ID, Step: step, At: at}
		c.ID.ID = b.id()
		b.put(c)
	}
	return r
}

func (b *bench) came(r *run.Run, stop int, q request.ID, res run.Result, ago time.Duration, note contact.Note) {
	o := &run.Outcome{Run: r.ID.ID, Stop: stop, Request: q.ID, Result: res, At: b.now.Add(-ago), Note: note}
	o.ID.ID = b.id()
	b.put(o)
}

func (b *bench) backlog() *request.Backlog {
	b.t.Helper()
	all, err := request.NewLive(b.db).Backlog(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

func (b *bench) situation() *report.Situation {
	b.t.Helper()
	s, err := report.Now(b.t.Context(), b.db, b.backlog(), b.now)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func TestNow(t *testing.T) {
	b := open(t)
	if _, err := report.Now(t.Context(), b.db, b.backlog(), b.now); !errs.Is(err, errs.NotFound) {
		t.Fatal(err)
	}
	b.write(func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: "Үйренетін орталық", Area: "Алматы", Zone: centre.DefaultZone, Langs: []string{"kk"}})
	})
	if s := b.situation(); s.Tally.Waiting != 0 || !s.Tally.Oldest.IsZero() || s.Last != nil || len(s.Out) != 0 {
		t.Errorf("an empty centre: %+v", s)
	}
	q := b.ask(30, request.Open, true)
	b.ask(1, request.Open, false)
	b.ask(2, request.Done, true)
	b.ask(40, request.Planned, true)
	var rules []rule.Rule
	for _, away := range []time.Duration{-time.Hour, 0, time.Hour, 23 * time.Hour, 25 * time.Hour} {
		rules = append(rules, rule.Rule{Kind: rule.Curfew, From: b.now.Add(away), Start: 23 * 60, End: 7 * 60, Zone: centre.DefaultZone, Source: "an order"})
	}
	b.write(func(ctx context.Context, tx *store.Tx) error { return rule.Apply(ctx, tx, rules) })
	late := b.goes(1, "2022-01-12", run.Out, b.now.Add(-3*time.Hour))
	b.goes(2, "2022-01-12", run.Home, b.now)
	b.goes(3, "2022-01-12", "", b.now)
	b.goes(4, "2022-01-11", run.Out, b.now.Add(-time.Minute))
	b.goes(5, "2022-01-11", run.Home, b.now.Add(-20*time.Hour))
	b.came(late, 1, q, run.Delivered, 150*time.Minute, "")
	b.came(late, 2, q, run.Delivered, 150*time.Minute, "")
	b.came(late, 2, q, run.Nobody, 140*time.Minute, "Есікті ешкім ашпады")
	b.came(late, 3, q, run.Refused, 130*time.Minute, "Сәулеге қайта барыңыз")
	b.came(late, 4, q, run.Partly, 20*time.Hour, "кешегі")

	s := b.situation()
	if n := s.Tally; n.Waiting != 2 || n.Unchecked != 2 || n.NoPlace != 1 || n.New != 2 || n.Needs[request.Basket][request.Open] != 2 ||
		n.Needs[request.Basket][request.Done] != 1 || b.now.Sub(n.Oldest) != 30*time.Hour {
		t.Errorf("%+v", n)
	}
	if len(s.Rules) != 2 || len(s.Coming) != 2 || !s.Coming[0].From.Equal(b.now.Add(time.Hour)) {
		t.Errorf("in force %+v, coming %+v", s.Rules, s.Coming)
	}
	surveyed := 0
	for _, n := range s.Open.Bands {
		surveyed += n
	}
	if surveyed != s.Tally.Waiting {
		t.Errorf("%d by urgency, %d wait", surveyed, s.Tally.Waiting)
	}
	if s.Home != 1 || s.Here != 1 || len(s.Out) != 2 || s.Out[0].Crew != 4 || !s.Out[1].Late {
		t.Errorf("runs: %+v home %d here %d", s.Out, s.Home, s.Here)
	}
	if s.Outcomes[run.Delivered] != 1 || s.Outcomes[run.Nobody] != 1 || s.Outcomes[run.Partly] != 0 {
		t.Errorf("outcomes: %v", s.Outcomes)
	}
	if len(s.Said) != 2 || s.Said[0].Text != "Есікті ешкім ашпады" || s.Said[0].Hidden || !s.Said[1].Hidden || s.Said[1].Text != "" || s.Said[1].Crew != 1 {
		t.Errorf("said: %+v", s.Said)
	}
}

func TestWordsThatNameTheHousehold(t *testing.T) {
	b := open(t)
	b.write(func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: "Үйренетін орталық", Area: "Алматы", Zone: centre.DefaultZone, Langs: []string{"kk"}})
	})
	q, r := b.ask(3, request.Open, true), b.goes(1, "2022-01-12", run.Out, b.now)
	cases := []struct {
		note   contact.Note
		hidden bool
	}{
		{"Никого нет, соседи не знают", false}, {"ит бар, 2 рет қақтық", false}, {"Сауле ушла", true}, {"САУЛЕ", true},
		{"на Абае не нашли", true}, {"звонить 8 701 555 12 34", true}, {"Ойданқызының үйі", true},
	}
	for i, c := range cases {
		b.came(r, i+1, q, run.Nobody, time.Duration(len(cases)-i)*time.Minute, c.note)
	}
	for i, s := range b.situation().Said {
		if s.Hidden != cases[i].hidden {
			t.Errorf("%q: hidden %v", cases[i].note, s.Hidden)
		}
	}
}

func TestNotesBetweenShifts(t *testing.T) {
	b := open(t)
	b.write(func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: "Үйренетін орталық", Area: "Алматы", Zone: centre.DefaultZone, Langs: []string{"kk"}})
	})
	for _, n := range []centre.ShiftNote{{Text: " "}, {Text: contact.Note(strings.Repeat("ә", centre.MaxNote+1))}, {Text: "x", Ask: contact.Note(strings.Repeat("ә", centre.MaxNote+1))}} {
		err := b.db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return centre.Leave(t.Context(), tx, &n) })
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("%d letters: %v", len(n.Text), err)
		}
	}
	q, r := b.ask(5, request.Open, true), b.goes(1, "2022-01-12", run.Out, b.now)
	b.came(r, 1, q, run.Delivered, time.Hour, "")
	for _, text := range []contact.Note{"бірінші", "екінші"} {
		b.write(func(ctx context.Context, tx *store.Tx) error {
			return centre.Leave(ctx, tx, &centre.ShiftNote{Text: text, Ask: "рұқсатқағаз"})
		})
		b.now = b.now.Add(time.Hour)
	}
	b.came(r, 2, q, run.Nobody, time.Minute, "")
	check := func() {
		t.Helper()
		s := b.situation()
		if len(s.Notes) != 2 || s.Last.Text != "екінші" || s.Last.Ask != "рұқсатқағаз" || s.Tally.New != 0 || s.Changed[run.Delivered] != 0 ||
			s.Changed[run.Nobody] != 1 || s.Outcomes[run.Delivered] != 1 || !s.Since.Equal(b.now.Add(-time.Hour)) {
			t.Errorf("%+v", s)
		}
	}
	check()
	if before, after, err := b.db.Rebuild(t.Context()); err != nil || before != after {
		t.Fatal(before, after, err)
	}
	check()
}

// TestQualityCallsAreCounted holds that today's answers are told, yesterday's are not.
func TestQualityCallsAreCounted(t *testing.T) {
	b := open(t)
	b.put(&centre.Centre{ID: centre.ID{ID: b.id()}, Name: "Оқу орталығы", Area: "almaty-city", Zone: centre.DefaultZone, Secret: 1})
	for _, c := range []struct {
		answer request.Answer
		ago    time.Duration
	}{{request.Received, time.Hour}, {request.Nothing, 2 * time.Hour}, {request.Received, 20 * time.Hour}} {
		q := &request.Quality{Answer: c.answer, At: b.now.Add(-c.ago)}
		q.ID.ID, q.Need.ID, q.Request.ID = b.id(), b.id(), b.id()
		b.put(q)
	}
	if got := b.situation().Quality; got[request.Received] != 1 || got[request.Nothing] != 1 {
		t.Error(got)
	}
}
