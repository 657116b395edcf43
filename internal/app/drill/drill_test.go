package drill_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/app/drill"
	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
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

var cheap = account.KDF{Time: 1, Memory: 64, Threads: 1}

func empty(t *testing.T) *store.DB {
	t.Helper()
	kinds := append(account.Kinds(), centre.Kind, place.Kind, area.Kind, household.Kind, household.VerdictKind, household.LookKind, request.Kind, request.NeedKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, request.QualityKind,
		volunteer.Kind, crew.Kind, rule.Record, supply.Kind, run.Kind, run.OutcomeKind, run.CheckKind,
		centre.NoteKind, list.Kind, list.ReadingKind, request.CallbackKind, request.WordKind, request.RelayKind)
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "drill"), Kinds: kinds, KDF: cheap,
		Now: drill.Clock(demo.Now(), time.Now)}, store.Secret{Passphrase: drill.Passphrase})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func count(t *testing.T, db *store.DB, query string) int {
	t.Helper()
	n, err := store.One[int](t.Context(), db, "count", query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// The afternoon is loaded once for everything that is only looked at.
func TestLoad(t *testing.T) {
	db := empty(t)
	began := time.Now()
	told, total, first := 0, 0, time.Duration(0)
	progress := func(done, of int) {
		if first == 0 {
			first = time.Since(began)
		}
		if done <= told || of < done {
			t.Errorf("progress went from %d to %d of %d", told, done, of)
		}
		told, total = done, of
	}
	if err := drill.Load(t.Context(), db, 1, cheap, progress); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	t.Logf("loaded in %v, the first piece after %v, %d things", took, first, total)
	if told != total || total == 0 {
		t.Errorf("progress ended at %d of %d", told, total)
	}
	t.Run("counts", func(t *testing.T) { counts(t, db) })
	t.Run("people", func(t *testing.T) { people(t, db) })
	t.Run("invented", func(t *testing.T) { invented(t, db) })
	t.Run("runs", func(t *testing.T) { runs(t, db) })
	t.Run("places", func(t *testing.T) { places(t, db) })
	t.Run("plan", func(t *testing.T) { plan(t, db) })
	t.Run("history", func(t *testing.T) { history(t, db) })
	t.Run("again", func(t *testing.T) { again(t, db) })
	t.Run("ledger", func(t *testing.T) {
		if before, after, err := db.Rebuild(t.Context()); err != nil || before != after {
			t.Errorf("rebuild: %s, then %s: %v", before, after, err)
		}
		if n, err := db.Verify(t.Context()); err != nil || n < 1000 {
			t.Errorf("verify: %d entries: %v", n, err)
		}
	})
}

// Other seeds are other people, and the same afternoon: as many calls, three crews out, one of them overdue.
func TestOtherSeeds(t *testing.T) {
	for _, seed := range []uint64{2, 5, 42, 2022, 1 << 40} {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			db := empty(t)
			if err := drill.Load(t.Context(), db, seed, cheap, nil); err != nil {
				t.Fatal(err)
			}
			runs(t, db)
			for query, want := range map[string]int{
				"SELECT count(*) FROM run": 3, "SELECT count(*) FROM crew WHERE void=0": demo.CrewCount, "SELECT count(*) FROM volunteer": demo.VolunteerCount,
			} {
				if n := count(t, db, query); n != want {
					t.Errorf("%s: %d, want %d", query, n, want)
				}
			}
			if n := count(t, db, "SELECT sum(calls) FROM request"); n < 480 || n > 505 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

func counts(t *testing.T, db *store.DB) {
	t.Helper()
	for _, c := range []struct {
		query  string
		lo, hi int
	}{
		{"SELECT count(*) FROM centre", 1, 1},
		{"SELECT count(*) FROM account", 6, 6},
		{"SELECT count(*) FROM rule WHERE holds=1", 7, 7},
		{"SELECT count(*) FROM supply_count", 8, 8},
		{"SELECT count(*) FROM volunteer", demo.VolunteerCount, demo.VolunteerCount},
		{"SELECT count(*) FROM crew WHERE void=0", demo.CrewCount, demo.CrewCount},
		{"SELECT count(*) FROM place", 3000, 10_000},
		{"SELECT count(*) FROM household", 350, 460},
		{"SELECT count(*) FROM household WHERE placed=0", 5, 60},
		{"SELECT count(*) FROM request", 445, 445},
		{"SELECT sum(calls) FROM request", 495, 505},
		{"SELECT count(*) FROM request WHERE verified='phone'", 265, 305},
		{"SELECT count(*) FROM callback WHERE done=0", 6, 6},
		{"SELECT count(*) FROM word", 8, 30},
		{"SELECT count(*) FROM relay", 1, 10},
		{"SELECT count(*) FROM shift_note", 1, 1},
		{"SELECT count(*) FROM list WHERE state='taken'", 1, 1},
		{"SELECT count(*) FROM household WHERE list<>''", 5, 6},
		{"SELECT count(*) FROM run", 3, 3},
		{"SELECT count(DISTINCT request) FROM need WHERE status='done'", 60, 130},
		{"SELECT count(*) FROM need WHERE status='planned'", 30, 200},
		{"SELECT count(*) FROM outcome WHERE result='nobody'", 1, 2},
	} {
		if n := count(t, db, c.query); n < c.lo || n > c.hi {
			t.Errorf("%s: %d, want %d to %d", c.query, n, c.lo, c.hi)
		}
	}
}

// people: nobody goes out whom no named coordinator has seen, and the door still holds.
func people(t *testing.T, db *store.DB) {
	t.Helper()
	ctx := t.Context()
	all, err := volunteer.List(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	unseen := map[string]bool{}
	var young volunteer.Volunteer
	for _, v := range all {
		if !demo.InventedPhone(string(v.Phone)) {
			t.Errorf("volunteer's phone %s could be somebody's", v.Phone)
		}
		if !v.IsAdult() {
			unseen[v.ID.String()], young = true, v
		}
	}
	if len(unseen) < 10 {
		t.Errorf("only %d volunteers were not seen: nothing to learn the rule by", len(unseen))
	}
	crews, err := crew.List(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range crews {
		if err := crew.Ready(ctx, db, &c); err != nil {
			t.Errorf("crew %d: %v", c.Number, err)
		}
		for _, m := range c.Members {
			if unseen[m.Volunteer.String()] {
				t.Errorf("crew %d has somebody whom nobody has seen", c.Number)
			}
		}
	}
	err = db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		return crew.Form(ctx, tx, &crew.Crew{Members: []crew.Member{{Volunteer: young.ID.ID, Role: crew.Driver}}})
	})
	if !errs.Is(err, errs.Denied) {
		t.Errorf("a crew of somebody unseen: %v, want Denied", err)
	}
	for _, who := range drill.Logins() {
		a, _, err := account.SignIn(ctx, db, who.Name, drill.Passphrase, time.Now())
		if err != nil || a.Roles != who.Role {
			t.Errorf("%s cannot sign in: %v", who.Role, err)
		}
	}
}

// invented: no household could be taken for somebody's; those who did not agree to be kept are gone once served.
func invented(t *testing.T, db *store.DB) {
	t.Helper()
	ids, err := store.All(t.Context(), db, func(row *sql.Rows, v *household.ID) error { return row.Scan(v) }, "SELECT id FROM household")
	if err != nil {
		t.Fatal(err)
	}
	gone := 0
	for _, hid := range ids {
		h, err := household.Kind.Get(t.Context(), db, hid.ID)
		if err != nil {
			t.Fatal(err)
		}
		if h.Address == "" && len(h.Phones) == 0 && !h.Keep {
			gone++
			continue
		}
		if !demo.Invented(string(h.Note)) {
			t.Errorf("a household's note does not say that it is invented: %s", h.Note)
		}
		for _, p := range h.Phones {
			if !demo.InventedPhone(string(p)) {
				t.Errorf("a household's phone %s could be somebody's", p)
			}
		}
	}
	t.Logf("%d households are erased", gone)
	if gone > 20 {
		t.Errorf("%d of %d households are erased", gone, len(ids))
	}
	c, err := centre.Get(t.Context(), db)
	if err != nil || !demo.InventedPhone(string(c.Phone)) {
		t.Errorf("the centre: %v", err)
	}
}

// runs: three crews are out, exactly one of them is overdue, and crew 4 waits for its outcomes.
func runs(t *testing.T, db *store.DB) {
	t.Helper()
	all, err := run.OfDay(t.Context(), db, "2022-01-12")
	if err != nil {
		t.Fatal(err)
	}
	midnight := time.Date(2022, 1, 12, 0, 0, 0, 0, demo.Zone())
	late := 0
	for _, s := range all {
		due := s.Due(midnight)
		t.Logf("crew %d: %d stops, home %s, heard %s, due %s, results %v", s.CrewNo, len(s.Stops),
			midnight.Add(time.Duration(s.Back)*time.Second).Format("15:04"), s.Heard.In(demo.Zone()).Format("15:04"), due.In(demo.Zone()).Format("15:04"), s.Results)
		if s.Step != run.Out && s.Step != run.Seen {
			t.Errorf("crew %d: step %q", s.CrewNo, s.Step)
		}
		if s.Heard.After(demo.Now()) {
			t.Errorf("crew %d was heard of in the future", s.CrewNo)
		}
		if demo.Now().After(due) {
			late++
		}
	}
	if late != 1 {
		t.Errorf("%d crews are overdue, want 1", late)
	}
	four, err := run.OfCrew(t.Context(), db, "2022-01-12", 4)
	if err != nil || len(four.Results) > 0 || len(four.Stops) < 2 {
		t.Errorf("crew 4 has to be out with two stops that nobody has told of: %+v, %v", four, err)
	}
}

func places(t *testing.T, db *store.DB) {
	t.Helper()
	for _, c := range []struct {
		address string
		rough   bool
	}{
		{"Абай даңғылы 44, 12-пәтер", false}, {"пр. Абая, 44 кв 12", false}, {"abai 44", false}, {"5 мкр, 1", false}, {"Аксай-4, 12", true},
	} {
		hit, err := place.Locate(t.Context(), db, c.address)
		if err != nil || hit.Rough != c.rough || !demo.InCity(hit.Lat, hit.Lon) {
			t.Errorf("%s: %+v, %v", c.address, hit, err)
		}
	}
}

// plan: the newcomer who asks for a plan gets one, with something left out for a reason.
func plan(t *testing.T, db *store.DB) {
	t.Helper()
	p, err := dispatch.Plan(t.Context(), db, dispatch.Straight{}, time.Date(2022, 1, 12, 0, 0, 0, 0, demo.Zone()), demo.Now())
	if err != nil {
		t.Fatal(err)
	}
	why := map[string]int{}
	for _, u := range p.Unplanned {
		why[u.Key]++
	}
	t.Logf("%d routes, left out: %v", len(p.Routes), why)
	if why["dispatch.limit.curfew_pass"] == 0 {
		t.Error("nothing misses the curfew: nothing to learn it by")
	}
	if len(p.Routes) < 6 || why["dispatch.unverified"] == 0 || why["dispatch.stock"] == 0 || why["dispatch.no_place"] == 0 {
		t.Errorf("%d routes, left out: %v", len(p.Routes), why)
	}
}

// A load that ends in the middle goes on where it ended, and comes to what a whole one comes to.
func TestLoadGoesOn(t *testing.T) {
	tables := []string{"account", "rule", "supply_count", "volunteer", "crew", "place", "household", "request", "need", "run", "run_check", "outcome"}
	sizes := map[string]int{}
	for _, stops := range [][]int{nil, {50, 150, 400, 700, 1500}} {
		db := empty(t)
		for _, at := range stops {
			ctx, cancel := context.WithCancel(t.Context())
			err := drill.Load(ctx, db, 3, cheap, func(done, _ int) {
				if done >= at {
					cancel()
				}
			})
			cancel()
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("stopped at %d: %v", at, err)
			}
		}
		if err := drill.Load(t.Context(), db, 3, cheap, nil); err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			n := count(t, db, "SELECT count(*) FROM "+table)
			if stops == nil {
				sizes[table] = n
			} else if n != sizes[table] {
				t.Errorf("%s: %d rows, %d where it was loaded at one go", table, n, sizes[table])
			}
		}
	}
}

func TestClock(t *testing.T) {
	real := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	clock := drill.Clock(demo.Now(), func() time.Time { return real })
	if !clock().Equal(demo.Now()) {
		t.Errorf("it begins at %v", clock())
	}
	real = real.Add(90 * time.Minute)
	if got := clock().Sub(demo.Now()); got != 90*time.Minute {
		t.Errorf("an hour and a half later it has gone on by %v", got)
	}
}

// again: a second Load changes nothing; one of another seed is refused.
func again(t *testing.T, db *store.DB) {
	t.Helper()
	before, err := db.StateHash(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	entries := count(t, db, "SELECT count(*) FROM ledger_entry")
	if err := drill.Load(t.Context(), db, 1, cheap, nil); err != nil {
		t.Fatal(err)
	}
	after, err := db.StateHash(t.Context())
	if err != nil || after != before || count(t, db, "SELECT count(*) FROM ledger_entry") != entries {
		t.Errorf("a second load changed something: %v", err)
	}
	if err := drill.Load(t.Context(), db, 2, cheap, nil); !errs.Is(err, errs.Conflict) {
		t.Errorf("another seed: %v, want a conflict", err)
	}
}

// history: what is told of the past happened then, and not when the drill was loaded.
func history(t *testing.T, db *store.DB) {
	t.Helper()
	world := demo.Almaty(1)
	times := map[int64]bool{}
	for _, q := range world.Requests {
		times[q.At.UnixMilli()], times[q.At.Add(40*time.Minute).UnixMilli()] = true, true
	}
	ids, err := store.All(t.Context(), db, func(row *sql.Rows, v *request.ID) error { return row.Scan(v) }, "SELECT id FROM request WHERE verified='phone' LIMIT 50")
	if err != nil || len(ids) == 0 {
		t.Fatal(len(ids), err)
	}
	for _, rid := range ids {
		events, err := store.History(t.Context(), db, rid.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Kind == "request" && !times[e.At.UnixMilli()] || !e.At.Before(demo.Now()) {
				t.Errorf("%s is told to be of %s", e.Kind, e.At.In(demo.Zone()).Format(time.DateTime))
			}
		}
	}
}
