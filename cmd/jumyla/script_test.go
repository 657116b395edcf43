package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

// TestScripts runs the program as whoever scripts it does; testdata/script has a file for each story.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("JUMYLA_PASSPHRASE", passphrase)
			env.Setenv("JUMYLA_CHEAP_KEYS", "1")
			env.Setenv("LANG", "en")
			env.Setenv("NOON", noon)
			env.Setenv("LATER", "2022-01-18T12:00:00+06:00")
			servers := &[]servedProgram{}
			env.Values[serversKey{}] = servers
			env.Defer(func() {
				for _, p := range *servers {
					p.end()
				}
			})
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"crew": scriptCrew, "craft": scriptCraft, "set": scriptSet, "hold": scriptHold, "damage": scriptDamage,
			"exits": scriptExits, "refs": scriptRefs, "same": scriptSame, "reads": scriptReads, "forget": scriptForget,
			"serve": scriptServe, "unserve": scriptUnserve, "bad": scriptBad, "answers": scriptAnswers,
			"served": scriptServed, "papers": scriptPapers, "catenate": scriptCatenate, "words": scriptWords, "closed": scriptClosed,
			"carry": scriptCarry,
		},
	})
}

// scriptOpen opens a data folder beside the program.
func scriptOpen(ts *testscript.TestScript, dir string) *store.DB {
	at, err := time.Parse(time.RFC3339, noon)
	ts.Check(err)
	db, err := store.Open(context.Background(), store.Config{Dir: ts.MkAbs(dir), Kinds: app.Kinds(), Now: func() time.Time { return at }},
		store.Secret{Passphrase: passphrase})
	ts.Check(err)
	return db
}

// scriptCrew forms a crew of two volunteers whom somebody has seen: crew DIR NUMBER.
func scriptCrew(ts *testscript.TestScript, _ bool, args []string) {
	db := scriptOpen(ts, args[0])
	number, err := strconv.Atoi(args[1])
	ts.Check(err)
	err = db.Write(context.Background(), id.New(time.UnixMilli(1)), func(tx *store.Tx) error {
		var members []crew.Member
		for i, role := range []string{crew.Driver, crew.Navigator} {
			v := &volunteer.Volunteer{Name: "Ерікті Ойдан", Phone: contact.Phone("+7700000010" + strconv.Itoa(i)), Adult: volunteer.Said}
			v.ID.ID = tx.NewID()
			if err := errors.Join(tx.Put(context.Background(), v), volunteer.See(context.Background(), tx, v.ID)); err != nil {
				return err
			}
			members = append(members, crew.Member{Volunteer: v.ID.ID, Role: role})
		}
		return crew.Form(context.Background(), tx, &crew.Crew{Number: number, Members: members, Vehicle: "Нива", Plate: "000 JUM 02", Baskets: 12,
			From: 8 * 60, To: 24 * 60, Lang: i18n.KK})
	})
	ts.Check(errors.Join(err, db.Close()))
}

// scriptCraft appends the entry of a crew that never went through the door that asks who was seen to be adult, as
// another program or another centre could: craft DIR NUMBER.
func scriptCraft(ts *testscript.TestScript, _ bool, args []string) {
	db := scriptOpen(ts, args[0])
	number, err := strconv.Atoi(args[1])
	ts.Check(err)
	err = db.Write(context.Background(), store.Actor{}, func(tx *store.Tx) error {
		v := &volunteer.Volunteer{Name: "Жас Ойдан", Phone: "+77000000900", Adult: volunteer.Said}
		v.ID.ID = tx.NewID()
		c := &crew.Crew{Number: number, Members: []crew.Member{{Volunteer: v.ID.ID, Role: crew.Driver}, {Volunteer: v.ID.ID, Role: crew.Navigator}},
			Vehicle: "Нива", Plate: "001 JUM 02", Baskets: 12, From: 8 * 60, To: 24 * 60, Lang: i18n.KK}
		c.ID.ID = tx.NewID()
		return errors.Join(tx.Put(context.Background(), v), tx.Put(context.Background(), c))
	})
	ts.Check(errors.Join(err, db.Close()))
}

// scriptSet takes a variable from what was printed last: set NAME REGEXP, the first group.
func scriptSet(ts *testscript.TestScript, _ bool, args []string) {
	m := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if m == nil {
		ts.Fatalf("nothing like %s in %s", args[1], ts.ReadFile("stdout"))
	}
	ts.Setenv(args[0], m[1])
}

// scriptHold holds a data folder, as a running program does, until the script ends; PID is who holds it.
func scriptHold(ts *testscript.TestScript, _ bool, args []string) {
	db := scriptOpen(ts, args[0])
	ts.Defer(func() { _ = db.Close() })
	ts.Setenv("PID", strconv.Itoa(os.Getpid()))
}

// scriptDamage damages a file: damage FILE flip OFFSET, or damage FILE cut LENGTH. Negative numbers count from the end.
func scriptDamage(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	if n < 0 {
		n += len(b)
	}
	switch args[1] {
	case "flip":
		b[n] ^= 4
	case "cut":
		b = b[:n]
	default:
		ts.Fatalf("how to damage: %s", args[1])
	}
	ts.Check(os.WriteFile(path, b, 0o600))
}

// scriptExits runs a program that has to end with a code: exits CODE PROGRAM ARGS…
func scriptExits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%v ended with %d, want %d: %s", args[1:], got, want, ts.ReadFile("stderr"))
	}
}

// scriptRefs sets REF1, REF2 … to the numbers of a centre's requests, in the order in which they came: refs DIR.
func scriptRefs(ts *testscript.TestScript, _ bool, args []string) {
	db := scriptOpen(ts, args[0])
	refs, err := store.All(context.Background(), db, func(r *sql.Rows, v *id.Ref) error { return r.Scan(v) }, "SELECT ref FROM request ORDER BY n")
	ts.Check(errors.Join(err, db.Close()))
	for i, ref := range refs {
		ts.Setenv("REF"+strconv.Itoa(i+1), ref.String())
	}
}

// scriptSame proves a centre's ledger: it verifies, and its tables follow from it: same DIR.
func scriptSame(ts *testscript.TestScript, _ bool, args []string) {
	db := scriptOpen(ts, args[0])
	_, err := db.Verify(context.Background())
	ts.Check(err)
	before, after, err := db.Rebuild(context.Background())
	ts.Check(errors.Join(err, db.Close()))
	if before != after {
		ts.Fatalf("%s: the tables are not what the ledger says: %s, %s", args[0], before, after)
	}
}

// scriptReads looks for the household of a request by its name: reads DIR REF NAME. Without a name it looks whether the
// request's household has any.
func scriptReads(ts *testscript.TestScript, neg bool, args []string) {
	db := scriptOpen(ts, args[0])
	ref, err := id.ParseRef(args[1])
	ts.Check(err)
	name := ""
	if q, err := request.ByRef(context.Background(), db, ref); err == nil {
		h, err := household.Kind.Get(context.Background(), db, q.Household.ID)
		ts.Check(err)
		name = string(h.Head)
	}
	ts.Check(db.Close())
	found := name != "" && (len(args) < 3 || name == args[2])
	if found == neg {
		ts.Fatalf("%s %s: the household's name is %q", args[0], args[1], name)
	}
}

// scriptForget erases the household of a request and the request: forget DIR REF.
func scriptForget(ts *testscript.TestScript, _ bool, args []string) {
	db := scriptOpen(ts, args[0])
	ref, err := id.ParseRef(args[1])
	ts.Check(err)
	q, err := request.ByRef(context.Background(), db, ref)
	ts.Check(err)
	err = db.Write(context.Background(), store.Actor{}, func(tx *store.Tx) error {
		return errors.Join(tx.Erase(context.Background(), q.Household.ID), tx.Erase(context.Background(), q.ID.ID))
	})
	ts.Check(errors.Join(err, db.Close()))
}

// scriptClosed writes how every need of a request stands now, that nobody needs it any more unless it says: closed DIR REF [STATUS].
func scriptClosed(ts *testscript.TestScript, _ bool, args []string) {
	db, ctx := scriptOpen(ts, args[0]), context.Background()
	ref, err := id.ParseRef(args[1])
	ts.Check(err)
	q, err := request.ByRef(ctx, db, ref)
	ts.Check(err)
	status := request.Cancelled
	if len(args) > 2 {
		status = request.Status(args[2])
	}
	err = db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		needs, err := request.AllNeeds(ctx, tx, q.ID)
		for i := range needs {
			needs[i].Stand(status, id.ID{}, time.Time{}, tx.Now)
			err = errors.Join(err, tx.Put(ctx, &needs[i]))
		}
		return err
	})
	ts.Check(errors.Join(err, db.Close()))
}

// scriptPapers writes key-holders' keys as they would be typed from paper: papers FILE…
func scriptPapers(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		s, err := holders.NewSecret(rand.Reader)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(s.Printed()+"\n"), 0o600))
	}
}

// scriptCatenate writes files one after the other into the last one: catenate FILE… TO.
func scriptCatenate(ts *testscript.TestScript, _ bool, args []string) {
	all := ""
	for _, name := range args[:len(args)-1] {
		all += ts.ReadFile(name)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[len(args)-1]), []byte(all), 0o600))
}

// scriptWords takes the first line of what was printed last as one text: words NAME.
func scriptWords(ts *testscript.TestScript, _ bool, args []string) {
	line, _, _ := strings.Cut(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	ts.Setenv(args[0], line)
}

// scriptCarry carries a stick from one centre to another: carry FROM TO. The day is that of the story.
func scriptCarry(ts *testscript.TestScript, _ bool, args []string) {
	from, to := scriptOpen(ts, args[0]), scriptOpen(ts, args[1])
	ctx := context.Background()
	ts.Check(match.Work(ctx, from)) // as every command does first
	w, err := exchange.WriteBundle(ctx, from, to.Centre(), ts.MkAbs("stick"))
	ts.Check(err)
	_, err = exchange.ReadBundle(ctx, to, w.Files[0])
	ts.Check(errors.Join(err, from.Close(), to.Close()))
}
