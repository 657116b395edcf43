package main

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/cmd/jumyla/usage"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

type peerCmd struct {
	Card peerCardCmd `cmd:"" help:"Write this centre's card for another centre."`
	Show peerShowCmd `cmd:"" help:"Show the six words of a card, to compare aloud."`
	Add  peerAddCmd  `cmd:"" help:"Add another centre by its card, after comparing the words."`
	List peerListCmd `cmd:"" help:"Other centres, as of when each is known, what waits each way, and how the last call went."`

	Address  peerAddressCmd  `cmd:"" help:"Say where a centre is called over a network."`
	Exchange peerExchangeCmd `cmd:"" help:"Exchange with a centre now, over a network."`
}

type peerCardCmd struct {
	Out    string `short:"o" required:"" help:"The file to write."`
	Level  string `enum:"national,regional,district,post," default:"" help:"national, regional, district or post."`
	Parent string `help:"The centre that this one stands under." placeholder:"CENTRE"`
}

// Run writes the card.
func (c *peerCardCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		if c.Level != "" || c.Parent != "" {
			if err := c.describe(e, db); err != nil {
				return err
			}
		}
		raw, err := exchange.Card(e.ctx, db, store.Actor{})
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.Out, raw, 0o600); err != nil {
			return usage.NoWrite(err, c.Out)
		}
		card, err := exchange.ReadCard(raw)
		if err != nil {
			return err
		}
		return e.card(card, c.Out)
	})
}

func (c *peerCardCmd) describe(e *env, db *store.DB) error {
	now, err := exchange.Ours(e.ctx, db, db)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	level, parent := c.Level, id.ID(now.Parent)
	if level == "" {
		level = now.Level
	}
	if c.Parent != "" {
		p, err := exchange.Find(e.ctx, db, c.Parent)
		if err != nil {
			return err
		}
		parent = id.ID(p.Centre)
	}
	_, err = exchange.Describe(e.ctx, db, store.Actor{}, level, parent)
	return err
}

type cardOut struct {
	Name   string   `json:"name"`
	Centre string   `json:"centre"`
	Level  string   `json:"level"`
	Area   string   `json:"area"`
	Words  []string `json:"words"`
}

func (e *env) card(c store.Card, first string) error {
	words, err := exchange.Words(e.lang, c)
	if err != nil {
		return err
	}
	out := cardOut{Name: c.Name, Centre: id.ID(c.Centre).String(), Level: c.Level, Area: c.Area, Words: words}
	return e.say(out, "%s: %s", first, strings.Join(words, " "))
}

type peerShowCmd struct {
	File string `arg:"" help:"The other centre's card."`
}

// Run shows what people compare.
func (c *peerShowCmd) Run(e *env) error {
	card, err := exchange.ReadCardFile(c.File)
	if err != nil {
		return err
	}
	return e.card(card, card.Name)
}

type peerAddCmd struct {
	File  string `arg:"" help:"The other centre's card."`
	Words string `help:"The six words as they were read aloud: another card is refused."`
}

// Run pins the other centre's key.
func (c *peerAddCmd) Run(e *env) error {
	card, err := exchange.ReadCardFile(c.File)
	if err != nil {
		return err
	}
	if c.Words != "" {
		words, err := exchange.Words(e.lang, card)
		if err != nil {
			return err
		}
		if !strings.EqualFold(strings.Join(strings.Fields(c.Words), " "), strings.Join(words, " ")) {
			return errs.New(errs.Denied, "exchange.words_differ")
		}
	}
	return e.with(func(db *store.DB) error {
		if err := exchange.Pair(e.ctx, db, store.Actor{}, card); err != nil {
			return err
		}
		return e.card(card, card.Name)
	})
}

type bundleCmd struct {
	Write bundleWriteCmd `cmd:"" help:"Write what another centre has not yet onto a stick."`
	Read  bundleReadCmd  `cmd:"" help:"Check a file from another centre and take it in."`
}

type bundleWriteCmd struct {
	To  string `required:"" help:"The other centre." placeholder:"CENTRE"`
	Out string `short:"o" required:"" help:"The stick's folder." placeholder:"DIR"`
}

// Run writes, reads back, and says when the stick may be taken out.
func (c *bundleWriteCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		to, err := exchange.Find(e.ctx, db, c.To)
		if err != nil {
			return err
		}
		w, err := exchange.WriteBundle(e.ctx, db, id.ID(to.Centre), c.Out)
		if err != nil {
			return err
		}
		return e.say(w, "%s\n%s", strings.Join(w.Files, "\n"),
			e.lang.T("exchange.written", "requests", w.Requests, "handovers", w.HandOvers, "entries", w.Entries, "centre", to.Name))
	})
}

type bundleReadCmd struct {
	File string `arg:"" help:"The file, or any of its parts."`
}

// Run takes a bundle in; doing it again changes nothing.
func (c *bundleReadCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		r, err := exchange.ReadBundle(e.ctx, db, c.File)
		if err != nil {
			return err
		}
		lines := []string{e.lang.T("exchange.read", "centre", r.From, "new", r.New, "received", r.Received, "lost", r.Lost, "proposed", r.Proposed)}
		for _, no := range r.LeftOut {
			lines = append(lines, no.Say(e.lang))
		}
		return e.say(r, "%s", strings.Join(lines, "\n"))
	})
}

type handoverCmd struct {
	Ref string `arg:"" help:"The request's number, with its check digit."`
	To  string `required:"" help:"The other centre." placeholder:"CENTRE"`
	Why string `required:"" enum:"area,closer,full,skill,mistake" help:"area, closer, full, skill or mistake."`
}

// Run hands a request over, with its household.
func (c *handoverCmd) Run(e *env) error {
	return e.move(c.Ref, func(tx *store.Tx, q *request.Request) (int, error) {
		to, err := exchange.Find(e.ctx, tx, c.To)
		if err != nil {
			return 0, err
		}
		return exchange.HandOver(e.ctx, tx, q.ID, id.ID(to.Centre), c.Why)
	})
}

type recallCmd struct {
	Ref    string `arg:"" help:"The request's number, with its check digit."`
	Why    string `required:"" enum:"area,closer,full,skill,mistake" help:"area, closer, full, skill or mistake."`
	Anyway bool   `help:"Also when it is on a run of theirs: ring them first, or two crews may go there."`
}

// Run takes a request back.
func (c *recallCmd) Run(e *env) error {
	return e.move(c.Ref, func(tx *store.Tx, q *request.Request) (int, error) {
		return exchange.Recall(e.ctx, tx, q.ID, c.Why, c.Anyway)
	})
}

type refuseCmd struct {
	Ref string `arg:"" help:"The request's number, with its check digit."`
	Why string `required:"" enum:"area,closer,full,skill,mistake" help:"area, closer, full, skill or mistake."`
}

// Run gives a request back to the centre that handed it over.
func (c *refuseCmd) Run(e *env) error {
	return e.move(c.Ref, func(tx *store.Tx, q *request.Request) (int, error) {
		return exchange.Refuse(e.ctx, tx, q.ID, c.Why)
	})
}

type forgetCmd struct {
	Ref   string `arg:"" help:"The request's number, with its check digit."`
	Agree bool   `xor:"answer" help:"It is ours, and another centre asks for it: forget it now, nobody goes there."`
	Keep  bool   `xor:"answer" help:"It is ours, and another centre asks for it: do not."`
}

// Run asks another centre to forget a request that it has, because its people asked us, who had it before; or answers one that
// asks us.
func (c *forgetCmd) Run(e *env) error {
	if c.Agree || c.Keep {
		said := "plea.done_keep"
		if c.Agree {
			said = "plea.done_agree"
		}
		return e.about(c.Ref, said, c.answer(e))
	}
	return e.about(c.Ref, "exchange.forgotten", func(tx *store.Tx, q *request.Request) (int, error) { return exchange.Forget(e.ctx, tx, q.ID) })
}

func (c *forgetCmd) answer(e *env) func(tx *store.Tx, q *request.Request) (int, error) {
	return func(tx *store.Tx, q *request.Request) (int, error) {
		all, err := exchange.Pleas(e.ctx, tx)
		if err != nil {
			return 0, err
		}
		i := slices.IndexFunc(all, func(p exchange.Plea) bool { return p.Ours && p.Waits() && p.About(q.ID) })
		switch {
		case i < 0:
			return 0, errs.New(errs.Conflict, "exchange.no_plea")
		case c.Agree:
			err = exchange.Agree(e.ctx, tx, all[i].ID)
		default:
			err = exchange.Decline(e.ctx, tx, all[i].ID)
		}
		return len(all[i].Refs), err
	}
}

func (e *env) move(text string, fn func(tx *store.Tx, q *request.Request) (int, error)) error {
	return e.about(text, "exchange.moved", fn)
}

// about does something with a request of this number, and says it by a message key.
func (e *env) about(text, said string, fn func(tx *store.Tx, q *request.Request) (int, error)) error {
	ref, err := id.ParseRef(text)
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "app.ref")
	}
	return e.with(func(db *store.DB) error {
		n := 0
		err := db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) error {
			q, err := request.ByRef(e.ctx, tx, ref)
			if err == nil {
				n, err = fn(tx, q)
			}
			return err
		})
		if err != nil {
			return err
		}
		return e.say(map[string]any{"ref": ref.String(), "requests": n}, "%s", e.lang.T(said, "n", n)) // i18n: exchange.moved exchange.forgotten plea.done_keep plea.done_agree
	})
}

type proposalsCmd struct {
	Accept  string `xor:"answer" help:"Take this proposal over." placeholder:"PROPOSAL"`
	Decline string `xor:"answer" help:"Do not." placeholder:"PROPOSAL"`
}

// Run lists what other centres would change, or answers it.
func (c *proposalsCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		all, err := exchange.Inbox(e.ctx, db)
		if err != nil {
			return err
		}
		if c.Accept != "" || c.Decline != "" {
			return c.answer(e, db, all)
		}
		lines := []string{}
		for _, p := range all {
			for _, f := range p.Fields {
				lines = append(lines, p.Name[:12]+" "+p.From+" "+p.Kind+" "+f.Field+": "+f.Now+" → "+f.Would)
			}
		}
		return e.say(all, "%s", strings.Join(lines, "\n"))
	})
}

// answer resolves the one proposal whose name begins as was typed: with two of them nobody knows which was meant.
func (c *proposalsCmd) answer(e *env, db *store.DB, all []exchange.Proposal) error {
	name := c.Accept + c.Decline // one of them is empty
	found := slices.DeleteFunc(slices.Clone(all), func(p exchange.Proposal) bool { return !strings.HasPrefix(p.Name, name) })
	switch len(found) {
	case 0:
		return errs.New(errs.NotFound, "store.resolved")
	case 1:
		p := found[0]
		return db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) error { return exchange.Answer(e.ctx, tx, p.Record, p.Name, c.Accept != "") })
	}
	return errs.New(errs.Invalid, "exchange.several", "n", len(found))
}

type erasuresCmd struct{}

// Run lists what was erased that others had too, and who has not confirmed it.
func (c *erasuresCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		all, err := exchange.Erasures(e.ctx, db)
		if err != nil {
			return err
		}
		lines := []string{}
		for _, v := range all {
			names := []string{}
			for _, h := range v.Missing() {
				names = append(names, h.Name)
			}
			lines = append(lines, v.ID.String()+" "+v.At.Format(time.DateOnly)+" "+e.lang.T("erasures.of", "n", v.Confirmed(), "of", len(v.Holders))+"; "+
				e.lang.T("erasures.missing", "names", cmp.Or(strings.Join(names, ", "), "–")))
		}
		return e.say(all, "%s", strings.Join(lines, "\n"))
	})
}
