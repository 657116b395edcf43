// Command jumyla is the whole program: it serves a centre, and does the same job from the command line.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
	_ "time/tzdata" // old machines do not know today's zones

	"github.com/alecthomas/kong"

	"github.com/jumyla/jumyla/cmd/jumyla/spelled"
	"github.com/jumyla/jumyla/cmd/jumyla/usage"
	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// Exit codes.
const (
	exitInternal = 1
	exitUsage    = 2
	exitInvalid  = 3
	exitInUse    = 4
	exitLocked   = 5
)

// cli is what can be typed.
type cli struct {
	Data    string `default:"data" help:"Folder of the centre's data." placeholder:"DIR"`
	KeyFile string `help:"Key file that opens the data; else JUMYLA_PASSPHRASE." placeholder:"FILE"`
	JSON    bool   `help:"Print the documented JSON."`
	Now     string `hidden:"" help:"The time that records get, for drills and tests (RFC 3339)."`

	Init      initCmd      `cmd:"" help:"Make a new centre."`
	Serve     serveCmd     `cmd:"" help:"Serve the centre's pages."`
	Demo      demoCmd      `cmd:"" help:"Serve an invented afternoon."`
	Import    importCmd    `cmd:"" help:"Import a list."`
	Undo      undoCmd      `cmd:"" help:"Take a whole list back."`
	Export    exportCmd    `cmd:"" help:"Write requests, households, volunteers, runs or outcomes as a table."`
	Rules     rulesCmd     `cmd:"" help:"Put a preset of rules in force."`
	Check     checkCmd     `cmd:"" help:"Record that a request was checked."`
	Stock     stockCmd     `cmd:"" help:"Set the count of an item."`
	Plan      planCmd      `cmd:"" help:"Plan a day; with --issue make its runs."`
	Sheets    sheetsCmd    `cmd:"" help:"Write the run sheets of a day as PDF."`
	Outcome   outcomeCmd   `cmd:"" help:"Record what came of a stop."`
	Rebuild   rebuildCmd   `cmd:"" help:"Build the tables anew from the ledger."`
	Verify    verifyCmd    `cmd:"" help:"Walk the ledger and name the first bad entry."`
	Backup    backupCmd    `cmd:"" help:"Write an encrypted back-up."`
	Restore   restoreCmd   `cmd:"" help:"Unpack a back-up into an empty folder."`
	Peer      peerCmd      `cmd:"" help:"Other centres: cards, words, what waits."`
	Centre    centreCmd    `cmd:"" help:"Where this centre stands among others, and how they stand together."`
	Bundle    bundleCmd    `cmd:"" help:"What goes from centre to centre by stick, mail or chat."`
	Handover  handoverCmd  `cmd:"" help:"Hand a request over to another centre."`
	Recall    recallCmd    `cmd:"" help:"Take back a request that was handed over."`
	Refuse    refuseCmd    `cmd:"" help:"Give back a request that was handed over to this centre."`
	Forget    forgetCmd    `cmd:"" help:"Ask the centre that has a request to forget it, because its people asked this one; or answer one that asks."`
	Proposals proposalsCmd `cmd:"" help:"What other centres would change of this one's records."`
	Erasures  erasuresCmd  `cmd:"" help:"What was erased that other centres had too, and who has not confirmed it."`
	Match     matchCmd     `cmd:"" help:"Households that two centres may have: which centre compares, by which key, and what it found."`
	Holders   holdersCmd   `cmd:"" help:"The three people who hold the network's printed keys."`
	Permit    permitCmd    `cmd:"" help:"What two key-holders allow when a centre is lost."`
	Adopt     adoptCmd     `cmd:"" help:"Go on with a lost centre's requests, with their permission."`
	Returned  returnedCmd  `cmd:"" help:"What became of this centre's requests while it was thought to be lost."`
	Entrust   entrustCmd   `cmd:"" help:"Let another centre keep names and addresses, in case this one is lost."`
	Panic     panicCmd     `cmd:"" help:"Destroy the keys of the data and end the program that has them open."`
	Bench     benchCmd     `cmd:"" help:"Measure the engines on benchmark files."`
	Roads     roadsCmd     `cmd:"" help:"Make roads of an OpenStreetMap extract, and ask them."`
	Names     spelled.Cmd  `cmd:"" help:"Check the finding of names on files."`
	Doctor    doctorCmd    `cmd:"" help:"Look at disk, clock and data, and say what to mend."`
}

// env is what every command gets.
type env struct {
	ctx  context.Context //nolint:containedctx // of the whole process
	cli  *cli
	out  io.Writer
	lang i18n.Lang
	log  *slog.Logger
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// execute runs the program with its arguments and returns the exit code.
func execute(ctx context.Context, args []string, out, complain io.Writer) int {
	var c cli
	e := &env{ctx: ctx, cli: &c, out: out, lang: usage.Language(), log: slog.New(slog.NewTextHandler(complain, nil))}
	done := -1
	parser, err := kong.New(&c, kong.Name("jumyla"), kong.Description("Runs a volunteer front office, offline."),
		kong.Writers(out, complain), kong.BindTo(out, (*io.Writer)(nil)), kong.Exit(func(code int) { done = code }))
	if err != nil {
		fmt.Fprintln(complain, err)
		return exitInternal
	}
	k, err := parser.Parse(args)
	if done >= 0 {
		return done
	}
	if err != nil {
		command := ""
		if wrong, ok := errors.AsType[*kong.ParseError](err); ok {
			command = wrong.Context.Command()
		}
		fmt.Fprintln(complain, "jumyla:", usage.Say(e.lang, err, command))
		return exitUsage
	}
	if err := k.Run(e); err != nil {
		fmt.Fprintln(complain, "jumyla:", complaint(e.lang, err))
		return code(err)
	}
	return 0
}

// complaint says in a language what went wrong. Of what somebody gave wrongly the words are all there is to say, field by field; with the rest
// goes what a log would hold.
func complaint(lang i18n.Lang, err error) string {
	words := web.Say(lang, err, "")
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid || e.Key == "" {
		return words + " · " + err.Error()
	}
	for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
		words += "\n" + field + ": " + lang.T(e.Fields[field], e.Args...)
	}
	return words
}

// code returns the exit code for an error.
func code(err error) int {
	var busy *store.InUseError
	switch {
	case errors.As(err, &busy):
		return exitInUse
	case errs.Is(err, errs.Denied):
		return exitLocked
	case errs.Is(err, errs.Internal):
		return exitInternal
	}
	return exitInvalid
}

func (e *env) secret() (store.Secret, error) {
	s := store.Secret{Passphrase: os.Getenv("JUMYLA_PASSPHRASE")}
	if e.cli.KeyFile != "" {
		b, err := os.ReadFile(e.cli.KeyFile)
		if err != nil {
			return s, errs.Wrap(errs.Denied, err, "store.secret_missing")
		}
		s.KeyFile = b
	}
	return s, nil
}

func (e *env) clock() (func() time.Time, error) {
	if e.cli.Now == "" {
		return time.Now, nil
	}
	at, err := time.Parse(time.RFC3339, e.cli.Now)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "app.date")
	}
	start := time.Now()
	return func() time.Time { return at.Add(time.Since(start)) }, nil
}

func (e *env) config() (store.Config, error) {
	now, err := e.clock()
	return store.Config{Dir: e.cli.Data, Kinds: app.Kinds(), Now: now, Log: e.log, KDF: kdf()}, err
}

// kdf is the cost of passphrases; JUMYLA_CHEAP_KEYS=1 makes it small, for tests only.
func kdf() store.KDF {
	if os.Getenv("JUMYLA_CHEAP_KEYS") == "1" {
		return store.KDF{Time: 1, Memory: 64, Threads: 1}
	}
	return store.StrongKDF
}

// with opens the centre, forgets those whose time has come, runs fn and closes it.
func (e *env) with(fn func(db *store.DB) error) error {
	s, err := e.secret()
	if err != nil {
		return err
	}
	if s.Passphrase == "" && len(s.KeyFile) == 0 && store.Exists(e.cli.Data) {
		return errs.New(errs.Denied, "store.secret_missing")
	}
	cfg, err := e.config()
	if err != nil {
		return err
	}
	db, err := store.Open(e.ctx, cfg, s)
	if err != nil {
		return err
	}
	_, heard := exchange.Heed(e.ctx, db)
	if _, err := dispatch.Forget(e.ctx, db); errors.Join(heard, err) != nil { // verify must run on data that cannot be written
		e.log.ErrorContext(e.ctx, "forget households", "error", errors.Join(heard, err))
	}
	if err := match.Work(e.ctx, db); err != nil {
		e.log.ErrorContext(e.ctx, "compare with other centres", "error", err)
	}
	return errors.Join(fn(db), db.Close())
}

// say prints v as JSON with --json, else the text.
func (e *env) say(v any, text string, args ...any) error {
	if !e.cli.JSON {
		_, err := fmt.Fprintf(e.out, text+"\n", args...)
		return err
	}
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
