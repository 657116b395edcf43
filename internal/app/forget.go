package app

import (
	"context"
	"time"

	"github.com/jumyla/jumyla/internal/dispatch"
)

// forgetEvery is how often the program looks for households whose time to be forgotten has come.
const forgetEvery = time.Minute

// forget erases until ctx ends those who did not agree to be kept, once their grace is over. The returned channel is
// closed when it has ended.
func (s *server) forget(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(forgetEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				s.forgetNow(ctx)
			}
		}
	}()
	return done
}

func (s *server) forgetNow(ctx context.Context) {
	s.mu.Lock()
	db := s.db
	s.mu.Unlock()
	if db == nil {
		return
	}
	if _, err := dispatch.Forget(ctx, db); err != nil && ctx.Err() == nil {
		s.opt.Log.ErrorContext(ctx, "forget households", "error", err)
	}
}
