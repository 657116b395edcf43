package app_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/internal/volunteer"
)

var (
	figuresFile = flag.String("figures", "", "file that TestFigures writes its table to")
	program     = flag.String("program", "", "the program that TestFigures serves with")
	scale       = flag.Int("scale", 1, "divides the households of TestFigures, to try it")
)

// figures is the table that `make bench` prints.
type figures struct {
	t    *testing.T
	rows strings.Builder
}

// add writes a row: what was measured, the figure, and under which conditions.
func (f *figures) add(what, figure, how string, args ...any) {
	line := fmt.Sprintf("| %s | %s | %s |\n", what, figure, fmt.Sprintf(how, args...))
	f.rows.WriteString(line)
	f.t.Log(strings.TrimSpace(line))
}

// percentiles says what half, and 99 in 100, of the durations stay under.
func percentiles(all []time.Duration) string {
	slices.Sort(all)
	return fmt.Sprintf("p50 %s, p99 %s", short(all[len(all)/2]), short(all[len(all)*99/100]))
}

func short(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.2f ms", d.Seconds()*1000)
	case d < 10*time.Second:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// times does something so often, and returns how long each took.
func (f *figures) times(n int, do func(i int) error) []time.Duration {
	f.t.Helper()
	all := make([]time.Duration, 0, n)
	for i := range n {
		start := time.Now()
		if err := do(i); err != nil {
			f.t.Fatal(err)
		}
		all = append(all, time.Since(start))
	}
	return all
}

// TestFigures measures what a front office notices, and what it needs of a machine, and writes one table of it. It runs for
// `make bench` alone; the figures that were kept, with their machine, stand in docs/figures.md.
func TestFigures(t *testing.T) {
	if *figuresFile == "" {
		t.Skip("SKIPPED: `make bench` measures")
	}
	f, began := &figures{t: t}, load()
	f.list()
	f.plan()
	f.picture()
	c := found(t, store.Config{}) // its passphrase costs what it costs
	f.fifty(c)
	f.hundredFifty(c)
	head := fmt.Sprintf("%s, %s, %d processors, %s %s, load when it began and ended %s; %s\n\n| what | figure | conditions |\n|---|---|---|\n",
		time.Now().Format(time.DateOnly), processor(), runtime.NumCPU(), runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH, began+" and "+load(), "every write is on the disk before it is acknowledged (synchronous=EXTRA), the database encrypted")
	if err := os.WriteFile(*figuresFile, []byte(head+f.rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// processor names the machine's, where the system says.
func processor() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, "\t :\n")
		}
	}
	return "unknown processor"
}

// load is how busy the machine was in the last minute.
func load() string {
	b, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(b), " ")
	return first
}

// list imports a list of 5,000 requests into an empty centre.
func (f *figures) list() {
	f.t.Helper()
	c := found(f.t, store.Config{KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}})
	n := 5000 / *scale
	var rows strings.Builder
	rows.WriteString("name,phone,address,flat,people,needs\n")
	for i := range n {
		fmt.Fprintf(&rows, "Ойдан %d,+7701%07d,\"Абай %d\",%d,3,\"нан, инсулин\"\n", i, i, i/20+1, i%20+1)
	}
	start := time.Now()
	res, err := intake.Import(f.t.Context(), c.db, c.boss, intake.Requests, strings.NewReader(rows.String()), intake.Options{Secret: c.secret})
	if err != nil || res.Taken != n {
		f.t.Fatal(res, err)
	}
	took := time.Since(start)
	f.add("list import", fmt.Sprintf("%.0f rows/s", float64(n)/took.Seconds()), "%d requests of two needs each, in %s", n, short(took))
}

// plan plans 300 needs for 12 crews.
func (f *figures) plan() {
	f.t.Helper()
	now := time.Date(2022, 1, 12, 4, 0, 0, 0, time.UTC)
	c := found(f.t, store.Config{KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Now: func() time.Time { return now }})
	ctx := f.t.Context()
	c.write(func(tx *store.Tx) error {
		rules, err := rule.Preset(rule.Almaty2022)
		if err == nil {
			err = rule.Apply(ctx, tx, rules)
		}
		if err == nil {
			err = supply.Set(ctx, tx, supply.Bread, 1000)
		}
		for i := 1; i <= 12 && err == nil; i++ {
			v := &volunteer.Volunteer{Name: "Ерікті Ойдан", Phone: contact.Phone(fmt.Sprintf("+77770000%03d", i)), Adult: volunteer.Said}
			v.ID.ID = tx.NewID()
			if err = tx.Put(ctx, v); err != nil {
				break
			}
			if err = volunteer.See(ctx, tx, v.ID); err == nil {
				err = crew.Form(ctx, tx, &crew.Crew{Number: i, Baskets: 60, From: 8 * 60, To: 22 * 60, Lang: i18n.KK, Members: []crew.Member{{Volunteer: v.ID.ID, Role: crew.Driver}}})
			}
		}
		for i := 0; i < 300 && err == nil; i++ {
			var q *request.Request
			if q, err = intake.Take(ctx, tx, fresh(i), c.secret); err == nil {
				err = request.Check(ctx, tx, q, request.ByPhone)
			}
		}
		return err
	})
	day := time.Date(2022, 1, 12, 0, 0, 0, 0, time.FixedZone("Almaty", 6*3600))
	start := time.Now()
	p, err := dispatch.Plan(ctx, c.db, dispatch.Straight{}, day, now.In(day.Location()))
	if err != nil {
		f.t.Fatal(err)
	}
	f.add("plan of 300 needs for 12 crews", short(time.Since(start)), "straight lines, the rules of January 2022, %d left out", len(p.Unplanned))
}

// fifty measures writing and looking up with 50,000 households.
func (f *figures) fifty(c *city) {
	f.t.Helper()
	ctx, n := f.t.Context(), 50_000 / *scale
	c.grow(n)
	f.add("save of a request", percentiles(f.times(1000, func(int) error {
		c.n++
		return c.db.Write(ctx, c.boss, func(tx *store.Tx) error {
			_, err := intake.Take(ctx, tx, fresh(c.n-1), c.secret)
			return err
		})
	})), "one after the other, %d households", n)
	f.clients("acknowledged requests", "20 clients at once, each write a whole request: household, request, need, and what is looked up for them; %d households", n, c, 100, func(tx *store.Tx, i int) error {
		_, err := intake.Take(ctx, tx, fresh(i), c.secret)
		return err
	})
	f.clients("acknowledged writes", "20 clients at once, each write one record, encrypted and on the disk (goal: 1,000 a second, p99 under 100 ms); %d households", n, c, 500, func(tx *store.Tx, i int) error {
		l := &household.Look{Account: tx.Actor, Page: fmt.Sprint("page ", i)}
		l.ID.ID = tx.NewID()
		return tx.Put(ctx, l)
	})
	register := intake.NewRegister(c.db)
	start := time.Now()
	if err := register.Build(ctx); err != nil {
		f.t.Fatal(err)
	}
	f.add("register of names, built", short(time.Since(start)), "%d households; pages do not wait for it", n)
	f.add("phone look-up", percentiles(f.times(2000, func(i int) error {
		m, err := intake.Matches(ctx, c.db, register, intake.Asked{Phone: phone(i * 7919 % n)}, c.db.Now())
		if err == nil && len(m) == 0 {
			err = fmt.Errorf("household %d is not found", i)
		}
		return err
	})), "with the household's requests, %d households", n)
	f.add("name and address while typing", percentiles(f.times(1000, func(i int) error {
		_, err := intake.Matches(ctx, c.db, register, intake.Asked{Name: "Oidan Shygarylgan", Address: contact.Address(fmt.Sprintf("ул. Абая, %d, кв. %d", i%500, i%100))}, c.db.Now())
		return err
	})), "%d households", n)
	f.rebuild(c.db)
}

// rebuild builds every table anew.
func (f *figures) rebuild(db *store.DB) {
	f.t.Helper()
	entries, err := store.LastEntry(f.t.Context(), db)
	if err != nil {
		f.t.Fatal(err)
	}
	start := time.Now()
	if before, after, err := db.Rebuild(f.t.Context()); err != nil || before != after {
		f.t.Fatal("the rebuilt tables differ", err)
	}
	took := time.Since(start)
	f.add("rebuild", short(took), "%d entries, with both state hashes: %.0f s a million (goal 300)", entries, took.Seconds()/float64(entries)*1e6)
}

// clients lets 20 clients write at once, and says how many writes a second were acknowledged and how long each waited.
func (f *figures) clients(what, how string, n int, c *city, each int, write func(tx *store.Tx, i int) error) {
	f.t.Helper()
	const clients = 20
	var wg sync.WaitGroup
	took := make([][]time.Duration, clients)
	from := c.n
	c.n += clients * each
	start := time.Now()
	for k := range clients {
		wg.Go(func() {
			for i := range each {
				began := time.Now()
				err := c.db.Write(f.t.Context(), c.boss, func(tx *store.Tx) error { return write(tx, from+k*each+i) })
				if err != nil {
					f.t.Error(err)
				}
				took[k] = append(took[k], time.Since(began))
			}
		})
	}
	wg.Wait()
	f.add(what, fmt.Sprintf("%.0f a second, %s", clients*float64(each)/time.Since(start).Seconds(), percentiles(slices.Concat(took...))), how, n)
}

// binary is the program as it was built.
func (f *figures) binary() string {
	f.t.Helper()
	fi, err := os.Stat(*program)
	if err != nil {
		f.t.Fatal(err)
	}
	f.add("binary", mega(fi.Size()), "static, stripped, with all that it shows")
	return *program
}

func mega(bytes int64) string { return fmt.Sprintf("%.0f MB", float64(bytes)/1e6) }
