package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/cmd/jumyla/usage"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/adoption"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/print"
	"github.com/jumyla/jumyla/internal/store"
)

type holdersCmd struct {
	Print   holdersPrintCmd   `cmd:"" help:"Print three fresh keys; they are kept nowhere."`
	Set     holdersSetCmd     `cmd:"" help:"Say who the key-holders are: type three papers, a line each."`
	Accept  holdersAcceptCmd  `cmd:"" help:"Take over what another centre says, after comparing six words; also in place of our own, while nothing hangs on those."`
	Show    holdersShowCmd    `cmd:"" help:"The six words of the key-holders that count here, and of what other centres say."`
	Which   holdersWhichCmd   `cmd:"" help:"Whose of the three a paper is: type it."`
	Renew   holdersRenewCmd   `cmd:"" help:"Write down who the three are from now on: a fresh paper, typed, in the place of one; or another centre's three."`
	Sign    holdersSignCmd    `cmd:"" help:"Sign a renewal with papers, typed a line each."`
	Publish holdersPublishCmd `cmd:"" help:"Carry out a renewal that enough have signed."`
}

type holdersPrintCmd struct {
	Out string `short:"o" required:"" help:"The PDF file. Print it, and delete it."`
}

// Run prints papers.
func (c *holdersPrintCmd) Run(e *env) error {
	in := print.KeyPapersInput{Need: holders.Need, Date: time.Now()}
	err := e.with(func(db *store.DB) error {
		own, err := centre.Get(e.ctx, db)
		if err == nil {
			in.Centre, in.Date = own.Name, db.Now().In(own.Location())
		}
		return err
	})
	if err != nil {
		return err
	}
	for range holders.Count {
		s, err := holders.NewSecret(rand.Reader)
		if err != nil {
			return err
		}
		in.Keys = append(in.Keys, s.Printed())
	}
	var out bytes.Buffer
	if err := print.Write(&out, print.Info{Title: e.lang.T("holders.title"), Created: in.Date, Duplex: true}, print.KeyPapers(e.lang, in)); err != nil {
		return err
	}
	if err := os.WriteFile(c.Out, out.Bytes(), 0o600); err != nil {
		return usage.NoWrite(err, c.Out)
	}
	return e.say(map[string]any{"file": c.Out}, "%s", c.Out)
}

// papers reads keys from the standard input, a line each: in the arguments the shell would keep them.
func papers(in io.Reader, most int) (all []holders.Secret, err error) {
	lines := bufio.NewScanner(in)
	for len(all) < most && lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		s, err := holders.Parse(lines.Text())
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, lines.Err()
}

type holdersSetCmd struct{}

// Run says who the key-holders are.
func (c *holdersSetCmd) Run(e *env) error {
	typed, err := papers(os.Stdin, holders.Count)
	if err != nil {
		return err
	}
	h, err := holders.Of(typed...)
	if err != nil {
		return err
	}
	return e.with(func(db *store.DB) error {
		if err := holders.Say(e.ctx, db, store.Actor{}, h); err != nil {
			return err
		}
		return e.words(holders.Words(e.lang, h))
	})
}

func (e *env) words(words []string) error {
	return e.say(map[string]any{"words": words}, "%s", strings.Join(words, " "))
}

type holdersAcceptCmd struct {
	Centre string `arg:"" help:"The centre that named them."`
	Words  string `required:"" help:"The six words as that centre read them aloud."`
}

// Run takes over what another centre says.
func (c *holdersAcceptCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		from, err := exchange.Find(e.ctx, db, c.Centre)
		if err != nil {
			return err
		}
		offers, err := holders.Offers(e.ctx, db)
		if err != nil {
			return err
		}
		for _, o := range offers {
			words := holders.Words(e.lang, o.Holders)
			switch {
			case o.From.Centre != from.Centre:
			case !strings.EqualFold(strings.Join(strings.Fields(c.Words), " "), strings.Join(words, " ")):
				return errs.New(errs.Invalid, "holders.words_differ")
			default:
				if err := accept(e, db, o); err != nil {
					return err
				}
				return e.words(words)
			}
		}
		return errs.New(errs.NotFound, "holders.no_offer")
	})
}

// accept takes over what another centre says: as the first that is said here, or in place of our own.
func accept(e *env, db *store.DB, o holders.Offer) error {
	_, err := holders.Ours(e.ctx, db)
	switch {
	case errs.Is(err, errs.NotFound):
		return holders.Say(e.ctx, db, store.Actor{}, o.Holders)
	case err != nil:
		return err
	}
	return holders.Replace(e.ctx, db, store.Actor{}, o)
}

type holdersShowCmd struct{}

// Run shows the words of the key-holders.
func (c *holdersShowCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		h, err := holders.Ours(e.ctx, db)
		if err != nil {
			return err
		}
		offers, err := holders.Offers(e.ctx, db)
		beside, err2 := holders.Beside(e.ctx, db)
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		words := holders.Words(e.lang, h)
		lines, marks, others := append([]string{strings.Join(words, " ")}, holders.Marks(e.lang, h)...), []string{}, []map[string]any{}
		for _, k := range h.Keys {
			marks = append(marks, holders.Mark(e.lang, k))
		}
		for _, b := range beside {
			lines = append(lines, e.lang.T("holders.beside"), strings.Join(holders.Marks(e.lang, b), ", "))
		}
		for _, o := range offers {
			theirs := holders.Words(e.lang, o.Holders)
			others = append(others, map[string]any{"from": o.From.Name, "words": theirs, "hangs": o.Hangs})
			lines = append(lines, e.lang.T("holders.offer", "centre", o.From.Name)+": "+strings.Join(theirs, " "))
			switch {
			case o.Waits:
				lines = append(lines, e.lang.T("holders.swapped_wait", "centre", o.From.Name))
			case o.Swapped:
				lines = append(lines, e.lang.T("holders.swapped_take", "centre", o.From.Name))
			case o.Hangs > 0:
				lines = append(lines, e.lang.T("holders.hangs", "n", o.Hangs))
			default:
				lines = append(lines, e.lang.T("holders.one_only", "centre", o.From.Name))
			}
		}
		return e.say(map[string]any{"words": words, "marks": marks, "others": others}, "%s", strings.Join(lines, "\n"))
	})
}

type permitCmd struct {
	Write   permitWriteCmd   `cmd:"" help:"Write down what two key-holders are to sign."`
	Sign    permitSignCmd    `cmd:"" help:"Sign a permission with papers, typed a line each."`
	Publish permitPublishCmd `cmd:"" help:"Give a permission that two have signed."`
}

type permitWriteCmd struct {
	Lost   string `required:"" help:"The centre that is lost." placeholder:"CENTRE"`
	To     string `help:"Who goes on with its requests; this centre where it is not said, nobody with 'nobody'." placeholder:"CENTRE"`
	Stolen bool   `help:"Its laptop is in other hands: its key ends."`
	Again  bool   `help:"A permission that key-holders before signed and that counts no longer: written down to be signed once more."`
	Works  bool   `help:"The centre was ended by key-holders before, with lost or stolen papers: it works again."`
	Since  string `help:"Since when (RFC 3339): what it wrote later does not count. Else all that has come here counts." placeholder:"TIME"`
	Out    string `short:"o" required:"" help:"The file to write."`
}

// Run writes a permission that nobody has signed.
func (c *permitWriteCmd) Run(e *env) error {
	var since time.Time
	if c.Since != "" {
		at, err := time.Parse(time.RFC3339, c.Since)
		if err != nil {
			return errs.Wrap(errs.Invalid, err, "app.moment")
		}
		since = at
	}
	return e.with(func(db *store.DB) error {
		lost, err := exchange.Find(e.ctx, db, c.Lost)
		if err != nil {
			return err
		}
		to := db.Centre()
		switch c.To {
		case "":
		case "nobody":
			to = id.ID{}
		default:
			heir, err := exchange.Find(e.ctx, db, c.To)
			if err != nil {
				return err
			}
			to = id.ID(heir.Centre)
		}
		s, err := c.prepare(e, db, id.ID(lost.Centre), to, since)
		if err != nil {
			return err
		}
		return e.statement(db, s, c.Out)
	})
}

func (c *permitWriteCmd) prepare(e *env, db *store.DB, lost, to id.ID, since time.Time) (*holders.Statement, error) {
	switch {
	case c.Works:
		return holders.Readmit(e.ctx, db, lost)
	case c.Again:
		return holders.Again(e.ctx, db, lost, to)
	}
	return holders.Prepare(e.ctx, db, lost, to, c.Stolen, since)
}

// statement writes a permission to its file and says how many have signed it.
func (e *env) statement(db *store.DB, s *holders.Statement, file string) error {
	h, err := holders.Ours(e.ctx, db)
	if err != nil {
		return err
	}
	text, err := s.Text()
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return usage.NoWrite(err, file)
	}
	out := map[string]any{"file": file, "signed": s.Signers(h), "need": h.Need}
	return e.say(out, "%s: %s", file, e.lang.T("holders.unsigned", "n", s.Signers(h), "need", h.Need))
}

func statementOf(file string) (*holders.Statement, error) {
	f, err := os.Open(file) //nolint:gosec // named by the caller
	if err != nil {
		return nil, errs.Wrap(errs.NotFound, err, "exchange.no_file")
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, 1<<17))
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, err, "exchange.unreadable")
	}
	return holders.Read(string(raw))
}

type permitSignCmd struct {
	File string `arg:"" help:"The permission."`
}

// Run signs with what is typed.
func (c *permitSignCmd) Run(e *env) error {
	s, err := statementOf(c.File)
	if err != nil {
		return err
	}
	typed, err := papers(os.Stdin, holders.Count)
	if err != nil {
		return err
	}
	if len(typed) == 0 {
		return errs.New(errs.Invalid, "error.required")
	}
	return e.with(func(db *store.DB) error {
		h, err := holders.Ours(e.ctx, db)
		if err != nil {
			return err
		}
		for _, paper := range typed {
			if err := s.Sign(h, paper); err != nil {
				return err
			}
		}
		return e.statement(db, s, c.File)
	})
}

type permitPublishCmd struct {
	File string `arg:"" help:"The permission."`
}

// Run gives the permission: the other centres learn of it at the next exchange.
func (c *permitPublishCmd) Run(e *env) error {
	s, err := statementOf(c.File)
	if err != nil {
		return err
	}
	return e.with(func(db *store.DB) error {
		if err := holders.Publish(e.ctx, db, store.Actor{}, s); err != nil {
			return err
		}
		return e.say(map[string]any{"number": s.Number}, "%s", e.lang.T("holders.given"))
	})
}

type adoptCmd struct {
	Centre string `arg:"" help:"The centre that is lost."`
}

// Run goes on with a lost centre's records.
func (c *adoptCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		from, err := exchange.Find(e.ctx, db, c.Centre)
		if err != nil {
			return err
		}
		got, err := adoption.Adopt(e.ctx, db, store.Actor{}, id.ID(from.Centre))
		if err != nil {
			return err
		}
		return e.say(got, "%s", e.lang.T("adopt.done", "n", got.Requests))
	})
}

type returnedCmd struct{}

type returnedOut struct {
	To       string `json:"to"`
	Requests int    `json:"requests"`
	Open     int    `json:"open"`
	Done     int    `json:"done"`
	Waits    int    `json:"waits"`
	Accepted int    `json:"accepted"`
	Declined int    `json:"declined"`
}

// Run says what became of this centre's requests while it was thought to be lost.
func (c *returnedCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		all, err := adoption.Returns(e.ctx, db)
		if err != nil {
			return err
		}
		out, lines := []returnedOut{}, []string{}
		for _, r := range all {
			o := returnedOut{Requests: len(r.Requests), Open: r.Open, Done: r.Done}
			o.Waits, o.Accepted, o.Declined = r.Tally()
			if p, err := exchange.Find(e.ctx, db, r.To.String()); err == nil {
				o.To = p.Name
			}
			out = append(out, o)
			lines = append(lines, e.lang.T("network.returned_lead", "centre", o.To, "at", e.lang.DateClock(r.At))+" "+
				e.lang.T("network.requests")+": "+strconv.Itoa(o.Requests)+". "+e.lang.T("network.wrote")+": "+
				e.lang.T("network.wrote_of", "n", len(r.Written), "waits", o.Waits, "accepted", o.Accepted, "declined", o.Declined))
		}
		if len(all) == 0 {
			lines = append(lines, e.lang.T("network.not_returned"))
		}
		return e.say(out, "%s", strings.Join(lines, "\n"))
	})
}

type entrustCmd struct {
	To   string `required:"" help:"The centre that is to keep names and addresses for this one." placeholder:"CENTRE"`
	Stop bool   `help:"It is not to get what is written from now on."`
}

// Run entrusts names to another centre, so that it can go on if this one is lost.
func (c *entrustCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		to, err := exchange.Find(e.ctx, db, c.To)
		if err != nil {
			return err
		}
		err = db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) error { return exchange.Entrust(e.ctx, tx, id.ID(to.Centre), !c.Stop) })
		if err != nil {
			return err
		}
		return e.say(map[string]any{"to": to.Name, "keeps": !c.Stop}, "%s", to.Name)
	})
}
