package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/store/second"
	"github.com/jumyla/jumyla/internal/web"
)

type doctorCmd struct {
	Listen string `default:"127.0.0.1:8080" help:"The address to try."`
	Peers  string `help:"The address for other centres to try, as :7443." placeholder:"ADDR"`
}

// The states of a finding.
const (
	stateOK   = "ok"
	stateLook = "look" // works, and could be safer
	stateMend = "mend" // must be mended; the exit code says so too
)

// finding is one thing that was looked at. What names it for scripts, the rest is for people.
type finding struct {
	What  string `json:"what"`
	State string `json:"state"`
	Say   string `json:"say"`
	Mend  string `json:"mend"`
}

// errMend ends a doctor that found something to mend.
var errMend = errs.New(errs.Invalid, "doctor.mend")

// checkup collects findings.
type checkup struct {
	e   *env
	now time.Time
	all []finding
}

func (c *checkup) add(what, state, say, mend string) {
	c.all = append(c.all, finding{what, state, say, mend})
}

// T is the text of a key of this command.
func (c *checkup) T(key string, args ...any) string { return c.e.lang.T(key, args...) }

// fault adds an error as something to mend.
func (c *checkup) fault(what string, err error, mend string) {
	c.add(what, stateMend, web.Say(c.e.lang, err, ""), mend)
}

// Run looks at the machine and at the data, changes nothing, and says of each fault how it is mended.
func (d *doctorCmd) Run(e *env) error {
	c := &checkup{e: e, now: time.Now()}
	c.folder()
	c.disk()
	c.room()
	c.copies()
	c.port(d.Listen)
	c.peersPort(d.Peers)
	c.data()
	c.printing(runtime.GOOS, exec.LookPath)
	if err := c.print(); err != nil {
		return err
	}
	if slices.ContainsFunc(c.all, func(f finding) bool { return f.State == stateMend }) {
		return errMend
	}
	return nil
}

// print says what was found, each with its mend below it.
// i18n: doctor.state.*
func (c *checkup) print() error {
	if c.e.cli.JSON {
		return c.e.say(map[string]any{"findings": c.all}, "")
	}
	for _, f := range c.all {
		if _, err := fmt.Fprintf(c.e.out, "%s %s: %s\n", c.T("doctor.state."+f.State), c.T("doctor.what."+f.What), f.Say); err != nil { // i18n: doctor.what.*
			return err
		}
		if f.Mend != "" {
			if _, err := fmt.Fprintf(c.e.out, "     → %s\n", f.Mend); err != nil {
				return err
			}
		}
	}
	return nil
}

// folder looks at who may read the data.
func (c *checkup) folder() {
	fi, err := os.Stat(c.e.cli.Data)
	switch {
	case errors.Is(err, os.ErrNotExist):
		c.add("folder", stateLook, c.T("doctor.folder_absent", "dir", c.e.cli.Data), c.T("doctor.folder_absent_mend"))
	case err != nil:
		c.fault("folder", err, "")
	case runtime.GOOS != "windows" && fi.Mode().Perm()&0o077 != 0:
		c.add("folder", stateLook, c.T("doctor.folder_open", "mode", fi.Mode().Perm().String()), c.T("doctor.folder_open_mend", "dir", c.e.cli.Data))
	default:
		c.add("folder", stateOK, c.e.cli.Data, "")
	}
}

// How long a flushed write takes on a disk that keeps what it says it has: less is a memory disk or one that lies,
// more makes everybody wait.
const (
	flushAtLeast = 15 * time.Microsecond
	flushAtMost  = 200 * time.Millisecond
)

// disk writes and flushes a few times, and weighs how long that takes.
func (c *checkup) disk() {
	var took []time.Duration
	for range 7 {
		d, err := flush(c.e.cli.Data)
		if err != nil {
			c.fault("disk", err, c.T("doctor.disk_mend"))
			return
		}
		took = append(took, d)
	}
	slices.Sort(took)
	switch d := took[len(took)/2]; {
	case d < flushAtLeast:
		c.add("disk", stateLook, c.T("doctor.disk_lies", "took", d.String()), c.T("doctor.disk_lies_mend"))
	case d > flushAtMost:
		c.add("disk", stateLook, c.T("doctor.disk_slow", "took", d.Round(time.Millisecond).String()), c.T("doctor.disk_slow_mend"))
	default:
		c.add("disk", stateOK, c.T("doctor.disk_good", "took", d.Round(time.Microsecond).String()), "")
	}
}

// flush measures how long a small write takes to reach the disk. It works where there are no data yet.
func flush(dir string) (time.Duration, error) {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		dir = filepath.Dir(filepath.Clean(dir))
	}
	f, err := os.CreateTemp(dir, "doctor-")
	if err != nil {
		return 0, errs.Wrap(errs.Unavailable, err, "store.read_only")
	}
	start := time.Now()
	_, err = f.WriteString("jumyla")
	err = errors.Join(err, f.Sync())
	took := time.Since(start)
	return took, errs.Wrap(errs.Unavailable, errors.Join(err, f.Close(), os.Remove(filepath.Clean(f.Name()))), "store.disk_full")
}

// leastRoom is what must be free for a centre to go on for days.
const leastRoom = 300 << 20

// room looks at the free space: for the data to grow, and for a rebuild after an update, which needs as much again.
func (c *checkup) room() {
	dir := c.e.cli.Data
	if _, err := os.Stat(dir); err != nil {
		dir = filepath.Dir(filepath.Clean(dir))
	}
	free, err := freeBytes(dir)
	if err != nil {
		c.add("room", stateLook, c.T("doctor.room_unknown"), c.T("doctor.room_unknown_mend"))
		return
	}
	size := int64(0)
	if fi, err := os.Stat(filepath.Join(dir, "jumyla.db")); err == nil {
		size = fi.Size()
	}
	say := c.T("doctor.room", "free", megabytes(free), "size", megabytes(size))
	if free < leastRoom || free < 2*size {
		c.add("room", stateMend, say, c.T("doctor.room_mend"))
		return
	}
	c.add("room", stateOK, say, "")
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", (n+1<<19)>>20) }

// backupLasts is how old the newest back-up may be.
const backupLasts = 7 * 24 * time.Hour

// copies looks for what is left if this machine is gone.
func (c *checkup) copies() {
	switch at, err := store.LastBackup(c.e.cli.Data); {
	case err != nil:
		c.fault("backup", err, "")
	case at.IsZero():
		c.add("backup", stateLook, c.T("doctor.backup_none"), c.T("doctor.backup_mend"))
	case c.now.Sub(at) > backupLasts:
		c.add("backup", stateLook, c.T("doctor.backup_old", "age", c.e.lang.Span(c.now.Sub(at))), c.T("doctor.backup_mend"))
	default:
		c.add("backup", stateOK, c.T("doctor.backup_age", "age", c.e.lang.Span(c.now.Sub(at))), "")
	}
	folder, at, err := second.Last(c.e.cli.Data)
	switch {
	case err != nil:
		c.fault("copy", err, c.T("doctor.copy_mend"))
	case folder == "":
		c.add("copy", stateLook, c.T("doctor.copy_none"), c.T("doctor.copy_mend"))
	case at.IsZero():
		c.add("copy", stateMend, c.T("doctor.copy_absent", "dir", folder), c.T("doctor.copy_absent_mend"))
	default:
		c.add("copy", stateOK, c.T("doctor.copy_age", "dir", folder, "age", c.e.lang.Span(c.now.Sub(at))), "")
	}
}

// data opens the database, if it may, and looks at the ledger, the clock and the certificate.
func (c *checkup) data() {
	if y := c.now.Year(); y < 2024 || y > 2100 {
		c.add("clock", stateMend, c.now.Format(time.RFC3339), c.T("doctor.clock_mend"))
	} else if !store.Exists(c.e.cli.Data) { // nothing to compare it with yet
		c.add("clock", stateOK, c.T("doctor.clock_here", "now", c.now.Local().Format("2006-01-02 15:04 (-07:00)")), "")
	}
	if !store.Exists(c.e.cli.Data) {
		return
	}
	err := c.e.with(func(db *store.DB) error {
		c.clock(db)
		if n, err := db.Verify(c.e.ctx); err != nil {
			c.fault("ledger", errs.Wrap(errs.Internal, err, "store.damaged"), c.T("doctor.ledger_mend"))
		} else {
			c.add("ledger", stateOK, c.T("doctor.ledger", "n", n), "")
		}
		c.network(db)
		if say, err := certificate(c.e, db, c.now); err != nil {
			c.add("certificate", stateMend, err.Error(), c.T("doctor.clock_mend"))
		} else {
			c.add("certificate", stateOK, say, "")
		}
		c.links(db)
		c.match(db)
		return nil
	})
	var busy *store.InUseError
	switch {
	case errors.As(err, &busy):
		c.add("data", stateOK, c.T("doctor.running", "pid", busy.PID), "")
	case errs.Is(err, errs.Denied):
		c.add("data", stateLook, web.Say(c.e.lang, err, ""), c.T("doctor.locked_mend"))
	case err != nil:
		c.fault("data", err, c.T("doctor.ledger_mend"))
	}
}

// How far the clock may stand behind the last entry, and how long nothing may have been written.
const (
	clockBehind = 2 * time.Minute
	clockAhead  = 60 * 24 * time.Hour
)

// clock compares the machine's clock with what was written last.
func (c *checkup) clock(db *store.DB) {
	last, err := db.LastEntry(c.e.ctx)
	if err != nil {
		c.fault("clock", err, "")
		return
	}
	zone := time.Local
	if own, err := centre.Get(c.e.ctx, db); err == nil {
		zone = own.Location()
	}
	say := c.T("doctor.clock", "now", c.now.In(zone).Format("2006-01-02 15:04"), "zone", zone.String(), "here", c.now.Local().Format("15:04"))
	switch {
	case last.Sub(c.now) > clockBehind:
		c.add("clock", stateMend, say+" "+c.T("doctor.clock_behind", "last", last.In(zone).Format("2006-01-02 15:04")), c.T("doctor.clock_mend"))
	case !last.IsZero() && c.now.Sub(last) > clockAhead:
		c.add("clock", stateLook, say+" "+c.T("doctor.clock_ahead", "age", c.e.lang.Span(c.now.Sub(last))), c.T("doctor.clock_mend"))
	default:
		c.add("clock", stateOK, say, "")
	}
}
