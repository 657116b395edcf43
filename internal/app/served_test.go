package app_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// served is the program itself, serving a folder.
type served struct {
	f    *figures
	base string
	cmd  *exec.Cmd
}

// serve starts the program and returns when its first page has come.
func (f *figures) serve(program, dir string) *served {
	f.t.Helper()
	s := &served{f: f, cmd: exec.CommandContext(f.t.Context(), program, "serve", "--data", dir, "--listen", "127.0.0.1:0")}
	s.cmd.Env = append(os.Environ(), "JUMYLA_PASSPHRASE="+passphrase)
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		f.t.Fatal(err)
	}
	s.base = strings.TrimSpace(line)
	if err := page(http.DefaultClient, s.base+"/sign-in"); err != nil {
		f.t.Fatal(err)
	}
	return s
}

func (s *served) stop() {
	s.f.t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.f.t.Fatal(err)
	}
	_ = s.cmd.Wait()
}

// resident is how much memory the program has; 0 where the system does not say.
func (s *served) resident() (bytes int64) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	for line := range strings.Lines(string(b)) {
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &bytes); err == nil {
			return bytes * 1024
		}
	}
	return 0
}

// page asks for a page as a browser does, to the end.
func page(c *http.Client, url string) error {
	r, err := c.Get(url)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	_, err = io.Copy(io.Discard, r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d", url, r.StatusCode)
	}
	return err
}

// hundredFifty measures the board, the search, a day's bytes, and the program itself, with 150,000 requests.
func (f *figures) hundredFifty(c *city) {
	f.t.Helper()
	n := 150_000 / *scale
	c.grow(n)
	for _, text := range []string{"Абай 40", "шығарылған", "0001234"} {
		f.add("search “"+text+"”", percentiles(f.times(200, func(int) error {
			ids, err := household.Find(f.t.Context(), c.db, text, 50)
			if err == nil && len(ids) == 0 {
				err = fmt.Errorf("nobody is found by %s", text)
			}
			return err
		})), "%d households", n)
	}
	dir := c.db.Dir()
	f.day(c)
	program := f.binary()
	empty := f.times(3, func(int) error { f.serve(program, filepath.Join(f.t.TempDir(), "none")).stop(); return nil })
	f.add("cold start", short(empty[0]), "an empty folder: from the command to its first page and its end; then again %s and %s", short(empty[1]), short(empty[2]))
	start := time.Now()
	s := f.serve(program, dir)
	f.add("cold start", short(time.Since(start)), "with %d requests: to the first page; the passphrase is stretched (Argon2id)", n)
	f.office(s, n)
	s.stop()
}

// office measures pages of the served program, and its memory.
func (f *figures) office(s *served, n int) {
	f.t.Helper()
	one := s.operator()
	f.add("board page, the first", percentiles(f.times(1, func(int) error { return page(one.http, s.base+"/board") })), "%d requests, %d open", n, n/20)
	f.add("board page, again", percentiles(f.times(300, func(int) error { return page(one.http, s.base+"/board") })), "nothing new, 200 rows, over HTTP, %d requests", n)
	var after []time.Duration
	for i := range 200 {
		one.save(i, n)
		after = append(after, f.times(1, func(int) error { return page(one.http, s.base+"/board") })...)
	}
	f.add("board page, after a write", percentiles(after), "each after a call was saved, %d requests", n)
	idle := s.resident()
	f.add("memory, idle", mega(idle), "the program alone, after these pages")
	took := s.shift(50, n)
	f.add("memory, 50 operators", mega(s.resident()), "simulated, each a page or a save every 1 to 4 s, for 20 s")
	for _, what := range []string{"save", "look-up", "board"} {
		f.add(what+" by 50 operators", percentiles(took[what]), "whole pages over HTTP, %d requests", n)
	}
}

// day measures what a day of calls leaves on the disk.
func (f *figures) day(c *city) {
	f.t.Helper()
	ctx, calls := f.t.Context(), 500
	size := func() (sum int64) { // closed: nothing waits in the log
		if err := c.db.Close(); err != nil {
			f.t.Fatal(err)
		}
		for _, name := range []string{"jumyla.db", "jumyla.db-wal"} {
			if fi, err := os.Stat(filepath.Join(c.db.Dir(), name)); err == nil {
				sum += fi.Size()
			}
		}
		return sum
	}
	before := size()
	db, err := store.Open(ctx, store.Config{Dir: c.db.Dir(), Kinds: app.Kinds()}, store.Secret{Passphrase: passphrase})
	if err != nil {
		f.t.Fatal(err)
	}
	c.db = db
	for i := range calls {
		c.write(func(tx *store.Tx) error {
			q, err := intake.Take(ctx, tx, fresh(c.n+i), c.secret)
			if err == nil {
				err = request.Check(ctx, tx, q, request.ByPhone)
			}
			if err != nil {
				return err
			}
			needs, err := request.Needs(ctx, tx, q.ID)
			if err != nil {
				return err
			}
			needs[0].Stand(request.Planned, tx.NewID(), tx.Now, tx.Now)
			if err := tx.Put(ctx, &needs[0]); err != nil {
				return err
			}
			needs[0].Stand(request.Done, needs[0].Run, tx.Now, tx.Now)
			return tx.Put(ctx, &needs[0])
		})
	}
	c.n += calls
	grown := size() - before
	f.add("a day's data", fmt.Sprintf("%.1f MB", float64(grown)/1e6), "%d calls, each checked, planned and closed: %.1f kB a call; the whole database has %s", calls, float64(grown)/float64(calls)/1000, mega(before+grown))
}

// operator is a browser that is signed in.
func (s *served) operator() *client {
	s.f.t.Helper()
	c := newClient(s.f.t, s.base)
	body, at, status := c.submit("/sign-in", "/sign-in", url.Values{"name": {"Айгүл Тестова"}, "passphrase": {passphrase}})
	if status != http.StatusOK || at != "/board" {
		s.f.t.Fatalf("sign-in: %d at %s: %s", status, at, text(body))
	}
	return c
}

// save takes a call of a household that is known.
func (c *client) save(i, of int) {
	c.t.Helper()
	body, _, status := c.submit("/call", "/call", url.Values{"phone": {string(phone(i * 7919 % of))}, "name": {"Ойдан Шығарылған"}, "address": {fmt.Sprintf("Абай %d, %d", i%90, i%70)},
		"lang": {"kk"}, "needs": {"су 2"}, "keep": {"yes"}, "for": {"self"}})
	if status != http.StatusOK {
		c.t.Errorf("save: %d %.300s", status, text(body))
	}
}

// do lets one do one of an operator's three things, and returns which.
func (c *client) do(i, of int) (what string, err error) {
	switch i % 3 {
	case 0:
		return "look-up", page(c.http, c.base+"/call?phone="+url.QueryEscape(string(phone(i*7919%of))))
	case 1:
		return "board", page(c.http, c.base+"/board")
	}
	c.save(i, of)
	return "save", nil
}

// shift lets so many operators work for 20 seconds, and returns how long what took.
func (s *served) shift(operators, of int) map[string][]time.Duration {
	s.f.t.Helper()
	var mu sync.Mutex
	took := map[string][]time.Duration{}
	var wg sync.WaitGroup
	staff := make([]*client, operators)
	for i := range staff {
		staff[i] = s.operator()
	}
	end := time.Now().Add(20 * time.Second)
	for n, browser := range staff {
		rng := rand.New(rand.NewPCG(uint64(n), 5))
		wg.Go(func() {
			for i := n * 31; time.Now().Before(end); i++ {
				began := time.Now()
				what, err := browser.do(i, of)
				if err != nil {
					s.f.t.Error(err)
					return
				}
				mu.Lock()
				took[what] = append(took[what], time.Since(began))
				mu.Unlock()
				<-time.After(time.Duration(1000+rng.IntN(3000)) * time.Millisecond) // they speak with somebody
			}
		})
	}
	wg.Wait()
	return took
}
