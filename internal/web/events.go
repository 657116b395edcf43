package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
)

// Events tells open pages that something changed, never what: a page then asks again with its own
// viewer's rights. Topics are words such as "requests" or "run:ID". The zero value is ready.
type Events struct {
	mu     sync.Mutex
	subs   map[*subscriber]bool
	closed bool
}

// Heartbeat is how often a silent stream shows that it is alive.
const Heartbeat = 20 * time.Second

// maxStreams bounds the streams that one program holds open.
const maxStreams = 500

type subscriber struct {
	topics  []string
	pending map[string]bool
	wake    chan struct{} // holds one: changes that come together are told together
	gone    bool
}

// Publish tells everybody who follows the topic that it changed. It never waits: what a slow reader has
// not yet been told is merged.
func (e *Events) Publish(topics ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for s := range e.subs {
		for _, t := range topics {
			if slices.Contains(s.topics, t) {
				s.pending[t] = true
				s.nudge()
			}
		}
	}
}

func (s *subscriber) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Follow calls tell with the topics that changed, merged and sorted, until ctx ends, Close is called or
// tell fails; with none at every Heartbeat. It returns tell's error, or nil.
func (e *Events) Follow(ctx context.Context, tell func(topics []string) error, topics ...string) error {
	s, err := e.join(topics)
	if err != nil {
		return err
	}
	defer e.leave(s)
	beat := time.NewTicker(Heartbeat)
	defer beat.Stop()
	for {
		var changed []string
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
		case <-s.wake:
			if changed = e.take(s); changed == nil {
				return nil
			}
		}
		if err := tell(changed); err != nil {
			return err
		}
	}
}

func (e *Events) join(topics []string) (*subscriber, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || len(e.subs) >= maxStreams {
		return nil, errs.New(errs.Unavailable, "")
	}
	if e.subs == nil {
		e.subs = map[*subscriber]bool{}
	}
	s := &subscriber{topics: topics, pending: map[string]bool{}, wake: make(chan struct{}, 1)}
	e.subs[s] = true
	return s, nil
}

func (e *Events) leave(s *subscriber) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.subs, s)
}

// take returns and forgets what s has not been told; nil once the hub is closed.
func (e *Events) take(s *subscriber) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.gone {
		return nil
	}
	changed := sortedKeys(s.pending)
	clear(s.pending)
	return changed
}

// Close ends every stream and refuses new ones: the first act of a shutdown, which would wait for them.
func (e *Events) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for s := range e.subs {
		s.gone = true
		s.nudge()
	}
}

// Serve answers with a stream of server-sent events on these topics, until the browser leaves.
func (e *Events) Serve(w http.ResponseWriter, r *http.Request, topics ...string) error {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	rc := http.NewResponseController(w)
	now := visitOf(r).m.cfg.Now
	_ = rc.SetReadDeadline(time.Time{}) // the server's limit is for requests that come slowly; this one is there
	send := func(text string) error {
		_ = rc.SetWriteDeadline(now().Add(2 * Heartbeat)) // where it is not supported, the server's own limit holds
		if _, err := fmt.Fprint(w, text); err != nil {
			return fmt.Errorf("write event: %w", err)
		}
		return rc.Flush()
	}
	if err := send("retry: 3000\n\n"); err != nil {
		return nil //nolint:nilerr // the browser has left
	}
	err := e.Follow(r.Context(), func(changed []string) error {
		text := ": alive\n\n"
		if len(changed) > 0 {
			text = ""
			for _, t := range changed {
				text += "event: changed\ndata: " + t + "\n\n"
			}
		}
		return send(text)
	}, topics...)
	if errs.Is(err, errs.Unavailable) {
		return err
	}
	return nil // a stream ends when the browser leaves
}
