package runs

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

// Contacts answers whom to call about a crew, and keeps who has seen it on a page.
type Contacts struct {
	db   *store.DB
	page string

	mu   sync.Mutex
	seen map[string]time.Time // by account and crew
}

// NewContacts returns the contacts as a page shows them.
func NewContacts(db *store.DB, page string) *Contacts {
	return &Contacts{db: db, page: page, seen: map[string]time.Time{}}
}

// Contact is somebody to call about a crew.
type Contact struct {
	Role  string // of a member: "driver", "navigator", …; "" of whom a member or the crew named
	Who   string
	Phone string
}

// Tel is the link that dials, "" where the text holds no number.
func (c Contact) Tel() string {
	if p, ok := contact.ParsePhone(c.Phone); ok {
		return "tel:" + string(p)
	}
	return ""
}

// Of returns whom to call about a crew: its members, each with whom they named, then whom the crew named. It keeps that
// somebody has seen it.
func (c *Contacts) Of(ctx context.Context, who store.Actor, cid id.ID) ([]Contact, error) {
	cr, err := crew.Get(ctx, c.db, crew.ID{ID: cid})
	if err != nil {
		return nil, err
	}
	var out []Contact
	add := func(n Contact) {
		if n.Phone != "" && !slices.ContainsFunc(out, func(o Contact) bool { return o.Phone == n.Phone }) {
			out = append(out, n)
		}
	}
	for _, m := range cr.Members {
		add(Contact{Role: m.Role, Who: string(m.Name), Phone: m.Phone.String()})
		v, err := volunteer.Kind.Get(ctx, c.db, m.Volunteer)
		if err != nil {
			return nil, err
		}
		add(near(v.Emergency))
	}
	add(near(cr.Emergency))
	if len(out) > 0 {
		err = c.look(ctx, who, cid)
	}
	return out, err
}

// near reads somebody as they were typed, "Усенова Гульшат, +7 700 …", so that the number can be dialled.
func near(typed string) Contact {
	if i := strings.IndexAny(typed, "+0123456789"); i >= 0 {
		if p, ok := contact.ParsePhone(typed[i:]); ok {
			return Contact{Who: strings.Trim(typed[:i], " ,;:·–-("), Phone: p.String()}
		}
	}
	return Contact{Phone: typed}
}

// lookedFor is how long one look at a crew's contacts counts: an open page asks again at each change.
const lookedFor = time.Hour

// look keeps that somebody has seen whom to call about a crew.
func (c *Contacts) look(ctx context.Context, who store.Actor, cid id.ID) error {
	key, now := who.String()+cid.String(), c.db.Now()
	c.mu.Lock()
	before, seen := c.seen[key]
	c.mu.Unlock()
	if seen && now.Sub(before).Abs() < lookedFor {
		return nil
	}
	err := c.db.Write(ctx, who, func(tx *store.Tx) error {
		l := &crew.Look{Crew: cid, Account: tx.Actor, Page: c.page}
		l.ID.ID = tx.NewID()
		return tx.Put(ctx, l)
	})
	if err == nil {
		c.mu.Lock()
		c.seen[key] = now
		c.mu.Unlock()
	}
	return err
}
