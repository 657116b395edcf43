// Package second keeps a second copy of a centre's database on another device: a back-up, and beside it a log of what the
// ledger gained since. It says how old the copy is, and finds the newest one in a folder; the store applies it.
package second

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store/disk"
)

// Every is how often the second copy is brought up to date; stale is the age from which it is too old.
const (
	Every = 10 * time.Second
	stale = time.Minute
)

// When the back-up beneath a copy's log is made anew: so that the log stays short, and what was erased is gone from
// the copy too.
const (
	baseLasts = 24 * time.Hour
	baseAfter = time.Hour // after an erasure
	maxLog    = 64 << 20
)

// Source is the database that is copied.
type Source struct {
	Centre string // names its folder on the device
	Dir    string // where the database lies
	Backup func(ctx context.Context, path string) error
	Key    func(ctx context.Context) ([]byte, error) // that the database is encrypted with, and its log
	// Moment runs fn with a connection on which all that is read is as it stood at one moment.
	Moment func(ctx context.Context, fn func(*sql.Conn) error) error
	Random io.Reader
	Log    *slog.Logger
}

// Copy keeps a second copy of the database on another device: a back-up, and beside it a log of the ledger's
// entries since, encrypted like everything. It reads beside the writer and never holds it up. Restore takes the
// folder. What is being typed at the moment of a loss (drafts) is not in it.
type Copy struct {
	db    Source
	dir   string
	now   func() time.Time // a real clock, also in a drill
	limit int64

	mu       sync.Mutex
	log      *log // nil where there is nothing to go on with
	made     time.Time
	renewing bool
	state    atomic.Pointer[State]
}

// State says how a second copy stands.
type State struct {
	Dir  string
	At   time.Time // everything that was written until then is in it; zero: there is none yet
	Err  error     // why the last try failed; nil where it did not
	Same bool      // it lies on the same device as the data, and would be lost with it
}

// Stale reports whether the copy is missing or too old.
func (s State) Stale(now time.Time) bool { return now.Sub(s.At) > stale }

// New returns a second copy in a folder of another device, which somebody has to bring up to date by Tick or
// Run. now is a real clock.
func New(db Source, dir string, now func() time.Time) *Copy {
	c := &Copy{db: db, dir: dir, now: now, limit: maxLog}
	c.state.Store(&State{Dir: dir})
	return c
}

// State returns how the copy stands.
func (c *Copy) State() State { return *c.state.Load() }

// Run brings the copy up to date at once and at each tick until ctx ends. A device that was pulled out is used again
// when it is back.
func (c *Copy) Run(ctx context.Context, tick <-chan time.Time) {
	var renewals sync.WaitGroup
	defer renewals.Wait()
	for {
		failed := c.State().Err != nil
		if err := c.Tick(ctx); err != nil && !failed && ctx.Err() == nil { // once, not every ten seconds
			c.db.Log.WarnContext(ctx, "second copy", "error", err)
		}
		if c.due() {
			renewals.Go(func() {
				if err := c.Renew(ctx); err != nil && ctx.Err() == nil {
					c.db.Log.WarnContext(ctx, "renew second copy", "error", err)
				}
			})
		}
		select {
		case <-tick:
		case <-ctx.Done():
			return
		}
	}
}

// Tick brings the copy up to date: it adds what was written since, or begins anew where nothing is there.
func (c *Copy) Tick(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.now()
	err := c.tick(ctx)
	next := State{Dir: c.dir, At: c.State().At, Err: err, Same: disk.SameDevice(c.dir, c.db.Dir)}
	if err == nil {
		next.At = at
	}
	c.state.Store(&next)
	return err
}

func (c *Copy) tick(ctx context.Context) error {
	if c.log != nil && !c.log.there() {
		c.drop()
	}
	if c.log == nil {
		log, err := c.begin(ctx)
		if err != nil {
			return err
		}
		return c.take(ctx, log)
	}
	if err := c.log.add(ctx, c.db); err != nil {
		c.drop() // part of it may be written
		return fmt.Errorf("second copy: %w", err)
	}
	return nil
}

// drop lets go of a log that cannot be gone on with.
func (c *Copy) drop() {
	_ = c.log.f.Close() // its device may be gone
	c.log = nil
}

// due reports whether the back-up beneath the log should be made anew, and takes note that it will be.
func (c *Copy) due() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.log == nil || c.renewing {
		return false
	}
	age := c.now().Sub(c.made)
	c.renewing = c.log.size > c.limit || age > baseLasts || c.log.erased && age > baseAfter
	return c.renewing
}

// Renew makes the back-up beneath the log anew, while the old one goes on being kept up to date.
func (c *Copy) Renew(ctx context.Context) error {
	log, err := c.begin(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renewing = false
	if err != nil {
		return err
	}
	return c.take(ctx, log)
}

// begin writes a new back-up with an empty log beside it. The log begins before the back-up was read, so that
// between the two nothing is missing; what both have is applied once.
func (c *Copy) begin(ctx context.Context) (*log, error) {
	if fi, err := os.Stat(c.dir); err != nil || !fi.IsDir() {
		return nil, errs.Wrap(errs.Unavailable, errors.Join(err, errors.New("no folder")), "store.copy_absent")
	}
	dir := filepath.Join(c.dir, prefix+c.db.Centre)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, disk.Error(err, "second copy")
	}
	last, err := newest(dir)
	if err != nil {
		return nil, disk.Error(err, "second copy")
	}
	stem := filepath.Join(dir, fmt.Sprintf("%08d", last+1))
	log, err := newLog(ctx, c.db, stem+logEnd)
	if err != nil {
		return nil, err
	}
	if err := c.db.Backup(ctx, stem+backupEnd); err != nil {
		return nil, errors.Join(fmt.Errorf("second copy: %w", err), log.f.Close(), os.Remove(log.f.Name()))
	}
	return log, nil
}

// take goes on with a new back-up and its log, and deletes what was before. Where that fails while the old log goes on,
// the new back-up is deleted: restoring takes the newest, and would miss what the old log tells from now on.
func (c *Copy) take(ctx context.Context, log *log) error {
	if err := log.add(ctx, c.db); err != nil {
		err = errors.Join(fmt.Errorf("second copy: %w", err), log.f.Close())
		if name := log.f.Name(); c.log != nil {
			err = errors.Join(err, os.Remove(strings.TrimSuffix(name, logEnd)+backupEnd), os.Remove(name))
		}
		return err
	}
	if c.log != nil {
		c.drop()
	}
	c.log, c.made = log, c.now()
	return sweep(filepath.Dir(log.f.Name()), log.f.Name())
}

// Close lets go of the device. The copy stays as it is.
func (c *Copy) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.log != nil {
		c.drop()
	}
}
