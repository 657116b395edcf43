package main

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/app/drill"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/store"
)

type demoCmd struct {
	Listen string `default:"127.0.0.1:8080" help:"Address; with :8080 the office's network too, encrypted."`
	Seed   uint64 `default:"1" help:"Another seed, other people."`
	Wipe   bool   `help:"Only delete the drill's data."`
}

// cheap protects a drill's keys, which protect nothing.
var cheap = store.KDF{Time: 1, Memory: 1 << 10, Threads: 1}

// Run serves an afternoon that begins anew at each start: 15:40 on 12 January 2022.
func (c *demoCmd) Run(e *env) error {
	dir := app.DataDir(e.cli.Data, c.Seed)
	secret := store.Secret{Passphrase: drill.Passphrase}
	if err := wipe(e, dir, secret); err != nil || c.Wipe {
		return err
	}
	start := time.Now()
	now := drill.Clock(demo.Now(), time.Now)
	var done, total atomic.Int64
	total.Store(1)
	return app.Serve(e.ctx, app.Options{Dir: dir, Listen: c.Listen, Secret: secret, Log: e.log, Now: now, KDF: cheap, Demo: true, Seed: c.Seed,
		Filling: func() (int, int) { return int(done.Load()), int(total.Load()) },
		Ready:   func(addr string) { fmt.Fprintf(e.out, "http://%s\n", addr) },
		Filled: func(_ context.Context, db *store.DB) error {
			go func() {
				err := drill.Load(e.ctx, db, c.Seed, cheap, func(d, of int) { total.Store(int64(of)); done.Store(int64(d)) })
				if err != nil && e.ctx.Err() == nil {
					e.log.ErrorContext(e.ctx, "load the drill", "error", err)
					return
				}
				e.log.InfoContext(e.ctx, "drill loaded", "took", time.Since(start).Round(time.Millisecond))
			}()
			return nil
		}})
}

// wipe deletes an earlier drill that no other program has open.
func wipe(e *env, dir string, s store.Secret) error {
	if store.Exists(dir) {
		db, err := store.Open(e.ctx, store.Config{Dir: dir, Kinds: app.Kinds(), KDF: cheap}, s)
		if err != nil {
			return err
		}
		if err := db.Close(); err != nil {
			return err
		}
	}
	return os.RemoveAll(dir)
}
