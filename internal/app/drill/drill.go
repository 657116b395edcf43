// Package drill fills an empty centre with the invented afternoon of internal/demo: its people, its calls, its
// crews out in the city, one of them overdue. It writes through the same doors as the screens do, so that no
// rule is got round; it knows no pages.
package drill

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
)

// Clock returns a clock that shows start now and goes on as real does: an afternoon that is lived through.
func Clock(start time.Time, real func() time.Time) func() time.Time {
	began := real()
	return func() time.Time { return start.Add(real().Sub(began)) }
}

// Load writes the afternoon of a seed into a database whose clock shows demo.Now. The centre and its accounts
// come first and in one piece, so that somebody may sign in while the rest is written; progress, which may be
// nil, is told after each piece how many of how many records' worth are done. What is there already stays as it
// is: a second Load changes nothing, one after a crash goes on where the first ended. A database that is another
// centre's, or another seed's, is a Conflict.
func Load(ctx context.Context, db *store.DB, seed uint64, cost account.KDF, progress func(done, total int)) error {
	l := &loader{db: db, seed: seed, cost: cost, world: demo.Almaty(seed), progress: progress, staff: map[account.Role]id.ID{}}
	l.untilNoon = l.callsUntil(plannedAt())
	l.book = l.addresses()
	l.total = len(l.world.Volunteers) + len(l.world.Crews) + len(l.world.Households) + len(l.world.Requests) + len(l.book)
	if err := l.open(ctx); err != nil {
		return fmt.Errorf("load drill: centre: %w", err)
	}
	switch whole, err := has(ctx, db, place.Kind, l.placeID(len(l.book)-1).ID); {
	case err != nil:
		return fmt.Errorf("load drill: %w", err)
	case whole: // the places come last
		l.tell(l.total)
		return nil
	}
	for _, part := range []struct {
		name  string
		write func(context.Context) error
	}{
		{"volunteers", l.volunteers}, {"first crews", l.earlyCrews}, {"households", l.households}, {"morning's calls", l.morning},
		{"runs", l.runs}, {"other crews", l.otherCrews}, {"afternoon's calls", l.afternoon},
		{"desks", l.desk}, {"list", l.list}, {"places", l.places},
	} {
		if err := part.write(ctx); err != nil {
			return fmt.Errorf("load drill: %s: %w", part.name, err)
		}
	}
	return nil
}

// loader is one Load under way.
type loader struct {
	db        *store.DB
	seed      uint64
	cost      account.KDF
	world     demo.World
	untilNoon int       // how many requests had been taken when the runs were planned
	book      []address // what the book of addresses gets
	progress  func(done, total int)
	done      int
	total     int
	staff     map[account.Role]id.ID
}

// open writes the centre with its accounts, the rules of those days and what was counted in the morning.
func (l *loader) open(ctx context.Context) error {
	secret := l.refs()
	err := l.db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		tx.Date(signedUp().Add(-time.Hour))
		switch c, err := centre.Get(ctx, tx); {
		case err == nil && c.Secret == secret:
			return nil
		case err == nil:
			return errs.New(errs.Conflict, "centre.exists")
		case !errs.Is(err, errs.NotFound):
			return err
		}
		office := l.office()
		c := &centre.Centre{Name: "Алматы: оқу орталығы / учебный центр", Area: rule.AlmatyCity, Zone: centre.DefaultZone,
			Langs: []string{"kk", "ru", "en"}, Lat: office.Lat, Lon: office.Lon, Phone: "+77270000112", Secret: secret}
		if err := centre.Create(ctx, tx, c); err != nil {
			return err
		}
		if err := l.accounts(ctx, tx); err != nil {
			return err
		}
		rules, err := rule.Preset(rule.Almaty2022)
		if err != nil {
			return err
		}
		if err := rule.Apply(ctx, tx, rules); err != nil {
			return err
		}
		for i, s := range l.world.Stock { // in the morning, before anything went out
			c := &supply.Count{Item: s.Item, N: s.Count, At: clock(8, 0)}
			c.ID.ID = l.id("count", i, c.At)
			tx.Date(c.At)
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return l.findStaff(ctx)
}

// office is where the crews start.
func (l *loader) office() demo.Landmark {
	for _, p := range l.world.Places {
		if p.Kind == "office" {
			return p
		}
	}
	panic("drill: the city has no office")
}

// piece is how many records one write takes at most; a call is about five.
const piece = 200

// inPieces writes n things in order, each as of when it happened, size to a transaction, each transaction only if its first thing is not
// there yet: one that was written stands as a whole.
func (l *loader) inPieces(ctx context.Context, as account.Role, n, size int, when func(i int) time.Time, has func(tx *store.Tx, i int) (bool, error), write func(tx *store.Tx, i int) error) error {
	for from := 0; from < n; from += size {
		to := min(n, from+size)
		err := l.db.Write(ctx, l.staff[as], func(tx *store.Tx) error {
			if there, err := has(tx, from); err != nil || there {
				return err
			}
			for i := from; i < to; i++ {
				tx.Date(when(i))
				if err := write(tx, i); err != nil {
					return fmt.Errorf("number %d: %w", i+1, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		l.tell(to - from)
	}
	return nil
}

func (l *loader) tell(more int) {
	l.done += more
	if l.progress != nil {
		l.progress(l.done, l.total)
	}
}

// has reports whether a record is there.
func has[T any](ctx context.Context, r store.Reader, k *store.Kind[T], rid id.ID) (bool, error) {
	_, err := k.Get(ctx, r, rid)
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// id names the n-th record of a sort in this seed's drill, always in the same way, ordered by the time at which
// it came about.
func (l *loader) id(sort string, n int, at time.Time) id.ID {
	sum := l.sum(sort, n)
	v, err := id.From(at, bytes.NewReader(sum[:]))
	if err != nil {
		panic(err) // 32 bytes are enough
	}
	return v
}

// refs is the secret from which the centre's refs follow.
func (l *loader) refs() uint64 {
	sum := l.sum("secret", 0)
	return binary.BigEndian.Uint64(sum[:])
}

func (l *loader) sum(sort string, n int) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "drill %d %s %d", l.seed, sort, n))
}
