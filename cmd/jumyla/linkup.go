package main

import (
	"github.com/jumyla/jumyla/internal/exchange/link"
	"github.com/jumyla/jumyla/internal/store"
)

// peersPort tries the address at which other centres would call.
func (c *checkup) peersPort(addr string) {
	if addr == "" {
		return
	}
	if err := link.Open(c.e.ctx, addr); err != nil {
		c.add("peers_port", stateMend, c.T("doctor.peers_closed", "addr", addr), c.T("doctor.peers_closed_mend"))
		return
	}
	c.add("peers_port", stateOK, c.T("doctor.peers_open", "addr", addr), c.T("doctor.peers_open_mend"))
}

// links looks at how other centres are reached.
func (c *checkup) links(db *store.DB) {
	all, met, err := link.Checkup(c.e.ctx, db, c.now)
	if err != nil {
		c.fault("links", err, "")
		return
	}
	for _, t := range all {
		c.trouble(t)
	}
	if len(all) == 0 {
		c.add("links", stateOK, c.T("doctor.links", "n", met), "")
	}
}

func (c *checkup) trouble(t link.Trouble) {
	state, say := stateLook, c.T("doctor.link_"+t.What, "centre", t.Centre, "age", c.e.lang.Span(c.now.Sub(t.Since)), "at", c.e.lang.DateClock(t.Since)) // i18n: doctor.link_*
	mend := c.T("doctor.mend_" + t.What)                                                                                                                 // i18n: doctor.mend_*
	switch t.What {
	case link.Future:
		state = stateMend
	case link.Failing: // the fault's own words say what to do
		mend = c.T(t.Fault, "centre", t.Centre)
	}
	c.add("links", state, say, mend)
}
