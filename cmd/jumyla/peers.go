package main

import (
	"errors"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/link"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// served does something with the database, or through the program that has it open.
func (e *env) served(alone func(db *store.DB) error, through func(r link.Running) error) error {
	err := e.with(alone)
	if _, busy := errors.AsType[*store.InUseError](err); !busy {
		return err
	}
	if asked := through(link.At(e.cli.Data)); asked != nil {
		if why, ok := errors.AsType[*errs.Error](asked); ok && why.Key == "link.not_served" {
			return err // it takes no questions: that it has the folder open is what counts
		}
		return asked
	}
	return nil
}

type peerAddressCmd struct {
	Centre  string `arg:"" help:"The other centre: its name, or how it begins."`
	Address string `arg:"" help:"host:port; an empty one takes it away."`
}

// Run keeps where a centre is called.
func (c *peerAddressCmd) Run(e *env) error {
	err := e.served(func(db *store.DB) error {
		p, err := exchange.Find(e.ctx, db, c.Centre)
		if err != nil {
			return err
		}
		return link.SetAddress(e.ctx, db, id.ID(p.Centre), c.Address)
	}, func(r link.Running) error { return r.SetAddress(e.ctx, c.Centre, c.Address) })
	if err != nil {
		return err
	}
	addr, err := link.Address(c.Address)
	if err != nil {
		return err
	}
	return e.say(map[string]string{"address": addr}, "%s", addr)
}

type peerExchangeCmd struct {
	Centre string `arg:"" help:"The other centre: its name, or how it begins."`
}

// Run exchanges both ways, and says what went.
func (c *peerExchangeCmd) Run(e *env) error {
	var passed exchange.Passed
	err := e.served(func(db *store.DB) error {
		p, err := exchange.Find(e.ctx, db, c.Centre)
		if err == nil {
			passed, err = link.New(db, e.log, time.Now, nil).Exchange(e.ctx, id.ID(p.Centre))
		}
		return err
	}, func(r link.Running) (err error) {
		passed, err = r.Exchange(e.ctx, c.Centre)
		return err
	})
	if err != nil {
		return err
	}
	said := e.lang.T("link.exchanged", "centre", passed.From, "new", passed.New, "sent", passed.Sent, "received", passed.Received, "lost", passed.Lost, "proposed", passed.Proposed)
	if len(passed.Refused) > 0 {
		said += " " + e.lang.T("link.not_taken", "n", len(passed.Refused))
	}
	return e.say(passed, "%s", said)
}

type peerListCmd struct{}

// Run lists other centres.
func (c *peerListCmd) Run(e *env) error {
	var all []link.Line
	err := e.served(func(db *store.DB) (err error) {
		all, err = link.Lines(e.ctx, db)
		return err
	}, func(r link.Running) (err error) {
		all, err = r.Lines(e.ctx)
		return err
	})
	if err != nil {
		return err
	}
	lines := []string{}
	for _, p := range all {
		at := "–"
		if p.Heard != nil {
			at = e.lang.DateClock(*p.Heard)
		}
		line := e.lang.T("link.line", "name", p.Name, "at", at, "n", p.Waiting, "theirs", p.Theirs, "state", e.lang.T("link.state_"+p.State)) // i18n: link.state_*
		if p.Address != "" {
			line += " · " + p.Address
		}
		if p.Fault != "" {
			line += "\n    " + e.lang.T(p.Fault)
		}
		lines = append(lines, line)
	}
	return e.say(all, "%s", strings.Join(lines, "\n"))
}
