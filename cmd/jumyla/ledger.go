package main

import (
	"errors"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/forks"
	"github.com/jumyla/jumyla/internal/store"
)

type rebuildCmd struct{}

// errDiffers means that the ledger does not give the state that the tables had.
var errDiffers = errors.New("the state differs after the rebuild")

// Run builds the tables anew and compares the state.
func (rebuildCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		before, after, err := db.Rebuild(e.ctx)
		if err != nil {
			return err
		}
		if err := e.say(map[string]any{"before": before, "after": after, "equal": before == after}, "%s", after); err != nil {
			return err
		}
		if before != after {
			return errDiffers
		}
		return nil
	})
}

type verifyCmd struct{}

// Run walks the ledger, and names the lanes that were forked.
func (verifyCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		n, err := db.Verify(e.ctx)
		if fault, ok := errors.AsType[*store.FaultError](err); ok {
			if err := e.say(map[string]any{"entries": n, "bad": map[string]any{"lane": fault.Lane, "seq": fault.Seq, "fault": fault.Err.Error()}}, "%v", fault); err != nil {
				return err
			}
			return errs.Wrap(errs.Invalid, fault, "store.damaged")
		}
		if err != nil {
			return err
		}
		forked, err := forks.Lanes(e.ctx, db)
		if err != nil {
			return err
		}
		said, text := map[string]any{"entries": n}, e.lang.T("doctor.ledger", "n", n)
		for _, f := range forked {
			said["forks"], text = forked, text+"\n"+f.Say(e.lang)
		}
		return e.say(said, "%s", text)
	})
}

type backupCmd struct {
	File string `arg:"" help:"The back-up to write."`
}

// Run writes a back-up.
func (c *backupCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		if err := db.Backup(e.ctx, c.File); err != nil {
			return err
		}
		if err := store.NoteBackup(e.cli.Data, time.Now()); err != nil {
			return err
		}
		return e.say(map[string]string{"file": c.File}, "%s", c.File)
	})
}

type restoreCmd struct {
	File string `arg:"" help:"The back-up to read."`
}

// Run unpacks a back-up.
func (c *restoreCmd) Run(e *env) error {
	if err := store.Restore(c.File, e.cli.Data); err != nil {
		return err
	}
	return e.say(map[string]string{"data": e.cli.Data}, "%s", e.cli.Data)
}
