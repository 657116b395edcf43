package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/route"
	"github.com/jumyla/jumyla/route/instance"
)

// Measure says how to measure the routing engine on benchmark files.
type Measure struct {
	Format    string
	Objective string
	Time      time.Duration
	Steps     int64 // per worker, instead of Time where it is not 0
	EachStop  int64 // Steps for each of the file's stops
	Workers   int
	Seed      uint64
	Clock     func() time.Duration // what Time is measured by, where it is not the time of day
}

// Route solves each file and writes a line of JSON for it. A plan that the checker
// refuses is an error and no line.
func (m *Measure) Route(ctx context.Context, out io.Writer, files []string) error {
	for _, name := range files {
		c, err := m.file(ctx, name)
		if err != nil {
			return errs.Wrap(errs.Invalid, fmt.Errorf("%s: %w", name, err), "error.invalid")
		}
		if err := json.NewEncoder(out).Encode(c); err != nil {
			return err
		}
	}
	return nil
}

func (m *Measure) file(ctx context.Context, name string) (*instance.Count, error) {
	f, err := os.Open(name) //nolint:gosec // the file that was named on the command line
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in, err := instance.Read(instance.Format(m.Format), f)
	if err != nil {
		return nil, err
	}
	if in.Name == "" { // Li and Lim's files do not say
		in.Name = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	}
	start := time.Now()
	clock := func() time.Duration { return time.Since(start) }
	if m.Clock != nil {
		clock = m.Clock
	}
	begin := clock()
	o := instance.Objective(m.Objective)
	p := in.Problem(o)
	options := route.Options{Seed: m.Seed, Workers: m.Workers, MaxIter: m.Steps + m.EachStop*int64(len(in.Nodes)-1)}
	if options.MaxIter == 0 {
		options.MaxTime = max(m.Time-(clock()-begin), time.Millisecond)
		options.Clock = m.Clock
	}
	plan, report, err := route.Solve(ctx, p, options)
	if err != nil {
		return nil, err
	}
	seconds := (clock() - begin).Seconds()
	if v := route.Check(p, plan); len(v) > 0 {
		return nil, fmt.Errorf("the plan breaks %d limits, the first: %v", len(v), v[0])
	}
	c := in.Count(plan, o)
	c.Seconds, c.Steps = math.Round(seconds*1000)/1000, report.Iterations
	return &c, nil
}
