package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/lan"
)

// Serve serves a centre until ctx ends.
func Serve(ctx context.Context, opt Options) error {
	gate, err := lan.Listen(ctx, opt.Listen)
	if err != nil {
		return err
	}
	s := &server{opt: opt, events: &web.Events{}, door: lan.NewDoor(gate, opt.Log, time.Now)}
	if s.port, err = s.listenForPeers(ctx); err != nil {
		return errors.Join(err, gate.Close())
	}
	defer s.port.Close()
	if err := s.begin(ctx); err != nil {
		return errors.Join(err, gate.Close())
	}
	defer s.close(context.WithoutCancel(ctx))
	ctx, done := context.WithCancel(ctx)
	forgetting := s.forget(ctx)
	defer func() { done(); <-forgetting }()
	pages := s.door.Guard(s)
	ended := make(chan error, 3)
	here, join, secure := s.httpServer(ctx, pages), s.httpServer(ctx, s.door.Join()), s.httpServer(ctx, pages)
	secure.TLSConfig = s.door.TLS()
	go func() { ended <- here.Serve(gate.Here) }()
	go func() { ended <- join.Serve(gate.Join) }()
	go func() { ended <- secure.ServeTLS(gate.Secure, "", "") }()
	if opt.Ready != nil {
		opt.Ready(gate.Home())
	}
	if opt.Called != nil && s.port != nil {
		opt.Called(s.port.Addr)
	}
	select {
	case <-ctx.Done():
		err = nil
	case err = <-ended: // a listener does not end by itself
		err = fmt.Errorf("serve: %w", err)
	}
	s.events.Close()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, srv := range []*http.Server{here, join, secure} {
		if srv.Shutdown(end) != nil {
			_ = srv.Close()
		}
	}
	return errors.Join(err, gate.Close())
}

// httpServer bounds what a slow or a hostile client can hold: a request must have come, and its answer gone, within
// five minutes, which is a long list over a weak Wi-Fi. Streams of events set their own limits (web.Events).
func (s *server) httpServer(ctx context.Context, h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog:    slog.NewLogLogger(s.opt.Log.Handler(), slog.LevelDebug), // devices without the certificate: not a fault of ours
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
}
