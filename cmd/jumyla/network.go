package main

import (
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/adoption"
	"github.com/jumyla/jumyla/internal/exchange/forks"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web/links"
)

// network looks at what stands between this centre and others.
func (c *checkup) network(db *store.DB) {
	known, err := store.Centres(c.e.ctx, db)
	if err != nil {
		c.fault("peers", err, "")
		return
	}
	others := slices.DeleteFunc(slices.Clone(known), func(k store.Centre) bool { return id.ID(k.Centre) == db.Centre() })
	if len(others) == 0 {
		return // it works alone
	}
	name := func(v id.ID) string {
		for _, k := range known {
			if id.ID(k.Centre) == v {
				return k.Name
			}
		}
		return c.T("network.unknown")
	}
	for _, look := range []func(*store.DB, func(id.ID) string) error{c.keyHolders, c.lostCentres, c.twoTeams, c.erasures, c.pleas, c.forks, c.waiting} {
		if err := look(db, name); err != nil {
			c.fault("peers", err, "")
		}
	}
}

func (c *checkup) keyHolders(db *store.DB, _ func(id.ID) string) error {
	h, err := holders.Ours(c.e.ctx, db)
	switch {
	case errs.Is(err, errs.NotFound):
		c.add("holders", stateLook, c.T("holders.none"), c.T("doctor.holders_mend"))
		return nil
	case err != nil:
		return err
	}
	offers, err := holders.Offers(c.e.ctx, db)
	if err != nil {
		return err
	}
	for _, o := range offers {
		mend := c.T("doctor.holders_other_mend")
		switch {
		case o.Waits:
			mend = c.T("holders.swapped_wait", "centre", o.From.Name)
		case o.Swapped:
			mend = c.T("holders.swapped_take", "centre", o.From.Name)
		}
		c.add("holders", stateMend, c.T("holders.offer_other", "centre", o.From.Name), mend)
	}
	if len(offers) == 0 {
		c.add("holders", stateOK, strings.Join(holders.Words(c.e.lang, h), " "), "")
	}
	return c.lapsed(db)
}

// lapsed names permissions that only key-holders before signed.
func (c *checkup) lapsed(db *store.DB) error {
	all, err := holders.Lapsed(c.e.ctx, db)
	for _, d := range all {
		c.add("holders", stateMend, c.T("network.lapsed")+": "+d.Words(c.e.lang), c.T("network.lapsed_what"))
	}
	return err
}

func (c *checkup) lostCentres(db *store.DB, name func(id.ID) string) error {
	all, err := adoption.Warrants(c.e.ctx, db)
	if err != nil {
		return err
	}
	for _, w := range all {
		if w.From == db.Centre() {
			c.add("lost", stateMend, c.T("network.returned_lead", "centre", name(w.To), "at", c.e.lang.DateClock(w.At)), c.T("doctor.returned_mend"))
		}
		if w.To != db.Centre() {
			continue
		}
		s, err := adoption.Look(c.e.ctx, db, w.From)
		if err != nil {
			return err
		}
		if s.Requests > 0 {
			c.add("lost", stateLook, c.T("doctor.adopt_left", "centre", name(w.From), "n", s.Requests), c.T("doctor.adopt_left_mend"))
		}
	}
	splits, err := adoption.Splits(c.e.ctx, db)
	if err != nil {
		return err
	}
	for _, s := range splits {
		c.add("lost", stateLook, c.T("network.split", "centre", name(s.Of), "winner", name(s.Winner.To), "n", len(s.Others)+1),
			c.T("network.split_now", "winner", name(s.Winner.To)))
	}
	ended, err := adoption.Ended(c.e.ctx, db)
	if err != nil {
		return err
	}
	if at, ours := ended[db.Centre()]; ours {
		c.add("ended", stateMend, c.T("network.ended_us")+" "+c.e.lang.DateClock(at), c.T("network.ended_us_now"))
	}
	return nil
}

func (c *checkup) twoTeams(db *store.DB, _ func(id.ID) string) error {
	all, err := exchange.Teams(c.e.ctx, db)
	if err != nil {
		return err
	}
	if len(all) > 0 {
		refs := make([]string, 0, len(all))
		for _, t := range all {
			refs = append(refs, t.Ref.String()+" ("+t.Centre+")")
		}
		c.add("teams", stateMend, strings.Join(refs, ", "), c.T("teams.help"))
	}
	return nil
}

// eraseWithin is how long the centres that were asked to erase may take to say that they have.
const eraseWithin = 7 * 24 * time.Hour

func (c *checkup) erasures(db *store.DB, _ func(id.ID) string) error {
	all, err := exchange.Erasures(c.e.ctx, db)
	if err != nil {
		return err
	}
	for _, b := range exchange.BehindOf(all, c.now.Add(-eraseWithin)) {
		c.add("erasures", stateLook, links.BehindWords(c.e.lang, c.now, b), c.T("doctor.erasures_mend"))
	}
	return nil
}

func (c *checkup) pleas(db *store.DB, name func(id.ID) string) error {
	all, err := exchange.Pleas(c.e.ctx, db)
	if err != nil {
		return err
	}
	for _, p := range all {
		refs := make([]string, 0, len(p.Refs))
		for _, r := range p.Refs {
			refs = append(refs, r.String())
		}
		about := strings.Join(refs, ", ") + ": "
		switch {
		case !p.Waits(), p.Ours && !p.Asks(): // the program does that by itself
		case p.Ours:
			c.add("plea", stateMend, about+c.T("plea.title", "centre", name(p.By)), c.T("doctor.plea_mend"))
		case c.now.Sub(p.At) > eraseWithin:
			c.add("plea", stateLook, about+c.T("plea.waits", "centre", name(p.Of), "at", c.e.lang.DateClock(p.At)), c.T("erasures.mend"))
		}
	}
	return nil
}

// forks names the centres as which two machines wrote.
func (c *checkup) forks(db *store.DB, name func(id.ID) string) error {
	all, err := forks.All(c.e.ctx, db)
	if err != nil {
		return err
	}
	for _, f := range all {
		say, mend := f.Say(c.e.lang, name(f.Centre))
		c.add("fork", map[bool]string{true: stateLook, false: stateMend}[f.Settled], say, mend)
	}
	return nil
}

// silence is how long a paired centre may not be heard of.
const silence = 3 * 24 * time.Hour

func (c *checkup) waiting(db *store.DB, _ func(id.ID) string) error {
	proposals, waiting, err := store.Pending(c.e.ctx, db)
	if err != nil {
		return err
	}
	if proposals > 0 {
		c.add("proposals", stateLook, c.T("doctor.proposals", "n", proposals), c.T("doctor.proposals_mend"))
	}
	if waiting > 0 {
		c.add("peers", stateLook, c.T("links.waits", "n", waiting), c.T("doctor.waits_mend"))
	}
	peers, err := exchange.Peers(c.e.ctx, db)
	if err != nil {
		return err
	}
	for _, p := range peers {
		if !p.Heard.IsZero() && c.now.Sub(p.Heard) > silence && p.Entries > 0 {
			c.add("peers", stateLook, c.T("exchange.peer_line", "name", p.Name, "at", c.e.lang.DateClock(p.Heard), "n", p.Entries), c.T("doctor.silent_mend"))
		}
	}
	return nil
}
