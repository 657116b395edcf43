package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/store/second"
	"github.com/jumyla/jumyla/internal/web"
)

// copying keeps the second copy of an open centre, in a folder that may be changed meanwhile.
type copying struct {
	db *store.DB

	mu   sync.Mutex
	copy *second.Copy // nil where none is kept
	stop func()
}

// begin keeps the copy where the setting says; folder, if it is not empty, becomes the setting.
func (s *copying) begin(folder string) error {
	if folder == "" {
		var err error
		if folder, err = second.Folder(s.db.Dir()); err != nil {
			return err
		}
	} else if err := s.keep(folder); err != nil {
		return err
	}
	s.run(folder)
	return nil
}

// Use keeps the copy in another folder from now on; "" is nowhere.
func (s *copying) Use(folder string) error {
	if folder != "" {
		if fi, err := os.Stat(folder); err != nil || !fi.IsDir() {
			return errs.Wrap(errs.Invalid, errors.Join(err, errors.New("no folder")), "store.copy_absent")
		}
	}
	if err := s.keep(folder); err != nil {
		return err
	}
	s.run(folder)
	return nil
}

func (s *copying) keep(folder string) error {
	if folder != "" {
		var err error
		if folder, err = filepath.Abs(folder); err != nil {
			return err
		}
	}
	return second.SetFolder(s.db.Dir(), folder)
}

func (s *copying) run(folder string) {
	s.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	if folder == "" {
		return
	}
	ctx, cancel := context.WithCancel(context.Background()) // until end, whoever asked for it
	done, every := make(chan struct{}), time.NewTicker(second.Every)
	c := s.db.NewCopy(folder, time.Now)
	go func() {
		defer close(done)
		c.Run(ctx, every.C)
		every.Stop()
		c.Close()
	}()
	s.copy, s.stop = c, func() {
		cancel()
		<-done
	}
}

// end stops keeping the copy, once, and waits until its device is let go of.
func (s *copying) end() {
	s.mu.Lock()
	stop := s.stop
	s.copy, s.stop = nil, nil
	s.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// State says how the copy stands; false where none is kept.
func (s *copying) State() (second.State, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.copy == nil {
		return second.State{}, false
	}
	return s.copy.State(), true
}

// line is what the strip of every page says of a copy that is missing or old; nothing where all is well, and none
// in the first moments of a start.
func (s *copying) line(lang i18n.Lang, zone *time.Location, now time.Time) []web.StripItem {
	st, kept := s.State()
	switch {
	case !kept || !st.Stale(now) || st.At.IsZero() && st.Err == nil:
		return nil
	case st.At.IsZero():
		return []web.StripItem{{Text: lang.T("copy.missing"), Href: "/copy", Tone: web.ToneUrgent}}
	}
	return []web.StripItem{{Text: lang.T("copy.stale", "at", lang.Clock(st.At.In(zone))), Href: "/copy", Tone: web.ToneUrgent}}
}
