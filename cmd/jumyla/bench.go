package main

import (
	"errors"
	"os"
	"time"

	"github.com/jumyla/jumyla/cmd/jumyla/usage"
	"github.com/jumyla/jumyla/internal/app"
)

type benchCmd struct {
	Route benchRouteCmd `cmd:"" help:"Plan benchmark files with the routing engine; a line of JSON each."`
	Table benchTableCmd `cmd:"" help:"Measure samples of the sets against the best known plans, as a table and a picture."`
}

type benchRouteCmd struct {
	Format    string        `required:"" enum:"solomon,lilim,pcvrptw,mtvrptwr" help:"solomon, lilim, pcvrptw or mtvrptwr."`
	Objective string        `default:"distance" enum:"distance,vehicles" help:"distance, or vehicles before distance."`
	Time      time.Duration `default:"10s" help:"For each file."`
	Steps     int64         `help:"Steps per worker, instead of --time: the same plan each time."`
	Workers   int           `default:"2" help:"Searches side by side."`
	CPU       bool          `name:"cpu-time" help:"--time is processor time of all workers together, which other load does not shorten."`
	Seed      uint64        `default:"1" help:"Of all chance."`
	Files     []string      `arg:"" type:"existingfile" name:"FILE"`
}

// Run needs no centre.
func (c *benchRouteCmd) Run(e *env) error {
	m := app.Measure{Format: c.Format, Objective: c.Objective, Time: c.Time, Steps: c.Steps, Workers: c.Workers, Seed: c.Seed, Clock: clockOf(c.CPU)}
	return m.Route(e.ctx, e.out, c.Files)
}

// clockOf is the processor's clock where it is asked for, else the one on the wall.
func clockOf(cpu bool) func() time.Duration {
	if cpu {
		return processorTime
	}
	return nil
}

type benchTableCmd struct {
	Data    string          `arg:"" type:"existingdir" name:"DIR" help:"The sets' folders, and best_known.csv."`
	Times   []time.Duration `help:"For each file: 1s,5s." xor:"budget"`
	Steps   []int64         `help:"Steps per worker for each stop of the file: 100,1000." xor:"budget"`
	Workers int             `default:"2" help:"Searches side by side."`
	CPU     bool            `name:"cpu-time" help:"--times are processor time of all workers together, which other load does not shorten."`
	Seeds   []uint64        `default:"1" help:"A run for each."`
	Only    string          `help:"Only sets with this in their name." placeholder:"TEXT"`
	Picture string          `help:"Where to draw the gap against the budget." placeholder:"FILE.svg"`
}

// Run needs no centre.
func (c *benchTableCmd) Run(e *env) error {
	t := app.Table{Dir: c.Data, Times: c.Times, Steps: c.Steps, Workers: c.Workers, Seeds: c.Seeds, Only: c.Only, Clock: clockOf(c.CPU)}
	if len(t.Times)+len(t.Steps) == 0 {
		t.Times = []time.Duration{time.Second, 5 * time.Second}
	}
	points, err := t.Write(e.ctx, e.out)
	if err != nil || c.Picture == "" {
		return err
	}
	f, err := os.Create(c.Picture)
	if err != nil {
		return usage.NoWrite(err, c.Picture)
	}
	return errors.Join(t.Draw(f, points), f.Close())
}
