package main

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/authority"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web/lan"
)

// port tries the address and says who could come in by it.
func (c *checkup) port(addr string) {
	g, err := lan.Listen(c.e.ctx, addr)
	if err != nil {
		c.fault("port", err, c.T("doctor.port_mend"))
		return
	}
	at, network := g.Network()
	if err := g.Close(); err != nil {
		c.fault("port", err, c.T("doctor.port_mend"))
		return
	}
	if !network {
		c.add("port", stateOK, addr+": "+c.T("doctor.port_here"), "")
		return
	}
	c.add("port", stateOK, addr+": "+c.T("doctor.port_network", "names", strings.Join(lan.Names(at), ", ")), "")
}

// certificate tells what the pages are served under on the office's network, until when, and which of this
// machine's addresses it does not cover yet.
func certificate(e *env, db *store.DB, now time.Time) (string, error) {
	a, err := authority.Get(e.ctx, db)
	if errs.Is(err, errs.NotFound) {
		return e.lang.T("doctor.no_authority"), nil
	}
	if err != nil {
		return "", err
	}
	ca, err := a.Certificate()
	if err != nil {
		return "", err
	}
	said := []string{e.lang.T("doctor.authority", "until", ca.NotAfter.Format(time.DateOnly), "fingerprint", strings.Join(a.Fingerprint(), " "))}
	s, err := authority.Kept(e.ctx, db)
	if errs.Is(err, errs.NotFound) {
		return said[0], nil
	}
	if err != nil {
		return "", err
	}
	if now.Before(s.From) || now.After(s.Until) {
		return "", errors.New(e.lang.T("doctor.certificate_clock", "from", s.From.Format(time.DateOnly), "until", s.Until.Format(time.DateOnly)))
	}
	said = append(said, e.lang.T("doctor.certificate", "until", s.Until.Format(time.DateOnly), "names", strings.Join(s.Names, ", ")))
	missing := slices.DeleteFunc(lan.Names(netip.IPv4Unspecified()), func(n string) bool { return slices.Contains(s.Names, n) })
	if len(missing) > 0 {
		said = append(said, e.lang.T("doctor.not_covered", "names", strings.Join(missing, ", ")))
	}
	return strings.Join(said, " "), nil
}

// printing looks for what the sheets, which are PDF files, can be looked at and printed with here. look finds a program.
func (c *checkup) printing(system string, look func(name string) (string, error)) {
	found := func(names ...string) string {
		for _, n := range names {
			if _, err := look(n); err == nil {
				return n
			}
		}
		return ""
	}
	say := c.T("doctor.no_viewer")
	if viewer := found("evince", "okular", "atril", "xreader", "zathura", "mupdf", "xpdf", "firefox", "chromium", "google-chrome", "msedge", "open", "explorer"); viewer != "" {
		say = c.T("doctor.viewer", "name", viewer)
	}
	switch {
	case system == "windows" || system == "darwin": // they print without being asked
		c.add("printing", stateOK, say, "")
	case found("lpstat", "lp") == "":
		c.add("printing", stateLook, say+" "+c.T("doctor.no_cups"), c.T("doctor.no_cups_mend"))
	default:
		c.add("printing", stateOK, say+" "+c.T("doctor.cups"), "")
	}
}
