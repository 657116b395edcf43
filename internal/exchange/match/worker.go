package match

import (
	"context"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/store"
)

// Worker does the work of a program that stays: it looks often, and works where something was written since.
type Worker struct {
	mu   sync.Mutex
	last int64 // the number of the last entry when it was done
	done time.Time
}

// anyway is after how long it works although nothing was written: time alone ends questions, and lets more be compared.
const anyway = time.Hour

// Work does what is to be done, if anything may be.
func (w *Worker) Work(ctx context.Context, db *store.DB) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := lastEntry(ctx, db)
	if now := db.Now(); err != nil || n == w.last && now.Sub(w.done) < anyway && !now.Before(w.done) {
		return err
	}
	if err := Work(ctx, db); err != nil {
		return err
	}
	w.done = db.Now()
	w.last, err = lastEntry(ctx, db)
	return err
}

func lastEntry(ctx context.Context, r store.Reader) (int64, error) {
	return store.One[int64](ctx, r, "entry", "SELECT coalesce(max(n), 0) FROM ledger_entry")
}
