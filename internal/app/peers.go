package app

import (
	"context"
	"time"

	"github.com/jumyla/jumyla/internal/exchange/link"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web/links"
)

// linked is what goes between an open database and other centres.
type linked struct {
	x       *link.Exchanger
	port    *link.Port
	control *link.Control
	stop    context.CancelFunc
	done    chan struct{}
}

// listenForPeers opens the port at which other centres call, where one was asked for.
func (s *server) listenForPeers(ctx context.Context) (*link.Port, error) {
	if s.opt.Peers == "" {
		return nil, nil //nolint:nilnil // no port is the usual case
	}
	p, err := link.Listen(ctx, s.opt.Peers, s.opt.Log, time.Now)
	if err == nil {
		s.opt.Log.InfoContext(ctx, "other centres may call", "address", p.Addr)
	}
	return p, err
}

// link lets an open database exchange with other centres. A drill calls nobody.
func (s *server) link(ctx context.Context, db *store.DB) error {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &linked{stop: stop, done: make(chan struct{}), port: s.port}
	l.x = link.New(db, s.opt.Log, time.Now, func() { s.events.Publish(links.Topic) })
	if s.opt.Demo {
		close(l.done)
	} else {
		go func() {
			defer close(l.done)
			l.x.Run(ctx)
		}()
		var err error
		if l.control, err = link.Attend(ctx, db, l.x); err != nil {
			stop()
			return err
		}
	}
	s.mu.Lock()
	s.links = l
	s.mu.Unlock()
	return s.port.Open(db, l.x)
}

// network is what the pages of other centres know of it.
func (s *server) network() links.Network {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := links.Network{Events: s.events}
	if s.links != nil {
		n.Exchanger = s.links.x
	}
	if s.port != nil {
		n.Listens = s.port.Addr
	}
	return n
}

// end waits until nothing of other centres uses the database.
func (l *linked) end() {
	l.stop()
	l.port.Shut()
	if l.control != nil {
		_ = l.control.Close() // its file is of no use to anybody
	}
	<-l.done
}
