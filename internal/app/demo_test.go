package app_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/app/drill"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/store"
)

// serveDemo serves a whole afternoon.
func serveDemo(t *testing.T) string {
	t.Helper()
	return serveDemoAt(t, "127.0.0.1:0")
}

// serveDemoAt is serveDemo at another address; what it returns is the machine's own.
func serveDemoAt(t *testing.T, listen string) string {
	t.Helper()
	cheap := store.KDF{Time: 1, Memory: 64, Threads: 1}
	ctx, cancel := context.WithCancel(t.Context())
	addr, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- app.Serve(ctx, app.Options{Dir: filepath.Join(t.TempDir(), "demo"), Listen: listen, Secret: store.Secret{Passphrase: drill.Passphrase},
			Log: slog.New(slog.DiscardHandler), KDF: cheap, Demo: true, Seed: 1, Now: drill.Clock(demo.Now(), time.Now), Ready: func(a string) { addr <- a },
			Filled: func(ctx context.Context, db *store.DB) error { return drill.Load(ctx, db, 1, cheap, nil) }})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	select {
	case a := <-addr:
		return "http://" + a
	case err := <-done:
		done <- nil
		t.Fatal(err)
		return ""
	}
}
