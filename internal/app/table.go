package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/route/instance"
)

// Table says which samples to measure against the best known plans, and how long.
type Table struct {
	Dir     string          // folders of the sets, and best_known.csv
	Times   []time.Duration // for each file; or
	Steps   []int64         // per worker, for each stop
	Workers int
	Seeds   []uint64
	Clock   func() time.Duration // as Measure's
	Only    string               // samples whose set has this in its name; "" is all
}

// Write measures and writes a row of Markdown for each sample and budget; it answers
// the points for the picture.
func (t *Table) Write(ctx context.Context, out io.Writer) ([]instance.Point, error) {
	f, err := os.Open(filepath.Join(t.Dir, "best_known.csv"))
	if err != nil {
		return nil, errs.Wrap(errs.NotFound, err, "error.not_found")
	}
	defer f.Close()
	best, err := instance.ReadBest(f)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "error.invalid")
	}
	fmt.Fprintln(out, "| sample | budget | runs | gap % | worst % | more vehicles | steps/s |\n|---|---|---|---|---|---|---|")
	var points []instance.Point
	for _, s := range instance.Samples() {
		if !strings.Contains(s.Set, t.Only) {
			continue
		}
		for _, m := range t.measures(s) {
			p, err := t.row(ctx, out, s, m, best)
			if err != nil {
				return points, err
			}
			points = append(points, p)
		}
	}
	return points, nil
}

// measures are the budgets for a sample, from small to large.
func (t *Table) measures(s instance.Sample) []Measure {
	var all []Measure
	base := Measure{Format: string(s.Format), Objective: string(s.Objective), Workers: t.Workers, Clock: t.Clock}
	for _, d := range t.Times {
		base.Time = d
		all = append(all, base)
	}
	for _, n := range t.Steps {
		base.Time, base.EachStop = 0, n
		all = append(all, base)
	}
	return all
}

// row measures a sample with one budget.
func (t *Table) row(ctx context.Context, out io.Writer, s instance.Sample, m Measure, best map[instance.BestKey]instance.Best) (instance.Point, error) {
	var gaps []float64
	more, runs, steps, seconds := 0, 0, int64(0), 0.0
	for _, name := range s.Files {
		known, ok := best[instance.BestKey{Set: s.Set, Instance: strings.ToLower(strings.TrimSuffix(name, filepath.Ext(name))), Objective: s.Objective}]
		if !ok {
			return instance.Point{}, errs.New(errs.NotFound, "error.not_found")
		}
		for _, m.Seed = range t.Seeds {
			c, err := m.file(ctx, filepath.Join(t.Dir, s.Set, name))
			if err != nil {
				return instance.Point{}, errs.Wrap(errs.Invalid, fmt.Errorf("%s: %w", name, err), "error.invalid")
			}
			runs++
			steps, seconds = steps+c.Steps, seconds+c.Seconds
			if s.Objective == instance.Vehicles && c.Vehicles != known.Vehicles {
				more += c.Vehicles - known.Vehicles
				continue // distances compare only at as many vehicles
			}
			gaps = append(gaps, 100*(c.Cost-known.Cost)/known.Cost)
		}
	}
	mean := 0.0
	for _, g := range gaps {
		mean += g / float64(len(gaps))
	}
	p := instance.Point{Sample: s.Name, Budget: m.Time.Seconds() + float64(m.EachStop), Gap: mean}
	budget, vehicles := fmt.Sprintf("%d steps a stop", m.EachStop), ""
	if m.EachStop == 0 {
		budget = m.Time.String()
	}
	if s.Objective == instance.Vehicles {
		vehicles = fmt.Sprintf("%+.2f", float64(more)/float64(runs))
	}
	worst := 0.0
	if len(gaps) > 0 {
		worst = slices.Max(gaps)
	}
	_, err := fmt.Fprintf(out, "| %s | %s | %d | %.2f | %.2f | %s | %.0f |\n", s.Name, budget, runs, mean, worst, vehicles, float64(steps)/max(seconds, 1e-3))
	return p, err
}

// Draw draws the picture of a table's points.
func (t *Table) Draw(w io.Writer, points []instance.Point) error {
	budget := "seconds"
	switch {
	case len(t.Steps) > 0:
		budget = "steps for each stop"
	case t.Clock != nil:
		budget = "seconds of all processors"
	}
	return instance.Curve(w, points, budget)
}
