package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/export"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web/links"
)

type exportCmd struct {
	What   string   `arg:"" enum:"requests,households,volunteers,runs,outcomes,picture" help:"requests, households, volunteers, runs, outcomes or picture (how centres stand together)."`
	Out    string   `short:"o" required:"" help:"File to write, .xlsx or .csv; it must not be there yet." placeholder:"FILE"`
	Fields []string `help:"Columns, by commas; without it those that name nobody." placeholder:"NAME,…"`
	From   string   `help:"From this day on." placeholder:"YYYY-MM-DD"`
	To     string   `help:"To this day, included." placeholder:"YYYY-MM-DD"`
	Reason string   `help:"Why people's data leave the centre: needed where a column names them." placeholder:"TEXT"`
	Lang   string   `enum:"kk,ru,en," default:"" help:"Language of the headings: kk, ru or en."`
}

// Run writes the table. Whoever can open the centre's data acts for its coordinator.
func (c *exportCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		own, err := centre.Get(e.ctx, db)
		if err != nil {
			return err
		}
		a, err := c.asked(e, own.Location())
		if err != nil {
			return err
		}
		if a.What == export.Picture {
			if a.Rows, err = links.PictureLines(e.ctx, db, a); err != nil {
				return err
			}
		}
		f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return errs.Wrap(errs.Invalid, err, "export.file")
		}
		ready, err := export.Begin(e.ctx, db, store.Actor{}, a)
		if err == nil {
			err = ready.Write(e.ctx, db, f)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return errors.Join(err, os.Remove(c.Out))
		}
		return e.say(map[string]any{"rows": ready.Rows(), "file": c.Out}, "%s", e.lang.T("cli.exported", "rows", ready.Rows(), "file", c.Out))
	})
}

func exportDay(s string, zone *time.Location) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, zone)
	return t, errs.Wrap(errs.Invalid, err, "app.date")
}

// asked is what is to be taken out.
func (c *exportCmd) asked(e *env, zone *time.Location) (a export.Asked, err error) {
	a = export.Asked{What: export.What(c.What), Fields: c.Fields, Zone: zone, Lang: e.lang, Reason: c.Reason, Roles: account.Coordinator,
		Format: export.Format(strings.TrimPrefix(strings.ToLower(filepath.Ext(c.Out)), "."))}
	if l, ok := i18n.Parse(c.Lang); ok {
		a.Lang = l
	}
	if a.From, err = exportDay(c.From, zone); err != nil {
		return a, err
	}
	if a.To, err = exportDay(c.To, zone); err != nil {
		return a, err
	}
	if !a.To.IsZero() {
		a.To = a.To.AddDate(0, 0, 1)
	}
	return a, a.Validate()
}
