package main

import (
	"time"

	"github.com/jumyla/jumyla/internal/app"
)

type benchCmd struct {
	Route benchRouteCmd `cmd:"" help:"Plan benchmark files with the routing engine; a line of JSON each."`
}

type benchRouteCmd struct {
	Format    string        `required:"" enum:"solomon,lilim,pcvrptw,mtvrptwr" help:"solomon, lilim, pcvrptw or mtvrptwr."`
	Objective string        `default:"distance" enum:"distance,vehicles" help:"distance, or vehicles before distance."`
	Time      time.Duration `default:"10s" help:"For each file."`
	Steps     int64         `help:"Steps per worker, instead of --time: the same plan each time."`
	Workers   int           `default:"2" help:"Searches side by side."`
	Seed      uint64        `default:"1" help:"Of all chance."`
	Files     []string      `arg:"" type:"existingfile" name:"FILE"`
}

// Run needs no centre.
func (c *benchRouteCmd) Run(e *env) error {
	m := app.Measure{Format: c.Format, Objective: c.Objective, Time: c.Time, Steps: c.Steps, Workers: c.Workers, Seed: c.Seed}
	return m.Route(e.ctx, e.out, c.Files)
}
