package main

import "github.com/jumyla/jumyla/internal/errs"

type demoCmd struct {
	Listen string `default:"127.0.0.1:8080" help:"Address on this computer."`
	Seed   uint64 `default:"1" help:"Another seed, other people."`
}

// Run serves the drill.
func (c *demoCmd) Run(*env) error { return errs.New(errs.Unavailable, "error.unavailable") }
