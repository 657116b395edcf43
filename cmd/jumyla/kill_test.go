package main

import (
	"bufio"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
)

var (
	kills    = flag.Int("kills", 2, "how often each kind of work is killed in TestKillAtAnyMoment")
	killSeed = flag.Uint64("killseed", 1, "of the moments")
)

// victimMode makes the test binary a program that is killed: "main" is the program itself with its arguments, "calls"
// and "outcomes" work through a folder and print what is certain.
const victimMode = "JUMYLA_TEST_VICTIM"

func victim(work string) {
	do := map[string]func(dir string) error{"calls": takeCalls, "outcomes": reportOutcomes}[work]
	if do == nil {
		main()
	}
	if err := do(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// takeCalls takes calls for ever, and prints the ref of each that was acknowledged.
func takeCalls(dir string) error {
	db, err := open(context.Background(), dir)
	if err != nil {
		return err
	}
	for {
		ref, err := take(context.Background(), db, "Достық 5", "нан 2")
		if err != nil {
			return err
		}
		fmt.Println(string(ref))
	}
}

// reportOutcomes tells of every stop of the day's only run that was not told of yet, and prints its number.
func reportOutcomes(dir string) error {
	ctx := context.Background()
	db, err := open(ctx, dir)
	if err != nil {
		return err
	}
	s, err := run.OfCrew(ctx, db, "2022-01-12", 7)
	if err != nil {
		return err
	}
	for _, stop := range s.Silent() {
		err := db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
			return dispatch.Report(ctx, tx, s.ID, stop, run.Delivered, tx.Now, "")
		})
		if err != nil {
			return err
		}
		fmt.Println(stop)
	}
	return db.Close()
}

// TestKillLosesNothing kills the program at random moments while it takes calls: every call that it
// acknowledged is there, and the ledger is whole.
func TestKillLosesNothing(t *testing.T) {
	dir := newCentre(t)
	rng := rand.New(rand.NewPCG(*killSeed, 2))
	acknowledged := 0
	for range max(8, *kills) {
		refs, _ := killed(t, "calls", 5+rng.IntN(60), time.Hour, dir)
		acknowledged += len(refs)
		look(t, dir, func(db *store.DB) {
			for _, r := range refs {
				if _, err := request.ByRef(t.Context(), db, id.Ref(r)); err != nil {
					t.Errorf("acknowledged call %s is lost: %v", r, err)
				}
			}
		})
	}
	same(t, dir)
	if acknowledged == 0 {
		t.Fatal("nothing was acknowledged")
	}
	t.Logf("%d acknowledged calls, none lost", acknowledged)
}

// killed runs a victim and kills it after so many lines or so long, whichever comes first, with more under way. It returns the
// lines, and whether the victim came to its end before.
func killed(t *testing.T, work string, after int, within time.Duration, args ...string) (lines []string, ended bool) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Env = append(os.Environ(), victimMode+"="+work)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	blow := time.AfterFunc(within, func() { _ = cmd.Process.Kill() })
	defer blow.Stop()
	scan := bufio.NewScanner(out)
	for scan.Scan() {
		if lines = append(lines, scan.Text()); len(lines) == after {
			_ = cmd.Process.Kill() // it may have ended just now
		}
	}
	if err = cmd.Wait(); err != nil && cmd.ProcessState.Exited() {
		t.Fatalf("%s %v ended by itself: %v: %s", work, args, err, said.String())
	}
	return lines, err == nil
}

// look opens a folder after a kill: the ledger must be whole, and holds must hold.
func look(t *testing.T, dir string, holds func(db *store.DB)) {
	t.Helper()
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	holds(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// same makes sure that the ledger gives the tables that stand there.
func same(t *testing.T, dir string) {
	t.Helper()
	var built struct{ Equal bool }
	decode(t, must(t, "--data", dir, "--json", "rebuild"), &built)
	if !built.Equal {
		t.Error("the state differs after a rebuild")
	}
}

// count answers a query with a number.
func count(t *testing.T, db *store.DB, query string, args ...any) int {
	t.Helper()
	n, err := store.One[int](t.Context(), db, "count", query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// labour is a kind of work that is killed: how its folder is made ready, what is run, what must hold after a kill, and
// what after it was then let run to its end.
type labour struct {
	work  string // "main" or "outcomes"
	ready func(t *testing.T) string
	args  func(dir string) []string
	half  func(t *testing.T, dir string, db *store.DB, lines []string)
	whole func(t *testing.T, dir string, db *store.DB)
}

// TestKillAtAnyMoment kills each kind of work at random moments between its start and its end: what was acknowledged is
// there, nothing is there by half, and done again it comes to the same end. -kills does it more often, -killseed otherwise.
func TestKillAtAnyMoment(t *testing.T) {
	for name, l := range map[string]labour{"a list": listLabour(), "a list taken back": undoLabour(), "planning": planLabour(), "issuing": issueLabour(),
		"outcomes": outcomeLabour(), "erasing": eraseLabour(), "backing up": backupLabour(), "restoring": restoreLabour(), "rebuilding": rebuildLabour()} {
		t.Run(name, func(t *testing.T) {
			master := l.ready(t)
			began := time.Now()
			trial := twinOf(t, master)
			if _, ended := killed(t, l.work, -1, time.Hour, l.args(trial)...); !ended {
				t.Fatal("it does not end")
			}
			took := time.Since(began)
			rng := rand.New(rand.NewPCG(*killSeed, 3))
			cut := 0
			for range *kills {
				if l.kill(t, twinOf(t, master), rng, took) {
					cut++
				}
			}
			t.Logf("%d of %d were killed under way", cut, *kills)
		})
	}
}

// kill lets the work be killed up to three times in a row, then run to its end.
func (l labour) kill(t *testing.T, dir string, rng *rand.Rand, took time.Duration) (cut bool) {
	t.Helper()
	for range 1 + rng.IntN(3) {
		lines, ended := killed(t, l.work, -1, time.Duration(rng.Int64N(int64(took)+1)), l.args(dir)...)
		look(t, dir, func(db *store.DB) { l.half(t, dir, db, lines) })
		if ended {
			break
		}
		cut = true
	}
	if _, ended := killed(t, l.work, -1, time.Hour, l.args(dir)...); !ended {
		t.Fatal("it does not end")
	}
	look(t, dir, func(db *store.DB) { l.whole(t, dir, db) })
	same(t, dir)
	return cut
}

// twinOf copies a folder that nobody has open.
func twinOf(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "twin")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

const listed = 300 // rows of the list that is killed

// longList makes a centre with a list of so many requests beside it.
func longList(t *testing.T) string {
	t.Helper()
	return longListIn(t, newCentre(t))
}

func longListIn(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("ФИО;Телефон;Адрес;Что нужно\n")
	for i := range listed {
		fmt.Fprintf(&b, "Ойдан %d;8 700 %03d %02d %02d;улица Абая, 44, кв. %d;хлеб 2\n", i, i/100, i%100, i%97, i+1)
	}
	if err := os.WriteFile(filepath.Join(dir, "list.csv"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func listArgs(dir string) []string {
	return []string{"--data", dir, "--now", noon, "import", "requests", filepath.Join(dir, "list.csv")}
}

// allOrNothing makes sure that of a list nothing is seen or everything, and nothing stands there twice.
func allOrNothing(t *testing.T, db *store.DB) int {
	t.Helper()
	seen := count(t, db, "SELECT count(*) FROM request")
	if seen != 0 && seen != listed || count(t, db, "SELECT count(*) FROM household") != seen || count(t, db, "SELECT count(*) FROM need") != seen {
		t.Errorf("%d of %d rows are seen", seen, listed)
	}
	if n := count(t, db, "SELECT count(*) FROM (SELECT 1 FROM household_phone_row GROUP BY tail HAVING count(*)>1)"); n > 0 {
		t.Errorf("%d rows were taken twice", n)
	}
	return seen
}

func listLabour() labour {
	return labour{work: "main", ready: longList, args: listArgs,
		half: func(t *testing.T, _ string, db *store.DB, lines []string) {
			t.Helper()
			if seen := allOrNothing(t, db); len(lines) > 0 && seen != listed {
				t.Error("it said that it was whole")
			}
		},
		whole: func(t *testing.T, _ string, db *store.DB) {
			t.Helper()
			if seen := allOrNothing(t, db); seen != listed {
				t.Errorf("%d rows after it went on", seen)
			}
			if n := count(t, db, "SELECT count(*) FROM request_row"); n != listed {
				t.Errorf("%d requests of %d rows", n, listed)
			}
		}}
}

func undoLabour() labour {
	ready := func(t *testing.T) string {
		t.Helper()
		dir := longList(t)
		must(t, listArgs(dir)...)
		return dir
	}
	args := func(dir string) []string {
		db, err := open(context.Background(), dir)
		if err != nil {
			panic(err)
		}
		defer db.Close()
		lid, err := store.One[string](context.Background(), db, "list", "SELECT id FROM list WHERE what='requests'")
		if err != nil {
			panic(err)
		}
		return []string{"--data", dir, "--now", noon, "undo", lid}
	}
	return labour{work: "main", ready: ready, args: args,
		half: func(t *testing.T, _ string, db *store.DB, _ []string) {
			t.Helper()
			allOrNothing(t, db)
		},
		whole: func(t *testing.T, _ string, db *store.DB) {
			t.Helper()
			if seen := allOrNothing(t, db); seen != 0 {
				t.Errorf("%d rows are seen", seen)
			}
			if n := count(t, db, "SELECT count(*) FROM household_row WHERE head<>'' OR address<>''"); n > 0 {
				t.Errorf("%d people stayed", n)
			}
		}}
}

const ordered = 12 // requests of the day that is planned

// dayOfCalls makes a centre with requests that are ready to be planned.
func dayOfCalls(t *testing.T) string {
	t.Helper()
	dir := newCentre(t)
	must(t, "--data", dir, "--now", noon, "stock", "set", "bread", "500")
	look(t, dir, func(db *store.DB) {
		for i := range ordered {
			ref, err := take(t.Context(), db, fmt.Sprintf("Достық 5, %d пәтер", i+1), "нан 1")
			if err != nil {
				t.Fatal(err)
			}
			err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
				q, err := request.ByRef(t.Context(), tx, ref)
				if err != nil {
					return err
				}
				return request.Check(t.Context(), tx, q, request.ByPhone)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	return dir
}

func planArgs(dir string, more ...string) []string {
	return append([]string{"--data", dir, "--now", noon, "plan", "--date", "2022-01-12"}, more...)
}

func planLabour() labour {
	unchanged := func(t *testing.T, db *store.DB) {
		t.Helper()
		if count(t, db, "SELECT count(*) FROM run")+count(t, db, "SELECT count(*) FROM need WHERE status<>'open'") > 0 {
			t.Error("planning changed something")
		}
	}
	return labour{work: "main", ready: dayOfCalls, args: func(dir string) []string { return planArgs(dir) },
		half: func(t *testing.T, _ string, db *store.DB, _ []string) {
			t.Helper()
			unchanged(t, db)
		},
		whole: func(t *testing.T, _ string, db *store.DB) {
			t.Helper()
			unchanged(t, db)
		}}
}

func issueLabour() labour {
	issued := func(t *testing.T, db *store.DB) int {
		t.Helper()
		stops, runs := count(t, db, "SELECT count(*) FROM run_stop"), count(t, db, "SELECT count(*) FROM run")
		if planned := count(t, db, "SELECT count(*) FROM need WHERE status='planned'"); planned != stops || stops != 0 && stops != ordered || runs > 1 {
			t.Errorf("%d runs with %d stops, %d needs planned", runs, stops, planned)
		}
		return stops
	}
	return labour{work: "main", ready: dayOfCalls, args: func(dir string) []string { return planArgs(dir, "--issue") },
		half: func(t *testing.T, _ string, db *store.DB, lines []string) {
			t.Helper()
			if n := issued(t, db); len(lines) > 0 && n != ordered {
				t.Error("it said that it was issued")
			}
		},
		whole: func(t *testing.T, _ string, db *store.DB) {
			t.Helper()
			if n := issued(t, db); n != ordered {
				t.Errorf("%d stops", n)
			}
		}}
}

func outcomeLabour() labour {
	ready := func(t *testing.T) string {
		t.Helper()
		dir := dayOfCalls(t)
		must(t, planArgs(dir, "--issue")...)
		return dir
	}
	settled := func(t *testing.T, db *store.DB) int {
		t.Helper()
		told := count(t, db, "SELECT count(*) FROM outcome")
		if told != count(t, db, "SELECT count(DISTINCT stop) FROM outcome") || told != count(t, db, "SELECT count(*) FROM need WHERE status='done'") {
			t.Errorf("%d outcomes do not agree with their needs", told)
		}
		return told
	}
	return labour{work: "outcomes", ready: ready, args: func(dir string) []string { return []string{dir} },
		half: func(t *testing.T, _ string, db *store.DB, lines []string) {
			t.Helper()
			settled(t, db)
			for _, stop := range lines {
				if count(t, db, "SELECT count(*) FROM outcome WHERE stop=$1", stop) != 1 {
					t.Errorf("the outcome of stop %s is lost", stop)
				}
			}
		},
		whole: func(t *testing.T, _ string, db *store.DB) {
			t.Helper()
			if n := settled(t, db); n != ordered {
				t.Errorf("%d outcomes", n)
			}
		}}
}

const passing = 60 // households that nobody may keep

func eraseLabour() labour {
	ready := func(t *testing.T) string {
		t.Helper()
		dir := newCentre(t)
		look(t, dir, func(db *store.DB) {
			for i := range passing {
				err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
					q, err := intake.Take(t.Context(), tx, intake.Call{Phone: "+77000000001", Needs: []string{"нан 2"},
						Household: household.Household{Head: "Ойдан Шығарылған", Address: contact.Address(fmt.Sprintf("Достық 5, %d пәтер", i+1))}}, 7)
					if err != nil {
						return err
					}
					return dispatch.Close(t.Context(), tx, q.ID, request.Done)
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		})
		return dir
	}
	byHalf := func(t *testing.T, db *store.DB) int {
		t.Helper()
		raw, err := store.All(t.Context(), db, func(r *sql.Rows, v *[]byte) error { return r.Scan(v) }, "SELECT record FROM ledger_key")
		if err != nil {
			t.Fatal(err)
		}
		readable := map[id.ID]bool{}
		for _, b := range raw {
			readable[id.ID(b)] = true
		}
		type row struct{ home, req id.ID }
		rows, err := store.All(t.Context(), db, func(r *sql.Rows, v *row) error { return r.Scan(&v.home, &v.req) }, "SELECT household, id FROM request")
		if err != nil {
			t.Fatal(err)
		}
		kept := count(t, db, "SELECT count(*) FROM household WHERE address<>''")
		keys := 0
		for _, r := range rows {
			if readable[r.home] {
				keys++
			}
			if readable[r.home] != readable[r.req] {
				t.Error("a household is erased by half")
			}
		}
		if keys != kept || len(rows) != passing {
			t.Errorf("%d households of %d have keys, %d have an address", keys, len(rows), kept)
		}
		return kept
	}
	return labour{work: "main", ready: ready,
		args: func(dir string) []string { return []string{"--data", dir, "--now", "2022-01-12T08:00:00Z", "verify"} },
		half: func(t *testing.T, _ string, db *store.DB, lines []string) {
			t.Helper()
			if n := byHalf(t, db); len(lines) > 0 && n > 0 {
				t.Errorf("%d were not erased", n)
			}
		},
		whole: func(t *testing.T, _ string, db *store.DB) {
			t.Helper()
			if n := byHalf(t, db); n > 0 {
				t.Errorf("%d were not erased", n)
			}
		}}
}

func backupLabour() labour {
	file := func(dir string) string { return filepath.Join(dir, "stick", "b.jumyla") }
	restored := func(t *testing.T, dir string) {
		t.Helper()
		to := filepath.Join(t.TempDir(), "restored")
		must(t, "--data", to, "restore", file(dir))
		look(t, to, func(db *store.DB) {
			if n := count(t, db, "SELECT count(*) FROM request"); n != ordered {
				t.Errorf("%d requests in the back-up", n)
			}
		})
	}
	return labour{work: "main",
		ready: func(t *testing.T) string {
			t.Helper()
			dir := dayOfCalls(t)
			if err := os.Mkdir(filepath.Dir(file(dir)), 0o700); err != nil {
				t.Fatal(err)
			}
			return dir
		},
		args: func(dir string) []string { return []string{"--data", dir, "--now", noon, "backup", file(dir)} },
		half: func(t *testing.T, dir string, _ *store.DB, _ []string) {
			t.Helper()
			if _, err := os.Stat(file(dir)); err == nil {
				restored(t, dir)
			}
		},
		whole: func(t *testing.T, dir string, _ *store.DB) {
			t.Helper()
			restored(t, dir)
			if left, err := os.ReadDir(filepath.Dir(file(dir))); err != nil || len(left) != 1 {
				t.Errorf("beside the back-up lies %v; %v", left, err)
			}
		}}
}

func restoreLabour() labour {
	to := func(dir string) string { return filepath.Join(dir, "restored") }
	return labour{work: "main",
		ready: func(t *testing.T) string {
			t.Helper()
			dir := dayOfCalls(t)
			must(t, "--data", dir, "backup", filepath.Join(dir, "b.jumyla"))
			return dir
		},
		args: func(dir string) []string {
			if store.Exists(to(dir)) {
				return []string{"--data", to(dir), "verify"}
			}
			return []string{"--data", to(dir), "restore", filepath.Join(dir, "b.jumyla")}
		},
		half: func(t *testing.T, dir string, _ *store.DB, _ []string) {
			t.Helper()
			if !store.Exists(to(dir)) {
				return
			}
			look(t, to(dir), func(db *store.DB) {
				if n := count(t, db, "SELECT count(*) FROM request"); n != ordered {
					t.Errorf("%d requests", n)
				}
			})
		},
		whole: func(t *testing.T, dir string, _ *store.DB) {
			t.Helper()
			look(t, to(dir), func(db *store.DB) {
				if n := count(t, db, "SELECT count(*) FROM request"); n != ordered {
					t.Errorf("%d requests", n)
				}
			})
			same(t, to(dir))
		}}
}

func rebuildLabour() labour {
	var was string
	unchanged := func(t *testing.T, _ string, db *store.DB) {
		t.Helper()
		now, err := db.StateHash(t.Context())
		if err != nil || now != was {
			t.Errorf("the state has changed; %v", err)
		}
	}
	return labour{work: "main",
		ready: func(t *testing.T) string {
			t.Helper()
			dir := dayOfCalls(t)
			must(t, listArgs(longListIn(t, dir))...)
			look(t, dir, func(db *store.DB) {
				var err error
				if was, err = db.StateHash(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
			return dir
		},
		args: func(dir string) []string { return []string{"--data", dir, "--now", noon, "rebuild"} },
		half: func(t *testing.T, dir string, db *store.DB, _ []string) {
			t.Helper()
			unchanged(t, dir, db)
		},
		whole: unchanged}
}
