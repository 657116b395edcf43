package main

import (
	"bufio"
	"crypto/rand"
	"os"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/web/twins"
)

type matchCmd struct {
	Status    matchStatusCmd `cmd:"" default:"1" help:"How comparing stands, and what is wrong with it."`
	Use       matchUseCmd    `cmd:"" help:"Say which centre compares for this one."`
	Key       matchKeyCmd    `cmd:"" help:"Type the key of the centres that ask (standard input), make one, or show it."`
	Offer     matchOfferCmd  `cmd:"" help:"Compare for others, so many questions of each in 24 hours; 0 ends it."`
	Pairs     matchPairsCmd  `cmd:"" help:"Households that another centre may have too."`
	Same      matchSameCmd   `cmd:"" help:"Link a pair: the other centre is told, no record is changed."`
	Different matchApartCmd  `cmd:"" help:"Say that a pair is two households."`
	Undo      matchUndoCmd   `cmd:"" help:"Take back what was said of a pair."`
}

type matchStatusCmd struct{}

// Run tells how comparing stands.
func (c *matchStatusCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		r, err := match.Tell(e.ctx, db)
		if err != nil {
			return err
		}
		return e.say(r, "%s", strings.Join(e.matchLines(r), "\n"))
	})
}

func (e *env) matchLines(r *match.Report) []string {
	var lines []string
	switch {
	case r.Offers:
		lines = append(lines, e.lang.T("match.offers", "n", r.Limit))
	case r.Why != "":
		lines = append(lines, e.lang.T(r.Why))
	default:
		heard := e.lang.T("match.never")
		if !r.Heard.IsZero() {
			heard = e.lang.T("match.heard", "at", e.lang.DateClock(r.Heard))
		}
		lines = append(lines, e.lang.T("match.asks", "centre", r.Matcher, "heard", heard, "asked", r.Asked, "compared", r.Compared))
	}
	if r.Print != "" {
		lines = append(lines, e.lang.T("match.key_is", "print", r.Print))
	}
	if r.Open > 0 {
		lines = append(lines, e.lang.T("match.look_queue", "n", r.Open))
	}
	if r.Unconfirmed > 0 {
		lines = append(lines, e.lang.T("match.unconfirmed", "n", r.Unconfirmed))
	}
	for _, t := range r.Troubles {
		lines = append(lines, twins.TroubleWords(e.lang, t))
	}
	return lines
}

type matchUseCmd struct {
	Centre string `arg:"" optional:"" help:"The centre; without it none."`
}

// Run chooses the centre that compares.
func (c *matchUseCmd) Run(e *env) error {
	return e.matchSet(func(db *store.DB, tx *store.Tx) error {
		if c.Centre == "" {
			return match.Use(e.ctx, tx, id.ID{})
		}
		p, err := exchange.Find(e.ctx, tx, c.Centre)
		if err != nil {
			return err
		}
		return match.Use(e.ctx, tx, id.ID(p.Centre))
	})
}

// matchSet changes how comparing is set up, does what follows from it, and tells how it stands.
func (e *env) matchSet(change func(db *store.DB, tx *store.Tx) error) error {
	return e.with(func(db *store.DB) error {
		if err := db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) error { return change(db, tx) }); err != nil {
			return err
		}
		if err := match.Work(e.ctx, db); err != nil {
			return err
		}
		r, err := match.Tell(e.ctx, db)
		if err != nil {
			return err
		}
		return e.say(r, "%s", strings.Join(e.matchLines(r), "\n"))
	})
}

type matchKeyCmd struct {
	New  bool `xor:"what" help:"Make a key, and print it: write it on paper for the other centres that ask."`
	Show bool `xor:"what" help:"Print the key that this centre has."`
}

// Run keeps the key that the centres that ask share.
func (c *matchKeyCmd) Run(e *env) error {
	switch {
	case c.Show:
		return e.with(func(db *store.DB) error {
			k, err := match.KeyOf(e.ctx, db)
			if err != nil {
				return err
			}
			return e.key(k)
		})
	case c.New:
		k, err := match.NewKey(rand.Reader)
		if err != nil {
			return err
		}
		err = e.with(func(db *store.DB) error {
			err := db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) error { return match.UseKey(e.ctx, tx, k) })
			if err != nil {
				return err
			}
			return match.Work(e.ctx, db)
		})
		if err != nil {
			return err
		}
		return e.key(k)
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && line == "" {
		return errs.Wrap(errs.Invalid, err, "error.required")
	}
	k, err := match.ParseKey(line)
	if err != nil {
		return err
	}
	return e.matchSet(func(_ *store.DB, tx *store.Tx) error { return match.UseKey(e.ctx, tx, k) })
}

func (e *env) key(k match.Key) error {
	return e.say(map[string]any{"paper": k.Printed(), "key": k.Print()}, "%s\n%s", k.Printed(), e.lang.T("match.key_is", "print", k.Print()))
}

type matchOfferCmd struct {
	Limit int `default:"500" help:"Questions of one centre in 24 hours; 0: none."`
}

// Run says that this centre compares for others.
func (c *matchOfferCmd) Run(e *env) error {
	return e.matchSet(func(_ *store.DB, tx *store.Tx) error { return match.Offer(e.ctx, tx, c.Limit) })
}

type matchPairsCmd struct{}

// Run lists the pairs, and what was refused with the reason.
func (c *matchPairsCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		good, bad, err := match.Pairs(e.ctx, db)
		if err != nil {
			return err
		}
		lines := []string{}
		for i := range good {
			lines = append(lines, e.pairLine(&good[i]))
		}
		for _, p := range bad {
			lines = append(lines, twins.FaultWords(e.lang, p))
		}
		return e.say(map[string]any{"pairs": pairsOut(good), "refused": pairsOut(bad)}, "%s", strings.Join(lines, "\n"))
	})
}

// pairOut is a pair for scripts; it names nobody.
type pairOut struct {
	Pair     string    `json:"pair"`
	Centre   string    `json:"centre"`
	Refs     []string  `json:"refs"` // of the other centre's requests
	By       []string  `json:"by"`
	AsOf     time.Time `json:"as_of"`
	Standing string    `json:"standing"`
	They     twin.Says `json:"they,omitempty"`
	Fault    string    `json:"fault,omitempty"`
}

func pairsOut(all []match.Pair) []pairOut {
	out := []pairOut{}
	for i := range all {
		p := &all[i]
		o := pairOut{Pair: p.ID.String(), Centre: p.Name, Refs: []string{}, By: append([]string{}, p.By...), AsOf: p.AsOf, Standing: p.Standing(), Fault: p.Fault}
		if p.They != nil {
			o.They = p.They.Says
		}
		for _, q := range p.At {
			o.Refs = append(o.Refs, q.Ref.String())
		}
		out = append(out, o)
	}
	return out
}

func (e *env) pairLine(p *match.Pair) string {
	var refs, by []string
	for _, q := range p.At {
		refs = append(refs, q.Ref.String())
	}
	for _, b := range p.By {
		by = append(by, e.lang.T("match.by_"+b)) // i18n: match.by_*
	}
	return e.lang.T("match.line", "pair", p.ID.String(), "name", p.Name, "refs", strings.Join(refs, ", "), "by", strings.Join(by, ", "),
		"standing", twins.StandingWord(e.lang, p))
}

type matchSameCmd struct {
	Pair string `arg:"" help:"The pair, as match pairs names it."`
}

// Run links a pair.
func (c *matchSameCmd) Run(e *env) error { return e.matchSay(c.Pair, twin.Same) }

type matchApartCmd struct {
	Pair string `arg:"" help:"The pair, as match pairs names it."`
}

// Run says that a pair is two.
func (c *matchApartCmd) Run(e *env) error { return e.matchSay(c.Pair, twin.Different) }

type matchUndoCmd struct {
	Pair string `arg:"" help:"The pair, as match pairs names it."`
}

// Run takes back what was said.
func (c *matchUndoCmd) Run(e *env) error { return e.matchSay(c.Pair, twin.Undone) }

func (e *env) matchSay(name string, says twin.Says) error {
	pair, err := id.Parse(name)
	if err != nil {
		return errs.Wrap(errs.NotFound, err, "match.no_pair")
	}
	return e.with(func(db *store.DB) error {
		p, err := match.Find(e.ctx, db, pair)
		if err != nil {
			return err
		}
		if err := db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) error { return match.Say(e.ctx, tx, p, says) }); err != nil {
			return err
		}
		if p, err = match.Find(e.ctx, db, pair); err != nil {
			return err
		}
		return e.say(map[string]string{"pair": p.ID.String(), "standing": p.Standing()}, "%s", e.pairLine(&p))
	})
}

// match looks at comparing between centres.
func (c *checkup) match(db *store.DB) {
	r, err := match.Tell(c.e.ctx, db)
	if err != nil {
		c.fault("match", err, "")
		return
	}
	for _, t := range r.Troubles {
		say, mend := twins.TroubleWords(c.e.lang, t), ""
		if t.What == match.NotAsking {
			mend = c.T(r.Why)
		}
		c.add("match", stateLook, say, mend)
	}
	switch {
	case len(r.Troubles) > 0:
	case r.Why == "" || r.Offers:
		c.add("match", stateOK, c.e.matchLines(r)[0], "")
	default:
		c.add("match", stateOK, c.T("doctor.match_off"), "")
	}
}
