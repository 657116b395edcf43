package main

import (
	"errors"
	"os"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
)

type panicCmd struct {
	Confirm string `help:"The word that it asks for; without it, it only says what would happen." placeholder:"WORD"`
}

// Run destroys the keys of the data and ends the program that has them open. It asks for no passphrase: there may be no
// time for one, and nothing is read.
func (c *panicCmd) Run(e *env) error {
	if !confirmed(c.Confirm) {
		return errs.New(errs.Invalid, "panic.guard", "dir", e.cli.Data, "word", e.lang.T("panic.word"))
	}
	pid, err := store.Destroy(e.cli.Data)
	if pid > 0 && pid != os.Getpid() { // it holds the folder's lock, so it is the program
		p, findErr := os.FindProcess(pid)
		if findErr == nil {
			findErr = p.Kill()
		}
		err = errors.Join(err, findErr)
	}
	if err != nil {
		return err
	}
	return e.say(map[string]any{"destroyed": e.cli.Data, "ended": pid}, "%s", e.lang.T("panic.done"))
}

// confirmed takes the word in any language: who calls need not know which one the machine speaks.
func confirmed(word string) bool {
	for _, l := range i18n.Langs() {
		if strings.EqualFold(word, l.T("panic.word")) {
			return true
		}
	}
	return false
}
