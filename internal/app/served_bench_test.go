package app_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web/office"
)

var (
	served    = flag.Int("served", 50_000, "households of BenchmarkServed")
	operators = flag.Int("operators", 50, "who work at once in BenchmarkServed")
	shift     = flag.Duration("shift", 20*time.Second, "for how long they work")
)

// centreOf fills a folder with a city and a centre that can be signed in to, and returns the folder and the bytes on
// disk.
func centreOf(b *testing.B, n int) (dir string, size int64) {
	b.Helper()
	db := city(b, 0)
	in := office.SetUpInput{Centre: centre.Centre{Name: "Оқу орталығы", Area: "almaty-city", Zone: centre.DefaultZone, Langs: []string{"kk", "ru"}},
		Coordinator: "Айгүл Тестова", Lang: i18n.KK, Passphrase: passphrase}
	if err := db.Write(b.Context(), store.Actor{}, func(tx *store.Tx) error {
		return in.Apply(b.Context(), tx, store.KDF{Time: 1, Memory: 64, Threads: 1})
	}); err != nil {
		b.Fatal(err)
	}
	own, err := centre.Get(b.Context(), db)
	if err != nil {
		b.Fatal(err)
	}
	fill(b, db, n, own.Secret)
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	fi, err := os.Stat(filepath.Join(db.Dir(), "jumyla.db"))
	if err != nil {
		b.Fatal(err)
	}
	return db.Dir(), fi.Size()
}

// start serves a folder until stop is called.
func start(b *testing.B, dir string) (base string, stop func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	addr, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- app.Serve(ctx, app.Options{Dir: dir, Listen: "127.0.0.1:0", Secret: store.Secret{Passphrase: passphrase}, Log: slog.New(slog.DiscardHandler),
			KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Ready: func(a string) { addr <- a }})
	}()
	select {
	case a := <-addr:
		return "http://" + a, func() {
			cancel()
			if err := <-done; err != nil {
				b.Error(err)
			}
		}
	case err := <-done:
		b.Fatal(err)
		return "", nil
	}
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

// resident is how much memory the process has, in bytes; 0 where the system does not say.
func resident() float64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kb float64
	for line := range strings.Lines(string(b)) {
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kb); err == nil {
			return kb * 1024
		}
	}
	return 0
}

// BenchmarkServed measures whole pages of a centre with many households, over loopback: how long it takes to open, a
// page of the board, and a shift of many operators who look up, save and look at the board every few seconds.
// Memory is the whole process's, the measuring side included.
func BenchmarkServed(b *testing.B) {
	dir, size := centreOf(b, *served)
	b.Run("Open", func(b *testing.B) {
		b.ReportMetric(float64(size)/float64(*served), "bytes/request")
		timed(b, func(int) error {
			base, stop := start(b, dir)
			defer stop()
			return page(http.DefaultClient, base+"/sign-in")
		})
	})
	base, stop := start(b, dir)
	defer stop()
	one := operator(b, base)
	b.Run("Board", func(b *testing.B) {
		timed(b, func(int) error { return page(one.http, base+"/board") })
	})
	b.Run("LookUp", func(b *testing.B) {
		timed(b, func(i int) error {
			return page(one.http, base+"/call?phone="+url.QueryEscape(string(phone(i*7919%*served))))
		})
	})
	b.Run("Shift", func(b *testing.B) {
		b.ReportMetric(resident()/1e6, "MB-idle")
		for b.Loop() {
			work(b, base)
		}
		b.ReportMetric(resident()/1e6, "MB-working")
	})
}

// operator is a browser that is signed in.
func operator(b *testing.B, base string) *client {
	b.Helper()
	c := newClient(b, base)
	body, at, status := c.submit("/sign-in", "/sign-in", url.Values{"name": {"Айгүл Тестова"}, "passphrase": {passphrase}})
	if status != http.StatusOK || at != "/board" {
		b.Fatalf("sign-in: %d at %s: %s", status, at, text(body))
	}
	return c
}

// do lets one do one of an operator's three things, and returns which.
func (c *client) do(i, of int) (what string, err error) {
	number := string(phone(i * 7919 % of))
	switch i % 3 {
	case 0:
		return "look-up", page(c.http, c.base+"/call?phone="+url.QueryEscape(number))
	case 1:
		return "board", page(c.http, c.base+"/board")
	}
	_, _, status := c.submit("/call", "/call", url.Values{"phone": {number}, "name": {"Ойдан Шығарылған"}, "address": {fmt.Sprintf("Абай %d, %d", i%90, i%70)},
		"lang": {"kk"}, "needs": {"нан 2"}, "keep": {"yes"}, "for": {"self"}})
	if status != http.StatusOK {
		return "save", fmt.Errorf("save: %d", status)
	}
	return "save", nil
}

// work lets the operators work for the length of a shift.
func work(b *testing.B, base string) {
	b.Helper()
	var mu sync.Mutex
	took := map[string][]time.Duration{}
	var wg sync.WaitGroup
	end := time.Now().Add(*shift)
	for n := range *operators {
		browser := operator(b, base)
		rng := rand.New(rand.NewPCG(uint64(n), 5))
		wg.Go(func() {
			for i := n; time.Now().Before(end); i++ {
				began := time.Now()
				what, err := browser.do(i, *served)
				if err != nil {
					b.Error(err)
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
	for what, all := range took {
		percentiles(b, all, what+"-")
	}
}
