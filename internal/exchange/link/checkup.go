package link

import (
	"context"
	"net"
	"time"

	"github.com/jumyla/jumyla/internal/store"
)

// Trouble is something about a link that somebody should look at.
type Trouble struct {
	Centre string // its name
	What   string // one of the kinds below
	Fault  string // for Failing: a message key
	Since  time.Time
}

// The kinds of trouble.
const (
	Failing  = "failing"  // it is called, and not reached
	NeverMet = "never"    // it was paired, and nothing was ever exchanged
	LongAgo  = "long_ago" // nothing was heard of it for days
	OneWay   = "one_way"  // something waits, and nobody calls the other
	Future   = "future"   // what it wrote is of later than now: one of the two clocks is wrong
)

// longAgo is how long nothing may have been heard of a centre, aheadBy how far its clock may stand before ours.
const (
	longAgo = 3 * 24 * time.Hour
	aheadBy = 10 * time.Minute
)

// Checkup names what is wrong with the links of a centre. now is a real clock's.
func Checkup(ctx context.Context, db *store.DB, now time.Time) (out []Trouble, met int, err error) {
	all, err := Peers(ctx, db)
	if err != nil {
		return nil, 0, err
	}
	for _, p := range all {
		if !p.Heard.IsZero() {
			met++
		}
		switch {
		case p.Standing() == Unreached:
			out = append(out, Trouble{Centre: p.Name, What: Failing, Fault: p.Fault, Since: p.Tried})
		case p.Heard.IsZero():
			out = append(out, Trouble{Centre: p.Name, What: NeverMet})
		case now.Sub(p.Heard) > longAgo:
			out = append(out, Trouble{Centre: p.Name, What: LongAgo, Since: p.Heard})
		case p.Standing() == NoAddress && p.Entries > 0:
			out = append(out, Trouble{Centre: p.Name, What: OneWay})
		}
		last, err := db.LastOf(ctx, p.Centre.Centre)
		if err != nil {
			return nil, 0, err
		}
		if last.Sub(now) > aheadBy {
			out = append(out, Trouble{Centre: p.Name, What: Future, Since: last})
		}
	}
	return out, met, nil
}

// Open reports whether an address can be listened at, as Listen would.
func Open(ctx context.Context, addr string) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	return l.Close()
}
