package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/roads"
)

// roadsFile is the name of the artefact in its folder.
const roadsFile = "roads.jmr"

type roadsCmd struct {
	Build roadsBuildCmd `cmd:"" help:"Make roads of an extract: .osm.pbf, .osm or .osm.gz."`
	Table roadsTableCmd `cmd:"" help:"Print travel between the points on standard input (lat,lon a line)."`
	Route roadsRouteCmd `cmd:"" help:"Print the fastest way between two points."`
}

type roadsBuildCmd struct {
	File string `arg:"" help:"The extract."`
	Out  string `short:"o" required:"" help:"Folder for the result." placeholder:"DIR"`
}

// Run reads an extract and writes the artefact beside its name, then puts it in its place at once.
func (c *roadsBuildCmd) Run(e *env) error {
	f, err := os.Open(c.File)
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "error.invalid")
	}
	defer f.Close()
	n, err := roads.Read(e.ctx, f, nil)
	if err != nil {
		return roadsError(err)
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return errs.Wrap(errs.Invalid, err, "error.invalid")
	}
	path := filepath.Join(c.Out, roadsFile)
	size, err := writeRoads(n, path)
	if err != nil {
		return errs.Wrap(errs.Unavailable, err, "error.internal")
	}
	s := n.Extract
	return e.say(map[string]any{"file": path, "bytes": size, "ways": s.Ways, "named": s.Named, "junctions": s.Junctions, "segments": s.Segments,
		"oneway": s.OneWay, "turns": s.Turns, "turns_skipped": s.TurnsSkipped, "missing_nodes": s.Missing, "metres": s.Metres},
		"%s: %d ways (%d with a name), %d junctions, %d segments, %d km, %d one-way, %d turn restrictions (%d not understood), %d bytes",
		path, s.Ways, s.Named, s.Junctions, s.Segments, s.Metres/1000, s.OneWay, s.Turns, s.TurnsSkipped, size)
}

func writeRoads(n *roads.Network, path string) (size int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), roadsFile+".*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	err = n.Encode(f)
	if err == nil {
		err = f.Sync()
	}
	if info, statErr := f.Stat(); statErr == nil {
		size = info.Size()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	return size, os.Rename(f.Name(), path)
}

// roadsError gives an engine's error its words.
func roadsError(err error) error {
	for cause, key := range map[error]string{roads.ErrNotExtract: "roads.not_extract", roads.ErrTruncated: "roads.truncated", roads.ErrEmpty: "roads.empty",
		roads.ErrTooLarge: "roads.too_large", roads.ErrVersion: "roads.version", roads.ErrDamaged: "roads.damaged"} {
		if errors.Is(err, cause) {
			return errs.Wrap(errs.Invalid, err, key)
		}
	}
	return err
}

// network opens the artefact of a folder.
func network(dir string) (*roads.Network, error) {
	f, err := os.Open(filepath.Join(dir, roadsFile)) //nolint:gosec // the folder that was named
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "roads.none", "dir", dir)
	}
	defer f.Close()
	n, err := roads.Decode(bufio.NewReaderSize(f, 1<<20))
	return n, roadsError(err)
}

// asked is what tables and ways are asked with.
type asked struct {
	Dir     string `arg:"" help:"Folder with the roads."`
	Profile string `enum:"car,foot" default:"car" help:"car or foot."`
	At      string `default:"Mo 12:00" help:"Day and time of the drive." placeholder:"'Mo 08:30'"`
}

func (a *asked) weights() (*roads.Weights, error) {
	at, ok := parseMoment(a.At)
	if !ok {
		return nil, errs.New(errs.Invalid, "roads.at")
	}
	n, err := network(a.Dir)
	if err != nil {
		return nil, err
	}
	p, _ := roads.ParseProfile(a.Profile)
	return n.Weights(p, at), nil
}

func parseMoment(s string) (m roads.Moment, ok bool) {
	day, clock, _ := strings.Cut(s, " ")
	m.Weekday = slices.Index([]string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}, day)
	h, min, found := strings.Cut(clock, ":")
	hour, errH := strconv.ParseUint(h, 10, 8)
	minute, errM := strconv.ParseUint(min, 10, 8)
	m.Minute = int(hour*60 + minute)
	return m, found && m.Weekday >= 0 && errH == nil && errM == nil && hour < 24 && minute < 60
}

func parsePoint(s string) (roads.Point, bool) {
	lat, lon, ok := strings.Cut(s, ",")
	a, errA := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	b, errB := strconv.ParseFloat(strings.TrimSpace(lon), 64)
	return roads.Point{Lat: a, Lon: b}, ok && errA == nil && errB == nil && math.Abs(a) <= 90 && math.Abs(b) <= 180
}

type roadsTableCmd struct {
	asked
	Workers int `default:"0" help:"Goroutines; 0: one a core."`
}

// Run prints three blocks of CSV: seconds, metres, and how far each point lies from its road.
func (c *roadsTableCmd) Run(e *env) error {
	points, err := readPoints(os.Stdin)
	if err != nil {
		return err
	}
	w, err := c.weights()
	if err != nil {
		return err
	}
	snaps := make([]roads.Snap, len(points))
	for i, p := range points {
		snaps[i] = w.Snap(p)
	}
	workers := c.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	t, err := w.Table(e.ctx, snaps, snaps, workers)
	if err != nil {
		return err
	}
	return printTable(e.out, t, snaps)
}

// readPoints reads a point a line; a heading and empty lines are passed over.
func readPoints(in io.Reader) ([]roads.Point, error) {
	var out []roads.Point
	s := bufio.NewScanner(in)
	for line := 1; s.Scan(); line++ {
		text := strings.TrimSpace(strings.TrimPrefix(s.Text(), "\ufeff"))
		p, ok := parsePoint(text)
		switch {
		case ok:
			out = append(out, p)
		case text == "" || line == 1 && !strings.ContainsAny(text, "0123456789"):
		default:
			return nil, errs.New(errs.Invalid, "roads.point", "line", line)
		}
	}
	return out, s.Err()
}

func printTable(out io.Writer, t *roads.Table, snaps []roads.Snap) error {
	b := bufio.NewWriterSize(out, 1<<20)
	for _, block := range []struct {
		name  string
		cells []int32
	}{{"# seconds", t.Seconds}, {"# metres", t.Metres}} {
		fmt.Fprintln(b, block.name)
		w := csv.NewWriter(b)
		row := make([]string, t.To)
		for i := 0; i < len(block.cells); i += t.To {
			for j, v := range block.cells[i : i+t.To] {
				row[j] = ""
				if v != roads.None {
					row[j] = strconv.Itoa(int(v))
				}
			}
			if err := w.Write(row); err != nil {
				return err
			}
		}
		w.Flush()
		if t.To == 1 && block.cells[0] == roads.None { // csv writes a lone empty cell as ""
			fmt.Fprintln(b)
		}
	}
	fmt.Fprintln(b, "# snap")
	for _, s := range snaps {
		if math.IsInf(s.Metres, 1) {
			fmt.Fprintln(b)
			continue
		}
		fmt.Fprintf(b, "%.1f\n", s.Metres)
	}
	return b.Flush()
}

type roadsRouteCmd struct {
	asked
	From string `arg:"" help:"LAT,LON"`
	To   string `arg:"" help:"LAT,LON"`
}

// Run prints a way: with --json its shape too.
func (c *roadsRouteCmd) Run(e *env) error {
	var ends [2]roads.Snap
	w, err := c.weights()
	if err != nil {
		return err
	}
	for i, text := range []string{c.From, c.To} {
		p, ok := parsePoint(text)
		if !ok {
			return errs.New(errs.Invalid, "roads.point", "line", i+1)
		}
		ends[i] = w.Snap(p)
		if !ends[i].OnRoad() {
			return errs.New(errs.Invalid, "roads.far", "metres", strconv.FormatFloat(ends[i].Metres, 'f', 0, 64))
		}
	}
	r, ok := w.Route(ends[0], ends[1])
	if !ok {
		return errs.New(errs.NotFound, "roads.no_way")
	}
	shape := make([][2]float64, len(r.Shape))
	for i, p := range r.Shape {
		shape[i] = [2]float64{math.Round(p.Lat*1e7) / 1e7, math.Round(p.Lon*1e7) / 1e7}
	}
	var text strings.Builder
	steps := make([]map[string]any, len(r.Steps))
	for i, s := range r.Steps {
		steps[i] = map[string]any{"name": s.Name, "name:kk": s.KK, "name:ru": s.RU, "seconds": s.Seconds, "metres": s.Metres}
		fmt.Fprintf(&text, "\n%6d m  %s", s.Metres, s.Name)
	}
	return e.say(map[string]any{"seconds": r.Seconds, "metres": r.Metres, "steps": steps, "shape": shape,
		"snap": []float64{math.Round(ends[0].Metres*10) / 10, math.Round(ends[1].Metres*10) / 10}},
		"%d s, %d m%s", r.Seconds, r.Metres, text.String())
}
