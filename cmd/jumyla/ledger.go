package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
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

// Run walks the ledger.
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
		return e.say(map[string]any{"entries": n}, "%d", n)
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

type doctorCmd struct {
	Listen string `default:"127.0.0.1:8080" help:"The address to try."`
}

// finding is one thing that was looked at.
type finding struct {
	What string `json:"what"`
	OK   bool   `json:"ok"`
	Say  string `json:"say"`
}

// Run looks at the disk and its flushing, the clock, the port and the data.
func (c *doctorCmd) Run(e *env) error {
	var all []finding
	add := func(what string, err error, say string) {
		if err != nil {
			say = err.Error()
		}
		all = append(all, finding{what, err == nil, say})
	}
	took, err := flush(e.cli.Data)
	add("disk flushes a write", err, took.String())
	add("clock", sane(time.Now()), time.Now().Format(time.RFC3339))
	say, err := port(e, c.Listen)
	add("port "+c.Listen, err, say)
	if store.Exists(e.cli.Data) {
		n := 0
		err := e.with(func(db *store.DB) (err error) {
			n, err = db.Verify(e.ctx)
			say, broken := certificate(e, db, time.Now())
			add("certificate", broken, say)
			return err
		})
		add("ledger", err, fmt.Sprintf("%d entries, chain whole", n))
	}
	add("printing", nil, printing(e, exec.LookPath))
	if e.cli.JSON {
		return e.say(all, "")
	}
	for _, f := range all {
		word := "ok  "
		if !f.OK {
			word = "MEND"
		}
		if _, err := fmt.Fprintf(e.out, "%s %s: %s\n", word, f.What, f.Say); err != nil {
			return err
		}
	}
	return nil
}

// sane refuses a clock that cannot be right.
func sane(t time.Time) error {
	if t.Year() < 2024 || t.Year() > 2100 {
		return errors.New("the clock is wrong: set date and time")
	}
	return nil
}

// flush measures how long a small write takes to reach the disk.
func flush(dir string) (time.Duration, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(dir, "doctor-")
	if err != nil {
		return 0, err
	}
	start := time.Now()
	_, err = f.WriteString("jumyla")
	err = errors.Join(err, f.Sync())
	took := time.Since(start)
	return took, errors.Join(err, f.Close(), os.Remove(filepath.Clean(f.Name())))
}
