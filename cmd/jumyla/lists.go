package main

import (
	"encoding/json"
	"os"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular"
)

type importCmd struct {
	Kind     string `arg:"" enum:"places,volunteers,crews,households,requests" help:"places, volunteers, crews, households or requests."`
	File     string `arg:"" help:"XLSX or CSV, as it came."`
	Map      string `help:"Which column becomes what, as JSON; else as the headings suggest." placeholder:"FILE"`
	DryRun   bool   `help:"Only say what would happen."`
	Verified bool   `help:"The sender vouches for the requests: they count as checked by a list."`
}

// Run takes a list; doing it again takes only what was not taken.
func (c *importCmd) Run(e *env) error {
	opt := intake.Options{DryRun: c.DryRun, Verified: c.Verified}
	if c.Map != "" {
		b, err := os.ReadFile(c.Map)
		if err != nil {
			return errs.Wrap(errs.Invalid, err, "error.invalid")
		}
		opt.Mapping = &tabular.Mapping{}
		if err := json.Unmarshal(b, opt.Mapping); err != nil {
			return errs.Wrap(errs.Invalid, err, "error.invalid")
		}
	}
	f, err := os.Open(c.File)
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "error.invalid")
	}
	defer f.Close()
	return e.with(func(db *store.DB) error {
		own, err := centre.Get(e.ctx, db)
		if err != nil {
			return err
		}
		opt.Secret = own.Secret
		res, err := intake.Import(e.ctx, db, store.Actor{}, intake.Kind(c.Kind), f, opt)
		if err != nil {
			return err
		}
		return e.say(res.In(e.lang), "%d rows: %d taken, %d skipped, %d refused", res.Rows, res.Taken, len(res.Skipped), len(res.Refused))
	})
}
