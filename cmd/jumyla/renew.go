package main

import (
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/cmd/jumyla/usage"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/store"
)

type holdersWhichCmd struct{}

// Run says whose of the three a typed paper is.
func (c *holdersWhichCmd) Run(e *env) error {
	typed, err := one(os.Stdin)
	if err != nil {
		return err
	}
	return e.with(func(db *store.DB) error {
		h, err := holders.Ours(e.ctx, db)
		if err != nil {
			return err
		}
		at, err := holders.Which(h, typed)
		if err != nil {
			return err
		}
		mark := strconv.Itoa(at+1) + " · " + holders.Mark(e.lang, h.Keys[at])
		return e.say(map[string]any{"n": at + 1, "mark": holders.Mark(e.lang, h.Keys[at])}, "%s", e.lang.T("holders.is", "mark", mark))
	})
}

// one reads one paper.
func one(in io.Reader) (holders.Secret, error) {
	typed, err := papers(in, 1)
	if err == nil && len(typed) == 0 {
		err = errs.New(errs.Invalid, "error.required")
	}
	if err != nil {
		return holders.Secret{}, err
	}
	return typed[0], nil
}

type holdersRenewCmd struct {
	Leaves int    `xor:"next" required:"" help:"Which of the three lost the paper or left: its number, as show and which say it." placeholder:"N"`
	To     string `xor:"next" required:"" help:"The centre whose three are to be ours." placeholder:"CENTRE"`
	Out    string `short:"o" required:"" help:"The file to write."`
}

// Run writes a renewal that nobody has signed.
func (c *holdersRenewCmd) Run(e *env) error {
	var fresh holders.Secret
	var err error
	if c.To == "" {
		if fresh, err = one(os.Stdin); err != nil {
			return err
		}
	}
	return e.with(func(db *store.DB) error {
		keys, err := c.keys(e, db, fresh)
		if err != nil {
			return err
		}
		r, err := holders.Renew(e.ctx, db, keys)
		if err != nil {
			return err
		}
		return e.renewal(db, r, c.Out)
	})
}

func (c *holdersRenewCmd) keys(e *env, db *store.DB, fresh holders.Secret) ([][]byte, error) {
	if c.To == "" {
		h, err := holders.Ours(e.ctx, db)
		if err != nil {
			return nil, err
		}
		return holders.Instead(h, c.Leaves-1, fresh)
	}
	from, err := exchange.Find(e.ctx, db, c.To)
	if err != nil {
		return nil, err
	}
	offers, err := holders.Offers(e.ctx, db)
	for _, o := range offers {
		if o.From.Centre == from.Centre {
			return o.Keys, err
		}
	}
	if err == nil {
		err = errs.New(errs.NotFound, "holders.no_offer")
	}
	return nil, err
}

// renewal writes a renewal to its file and says what it keeps and how many have signed it.
func (e *env) renewal(db *store.DB, r *holders.Renewal, file string) error {
	h, err := r.Before(e.ctx, db)
	if err != nil {
		return err
	}
	reading, err := r.Read(e.ctx, db)
	if err != nil {
		return err
	}
	text, err := r.Text()
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return usage.NoWrite(err, file)
	}
	old, fresh := r.Signed(h)
	out := renewalOut{file, old, fresh, holders.Need, holders.Words(e.lang, r.Holders), e.decided(reading.Keeps), e.decided(reading.Lost), reading.Unknown}
	lines := []string{file + ": " + e.lang.T("holders.renewal_unsigned", "old", old, "new", fresh, "need", holders.Need)}
	for _, part := range []struct {
		title string
		all   []string
	}{{e.lang.T("holders.keeps", "n", len(out.Keeps)), out.Keeps}, {e.lang.T("holders.loses", "n", len(out.Loses)), out.Loses}} {
		if len(part.all) > 0 {
			lines = append(append(lines, part.title), part.all...)
		}
	}
	if reading.Unknown > 0 {
		lines = append(lines, e.lang.T("holders.keeps_unknown", "n", reading.Unknown))
	}
	return e.say(out, "%s", strings.Join(lines, "\n"))
}

type renewalOut struct {
	File    string   `json:"file"`
	Old     int      `json:"old"`
	New     int      `json:"new"`
	Need    int      `json:"need"`
	Words   []string `json:"words"`
	Keeps   []string `json:"keeps"` // decisions that stay in force, in words
	Loses   []string `json:"loses"` // that would no longer
	Unknown int      `json:"unknown"`
}

// decided are decisions in words.
func (e *env) decided(all []holders.Decision) []string {
	out := []string{}
	for _, d := range all {
		out = append(out, d.Words(e.lang))
	}
	return out
}

func renewalOf(file string) (*holders.Renewal, error) {
	f, err := os.Open(file) //nolint:gosec // named by the caller
	if err != nil {
		return nil, errs.Wrap(errs.NotFound, err, "exchange.no_file")
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, 1<<18))
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, err, "exchange.unreadable")
	}
	return holders.ReadRenewal(string(raw))
}

type holdersSignCmd struct {
	File string `arg:"" help:"The renewal."`
}

// Run signs with what is typed.
func (c *holdersSignCmd) Run(e *env) error {
	r, err := renewalOf(c.File)
	if err != nil {
		return err
	}
	typed, err := papers(os.Stdin, 2*holders.Count)
	if err != nil {
		return err
	}
	if len(typed) == 0 {
		return errs.New(errs.Invalid, "error.required")
	}
	return e.with(func(db *store.DB) error {
		for _, paper := range typed {
			if err := r.Sign(e.ctx, db, paper); err != nil {
				return err
			}
		}
		return e.renewal(db, r, c.File)
	})
}

type holdersPublishCmd struct {
	File string `arg:"" help:"The renewal."`
}

// Run renews: the other centres learn of it at the next exchange.
func (c *holdersPublishCmd) Run(e *env) error {
	r, err := renewalOf(c.File)
	if err != nil {
		return err
	}
	return e.with(func(db *store.DB) error {
		if err := holders.PublishRenewal(e.ctx, db, store.Actor{}, r); err != nil {
			return err
		}
		return e.say(map[string]any{"words": holders.Words(e.lang, r.Holders)}, "%s", e.lang.T("holders.renewed"))
	})
}
