package request

import (
	"context"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// Kept is the figures of every centre for those who look at them all day: they are reckoned anew after a write of what they are
// made of, and now and then, for those who wait, wait longer.
type Kept struct {
	db *store.DB

	mu      sync.Mutex
	all     map[id.ID]*Figures // nil: not reckoned since the last write
	at      time.Time
	lasting time.Duration // since when what was delivered is counted
	writes  uint64        // how many writes touched them
}

// KeepFigures returns the figures of a database, which it follows from now on.
func KeepFigures(db *store.DB) *Kept {
	k := &Kept{db: db}
	db.OnCommit(func(c store.Change) {
		if c.Kinds["request"] || c.Kinds["need"] || c.Kinds["household"] || c.Kinds["list"] {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.all, k.writes = nil, k.writes+1
		}
	})
	return k
}

// All is what All answers, as of a moment ago at most. Nobody may change it.
func (k *Kept) All(ctx context.Context, now time.Time, lately time.Duration) (map[id.ID]*Figures, error) {
	k.mu.Lock()
	all, writes := k.all, k.writes
	fresh := all != nil && k.lasting == lately && !now.Before(k.at) && now.Sub(k.at) < keptFor
	k.mu.Unlock()
	if fresh {
		return all, nil
	}
	all, err := All(ctx, k.db, k.db.Centre(), now, now.Add(-lately))
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.writes == writes {
		k.all, k.at, k.lasting = all, now, lately
	}
	return all, nil
}
