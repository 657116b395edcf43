package app

import (
	"context"
	"errors"
	"time"

	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
)

// forgetEvery is how often the program looks for households whose time to be forgotten has come.
const forgetEvery = time.Minute

// draftKept is how long a call that was typed and left lies there for whoever typed it, droppedKept how long one that
// was thrown away can be brought back.
const (
	draftKept   = 24 * time.Hour
	droppedKept = 10 * time.Minute
)

// forget erases until ctx ends those who did not agree to be kept, once their grace is over, and the working copies
// that were left lying. The returned channel is
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
	_, heard := exchange.Heed(ctx, db)
	_, err := dispatch.Forget(ctx, db)
	if err = errors.Join(heard, err, sweep(ctx, db)); err != nil && ctx.Err() == nil {
		s.opt.Log.ErrorContext(ctx, "forget households", "error", err)
	}
	if err := s.twins.Work(ctx, db); err != nil && ctx.Err() == nil { // who was erased just now is asked for no more
		s.opt.Log.ErrorContext(ctx, "compare with other centres", "error", err)
	}
}

// sweep throws away the working copies that nobody needs any more: files of lists, and calls that were never saved.
func sweep(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		if err := list.Sweep(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "DELETE FROM draft WHERE at<$1 OR form='dropped' AND at<$2", store.Micro(tx.Now.Add(-draftKept)), store.Micro(tx.Now.Add(-droppedKept)))
		return err
	})
}
